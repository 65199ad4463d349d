# B1 maps in the units that people have, and on another grid: resampled when asked, and said.
python=$(python_with nibabel numpy) || skip "no python3 with nibabel and numpy"
"$python" - <<'PYTHON' || fail "files"
import json, nibabel, numpy
flips, tr = numpy.array([3.0, 8, 15, 20]), 0.015
b1 = numpy.full((8, 8, 2), 0.9)
angle = numpy.deg2rad(flips) * b1[..., None]
e = numpy.exp(-tr / 1.0)
nibabel.save(nibabel.Nifti1Image((1000 * numpy.sin(angle) * (1 - e) / (1 - e * numpy.cos(angle))).astype(numpy.float32), numpy.diag([2, 2, 5, 1])), "vfa.nii")
json.dump({"FlipAngle": flips.tolist(), "RepetitionTimeExcitation": tr}, open("vfa.json", "w"))
def b1map(name, values, told=None, shape=(8, 8, 2), affine=numpy.diag([2.0, 2, 5, 1])):
    nibabel.save(nibabel.Nifti1Image(numpy.full(shape, values, numpy.float32), affine), name + ".nii")
    if told: json.dump(told, open(name + ".json", "w"))
b1map("fraction", 0.9); b1map("bare", 90); b1map("bare10", 900); b1map("liar", 0.9, {"Units": "percent"})
b1map("percent", 90, {"Units": "percent"}); b1map("sign", 90, {"Units": "%"}); b1map("permille", 900, {"Units": "permille"})
b1map("degrees", 54, {"Units": "deg", "FlipAngle": 60}); b1map("angleless", 54, {"Units": "deg"})
coarse = numpy.diag([4.0, 4, 5, 1]); coarse[:2, 3] = 1
b1map("coarse", 0.9, None, (4, 4, 2), coarse); b1map("coarse100", 90, {"Units": "percent"}, (4, 4, 2), coarse)
PYTHON
fit() { torcht1 fit vfa.nii -o "$1" -q --model vfa --known B1="$2".nii "${@:3}" 2>said.txt || fail "$2: $(cat said.txt)"; }
fit plain fraction
near() { "$python" -c 'import sys, nibabel, numpy; t = numpy.asanyarray(nibabel.load(sys.argv[1] + "/T1map.nii.gz").dataobj); sys.exit(not abs(t - 1).max() < 1e-3)' "$1" || fail "$1 is off"; }
near plain
for map in percent sign permille degrees; do
  fit $map $map && near $map
  grep -q "is $map.nii in " $map/fit.json || fail "the unit of $map is not said"
done
refused 1 'torcht1: bare.nii: the median of B1 is 90: percent are suspected*' torcht1 fit vfa.nii -o out --model vfa --known B1=bare.nii
refused 1 'torcht1: bare10.nii: the median of B1 is 900: 10 x percent are suspected*' torcht1 fit vfa.nii -o out --model vfa --known B1=bare10.nii
refused 1 'torcht1: angleless.nii is in degrees, *"FlipAngle"*' torcht1 fit vfa.nii -o out --model vfa --known B1=angleless.nii
refused 1 'torcht1: liar.nii: the median of B1 is 0.009 in the unit *' torcht1 fit vfa.nii -o out --model vfa --known B1=liar.nii
refused 1 'torcht1: coarse.nii: *4 x 4 x 2*' torcht1 fit vfa.nii -o out --model vfa --known B1=coarse.nii
for map in coarse coarse100; do
  fit $map $map --resample && near $map
  grep -q "$map.nii is resampled to the grid of the series" $map/fit.json || fail "resampling is not said"
done
fit same fraction --resample && cmp plain/T1map.nii.gz same/T1map.nii.gz || fail "the same grid is resampled"
