# Maps written as DICOM: valid, read by others as the NIfTI maps beside them, never taken for images.
dicom_heart s --size 40 --slices 2 --format both
torcht1 fit s -o d --dicom -q --sign magnitude && torcht1 fit s -o e --dicom -q --sign magnitude || fail "fit --dicom"
diff -r d/dicom e/dicom || fail "the same fit gives other bytes"
for map in T1map T1map_sd; do
  [ "$(ls d/dicom/$map | grep -c dcm)" -eq 2 ] || fail "$map: one file per slice"
done
[ "$(ls d/dicom/k | grep -c dcm)" -eq 1 ] || fail "a Parametric Map is one file"
[ "$(ls d/dicom)" = "$(ls d | sed -n 's/\.nii\.gz$//p' | grep -v '^outcome$')" ] || fail "not all maps are there"
! find d -name '.*' | grep . >&2 || fail "hidden files are left"

# Beside the images they came from they are maps: the fit takes the images.
mkdir both && cp -r s/magnitude s/phase d/dicom both
torcht1 info both >text.txt || fail "info"
[ "$(grep -Ec '^ +10[0-9] +map ' text.txt)" -ge 2 ] || fail "maps are not seen as maps"
[ "$(grep -c 'it is a map computed from images' text.txt)" -ge 2 ] || fail "maps may be fitted"
torcht1 fit both -o again -q --sign magnitude && cmp d/T1map.nii.gz again/T1map.nii.gz || fail "maps were taken for images"
refused 1 'torcht1: no series can be fitted:*' torcht1 fit d/dicom/T1map -o out
torcht1 compare e/T1map.nii.gz e/dicom/T1map >text.txt || fail "the folder of a map is not read by who wants maps"
grep -Eq '^95 % of \|A-B\| < +- +- +0\.4' text.txt || fail "whole ms are not what is read: $(cat text.txt)"
# Parametric Maps are read to the bit, with their unit.
torcht1 info e/dicom/k | grep -q '^  stored  *DICOM, float32' || fail "info does not tell of floats"
torcht1 compare e/k.nii.gz e/dicom/k --json >k.json && grep -q '"rms": 0,' k.json || fail "k differs: $(cat k.json)"
torcht1 compare e/T1s.nii.gz e/dicom/T1s >text.txt || fail "T1s cannot be compared"
grep -q '^B, reference  e/dicom/T1s  (in ms)$' text.txt || fail "the unit of T1s is not read: $(cat text.txt)"
grep -Eq '^95 % of \|A-B\| < +- +- +0\.0' text.txt || fail "T1s is not what was written: $(cat text.txt)"
refused 1 "torcht1: of 10 series none is the only map: give the folder or a file of the map (*" torcht1 compare e/T1map.nii.gz e/dicom

# Into a folder that is there; what does not fit into 16 bits is said.
torcht1 fit s -o d --dicom --sign magnitude --correction T1=1000 >/dev/null 2>said.txt || fail "fit into a folder"
grep -Eq '^torcht1: [0-9]+ voxels of T1map lie beyond the 0 to 65535 ms of its DICOM files$' said.txt || fail "saturation is not said: $(cat said.txt)"
cmp -s d/dicom/T1map/0001.dcm e/dicom/T1map/0001.dcm && fail "the file was not replaced"

# NIfTI knows no patient: a study of its own, which is said.
torcht1 fit s/series.nii.gz -o n --dicom >/dev/null 2>said.txt || fail "fit of NIfTI"
grep -q '^torcht1: the input is no DICOM: its DICOM maps are a new study of patient UNKNOWN^RESEARCH$' said.txt || fail "nothing said"

if command -v dciodvfy >/dev/null; then
  for file in e/dicom/*/*.dcm d/dicom/T1map/*.dcm n/dicom/*/*.dcm; do
    dciodvfy "$file" >said.txt 2>&1
    case $file in */T1map/* | */T1map_sd/*) class=MRImage ;; *) class=ParametricMap ;; esac
    grep -q "^$class\$" said.txt || fail "$file: not seen as $class: $(head -n 3 said.txt)"
    ! grep '^Error' said.txt >&2 || fail "$file"
  done
  dcentvfy s/*/*.dcm e/dicom/*/*.dcm >said.txt 2>&1; ! grep . said.txt >&2 || fail "maps and images do not agree with each other"
fi
if command -v dcmdump >/dev/null; then
  for map in T1map k; do
    dcmdump -q e/dicom/$map/0001.dcm >text.txt || fail "dcmdump"
    grep -q 'RESEARCH - NOT FOR DIAGNOSIS\]' text.txt || fail "no warning in the description"
  done
fi
python=$(python_with pydicom nibabel) || skip "no python3 with pydicom and nibabel"
converted=
if command -v dcm2niix >/dev/null; then
  mkdir c && dcm2niix -o c -f T1map e/dicom/T1map >said.txt 2>&1 || fail "dcm2niix: $(tail -n 2 said.txt)"
  converted=c/T1map.nii
fi
script=$(dirname "$case")/../written_maps.py
"$python" "$script" n - >&2 || fail "NIfTI input: another reader sees something else"
"$python" "$script" e s/magnitude $converted >&2 || fail "another reader sees something else"
command -v dciodvfy >/dev/null || skip "dciodvfy (dicom3tools) is absent (the rest agrees)"
[ -n "$converted" ] || skip "dcm2niix is absent (the rest agrees)"
