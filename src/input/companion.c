/* SPDX-License-Identifier: MIT */
#include "input/companion.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/number.h"

tt1_status tt1__single_read(tt1_image **out, const char *path, const char *what, int which,
                            tt1_error *err)
{
  tt1_image *image = NULL;
  tt1_read_options options = TT1_READ_OPTIONS_INIT;
  options.takes_maps = 1;
  tt1_status status = tt1_image_read(&image, path, &options, err);
  if (status != TT1_OK) return status;
  int n = tt1_image_n_images(image), index = which - 1;
  if (which > n)
    status = tt1__error_set(err, TT1_BAD_ARGUMENT, "%s: image %d of the %s is wanted, it has %d",
                            path, which, what, n);
  else if (which == 0 && n != 1)
    status = tt1__error_set(err, TT1_BAD_ARGUMENT, "%s: the %s has %d images, one is expected",
                            path, what, n);
  else if (which > 0)
    status = tt1_image_select(image, &index, 1, err);
  if (status == TT1_OK)
    *out = image;
  else
    tt1_image_free(image);
  return status;
}

tt1_status tt1__check_grid(const tt1_image *image, const char *path, const char *what,
                           const tt1_image *main, const char *main_is, const char *hint,
                           tt1_error *err)
{
  const int64_t *a = tt1_image_geometry(image)->size, *b = tt1_image_geometry(main)->size;
  if (a[0] == b[0] && a[1] == b[1] && a[2] == b[2]) return TT1_OK;
  return tt1__error_set(err, TT1_BAD_ARGUMENT,
                        "%s: the %s is %lld x %lld x %lld voxels, the %s is %lld x %lld x %lld%s",
                        path, what, (long long)a[0], (long long)a[1], (long long)a[2], main_is,
                        (long long)b[0], (long long)b[1], (long long)b[2], hint);
}

// Turn the image to the order of `main`, whose places it must share.
static tt1_status lay_on(tt1_image *image, const char *path, const char *what,
                         const tt1_image *main, const char *main_is, tt1_error *err)
{
  tt1_error reason = {0};
  tt1_status status = tt1_image_align(image, tt1_image_geometry(main), &reason);
  if (status == TT1_OK) return TT1_OK;
  if (status == TT1_NO_MEMORY) return tt1__no_memory(err);
  status = tt1__check_grid(image, path, what, main, main_is, "", err);
  if (status != TT1_OK) return status;
  return tt1__error_set(err, TT1_BAD_ARGUMENT, "%s: the %s lies elsewhere in space than the %s: %s",
                        path, what, main_is, reason.message);
}

tt1_status tt1__companion_read(tt1_image **out, const char *path, const char *what,
                               const tt1_image *main, const char *main_is, tt1_error *err)
{
  return tt1__companion_place(out, NULL, path, what, main, main_is, err);
}

tt1_status tt1__companion_place(tt1_image **out, tt1_geometry *stored, const char *path,
                                const char *what, const tt1_image *main, const char *main_is,
                                tt1_error *err)
{
  tt1_image *image = NULL;
  tt1_status status = tt1__single_read(&image, path, what, 0, err);
  if (status == TT1_OK && stored) *stored = *tt1_image_geometry(image);
  if (status == TT1_OK) status = lay_on(image, path, what, main, main_is, err);
  if (status == TT1_OK)
    *out = image;
  else
    tt1_image_free(image);
  return status;
}

// Keep the one image that is wanted.
static tt1_status keep_wanted(tt1_image *image, const char *path, const char *what,
                              const char *rule, tt1__is_wanted_fn is_wanted, const void *payload,
                              tt1_error *err)
{
  int n = tt1_image_n_images(image), n_found = 0, found = 0;
  int64_t n_voxels = tt1_image_n_voxels(image);
  for (int i = 0; i < n; i++)
    if (is_wanted(tt1_image_data(image) + i * n_voxels, n_voxels, payload)) {
      found = i;
      n_found++;
    }
  if (n_found == 1) return tt1_image_select(image, &found, 1, err);
  if (n == 1) return tt1__error_set(err, TT1_BAD_ARGUMENT, "%s is no %s: %s", path, what, rule);
  return tt1__error_set(err, TT1_BAD_ARGUMENT,
                        "%s: %d of its %d images can be the %s, one is expected: %s", path, n_found,
                        n, what, rule);
}

tt1_status tt1__companion_find(tt1_image **out, const char *path, const char *what,
                               const char *rule, tt1__is_wanted_fn is_wanted, const void *payload,
                               const tt1_image *main, const char *main_is, tt1_error *err)
{
  tt1_image *image = NULL;
  tt1_read_options options = TT1_READ_OPTIONS_INIT;
  options.takes_maps = 1;
  tt1_status status = tt1_image_read(&image, path, &options, err);
  if (status == TT1_OK) status = keep_wanted(image, path, what, rule, is_wanted, payload, err);
  if (status == TT1_OK) status = lay_on(image, path, what, main, main_is, err);
  if (status == TT1_OK)
    *out = image;
  else
    tt1_image_free(image);
  return status;
}

tt1_status tt1__resample_onto(tt1_image *image, const char *path, const tt1_image *main,
                              const char *main_is, tt1_resampling how, tt1_error *err)
{
  tt1_error reason = {0};
  tt1_status status = tt1_image_resample(image, tt1_image_geometry(main), how, &reason);
  if (status == TT1_OK) return TT1_OK;
  return tt1__error_set(err, status, "%s cannot be resampled to the grid of the %s: %s", path,
                        main_is, reason.message);
}

tt1_status tt1__check_position(double *apart, const tt1_image *image, const char *path,
                               const tt1_image *main, const char *main_path, int ignore,
                               tt1_error *err)
{
  const tt1_geometry *a = tt1_image_geometry(main), *b = tt1_image_geometry(image);
  double limit = 0.5 * fmin(fabs(a->spacing[0]), fabs(a->spacing[1]));
  *apart = tt1_geometry_distance(a, b);
  if (!(*apart > limit) || ignore) return TT1_OK;
  return tt1__error_set(err, TT1_BAD_ARGUMENT,
                        "%s lies elsewhere in space than %s: the same voxel is up to %.3g mm "
                        "apart; --ignore-position takes them all the same",
                        path, main_path, *apart);
}

tt1_status tt1__mask_of(uint8_t **out, const tt1_image *image, const char *path, tt1_error *err)
{
  int64_t n = tt1_image_n_voxels(image), inside = 0;
  const float *values = tt1_image_data(image);
  uint8_t *mask = tt1__allocate((size_t)n, 1);
  if (!mask) return tt1__no_memory(err);
  for (int64_t v = 0; v < n; v++)
    inside += mask[v] = values[v] < 0.0f || values[v] > 0.0f;
  if (inside) {
    *out = mask;
    return TT1_OK;
  }
  tt1__free(mask);
  return tt1__error_set(err, TT1_BAD_ARGUMENT, "%s: the mask is zero everywhere", path);
}

static int is_label(float value)
{
  return fabsf(value) <= 1e7f && !(value < floorf(value)) && !(value > floorf(value));
}

tt1_status tt1__labels_of(int32_t **out, const tt1_image *image, const char *path, tt1_error *err)
{
  int64_t n = tt1_image_n_voxels(image);
  const float *values = tt1_image_data(image);
  int32_t *labels = tt1__allocate((size_t)n, sizeof *labels);
  if (!labels) return tt1__no_memory(err);
  for (int64_t v = 0; v < n; v++) {
    if (!is_label(values[v])) {
      tt1__free(labels);
      return tt1__error_set(err, TT1_BAD_ARGUMENT,
                            "%s: voxel %" PRId64 " is %g; labels are whole numbers", path, v,
                            (double)values[v]);
    }
    labels[v] = (int32_t)values[v];
  }
  *out = labels;
  return TT1_OK;
}

tt1_status tt1__median_within(double *out, const tt1_image *image, const uint8_t *mask,
                              tt1_error *err)
{
  int64_t n = tt1_image_n_voxels(image), kept = 0;
  const float *values = tt1_image_data(image);
  double *scratch = tt1__allocate((size_t)n, sizeof *scratch);
  if (!scratch) return tt1__no_memory(err);
  for (int64_t v = 0; v < n; v++)
    if ((!mask || mask[v]) && isfinite(values[v]) && fabsf(values[v]) > 0.0f)
      scratch[kept++] = (double)values[v];
  *out = tt1__quantile(scratch, kept, 0.5);
  tt1__free(scratch);
  return TT1_OK;
}

int tt1__are_far_apart(double a, double b)
{
  double ratio = fabs(a / b);
  return ratio > 100.0 || ratio < 0.01;
}

tt1_status tt1__check_deviation(const tt1_image *sd, const char *sd_path, const tt1_image *map,
                                const char *path, const char *unit, tt1_error *err)
{
  double median = 0.0, median_sd = 0.0;
  tt1_status status = tt1__median_within(&median, map, NULL, err);
  if (status == TT1_OK) status = tt1__median_within(&median_sd, sd, NULL, err);
  if (status != TT1_OK || !unit || tt1_image_unit(sd) || !(median_sd > 0.5 * fabs(median)))
    return status;
  return tt1__error_set(err, TT1_BAD_ARGUMENT,
                        "%s does not tell its unit, and its median is %.4g where that of %s is "
                        "%.4g %s: another unit is suspected; write it into a sidecar, as "
                        "{\"Units\": \"%s\"} if it is the same",
                        sd_path, median_sd, path, median, unit, unit);
}

int tt1__is_time(const char *unit)
{
  return unit && (strcmp(unit, "s") == 0 || strcmp(unit, "ms") == 0);
}
