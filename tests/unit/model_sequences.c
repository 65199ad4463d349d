/* SPDX-License-Identifier: MIT
 * The models of whole sequences against a step-by-step evolution of the magnetisation: pulse by
 * pulse, interval by interval, cycle by cycle until nothing changes. What the formulas of
 * models/ write in closed form is only repeated here. On resonance, spoiled before each pulse. */
#include "model_support.h"

#include <math.h>
#include <string.h>

static const double DEGREE = 3.14159265358979323846 / 180;

/* The magnetisation, its equilibrium 1. */
typedef struct spins {
  double along, across, T1, T2;
} spins;

static void wait(spins *s, double seconds)
{
  s->along = 1 + (s->along - 1) * exp(-seconds / s->T1);
  s->across *= exp(-seconds / s->T2);
}

/* About the axis on which nothing lies: what is along goes across and back. */
static void turn(spins *s, double angle)
{
  double c = cos(angle * DEGREE), d = sin(angle * DEGREE), along = s->along;
  s->along = along * c - s->across * d;
  s->across = along * d + s->across * c;
}

static void spoil(spins *s)
{
  s->across = 0;
}

/* A 180 degree pulse that refocuses what lies across and turns the rest over. */
static void refocus(spins *s)
{
  s->along = -s->along;
}

static double spin_echo(double c, double T1, double TI, double TR, double TE)
{
  spins s = {1, 0, T1, 1e9};
  double signal = 0;
  for (int cycle = 0; cycle < 500; cycle++) {
    s.along *= -c;
    wait(&s, TI);
    spoil(&s);
    turn(&s, 90);
    wait(&s, TE / 2);
    refocus(&s);
    wait(&s, TE / 2);
    signal = s.across;
    spoil(&s);
    wait(&s, TR - TI - TE);
  }
  return signal;
}

/* Saturation, recovery, T2 preparation of no length along, recovery to the centre. */
static double multi_sasha(double T1, double T2, double TS, double TE, double Td)
{
  spins s = {0, 0, T1, T2};
  wait(&s, TS);
  turn(&s, 90);
  s.across *= exp(-TE / T2);
  turn(&s, -90);
  wait(&s, Td);
  return s.along;
}

/* T2 preparation at equilibrium, or saturation in its place, then recovery until the readout. */
static double prepared(double T1, double T2, double TE, double Td, int is_saturated)
{
  spins s = {is_saturated ? 0 : exp(-TE / T2), 0, T1, T2};
  wait(&s, Td);
  return s.along;
}

/* What blood brings into tissue after a global inversion less what it brings after one of the
 * slice alone, in small steps (Runge-Kutta): d/dt = f 2 exp(-t / T1b) - difference / T1b, where
 * tissue with its outflow relaxes as blood does. */
static double tagged_blood(double f, double TI, double T1b)
{
  enum { STEPS = 400 };
  double h = TI / STEPS, d = 0;
  for (int i = 0; i < STEPS; i++) {
    double in[3], k[4];
    for (int j = 0; j < 3; j++)
      in[j] = 2 * f * exp(-(i + 0.5 * j) * h / T1b);
    k[0] = in[0] - d / T1b;
    k[1] = in[1] - (d + h / 2 * k[0]) / T1b;
    k[2] = in[1] - (d + h / 2 * k[1]) / T1b;
    k[3] = in[2] - (d + h * k[2]) / T1b;
    d += h / 6 * (k[0] + 2 * k[1] + 2 * k[2] + k[3]);
  }
  return d;
}

static double spoiled_echo(double T1, double TR, double angle)
{
  spins s = {1, 0, T1, 1e9};
  double signal = 0;
  for (int pulse = 0; pulse < 20000; pulse++) {
    spoil(&s);
    turn(&s, angle);
    signal = s.across;
    wait(&s, TR);
  }
  return signal;
}

typedef struct two_trains {
  double TI[2], FA[2], TR, gap, eff;
  int n;
} two_trains;

static void train(spins *s, const two_trains *t, int which, double *centre)
{
  for (int pulse = 0; pulse < t->n; pulse++) {
    spoil(s);
    turn(s, t->FA[which]);
    if (pulse == t->n / 2) *centre = s->across;
    wait(s, t->gap);
  }
}

static void two_readouts(const two_trains *t, double T1, double signal[2])
{
  spins s = {1, 0, T1, 1e9};
  double half = t->n / 2 * t->gap;
  for (int cycle = 0; cycle < 60; cycle++) {
    s.along *= -t->eff;
    wait(&s, t->TI[0] - half);
    train(&s, t, 0, &signal[0]);
    wait(&s, t->TI[1] - t->TI[0] - 2 * half);
    train(&s, t, 1, &signal[1]);
    wait(&s, t->TR - t->TI[1] - half);
  }
}

static void agree(const tt1_model *model, const double *p, const double *x, double wanted)
{
  double found;
  tt1_model_evaluate(model, p, x, &found, NULL, NULL);
  if (tt1_model_is_magnitude(model)) wanted = fabs(wanted);
  if (!(fabs(found - wanted) <= 1e-9))
    fail_msg("%s: %.12g, the evolution gives %.12g", tt1_model_name(model), found, wanted);
}

static double between(uint64_t *seed, double low, double high)
{
  return low + (high - low) * next_random(seed);
}

static void inversion_recovery_spin_echo(void **state)
{
  (void)state;
  tt1_model *model = builtin("irse");
  uint64_t seed = 1;
  for (int i = 0; i < 50; i++) {
    double p[] = {1, between(&seed, 0.8, 1), between(&seed, 0.1, 2)};
    double x[] = {between(&seed, 0.03, 0.9), between(&seed, 1, 3), between(&seed, 0.01, 0.05)};
    agree(model, p, x, spin_echo(p[1], p[2], x[0], x[1], x[2]));
  }
  tt1_model_free(model);
}

static void saturation_with_t2_preparation(void **state)
{
  (void)state;
  tt1_model *joint = builtin("msasha3"), *sasha = builtin("sasha2");
  uint64_t seed = 2;
  for (int i = 0; i < 50; i++) {
    double p[] = {1, between(&seed, 0.2, 2), between(&seed, 0.03, 0.2)};
    double x[] = {between(&seed, 0.1, 2), between(&seed, 0, 0.1), between(&seed, 0, 0.2)};
    agree(joint, p, x, multi_sasha(p[1], p[2], x[0], x[1], x[2]));
    double whole = x[0] + x[2];
    agree(sasha, p, &whole, multi_sasha(p[1], p[2], x[0], 0, x[2]));
  }
  tt1_model_free(joint);
  tt1_model_free(sasha);
}

/* A readout adds an offset to what it finds along: B of both models. */
static void saturation_with_an_offset(void **state)
{
  (void)state;
  tt1_model *joint = builtin("msasha4"), *sasha = builtin("sasha3");
  uint64_t seed = 5;
  for (int i = 0; i < 50; i++) {
    double p[] = {1, between(&seed, -0.1, 0.1), between(&seed, 0.2, 2), between(&seed, 0.03, 0.2)};
    double x[] = {between(&seed, 0.1, 2), between(&seed, 0, 0.1)};
    agree(joint, p, x, multi_sasha(p[2], p[3], x[0], x[1], 0) + p[1]);
    double partly[] = {1, between(&seed, 0.9, 1), p[2]}; // saturation leaves 1 - B
    spins s = {1 - partly[1], 0, p[2], p[3]};
    wait(&s, x[0]);
    agree(sasha, partly, x, s.along);
  }
  tt1_model_free(joint);
  tt1_model_free(sasha);
}

static void t2_preparation(void **state)
{
  (void)state;
  tt1_model *three = builtin("t2prep3"), *two = builtin("t2prep2");
  uint64_t seed = 6;
  for (int i = 0; i < 50; i++) {
    double T1 = between(&seed, 0.3, 2), T2 = between(&seed, 0.03, 0.2);
    double Td = between(&seed, 0.01, 0.3), stays = exp(-Td / T1), TE = between(&seed, 0, 0.1);
    double p[] = {stays, 1 - stays, T2}, plain[] = {1, T2}, x[] = {TE, 0}, saturated[] = {TE, 1};
    agree(three, p, x, prepared(T1, T2, TE, Td, 0));
    agree(three, p, saturated, prepared(T1, T2, TE, Td, 1));
    agree(two, plain, x, prepared(T1, T2, TE, 0, 0));
  }
  tt1_model_free(three);
  tt1_model_free(two);
}

static void labelled_blood(void **state)
{
  (void)state;
  enum { BASELINE, CONTROL, TAG };
  tt1_model *model = builtin("fair");
  uint64_t seed = 7;
  for (int i = 0; i < 20; i++) {
    double p[] = {between(&seed, 0.2, 0.8), 1, between(&seed, 0.005, 0.05)};
    double x[] = {TAG, between(&seed, 0.5, 1.5), between(&seed, 1.4, 2)};
    agree(model, p, x, p[0] - tagged_blood(p[2], x[1], x[2]));
    x[0] = CONTROL;
    agree(model, p, x, p[0]);
    x[0] = BASELINE;
    agree(model, p, x, p[1]);
  }
  tt1_model_free(model);
}

static void spoiled_gradient_echo(void **state)
{
  (void)state;
  tt1_model *model = builtin("vfa");
  uint64_t seed = 3;
  for (int i = 0; i < 10; i++) {
    double p[] = {1, between(&seed, 0.2, 2)};
    double x[] = {between(&seed, 2, 40), between(&seed, 0.005, 0.05), between(&seed, 0.7, 1.3)};
    agree(model, p, x, spoiled_echo(p[1], x[1], x[0] * x[2]));
  }
  tt1_model_free(model);
}

static void two_trains_after_an_inversion(void **state)
{
  (void)state;
  tt1_model *model = builtin("mp2rage");
  uint64_t seed = 4;
  for (int i = 0; i < 20; i++) {
    double B1 = between(&seed, 0.8, 1.2), signal[2];
    two_trains t = {.TI = {between(&seed, 0.7, 0.9), between(&seed, 2.5, 2.9)},
                    .FA = {between(&seed, 3, 7), between(&seed, 3, 7)},
                    .TR = between(&seed, 5, 6),
                    .gap = between(&seed, 0.004, 0.007),
                    .eff = between(&seed, 0.9, 1),
                    .n = 2 * (int)between(&seed, 40, 90)};
    double p[] = {1, between(&seed, 0.3, 4)};
    for (int k = 0; k < 2; k++) {
      double x[] = {t.TI[k], t.FA[k] / B1, t.TI[0], t.TI[1], t.FA[0] / B1, t.FA[1] / B1, t.TR,
                    t.gap,   t.n,          t.eff,   B1};
      two_readouts(&t, p[1], signal);
      agree(model, p, x, signal[k]);
    }
  }
  tt1_model_free(model);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(inversion_recovery_spin_echo),
      cmocka_unit_test(saturation_with_t2_preparation),
      cmocka_unit_test(saturation_with_an_offset),
      cmocka_unit_test(t2_preparation),
      cmocka_unit_test(labelled_blood),
      cmocka_unit_test(spoiled_gradient_echo),
      cmocka_unit_test(two_trains_after_an_inversion),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
