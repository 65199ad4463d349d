# DICOM as archives and anonymisers leave it: icons with compressed pixels, UIDs drawn for each file, a damaged file of
# another series.
python=$(python_with pydicom numpy) || skip "no python3 with pydicom and numpy"
dicom_heart s --size 32
"$python" - <<'PYTHON' || fail "files"
import copy, glob, os, pydicom
from pydicom.uid import generate_uid
paths = sorted(glob.glob("s/magnitude/*.dcm"))
def write(d, folder, name):
    os.makedirs(folder, exist_ok=True)
    d.save_as(f"{folder}/{name}.dcm")
for i, path in enumerate(paths):
    read = lambda: pydicom.dcmread(path)
    write(read(), "plain", i)
    for folder, keys in (("all", ("Study", "Series", "FrameOfReference")), ("series", ("Series",)), ("study", ("Study",)),
                         ("reference", ("FrameOfReference",)), ("study_series", ("Study", "Series")),
                         ("series_reference", ("Series", "FrameOfReference"))):
        d = read()
        for key in keys: setattr(d, key + ("UID" if key.startswith("Frame") else "InstanceUID"), generate_uid())
        write(d, "uid_" + folder, i)
    d = read() # one place, one size, but another description: not of one series
    d.StudyInstanceUID, d.SeriesInstanceUID, d.SeriesDescription = generate_uid(), generate_uid(), f"other {i}"
    write(d, "unlike", i)
    d = read()
    d.compress(pydicom.uid.RLELossless, generate_instance_uid=False)
    for nested in (1, 2, 3):
        icon = pydicom.Dataset()
        icon.Rows = icon.Columns = 8; icon.SamplesPerPixel = 1; icon.PhotometricInterpretation = "MONOCHROME2"
        icon.BitsAllocated = icon.BitsStored = 8; icon.HighBit = 7; icon.PixelRepresentation = 0
        icon.PixelData = pydicom.encaps.encapsulate([b"\x01\x02\x03\x04"] * nested)
        icon["PixelData"].VR = "OB"; icon["PixelData"].is_undefined_length = True
        e = copy.deepcopy(d)
        e.IconImageSequence = pydicom.Sequence([icon])
        write(e, f"icon_{nested}", i)
    for folder in ("beside", "own", "unknown"): write(read(), folder, i)
def cut(folder, name, length, **changes):
    d = pydicom.dcmread(paths[0])
    for key, value in changes.items(): setattr(d, key, value)
    write(d, folder, name)
    with open(f"{folder}/{name}.dcm", "r+b") as file: file.truncate(os.path.getsize(f"{folder}/{name}.dcm") - length if length < 0 else length)
size = os.path.getsize(paths[0])
cut("beside", "loc", size - 500, SeriesInstanceUID="2.25.99", SeriesNumber=9)
cut("own", "more", size - 500)
cut("unknown", "short", 400, SeriesInstanceUID="2.25.99")
PYTHON
torcht1 fit plain -o plain-maps -q --sign magnitude || fail "plain"
for folder in uid_all uid_series uid_study uid_reference uid_study_series uid_series_reference icon_1 icon_2 icon_3 beside; do
  torcht1 fit $folder -o maps -q --sign magnitude 2>said.txt || fail "$folder: $(cat said.txt)"
  cmp plain-maps/T1map.nii.gz maps/T1map.nii.gz || fail "$folder has another map"
  case $folder in
  uid_series) grep -q '8 series of one image each' maps/fit.json || fail "$folder: not said" ;;
  uid_*) grep -q 'an anonymiser' maps/fit.json || grep -q 'by an anonymiser' maps/fit.json || fail "$folder: not said" ;;
  beside) grep -q 'a file of another series is left out: beside/loc.dcm is damaged or cut short' maps/fit.json || fail "$folder: not said" ;;
  esac
  rm -r maps
done
torcht1 info beside | grep -q 'takes series 1' || fail "info of a folder with a damaged file"
refused 1 'torcht1: no series can be fitted: *' torcht1 fit unlike -o out
refused 1 'torcht1: no series can be fitted: *own/more.dcm is damaged or cut short*' torcht1 fit own -o out --sign magnitude
torcht1 info own | grep -q 'more.dcm' || fail "info of a series with a damaged file"
refused 1 'torcht1: unknown/short.dcm is damaged or cut short*' torcht1 fit unknown -o out
refused 1 'torcht1: beside/loc.dcm is damaged or cut short*' torcht1 fit beside/loc.dcm -o out
# Links are followed, once, and not in circles.
mkdir -p store links/deep && cp plain/*.dcm store && ln -s ../../store links/deep/a && ln -s ../store links/b && ln -s .. links/deep/up
mkdir files && for i in plain/*.dcm; do ln -s "../$i" files; done
for folder in links files; do
  torcht1 fit $folder -o maps -q --sign magnitude || fail "$folder"
  cmp plain-maps/T1map.nii.gz maps/T1map.nii.gz || fail "$folder has another map"
  grep -q 'copies of others' maps/fit.json && fail "$folder was read twice"
  rm -r maps
done
