# Regions of a map and segments of the left ventricle: numbers, files, what is refused.
"$TORCHT1_RINGS" d || fail "rings"
points=15,30,17.3,8.6
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
# A bull's-eye, with and without SDs and a reference; it is listed.
if torcht1 regions d/native.nii.gz --aha --myocardium d/myocardium.nii.gz --insertion $points --level mid --bullseye b.svg --title "Native T1" --reference 1200,30 >table 2>said; then
  grep -q '^written  b.svg$' table && grep -q '<svg' b.svg && [ "$(wc -c <b.svg)" -gt 10000 ] || fail "--bullseye"
else
  grep -q cairo said || fail "--bullseye: $(cat said)"
fi
refused 2 "torcht1: --bullseye takes a name that ends in .png, .svg or .pdf, not 'b.gif'" torcht1 regions d/native.nii.gz --bullseye b.gif
refused 2 "torcht1: --myocardium, *--bullseye go with --aha" torcht1 regions d/native.nii.gz --labels x --bullseye b.png
# From a file, and against the label map that was written: the same numbers.
printf '# three slices\nslice,level,anterior_i,anterior_j,inferior_i,inferior_j\n0,basal,%s\n1,mid,%s\n2 apical 15 30 17.3 8.6\n' $points $points >slices.csv
run --aha --myocardium d/myocardium.nii.gz --insertion slices.csv --csv u.csv >/dev/null || fail "a file of slices"
cmp t.csv u.csv || fail "file and options differ"
run --labels s/s.nii.gz --csv u.csv >/dev/null || fail "segments as labels"
cut -d, -f 2,6,10-19 t.csv | sed -n '3,18p' >a; cut -d, -f 2,6,10-19 u.csv | sed -n '3,18p' >b
[ "$(wc -l <a)" -eq 16 ] && cmp a b || fail "the label map has other numbers"
# Margins: none, as they are by default, and half the wall; what is left out is counted.
margin() { run --aha --myocardium d/myocardium.nii.gz --insertion $points --level mid --csv t.csv "$@" >table || fail "margin $*"; column margin all; }
n() { column n all; }
none=$(margin --margin 0); all=$(n); [ "$none" -eq 0 ] || fail "--margin 0"
some=$(margin); [ "$some" -gt 0 ] && [ $((some + $(n))) -eq "$all" ] || fail "default margin: $some"
grep -q "^margins  *10 % of the wall inside, 10 % outside: $some voxels left out" table || fail "the margin is not said"
more=$(margin --margin 0.4,0.2); [ "$more" -gt "$some" ] && [ $((more + $(n))) -eq "$all" ] || fail "--margin 0.4,0.2: $more"
refused 2 "torcht1: --margin takes a number from 0 to 0.45*" torcht1 regions d/native.nii.gz --aha --myocardium d/myocardium.nii.gz --insertion $points --level mid --margin 0.5
# What is too unsure is left out: 30 ms of 1200 are 2.5 %.
limit() { run --labels d/myocardium.nii.gz --sd d/native_sd.nii.gz --csv t.csv "$@" >table 2>said || fail "limit $*"; column uncertain all; }
[ "$(limit)" -eq 0 ] && [ ! -s said ] || fail "default limit"
unsure=$(limit --sd-limit 0.025) && [ "$unsure" -gt 0 ] && grep -q "left out; --sd-limit sets that share" said || fail "--sd-limit: $unsure"
[ "$(limit --sd-limit 0)" -eq 0 ] || fail "--sd-limit 0"
torcht1 regions d/native.nii.gz --labels s/m.nii.gz >/dev/null || fail "the septum cannot be read"
# A slice may be left out.
run --aha --myocardium d/myocardium.nii.gz --insertion $points --level mid --level 2:none --csv t.csv >/dev/null || fail "none"
[ "$(grep -c '^segment,' t.csv)" -eq 6 ] || fail "six segments"
# Hostile inputs.
aha() { refused "$1" "$2" torcht1 regions d/native.nii.gz --aha --myocardium "${@:3}"; }
aha 1 "torcht1: d/gap.nii.gz: the myocardium of slice 0 is no closed ring*" d/gap.nii.gz --insertion $points --level mid
aha 1 "torcht1: d/blood.nii.gz: the myocardium of slice 0 is no closed ring*" d/blood.nii.gz --insertion $points --level mid
aha 1 "*insertion points of slice 0 are 177 degrees apart*" d/myocardium.nii.gz --insertion 22,33,22,6 --level mid
aha 1 "*the inferior insertion point of slice 0, 99,8, lies outside*" d/myocardium.nii.gz --insertion 15,30,99,8 --level mid
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
# One label of several, by number or by the name that a table beside the file has; never several as one.
cp s/s.nii.gz l_dseg.nii.gz
printf 'index\tname\n7\tfront\n8\tseptum\n9\tseptum\n' >l_dseg.tsv
of() { run --labels d/myocardium.nii.gz --mask "$1" --csv t.csv >/dev/null && column n all; }
seven=$(of l_dseg.nii.gz:7) && [ "$seven" -gt 0 ] && [ "$(of l_dseg.nii.gz:front)" = "$seven" ] || fail "a label by name"
[ "$(of l_dseg.nii.gz:8+9)" = "$(of l_dseg.nii.gz:septum)" ] && [ "$(of l_dseg.nii.gz:any)" = "$(of l_dseg.nii.gz)" ] || fail "several labels"
refused 1 "torcht1: l_dseg.tsv has no label 'blood', but front, septum, septum" torcht1 regions d/native.nii.gz --labels l_dseg.nii.gz:blood
refused 1 "torcht1: d/blood.nii.gz:blood: no table tells which label 'blood' is*" torcht1 regions d/native.nii.gz --labels d/blood.nii.gz:blood
refused 1 "torcht1: l_dseg.nii.gz: no voxel has the label that is named (99)" torcht1 regions d/native.nii.gz --labels l_dseg.nii.gz:99
refused 1 "torcht1: l_dseg.nii.gz:: a number or a name of a label is expected*" torcht1 regions d/native.nii.gz --labels l_dseg.nii.gz:
refused 1 "torcht1: no.nii.gz*" torcht1 regions d/native.nii.gz --labels no.nii.gz:5
aha 1 "torcht1: l_dseg.nii.gz: the myocardium is one thing, but the file holds several labels (*" l_dseg.nii.gz --insertion $points --level mid
printf 'index,name\n' >l_dseg.tsv
refused 1 "torcht1: l_dseg.tsv: line 1 names no columns index and name*" torcht1 regions d/native.nii.gz --labels l_dseg.nii.gz:front
# Points of the wrong image, exchanged ones, and those in mm.
aha 1 "torcht1: the anterior insertion point of slice 0 lies * mm from the ring of d/myocardium.nii.gz, at most 10 are expected: *--points-of*" d/myocardium.nii.gz --insertion 2,2,3,30 --level mid
run --aha --myocardium d/myocardium.nii.gz --insertion $points --level mid --csv t.csv >/dev/null 2>said && [ ! -s said ] || fail "points that are right: $(cat said)"
run --aha --myocardium d/myocardium.nii.gz --insertion 17.3,8.6,15,30 --level mid --csv u.csv >/dev/null 2>said && cmp t.csv u.csv || fail "exchanged points"
grep -q '^torcht1: in 3 of 3 slices the anterior insertion point lies behind and below the inferior one, *' said || fail "not said: $(cat said)"
printf 'level,anterior_x,anterior_y,anterior_z,inferior_x,inferior_y,inferior_z\n' >mm.csv
for k in 0 1 2; do echo "mid,7.5,25,$((8 * k)),4.05,-7.1,$((8 * k))" >>mm.csv; done
run --aha --myocardium d/myocardium.nii.gz --insertion mm.csv --csv u.csv >/dev/null || fail "points in mm"
cmp t.csv u.csv || fail "points in mm and in voxels"
run --aha --myocardium d/myocardium.nii.gz --insertion $points --level mid --points-of d/native_fine.nii.gz 2>said && fail "points of another grid"
run --aha --myocardium d/myocardium.nii.gz --insertion 30.5,60.5,35.1,17.7 --level mid --points-of d/native_fine.nii.gz --csv u.csv >/dev/null 2>&1 || fail "--points-of"
cmp t.csv u.csv || fail "points counted in another image"
# The same from DICOM and from NIfTI, whose rows run the other way: 1, 2, 3 and 9 slices.
for n in 1 2 3 9; do
  torcht1 simulate heart -o h$n -q --physics equation --size 48 --slices $n --format both 2>said || { grep -q 'without DCMTK' said && break; fail "simulate: $(cat said)"; }
  torcht1 fit h$n/magnitude -o f$n -q --sign magnitude 2>said && torcht1 fit h$n/series.nii.gz -o g$n -q || fail "fit: $(cat said)"
  for m in f g; do
    torcht1 regions $m$n/T1map.nii.gz --aha --myocardium h$n/myocardium.nii.gz --insertion h$n/slices.csv --segments $m$n.nii.gz --csv $m$n.csv >table 2>said || fail "$m$n: $(cat said)"
    [ ! -s said ] && grep -q '^assumed  *insertion points and slices are counted, from 0, in the voxels of h' table || fail "$m$n: $(cat said)"
  done
  [ "$(cut -d, -f 1-3,5-6 f$n.csv)" = "$(cut -d, -f 1-3,5-6 g$n.csv)" ] || fail "$n slices: other segments"
  for segment in $(awk -F, '$1 == "segment" {print $2}' f$n.csv); do
    "$TORCHT1_WORLD" g$n.nii.gz f$n.nii.gz f$n.nii.gz "$segment" 0 1 >&2 || fail "$n slices: segment $segment lies elsewhere"
  done
done
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
# Labels by number and by name in fit and compare, too.
heart l --size 48
printf 'index\tname\n1\tmyocardium\n2\tliver\n' >l/labels.tsv
torcht1 fit l/series.nii.gz -o l1 -q --mask l/labels.nii.gz:1 && torcht1 fit l/series.nii.gz -o l2 -q --mask l/labels.nii.gz:myocardium || fail "fit --mask FILE:LABEL"
cmp l1/T1map.nii.gz l2/T1map.nii.gz || fail "fit by number and by name"
torcht1 regions l1/T1map.nii.gz --labels l/labels.nii.gz --csv t.csv >/dev/null || fail "regions of a masked map"
awk -F, '$1 == "region" && $2 == 1 && $6 > 0 {good++} $1 == "region" && $2 != 1 && $6 > 0 {bad++} END {exit good != 1 || bad}' t.csv || fail "the mask holds other labels"
refused 1 "torcht1: l/labels.tsv has no label 'blood', but myocardium, liver" torcht1 fit l/series.nii.gz -o out -q --mask l/labels.nii.gz:blood
torcht1 compare l1/T1map.nii.gz l/truth_T1map.nii.gz --mask l/labels.nii.gz:1 --json >u.json && torcht1 compare l1/T1map.nii.gz l/truth_T1map.nii.gz --labels l/labels.nii.gz:myocardium --json >v.json || fail "compare FILE:LABEL"
pairs() { grep -m 1 -o '"n": [0-9]*' "$1"; }
[ -n "$(pairs u.json)" ] && [ "$(pairs v.json)" = "$(pairs u.json)" ] || fail "compare: $(pairs u.json), $(pairs v.json)"
for label in "" :1 :any; do
  torcht1 compare l1/T1map.nii.gz l/truth_T1map.nii.gz --mask l/labels.nii.gz$label >c.txt && torcht1 regions l1/T1map.nii.gz --labels l/labels.nii.gz --mask l/labels.nii.gz$label >r.txt && torcht1 fit l/series.nii.gz -o lm --mask l/labels.nii.gz$label >f.txt || fail "--mask FILE$label"
  wanted=0; [ "$label" ] || wanted=1
  for said in c r f; do
    [ "$(grep -c '^assumed  *all labels of the mask l/labels.nii.gz count; l/labels.nii.gz:LABEL takes one$' $said.txt)" -eq $wanted ] || fail "$said, --mask FILE$label"
  done
done
refused 1 "torcht1: l/labels.nii.gz: no voxel has the label that is named (77)" torcht1 compare l1/T1map.nii.gz l/truth_T1map.nii.gz --mask l/labels.nii.gz:77
# The border of the simulated heart holds T1 of 10 s and more: margins keep it out of means.
torcht1 simulate heart -o noisy -q --snr 50 --seed 1 && torcht1 fit noisy/series.nii.gz -o bm -q || fail "simulate"
border() { torcht1 regions bm/T1map.nii.gz --aha --myocardium noisy/myocardium.nii.gz --insertion noisy/slices.csv --csv t.csv "$@" >/dev/null || fail "border $*"; awk -F, 'NR == 1 {for (i = 1; i <= NF; i++) c[$i] = i} $1 == "segment" {d = $c["mean"] - $c["median"]; if (d < 0) d = -d; if (d > most) most = d; if ($c["sd"] > sd) sd = $c["sd"]} END {print int(most), int(sd)}' t.csv; }
read -r apart spread <<<"$(border --margin 0)"; [ "$apart" -gt 100 ] && [ "$spread" -gt 300 ] || fail "no border: $apart, $spread ms"
read -r apart spread <<<"$(border)"; [ "$apart" -lt 10 ] && [ "$spread" -lt 60 ] || fail "with margins: $apart, $spread ms"
read -r apart spread <<<"$(border --margin 0 --sd bm/T1map_sd.nii.gz)"; [ "$apart" -lt 100 ] && [ "$spread" -lt 300 ] || fail "with --sd: $apart, $spread ms"
# The table of a BIDS dataset stands at its root.
torcht1 simulate heart -o bids --format bids -q --size 48 || fail "simulate BIDS"
truth=bids/derivatives/torcht1-truth/sub-01/anat/sub-01_acq-molli
torcht1 regions ${truth}_desc-true_T1map.nii.gz --labels ${truth}_dseg.nii.gz:blood --csv t.csv >/dev/null || fail "a name of dseg.tsv"
[ "$(column label region)" = 5 ] && [ "$(printf %.1f "$(column median region)")" = 1700.0 ] || fail "blood is $(cat t.csv)"
refused 1 "torcht1: bids/derivatives/torcht1-truth/dseg.tsv has no label 'spleen', but air, chest wall, lung, *" torcht1 regions ${truth}_desc-true_T1map.nii.gz --labels ${truth}_dseg.nii.gz:spleen
(cd ${truth%/*} && torcht1 regions sub-01_acq-molli_desc-true_T1map.nii.gz --labels sub-01_acq-molli_dseg.nii.gz:blood >/dev/null) || fail "from within the dataset"
