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
#include "bids/sidecar.h"
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

/* How it was measured, and what the values are. */
static const char *const texts[] = {"ImageType",    "ScanningSequence",  "SequenceVariant",
                                    "Manufacturer", "MRAcquisitionType", "PulseSequenceType",
                                    "ScanOptions"};

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
  int is_one = status == TT1_OK && names.count > 0;
  tt1__names_free(&names);
  return is_one;
}

static tt1_status look_at(tt1_image **out, const char *path, tt1_error *err)
{
  tt1__sidecars sidecars = {0};
  tt1_image *image = tt1__image_new();
  tt1_status status = image ? tt1__nifti_look(image, path, err) : tt1__no_memory(err);
  if (status == TT1_OK) status = tt1__sidecars_of(&sidecars, path, err);
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

// "ph" of "x_e1_ph.nii", which converters append; "" where there is none that is known.
static const char *part_of(const char *name)
{
  static const char *const parts[] = {"ph", "phase", "real", "imaginary"};
  size_t stem = tt1__nifti_stem(name);
  for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
    size_t length = strlen(parts[i]);
    if (stem > length && name[stem - length - 1] == '_' &&
        strncmp(name + stem - length, parts[i], length) == 0)
      return parts[i];
  }
  return "";
}

// Whether two files agree in all but setting `key`, which both have.
static int agrees(const sister *a, const sister *b, int key)
{
  if (!value_of(a, key) || !value_of(b, key) || a->image->n_images != 1 || b->image->n_images != 1)
    return 0;
  for (int k = 0; k < N_SETTINGS; k++) {
    const double *one = value_of(a, k), *other = value_of(b, k);
    if (k == key) continue;
    if ((one == NULL) != (other == NULL) || (one && !is_near(*one, *other))) return 0;
  }
  for (size_t t = 0; t < sizeof texts / sizeof *texts; t++)
    if (!is_same_text(a, b, texts[t])) return 0;
  return strcmp(part_of(a->name), part_of(b->name)) == 0 &&
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

static int is_phase(const sister *s)
{
  const char *type = tt1__image_find_text(s->image, "ImageType"), *part = part_of(s->name);
  return strncmp(part, "ph", 2) == 0 ||
         (type && (strstr(type, "\\P\\") || strstr(type, "PHASE") ||
                   (strlen(type) > 1 && strcmp(type + strlen(type) - 2, "\\P") == 0)));
}

/* ---- Choosing ---- */

// Whether a file begins a series: the first of a group, or one that holds several images.
static int begins_series(const family *f, int index)
{
  const sister *s = &f->all[index];
  return s->group == index || (s->group < 0 && s->image->n_images > 1);
}

// The only series of the folder; phases are none where magnitudes are.
static tt1_status choose(int *chosen, family *f, tt1_error *err)
{
  int first[2] = {-1, -1}, other = -1, is_dull = 0;
  tt1_status status = TT1_OK;
  for (int i = 0; i < f->count && status == TT1_OK; i++)
    if (f->all[i].group < 0) status = find_group(f, i, err);
  if (status != TT1_OK) return status;
  for (int i = 0; i < f->count; i++) {
    if (!begins_series(f, i)) continue;
    is_dull = is_phase(&f->all[i]);
    if (first[is_dull] >= 0 && other < 0 && !is_dull) other = i;
    if (first[is_dull] < 0) first[is_dull] = i;
  }
  *chosen = first[0] >= 0 ? first[0] : first[1];
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
  if (look_at(&image, path, NULL) != TT1_OK) return 0;
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

static tt1_status note(tt1_image *image, const family *f, int count, const char *key,
                       tt1_error *err)
{
  char text[480];
  snprintf(text, sizeof text,
           "%d files, whose sidecars agree in all settings but %s, are taken for a series", count,
           key);
  int is_noted = tt1__image_add_assumption(image, text);
  snprintf(text, sizeof text, "a file of the folder is left out: %.400s", f->fault ? f->fault : "");
  if (is_noted && f->fault) is_noted = tt1__image_add_assumption(image, text);
  return is_noted ? TT1_OK : tt1__no_memory(err);
}

static tt1_status read_series(tt1_image **out, family *f, int chosen, tt1_error *err)
{
  tt1_image *image = NULL;
  const char *key = settings[f->all[chosen].key];
  int count = sort_series(f, chosen);
  tt1_status status = check_repeats(f, count, err);
  if (status != TT1_OK) return status;
  for (int i = 0; i < count; i++)
    f->kept[i] = f->all[i].name;
  const tt1__collection series = {f->folder, f->kept, count, {key, NULL}, NULL};
  status = tt1__collection_read(&image, &series, err);
  if (status == TT1_OK) status = note(image, f, count, key, err);
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

tt1_status tt1__sisters_read(tt1_image **out, const char *path, int is_folder, tt1_error *err)
{
  int chosen = -1;
  const char *name = tt1__base_name(path);
  if (!is_folder && !may_have_sisters(path)) return tt1__image_with_sidecars(out, path, NULL, err);
  char *folder = is_folder ? tt1__copy_text(path) : tt1__folder_of(path);
  family f = {.folder = folder};
  tt1_status status = folder ? look_at_all(&f, err) : tt1__no_memory(err);
  if (status == TT1_OK)
    status = is_folder ? choose(&chosen, &f, err) : find_named(&chosen, &f, name, err);
  if (status == TT1_OK && chosen >= 0 && f.all[chosen].key >= 0)
    status = read_series(out, &f, chosen, err);
  else if (status == TT1_OK && is_folder)
    status = read_alone(out, &f, chosen, err);
  else if (status == TT1_OK)
    status = tt1__image_with_sidecars(out, path, NULL, err);
  free_family(&f);
  tt1__free(folder);
  return status;
}
