/* SPDX-License-Identifier: MIT
 * A scanner of its own for the tests of simulations: magnetisation evolved pulse by
 * pulse, with the phases of the pulses alternating, and a fit by brute force. Nothing
 * here comes from the library. */
#ifndef TT1_TEST_SIMULATE_SUPPORT_H
#define TT1_TEST_SIMULATE_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

typedef struct spin {
  double t1, t2, frequency, b1, inversion, saturation;
  double x, y, z, now;
  double alternate; /* the phase of the next pulse is 0 or pi: 1 or -1 */
} spin;

typedef struct train {
  double flip, repetition; /* degrees, s */
  int n_ramp, n_lines, line;
} train;

static inline void wait_until(spin *m, double time)
{
  double dt = time - m->now, turn = 2.0 * acos(-1.0) * m->frequency * dt;
  double e1 = exp(-dt / m->t1), e2 = exp(-dt / m->t2), x = m->x, y = m->y;
  assert_true(dt > -1e-9);
  m->x = e2 * (cos(turn) * x + sin(turn) * y);
  m->y = e2 * (cos(turn) * y - sin(turn) * x);
  m->z = 1.0 + (m->z - 1.0) * e1;
  m->now = time;
}

static inline void spoil(spin *m)
{
  m->x = m->y = 0.0;
}

static inline void tip(spin *m, double degrees)
{
  double angle = m->alternate * m->b1 * degrees * acos(-1.0) / 180.0, y = m->y, z = m->z;
  m->y = cos(angle) * y + sin(angle) * z;
  m->z = cos(angle) * z - sin(angle) * y;
  m->alternate = -m->alternate;
}

/* A readout whose central pulse is at `time`: x and y right after it, as the receiver sees them. */
static inline void read_line(spin *m, const train *t, double time, double seen[2])
{
  spoil(m);
  m->alternate = 1.0;
  wait_until(m, time - (t->n_ramp + t->line) * t->repetition);
  for (int i = 0; i < t->n_ramp + t->n_lines; i++) {
    double part = i < t->n_ramp ? (i + 1.0) / (t->n_ramp + 1.0) : 1.0;
    double receiver = m->alternate;
    tip(m, part * t->flip);
    if (i == t->n_ramp + t->line) {
      seen[0] = receiver * m->x;
      seen[1] = receiver * m->y;
    }
    wait_until(m, m->now + t->repetition);
  }
  spoil(m);
}

static inline spin rested(double t1, double t2)
{
  return (spin){.t1 = t1, .t2 = t2, .b1 = 1.0, .inversion = 1.0, .saturation = 1.0, .z = 1.0};
}

/* What the readout gives from equilibrium. */
static inline void read_full(const spin *like, const train *t, double seen[2])
{
  spin m = *like;
  m.x = m.y = m.now = 0.0;
  m.z = 1.0;
  read_line(&m, t, 10.0, seen);
}

/* The magnitude over that of `full`, negative where it points away from it. */
static inline double against(const double seen[2], const double full[2])
{
  double along = seen[0] * full[0] + seen[1] * full[1];
  return copysign(hypot(seen[0], seen[1]) / hypot(full[0], full[1]), along);
}

/* Least squares of C - A exp(-t / T) for one T: the residual, C and A. */
static inline double residual(const double *t, const double *y, int n, double T, double *C,
                              double *A)
{
  double e = 0, ee = 0, sy = 0, ey = 0, yy = 0;
  for (int i = 0; i < n; i++) {
    double x = exp(-t[i] / T);
    e += x, ee += x * x, sy += y[i], ey += x * y[i], yy += y[i] * y[i];
  }
  double slope = (n * ey - e * sy) / (n * ee - e * e);
  *A = -slope;
  *C = (sy - slope * e) / n;
  return yy - *C * sy - slope * ey;
}

/* The T of least residual: on a grid of 1 ms, then to 1 us. */
static inline double best_time(const double *t, const double *y, int n, double *C, double *A)
{
  double best = HUGE_VAL, at = 0.0;
  for (double T = 0.02; T < 4.0; T += 1e-3) {
    double r = residual(t, y, n, T, C, A);
    if (r < best) {
      best = r;
      at = T;
    }
  }
  best = HUGE_VAL;
  double center = at;
  for (double T = center - 1.5e-3; T < center + 1.5e-3; T += 1e-6) {
    double r = residual(t, y, n, T, C, A);
    if (r < best) {
      best = r;
      at = T;
    }
  }
  residual(t, y, n, at, C, A);
  return at;
}

/* T1 of MOLLI in ms: (A / C - 1) T. */
static inline double molli_ms(const double *t, const double *y, int n)
{
  double C = 0.0, A = 0.0, T = best_time(t, y, n, &C, &A);
  return 1e3 * (A / C - 1.0) * T;
}
#endif
