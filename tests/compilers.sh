#!/bin/sh
# SPDX-License-Identifier: MIT
# One hash for gcc and clang: builds the core preset with the one that did not make the
# build folder, prints the hashes of all models, ways to fit and instruction sets from
# both, and compares: between the compilers, and between the instruction sets.
#   CC=... compilers.sh SOURCE_FOLDER BUILD_FOLDER   (holds include/ and libtorcht1.a of CC)
# Exit code 77: a compiler is absent, nothing was compared.
set -eu

source=$1 mine=$2 CC=${CC:-cc}
if "$CC" --version | grep -q clang; then ours=clang other=gcc; else ours=gcc other=clang; fi
command -v "$other" >/dev/null || {
  echo "skipped: no $other here to compare with"
  exit 77
}
[ -z "${SANITIZE:-}" ] || {
  echo "skipped: the build without sanitisers has this test"
  exit 77
}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT INT TERM

generator="Unix Makefiles"
command -v ninja >/dev/null && generator=Ninja
cmake -S "$source" -B "$work/core" -G "$generator" -DCMAKE_C_COMPILER="$other" \
  -DCMAKE_BUILD_TYPE=Release -DTT1_CORE=ON >"$work/log" 2>&1 &&
  cmake --build "$work/core" --target torcht1_static -j 2 >>"$work/log" 2>&1 || {
  tail -n 40 "$work/log"
  echo "$other cannot build the core"
  exit 1
}

hashes() { # NAME COMPILER BUILD_FOLDER
  "$2" -std=c11 -D_POSIX_C_SOURCE=200809L -O2 -ffp-contract=off -I"$source/include" \
    -I"$3/include" "$source/tests/unit/hash_main.c" "$3/libtorcht1.a" -lm -lpthread -ldl \
    -o "$work/hash_$1"
  "$work/hash_$1" >"$work/$1.txt"
}
hashes "$ours" "$CC" "$mine"
hashes "$other" "$other" "$work/core"

if ! diff "$work/gcc.txt" "$work/clang.txt"; then
  echo "gcc (<) and clang (>) give other bits"
  exit 1
fi
for isa in avx512 avx2; do
  grep -q "^$isa " "$work/gcc.txt" || {
    echo "not compared: $isa, which this processor lacks"
    continue
  }
  sed -n "s/^$isa //p" "$work/gcc.txt" >"$work/isa.txt"
  sed -n "s/^portable //p" "$work/gcc.txt" | diff "$work/isa.txt" - || {
    echo "$isa (<) and portable (>) give other bits"
    exit 1
  }
done
echo "$(wc -l <"$work/gcc.txt") hashes are the same for gcc and clang"
