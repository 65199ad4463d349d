# Complex NIfTI, and the parts of complex signals in files of their own: magnitude and phase, whose signs are used as
# those of DICOM pairs are.
python=$(python_with nibabel numpy) || skip "no python3 with nibabel and numpy"
"$python" - <<'PYTHON' || fail "files"
import json, os, nibabel, numpy
times = numpy.array([0.05, 0.4, 0.8, 1.2, 1.6, 2.4, 3.2, 5.0])
t1 = 0.3 + 0.1 * numpy.arange(16).reshape(4, 4, 1)
signed = 1000 * (1 - 1.9 * numpy.exp(-times / t1[..., None]))
angle = 0.5 + 0.2 * numpy.arange(16).reshape(4, 4, 1, 1)
z = (signed * numpy.exp(1j * angle)).astype(numpy.complex64)
magnitude, phase = numpy.abs(z), numpy.angle(z).astype(numpy.float32)
affine = numpy.diag([2.0, 2, 5, 1])
def save(path, data, **told):
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    nibabel.save(nibabel.Nifti1Image(data, affine), path + ".nii.gz")
    if told: json.dump(told, open(path + ".json", "w"))
every = {"InversionTime": times.tolist()}
stored = lambda p, half: numpy.round(p / numpy.pi * half).clip(-half, half - 1).astype(numpy.int16)
save("c64/s", z, **every)
save("c128/s", z.astype(numpy.complex128), **every)
save("per-time/a", z[..., 0], InversionTime=0.05)
for i, t in enumerate(times):
    save(f"per-time/{'qwertzui'[i]}", z[..., i], InversionTime=t) # complex, one file for each time
os.remove("per-time/a.nii.gz"); os.remove("per-time/a.json")
save("ri/s_real", z.real.copy(), **every); save("ri/s_imaginary", z.imag.copy(), **every)
save("ri-names/real", z.real.copy(), **every); save("ri-names/imag", z.imag.copy())
save("ri-type/5", z.real.copy(), ImageType=["ORIGINAL", "PRIMARY", "REAL"], **every)
save("ri-type/6", z.imag.copy(), ImageType=["ORIGINAL", "PRIMARY", "IMAGINARY"], **every)
save("ri-philips/5", z.real.copy(), ImageType=["ORIGINAL", "PRIMARY", "R_IR", "R", "IR"], **every)
save("ri-philips/6", z.imag.copy(), ImageType=["ORIGINAL", "PRIMARY", "I_IR", "I", "IR"], **every)
save("mp-siemens/x", magnitude, **every); save("mp-siemens/x_ph", stored(phase, 4096), **every)
save("mp-rad/x_mag", magnitude, **every); save("mp-rad/x_phase", phase, **every)
save("mp-ge/x", magnitude); save("mp-ge/x_ph", stored(phase, 3141.6)); json.dump(every, open("mp-ge/x.json", "w"))
save("mp-number/ir_4", magnitude, ImageType=["ORIGINAL", "PRIMARY", "M", "ND"], **every)
save("mp-number/ir_5_ph", stored(phase, 4096), ImageType=["ORIGINAL", "PRIMARY", "P", "ND"], **every)
for i, t in enumerate(times):
    save(f"files-mp/ir{i + 3}", magnitude[..., i], InversionTime=t, ImageType=["M"])
    save(f"files-mp/ir{i + 3}_ph", stored(phase[..., i], 4096), InversionTime=t, ImageType=["P"])
    save(f"files-ri/{i}_e1_real", z.real[..., i].copy(), InversionTime=t)
    save(f"files-ri/{i}_e1_imaginary", z.imag[..., i].copy(), InversionTime=t)
    for part, data in ("mag", magnitude), ("phase", phase):
        save(f"set-mp/sub-1_inv-{i + 1}_part-{part}_IRT1", data[..., i], InversionTime=t)
    for part, data in ("real", z.real.copy()), ("imag", z.imag.copy()):
        save(f"set-ri/sub-1_part-{part}_inv-{i + 1}_IRT1", data[..., i], InversionTime=t)
        save(f"bids-ri/sub-1/anat/sub-1_inv-{i + 1}_part-{part}_IRT1", data[..., i], InversionTime=t)
    save(f"bids-c/sub-1/anat/sub-1_inv-{i + 1}_IRT1", z[..., i], InversionTime=t)
for folder in "bids-ri", "bids-c":
    json.dump({"Name": "n", "BIDSVersion": "1.9.0"}, open(f"{folder}/dataset_description.json", "w"))
# What does not go together.
save("few/x", magnitude, **every); save("few/x_ph", phase[..., :5])
save("vague/x", magnitude, **every); save("vague/x_ph", 0.01 * phase)
save("broken/x", magnitude, **every); open("broken/x_ph.nii.gz", "wb").write(b"no image")
save("both/x_real", z, **every); save("both/x_imaginary", z.imag.copy())
save("times/x", magnitude, **every); save("times/x_ph", phase, InversionTime=(times + 0.1).tolist())
save("mask/m", z[..., 0])
PYTHON
fit() { torcht1 fit "$1" -o maps-"$(basename "$1")" -q --model ir3 "${@:2}" >said.txt 2>&1 || fail "$1: $(cat said.txt)"; }
near() {
  "$python" - "$1" "$2" <<'PYTHON' || fail "$2 is off"
import sys, nibabel, numpy
t1 = 0.3 + 0.1 * numpy.arange(16).reshape(4, 4, 1)
found = numpy.asanyarray(nibabel.load(sys.argv[2] + "/T1map.nii.gz").dataobj)
found = found.reshape(t1.shape)
sys.exit(not abs(found - t1).max() < float(sys.argv[1]))
PYTHON
}
fit c64 --sign phase
near 1e-4 maps-c64
for input in c128 per-time ri ri-names ri-type ri-philips files-ri set-ri; do
  fit $input --sign phase
  cmp maps-c64/T1map.nii.gz maps-$input/T1map.nii.gz || fail "$input has another map"
done
for input in mp-siemens mp-rad mp-ge mp-number files-mp set-mp; do
  fit $input --sign phase
  near 1e-4 maps-$input
done
for input in ri/s_real mp-siemens/x mp-rad/x_mag mp-number/ir_4 files-mp/ir5 files-ri/2_e1_real set-mp/sub-1_inv-3_part-mag_IRT1; do
  fit $input.nii.gz --sign phase # one file stands for the series
  rm -r "maps-$(basename $input).nii.gz"
done
for input in bids-ri bids-c; do
  torcht1 fit $input -o maps-$input -q --model ir3 --sign phase || fail "$input"
  "$python" -c 'import sys, nibabel, numpy as n; a, b = (n.asanyarray(nibabel.load(f).dataobj) for f in sys.argv[1:]); sys.exit(not n.array_equal(a, b))' \
    maps-c64/T1map.nii.gz maps-$input/sub-1/anat/sub-1_T1map.nii.gz || fail "$input has another map"
  torcht1 info $input | grep -q IRT1 || fail "info $input"
done
torcht1 info ri | grep -q 'magnitude and phase are computed from real and imaginary parts' || fail "parts are not said"
torcht1 info mp-ge | grep -q 'has no Units: -3142 to 3142 is taken for one turn' || fail "the unit is not said"
torcht1 info c64 | grep -q complex64 || fail "the type is not said"
for file in ri/s_imaginary set-ri/sub-1_part-imag_inv-1_IRT1; do
  refused 1 "torcht1: $file.nii.gz holds the imaginary part of *; give the path of that" torcht1 fit $file.nii.gz -o out
done
for file in mp-siemens/x_ph files-mp/ir4_ph mp-number/ir_5_ph set-mp/sub-1_inv-2_part-phase_IRT1; do
  refused 1 "torcht1: $file.nii.gz holds the phase of *; give the path of that" torcht1 fit $file.nii.gz -o out
done
refused 1 'torcht1: few/x_ph.nii.gz holds 5 images, x.nii.gz of the same series 8' torcht1 fit few -o out
refused 1 'torcht1: times/x_ph.nii.gz has another InversionTime than x.nii.gz of the same series' torcht1 fit times -o out
refused 1 'torcht1: both/x_real.nii.gz holds complex voxels, and another file *' torcht1 fit both -o out
refused 1 'torcht1: mask/m.nii.gz holds complex64 voxels; a map or a mask has real numbers' \
  torcht1 fit c64 -o out --mask mask/m.nii.gz
fit vague
torcht1 info vague | tr -s ' \n' ' ' | grep -q 'phase is not used: its values, .* do not fill one turn' || fail "vague: $(torcht1 info vague)"
fit broken
torcht1 info broken | tr -s ' \n' ' ' | grep -q 'a file of the folder is left out: broken/x_ph.nii.gz' || fail "broken: $(torcht1 info broken)"
