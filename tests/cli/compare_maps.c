/* SPDX-License-Identifier: MIT
 * compare_maps TRUTH MAP LABELS LABEL LIMIT: whether the median of MAP over the
 * voxels of LABEL is within LIMIT (relative) of that of TRUTH. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "tt1_image.h"
#include "tt1_input.h"

static int compare(const void *a, const void *b)
{
  float x = *(const float *)a, y = *(const float *)b;
  return (x > y) - (x < y);
}

static double median(const tt1_image *map, const tt1_image *labels, float label)
{
  int64_t n = tt1_image_n_voxels(map), kept = 0;
  const float *values = tt1_image_data(map), *label_of = tt1_image_data(labels);
  float *inside = calloc((size_t)n, sizeof *inside);
  for (int64_t v = 0; inside && v < n; v++)
    if (fabsf(label_of[v] - label) < 0.5f && isfinite(values[v])) inside[kept++] = values[v];
  double result = (double)NAN;
  if (kept) {
    qsort(inside, (size_t)kept, sizeof *inside, compare);
    result = (double)inside[kept / 2];
  }
  free(inside);
  return result;
}

int main(int argc, char **argv)
{
  tt1_image *images[3] = {NULL, NULL, NULL};
  tt1_error error = {0};
  if (argc != 6) return 2;
  int code = 2;
  for (int i = 0; i < 3; i++)
    if (tt1_image_read(&images[i], argv[i + 1], NULL, &error) != TT1_OK) {
      fprintf(stderr, "%s\n", error.message);
      goto out;
    }
  float label = strtof(argv[4], NULL);
  double truth = median(images[0], images[2], label), found = median(images[1], images[2], label);
  printf("label %s: truth %.5f, found %.5f\n", argv[4], truth, found);
  code = !(fabs(found - truth) <= strtod(argv[5], NULL) * truth);
out:
  for (int i = 0; i < 3; i++)
    tt1_image_free(images[i]);
  return code;
}
