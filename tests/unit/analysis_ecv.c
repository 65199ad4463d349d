/* SPDX-License-Identifier: MIT
 * Extracellular volume: a worked example, standard deviations against simulated
 * noise, maps, and what is refused. */
#include "analysis_support.h"
#include "simulate/simulate.h"

/* Blood 1.6 -> 0.32 s: R1 rises by 2.5 / s. Myocardium 1.25 -> 0.5 s: by 1.2 / s. */
static tt1_ecv_blood example(void)
{
  return (tt1_ecv_blood){{1.6, 0.01}, {0.32, 0.002}, {0.42, 0.0}, 0.0};
}

static const tt1_estimate native = {1.25, 0.02}, post = {0.5, 0.004};

static void worked_by_hand(void **state)
{
  (void)state;
  tt1_ecv found;
  const tt1_ecv_blood blood = example();
  assert_int_equal(tt1_ecv_of(&found, &native, &post, &blood, NULL), TT1_OK);
  assert_near(found.lambda.value, 0.48, 1e-12);
  assert_near(found.ecv.value, 0.58 * 0.48, 1e-12);
  // Standard deviations of R1: 0.0128 and 0.016 in tissue, 0.00390625 and 0.01953125 in blood.
  double tissue = 0.0128 * 0.0128 + 0.016 * 0.016;
  double in_blood = 0.00390625 * 0.00390625 + 0.01953125 * 0.01953125;
  double sd = sqrt(tissue + 0.48 * 0.48 * in_blood) / 2.5;
  assert_near(found.lambda.sd, sd, 1e-12);
  assert_near(found.ecv.sd, 0.58 * sd, 1e-12);
}

static void haematocrit_counts(void **state)
{
  (void)state;
  tt1_ecv found, exact;
  tt1_ecv_blood blood = example();
  tt1_ecv_of(&exact, &native, &post, &blood, NULL);
  blood.hematocrit.sd = 0.03;
  assert_int_equal(tt1_ecv_of(&found, &native, &post, &blood, NULL), TT1_OK);
  assert_near(found.ecv.sd, hypot(exact.ecv.sd, 0.03 * 0.48), 1e-12);
  assert_near(found.lambda.sd, exact.lambda.sd, 0.0);
  blood.hematocrit.sd = (double)NAN;
  tt1_ecv_of(&found, &native, &post, &blood, NULL);
  assert_near(found.ecv.sd, exact.ecv.sd, 0.0);
}

/* Draw all numbers anew: the ECV scatters as its standard deviation says. */
static void scatter(double slope, double expected[2], double told[2])
{
  enum { RUNS = 200000 };
  tt1__random random = tt1__random_seed(11);
  tt1_ecv_blood blood = example();
  const double intercept = 0.42 - slope / blood.native.value;
  tt1_ecv found;
  double sums[2] = {0.0, 0.0}, squares[2] = {0.0, 0.0};
  blood.hematocrit.sd = slope > 0.0 ? 0.0 : 0.02;
  blood.synthetic_slope = slope;
  tt1_ecv_of(&found, &native, &post, &blood, NULL);
  told[0] = found.ecv.sd;
  told[1] = found.lambda.sd;
  for (int r = 0; r < RUNS; r++) {
    tt1_ecv_blood drawn = blood;
    tt1_estimate before = native, after = post;
    before.value += before.sd * tt1__random_normal(&random);
    after.value += after.sd * tt1__random_normal(&random);
    drawn.native.value += drawn.native.sd * tt1__random_normal(&random);
    drawn.post.value += drawn.post.sd * tt1__random_normal(&random);
    drawn.hematocrit.value = slope > 0.0 ? slope / drawn.native.value + intercept
                                         : 0.42 + 0.02 * tt1__random_normal(&random);
    assert_int_equal(tt1_ecv_of(&found, &before, &after, &drawn, NULL), TT1_OK);
    const double values[2] = {found.ecv.value - 0.2784, found.lambda.value - 0.48};
    for (int i = 0; i < 2; i++) {
      sums[i] += values[i];
      squares[i] += values[i] * values[i];
    }
  }
  for (int i = 0; i < 2; i++)
    expected[i] = sqrt(squares[i] / RUNS - sums[i] / RUNS * (sums[i] / RUNS));
}

static void scatters_as_told(void **state)
{
  (void)state;
  static const double slopes[] = {0.0, 0.866};
  for (int i = 0; i < 2; i++) {
    double expected[2], told[2];
    scatter(slopes[i], expected, told);
    assert_near(told[0] / expected[0], 1.0, 0.03);
    assert_near(told[1] / expected[1], 1.0, 0.03);
  }
}

static void maps(void **state)
{
  (void)state;
  static const float before[] = {1.25f, 0.0f, NAN, 1.25f, 1.25f},
                     after[] = {0.5f, 0.5f, 0.5f, -1, 0.5f};
  static const float before_sd[] = {0.02f, 1, 1, 1, 1}, after_sd[] = {0.004f, 1, 1, 1, 1};
  static const uint8_t mask[] = {1, 1, 1, 1, 0};
  float ecv[5], lambda[5], ecv_sd[5], lambda_sd[5];
  tt1_ecv_maps all = {before, after, before_sd, after_sd, mask, 5, ecv, lambda, ecv_sd, lambda_sd};
  const tt1_ecv_blood blood = example();
  tt1_ecv one;
  assert_int_equal(tt1_ecv_map(&all, &blood, NULL), TT1_OK);
  tt1_ecv_of(&one, &native, &post, &blood, NULL);
  assert_near((double)ecv[0], one.ecv.value, 1e-7);
  assert_near((double)lambda[0], one.lambda.value, 1e-7);
  assert_near((double)ecv_sd[0], one.ecv.sd, 1e-8);
  assert_near((double)lambda_sd[0], one.lambda.sd, 1e-8);
  for (int v = 1; v < 5; v++)
    assert_true(isnan(ecv[v]) && isnan(lambda[v]) && isnan(ecv_sd[v]) && isnan(lambda_sd[v]));
  all.native_sd = NULL;
  assert_int_equal(tt1_ecv_map(&all, &blood, NULL), TT1_OK);
  assert_true(isnan(ecv_sd[0]) && !isnan(ecv[0]));
  all.n_voxels = 0;
  assert_int_equal(tt1_ecv_map(&all, &blood, NULL), TT1_BAD_ARGUMENT);
}

static void refuse(const tt1_ecv_blood *blood, const char *sentence)
{
  tt1_error err = {0};
  tt1_ecv found = {{5.0, 5.0}, {5.0, 5.0}};
  assert_int_equal(tt1_ecv_of(&found, &native, &post, blood, &err), TT1_BAD_ARGUMENT);
  assert_near(found.ecv.value, 5.0, 0.0); // as it was
  if (!strstr(err.message, sentence)) fail_msg("'%s' lacks '%s'", err.message, sentence);
}

static void refuses(void **state)
{
  (void)state;
  tt1_ecv_blood blood = example();
  blood.hematocrit.value = 42.0;
  refuse(&blood, "the haematocrit is 42, a fraction is expected: 0.42 if 42 % is meant");
  static const double wrong[] = {0.0, 1.0, -0.4, 1e9, (double)NAN, (double)INFINITY};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    blood.hematocrit.value = wrong[i];
    refuse(&blood, "a fraction between 0 and 1 is expected");
  }
  blood = example();
  blood.post.value = 1.55;
  refuse(&blood, "1600 ms native and 1550 ms after contrast agent: it must become at least 5 %");
  blood.post.value = 3.0;
  refuse(&blood, "must become at least 5 %");
  blood.post.value = (double)NAN;
  refuse(&blood, "both must be positive");
  blood = example();
  blood.native.value = 0.0;
  refuse(&blood, "both must be positive");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(worked_by_hand),   cmocka_unit_test(haematocrit_counts),
      cmocka_unit_test(scatters_as_told), cmocka_unit_test(maps),
      cmocka_unit_test(refuses),
  };
  return cmocka_run_group_tests_name("ecv", tests, NULL, NULL);
}
