/* SPDX-License-Identifier: MIT
 * Random numbers that are the same on every machine: nothing but integer
 * arithmetic and + - * / sqrt, which IEEE 754 fixes to the last bit. The
 * logarithm is written out here because those of C libraries differ. */
#include <math.h>

#include "simulate/simulate.h"

// SplitMix64 (Steele et al. 2014) spreads a small seed over the whole state.
tt1__random tt1__random_seed(uint64_t seed)
{
  tt1__random random = {0};
  for (int i = 0; i < 4; i++) {
    uint64_t z = seed += 0x9E3779B97F4A7C15u;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
    z = (z ^ z >> 27) * 0x94D049BB133111EBu;
    random.state[i] = z ^ z >> 31;
  }
  return random;
}

tt1__random tt1__random_stream(uint64_t seed, uint64_t purpose, uint64_t block)
{
  // Odd multipliers keep different blocks apart; the seeding spreads them.
  return tt1__random_seed(seed * 0xD1342543DE82EF95u + purpose * 0x2545F4914F6CDD1Du +
                          block * 0x9E6C63D0876A9A47u);
}

static uint64_t rotate(uint64_t x, int bits)
{
  return x << bits | x >> (64 - bits);
}

static uint64_t next(tt1__random *random)
{
  uint64_t *s = random->state;
  uint64_t answer = rotate(s[0] + s[3], 23) + s[0], shifted = s[1] << 17;
  s[2] ^= s[0];
  s[3] ^= s[1];
  s[1] ^= s[2];
  s[0] ^= s[3];
  s[2] ^= shifted;
  s[3] = rotate(s[3], 45);
  return answer;
}

double tt1__random_uniform(tt1__random *random)
{
  return (double)(next(random) >> 11) * 0x1p-53;
}

// ln x = e ln 2 + 2 atanh((m - 1) / (m + 1)), m in [0.71, 1.42): |s| < 0.172, so s^23 is below 2^-58.
static double natural_logarithm(double x)
{
  int exponent;
  double m = frexp(x, &exponent);
  if (m < 0.70710678118654752) {
    m *= 2.0;
    exponent--;
  }
  double s = (m - 1.0) / (m + 1.0), square = s * s, sum = 0.0;
  for (int n = 21; n >= 1; n -= 2)
    sum = sum * square + 1.0 / n;
  return exponent * 0.69314718055994531 + 2.0 * s * sum;
}

// The polar form of Box and Muller (Marsaglia & Bray 1964): no sine, no cosine.
double tt1__random_normal(tt1__random *random)
{
  if (random->has_kept) {
    random->has_kept = 0;
    return random->kept;
  }
  double u, v, square;
  do {
    u = 2.0 * tt1__random_uniform(random) - 1.0;
    v = 2.0 * tt1__random_uniform(random) - 1.0;
    square = u * u + v * v;
  } while (square >= 1.0 || square == 0.0);
  double factor = sqrt(-2.0 * natural_logarithm(square) / square);
  random->kept = v * factor;
  random->has_kept = 1;
  return u * factor;
}
