# Signs from the phase images of a DICOM series: used unasked, told, recorded, refused where they cannot be.
dicom_heart d --slices 1
fit() { torcht1 fit d -o "$@" || fail "$*"; }
has() { grep -Eq -- "$2" "$1" || fail "$1 lacks '$2'"; }
same() { cmp "$1/T1map.nii.gz" "$2/T1map.nii.gz" || fail "$1 and $2 differ"; }

fit asked --sign phase >table
has table '^signs    from phase; [0-9.]* % of the samples left to the search$'
has asked/fit.json '"sign": "phase"'
has asked/fit.json '"source": "phase"'
open=$(sed -n 's/.*"open_share": \([0-9.e-]*\).*/\1/p' asked/fit.json)
awk -v o="$open" 'BEGIN { exit !(o > 0.05 && o < 0.5) }' || fail "open share $open" # air has no phase to speak of
fit auto -q
has auto/fit.json '"sign": "auto"'
same asked auto
fit magnitude --sign magnitude >table
! grep -q '^signs' table && ! grep -q open_share magnitude/fit.json || fail "signs where none were asked for"
! cmp -s asked/T1map.nii.gz magnitude/T1map.nii.gz || fail "the phase changes nothing"
fit rician -q --noise rician # what is left to the search is Rician
has rician/fit.json '"open_share"'

run() { refused 1 "$1" torcht1 fit "${@:2}" -o out --sign phase; }
run "torcht1: --sign phase: the signal of the model has no outer abs" d --model t2 \
  --known TE=0.01,0.02,0.03,0.04,0.05,0.06,0.07,0.08
run "torcht1: --sign phase: no phase images come with the series" d/magnitude
