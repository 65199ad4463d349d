# What is written is BIDS by the tables of its schema, and the checker of that finds faults.
python=$(python_with json gzip) || skip "no python3"
check() { "$python" "$(dirname "$case")/../bids_check.py" "$1"; }
"$TORCHT1_RAW_DATASET" ds || fail "raw_dataset"
torcht1 fit ds -o ds/derivatives/torcht1 -q 2>said.txt || { grep -q 'has no jansson' said.txt && skip "this build has no jansson"; fail "fit: $(cat said.txt)"; }
check ds || fail "the raw dataset"
check ds/derivatives/torcht1 || fail "the maps"
torcht1 fit ds -o elsewhere-torcht1 -q --correction 1.03 --filter median3 --covariance || fail "fit with options"
check elsewhere-torcht1 || fail "the maps with options"
! grep -rq "$PWD" elsewhere-torcht1 ds/derivatives || fail "a path of this machine is written"

anat=sub-01/anat/sub-01
wrong() { # SENTENCE COMMAND...: after the command, in a copy, the checker says so
  rm -rf copy && mkdir copy && cp -r ds/derivatives/torcht1 copy/torcht1 && ln -s ../ds copy/raw
  sed -i 's|"raw": .*|"raw": "../../ds"|' copy/torcht1/dataset_description.json
  (cd copy/torcht1 && "${@:2}")
  check copy/torcht1 >found.txt && fail "not found: $1"
  grep -Fq "$1" found.txt || fail "'$1' is not in: $(head -n 3 found.txt)"
}
key() { sed -i "s|$2|$3|" "$1"; }
wrong 'GeneratedBy is required' key dataset_description.json GeneratedBy MadeBy
wrong 'Name is required' key dataset_description.json '"Name": "torcht1 maps' '"Nom": "torcht1 maps'
wrong 'is no release' key dataset_description.json 1.11.1 0.1
wrong 'leads to no file' key ${anat}_T2map.json echo-1_MESE echo-99_MESE
wrong 'is no BIDS URI of a dataset in DatasetLinks' key ${anat}_T2map.json bids:raw bids:other
wrong 'Units is ms, that of a T2map is s' key ${anat}_T2map.json '"s"' '"ms"'
wrong 'SkullStripped is required' key ${anat}_T2map.json SkullStripped Stripped
wrong 'Sources is recommended' key ${anat}_T2map.json Sources From
wrong 'is no JSON' key ${anat}_T2map.json '{' ''
wrong 'are not each once, in their order' mv ${anat}_T2map.nii.gz sub-01/anat/desc-x_sub-01_T2map.nii.gz
wrong 'there is no suffix T2mapp' mv ${anat}_T2map.nii.gz ${anat}_T2mapp.nii.gz
wrong 'T2map has no echo' mv ${anat}_T2map.nii.gz ${anat}_echo-1_T2map.nii.gz
wrong 'belongs into sub-01/anat' mv ${anat}_T2map.nii.gz sub-02/sub-01_T2map.nii.gz
two_sidecars() { cp ${anat}_T2map.json sub-01/anat/T2map.json && mv ${anat}_T2map.json sub-01/anat/sub-01_ses-9_T2map.json && mv ${anat}_T2map.nii.gz ${anat}_rec-x_T2map.nii.gz && cp sub-01/anat/T2map.json ${anat}_T2map.json; }
wrong 'two sidecars hold for it at one level' two_sidecars
wrong 'there is no entity mod-' rm .bidsignore
wrong 'is no NIfTI-1 file' cp ${anat}_T2map.json ${anat}_T2starmap.nii
