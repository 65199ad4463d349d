#!/bin/sh
# SPDX-License-Identifier: MIT
# Every C and C++ file is as clang-format leaves it.
set -eu
cd "$(dirname "$0")/.."
command -v clang-format >/dev/null || { echo "skipped: clang-format is absent"; exit 77; }
find include programs src examples tests bench \( -name '*.[ch]' -o -name '*.cc' \) ! -name '*.golden.h' \
  -exec clang-format --dry-run --Werror {} +
