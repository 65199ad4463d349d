/* SPDX-License-Identifier: MIT
 * Which samples of a magnitude series may be negative. Where the recovery variable
 * alone varies, and the model crosses zero at most once along it, the patterns are
 * prefixes of the sorted samples; else they are those that the model takes over the grid. */
#include <assert.h>
#include <math.h>

#include "base/error.h"
#include "fit/tables.h"

enum { MIXTURES = 9 }; /* directions within the cone of the amplitudes that are looked at */

/* Direction `i` of the amplitudes that the bounds allow. */
static void mixture(const fit_setup *setup, const double *numbers, int i, double a[2])
{
  static const double CIRCLE[MIXTURES][2] = {{1, 0},      {0.9, 0.4},  {0.7, 0.7},
                                             {0.4, 0.9},  {0, 1},      {-0.4, 0.9},
                                             {-0.7, 0.7}, {-0.9, 0.4}, {-1, 0}};
  const double *ray = numbers + RAY;
  double t = (double)i / (MIXTURES - 1);
  a[0] = CIRCLE[i][0];
  a[1] = CIRCLE[i][1];
  if (setup->n_amplitudes == 1) {
    a[0] = setup->n_faces && numbers[FACE] < 0 ? -1 : 1;
  } else if (setup->n_faces == 2) {
    a[0] = (1 - t) * ray[0] + t * ray[2];
    a[1] = (1 - t) * ray[1] + t * ray[3];
  }
}

static int n_mixtures(const fit_setup *setup)
{
  return setup->n_amplitudes == 2 ? MIXTURES : 1;
}

static double value_at(const fit_setup *setup, const tt1__point *point, const double a[2], int j)
{
  if (setup->n_amplitudes == 0) return point->basis[0][j];
  return a[0] * point->basis[0][j] + (setup->n_amplitudes == 2 ? a[1] * point->basis[1][j] : 0);
}

static uint64_t signs_at(const fit_setup *setup, const tt1__point *point, const double a[2])
{
  uint64_t flips = 0;
  for (int j = 0; j < setup->n_samples; j++)
    if (value_at(setup, point, a, j) < 0) flips |= (uint64_t)1 << j;
  return flips;
}

/* Amplitudes of either sign: a pattern and its complement are the same magnitudes. */
static int is_symmetric(const fit_setup *setup)
{
  return setup->n_amplitudes > 0 && setup->n_faces == 0;
}

static uint64_t all_samples(const fit_setup *setup)
{
  return setup->n_samples == 64 ? ~(uint64_t)0 : ((uint64_t)1 << setup->n_samples) - 1;
}

static int is_prefix(uint64_t flips)
{
  return (flips & (flips + 1)) == 0;
}

static int crosses_once(const fit_setup *setup, const double *numbers, const tt1__point *points)
{
  double a[2];
  for (int g = 0; g < setup->n_grid; g++)
    for (int i = 0; i < n_mixtures(setup); i++) {
      mixture(setup, numbers, i, a);
      uint64_t flips = signs_at(setup, &points[g], a);
      if (!is_prefix(flips) && !(is_symmetric(setup) && is_prefix(flips ^ all_samples(setup))))
        return 0;
    }
  return 1;
}

/* Nothing else tells the samples apart: after short rests the signal differs at equal times. */
static int varies_alone(const tt1__samples *samples)
{
  for (int q = 0; q < MAX_KNOWN; q++)
    for (int j = 1; q != samples->recovery && j < samples->n; j++)
      if (samples->known[q][j] != samples->known[q][0]) return 0;
  return 1;
}

static void prefixes(tt1__patterns *out, const tt1__samples *samples)
{
  const double *along = samples->known[samples->recovery];
  out->is_prefix = 1;
  out->count = 1;
  for (int j = 0; j < samples->n; j++) { // equal times flip together
    if (j == 0 || along[j] != along[j - 1]) {
      out->flips[out->count] = out->flips[out->count - 1];
      out->count++;
      assert(out->count <= TT1__MAX_PATTERNS);
    }
    out->flips[out->count - 1] |= (uint64_t)1 << j;
    out->rank[j] = out->count - 2;
  }
}

static tt1_status add_pattern(tt1__patterns *out, uint64_t flips, tt1_error *err)
{
  for (int p = 0; p < out->count; p++)
    if (out->flips[p] == flips) return TT1_OK;
  if (out->count == TT1__MAX_PATTERNS)
    return tt1__error_set(err, TT1_BAD_ARGUMENT,
                          "this magnitude model takes more than %d sign patterns over its grid: "
                          "too many to search",
                          TT1__MAX_PATTERNS);
  out->flips[out->count++] = flips;
  return TT1_OK;
}

tt1_status tt1__patterns_find(tt1__patterns *out, const fit_setup *setup, const double *numbers,
                              const tt1__samples *samples, const tt1__point *points, tt1_error *err)
{
  tt1_status status = TT1_OK;
  double a[2];
  *out = (tt1__patterns){.count = 1};
  if (!setup->is_magnitude) {
    out->is_prefix = 1;
    return TT1_OK;
  }
  if (samples->recovery >= 0 && varies_alone(samples) && crosses_once(setup, numbers, points)) {
    prefixes(out, samples);
    return TT1_OK;
  }
  for (int g = 0; g < setup->n_grid && !status; g++)
    for (int i = 0; i < n_mixtures(setup) && !status; i++) {
      mixture(setup, numbers, i, a);
      status = add_pattern(out, signs_at(setup, &points[g], a), err);
    }
  return status;
}

/* The signs that sample j takes between two neighbouring points, amplitudes anywhere within the
 * bounds (face -1) or along a face: the extremes over a cone are those over its rays. */
static void extremes(const fit_setup *setup, const double *numbers, const tt1__point *const ends[2],
                     int face, int j, double *least, double *most)
{
  double a[2];
  *least = HUGE_VAL;
  *most = -HUGE_VAL;
  for (int i = 0; i < 4; i++) {
    mixture(setup, numbers, 0, a);
    if (setup->n_amplitudes == 2) {
      const double *ray = numbers + RAY + 2 * (face < 0 ? i / 2 : face);
      a[0] = ray[0];
      a[1] = ray[1];
    }
    double value = value_at(setup, ends[i % 2], a, j);
    *least = value < *least ? value : *least;
    *most = value > *most ? value : *most;
  }
}

static int can_have(const fit_setup *setup, const double *numbers, const tt1__point *a,
                    const tt1__point *b, uint64_t flips, int face)
{
  const tt1__point *const ends[2] = {a, b};
  for (int j = 0; j < setup->n_samples; j++) {
    double least, most;
    extremes(setup, numbers, ends, face, j, &least, &most);
    if (flips >> j & 1 ? least > 0 : most < 0) return 0;
  }
  return 1;
}

void tt1__pattern_reach(const fit_setup *setup, const double *numbers, const tt1__point *points,
                        const tt1__patterns *patterns, int pattern, int face, int range[2])
{
  int last = setup->n_grid - 1;
  range[0] = 0;
  range[1] = setup->n_grid;
  if (!setup->is_magnitude || setup->n_nonlinear != 1 || is_symmetric(setup)) return;
  int from = setup->n_grid, to = 0;
  for (int g = 0; g <= last; g++) {
    const tt1__point *before = &points[g > 0 ? g - 1 : 0],
                     *after = &points[g < last ? g + 1 : last];
    uint64_t flips = patterns->flips[pattern];
    if (can_have(setup, numbers, before, &points[g], flips, face) ||
        can_have(setup, numbers, &points[g], after, flips, face)) {
      from = g < from ? g : from;
      to = g + 1;
    }
  }
  range[0] = from < to ? from : 0;
  range[1] = to;
}
