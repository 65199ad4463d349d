/* SPDX-License-Identifier: MIT
 * Random numbers: the generator against its authors' numbers, the normal
 * distribution against its moments, and the same bits from every compiler. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "simulate/simulate.h"

// The first outputs of xoshiro256++ from the state 1, 2, 3, 4, as tested by the rand project.
static void the_generator_is_xoshiro(void **state)
{
  (void)state;
  static const uint64_t expected[] = {
      41943041u,           58720359u, 3588806011781223u, 3591011842654386u, 9228616714210784205u,
      9973669472204895162u};
  tt1__random random = {.state = {1, 2, 3, 4}};
  for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
    assert_true(tt1__random_uniform(&random) == (double)(expected[i] >> 11) * 0x1p-53);
}

static void the_seed_is_spread_by_splitmix(void **state)
{
  (void)state;
  tt1__random random = tt1__random_seed(0);
  assert_true(random.state[0] == 0xE220A8397B1DCDAFu);
  assert_true(random.state[1] == 0x6E789E6AA1B965F4u);
}

static void normal_numbers_have_the_right_moments(void **state)
{
  (void)state;
  enum { COUNT = 1000000 };
  tt1__random random = tt1__random_seed(7);
  double sums[5] = {0};
  int beyond = 0;
  for (int i = 0; i < COUNT; i++) {
    double x = tt1__random_normal(&random);
    for (int power = 1; power <= 4; power++)
      sums[power] += pow(x, power);
    beyond += fabs(x) > 1.959963984540054;
  }
  // Four standard errors each.
  assert_true(fabs(sums[1] / COUNT) < 4.0e-3);
  assert_true(fabs(sums[2] / COUNT - 1.0) < 4.0 * 1.42e-3);
  assert_true(fabs(sums[3] / COUNT) < 4.0 * 3.9e-3);
  assert_true(fabs(sums[4] / COUNT - 3.0) < 4.0 * 9.8e-3);
  assert_true(fabs((double)beyond / COUNT - 0.05) < 4.0 * 2.2e-4);
}

static void every_build_gives_the_same_bits(void **state)
{
  (void)state;
  tt1__random random = tt1__random_seed(1);
  uint64_t hash = 0xCBF29CE484222325u; // FNV-1a
  for (int i = 0; i < 10000; i++) {
    unsigned char bytes[8];
    double x = tt1__random_normal(&random);
    memcpy(bytes, &x, 8);
    for (int j = 0; j < 8; j++)
      hash = (hash ^ bytes[j]) * 0x100000001B3u;
  }
  assert_true(hash == 0x9257459C743B3F2Au);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_generator_is_xoshiro),
      cmocka_unit_test(the_seed_is_spread_by_splitmix),
      cmocka_unit_test(normal_numbers_have_the_right_moments),
      cmocka_unit_test(every_build_gives_the_same_bits),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
