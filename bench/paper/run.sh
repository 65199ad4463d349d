#!/bin/sh
# SPDX-License-Identifier: MIT
# The comparison of Torch T1, from a cohort to a report: `make paper` calls this.
#
#   bench/paper/run.sh PAPER_PROGRAM WORK
#
# QUICK=1       two persons and small images (SIZE=96 voxels along a side): minutes, for tests; the figures mean little
# DATA=DIR      a cohort of your own (BIDS, or folders or archives of DICOM) in place of the simulated one
# MASKS=DIR     masks of the myocardium for it, <name of the series>.nii.gz
# WEIGHTS=FILE  a network in .npz for MyoMapNet (published weights, else those of weights/)
# RESULTS=DIR   where the report goes (WORK...; of the simulated cohort docs, and bench/results for the numbers)
#
# WORK has -quick or the check-sum of DATA at the end of its name. Steps that are done already (files in WORK) are
# not done again: an interrupted run goes on.
set -eu
export LC_ALL=C
program=${1:?usage: run.sh PAPER_PROGRAM WORK}
work=${2:?usage: run.sh PAPER_PROGRAM WORK}${QUICK:+-quick}${DATA:+-$(printf %s "$DATA" | cksum | cut -d ' ' -f 1)}
[ -z "${QUICK:-}${DATA:-}" ] || RESULTS=${RESULTS:-$work/report}
here=$(cd "$(dirname "$0")" && pwd)
source=$(cd "$here/../.." && pwd)
python=${PYTHON:-/usr/bin/python3}
processes=$(getconf _NPROCESSORS_ONLN)

subjects=30 size=192 others=500 most=20000
[ -z "${QUICK:-}" ] || { subjects=2 size=${SIZE:-96} others=60 most=2000; }

say() { printf '== %s\n' "$*" >&2; }
has_module() { "$python" -c "import $1" 2>/dev/null; }

if [ ! -e "$work/cases" ]; then
  if [ -n "${DATA:-}" ]; then
    say "Reading $DATA"
    "$program" export "$work" --data "$DATA" ${MASKS:+--masks "$MASKS"}
  else
    say "Simulating $subjects persons, native and after contrast agent"
    "$program" export "$work" --subjects $subjects --size $size
  fi
  ls -d "$work"/[0-9][0-9][0-9] >"$work/cases"
fi
cases=$(cat "$work/cases")

# is_done FILE: every case has it
is_done() {
  for case in $cases; do
    [ -e "$case/$1" ] || return 1
  done
}

is_done optimum.f64 || { say "The optimum of every voxel, by brute force"; "$program" optimum "$work"; }

default_weights() {
  for file in "${TORCHT1_TEST_DATA:-$source/../shared/data}/myomapnet/myomapnet_4hb.npz" "$source/weights/native-5.npz"; do
    if [ -e "$file" ]; then echo "$file"; return; fi
  done
}
for solver in varpro lm adam nelder-mead; do
  is_done $solver.txt || { say "torcht1 $solver"; "$program" fit "$work" --solver $solver --most $most; }
done
weights=${WEIGHTS:-$(default_weights)}
if ! is_done network.txt; then
  say "MyoMapNet: $weights"
  "$program" fit "$work" --solver network --threads "$processes" --weights "$weights" || say "left out"
fi
if ! is_done varpro-gpu.txt && "$program" fit "$work" --solver varpro --device cuda 2>"$work/no-gpu"; then
  say "torcht1 on a GPU"
  "$program" fit "$work" --solver adam --device cuda --most $most
fi

for peer in cminpack gsl; do
  [ -x "$(dirname "$program")/peer_$peer" ] || { say "$peer is absent"; continue; }
  for case in $cases; do
    [ -e "$case/$peer.txt" ] || "$(dirname "$program")/peer_$peer" "$case"
  done
done

# The first native and the first post-contrast sequence whole, so that there are maps.
wholes=$(for post in 0 1; do grep -lx "post $post" $(printf '%s/about.txt ' $cases) | head -n 1; done)
if has_module scipy.optimize; then
  say "SciPy"
  for case in $cases; do
    part=$(($(awk '$1 == "myocardium" {print $2}' "$case/about.txt") + others))
    case $wholes in *"$case/"*) all=0 ;; *) all=$part ;; esac
    [ -e "$case/scipy.txt" ] || "$python" "$here/scipy_fit.py" "$case" --voxels $all
    [ -e "$case/scipy-basin.txt" ] || "$python" "$here/scipy_fit.py" "$case" --basin --voxels $part
    [ "$processes" -eq 1 ] || [ -e "$case/scipy-all-cores.txt" ] || "$python" "$here/scipy_fit.py" "$case" --voxels $part --processes "$processes"
  done
else
  say "SciPy is absent"
fi
if has_module torch; then
  say "PyTorch"
  for case in $cases; do
    [ -e "$case/torch.txt" ] || "$python" "$here/torch_fit.py" "$case" --most $most
  done
else
  say "PyTorch is absent"
fi
[ -e "$work/adam.txt" ] || { say "Adam at several learning rates"; "$program" adam "$work" --most $most; }

say "Report"
machine=$(awk -F': ' '/^model name/ {print $2; exit}' /proc/cpuinfo)
machine=${machine:-$(uname -m)}
docs=${RESULTS:-$source/docs} numbers=${RESULTS:-$source/bench/results}
told=bench/results # as the report has it
[ -z "${RESULTS:-}" ] || told=.
mkdir -p "$docs" "$numbers"
slug=$(printf '%s-%s-cores' "$machine" "$processes" | tr 'A-Z' 'a-z' | tr -cs 'a-z0-9' '-')
"$program" report "$work" --results "$work/methods.json" --figures "$docs/paper" \
  --template "$here/paper.md.in" --output "$work/paper.md"
{
  printf '{\n  "machine": "%s", "cores": %s, "date": "%s",\n' "$machine" "$processes" "$(date -u +%F)"
  printf '  "versions": {"torcht1": "%s", "compiler": "%s", "python": "%s"},\n' \
    "$(git -C "$source" rev-parse --short HEAD 2>/dev/null || echo unknown)" "$(${CC:-cc} --version | head -n 1)" "$("$python" --version 2>&1)"
  cat "$work/methods.json"
  printf '}\n'
} >"$numbers/paper-$slug.json"
sed -e "s/@MACHINE@/$machine, $processes cores/" -e "s/@DATE@/$(date -u +%F)/" -e "s,@RESULTS@,$told/paper-$slug.json," \
  "$work/paper.md" >"$docs/paper.md"
say "Written: $docs/paper.md, $docs/paper/*, $numbers/paper-$slug.json"
