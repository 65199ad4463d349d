/* SPDX-License-Identifier: MIT
 * Files of one folder whose sidecars agree in all settings but one are a series, in the order of that one. */
#include "bids/sisters.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "bids/collection.h"
#include "bids/part.h"
#include "bids/sidecar.h"
#include "bids/stack.h"
#include "image/nifti.h"

/* What is set at the scanner. The first N_VARYING may tell the images of a series apart. */
static const char *const settings[] = {"InversionTime",
                                       "SaturationTime",
                                       "T2PreparationTime",
                                       "EchoTime",
                                       "FlipAngle",
                                       "RepetitionTime",
                                       "RepetitionTimeExcitation",
                                       "RepetitionTimePreparation",
                                       "MagneticFieldStrength"};
enum { N_SETTINGS = sizeof settings / sizeof *settings, N_VARYING = 5 };

/* How it was measured, and, first, what the values are. */
static const char *const texts[] = {"ImageType",    "ScanningSequence",  "SequenceVariant",
                                    "Manufacturer", "MRAcquisitionType", "PulseSequenceType",
                                    "ScanOptions"};
enum { N_TEXTS = sizeof texts / sizeof *texts };

typedef struct sister {
  const char *name;
  tt1_image *image; /* header and sidecars, without voxels */
  int key;   /* of `settings`, which tells it from others of its series; -1: it has no sisters */
  int group; /* of the first file of its series */
} sister;

typedef struct family {
  const char *folder;
  tt1__names names;
  sister *all;
  int count;
  const char **kept; /* the names of one series */
  char *fault;       /* why a file could not be looked at; NULL: all could */
} family;

/* ---- Looking ---- */

static int is_nifti(const char *name)
{
  return tt1__nifti_stem(name) > 0;
}

int tt1__sisters_may_be_in(const char *path)
{
  tt1__names names = {0};
  tt1_status status = tt1__names_list(&names, path, is_nifti, NULL);
  int is_one = status == TT1_NO_MEMORY || names.count > 0; // who reads them will say so
  tt1__names_free(&names);
  return is_one;
}

static tt1_status look_at(tt1_image **out, const char *path, tt1_error *err)
{
  tt1__sidecars sidecars = {0};
  tt1_image *image = tt1__image_new();
  tt1_status status = image ? tt1__nifti_look(image, path, err) : tt1__no_memory(err);
  if (status == TT1_OK) status = tt1__sidecars_of(&sidecars, path, err);
  if (status == TT1_OK) status = tt1__stack_find(image, &sidecars, err);
  if (status == TT1_OK) status = tt1__sidecars_read(image, &sidecars, err);
  tt1__sidecars_free(&sidecars);
  if (status == TT1_OK)
    *out = image;
  else
    tt1_image_free(image);
  return status;
}

// A file that cannot be read stops its own series only: the others go on, and say so.
static tt1_status look_at_all(family *f, tt1_error *err)
{
  tt1_status status = tt1__names_list(&f->names, f->folder, is_nifti, err);
  if (status != TT1_OK) return status;
  size_t room = (size_t)f->names.count + 1;
  f->all = tt1__allocate(room, sizeof *f->all);
  f->kept = tt1__allocate(room, sizeof *f->kept); // NOLINT(bugprone-sizeof-expression)
  if (!f->all || !f->kept) return tt1__no_memory(err);
  for (int i = 0; i < f->names.count && status != TT1_NO_MEMORY; i++) {
    tt1_error fault = {0};
    sister *s = &f->all[f->count];
    char *path = tt1__join(f->folder, f->names.items[i]);
    if (!path) return tt1__no_memory(err);
    *s = (sister){.name = f->names.items[i], .key = -1, .group = -1};
    status = look_at(&s->image, path, &fault);
    tt1__free(path);
    f->count += status == TT1_OK;
    if (status == TT1_OK || status == TT1_NO_MEMORY || f->fault) continue;
    f->fault = tt1__copy_text(fault.message);
    if (!f->fault) status = TT1_NO_MEMORY;
  }
  return status == TT1_NO_MEMORY ? tt1__no_memory(err) : TT1_OK;
}

static void free_family(family *f)
{
  for (int i = 0; i < f->count; i++)
    tt1_image_free(f->all[i].image);
  tt1__free(f->all);
  tt1__free(f->kept);
  tt1__free(f->fault);
  tt1__names_free(&f->names);
}

/* ---- Who belongs together ---- */

static const double *value_of(const sister *s, int key)
{
  const tt1_known_values *known = tt1_image_find_known(s->image, settings[key]);
  return known ? known->values : NULL;
}

static int is_near(double a, double b)
{
  return fabs(a - b) <= 1e-6 * (1.0 + fabs(a));
}

static int is_same_text(const sister *a, const sister *b, const char *key)
{
  const char *one = tt1__image_find_text(a->image, key);
  const char *other = tt1__image_find_text(b->image, key);
  return one && other ? strcmp(one, other) == 0 : one == other;
}

// Whether two files of one image have a setting alike: the same, or both none.
static int has_same(const sister *a, const sister *b, int key)
{
  const double *one = value_of(a, key), *other = value_of(b, key);
  return one && other ? is_near(*one, *other) : one == other;
}

// Whether two files agree in all but setting `key`, which both have.
static int agrees(const sister *a, const sister *b, int key)
{
  if (!value_of(a, key) || !value_of(b, key) || a->image->n_images != 1 || b->image->n_images != 1)
    return 0;
  for (int k = 0; k < N_SETTINGS; k++)
    if (k != key && !has_same(a, b, k)) return 0;
  for (size_t t = 0; t < N_TEXTS; t++)
    if (!is_same_text(a, b, texts[t])) return 0;
  return tt1__part_of_name(a->name) == tt1__part_of_name(b->name) &&
         tt1__collection_check(a->image, b->image, NULL) == TT1_OK;
}

// How many differ from file `index` in setting `key` alone, itself among them; 0 if none does.
static int count_sisters(const family *f, int index, int key)
{
  int count = 0, is_varied = 0;
  for (int i = 0; i < f->count; i++) {
    if (!agrees(&f->all[index], &f->all[i], key)) continue;
    count++;
    is_varied |= !is_near(*value_of(&f->all[index], key), *value_of(&f->all[i], key));
  }
  return is_varied ? count : 0;
}

// Which setting tells file `index` from its sisters. Two that do so are a grid, and no series.
static tt1_status find_key(int *key, const family *f, int index, tt1_error *err)
{
  *key = -1;
  for (int k = 0; k < N_VARYING; k++) {
    if (!count_sisters(f, index, k)) continue;
    if (*key >= 0)
      return tt1__error_set(err, TT1_BAD_FILE,
                            "%s/%s is one of a series by %s and of another by %s; put the files of "
                            "the series wanted into a folder of their own",
                            f->folder, f->all[index].name, settings[*key], settings[k]);
    *key = k;
  }
  return TT1_OK;
}

static tt1_status find_group(family *f, int index, tt1_error *err)
{
  int key = -1;
  tt1_status status = find_key(&key, f, index, err);
  for (int i = 0; i < f->count && status == TT1_OK && key >= 0; i++)
    if (agrees(&f->all[index], &f->all[i], key)) {
      f->all[i].key = key;
      f->all[i].group = index;
    }
  return status;
}

static tt1__part part_of(const sister *s)
{
  return tt1__part_of(s->name, s->image);
}

/* ---- Choosing ---- */

// Whether a file begins a series: the first of a group, or one that holds several images.
static int begins_series(const family *f, int index)
{
  const sister *s = &f->all[index];
  return s->group == index || (s->group < 0 && s->image->n_images > 1);
}

// Magnitudes are fitted before real parts, and these before what belongs to either.
static int rank_of(const sister *s)
{
  switch (part_of(s)) {
  case TT1__PART_REAL: return 1;
  case TT1__PART_PHASE:
  case TT1__PART_IMAGINARY: return 2;
  default: return 0;
  }
}

// The only series of the folder: one of the first rank that there is.
static tt1_status choose(int *chosen, family *f, tt1_error *err)
{
  int first[3] = {-1, -1, -1}, second[3] = {-1, -1, -1}, rank = 0;
  tt1_status status = TT1_OK;
  for (int i = 0; i < f->count && status == TT1_OK; i++)
    if (f->all[i].group < 0) status = find_group(f, i, err);
  if (status != TT1_OK) return status;
  for (int i = 0; i < f->count; i++) {
    if (!begins_series(f, i)) continue;
    rank = rank_of(&f->all[i]);
    if (first[rank] >= 0 && second[rank] < 0) second[rank] = i;
    if (first[rank] < 0) first[rank] = i;
  }
  for (rank = 0; rank < 2 && first[rank] < 0;)
    rank++;
  int other = rank < 2 ? second[rank] : -1;
  *chosen = first[rank];
  if (*chosen < 0 && f->count == 1) *chosen = 0;
  if (other >= 0)
    return tt1__error_set(err, TT1_BAD_FILE,
                          "%s is a folder with more than one series (that of %.100s and that of "
                          "%.100s); give the path of one image of the series wanted",
                          f->folder, f->all[*chosen].name, f->all[other].name);
  if (*chosen >= 0) return TT1_OK;
  return tt1__error_set(err, TT1_BAD_FILE,
                        "%s is a folder without a series: no NIfTI file holds several images, and "
                        "no two have sidecars that differ in one of InversionTime, SaturationTime, "
                        "T2PreparationTime, EchoTime and FlipAngle alone%s%.200s",
                        f->folder, f->fault ? "; left out: " : "", f->fault ? f->fault : "");
}

static tt1_status find_named(int *chosen, family *f, const char *name, tt1_error *err)
{
  *chosen = -1;
  for (int i = 0; i < f->count; i++)
    if (strcmp(f->all[i].name, name) == 0) *chosen = i;
  return *chosen >= 0 ? find_group(f, *chosen, err) : TT1_OK;
}

// Whether a file may have sisters: one image with a setting. All others need no look at the folder.
static int may_have_sisters(const char *path)
{
  tt1_image *image = NULL;
  int may_have = 0;
  tt1_status status = look_at(&image, path, NULL);
  if (status != TT1_OK) return status == TT1_NO_MEMORY;
  const sister s = {.image = image};
  for (int k = 0; k < N_VARYING && image->n_images == 1; k++)
    may_have |= value_of(&s, k) != NULL;
  tt1_image_free(image);
  return may_have;
}

/* ---- Reading ---- */

static int by_value(const void *first, const void *second)
{
  const sister *a = first, *b = second;
  double one = *value_of(a, a->key), other = *value_of(b, b->key);
  return one < other ? -1 : one > other ? 1 : strcmp(a->name, b->name);
}

// Bring the files of the series of `chosen` to the front, by what differs. Returns how many there are.
static int sort_series(family *f, int chosen)
{
  int count = 0, group = f->all[chosen].group;
  for (int i = 0; i < f->count; i++) {
    if (f->all[i].group != group) continue;
    sister moved = f->all[i];
    f->all[i] = f->all[count];
    f->all[count++] = moved;
  }
  qsort(f->all, (size_t)count, sizeof *f->all, by_value);
  return count;
}

static tt1_status check_repeats(const family *f, int count, tt1_error *err)
{
  for (int i = 1; i < count; i++) {
    const sister *s = &f->all[i];
    if (is_near(*value_of(s, s->key), *value_of(s - 1, s->key)))
      return tt1__error_set(
          err, TT1_BAD_FILE,
          "%s: %.100s and %.100s have the same %s, %g; put the files of one series "
          "into a folder of their own",
          f->folder, (s - 1)->name, s->name, settings[s->key], *value_of(s, s->key));
  }
  return count <= TT1__MAX_IMAGES
             ? TT1_OK
             : tt1__error_set(err, TT1_BAD_FILE, "%s holds a series of %d images, the limit is %d",
                              f->folder, count, TT1__MAX_IMAGES);
}

static tt1_status note(tt1_image *image, int count, const char *key, tt1_error *err)
{
  char text[480];
  snprintf(text, sizeof text,
           "%d files, whose sidecars agree in all settings but %s, are taken for a series", count,
           key);
  return tt1__image_add_assumption(image, text) ? TT1_OK : tt1__no_memory(err);
}

// It may have held the other part of what is read.
static tt1_status note_fault(tt1_image *image, const family *f, tt1_error *err)
{
  char text[480];
  if (!f->fault) return TT1_OK;
  snprintf(text, sizeof text, "a file of the folder is left out: %.400s", f->fault);
  return tt1__image_add_assumption(image, text) ? TT1_OK : tt1__no_memory(err);
}

// Afterwards the `n_files` of the series are the first.
static tt1_status read_series(tt1_image **out, int *n_files, family *f, int chosen, tt1_error *err)
{
  tt1_image *image = NULL;
  const char *key = settings[f->all[chosen].key];
  int count = *n_files = sort_series(f, chosen);
  tt1_status status = check_repeats(f, count, err);
  if (status != TT1_OK) return status;
  for (int i = 0; i < count; i++)
    f->kept[i] = f->all[i].name;
  const tt1__collection series = {f->folder, f->kept, count, {key, NULL}, NULL};
  status = tt1__collection_read(&image, &series, err);
  if (status == TT1_OK) status = note(image, count, key, err);
  if (status == TT1_OK)
    *out = image;
  else
    tt1_image_free(image);
  return status;
}

static tt1_status read_alone(tt1_image **out, const family *f, int chosen, tt1_error *err)
{
  char *path = tt1__join(f->folder, f->all[chosen].name);
  tt1_status status = path ? tt1__image_with_sidecars(out, path, NULL, err) : tt1__no_memory(err);
  tt1__free(path);
  return status;
}

/* ---- The other part ---- */

// Whether `b` holds part `wanted` of the signal in `a`, by settings, of which there must be one.
static int is_other_part(const sister *a, const sister *b, tt1__part wanted)
{
  int n_settings = 0;
  if (part_of(b) != wanted || a->image->n_images != b->image->n_images) return 0;
  for (int k = 0; k < N_SETTINGS; k++) {
    if (!has_same(a, b, k)) return 0;
    n_settings += k < N_VARYING && value_of(a, k);
  }
  if (n_settings == 0) return 0;
  for (size_t t = 1; t < N_TEXTS; t++)
    if (!is_same_text(a, b, texts[t])) return 0;
  return tt1__collection_check(a->image, b->image, NULL) == TT1_OK;
}

// The file with part `wanted` of file `index`: by its name, else the only one by settings; -1: none.
static int find_other_part(const family *f, int index, tt1__part wanted)
{
  int found = -1, count = 0;
  const sister *s = &f->all[index];
  for (int i = 0; i < f->count; i++)
    if (part_of(&f->all[i]) == wanted && tt1__part_names_agree(s->name, f->all[i].name)) return i;
  for (int i = 0; i < f->count; i++) {
    if (!is_other_part(s, &f->all[i], wanted)) continue;
    found = i;
    count++;
  }
  return count == 1 ? found : -1;
}

// Put the names of the other part of files `from` .. into `kept`. Returns of how many there is one.
static int find_other_parts(family *f, int from, int count, tt1__part wanted)
{
  int n_found = 0;
  for (int i = 0; i < count; i++) {
    int found = find_other_part(f, from + i, wanted);
    if (found >= 0) f->kept[n_found++] = f->all[found].name;
  }
  return n_found;
}

// Add the phases, or imaginary parts, that lie beside the `count` files of an image.
static tt1_status add_other_part(tt1_image *image, family *f, int from, int count, tt1_error *err)
{
  tt1__part wanted = tt1__part_partner(part_of(&f->all[from]));
  tt1_image *other = NULL;
  if (!wanted) return TT1_OK;
  const char *key = f->all[from].key >= 0 ? settings[f->all[from].key] : NULL;
  int n_found = find_other_parts(f, from, count, wanted);
  if (n_found == 0) return TT1_OK;
  if (n_found < count) return tt1__part_note_missing(image, wanted, n_found, count, err);
  const tt1__collection parts = {f->folder, f->kept, count, {key, NULL}, NULL};
  tt1_status status = tt1__collection_read(&other, &parts, err);
  if (status == TT1_OK) status = tt1__part_join(image, other, wanted, err);
  tt1_image_free(other);
  return status;
}

// A file that holds the phases or imaginary parts of another is no series of its own.
static tt1_status check_part(const family *f, int chosen, tt1_error *err)
{
  tt1__part part = part_of(&f->all[chosen]);
  if (part != TT1__PART_PHASE && part != TT1__PART_IMAGINARY) return TT1_OK;
  for (int i = 0; i < f->count; i++)
    if (tt1__part_partner(part_of(&f->all[i])) == part && find_other_part(f, i, part) == chosen)
      return tt1__error_set(err, TT1_BAD_FILE, "%s/%s holds the %s of %s; give the path of that",
                            f->folder, f->all[chosen].name,
                            part == TT1__PART_PHASE ? "phase" : "imaginary part", f->all[i].name);
  return TT1_OK;
}

// Whether the folder of a file holds phases or imaginary parts in files of their own, by their names; where
// that cannot be found out, those who look at all files will say why.
static int may_have_parts(const char *path)
{
  tt1__names names = {0};
  char *folder = tt1__folder_of(path);
  tt1_status status = folder ? tt1__names_list(&names, folder, is_nifti, NULL) : TT1_NO_MEMORY;
  int may_have = status == TT1_NO_MEMORY;
  for (int i = 0; i < names.count; i++)
    may_have |= tt1__part_partner(tt1__part_of_name(names.items[i])) == TT1__PART_NONE;
  tt1__names_free(&names);
  tt1__free(folder);
  return may_have;
}

static tt1_status read_chosen(tt1_image **out, family *f, int chosen, tt1_error *err)
{
  tt1_image *image = NULL;
  int from = f->all[chosen].key >= 0 ? 0 : chosen, count = 1;
  tt1_status status = check_part(f, chosen, err);
  if (status == TT1_OK && f->all[chosen].key >= 0)
    status = read_series(&image, &count, f, chosen, err);
  else if (status == TT1_OK)
    status = read_alone(&image, f, chosen, err);
  if (status == TT1_OK) status = note_fault(image, f, err);
  if (status == TT1_OK) status = add_other_part(image, f, from, count, err);
  if (status == TT1_OK)
    *out = image;
  else
    tt1_image_free(image);
  return status;
}

tt1_status tt1__sisters_read(tt1_image **out, const char *path, int is_folder, tt1_error *err)
{
  int chosen = -1;
  const char *name = tt1__base_name(path);
  if (!is_folder && !may_have_sisters(path) && !may_have_parts(path))
    return tt1__image_with_sidecars(out, path, NULL, err);
  char *folder = is_folder ? tt1__copy_text(path) : tt1__folder_of(path);
  family f = {.folder = folder};
  tt1_status status = folder ? look_at_all(&f, err) : tt1__no_memory(err);
  if (status == TT1_OK)
    status = is_folder ? choose(&chosen, &f, err) : find_named(&chosen, &f, name, err);
  if (status == TT1_OK && chosen >= 0)
    status = read_chosen(out, &f, chosen, err);
  else if (status == TT1_OK)
    status = tt1__image_with_sidecars(out, path, NULL, err);
  free_family(&f);
  tt1__free(folder);
  return status;
}
