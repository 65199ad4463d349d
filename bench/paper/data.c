/* SPDX-License-Identifier: MIT
 * A cohort of somebody's own: the series of a BIDS dataset, or the DICOM folders, archives and NIfTI
 * files of a folder, one level deep. Without masks every bright voxel is fitted and there is no
 * mean of the myocardium; the truth is nowhere known. */
#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "paper.h"
#include "tt1_bids.h"
#include "tt1_input.h"

static const double BRIGHT = 0.1; /* of the 98th percentile of the largest samples */

/* ---- Voxels ---- */

static int by_size(const void *first, const void *second)
{
  float a = *(const float *)first, b = *(const float *)second;
  return (a > b) - (a < b);
}

static uint8_t *bright_voxels(const tt1_image *image)
{
  int64_t n = tt1_image_n_voxels(image);
  const float *data = tt1_image_data(image);
  float *largest = take_memory((size_t)n, sizeof *largest),
        *sorted = take_memory((size_t)n, sizeof *sorted);
  uint8_t *is_bright = take_memory((size_t)n, 1);
  for (int i = 0; i < tt1_image_n_images(image); i++)
    for (int64_t v = 0; v < n; v++)
      largest[v] = fmaxf(largest[v], fabsf(data[i * n + v]));
  memcpy(sorted, largest, (size_t)n * sizeof *sorted);
  qsort(sorted, (size_t)n, sizeof *sorted, by_size);
  for (int64_t v = 0; v < n; v++)
    is_bright[v] = (double)largest[v] > BRIGHT * (double)sorted[(n - 1) * 98 / 100];
  free(sorted);
  free(largest);
  return is_bright;
}

/* The mask called after the series, or NULL. */
static uint8_t *read_mask(const char *masks, const char *name, const tt1_image *series)
{
  char path[1024];
  struct stat state;
  tt1_error error = {0};
  tt1_image *image = NULL;
  if (!masks) return NULL;
  snprintf(path, sizeof path, "%s/%s.nii.gz", masks, name);
  if (stat(path, &state) != 0) return NULL;
  if (tt1_image_read(&image, path, NULL, &error) != TT1_OK ||
      tt1_image_align(image, tt1_image_geometry(series), &error) != TT1_OK)
    stop("%s: %s", path, error.message);
  int64_t n = tt1_image_n_voxels(series);
  uint8_t *mask = take_memory((size_t)n, 1);
  for (int64_t v = 0; v < n; v++)
    mask[v] = tt1_image_data(image)[v] > 0.0f;
  tt1_image_free(image);
  return mask;
}

/* ---- A series as a case ---- */

static float *unknown(int64_t n)
{
  float *values = take_memory((size_t)n, sizeof *values);
  for (int64_t v = 0; v < n; v++)
    values[v] = NAN;
  return values;
}

static const tt1_known_values *times_of(const tt1_image *image)
{
  for (int i = 0; tt1_image_known(image, i); i++)
    if (strcmp(tt1_image_known(image, i)->name, "InversionTime") == 0)
      return tt1_image_known(image, i);
  return NULL;
}

/* After contrast agent, as names tell: BIDS has ce-<agent>. */
static int is_called_post(const char *name)
{
  for (const char *at = name; *at; at++)
    if (strncasecmp(at, "post", 4) == 0 || strncmp(at, "_ce-", 4) == 0) return 1;
  return 0;
}

/* Takes the image. 0 if it is no series of inversion times. */
static int export_image(const char *folder, int number, const char *name, tt1_image *image,
                        const char *masks)
{
  const tt1_known_values *TI = times_of(image);
  const tt1_geometry *g = tt1_image_geometry(image);
  int64_t n_map = tt1_image_n_voxels(image);
  paper_case c = {.is_post = is_called_post(name)};
  int is_series = TI && TI->count == tt1_image_n_images(image) && TI->count >= N_PARAMETERS &&
                  TI->count <= MAX_TIMES && TI->n_slices == 1;
  if (is_series) {
    uint8_t *is_bright = bright_voxels(image), *mask = read_mask(masks, name, image);
    name_case(&c, folder, number, name);
    c.s.n_images = TI->count;
    memcpy(c.s.times, TI->values, (size_t)TI->count * sizeof *c.s.times);
    memcpy(c.size, g->size, sizeof c.size);
    memcpy(c.spacing, g->spacing, sizeof c.spacing);
    choose_voxels(&c, is_bright, mask, n_map);
    c.s.signal = gather(&c, tt1_image_data(image), c.s.n_images, n_map);
    c.expected = unknown(c.s.n_voxels);
    write_case(&c);
    free_case(&c);
    free(is_bright);
    free(mask);
  }
  tt1_image_free(image);
  return is_series;
}

static int export_bids(const char *folder, const char *data, const char *masks)
{
  tt1_error error = {0};
  tt1_bids *dataset = NULL;
  tt1_bids_options options = TT1_BIDS_OPTIONS_INIT;
  int count = 0;
  options.suffix = "IRT1";
  if (tt1_bids_open(&dataset, data, &options, &error) != TT1_OK) stop("%s", error.message);
  for (int i = 0; i < tt1_bids_n_series(dataset) && count < MAX_CASES; i++) {
    tt1_image *image = NULL;
    const char *name = tt1_bids_series_at(dataset, i)->name;
    if (tt1_bids_read(&image, dataset, i, &error) == TT1_OK)
      count += export_image(folder, count + 1, name, image, masks);
    else
      fprintf(stderr, "paper: %s is left out: %s\n", name, error.message);
  }
  tt1_bids_free(dataset);
  return count;
}

static int export_folder(const char *folder, const char *data, const char *masks)
{
  tt1_error error = {0};
  struct dirent **items = NULL;
  int count = 0, n = scandir(data, &items, NULL, alphasort);
  if (n < 0) stop("%s: %s", data, strerror(errno));
  for (int i = 0; i < n; i++) {
    char path[1024];
    tt1_image *image = NULL;
    snprintf(path, sizeof path, "%s/%s", data, items[i]->d_name);
    int is_sidecar = strstr(items[i]->d_name, ".json") != NULL;
    if (items[i]->d_name[0] != '.' && !is_sidecar && count < MAX_CASES) {
      if (tt1_image_read(&image, path, NULL, &error) == TT1_OK)
        count += export_image(folder, count + 1, items[i]->d_name, image, masks);
      else
        fprintf(stderr, "paper: %s is left out: %s\n", path, error.message);
    }
    free(items[i]);
  }
  free(items);
  return count;
}

void export_data(const char *folder, const char *data, const char *masks)
{
  make_folder(folder);
  int count = tt1_bids_contains(data) ? export_bids(folder, data, masks)
                                      : export_folder(folder, data, masks);
  if (count == 0) stop("%s holds no series with inversion times", data);
}
