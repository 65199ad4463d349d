# Simulate, fit, compare with the truth.
heart s
torcht1 fit s/series.nii.gz -o m -q || fail "fit"
"$TORCHT1_COMPARE" s/truth_T1map.nii.gz m/T1map.nii.gz s/labels.nii.gz 4 0.01 || fail "myocardium"
"$TORCHT1_COMPARE" s/truth_T1map.nii.gz m/T1map.nii.gz s/labels.nii.gz 5 0.01 || fail "blood"
[ -s m/T1map.png ] || fail "no picture"
for f in C k T1s T1map C_sd k_sd T1s_sd T1map_sd rsquared rmse outcome; do [ -s m/$f.nii.gz ] || fail "no $f"; done
torcht1 fit s/series.nii.gz -o j --json >printed.json && diff printed.json j/fit.json >&2 || fail "--json"
torcht1 fit s/series.nii.gz -o n -q --images 8,1-7 --known TI="$(torcht1 info s/series.nii.gz --json | tr -d '\n ' | sed 's/.*"InversionTime","source":"[^"]*","values":\[\([^]]*\)\].*/\1/')" || fail "--images --known"
cmp m/T1map.nii.gz n/T1map.nii.gz || "$TORCHT1_COMPARE" s/truth_T1map.nii.gz n/T1map.nii.gz s/labels.nii.gz 4 0.01 || fail "--images"
torcht1 fit s/series.nii.gz -o l -q --mask s/labels.nii.gz --model s2.model 2>/dev/null && fail "no such model"
torcht1 fit s/series.nii.gz -o k -q --mask s/labels.nii.gz || fail "--mask"
"$TORCHT1_COMPARE" s/truth_T1map.nii.gz k/T1map.nii.gz s/labels.nii.gz 4 0.01 || fail "masked"
