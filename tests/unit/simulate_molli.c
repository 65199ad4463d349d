/* SPDX-License-Identifier: MIT
 * Schemes and their inversion times. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "simulate/simulate.h"

static void check(const char *scheme, double heart_rate, const double *expected, int count)
{
  double times[TT1__MAX_TIMES];
  int n_times = 0;
  assert_int_equal(tt1__molli_times(times, &n_times, scheme, heart_rate, NULL), TT1_OK);
  assert_int_equal(n_times, count);
  for (int i = 0; i < count; i++)
    assert_true(fabs(times[i] - expected[i]) < 1e-12);
}

static void known_schemes_have_their_times(void **state)
{
  (void)state;
  static const double five[] = {0.12, 1.12, 2.12, 3.12, 4.12, 0.2, 1.2, 2.2};
  static const double four[] = {0.12, 0.92, 1.72, 2.52, 0.2, 1.0, 1.8, 0.28, 1.08};
  static const double one[] = {0.12, 0.72, 1.32};
  check("5(3)3", 60.0, five, 8);
  check("4(1)3(1)2", 75.0, four, 9);
  check("3", 100.0, one, 3);
}

static void other_texts_are_refused(void **state)
{
  (void)state;
  static const char *const wrongs[] = {"",       "5(3)",   "5(3)3 ", " 5(3)3",       "5(3)3(1)",
                                       "0(3)3",  "5(0)3",  "5(s)3",  "5[3]3",        "5(3)3x",
                                       "10(3)3", "5(3",    "5(33)3", "(3)3",         "-5(3)3",
                                       "5(3)-3", "5((3)3", "MOLLI",  "4(1)3(1)2(1)1"};
  for (size_t i = 0; i < sizeof wrongs / sizeof *wrongs; i++) {
    double times[TT1__MAX_TIMES];
    int n_times = -1;
    tt1_error err = {0};
    assert_int_equal(tt1__molli_times(times, &n_times, wrongs[i], 60.0, &err), TT1_BAD_ARGUMENT);
    assert_non_null(strstr(err.message, "is not a MOLLI scheme"));
    assert_int_equal(n_times, -1);
  }
}

static void odd_heart_rates_are_refused(void **state)
{
  (void)state;
  const double wrongs[] = {-60.0, 19.9, 251.0, (double)NAN, (double)INFINITY};
  for (size_t i = 0; i < sizeof wrongs / sizeof *wrongs; i++) {
    double times[TT1__MAX_TIMES];
    int n_times;
    tt1_error err = {0};
    assert_int_equal(tt1__molli_times(times, &n_times, "5(3)3", wrongs[i], &err), TT1_BAD_ARGUMENT);
    assert_non_null(strstr(err.message, "outside 20 to 250"));
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(known_schemes_have_their_times),
      cmocka_unit_test(other_texts_are_refused),
      cmocka_unit_test(odd_heart_rates_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
