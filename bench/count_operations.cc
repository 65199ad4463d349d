// SPDX-License-Identifier: MIT
// What a fit computes, counted: the text of a kernel with its tables and voxels
// (`bench export-kernel`), compiled with the words of the dialect (src/kernel/words.h)
// spelled in C++ for a `real` that counts what is done to it. Loops, indices and what
// is the same for all lanes do not count, nor signs and absolute values, which GPUs
// take with the next operation.
//   c++ -std=c++17 -ffp-contract=off -DKERNEL_TEXT='"FILE"' count_operations.cc
#define TT1_WORDS_H /* the kernel's own words stay out */

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstring>

enum kind { FUSED, ADD, MULTIPLY, DIVIDE, ROOT, COMPARE, CHOOSE, BITS, LOAD, STORE, KINDS };
static long counted[KINDS];
static const char *const KIND_NAMES[KINDS] = {"fused",   "add",    "multiply", "divide", "root",
                                              "compare", "choose", "bits",     "load",   "store"};

typedef float scalar;
struct real {
  float value;
  real() = default;
  real(float from) : value(from) {}
};
typedef bool mask;

static inline real count(kind what, float value)
{
  counted[what]++;
  return real(value);
}

static inline int32_t bits_of(real a)
{
  int32_t i;
  std::memcpy(&i, &a.value, sizeof i);
  return i;
}

static inline real real_of(int32_t i)
{
  float a;
  std::memcpy(&a, &i, sizeof a);
  return count(BITS, a);
}

static inline real operator+(real a, real b)
{
  return count(ADD, a.value + b.value);
}
static inline real operator-(real a, real b)
{
  return count(ADD, a.value - b.value);
}
static inline real operator-(real a)
{
  return real(-a.value);
} // a modifier of the next operation
static inline real operator*(real a, real b)
{
  return count(MULTIPLY, a.value * b.value);
}
static inline real operator/(real a, real b)
{
  return count(DIVIDE, a.value / b.value);
}
static inline real mad(real a, real b, real c)
{
  return count(FUSED, std::fmaf(a.value, b.value, c.value));
}
static inline real root(real a)
{
  return count(ROOT, std::sqrt(a.value));
}
static inline real rabs(real a)
{
  return real(std::fabs(a.value));
} // likewise
static inline mask compared(mask truth)
{
  counted[COMPARE]++;
  return truth;
}
static inline mask lt(real a, real b)
{
  return compared(a.value < b.value);
}
static inline mask le(real a, real b)
{
  return compared(a.value <= b.value);
}
static inline mask gt(real a, real b)
{
  return compared(a.value > b.value);
}
static inline mask ge(real a, real b)
{
  return compared(a.value >= b.value);
}
static inline mask and_(mask a, mask b)
{
  return a && b;
}
static inline mask or_(mask a, mask b)
{
  return a || b;
}
static inline mask not_(mask a)
{
  return !a;
}
static inline mask any(mask m)
{
  return m;
}
static inline real select(mask m, real a, real b)
{
  return count(CHOOSE, m ? a.value : b.value);
}
static inline real rmin(real a, real b)
{
  return count(CHOOSE, a.value < b.value ? a.value : b.value);
}
static inline real rmax(real a, real b)
{
  return count(CHOOSE, a.value > b.value ? a.value : b.value);
}
static inline real shift_exponent(real a, real z)
{
  return real_of(bits_of(a) + (int32_t)((uint32_t)(int32_t)z.value << 23));
}
static inline real exponent(real a)
{
  return count(BITS, (float)((bits_of(a) >> 23) - 127));
}
static inline real mantissa(real a)
{
  return real_of((bits_of(a) & 0x007fffff) | 0x3f800000);
}
static inline real bc(scalar a)
{
  return real(a);
}
static inline real load(const scalar *from)
{
  return count(LOAD, *from);
}
static inline void store(scalar *to, real a)
{
  counted[STORE]++, *to = a.value;
}

#define LITERAL_(x) x##f
#define REAL(x)     LITERAL_(x)
#define FN          static inline
#define FN_ONCE     static
#define KERNEL
#define SETUP_OBJECT static const
#define SETUP        const
#define CONSTANT     const
#define GLOBAL
#define PRIVATE
#define ONLY  __restrict__
#define LANES 1
#define ONE_LANE
#define QUIET_NAN ((scalar)__builtin_nanf(""))
static int thread_index;
#define THREAD_INDEX thread_index

#include KERNEL_TEXT

int main()
{
  static scalar results[ROWS * VOXELS];
  for (thread_index = 0; thread_index < VOXELS; thread_index++)
    fit_voxels(the_numbers, the_integers, the_inputs, results, VOXELS, VOXELS);
  for (thread_index = 0; thread_index < VOXELS; thread_index++)
    settle_voxels(the_numbers, the_integers, the_inputs, results, VOXELS, VOXELS);
  for (int i = 0; i < KINDS; i++)
    std::printf("%s %.6g\n", KIND_NAMES[i], (double)counted[i] / VOXELS);
}
