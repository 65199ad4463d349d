/* SPDX-License-Identifier: MIT
 * Images that go with another: masks, maps of known quantities, the second of
 * two maps, labels. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/program.h"
#include "tt1_analysis.h"
#include "tt1_bids.h"
#include "tt1_input.h"

tt1_image *read_single(const char *path, const char *what, int which)
{
  tt1_image *image = NULL;
  tt1_error error = {0};
  tt1_read_options options = TT1_READ_OPTIONS_INIT;
  options.takes_maps = 1;
  if (tt1_image_read(&image, path, &options, &error) != TT1_OK) {
    complain_of(&error);
    return NULL;
  }
  remember_image(image, NULL);
  int n = tt1_image_n_images(image), index = which - 1;
  if (which > n)
    complain("%s: image %d of the %s is wanted, it has %d", path, which, what, n);
  else if (which == 0 && n != 1)
    complain("%s: the %s has %d images, one is expected", path, what, n);
  else if (which == 0 || tt1_image_select(image, &index, 1, &error) == TT1_OK)
    return image;
  else
    complain_of(&error);
  tt1_image_free(image);
  return NULL;
}

int check_grid(const tt1_image *image, const char *path, const char *what, const tt1_image *main,
               const char *main_is, const char *hint)
{
  const int64_t *a = tt1_image_geometry(image)->size, *b = tt1_image_geometry(main)->size;
  if (a[0] == b[0] && a[1] == b[1] && a[2] == b[2]) return EXIT_OK;
  return complain("%s: the %s is %lld x %lld x %lld voxels, the %s is %lld x %lld x %lld%s", path,
                  what, (long long)a[0], (long long)a[1], (long long)a[2], main_is, (long long)b[0],
                  (long long)b[1], (long long)b[2], hint);
}

/* Turn the image to the order of `main`, whose places it must share. */
static int lay_on(tt1_image *image, const char *path, const char *what, const tt1_image *main,
                  const char *main_is)
{
  tt1_error error = {0};
  if (tt1_image_align(image, tt1_image_geometry(main), &error) == TT1_OK) return EXIT_OK;
  if (check_grid(image, path, what, main, main_is, "") != EXIT_OK) return EXIT_FAILED;
  return complain("%s: the %s lies elsewhere in space than the %s: %s", path, what, main_is,
                  error.message);
}

tt1_image *read_companion(const char *path, const char *what, const tt1_image *main,
                          const char *main_is)
{
  tt1_image *image = read_single(path, what, 0);
  if (image && lay_on(image, path, what, main, main_is) == EXIT_OK) return image;
  tt1_image_free(image);
  return NULL;
}

int resample_onto(tt1_image *image, const char *path, const tt1_image *main, const char *main_is,
                  tt1_resampling how)
{
  tt1_error error = {0};
  if (tt1_image_resample(image, tt1_image_geometry(main), how, &error) == TT1_OK) return EXIT_OK;
  return complain("%s cannot be resampled to the grid of the %s: %s", path, main_is, error.message);
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

int32_t *labels_of(const tt1_image *image, const char *path)
{
  int64_t n = tt1_image_n_voxels(image);
  const float *values = tt1_image_data(image);
  int32_t *labels = allocate((size_t)n, sizeof *labels);
  for (int64_t v = 0; v < n; v++) {
    if (!(fabsf(values[v]) <= 1e7f) || values[v] < floorf(values[v]) ||
        values[v] > floorf(values[v])) {
      complain("%s: voxel %" PRId64 " is %g; labels are whole numbers", path, v, (double)values[v]);
      free(labels);
      return NULL;
    }
    labels[v] = (int32_t)values[v];
  }
  return labels;
}

int check_position(double *apart, const tt1_image *image, const char *path, const tt1_image *main,
                   const char *main_path, int ignore)
{
  const tt1_geometry *a = tt1_image_geometry(main), *b = tt1_image_geometry(image);
  double limit = 0.5 * fmin(fabs(a->spacing[0]), fabs(a->spacing[1]));
  *apart = tt1_geometry_distance(a, b);
  if (!(*apart > limit) || ignore) return EXIT_OK;
  return complain("%s lies elsewhere in space than %s: the same voxel is up to %.3g mm apart; "
                  "--ignore-position takes them all the same",
                  path, main_path, *apart);
}

double median_within(const tt1_image *image, const uint8_t *mask)
{
  int64_t n = tt1_image_n_voxels(image), kept = 0;
  const float *values = tt1_image_data(image);
  double *scratch = allocate((size_t)n, sizeof *scratch);
  for (int64_t v = 0; v < n; v++)
    if ((!mask || mask[v]) && isfinite(values[v]) && fabsf(values[v]) > 0.0f)
      scratch[kept++] = (double)values[v];
  double median = tt1_quantile(scratch, kept, 0.5);
  free(scratch);
  return median;
}

int are_far_apart(double a, double b)
{
  double ratio = fabs(a / b);
  return ratio > 100.0 || ratio < 0.01;
}

int check_deviation(const tt1_image *sd, const char *sd_path, const tt1_image *map,
                    const char *path, const char *unit)
{
  double median = median_within(map, NULL), median_sd = median_within(sd, NULL);
  if (!unit || tt1_image_unit(sd) || !(median_sd > 0.5 * fabs(median))) return EXIT_OK;
  return complain(
      "%s does not tell its unit, and its median is %.4g where that of %s is %.4g %s: "
      "another unit is suspected; write it into a sidecar, as {\"Units\": \"%s\"} if it "
      "is the same",
      sd_path, median_sd, path, median, unit, unit);
}

int check_values(const char *option, const tt1_known *known, const double *values, int count)
{
  int is_seconds = strcmp(known->unit, "s") == 0;
  if (!is_seconds && strcmp(known->unit, "deg") != 0) return EXIT_OK;
  double limit = known->bids ? tt1_bids_limit(known->bids) : 0.0;
  for (int i = 0; i < count && limit > 0.0; i++)
    if (fabs(values[i]) > limit)
      return complain("--%s %s: value %d is %g, more than %g%s", option, known->name, i + 1,
                      values[i], limit,
                      is_seconds ? ": ms are suspected, times are given in seconds"
                                 : "; angles in degrees are expected");
  return EXIT_OK;
}

int is_time(const char *unit)
{
  return unit && (strcmp(unit, "s") == 0 || strcmp(unit, "ms") == 0);
}
