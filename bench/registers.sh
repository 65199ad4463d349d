#!/bin/sh
# SPDX-License-Identifier: MIT
# Registers, stack and spills of the CUDA kernels, as a table: one row per model, solver and kernel.
#
#   bench/registers.sh KERNEL_TEXT [ARCHITECTURE [SAMPLES [MODEL...]]]     (sm_90, 8, all)
#
# KERNEL_TEXT is the program tests/kernel_text of a build. Needs nvcc, in PATH or in
# /usr/local/cuda/bin, and no GPU; 77 without.
set -eu
export LC_ALL=C
kernel_text=${1:?usage: registers.sh KERNEL_TEXT [ARCHITECTURE [SAMPLES [MODEL...]]]}
architecture=${2:-sm_90} samples=${3:-8}
[ $# -gt 3 ] && shift 3 || set -- $(cd "$(dirname "$0")/../models" && ls *.model | sed 's/\.model$//')
nvcc=$(command -v nvcc || echo /usr/local/cuda/bin/nvcc)
[ -x "$nvcc" ] || { echo "not measured: nvcc is neither in PATH nor in /usr/local/cuda/bin"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# A row for each kernel of the log of ptxas -v, the second pass where there is one.
rows() { # MODEL SOLVER
  awk -v model="$1" -v solver="$2" '
    /Compiling entry function/ { split($0, part, "\047"); kernel = part[2] }
    /bytes stack frame/ { stack = $1; stores = $5; loads = $9 }
    /Used [0-9]+ registers/ {
      match($0, /Used [0-9]+/)
      printf "| %s | %s | %s | %s | %s | %s | %s |\n", model, solver, kernel, \
        substr($0, RSTART + 5, RLENGTH - 5), stack, stores, loads
    }' "$work/log"
}

echo "nvcc $("$nvcc" --version | sed -n 's/.*release \([0-9.]*\).*/\1/p'), $architecture, $samples samples," \
  "contraction off; stack and spills in bytes per thread."
echo
echo '| model | solver | kernel | registers | stack | spill stores | spill loads |'
echo '|---|---|---|---|---|---|---|'
for model in "$@"; do
  for solver in varpro lm adam; do
    "$kernel_text" cuda "$model" "$solver" "$samples" >"$work/kernel.cu" 2>/dev/null || continue
    if "$nvcc" -arch="$architecture" --fmad=false -Xptxas -v -cubin -o "$work/kernel.cubin" \
      "$work/kernel.cu" >"$work/log" 2>&1; then
      rows "$model" "$solver"
    else
      echo "| $model | $solver | not compiled: $(grep -m 1 error "$work/log") | | | | |"
    fi
  done
done
