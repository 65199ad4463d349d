#!/bin/sh
# SPDX-License-Identifier: MIT
# What noise does to maps, as tables: bench/results/noise.md. A minute on one core.
#
#   bench/coverage.sh [BENCH]
#
# BENCH is the bench program, build/bench/bench unless given.
set -eu
export LC_ALL=C
here=$(cd "$(dirname "$0")" && pwd)
bench=${1:-$here/../build/bench/bench}
report=$here/results/noise.md
voxels=20000
work=$(mktemp)
trap 'rm -f "$work"' EXIT

part() { # TITLE PART
  printf '\n## %s\n\n' "$1"
  "$bench" --voxels $voxels "$2"
}

{
  echo "# What noise does to maps"
  echo
  echo "Written by bench/coverage.sh, $voxels voxels for each figure, C (or A) 100; MOLLI is 5(3)3 at 60 beats per"
  echo "minute with k 1.9. $(awk -F ': ' '/^model name/ { print $2; exit }' /proc/cpuinfo), $(nproc) cores," \
    "revision $(git -C "$here" describe --always --dirty 2>/dev/null || echo unknown). The fits give"
  echo "the same bits everywhere; the simulated noise depends on the C library in the last digit at most."
  part "Bias, scatter and coverage of T1" coverage
  part "Coverage by the source of sigma: T1 1 s, C/sigma 50, signed" sigma
  part "T2* in the noise floor: echoes at 2, 4, 6, 8, 10, 12, 15 and 18 ms, magnitudes" floor
  part "One image at 60 % of its signal: bias of T1, magnitudes" moved
} >"$work"
cp "$work" "$report"
echo "Written: $report"
