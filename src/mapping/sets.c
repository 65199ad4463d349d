/* SPDX-License-Identifier: MIT
 * --images-map: how many of the first images each voxel is fitted to, from a map. Scanners that choose images
 * voxel by voxel write which they took; with the map their own numbers come out. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "input/companion.h"
#include "mapping/mapping.h"

/* What Siemens writes into _ShMOLLIT1range, of seven images. */
static const struct {
  int code, n_images;
} siemens[] = {{1000, 5}, {2000, 6}, {3000, 7}};

enum { SIEMENS_IMAGES = 7 };

/* ---- Codes ---- */

/* How many images a value of the map means; -1 if none. What is not finite is not fitted. */
static int images_of(float value, int n_images)
{
  if (!isfinite(value) || fabsf(value) <= 0.0f) return 0;
  for (int n = 1; n <= n_images; n++)
    if (fabsf(value - (float)n) <= 0.0f) return n;
  for (size_t i = 0; n_images == SIEMENS_IMAGES && i < sizeof siemens / sizeof *siemens; i++)
    if (fabsf(value - (float)siemens[i].code) <= 0.0f) return siemens[i].n_images;
  return -1;
}

static int is_map_of_images(const float *values, int64_t n_voxels, const void *payload)
{
  const int *n_images = payload;
  int64_t n_fitted = 0;
  for (int64_t v = 0; v < n_voxels; v++) {
    int n = images_of(values[v], *n_images);
    if (n < 0) return 0;
    n_fitted += n > 0;
  }
  return n_fitted > 0;
}

/* ---- The order of acquisition ---- */

typedef struct place {
  int group, image;
  double time;
} place;

static int by_acquisition(const void *first, const void *second)
{
  const place *a = first, *b = second;
  if (a->group != b->group) return a->group - b->group;
  return (a->time > b->time) - (a->time < b->time);
}

/* Group by group, as far as groups are known; else images stay as the file has them. */
static tt1_status order_images(tt1_mapping *m, tt1_error *err)
{
  const tt1__groups *groups = &m->groups;
  int n = m->n_original, order[TT1_MAX_GROUPED], is_other = 0;
  place places[TT1_MAX_GROUPED];
  if (groups->found.n_groups == 0)
    return tt1__mapping_add(m, &m->notes, "the order of the file is taken for that of acquisition")
               ? TT1_OK
               : tt1__no_memory(err);
  for (int i = 0; i < n; i++)
    places[i] = (place){groups->group[i], i, groups->times[i]};
  qsort(places, (size_t)n, sizeof *places, by_acquisition);
  for (int i = 0; i < n; i++)
    is_other |= (order[i] = places[i].image) != i;
  if (!is_other) return TT1_OK;
  m->images = tt1__allocate((size_t)n, sizeof *m->images);
  if (!m->images) return tt1__no_memory(err);
  for (int i = 0; i < n; i++)
    m->images[i] = order[i] + 1;
  return tt1_image_select(m->image, order, n, err);
}

/* ---- Sets ---- */

static tt1_status list_sets(tt1_mapping *m, tt1_error *err)
{
  tt1__sets *sets = &m->sets;
  int64_t n = tt1_image_n_voxels(m->image), counts[TT1_MAX_GROUPED + 1] = {0};
  const float *values = tt1_image_data(sets->map);
  char text[600] = "";
  size_t used = 0;
  sets->used = tt1__allocate((size_t)n, 1);
  if (!sets->used) return tt1__no_memory(err);
  for (int64_t v = 0; v < n; v++)
    counts[sets->used[v] = (uint8_t)images_of(values[v], m->n_original)]++;
  for (int i = m->n_original; i > 0; i--) {
    if (counts[i] == 0) continue;
    sets->n_images[sets->n++] = i;
    if (used < sizeof text)
      used += (size_t)snprintf(text + used, sizeof text - used, "%s%d in %" PRId64 " voxels",
                               used ? ", " : "", i, counts[i]);
  }
  return tt1__mapping_add(m, &m->notes, "as many of the first images as %s says: %s",
                          m->options->images_map, text)
             ? TT1_OK
             : tt1__no_memory(err);
}

tt1_status tt1__mapping_read_sets(tt1_mapping *m, tt1_error *err)
{
  const char *path = m->options->images_map;
  char rule[240];
  if (!path) return TT1_OK;
  if (m->n_original > TT1_MAX_GROUPED)
    return tt1__error_set(err, TT1_BAD_ARGUMENT,
                          "--images-map is for series of up to %d images, this has %d",
                          TT1_MAX_GROUPED, m->n_original);
  snprintf(rule, sizeof rule,
           "it holds how many of the first images are fitted in each voxel, 1 to %d, 0 where none "
           "are%s",
           m->n_original,
           m->n_original == SIEMENS_IMAGES
               ? ", or 1000, 2000 and 3000 for 5, 6 and 7, as Siemens writes it"
               : "");
  tt1_status status =
      tt1__companion_find(&m->sets.map, path, "map of images", rule, is_map_of_images,
                          &m->n_original, m->image, "series", err);
  if (status == TT1_OK) status = tt1__mapping_note_files(m, m->sets.map, NULL, err);
  if (status == TT1_OK) status = list_sets(m, err);
  return status == TT1_OK ? order_images(m, err) : status;
}

int tt1__mapping_n_runs(const tt1_mapping *m)
{
  return tt1__mapping_n_plans(m) * (m->sets.n > 0 ? m->sets.n : 1);
}
