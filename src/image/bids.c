/* SPDX-License-Identifier: MIT
 * A BIDS file collection: one image per file, told apart by an index in the
 * name, `_inv-<index>_` or `_echo-<index>_`. Whatever else differs in the names
 * (subject, part, acquisition) makes another set.
 * The names: BIDS specification 1.11, "Quantitative MRI". */
#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "image/image.h"

/* What tells the images of a set apart, and the key that must then be in every sidecar. */
typedef struct entity {
  const char *text, *key;
} entity;

static const entity entities[] = {{"_inv-", "InversionTime"}, {"_echo-", "EchoTime"}};

/* One file of a set. Borrowed pieces of `name`. */
typedef struct member {
  const char *name;
  const entity *entity;
  size_t prefix;        /* length of the part before the index */
  const char *suffix;   /* the part after it... */
  size_t suffix_length; /* ...without .nii or .nii.gz */
  int index;
} member;

typedef struct member_list {
  member *members;
  int count, capacity;
  tt1__arena names;
} member_list;

static size_t stem_length(const char *name)
{
  size_t length = strlen(name);
  if (length > 7 && strcmp(name + length - 7, ".nii.gz") == 0) return length - 7;
  if (length > 4 && strcmp(name + length - 4, ".nii") == 0) return length - 4;
  return 0;
}

// member = prefix ( "_inv-" | "_echo-" ) digits "_" suffix ( ".nii" | ".nii.gz" )
static int take_apart(member *m, const char *name)
{
  size_t stem = stem_length(name);
  for (size_t i = 0; stem > 0 && i < sizeof entities / sizeof *entities; i++) {
    const char *at = strstr(name, entities[i].text);
    if (!at) continue;
    const char *digits = at + strlen(entities[i].text);
    size_t n_digits = strspn(digits, "0123456789");
    const char *suffix = digits + n_digits;
    if (n_digits < 1 || n_digits > 6 || *suffix != '_' || suffix >= name + stem) continue;
    *m = (member){name,
                  &entities[i],
                  (size_t)(digits - name),
                  suffix,
                  (size_t)(name + stem - suffix),
                  (int)strtol(digits, NULL, 10)};
    return 1;
  }
  return 0;
}

int tt1__bids_is_member(const char *path)
{
  member m;
  return take_apart(&m, tt1__base_name(path));
}

static int is_same_set(const member *a, const member *b)
{
  return a->prefix == b->prefix && memcmp(a->name, b->name, a->prefix) == 0 &&
         a->suffix_length == b->suffix_length &&
         memcmp(a->suffix, b->suffix, a->suffix_length) == 0;
}

static int by_index(const void *first, const void *second)
{
  const member *a = first, *b = second;
  return (a->index > b->index) - (a->index < b->index);
}

/* ---- Finding the files ---- */

static tt1_status add_member(member_list *list, const char *name, tt1_error *err)
{
  member m;
  char *copy = tt1__arena_copy(&list->names, name, strlen(name));
  if (!copy) return tt1__no_memory(err);
  if (!take_apart(&m, copy)) return TT1_OK;
  if (list->count == list->capacity) {
    int capacity = list->capacity ? list->capacity * 2 : 16;
    member *grown = tt1__reallocate(list->members, (size_t)capacity, sizeof *grown);
    if (!grown) return tt1__no_memory(err);
    list->members = grown;
    list->capacity = capacity;
  }
  list->members[list->count++] = m;
  return TT1_OK;
}

static tt1_status list_folder(member_list *list, const char *folder, tt1_error *err)
{
  char reason[128];
  tt1_status status = TT1_OK;
  DIR *directory = opendir(folder);
  if (!directory)
    return tt1__error_set(err, TT1_IO, "%s cannot be read: %s", folder, tt1__reason(errno, reason));
  const struct dirent *item;
  while (status == TT1_OK && (item = readdir(directory)) != NULL)
    if (tt1__bids_is_member(item->d_name) && item->d_name[0] != '.')
      status = add_member(list, item->d_name, err);
  closedir(directory);
  return status;
}

int tt1__bids_is_folder(const char *path)
{
  member_list list = {0};
  tt1_status status = list_folder(&list, path, NULL);
  int is_one = status == TT1_OK && list.count > 0;
  tt1__free(list.members);
  tt1__arena_free(&list.names);
  return is_one;
}

// Of all sets in the folder there must be one only.
static tt1_status choose_only_set(const member_list *list, const char *folder, member *chosen,
                                  tt1_error *err)
{
  if (list->count == 0)
    return tt1__error_set(err, TT1_BAD_FILE,
                          "%s is a folder without images named _inv-<index>_ or _echo-<index>_; "
                          "give the path of an image",
                          folder);
  *chosen = list->members[0];
  for (int i = 1; i < list->count; i++)
    if (!is_same_set(chosen, &list->members[i]))
      return tt1__error_set(err, TT1_BAD_FILE,
                            "%s is a folder with more than one series (%.100s and %.100s); give "
                            "the path of one image of the series wanted",
                            folder, chosen->name, list->members[i].name);
  return TT1_OK;
}

// Keep the members of one set, in the order of the index, which must have no gaps.
static tt1_status keep_set(member_list *list, const member *chosen, const char *folder,
                           tt1_error *err)
{
  int kept = 0;
  member wanted = *chosen;
  for (int i = 0; i < list->count; i++)
    if (is_same_set(&wanted, &list->members[i])) list->members[kept++] = list->members[i];
  list->count = kept;
  if (kept == 0)
    return tt1__error_set(err, TT1_IO, "%s/%s disappeared while it was read", folder, wanted.name);
  if (kept > TT1__MAX_IMAGES)
    return tt1__error_set(err, TT1_BAD_FILE, "%s holds a series of %d images, the limit is %d",
                          folder, kept, TT1__MAX_IMAGES);
  qsort(list->members, (size_t)kept, sizeof *list->members, by_index);
  int first = list->members[0].index == 0 ? 0 : 1;
  for (int i = 0; i < kept; i++) {
    const member *m = &list->members[i];
    if (i > 0 && m->index == m[-1].index)
      return tt1__error_set(err, TT1_BAD_FILE, "%s holds image %s%d twice: %.100s and %.100s",
                            folder, wanted.entity->text + 1, m->index, m[-1].name, m->name);
    if (m->index != first + i)
      return tt1__error_set(err, TT1_BAD_FILE,
                            "%s lacks image %s%d of the series that %.100s belongs to", folder,
                            wanted.entity->text + 1, first + i, m->name);
  }
  return TT1_OK;
}

static tt1_status find_set(member_list *list, const char *folder, const char *name, tt1_error *err)
{
  member chosen;
  tt1_status status = list_folder(list, folder, err);
  if (status != TT1_OK) return status;
  if (!name)
    status = choose_only_set(list, folder, &chosen, err);
  else
    take_apart(&chosen, name);
  return status == TT1_OK ? keep_set(list, &chosen, folder, err) : status;
}

/* ---- Putting the images together ---- */

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

static tt1_status check_fits(const tt1_image *first, const tt1_image *next, tt1_error *err)
{
  const char *path = next->files[0].path, *reference = first->files[0].path;
  const int64_t *a = first->geometry.size, *b = next->geometry.size;
  if (next->n_images != 1)
    return tt1__error_set(err, TT1_BAD_FILE,
                          "%s holds %d images; a file of a set named %s holds one", path,
                          next->n_images, "_inv-<index>_ or _echo-<index>_");
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

// One key over all images. Equal values of anything but the index's own key count as one value.
static tt1_status merge_key(tt1_image *series, tt1_image *const *images, int count, const char *key,
                            const char *index_key, tt1_error *err)
{
  double values[TT1__MAX_IMAGES];
  const char *source = NULL;
  int n_found = 0, is_constant = 1, missing = 0;
  for (int i = 0; i < count; i++) {
    const tt1_found_known *known = tt1__image_find_known(images[i], key);
    if (known && !source) source = known->source;
    if (!known) missing = i;
    values[i] = known ? known->values[0] : 0.0;
    n_found += known != NULL;
    is_constant = is_constant && values[i] == values[0];
  }
  int is_index = strcmp(key, index_key) == 0;
  if (n_found == 0 || (n_found < count && !is_index)) return TT1_OK;
  if (n_found < count)
    return tt1__error_set(err, TT1_BAD_FILE,
                          "%s has no \"%s\" in a JSON sidecar beside it, other images of the "
                          "series have",
                          images[missing]->files[0].path, key);
  if (tt1__image_add_known(series, key, source, values, is_constant && !is_index ? 1 : count))
    return TT1_OK;
  return tt1__no_memory(err);
}

static tt1_status merge_knowns(tt1_image *series, tt1_image *const *images, int count,
                               const char *index_key, tt1_error *err)
{
  tt1_status status = merge_key(series, images, count, index_key, index_key, err);
  for (int i = 0; status == TT1_OK && i < images[0]->n_known; i++)
    if (strcmp(images[0]->known[i].key, index_key) != 0)
      status = merge_key(series, images, count, images[0]->known[i].key, index_key, err);
  return status;
}

// What the first image says holds for the series.
static tt1_status begin_series(tt1_image *series, const tt1_image *first, int n_images,
                               tt1_error *err)
{
  series->geometry = first->geometry;
  series->n_voxels = first->n_voxels;
  series->n_images = n_images;
  series->format = first->format;
  series->stored_type = first->stored_type;
  series->data = tt1__allocate((size_t)n_images * (size_t)first->n_voxels, sizeof *series->data);
  return series->data ? TT1_OK : tt1__no_memory(err);
}

// Move the voxels of image `index` into `series`.
static tt1_status take_voxels(tt1_image *series, tt1_image *image, int index, tt1_error *err)
{
  size_t n_voxels = (size_t)image->n_voxels;
  memcpy(series->data + (size_t)index * n_voxels, image->data, n_voxels * sizeof *image->data);
  tt1__free(image->data);
  image->data = NULL;
  for (int i = 0; i < image->n_files; i++)
    if (!tt1__image_add_file(series, image->files[i].path, image->files[i].checksum))
      return tt1__no_memory(err);
  return TT1_OK;
}

// Read image after image into `series`, keeping of each only what its sidecar said.
static tt1_status read_images(tt1_image *series, tt1_image **images, const member_list *list,
                              const char *folder, tt1_error *err)
{
  for (int i = 0; i < list->count; i++) {
    tt1__text path = {0};
    tt1__text_add(&path, "%s/%s", folder, list->members[i].name);
    char *taken = tt1__text_take(&path);
    tt1_status status = taken ? tt1__nifti_read(&images[i], taken, err) : tt1__no_memory(err);
    tt1__free(taken);
    if (status == TT1_OK) status = check_fits(images[0], images[i], err);
    if (status == TT1_OK && i == 0) status = begin_series(series, images[0], list->count, err);
    if (status == TT1_OK) status = take_voxels(series, images[i], i, err);
    if (status != TT1_OK) return status;
  }
  return TT1_OK;
}

static tt1_status read_set(tt1_image **out, const member_list *list, const char *folder,
                           tt1_error *err)
{
  tt1_image *series = tt1__image_new();
  tt1_image **images =
      tt1__allocate((size_t)list->count, sizeof *images); // NOLINT(bugprone-sizeof-expression)
  tt1_status status = TT1_NO_MEMORY;
  if (series && images)
    status = read_images(series, images, list, folder, err);
  else
    tt1__no_memory(err);
  if (status == TT1_OK)
    status = merge_knowns(series, images, list->count, list->members[0].entity->key, err);
  for (int i = 0; images && i < list->count; i++)
    tt1_image_free(images[i]);
  tt1__free(images);
  if (status == TT1_OK)
    *out = series;
  else
    tt1_image_free(series);
  return status;
}

// A file that is alone in its set and holds several images is a series of its own.
tt1_status tt1__bids_read(tt1_image **out, const char *path, int is_folder, tt1_error *err)
{
  tt1__text text = {0};
  member_list list = {0};
  const char *name = is_folder ? NULL : tt1__base_name(path);
  if (is_folder)
    tt1__text_add(&text, "%s", path);
  else if (name > path)
    tt1__text_add_bytes(&text, path, name - path > 1 ? (size_t)(name - path - 1) : 1);
  else
    tt1__text_add(&text, ".");
  char *folder = tt1__text_take(&text);
  if (!folder) return tt1__no_memory(err);
  tt1_status status = find_set(&list, folder, name, err);
  if (status == TT1_OK && list.count == 1 && name)
    status = tt1__nifti_read(out, path, err);
  else if (status == TT1_OK && list.count > 0)
    status = read_set(out, &list, folder, err);
  tt1__free(folder);
  tt1__free(list.members);
  tt1__arena_free(&list.names);
  return status;
}
