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
# Maps of it refer to frames, each slice to its own.
printf '%s\n' 'model decay' 'title "decay"' 'known TI s "time" bids InversionTime' 'find A 1 "signal" in [0, inf)' \
  'find T s "decay time" in [0.01, 10] bids T1map' 'signal A * exp(-TI / T)' >decay.model
torcht1 fit alone/enhanced/enhanced.dcm -o maps -q --dicom -m decay.model >said.txt 2>&1 || fail "fit --dicom: $(cat said.txt)"
"$python" - <<'PYTHON' || fail "other frames are referred to"
import pydicom
for slice in (1, 2):
    f = pydicom.dcmread(f"maps/dicom/T1map/{slice:04d}.dcm")
    assert [r.ReferencedFrameNumber for r in f.SourceImageSequence] == [slice, slice + 2], f.SourceImageSequence
whole = pydicom.dcmread("maps/dicom/A/0001.dcm")
assert len(whole.ReferencedSeriesSequence[0].ReferencedInstanceSequence) == 1
PYTHON
