# Several INPUTs are one series: NIfTI files in the order given, DICOM files and folders.
python=$(python_with nibabel numpy) || skip "no python3 with nibabel and numpy"
heart n --size 32
"$python" - <<'PYTHON' || fail "files"
import json, os, nibabel, numpy
image = nibabel.load("n/series.nii.gz")
data, times = numpy.asanyarray(image.dataobj), json.load(open("n/series.json"))["InversionTime"]
def write(name, array, **told):
    os.makedirs(os.path.dirname(name), exist_ok=True)
    nibabel.save(nibabel.Nifti1Image(array, image.affine, image.header), name + ".nii.gz")
    if told: json.dump(told, open(name + ".json", "w"))
for i, t in enumerate(times):
    write(f"told/{i + 5}", data[..., i], InversionTime=t, EchoTime=0.001)
    write(f"apart/{i}/image", data[..., i], InversionTime=t)       # each in a folder of its own
    write(f"bare/{'hgfedcba'[i]}", data[..., i])                   # no sidecars: the order given counts
    write(f"both/{i}", data[..., i], InversionTime=t, RepetitionTime=5 + i) # two settings differ
    write(f"parts/{i}_ph", (numpy.pi * (data[..., i] > 100)).astype(numpy.float32), InversionTime=t, Units="rad")
    write(f"parts/{i}", data[..., i], InversionTime=t)
write("odd/a", data[..., 0], InversionTime=9); write("odd/real", data[..., 0], InversionTime=8, ImageType=["REAL"])
write("odd/small", data[:20, :, :, 0], InversionTime=7)
open("times", "w").write(",".join(map(str, times)))
PYTHON
torcht1 fit n/series.nii.gz -o plain -q || fail "one file"
same() { cmp plain/T1map.nii.gz maps/T1map.nii.gz || fail "$1 has another map"; rm -r maps; }
fit() { torcht1 fit "$@" -o maps >said.txt 2>&1 || fail "$*: $(cat said.txt)"; }
has() { tr -s ' \n' ' ' <said.txt | grep -q "$1" || fail "'$1' is not said: $(cat said.txt)"; }
fit told/{5,6,7,8,9,10,11,12}.nii.gz
has '8 files are taken for a series, in the order given; their sidecars differ in InversionTime'
same told
fit apart/*/image.nii.gz && same apart
fit bare/{h,g,f,e,d,c,b,a}.nii.gz --known TI="$(cat times)" && has 'no sidecar says what differs' && same bare
fit both/*.nii.gz --model molli && has 'differ in InversionTime, RepetitionTime' && same both
fit parts/*.nii.gz --sign magnitude && has 'phase is in rad' && same parts
torcht1 info told/*.nii.gz >said.txt || fail "info"
has '^told/10.nii.gz and 7 more: 1 series'
torcht1 info told/*.nii.gz --json >said.txt && has '"images": 8' || fail "info --json"
torcht1 fit told/5.nii.gz told/6.nii.gz told/7.nii.gz -o maps -q || fail "a part of the series"
rm -r maps
bad() { refused 1 "torcht1: $1" torcht1 fit -o out "${@:2}"; refused 1 "torcht1: $1" torcht1 info "${@:2}"; }
bad 'told/5.nii.gz and told/5.nii.gz have the same settings in their sidecars; *' told/5.nii.gz told/6.nii.gz told/5.nii.gz
bad 'n/series.nii.gz holds 8 images; each of the files that make a series holds one' told/5.nii.gz n/series.nii.gz
bad 'odd/small.nii.gz has 20 x 32 x 1 voxels, *' told/5.nii.gz odd/small.nii.gz
bad 'odd/real.nii.gz holds real or imaginary parts and told/5.nii.gz does not; *' told/5.nii.gz odd/real.nii.gz
bad 'parts/0_ph.nii.gz is one of 1 files of phases, beside 2 of magnitudes; *' parts/0.nii.gz parts/1.nii.gz parts/0_ph.nii.gz
bad 'nowhere.nii cannot be read: *' told/5.nii.gz nowhere.nii
refused 1 'torcht1: bare/a.nii.gz*TI*' torcht1 fit bare/a.nii.gz bare/b.nii.gz bare/c.nii.gz bare/d.nii.gz -o out
dicom_heart d --slices 1
torcht1 fit d/magnitude -o plain -q || fail "DICOM"
fit d/magnitude/*.dcm && same "all DICOM files"
mkdir half && mv d/magnitude/000[1-4].dcm half
fit half d/magnitude && same "two DICOM folders"
fit half/*.dcm d/magnitude && same "DICOM files and a folder"
torcht1 info half/0001.dcm half/0002.dcm half/0003.dcm | grep -q ' 3  ' || fail "files stand for themselves"
bad 'told/5.nii.gz is NIfTI and half is not; *' half told/5.nii.gz
bad 'told and 1 more hold no DICOM image; *' told bare
