/* SPDX-License-Identifier: MIT
 * Sequences under the Bloch equations against figures on which two independent
 * simulations agree, against a third one that goes pulse by pulse, and against what
 * must hold exactly. */
#include "simulate_support.h"

#include "simulate/bloch.h"

typedef struct setting {
  double t1, t2, inversion, frequency;
  const char *scheme;
  tt1__readout readout;
  const double *first; /* first times of the inversions; NULL: the usual */
  double echo;         /* s that are added to the times */
} setting;

static setting usual(double t1, double t2, const char *scheme)
{
  return (setting){t1, t2, 1.0, 0.0, scheme, tt1__readout_usual(), NULL, 0.0};
}

/* `first` replaces the usual first times of the inversions; NULL: none. */
static tt1__sequence molli_of(const char *scheme, double gap, const double *first)
{
  tt1__scheme s;
  assert_int_equal(tt1__scheme_read(&s, scheme, NULL), TT1_OK);
  for (int g = 0; first && g < s.n_groups; g++)
    s.first[g] = first[g];
  return tt1__molli_sequence(&s, &gap, 1);
}

static void play(double signal[TT1__MAX_TIMES], const tt1__sequence *sequence,
                 const tt1__isochromat *tissue, const tt1__readout *readout)
{
  tt1__transverse m[TT1__MAX_TIMES], full;
  tt1__bloch(m, &full, sequence, tissue, readout);
  for (int i = 0; i < sequence->n_images; i++)
    signal[i] = tt1__signed_signal(m[i], full);
}

static double fitted_ms(const setting *s)
{
  double y[TT1__MAX_TIMES];
  tt1__sequence sequence = molli_of(s->scheme, 1.0, s->first);
  tt1__isochromat tissue = {
      .t1 = s->t1, .t2 = s->t2, .b1 = 1.0, .frequency = s->frequency, .inversion = s->inversion};
  play(y, &sequence, &tissue, &s->readout);
  for (int i = 0; i < sequence.n_images; i++)
    sequence.times[i] += s->echo;
  return molli_ms(sequence.times, y, sequence.n_images);
}

static void expect(const setting *s, double expected_ms, double tolerance)
{
  double got = fitted_ms(s);
  if (!(fabs(got - expected_ms) <= tolerance))
    fail_msg("T1 %g T2 %g %s: %.1f ms, expected %.1f", s->t1, s->t2, s->scheme, got, expected_ms);
}

/* ---- The figures ---- */

/* A table of MOLLI T1 in ms that two independent simulations agree on within 1 ms. The columns are
 * told apart by what they measure times to, which their heads do not say of the last two: there
 * it is the echo, half a repetition after the pulse; without ramp the 75 pulses are all of 35
 * degrees and the middle one is the centre. */
static void molli_reads_as_known(void **state)
{
  (void)state;
  static const struct {
    double t1, t2, pulse, echo, no_ramp, other; // 0: not known
  } ROWS[] = {
      {1.000, 0.045, 914.1, 916.5, 856.0, 887.0},    {1.200, 0.045, 1083.3, 1085.8, 1020.0, 1028.0},
      {1.550, 0.240, 1508.1, 1510.8, 961.0, 1404.0}, {0.450, 0.042, 429.3, 431.8, 388.0, 436.0},
      {0.300, 0.150, 303.9, 0.0, 0.0, 0.0},
  };
  for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
    setting s = usual(ROWS[i].t1, ROWS[i].t2, "5(3)3");
    expect(&s, ROWS[i].pulse, 0.2);
    if (!(ROWS[i].echo > 0.0)) continue;
    s.echo = 0.5 * s.readout.repetition;
    expect(&s, ROWS[i].echo, 1.0);
    setting other = s;
    other.scheme = "4(1)3(1)2";
    expect(&other, ROWS[i].other, 1.0);
    s.readout.n_ramp = 0;
    s.readout.n_lines = 75;
    s.readout.line = 37;
    expect(&s, ROWS[i].no_ramp, 1.0);
  }
}

/* A residual inverted fraction d scales T1 by d, to 0.3 %; off resonance T1 falls. */
static void inversion_and_field_move_t1(void **state)
{
  (void)state;
  static const struct {
    double hertz, expected;
  } FIELDS[] = {{50.0, 903.0}, {100.0, 840.0}, {150.0, 734.0}};
  setting s = usual(1.0, 0.045, "5(3)3");
  s.inversion = 0.92;
  assert_true(fabs(fitted_ms(&s) / 0.92 / 914.1 - 1.0) < 0.003);
  s.inversion = 1.0;
  for (int i = 0; i < 3; i++) {
    s.frequency = FIELDS[i].hertz;
    expect(&s, FIELDS[i].expected, 1.0);
  }
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
    expect(&s, ROWS[i].usual, 0.2);
    s.scheme = "3(2)3(1)2";
    s.first = NATIVE;
    expect(&s, ROWS[i].native, 0.2);
    s.scheme = "4(1)2(2)2";
    s.first = POST;
    expect(&s, ROWS[i].post, 0.2);
  }
}

/* ---- Pulse by pulse ---- */

static const train TRAIN = {35.0, 0.0027, 5, 70, 35};

/* Off everything that is usual. */
static spin odd_spin(void)
{
  spin m = rested(1.13, 0.057);
  m.frequency = 43.0;
  m.b1 = 0.87;
  m.inversion = 0.94;
  m.saturation = 0.97;
  return m;
}

static tt1__isochromat same_as(const spin *m)
{
  return (tt1__isochromat){m->t1, m->t2, m->b1, m->frequency, m->inversion, m->saturation};
}

static void check_same(const double *expected, const tt1__sequence *sequence, int n)
{
  spin m = odd_spin();
  double got[TT1__MAX_TIMES];
  tt1__isochromat tissue = same_as(&m);
  tt1__readout readout = tt1__readout_usual();
  assert_int_equal(sequence->n_images, n);
  play(got, sequence, &tissue, &readout);
  for (int i = 0; i < n; i++)
    if (!(fabs(got[i] - expected[i]) < 1e-12))
      fail_msg("image %d: %.15f, pulse by pulse %.15f", i + 1, got[i], expected[i]);
}

static tt1_sequence completed(tt1_sequence_kind kind)
{
  return (tt1_sequence){.heart_rate = 75.0,
                        .kind = kind,
                        .scheme = "4(1)3(2)2",
                        .inversion = 0.94,
                        .n_saturations = 9,
                        .saturation = 0.97,
                        .n_preparations = 3,
                        .preparations = {0.0, 0.025, 0.055},
                        .has_saturated_image = 1,
                        .rest = 2,
                        .flip = 35.0,
                        .repetition = 0.0027,
                        .n_ramp = 5,
                        .n_lines = 70,
                        .line = 36};
}

static tt1__sequence made(const tt1_sequence *options)
{
  tt1__sequence s;
  tt1_error err = {0};
  if (tt1__sequence_make(&s, options, 1, &err) != TT1_OK) fail_msg("%s", err.message);
  return s;
}

static void molli_is_right_pulse_by_pulse(void **state)
{
  (void)state;
  static const int COUNTS[] = {4, 3, 2}, BEATS[] = {0, 5, 10};
  static const double FIRST[] = {0.12, 0.20, 0.28};
  const double rr = 0.8;
  double expected[9], full[2] = {0}, seen[2] = {0};
  int n = 0;
  spin m = odd_spin();
  read_full(&m, &TRAIN, full);
  for (int group = 0; group < 3; group++)
    for (int i = 0; i < COUNTS[group]; i++) {
      double time = 0.12 + rr * (BEATS[group] + i);
      if (i == 0) {
        if (group > 0) wait_until(&m, time - FIRST[group]);
        spoil(&m);
        m.z *= -m.inversion;
        m.now = time - FIRST[group];
      }
      read_line(&m, &TRAIN, time, seen);
      expected[n++] = against(seen, full);
    }
  tt1_sequence options = completed(TT1_SEQUENCE_MOLLI);
  tt1__sequence sequence = made(&options);
  check_same(expected, &sequence, 9);
  assert_true(fabs(sequence.times[3] - 2.52) < 1e-12 && fabs(sequence.times[8] - 1.08) < 1e-12);
}

static void sasha_is_right_pulse_by_pulse(void **state)
{
  (void)state;
  tt1_sequence options = completed(TT1_SEQUENCE_SASHA);
  tt1__sequence sequence = made(&options);
  double expected[10], full[2] = {0}, seen[2] = {0}, start = 0.118;
  spin m = odd_spin();
  read_full(&m, &TRAIN, full);
  for (int i = 0; i < 10; i++) {
    double time = start + 0.8 * i, recovery = 0.118 + (0.8 - 0.1045 - 0.118) * (i - 1) / 8.0;
    if (i > 0) {
      wait_until(&m, time - recovery);
      m.z *= 1.0 - m.saturation;
      assert_true(fabs(sequence.times[i] - recovery) < 1e-12);
    }
    read_line(&m, &TRAIN, time, seen);
    expected[i] = against(seen, full);
  }
  check_same(expected, &sequence, 10);
  assert_true(sequence.times[0] == 30.0);
}

static void t2prep_is_right_pulse_by_pulse(void **state)
{
  (void)state;
  tt1_sequence options = completed(TT1_SEQUENCE_T2PREP);
  tt1__sequence sequence = made(&options);
  double expected[4], full[2] = {0}, seen[2] = {0};
  spin m = odd_spin();
  read_full(&m, &TRAIN, full);
  for (int i = 0; i < 4; i++) {
    double time = 0.108 + 2.4 * i, duration = i < 3 ? options.preparations[i] : 0.0;
    wait_until(&m, time - 0.108 - duration);
    if (i < 3)
      m.z *= exp(-duration / m.t2); // tipped and refocused, there is decay and no recovery
    else
      m.z *= 1.0 - m.saturation;
    m.now = time - 0.108;
    read_line(&m, &TRAIN, time, seen);
    expected[i] = against(seen, full);
    assert_true(fabs(sequence.times[i] - duration) < 1e-15);
    assert_true(sequence.is_saturated[i] == (i == 3 ? 1.0 : 0.0));
  }
  check_same(expected, &sequence, 4);
}

/* ---- What must hold exactly ---- */

/* What no readout disturbs recovers with T1: one inversion, and pulses of almost no angle. */
static void without_pulses_recovery_is_exact(void **state)
{
  (void)state;
  setting s = usual(1.1, 0.05, "5");
  double y[TT1__MAX_TIMES];
  tt1__sequence sequence = molli_of("5", 1.0, NULL);
  tt1__isochromat tissue = {.t1 = 1.1, .t2 = 0.05, .b1 = 1.0, .inversion = 0.95};
  s.readout.flip = 1e-5;
  play(y, &sequence, &tissue, &s.readout);
  for (int i = 2; i < 5; i++)
    assert_true(fabs((y[i] - y[i - 1]) / (y[i - 1] - y[i - 2]) - exp(-1.0 / 1.1)) < 1e-9);
  double full = y[4] + (y[4] - y[3]) / (exp(1.0 / 1.1) - 1.0); // and ends at equilibrium
  assert_true(fabs(full - 1.0) < 1e-9);
}

/* Two inversions without rest enough are no exponential, whatever the readout. */
static void short_rests_are_not_made_good(void **state)
{
  (void)state;
  setting s = usual(1.55, 0.24, "5(3)3");
  s.readout.flip = 1e-5;
  s.echo = 0.5 * s.readout.repetition;
  expect(&s, 1542.0, 1.0);
}

static double sasha_t1(const tt1__isochromat *tissue, double *share)
{
  double y[TT1__MAX_TIMES], C = 0.0, A = 0.0;
  tt1_sequence options = completed(TT1_SEQUENCE_SASHA);
  tt1__readout readout = tt1__readout_usual();
  options.heart_rate = 60.0;
  tt1__sequence sequence = made(&options);
  play(y, &sequence, tissue, &readout);
  double t1 = best_time(sequence.times, y, sequence.n_images, &C, &A);
  *share = A / C;
  return t1;
}

/* After saturation the signal is an exponential of T1 whatever readout follows: three parameters find
 * it. What is left of the beat before passes into T1, the more the longer it is. */
static void sasha_finds_t1(void **state)
{
  (void)state;
  static const double TISSUES[][2] = {{1.4, 0.045}, {1.9, 0.2}, {0.45, 0.04}, {0.35, 0.07}};
  for (int i = 0; i < 4; i++) {
    double t1 = TISSUES[i][0], share;
    tt1__isochromat tissue = {t1, TISSUES[i][1], 1.0, 0.0, 1.0, 1.0};
    assert_true(fabs(sasha_t1(&tissue, &share) - t1) < 2e-6); // the step of the search
    assert_true(share > 0.5 && share < 1.5);                  // where model sasha3 looks
    tissue.frequency = 100.0;                                 // no longer quite real
    assert_true(fabs(sasha_t1(&tissue, &share) / t1 - 1.0) < 5e-4);
    tissue.frequency = 0.0;
    tissue.saturation = 0.99;
    double bias = sasha_t1(&tissue, &share) / t1 - 1.0;
    assert_true(bias > 0.0005 && bias < 0.011);
  }
}

/* Where the heart leaves time to recover, an image saturated right before tells the offset, and the
 * three others decay with T2. Without it they seem to decay by a tenth and more too slowly. */
static void t2prep_finds_t2(void **state)
{
  (void)state;
  tt1_sequence options = completed(TT1_SEQUENCE_T2PREP);
  tt1__readout readout = tt1__readout_usual();
  options.heart_rate = 30.0;
  options.rest = 9;
  tt1__sequence sequence = made(&options);
  tt1__isochromat tissue = {1.2, 0.045, 1.0, 0.0, 1.0, 1.0};
  double y[TT1__MAX_TIMES];
  play(y, &sequence, &tissue, &readout);
  double t2 = -0.055 / log((y[2] - y[3]) / (y[0] - y[3]));
  assert_true(fabs(t2 - 0.045) < 1e-6);
  double plain = -0.055 / log(y[2] / y[0]);
  assert_true(plain > 1.1 * 0.045 && plain < 1.2 * 0.045);
}

/* An early inversion time leaves room for fewer lines before the centre, never for a negative wait. */
static void early_times_shorten_the_readout(void **state)
{
  (void)state;
  setting s = usual(1.0, 0.05, "5");
  static const double EARLY[] = {0.07}; // 25 repetitions, 5 of them ramp
  tt1__sequence sequence = molli_of("5", 1.0, EARLY);
  tt1__isochromat tissue = {.t1 = 1.0, .t2 = 0.05, .b1 = 1.0, .inversion = 1.0};
  double at_once[TT1__MAX_TIMES], asked[TT1__MAX_TIMES];
  play(at_once, &sequence, &tissue, &s.readout);
  s.readout.n_lines -= 35 - 20;
  s.readout.line = 20;
  play(asked, &sequence, &tissue, &s.readout);
  for (int i = 0; i < sequence.n_images; i++)
    assert_true(fabs(at_once[i] - asked[i]) < 1e-12);
}

/* Half a repetition later, in the passband, all of a voxel points the same way again. */
static void the_echo_refocuses(void **state)
{
  (void)state;
  tt1__sequence sequence = molli_of("5(3)3", 1.0, NULL);
  tt1__readout readout = tt1__readout_usual();
  tt1__transverse m[TT1__MAX_TIMES], on, off;
  double angle[2];
  for (int i = 0; i < 2; i++) {
    tt1__isochromat tissue = {1.2, 0.045, 1.0, i ? 60.0 : -60.0, 1.0, 1.0};
    tt1__bloch(m, &on, &sequence, &tissue, &readout);
    off = tt1__at_echo(on, &tissue, &readout);
    angle[i] = atan2(off.y, off.x);
    assert_true(fabs(hypot(off.x, off.y) / hypot(on.x, on.y) - exp(-0.00135 / 0.045)) < 1e-12);
  }
  double apart = remainder(angle[0] - angle[1], 2.0 * acos(-1.0));
  assert_true(fabs(apart) < 0.3); // at the pulse: 2 pi 120 Hz x 1.35 ms = 1.02
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(molli_reads_as_known),
      cmocka_unit_test(inversion_and_field_move_t1),
      cmocka_unit_test(short_rests_cost_accuracy),
      cmocka_unit_test(molli_is_right_pulse_by_pulse),
      cmocka_unit_test(sasha_is_right_pulse_by_pulse),
      cmocka_unit_test(t2prep_is_right_pulse_by_pulse),
      cmocka_unit_test(without_pulses_recovery_is_exact),
      cmocka_unit_test(short_rests_are_not_made_good),
      cmocka_unit_test(sasha_finds_t1),
      cmocka_unit_test(t2prep_finds_t2),
      cmocka_unit_test(early_times_shorten_the_readout),
      cmocka_unit_test(the_echo_refocuses),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
