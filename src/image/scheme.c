/* SPDX-License-Identifier: MIT */
#include "image/scheme.h"

#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/number.h"

/* ---- As text ---- */

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
static int parse(tt1__scheme_text *s, const char *at)
{
  do {
    if (s->n_groups == TT1__MAX_SCHEME_GROUPS) return 0;
    if (s->n_groups > 0 && !(s->rest[s->n_groups - 1] = take_rest(&at))) return 0;
    if (!(s->count[s->n_groups] = take_count(&at))) return 0;
    s->n_groups++;
  } while (*at != '\0');
  return 1;
}

tt1_status tt1__scheme_parse(tt1__scheme_text *scheme, const char *text, tt1_error *err)
{
  tt1__scheme_text read = {0};
  if (!parse(&read, text))
    return tt1__error_set(
        err, TT1_BAD_ARGUMENT,
        "\"%.40s\" is not a MOLLI scheme; expected images and, in brackets, beats or seconds "
        "of rest, such as 5(3)3, 5(3s)3 or 4(1)3(1)2, with at most 3 inversions",
        text);
  *scheme = read;
  return TT1_OK;
}

/* ---- Applied to images ---- */

static int n_images(const tt1__scheme_text *scheme)
{
  int n = 0;
  for (int g = 0; g < scheme->n_groups; g++)
    n += scheme->count[g];
  return n;
}

/* One group after the other. */
static void group_in_order(int *group, const tt1__scheme_text *scheme)
{
  int n = 0;
  for (int g = 0; g < scheme->n_groups; g++)
    for (int i = 0; i < scheme->count[g]; i++)
      group[n++] = g;
}

typedef struct moment {
  double time;
  int image;
} moment;

static int by_time(const void *a, const void *b)
{
  return tt1__by_value(&((const moment *)a)->time, &((const moment *)b)->time);
}

/* Beat by beat: in each an image of every group that has not ended, the first group soonest after its
   inversion. */
static void group_by_beats(int *group, const tt1__scheme_text *scheme, const double *times, int n)
{
  moment sorted[TT1_MAX_GROUPED];
  int next = 0;
  for (int i = 0; i < n; i++)
    sorted[i] = (moment){times[i], i};
  qsort(sorted, (size_t)n, sizeof *sorted, by_time);
  for (int beat = 0; next < n; beat++)
    for (int g = 0; g < scheme->n_groups; g++)
      if (beat < scheme->count[g]) group[sorted[next++].image] = g;
}

/* Whether the images of each group follow one another a beat apart; `last`: of each group. */
static int is_beating(double *last, double *first, double beat, const int *group,
                      const tt1__scheme_text *scheme, const double *times, int n)
{
  const double spread = 0.35, first_within = 0.6;
  moment sorted[TT1_MAX_GROUPED];
  int seen[TT1__MAX_SCHEME_GROUPS] = {0};
  for (int i = 0; i < n; i++)
    sorted[i] = (moment){times[i], i};
  qsort(sorted, (size_t)n, sizeof *sorted, by_time);
  for (int i = 0; i < n; i++) {
    int g = group[sorted[i].image];
    double time = sorted[i].time;
    if (!seen[g]) first[g] = time;
    if (seen[g] ? fabs(time - last[g] - beat) > spread * beat
                : time > sorted[0].time + first_within * beat)
      return 0;
    last[g] = time;
    seen[g]++;
  }
  for (int g = 0; g < scheme->n_groups; g++)
    if (seen[g] != scheme->count[g]) return 0;
  return 1;
}

/* From the last image of group g - 1 to the next inversion, `first` before the next image. */
static double rest_before(const tt1__scheme_text *scheme, int g, double beat, double first)
{
  const double in_time = 1e-9; // a beat that ends a rest of seconds to this is not too early
  int rest = scheme->rest[g - 1];
  double beats = rest > 0 ? rest : ceil(-rest / beat - in_time);
  return (beats + 1.0) * beat - first;
}

int tt1__scheme_apply(tt1_inversions *out, int *group, const tt1__scheme_text *scheme,
                      const double *times, int n)
{
  double first[TT1__MAX_SCHEME_GROUPS];
  *out = (tt1_inversions){.n_groups = scheme->n_groups};
  if (n != n_images(scheme) || n > TT1_MAX_GROUPED) return 0;
  int is_found = 0;
  for (int way = 0; way < 2 && !is_found; way++) {
    if (way == 0)
      group_in_order(group, scheme);
    else
      group_by_beats(group, scheme, times, n);
    out->beat = tt1__middle_beat(group, times, n);
    is_found = out->beat > 0.0 && is_beating(out->last, first, out->beat, group, scheme, times, n);
  }
  for (int g = 0; is_found && g < scheme->n_groups; g++) {
    out->count[g] = scheme->count[g];
    out->rest[g] = g > 0 ? rest_before(scheme, g, out->beat, first[g]) : (double)NAN;
    if (out->rest[g] < 0.0) return 0;
  }
  return is_found;
}
