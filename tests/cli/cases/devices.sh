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
export XDG_CACHE_HOME="$PWD/cache"
same_as_cpu() { # FOLDER
  for map in cpu/*.nii.gz; do
    cmp "$map" "$1/$(basename "$map")" || fail "$1 gives other bytes"
  done
}
# tests/cuda stands in for NVIDIA's driver: two devices, compiled for and translated for.
if [ -n "$TORCHT1_STANDIN" ]; then
  cuda() { LD_LIBRARY_PATH=$TORCHT1_STANDIN torcht1 "$@"; }
  cuda devices >listed || fail "devices with CUDA"
  grep -qE '^cuda:1 +present +Stand-in 12.0' listed || fail "cuda:1 is not listed: $(cat listed)"
  cuda fit series/series.nii.gz -o cuda --device cuda:all --device-memory 1 -q || fail "fit on cuda:all"
  grep -q '"name": "cuda:all"' cuda/fit.json || fail "fit.json does not tell of cuda:all"
  same_as_cpu cuda
  mkdir mute && ln -s "$TORCHT1_STANDIN/libcuda.so.1" mute
  LD_LIBRARY_PATH=mute torcht1 devices >listed || fail "devices without NVRTC"
  grep -qE '^cuda:0 +present .*; no compiler: (libnvrtc.so is not installed|NVRTC .* is newer than .*);' listed ||
    [ -n "$(ldconfig -p | grep libnvrtc)" ] || fail "nothing tells that NVRTC is missing: $(cat listed)"
fi
grep -qE '^opencl:0 +present' <<<"$list" || skip "no OpenCL device"
refused 1 "torcht1: device opencl:0 fits in float; *" \
  torcht1 fit series/series.nii.gz -o out --device opencl:0 --precision double
torcht1 fit series/series.nii.gz -o opencl --device opencl:0 --device-memory 1 -q || fail "fit on opencl:0"
same_as_cpu opencl
