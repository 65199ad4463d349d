/* SPDX-License-Identifier: MIT
 * Agreement of pairs: the worked example of Bland and Altman, the edges where
 * there is nothing to compare, invalid numbers, and memory that runs out. */
#include "analysis_support.h"

/* Peak expiratory flow, l/min, first reading on a Wright and on a mini Wright meter: Bland & Altman
 * 1986, doi:10.1016/S0140-6736(86)90837-8, table 1. */
static const double wright[17] = {494, 395, 516, 434, 476, 557, 413, 442, 650,
                                  433, 417, 656, 267, 478, 178, 423, 427};
static const double mini[17] = {512, 430, 520, 428, 500, 600, 364, 380, 658,
                                445, 432, 626, 260, 477, 259, 350, 451};

static tt1_agreement compare(const double *a, const double *b, int64_t n)
{
  tt1_agreement found;
  tt1_error err = {0};
  assert_int_equal(tt1_compare(&found, a, b, n, 0, &err), TT1_OK);
  return found;
}

static void peak_flow_as_published(void **state)
{
  (void)state;
  tt1_agreement x = compare(wright, mini, 17);
  assert_int_equal(x.n_pairs, 17);
  assert_near(x.difference.mean, -2.1, 0.05);
  assert_near(x.difference.sd, 38.8, 0.05);
  // The paper takes 2 SD and rounds on the way.
  assert_near(x.difference.mean - 2.0 * x.difference.sd, -79.7, 0.1);
  assert_near(x.difference.mean + 2.0 * x.difference.sd, 75.5, 0.1);
  assert_near(x.bias_interval.from, -22.0, 0.05);
  assert_near(x.bias_interval.to, 17.8, 0.05);
  assert_near(x.pearson, 0.94, 0.005);
}

/* The rest of the same data, from NumPy 1.24.2 and SciPy 1.10.1. */
static void peak_flow_to_the_last_digit(void **state)
{
  (void)state;
  tt1_agreement x = compare(wright, mini, 17);
  assert_near(x.difference.mean, -2.1176470588235294, 1e-12);
  assert_near(x.difference.sd, 38.76512987360738, 1e-12);
  assert_near(x.difference.median, -8.0, 0.0);
  assert_near(x.difference.quartiles[0], -24.0, 0.0);
  assert_near(x.difference.quartiles[1], 7.0, 0.0);
  assert_near(x.difference.least, -81.0, 0.0);
  assert_near(x.difference.greatest, 73.0, 0.0);
  assert_near(x.mad, 16.0, 0.0);
  assert_near(x.rms, 37.66727398434568, 1e-12);
  assert_near(x.absolute_95, 74.6, 1e-12);
  assert_near(x.limits[0], -78.097301611094, 2e-3);
  assert_near(x.limits[1], 73.86200749344692, 2e-3);
  assert_near(x.bias_interval.from, -22.048837696642877, 1e-9);
  assert_near(x.limit_intervals[1].from, 48.8596373, 1e-5);
  assert_near(x.limit_intervals[1].to, 119.92550418, 1e-5);
  assert_near(x.limit_intervals[0].from, -124.16079829, 1e-5);
  assert_near(x.limit_intervals[0].to, -53.09493142, 1e-5);
  assert_near(x.slope, 0.02868744515254922, 1e-13);
  assert_near(x.intercept, -15.067497300038983, 1e-10);
  assert_near(x.slope_p, 0.7494985336492941, 1e-10);
  assert_near(x.slope_interval.from, -0.15932006368391666, 1e-10);
  assert_near(x.slope_interval.to, 0.21669495398901512, 1e-10);
  assert_near(x.concordance, 0.9427424314274845, 1e-13);
  assert_near(x.concordance_interval.from, 0.8504918731685603, 1e-10);
  assert_near(x.concordance_interval.to, 0.9787262791701226, 1e-10);
  assert_near(x.pearson, 0.943279446890946, 1e-13);
  assert_near(x.accuracy * x.pearson, x.concordance, 1e-15);
}

static void exchanging_the_two_mirrors_everything(void **state)
{
  (void)state;
  tt1_agreement x = compare(wright, mini, 17), y = compare(mini, wright, 17);
  assert_near(x.difference.mean, -y.difference.mean, 1e-12);
  assert_near(x.limits[0], -y.limits[1], 1e-12);
  assert_near(x.limit_intervals[0].from, -y.limit_intervals[1].to, 1e-9);
  assert_near(x.slope, -y.slope, 1e-15);
  assert_near(x.concordance, y.concordance, 1e-15);
  assert_near(x.slope_p, y.slope_p, 1e-12);
}

static void invalid_numbers_are_left_out_and_counted(void **state)
{
  (void)state;
  const double infinity = (double)INFINITY, nan = (double)NAN;
  const double a[8] = {1.0, nan, infinity, 0.0, 2.0, nan, 3.0, -0.0};
  const double b[8] = {1.5, 1.0, 1.0, 1.0, -infinity, nan, 2.0, 0.0};
  tt1_agreement x = compare(a, b, 8);
  assert_int_equal(x.n_offered, 8);
  assert_int_equal(x.n_pairs, 2);
  assert_int_equal(x.not_a_number[0], 2);
  assert_int_equal(x.not_a_number[1], 1);
  assert_int_equal(x.infinite[0], 1);
  assert_int_equal(x.infinite[1], 1);
  assert_int_equal(x.zero[0], 2);
  assert_int_equal(x.zero[1], 1);
  assert_near(x.difference.mean, 0.25, 1e-15);
  assert_int_equal(tt1_compare(&x, a, b, 8, 1, NULL), TT1_OK);
  assert_int_equal(x.n_pairs, 4);
  assert_int_equal(x.zero[0], 0);
}

static void too_few_pairs_give_no_number(void **state)
{
  (void)state;
  tt1_agreement x = compare(NULL, NULL, 0);
  assert_int_equal(x.n_pairs, 0);
  assert_true(isnan(x.difference.mean) && isnan(x.mad) && isnan(x.rms) && isnan(x.limits[0]));
  const double a[2] = {10.0, 13.0}, b[2] = {9.0, 10.0};
  x = compare(a, b, 1);
  assert_near(x.difference.mean, 1.0, 0.0);
  assert_near(x.difference.median, 1.0, 0.0);
  assert_near(x.rms, 1.0, 0.0);
  assert_true(isnan(x.difference.sd) && isnan(x.limits[0]) && isnan(x.bias_interval.from));
  assert_true(isnan(x.slope) && isnan(x.concordance) && isnan(x.pearson));
  x = compare(a, b, 2);
  assert_near(x.difference.mean, 2.0, 0.0);
  assert_near(x.difference.sd, sqrt(2.0), 1e-15);
  assert_near(x.bias_interval.to, 2.0 + 12.706204736432095, 1e-9);
  assert_true(x.limit_intervals[1].to > 80.0 && isfinite(x.limit_intervals[1].to));
  assert_near(x.slope, 1.0, 1e-15); // a line through two points: no test
  assert_true(isnan(x.slope_p) && isnan(x.slope_interval.from));
  assert_near(x.pearson, 1.0, 1e-15);
  assert_true(isnan(x.concordance_interval.from));
}

static void equal_maps_agree_perfectly(void **state)
{
  (void)state;
  tt1_agreement x = compare(mini, mini, 17);
  assert_near(x.difference.sd, 0.0, 0.0);
  assert_near(x.limits[1], 0.0, 0.0);
  assert_near(x.limit_intervals[1].to, 0.0, 0.0);
  assert_near(x.slope, 0.0, 0.0);
  assert_true(isnan(x.slope_p));
  assert_near(x.concordance, 1.0, 1e-15);
  assert_near(x.concordance_interval.from, 1.0, 1e-6);
  assert_near(x.concordance_interval.to, 1.0, 1e-6);
}

static void constant_maps_have_no_correlation(void **state)
{
  (void)state;
  const double a[4] = {5, 5, 5, 5}, b[4] = {4, 4, 4, 4}, c[4] = {1, 2, 3, 5};
  tt1_agreement x = compare(a, a, 4);
  assert_true(isnan(x.concordance) && isnan(x.pearson) && isnan(x.slope));
  x = compare(a, b, 4);
  assert_near(x.difference.mean, 1.0, 0.0);
  assert_near(x.concordance, 0.0, 0.0);
  assert_true(isnan(x.pearson) && isnan(x.concordance_interval.from));
  x = compare(a, c, 4);
  assert_near(x.concordance, 0.0, 0.0);
  assert_true(isnan(x.pearson));
  assert_near(x.slope, -2.0, 1e-12); // b alone moves both
}

// A large offset must not eat the digits (one-pass formulas lose them all).
static void far_from_zero(void **state)
{
  (void)state;
  double a[17], b[17];
  for (int i = 0; i < 17; i++) {
    a[i] = wright[i] + 1e9;
    b[i] = mini[i] + 1e9;
  }
  tt1_agreement x = compare(a, b, 17), y = compare(wright, mini, 17);
  assert_near(x.difference.sd, y.difference.sd, 1e-6);
  assert_near(x.concordance, y.concordance, 1e-9);
  assert_near(x.slope, y.slope, 1e-9);
}

static void refuses_nonsense_and_survives_without_memory(void **state)
{
  (void)state;
  tt1_agreement x;
  tt1_error err = {0};
  assert_int_equal(tt1_compare(&x, wright, mini, -1, 0, &err), TT1_BAD_ARGUMENT);
  assert_int_equal(tt1_compare(&x, NULL, mini, 2, 0, &err), TT1_BAD_ARGUMENT);
  assert_int_equal(tt1_compare(NULL, wright, mini, 2, 0, NULL), TT1_BAD_ARGUMENT);
  tt1__fail_allocation(1);
  assert_int_equal(tt1_compare(&x, wright, mini, 17, 0, &err), TT1_NO_MEMORY);
  tt1__fail_allocation(0);
  const double huge[3] = {1e308, -1e308, 1e308}, other[3] = {-1e308, 1e308, 1.0};
  assert_int_equal(tt1_compare(&x, huge, other, 3, 0, &err), TT1_OK); // infinite, but no trap
}

/* The second reading of the Wright meter: the paper has 21.6 for the SD of repeated readings' differences, and Bland & Altman
 * 1999 15.3 for the SD within; the rest from NumPy 1.24.2 and SciPy 1.10.1. */
static void repeated_readings_as_published(void **state)
{
  (void)state;
  static const double again[17] = {490, 397, 512, 401, 470, 611, 415, 431, 638,
                                   429, 420, 633, 275, 492, 165, 372, 421};
  tt1_agreement x = compare(wright, again, 17);
  assert_near(x.within_sd, 15.306669057866863, 1e-12);
  assert_near(x.within_sd * sqrt(2.0), 21.6, 0.05);
  assert_near(x.within_sd_interval.from, 11.485934584231032, 1e-8);
  assert_near(x.within_sd_interval.to, 22.946900927380472, 1e-8);
  assert_near(x.repeatability, 42.427142370705134, 1e-11);
  assert_near(x.repeatability_interval.to / x.repeatability,
              22.946900927380472 / 15.306669057866863, 1e-9);
  assert_near(x.within_cv, 0.03499558697333108, 1e-14);
  assert_near(x.within_cv_interval.from, 0.026260254350103856, 1e-11);
  assert_near(x.icc, 0.9831650200775257, 1e-13);
  assert_near(x.icc_interval.from, 0.9552392901429735, 1e-10);
  assert_near(x.icc_interval.to, 0.993818324644321, 1e-10);
  // Equal readings: no spread within; of one alone, nothing; beside 0 there is no share.
  tt1_agreement same = compare(wright, wright, 17), one = compare(wright, again, 1);
  assert_near(same.icc, 1.0, 0.0);
  assert_near(same.within_sd_interval.to, 0.0, 0.0);
  assert_true(isnan(same.icc_interval.from) && isnan(one.icc) && isnan(one.within_sd));
  const double plus[3] = {1.0, 2.0, 3.0}, minus[3] = {-1.0, 2.5, 3.5};
  tt1_agreement around = compare(plus, minus, 3);
  assert_true(isnan(around.within_cv) && isfinite(around.within_sd) && isfinite(around.icc));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(peak_flow_as_published),
      cmocka_unit_test(peak_flow_to_the_last_digit),
      cmocka_unit_test(repeated_readings_as_published),
      cmocka_unit_test(exchanging_the_two_mirrors_everything),
      cmocka_unit_test(invalid_numbers_are_left_out_and_counted),
      cmocka_unit_test(too_few_pairs_give_no_number),
      cmocka_unit_test(equal_maps_agree_perfectly),
      cmocka_unit_test(constant_maps_have_no_correlation),
      cmocka_unit_test(far_from_zero),
      cmocka_unit_test(refuses_nonsense_and_survives_without_memory),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
