# DICOM files in gzip, under any name, and Secondary Captures, which are named as such.
python=$(python_with pydicom numpy) || skip "no python3 with pydicom and numpy"
dicom_heart s --size 32
"$python" - <<'PYTHON' || fail "files"
import copy, glob, gzip, os, numpy, pydicom
magnitudes = sorted(glob.glob("s/magnitude/*.dcm")); phases = sorted(glob.glob("s/phase/*.dcm"))
def put(name, data):
    os.makedirs(os.path.dirname(name), exist_ok=True)
    open(name, "wb").write(data)
def write(d, name, **changes):
    d = copy.deepcopy(d)
    os.makedirs(os.path.dirname(name), exist_ok=True)
    for key, value in changes.items():
        if value is None: d.pop(key, None)
        else: setattr(d, key, value)
    d.file_meta.MediaStorageSOPInstanceUID = d.SOPInstanceUID = pydicom.uid.generate_uid()
    d.file_meta.MediaStorageSOPClassUID = d.SOPClassUID
    d.save_as(name)
for i, path in enumerate(magnitudes):
    plain, packed = open(path, "rb").read(), gzip.compress(open(path, "rb").read())
    put(f"gz/{i}.dcm.gz", packed)
    put(f"upper/{i}.IMA.GZ", packed)
    put(f"any/IM{i}.gz", packed)
    put(f"mixed/{i}.dcm.gz" if i % 2 else f"mixed/{i}.dcm", packed if i % 2 else plain)
    put(f"cut/{i}.dcm.gz", packed if i else packed[:-40])
    put(f"tail/{i}.dcm.gz", packed if i else packed + b"more")
    d = pydicom.dcmread(path)
    capture = "1.2.840.10008.5.1.4.1.1.7"
    write(d, f"capture/{i}.dcm", SOPClassUID=capture)
    write(d, f"picture/{i}.dcm", SOPClassUID=capture, InversionTime=None, ImageComments=None)
    if i == 0: write(d, f"one/{i}.dcm", SOPClassUID=capture)
    if i == 0: write(d, f"colour/{i}.dcm", SOPClassUID=capture, SamplesPerPixel=3, PhotometricInterpretation="RGB", BitsAllocated=8, BitsStored=8, HighBit=7, PixelData=bytes(3 * d.Rows * d.Columns))
    put(f"with/{i}.dcm", plain)
for i in range(2): put(f"with/c{i}.dcm", open("colour/0.dcm", "rb").read())
for i, path in enumerate(phases): put(f"gz/phase{i}.dcm.gz", gzip.compress(open(path, "rb").read()))
put("no/a.dcm.gz", gzip.compress(b"this is a text" * 100))
head = open(magnitudes[0], "rb").read()
put("bomb/a.dcm.gz", gzip.compress(head + bytes(200 << 20)))
PYTHON
torcht1 fit s/magnitude -o plain -q || fail "plain"
torcht1 fit s -o both -q || fail "magnitude and phase"
for input in upper any mixed upper/3.IMA.GZ any/IM2.gz mixed/1.dcm.gz capture with; do
  torcht1 fit $input -o maps -q || fail "$input"
  cmp plain/T1map.nii.gz maps/T1map.nii.gz || fail "$input has another map"
  rm -r maps
done
torcht1 fit gz -o maps -q && cmp both/T1map.nii.gz maps/T1map.nii.gz || fail "compressed pairs"
torcht1 info any | grep -q '1 series, 8 files' || fail "info: $(torcht1 info any)"
refused 1 'torcht1: no series can be fitted: *cut/0.dcm.gz is truncated: it ends in the middle of its gzip stream*' torcht1 fit cut -o out
refused 1 'torcht1: *tail/0.dcm.gz is damaged: 4 bytes that are not gzip follow*' torcht1 fit tail -o out
refused 1 'torcht1: no/a.dcm.gz is named as a DICOM file, but is none' torcht1 fit no -o out
refused 1 'torcht1: bomb/a.dcm.gz holds more than 64 MiB once decompressed, *' torcht1 fit bomb -o out
torcht1 fit upper/*.GZ -o given -q && cmp plain/T1map.nii.gz given/T1map.nii.gz || fail "several"
# Secondary Captures.
said() { torcht1 info "$1" | tr -s ' \n' ' ' | grep -q "$2" || fail "'$2' is not said of $1: $(torcht1 info "$1")"; }
said capture 'its images are Secondary Captures'
said with '2 others left out, 2 of them Secondary Captures'
torcht1 info with --json | grep -q '"secondary_captures": 2' || fail "JSON"
refused 1 'torcht1: no series can be fitted: *it holds Secondary Captures, pictures made from others, and no time varies over its 8 images; --known gives*' torcht1 fit picture -o out
refused 1 'torcht1: no series can be fitted: *it holds one Secondary Capture, *' torcht1 fit one -o out
refused 1 'torcht1: colour holds no MR image, but 1 Secondary Capture in colour: *' torcht1 fit colour -o out
refused 1 'torcht1: colour holds no MR image, but 1 Secondary Capture in colour: *' torcht1 info colour
times=$(torcht1 info s/magnitude --json | "$python" -c 'import json, sys; s = json.load(sys.stdin)["series"][0]; print(",".join(str(v) for k in s["known"] if k["name"] == "InversionTime" for v in k["values"]))')
torcht1 fit picture -o asked -q --known TI="$times" && cmp plain/T1map.nii.gz asked/T1map.nii.gz || fail "--known"
