# The same image in every transfer syntax: the same values and place, or a refusal that names the syntax.
python=$(python_with pydicom) || skip "no python3 with pydicom"
"$python" "$(dirname "$case")/../../fuzz/dicom_seeds.py" seeds || fail "no files were made"
read_one() { # each alone in its folder
  mkdir -p "alone/$1" && cp "seeds/$1.dcm" "alone/$1" && "$TORCHT1_DUMP" "alone/$1/$1.dcm" "out-$1" >said.txt 2>&1
}
read_one explicit
[ $? -ne 77 ] || skip "this build has no DICOM"
[ -f out-explicit/series.nii ] || fail "$(cat said.txt)"
for way in implicit big_endian deflated rle jpeg_ls jpeg_lossless; do
  [ -f "seeds/$way.dcm" ] || { echo "$way: not made, the program for it is absent"; continue; }
  read_one "$way"
  cmp out-explicit/series.nii "out-$way/series.nii" >&2 || fail "$way: $(cat said.txt)"
done
read_one jpeg_2000 && fail "JPEG 2000 was read"
grep -q 'JPEG 2000 lossless (transfer syntax 1.2.840.10008.1.2.4.90), which this build cannot decode' said.txt ||
  fail "$(cat said.txt)"
[ "$(wc -l <said.txt)" -eq 1 ] || fail "more than one sentence"
# Two slices of two images in one file, times in Siemens' private place.
read_one enhanced || fail "$(cat said.txt)"
torcht1 info alone/enhanced/enhanced.dcm >said.txt 2>&1 || fail "$(cat said.txt)"
grep -q '(0021,1189)' said.txt && grep -q '8 x 6 x 2' said.txt || fail "$(cat said.txt)"
