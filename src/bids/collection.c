/* SPDX-License-Identifier: MIT */
#include "bids/collection.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "bids/sidecar.h"
#include "file/file.h"

/* ---- Images that go together ---- */

static int is_near(double a, double b)
{
  return fabs(a - b) <= 1e-3 * (1.0 + fabs(a));
}

static int is_same_place(const tt1_geometry *a, const tt1_geometry *b)
{
  if (a->qform_code != b->qform_code || a->sform_code != b->sform_code) return 0;
  for (int i = 0; i < 3; i++) {
    if (!is_near(a->spacing[i], b->spacing[i]) || !is_near(a->quatern[i], b->quatern[i]) ||
        !is_near(a->qoffset[i], b->qoffset[i]))
      return 0;
    for (int j = 0; j < 4; j++)
      if (!is_near(a->srow[i][j], b->srow[i][j])) return 0;
  }
  return 1;
}

tt1_status tt1__collection_check(const tt1_image *first, const tt1_image *next, tt1_error *err)
{
  const char *path = next->files[0].path, *reference = first->files[0].path;
  const int64_t *a = first->geometry.size, *b = next->geometry.size;
  if (a[0] != b[0] || a[1] != b[1] || a[2] != b[2])
    return tt1__error_set(err, TT1_BAD_FILE,
                          "%s has %lld x %lld x %lld voxels, %s of the same series has %lld x %lld "
                          "x %lld",
                          path, (long long)b[0], (long long)b[1], (long long)b[2],
                          tt1__base_name(reference), (long long)a[0], (long long)a[1],
                          (long long)a[2]);
  if (!is_same_place(&first->geometry, &next->geometry))
    return tt1__error_set(err, TT1_BAD_FILE,
                          "%s lies elsewhere in space (voxel size or orientation) than %s of the "
                          "same series",
                          path, tt1__base_name(reference));
  return TT1_OK;
}

static tt1_status check_fits(const tt1_image *first, const tt1_image *next, tt1_error *err)
{
  if (next->n_images != 1)
    return tt1__error_set(err, TT1_BAD_FILE,
                          "%s holds %d images; each of the files that make a series holds one",
                          next->files[0].path, next->n_images);
  return tt1__collection_check(first, next, err);
}

/* ---- What their sidecars say ---- */

// Put the values of `key` over all images into `values`; returns in how many it was found.
static int gather(double *values, const char **source, const tt1_image **missing, const char *key,
                  tt1_image *const *images, int count)
{
  int n_found = 0;
  for (int i = 0; i < count; i++) {
    const tt1_known_values *known = tt1_image_find_known(images[i], key);
    if (known && !*source) *source = known->source;
    if (!known) *missing = images[i];
    values[i] = known ? known->values[0] : 0.0;
    n_found += known != NULL;
  }
  return n_found;
}

// One key over all images. Equal values of anything but what varies by its name count as one value.
static tt1_status merge_key(tt1_image *series, tt1_image *const *images, int count, const char *key,
                            int is_index, tt1_error *err)
{
  double values[TT1__MAX_IMAGES];
  const char *source = NULL;
  const tt1_image *missing = NULL;
  int n_found = gather(values, &source, &missing, key, images, count), is_constant = 1;
  for (int i = 1; i < count; i++)
    is_constant = is_constant && !(values[i] < values[0]) && !(values[i] > values[0]);
  if (n_found == 0 || (n_found < count && !is_index)) return TT1_OK;
  if (n_found < count)
    return tt1__error_set(err, TT1_BAD_FILE,
                          "%s has no \"%s\" in a JSON sidecar, other images of the series have",
                          missing->files[0].path, key);
  if (tt1__image_add_known(series, key, source, values, is_constant && !is_index ? 1 : count))
    return TT1_OK;
  return tt1__no_memory(err);
}

static int is_among(const char *key, const char *const keys[2])
{
  return (keys[0] && strcmp(key, keys[0]) == 0) || (keys[1] && strcmp(key, keys[1]) == 0);
}

static tt1_status merge_texts(tt1_image *series, tt1_image *const *images, int count,
                              tt1_error *err)
{
  for (int t = 0; t < images[0]->n_found_texts; t++) {
    const tt1_found_text *text = &images[0]->found_texts[t];
    int is_same = 1;
    for (int i = 1; i < count && is_same; i++) {
      const char *other = tt1__image_find_text(images[i], text->key);
      is_same = other && strcmp(other, text->value) == 0;
    }
    if (is_same && !tt1__image_add_text(series, text->key, text->value)) return tt1__no_memory(err);
  }
  return TT1_OK;
}

static tt1_status merge_units(tt1_image *series, tt1_image *const *images, int count,
                              tt1_error *err)
{
  const char *unit = images[0]->unit;
  for (int i = 1; i < count && unit; i++)
    if (!images[i]->unit || strcmp(images[i]->unit, unit) != 0) unit = NULL;
  return !unit || tt1__image_set_unit(series, unit, strlen(unit)) ? TT1_OK : tt1__no_memory(err);
}

static tt1_status merge(tt1_image *series, tt1_image *const *images, const tt1__collection *c,
                        tt1_error *err)
{
  tt1_status status = TT1_OK;
  for (int k = 0; k < 2 && c->keys[k] && status == TT1_OK; k++)
    status = merge_key(series, images, c->count, c->keys[k], 1, err);
  for (int i = 0; status == TT1_OK && i < images[0]->n_known; i++)
    if (!is_among(images[0]->known[i].name, c->keys))
      status = merge_key(series, images, c->count, images[0]->known[i].name, 0, err);
  const tt1_known_values *field = tt1_image_find_known(series, "MagneticFieldStrength");
  if (field && field->count == 1) series->origin.field_strength = field->values[0];
  if (status == TT1_OK) status = merge_units(series, images, c->count, err);
  return status == TT1_OK ? merge_texts(series, images, c->count, err) : status;
}

/* ---- Reading ---- */

static char *path_of(const tt1__collection *c, int index)
{
  return c->folder ? tt1__join(c->folder, c->names[index]) : tt1__copy_text(c->names[index]);
}

static tt1_status find_sidecars(tt1__sidecars *out, const tt1__collection *c, int index,
                                const char *path, tt1_error *err)
{
  return c->levels ? tt1__levels_find(out, c->levels, c->names[index], err)
                   : tt1__sidecars_of(out, path, err);
}

static tt1_status read_one(tt1_image **out, const tt1__collection *c, int index, tt1_error *err)
{
  tt1__sidecars sidecars = {0};
  char *path = path_of(c, index);
  if (!path) return tt1__no_memory(err);
  tt1_status status = find_sidecars(&sidecars, c, index, path, err);
  if (status == TT1_OK) status = tt1__image_with_sidecars(out, path, &sidecars, err);
  tt1__sidecars_free(&sidecars);
  tt1__free(path);
  return status;
}

// The sidecars of an image, without the image.
static tt1_status look_at_one(tt1_image **out, const tt1__collection *c, int index, tt1_error *err)
{
  tt1__sidecars sidecars = {0};
  char *path = path_of(c, index);
  tt1_image *image = tt1__image_new();
  tt1_status status =
      path && image && tt1__image_add_file(image, path, 0) ? TT1_OK : tt1__no_memory(err);
  if (image) image->n_images = 1;
  if (status == TT1_OK) status = find_sidecars(&sidecars, c, index, path, err);
  if (status == TT1_OK) status = tt1__sidecars_read(image, &sidecars, err);
  tt1__sidecars_free(&sidecars);
  tt1__free(path);
  if (status == TT1_OK)
    *out = image;
  else
    tt1_image_free(image);
  return status;
}

// What the first image says holds for the series.
static tt1_status begin_series(tt1_image *series, const tt1_image *first, int n_images,
                               tt1_error *err)
{
  series->geometry = first->geometry;
  series->n_voxels = first->n_voxels;
  series->format = first->format;
  series->stored_type = first->stored_type;
  size_t n = (size_t)n_images * (size_t)first->n_voxels;
  series->data = tt1__allocate(n, sizeof *series->data);
  if (first->phase) series->phase = tt1__allocate(n, sizeof *series->phase);
  return series->data && (series->phase || !first->phase) ? TT1_OK : tt1__no_memory(err);
}

// Move the voxels of image `index` into `series`.
static tt1_status take_voxels(tt1_image *series, tt1_image *image, int index, tt1_error *err)
{
  size_t n_voxels = (size_t)image->n_voxels, at = (size_t)index * n_voxels;
  if ((image->phase == NULL) != (series->phase == NULL))
    return tt1__error_set(err, TT1_BAD_FILE, "%s holds %s voxels, the first of the same series %s",
                          image->files[0].path, image->phase ? "complex" : "real",
                          series->phase ? "complex ones" : "real ones");
  memcpy(series->data + at, image->data, n_voxels * sizeof *image->data);
  if (image->phase) memcpy(series->phase + at, image->phase, n_voxels * sizeof *image->phase);
  tt1__free(image->data);
  tt1__free(image->phase);
  image->data = image->phase = NULL;
  for (int i = 0; i < image->n_files; i++)
    if (!tt1__image_add_file(series, image->files[i].path, image->files[i].checksum))
      return tt1__no_memory(err);
  return TT1_OK;
}

// Read image after image into `series`, keeping of each only what its sidecars said.
static tt1_status read_images(tt1_image *series, tt1_image **images, const tt1__collection *c,
                              int with_voxels, tt1_error *err)
{
  series->n_images = c->count;
  for (int i = 0; i < c->count; i++) {
    tt1_status status =
        with_voxels ? read_one(&images[i], c, i, err) : look_at_one(&images[i], c, i, err);
    if (status == TT1_OK && with_voxels) status = check_fits(images[0], images[i], err);
    if (status == TT1_OK && with_voxels && i == 0)
      status = begin_series(series, images[0], c->count, err);
    if (status == TT1_OK && with_voxels) status = take_voxels(series, images[i], i, err);
    if (status != TT1_OK) return status;
  }
  return TT1_OK;
}

static tt1_status read_all(tt1_image **out, const tt1__collection *c, int with_voxels,
                           tt1_error *err)
{
  tt1_image *series = tt1__image_new();
  tt1_image **images =
      tt1__allocate((size_t)c->count, sizeof *images); // NOLINT(bugprone-sizeof-expression)
  tt1_status status = TT1_NO_MEMORY;
  if (series && images)
    status = read_images(series, images, c, with_voxels, err);
  else
    tt1__no_memory(err);
  if (status == TT1_OK) status = merge(series, images, c, err);
  for (int i = 0; images && i < c->count; i++)
    tt1_image_free(images[i]);
  tt1__free(images);
  if (status == TT1_OK)
    *out = series;
  else
    tt1_image_free(series);
  return status;
}

tt1_status tt1__collection_read(tt1_image **out, const tt1__collection *collection, tt1_error *err)
{
  if (collection->count == 1) return read_one(out, collection, 0, err);
  return read_all(out, collection, 1, err);
}

tt1_status tt1__collection_look(tt1_image **out, const tt1__collection *collection, tt1_error *err)
{
  return read_all(out, collection, 0, err);
}
