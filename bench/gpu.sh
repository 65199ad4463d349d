#!/bin/sh
# SPDX-License-Identifier: MIT
# A GPU against the processor, against the double reference and against Torch T1 in
# PyTorch, on one set of voxels in one run: writes bench/results/<device>.md.
#
#   bench/gpu.sh [--device cuda] [--build FOLDER] [--quick] [--gpufit LIBRARY]
#
# Needs a C11 compiler and the driver; nothing is installed. --build takes bench and
# kernel_text from a build that is there (else cmake/core.sh builds). PyTorch is taken from
# $PYTHON or python3, nvcc for register counts from /usr/local/cuda: what is absent is said.
# --quick fits less, and compares the bits of molli alone, to try the script: --device opencl --quick runs on PoCL.
set -eu
export LC_ALL=C
here=$(cd "$(dirname "$0")" && pwd)
source=$(dirname "$here")
device=cuda model= build= gpufit= voxels=65536 many=16777216 iterations=10000 torch_iterations=10000 quick=
while [ $# -gt 0 ]; do
  case $1 in
  --device) device=$2; shift 2 ;;
  --build) build=$2; shift 2 ;;
  --gpufit) gpufit=$2; shift 2 ;;
  --quick) voxels=4096 many=65536 iterations=200 torch_iterations=200 quick=' (quick: a trial of the script)' model='--model molli'; shift ;;
  *) echo "usage: gpu.sh [--device NAME] [--build FOLDER] [--quick] [--gpufit LIBRARY]" >&2; exit 2 ;;
  esac
done
say() { printf '== %s\n' "$*" >&2; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

bench=
kernel_text=
if [ -z "$build" ]; then
  build=$work/core
  say "Building with a C compiler alone"
  "$source/cmake/core.sh" "$build" >"$work/build.log" 2>&1 || { tail -n 20 "$work/build.log"; exit 1; }
  bench=$build/bench
  kernel_text=$build/kernel_text
  ${CC:-cc} -std=c11 -D_POSIX_C_SOURCE=200809L -O1 -I"$source/src" -I"$source/include" -I"$build/include" \
    -I"$source/tests" -I"$source/tests/unit" "$source/tests/kernel_text.c" "$build/libtorcht1.a" \
    -o "$kernel_text" -lm -lpthread -ldl >>"$work/build.log" 2>&1 || kernel_text=
else
  for at in "$build/bench/bench" "$build/bench"; do [ ! -f "$at" ] || bench=$at; done
  for at in "$build/tests/kernel_text" "$build/kernel_text"; do [ ! -f "$at" ] || kernel_text=$at; done
fi
[ -n "$bench" ] || { echo "gpu.sh: no bench program in $build" >&2; exit 1; }

export XDG_CACHE_HOME=$work/cache # so that the first run is a cold one
say "Bits and accuracy, every model and solver"
# shellcheck disable=SC2086
"$bench" --device "$device" $model bits >"$work/bits" 2>"$work/bits.err" || {
  echo "gpu.sh: $device cannot be used: $(head -n 1 "$work/bits.err")" >&2
  exit 1
}
rm -rf "$XDG_CACHE_HOME"
say "Times"
seconds() { # COMMAND...: wall time in ms
  begin=$(date +%s%N)
  "$@" >/dev/null
  echo $((($(date +%s%N) - begin) / 1000000))
}
cold=$(seconds "$bench" --device "$device" --voxels 64 gpu)
warm=$(seconds "$bench" --device "$device" --voxels 64 gpu)
"$bench" --device "$device" --voxels $voxels gpu >"$work/figures"
"$bench" --device "$device" --many $many gpu_many >>"$work/figures" 2>"$work/many.err" ||
  echo "gpu_many_rate not-measured" >>"$work/figures"
"$bench" --device "$device" --voxels $voxels --iterations $iterations gpu_adam >>"$work/figures"

say "Torch T1 in PyTorch"
python=${PYTHON:-python3}
"$bench" --voxels $voxels --output "$work/tissue" export
case $device in cuda*) torch_device=cuda ;; *) torch_device=cpu ;; esac
if "$python" -c 'import torch' 2>/dev/null; then
  "$python" "$here/torch_t1.py" "$work/tissue.signal" --times 0.12,0.2,1.12,1.2,2.12,2.2,3.12,4.12 \
    --device $torch_device --iterations $torch_iterations >"$work/torch" 2>"$work/torch.err" ||
    echo "# not measured: $(tail -n 1 "$work/torch.err")" >>"$work/torch"
else
  echo "# not measured: $python has no torch" >"$work/torch"
fi

value() { awk -v name="$1" '$1 == name { print $2; exit }' "$work/figures" "$work/torch"; }
over() { awk -v a="$1" -v b="$2" 'BEGIN { if (a + 0 > 0 && b + 0 > 0) printf "%.4g", a / b; else print "not measured" }'; }

case $device in
cuda*) name=$(nvidia-smi --query-gpu=name,driver_version --format=csv,noheader 2>/dev/null | head -n 1) ;;
*) name=$(awk -F ': ' '/^model name/ { print $2; exit }' /proc/cpuinfo) ;;
esac
name="$device, ${name:-unknown}"
slug=$(echo "$name" | tr 'A-Z' 'a-z' | tr -cs 'a-z0-9\n' '-' | sed 's/-$//')
report=${TT1_BENCH_REPORT:-$here/results/$slug.md}
mkdir -p "$(dirname "$report")"
{
  echo "# GPU figures: $name$quick"
  echo
  echo "Written by bench/gpu.sh; revision $(git -C "$source" describe --always --dirty 2>/dev/null || echo unknown);" \
    "load $(cut -d ' ' -f 1 /proc/loadavg)."
  echo
  echo "## Times"
  echo
  echo "MOLLI, 8 images, $voxels voxels unless said; wall time of tt1_plan_run(), transfers included, medians."
  echo
  echo '| | | target on an H200 |'
  echo '|---|---|---|'
  echo "| default solver, ms | $(value gpu_varpro) | 0.5 |"
  echo "| the same on this machine's processor, all threads, ms | $(value cpu_varpro) | |"
  echo "| default solver, $many voxels, M fits/s | $(value gpu_many_rate) | 1000 |"
  echo "| traffic to and from the device there, GB/s | $(value gpu_many_bandwidth) | |"
  echo "| adam, $iterations iterations, ms | $(value gpu_adam) | 30 for 10,000 |"
  echo "| whole bench process, nothing cached, ms | $cold | |"
  echo "| the same again, kernels cached, ms | $warm | |"
  echo
  echo "Not told by this script yet: the time of the kernel alone, and the card's measured ceilings."
  echo
  echo "## Torch T1 in PyTorch, the same voxels, $torch_iterations iterations"
  echo
  if grep -q '^torch_' "$work/torch"; then
    echo '| | s | loss | over adam here, per iteration | over the default solver |'
    echo '|---|---|---|---|---|'
    for way in eager compile graph; do
      [ -n "$(value torch_$way)" ] || continue
      per_torch=$(over "$(value torch_$way)" $torch_iterations)
      per_ours=$(over "$(over "$(value gpu_adam)" 1000)" $iterations)
      echo "| $way | $(value torch_$way) | $(value torch_${way}_loss) | $(over "$per_torch" "$per_ours") |" \
        "$(over "$(value torch_$way)" "$(over "$(value gpu_varpro)" 1000)") |"
    done
    echo
  fi
  sed -n 's/^# /- /p' "$work/torch"
  echo
  echo "## Gpufit"
  echo
  if [ -n "$gpufit" ]; then echo "Not measured: given as $gpufit, but this script does not call it yet."; else
    echo "Not measured: no library was given (--gpufit)."; fi
  echo
  echo "## Bits and accuracy"
  echo
  echo "1,024 noisy voxels; every output against the processor's bits; first parameter against double, median."
  echo
  echo '| model | solver | differing voxels | relative to double |'
  echo '|---|---|---|---|'
  awk '$1 == "bits" && $4 != "not" { printf "| %s | %s | %s of %s | %s |\n", $2, $3, $4, $6, $10 }
       $1 == "bits" && $4 == "not" { printf "| %s | %s | not compared | |\n", $2, $3 }' "$work/bits"
  echo
  echo "## Registers"
  echo
  if [ -n "$kernel_text" ]; then "$here/registers.sh" "$kernel_text" sm_90 8 molli ir3 t2offset || true; else
    echo "Not measured: no kernel_text program."; fi
} >"$report"
say "Written: $report"
cat "$report"
