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
refused 1 "torcht1: --known TI: value 1 is 100, more than 60: ms are suspected, times are given in seconds" torcht1 design --known TI=100,200,1100,900 --tissue C=1,k=1.9,T1s=1
refused 1 "torcht1: --known TE: value 1 is 10, more than 3: ms are suspected*" torcht1 design --model t2 --known TE=10,30,50 --tissue A=1,T2=0.05
refused 2 "torcht1: --sigma and --snr exclude each other" torcht1 design --known $TI --tissue C=1,k=1.9,T1s=1 --sigma 1 --snr 50
torcht1 design --known TI=3,3.00001,3.00002 --tissue C=500,k=1.9,T1s=0.1 >undecided || fail "undecided"
grep -q '^nan: the protocol does not determine all parameters of this tissue$' undecided && ! grep -q -e '-nan' undecided || fail "no reason: $(cat undecided)"
refused 2 "torcht1: --tissue *is missing" torcht1 design --known $TI

# --optimise: what it prints is a protocol that --known takes, with the bound that was promised.
HEART="--known $TI --layout heartbeats --rr 1 --beats 11 --rest 1 --cycle 4 --raster 0.005 --limits TI=0.1,0.25"
NATIVE="--tissue C=500,k=1.9,T1s=1.2"
torcht1 design $HEART $NATIVE --optimise T1 >better || fail "optimise"
grep -q '^scheme 3([0-9])3([0-9])2, in order of acquisition$' better || fail "scheme: $(cat better)"
known=$(sed -n 's/^optimised: --known //p' better)
after=$(sed -n 's/^T1  *[0-9.]* *[0-9.]* *\([0-9.]*\) .*/\1/p' better)
ratio "$(sd "$known")" "$after" 1
awk -v a="$after" -v b="$(sd $TI)" 'BEGIN { exit !(a < 0.87 * b) }' || fail "no gain: $after"
torcht1 design $HEART $NATIVE --optimise T1map | grep -v '^least SD' >file && grep -v '^least SD' better | cmp - file || fail "T1map is T1"
torcht1 design $HEART $NATIVE --optimise T1 --json >better.json || fail "optimise --json"
for key in '"optimised": {' '"scheme": "3(' '"criterion": "mean"' '"sd_optimised": 0.016' '"starts": 16'; do
  grep -qF "$key" better.json || fail "no $key: $(cat better.json)"
done
torcht1 design $HEART $NATIVE --optimise T1 --json | cmp - better.json || fail "another time, other bytes"
torcht1 design --known $TI $NATIVE --json | grep -q '"sd": 0.0188' || fail "--json of a bound"
torcht1 design --model t2 --known TE=0.01,0.02,0.03,0.04 --tissue A=500,T2=0.05 --tissue A=500,T2=0.1 --weights 2,1 \
  --optimise T2 --limits TE=0.01,0.2 --layout spaced --criterion worst | grep -q 'worst over tissues' || fail "t2"
try() { refused "$1" "$2" torcht1 design --known $TI $NATIVE "${@:3}"; }
try 1 "torcht1: model molli has no parameter or map 'T2'; did you mean 'T1'[?]" --optimise T2 --limits TI=0.1,3
try 1 "torcht1: model molli has no parameter or map 'flow'; 'torcht1 models show molli' lists them" --optimise flow --limits TI=0.1,3
try 1 "torcht1: limits 3 to 1 of TI, expected two numbers, the lower first" --optimise T1 --limits TI=3,1
try 1 "*hold no multiple of the raster 0.5" --optimise T1 --limits TI=0.1,0.4 --raster 0.5
try 1 "*8 values of TI that are 1 apart do not fit into 0.1 to 3" --optimise T1 --limits TI=0.1,3 --spacing 1
try 1 "torcht1: --limits TI: value 1 is 4000, more than 60: ms are suspected, times are given in seconds" --optimise T1 --limits TI=100,4000
try 1 "torcht1: --limits takes NAME=LOW,HIGH, not 'TI=1'" --optimise T1 --limits TI=1
try 1 "*8 images do not fit into 7 heart beats*" --optimise T1 --limits TI=0.1,1 --layout heartbeats --rr 1 --beats 7
try 1 "torcht1: --weights takes 1 positive numbers*" --optimise T1 --limits TI=0.1,3 --weights 1,2
try 2 "torcht1: --optimise needs --limits*" --optimise T1
try 2 "torcht1: --limits is for --optimise MAP" --limits TI=0,1
try 2 "torcht1: --layout heartbeats needs --rr S and --beats N" --optimise T1 --limits TI=0,1 --layout heartbeats
try 2 "torcht1: --layout takes one of free, spaced, heartbeats, not 'round'" --layout round
refused 1 "*needs at least as many" torcht1 design --known TI=1,2 $NATIVE --optimise T1 --limits TI=0.1,3
