/* SPDX-License-Identifier: MIT
 * The values of what the model knows. A quantity found with the series is one of the same name: the key
 * in BIDS, or the keyword in DICOM; its place in a file never counts. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "bids/sidecar.h"
#include "input/companion.h"
#include "mapping/mapping.h"

/* ---- Given with --known ---- */

/* What follows "NAME=" in the last such option; NULL if the quantity is not given. */
static const char *given_text(const tt1_mapping_options *o, const char *name)
{
  size_t length = strlen(name);
  for (int i = o->n_known - 1; i >= 0; i--)
    if (strncmp(o->known[i], name, length) == 0 && o->known[i][length] == '=')
      return o->known[i] + length + 1;
  return NULL;
}

/* A --known that the model does not have is a slip worth stopping for. */
tt1_status tt1__mapping_check_given(const tt1_mapping *m, tt1_error *err)
{
  for (int i = 0; i < m->options->n_known; i++) {
    const char *text = m->options->known[i], *model = tt1_model_name(m->model);
    size_t length = strcspn(text, "=");
    int is_known = 0;
    for (int j = 0; tt1_model_known(m->model, j); j++) {
      const char *name = tt1_model_known(m->model, j)->name;
      is_known |= strlen(name) == length && strncmp(name, text, length) == 0;
    }
    if (!is_known)
      return tt1__error_set(err, TT1_BAD_ARGUMENT,
                            "model %s has no known quantity '%.*s'; 'torcht1 models show %s' "
                            "lists them",
                            model, (int)length, text,
                            m->options->model ? m->options->model : model);
  }
  return TT1_OK;
}

static tt1_status parse_values(tt1__matched *known, const char *text, tt1_error *err)
{
  int room = 1;
  for (const char *c = text; *c; c++)
    room += *c == ',';
  known->values = tt1__allocate((size_t)room, sizeof *known->values);
  if (!known->values) return tt1__no_memory(err);
  known->count = 0;
  for (const char *c = text;; c++) {
    const char *end = NULL;
    c += strspn(c, " ");
    double value = tt1__number_read(c, &end);
    if (end == c || (*end && *end != ',') || !isfinite(value))
      return tt1__error_set(err, TT1_BAD_ARGUMENT,
                            "--known %s=...: number %d of the list cannot be read: '%.20s'",
                            known->known->name, known->count + 1, c);
    known->values[known->count++] = value;
    c = end;
    if (!*c) return TT1_OK;
  }
}

/* As many values as the file has images are in the order of the file: take those of --images. */
static tt1_status choose_values(tt1__matched *known, const tt1_mapping *m, tt1_error *err)
{
  int n = tt1_image_n_images(m->image);
  if (!m->images || known->count != m->n_original) return TT1_OK;
  double *chosen = tt1__allocate((size_t)n, sizeof *chosen);
  if (!chosen) return tt1__no_memory(err);
  for (int i = 0; i < n; i++)
    chosen[i] = known->values[m->images[i] - 1];
  tt1__free(known->values);
  known->values = chosen;
  known->count = n;
  return TT1_OK;
}

static int is_one_of(const char *unit, const char *const *names)
{
  for (; unit && *names; names++)
    if (strcmp(unit, *names) == 0) return 1;
  return 0;
}

/* What makes a factor of a transmit field whose sidecar gives its unit; 0 where none is given. Degrees are those of
 * a nominal angle. */
static tt1_status find_factor(double *factor, const tt1_image *map, const char *path,
                              tt1_error *err)
{
  static const char *const percent[] = {"%", "percent", NULL};
  static const char *const permille[] = {"permille", "0.1%", "10*percent", NULL};
  static const char *const degrees[] = {"deg", "degree", "degrees", NULL};
  const char *unit = tt1_image_unit(map);
  const tt1_known_values *angle = tt1_image_find_known(map, "FlipAngle");
  *factor = is_one_of(unit, percent) ? 0.01 : is_one_of(unit, permille) ? 0.001 : 0.0;
  if (!is_one_of(unit, degrees)) return TT1_OK;
  if (!angle || !(angle->values[0] > 0.0))
    return tt1__error_set(err, TT1_BAD_ARGUMENT,
                          "%s is in degrees, and no sidecar gives the angle that was wanted; add "
                          "\"FlipAngle\" to its JSON sidecar",
                          path);
  *factor = 1.0 / angle->values[0];
  return TT1_OK;
}

/* A transmit field is a factor; BIDS, and many scanners, have it in percent. */
static tt1_status scale_field(tt1__matched *known, tt1_mapping *m, const char *path, tt1_error *err)
{
  const double more_than_any_factor = 10.0, more_than_any_percent = 250.0;
  const tt1_known *k = known->known;
  double median = 0.0, factor = 0.0;
  if (!k->bids || strcmp(k->bids, "TB1map") != 0) return TT1_OK;
  tt1_status status = find_factor(&factor, known->map, path, err);
  if (status == TT1_OK) status = tt1__median_within(&median, known->map, NULL, err);
  if (status != TT1_OK) return status;
  if (factor > 0.0) {
    for (int64_t v = 0; v < known->map->n_voxels; v++)
      known->map->data[v] = (float)((double)known->map->data[v] * factor);
    median *= factor;
    if (!tt1__mapping_add(m, &m->notes, "%s is %s in %s, times %.6g", k->name, path,
                          tt1_image_unit(known->map), factor))
      return tt1__no_memory(err);
  }
  if (factor > 0.0 && median < 0.1)
    return tt1__error_set(
        err, TT1_BAD_ARGUMENT,
        "%s: the median of %s is %.3g in the unit that its sidecar gives, where 1 is "
        "expected; mend its Units",
        path, k->name, median);
  if (!(median > more_than_any_factor)) return TT1_OK;
  return tt1__error_set(
      err, TT1_BAD_ARGUMENT,
      "%s: the median of %s is %.4g: %s are suspected, 1 is expected where the "
      "field is as wanted; divide the map by %d, or write its unit into a sidecar, as "
      "{\"Units\": \"percent\"}, \"permille\", or \"deg\" with \"FlipAngle\"",
      path, k->name, median, median > more_than_any_percent ? "10 x percent" : "percent",
      median > more_than_any_percent ? 1000 : 100);
}

/* A map that lies on another grid is moved to that of the series, if that was asked for. */
static tt1_status read_resampled(tt1__matched *known, tt1_mapping *m, const char *path,
                                 tt1_error *err)
{
  tt1_image *map = NULL;
  tt1_status status = tt1__single_read(&map, path, known->known->meaning, 0, err);
  if (status == TT1_OK && tt1_image_align(map, tt1_image_geometry(m->image), NULL) != TT1_OK) {
    status = tt1__resample_onto(map, path, m->image, "series", TT1_RESAMPLE_MAP, err);
    if (status == TT1_OK &&
        !tt1__mapping_add(m, &m->notes, "%s is resampled to the grid of the series", path))
      status = tt1__no_memory(err);
  }
  known->map = map; // freed with the mapping
  return status;
}

static tt1_status take_given_map(tt1__matched *known, tt1_mapping *m, const char *path,
                                 tt1_error *err)
{
  snprintf(known->source, sizeof known->source, "%s", path);
  tt1_status status =
      m->options->resample
          ? read_resampled(known, m, path, err)
          : tt1__companion_read(&known->map, path, known->known->meaning, m->image, "series", err);
  if (status == TT1_OK) status = tt1__mapping_note_files(m, known->map, NULL, err);
  return status == TT1_OK ? scale_field(known, m, path, err) : status;
}

static tt1_status take_given(tt1__matched *known, tt1_mapping *m, const char *text, tt1_error *err)
{
  const tt1_known *k = known->known;
  int is_per_image = k->scope == TT1_PER_SAMPLE;
  if (k->scope == TT1_PER_VOXEL) return take_given_map(known, m, text, err);
  snprintf(known->source, sizeof known->source, "--known");
  tt1_status status = parse_values(known, text, err);
  if (status == TT1_OK) status = tt1_bids_check("known", k, known->values, known->count, err);
  if (status == TT1_OK && is_per_image) status = choose_values(known, m, err);
  int wanted = is_per_image ? tt1_image_n_images(m->image) : 1;
  // The library knows if one value will do for all images.
  if (status != TT1_OK || known->count == wanted || known->count == 1) return status;
  return tt1__error_set(
      err, TT1_BAD_ARGUMENT, "--known %s: %d value%s given, %d expected, one per %s", k->name,
      known->count, known->count == 1 ? "" : "s", wanted, is_per_image ? "image" : "series");
}

/* ---- Found with the series ---- */

/* By its name in BIDS; in DICOM, which knows one repetition time, also by that keyword. */
static const tt1_known_values *find_in_image(const tt1_image *image, const tt1_known *k)
{
  int is_dicom = strcmp(tt1_image_format(image), "DICOM") == 0;
  const char *const names[] = {k->bids, is_dicom ? k->dicom : NULL};
  for (int n = 0; n < 2; n++)
    for (int i = 0; names[n] && tt1_image_known(image, i); i++)
      if (strcmp(tt1_image_known(image, i)->name, names[n]) == 0) return tt1_image_known(image, i);
  return NULL;
}

/* Whether a slice has the same value in all images. */
static int is_constant(const double *values, int count)
{
  for (int i = 1; i < count; i++)
    if (values[i] < values[0] || values[i] > values[0]) return 0;
  return 1;
}

static tt1_status take_found(tt1__matched *known, const tt1_mapping *m,
                             const tt1_known_values *found, tt1_error *err)
{
  const tt1_known *k = known->known;
  int wanted = k->scope == TT1_PER_SAMPLE ? tt1_image_n_images(m->image) : 1;
  if (found->count < wanted) wanted = 1; // the library knows if that will do
  known->values = tt1__allocate((size_t)found->n_slices * (size_t)wanted, sizeof *known->values);
  if (!known->values) return tt1__no_memory(err);
  for (int slice = 0; slice < found->n_slices; slice++) {
    const double *values = found->values + (size_t)slice * (size_t)found->count;
    if (wanted == 1 && !is_constant(values, found->count))
      return tt1__error_set(err, TT1_BAD_ARGUMENT,
                            "%s: %s differs between the images, but model %s takes one %s",
                            found->source, found->name, tt1_model_name(m->model), k->meaning);
    memcpy(known->values + (size_t)slice * (size_t)wanted, values, (size_t)wanted * sizeof *values);
  }
  known->count = wanted;
  known->n_slices = found->n_slices;
  snprintf(known->source, sizeof known->source, "%s", found->source);
  return TT1_OK;
}

/* A map that the dataset has for the series: its transmit field. */
static tt1_status take_field(tt1__matched *known, tt1_mapping *m, tt1_error *err)
{
  char about[300];
  int is_added = 1;
  tt1_status status = tt1_bids_field(&known->map, about, m->dataset, m->index, m->image, err);
  if (status != TT1_OK) return status;
  if (known->map) {
    snprintf(known->source, sizeof known->source, "%.255s", about);
    known->is_of_dataset = 1;
    is_added = tt1__mapping_add(m, &m->notes, "%s is %s", known->known->name, about);
  } else if (*about) {
    is_added = tt1__mapping_add(m, &m->notes, "%s is %g everywhere: %s", known->known->name,
                                known->known->nominal, about);
  }
  return is_added ? TT1_OK : tt1__no_memory(err);
}

/* ---- Of the model ---- */

/* What a quantity that follows from others comes to; the library finds it itself. */
static tt1_status take_from(tt1__matched *known, const tt1_mapping *m, tt1_error *err)
{
  const tt1_known *k = known->known;
  const tt1__matched *from = &m->known[k->from], *where = &m->known[k->where];
  known->n_slices = from->n_slices > where->n_slices ? from->n_slices : where->n_slices;
  known->values = tt1__allocate((size_t)known->n_slices, sizeof *known->values);
  if (!known->values) return tt1__no_memory(err);
  known->count = 1;
  for (int slice = 0; slice < known->n_slices; slice++) {
    const double *values = tt1__matched_values(where, slice);
    int best = 0;
    for (int i = 1; i < where->count; i++)
      if (k->is_greatest ? values[i] > values[best] : values[i] < values[best]) best = i;
    known->values[slice] = tt1__matched_values(from, slice)[from->count == 1 ? 0 : best];
  }
  return TT1_OK;
}

static tt1_status take_nominal(tt1__matched *known, tt1_error *err)
{
  known->values = tt1__allocate(1, sizeof *known->values);
  if (!known->values) return tt1__no_memory(err);
  known->values[0] = known->known->nominal;
  known->count = 1;
  return TT1_OK;
}

static tt1_status refuse_missing(const tt1__matched *known, const tt1_mapping *m, tt1_error *err)
{
  const tt1_known *k = known->known;
  char sidecar[160] = "", count[40] = "";
  if (k->bids) snprintf(sidecar, sizeof sidecar, "; add %s to its JSON sidecar or", k->bids);
  const char *form = k->scope == TT1_PER_SAMPLE   ? "number,number,..."
                     : k->scope == TT1_PER_SERIES ? "number"
                                                  : "FILE.nii.gz";
  if (k->scope == TT1_PER_SAMPLE)
    snprintf(count, sizeof count, ", %d numbers", tt1_image_n_images(m->image));
  return tt1__error_set(
      err, TT1_BAD_ARGUMENT, "%s: no %s (%s) is given%s give --known %s=%s (in %s%s)", m->input,
      k->meaning, k->name, k->bids ? sidecar : ";", k->name, form, k->unit, count);
}

/* ---- All of them ---- */

static tt1_status match(tt1__matched *known, tt1_mapping *m, tt1_error *err)
{
  const tt1_known *k = known->known;
  const char *text = given_text(m->options, k->name);
  if (k->from >= 0 && text)
    return tt1__error_set(err, TT1_BAD_ARGUMENT,
                          "--known %s: it follows from %s and cannot be given", k->name,
                          m->known[k->from].known->name);
  if (text) return take_given(known, m, text, err);
  if (k->group != TT1_GROUP_NONE) return tt1__mapping_take_groups(known, m, err);
  const tt1_known_values *found = k->from < 0 ? find_in_image(m->image, k) : NULL;
  if (found) return take_found(known, m, found, err);
  if (k->from < 0 && m->dataset && k->scope == TT1_PER_VOXEL && k->bids) {
    tt1_status status = take_field(known, m, err);
    if (status != TT1_OK || known->map) return status;
  }
  known->is_of_model = 1;
  snprintf(known->source, sizeof known->source, "model");
  if (k->from >= 0) return take_from(known, m, err);
  return k->has_nominal ? take_nominal(known, err) : refuse_missing(known, m, err);
}

/* Whether the values differ between the images of some slice. */
static int does_vary(const tt1__matched *known)
{
  for (int slice = 0; slice < known->n_slices; slice++)
    if (!is_constant(tt1__matched_values(known, slice), known->count)) return 1;
  return 0;
}

/* No time of recovery, echo or repetition is 0 or less, and none is huge, whatever tells it; 0 is what many
   writers put where there is none. */
static tt1_status check_sizes(const tt1__matched *known, const tt1_mapping *m, tt1_error *err)
{
  const tt1_known *k = known->known;
  double limit = k->bids ? tt1_bids_limit(k->bids) : 0.0;
  for (int i = 0; k->bids && !known->map && i < known->count * known->n_slices; i++) {
    const char *least = tt1__bids_least(k->bids, known->values[i]);
    if (!least && !(limit > 0.0 && known->values[i] > limit)) continue;
    return tt1__error_set(
        err, TT1_BAD_ARGUMENT,
        "%s: %s: %s (%s) of image %d is %g %s, expected is a value %s and up to %g; "
        "give the right ones with --known %s=number,...",
        m->input, known->source, k->name, k->bids, i % known->count + 1, known->values[i], k->unit,
        least ? least : "above 0", limit, k->name);
  }
  return TT1_OK;
}

/* One value that was found for all images is that of the first: what a converter keeps. */
static tt1_status check_varies(const tt1_mapping *m, tt1_error *err)
{
  const tt1__matched *found = NULL;
  int n = tt1_image_n_images(m->image), is_dicom = strcmp(tt1_image_format(m->image), "DICOM") == 0;
  for (int i = 0; i < m->n_known && n > 1; i++) {
    const tt1__matched *known = &m->known[i];
    if (known->known->scope != TT1_PER_SAMPLE || known->is_of_model || known->known->group)
      continue;
    if (does_vary(known)) return TT1_OK;
    if (!found && find_in_image(m->image, known->known) && strcmp(known->source, "--known") != 0)
      found = known;
  }
  if (!found) return TT1_OK;
  const char *key = find_in_image(m->image, found->known)->name;
  return tt1__error_set(err, TT1_BAD_ARGUMENT,
                        "%s: %s: \"%s\" is %g for all %d images%s; give %s--known "
                        "%s=number,number,... (in %s, %d numbers)",
                        m->input, found->source, key, tt1__matched_values(found, 0)[0], n,
                        is_dicom ? "" : ": dcm2niix keeps that of the first image only",
                        is_dicom ? "" : "the DICOM folder, or ", found->known->name,
                        found->known->unit, n);
}

tt1_status tt1__mapping_match(tt1_mapping *m, tt1_error *err)
{
  tt1_status status = TT1_OK;
  for (int i = 0; i < MAX_KNOWN && tt1_model_known(m->model, i); i++) {
    m->known[i].known = tt1_model_known(m->model, i);
    m->known[i].n_slices = 1;
    m->n_known = i + 1;
  }
  // The groups follow from the times, wherever these stand in the model.
  for (int of_groups = 0; of_groups < 2; of_groups++)
    for (int i = 0; i < m->n_known && status == TT1_OK; i++) {
      tt1__matched *known = &m->known[i];
      if ((known->known->group != TT1_GROUP_NONE) != of_groups) continue;
      status = match(known, m, err);
      if (status == TT1_OK && !known->is_of_model) status = check_sizes(known, m, err);
    }
  return status == TT1_OK ? check_varies(m, err) : status;
}
