/* SPDX-License-Identifier: MIT */
#include "simulate/bloch.h"

#include <math.h>

static const double PI = 3.14159265358979323846;

/* M -> rotation M + offset, in a frame that turns by half a turn per pulse: there the
 * pulses, whose phases alternate, all turn about x. */
typedef struct affine {
  double m[3][4];
} affine;

static affine after(const affine *second, const affine *first)
{
  affine out;
  for (int i = 0; i < 3; i++)
    for (int j = 0; j < 4; j++) {
      double sum = j == 3 ? second->m[i][3] : 0.0;
      for (int k = 0; k < 3; k++)
        sum += second->m[i][k] * first->m[k][j];
      out.m[i][j] = sum;
    }
  return out;
}

static affine power(affine base, int exponent)
{
  affine out = {{{1.0, 0.0, 0.0, 0.0}, {0.0, 1.0, 0.0, 0.0}, {0.0, 0.0, 1.0, 0.0}}};
  for (; exponent > 0; exponent >>= 1) {
    if (exponent & 1) out = after(&base, &out);
    base = after(&base, &base);
  }
  return out;
}

static affine pulse(double angle)
{
  double c = cos(angle), s = sin(angle);
  return (affine){{{1.0, 0.0, 0.0, 0.0}, {0.0, c, s, 0.0}, {0.0, -s, c, 0.0}}};
}

// Free precession for one repetition time.
static affine interval(const tt1__isochromat *tissue, double time)
{
  double e1 = exp(-time / tissue->t1), e2 = exp(-time / tissue->t2);
  double turn = PI + 2.0 * PI * tissue->frequency * time;
  double c = e2 * cos(turn), s = e2 * sin(turn);
  return (affine){{{c, s, 0.0, 0.0}, {-s, c, 0.0, 0.0}, {0.0, 0.0, e1, 1.0 - e1}}};
}

tt1__readout tt1__readout_usual(void)
{
  return (tt1__readout){.flip = 35.0, .repetition = 0.0027, .n_ramp = 5, .n_lines = 70, .line = 35};
}

/* A readout of Mz: the transverse magnetisation right after the pulse of the central line, and
 * Mz at the end, each as slope and offset. */
typedef struct response {
  double x[2], y[2], z[2];
  double before, behind; /* s from the start to the central pulse, and from there to the end */
} response;

static response respond(const tt1__isochromat *tissue, const tt1__readout *r, int n_lines_before)
{
  double angle = tissue->b1 * r->flip * PI / 180.0;
  affine wait = interval(tissue, r->repetition), state = power(wait, 0);
  for (int i = 1; i <= r->n_ramp; i++) {
    affine turn = pulse(angle * i / (r->n_ramp + 1));
    state = after(&turn, &state);
    state = after(&wait, &state);
  }
  affine turn = pulse(angle), line = after(&wait, &turn);
  affine lines = power(line, n_lines_before), rest = power(line, r->n_lines - r->line);
  affine at_pulse = after(&lines, &state), end = after(&rest, &at_pulse);
  at_pulse = after(&turn, &at_pulse);
  return (response){.x = {at_pulse.m[0][2], at_pulse.m[0][3]},
                    .y = {at_pulse.m[1][2], at_pulse.m[1][3]},
                    .z = {end.m[2][2], end.m[2][3]},
                    .before = (r->n_ramp + n_lines_before) * r->repetition,
                    .behind = (r->n_lines - r->line) * r->repetition};
}

// The sign of a signal is whether it points along what equilibrium gives.
static double signal_of(const response *r, double mz)
{
  double x = r->x[0] * mz + r->x[1], y = r->y[0] * mz + r->y[1];
  double full_x = r->x[0] + r->x[1], full_y = r->y[0] + r->y[1];
  double full = full_x * full_x + full_y * full_y;
  return copysign(sqrt((x * x + y * y) / full), x * full_x + y * full_y);
}

static double recover(double mz, double time, double t1)
{
  return 1.0 - (1.0 - mz) * exp(-time / t1);
}

// Every image lies at the same phase of its beat, and its inversion before the first of its group.
tt1__timeline tt1__timeline_make(const tt1__scheme *scheme, const double *gap)
{
  tt1__timeline line = {0};
  double now = scheme->first[0];
  int beat = 0;
  for (int group = 0; group < scheme->n_groups; group++) {
    double inversion = now - scheme->first[group];
    for (int i = 0; i < scheme->count[group]; i++) {
      line.inversion[line.n_images] = inversion;
      line.image[line.n_images++] = now;
      now += gap[beat++];
    }
    for (int i = 0; i < scheme->rest[group]; i++)
      now += gap[beat++];
  }
  return line;
}

static double earliest(const tt1__timeline *timeline)
{
  double least = HUGE_VAL;
  for (int i = 0; i < timeline->n_images; i++)
    least = fmin(least, timeline->image[i] - timeline->inversion[i]);
  return least;
}

void tt1__bloch_molli(double signal[TT1__MAX_TIMES], const tt1__timeline *timeline,
                      const tt1__isochromat *tissue, const tt1__readout *readout)
{
  int room = (int)floor(earliest(timeline) / readout->repetition) - readout->n_ramp;
  int usual = readout->line;
  response r = respond(tissue, readout, room < 0 ? 0 : room < usual ? room : usual);
  double mz = 1.0, now = -HUGE_VAL; // recovery from equilibrium takes no time
  for (int i = 0; i < timeline->n_images; i++) {
    int is_new = i == 0 || timeline->inversion[i] > timeline->inversion[i - 1];
    if (is_new) {
      mz = -tissue->efficiency * recover(mz, timeline->inversion[i] - now, tissue->t1);
      now = timeline->inversion[i];
    }
    mz = recover(mz, fmax(timeline->image[i] - r.before - now, 0.0), tissue->t1);
    signal[i] = signal_of(&r, mz);
    mz = r.z[0] * mz + r.z[1];
    now = timeline->image[i] + r.behind;
  }
}
