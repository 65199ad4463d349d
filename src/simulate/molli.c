/* SPDX-License-Identifier: MIT
 * MOLLI schemes and their sequences: each inversion starts a little later before
 * its first image than the one before, then one image per heart beat. */
#include "image/scheme.h"
#include "simulate/sequence.h"

_Static_assert((int)TT1__MAX_INVERSIONS == (int)TT1__MAX_SCHEME_GROUPS, "as many as a scheme has");
static const double first_times[TT1__MAX_INVERSIONS] = {0.12, 0.20, 0.28};

tt1_status tt1__scheme_read(tt1__scheme *scheme, const char *text, tt1_error *err)
{
  tt1__scheme_text parsed;
  tt1_status status = tt1__scheme_parse(&parsed, text, err);
  if (status != TT1_OK) return status;
  tt1__scheme read = {.n_groups = parsed.n_groups};
  for (int i = 0; i < read.n_groups; i++) {
    read.count[i] = parsed.count[i];
    read.rest[i] = parsed.rest[i];
    read.first[i] = first_times[i];
    read.n_images += read.count[i];
  }
  *scheme = read;
  return TT1_OK;
}

void tt1__scheme_times(double times[TT1__MAX_TIMES], const tt1__scheme *scheme, double gap)
{
  int n = 0;
  for (int i = 0; i < scheme->n_groups; i++)
    for (int beat = 0; beat < scheme->count[i]; beat++)
      times[n++] = scheme->first[i] + beat * gap;
}

static void add(tt1__sequence *s, tt1__event_kind kind, double time)
{
  s->events[s->n_events++] = (tt1__event){kind, time, 0.0};
}

tt1__sequence tt1__molli_sequence(const tt1__scheme *scheme, const double *gap, int n_gaps)
{
  static const double IN_TIME = 1e-9; // a beat that ends a rest of seconds to this is not too early
  tt1__sequence s = {0};
  double now = scheme->first[0];
  int beat = 0;
  for (int group = 0; group < scheme->n_groups; group++) {
    double inversion = now - scheme->first[group];
    add(&s, TT1__INVERT, inversion);
    for (int i = 0; i < scheme->count[group]; i++) {
      add(&s, TT1__READ, now);
      s.acquired[s.n_images] = now;
      s.times[s.n_images++] = now - inversion;
      now += gap[beat++ % n_gaps];
    }
    int rest = scheme->rest[group];
    double until = now - rest - IN_TIME;
    for (int i = 0; rest < 0 ? now < until : i < rest; i++)
      now += gap[beat++ % n_gaps];
  }
  return s;
}
