# A zip archive of DICOM files is read as the folder it was made of, with any number of threads.
dicom_heart s --size 32 --slices 2
python=$(python_with zipfile) || skip "no python3"
rm s/*.nii.gz s/simulation.json s/slices.csv
echo text >s/readme.txt
"$python" - <<'PYTHON'
import os, zipfile
for name, method in (("one.zip", zipfile.ZIP_DEFLATED), ("stored.zip", zipfile.ZIP_STORED)):
    with zipfile.ZipFile(name, "w", method) as archive:
        for folder, _, names in os.walk("s"):
            for n in names: archive.write(os.path.join(folder, n), os.path.join("1000_20214_2_0", folder, n))
with zipfile.ZipFile("outer.zip", "w") as archive: archive.write("one.zip")
with zipfile.ZipFile("nothing.zip", "w") as archive: archive.write("s/readme.txt")
PYTHON
torcht1 fit s -o folder -q --threads 1 || fail "fit of the folder"
for threads in 1 2 5; do
  torcht1 info one.zip --threads $threads >text$threads.txt || fail "info"
  torcht1 fit one.zip -o zip -q --threads $threads || fail "fit of the archive"
  cmp folder/T1map.nii.gz zip/T1map.nii.gz && cmp text1.txt text$threads.txt || fail "$threads threads give something else"
  rm -r zip
done
grep -q '^one.zip: 2 series, 32 files; 1 other left out$' text1.txt || fail "$(head -n 1 text1.txt)"
torcht1 fit stored.zip -o stored -q --dicom || fail "stored members"
cmp folder/T1map.nii.gz stored/T1map.nii.gz || fail "stored members give something else"
grep -q '"file": "stored.zip/1000_20214_2_0/s/magnitude/0001.dcm"' stored/fit.json || fail "fit.json does not name the members"
[ -z "$(find . -name '1000_20214*')" ] || fail "something was unpacked"
# Beside images archives are left alone, and that is said; alone they are asked for by name.
mkdir with && cp -r s with && cp one.zip stored.zip with
torcht1 info with | grep -q '^with: 2 series, 32 files; 3 others left out, 2 of them zip archives$' || fail "info of a folder with archives"
mkdir only && cp one.zip only
refused 1 "torcht1: only holds no MR image beside 1 zip archive, which is read only where given by name" torcht1 fit only -o out
refused 1 "torcht1: outer.zip/one.zip is an archive within an archive, which is not opened; unpack outer.zip" torcht1 fit outer.zip -o out
refused 1 "torcht1: nothing.zip holds no MR image" torcht1 fit nothing.zip -o out
head -c 5000 one.zip >cut.zip
refused 1 "torcht1: cut.zip is damaged or no archive: it has no zip directory" torcht1 fit cut.zip -o out
# The first damaged file in the order of the paths is named, whatever the threads do.
cp s/magnitude/0003.dcm short.dcm && truncate -s 1500 short.dcm
for i in 04 07 11; do cp short.dcm "s/magnitude/00$i.dcm"; done
for threads in 1 2 3 8; do
  refused 1 "torcht1: no series can be fitted: *: s/magnitude/0004.dcm is damaged or cut short*" torcht1 fit s -o out --threads $threads
done
