# Files of one folder whose sidecars agree in all settings but one are a series, whatever their names: the folder, or
# one of the files, stands for it. A folder with one series file is that series.
python=$(python_with nibabel numpy) || skip "no python3 with nibabel and numpy"
heart n --size 32
"$python" - <<'PYTHON' || fail "files"
import json, os, nibabel, numpy
image = nibabel.load("n/series.nii.gz")
data, about = numpy.asanyarray(image.dataobj), json.load(open("n/series.json"))
times = about["InversionTime"]
os.makedirs("alone")
nibabel.save(image, "alone/anything.nii.gz")
json.dump(about, open("alone/anything.json", "w"))
def write(folder, name, i, **more):
    os.makedirs(folder, exist_ok=True)
    nibabel.save(nibabel.Nifti1Image(data[..., i], image.affine, image.header), f"{folder}/{name}.nii.gz")
    told = {"InversionTime": times[i], "EchoTime": 0.001, "ImageType": ["ORIGINAL", "PRIMARY", "M"], **more}
    json.dump({k: v for k, v in told.items() if v is not None}, open(f"{folder}/{name}.json", "w"))
order = sorted(range(len(times)), key=lambda i: times[i])
json.dump([times[i] for i in order], open("times.json", "w"))
os.makedirs("sorted")
nibabel.save(nibabel.Nifti1Image(data[..., order], image.affine, image.header), "sorted/s.nii.gz")
json.dump({"InversionTime": [times[i] for i in order]}, open("sorted/s.json", "w"))
for i in range(len(times)):
    write("many", f"{i + 5}_IR_{'abcdefgh'[i]}", i, SeriesNumber=i + 5, AcquisitionTime=f"10:00:0{i}")
    write("mixed", f"m{i}", i); write("mixed", f"m{i}_ph", i, ImageType=["ORIGINAL", "PRIMARY", "P"])
    write("two", f"a{i}", i); write("two", f"b{i}", i, EchoTime=0.1, FlipAngle=10)
    write("grid", f"a{i}", i); write("grid", f"b{i}", i, EchoTime=0.1)
    write("repeats", f"a{i}", i)
    write("damaged", f"a{i}", i)
write("repeats", "again", 3)
nibabel.save(nibabel.Nifti1Image(data[..., 0], image.affine), "many/mask.nii.gz") # without a sidecar: no image of the series
open("damaged/note.json", "w").write("{"); os.link("damaged/a0.nii.gz", "damaged/note.nii.gz")
os.makedirs("scalar"); nibabel.save(image, "scalar/ir.nii.gz"); json.dump({"InversionTime": 0.12}, open("scalar/ir.json", "w"))
os.makedirs("nothing"); nibabel.save(nibabel.Nifti1Image(data[..., 0], image.affine), "nothing/a.nii"); nibabel.save(nibabel.Nifti1Image(data[..., 0], image.affine), "nothing/b.nii")
PYTHON
torcht1 fit sorted/s.nii.gz -o plain -q || fail "one file"
torcht1 fit alone -o alone-maps -q || fail "a folder with one file"
torcht1 fit n/series.nii.gz -o file-maps -q || fail "the file"
cmp file-maps/T1map.nii.gz alone-maps/T1map.nii.gz || fail "a folder with one file is not that file"
for input in many many/8_IR_d.nii.gz mixed mixed/m3.nii.gz two/a1.nii.gz damaged; do
  torcht1 fit $input -o maps >said.txt 2>&1 || fail "$input: $(cat said.txt)"
  cmp plain/T1map.nii.gz maps/T1map.nii.gz || fail "$input has another map"
  grep -q '8 files, whose sidecars agree in all settings but InversionTime' maps/fit.json || fail "$input: not said"
  rm -r maps
done
grep -q 'a file of the folder is left out: damaged/note.json is not valid JSON' said.txt || fail "damage is not said: $(cat said.txt)"
torcht1 info many --json >info.json || fail "info"
grep -q '"n_images": 8' info.json || grep -q '"images": 8' info.json || fail "images: $(head -c 600 info.json)"
refused 1 'torcht1: two is a folder with more than one series (that of a0.nii.gz and that of b0.nii.gz); give the path *' torcht1 fit two -o out
refused 1 'torcht1: grid/a0.nii.gz is one of a series by InversionTime and of another by EchoTime; *' torcht1 fit grid/a0.nii.gz -o out
refused 1 'torcht1: repeats: a3.nii.gz and again.nii.gz have the same InversionTime*' torcht1 fit repeats -o out
refused 1 'torcht1: scalar/ir.nii.gz: ir.json: "InversionTime" is 0.12 for all 8 images: dcm2niix keeps that of the first image only; give the DICOM folder, or --known TI=number,*' \
  torcht1 fit scalar/ir.nii.gz -o out
torcht1 info scalar | grep -q 'whose times have to be given: --known' || fail "info and fit disagree"
refused 1 'torcht1: nothing is a folder without a series: *' torcht1 fit nothing -o out
refused 1 'torcht1: nothing is a folder without a series: *' torcht1 info nothing
# A mask among the files is read alone.
torcht1 fit many -o masked -q --mask many/mask.nii.gz || fail "--mask"
