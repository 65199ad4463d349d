#!/bin/sh
# SPDX-License-Identifier: MIT
# A GPU against the processor, against what the card can do, against Torch T1 in PyTorch
# and against Gpufit, on one set of voxels in one run: writes bench/results/<device>.md.
#
#   bench/gpu.sh [--device cuda] [--build FOLDER] [--quick] [--gpufit LIBRARY]
#
# Needs a C11 compiler and the driver (CUDA: NVRTC too); nothing is installed. --build takes
# the programs bench and kernel_text from a build that is there, else cmake/core.sh builds.
# PyTorch is taken from $PYTHON, python3 or /usr/bin/python3, nvcc for registers from PATH or
# /usr/local/cuda, a C++ compiler to count operations from $CXX or c++: what is absent is said.
# What may take long has a limit: all of it fits into ten minutes on a machine with a GPU.
# --quick fits less, and compares the bits of molli alone, to try the script:
# `gpu.sh --device opencl --quick` runs on PoCL, where there is no GPU.
set -eu
export LC_ALL=C
here=$(cd "$(dirname "$0")" && pwd)
source=$(dirname "$here")
device=cuda build='' gpufit='' quick=''
voxels=65536 many=16777216 iterations=10000 most=40000 rounds=256
while [ $# -gt 0 ]; do
  case $1 in
  --device) device=$2; shift 2 ;;
  --build) build=$2; shift 2 ;;
  --gpufit) gpufit=$2; shift 2 ;;
  --quick) quick=yes voxels=4096 many=65536 iterations=200 most=400 rounds=4; shift ;;
  *) echo "usage: gpu.sh [--device NAME] [--build FOLDER] [--quick] [--gpufit LIBRARY]" >&2; exit 2 ;;
  esac
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
begun=$(date +%s)
load=$(cut -d ' ' -f 1 /proc/loadavg)
say() { printf '== %4d s  %s\n' $(($(date +%s) - begun)) "$*" >&2; }

# ---- Build ---------------------------------------------------------------------

bench='' kernel_text=''
if [ -z "$build" ]; then
  build=$work/core
  say "Building with a C compiler alone"
  "$source/cmake/core.sh" "$build" >"$work/build.log" 2>&1 || { tail -n 20 "$work/build.log" >&2; exit 1; }
  ${CC:-cc} -std=c11 -D_POSIX_C_SOURCE=200809L -O1 -I"$source/src" -I"$source/include" -I"$build/include" \
    -I"$source/tests" -I"$source/tests/unit" "$source/tests/kernel_text.c" "$build/libtorcht1.a" \
    -o "$build/kernel_text" -lm -lpthread -ldl >>"$work/build.log" 2>&1 || { tail -n 20 "$work/build.log" >&2; exit 1; }
fi
for at in "$build/bench/bench" "$build/bench"; do [ ! -f "$at" ] || bench=$at; done
for at in "$build/tests/kernel_text" "$build/kernel_text"; do [ ! -f "$at" ] || kernel_text=$at; done
[ -n "$bench" ] || { echo "gpu.sh: no bench program in $build" >&2; exit 1; }

# ---- Measure -------------------------------------------------------------------

python=''
for at in ${PYTHON:-python3 /usr/bin/python3}; do
  [ -n "$python" ] || ! "$at" -c 'import torch' 2>/dev/null || python=$at
done
# NVRTC may have come with PyTorch alone.
if [ -n "$python" ]; then
  for library in $("$python" -c 'import site, glob
for at in site.getsitepackages() + [site.getusersitepackages()]:
    print(*glob.glob(at + "/nvidia/*/lib/libnvrtc.so.*[0-9]"))'); do
    LD_LIBRARY_PATH=${LD_LIBRARY_PATH:+$LD_LIBRARY_PATH:}${library%/*}
  done
  export LD_LIBRARY_PATH
fi
export XDG_CACHE_HOME="$work/cache" # so that the first run is a cold one
run() { "$bench" --device "$device" --voxels $voxels --many $many --iterations $iterations --rounds $rounds "$@"; }
milliseconds() { # COMMAND...: wall time
  before=$(date +%s%N)
  "$@" >/dev/null
  echo $((($(date +%s%N) - before) / 1000000))
}

: >"$work/figures"
: >"$work/gpufit"
run gpu_ceilings >>"$work/figures" 2>"$work/error" || {
  echo "gpu.sh: $device cannot be used: $(head -n 1 "$work/error")" >&2
  exit 77
}
say "Times"
cold=$(milliseconds "$bench" --device "$device" --voxels 64 gpu_first)
warm=$(milliseconds "$bench" --device "$device" --voxels 64 gpu_first)
for part in gpu gpu_kernel gpu_adam gpu_many gpu_kernel_many; do
  run "$part" >>"$work/figures" 2>"$work/error" || echo "# $part: $(head -n 1 "$work/error")" >>"$work/figures"
done

say "Operations of a fit"
"$bench" --iterations $iterations --output "$work/kernel" export-kernel
: >"$work/operations"
for solver in varpro lm adam; do
  if ${CXX:-c++} -std=c++17 -O1 -w -ffp-contract=off "-DKERNEL_TEXT=\"$work/kernel.$solver\"" \
    "$here/count_operations.cc" -o "$work/count" 2>"$work/error"; then
    "$work/count" | sed "s/^/$solver /" >>"$work/operations"
  fi
done

say "Time to the least cost"
"$bench" --voxels $voxels --output "$work/tissue" export
run --output "$work/tissue" gpu_cost >"$work/cost" 2>"$work/error" ||
  echo "# gpu_cost: $(head -n 1 "$work/error")" >>"$work/figures"
say "Torch T1 in PyTorch"
case $device in cuda*) torch_device=$device ;; *) torch_device=cpu ;; esac
: >"$work/torch"
if [ -n "$python" ]; then
  status=0
  timeout 150 "$python" "$here/torch_t1.py" "$work/tissue.signal" --times 0.12,0.2,1.12,1.2,2.12,2.2,3.12,4.12 \
    --device "$torch_device" --iterations $iterations --optimum "$work/tissue.optimum" --most $most \
    >"$work/torch" 2>"$work/error" || status=$?
  case $status in
  0) ;;
  124) echo '# ended early: not done within 150 s' >>"$work/torch" ;;
  *) echo "# ended early: $(tail -n 1 "$work/error" | grep . || echo "exit $status")" >>"$work/torch" ;;
  esac
else
  echo "# not measured: ${PYTHON:-python3} has no torch" >"$work/torch"
fi
if [ -n "$gpufit" ]; then
  say "Gpufit"
  run --gpufit "$gpufit" gpufit >"$work/gpufit" 2>&1 || true
fi

say "Bits and accuracy"
models=molli
[ -n "$quick" ] || models=$(cd "$source/models" && ls ./*.model | sed 's/^..//; s/\.model$//')
# One process a model: most of the time is compiling.
case $device in cuda*) bits_limit=200 ;; *) bits_limit=1800 ;; esac # PoCL takes minutes on few cores
compare() { timeout $bits_limit xargs -n 1 -P "$(getconf _NPROCESSORS_ONLN)" "$@"; }
bits_begun=$(date +%s)
# shellcheck disable=SC2086
printf '%s\n' $models | compare sh -c '"$0" --device "$1" --model "$3" bits >"$2.$3" 2>&1' \
  "$bench" "$device" "$work/bits" || bits_short=yes
bits_seconds=$(($(date +%s) - bits_begun))

# ---- Report --------------------------------------------------------------------

value() { awk -v name="$1" '$1 == name { print $2; exit }' "$work/figures" "$work/torch" "$work/gpufit" 2>/dev/null; }
figure() { v=$(value "$1"); echo "${v:-not measured}"; }
# The quotient a / b * c, where all are known.
over() { awk -v a="$1" -v b="$2" -v c="${3:-1}" 'BEGIN { if (a + 0 > 0 && b + 0 > 0 && c + 0 > 0) printf "%.4g", a / b * c; else print "not measured" }'; }
operations() { # SOLVER KIND...: per fit
  solver=$1
  shift
  awk -v solver="$solver" -v kinds=" $* " '$1 == solver && index(kinds, " " $2 " ") { n += $3 } END { print n + 0 }' "$work/operations"
}

card=$(sed -n 's/^device //p' "$work/figures")
case $card in
*"; processor") trial='The device is the processor itself: a trial of the script. **Nothing here tells of a GPU.**' ;;
*) trial=${quick:+A trial of the script (--quick).} ;;
esac
slug=$(echo "$device, ${card%%;*}" | tr 'A-Z' 'a-z' | tr -cs 'a-z0-9\n' '-' | sed 's/-$//')
report=${TT1_BENCH_REPORT:-$here/results/$slug.md}
mkdir -p "$(dirname "$report")"

tell_times() {
  cat <<END
## Times

MOLLI, 8 images, $voxels voxels unless said, medians. *Kernel*: one launch over all voxels by the clock of the
device. *With transfers*: wall time of \`tt1_plan_run()\`, from plain memory through pinned buffers and back: C, k,
T1s, T1, the standard deviation of T1 and the outcome.

| | kernel | target | with transfers | target |
|---|---|---|---|---|
| default solver, ms | $(figure kernel_varpro) | 0.1 | $(figure gpu_varpro) | 0.5 |
| default solver, $many voxels, M fits/s | $(figure kernel_many_rate) | | $(figure gpu_many_rate) | 1000 |
| lm, ms | $(figure kernel_lm) | | | |
| adam, $iterations iterations, ms | $(figure kernel_adam) | | $(figure gpu_adam) | 30 for 10,000 |
| default solver on this machine's processor, all threads, ms | | | $(figure cpu_varpro) | |
| whole bench process with 64 voxels, nothing cached, ms | | | $cold | |
| the same again, kernels cached, ms | | | $warm | |

Targets are those of an H200.
$(sed -n 's/^# /- not measured: /p' "$work/figures")
END
}

share_row() { # LABEL SOLVER FITS-PER-MICROSECOND
  pipe=$(operations "$2" fused add multiply)
  used=$(over "$pipe" 1000 "$3")
  echo "| $1 | $pipe | $(operations "$2" divide) + $(operations "$2" root) | $(operations "$2" compare choose bits) |" \
    "$used | $(over "$used" "$(value ceiling_multiply_add)" 100) |"
}

tell_limits() {
  bytes=$(value kernel_bytes) rate=$(value kernel_many_rate)
  moved=$(over "$bytes" 1000 "$rate")
  memory=$(over "$moved" "$(value ceiling_copy)" 100)
  arithmetic=$(over "$(over "$(operations varpro fused add multiply)" 1000 "$rate")" "$(value ceiling_multiply_add)" 100)
  cat <<END
## Against the ceilings of the card

Measured by two kernels through the same drivers: eight independent chains of multiply-adds, $((rounds * 128)) a thread, in
1,048,576 threads; a copy of 8 floats a thread.

| ceiling | |
|---|---|
| fused multiply-adds, G/s | $(figure ceiling_multiply_add) |
| copy within the device's memory (read + written), GB/s | $(figure ceiling_copy) |
| from pinned host memory, GB/s | $(figure ceiling_upload) |
| to pinned host memory, GB/s | $(figure ceiling_download) |

Operations of a fit are counted, not estimated: \`count_operations.cc\` compiles the text that the device is given, with
a number type that counts, and fits 64 of these voxels with it (\`varpro\` and \`adam\` do the same for every voxel). A
fused multiply-add, an addition and a multiplication take one slot of the arithmetic units each, so their sum times the
fits per second is compared with the first ceiling. Divisions and roots, which take several slots each, comparisons, choices and
shifts of exponents come on top; indices and loops are not counted.

| | fused, added, multiplied per fit | divisions + roots | compared, chosen, shifted | rate, G/s | % of the ceiling |
|---|---|---|---|---|---|
$(if [ -s "$work/operations" ]; then
    share_row "default solver, $many voxels" varpro "$rate"
    share_row "lm, $voxels voxels" lm "$(over "$voxels" "$(value kernel_lm)" 0.001)"
    share_row "adam, $iterations iterations, $voxels voxels" adam "$(over "$voxels" "$(value kernel_adam)" 0.001)"
  else echo "| not counted: ${CXX:-c++} cannot compile it | | | | | |"; fi)

The default solver reads and writes ${bytes:-?} bytes per fit: $moved GB/s, $memory % of the copy ceiling.
$(awk -v a="$arithmetic" -v m="$memory" 'BEGIN {
    if (a + 0 == 0 || m + 0 == 0) print "What bounds it is not told: a figure is missing."
    else if (m > 60 && m > a) print "Memory bounds it."
    else if (a > 60) print "Arithmetic bounds it."
    else print "Neither is near its ceiling: what bounds the kernel are the operations beside (divisions, comparisons, choices)," \
      " waiting for results of its own chain, and private arrays."
  }')
With transfers it moves $(figure gpu_many_bandwidth) GB/s to and from the host at $many voxels.
END
}

cost_rows() { # FILE WHO: name, time, iterations, share of costs, of T1
  default=$(awk '$2 == "varpro" { print $3 }' "$work/cost")
  awk -v who="$2" -v base="$default" '$1 == "cost" {
    reached = ($7 >= 99)
    time = sprintf(reached ? "%.4g" : "not reached in %.4g", 1e3 * $3)
    ratio = (base > 0) ? sprintf(reached ? "%.4g" : "more than %.4g", $3 / base) : "not measured"
    printf "| %s%s | %s | %s | %s | %s | %s |\n", who, $2, time, ($5 > 0) ? $5 : "", $7, $11, ratio
  }' "$1"
}

tell_race() {
  cat <<END
## To the same cost

Wall time until 99 % of the voxels have a cost (in double, of the parameters returned) within 1e-4 of the least that
any method can find: that of a brute-force search in double (bench/README.md). T1 beside it: the share of voxels within 1 ms of the T1
there. Adam is tried with 100, 150, 225 ... iterations, here at most $iterations, in PyTorch (100, 125, 156 ...) $most; transfers count
here, not in PyTorch; compiling counts nowhere. \`adam-fixed\` starts as the paper does, \`adam\` from the grid.

| | ms | iterations | % of costs | % of T1 | over the default solver |
|---|---|---|---|---|---|
$(cost_rows "$work/cost" '')
$(cost_rows "$work/torch" 'PyTorch ')

Target: PyTorch at least 1,000 times the default solver, on an H200.
END
}

torch_rows() {
  for way in eager capture compile graph; do
    [ -n "$(value torch_$way)" ] || continue
    echo "| $way | $(value torch_$way) | $(value torch_${way}_loss) | $(over "$(value torch_$way)" "$(value gpu_adam)" 1000) |"
  done
}

tell_torch() {
  printf '## Torch T1 in PyTorch, the same voxels, %s iterations\n\n' $iterations
  if grep -q '^torch_' "$work/torch"; then
    printf '| | s | loss | over adam here, with transfers |\n|---|---|---|---|\n'
    torch_rows
    echo
  fi
  sed -n 's/^# /- /p' "$work/torch"
}

tell_gpufit() {
  printf '\n## Gpufit\n\n'
  if [ -z "$gpufit" ]; then
    echo "Not measured: no library was given (--gpufit)."
  elif [ -z "$(value gpufit)" ]; then
    echo "Not measured: $(head -n 1 "$work/gpufit")."
  else
    cat <<END
Its GAUSS_1D over the root of the inversion time, centre held at 0, is the recovery curve (bench_gpufit.c); samples are
signed, for both. Least squares, tolerance 1e-6, at most 50 iterations, one start (C the last sample, k 2, T1s 1 s), unbounded.

| | ms, with transfers | % of the voxels within 1e-4 of the lesser cost of both |
|---|---|---|
| Gpufit | $(figure gpufit) | $(figure gpufit_at_least) |
| default solver here | $(figure gpufit_here) | $(figure gpufit_here_at_least) |
END
  fi
}

tell_bits() {
  cat <<END

## Bits and accuracy

1,024 noisy voxels of each model's own protocol (C/sigma 30, some broken on purpose), \`-map\` with its known quantities as maps; every
output against the processor's bits; the first parameter against the same solver in double, median. Took $bits_seconds
s.${bits_short:+ **Not all was compared**: a program failed or $bits_limit s were over.}

| model | solver | differing voxels | relative to double |
|---|---|---|---|
END
  for name in $models; do
    [ -f "$work/bits.$name" ] || continue
    awk '$1 == "bits" && $4 != "not" { printf "| %s | %s | %s of %s | %s |\n", $2, $3, $4, $6, $10; next }
         $1 != "bits" { printf "| %s | failed: %s | | |\n", name, $0 }' name="$name" "$work/bits.$name"
  done
  printf '\nNot offered are: %s.\n' "$(for name in $models; do
    awk '$4 == "not" { printf "%s %s\n", $2, $3 }' "$work/bits.$name" 2>/dev/null
  done | paste -s -d ',' - | sed 's/,/, /g; s/^$/none/')"
}

tell_registers() {
  printf '\n## Registers\n\n'
  if [ -n "$kernel_text" ]; then
    "$here/registers.sh" "$kernel_text" sm_90 8 molli || true
  else
    echo "Not measured: no kernel_text program."
  fi
}

say "Report"
{
  echo "# GPU figures: $device, $card"
  echo
  [ -z "$trial" ] || printf '%s\n\n' "$trial"
  echo "Written by bench/gpu.sh at revision $(git -C "$source" describe --always --dirty 2>/dev/null || echo unknown)." \
    "Processor: $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1), $(getconf _NPROCESSORS_ONLN) threads;" \
    "load $load before, $(cut -d ' ' -f 1 /proc/loadavg) after." \
    "$(nvidia-smi --query-gpu=name,driver_version,clocks.max.sm --format=csv,noheader 2>/dev/null | head -n 1 | sed 's/$/ at most./')"
  echo
  tell_times
  echo
  tell_limits
  echo
  tell_race
  echo
  tell_torch
  tell_gpufit
  tell_bits
  tell_registers
} >"$report"
say "Written: $report"
cat "$report"
