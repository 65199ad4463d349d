# Quantities other than inversion times are found in DICOM files under the names that models know.
dicom_heart s --size 32
python=$(python_with pydicom) || skip "no python3 with pydicom"
"$python" - <<'PYTHON' || fail "no files"
import os, pydicom
for folder in ("t2prep", "angles"):
    os.makedirs(folder)
    for i in range(4):
        d = pydicom.dcmread(f"s/magnitude/{i + 1:04d}.dcm")
        d.SeriesInstanceUID, d.SeriesDescription = "2.25.77", folder + " ../../up"
        del d.InversionTime
        d.ImageComments = f"T2 prep. duration = {(0, 25, 40, 55)[i]} ms" if folder == "t2prep" else ""
        d.FlipAngle = 35 if folder == "t2prep" else (3, 6, 12, 21)[i]
        d.save_as(f"{folder}/{i}.dcm")
PYTHON
torcht1 fit t2prep -o t2 -q --model t2prep2 --dicom || fail "t2prep2"
grep -q '"source": "T2 prep. duration in the comment of 4 images"' t2/fit.json || fail "source"
grep -q '"values": \[0, 0.025, 0.04, 0.055\]' t2/fit.json || fail "durations"
torcht1 fit angles -o t1 -q --model vfa --dicom || fail "vfa"
grep -q '"values": \[3, 6, 12, 21\]' t1/fit.json && grep -q '"source": "(0018,0080) of 4 images"' t1/fit.json || fail "angles or repetition time"
# What a file says of itself names no file.
[ -z "$(find .. -name '*up*')" ] || fail "a description became a path: $(find .. -name '*up*')"
