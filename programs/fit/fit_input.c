/* SPDX-License-Identifier: MIT
 * Reading what `torcht1 fit` needs: model, series, choice of images, known
 * quantities, mask. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/series.h"
#include "fit/fit.h"

static int read_mask(fit_input *in, const char *path)
{
  in->mask_image = read_companion(path, "mask", in->image, "series");
  if (in->mask_image) in->mask = mask_of(in->mask_image, path);
  return in->mask ? EXIT_OK : EXIT_FAILED;
}

static int read_start_maps(const fit_input *in, fit_changes *changes)
{
  for (int i = 0; i < changes->n_start_maps; i++) {
    fit_start_map *map = &changes->start_maps[i];
    map->image = read_companion(map->file, "starting map", in->image, "series");
    if (!map->image) return EXIT_FAILED;
  }
  return EXIT_OK;
}

/* list = range {"," range}; range = number ["-" number] */
int fit_parse_images(const char *text, int n_images, int *chosen)
{
  char used[MAX_IMAGES + 1] = {0};
  int count = 0;
  for (const char *c = text;; c++) {
    char *end = NULL;
    long from = strtol(c, &end, 10), to = from;
    if (end == c) break;
    c = end;
    if (*c == '-') {
      to = strtol(c + 1, &end, 10);
      if (end == c + 1) break;
      c = end;
    }
    if (from < 1 || to < from || to > n_images || to > MAX_IMAGES) {
      complain("--images %s: the series has images 1 to %d", text, n_images);
      return 0;
    }
    for (long i = from; i <= to; i++) {
      if (used[i]++) {
        complain("--images %s: image %ld is listed twice", text, i);
        return 0;
      }
      chosen[count++] = (int)i;
    }
    if (!*c) return count;
    if (*c != ',') break;
  }
  complain("--images takes a list such as 1-5,7, not '%s'", text);
  return 0;
}

static int choose_images(fit_input *in, const char *text)
{
  in->n_original = tt1_image_n_images(in->image);
  if (!text) return EXIT_OK;
  in->images = allocate(MAX_IMAGES + 1, sizeof *in->images);
  int count = fit_parse_images(text, in->n_original, in->images);
  if (!count) return EXIT_FAILED;
  int *from_zero = allocate((size_t)count, sizeof *from_zero);
  for (int i = 0; i < count; i++)
    from_zero[i] = in->images[i] - 1;
  tt1_error error = {0};
  tt1_status status = tt1_image_select(in->image, from_zero, count, &error);
  free(from_zero);
  return status == TT1_OK ? EXIT_OK : complain_of(&error);
}

/* What follows "NAME=" in the --known options; NULL if the quantity is not among them. */
static const char *given_text(const fit_request *request, const char *name)
{
  size_t length = strlen(name);
  for (int i = request->n_known - 1; i >= 0; i--)
    if (strncmp(request->known[i], name, length) == 0 && request->known[i][length] == '=')
      return request->known[i] + length + 1;
  return NULL;
}

static int parse_values(fit_known *known, const char *text)
{
  int room = 1;
  for (const char *c = text; *c; c++)
    room += *c == ',';
  known->values = allocate((size_t)room, sizeof *known->values);
  known->count = 0;
  for (const char *c = text;; c++) {
    char *end = NULL;
    double value = strtod(c, &end);
    if (end == c || (*end && *end != ',') || !isfinite(value))
      return complain("--known %s=...: number %d of the list cannot be read: '%.20s'",
                      known->known->name, known->count + 1, c);
    known->values[known->count++] = value;
    c = end;
    if (!*c) return EXIT_OK;
  }
}

/* As many values as the file has images are in the order of the file: take those of --images. */
static void choose_values(fit_known *known, const fit_input *in)
{
  int n = tt1_image_n_images(in->image);
  if (!in->images || known->count != in->n_original) return;
  double *chosen = allocate((size_t)n, sizeof *chosen);
  for (int i = 0; i < n; i++)
    chosen[i] = known->values[in->images[i] - 1];
  free(known->values);
  known->values = chosen;
  known->count = n;
}

/* A transmit field is a factor; BIDS, and many scanners, have it in percent. */
static int check_field(const fit_known *known, const char *path)
{
  enum { MORE_THAN_ANY_FACTOR = 10 };
  const tt1_known *k = known->known;
  double median = median_within(known->map, NULL);
  if (!k->bids || strcmp(k->bids, "TB1map") != 0 || !(median > MORE_THAN_ANY_FACTOR))
    return EXIT_OK;
  return complain("%s: the median of %s is %.4g: percent are suspected, 1 is expected where the "
                  "field is as wanted; divide the map by 100",
                  path, k->name, median);
}

static int take_given(fit_known *known, const fit_input *in, const char *text)
{
  const tt1_known *k = known->known;
  snprintf(known->source, sizeof known->source, "--known");
  if (k->scope == TT1_PER_VOXEL) {
    snprintf(known->source, sizeof known->source, "%s", text);
    known->map = read_companion(text, k->meaning, in->image, "series");
    return known->map ? check_field(known, text) : EXIT_FAILED;
  }
  if (parse_values(known, text) != EXIT_OK) return EXIT_FAILED;
  if (check_values("known", k, known->values, known->count) != EXIT_OK) return EXIT_FAILED;
  int wanted = k->scope == TT1_PER_SAMPLE ? tt1_image_n_images(in->image) : 1;
  if (k->scope == TT1_PER_SAMPLE) choose_values(known, in);
  if (known->count == wanted || known->count == 1) return EXIT_OK; // the library knows if 1 will do
  return complain("--known %s: %d value%s given, %d expected, one per %s", k->name, known->count,
                  known->count == 1 ? "" : "s", wanted,
                  k->scope == TT1_PER_SAMPLE ? "image" : "series");
}

/* Whether a slice has the same value in all images. */
static int is_constant(const double *values, int count)
{
  for (int i = 1; i < count; i++)
    if (values[i] < values[0] || values[i] > values[0]) return 0;
  return 1;
}

static int take_found(fit_known *known, const fit_input *in, const tt1_found_known *found)
{
  const tt1_known *k = known->known;
  int n = tt1_image_n_images(in->image), wanted = k->scope == TT1_PER_SAMPLE ? n : 1;
  if (found->count < wanted)
    wanted = 1; // the same for all images: the library knows if that will do
  known->values = allocate((size_t)found->n_slices * (size_t)wanted, sizeof *known->values);
  for (int slice = 0; slice < found->n_slices; slice++) {
    const double *values = found->values + (size_t)slice * (size_t)found->count;
    if (wanted == 1 && !is_constant(values, found->count))
      return complain("%s: %s differs between the images, but model %s takes one %s", found->source,
                      found->key, tt1_model_name(in->model), k->meaning);
    memcpy(known->values + (size_t)slice * (size_t)wanted, values, (size_t)wanted * sizeof *values);
  }
  known->count = wanted;
  known->n_slices = found->n_slices;
  snprintf(known->source, sizeof known->source, "%s", found->source);
  return EXIT_OK;
}

static int complain_of_missing(const fit_known *known, const fit_input *in,
                               const fit_request *request)
{
  const tt1_known *k = known->known;
  char sidecar[160] = "";
  if (k->bids) snprintf(sidecar, sizeof sidecar, "; add %s to its JSON sidecar or", k->bids);
  const char *form = k->scope == TT1_PER_SAMPLE   ? "number,number,..."
                     : k->scope == TT1_PER_SERIES ? "number"
                                                  : "FILE.nii.gz";
  char count[40] = "";
  if (k->scope == TT1_PER_SAMPLE)
    snprintf(count, sizeof count, ", %d numbers", tt1_image_n_images(in->image));
  return complain("%s: no %s (%s) is given%s give --known %s=%s (in %s%s)", request->input,
                  k->meaning, k->name, k->bids ? sidecar : ";", k->name, form, k->unit, count);
}

/* What a quantity that follows from others comes to; the library finds it itself. */
static int take_from(fit_known *known, const fit_input *in)
{
  const tt1_known *k = known->known;
  const fit_known *from = &in->known[k->from], *where = &in->known[k->where];
  known->n_slices = from->n_slices > where->n_slices ? from->n_slices : where->n_slices;
  known->values = allocate((size_t)known->n_slices, sizeof *known->values);
  known->count = 1;
  for (int slice = 0; slice < known->n_slices; slice++) {
    const double *values = fit_values(where, slice);
    int best = 0;
    for (int i = 1; i < where->count; i++)
      if (k->is_greatest ? values[i] > values[best] : values[i] < values[best]) best = i;
    known->values[slice] = fit_values(from, slice)[from->count == 1 ? 0 : best];
  }
  snprintf(known->source, sizeof known->source, "model");
  return EXIT_OK;
}

/* By its name in BIDS; in DICOM, which knows one repetition time, also by that keyword. */
static const tt1_found_known *find_in_image(const tt1_image *image, const tt1_known *k)
{
  int is_dicom = strcmp(tt1_image_format(image), "DICOM") == 0;
  const char *const names[] = {k->bids, is_dicom ? k->dicom : NULL};
  for (int n = 0; n < 2; n++)
    for (int i = 0; names[n] && tt1_image_known(image, i); i++)
      if (strcmp(tt1_image_known(image, i)->key, names[n]) == 0) return tt1_image_known(image, i);
  return NULL;
}

/* A map that the dataset has for the series: its transmit field. */
static int take_field(fit_known *known, fit_input *in)
{
  char about[300];
  tt1_error error = {0};
  if (tt1_bids_field(&known->map, about, in->dataset, in->index, in->image, &error) != TT1_OK)
    return complain_of(&error);
  if (known->map) {
    snprintf(known->source, sizeof known->source, "%.255s", about);
    known->is_of_dataset = 1;
    fit_note(in, "%s is %s", known->known->name, about);
  } else if (*about) {
    fit_note(in, "%s is %g everywhere: %s", known->known->name, known->known->nominal, about);
  }
  return EXIT_OK;
}

static int find_known(fit_known *known, fit_input *in, const fit_request *request)
{
  const tt1_known *k = known->known;
  const char *text = given_text(request, k->name);
  if (k->from >= 0 && text)
    return complain("--known %s: it follows from %s and cannot be given", k->name,
                    in->known[k->from].known->name);
  if (k->from >= 0) return take_from(known, in);
  if (text) return take_given(known, in, text);
  const tt1_found_known *found = find_in_image(in->image, k);
  if (found) return take_found(known, in, found);
  if (in->dataset && k->scope == TT1_PER_VOXEL && k->bids && take_field(known, in) != EXIT_OK)
    return EXIT_FAILED;
  if (known->map) return EXIT_OK;
  if (!k->has_nominal) return complain_of_missing(known, in, request);
  known->values = allocate(1, sizeof *known->values);
  known->values[0] = k->nominal;
  known->count = 1;
  snprintf(known->source, sizeof known->source, "model");
  return EXIT_OK;
}

/* A --known that the model does not have is a slip worth stopping for. */
static int check_given(const fit_input *in, const fit_request *request)
{
  for (int i = 0; i < request->n_known; i++) {
    size_t length = strcspn(request->known[i], "=");
    int is_known = 0;
    for (int j = 0; tt1_model_known(in->model, j); j++) {
      const char *name = tt1_model_known(in->model, j)->name;
      is_known |= strlen(name) == length && strncmp(name, request->known[i], length) == 0;
    }
    if (!is_known)
      return complain("model %s has no known quantity '%.*s'; 'torcht1 models show %s' lists them",
                      tt1_model_name(in->model), (int)length, request->known[i], request->model);
  }
  return EXIT_OK;
}

/* Several series that can be fitted are shown as `torcht1 info` shows them. */
static int complain_of_choice(const tt1_study *study, const tt1_error *error)
{
  int n_candidates = 0;
  for (int i = 0; tt1_study_series_at(study, i); i++)
    n_candidates += !tt1_study_series_at(study, i)->refused;
  complain_of(error);
  if (n_candidates > 1) print_series(stderr, study, 1);
  return EXIT_FAILED;
}

static int read_series(fit_input *in, const fit_request *request)
{
  tt1_error error = {0};
  tt1_study *study = NULL;
  if (tt1_study_open(&study, request->input, &request->read, &error) != TT1_OK)
    return complain_of(&error);
  int chosen = tt1_study_choose(study, &error), code = EXIT_OK;
  if (chosen < 0)
    code = complain_of_choice(study, &error);
  else if (tt1_study_read(&in->image, study, chosen, &error) != TT1_OK)
    code = complain_of(&error);
  tt1_study_free(study);
  return code;
}

void fit_note(fit_input *in, const char *format, ...)
{
  va_list arguments;
  int i = 0;
  while (i < MAX_NOTES - 1 && *in->notes[i])
    i++;
  va_start(arguments, format);
  vsnprintf(in->notes[i], NOTE_SIZE, format, arguments);
  va_end(arguments);
}

static int read_images(fit_input *in, const fit_request *request)
{
  tt1_error error = {0};
  if (!in->dataset) {
    remember_file(request->input); // an archive, too, whose files are not on the disk
    if (read_series(in, request) != EXIT_OK) return EXIT_FAILED;
  } else if (tt1_bids_read(&in->image, in->dataset, in->index, &error) != TT1_OK) {
    return complain_of(&error);
  }
  remember_image(in->image, in->dataset ? tt1_bids_root(in->dataset) : NULL);
  return EXIT_OK;
}

int fit_read(fit_input *in, fit_request *request)
{
  in->model = load_model(request->model);
  if (!in->model || check_given(in, request) != EXIT_OK) return EXIT_FAILED;
  if (change_model(&in->model, &request->changes) != EXIT_OK) return EXIT_FAILED;
  if (read_images(in, request) != EXIT_OK) return EXIT_FAILED;
  // A network is told which images to take, but scales by all of them.
  const char *images = request->is_network ? NULL : request->images;
  if (choose_images(in, images) != EXIT_OK) return EXIT_FAILED;
  for (int i = 0; i < MAX_KNOWN && tt1_model_known(in->model, i); i++) {
    in->known[i].known = tt1_model_known(in->model, i);
    in->known[i].n_slices = 1;
    in->n_known = i + 1;
    if (find_known(&in->known[i], in, request) != EXIT_OK) return EXIT_FAILED;
  }
  if (read_start_maps(in, &request->changes) != EXIT_OK) return EXIT_FAILED;
  if (request->is_network && fit_network_read(in, request) != EXIT_OK) return EXIT_FAILED;
  if (fit_signs(in, request) != EXIT_OK) return EXIT_FAILED;
  return request->mask ? read_mask(in, request->mask) : EXIT_OK;
}

void fit_input_free(fit_input *in)
{
  for (int i = 0; i < in->n_known; i++) {
    free(in->known[i].values);
    tt1_image_free(in->known[i].map);
  }
  tt1_network_free(in->network);
  free(in->fed);
  free(in->signs);
  free(in->images);
  free(in->mask);
  tt1_image_free(in->mask_image);
  tt1_image_free(in->image);
  tt1_model_free(in->model);
}
