# A BIDS dataset: every series with the model of its suffix, maps right and named as BIDS has them.
"$TORCHT1_RAW_DATASET" ds || fail "raw_dataset"
out=ds/derivatives/torcht1
torcht1 fit ds -o $out >said.txt 2>errors.txt
code=$?
grep -q 'has no jansson' errors.txt && skip "this build has no jansson"
[ $code -eq 0 ] && ! grep -q '^torcht1:' errors.txt || fail "fit: $(cat errors.txt)"
grep -q '^7 series, 7 fitted; maps in ds/derivatives/torcht1$' said.txt || fail "summary: $(tail -n 1 said.txt)"
for line in 'sub-01_IRT1: 8 images, molli, varpro' 'sub-01_VFA: 3 images, vfa, lm' \
  'sub-02_ses-1_acq-se_run-01_IRT1: 6 images, ir3, varpro' \
  'assumed  model molli, for InversionTime differs, and no spin echo is named' \
  'assumed  model ir3, for ScanningSequence is "SE\IR", a spin echo' \
  'assumed  B1 is sub-01/fmap/sub-01_TB1map.nii.gz, in percent' \
  'assumed  phase is in arbitrary units: -4096 to 4096 is taken for one turn'; do
  grep -Fqx "$line" said.txt || fail "not said: $line"
done

# Every voxel against the truth that the signals were made of.
value() { grep -m 1 "\"$1\":" "$2" | tr -d ' ,' | cut -d : -f 2; }
near() { # MAP TRUTH MS
  torcht1 compare "$1" "ds/sourcedata/$2.nii.gz" --unit s,s --json >c.json || fail "compare $1"
  awk -v n="$(value n c.json)" -v d="$(value difference_mean c.json)" -v s="$(value difference_sd c.json)" -v e="$3" \
    'BEGIN { exit !(n == 768 && d * d < e * e && s < e) }' || fail "$1 is not $2"
}
one=$out/sub-01/anat/sub-01 two=$out/sub-02/ses-1/anat/sub-02_ses-1
near ${one}_desc-IRT1_T1map.nii.gz T1 0.01
near ${one}_desc-VFA_T1map.nii.gz T1 0.01
near ${one}_T2map.nii.gz T2 0.001
near ${one}_T2starmap.nii.gz T2star 0.001
near ${two}_acq-se_run-01_T1map.nii.gz T1 0.01
near ${two}_T1map.nii.gz T1_MP2RAGE 0.5
near ${two}_ce-gadolinium_T2map.nii.gz T2 0.001

# What else there is, and what the maps say of themselves.
for name in mod-IRT1_desc-k_fit.nii.gz mod-IRT1_desc-k_fit.json mod-IRT1_desc-T1mapSD_fit.nii.gz \
  mod-VFA_desc-outcome_fit.nii.gz mod-MESE_desc-rsquared_fit.json mod-IRT1_torcht1.json T2map.json; do
  [ -f "${one}_$name" ] || fail "${one}_$name is missing"
done
[ -f $out/sub-01/figures/sub-01_T2map.png ] || torcht1 fit ds/sub-01 -o $out | grep -q 'no picture' || fail "no picture"
has() { grep -Fq "$2" "$1" || fail "$1 lacks $2"; }
json=${one}_desc-VFA_T1map.json
has $json '"Units": "s"'
has $json '"bids:raw:sub-01/anat/sub-01_flip-2_VFA.nii.gz"'
has $json '"bids:raw:sub-01/fmap/sub-01_TB1map.nii.gz"'
has $json '"FlipAngle": [3, 10, 20]'
has $json '"RepetitionTimeExcitation": 0.015'
has $json '"MagneticFieldStrength": 1.5'
has $json 'doi:10.1002/mrm.10407'
has $json '"EstimationAlgorithm": "non-linear least squares (Levenberg-Marquardt)"'
has ${two}_acq-se_run-01_T1map.json '"ScanningSequence": "SE\\IR"'
has $out/dataset_description.json '"raw": "../.."'
[ "$(printf 'series\tmodel\tstatus\tmessage\n')" = "$(head -n 1 $out/torcht1.tsv)" ] || fail "torcht1.tsv"
[ "$(grep -c fitted $out/torcht1.tsv)" -eq 7 ] && [ "$(wc -l <$out/sub-02/sub-02_torcht1.tsv)" -eq 4 ] || fail "tables"
! find ds -name '.torcht1*' -o -name '.*-*' | grep . >&2 || fail "hidden files are left"

# One function fits them all: the same bytes as one plain series gives.
mkdir plain && cp ds/sub-01/anat/*MESE* plain
torcht1 fit plain -o plain/maps --model t2 -q || fail "plain"
cmp plain/maps/T2map.nii.gz ${one}_T2map.nii.gz && cmp plain/maps/A.nii.gz ${one}_mod-MESE_desc-A_fit.nii.gz || fail "other maps"

# Maps of the dataset go on to other commands, which find how they were made.
torcht1 regions ${one}_desc-IRT1_T1map.nii.gz --labels ds/sourcedata/T1.nii.gz >/dev/null 2>said.txt
grep -q 'labels are whole numbers' said.txt || fail "regions: $(cat said.txt)"
ecv() { torcht1 ecv --native "$1" --post "$2" --hematocrit 0.42 --blood ds/sourcedata/T1.nii.gz --myocardium ds/sourcedata/T1.nii.gz; }
refused 1 "torcht1: *_desc-IRT1_T1map.nii.gz was made with the model 'molli', *_desc-VFA_T1map.nii.gz with 'vfa'*" ecv ${one}_desc-IRT1_T1map.nii.gz ${one}_desc-VFA_T1map.nii.gz
refused 1 "torcht1: *_T1map.nii.gz was made with the model 'mp2rage', *" ecv ${two}_T1map.nii.gz ${one}_desc-VFA_T1map.nii.gz

# Parts, one file, a model by name, DICOM beside.
torcht1 fit ds/sub-02/ses-1 -o part -q && [ "$(ls part)" = "$(printf 'README.md\ndataset_description.json\nsub-02')" ] || fail "a session"
has part/dataset_description.json '"raw": "../ds"'
torcht1 fit ds/sub-01/anat/sub-01_flip-2_VFA.nii.gz -o single -q || fail "one file"
cmp single/sub-01/anat/sub-01_desc-VFA_T1map.nii.gz ${one}_desc-VFA_T1map.nii.gz || fail "one file: another map"
[ "$(find single -name '*_torcht1.json' | wc -l)" -eq 1 ] || fail "one file: more than its series"
torcht1 fit ds -o named --model ir3 >said.txt 2>errors.txt || fail "--model"
grep -q '^7 series, 2 fitted, 5 skipped;' said.txt && grep -q 'sub-01_VFA: skipped, model ir3 is not for VFA' errors.txt || fail "--model: $(cat errors.txt)"
cat >own.model <<'MODEL'
model   stretched
title   "Inversion recovery, stretched exponential"
cite    Kohlrausch 1854, Ann Phys 167:56, doi:10.1002/andp.18541670103
known   TI   s   "inversion time"   bids InversionTime   recovery
find    A    1   "signal at full recovery"            in [0, inf)      start 1
find    B    1   "recovered amplitude"                in [0, inf)      start 2
find    T    s   "relaxation time"                    in [0.01, 10]    start 1   grid 32
signal  abs(A - B * exp(-TI / T))
MODEL
torcht1 fit ds -o own --model ./own.model 2>/dev/null | grep -q '^7 series, 2 fitted, 5 skipped;' || fail "a model of one's own"
[ -f own/sub-01/anat/sub-01_mod-IRT1_desc-T_fit.nii.gz ] || fail "its map"
torcht1 fit ds -o chosen -q --participant-label 01 --suffix MESE --known TE=0.02,0.04,0.06,0.08,0.1,0.12,0.14,0.16 || fail "--known"
[ "$(find chosen -name '*map.nii.gz')" = chosen/sub-01/anat/sub-01_T2map.nii.gz ] || fail "--suffix"
torcht1 fit ds/sub-01 -o single --suffix MESE --json | grep -q '"status": "fitted"' || fail "--json"

# What is refused before anything is fitted.
refused 2 "torcht1: --participant-label, --session, --suffix and --overwrite are for BIDS datasets, 'plain' is none" torcht1 fit plain -o out --suffix MESE
refused 2 "torcht1: --series and --times are for DICOM, 'ds' is a BIDS dataset" torcht1 fit ds -o out --series 3
refused 1 "torcht1: ds has no folder sub-07" torcht1 fit ds -o out --participant-label 07
refused 1 "torcht1: unknown model 'moli'; did you mean 'molli'?" torcht1 fit ds -o out --model moli
refused 1 "torcht1: ds/sub-01 holds no series to fit of suffix T1w*" torcht1 fit ds/sub-01 -o out --suffix T1w
refused 1 "torcht1: ds lies in the dataset itself*" torcht1 fit ds -o ds
refused 1 "torcht1: ds/maps lies in the dataset itself*" torcht1 fit ds -o ds/maps
refused 1 "torcht1: the output folder no/such/out cannot be made: *" torcht1 fit ds -o no/such/out
"$TORCHT1_RAW_DATASET" other || fail "another dataset"
if torcht1 simulate heart -o co -q --size 32 --format bids; then
  refused 1 'torcht1: co/derivatives/torcht1-truth holds another dataset, "The truth of simulated MOLLI series" (derivative)*' torcht1 fit co -o co/derivatives/torcht1-truth
  torcht1 fit co -o co/derivatives/torcht1 -q && torcht1 fit co -o co/derivatives/torcht1 -q || fail "into our own"
fi
refused 1 'torcht1: other holds another dataset, "Two participants" (raw)*' torcht1 fit ds -o other
refused 1 "torcht1: part holds maps of the dataset ../ds, not of ../other*" torcht1 fit other -o part
torcht1 fit ds -o ds/derivatives/maps --suffix MESE -q || fail "a folder of another name"
torcht1 fit ds -o ds/derivatives/maps --suffix MESE 2>said.txt >/dev/null; grep -q 'BIDS wants the name' said.txt || fail "no note on the name"
