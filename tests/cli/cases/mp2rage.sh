# MP2RAGE from what scanners deliver: magnitudes of both inversions are refused alone, UNI gives their sign, and
# alone T1, within 1 ms (of which the whole numbers of UNI take 0.7).
python=$(python_with array struct) || skip "no python3"
mkdir i && "$python" "$(dirname "$case")/../mp2rage_images.py" i || fail "cannot make images"
rest='"NumberShots": 160, "RepetitionTimePreparation": 5, "RepetitionTimeExcitation": 0.0067}'
known="--known TI=0.8,2.7 --known FA=4,5 --known TR=5 --known TRgre=0.0067 --known n=160"
# near MAP MS: greatest and least difference to the truth, no voxel lost
near() {
  torcht1 compare "$1" i/truth.nii --unit s,s >c.txt || fail "compare $1"
  awk -v most="$2" '/^voxels/ { lost = $3 + 0 != 288 } /^least/ { low = $4 } /^greatest/ { high = $4 }
    END { exit lost || low < -most || high > most || high == "" }' c.txt || fail "$1: $(cat c.txt)"
}

# Plain files.
# shellcheck disable=SC2086
{
  refused 1 "torcht1: i/magnitudes.nii: no value is below zero, but model mp2rage needs signed images*--uni FILE*" \
    torcht1 fit i/magnitudes.nii -o out --model mp2rage $known
  refused 1 "*needs signed images*" \
    torcht1 fit i/magnitudes.nii -o out --model mp2rage --sign magnitude $known
  torcht1 fit i/magnitudes.nii -o signed --uni i/UNI.nii $known >said.txt && near signed/T1map.nii.gz 0.1
  grep -q 'has the sign of the UNI image; UNI values, 508 to 3775, are taken as those of 0 to 4095' said.txt || fail "$(cat said.txt)"
  torcht1 fit i/UNI.nii -o uni $known >said.txt && near uni/T1map.nii.gz 1
  grep -q 'model mp2rage, for there is a UNI image' said.txt || fail "$(cat said.txt)"
  torcht1 fit i/UNI_float.nii -o float $known >said.txt && near float/T1map.nii.gz 0.1
  grep -q 'are taken as those of -0.5 to 0.5' said.txt || fail "$(cat said.txt)"
  refused 1 "torcht1: i/UNI_halves.nii: its values, * are in none of the ranges*" torcht1 fit i/UNI_halves.nii -o out $known
  refused 1 "torcht1: i/robust.nii: * of the voxels are near -0.5*robust*" torcht1 fit i/robust.nii -o out --model mp2rage $known
  torcht1 fit i/noisy.nii -o noisy -q --model mp2rage $known || fail "noise is taken for the robust combination"
  torcht1 fit i/UNI_7_5.nii -o flat --sign signed --known TI=0.7,2.5 --known FA=7,5 --known TR=6 --known TRgre=0.007 \
    --known n=128 >said.txt || fail "other angles"
  near flat/T1map.nii.gz 1
  grep -q 'UNI decides T1 from' said.txt || fail "$(cat said.txt)"
}

# A dataset: UNIT1 beside the magnitudes, then alone, with what their sidecars say, then its own.
anat=ds/sub-01/anat/sub-01
mkdir -p ds/sub-01/anat
echo '{"Name": "x", "BIDSVersion": "1.10.0"}' >ds/dataset_description.json
for inv in 1 2; do
  cp i/inv$inv.nii ${anat}_inv-${inv}_MP2RAGE.nii
  echo "{\"InversionTime\": $([ $inv = 1 ] && echo 0.8 || echo 2.7), \"FlipAngle\": $((inv + 3)), $rest" >${anat}_inv-${inv}_MP2RAGE.json
done
torcht1 fit ds -o unsigned -q 2>said.txt && fail "magnitudes alone"
grep -q 'its magnitudes do not give the sign.*UNIT1' said.txt unsigned/torcht1.tsv || fail "$(cat said.txt)"
cp i/UNI.nii ${anat}_UNIT1.nii && echo '{}' >${anat}_UNIT1.json
torcht1 fit ds -o both -q && near both/sub-01/anat/sub-01_T1map.nii.gz 0.1
torcht1 fit ds -o asked -q --suffix UNIT1 && near asked/sub-01/anat/sub-01_desc-UNIT1_T1map.nii.gz 1
cp i/robust.nii ${anat}_UNIT1.nii
torcht1 fit ds -o bad -q 2>said.txt && fail "the robust combination signs"
grep -q 'not those of the two magnitudes' said.txt bad/torcht1.tsv || fail "$(cat said.txt)"
cp i/UNI.nii ${anat}_UNIT1.nii && rm ${anat}_inv-*.nii
torcht1 fit ds -o alone -q && near alone/sub-01/anat/sub-01_T1map.nii.gz 1
rm ${anat}_inv-*.json && torcht1 fit ds -o none -q 2>said.txt && fail "no times"
grep -q 'add InversionTime to its JSON sidecar or give --known TI=' said.txt none/torcht1.tsv || fail "$(cat said.txt)"
# shellcheck disable=SC2086
torcht1 fit ds -o given -q $known && near given/sub-01/anat/sub-01_T1map.nii.gz 1
echo "{\"InversionTime\": [0.8, 2.7], \"FlipAngle\": [4, 5], $rest" >${anat}_UNIT1.json
torcht1 fit ds -o own -q && near own/sub-01/anat/sub-01_T1map.nii.gz 1
torcht1 info ds >text.txt && grep -Eq '^sub-01_UNIT1 +1 +- +mp2rage' text.txt || fail "info: $(cat text.txt)"
