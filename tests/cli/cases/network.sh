# Train a little, fit with the weights, stop and go on, and say what is wrong.
heart s --size 64
if ! torcht1 train -o probe.npz -q --scheme 5 --images 5 --steps 1 2>probe.txt; then
  grep -q OpenBLAS probe.txt && skip "$(cat probe.txt)"
  fail "train: $(cat probe.txt)"
fi
train() { torcht1 train --scheme "5(3)3" --images 5 --steps 10 "$@"; }
train -o w.npz --threads 1 >table.txt || fail "train"
grep -q 'w.npz: a network for 5 images' table.txt && grep -q '^all ' table.txt || fail "no table"
train -o v.npz -q --threads 2 || fail "train on two threads"
cmp w.npz v.npz || fail "threads change weights"
train -o u.npz -q --seed 2 || fail "train --seed 2"
cmp -s w.npz u.npz && fail "the seed changes nothing"
torcht1 train --check w.npz --times 0.12,1.1,2.1,3.1,4.1 | grep -q '^all ' || fail "--check"

# Stopped, it leaves a checkpoint, and ends as if it had never been stopped.
torcht1 train --scheme "5(3)3" --images 5 --steps 120 -o whole.npz -q || fail "train in one go"
torcht1 train --scheme "5(3)3" --images 5 --steps 120 -o t.npz -q & pid=$!
sleep 0.7
kill -TERM $pid
wait $pid
code=$?
if [ $code -eq 143 ]; then
  [ ! -e t.npz ] && [ -s t.checkpoint.npz ] || fail "no checkpoint"
  torcht1 train --resume t.checkpoint.npz -o t.npz -q || fail "--resume"
  [ ! -e t.checkpoint.npz ] || fail "the checkpoint stays"
else
  [ $code -eq 0 ] || fail "interrupted training left with $code"
fi
cmp whole.npz t.npz || fail "a pause changes weights"

fit() { torcht1 fit s/series.nii.gz -o "$1" -q --solver network --weights w.npz "${@:2}"; }
fit a --images 1-5 --threads 1 && fit b --threads 2 || fail "fit"
cmp a/T1map.nii.gz b/T1map.nii.gz || fail "threads or --images 1-5 change a map"
[ "$(ls a)" = "$(ls b)" ] && [ ! -e a/T1map_sd.nii.gz ] && [ -s a/outcome.nii.gz ] || fail "files"
grep -q '"weights": "w.npz"' a/fit.json && grep -q '"solver": "network"' a/fit.json || fail "fit.json"

refused 1 "torcht1: --images 1-4: 4 images, the weights w.npz want 5" fit out --images 1-4
refused 1 "torcht1: s/series.nii.gz: image 6 at 0.2 s follows image 5 at * s; a network is fed images of one inversion in the order of acquisition, choose them with --images" fit out --images 4-8
refused 1 "torcht1: s/series.nii.gz: image 1 at 0.12 s follows image 2 at * s; *" fit out --images 2,1,3-5
refused 1 "torcht1: s/series.nii.gz: image 2 at 0.1 s follows image 1 at 0.1 s; *" fit out --known TI=0.1,0.1,1,2,3,0.2,1.1,2.1
refused 1 "torcht1: s/series.json*" torcht1 fit s/series.nii.gz -o out --solver network --weights s/series.json
refused 1 "torcht1: none.npz cannot be read*" torcht1 fit s/series.nii.gz -o out --solver network --weights none.npz
refused 2 "torcht1: --solver network needs --weights*" torcht1 fit s/series.nii.gz -o out --solver network
refused 2 "torcht1: --weights is for --solver network only" torcht1 fit s/series.nii.gz -o out --weights w.npz
refused 2 "torcht1: --solver network knows the model molli only*" fit out --model ir3
refused 2 "torcht1: --resume keeps the settings*" torcht1 train --resume w.npz -o out.npz --steps 9
refused 1 "torcht1: w.npz holds no array training.state*" torcht1 train --resume w.npz -o out.npz
refused 1 "torcht1: \"5(\" is not a MOLLI scheme*" torcht1 train -o out.npz --scheme "5("
refused 1 "torcht1: the network wants 5 images, the protocol feeds 4" torcht1 train --check w.npz --images 4
