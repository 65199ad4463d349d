#!/bin/sh
# SPDX-License-Identifier: MIT
# bench/gpu.sh runs to its end where there is no GPU: on OpenCL, with little to fit.
#   gpu_bench.sh SOURCE_FOLDER BUILD_FOLDER      (77: no OpenCL device)
set -eu
[ -z "${SANITIZE:-}" ] || { echo "skipped: drivers are not built for sanitisers"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT INT TERM
export TT1_BENCH_REPORT="$work/report"
export PYTHON=false # PyTorch takes its time
status=0
"$1/bench/gpu.sh" --device opencl --quick --build "$2" >"$work/log" 2>&1 || status=$?
[ $status -ne 77 ] || { echo "skipped: $(tail -n 1 "$work/log")"; exit 77; }
[ $status -eq 0 ] || { tail -n 20 "$work/log"; exit 1; }
for row in 'default solver, ms | [0-9]' 'fused multiply-adds, G/s | [0-9]' '| varpro | [0-9]' \
  '| molli | varpro | 0 of 1024' '| molli | adam | 0 of 1024' 'default solver, 65536 voxels | [1-9]'; do
  grep -q "$row" "$work/report" || { echo "no row '$row' in:"; cat "$work/report"; exit 1; }
done
