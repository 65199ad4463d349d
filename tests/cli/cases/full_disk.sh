# A file that outgrows its limit (as a full disk does: write fails half-way), then a disk.
heart s --size 128
(ulimit -f 16; torcht1 fit s/series.nii.gz -o out >stdout.txt 2>stderr.txt)
[ $? -eq 1 ] || fail "exit $?"
[ "$(wc -l <stderr.txt)" -eq 1 ] || fail "not one sentence: $(cat stderr.txt)"
nothing_left out
mkdir disk
mount -t tmpfs -o size=128k none disk 2>/dev/null || exit 0
torcht1 fit s/series.nii.gz -o disk/out >stdout.txt 2>stderr.txt
code=$?
rest=$(ls -A disk)
umount disk
[ $code -eq 1 ] || fail "full disk: exit $code"
grep -qi "no space" stderr.txt || fail "the reason is not given: $(cat stderr.txt)"
[ -z "$rest" ] || fail "left on the full disk: $rest"
