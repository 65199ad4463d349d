/* SPDX-License-Identifier: MIT
 * The transmit field of a series: which TB1map of its subject and session is meant, and in what
 * unit it is. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/number.h"
#include "bids/bids.h"
#include "bids/plain.h"
#include "bids/sidecar.h"
#include "file/file.h"

/* ---- IntendedFor ---- */

typedef enum intention { UNTOLD, MEANT, NOT_MEANT } intention;

#ifdef TT1_HAVE_JANSSON
#  include <jansson.h>

// `text` names an image of the series: "bids::sub-01/anat/a.nii.gz", or from the subject "anat/a.nii.gz".
static int is_image_of(const tt1__bids_group *group, const char *text)
{
  char subject[300];
  snprintf(subject, sizeof subject, "sub-%.255s/", group->shown.subject);
  const char *folder = group->shown.folder;
  int is_uri = strncmp(text, "bids:", 5) == 0;
  if (is_uri && text[5] != ':') return 0; // of another dataset
  if (is_uri)
    text += 6;
  else if (strncmp(text, subject, strlen(subject)) != 0)
    folder += strlen(subject);
  size_t length = strlen(folder);
  if (strncmp(text, folder, length) != 0 || text[length] != '/') return 0;
  for (int i = 0; i < group->shown.n_images; i++)
    if (strcmp(text + length + 1, group->images[i]) == 0) return 1;
  return 0;
}

static intention read_intention(const json_t *value, const tt1__bids_group *group)
{
  size_t count = json_is_array(value) ? json_array_size(value) : 1;
  for (size_t i = 0; i < count; i++) {
    const json_t *one = json_is_array(value) ? json_array_get(value, i) : value;
    if (json_is_string(one) && is_image_of(group, json_string_value(one))) return MEANT;
  }
  return NOT_MEANT;
}

// What the nearest of `sidecars` that has an IntendedFor says. One that is damaged is told of when
// its map is read.
static tt1_status find_intention(intention *found, const tt1__sidecars *sidecars,
                                 const tt1__bids_group *group, tt1_error *err)
{
  enum { LONGEST = 16 << 20 };
  *found = UNTOLD;
  for (int i = 0; i < sidecars->count && *found == UNTOLD; i++) {
    tt1__file file = {0};
    tt1_status status = tt1__file_read(&file, sidecars->paths[i], LONGEST, NULL);
    if (status == TT1_NO_MEMORY) return tt1__no_memory(err);
    if (status != TT1_OK) continue;
    char *plain = NULL;
    size_t length = 0;
    status = tt1__plain_json(&plain, &length, (const char *)file.bytes, file.length,
                             sidecars->paths[i], NULL);
    tt1__file_free(&file);
    if (status == TT1_NO_MEMORY) return tt1__no_memory(err);
    json_t *root = status == TT1_OK ? json_loadb(plain, length, 0, NULL) : NULL;
    const json_t *value = json_object_get(root, "IntendedFor");
    if (value) *found = read_intention(value, group);
    json_decref(root);
    tt1__free(plain);
  }
  return TT1_OK;
}

#else

static tt1_status find_intention(intention *found, const tt1__sidecars *sidecars,
                                 const tt1__bids_group *group, tt1_error *err)
{
  (void)sidecars, (void)group, (void)err;
  *found = UNTOLD;
  return TT1_OK;
}

#endif

/* ---- Candidates ---- */

typedef struct search {
  const tt1_bids *dataset;
  const tt1__bids_group *group;
  char *path; /* of the best candidate, from the root */
  int n_meant, n_alike;
} search;

static int is_field(const char *name)
{
  tt1__bids_name parsed;
  return tt1__bids_parse(&parsed, name) && tt1__bids_is_image(&parsed) &&
         tt1__bids_has_suffix(&parsed, "TB1map");
}

// Whether it has the entities of the series, which its maps have too.
static int is_alike(const char *name, const tt1__bids_group *group)
{
  tt1__bids_name field, image;
  return tt1__bids_parse(&field, name) && tt1__bids_parse(&image, group->first) &&
         tt1__bids_agree(&field, &image, ~tt1__bids_map_entities());
}

static tt1_status weigh(search *s, const char *inside, const char *name, const tt1__levels *levels,
                        tt1_error *err)
{
  tt1__sidecars sidecars = {0};
  intention found = UNTOLD;
  tt1_status status = tt1__levels_find(&sidecars, levels, name, err);
  if (status == TT1_OK) status = find_intention(&found, &sidecars, s->group, err);
  tt1__sidecars_free(&sidecars);
  if (status != TT1_OK) return status;
  int is_better =
      found == MEANT || (found == UNTOLD && s->n_meant == 0 && is_alike(name, s->group));
  s->n_meant += found == MEANT;
  s->n_alike += found == UNTOLD && is_alike(name, s->group);
  if (!is_better) return TT1_OK;
  tt1__free(s->path);
  s->path = tt1__join(inside, name);
  return s->path ? TT1_OK : tt1__no_memory(err);
}

// Look at the fields in folder `datatype` beside that of the series.
static tt1_status search_folder(search *s, const char *datatype, tt1_error *err)
{
  tt1__names names = {0};
  tt1__levels levels = {0};
  tt1__text text = {0};
  const char *inside = s->group->shown.folder;
  size_t above = strlen(inside) - strlen(tt1__base_name(inside));
  tt1__text_add_bytes(&text, inside, above);
  tt1__text_add(&text, "%s", datatype);
  char *place = tt1__text_take(&text);
  char *folder = place ? tt1__join(s->dataset->root, place) : NULL;
  tt1_status status = folder ? tt1__names_list(&names, folder, is_field, err) : tt1__no_memory(err);
  if (status == TT1_IO) status = TT1_OK; // a folder that is not there holds no field
  if (status == TT1_OK && names.count > 0)
    status = tt1__levels_open(&levels, s->dataset->root, place, &s->dataset->top, err);
  for (int i = 0; i < names.count && status == TT1_OK; i++)
    status = weigh(s, place, names.items[i], &levels, err);
  tt1__levels_free(&levels);
  tt1__names_free(&names);
  tt1__free(folder);
  tt1__free(place);
  return status;
}

/* ---- The field ---- */

// The median of the voxels above zero; 0 if there are none. `scratch` has room for all.
static double median(double *scratch, const tt1_image *field)
{
  int64_t n = 0;
  for (int64_t v = 0; v < field->n_voxels; v++)
    if (field->data[v] > 0.0f && isfinite(field->data[v])) scratch[n++] = (double)field->data[v];
  return n > 0 ? tt1__quantile(scratch, n, 0.5) : 0.0;
}

/* BIDS recommends percent, and keeps fields in "arbitrary" units: what Units does not tell, the
 * median must. Returns the factor to 1 where as wanted, or 0. */
static double find_factor(const tt1_image *field, double typical)
{
  const char *unit = tt1_image_unit(field);
  if (unit && (strcmp(unit, "%") == 0 || strncmp(unit, "percent", 7) == 0)) return 0.01;
  if (typical > 20.0 && typical < 200.0) return 0.01;
  return typical > 0.2 && typical < 2.0 ? 1.0 : 0.0;
}

// Turn the field to the grid and unit that are wanted. Returns 0, and says why, if that cannot be.
static tt1_status fit_field(int *is_good, char about[300], tt1_image *field, const tt1_image *image,
                            const char *path, tt1_error *err)
{
  tt1_error fault = {0};
  double *scratch = tt1__allocate((size_t)field->n_voxels, sizeof *scratch);
  if (!scratch) return tt1__no_memory(err);
  double typical = median(scratch, field), factor = find_factor(field, typical);
  tt1__free(scratch);
  *is_good = 0;
  tt1_status status = tt1_image_align(field, &image->geometry, &fault);
  if (status == TT1_NO_MEMORY) return tt1__no_memory(err);
  if (field->n_images != 1)
    snprintf(about, 300, "%.160s is not used: it holds %d images", path, field->n_images);
  else if (status != TT1_OK)
    snprintf(about, 300, "%.160s is not used: it lies on another grid than the series", path);
  else if (!(factor > 0.0))
    snprintf(about, 300, "%.160s is not used: its median of %.3g is neither percent nor a factor",
             path, typical);
  else
    *is_good = 1;
  for (int64_t v = 0; v < field->n_voxels && *is_good; v++)
    field->data[v] = (float)((double)field->data[v] * factor);
  if (*is_good)
    snprintf(about, 300, "%.160s, in %s", path,
             factor < 1.0 ? "percent" : "fractions of the wanted");
  return TT1_OK;
}

static tt1_status read_field(tt1_image **out, char about[300], const search *s,
                             const tt1_image *image, tt1_error *err)
{
  int is_good = 0;
  tt1_image *field = NULL;
  char *path = tt1__join(s->dataset->root, s->path);
  tt1_status status = path ? tt1__map_with_sidecars(&field, path, err) : tt1__no_memory(err);
  tt1__free(path);
  for (int i = 0; field && i < field->n_files; i++)
    field->files[i].path = tt1__bids_inside(s->dataset, field->files[i].path);
  if (status == TT1_OK) status = fit_field(&is_good, about, field, image, s->path, err);
  if (status == TT1_OK && is_good)
    *out = field;
  else
    tt1_image_free(field);
  return status;
}

tt1_status tt1_bids_field(tt1_image **out, char about[300], const tt1_bids *dataset, int index,
                          const tt1_image *image, tt1_error *err)
{
  search s = {.dataset = dataset, .group = &dataset->groups[index]};
  about[0] = '\0';
  *out = NULL;
  tt1_status status = search_folder(&s, "fmap", err);
  if (status == TT1_OK) status = search_folder(&s, "anat", err);
  int n = s.n_meant ? s.n_meant : s.n_alike;
  if (status == TT1_OK && n == 1)
    status = read_field(out, about, &s, image, err);
  else if (status == TT1_OK && n > 1)
    snprintf(about, 300, "no TB1map is used: %d are %s", n,
             s.n_meant ? "intended for the series" : "named like the series");
  tt1__free(s.path);
  return status;
}
