# Regions of a map and segments of the left ventricle: numbers, files, what is refused.
"$TORCHT1_RINGS" d || fail "rings"
points=17.3,8.6,15,30
run() { torcht1 regions d/native.nii.gz "$@"; }
# A label map: all myocardium. 1210 and 1190 ms in turn, standard deviation 30 ms each.
run --labels d/myocardium.nii.gz --sd d/native_sd.nii.gz --json --csv t.csv >a.json || fail "--labels"
awk -F, 'NR == 1 {n = NF} NF != n {exit 1} END {exit NR != 3}' t.csv || fail "CSV"
column() { awk -F, -v name="$1" -v row="$2" 'NR == 1 {for (i = 1; i <= NF; i++) if ($i == name) c = i} $1 == row {print $c}' t.csv; }
value() { tr -d ' \n' <a.json | sed "s/.*\"group\":\"region\"[^}]*\"$1\":\([^,}]*\).*/\1/"; }
for name in n mean sd median mean_sd; do
  [ -n "$(column $name region)" ] && [ "$(column $name region)" = "$(value $name)" ] || fail "$name: CSV $(column $name region), JSON $(value $name)"
done
awk -v n="$(value n)" -v m="$(value mean)" -v s="$(value mean_sd)" 'BEGIN {e = s - 30 / sqrt(n); exit m < 1199 || m > 1201 || e * e > 1e-8}' || fail "mean or its standard deviation"
run --labels d/blood.nii.gz --reference 1500,50 >table || fail "--reference"
awk '$1 == "1" && NF == 9 {found = 1} END {exit !found}' table || fail "z"
# AHA: six, six and four segments in three slices, each with its name.
run --aha --myocardium d/myocardium.nii.gz --insertion $points --level 0:basal --level 1:mid --level 2:apical \
  --segments s/s.nii.gz --septum s/m.nii.gz --csv t.csv >table || fail "--aha"
[ "$(grep -c '^segment,' t.csv)" -eq 16 ] && grep -q '^segment,14,apical septal,ms' t.csv || fail "16 segments"
grep -q '^mid_septum,,' t.csv && grep -q '^all,,' t.csv && grep -q '^mid-septum ' table || fail "mid-septum"
# From a file, and against the label map that was written: the same numbers.
printf '# three slices\nslice,level,anterior_i,anterior_j,inferior_i,inferior_j\n0,basal,%s\n1,mid,%s\n2 apical 17.3 8.6 15 30\n' $points $points >slices.csv
run --aha --myocardium d/myocardium.nii.gz --insertion slices.csv --csv u.csv >/dev/null || fail "a file of slices"
cmp t.csv u.csv || fail "file and options differ"
run --labels s/s.nii.gz --csv u.csv >/dev/null || fail "segments as labels"
cut -d, -f 2,4- t.csv | sed -n '3,18p' >a; cut -d, -f 2,4- u.csv | sed -n '3,18p' >b
cmp a b || fail "the label map has other numbers"
torcht1 regions d/native.nii.gz --labels s/m.nii.gz >/dev/null || fail "the septum cannot be read"
# A slice may be left out.
run --aha --myocardium d/myocardium.nii.gz --insertion $points --level mid --level 2:none --csv t.csv >/dev/null || fail "none"
[ "$(grep -c '^segment,' t.csv)" -eq 6 ] || fail "six segments"
# Hostile inputs.
aha() { refused "$1" "$2" torcht1 regions d/native.nii.gz --aha --myocardium "${@:3}"; }
aha 1 "torcht1: d/gap.nii.gz: the myocardium of slice 0 is no closed ring*" d/gap.nii.gz --insertion $points --level mid
aha 1 "torcht1: d/blood.nii.gz: the myocardium of slice 0 is no closed ring*" d/blood.nii.gz --insertion $points --level mid
aha 1 "*insertion points of slice 0 are 178 degrees apart*" d/myocardium.nii.gz --insertion 22,0,22,39 --level mid
aha 1 "*the inferior insertion point of slice 0, 99,30, lies outside*" d/myocardium.nii.gz --insertion 17,8,99,30 --level mid
aha 1 "*slice 0 holds myocardium, but nothing tells its level*" d/myocardium.nii.gz --insertion $points
aha 1 "*slice 0 holds myocardium, but nothing tells its insertion points*" d/myocardium.nii.gz --level mid
aha 1 "torcht1: slice 3 is described, *" d/myocardium.nii.gz --insertion $points --level 3:mid
aha 2 "torcht1: --insertion takes the voxel coordinates*" d/myocardium.nii.gz --insertion 1,2,3 --level mid
aha 2 "torcht1: --insertion takes I,J,I,J or a file*" d/myocardium.nii.gz --insertion none.csv --level mid
aha 2 "torcht1: --level takes one of none, basal, mid, apical, not 'apex'" d/myocardium.nii.gz --level apex
for line in "0,basal,1,2,3" "0,apex,1,2,3,4" "x,basal,1,2,3,4" "-1,mid,1,2,3,4" "0,mid,1,2,3,4,5"; do
  echo "$line" >bad.csv
  aha 2 "torcht1: bad.csv: line 1 is *" d/myocardium.nii.gz --insertion bad.csv
done
run --aha --myocardium d/myocardium.nii.gz --insertion nan,1,2,3 --level mid 2>said && fail "NaN"
refused 2 "torcht1: regions are missing*" torcht1 regions d/native.nii.gz
refused 2 "torcht1: --aha and --labels exclude each other" torcht1 regions d/native.nii.gz --aha --labels x
refused 2 "torcht1: --aha needs --myocardium FILE" torcht1 regions d/native.nii.gz --aha
refused 2 "torcht1: --reference takes a mean*" torcht1 regions d/native.nii.gz --labels x --reference 1,0
refused 2 "torcht1: --reference takes two numbers*" torcht1 regions d/native.nii.gz --labels x --reference 1
refused 2 "torcht1: --segments takes a name*" torcht1 regions d/native.nii.gz --aha --segments x.png
refused 1 "torcht1: d/native.nii.gz: voxel * labels are whole numbers" torcht1 regions d/native.nii.gz --labels d/native.nii.gz
refused 1 "torcht1: d/myocardium.nii.gz does not tell its unit*" torcht1 regions d/myocardium.nii.gz --labels d/blood.nii.gz --reference 1,1
heart s2 --size 48
refused 1 "torcht1: s2/labels.nii.gz: the label map is 48 x 48 x 1 voxels, the map is 48 x 40 x 3" torcht1 regions d/native.nii.gz --labels s2/labels.nii.gz
# Standard deviations that tell no unit are taken in that of the map, unless their size speaks against it.
refused 1 "torcht1: d/ms_sd.nii.gz does not tell its unit, and its median is 30 where that of d/native.nii.gz is 1.* s: another unit is suspected; write it into a sidecar, as *" torcht1 regions d/native.nii.gz --labels d/myocardium.nii.gz --sd d/ms_sd.nii.gz
torcht1 regions d/ms.nii.gz --unit ms --labels d/myocardium.nii.gz --sd d/ms_sd.nii.gz >/dev/null || fail "--sd in ms"
cp d/ms_sd.nii.gz told.nii.gz
if echo '{"Units": "s"}' >told.json && torcht1 regions d/native.nii.gz --labels d/myocardium.nii.gz --sd told.nii.gz >/dev/null 2>said; then
  echo '{"Units": "ms"}' >told.json
  refused 1 "torcht1: d/native.nii.gz is in s, told.nii.gz in ms" torcht1 regions d/native.nii.gz --labels d/myocardium.nii.gz --sd told.nii.gz
else
  grep -q 'no jansson' said || fail "a unit that is told: $(cat said)"
fi
