# Devices are listed with what they are or why they are absent; a fit on any gives the same bytes.
list=$(torcht1 devices) || fail "devices"
for kind in cpu opencl cuda; do
  grep -qE "^$kind(:[0-9]+)? +(present|absent) +[^ ]" <<<"$list" || fail "$kind is not listed: $list"
done
heart series
torcht1 fit series/series.nii.gz -o cpu --device cpu -q || fail "fit on the processor"
grep -q '"why": "asked for"' cpu/fit.json || fail "fit.json does not say why"
torcht1 fit series/series.nii.gz -o auto -q || fail "fit where it is soonest"
grep -qE '"name": "(cpu|cuda:0|opencl:0)"' auto/fit.json || fail "fit.json does not say where"
grep -q ' estimated' auto/fit.json || fail "fit.json does not tell what was estimated"
refused 1 "torcht1: there is no device \"gpu\"; expected auto, cpu, *" \
  torcht1 fit series/series.nii.gz -o out --device gpu
refused 2 "*device-memory*" torcht1 fit series/series.nii.gz -o out --device-memory no
grep -qE '^opencl:0 +present' <<<"$list" || skip "no OpenCL device"
refused 1 "torcht1: device opencl:0 fits in float; *" \
  torcht1 fit series/series.nii.gz -o out --device opencl:0 --precision double
export XDG_CACHE_HOME="$PWD/cache"
torcht1 fit series/series.nii.gz -o opencl --device opencl:0 --device-memory 1 -q || fail "fit on opencl:0"
for map in cpu/*.nii.gz; do
  cmp "$map" "opencl/$(basename "$map")" || fail "OpenCL gives other bytes"
done
