/* SPDX-License-Identifier: MIT
 * Inversion groups of a series: by the clock, where images that share an inversion agree on its moment, else by
 * the inversion times alone, which beats tell apart but not the rests between. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "image/scheme.h"

enum { MAX_IMAGES = TT1_MAX_GROUPED };

/* The images of a group agree on their inversion to this: scanners write when a readout began in steps
   of 2.5 ms, and the first one of a scan is a little longer. */
static const double AGREES = 0.020;

/* One image. */
typedef struct moment {
  double time, acquired; /* s since its inversion; s on the clock */
  int image;
} moment;

static int by_clock(const void *a, const void *b)
{
  return tt1__by_value(&((const moment *)a)->acquired, &((const moment *)b)->acquired);
}

static int by_time(const void *a, const void *b)
{
  return tt1__by_value(&((const moment *)a)->time, &((const moment *)b)->time);
}

static void begin_group(tt1_inversions *out, double rest)
{
  out->count[out->n_groups] = 0;
  out->rest[out->n_groups++] = rest;
}

static void add_image(tt1_inversions *out, int *group, const moment *m)
{
  int g = out->n_groups - 1;
  group[m->image] = g;
  out->last[g] = m->time;
  out->count[g]++;
}

double tt1__middle_beat(const int *group, const double *times, int n)
{
  double last[TT1_MAX_INVERSION_GROUPS], beats[MAX_IMAGES];
  int has_last[TT1_MAX_INVERSION_GROUPS] = {0}, n_beats = 0;
  moment sorted[MAX_IMAGES];
  for (int i = 0; i < n; i++)
    sorted[i] = (moment){times[i], 0.0, i};
  qsort(sorted, (size_t)n, sizeof *sorted, by_time);
  for (int i = 0; i < n; i++) {
    int g = group[sorted[i].image];
    if (has_last[g]) beats[n_beats++] = sorted[i].time - last[g];
    last[g] = sorted[i].time;
    has_last[g] = 1;
  }
  qsort(beats, (size_t)n_beats, sizeof *beats, tt1__by_value);
  return n_beats ? 0.5 * (beats[(n_beats - 1) / 2] + beats[n_beats / 2]) : (double)NAN;
}

/* ---- By the clock ---- */

/* A clock of whole seconds is too coarse, and often a count of images. */
static int is_coarse(const double *acquired, int n)
{
  for (int i = 0; i < n; i++)
    if (fabs(acquired[i] - round(acquired[i])) > 1e-6) return 0;
  return 1;
}

/* Returns 0 where the clock and the times contradict each other. */
static int group_by_clock(tt1_inversions *out, int *group, const double *times,
                          const double *acquired, int n)
{
  moment order[MAX_IMAGES];
  if (!acquired || is_coarse(acquired, n)) return 0;
  for (int i = 0; i < n; i++)
    order[i] = (moment){times[i], acquired[i], i};
  qsort(order, (size_t)n, sizeof *order, by_clock);
  double inversion = order[0].acquired - order[0].time;
  begin_group(out, (double)NAN);
  for (int i = 0; i < n; i++) {
    double own = order[i].acquired - order[i].time;
    if (fabs(own - inversion) > AGREES) {
      double rest = own - order[i - 1].acquired;
      if (rest < 0.0 || out->n_groups == TT1_MAX_INVERSION_GROUPS) return 0;
      begin_group(out, rest);
      inversion = own;
    }
    add_image(out, group, &order[i]);
  }
  out->is_timed = 1;
  return n > out->n_groups; // every image with an inversion of its own is another sequence
}

/* ---- By the times ---- */

/* Whether images of a group are a heart beat apart, and all groups begin within one. */
static int is_beating(const tt1_inversions *found, const int *group, const double *times, int n)
{
  const double shortest = 0.3, longest = 2.5, spread = 0.35, first_within = 0.6;
  double beat = found->beat, last[TT1_MAX_INVERSION_GROUPS], least = HUGE_VAL;
  int has_last[TT1_MAX_INVERSION_GROUPS] = {0};
  moment sorted[MAX_IMAGES];
  if (!(beat >= shortest && beat <= longest)) return 0;
  for (int i = 0; i < n; i++)
    sorted[i] = (moment){times[i], 0.0, i};
  qsort(sorted, (size_t)n, sizeof *sorted, by_time);
  least = sorted[0].time;
  for (int i = 0; i < n; i++) {
    int g = group[sorted[i].image];
    double from = has_last[g] ? last[g] : least, gap = sorted[i].time - from;
    if (has_last[g] ? fabs(gap - beat) > spread * beat : gap > first_within * beat) return 0;
    last[g] = sorted[i].time;
    has_last[g] = 1;
  }
  return 1;
}

static void clear(tt1_inversions *out)
{
  *out = (tt1_inversions){.beat = (double)NAN};
}

/* As files list them in the order of acquisition: a time that falls begins a group. */
static int group_by_order(tt1_inversions *out, int *group, const double *times, int n)
{
  clear(out);
  for (int i = 0; i < n; i++) {
    if (i == 0 || times[i] < times[i - 1]) {
      if (out->n_groups == TT1_MAX_INVERSION_GROUPS) return 0;
      begin_group(out, (double)NAN);
    }
    add_image(out, group, &(moment){times[i], 0.0, i});
  }
  out->beat = tt1__middle_beat(group, times, n);
  return is_beating(out, group, times, n);
}

/* Sorted by time: one image of each group in every beat, as long as the group lasts. */
static int group_by_beats(tt1_inversions *out, int *group, const double *times, int n)
{
  const double between_beats = 0.3;
  int in_beat = 0, before = TT1_MAX_INVERSION_GROUPS;
  moment sorted[MAX_IMAGES];
  clear(out);
  for (int i = 0; i < n; i++)
    sorted[i] = (moment){times[i], 0.0, i};
  qsort(sorted, (size_t)n, sizeof *sorted, by_time);
  for (int i = 0; i < n; i++) {
    if (i > 0 && sorted[i].time - sorted[i - 1].time > between_beats) {
      before = in_beat;
      in_beat = 0;
    }
    if (in_beat == before) return 0;
    if (in_beat == out->n_groups) begin_group(out, (double)NAN);
    group[sorted[i].image] = in_beat;
    out->last[in_beat] = sorted[i].time;
    out->count[in_beat++]++;
  }
  out->beat = tt1__middle_beat(group, times, n);
  return is_beating(out, group, times, n);
}

/* ---- Both ---- */

int tt1_inversions_find(tt1_inversions *out, int *group, const double *times,
                        const double *acquired, int n_images)
{
  int own[MAX_IMAGES];
  clear(out);
  if (n_images < 2 || n_images > MAX_IMAGES) return 0;
  for (int i = 0; i < n_images; i++)
    if (!isfinite(times[i]) || (acquired && !isfinite(acquired[i]))) return 0;
  int is_found = group_by_clock(out, own, times, acquired, n_images);
  if (is_found)
    out->beat = tt1__middle_beat(own, times, n_images);
  else
    is_found =
        group_by_order(out, own, times, n_images) || group_by_beats(out, own, times, n_images);
  if (!is_found) clear(out);
  if (is_found && group) memcpy(group, own, (size_t)n_images * sizeof *group);
  return out->n_groups;
}

double tt1_inversions_rest(const tt1_inversions *inversions)
{
  double shortest = HUGE_VAL;
  for (int g = 1; g < inversions->n_groups; g++)
    if (inversions->rest[g] < shortest) shortest = inversions->rest[g];
  return isfinite(shortest) ? shortest : (double)NAN;
}

static const tt1_known_values *find(const tt1_known_values *known, int n_known, const char *name,
                                    int n_images)
{
  for (int i = 0; i < n_known; i++)
    if (strcmp(known[i].name, name) == 0 && known[i].count == n_images) return &known[i];
  return NULL;
}

static const double *values_in(const tt1_known_values *known, int slice)
{
  if (!known) return NULL;
  return known->values + (known->n_slices > 1 ? (size_t)slice * (size_t)known->count : 0);
}

int tt1_inversions_of(tt1_inversions *out, int *group, const tt1_known_values *known, int n_known,
                      int n_images)
{
  const tt1_known_values *times = find(known, n_known, "InversionTime", n_images);
  const tt1_known_values *clock = find(known, n_known, "AcquisitionTime", n_images);
  int own[MAX_IMAGES], n_slices = 1;
  clear(out);
  if (!times) return 0;
  if (times->n_slices > n_slices) n_slices = times->n_slices;
  if (clock && clock->n_slices > n_slices) n_slices = clock->n_slices;
  for (int slice = 0; slice < n_slices; slice++) {
    tt1_inversions found;
    tt1_inversions_find(&found, own, values_in(times, slice), values_in(clock, slice), n_images);
    int is_shorter =
        tt1_inversions_rest(&found) < tt1_inversions_rest(out) || isnan(tt1_inversions_rest(out));
    if (found.n_groups == 0 || (out->n_groups > 0 && !is_shorter)) continue;
    *out = found;
    out->slice = slice;
    if (group) memcpy(group, own, (size_t)n_images * sizeof *group);
  }
  return out->n_groups;
}
