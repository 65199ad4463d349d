# Two maps: what is printed, what is written, what is refused.
heart s --size 64
torcht1 fit s/series.nii.gz -o m -q --mask s/labels.nii.gz || fail "fit"
truth=s/truth_T1map.nii.gz
torcht1 compare m/T1map.nii.gz $truth --labels s/labels.nii.gz >table || fail "compare"
grep -q '^unit  *ms$' table || fail "no unit"
grep -q '^bias ' table && grep -q '^concordance ' table && grep -q '^region means ' table || fail "table"
awk '$1 == "4" && ($7 > 20 || $7 < -20) {exit 1}' table || fail "the median of myocardium is off"
# JSON, CSV, figures, difference: all numbers, valid files.
torcht1 compare m/T1map.nii.gz $truth --labels s/labels.nii.gz --json --csv t.csv --difference d/d.nii.gz \
  --names fit,truth >a.json || fail "--json"
awk -F, 'NR == 1 {n = NF} NF != n {exit 1} END {exit NR < 15}' t.csv || fail "CSV is not rectangular"
value() { tr -d ' \n' <a.json | sed "s/.*\"all\":{[^}]*\"$1\":\([^,}]*\).*/\1/"; }
column() { awk -F, -v name="$1" 'NR == 1 {for (i = 1; i <= NF; i++) if ($i == name) c = i} $1 == "all" {print $c}' t.csv; }
for name in n difference_mean upper_limit_to slope_p concordance_from; do
  [ -n "$(column $name)" ] && [ "$(column $name)" = "$(value $name)" ] || fail "$name: CSV $(column $name), JSON $(value $name)"
done
# The difference map is in seconds: its mean is the bias.
torcht1 compare d/d.nii.gz $truth --json --bands none --keep-zeros >b.json || fail "the difference map cannot be read"
tr -d ' \n' <b.json | grep -q '"a":{[^}]*"unit":"s"' || fail "the unit of the difference map"
[ "$(tr -d ' \n' <b.json | sed 's/.*"a_mean":\([^,]*\).*/\1/' | cut -c 1-5)" = "$(value difference_mean | cut -c 1-5)" ] || fail "the difference map"
if torcht1 compare m/T1map.nii.gz $truth --figure f.png --figure f.svg >said 2>&1; then
  torcht1 compare m/T1map.nii.gz $truth --figure g.png --figure g.svg >/dev/null || fail "twice"
  cmp f.png g.png && cmp f.svg g.svg || fail "two runs draw two figures"
  for i in 1 2; do
    torcht1 compare m/T1map.nii.gz $truth --maps m$i.png --maps m$i.pdf --figure f$i.pdf >/dev/null || fail "maps"
  done
  cmp m1.png m2.png && cmp m1.pdf m2.pdf && cmp f1.pdf f2.pdf || fail "two runs draw two pages"
  head -c 4 m1.pdf | grep -q '%PDF' || fail "no PDF"
  head -c 4 f.png | grep -q PNG && grep -q '<svg' f.svg && tail -c 8 f.svg | grep -q '</svg>' || fail "figures"
else
  grep -q cairo said || fail "figure: $(cat said)"
fi
# Paired scans; every file that is written is listed; a box.
grep -q '^ICC(1,1) ' table && grep -q '^coefficient ' table && grep -q '^CV within, % ' table || fail "repeatability"
torcht1 compare m/T1map.nii.gz $truth --csv l.csv --difference l.nii.gz >table || fail "files"
torcht1 compare m/T1map.nii.gz $truth --csv l.csv --difference l.nii.gz --figure l.png --maps l.pdf >drawn 2>/dev/null && mv drawn table
[ "$(grep -c '^written ' table)" -eq "$(ls l.* | wc -l)" ] || fail "files that are not listed: $(ls l.*; cat table)"
torcht1 compare $truth $truth --box 20,25,30,40 --keep-zeros --json | tr -d ' \n' | grep -q '"n_offered":176,' || fail "--box"
torcht1 compare $truth $truth --box 30,40,20,25 --keep-zeros --json | tr -d ' \n' | grep -q '"n_offered":176,' || fail "--box, turned"
refused 1 "torcht1: the box 0,64,0,3 does not lie in $truth, whose columns are 0 to 63 and rows 0 to 63" torcht1 compare $truth $truth --box 0,0,64,3
refused 2 "torcht1: --box takes four whole numbers*not '1,2,3'" torcht1 compare a b --box 1,2,3
# Equal maps, a mask, a range, bands.
torcht1 compare $truth $truth --json | tr -d ' \n' | grep -q '"concordance":1,' || fail "equal maps"
torcht1 compare m/T1map.nii.gz $truth --mask s/labels.nii.gz --bands 0,1000 --band-by reference >table || fail "--mask --bands"
grep -q '^from 1000' table && grep -q '^band of B' table || fail "--bands"
torcht1 compare m/T1map.nii.gz $truth --bands none --reference-range 1100,1300 >table || fail "--reference-range"
grep -q '^band' table && fail "--bands none"
awk '$1 == "least" && $3 < 1100 {exit 1}' table || fail "--reference-range"
# Units: ms against s, and what cannot be told.
torcht1 compare m/T1map.nii.gz $truth --unit ms,ms --bands none >table && grep -q '(in ms, given)' table || fail "--unit"
refused 1 "torcht1: m/k.nii.gz is in 1, s/truth_T1map.nii.gz in s;*" torcht1 compare m/k.nii.gz $truth
torcht1 compare m/k.nii.gz m/k.nii.gz >table && grep -q '^unit  *1$' table || fail "a map without unit"
# Hostile inputs.
heart other --size 48
refused 1 "torcht1: other/truth_T1map.nii.gz: the map is 48 x 48 x 1 voxels, the other is 64 x 64 x 1; --resample moves it there" torcht1 compare $truth other/truth_T1map.nii.gz
refused 1 "torcht1: s/series.nii.gz: the map has 8 images, one is expected" torcht1 compare s/series.nii.gz $truth
refused 1 "torcht1: s/series.nii.gz: image 9 of the map is wanted, it has 8" torcht1 compare s/series.nii.gz $truth --image 9,1
torcht1 compare s/series.nii.gz s/series.nii.gz --image 1,8 >table && ! grep -q '^RMS .* 0\.0*$' table || fail "--image"
refused 1 "torcht1: *none.nii*" torcht1 compare $truth none.nii
refused 1 "torcht1: m/T1map.nii.gz: voxel * labels are whole numbers" torcht1 compare $truth $truth --labels m/T1map.nii.gz
refused 1 "torcht1: no voxel is valid in both *" torcht1 compare $truth $truth --reference-range 9000,9001
head -c 300 $truth >cut.nii.gz
refused 1 "torcht1: *cut.nii.gz*" torcht1 compare cut.nii.gz $truth
refused 1 "torcht1: *" torcht1 compare $truth $truth --csv no/such/t.csv
refused 2 "torcht1: two maps are expected, A and the reference B; 1 given" torcht1 compare $truth
refused 2 "torcht1: --figure takes a name that ends in .png, .svg or .pdf, not 'f.jpeg'" torcht1 compare a b --figure f.jpeg
refused 2 "torcht1: --maps takes a name that ends in .png, .svg or .pdf, not 'f'" torcht1 compare a b --maps f
refused 2 "torcht1: --difference takes a name*" torcht1 compare a b --difference d.png
for list in 3,2 a 1, 1,,2 nan 1,inf; do
  refused 2 "torcht1: --bands takes at most *" torcht1 compare a b --bands $list
done
for range in 1 2,1 a,b 1,2,3 1,nan; do
  refused 2 "torcht1: --reference-range takes two numbers*" torcht1 compare a b --reference-range $range
done
refused 2 "torcht1: --names takes two words*" torcht1 compare a b --names x
refused 2 "torcht1: --band-by takes one of mean, reference, not 'x'" torcht1 compare a b --band-by x
# Maps that lie elsewhere: a shifted sform (srow_x[3], 4 bytes at 292 of the header).
gzip -dc $truth >moved.nii
before=$(od -An -tf4 -j 292 -N 4 moved.nii)
printf '\000\000\310\102' | dd of=moved.nii bs=1 seek=292 conv=notrunc 2>/dev/null # 100 mm
refused 1 "torcht1: moved.nii lies elsewhere in space than *" torcht1 compare $truth moved.nii
torcht1 compare $truth moved.nii --ignore-position >table && grep -q '^position ' table || fail "--ignore-position ($before)"
