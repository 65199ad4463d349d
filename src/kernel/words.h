/* SPDX-License-Identifier: MIT
 * The words of the kernel dialect: C99 over lanes, spelled for each place to run.
 * Everything that includes this file is one text for all of them.
 *
 *   real    one value per lane            scalar  one value for all lanes, widened by bc()
 *   mask    a truth per lane, opaque: made by lt le gt ge, joined by and_ or_ not_
 *   select(m, a, b)   a where m, else b   any(m)   true in some lane
 *   mad(a, b, c)      a * b + c, rounded once: the only fused operation there is
 *   rmin rmax         the second operand where one is NaN
 *   rabs root         absolute value, correctly rounded square root
 *   load store        a block of lanes from and to memory
 *   SETUP CONSTANT GLOBAL PRIVATE   where what is pointed to lives, FN before every function;
 *                     for gpu.h alone: KERNEL SETUP_OBJECT ONLY THREAD_INDEX
 *   FN FN_ONCE        a function of the kernels; one that is large and called from several places
 *
 * Rules: no recursion, no pointer to pointer, no array indexed by a lane, every
 * literal in REAL() with a point, no name of <math.h>. + - * / stay operators.
 * A lane never sees its neighbour, so results do not depend on the lane width. */
#ifndef TT1_WORDS_H
#define TT1_WORDS_H

// clang-format off
#define LITERAL_(x) x##f
#define REAL(x) LITERAL_(x)

#if defined(__OPENCL_C_VERSION__) || defined(__CUDACC__) || defined(__CUDA__) /* a lane is a thread */
#  if defined(__OPENCL_C_VERSION__)
#    pragma OPENCL FP_CONTRACT OFF
#    undef mad /* names that OpenCL C has taken; some drivers make them macros */
#    undef any
#    undef clamp
#    undef select
#    define clamp clamp_
#    define select select_
#    define FN static inline
#    define KERNEL __kernel __attribute__((reqd_work_group_size(GROUP_SIZE, 1, 1)))
#    define SETUP_OBJECT __constant
#    define ONLY restrict
#    define THREAD_INDEX ((int)get_global_id(0))
#    define FN_ONCE static
#    define CONSTANT __global const
#    define SETUP __constant const
#    define GLOBAL __global
#    define PRIVATE __private
#    define mad(a, b, c) fma(a, b, c)
#    define rabs(a) fabs(a)
#    define root(a) sqrt(a)
#    define as_int_(a) as_int(a)
#    define as_real_(a) as_float(a)
#    define QUIET_NAN as_float(0x7fc00000)
#  else
#    define FN static __inline__ __attribute__((device))
#    define KERNEL extern "C" __attribute__((global))
#    define SETUP_OBJECT static __attribute__((device)) const
#    define ONLY __restrict__
#    define THREAD_INDEX ((int)(blockIdx.x * blockDim.x + threadIdx.x))
#    define FN_ONCE static __attribute__((device))
#    define CONSTANT const
#    define SETUP const
#    define GLOBAL
#    define PRIVATE
#    define mad(a, b, c) __fmaf_rn(a, b, c)
#    define rabs(a) fabsf(a)
#    define root(a) __fsqrt_rn(a)
#    define as_int_(a) __float_as_int(a)
#    define as_real_(a) __int_as_float(a)
#    define QUIET_NAN __int_as_float(0x7fc00000)
#  endif
#  define LANES 1
#  define ONE_LANE
typedef float real;
typedef float scalar;
FN real shift_exponent(real a, real z) { return as_real_((int)((unsigned)as_int_(a) + ((unsigned)as_int_(z) << 23))); }
FN real exponent(real a) { return (real)((as_int_(a) >> 23) - 127); }
FN real mantissa(real a) { return as_real_((as_int_(a) & 0x007fffff) | 0x3f800000); }
#  define load(from) (*(from))
#  define store(to, a) (*(to) = (a))

#else /* C11 */
#  include <string.h>
#  define FN static inline __attribute__((always_inline, unused))
#  define FN_ONCE static __attribute__((noinline, unused))
#  define CONSTANT const
#  define SETUP const
#  define GLOBAL
#  define PRIVATE
#  define QUIET_NAN ((scalar)__builtin_nanf(""))

#  if defined(WORDS_AVX512) || defined(WORDS_AVX2)
#    include <immintrin.h>
#    if defined(WORDS_AVX512)
#      define LANES 16
typedef __m512 native;
typedef __mmask16 mask;
#    else
#      define LANES 8
typedef __m256 native;
typedef __m256 mask;
#    endif
typedef float scalar;
typedef float real __attribute__((vector_size(4 * LANES)));
typedef int integers_ __attribute__((vector_size(4 * LANES)));
FN real rabs(real a) { return (real)((integers_)a & 0x7fffffff); }
FN real shift_exponent(real a, real z) { return (real)((integers_)a + ((integers_)z << 23)); }
FN real exponent(real a) { return __builtin_convertvector(((integers_)a >> 23) - 127, real); }
FN real mantissa(real a) { return (real)(((integers_)a & 0x007fffff) | 0x3f800000); }
#    if defined(WORDS_AVX512)
FN real bc(scalar a) { return (real)_mm512_set1_ps(a); }
FN mask lt(real a, real b) { return _mm512_cmp_ps_mask((native)a, (native)b, _CMP_LT_OQ); }
FN mask le(real a, real b) { return _mm512_cmp_ps_mask((native)a, (native)b, _CMP_LE_OQ); }
FN mask and_(mask a, mask b) { return a & b; }
FN mask or_(mask a, mask b) { return a | b; }
FN mask not_(mask a) { return (mask)~a; }
FN int any(mask m) { return m != 0; }
FN real select(mask m, real a, real b) { return (real)_mm512_mask_blend_ps(m, (native)b, (native)a); }
FN real mad(real a, real b, real c) { return (real)_mm512_fmadd_ps((native)a, (native)b, (native)c); }
FN real rmin(real a, real b) { return (real)_mm512_min_ps((native)a, (native)b); }
FN real rmax(real a, real b) { return (real)_mm512_max_ps((native)a, (native)b); }
FN real root(real a) { return (real)_mm512_sqrt_ps((native)a); }
#    else
FN real bc(scalar a) { return (real)_mm256_set1_ps(a); }
FN mask lt(real a, real b) { return _mm256_cmp_ps((native)a, (native)b, _CMP_LT_OQ); }
FN mask le(real a, real b) { return _mm256_cmp_ps((native)a, (native)b, _CMP_LE_OQ); }
FN mask and_(mask a, mask b) { return _mm256_and_ps(a, b); }
FN mask or_(mask a, mask b) { return _mm256_or_ps(a, b); }
FN mask not_(mask a) { return (mask)((integers_)a ^ -1); }
FN int any(mask m) { return _mm256_movemask_ps(m) != 0; }
FN real select(mask m, real a, real b) { return (real)_mm256_blendv_ps((native)b, (native)a, m); }
FN real mad(real a, real b, real c) { return (real)_mm256_fmadd_ps((native)a, (native)b, (native)c); }
FN real rmin(real a, real b) { return (real)_mm256_min_ps((native)a, (native)b); }
FN real rmax(real a, real b) { return (real)_mm256_max_ps((native)a, (native)b); }
FN real root(real a) { return (real)_mm256_sqrt_ps((native)a); }
#    endif
FN mask gt(real a, real b) { return lt(b, a); }
FN mask ge(real a, real b) { return le(b, a); }

#  else /* portable: one lane in plain C11, float for work and double as the reference */
#    include <math.h>
#    define LANES 1
#    define ONE_LANE
#    if defined(WORDS_DOUBLE)
#      undef REAL
#      define REAL(x) x
typedef double real;
typedef double scalar;
#      define mad(a, b, c) fma(a, b, c)
#      define rabs(a) fabs(a)
#      define root(a) sqrt(a)
#    else
#      include <stdint.h>
typedef float real;
typedef float scalar;
#      define mad(a, b, c) fmaf(a, b, c)
#      define rabs(a) fabsf(a)
#      define root(a) sqrtf(a)
FN int32_t bits_(real a) { int32_t i; memcpy(&i, &a, sizeof i); return i; }
FN real real_(int32_t i) { real a; memcpy(&a, &i, sizeof a); return a; }
FN real shift_exponent(real a, real z) { return real_((int32_t)((uint32_t)bits_(a) + ((uint32_t)bits_(z) << 23))); }
FN real exponent(real a) { return (real)((bits_(a) >> 23) - 127); }
FN real mantissa(real a) { return real_((bits_(a) & 0x007fffff) | 0x3f800000); }
#    endif
#  endif
FN real load(const scalar *from) { real a; memcpy(&a, from, sizeof a); return a; }
FN void store(scalar *to, real a) { memcpy(to, &a, sizeof a); }
#endif

#ifdef ONE_LANE
typedef int mask;
#  define bc(a) (a)
#  define lt(a, b) ((a) < (b))
#  define le(a, b) ((a) <= (b))
#  define gt(a, b) ((a) > (b))
#  define ge(a, b) ((a) >= (b))
#  define and_(a, b) ((a) && (b))
#  define or_(a, b) ((a) || (b))
#  define not_(a) (!(a))
#  define any(m) (m)
FN real select(mask m, real a, real b) { return m ? a : b; }
FN real rmin(real a, real b) { return a < b ? a : b; }
FN real rmax(real a, real b) { return a > b ? a : b; }
#endif
// clang-format on
#endif
