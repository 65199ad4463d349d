/* SPDX-License-Identifier: MIT */
#include "analysis/plane.h"

#include <math.h>
#include <string.h>

tt1__planes tt1__planes_of(const tt1_geometry *g)
{
  const int64_t strides[3] = {1, g->size[0], g->size[0] * g->size[1]};
  int across = tt1_geometry_slice_axis(g), n = 0;
  tt1__planes p = {.n = g->size[across], .stride = strides[across]};
  for (int axis = 0; axis < 3; axis++) {
    if (axis == across) continue;
    p.size[n] = g->size[axis];
    p.step[n] = strides[axis];
    p.spacing[n++] = fabs(g->spacing[axis]);
  }
  return p;
}

int64_t tt1__planes_voxel(const tt1__planes *p, int64_t k, int64_t v)
{
  return k * p->stride + v % p->size[0] * p->step[0] + v / p->size[0] * p->step[1];
}

void tt1__planes_take(uint8_t *plane, const uint8_t *volume, const tt1__planes *p, int64_t k)
{
  for (int64_t v = 0; v < p->size[0] * p->size[1]; v++)
    plane[v] = volume[tt1__planes_voxel(p, k, v)] != 0;
}

/* ---- What lies outside of a wall ---- */

/* The voxels still to be looked at. */
typedef struct front {
  uint8_t *outside;
  const uint8_t *wall;
  const int64_t *size;
  int64_t *stack, n;
} front;

static void reach(front *f, int64_t i, int64_t j)
{
  if (i < 0 || j < 0 || i >= f->size[0] || j >= f->size[1]) return;
  int64_t v = i + j * f->size[0];
  if (f->outside[v] || f->wall[v]) return;
  f->outside[v] = 1;
  f->stack[f->n++] = v;
}

void tt1__planes_flood(uint8_t *outside, const uint8_t *wall, const int64_t size[2], int64_t *stack)
{
  front f = {outside, wall, size, stack, 0};
  memset(outside, 0, (size_t)(size[0] * size[1]));
  for (int64_t i = 0; i < size[0]; i++) {
    reach(&f, i, 0);
    reach(&f, i, size[1] - 1);
  }
  for (int64_t j = 0; j < size[1]; j++) {
    reach(&f, 0, j);
    reach(&f, size[0] - 1, j);
  }
  while (f.n > 0) {
    int64_t v = stack[--f.n], i = v % size[0], j = v / size[0];
    reach(&f, i - 1, j);
    reach(&f, i + 1, j);
    reach(&f, i, j - 1);
    reach(&f, i, j + 1);
  }
}

/* ---- Edges ---- */

static int is_inside(const uint8_t *plane, int64_t i, int64_t j, const int64_t size[2])
{
  return i >= 0 && j >= 0 && i < size[0] && j < size[1] && plane[i + j * size[0]];
}

void tt1__planes_erode(uint8_t *out, const uint8_t *plane, const int64_t size[2])
{
  for (int64_t j = 0; j < size[1]; j++)
    for (int64_t i = 0; i < size[0]; i++)
      out[i + j * size[0]] = plane[i + j * size[0]] && is_inside(plane, i - 1, j, size) &&
                             is_inside(plane, i + 1, j, size) && is_inside(plane, i, j - 1, size) &&
                             is_inside(plane, i, j + 1, size);
}
