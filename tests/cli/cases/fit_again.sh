# A fit into the folder of an older one leaves nothing of that; what torcht1 did not write stays.
heart s --size 32
torcht1 fit s/series.nii.gz -o a -q --covariance || fail "molli"
[ -e a/cov_k_C.nii.gz ] && [ -e a/T1s.nii.gz ] || fail "no covariance: $(ls a)"
echo mine >a/notes.txt && cp a/T1map.nii.gz a/T1map_mine.nii.gz
grep -q '^    "T1s_sd.nii.gz",\?$' a/fit.json || fail "fit.json lists no files"
torcht1 fit s/series.nii.gz -o a -q --model ir3 || fail "ir3"
torcht1 fit s/series.nii.gz -o b -q --model ir3 || fail "ir3 alone"
rm a/notes.txt a/T1map_mine.nii.gz || fail "what is not ours is gone"
diff <(ls a) <(ls b) || fail "files of the older fit are left"
# Fewer formats.
formats=nifti,png
torcht1 fit s/series.nii.gz -o m -q --output-format nifti,mat 2>/dev/null && formats=nifti,mat
torcht1 fit s/series.nii.gz -o a -q --output-format $formats && torcht1 fit s/series.nii.gz -o a -q --output-format png || fail "formats"
[ ! -e a/maps.mat ] && [ -z "$(find a -name '*.nii.gz')" ] || fail "older formats are left: $(ls a)"
# A fit that fails takes nothing away.
cp -r b before
! torcht1 fit s/series.nii.gz -o b -q --model ir3 --mask nowhere.nii.gz 2>/dev/null || fail "no mask, no fit"
! (ulimit -f 1; torcht1 fit s/series.nii.gz -o b -q --model molli) 2>/dev/null || fail "a limit of 512 bytes"
diff -r before b || fail "changed by a fit that failed"
# Names that lead out of the folder are not followed, nor is a record of someone else.
echo mine >precious
edit() { awk -v add="$1" '{print} /^  "files": \[/ {print "    \"" add "\","}' b/fit.json >new.json && mv new.json b/fit.json; }
edit ../precious && edit "$PWD/precious" && edit fit.json && edit sub/../../precious
torcht1 fit s/series.nii.gz -o b -q || fail "an odd record"
[ -e precious ] && [ ! -e b/D.nii.gz ] || fail "followed"
printf '{"files": [\n"own.txt"]}' >b/fit.json && echo mine >b/own.txt
torcht1 fit s/series.nii.gz -o b -q && [ -e b/own.txt ] || fail "a record of another program"
# DICOM: four slices, then one.
dicom_heart four --slices 4 --size 32
dicom_heart one --slices 1 --size 32
torcht1 fit four/magnitude -o d -q --dicom || fail "four slices"
[ -e d/dicom/T1map/0004.dcm ] && echo mine >d/dicom/T1map/mine.txt || fail "no four slices"
torcht1 fit one/magnitude -o d -q --dicom || fail "one slice"
[ "$(cd d/dicom/T1map && echo *)" = "0001.dcm mine.txt" ] || fail "old slices: $(ls d/dicom/T1map)"
torcht1 fit one/magnitude -o d -q || fail "without DICOM"
[ "$(find d/dicom -type f)" = d/dicom/T1map/mine.txt ] && [ ! -e d/dicom/k ] || fail "old DICOM: $(find d/dicom)"
