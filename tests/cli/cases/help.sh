torcht1 --help
for command in fit compare models devices info simulate train cite help; do
  torcht1 $command --help >text || fail "$command --help"
  torcht1 help $command | diff text - >&2 || fail "help $command differs"
  grep -q "^usage: torcht1 $command" text || fail "$command --help says no usage"
  awk 'length > 100 {exit 1}' text || fail "$command --help has long lines"
done
torcht1 help --man >page || fail "no man page"
grep -q '^.TH TORCHT1 1' page || fail "not a man page"
if command -v man >/dev/null; then
  LC_ALL=C.UTF-8 MANROFFSEQ='' man --warnings -E UTF-8 -l -Tutf8 -Z ./page 2>&1 >/dev/null | (! grep .) || fail "man warns"
fi
