/* SPDX-License-Identifier: MIT
 * MOLLI schemes and their sequences: each inversion starts a little later before
 * its first image than the one before, then one image per heart beat. */
#include "base/error.h"
#include "simulate/sequence.h"

static const double first_times[TT1__MAX_INVERSIONS] = {0.12, 0.20, 0.28};

/* count = ("1" ... "9") [ "b" ]; 0 if there is none */
static int take_count(const char **at)
{
  if (**at < '1' || **at > '9') return 0;
  int count = *(*at)++ - '0';
  if (**at == 'b') (*at)++;
  return count;
}

/* rest = "(" ( count | ("1" ... "9") "s" ) ")", seconds as a number below 0 */
static int take_rest(const char **at)
{
  if (**at != '(') return 0;
  (*at)++;
  int rest = take_count(at);
  if (rest && **at == 's' && (*at)[-1] != 'b') {
    (*at)++;
    rest = -rest;
  }
  if (**at != ')') return 0;
  (*at)++;
  return rest;
}

/* scheme = count { rest count }, at most three inversions */
static int parse(tt1__scheme *s, const char *at)
{
  do {
    if (s->n_groups == TT1__MAX_INVERSIONS) return 0;
    if (s->n_groups > 0 && !(s->rest[s->n_groups - 1] = take_rest(&at))) return 0;
    if (!(s->count[s->n_groups] = take_count(&at))) return 0;
    s->n_groups++;
  } while (*at != '\0');
  return 1;
}

tt1_status tt1__scheme_read(tt1__scheme *scheme, const char *text, tt1_error *err)
{
  tt1__scheme read = {0};
  if (!parse(&read, text))
    return tt1__error_set(
        err, TT1_BAD_ARGUMENT,
        "\"%.40s\" is not a MOLLI scheme; expected images and, in brackets, beats or seconds "
        "of rest, such as 5(3)3, 5(3s)3 or 4(1)3(1)2, with at most 3 inversions",
        text);
  for (int i = 0; i < read.n_groups; i++) {
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
