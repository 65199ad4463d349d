#!/bin/sh
# SPDX-License-Identifier: MIT
# The `core` preset where not even CMake is: library, CPU device and bench program
# from a C11 compiler, libm and pthreads alone.
#   CC=gcc cmake/core.sh OUTPUT_FOLDER
# MODELS names the models that get kernels, all unless it is set; the others are interpreted.
set -eu
export LC_ALL=C
cd "$(dirname "$0")/.."
out=${1:?usage: core.sh OUTPUT_FOLDER} CC=${CC:-cc}
mkdir -p "$out/include" "$out/models" "$out/generated"
version=$(sed -n 's/^project(torcht1 VERSION \([0-9.]*\).*/\1/p' CMakeLists.txt)
numeric="-std=c11 -O3 -DNDEBUG -ffp-contract=off -fno-math-errno -fno-trapping-math"
flags="$numeric -D_POSIX_C_SOURCE=200809L -fvisibility=hidden -Iinclude -I$out/include -I$out/generated -I$out -Isrc ${CFLAGS:-}"

sed -e "s/@PROJECT_VERSION@/$version/" -e "s/@PROJECT_VERSION_MAJOR@/${version%%.*}/" \
  -e "s/@PROJECT_VERSION_MINOR@/$(echo "$version" | cut -d. -f2)/" \
  -e "s/@PROJECT_VERSION_PATCH@/${version##*.}/" include/tt1_version.h.in >"$out/include/tt1_version.h"

texts() { # TABLE HEADER FOLDER ENDING FILE...: the files as C strings, in alphabetical order
  printf '#include "%s"\nconst tt1__builtin_text %s[] = {\n' "$2" "$1"
  folder=$3 ending=$4
  shift 4
  for file in "$@"; do
    name=${file#"$folder"}
    printf '{"%s",\n' "${name%"$ending"}"
    sed -e 's/\\/\\\\/g' -e 's/"/\\"/g' -e 's/.*/"&\\n"/' "$file"
    printf '},\n'
  done
  printf '{0, 0}};\n'
}
texts tt1__builtin_texts model/builtin.h models/ .model models/*.model >"$out/generated/texts.c"
texts tt1__source_texts device/sources.h src/ '' src/device/lanes.c src/device/lanes.h src/kernel/*.h \
  >"$out/generated/source_texts.c"

# As many compilers at once as there are processors; `finish` waits for the last of them.
jobs=$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 1) objects='' running=''
finish() {
  for job in $running; do
    wait "$job" # its status is that of the compiler, and ends the script
  done
  running=
}
compile() { # NAME SOURCE FLAGS...
  name=$1 source=$2
  shift 2
  # shellcheck disable=SC2086
  $CC $flags "$@" -c "$source" -o "$out/$name.o" &
  running="$running $!" objects="$objects $out/$name.o"
  # shellcheck disable=SC2086
  set -- $running
  [ $# -lt "$jobs" ] || finish
}
compile texts "$out/generated/texts.c"
for source in src/base/*.c src/model/*.c; do
  [ "$source" = src/model/emit_tool.c ] || compile "$(basename "$source" .c)" "$source"
done
finish
# shellcheck disable=SC2086
$CC $flags src/model/emit_tool.c $objects -o "$out/emit_tool" -lm -lpthread -ldl

: >"$out/generated/lanes.def"
lanes() { # MODEL ISA WORDS FLAGS...
  table=tt1__lanes_$1_$3 model=$1 isa=$2 words=$3
  shift 3
  set -- "$@" "-DWORDS_$words"
  set -- "$@" "-DLANES_FLAGS=\"$numeric $*\""
  [ "$model" = interpreted ] || set -- "$@" "-DLANES_MODEL=\"models/$model.h\""
  compile "$table" src/device/lanes.c "-DLANES_TABLE=$table" "-DLANES_ISA=\"$isa\"" "$@"
  echo "LANES($table)" >>"$out/generated/lanes.def"
}
wide=
case $(uname -m) in x86_64 | amd64) wide=-DTT1_X86_LANES ;; esac
for model in interpreted ${MODELS:-models/*.model}; do
  model=$(basename "$model" .model)
  [ "$model" = interpreted ] || "$out/emit_tool" "models/$model.model" >"$out/models/$model.h"
  lanes "$model" portable PORTABLE
  [ -z "$wide" ] || lanes "$model" avx2 AVX2 -mavx2 -mfma
  [ -z "$wide" ] || lanes "$model" avx512 AVX512 -mavx512f -mavx512dq -mavx512vl -mavx512bw -mfma
  lanes "$model" portable DOUBLE
done

compile source_texts "$out/generated/source_texts.c"
for source in src/device/*.c src/fit/*.c src/design/*.c src/abi/*.c; do
  # shellcheck disable=SC2086
  [ "$source" = src/device/lanes.c ] || compile "$(basename "$source" .c)" "$source" $wide
done
finish
rm -f "$out/libtorcht1.a"
# shellcheck disable=SC2086
ar rcs "$out/libtorcht1.a" $objects
# shellcheck disable=SC2086
$CC $flags -Itests/unit bench/*.c "$out/libtorcht1.a" -o "$out/bench" -lm -lpthread -ldl
echo "$out/libtorcht1.a and $out/bench"
