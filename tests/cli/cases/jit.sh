# A model of the user's own: compiled or interpreted, the same maps, and fit.json says which.
export XDG_CACHE_HOME=$PWD/xdg
heart in --size 96
cat >own.model <<'MODEL'
model   own
title   "MOLLI, written once more"
cite    Messroghli et al. 2004, Magn Reson Med 52:141, doi:10.1002/mrm.20110
known   TI   s   "inversion time"   bids InversionTime   recovery
find    C    1   "signal at full recovery"    in [0, inf)   start 1
find    k    1   "inversion factor"           in [1, 4]     start 2
find    T1s  s   "apparent relaxation time T1*"   in [0.01, 10]   start 1   grid 32
signal  abs(C * (1 - k * exp(-TI / T1s)))
map     T1   s   = (k - 1) * T1s   "longitudinal relaxation time"   bids T1map
MODEL
# One lane of plain C is slow enough anywhere to make compiling worth it.
slow="--isa portable --threads 1"
adam="--model own.model --solver adam --iterations 1000 $slow"
kernels() { sed -n 's/.*"kernels": *"\([a-z]*\)".*/\1/p' "$1/fit.json"; }

torcht1 fit in/series.nii.gz -o little --model own.model $slow -q || fail "fit"
[ "$(kernels little)" = interpreted ] || fail "little work: $(kernels little)"
[ ! -s xdg/torcht1 ] || [ -z "$(ls xdg/torcht1)" ] || fail "little work left something in the cache"

torcht1 fit in/series.nii.gz -o off $adam --iterations 30 --jit off >stdout 2>stderr || fail "fit --jit off"
[ "$(kernels off)" = interpreted ] || fail "--jit off: $(kernels off)"
[ ! -s stderr ] || fail "--jit off complains: $(cat stderr)"

env -u CC PATH="$(dirname "$(command -v torcht1)")" torcht1 fit in/series.nii.gz -o without $adam >stdout 2>stderr ||
  fail "fit without a compiler"
[ "$(kernels without)" = interpreted ] || fail "no compiler: $(kernels without)"
grep -q "no C compiler" without/fit.json || fail "fit.json does not say why"
[ "$(wc -l <stderr)" -eq 1 ] && grep -q "interpreted.*no C compiler" stderr || fail "stderr: $(cat stderr)"

torcht1 fit in/series.nii.gz -o uncached $adam --no-cache >stdout 2>stderr || fail "fit --no-cache"
grep -q "interpreted.*the cache is switched off" stderr || fail "stderr: $(cat stderr)"
torcht1 fit in/series.nii.gz -o shipped --solver adam --iterations 1000 $slow -q || fail "fit shipped"
[ "$(kernels shipped)" = shipped ] || fail "shipped: $(kernels shipped)"

command -v cc >/dev/null || skip "no C compiler here"
torcht1 fit in/series.nii.gz -o compiled $adam >stdout 2>stderr || fail "fit compiled"
[ "$(kernels compiled)" = compiled ] || fail "compiled: $(kernels compiled) $(cat stderr)"
torcht1 fit in/series.nii.gz -o again --model own.model $slow -q || fail "fit again"
[ "$(kernels again)" = compiled ] || fail "kept kernels are not used: $(kernels again)"
for map in T1map T1map_sd C k T1s outcome; do
  cmp without/$map.nii.gz compiled/$map.nii.gz || fail "$map: interpreted and compiled differ"
  cmp shipped/$map.nii.gz compiled/$map.nii.gz || fail "$map: shipped and compiled differ"
  cmp little/$map.nii.gz again/$map.nii.gz || fail "$map: interpreted and compiled varpro differ"
done
