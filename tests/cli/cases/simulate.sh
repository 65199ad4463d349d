# Series under the Bloch equations and their truths.
# median MAP LABELS LABEL: of a region, in ms
median() { torcht1 regions "$1" --labels "$2" --json | tr -d ' \n' | grep -o "\"group\":\"region\",\"label\":$3,[^}]*" | sed 's/.*"median":\([^,]*\).*/\1/'; }
near() { awk -v a="$1" -v b="$2" -v t="$3" 'BEGIN { exit !(a - b <= t && b - a <= t) }' || fail "$4: $1, expected $2"; }

# What the protocol gives without noise is what two independent simulations agree on.
torcht1 simulate vials -o v >said.txt || fail "vials"
grep -q '^v/series.nii.gz: 8 images, for model molli$' said.txt || fail "report: $(cat said.txt)"
for row in 1:914.1 2:1083.3 5:1508.1 9:429.3 11:303.9; do
  near "$(median v/expected_T1map.nii.gz v/labels.nii.gz ${row%:*})" ${row#*:} 0.2 "vial ${row%:*}"
done
near "$(median v/truth_T1map.nii.gz v/labels.nii.gz 2)" 1200 0.001 "truth"
near "$(median v/truth_T2map.nii.gz v/labels.nii.gz 2)" 45 0.001 "truth of T2"

# Noise-free magnitudes are fitted to it; a third, a heart with everything in it.
torcht1 simulate heart -o h -q --size 64 --snr inf --field 120 --b1 0.9 --inversion 0.95 --rr-sd 0.03 --heart scale=1.1,rotation=10 || fail "heart"
torcht1 fit h/series.nii.gz -o m -q --mask h/labels.nii.gz || fail "fit"
for row in 3:0.97 4:0.85 5:0.97; do # where myocardium meets fat their signals cancel, and a magnitude hides its sign
  "$TORCHT1_WORLD" m/T1map.nii.gz h/expected_T1map.nii.gz h/labels.nii.gz ${row%:*} 0.001 ${row#*:} >&2 || fail "label ${row%:*}"
done
torcht1 regions m/T1map.nii.gz --aha --myocardium h/myocardium.nii.gz --insertion h/slices.csv >aha.txt || fail "--aha"
[ "$(grep -c '^[0-9]* mid ' aha.txt)" -eq 6 ] || fail "segments: $(cat aha.txt)"
for key in scheme acquired motion_to_head_mm '"field": 120' '"seed": 1' '"name": "myocardium"'; do
  grep -q "$key" h/simulation.json || fail "no $key in simulation.json"
done

# Saturation recovery finds the true T1 whatever the readout; T2 preparation is off by what is known of it.
torcht1 simulate heart -o s -q --size 64 --sequence sasha --snr inf || fail "sasha"
near "$(median s/expected_T1map.nii.gz s/labels.nii.gz 4)" 1200 0.1 "SASHA"
times=$(tr -d '\n ' <s/series.json | sed 's/.*"SaturationTime":\[\([^]]*\)\].*/\1/')
torcht1 fit s/series.nii.gz -o sm -q --model sasha3 --mask s/labels.nii.gz || fail "SASHA without --known"
grep -q '"source": "series.json"' sm/fit.json || fail "saturation times of the sidecar"
near "$(median sm/T1map.nii.gz s/labels.nii.gz 5)" 1700 1 "SASHA of blood"
torcht1 fit s/series.nii.gz -o sk -q --model sasha3 --mask s/labels.nii.gz --known TS="$times" && cmp sm/T1map.nii.gz sk/T1map.nii.gz || fail "--known TS"
torcht1 simulate heart -o t -q --size 64 --sequence t2prep --snr inf && torcht1 simulate heart -o t3 -q --size 64 --sequence t2prep --saturated-image --snr inf --rest 9 || fail "t2prep"
near "$(median t/expected_T2map.nii.gz t/labels.nii.gz 4)" 52 1 "T2, two parameters"
near "$(median t3/expected_T2map.nii.gz t3/labels.nii.gz 4)" 45 0.1 "T2, three parameters"
torcht1 fit t3/series.nii.gz -o t3m -q --model t2prep3 --mask t3/labels.nii.gz || fail "fit with a saturated image"
near "$(median t3m/T2map.nii.gz t3/labels.nii.gz 4)" 45 1 "the saturated image of the sidecar"

# The same bytes for any number of threads.
torcht1 simulate heart -o a -q --size 48 --slices 2 --field 80 --coils 3 --breathing drift --threads 1 && torcht1 simulate heart -o b -q --size 48 --slices 2 --field 80 --coils 3 --breathing drift --threads 3 || fail "threads"
diff -r a b >&2 || fail "threads change bytes"

refused 2 "torcht1: --tissue takes NAME=T1 or NAME=T1,T2, not 'blood'" torcht1 simulate heart -o out --tissue blood
refused 2 "torcht1: --tissue takes one of air, chest wall, *, not 'bone'" torcht1 simulate heart -o out --tissue bone=1
refused 2 "torcht1: --heart takes a list such as *, not 'scale'" torcht1 simulate heart -o out --heart scale
refused 2 "torcht1: --first takes at most 3 numbers *" torcht1 simulate heart -o out --first 0.1,0.2,0.3,0.4
refused 2 "torcht1: --scheme is for molli" torcht1 simulate heart -o out --sequence sasha --scheme "5(3)3"
refused 2 "torcht1: --saturation is for sasha" torcht1 simulate heart -o out --saturation 0.9
refused 2 "torcht1: --tissue is for the heart" torcht1 simulate vials -o out --tissue blood=1
refused 2 "torcht1: --subjects is for a cohort" torcht1 simulate heart -o out --subjects 3
refused 2 "torcht1: --vendor is for --format dicom" torcht1 simulate heart -o out --vendor philips
refused 2 "torcht1: BIDS has no name for a series of t2prep*" torcht1 simulate heart -o out --sequence t2prep --format bids
refused 1 "torcht1: \"5(3)\" is not a MOLLI scheme*" torcht1 simulate heart -o out --scheme "5(3)"
refused 1 "torcht1: the signal equation is that of MOLLI*" torcht1 simulate heart -o out --sequence sasha --physics equation
refused 1 "torcht1: * ms are missing between image 1 and what follows*" torcht1 simulate heart -o out --heart-rate 250 --lines 200
refused 1 "torcht1: T2 0.5 s of blood is longer than its T1, 0.3 s" torcht1 simulate heart -o out --tissue blood=0.3,0.5
