#!/bin/sh
# SPDX-License-Identifier: MIT
# Install to a prefix, then build and run the example against it by pkg-config
# and by find_package. install.sh BUILD_DIR SOURCE_DIR TORCHT1
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cmake --install "$1" --prefix "$work/first" >/dev/null
mv "$work/first" "$work/prefix" # an installed tree may be moved
prefix=$work/prefix
[ -s "$prefix/share/torcht1/models/molli.model" ]
[ -x "$prefix/bin/torcht1" ] && [ -f "$prefix/share/man/man1/torcht1.1" ]
"$3" simulate heart -o "$work/series" --size 32 --quiet
pc=$(dirname "$(find "$prefix" -name torcht1.pc)")
run() {
  LD_LIBRARY_PATH=$(dirname "$pc") "$1" "$work/series/series.nii.gz" "$work/maps-$2" || { echo "$2: failed"; exit 1; }
  [ -s "$work/maps-$2/T1map.nii.gz" ]
}

if command -v pkg-config >/dev/null; then
  # shellcheck disable=SC2046
  ${CC:-cc} ${SANITIZE:+-fsanitize=$SANITIZE} "$2/examples/map_study.c" -o "$work/by-pkg-config" \
    $(PKG_CONFIG_PATH=$pc pkg-config --cflags --libs torcht1)
  run "$work/by-pkg-config" pkg-config
else
  echo "pkg-config is absent: that half is skipped"
fi

mkdir "$work/project"
cp "$2/examples/map_study.c" "$work/project"
cat >"$work/project/CMakeLists.txt" <<'CMAKE'
cmake_minimum_required(VERSION 3.20)
project(example LANGUAGES C)
find_package(torcht1 0.1 REQUIRED)
add_executable(map_study map_study.c)
target_link_libraries(map_study torcht1::torcht1)
CMAKE
cmake -S "$work/project" -B "$work/project/build" -DCMAKE_PREFIX_PATH="$prefix" \
  -DCMAKE_C_FLAGS="${SANITIZE:+-fsanitize=$SANITIZE}" >/dev/null
cmake --build "$work/project/build" >/dev/null
run "$work/project/build/map_study" cmake
