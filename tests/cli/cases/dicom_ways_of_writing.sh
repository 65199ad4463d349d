# The same image in every transfer syntax: the same values and place, or a refusal that names the syntax.
python=$(python_with pydicom) || skip "no python3 with pydicom"
"$python" "$(dirname "$case")/../../fuzz/dicom_seeds.py" seeds || fail "no files were made"
read_one() { # each alone in its folder
  mkdir -p "alone/$1" && cp "seeds/$1.dcm" "alone/$1" && "$TORCHT1_DUMP" "alone/$1/$1.dcm" "out-$1" >said.txt 2>&1
}
read_one explicit
[ $? -ne 77 ] || skip "this build has no DICOM"
[ -f out-explicit/series.nii ] || fail "$(cat said.txt)"
read_one jpeg_2000_none && fail "what is no JPEG 2000 was read"
ways="implicit big_endian deflated rle jpeg_ls jpeg_lossless"
if grep -q 'JPEG 2000 lossless (transfer syntax 1.2.840.10008.1.2.4.90), which this build cannot decode' said.txt; then
  echo "JPEG 2000: this build has no OpenJPEG"
else
  grep -q 'jpeg_2000_none.dcm: frame 1 is no JPEG 2000 codestream' said.txt || fail "$(cat said.txt)"
  ways="$ways jpeg_2000 jpeg_2000_tiles"
fi
for way in $ways; do
  [ -f "seeds/$way.dcm" ] || { echo "$way: not made, the program for it is absent"; continue; }
  read_one "$way"
  cmp out-explicit/series.nii "out-$way/series.nii" >&2 || fail "$way: $(cat said.txt)"
done
if [ -f seeds/jpeg_2000_lossy.dcm ] && [ "$ways" != "${ways%tiles}" ]; then
  read_one jpeg_2000_lossy || fail "$(cat said.txt)"
  torcht1 info alone/jpeg_2000_lossy | grep -q 'compressed with loss' || fail "loss is not said"
  torcht1 info alone/jpeg_2000 | grep -q 'compressed with loss' && fail "loss where there is none"
fi
read_one jpeg_2000_part_2 && fail "JPEG 2000 part 2 was read"
grep -q 'transfer syntax 1.2.840.10008.1.2.4.92), which this build cannot decode' said.txt || fail "$(cat said.txt)"
[ "$(wc -l <said.txt)" -eq 1 ] || fail "more than one sentence"

# One image of others, which they compressed with programs of their own; it stands alone, so it is asked for.
others=$("$python" -c 'import os, pydicom.data; print(os.path.join(os.path.dirname(pydicom.data.__file__), "test_files"))')
if [ -f "$others/MR_small.dcm" ]; then
  for name in "" _implicit _bigendian _expb _RLE _jpeg_ls_lossless _jp2klossless; do
    [ -f "$others/MR_small$name.dcm" ] || continue
    case "$ways" in *jpeg_2000*) ;; *) [ "$name" = _jp2klossless ] && continue ;; esac
    mkdir "other$name" && cp "$others/MR_small$name.dcm" "other$name"
    "$TORCHT1_DUMP" "other$name" "out-other$name" 1 >said.txt 2>&1 || fail "MR_small$name.dcm: $(cat said.txt)"
    cmp out-other/series.nii "out-other$name/series.nii" >&2 || fail "MR_small$name.dcm has other values"
  done
fi
# Two slices of two images in one file, times in Siemens' private place.
read_one enhanced || fail "$(cat said.txt)"
for way in enhanced_implicit enhanced_jpeg_2000_table enhanced_jpeg_2000_no_table; do
  [ -f "seeds/$way.dcm" ] || continue
  case "$ways $way" in *"jpeg_lossless enhanced_jpeg_2000"*) continue ;; esac
  read_one "$way" || fail "$way: $(cat said.txt)"
  cmp out-enhanced/series.nii "out-$way/series.nii" >&2 || fail "$way has other values"
done
for way in parametric parametric_implicit parametric_double; do
  mkdir "alone/$way" && cp "seeds/$way.dcm" "alone/$way"
  torcht1 info "alone/$way" >said.txt 2>&1 || fail "$way: $(cat said.txt)"
  grep -q ' float\(32\|64\),' said.txt && grep -q ' unit  *ms' said.txt || fail "$way: no unit: $(cat said.txt)"
done
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
