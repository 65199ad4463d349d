/* SPDX-License-Identifier: MIT
 * Margins of the wall of the left ventricle: partial volume spoils the voxels next to the blood and next to
 * fat and lung, so that reports leave a share of the wall out on either side. */
#include <math.h>
#include <string.h>

#include "analysis/plane.h"
#include "base/error.h"
#include "base/memory.h"

/* One slice, and room for what is found in it. All [size[0] * size[1]]. */
typedef struct slice {
  const tt1__planes *planes;
  uint8_t *wall, *outside;
  int64_t *stack;
  int64_t *border; /* voxels that are not wall and have one of it beside them */
  int64_t n_border;
} slice;

static int touches_wall(const slice *s, int64_t v)
{
  const int64_t *size = s->planes->size;
  int64_t i = v % size[0], j = v / size[0];
  for (int64_t y = j > 0 ? j - 1 : 0; y <= j + 1 && y < size[1]; y++)
    for (int64_t x = i > 0 ? i - 1 : 0; x <= i + 1 && x < size[0]; x++)
      if (s->wall[x + y * size[0]]) return 1;
  return 0;
}

static void list_border(slice *s)
{
  int64_t area = s->planes->size[0] * s->planes->size[1];
  s->n_border = 0;
  for (int64_t v = 0; v < area; v++)
    if (!s->wall[v] && touches_wall(s, v)) s->border[s->n_border++] = v;
}

static double half_voxel(const tt1__planes *p)
{
  return 0.25 * (p->spacing[0] + p->spacing[1]);
}

/* Millimetres from the middle of voxel v to the nearest of the cavity (0) and of what lies outside (1): half a voxel less
 * than from centre to centre. */
static void find_distances(double distance[2], const slice *s, int64_t v)
{
  const tt1__planes *p = s->planes;
  double half = half_voxel(p);
  distance[0] = distance[1] = HUGE_VAL;
  for (int64_t n = 0; n < s->n_border; n++) {
    int64_t other = s->border[n];
    double x = (double)(other % p->size[0] - v % p->size[0]) * p->spacing[0];
    double y = (double)(other / p->size[0] - v / p->size[0]) * p->spacing[1];
    double apart = fmax(sqrt(x * x + y * y) - half, 0.0);
    double *nearest = &distance[s->outside[other] != 0];
    if (apart < *nearest) *nearest = apart;
  }
}

/* Whether a voxel at these distances lies in the margins. One that holds the middle of what is left stays,
 * so that a wall of one or two voxels is not left out as a whole. */
static int is_margin(const double distance[2], const double shares[2], double half)
{
  const double most = 0.25; // of a voxel, that may lie in a margin
  double wall = distance[0] + distance[1], middle = 0.5 * (1.0 + shares[0] - shares[1]) * wall;
  if (!isfinite(wall)) return 0;
  if (fabs(distance[0] - middle) <= half * (1.0 + 1e-9)) return 0;
  for (int side = 0; side < 2; side++)
    if (shares[side] > 0.0 &&
        shares[side] * wall - (distance[side] - half) > 2.0 * most * half * (1.0 + 1e-9))
      return 1;
  return 0;
}

static void do_slice(uint8_t *margin, slice *s, const uint8_t *myocardium, int64_t k,
                     const double shares[2])
{
  const tt1__planes *p = s->planes;
  double distance[2];
  tt1__planes_take(s->wall, myocardium, p, k);
  tt1__planes_flood(s->outside, s->wall, p->size, s->stack);
  list_border(s);
  for (int64_t v = 0; v < p->size[0] * p->size[1]; v++) {
    uint8_t *out = &margin[tt1__planes_voxel(p, k, v)];
    *out = 0;
    if (!s->wall[v]) continue;
    find_distances(distance, s, v);
    *out = (uint8_t)is_margin(distance, shares, half_voxel(p));
  }
}

tt1_status tt1_wall_margins(uint8_t *margin, const uint8_t *myocardium,
                            const tt1_geometry *geometry, const double shares[2], tt1_error *err)
{
  const tt1_geometry *g = geometry;
  if (!margin || !myocardium || g->size[0] < 1 || g->size[1] < 1 || g->size[2] < 1)
    return tt1__error_set(err, TT1_BAD_ARGUMENT, "a mask of at least one voxel is expected");
  for (int side = 0; side < 2; side++)
    if (!(shares[side] >= 0.0 && shares[side] <= 0.45))
      return tt1__error_set(err, TT1_BAD_ARGUMENT,
                            "a margin is a share of the wall from 0 to 0.45, not %g", shares[side]);
  tt1__planes planes = tt1__planes_of(geometry);
  size_t area = (size_t)(planes.size[0] * planes.size[1]);
  slice s = {.planes = &planes,
             .wall = tt1__allocate(area, 1),
             .outside = tt1__allocate(area, 1),
             .stack = tt1__allocate(area, sizeof *s.stack),
             .border = tt1__allocate(area, sizeof *s.border)};
  int has_room = s.wall && s.outside && s.stack && s.border;
  for (int64_t k = 0; has_room && k < planes.n; k++)
    do_slice(margin, &s, myocardium, k, shares);
  tt1__free(s.wall);
  tt1__free(s.outside);
  tt1__free(s.stack);
  tt1__free(s.border);
  return has_room ? TT1_OK : tt1__no_memory(err);
}
