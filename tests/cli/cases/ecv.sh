# Extracellular volume: regions, maps, what is refused.
"$TORCHT1_RINGS" d || fail "rings"
maps="--native d/native.nii.gz --post d/post.nii.gz" masks="--blood d/blood.nii.gz --myocardium d/myocardium.nii.gz"
sds="--native-sd d/native_sd.nii.gz --post-sd d/post_sd.nii.gz"
value() { tr -d ' \n' <"$2" | sed "s/.*\"$1\":\([^,}]*\).*/\1/"; }
near() { awk -v a="$1" -v b="$2" -v e="$3" 'BEGIN {d = a - b; exit !(a != "" && d * d <= e * e)}'; }
# Blood 1600 -> 350 ms by the median of what erosion leaves, myocardium 1200 -> 500: lambda 0.5227.
torcht1 ecv $maps $masks $sds --hematocrit 0.42 --hematocrit-sd 0.02 -o o --json >a.json || fail "ecv"
near "$(value ecv a.json)" 0.30315 0.01 && near "$(value lambda a.json)" 0.52267 0.017 || fail "ECV $(value ecv a.json)"
near "$(value ecv_sd a.json)" 0.01047 0.0006 || fail "SD $(value ecv_sd a.json)" # 0.02 lambda, hardly noise
cmp a.json o/ecv.json || fail "ecv.json"
[ "$(sed -n 's/^label.*,ecv,ecv_sd$/yes/p' o/ecv.csv)" = yes ] && [ "$(wc -l <o/ecv.csv)" -eq 2 ] || fail "ecv.csv"
torcht1 ecv $maps $masks --hematocrit 0.42 >table || fail "without standard deviations"
grep -q '^model  *not known' table && ! grep -q '+-' table || fail "table"
# Without erosion the wrong rim is in the blood; the median withstands it.
torcht1 ecv $maps $masks --hematocrit 0.42 --erode 0 --json >b.json || fail "--erode 0"
blood_voxels() { grep -m 1 -o '"n_native": [0-9]*' "$1" | cut -d ' ' -f 2; }
[ "$(blood_voxels b.json)" -gt "$(blood_voxels a.json)" ] && near "$(value ecv b.json)" 0.30315 0.01 || fail "--erode"
# Labels: an ECV for each; maps only of registered ones.
torcht1 regions d/native.nii.gz --aha --myocardium d/myocardium.nii.gz --insertion 15,30,17.3,8.6 --level mid --segments s.nii.gz >/dev/null || fail "segments"
torcht1 ecv $maps --blood d/blood.nii.gz --myocardium s.nii.gz --hematocrit 0.42 -o p >/dev/null || fail "labels"
[ "$(wc -l <p/ecv.csv)" -eq 7 ] && [ ! -e p/ECV.nii.gz ] || fail "six segments"
torcht1 ecv $maps $masks $sds --hematocrit 0.42 --registered -o m >/dev/null || fail "--registered"
for name in ECV lambda ECV_sd lambda_sd; do
  torcht1 regions m/$name.nii.gz --labels d/myocardium.nii.gz --csv $name.csv >table || fail "$name cannot be read"
  grep -q '(table in 1)' table || fail "unit of $name"
done
near "$(awk -F, '$1 == "region" {print $10}' ECV.csv)" 0.30315 0.01 || fail "ECV map"
# Another matrix: each map with masks of its own, or moved where that is asked for. (Half the voxels are 10 ms off: 1.03 % of ECV.)
own="--blood d/blood.nii.gz,d/blood_fine.nii.gz --myocardium d/myocardium.nii.gz,d/myocardium_fine.nii.gz"
fine="--native d/native.nii.gz --post d/post_fine.nii.gz --hematocrit 0.42"
torcht1 ecv $fine $own --json >e.json && near "$(value ecv e.json)" 0.30315 0.0105 || fail "own masks on own grids"
grep -q '"resampled": false' e.json || fail "resampled unasked"
refused 1 "torcht1: d/post_fine.nii.gz: the post-contrast map is 96 x 80 x 3 voxels, the native one is 48 x 40 x 3; --resample moves it there" torcht1 ecv $fine $masks
torcht1 ecv $fine $masks --native-sd d/native_sd.nii.gz --post-sd d/post_sd_fine.nii.gz --resample --registered -o f --json >e.json || fail "--resample"
near "$(value ecv e.json)" 0.30315 0.01 && grep -q '"resampled": true' e.json || fail "ECV after resampling"
torcht1 regions f/ECV.nii.gz --labels d/myocardium.nii.gz --csv ECV.csv >/dev/null && near "$(awk -F, '$1 == "region" {print $10}' ECV.csv)" 0.30315 0.01 || fail "map after resampling"
torcht1 compare d/post.nii.gz d/post_fine.nii.gz --resample --mask d/blood.nii.gz --json >g.json && grep -q '"resampled": true' g.json || fail "compare --resample"
refused 1 "torcht1: d/post_fine.nii.gz: the map is 96 x 80 x 3 voxels, the other is 48 x 40 x 3; --resample moves it there" torcht1 compare d/post.nii.gz d/post_fine.nii.gz
# DICOM: whole %, in the study of a native map that is DICOM.
refused 2 "torcht1: --dicom is for maps: --registered ones" torcht1 ecv $maps $masks --hematocrit 0.42 --dicom -o out
if torcht1 ecv $maps $masks $sds --hematocrit 0.42 --registered --dicom -o n >/dev/null 2>said.txt; then
  [ "$(cd n/dicom && echo */0001.dcm)" = "ECV/0001.dcm ECV_sd/0001.dcm lambda/0001.dcm lambda_sd/0001.dcm" ] || fail "DICOM maps"
  [ "$(ls n/dicom/ECV | wc -l)" -eq 3 ] && [ "$(ls n/dicom/lambda | wc -l)" -eq 1 ] || fail "a file per slice, or one"
  if command -v dciodvfy >/dev/null; then
    for file in n/dicom/*/*.dcm; do ! dciodvfy "$file" 2>&1 | grep '^Error' >&2 || fail "$file"; done
  fi
  if command -v dcmdump >/dev/null; then
    dcmdump -q n/dicom/ECV/0002.dcm >text.txt
    grep -q 'CodeValue.*%' text.txt || grep -q '\[%\]' text.txt || fail "the unit of ECV is not %"
    grep -q '(0008,103e) LO \[ECV (%) RESEARCH - NOT FOR DIAGNOSIS\]' text.txt || fail "description"
  fi
  python=$(python_with pydicom nibabel numpy)
  [ -z "$python" ] || "$python" - >&2 <<'PYTHON' || fail "another reader sees something else"
import nibabel, numpy, pydicom
ecv = nibabel.load('n/ECV.nii.gz').get_fdata()
for k in range(3):
    f = pydicom.dcmread('n/dicom/ECV/%04d.dcm' % (k + 1))
    mapping = f.RealWorldValueMappingSequence[0]
    assert mapping.MeasurementUnitsCodeSequence[0].CodeValue == '%' and mapping.RealWorldValueSlope == 1
    wanted = numpy.floor(100 * numpy.nan_to_num(ecv[:, :, k], posinf=0, neginf=0) + 0.5)
    wanted = numpy.clip(wanted, 0, 65535)
    assert numpy.array_equal(f.pixel_array, wanted.T[::-1]), abs(f.pixel_array - wanted.T[::-1]).max()
PYTHON
else
  grep -q 'without DCMTK' said.txt || fail "ecv --dicom: $(cat said.txt)"
fi
# Synthetic haematocrit: as it is told, with its source.
torcht1 ecv $maps $masks --synthetic-hematocrit 866,-0.1232 --source "a paper" --json >c.json || fail "synthetic"
near "$(value hematocrit c.json)" 0.41805 0.0001 && grep -q '"source": "a paper"' c.json || fail "synthetic haematocrit"
refused 2 "torcht1: --synthetic-hematocrit needs --source*" torcht1 ecv $maps $masks --synthetic-hematocrit 866,-0.1232
refused 2 "torcht1: --hematocrit and --synthetic-hematocrit exclude each other" torcht1 ecv $maps $masks --hematocrit 0.4 --synthetic-hematocrit 1,2 --source x
refused 2 "torcht1: --hematocrit or --synthetic-hematocrit is needed" torcht1 ecv $maps $masks
# What makes no sense.
refused 1 "torcht1: the haematocrit is 42, a fraction is expected: 0.42 if 42 % is meant" torcht1 ecv $maps $masks --hematocrit 42 -o out
refused 1 "torcht1: the haematocrit is 0, *" torcht1 ecv $maps $masks --hematocrit 0
refused 1 "torcht1: T1 of blood is 1600 ms native and 1600 ms after *" torcht1 ecv --native d/native.nii.gz --post d/native.nii.gz $masks --hematocrit 0.42 -o out
refused 1 "torcht1: T1 of blood is 350 ms native and 1600 ms after *" torcht1 ecv --native d/post.nii.gz --post d/native.nii.gz $masks --hematocrit 0.42
refused 1 "torcht1: d/blood.nii.gz: nothing is left of the blood *" torcht1 ecv $maps $masks --hematocrit 0.42 --erode 30
refused 1 "torcht1: d/blood.nii.gz is in an unknown unit; *" torcht1 ecv --native d/blood.nii.gz --post d/post.nii.gz $masks --hematocrit 0.42
heart s --size 48
refused 1 "torcht1: s/truth_T1map.nii.gz: the post-contrast map is 48 x 48 x 1 voxels, *" torcht1 ecv --native d/native.nii.gz --post s/truth_T1map.nii.gz $masks --hematocrit 0.42
refused 2 "torcht1: --myocardium is missing*" torcht1 ecv $maps --blood d/blood.nii.gz --hematocrit 0.42
refused 2 "torcht1: --registered needs -o FOLDER" torcht1 ecv $maps $masks --hematocrit 0.42 --registered
refused 2 "torcht1: registered maps have one mask*" torcht1 ecv $maps --blood d/blood.nii.gz,x --hematocrit 0.42 --registered -o out
refused 2 "torcht1: --native and --post are both needed" torcht1 ecv --native a
refused 2 "torcht1: options only are expected, not 'x'" torcht1 ecv x
# Units: of each map its own, held against the other; standard deviations of another size are suspected.
with() { torcht1 ecv --native "$1" --post d/post.nii.gz $masks --hematocrit 0.42 "${@:2}"; }
with d/ms.nii.gz --unit ms,s --json >u.json && torcht1 ecv $maps $masks --hematocrit 0.42 --json >v.json || fail "--unit"
near "$(value ecv u.json)" "$(value ecv v.json)" 1e-5 || fail "ECV with --unit"
refused 1 "torcht1: d/ms.nii.gz is in an unknown unit; *" with d/ms.nii.gz
refused 1 "torcht1: the median of d/ms.nii.gz is 1.* s, that of d/post.nii.gz 0.000* s: a wrong unit is suspected; give both, for instance --unit s,ms" with d/ms.nii.gz --unit ms
refused 2 "torcht1: --unit takes two words with a comma between, not 'ms,s,s'" with d/ms.nii.gz --unit ms,s,s
refused 1 "torcht1: d/ms_sd.nii.gz does not tell its unit, and its median is 30 where that of d/native.nii.gz is 1.* s: another unit is suspected; *" with d/native.nii.gz --native-sd d/ms_sd.nii.gz
refused 1 "torcht1: d/ms_sd.nii.gz does not tell its unit, *" with d/native.nii.gz --native-sd d/ms_sd.nii.gz --unit s
with d/ms.nii.gz --native-sd d/ms_sd.nii.gz --post-sd d/post_sd.nii.gz --unit ms,s --json >u.json || fail "SD in ms"
torcht1 ecv $maps $masks $sds --hematocrit 0.42 --json >v.json && near "$(value ecv_sd u.json)" "$(value ecv_sd v.json)" 1e-6 || fail "SD with --unit"
# Half of what a standard deviation takes gives none, and that is said.
for half in "--native-sd d/native_sd.nii.gz" "--post-sd d/post_sd.nii.gz" "--hematocrit-sd 0.02"; do
  torcht1 ecv $maps $masks --hematocrit 0.42 $half --json >u.json 2>said || fail "$half"
  [ "$(value ecv_sd u.json)" = null ] && grep -q '^torcht1: the ECV has no standard deviation: that takes --native-sd and --post-sd, both$' said || fail "not said of $half"
done
torcht1 ecv $maps $masks $sds --hematocrit 0.42 >/dev/null 2>said && [ ! -s said ] || fail "nothing is to be said: $(cat said)"
# Maps of torcht1 tell how they were made, and must agree; a fit.json of other maps tells nothing.
made() { printf '{"model": {"name": "%s", "crc32": "%s"}, "series": {"field_strength": %s}, "maps": [{"file": "%s.nii.gz", "multiplied_by": %s}]}\n' "$2" "$3" "$4" "${6:-$1}" "$5" >$1/fit.json; }
mkdir native post && cp d/native.nii.gz native/ && cp d/post.nii.gz post/
both() { torcht1 ecv --native native/native.nii.gz --post post/post.nii.gz $masks --hematocrit 0.42 "$@"; }
made native molli aa 1.5 1.0365
made post molli aa 1.494 1.0365
both >table || fail "equal maps"
if grep -q '^model  *molli, of both' table; then
  made post ir3 aa 1.5 1.0365
  refused 1 "torcht1: native/native.nii.gz was made with the model 'molli', post/post.nii.gz with 'ir3'*" both
  made post molli ab 1.5 1.0365
  refused 1 "torcht1: * two models of the name 'molli' that differ" both
  made post molli aa 1.5 1
  refused 1 "torcht1: native/native.nii.gz was multiplied by 1.0365, post/post.nii.gz by 1;*" both
  made post molli aa 3 1.0365
  refused 1 "torcht1: native/native.nii.gz was measured at 1.5 T, post/post.nii.gz at 3 T" both
  made post ir3 aa 3 1 another
  both >table && grep -q '^model  *not known' table || fail "a fit.json of another map"
  for text in '{' '[]' '{"maps": 3, "model": []}' '{"maps": [{"file": 1}, 2, {"file": "post.nii.gz", "multiplied_by": "x"}], "model": 5, "series": 1}'; do
    echo "$text" >post/fit.json
    both >/dev/null 2>said; code=$?
    [ $code -eq 0 ] || { [ "$text" = '{' ] && grep -q 'post/fit.json is not valid JSON' said; } || fail "fit.json '$text': $(cat said)"
  done
  # What fit itself writes.
  torcht1 simulate heart -o pre --size 48 -q && torcht1 simulate heart -o con --size 48 -q --post-contrast || fail "simulate"
  torcht1 fit pre/series.nii.gz -o fpre -q || fail "fit"
  torcht1 fit con/series.nii.gz -o fcon -q --correction 1.03 || fail "fit"
  refused 1 "torcht1: fpre/T1map.nii.gz was multiplied by 1, *" torcht1 ecv --native fpre/T1map.nii.gz --post fcon/T1map.nii.gz --blood pre/labels.nii.gz --myocardium pre/labels.nii.gz --hematocrit 0.42
fi
# The haematocrit has a standard deviation of its own, 0.01 where none is given, and that is said.
sd() { torcht1 ecv $maps $masks $sds "$@" --json >u.json || fail "$*"; value ecv_sd u.json; }
near "$(sd --hematocrit 0.42)" "$(sd --hematocrit 0.42 --hematocrit-sd 0.01)" 1e-9 || fail "default of --hematocrit-sd"
near "$(sd --hematocrit 0.42)" 0.0053 0.0001 && near "$(sd --hematocrit 0.42 --hematocrit-sd 0)" 0.0009 0.0001 || fail "SD of ECV"
torcht1 ecv $maps $masks $sds --hematocrit 0.42 --json >u.json && grep -q '"hematocrit_sd_assumed": true' u.json || fail "not recorded"
torcht1 ecv $maps $masks $sds --hematocrit 0.42 | grep -q '^haematocrit  *0.42, as given, +- 0.01, assumed (--hematocrit-sd)$' || fail "not said"
torcht1 ecv $maps $masks $sds --hematocrit 0.42 --hematocrit-sd 0.01 --json >u.json && grep -q '"hematocrit_sd_assumed": false' u.json || fail "given"
torcht1 ecv $maps $masks $sds --synthetic-hematocrit 866,-0.1232 --source x --json >u.json && near "$(value hematocrit_sd u.json)" 0 0 || fail "synthetic"
# Labels: one is named, by number or by name; several are no blood.
torcht1 ecv $maps --blood d/blood.nii.gz --myocardium s.nii.gz:8+9 --hematocrit 0.42 -o l >/dev/null || fail "FILE:8+9"
[ "$(cut -d, -f 1 l/ecv.csv | tr '\n' ' ')" = "label 8 9 " ] || fail "labels: $(cat l/ecv.csv)"
refused 1 "torcht1: s.nii.gz: the blood is one thing, but the file holds several labels (*); name the one that is meant, for instance s.nii.gz:*" torcht1 ecv $maps --blood s.nii.gz --myocardium d/myocardium.nii.gz --hematocrit 0.42
printf 'index\tname\n1\tblood\n' >d/blood.tsv
torcht1 ecv $maps $masks --hematocrit 0.42 --json >u.json && torcht1 ecv $maps --blood d/blood.nii.gz:blood --myocardium d/myocardium.nii.gz:1 --hematocrit 0.42 --json >v.json || fail "FILE:blood"
near "$(value ecv u.json)" "$(value ecv v.json)" 0 || fail "another ECV by name"
# What cannot be blood and myocardium.
refused 1 "torcht1: blood and myocardium are exchanged, it seems: T1 is 1200 ms native and 500 ms after contrast agent in d/myocardium.nii.gz, given as blood, and 1600 and 350 ms in d/blood.nii.gz*" torcht1 ecv $maps --blood d/myocardium.nii.gz --myocardium d/blood.nii.gz --hematocrit 0.42 -o out
refused 1 "torcht1: * of the * voxels of label 1 of d/blood.nii.gz are blood, too, by d/blood.nii.gz: name the labels that are meant*" torcht1 ecv $maps --blood d/blood.nii.gz --myocardium d/blood.nii.gz --hematocrit 0.42 -o out
refused 1 "torcht1: 354 of the 465 voxels of label 1 of d/blood.nii.gz are blood, too, by d/blood.nii.gz: *" torcht1 ecv $maps --blood d/blood.nii.gz,d/blood.nii.gz --myocardium d/blood.nii.gz,d/myocardium.nii.gz --hematocrit 0.42 -o out
torcht1 ecv $maps $masks --hematocrit 0.9 >/dev/null 2>said || fail "small ECV"
[ "$(cat said)" = "torcht1: in 1 of 1 labels ECV is outside of 10 to 70 % (label 1: 5.2 %), where tissue of the heart lies; are masks, maps and haematocrit the right ones?" ] || fail "$(cat said)"
mixed() { torcht1 ecv $maps --blood $1 --myocardium $2 --hematocrit 0.42 --json >u.json 2>said || fail "strange: $(cat said)"; }
b=d/blood.nii.gz m=d/myocardium.nii.gz
mixed $m,$b $b,$m
[ "$(cat said)" = "torcht1: in 1 of 1 labels T1 of blood is shorter than that of the tissue natively (label 1: 1200 and 1600 ms), the other way round than blood and myocardium have it; are these the right masks?" ] || fail "$(cat said)"
mixed $b,$m $m,$b
grep -q '^torcht1: in 1 of 1 labels T1 of blood is longer than that of the tissue after contrast agent (label 1: ' said && grep -q '(label 1: 85\.. %), where' said && grep -q 'longer than' u.json || fail "$(cat said)"
