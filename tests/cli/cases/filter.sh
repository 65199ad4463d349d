# --filter: which maps it changes, in which order, where it is recorded.
heart s --size 48
fit() { torcht1 fit s/series.nii.gz "$@" || fail "$*"; }
has() { grep -Eq -- "$2" "$1" || fail "$1 lacks '$2'"; }
note() { gzip -dc "$1" | head -c 300 | grep -aq -- "$2"; }

fit -o plain >table
has plain/fit.json '"filter": "none"'
! grep -q '^filter' table || fail "a filter unasked"
fit -o none -q --filter none
fit -o three --filter median3 --correction 2 >table
has table '^filter   median3 over the maps; standard deviations are those of single voxels$'
has three/fit.json '"filter": "median3"'
# Three parameters, one derived map, and the option.
[ "$(grep -c '"filter": "median3"' three/fit.json)" -eq 5 ] || fail "not every map is marked"
for map in T1map T1s C k; do
  cmp plain/$map.nii.gz none/$map.nii.gz || fail "none changed $map"
  ! cmp -s plain/$map.nii.gz three/$map.nii.gz || fail "median3 left $map"
  note three/$map.nii.gz ' median3' || fail "$map does not say so"
done
note three/T1map.nii.gz ' x 2 median3' || fail "the description lost the correction"
for map in T1s_sd rsquared rmse outcome; do
  cmp plain/$map.nii.gz three/$map.nii.gz || fail "median3 changed $map"
  ! note three/$map.nii.gz median || fail "$map says it is filtered"
done

torcht1 compare three/T1map.nii.gz three/T1map.nii.gz >table || fail "compare"
grep -q '^A  *three/T1map.nii.gz  (in s)$' table || fail "the file no longer tells the unit: $(head -n 1 table)"

# What has no number keeps none, and nothing else loses its own.
numbers() { torcht1 compare "$1" "$1" --json | sed -n 's/.*"n": \([0-9]*\).*/\1/p' | head -n 1; }
[ -n "$(numbers plain/T1map.nii.gz)" ] || fail "compare counts nothing"
[ "$(numbers plain/T1map.nii.gz)" = "$(numbers three/T1map.nii.gz)" ] || fail "voxels came or went"

refused 2 "torcht1: --filter takes one of none, median3, median5, not 'median4'" \
  torcht1 fit s/series.nii.gz -o out --filter median4
