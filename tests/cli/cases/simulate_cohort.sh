# A cohort: the same persons from a seed, however many, with however many threads; whole or not at all.
torcht1 simulate cohort -o a --size 32 --subjects 3 --threads 1 >said.txt || fail "cohort"
grep -q '^a: 3 subjects, native and post-contrast' said.txt || fail "report: $(cat said.txt)"
torcht1 simulate cohort -o b -q --size 32 --subjects 2 --threads 3 || fail "cohort"
for folder in sub-01 sub-02 derivatives/torcht1-truth/sub-02; do diff -r a/$folder b/$folder >&2 || fail "$folder differs"; done
[ "$(head -n 3 a/participants.tsv)" = "$(cat b/participants.tsv)" ] || fail "participants.tsv"
[ "$(wc -l <a/participants.tsv)" -eq 4 ] || fail "participants"
[ -s a/sub-03/anat/sub-03_acq-molli_ce-gad_inv-9_part-mag_IRT1.nii.gz ] || fail "sub-03"
[ "$(awk -F '\t' '{ print NF }' a/participants.tsv | sort -u)" = 8 ] || fail "columns"
torcht1 simulate cohort -o c -q --size 32 --subjects 2 --seed 2 && cmp -s a/sub-01/anat/*_acq-molli_inv-1_part-mag_IRT1.nii.gz c/sub-01/anat/*_acq-molli_inv-1_part-mag_IRT1.nii.gz && fail "another seed is another cohort"

torcht1 simulate cohort -o n -q --size 32 --subjects 1 --format nifti || fail "nifti"
for file in participants.tsv sub-01/native/series.nii.gz sub-01/native/slices.csv sub-01/post/expected_T1map.nii.gz; do [ -s n/$file ] || fail "no $file"; done
cmp a/derivatives/torcht1-truth/sub-01/anat/sub-01_acq-molli_desc-true_T1map.nii.gz n/sub-01/native/truth_T1map.nii.gz || fail "formats differ in what they hold"

# Interrupted, it keeps the subjects that are whole.
set -m
"$TORCHT1" simulate cohort -o i --size 64 --subjects 900 -q &
pid=$!
for try in $(seq 200); do [ -e i/sub-04 ] && break; sleep 0.05; done
kill -INT $pid
wait $pid
[ $? -eq 130 ] || fail "the signal did not end it"
[ -z "$(find i -name '.*' ! -name i)" ] || fail "left behind: $(find i -name '.*')"
last=$(($(wc -l <i/participants.tsv) - 1))
[ "$(ls -d i/sub-* | wc -l)" -eq $last ] || fail "participants.tsv tells of others than are there"
[ "$(find i/sub-0$last -type f | wc -l)" -eq 68 ] || fail "the last subject is not whole"

for option in "--scheme 5(3)3" "--field 3" "--heart-rate 60" "--post-contrast" "--tissue blood=1" "--sequence sasha"; do
  refused 2 "torcht1: ${option%% *} is not for a cohort, which draws it for each subject" torcht1 simulate cohort -o out $option
done
