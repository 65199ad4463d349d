#!/bin/sh
# SPDX-License-Identifier: MIT
# One hash for gcc and clang: builds the core preset with each, prints the hashes
# of all models, ways to fit and instruction sets, and compares: between the
# compilers, and between the instruction sets of each.
#   compilers.sh SOURCE_FOLDER
# Exit code 77: a compiler is absent, nothing was compared.
set -eu

source=$1
for compiler in gcc clang; do
  command -v "$compiler" >/dev/null || {
    echo "skipped: no $compiler here to compare with"
    exit 77
  }
done
[ -z "${SANITIZE:-}" ] || {
  echo "skipped: the build without sanitisers has this test"
  exit 77
}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT INT TERM

generator="Unix Makefiles"
command -v ninja >/dev/null && generator=Ninja
for compiler in gcc clang; do
  build=$work/$compiler
  cmake -S "$source" -B "$build" -G "$generator" -DCMAKE_C_COMPILER="$compiler" \
    -DCMAKE_BUILD_TYPE=Release -DTT1_CORE=ON >"$work/log" 2>&1 &&
    cmake --build "$build" --target torcht1_static -j 2 >>"$work/log" 2>&1 || {
    tail -n 40 "$work/log"
    echo "$compiler cannot build the core"
    exit 1
  }
  "$compiler" -std=c11 -D_POSIX_C_SOURCE=200809L -O2 -ffp-contract=off \
    -I"$source/include" -I"$build/include" "$source/tests/unit/hash_main.c" \
    "$build/libtorcht1.a" -lm -lpthread -ldl -o "$work/hash_$compiler"
  "$work/hash_$compiler" >"$work/$compiler.txt"
done

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
