# Series as other scanners lay them out: valid, and read back to the same maps.
torcht1 simulate heart -o s -q --size 48 --format both 2>said.txt || { grep -q 'without DCMTK' said.txt && skip "this build has no DICOM"; fail "simulate: $(cat said.txt)"; }
torcht1 simulate heart -o p -q --size 48 --format dicom --vendor philips && torcht1 simulate heart -o a -q --size 48 --format dicom --sequence sasha &&
  torcht1 simulate heart -o t -q --size 48 --format dicom --sequence t2prep && torcht1 simulate heart -o q -q --size 48 --format dicom --sequence t2prep --vendor philips || fail "simulate"
torcht1 info p >said.txt && grep -q 'Philips (2005,100e), differs per image' said.txt || fail "scaling: $(cat said.txt)"
torcht1 fit p -o mp -q --sign magnitude && torcht1 fit s/series.nii.gz -o mn -q || fail "fit"
for label in 3 5; do # where voxels are pure
  "$TORCHT1_WORLD" mp/T1map.nii.gz mn/T1map.nii.gz s/labels.nii.gz $label 0.001 0.97 >&2 || fail "label $label"
done
torcht1 fit p -o mph -q || fail "Philips phases"
grep -q '"signs": {' mph/fit.json || fail "phases were not taken"
for folder in t q; do torcht1 info $folder | grep -q 'T2Preparation[A-Za-z]*,\{0,1\} .*T2 prep. duration in the comment' || fail "$(torcht1 info $folder)"; done
torcht1 info a | grep -q 'InversionTime in ms, from (0018,0082) of 10 images' || fail "saturation times: $(torcht1 info a)"
command -v dciodvfy >/dev/null || skip "dciodvfy (dicom3tools) is absent"
for file in p/*/0001.dcm p/*/0006.dcm a/*/0001.dcm a/*/0003.dcm t/*/0002.dcm q/*/0002.dcm; do
  dciodvfy "$file" >said.txt 2>&1
  grep -q '^MRImage$' said.txt || fail "$file: not seen as an MR image: $(head -n 3 said.txt)"
  ! grep '^Error' said.txt >&2 || fail "$file"
done
