# The walk-through of docs/adding-a-model.md: a model that none of us ships, written as one file,
# is fitted by every solver and device, with standard deviations and a picture, and no rebuild.
docs=$(dirname "${BASH_SOURCE[0]}")/../../../docs/adding-a-model.md
sed -n '/^model   stretched/,/^```/p' "$docs" | sed '$d' >stretched.model
[ "$(wc -l <stretched.model)" -gt 8 ] || fail "the documentation holds no model 'stretched'"
torcht1 models check stretched.model || fail "check"
torcht1 models show ./stretched.model --explain | grep -q "more than one parameter is nonlinear" || fail "explain"
heart s --size 48
value() { grep -A 4 "\"file\": \"$2\"" "$1/fit.json" | sed -n 's/.*"median": \([0-9.e-]*\),*/\1/p'; }
near() { awk -v a="$1" -v b="$2" -v d="$3" 'BEGIN { x = a / b - 1; exit !(x < d && x > -d) }' || fail "$1 is not $2: $4"; }
fit() { torcht1 fit s/series.nii.gz --model ./stretched.model --mask s/labels.nii.gz -q "$@" || fail "$*"; }

fit -o plain
for map in A B T b A_sd B_sd T_sd b_sd rsquared rmse outcome; do
  [ -s plain/$map.nii.gz ] || fail "no $map"
done
[ -s plain/T.png ] || fail "no picture"
near "$(value plain b.nii.gz)" 1 0.03 "the simulated heart relaxes as a single exponential"

torcht1 fit s/series.nii.gz --mask s/labels.nii.gz -o molli -q || fail "molli"
fit -o fixed --fix b=1 --solver varpro
"$TORCHT1_COMPARE" molli/T1s.nii.gz fixed/T.nii.gz s/labels.nii.gz 4 0.001 || fail "with b = 1 it is not molli"

fit -o lm --solver lm
cmp plain/T.nii.gz lm/T.nii.gz || fail "lm is the default here"
fit -o walk --solver nelder-mead
near "$(value walk T.nii.gz)" "$(value plain T.nii.gz)" 0.02 nelder-mead
fit -o adam --solver adam --iterations 500
near "$(value adam T.nii.gz)" "$(value plain T.nii.gz)" 0.1 adam
fit -o double --precision double
near "$(value double T.nii.gz)" "$(value plain T.nii.gz)" 0.001 double
for isa in avx512 avx2 portable; do
  torcht1 fit s/series.nii.gz --model ./stretched.model --mask s/labels.nii.gz -q -o $isa --isa $isa 2>/dev/null || continue
  for map in A B T b T_sd; do cmp plain/$map.nii.gz $isa/$map.nii.gz || fail "$isa gives other bytes"; done
done
if torcht1 devices | grep -qE '^opencl:0 +present'; then
  export XDG_CACHE_HOME="$PWD/cache"
  fit -o opencl --device opencl:0
  for map in A B T b T_sd; do cmp plain/$map.nii.gz opencl/$map.nii.gz || fail "OpenCL gives other bytes"; done
fi
