# Images along the third dimension of a file: taken where its sidecar, or --known, has a value for each slice, and said.
python=$(python_with nibabel numpy) || skip "no python3 with nibabel and numpy"
heart n --size 32
"$python" - <<'PYTHON' || fail "files"
import json, os, nibabel, numpy
image = nibabel.load("n/series.nii.gz")
data, times = numpy.asanyarray(image.dataobj), json.load(open("n/series.json"))["InversionTime"]
stack = numpy.ascontiguousarray(data[:, :, 0, :])
def write(name, array, told=None):
    os.makedirs(os.path.dirname(name), exist_ok=True)
    nibabel.save(nibabel.Nifti1Image(array, image.affine), name + ".nii.gz")
    if told: json.dump(told, open(name + ".json", "w"))
every = {"InversionTime": times}
write("told/s", stack, every)
write("more/s", stack, {"EchoTime": 0.001, "FlipAngle": 35, **every}); write("more/mask", data[:, :, :, 0])
write("bare/s", stack)
write("pair/s", stack, every); write("pair/s_ph", (3.1 * (stack > 100) - 1.5 * (stack < 9)).astype(numpy.float32), {"Units": "rad"})
write("complex/s", stack.astype(numpy.complex64), every)
write("ds/sub-1/anat/sub-1_inv-1_IRT1", stack, every); json.dump({"Name": "n", "BIDSVersion": "1.9.0"}, open("ds/dataset_description.json", "w"))
write("four/s", data, every)
write("echoes/s", stack[:, :, :4], {"EchoTime": [0.01, 0.02, 0.03, 0.05]})
write("wrong/seven", stack[:, :, :7], every)
write("wrong/map", stack, {"Units": "s", **every})
write("slices/s", numpy.repeat(data, 8, axis=2), every) # eight slices and eight images
open("times", "w").write(",".join(map(str, times)))
PYTHON
torcht1 fit four/s.nii.gz -o plain -q || fail "4-D"
has() { torcht1 info "$1" | tr -s ' \n' ' ' | grep -q "$2" || fail "'$2' is not said of $1: $(torcht1 info "$1")"; }
for input in told/s.nii.gz told more/s.nii.gz more complex pair; do
  torcht1 fit $input -o maps -q --sign magnitude || fail "$input"
  cmp plain/T1map.nii.gz maps/T1map.nii.gz || { "$python" -c '
import sys, nibabel as n, numpy
a, b = (numpy.asanyarray(n.load(f).dataobj) for f in ("plain/T1map.nii.gz", "maps/T1map.nii.gz"))
sys.exit(a.shape != b.shape or not numpy.array_equal(a, b, equal_nan=True))'; } || fail "$input has another map"
  has $input 'the third dimension is taken for that of the images, since InversionTime has 8 values'
  rm -r maps
done
has pair 'phase is in rad'
torcht1 fit bare/s.nii.gz -o maps -q --known TI="$(cat times)" || fail "--known"
grep -q 'third dimension is taken for that of the images, since --known has 8 values' maps/fit.json || fail "--known is not said"
torcht1 fit ds -o out-ds -q --model molli || fail "dataset"
torcht1 fit echoes -o out-echoes -q --model t2 || fail "echoes"
has slices/s.nii.gz 'sign not stored'
! torcht1 info slices/s.nii.gz | grep -q 'third dimension' || fail "slices are taken for images"
! torcht1 info wrong/map.nii.gz | grep -q 'third dimension' || fail "a map is taken for images"
refused 1 'torcht1: wrong/seven.nii.gz: no inversion time (TI) is given; *' torcht1 fit wrong/seven.nii.gz -o out
# A map is a map to who wants one.
torcht1 compare told/s.nii.gz told/s.nii.gz >said.txt || fail "compare: $(cat said.txt)"
