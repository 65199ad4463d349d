# Slices measured in heart beats of their own: one fit for each slice, to the bits of single fits.
dicom_heart a --size 32 --slices 1 --heart-rate 60
dicom_heart b --size 32 --slices 1 --heart-rate 67 --seed 2
dicom_heart c --size 32 --slices 1 --heart-rate 75 --seed 3
python=$(python_with pydicom) || skip "no python3 with pydicom"
"$python" "$(dirname "$case")/../join_slices.py" s a b c || fail "the slices were not joined"

torcht1 info s >text.txt || fail "info"
grep -Eq '^ +1  magnitude +8  32 x 32 x 3 ' text.txt || fail "not one series of three slices: $(cat text.txt)"
grep -q 'InversionTime in ms, from (0018,0082) of 8 images in each of 3 slices' <(tr -s ' \n' ' ' <text.txt) || fail "source: $(cat text.txt)"
grep -Eq '^  slice 1 +120 +1120 +2120 ' text.txt && grep -Eq '^  slice 3 +120 +920 +1720 ' text.txt || fail "times: $(cat text.txt)"
[ "$(awk '{ if (length > 79) n++ } END { print n + 0 }' text.txt)" -eq 0 ] || fail "lines too long"
torcht1 info s --json | "$python" -c '
import json, sys
known = json.load(sys.stdin)["series"][0]["known"][0]["values"]
assert [len(slice) for slice in known] == [8, 8, 8] and known[2][1] == 0.92, known' || fail "info --json"

same() { # FOLDER: each slice of its maps is the map of a single fit with the options that follow
  local out=$1 one map
  shift
  torcht1 fit s -o "$out" -q "$@" || fail "fit $*"
  for one in a b c; do
    torcht1 fit "$one" -o "$out-$one" -q "$@" || fail "fit of $one $*"
  done
  "$python" - "$out" <<'PYTHON' || fail "other bits than single fits: $*"
import gzip, os, sys
out = sys.argv[1]
voxels = lambda path: gzip.open(path).read()[352:]
names = [n for n in os.listdir(out) if n.endswith(".nii.gz")]
assert len(names) > 8 or "network" in out, names
for name in names:
    whole = voxels(f"{out}/{name}")
    parts = b"".join(voxels(f"{out}-{one}/{name}") for one in "abc")
    assert whole == parts, name
PYTHON
}
same phase --threads 2
same robust --noise robust --sign magnitude
same lm --solver lm --images 1-4,7
weights=$(dirname "$case")/../../../weights/native-5.npz
if torcht1 fit a -o try -q --solver network --weights "$weights" 2>said.txt; then
  same network --solver network --weights "$weights"
else
  grep -q OpenBLAS said.txt || fail "network: $(cat said.txt)"
fi
torcht1 fit s -o table >text.txt || fail "fit"
grep -q '^slices   3, each fitted with times of its own$' text.txt || fail "nothing said: $(cat text.txt)"
"$python" - <<'PYTHON' || fail "fit.json"
import json
fit = json.load(open("phase/fit.json"))
assert fit["signs"]["source"] == "phase"
assert [round(v[1], 3) for v in fit["known"][0]["values"]] == [1.12, 1.016, 0.92], fit["known"]
assert len(json.load(open("lm/fit.json"))["known"][0]["values"][2]) == 5
PYTHON

# A mask that leaves a slice out, one sigma for all, times that are given for all.
"$python" - <<'PYTHON'
import gzip
head = gzip.open("phase/outcome.nii.gz").read()
gzip.open("mask.nii.gz", "wb").write(head[:352] + bytes(1024) + b"\1" * 2048)
PYTHON
torcht1 fit s -o masked -q --mask mask.nii.gz --sigma auto --noise rician --sign magnitude || fail "fit --mask"
grep -q '"masked": 1024' masked/fit.json && grep -q '"sigma_estimated": ' masked/fit.json || fail "mask or sigma"
torcht1 fit s -o given -q --known TI=0.12,1.12,2.12,3.12,4.12,0.2,1.2,2.2 || fail "--known"
grep -q '"values": \[0.12, 1.12, 2.12, 3.12, 4.12, 0.2, 1.2, 2.2\]' given/fit.json || fail "--known is not for all slices"

if scipy=$(python_with scipy.io) && torcht1 fit s -o mat -q --output-format mat 2>said.txt; then
  "$scipy" -c '
import scipy.io
times = scipy.io.loadmat("mat/maps.mat", simplify_cells=True)["torcht1"]["known"]["TI"]
assert times.shape == (8, 3) and abs(times[1, 2] - 0.92) < 1e-12, times' || fail "maps.mat"
fi

# The maps as DICOM refer, slice by slice, to the images of their place.
torcht1 fit s -o d -q --dicom --images 1-5 || fail "fit --dicom"
"$python" - <<'PYTHON' || fail "references"
import os, pydicom
sources = {d.SOPInstanceUID: d for d in (pydicom.dcmread(f"s/{n}", stop_before_pixels=True) for n in os.listdir("s"))}
for k in (1, 2, 3):
    d = pydicom.dcmread(f"d/dicom/T1map/{k:04d}.dcm")
    found = [sources[r.ReferencedSOPInstanceUID] for r in d.SourceImageSequence]
    assert len(found) == 5 and all(f.ImagePositionPatient == d.ImagePositionPatient for f in found)
PYTHON

# An image less in one slice is no series; one time twice in one slice neither.
"$python" - <<'PYTHON' || fail "files"
import os, pydicom
for folder in ("less", "twice"):
    os.makedirs(folder)
    for n in sorted(os.listdir("s")):
        d = pydicom.dcmread(f"s/{n}")
        second_of_slice_2 = d.InstanceNumber == 10
        if d.SeriesInstanceUID != "2.25.2" or folder == "less" and second_of_slice_2: continue
        if second_of_slice_2: d.InversionTime = 120
        d.save_as(f"{folder}/{n}")
PYTHON
refused 1 "torcht1: no series can be fitted: *slice 2 has 7 images, slice 1 has 8*" torcht1 fit less -o out
refused 1 "torcht1: no series can be fitted: *images 1 and 2 of slice 2 have the same InversionTime, 0.12 s*" torcht1 fit twice -o out
