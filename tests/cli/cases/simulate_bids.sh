# A simulated series as BIDS: names of the specification, the truth as a derivative.
torcht1 simulate heart -o n -q --size 48 --format bids && torcht1 simulate heart -o p -q --size 48 --post-contrast --scheme "4(1)3(1)2" --format bids || fail "simulate"
others=$(cd n && find . -type f | grep -vE '^./(dataset_description.json|README|participants.tsv)$' |
  grep -vE '^./sub-01/anat/sub-01_acq-molli_inv-[1-8]_part-(mag|phase)_IRT1\.(nii\.gz|json)$' |
  grep -vE '^./derivatives/torcht1-truth/(dataset_description.json|README|dseg.tsv)$' |
  grep -vE '^./derivatives/torcht1-truth/sub-01/anat/sub-01_acq-molli_(desc-true_T1map|desc-true_T2map|desc-expected_T1map)\.(nii\.gz|json)$' |
  grep -vE '^./derivatives/torcht1-truth/sub-01/anat/sub-01_acq-molli_(dseg|desc-myocardium_mask)\.nii\.gz$' |
  grep -vE '^./derivatives/torcht1-truth/sourcedata/sub-01/anat/sub-01_acq-molli_(simulation\.json|slices\.csv)$')
[ -z "$others" ] || fail "names: $others"
[ "$(find n/sub-01 -type f | wc -l)" -eq 32 ] || fail "number of raw files"
[ -s p/sub-01/anat/sub-01_acq-molli_ce-gad_inv-9_part-mag_IRT1.nii.gz ] || fail "ce-gad"
grep -q '"InversionTime": 0.2,' n/sub-01/anat/sub-01_acq-molli_inv-6_part-mag_IRT1.json || fail "InversionTime"
grep -q '"Units": "rad"' n/sub-01/anat/sub-01_acq-molli_inv-6_part-phase_IRT1.json || fail "Units"
grep -q '"DatasetType": "derivative"' n/derivatives/torcht1-truth/dataset_description.json || fail "derivative"
printf 'index\tname\n0\tair\n' | cmp -n 17 - n/derivatives/torcht1-truth/dseg.tsv || fail "dseg.tsv"
python3 -c 'import json,sys; [json.load(open(f)) for f in sys.argv[1:]]' $(find n p -name '*.json') || fail "JSON"

# The set is read as one series, and gives what the same simulation in one file gives; by itself it takes signs from the phase.
torcht1 simulate heart -o s -q --size 48 || fail "simulate"
torcht1 fit n/sub-01/anat/sub-01_acq-molli_inv-1_part-mag_IRT1.nii.gz --sign magnitude -o a -q && torcht1 fit s/series.nii.gz -o b -q || fail "fit"
cmp a/sub-01/anat/sub-01_acq-molli_T1map.nii.gz b/T1map.nii.gz || fail "maps differ"
cmp n/derivatives/torcht1-truth/sub-01/anat/sub-01_acq-molli_desc-expected_T1map.nii.gz s/expected_T1map.nii.gz || fail "truths differ"
torcht1 fit n -o c -q || fail "fit of the dataset"
grep -q '"source": "phase"' c/sub-01/anat/sub-01_acq-molli_mod-IRT1_torcht1.json || fail "phase is not used"

# It keeps the rules of BIDS. A truth was not estimated; labels and masks are none of the maps that the check knows.
python=$(python_with json gzip) || exit 0
"$python" "$(dirname "$case")/../bids_check.py" n || fail "raw data"
rm n/derivatives/torcht1-truth/dseg.tsv n/derivatives/torcht1-truth/sub-*/anat/*_dseg.nii.gz n/derivatives/torcht1-truth/sub-*/anat/*_mask.nii.gz
"$python" "$(dirname "$case")/../bids_check.py" n/derivatives/torcht1-truth >said.txt
! grep -v 'Estimation[A-Za-z]* is recommended of a map' said.txt || fail "truth"
