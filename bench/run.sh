#!/bin/sh
# SPDX-License-Identifier: MIT
# Measure everything and write bench/results/<machine>.md.
#
#   bench/run.sh [FOLDER]
#
# FOLDER keeps the two builds (gcc, clang; nothing but the library and the bench
# program) for the next run; without it a temporary one is used. The program is
# taken from $TORCHT1 (build/torcht1), SciPy from /usr/bin/python3: what is absent
# is skipped, and the report says why. What is compared is timed in turn.
set -eu
export LC_ALL=C
here=$(cd "$(dirname "$0")" && pwd)
source=$(dirname "$here")
program=${TORCHT1:-$source/build/torcht1}
rounds=5

work=${1:-}
if [ -z "$work" ]; then
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
fi
mkdir -p "$work/log" "$here/results"
log=$work/log
rm -f "$log"/*

say() { printf '== %s\n' "$*" >&2; }

build() { # COMPILER
  command -v "$1" >/dev/null || { say "no $1"; return 0; }
  say "Building with $1"
  CC=$1 cmake -S "$source" -B "$work/$1" -G Ninja -DTT1_CORE=ON -DCMAKE_BUILD_TYPE=Release \
    >"$log/$1.cmake"
  cmake --build "$work/$1" >"$log/$1.build"
  compilers="$compilers $1"
}

# Append "name value" to $log/FILE. Round by round, so that files of one round belong together.
measure() { # FILE COMPILER ARGUMENT...
  file=$1 compiler=$2
  shift 2
  "$work/$compiler/bench/bench" "$@" >>"$log/$file"
}

values() { # NAME FILE
  [ -f "$log/$2" ] && awk -v name="$1" '$1 == name { print $2 }' "$log/$2"
}

median() {
  sort -g | awk '{ v[NR] = $1 } END { if (NR) print v[int(NR / 2) + 1]; else print "not measured" }'
}

value() { # NAME FILE
  values "$1" "$2" | median
}

ratio() { # NAME FILE_A FILE_B: median over the rounds of A / B
  values "$1" "$2" >"$log/a"
  values "$1" "$3" >"$log/b"
  paste "$log/a" "$log/b" | awk 'NF == 2 && $2 > 0 { printf "%.3f\n", $1 / $2 }' | median
}

rounded() { # DIGITS; numbers only
  awk -v f="%.$1f\n" '{ if ($1 + 0 == $1) printf f, $1; else print }'
}

milliseconds() { # COMMAND...: wall time
  begin=$(date +%s%N)
  "$@" >/dev/null 2>&1 || echo failed >>"$log/failures"
  echo $((($(date +%s%N) - begin) / 1000)) | awk '{ printf "%.1f\n", $1 / 1000 }'
}

is_cold=no
forget_files() {
  sync
  if { echo 3 >/proc/sys/vm/drop_caches; } 2>/dev/null; then is_cold=yes; fi
}

measure_program() {
  if [ ! -x "$program" ]; then
    program_note="not measured: $program is not there (run make)"
    return
  fi
  say "Whole program"
  if ! "$program" simulate heart --physics equation --size 256 -o "$work/series" --quiet \
    >"$log/simulate" 2>&1 && [ ! -f "$work/series/series.nii.gz" ]; then
    program_note="not measured: torcht1 simulate failed: $(head -n 1 "$log/simulate")"
    return
  fi
  for i in 1 2 3 4 5 6 7 8 9 10; do
    rm -rf "$work/maps"
    forget_files
    echo "cold $(milliseconds "$program" fit "$work/series/series.nii.gz" -o "$work/maps" --quiet)" \
      >>"$log/program"
    rm -rf "$work/maps"
    echo "warm $(milliseconds "$program" fit "$work/series/series.nii.gz" -o "$work/maps" --quiet)" \
      >>"$log/program"
  done
  program_note="medians of 10; cold: page cache dropped before each run"
  [ "$is_cold" = yes ] || program_note="medians of 10; the page cache could not be dropped: both are warm"
  [ ! -f "$log/failures" ] || program_note="FAILED in $(wc -l <"$log/failures") of 20 runs"
}

measure_scipy() {
  if ! /usr/bin/python3 -c 'import scipy.optimize' 2>/dev/null; then
    scipy_note="not measured: no SciPy for /usr/bin/python3 (apt-get install python3-scipy)"
    return
  fi
  say "SciPy"
  /usr/bin/python3 "$here/scipy_nelder_mead.py" "$work/$first/bench/bench" >"$log/scipy"
  scipy_note="$(value scipy_voxels scipy) voxels fitted, extrapolated to 65,536"
}

measure_torch() {
  if ! /usr/bin/python3 -c 'import torch' 2>/dev/null; then
    torch_note="not measured: no PyTorch for /usr/bin/python3 (apt-get install python3-torch)"
    return
  fi
  say "PyTorch"
  /usr/bin/python3 "$here/torch_parity.py" "$work/$first/bench/bench" 16384 "$widest" >"$log/torch"
  torch_note="$(awk '$1 == "torch_parity_voxels" { print $2, "voxels of tissue, PyTorch", $5 }' "$log/torch")"
}

load() { cut -d ' ' -f 1 /proc/loadavg; }

compilers=
build gcc
build clang
[ -n "$compilers" ] || { say "needs gcc or clang"; exit 1; }
set -- $compilers
first=$1
isas=portable
grep -qw avx2 /proc/cpuinfo && isas="avx2 $isas"
grep -qw avx512vl /proc/cpuinfo && isas="avx512 $isas"
widest=${isas%% *}
load_before=$(load)

say "Speed: $isas; $rounds rounds of $compilers"
for round in $(seq $rounds); do
  for isa in $isas; do
    for compiler in $compilers; do
      voxels=65536
      [ "$isa" = portable ] && voxels=4096
      measure "speed.$compiler.$isa" "$compiler" --isa "$isa" --voxels $voxels speed
    done
  done
done
for isa in ${isas% portable}; do
  for compiler in $compilers; do
    say "Threads, adam: $isa, $compiler"
    measure "more.$compiler.$isa" "$compiler" --isa "$isa" threads adam
  done
done
measure_scipy
measure_torch
measure_program
load_after=$(load)
say "Optimum"
measure optimum "$first" --isa "$widest" optimum precision

processor=$(awk -F ': ' '/^model name/ { print $2; exit }' /proc/cpuinfo)
family=$(awk -F ': ' '/^cpu family/ { f = $2 } /^model\t/ { print f "-" $2; exit }' /proc/cpuinfo)
cores=$(nproc)
slug=$(echo "${processor:-$(uname -m)} $family $cores cores" | tr 'A-Z' 'a-z' | tr -cs 'a-z0-9\n' '-' |
  sed 's/^-//; s/-$//')
report=${TT1_BENCH_REPORT:-$here/results/$slug.md}

row() { printf '| %s | %s | %s |\n' "$@"; }

speed_row() { # TITLE NAME FILE_PREFIX DIGITS TARGETS...
  line="| $1 |"
  for isa in $isas; do
    for compiler in $compilers; do
      line="$line $(value "$2" "$3.$compiler.$isa" | rounded "$4") |"
    done
  done
  printf '%s %s |\n' "$line" "$5"
}

torch_row() { # TITLE NAME
  printf '| %s | %s %% | %s | %s | %s |\n' "$1" "$(value "${2}_within_1e-3" torch | rounded 3)" \
    "$(value "${2}_median" torch)" "$(value "${2}_99" torch)" "$(value "${2}_greatest" torch)"
}

optimum_row() { # SCHEME SET SOLVER
  name=${1}_${2}_$3
  printf '| %s | %s | %s | %s %% | %s | %s | %s | %s %% |\n' "$1" "$2" "$3" \
    "$(value "${name}_optimum" optimum | rounded 4)" "$(value "${name}_missed" optimum)" \
    "$(value "${name}_dT1_median" optimum | rounded 5)" "$(value "${name}_dT1_999" optimum | rounded 4)" \
    "$(value "${name}_converged" optimum | rounded 3)"
}

{
  echo "# Figures: ${processor:-$(uname -m)}, family and model $family, $cores cores"
  echo
  echo "Written by bench/run.sh; bench/README.md tells how to read it. Kernel $(uname -r);"
  for compiler in $compilers; do
    echo "$("$compiler" --version | head -n 1);"
  done
  echo "revision $(git -C "$source" describe --always --dirty 2>/dev/null || echo unknown);" \
    "load before $load_before, after $load_after (other work on the machine makes wall times longer)."
  echo
  echo "## Speed"
  echo
  echo "8 samples, magnitudes, standard deviations and outcome asked for; one core unless said;" \
    "medians of $rounds rounds, each the median of 7 runs."
  echo
  line='| |' rule='|---|'
  for isa in $isas; do
    for compiler in $compilers; do
      line="$line $isa $compiler |" rule="$rule---|"
    done
  done
  echo "$line target |"
  echo "$rule---|"
  speed_row 'varpro, tissue, M fits/s' varpro speed 2 '6 avx512, 4 avx2'
  speed_row 'varpro, noise, M fits/s' varpro_noise speed 2 ''
  speed_row 'time noise / tissue' noise_over_tissue speed 3 '0.9 to 1.1'
  speed_row 'lm, M fits/s' lm speed 2 ''
  speed_row 'varpro interpreted, M fits/s' varpro_interpreted speed 2 ''
  speed_row 'time interpreted / emitted' interpreted_over_emitted speed 2 ''
  speed_row '1 M voxels: one thread / two' one_over_two_threads more 2 '1.85'
  speed_row 'adam, 10,000 x 65,536, two threads, s' adam more 2 '3 avx512, 5 avx2'
  echo
  if [ "$compilers" = " gcc clang" ]; then
    echo "Speed of clang over that of gcc, varpro, tissue, paired by round (target: at most 1.25 with AVX):" \
      "$(for isa in $isas; do
        printf '%s %s; ' "$isa" "$(ratio varpro "speed.clang.$isa" "speed.gcc.$isa" | rounded 3)"
      done | sed 's/; $//')."
    echo
  fi
  echo "In double, one lane, interpreted: $(value varpro_double optimum | rounded 3) M fits/s."
  echo
  echo "## SciPy's bounded Nelder-Mead, the paper's baseline"
  echo
  echo "$scipy_note. Start C = largest sample, k = 2, T1s = 1 s; one core each, in turn."
  echo
  if [ -f "$log/scipy" ]; then
    echo "| | | target |"
    echo "|---|---|---|"
    row 'SciPy, ms per voxel' "$(value scipy_per_voxel scipy | rounded 2)" ''
    row 'SciPy, s for 65,536 voxels (extrapolated)' "$(value scipy_extrapolated scipy | rounded 0)" ''
    row 'SciPy at the optimum' "$(value scipy_optimum scipy | rounded 1) %" ''
    row 'SciPy, T1 more than 10 % off' "$(value scipy_T1_off_by_10_percent scipy | rounded 1) %" ''
    row "SciPy / varpro ($widest, $first), times" "$(value scipy_over_varpro scipy | rounded 0)" '30,000'
    row "SciPy / nelder-mead ($first), times" "$(value scipy_over_nelder_mead scipy | rounded 0)" ''
  fi
  echo
  echo "## Torch T1 in PyTorch: the same way"
  echo
  echo "$torch_note. 2,000 steps of Adam at 3e-4 from C = largest sample, k = 2, T1s = 1 s; the loss is the" \
    "mean over the samples summed over the voxels. Greatest relative difference of C, k and T1s in a voxel."
  echo
  if [ -f "$log/torch" ]; then
    echo "| | within 1e-3 | median | 99 % of voxels | greatest |"
    echo "|---|---|---|---|---|"
    torch_row 'adam against PyTorch, both in float (target: 99 % within 1e-3)' torch_parity
    torch_row 'adam in float against PyTorch in double' torch_parity_double
    torch_row 'PyTorch in float against PyTorch in double' torch_float_double
  fi
  echo
  echo "## Whole program"
  echo
  echo "\`torcht1 fit\` of 256 x 256 voxels, 8 images, .nii.gz, all maps and the picture: $program_note."
  echo
  if [ -f "$log/program" ]; then
    echo "| | ms | target |"
    echo "|---|---|---|"
    row 'cold' "$(value cold program)" '150'
    row 'warm' "$(value warm program)" ''
  fi
  echo
  echo "## Optimum"
  echo
  echo "65,536 voxels each; $widest, $first. At the optimum: cost in double within 1e-4 relative plus 1e-9 of" \
    "the energy of the brute-force minimum. Targets: tissue 99.99 %, stress 99.95 %."
  echo
  echo "| scheme | set | solver | at the optimum | missed | T1 off there, median ms | 99.9 % ms | converged or at a bound |"
  echo "|---|---|---|---|---|---|---|---|"
  for set in tissue stress noise; do
    for scheme in 533 432; do
      for solver in varpro lm; do
        optimum_row $scheme $set $solver
      done
    done
  done
  echo
  echo "Float against double, the same solver, tissue, 5(3)3:" \
    "median |dT1| $(value float_double_dT1_median optimum | rounded 5) ms (target 0.001)," \
    "99.9 % $(value float_double_dT1_999 optimum | rounded 4) ms (target 0.05)."
  echo
  echo "Missed voxels of the stress set:"
  echo
  grep '^# ' "$log/optimum" | sed 's/^# /- /' || echo "- none"
  echo
  echo "## Commands"
  echo
  echo "\`bench/run.sh\`, which runs:"
  echo
  echo "- \`bench --isa ISA speed\` ($rounds times, compilers in turn), \`bench --isa ISA threads adam\`," \
    "\`bench optimum precision\`"
  echo "- \`scipy_nelder_mead.py bench/bench\`, \`torch_parity.py bench/bench 16384\`"
  echo "- \`torcht1 simulate heart --physics equation --size 256 -o series\`, \`torcht1 fit series/series.nii.gz -o maps --quiet\`"
} >"$report"
say "Written: $report"
cat "$report"
