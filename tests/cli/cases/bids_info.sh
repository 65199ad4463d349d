# What a dataset holds: its series, the model of each, and what is wrong, without opening an image.
"$TORCHT1_RAW_DATASET" ds || fail "raw_dataset"
torcht1 info ds >text.txt 2>said.txt; grep -q 'has no jansson' said.txt && skip "this build has no jansson"
grep -Fqx 'ds: BIDS 1.10.1 "Two participants", 7 series of 2 participants' text.txt || fail "head: $(head -n 1 text.txt)"
grep -Eq '^sub-01_IRT1 +8  -      molli$' text.txt || fail "IRT1"
grep -Eq '^sub-02_ses-1_MP2RAGE +2  yes    mp2rage$' text.txt || fail "MP2RAGE"
grep -q 'model ir3, for ScanningSequence is "SE\\IR", a spin echo' text.txt || fail "reason"
# One series, by a file of it: with its times.
torcht1 info ds/sub-01/anat/sub-01_inv-3_IRT1.nii.gz >text.txt || fail "one file"
grep -Eq '^ +120 +1120 +2120 +3120 +4120 +200 +1200 +2200$' text.txt || fail "times: $(cat text.txt)"
grep -q 'InversionTime in ms, from inv-1_IRT1.json' text.txt || fail "source"
[ "$(torcht1 info ds --participant-label 02 --session 1 --suffix MESE | grep -c '^sub-.* t2$')" -eq 1 ] || fail "options"
torcht1 info ds --json >json.txt || fail "--json"
[ "$(grep -c '"refused": null' json.txt)" -eq 7 ] && grep -q '"values": \[0.8, 2.7\]' json.txt || fail "JSON"
command -v python3 >/dev/null && { python3 -m json.tool json.txt >/dev/null || fail "not JSON"; }
# What is wrong, in one sentence each; the others are as before.
rm ds/sub-01/anat/sub-01_echo-2_MESE.nii.gz ds/VFA.json
printf '{"EchoTime": 12}' >ds/sub-01/anat/sub-01_echo-3_MEGRE.json
cp ds/inv-1_IRT1.json ds/IRT1.json
torcht1 info ds >text.txt || fail "faults"
tr '\n' ' ' <text.txt | tr -s ' ' >words.txt
for words in 'sub-01_MESE not fitted image echo-2 is missing, sub-01_echo-3_MESE.nii.gz is there' \
  'sub-01_VFA not fitted no sidecar gives RepetitionTimeExcitation' \
  '"EchoTime" is 12, more than 3: ms are suspected, times are given in seconds' \
  'sub-01_IRT1 not fitted ds holds two sidecars for sub-01_inv-1_IRT1.nii.gz, IRT1.json and inv-1_IRT1.json'; do
  grep -Fq "$words" words.txt || fail "not said: $words: $(cat text.txt)"
done
grep -Eq '^sub-02_ses-1_MP2RAGE +2  yes    mp2rage$' text.txt || fail "the others"
refused 1 "torcht1: ds has no folder sub-9" torcht1 info ds --participant-label 9
refused 2 "torcht1: --participant-label, --session and --suffix are for BIDS datasets*" torcht1 info ds/sourcedata/T1.nii.gz --suffix VFA
