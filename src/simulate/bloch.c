/* SPDX-License-Identifier: MIT */
#include "simulate/bloch.h"

#include <math.h>

#include "base/number.h"

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
  double turn = TT1__PI + 2.0 * TT1__PI * tissue->frequency * time;
  double c = e2 * cos(turn), s = e2 * sin(turn);
  return (affine){{{c, s, 0.0, 0.0}, {-s, c, 0.0, 0.0}, {0.0, 0.0, e1, 1.0 - e1}}};
}

/* A readout of Mz: the transverse magnetisation right after the pulse of the central line, and
 * Mz at the end, each as slope and offset. */
typedef struct response {
  double x[2], y[2], z[2];
  double before, behind; /* s from the start to the central pulse, and from there to the end */
} response;

static response respond(const tt1__isochromat *tissue, const tt1__readout *r, int n_lines_before)
{
  double angle = tissue->b1 * r->flip * TT1__PI / 180.0;
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
                    .behind = tt1__readout_behind(r)};
}

static tt1__transverse read_out(const response *r, double mz)
{
  return (tt1__transverse){r->x[0] * mz + r->x[1], r->y[0] * mz + r->y[1]};
}

tt1__transverse tt1__at_echo(tt1__transverse m, const tt1__isochromat *tissue,
                             const tt1__readout *readout)
{
  // interval() also takes half a turn, which is the same for all and so does not matter.
  affine wait = interval(tissue, 0.5 * readout->repetition);
  return (tt1__transverse){wait.m[0][0] * m.x + wait.m[0][1] * m.y,
                           wait.m[1][0] * m.x + wait.m[1][1] * m.y};
}

double tt1__signed_signal(tt1__transverse m, tt1__transverse full)
{
  double square = full.x * full.x + full.y * full.y;
  return copysign(sqrt((m.x * m.x + m.y * m.y) / square), m.x * full.x + m.y * full.y);
}

static double recover(double mz, double time, double t1)
{
  return 1.0 - (1.0 - mz) * exp(-time / t1);
}

// The shortest time from an inversion to an image.
static double earliest(const tt1__sequence *sequence)
{
  double least = HUGE_VAL, inversion = -HUGE_VAL;
  for (int i = 0; i < sequence->n_events; i++) {
    const tt1__event *event = &sequence->events[i];
    if (event->kind == TT1__INVERT) inversion = event->time;
    if (event->kind == TT1__READ) least = fmin(least, event->time - inversion);
  }
  return least;
}

// How many lines before the central one there is time for.
static int lines_before(const tt1__sequence *sequence, const tt1__readout *readout)
{
  double repetitions = floor(earliest(sequence) / readout->repetition) - readout->n_ramp;
  return repetitions < 0.0 ? 0 : repetitions < readout->line ? (int)repetitions : readout->line;
}

void tt1__bloch(tt1__transverse signal[TT1__MAX_TIMES], tt1__transverse *full,
                const tt1__sequence *sequence, const tt1__isochromat *tissue,
                const tt1__readout *readout)
{
  response r = respond(tissue, readout, lines_before(sequence, readout));
  double mz = 1.0, now = -HUGE_VAL, t1 = tissue->t1; // recovery from equilibrium takes no time
  int image = 0;
  *full = read_out(&r, 1.0);
  for (int i = 0; i < sequence->n_events; i++) {
    const tt1__event *event = &sequence->events[i];
    double begin =
        event->kind == TT1__READ ? event->time - r.before : event->time - event->duration;
    mz = recover(mz, fmax(begin - now, 0.0), t1);
    now = event->time;
    switch (event->kind) {
    case TT1__INVERT: mz *= -tissue->inversion; break;
    case TT1__SATURATE: mz *= 1.0 - tissue->saturation; break;
    case TT1__PREPARE_T2: mz *= exp(-event->duration / tissue->t2); break;
    case TT1__READ:
      signal[image++] = read_out(&r, mz);
      mz = r.z[0] * mz + r.z[1];
      now += r.behind;
    }
  }
}
