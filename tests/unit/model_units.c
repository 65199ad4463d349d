/* SPDX-License-Identifier: MIT
 * Units: their arithmetic and text, and expressions that are right. What is refused
 * stands in tests/text/wrong. */
#include "model_support.h"

#include <math.h>
#include <stdio.h>

#include "model/units.h"

static void units_multiply_and_are_spelled(void **state)
{
  (void)state;
  const tt1__unit one = {0, 0}, s = {1, 0}, deg = {0, 1};
  char text[TT1__UNIT_TEXT];
  tt1__unit_text(tt1__unit_times(one, s, -1), text);
  assert_string_equal(text, "1/s");
  tt1__unit_text(tt1__unit_times(deg, s, 2), text);
  assert_string_equal(text, "s^2 deg");
  tt1__unit_text(tt1__unit_times(one, s, 0.5), text);
  assert_string_equal(text, "s^(1/2)");
  tt1__unit_text(tt1__unit_times(s, s, -1), text);
  assert_string_equal(text, "1");
}

static double value_of(const char *signal)
{
  char text[512];
  // every name must be used: so all are added at weight 1e-300
  snprintf(text, sizeof text,
           "model m\nknown t s \"t\"\nknown FA deg \"angle\"\nfind A 1 \"A\" in [0, inf)\n"
           "find T s \"T\" in [0.1, 9]\nsignal A * (%s + 1e-300 * FA / 1 deg * t / T)\n",
           signal);
  tt1_model *model = compile(text);
  const double parameters[] = {1, 0.5}, known[] = {0.25, 30};
  double result;
  tt1_model_evaluate(model, parameters, known, &result, NULL, NULL);
  tt1_model_free(model);
  return result;
}

static void right_units_are_accepted(void **state)
{
  (void)state;
  assert_true(fabs(value_of("sin(FA)") - 0.5) < 1e-15);
  assert_true(fabs(value_of("sin(pi / 6)") - 0.5) < 1e-15);
  assert_true(fabs(value_of("sin(FA * 1 s / (1000 ms))") - 0.5) < 1e-15);
  assert_true(value_of("if(t > 0, 1, 2)") == 1);
  assert_true(value_of("max(t, 0.3 s) / T") == 0.6);
  assert_true(value_of("sqrt(t * t) / t") == 1);
  assert_true(value_of("(t ^ 2 / T) / (1 s)") == 0.125);
  assert_true(value_of("-2 ^ 2") == -4 && value_of("2 ^ 3 ^ 2 / 512") == 1);
  assert_true(value_of("8 - 4 - 2") == 2 && value_of("8 / 4 / 2") == 1);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(units_multiply_and_are_spelled),
      cmocka_unit_test(right_units_are_accepted),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
