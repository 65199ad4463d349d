/* SPDX-License-Identifier: MIT
 * The median filter of maps: in the plane, and blind to voxels without a number. */
#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "image/image.h"

enum { WIDEST = 7 };

static int compare(const void *a, const void *b)
{
  float x = *(const float *)a, y = *(const float *)b;
  return (x > y) - (x < y);
}

/* The finite values of the window about (i, j), cut at the edges; their count. */
static int collect(float *values, const float *plane, const int64_t *size, int64_t i, int64_t j,
                   int reach)
{
  int n = 0;
  for (int64_t y = j - reach; y <= j + reach; y++)
    for (int64_t x = i - reach; x <= i + reach; x++) {
      if (x < 0 || y < 0 || x >= size[0] || y >= size[1]) continue;
      float value = plane[y * size[0] + x];
      if (isfinite(value)) values[n++] = value;
    }
  return n;
}

static void filter_plane(float *out, const float *plane, const int64_t *size, int reach)
{
  float values[WIDEST * WIDEST];
  for (int64_t j = 0; j < size[1]; j++)
    for (int64_t i = 0; i < size[0]; i++) {
      int64_t v = j * size[0] + i;
      out[v] = plane[v];
      if (!isfinite(plane[v])) continue;
      int n = collect(values, plane, size, i, j, reach);
      qsort(values, (size_t)n, sizeof *values, compare);
      out[v] = (float)(0.5 * ((double)values[(n - 1) / 2] + (double)values[n / 2]));
    }
}

tt1_status tt1_median_filter(float *out, const float *map, const int64_t size[3], int width,
                             tt1_error *err)
{
  if (width < 1 || width > WIDEST || width % 2 == 0)
    return tt1__error_set(err, TT1_BAD_ARGUMENT,
                          "a median filter is 1, 3, 5 or 7 voxels wide, not %d", width);
  for (int axis = 0; axis < 3; axis++)
    if (size[axis] < 0)
      return tt1__error_set(err, TT1_BAD_ARGUMENT, "a map has no %lld voxels along an axis",
                            (long long)size[axis]);
  for (int64_t k = 0; k < size[2]; k++)
    filter_plane(out + k * size[0] * size[1], map + k * size[0] * size[1], size, width / 2);
  return TT1_OK;
}
