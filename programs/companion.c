/* SPDX-License-Identifier: MIT
 * Images that go with another: masks, maps of known quantities, the second of
 * two maps, labels. */
#include <stdlib.h>

#include "program.h"

static int same_size(const int64_t *a, const int64_t *b)
{
  return a[0] == b[0] && a[1] == b[1] && a[2] == b[2];
}

tt1_image *read_companion(const char *path, const char *what, const tt1_image *main,
                          const char *main_is)
{
  tt1_image *image = NULL;
  tt1_error error = {0};
  if (tt1_image_read(&image, path, NULL, &error) != TT1_OK) {
    complain_of(&error);
    return NULL;
  }
  const int64_t *a = tt1_image_geometry(image)->size, *b = tt1_image_geometry(main)->size;
  if (tt1_image_n_images(image) != 1)
    complain("%s: the %s has %d images, one is expected", path, what, tt1_image_n_images(image));
  else if (!same_size(a, b))
    complain("%s: the %s is %lld x %lld x %lld voxels, the %s is %lld x %lld x %lld", path, what,
             (long long)a[0], (long long)a[1], (long long)a[2], main_is, (long long)b[0],
             (long long)b[1], (long long)b[2]);
  else
    return image;
  tt1_image_free(image);
  return NULL;
}

uint8_t *mask_of(const tt1_image *image, const char *path)
{
  int64_t n = tt1_image_n_voxels(image), inside = 0;
  const float *values = tt1_image_data(image);
  uint8_t *mask = allocate((size_t)n, 1);
  for (int64_t v = 0; v < n; v++)
    inside += mask[v] = values[v] < 0.0f || values[v] > 0.0f;
  if (inside) return mask;
  complain("%s: the mask is zero everywhere", path);
  free(mask);
  return NULL;
}
