/* SPDX-License-Identifier: MIT
 * Schemes, and the events and times of the sequences made of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "simulate/sequence.h"

static tt1__scheme scheme_of(const char *text)
{
  tt1__scheme s;
  assert_int_equal(tt1__scheme_read(&s, text, NULL), TT1_OK);
  return s;
}

static void check(const char *text, double heart_rate, const double *expected, int count)
{
  double times[TT1__MAX_TIMES];
  tt1__scheme scheme = scheme_of(text);
  tt1__scheme_times(times, &scheme, 60.0 / heart_rate);
  assert_int_equal(scheme.n_images, count);
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
  check("5b(3s)3b", 60.0, five, 8);
  check("4(1)3(1)2", 75.0, four, 9);
  check("3", 100.0, one, 3);
}

static void other_texts_are_refused(void **state)
{
  (void)state;
  static const char *const wrongs[] = {
      "",       "5(3)",   "5(3)3 ", " 5(3)3",  "5(3)3(1)", "0(3)3",   "5(0)3",        "5(s)3",
      "5[3]3",  "5(3)3x", "10(3)3", "5(3",     "5(33)3",   "(3)3",    "-5(3)3",       "5(3)-3",
      "5((3)3", "MOLLI",  "5s(3)3", "5(3bs)3", "5(3sb)3",  "5(3ss)3", "4(1)3(1)2(1)1"};
  for (size_t i = 0; i < sizeof wrongs / sizeof *wrongs; i++) {
    tt1__scheme scheme = {.n_images = -1};
    tt1_error err = {0};
    assert_int_equal(tt1__scheme_read(&scheme, wrongs[i], &err), TT1_BAD_ARGUMENT);
    assert_non_null(strstr(err.message, "is not a MOLLI scheme"));
    assert_int_equal(scheme.n_images, -1);
  }
}

/* Beats that are not all alike, once around. */
static void times_follow_the_beats(void **state)
{
  (void)state;
  static const double GAPS[] = {1.0, 0.9, 1.1, 1.0, 0.8, 1.2, 1.0, 0.95, 1.05, 1.0};
  tt1__scheme scheme = scheme_of("5(3)3");
  tt1__sequence s = tt1__molli_sequence(&scheme, GAPS, 10);
  assert_int_equal(s.n_images, 8);
  assert_int_equal(s.n_events, 10);
  static const double expected[] = {0.12, 1.12, 2.02, 3.12, 4.12, 0.2, 1.25, 2.25};
  for (int i = 0; i < 8; i++)
    assert_true(fabs(s.times[i] - expected[i]) < 1e-12);
  assert_true(fabs(s.acquired[5] - (4.12 + 0.8 + 1.2 + 1.0 + 0.95)) < 1e-12);
  assert_int_equal(s.events[6].kind, TT1__INVERT);
  assert_true(fabs(s.events[6].time - (s.acquired[5] - 0.2)) < 1e-12);
}

/* The rest lasts at least so many seconds after the beat that has no image first. */
static void rests_may_be_in_seconds(void **state)
{
  (void)state;
  static const struct {
    double gap;
    int beats;
  } ROWS[] = {{1.0, 3}, {0.6, 5}, {0.7, 5}, {1.5, 2}, {3.0, 1}};
  for (int i = 0; i < 5; i++) {
    tt1__scheme beats = scheme_of("5(3)3"), seconds = scheme_of("5(3s)3");
    beats.rest[0] = ROWS[i].beats;
    tt1__sequence a = tt1__molli_sequence(&beats, &ROWS[i].gap, 1);
    tt1__sequence b = tt1__molli_sequence(&seconds, &ROWS[i].gap, 1);
    assert_true(fabs(a.acquired[7] - b.acquired[7]) < 1e-9);
  }
}

/* ---- From options ---- */

static tt1_sequence usual(tt1_sequence_kind kind)
{
  return (tt1_sequence){.heart_rate = 60.0,
                        .kind = kind,
                        .scheme = "5(3)3",
                        .inversion = 1.0,
                        .n_saturations = 9,
                        .saturation = 1.0,
                        .n_preparations = 3,
                        .preparations = {0.0, 0.025, 0.055},
                        .rest = 3,
                        .flip = 35.0,
                        .repetition = 0.0027,
                        .n_ramp = 5,
                        .n_lines = 70,
                        .line = 36};
}

static tt1__sequence made(const tt1_sequence *options, uint64_t seed)
{
  tt1__sequence s;
  tt1_error err = {0};
  if (tt1__sequence_make(&s, options, seed, &err) != TT1_OK) fail_msg("%s", err.message);
  return s;
}

/* Times are the true ones, another seed has other beats, and none strays beyond three SD. */
static void heart_beats_vary(void **state)
{
  (void)state;
  tt1_sequence options = usual(TT1_SEQUENCE_MOLLI);
  options.scheme = "9(1)9(1)9";
  options.rr_deviation = 0.05;
  double sum = 0.0, squares = 0.0;
  int n = 0;
  for (uint64_t seed = 1; seed <= 100; seed++) {
    tt1__sequence s = made(&options, seed);
    for (int i = 1; i < s.n_images; i++) {
      if (i % 9 == 0) continue;
      double gap = s.times[i] - s.times[i - 1];
      assert_true(fabs(gap - (s.acquired[i] - s.acquired[i - 1])) < 1e-12);
      assert_true(fabs(gap - 1.0) < 0.150001);
      sum += gap - 1.0;
      squares += (gap - 1.0) * (gap - 1.0);
      n++;
    }
  }
  assert_true(fabs(sum / n) < 4.0 * 0.05 / sqrt(n));
  // Cut at three SD the variance is 0.973 of the whole.
  assert_true(fabs(squares / n / (0.05 * 0.05 * 0.973) - 1.0) < 4.0 * sqrt(2.0 / n));
  tt1__sequence a = made(&options, 1), b = made(&options, 1), c = made(&options, 2);
  assert_memory_equal(a.times, b.times, sizeof a.times);
  assert_memory_not_equal(a.times, c.times, sizeof a.times);
}

/* A beat that comes early leaves its saturation less time, and the time told is that. */
static void early_beats_cut_saturation_times(void **state)
{
  (void)state;
  tt1_sequence options = usual(TT1_SEQUENCE_SASHA);
  options.rr_deviation = 0.06;
  int n_cut = 0;
  for (uint64_t seed = 1; seed <= 20; seed++) {
    tt1__sequence s = made(&options, seed);
    for (int i = 1; i < s.n_images; i++) {
      double planned = 0.118 + (1.0 - 0.1045 - 0.118) * (i - 1) / 8.0;
      double room = s.acquired[i] - s.acquired[i - 1] - 0.1045;
      assert_true(fabs(s.times[i] - fmin(planned, room)) < 1e-9);
      n_cut += s.times[i] < planned - 1e-9;
    }
  }
  assert_true(n_cut > 5);
}

static void first_times_and_echoes_can_be_asked_for(void **state)
{
  (void)state;
  tt1_sequence options = usual(TT1_SEQUENCE_MOLLI);
  options.first_times[0] = 0.1;
  options.first_times[1] = 0.18;
  options.times_to_echo = 1;
  tt1__sequence s = made(&options, 1);
  assert_true(fabs(s.times[0] - 0.10135) < 1e-12 && fabs(s.times[5] - 0.18135) < 1e-12);
  options = usual(TT1_SEQUENCE_T2PREP);
  options.times_to_echo = 1; // says nothing about a T2 preparation
  s = made(&options, 1);
  assert_true(s.times[2] == 0.055);
}

static void what_overlaps_is_refused(void **state)
{
  (void)state;
  tt1_sequence options[4];
  for (int i = 0; i < 4; i++)
    options[i] = usual(i < 2   ? TT1_SEQUENCE_MOLLI
                       : i < 3 ? TT1_SEQUENCE_SASHA
                               : TT1_SEQUENCE_T2PREP);
  options[0].n_lines = 300; // 0.82 s of readout
  options[0].heart_rate = 80.0;
  options[1].first_times[1] = 1.95; // a second inversion before the last image of the first
  options[1].scheme = "3(1)3";
  options[2].heart_rate = 250.0;
  options[2].n_lines = 90;
  options[3].rest = 1;
  options[3].heart_rate = 200.0;
  options[3].n_lines = 250;
  for (int i = 0; i < 4; i++) {
    tt1__sequence s = {.n_images = -1};
    tt1_error err = {0};
    assert_int_equal(tt1__sequence_make(&s, &options[i], 1, &err), TT1_BAD_ARGUMENT);
    assert_non_null(strstr(err.message, "ms are missing between image"));
    assert_int_equal(s.n_images, -1);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(known_schemes_have_their_times),
      cmocka_unit_test(other_texts_are_refused),
      cmocka_unit_test(times_follow_the_beats),
      cmocka_unit_test(rests_may_be_in_seconds),
      cmocka_unit_test(heart_beats_vary),
      cmocka_unit_test(early_beats_cut_saturation_times),
      cmocka_unit_test(first_times_and_echoes_can_be_asked_for),
      cmocka_unit_test(what_overlaps_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
