# What --sign auto finds does not depend on the mask: voxels without any sample below zero stay signed in a signed series.
python=$(python_with numpy nibabel) || skip "no python3 with numpy and nibabel"
heart s --size 160 --signed --snr 20
"$python" - <<'PYTHON' || fail "no mask"
import nibabel, numpy
series = nibabel.load("s/series.nii.gz")
mask = (series.get_fdata() >= 0).all(axis=-1)
assert mask.sum() > 10
nibabel.save(nibabel.Nifti1Image(mask.astype(numpy.uint8), series.affine), "mask.nii")
PYTHON
for how in "auto -o all" "auto -o masked --mask mask.nii" "magnitude -o magnitude --mask mask.nii"; do
  # shellcheck disable=SC2086
  torcht1 fit s/series.nii.gz -q --keep-bound --sign $how || fail "$how"
done
grep -q '"signed": true' masked/fit.json || fail "fit.json"
"$python" - <<'PYTHON' || fail "the mask changes voxels within it"
import nibabel, numpy
read = lambda name: nibabel.load(name + "/T1s.nii.gz").get_fdata()[nibabel.load("mask.nii").get_fdata() > 0]
assert numpy.array_equal(read("all"), read("masked"), equal_nan=True)
assert not numpy.array_equal(read("magnitude"), read("masked"), equal_nan=True) # or this test could not fail
PYTHON
