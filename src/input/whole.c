/* SPDX-License-Identifier: MIT */
#include "input/whole.h"

#include <math.h>
#include <string.h>

#include "base/error.h"

typedef struct whole {
  tt1_study_series shown;
  tt1__arena texts; /* of `shown`, which must outlive the image */
  tt1_image *image; /* NULL once it was handed over */
  tt1__read_fn read;
  tt1__source_path source; /* its texts live in `texts` */
} whole;

/* ---- What tells the images apart ---- */

static int is_varied(const tt1_known_values *known)
{
  for (int i = 1; i < known->count * known->n_slices; i++)
    if (fabs(known->values[i] - known->values[0]) > 0.0) return 1;
  return 0;
}

// When an image was acquired is no setting of it.
static int is_clock(const tt1_known_values *known)
{
  return strcmp(known->name, "AcquisitionTime") == 0;
}

// The preparation before what is read out of it; then whatever varies. By name: files list them in any order.
static int find_times(const tt1_image *image)
{
  static const char *const first[] = {"InversionTime", "SaturationTime", "T2PreparationTime",
                                      "EchoTime",      "FlipAngle",      NULL};
  const tt1_known_values *found = NULL;
  for (int k = 0; first[k] && !found; k++) {
    found = tt1_image_find_known(image, first[k]);
    if (found && !is_varied(found)) found = NULL;
  }
  for (int i = 0; i < image->n_known && !found; i++)
    if (is_varied(&image->known[i]) && !is_clock(&image->known[i])) found = &image->known[i];
  return found ? (int)(found - image->known) : -1;
}

/* ---- The series ---- */

static int copy_text(tt1_found_text *out, tt1__arena *texts, const tt1_found_text *text)
{
  out->key = tt1__arena_copy(texts, text->key, strlen(text->key));
  out->value = tt1__arena_copy(texts, text->value, strlen(text->value));
  return out->key && out->value;
}

// Copies what is told of the series, which the image takes along when it is handed over.
static int copy_told(whole *w, const tt1_image *image)
{
  tt1_known_values *known =
      tt1__arena_allocate(&w->texts, (size_t)image->n_known + 1, sizeof *known);
  for (int i = 0; known && i < image->n_known; i++)
    if (!tt1__copy_known(&known[i], &w->texts, &image->known[i])) known = NULL;
  for (int i = 0; known && i < image->n_assumptions; i++)
    if (!tt1__series_note(&w->shown, &w->texts, image->assumptions[i])) known = NULL;
  tt1_found_text *texts =
      tt1__arena_allocate(&w->texts, (size_t)image->n_found_texts + 1, sizeof *texts);
  for (int i = 0; texts && i < image->n_found_texts; i++)
    if (!copy_text(&texts[i], &w->texts, &image->found_texts[i])) texts = NULL;
  w->shown.known = known;
  w->shown.texts = texts;
  w->shown.n_texts = texts ? image->n_found_texts : 0;
  w->shown.unit = image->unit ? tt1__arena_copy(&w->texts, image->unit, strlen(image->unit)) : "";
  return known && texts && w->shown.unit;
}

static tt1_status describe(whole *w, tt1_error *err)
{
  const tt1_image *image = w->image;
  w->shown = (tt1_study_series){.description = "",
                                .uid = "",
                                .vendor = "",
                                .image_type = "",
                                .format = image->format,
                                .stored_type = image->stored_type,
                                .kind = image->is_signed ? TT1_KIND_REAL : TT1_KIND_UNKNOWN,
                                .is_signed = image->is_signed,
                                .geometry = image->geometry,
                                .n_images = image->n_images,
                                .n_files = image->n_files,
                                .n_known = image->n_known,
                                .times = find_times(image),
                                .scaling = image->origin.scaling,
                                .partner = -1};
  return copy_told(w, image) ? TT1_OK : tt1__no_memory(err);
}

static tt1_status load(tt1_image **out, const whole *w, tt1_error *err)
{
  tt1_image *image = NULL;
  tt1_status status = w->read(&image, &w->source, err);
  if (status == TT1_OK && !tt1__image_note_sign(image, 0)) status = tt1__no_memory(err);
  if (status == TT1_OK)
    *out = image;
  else
    tt1_image_free(image);
  return status;
}

// The paths are read once more where the image is asked for twice.
static int copy_source(whole *w, const tt1__source_path *path)
{
  size_t n = (size_t)path->n_given;
  const char **given =
      tt1__arena_allocate(&w->texts, n, sizeof *given); // NOLINT(bugprone-sizeof-expression)
  w->source = *path;
  for (int i = 0; given && i < path->n_given; i++)
    if (!(given[i] = tt1__arena_copy(&w->texts, path->given[i], strlen(path->given[i])))) return 0;
  if (!given) return 0;
  w->source.given = given;
  w->source.path = given[0];
  return 1;
}

tt1_status tt1__whole_survey(tt1__survey *out, const tt1__source_path *path, tt1__read_fn read,
                             tt1_error *err)
{
  whole *w = out->state = tt1__allocate(1, sizeof *w);
  if (!w) return tt1__no_memory(err);
  out->n_series = 1;
  w->read = read;
  if (!copy_source(w, path)) return tt1__no_memory(err);
  tt1_status status = load(&w->image, w, err);
  return status == TT1_OK ? describe(w, err) : status;
}

tt1_study_series *tt1__whole_series(const tt1__survey *survey, int index)
{
  (void)index;
  whole *w = survey->state;
  return &w->shown;
}

tt1_status tt1__whole_read(tt1_image **out, tt1__survey *survey, int index, tt1_error *err)
{
  (void)index;
  whole *w = survey->state;
  tt1_image *image = w->image;
  w->image = NULL;
  tt1_status status = image ? TT1_OK : load(&image, w, err);
  if (status == TT1_OK) *out = image;
  return status;
}

void tt1__whole_free(tt1__survey *survey)
{
  whole *w = survey->state;
  if (!w) return;
  tt1_image_free(w->image);
  tt1__arena_free(&w->texts);
  tt1__free(w);
}
