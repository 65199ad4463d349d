/* SPDX-License-Identifier: MIT
 * world_maps A B LABELS LABEL LIMIT SHARE: whether A and B differ by at most LIMIT in at least SHARE
 * of the voxels of LABEL, compared where they lie in the world: grids may count rows the other way. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "tt1_image.h"
#include "tt1_input.h"

/* The voxel of a grid whose axes are those of the world, up to sign, at a place in mm; -1 outside. */
static int64_t voxel_at(const tt1_geometry *g, const double place[3])
{
  int64_t index[3];
  for (int axis = 0; axis < 3; axis++) {
    double position = (place[axis] - g->srow[axis][3]) / g->srow[axis][axis];
    index[axis] = llround(position);
    if (fabs(position - (double)index[axis]) > 0.001) return -1;
    if (index[axis] < 0 || index[axis] >= g->size[axis]) return -1;
  }
  return (index[2] * g->size[1] + index[1]) * g->size[0] + index[0];
}

static void place_of(const tt1_geometry *g, int64_t voxel, double place[3])
{
  double index[4] = {(double)(voxel % g->size[0]), (double)(voxel / g->size[0] % g->size[1]),
                     (double)(voxel / g->size[0] / g->size[1]), 1.0};
  for (int axis = 0; axis < 3; axis++) {
    place[axis] = 0.0;
    for (int j = 0; j < 4; j++)
      place[axis] += g->srow[axis][j] * index[j];
  }
}

/* Returns the share of the voxels of `label` that differ by at most `limit`; -1 if grids do not meet. */
static double share_within(tt1_image *const images[3], float label, double limit)
{
  const tt1_geometry *grid = tt1_image_geometry(images[1]);
  int64_t n_within = 0, n_voxels = 0;
  double greatest = 0.0;
  for (int64_t v = 0; v < tt1_image_n_voxels(images[1]); v++) {
    double place[3];
    if (fabsf(tt1_image_data(images[2])[v] - label) > 0.5f) continue;
    place_of(grid, v, place);
    int64_t other = voxel_at(tt1_image_geometry(images[0]), place);
    if (other < 0) return -1.0;
    double a = (double)tt1_image_data(images[0])[other], b = (double)tt1_image_data(images[1])[v];
    n_voxels++;
    n_within += fabs(a - b) <= limit;
    if (fabs(a - b) > greatest) greatest = fabs(a - b);
  }
  double share = n_voxels ? (double)n_within / (double)n_voxels : -1.0;
  printf("label %g: %lld voxels, %.3f %% within %g, greatest difference %g\n", (double)label,
         (long long)n_voxels, 100.0 * share, limit, greatest);
  return share;
}

int main(int argc, char **argv)
{
  tt1_image *images[3] = {NULL, NULL, NULL};
  tt1_error error = {0};
  int code = 2;
  if (argc != 7) return code;
  for (int i = 0; i < 3; i++)
    if (tt1_image_read(&images[i], argv[i + 1], NULL, &error) != TT1_OK) {
      fprintf(stderr, "%s\n", error.message);
      goto out;
    }
  code = !(share_within(images, strtof(argv[4], NULL), strtod(argv[5], NULL)) >=
           strtod(argv[6], NULL));
out:
  for (int i = 0; i < 3; i++)
    tt1_image_free(images[i]);
  return code;
}
