#!/bin/sh
# SPDX-License-Identifier: MIT
# The comparison of bench/paper/ from end to end on a small cohort, and the reading of somebody's own.
# usage: paper.sh SOURCE BUILD
set -eu
source=$1 build=$2
export LC_ALL=C PYTHON="${PYTHON:-/usr/bin/python3}"
fail() { echo "FAILED: $*" >&2; exit 1; }
"$PYTHON" -c 'import scipy.optimize' 2>/dev/null || { echo "skipped: $PYTHON has no SciPy"; exit 77; }
program=$build/bench/paper/paper
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

QUICK=1 SIZE=72 RESULTS=$work/results sh "$source/bench/paper/run.sh" "$program" "$work/cohort" 2>"$work/log" ||
  fail "run.sh: $(tail -n 3 "$work/log")"
for figure in times agreement-scipy agreement-truth maps-native maps-post optimum errors coverage adam; do
  for ending in png svg pdf; do
    [ -s "$work/results/paper/$figure.$ending" ] || fail "no $figure.$ending"
  done
done
grep -q '401.3 / 32.8' "$work/results/paper.md" || fail "the paper's own figures are not told"
grep -q 'nan\|@[a-z]*-' "$work/results/paper.md" && fail "holes in the report"

# What must hold on any cohort: least cost where others stray, and SciPy's means from the same basin.
"$PYTHON" - "$work"/results/paper-*.json <<'PYTHON' || fail "figures"
import json, sys
methods = {m["method"]: m for m in json.load(open(sys.argv[1]))["methods"]}
share = {}
for name, method in methods.items():
    bands = method["bands"]["native"] + method["bands"]["post"]
    share[name] = sum(b["optimum"] for b in bands) / sum(b["n"] for b in bands)
print(share)
assert share["varpro"] > 0.995 and share["lm"] > 0.995, "ours at the least cost"
assert share["scipy"] < 0.95 and share["cminpack"] < 0.95, "one start does not do"
for ours, scipy in zip(methods["varpro"]["cases"], methods["scipy-basin"]["cases"]):
    difference = ours["mean_myocardium_ms"] - scipy["mean_myocardium_ms"]
    assert abs(difference) < 0.1, (ours["case"], difference)
PYTHON

# An interrupted run goes on: what is there is not done again.
rm "$work/cohort-quick/002/lm.txt"
touch "$work/before"
QUICK=1 SIZE=72 RESULTS=$work/results sh "$source/bench/paper/run.sh" "$program" "$work/cohort" 2>"$work/log" || fail "again"
[ -n "$(find "$work/cohort-quick/002/lm.txt" -newer "$work/before")" ] || fail "lm was not done again"
[ -z "$(find "$work/cohort-quick/002/scipy.txt" -newer "$work/before")" ] || fail "SciPy was done twice"

# A cohort of one's own: a BIDS dataset, and a folder of DICOM folders; masks where there are some.
"$build/torcht1" simulate cohort -o "$work/bids" --subjects 1 --size 48 -q || fail "simulate"
mkdir "$work/dicom" "$work/masks"
"$build/torcht1" simulate heart -o "$work/heart" --size 48 --format dicom -q && mv "$work/heart/magnitude" "$work/dicom/native"
cp "$work/bids/derivatives/torcht1-truth/sub-01/anat/sub-01_acq-molli_desc-myocardium_mask.nii.gz" "$work/masks/sub-01_acq-molli_IRT1.nii.gz"
"$program" export "$work/own" --data "$work/bids" --masks "$work/masks" || fail "BIDS"
grep -qx 'post 1' "$work/own/002/about.txt" || fail "ce- is after contrast agent"
awk '$1 == "myocardium" {exit $2 > 0 ? 0 : 1}' "$work/own/001/about.txt" || fail "the mask was not used"
"$program" export "$work/scans" --data "$work/dicom" || fail "DICOM"
for cohort in own scans; do # a pair with a mask, and one native series without any
  "$program" optimum "$work/$cohort" && "$program" fit "$work/$cohort" --solver varpro && "$program" adam "$work/$cohort" --most 50 &&
    "$program" report "$work/$cohort" --template "$source/bench/paper/paper.md.in" --output "$work/$cohort.md" \
      --figures "$work/$cohort-figures" --results "$work/$cohort.json" || fail "$cohort"
  grep -q ', of your own |' "$work/$cohort.md" || fail "$cohort: taken for the simulated cohort"
  ! grep -n 'truth\|^?\|^@\|{[a-z]' "$work/$cohort.md" || fail "$cohort: a truth that is not known, or holes"
  [ -s "$work/$cohort-figures/optimum.svg" ] && [ ! -e "$work/$cohort-figures/errors.svg" ] || fail "$cohort: figures"
done
! "$program" export "$work/none" --data "$work/masks" 2>"$work/said" || fail "masks are no series"
grep -q 'holds no series with inversion times' "$work/said" || fail "$(cat "$work/said")"
