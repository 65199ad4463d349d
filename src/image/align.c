/* SPDX-License-Identifier: MIT
 * One image in the order of another: tools store the same slice top down or bottom
 * up, left to right or right to left, and exchange axes. Voxels are moved, never
 * interpolated. */
#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "image/image.h"

/** Axis a of the grid is axis `from[a]` of the image, turned around where `turned[a]`. */
typedef struct order {
  int from[3], turned[3];
} order;

/* For each axis of the grid the axis of the image closest to it, each taken once. An axis of one
 * voxel has no direction to speak of, so it takes what is left. */
static int find_order(const tt1_geometry *grid, const tt1_geometry *own, order *o)
{
  double m[3][4];
  int used[3] = {0, 0, 0};
  if (!tt1__geometry_relate(m, grid, own)) return 0;
  for (int thin = 0; thin < 2; thin++)
    for (int i = 0; i < 3; i++) {
      if ((grid->size[i] == 1) != thin) continue;
      int best = -1;
      for (int j = 0; j < 3; j++)
        if (!used[j] && (best < 0 || fabs(m[i][j]) > fabs(m[i][best]))) best = j;
      assert(best >= 0); // three axes for three
      used[best] = 1;
      o->from[i] = best;
      o->turned[i] = m[i][best] < 0;
    }
  return 1;
}

/* The geometry of the image in that order. */
static int reorder_geometry(const tt1_geometry *own, const order *o, tt1_geometry *out)
{
  double b[3][4];
  if (!tt1_geometry_matrix(own, b)) return 0;
  *out = *own;
  out->sform_code = own->sform_code > 0 ? own->sform_code : own->qform_code;
  out->qform_code = 0;
  for (int i = 0; i < 3; i++)
    out->srow[i][3] = b[i][3];
  for (int a = 0; a < 3; a++) {
    int j = o->from[a];
    out->size[a] = own->size[j];
    out->spacing[a] = own->spacing[j];
    for (int i = 0; i < 3; i++) {
      out->srow[i][a] = o->turned[a] ? -b[i][j] : b[i][j];
      if (o->turned[a]) out->srow[i][3] += b[i][j] * (double)(own->size[j] - 1);
    }
  }
  return 1;
}

static float *reorder_voxels(const float *from, const tt1_image *image, const order *o)
{
  const int64_t *size = image->geometry.size, stride[3] = {1, size[0], size[0] * size[1]};
  int64_t n[3], step[3], first = 0, at = 0;
  float *to = tt1__allocate((size_t)(image->n_images * image->n_voxels), sizeof *to);
  if (!to) return NULL;
  for (int a = 0; a < 3; a++) {
    int j = o->from[a];
    n[a] = size[j];
    step[a] = o->turned[a] ? -stride[j] : stride[j];
    first += o->turned[a] ? stride[j] * (n[a] - 1) : 0;
  }
  for (int64_t image_at = 0; image_at < image->n_images * image->n_voxels;
       image_at += image->n_voxels)
    for (int64_t k = 0; k < n[2]; k++)
      for (int64_t j = 0; j < n[1]; j++)
        for (int64_t i = 0; i < n[0]; i++)
          to[at++] = from[image_at + first + i * step[0] + j * step[1] + k * step[2]];
  assert(at == image->n_images * image->n_voxels);
  return to;
}

static int is_straight(const order *o)
{
  for (int a = 0; a < 3; a++)
    if (o->from[a] != a || o->turned[a]) return 0;
  return 1;
}

static int same_size(const tt1_geometry *a, const tt1_geometry *b)
{
  return a->size[0] == b->size[0] && a->size[1] == b->size[1] && a->size[2] == b->size[2];
}

/* Half of the smallest voxel size along an axis that has more than one voxel. */
static double half_voxel(const tt1_geometry *g)
{
  double least = HUGE_VAL;
  for (int i = 0; i < 3; i++)
    if (g->size[i] > 1 && g->spacing[i] < least) least = g->spacing[i];
  return 0.5 * (isfinite(least) ? least : g->spacing[0]);
}

static tt1_status check_place(const tt1_geometry *own, const tt1_geometry *grid, tt1_error *err)
{
  const int64_t *a = own->size, *b = grid->size;
  if (!same_size(own, grid))
    return tt1__error_set(
        err, TT1_BAD_ARGUMENT, "%lld x %lld x %lld voxels, not %lld x %lld x %lld", (long long)a[0],
        (long long)a[1], (long long)a[2], (long long)b[0], (long long)b[1], (long long)b[2]);
  double apart = tt1_geometry_distance(own, grid);
  if (apart > half_voxel(grid)) // not so without any place: NaN
    return tt1__error_set(err, TT1_BAD_ARGUMENT, "the same voxel lies up to %.3g mm apart", apart);
  return TT1_OK;
}

/* What is known of single slices is lost with their order. */
static void forget_slices(tt1_image *image, const order *o)
{
  int kept = 0;
  for (int i = 0; i < image->n_known; i++)
    if (image->known[i].n_slices == 1 || (o->from[2] == 2 && !o->turned[2]))
      image->known[kept++] = image->known[i];
  image->n_known = kept;
}

tt1_status tt1_image_align(tt1_image *image, const tt1_geometry *grid, tt1_error *err)
{
  order o;
  tt1_geometry turned;
  int is_placed = find_order(grid, &image->geometry, &o) && !is_straight(&o) &&
                  reorder_geometry(&image->geometry, &o, &turned);
  if (!is_placed || check_place(&turned, grid, NULL) != TT1_OK)
    return check_place(&image->geometry, grid, err);
  float *data = reorder_voxels(image->data, image, &o);
  float *phase = image->phase ? reorder_voxels(image->phase, image, &o) : NULL;
  if (!data || (image->phase && !phase)) {
    tt1__free(data);
    tt1__free(phase);
    return tt1__no_memory(err);
  }
  tt1__free(image->data);
  tt1__free(image->phase);
  tt1__image_detach(image); // whose slices these are no longer
  image->data = data;
  image->phase = phase;
  image->geometry = turned;
  forget_slices(image, &o);
  return TT1_OK;
}
