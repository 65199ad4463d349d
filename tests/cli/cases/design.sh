# The Cramer-Rao bound of MOLLI 5(3)3; the library's figure is tested in unit/fit_scatter.c.
TI=TI=0.12,0.2,1.12,1.2,2.12,2.2,3.12,4.12
torcht1 design --known $TI --tissue C=500,k=1.9,T1s=1.2 >table || fail "design"
grep -Eq '^T1 +1080 ' table || fail "no T1: $(cat table)"
sd() { torcht1 design --known "$1" --tissue C=500,k=1.9,T1s=1.2 "${@:2}" | sed -n 's/^T1  *[0-9.]* *\([0-9.]*\) .*/\1/p'; }
ratio() { awk -v a="$1" -v b="$2" -v c="$3" 'BEGIN { x = a / b / c - 1; exit !(x < 2e-3 && x > -2e-3) }' || fail "$1 over $2 is not $3"; }
ratio "$(sd $TI --snr 25)" "$(sd $TI)" 2
ratio "$(sd $TI --sigma 10)" "$(sd $TI)" 1
ratio "$(sd $TI)" "$(sd $TI,${TI#TI=})" 1.41421
refused 1 "torcht1: model molli has no parameter 'T1'" torcht1 design --known $TI --tissue T1=1
refused 1 "torcht1: --tissue C=1,k=1.9: no value for T1s*" torcht1 design --known $TI --tissue C=1,k=1.9
refused 1 "torcht1: k is 5, outside its bounds 1 to 4" torcht1 design --known $TI --tissue C=1,k=5,T1s=1
refused 1 "torcht1: --known takes NAME=VALUES*" torcht1 design --known TI=1,x --tissue C=1,k=1.9,T1s=1
refused 1 "*needs at least as many" torcht1 design --known TI=1,2 --tissue C=1,k=1.9,T1s=1
refused 2 "torcht1: --tissue *is missing" torcht1 design --known $TI
