/* SPDX-License-Identifier: MIT */
#include "bids/given.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "bids/collection.h"
#include "bids/part.h"
#include "bids/sidecar.h"
#include "image/nifti.h"

typedef struct given {
  const char **names; /* of the images, then of their other parts; paths as they were given */
  tt1__part part;     /* of the images */
  tt1__part *parts;   /* [n_paths] of the files in the order given */
  int n_images, n_others;
} given;

/* ---- Which file holds what ---- */

static tt1_status find_part(tt1__part *out, const char *path, tt1_error *err)
{
  tt1__sidecars sidecars = {0};
  tt1_image *image = tt1__image_new();
  tt1_status status = image ? tt1__nifti_look(image, path, err) : tt1__no_memory(err);
  if (status == TT1_OK) status = tt1__sidecars_of(&sidecars, path, err);
  if (status == TT1_OK) status = tt1__sidecars_read(image, &sidecars, err);
  if (status == TT1_OK) *out = tt1__part_of(path, image);
  tt1__sidecars_free(&sidecars);
  tt1_image_free(image);
  return status;
}

static int is_other(tt1__part part)
{
  return part == TT1__PART_PHASE || part == TT1__PART_IMAGINARY;
}

static int is_real(tt1__part part)
{
  return part == TT1__PART_REAL || part == TT1__PART_IMAGINARY;
}

// Images before what goes with them; phases or imaginary parts alone are images. Nothing else may be mixed.
static tt1_status sort(given *g, const char *const *paths, int n_paths, tt1_error *err)
{
  int n_main = 0;
  for (int i = 0; i < n_paths; i++)
    n_main += !is_other(g->parts[i]);
  for (int i = 0; i < n_paths; i++) {
    if (is_real(g->parts[i]) != is_real(g->parts[0]))
      return tt1__error_set(err, TT1_BAD_FILE,
                            "%s holds %s parts and %s does not; one series has files of one kind",
                            is_real(g->parts[0]) ? paths[0] : paths[i], "real or imaginary",
                            is_real(g->parts[0]) ? paths[i] : paths[0]);
    int is_image = n_main == 0 || !is_other(g->parts[i]);
    if (is_image && g->n_images++ == 0) g->part = g->parts[i];
    g->n_others += !is_image;
  }
  for (int i = 0, images = 0, others = g->n_images; i < n_paths; i++)
    g->names[n_main == 0 || !is_other(g->parts[i]) ? images++ : others++] = paths[i];
  return TT1_OK;
}

// Bring the other part of each image to its place; those without one keep the order given.
static tt1_status match_others(given *g, tt1_error *err)
{
  const char **others = g->names + g->n_images;
  if (g->n_others != g->n_images)
    return tt1__error_set(
        err, TT1_BAD_FILE,
        "%s is one of %d files of %s, beside %d of %s; as many of both are needed", others[0],
        g->n_others, is_real(g->part) ? "imaginary parts" : "phases", g->n_images,
        is_real(g->part) ? "real ones" : "magnitudes");
  for (int i = 0; i < g->n_images; i++)
    for (int j = i; j < g->n_others; j++) {
      if (!tt1__part_names_agree(g->names[i], others[j])) continue;
      const char *moved = others[i];
      others[i] = others[j];
      others[j] = moved;
      break;
    }
  return TT1_OK;
}

/* ---- The series ---- */

static const char *const settings[] = {
    "InversionTime", "SaturationTime", "T2PreparationTime",        "EchoTime",
    "FlipAngle",     "RepetitionTime", "RepetitionTimePreparation"};
enum { N_SETTINGS = sizeof settings / sizeof *settings };

static int is_varied(const tt1_known_values *known, int i, int j)
{
  return fabs(known->values[i] - known->values[j]) > 1e-6 * (1.0 + fabs(known->values[i]));
}

// Two images of the same settings, where any are known, are no two points of one curve.
static tt1_status check_repeats(const tt1_image *image, const given *g, tt1_error *err)
{
  int is_any = 0;
  for (int j = 0; j < N_SETTINGS; j++)
    is_any |= tt1_image_find_known(image, settings[j]) &&
              tt1_image_find_known(image, settings[j])->count == g->n_images;
  for (int i = 1; i < g->n_images && is_any; i++)
    for (int j = 0; j < i; j++) {
      int differs = 0;
      for (int k = 0; k < N_SETTINGS && !differs; k++) {
        const tt1_known_values *known = tt1_image_find_known(image, settings[k]);
        differs = known && known->count == g->n_images && is_varied(known, i, j);
      }
      if (!differs)
        return tt1__error_set(
            err, TT1_BAD_FILE,
            "%s and %s have the same settings in their sidecars; give the files of "
            "one series, each once",
            g->names[j], g->names[i]);
    }
  return TT1_OK;
}

static tt1_status note(tt1_image *image, const given *g, tt1_error *err)
{
  tt1__text text = {0};
  int count = 0;
  tt1__text_add(&text, "%d files are taken for a series, in the order given", g->n_images);
  for (int k = 0; k < N_SETTINGS; k++) {
    const tt1_known_values *known = tt1_image_find_known(image, settings[k]);
    if (known && known->count == g->n_images)
      tt1__text_add(&text, "%s%s", count++ ? ", " : "; their sidecars differ in ", settings[k]);
  }
  if (count == 0) tt1__text_add(&text, "; no sidecar says what differs");
  char *sentence = tt1__text_take(&text);
  int is_added = sentence && tt1__image_add_assumption(image, sentence);
  tt1__free(sentence);
  return is_added ? TT1_OK : tt1__no_memory(err);
}

static tt1_status read_images(tt1_image **out, const given *g, tt1_error *err)
{
  const tt1__collection images = {NULL, g->names, g->n_images, {NULL, NULL}, NULL};
  tt1_status status = tt1__collection_read(out, &images, err);
  if (status != TT1_OK || g->n_images == 1) return status;
  status = check_repeats(*out, g, err);
  return status == TT1_OK ? note(*out, g, err) : status;
}

static tt1_status read_others(tt1_image *image, given *g, tt1_error *err)
{
  tt1_image *other = NULL;
  if (g->n_others == 0) return TT1_OK;
  tt1_status status = match_others(g, err);
  const tt1__collection others = {NULL, g->names + g->n_images, g->n_others, {NULL, NULL}, NULL};
  if (status == TT1_OK) status = tt1__collection_read(&other, &others, err);
  if (status == TT1_OK) status = tt1__part_join(image, other, tt1__part_partner(g->part), err);
  tt1_image_free(other);
  return status;
}

static tt1_status read(tt1_image **out, given *g, const char *const *paths, int n_paths,
                       tt1_error *err)
{
  tt1_image *image = NULL;
  tt1_status status = g->names && g->parts ? TT1_OK : tt1__no_memory(err);
  for (int i = 0; i < n_paths && status == TT1_OK; i++)
    status = find_part(&g->parts[i], paths[i], err);
  if (status == TT1_OK) status = sort(g, paths, n_paths, err);
  if (status == TT1_OK) status = read_images(&image, g, err);
  if (status == TT1_OK) status = read_others(image, g, err);
  if (status == TT1_OK)
    *out = image;
  else
    tt1_image_free(image);
  return status;
}

tt1_status tt1__given_read(tt1_image **out, const char *const *paths, int n_paths, tt1_error *err)
{
  if (n_paths > 2 * TT1__MAX_IMAGES)
    return tt1__error_set(err, TT1_BAD_ARGUMENT, "%d files are given, the limit is %d", n_paths,
                          2 * TT1__MAX_IMAGES);
  size_t n = (size_t)n_paths;
  given g = {.names = tt1__allocate(n, sizeof *g.names), // NOLINT(bugprone-sizeof-expression)
             .parts = tt1__allocate(n, sizeof *g.parts)};
  tt1_status status = read(out, &g, paths, n_paths, err);
  tt1__free(g.names);
  tt1__free(g.parts);
  return status;
}
