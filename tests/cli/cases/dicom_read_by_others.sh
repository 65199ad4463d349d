# pydicom and dcm2niix find in our DICOM files what our NIfTI file says.
dicom_heart s --size 64 --slices 3 --format both
python=$(python_with pydicom nibabel) || skip "no python3 with pydicom and nibabel"
converted=
if command -v dcm2niix >/dev/null; then
  mkdir n && dcm2niix -o n -f %s s/magnitude >said.txt 2>&1 || fail "dcm2niix: $(tail -n 2 said.txt)"
  converted=n/1.nii
fi
"$python" "$(dirname "$case")/../written_dicom.py" s $converted >&2 || fail "another reader sees something else"
[ -n "$converted" ] || skip "dcm2niix is absent (pydicom agrees)"
