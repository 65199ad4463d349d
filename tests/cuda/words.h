/* SPDX-License-Identifier: MIT
 * CUDA's words in C++, before the text of a kernel that is compiled for the processor. */
#include <cmath>
#include <cstring>

#define __CUDACC__

struct dimensions {
  unsigned x, y, z;
};
static thread_local dimensions threadIdx, blockIdx, blockDim;

static inline int __float_as_int(float a)
{
  int i;
  std::memcpy(&i, &a, sizeof i);
  return i;
}
static inline float __int_as_float(int i)
{
  float a;
  std::memcpy(&a, &i, sizeof a);
  return a;
}
static inline float __fmaf_rn(float a, float b, float c)
{
  return std::fma(a, b, c);
}
static inline float __fsqrt_rn(float a)
{
  return std::sqrt(a);
}

typedef void kernel_fn(const float *numbers, const int *integers, const float *inputs,
                       float *results, int count, int stride);

extern "C" {
extern const int standin_architecture = STANDIN_ARCHITECTURE;

void standin_launch(kernel_fn *kernel, unsigned blocks, unsigned threads, const float *numbers,
                    const int *integers, const float *inputs, float *results, int count, int stride)
{
  blockDim = {threads, 1, 1};
  for (blockIdx.x = 0; blockIdx.x < blocks; blockIdx.x++)
    for (threadIdx.x = 0; threadIdx.x < threads; threadIdx.x++)
      kernel(numbers, integers, inputs, results, count, stride);
}
}
