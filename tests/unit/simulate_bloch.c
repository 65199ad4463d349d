/* SPDX-License-Identifier: MIT
 * MOLLI from the Bloch equations against figures on which two independent
 * simulations agree, and against what must hold exactly. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "simulate/bloch.h"

typedef struct setting {
  double t1, t2, efficiency;
  const char *scheme;
  tt1__readout readout;
  const double *first; /* first times of the inversions; NULL: the usual */
} setting;

static setting usual(double t1, double t2, const char *scheme)
{
  return (setting){t1, t2, 1.0, scheme, tt1__readout_usual(), NULL};
}

/* `first` replaces the usual first times of the inversions; NULL: none. */
static tt1__timeline timeline_of(const char *scheme, double heart_rate, const double *first)
{
  tt1__scheme s;
  double gap[TT1__MAX_BEATS];
  assert_int_equal(tt1__scheme_read(&s, scheme, NULL), TT1_OK);
  for (int g = 0; first && g < s.n_groups; g++)
    s.first[g] = first[g];
  for (int i = 0; i < TT1__MAX_BEATS; i++)
    gap[i] = 60.0 / heart_rate;
  return tt1__timeline_make(&s, gap);
}

static tt1__timeline simulate(double signal[TT1__MAX_TIMES], const setting *s)
{
  tt1__timeline line = timeline_of(s->scheme, 60.0, s->first);
  tt1__isochromat tissue = {.t1 = s->t1, .t2 = s->t2, .b1 = 1.0, .efficiency = s->efficiency};
  tt1__bloch_molli(signal, &line, &tissue, &s->readout);
  return line;
}

/* Least squares of C - A exp(-t / T1s) for one T1s: the residual, and T1 = (A / C - 1) T1s. */
static double residual(const tt1__timeline *line, const double *y, double t1s, double *t1)
{
  double n = line->n_images, e = 0, ee = 0, sy = 0, ey = 0, yy = 0;
  for (int i = 0; i < line->n_images; i++) {
    double x = exp(-(line->image[i] - line->inversion[i]) / t1s);
    e += x, ee += x * x, sy += y[i], ey += x * y[i], yy += y[i] * y[i];
  }
  double slope = (n * ey - e * sy) / (n * ee - e * e), level = (sy - slope * e) / n;
  *t1 = (-slope / level - 1.0) * t1s;
  return yy - level * sy - slope * ey;
}

static double fitted_ms(const setting *s)
{
  double y[TT1__MAX_TIMES], t1 = 0, best_t1 = 0, best = HUGE_VAL;
  tt1__timeline line = simulate(y, s);
  for (double t1s = 0.05; t1s < 3.0; t1s += 1e-4) {
    double r = residual(&line, y, t1s, &t1);
    if (r < best) {
      best = r;
      best_t1 = t1;
    }
  }
  return 1e3 * best_t1;
}

static void check(double t1, double t2, const char *scheme, double expected_ms)
{
  setting s = usual(t1, t2, scheme);
  double got = fitted_ms(&s);
  if (!(fabs(got - expected_ms) <= 0.2))
    fail_msg("T1 %g T2 %g %s: %.1f ms, expected %.1f", t1, t2, scheme, got, expected_ms);
}

static void molli_reads_as_known(void **state)
{
  (void)state;
  check(1.000, 0.045, "5(3)3", 914.1);
  check(1.200, 0.045, "5(3)3", 1083.3);
  check(1.550, 0.240, "5(3)3", 1508.1);
  check(0.450, 0.042, "5(3)3", 429.3);
  check(0.300, 0.150, "5(3)3", 303.9);
}

/* What docs/design.md says of the schemes that `torcht1 design` finds where rest may be short. */
static void short_rests_cost_accuracy(void **state)
{
  (void)state;
  static const double NATIVE[] = {0.115, 0.115, 0.155}, POST[] = {0.18, 0.185, 0.185};
  static const struct {
    double t1, t2, usual, native, post; // s and ms
  } ROWS[] = {
      {1.2, 0.045, 1025.0, 1013.7, 1041.6},
      {1.55, 0.24, 1401.5, 1408.5, 1413.0},
      {0.45, 0.042, 433.6, 419.7, 434.1},
  };
  for (int i = 0; i < 3; i++) {
    setting s = usual(ROWS[i].t1, ROWS[i].t2, "4(1)3(1)2");
    assert_true(fabs(fitted_ms(&s) - ROWS[i].usual) < 0.2);
    s.scheme = "3(2)3(1)2";
    s.first = NATIVE;
    assert_true(fabs(fitted_ms(&s) - ROWS[i].native) < 0.2);
    s.scheme = "4(1)2(2)2";
    s.first = POST;
    assert_true(fabs(fitted_ms(&s) - ROWS[i].post) < 0.2);
  }
}

/* What no readout disturbs recovers with T1: one inversion, and pulses of almost no angle. */
static void without_pulses_recovery_is_exact(void **state)
{
  (void)state;
  setting s = usual(1.1, 0.05, "5");
  double y[TT1__MAX_TIMES];
  s.readout.flip = 1e-4;
  s.efficiency = 0.95;
  simulate(y, &s);
  for (int i = 2; i < 5; i++)
    assert_true(fabs((y[i] - y[i - 1]) / (y[i - 1] - y[i - 2]) - exp(-1.0 / 1.1)) < 1e-6);
}

static void times_follow_the_beats(void **state)
{
  (void)state;
  tt1__timeline line = timeline_of("5(3)3", 60.0, NULL);
  assert_int_equal(line.n_images, 8);
  assert_true(fabs(line.image[4] - 4.12) < 1e-12 && fabs(line.image[5] - 8.12) < 1e-12);
  assert_true(fabs(line.inversion[5] - 7.92) < 1e-12 && fabs(line.inversion[7] - 7.92) < 1e-12);
}

/* An early inversion time leaves room for fewer lines before the centre, never for a negative wait. */
static void early_times_shorten_the_readout(void **state)
{
  (void)state;
  setting s = usual(1.0, 0.05, "5");
  tt1__timeline line = timeline_of("5", 60.0, NULL);
  tt1__isochromat tissue = {.t1 = 1.0, .t2 = 0.05, .b1 = 1.0, .efficiency = 1.0};
  double at_once[TT1__MAX_TIMES], asked[TT1__MAX_TIMES];
  for (int i = 0; i < line.n_images; i++)
    line.image[i] -= 0.05; // 70 ms: 25 repetitions, 5 of them ramp
  tt1__bloch_molli(at_once, &line, &tissue, &s.readout);
  s.readout.n_lines -= 35 - 20;
  s.readout.line = 20;
  tt1__bloch_molli(asked, &line, &tissue, &s.readout);
  for (int i = 0; i < line.n_images; i++)
    assert_true(fabs(at_once[i] - asked[i]) < 1e-12);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(molli_reads_as_known),
      cmocka_unit_test(short_rests_cost_accuracy),
      cmocka_unit_test(without_pulses_recovery_is_exact),
      cmocka_unit_test(times_follow_the_beats),
      cmocka_unit_test(early_times_shorten_the_readout),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
