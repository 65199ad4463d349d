#!/bin/sh
# SPDX-License-Identifier: MIT
# The kernel text with every shipped model must pass as OpenCL C 1.2 and as CUDA:
# clang's front ends check that without a driver, a toolkit or a GPU.
#   dialects.sh SOURCE_DIR BUILD_DIR
set -eu
source=$1 build=$2
if ! command -v clang >/dev/null; then
  echo "skipped: clang is not installed"
  exit 77
fi
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
for header in "$build"/models/*.h; do
  {
    # What CUDA's own headers would declare.
    echo '#if defined(__CUDA__)'
    echo '#define DEVICE extern "C" __attribute__((device))'
    echo 'DEVICE int __float_as_int(float); DEVICE float __int_as_float(int);'
    echo 'DEVICE float __fsqrt_rn(float);'
    echo '#endif'
    for part in kernel/words.h kernel/setup.h kernel/elementary.h "$header" kernel/emitted.h \
      kernel/solvers.h; do
      echo "#include \"$part\""
    done
  } >"$scratch/kernel.h"
  cp "$scratch/kernel.h" "$scratch/kernel.cl"
  cp "$scratch/kernel.h" "$scratch/kernel.cu"
  clang -cl-std=CL1.2 -Xclang -finclude-default-header -fsyntax-only -Wno-constant-logical-operand \
    -Werror -I"$source/src" "$scratch/kernel.cl"
  clang -x cuda --cuda-device-only -nocudainc -nocudalib --cuda-gpu-arch=sm_75 -fsyntax-only \
    -Wno-unknown-cuda-version -I"$source/src" "$scratch/kernel.cu"
  echo "$(basename "$header" .h): OpenCL C 1.2 and CUDA"
done
