# What is there, as text and as JSON, for NIfTI, DICOM and what is neither.
heart n --size 32
torcht1 info n/series.nii.gz >text.txt || fail "info of NIfTI"
grep -q 'InversionTime in ms, from series.json' text.txt || fail "no source"
grep -Eq '^ +120 +1120 +2120 +3120 +4120 +200 +1200 +2200$' text.txt || fail "no times: $(cat text.txt)"
torcht1 info n/series.nii.gz --json >json.txt || fail "--json"
grep -q '"values": \[0.12, 1.12, 2.12, 3.12, 4.12, 0.2, 1.2, 2.2\]' json.txt || fail "times in s: $(cat json.txt)"
grep -q '"crc32": "' json.txt || fail "no checksum"
refused 1 "torcht1: none.nii cannot be read: *" torcht1 info none.nii
refused 2 "torcht1: --times takes one of auto, trigger, not 'soon'" torcht1 info n/series.nii.gz --times soon
mkdir empty
refused 1 "torcht1: empty *" torcht1 info empty

dicom_heart s --size 32 --slices 2 --seed 2
torcht1 info s >text.txt || fail "info of a folder"
grep -q '^s: 2 series, 32 files; 6 others left out$' text.txt || fail "summary: $(head -n 1 text.txt)"
grep -Eq '^ +1  magnitude +8  32 x 32 x 2 +MOLLI 5\(3\)3 digital heart$' text.txt || fail "magnitude"
grep -Eq '^ +2  phase ' text.txt || fail "phase"
grep -q 'sign        from the phase in series 2' text.txt || fail "sign"
grep -q 'not fitted  it holds the phase of series 1' text.txt || fail "reason"
grep -q 'InversionTime in ms, from (0018,0082)' text.txt || fail "source"
grep -Eq '^ +120 +1120 +2120 +3120 +4120 +200 +1200 +2200$' text.txt || fail "order of acquisition"
[ "$(awk '{ if (length > 79) n++ } END { print n + 0 }' text.txt)" -eq 0 ] || fail "lines too long"
tail -n 1 text.txt | grep -q 'takes series 1 with the phase in series 2' || fail "choice"
torcht1 info s --json >json.txt || fail "--json"
[ "$(grep -c '"crc32"' json.txt)" -eq 32 ] || fail "files and checksums"
command -v python3 >/dev/null && { python3 -m json.tool json.txt >/dev/null || fail "not JSON"; }
torcht1 info s/magnitude/0001.dcm | grep -q '^s/magnitude/0001.dcm: 1 series, 16 files$' || fail "info of a file"
torcht1 info s --series nothing | grep -q 'fit .*no series is called "nothing"' || fail "--series"
# The trigger time is the same in all images: taken only when asked for, and then no time varies.
torcht1 info s --times trigger >text.txt || fail "--times trigger"
grep -q '120 .*1120' text.txt && fail "inversion times in spite of --times trigger"
# What a fit would still need.
heart n --size 32 && rm n/series.json
torcht1 info n/series.nii.gz | grep -q 'takes the series, whose times have to be given: --known' || fail "no times"
torcht1 info n/truth_T1map.nii.gz | grep -q 'one image cannot be fitted' || fail "one image"
dicom_heart s --size 32 --slices 2 --seed 2
echo text >s/note.dcm
refused 1 "torcht1: s/note.dcm is named as a DICOM file, but is none" torcht1 info s
