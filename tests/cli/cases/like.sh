# --like torch-t1 sets all as the paper did, and says what the paper does not say.
heart s --size 32
torcht1 fit s/series.nii.gz -o adam --like torch-t1 --iterations 300 >table || fail "adam"
grep -q '^solver   adam$' table || fail "not adam"
grep -q 'What the paper does not say' table || fail "no statement"
grep -q ' iterations  300 for every voxel$' table || fail "iterations are not told"
grep -q '"rate": 0.0003' adam/fit.json || fail "rate"
grep -q '"amplitude_limit": 5' adam/fit.json || fail "limit"
grep -q '"stop rule": "none before that"' adam/fit.json || fail "no statement in fit.json"
# The statement speaks of the starts and bounds that the model has.
sed -n 's/^    "text": "\(.*\)"$/\1/p' adam/fit.json | sed 's/\\n/\n/g' >model
for part in 'k .*in \[1, 4\] *start 2' 'T1s .*in \[0.01, 10\] *start 1' 'C .*in \[0, inf) *start 1'; do
  grep -q "^find *$part" model || fail "molli has other starts or bounds: adapt the statement"
done
torcht1 fit s/series.nii.gz -o walk -q --like torch-t1 --solver nelder-mead || fail "nelder-mead"
grep -q '"precision": "double"' walk/fit.json || fail "precision"
grep -q '"version": "SciPy 1.10.1, step for step"' walk/fit.json || fail "no statement in fit.json"
[ -e walk/evaluations.nii.gz ] || fail "evaluations are not written"
[ ! -e adam/evaluations.nii.gz ] || fail "adam counts nothing"

run() { refused 2 "$1" torcht1 fit s/series.nii.gz -o out --like torch-t1 "${@:2}"; }
run "torcht1: --like torch-t1 is about model molli, not 't2'" --model t2
run "torcht1: --like torch-t1 goes with --solver adam or nelder-mead, not lm" --solver lm
run "torcht1: --like torch-t1 sets starts and bounds itself*" --bounds k=1,3
run "torcht1: --like torch-t1 sets starts and bounds itself*" --start grid
run "torcht1: --like torch-t1 sets the learning rate*" --rate 1
refused 2 "torcht1: --like takes one of torch-t1, not 'scipy'" torcht1 fit a -o out --like scipy
