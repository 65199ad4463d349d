# Choosing always works: by number, row, kind, UID or text, and a refusal names the option that would do. Times that
# DICOM lacks are given by --known; real and imaginary parts are put together as magnitude and phase are.
python=$(python_with pydicom numpy) || skip "no python3 with pydicom and numpy"
dicom_heart s --size 32
"$python" - <<'PYTHON' || fail "files"
import copy, glob, os, numpy, pydicom
magnitudes = sorted(glob.glob("s/magnitude/*.dcm")); phases = sorted(glob.glob("s/phase/*.dcm"))
def write(d, folder, name, **changes):
    d = copy.deepcopy(d)
    os.makedirs(folder, exist_ok=True)
    for key, value in changes.items():
        if value is None: d.pop(key, None)
        else: setattr(d, key, value)
    d.file_meta.MediaStorageSOPInstanceUID = d.SOPInstanceUID = pydicom.uid.generate_uid()
    d.save_as(f"{folder}/{name}.dcm")
    return d
for i, path in enumerate(magnitudes):
    d, p = pydicom.dcmread(path), pydicom.dcmread(phases[i])
    write(d, "plain", i)
    angle = (p.pixel_array * float(p.RescaleSlope) + float(p.RescaleIntercept)) * numpy.pi / 4096
    for kind, values in (("R", d.pixel_array * numpy.cos(angle)), ("I", d.pixel_array * numpy.sin(angle))):
        e = copy.deepcopy(d)
        e.PixelData = numpy.round(values).astype("<i2").tobytes()
        e.PixelRepresentation = 1
        for key in ("SmallestImagePixelValue", "LargestImagePixelValue"): e.pop(key, None)
        types = list(d.ImageType); types[2] = kind
        write(e, "complex", f"{kind}{i}", ImageType=types, RescaleType="US")
        write(e, "apart", f"{kind}{i}", ImageType=types, SeriesNumber=4 + (kind == "I"), SeriesInstanceUID="2.25.4" + kind.replace("R", "1").replace("I", "2"))
        if kind == "R":
            write(e, "pair", f"R{i}", ImageType=types)
            write(d, "pair", f"M{i}")
    write(d, "untimed", i, InversionTime=None, ImageComments=None)
    write(d, "zeros", i, InversionTime=0, ImageComments=None)
    write(d, "two_untimed", i, InversionTime=None, ImageComments=None)
    if i < 3: write(d, "two_untimed", f"loc{i}", InversionTime=None, ImageComments=None, SeriesNumber=9, SeriesInstanceUID="2.25.9", SeriesDescription="localizer")
PYTHON
torcht1 fit plain -o plain-maps -q --sign magnitude || fail "plain"
# Of one scan the magnitudes are taken, unless the real parts are asked for.
torcht1 fit pair -o unasked --sign magnitude >said.txt || fail "a pair"
cmp plain-maps/T1map.nii.gz unasked/T1map.nii.gz || fail "not the magnitudes"
grep -q 'the magnitudes are taken, not the real parts (--series=#2)' said.txt unasked/fit.json || fail "not said: $(cat said.txt)"
for by in '#1' magnitude 1:magnitude; do
  torcht1 fit pair -o "pair-maps" -q --sign magnitude --series "$by" || fail "--series $by"
  cmp plain-maps/T1map.nii.gz pair-maps/T1map.nii.gz || fail "--series $by took another"
  rm -r pair-maps
done
for by in '#2' real 1:real; do
  torcht1 fit pair -o "real-$by" -q --series "$by" || fail "--series $by"
done
cmp "real-#2/T1map.nii.gz" real-real/T1map.nii.gz && cmp real-real/T1map.nii.gz real-1:real/T1map.nii.gz || fail "three names, three maps"
cmp -s real-real/T1map.nii.gz plain-maps/T1map.nii.gz && fail "real parts were not taken"
refused 1 'torcht1: no series is called "#3"; --series takes *' torcht1 fit pair -o out --series '#3'
refused 1 'torcht1: no series is called "1:phase"; --series takes *' torcht1 fit pair -o out --series 1:phase

# Real and imaginary parts, under one UID or two, are magnitude and phase again, but for rounding.
torcht1 fit s -o polar -q || fail "magnitude and phase"
for folder in complex apart; do
  torcht1 info $folder --json >info.json || fail "info $folder"
  grep -q 'computed from its real parts and the imaginary ones' info.json || fail "not said: $folder"
  grep -q 'holds the imaginary part of series' info.json || fail "no partner: $folder"
  torcht1 fit $folder -o $folder-maps -q || fail "fit $folder"
  torcht1 compare $folder-maps/T1map.nii.gz polar/T1map.nii.gz --mask s/labels.nii.gz --json >said.json || fail "compare"
  "$python" - <<'PYTHON' || fail "$folder has another map"
import json
said = json.load(open("said.json"))["all"]
assert abs(said["difference_median"]) < 0.1 and max(abs(said[f"difference_{q}_quartile"]) for q in ("lower", "upper")) < 1
PYTHON
done

# Times that are given, where DICOM has none or zeros; a series of another number of images is not meant.
refused 1 'torcht1: no series can be fitted: *no time varies over its 8 images; --known gives them, as TI=number,... with 8 numbers in s' torcht1 fit untimed -o out
for folder in untimed zeros two_untimed; do
  torcht1 fit $folder -o $folder-maps --sign magnitude --known TI=0.12,1.12,2.12,3.12,4.12,0.2,1.2,2.2 >said.txt 2>&1 || fail "$folder: $(cat said.txt)"
  cmp plain-maps/T1map.nii.gz $folder-maps/T1map.nii.gz || fail "$folder: another map"
  grep -q 'read because its times are given' said.txt $folder-maps/fit.json || fail "$folder: not said"
done
refused 1 'torcht1: no series can be fitted: *' torcht1 fit untimed -o out --known TI=0.12,1.12,2.12
