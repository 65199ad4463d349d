#!/bin/sh
# SPDX-License-Identifier: MIT
# Which voxels fits lose, for every model, solver and precision, as tables: bench/results/losses.md. Some
# minutes on two cores.
#
#   bench/losses.sh [BENCH]
#
# BENCH is the bench program, build/bench/bench unless given.
set -eu
export LC_ALL=C
here=$(cd "$(dirname "$0")" && pwd)
bench=${1:-$here/../build/bench/bench}
report=$here/results/losses.md
voxels=1000
work=$(mktemp)
trap 'rm -f "$work"' EXIT
{
  echo "# Voxels that fits lose"
  echo
  echo "Written by bench/losses.sh, $voxels voxels a row. $(awk -F ': ' '/^model name/ { print $2; exit }' /proc/cpuinfo)," \
    "$(nproc) cores, revision $(git -C "$here" describe --always --dirty 2>/dev/null || echo unknown). The fits give the same bits"
  echo "everywhere, GPUs included; the simulated noise depends on the C library in the last digit at most."
  echo
  echo "Each field: % of the voxels with outcome max_iterations; singular or not finite; at_bound; and % whose cost"
  echo "is above the least that any of the fits found (by more than 1e-4 of it and 1e-9 of the energy). Times: the time constant is short"
  echo "against them, right, or long. Offset: in % of the amplitude. A - is a fit that is not offered."
  "$bench" --voxels $voxels losses
} >"$work"
cp "$work" "$report"
echo "Written: $report"
