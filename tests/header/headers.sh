#!/bin/sh
# SPDX-License-Identifier: MIT
# Each public header alone, as C99 and as C++11, with warnings as errors.
# headers.sh INCLUDE_DIR BUILD_INCLUDE_DIR
set -eu
c=${CC:-cc} cxx=${CXX:-c++}
for header in "$1"/*.h; do
  name=$(basename "$header")
  echo "#include \"$name\"" |
    "$c" -std=c99 -Wall -Wextra -Wpedantic -Wconversion -Werror -I"$1" -I"$2" -fsyntax-only -x c -
  command -v "$cxx" >/dev/null || { echo "as C++: skipped, $cxx is absent"; continue; }
  echo "#include \"$name\"" |
    "$cxx" -std=c++11 -Wall -Wextra -Wpedantic -Werror -I"$1" -I"$2" -fsyntax-only -x c++ -
done
