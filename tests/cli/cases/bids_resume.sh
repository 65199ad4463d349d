# A dataset with one bad series, begun again, changed, interrupted, and fitted by several at once.
"$TORCHT1_RAW_DATASET" ds || fail "raw_dataset"
torcht1 info ds >/dev/null 2>said.txt; grep -q 'has no jansson' said.txt && skip "this build has no jansson"
fit() { torcht1 fit ds -o out "$@" >said.txt 2>errors.txt; }
summary() { tail -n 1 said.txt; }
all() { (cd out && find . -type f ! -name '*.tsv' -exec cksum {} + | sort); }

# One that fails is told in one sentence, and the others go on.
bad=ds/sub-01/anat/sub-01_echo-3_MESE.nii.gz
mv $bad kept && head -c 100 kept >$bad
fit && fail "a damaged image is taken"
[ "$(grep -c '^torcht1:' errors.txt)" -eq 1 ] && grep -q "^torcht1: sub-01_MESE: $bad .*" errors.txt || fail "sentence: $(cat errors.txt)"
[ "$(summary)" = '7 series, 6 fitted, 1 failed; maps in out' ] || fail "summary: $(summary)"
grep -Pq "^sub-01_MESE\tt2\tfailed\t${bad#ds/} is " out/torcht1.tsv || fail "table: $(cat out/torcht1.tsv)"
[ "$(grep -c fitted out/torcht1.tsv)" -eq 6 ] || fail "the others"
[ -z "$(find out -name '*MESE*' -path '*sub-01*')" ] && [ ! -e out/sub-01/anat/sub-01_T2map.nii.gz ] || fail "half-written"

# Begun again: what is complete stays, to the byte and the time; what failed is done.
cp kept $bad
stamp() { find out -name '*map.nii.gz' -exec stat -c '%n %Y %i' {} + | grep -v sub-01_T2map | sort; }
before=$(stamp)
fit || fail "the second run: $(cat errors.txt)"
[ "$(summary)" = '7 series, 1 fitted, 6 complete; maps in out' ] || fail "summary: $(summary)"
[ "$before" = "$(stamp)" ] || fail "complete maps were written anew"
! grep -q failed out/torcht1.tsv || fail "the table still says failed"
fit && [ "$(summary)" = '7 series, 7 complete; maps in out' ] || fail "the third run: $(summary)"
cp out/torcht1.tsv whole.tsv

# Complete is what was made of the same images, sidecars, options and maps, and is all there.
again() { fit "${@:2}" && [[ "$(summary)" == ?" series, $1; maps in out" ]] || fail "expected $1: $(summary)"; }
printf '{"EchoTime": 0.0101}' >ds/sub-01/anat/sub-01_echo-1_MESE.json
again '1 fitted, 6 complete'
printf '{"InversionTime": 1.13, "MagneticFieldStrength": 1.5}' >ds/inv-2_IRT1.json # inherited by two
again '2 fitted, 5 complete'
printf '{}' >ds/sub-01/fmap/sub-01_TB1map.json
again '1 fitted, 6 complete'
rm out/sub-01/anat/sub-01_T2map.nii.gz
again '1 fitted, 6 complete'
sed -i 's/"torcht1": "/"torcht1": "0./' out/sub-01/anat/sub-01_mod-VFA_torcht1.json # by another version
again '1 fitted, 6 complete'
again '7 complete' --threads 1
for option in --keep-bound '' --overwrite; do again '2 fitted' --suffix MESE $option; done

# Maps that a changed fit does not have do not stay beside those of it.
fit --suffix MESE --model t2offset || fail "t2offset"
[ -e out/sub-01/anat/sub-01_mod-MESE_desc-B_fit.nii.gz ] || fail "no offset"
fit --suffix MESE || fail "t2"
[ ! -e out/sub-01/anat/sub-01_mod-MESE_desc-B_fit.nii.gz ] && [ ! -e out/sub-01/anat/sub-01_mod-MESE_desc-B_fit.json ] || fail "the offset of an older fit stays"
cut -f 1,3 whole.tsv >a; cut -f 1,3 out/torcht1.tsv >b; cmp a b || fail "a part of the dataset changed the table of the whole"

# Other formats are another fit.
fit --suffix MESE --output-format nifti,mat || fail "mat"
[ -e out/sub-01/anat/sub-01_mod-MESE_fit.mat ] || fail "no MATLAB file"
fit --suffix MESE --output-format nifti,mat && [ "$(summary)" = '2 series, 2 complete; maps in out' ] || fail "mat again: $(summary)"
rm out/sub-01/anat/sub-01_mod-MESE_fit.mat
fit --suffix MESE --output-format nifti,mat && [ "$(summary)" = '2 series, 1 fitted, 1 complete; maps in out' ] || fail "mat removed: $(summary)"
fit --suffix MESE && [ "$(summary)" = '2 series, 2 fitted; maps in out' ] || fail "no mat: $(summary)"
[ ! -e out/sub-01/anat/sub-01_mod-MESE_fit.mat ] || fail "the MATLAB file of an older fit stays"

# A record that names files elsewhere removes nothing there.
echo keep >victim && echo keep >sub-victim
sed -i 's/"file": "sub-01_T2map.nii.gz"/"file": "..\/..\/..\/victim"/' out/sub-01/anat/sub-01_mod-MESE_torcht1.json
fit --suffix MESE --keep-bound && [ -e victim ] && [ -e sub-victim ] || fail "files elsewhere are gone"

# Several processes, each with its participants, at once, give what one gives.
rm -rf out one
torcht1 fit ds -o out -q || fail "one process"
mv out one
torcht1 fit ds -o out -q --participant-label 01 & a=$!
torcht1 fit ds -o out -q --participant-label sub-02 & b=$!
wait $a && wait $b || fail "two processes"
same() { diff -r -x '*_torcht1.json' -x torcht1.tsv one out; } # records hold times
same || fail "two processes: other files"
[ ! -e out/torcht1.tsv ] || fail "a part wrote the table of the whole"
torcht1 fit ds -o out -q && cmp one/torcht1.tsv out/torcht1.tsv || fail "the table after all"

# Interrupted at many moments: no series is half there, and going on ends in the same maps.
rm -rf out; set -m
for delay in 0.02 0.04 0.06 0.09 0.12 0.16; do
  "$TORCHT1" fit ds -o out -q & pid=$!
  sleep $delay; kill -INT $pid 2>/dev/null; wait $pid
  [ -z "$(find . -name '.torcht1-*')" ] || fail "left behind after $delay s"
  for record in $(find out -name '*_torcht1.json' 2>/dev/null); do
    for map in $(sed -n '/"maps"/,$s/.*"file": "\(.*\)",/\1/p' "$record"); do
      [ -f "$(dirname "$record")/$map" ] || fail "$map is missing after $delay s"
    done
  done
done
torcht1 fit ds -o out -q && same || fail "after interruptions"
