/* SPDX-License-Identifier: MIT
 * The project's own elementary functions against the C library in double, over
 * the ranges that src/kernel/elementary.h states, and the same bits from every
 * instruction set. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "device/lanes.h"
#include "fit_support.h"

enum { COUNT = 1 << 20 };
enum { EXP, LOG, SIN, COS, TAN, TANH };

static const char *const ISAS[] = {"avx512", "avx2", "portable"};
static const char *const NAMES[] = {"exp", "log", "sin", "cos", "tan", "tanh"};

static double exact(int which, double a)
{
  switch (which) {
  case EXP: return exp(a);
  case LOG: return log(a);
  case SIN: return sin(a);
  case COS: return cos(a);
  case TAN: return tan(a);
  default: return tanh(a);
  }
}

/* The distance between neighbouring floats at `value`. */
static double ulp_at(double value)
{
  int exponent;
  frexp(value, &exponent);
  return ldexp(1.0, exponent - 24);
}

typedef struct worst {
  double ulp, absolute, at; /* the argument with the largest error in ulp */
} worst;

/* COUNT arguments over [from, to], evenly or in equal ratios, at places nobody chose. */
static float *spread(double from, double to, int in_ratios)
{
  uint64_t seed = 5;
  float *a = space(COUNT, sizeof *a);
  for (int i = 0; i < COUNT; i++) {
    double t = (i + uniform(&seed)) / COUNT;
    a[i] = (float)(in_ratios ? from * pow(to / from, t) : from + t * (to - from));
  }
  return a;
}

static worst measure(int which, double from, double to, int in_ratios)
{
  worst w = {0, 0, 0};
  tt1_model *model = shipped("molli");
  float *a = spread(from, to, in_ratios), *r = space(COUNT, sizeof *r);
  tt1__lanes_find(model, "portable", 0)->elementary(which, a, r, COUNT);
  for (int i = 0; i < COUNT; i++) {
    double truth = exact(which, (double)a[i]), off = fabs((double)r[i] - truth);
    w.absolute = off > w.absolute ? off : w.absolute;
    if (off / ulp_at(truth) > w.ulp) {
      w.ulp = off / ulp_at(truth);
      w.at = (double)a[i];
    }
  }
  print_message("%-4s %11.4g to %-9.4g worst %.3f ulp (at %.9g), absolute %.2e\n", NAMES[which],
                from, to, w.ulp, w.at, w.absolute);
  free(a);
  free(r);
  tt1_model_free(model);
  return w;
}

static void exp_keeps_its_bound(void **state)
{
  (void)state;
  assert_true(measure(EXP, -87, 88, 0).ulp <= 1.1);
  assert_true(measure(EXP, -1, 1, 0).ulp <= 1.1);
  assert_true(measure(EXP, 1e-8, 1e-2, 1).ulp <= 1.1);
}

static void log_keeps_its_bound(void **state)
{
  (void)state;
  assert_true(measure(LOG, 1.2e-38, 3.4e38, 1).ulp <= 0.9);
  assert_true(measure(LOG, 0.5, 2, 0).ulp <= 0.9);
  assert_true(measure(LOG, 0.999, 1.001, 0).ulp <= 0.9);
}

static void sine_and_cosine_keep_their_bounds(void **state)
{
  (void)state;
  for (int which = SIN; which <= COS; which++) {
    assert_true(measure(which, -8192, 8192, 0).absolute <= 1e-7);
    assert_true(measure(which, -3.14159265, 3.14159265, 0).ulp <= 1.6);
  }
}

static void tangents_keep_their_bounds(void **state)
{
  (void)state;
  assert_true(measure(TAN, -1.5, 1.5, 0).ulp <= 3.2);
  assert_true(measure(TANH, -10, 10, 0).ulp <= 1.6);
  assert_true(measure(TANH, 1e-6, 1, 1).ulp <= 1.6);
}

/* At the ends, and beyond: clamped, never NaN or infinite. */
static void exp_is_clamped(void **state)
{
  (void)state;
  const float a[16] = {0, -0.0F, 87, -87, 88, -88, 1000, -1000, 3e38F, -3e38F, 1e-30F, 100, -100};
  float r[16];
  tt1_model *model = shipped("molli");
  tt1__lanes_find(model, "portable", 0)->elementary(EXP, a, r, 16);
  for (int i = 0; i < 16; i++)
    assert_true(isfinite(r[i]) && r[i] > 0);
  assert_true(r[0] == 1 && r[1] == 1);
  assert_true(r[4] == r[6] && r[3] == r[7]);
  tt1_model_free(model);
}

static void all_instruction_sets_give_the_same_bits(void **state)
{
  (void)state;
  static const double RANGES[][2] = {{-90, 90},     {1e-38, 3e38}, {-9000, 9000},
                                     {-9000, 9000}, {-1.6, 1.6},   {-12, 12}};
  tt1_model *model = shipped("molli");
  float *expected = space(COUNT, sizeof *expected), *got = space(COUNT, sizeof *got);
  for (int which = EXP; which <= TANH; which++) {
    float *a = spread(RANGES[which][0], RANGES[which][1], which == LOG);
    tt1__lanes_find(model, "portable", 0)->elementary(which, a, expected, COUNT);
    for (int i = 0; i < 2; i++) {
      const char *why = "";
      const tt1__lanes *lanes = tt1__lanes_find(model, ISAS[i], 0);
      if (!lanes || !tt1__isa_runs(ISAS[i], &why)) {
        print_message("%s not compared: %s\n", ISAS[i], why);
        continue;
      }
      lanes->elementary(which, a, got, COUNT);
      if (memcmp(expected, got, COUNT * sizeof *got) != 0)
        fail_msg("%s has other bits on %s", NAMES[which], ISAS[i]);
    }
    free(a);
  }
  free(expected);
  free(got);
  tt1_model_free(model);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(exp_keeps_its_bound),
      cmocka_unit_test(log_keeps_its_bound),
      cmocka_unit_test(sine_and_cosine_keep_their_bounds),
      cmocka_unit_test(tangents_keep_their_bounds),
      cmocka_unit_test(exp_is_clamped),
      cmocka_unit_test(all_instruction_sets_give_the_same_bits),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
