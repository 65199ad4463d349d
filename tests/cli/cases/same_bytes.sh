# The same files for any number of threads, in two runs, in any locale.
heart s --size 64
# Only the times (also those estimated), the number of threads and the paths may differ in fit.json.
plain() { grep -vE '"(read|fit|write|threads|why)": ' "$1/fit.json" >"$1/plain.json"; rm "$1/fit.json"; }
torcht1 fit s/series.nii.gz -o a -q --threads 1 && torcht1 fit s/series.nii.gz -o b -q --threads 2 || fail "fit"
torcht1 fit s/series.nii.gz -o c -q --threads 2 || fail "fit"
for folder in a b c; do plain $folder; done
diff -r a b >&2 && diff -r a c >&2 || fail "files differ"
heart t --size 64
diff -r s t >&2 || fail "two simulations differ"
locale=de_DE.UTF-8
if ! locale -a 2>/dev/null | grep -qi '^de_DE.utf'; then
  mkdir locales
  localedef -i de_DE -f UTF-8 locales/de_DE.UTF-8 2>/dev/null
  [ -d locales/de_DE.UTF-8 ] || skip "no German locale and localedef cannot make one"
  export LOCPATH=$PWD/locales
fi
LC_ALL=$locale torcht1 fit s/series.nii.gz -o d -q --threads 1 || fail "fit in $locale"
plain d
diff -r a d >&2 || fail "files differ in $locale"
LC_ALL=$locale torcht1 simulate heart -o u -q --physics equation --size 64 && diff -r s u >&2 || fail "simulation differs in $locale"
