# No output replaces an input of the same command, whatever it is called; nothing else is written either.
heart s --size 32
mkdir in && cp s/series.nii.gz in/C.nii.gz && cp s/series.json in/C.json
kept() { # kept FOLDER PATTERN COMMAND...: refused, and the folder is as it was
  local folder=$1 pattern=$2; shift 2
  (cd "$folder" && find . | sort && cksum ./*.* ) >before.txt
  refused 1 "torcht1: $pattern cannot be replaced: it is an input of the same command; choose another output" "$@"
  (cd "$folder" && find . | sort && cksum ./*.* ) >after.txt
  cmp before.txt after.txt || fail "changed: $*"
}
kept in in/C.nii.gz torcht1 fit in/C.nii.gz -o in -q
ln -s in other && ln -s in/C.nii.gz link.nii.gz && cp in/C.json link.json
kept in other/C.nii.gz torcht1 fit link.nii.gz -o other// -q
# Maps that go in: mask, known quantity, start.
torcht1 fit s/series.nii.gz -o f -q || fail "fit"
kept f f/rsquared.nii.gz torcht1 fit s/series.nii.gz -o f -q --mask f/rsquared.nii.gz
kept f f/T1s.nii.gz torcht1 fit s/series.nii.gz -o f -q --solver lm --start-map T1s=f/T1s.nii.gz
torcht1 fit s/series.nii.gz -o g -q --mask f/rsquared.nii.gz || fail "an input elsewhere is none of the outputs"
# Single files: all are looked at before the first is written.
mkdir m && cp f/T1map.nii.gz m/A.nii.gz && cp s/truth_T1map.nii.gz m/B.nii.gz && cp s/labels.nii.gz m/lab.nii.gz
kept m m/A.nii.gz torcht1 compare m/A.nii.gz m/B.nii.gz --difference m/A.nii.gz --csv m/new.csv
kept m m/../m/B.nii.gz torcht1 compare m/A.nii.gz m/B.nii.gz --csv m/../m/B.nii.gz
echo '{"Units": "s"}' >m/A.json
if torcht1 compare m/A.nii.gz m/B.nii.gz >/dev/null 2>said; then
  kept m m/A.json torcht1 compare m/A.nii.gz m/B.nii.gz --csv m/A.json
else
  grep -q 'no jansson' said || fail "a sidecar: $(cat said)"
  rm m/A.json
fi
kept m m/lab.nii.gz torcht1 regions m/A.nii.gz --labels m/lab.nii.gz --csv m/lab.nii.gz
cp s/slices.csv m/
aha="--aha --myocardium s/myocardium.nii.gz --insertion m/slices.csv"
kept m m/slices.csv torcht1 regions m/A.nii.gz $aha --csv m/slices.csv --segments m/new.nii.gz
kept m m/A.nii.gz torcht1 regions m/A.nii.gz $aha --csv m/new.csv --septum m/A.nii.gz
ln m/B.nii.gz m/same.nii.gz
kept m m/same.nii.gz torcht1 compare m/A.nii.gz m/B.nii.gz --difference m/same.nii.gz
# An ECV map that goes in as the native one.
"$TORCHT1_RINGS" d || fail "rings"
cp d/native.nii.gz d/lambda.nii.gz
kept d d/lambda.nii.gz torcht1 ecv --native d/lambda.nii.gz --post d/post.nii.gz --blood d/blood.nii.gz --myocardium d/myocardium.nii.gz --hematocrit 0.42 --registered -o d
# Weights and the checkpoint that they come from.
refused 2 "torcht1: -o takes a name that ends in .npz, not 'a'" torcht1 train -o a
cp d/native.nii.gz a.npz
refused 1 "torcht1: ./a.npz cannot be replaced: *" torcht1 train --resume a.npz -o ./a.npz
