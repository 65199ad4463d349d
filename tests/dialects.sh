#!/bin/sh
# SPDX-License-Identifier: MIT
# The kernels of GPUs must pass as OpenCL C 1.2 and as CUDA: every shipped model with
# its own solver, and molli with all. clang checks that without a driver, a toolkit
# or a GPU, and makes PTX of the CUDA text for sm_75 to sm_86.
#   dialects.sh KERNEL_TEXT MODEL...
set -eu
kernel_text=$1
shift
if ! command -v clang >/dev/null; then
  echo "skipped: clang is not installed"
  exit 77
fi
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# What CUDA's own headers would declare.
cat >"$scratch/cuda.h" <<'DECLARED'
#define DEVICE extern "C" __attribute__((device))
DEVICE int __float_as_int(float); DEVICE float __int_as_float(int); DEVICE float __fsqrt_rn(float);
DEVICE float __fmaf_rn(float, float, float); DEVICE float fabsf(float);
struct dimensions { unsigned x, y, z; };
extern const __attribute__((device)) dimensions threadIdx, blockIdx, blockDim;
DECLARED

check() { # MODEL SOLVER
  "$kernel_text" opencl "$1" "$2" >"$scratch/kernel.cl"
  "$kernel_text" cuda "$1" "$2" >"$scratch/kernel.cu"
  clang -cl-std=CL1.2 -Xclang -finclude-default-header -fsyntax-only -Wno-constant-logical-operand \
    -Werror "$scratch/kernel.cl"
  clang -x cuda --cuda-device-only -nocudainc -nocudalib --cuda-gpu-arch=sm_75 -fsyntax-only \
    -Wno-unknown-cuda-version -include "$scratch/cuda.h" "$scratch/kernel.cu"
  echo "$1 $2: OpenCL C 1.2 and CUDA"
}
for model in "$@"; do
  check "$model" auto
done
for solver in lm adam; do
  check molli "$solver"
done

"$kernel_text" cuda molli auto >"$scratch/kernel.cu"
for architecture in sm_75 sm_80 sm_86; do
  clang -x cuda --cuda-device-only -nocudainc -nocudalib --cuda-gpu-arch=$architecture -O1 -S \
    -ffp-contract=off -Wno-unknown-cuda-version -include "$scratch/cuda.h" "$scratch/kernel.cu" \
    -o "$scratch/kernel.ptx"
  grep -q 'visible .entry fit_voxels' "$scratch/kernel.ptx"
  grep -q 'visible .entry settle_voxels' "$scratch/kernel.ptx"
  echo "molli: PTX for $architecture"
done
