/* SPDX-License-Identifier: MIT
 * Colour bars of vendors' maps are numbers like others, and would be compared as such. */
#include "measure/bars.h"

#include <math.h>

enum { LEAST_WIDTH = 4, LEAST_STEPS = 16, BORDER_SHARE = 5, LENGTH_SHARE = 4 };

/* A slice seen along one axis: `across` counts columns of the strip, `along` goes from end to end. */
typedef struct view {
  const float *slice;
  int64_t n_across, n_along, step_across, step_along;
} view;

static view look(const float *map, const int64_t size[3], int64_t k, int axis)
{
  const float *slice = map + k * size[0] * size[1];
  return axis == 0 ? (view){slice, size[0], size[1], 1, size[0]}
                   : (view){slice, size[1], size[0], size[0], 1};
}

static float at(const view *v, int64_t across, int64_t along)
{
  return v->slice[across * v->step_across + along * v->step_along];
}

static int is_same(float a, float b)
{
  return a >= b && a <= b;
}

/* Whether LEAST_WIDTH voxels from `across` on are one number, not 0. */
static int is_flat(const view *v, int64_t across, int64_t along)
{
  float first = at(v, across, along);
  if (!isfinite(first) || is_same(first, 0.0f)) return 0;
  for (int64_t i = 1; i < LEAST_WIDTH; i++)
    if (!is_same(at(v, across + i, along), first)) return 0;
  return 1;
}

/* Whether a strip that begins at `across` has a long run that never turns, in many steps. */
static int has_ramp(const view *v, int64_t across)
{
  int64_t length = 0, steps = 0;
  int direction = 0;
  for (int64_t along = 0; along < v->n_along; along++) {
    if (!is_flat(v, across, along)) {
      length = steps = direction = 0;
      continue;
    }
    float change = length > 0 ? at(v, across, along) - at(v, across, along - 1) : 0.0f;
    int turn = (change > 0.0f) - (change < 0.0f);
    if (turn && direction && turn != direction) length = steps = 0;
    if (turn) direction = turn;
    steps += turn != 0;
    length++;
    if (steps >= LEAST_STEPS && length * LENGTH_SHARE >= v->n_along) return 1;
  }
  return 0;
}

/* The strips that begin at `from` to `to`; a map that is a ramp as a whole is no bar. */
static int find_strip(tt1__bar *bar, const view *v, int axis, int64_t from, int64_t to)
{
  int64_t first = -1, last = -1;
  for (int64_t across = from; across <= to; across++) {
    if (!has_ramp(v, across)) continue;
    if (first < 0) first = across;
    last = across + LEAST_WIDTH - 1;
  }
  if (first < 0) return 0;
  *bar = (tt1__bar){axis, first, last};
  return 1;
}

static int find_in_view(tt1__bar *bars, int capacity, const view *v, int axis)
{
  int64_t near = v->n_across / BORDER_SHARE, last = v->n_across - LEAST_WIDTH;
  tt1__bar inside;
  int n = 0;
  if (near < LEAST_WIDTH || find_strip(&inside, v, axis, near, last - near)) return 0;
  if (n < capacity && find_strip(&bars[n], v, axis, 0, near - LEAST_WIDTH)) bars[n++].from = 0;
  if (n < capacity && find_strip(&bars[n], v, axis, last - near + LEAST_WIDTH, last))
    bars[n++].to = v->n_across - 1;
  return n;
}

int tt1__find_bars(tt1__bar *bars, int capacity, const float *map, const int64_t size[3])
{
  int n = 0;
  for (int axis = 0; axis < 2; axis++) {
    int found = 0;
    for (int64_t k = 0; k < size[2] && !found; k++) {
      const view v = look(map, size, k, axis);
      found = find_in_view(bars + n, capacity - n, &v, axis);
    }
    n += found;
  }
  return n;
}
