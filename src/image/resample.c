/* SPDX-License-Identifier: MIT
 * One image on the grid of another, by interpolation: only where somebody asked for it. */
#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "image/image.h"

/** Where a voxel of the grid lies in the image: between two voxels along each axis. */
typedef struct between {
  int64_t from[3];
  double share[3]; /* of the next one */
} between;

// Positions are equal to rounding where grids share their voxels: those count as whole.
static const double ROUNDING = 1e-6;

static int locate(between *b, double m[3][4], int64_t i, int64_t j, int64_t k, const int64_t *size)
{
  for (int axis = 0; axis < 3; axis++) {
    double at =
        m[axis][0] * (double)i + m[axis][1] * (double)j + m[axis][2] * (double)k + m[axis][3];
    double last = (double)(size[axis] - 1);
    if (!(at > -0.5 && at < last + 0.5)) return 0;
    at = fmin(fmax(at, 0.0), last);
    if (fabs(at - round(at)) < ROUNDING) at = round(at);
    b->from[axis] = (int64_t)at;
    b->share[axis] = at - floor(at);
    assert(b->from[axis] >= 0 && b->from[axis] < size[axis]);
  }
  return 1;
}

static float blend(const float *image, const between *b, const int64_t *size, tt1_resampling how)
{
  double sum = 0.0;
  for (int corner = 0; corner < 8; corner++) {
    int64_t at = 0, stride = 1;
    double weight = 1.0;
    for (int axis = 0; axis < 3; axis++) {
      int next = corner >> axis & 1;
      weight *= next ? b->share[axis] : 1.0 - b->share[axis];
      at += (b->from[axis] + next) * stride;
      stride *= size[axis];
    }
    if (!(weight > 0.0)) continue; // also beyond the edge
    assert(at >= 0 && at < stride);
    double value = (double)image[at];
    if (how == TT1_RESAMPLE_MAP && !(fabs(value) > 0.0)) return NAN;
    sum += how == TT1_RESAMPLE_DEVIATION ? weight * value * weight * value : weight * value;
  }
  if (!isfinite(sum)) return NAN;
  return (float)(how == TT1_RESAMPLE_DEVIATION ? sqrt(sum) : sum);
}

static float nearest(const float *image, const between *b, const int64_t *size)
{
  int64_t at[3];
  for (int axis = 0; axis < 3; axis++)
    at[axis] = b->from[axis] + (b->share[axis] >= 0.5);
  return image[(at[2] * size[1] + at[1]) * size[0] + at[0]];
}

// Returns how many voxels of the grid lie in the image.
static int64_t move_image(float *to, const float *from, const tt1_geometry *grid,
                          const int64_t *size, double m[3][4], tt1_resampling how)
{
  int64_t at = 0, inside = 0;
  for (int64_t k = 0; k < grid->size[2]; k++)
    for (int64_t j = 0; j < grid->size[1]; j++)
      for (int64_t i = 0; i < grid->size[0]; i++, at++) {
        between b;
        to[at] = how == TT1_RESAMPLE_NEAREST ? 0.0F : NAN;
        if (!locate(&b, m, i, j, k, size)) continue;
        to[at] = how == TT1_RESAMPLE_NEAREST ? nearest(from, &b, size) : blend(from, &b, size, how);
        inside++;
      }
  return inside;
}

static void take(tt1_image *image, float *data, const tt1_geometry *grid, int64_t n_voxels)
{
  tt1__free(image->data);
  tt1__image_detach(image); // whose voxels these are no longer
  image->data = data;
  image->geometry = *grid;
  image->n_voxels = n_voxels;
}

tt1_status tt1_image_resample(tt1_image *image, const tt1_geometry *grid, tt1_resampling how,
                              tt1_error *err)
{
  double m[3][4];
  int64_t n = grid->size[0] * grid->size[1] * grid->size[2], inside = 0;
  if (image->phase)
    return tt1__error_set(err, TT1_BAD_ARGUMENT, "images with a phase are not resampled");
  if (!tt1__geometry_relate(m, &image->geometry, grid))
    return tt1__error_set(err, TT1_BAD_ARGUMENT, "nothing tells where its voxels lie");
  float *data = tt1__allocate((size_t)(image->n_images * n), sizeof *data);
  if (!data) return tt1__no_memory(err);
  for (int t = 0; t < image->n_images; t++)
    inside += move_image(data + t * n, image->data + t * image->n_voxels, grid,
                         image->geometry.size, m, how);
  if (inside == 0) {
    tt1__free(data);
    return tt1__error_set(err, TT1_BAD_ARGUMENT, "the two do not overlap in space");
  }
  take(image, data, grid, n);
  return TT1_OK;
}
