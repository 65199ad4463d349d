/* SPDX-License-Identifier: MIT
 * A set of files outside of any BIDS dataset: one image per file, told apart by an
 * index in the name, `_inv-<index>_`, `_echo-<index>_` or `_flip-<index>_`. Whatever else
 * differs in the names (subject, part, acquisition) makes another set; that of the phases, or imaginary
 * parts, goes with another. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "bids/collection.h"
#include "bids/part.h"
#include "bids/set.h"
#include "bids/sidecar.h"
#include "image/nifti.h"

/* What tells the images of a set apart, and the key that must then be in every sidecar. */
typedef struct entity {
  const char *text, *key;
} entity;

static const entity entities[] = {
    {"_inv-", "InversionTime"}, {"_echo-", "EchoTime"}, {"_flip-", "FlipAngle"}};

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
  const char **kept; /* their names, once they are chosen */
  int count;
  tt1__names names;
} member_list;

// member = prefix ( "_inv-" | "_echo-" | "_flip-" ) digits "_" suffix ( ".nii" | ".nii.gz" )
static int take_apart(member *m, const char *name)
{
  size_t stem = tt1__nifti_stem(name);
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

int tt1__set_has(const char *path)
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

static tt1_status list_folder(member_list *list, const char *folder, tt1_error *err)
{
  tt1_status status = tt1__names_list(&list->names, folder, tt1__set_has, err);
  if (status != TT1_OK) return status;
  size_t room = (size_t)list->names.count + 1;
  list->members = tt1__allocate(room, sizeof *list->members);
  list->kept = tt1__allocate(room, sizeof *list->kept); // NOLINT(bugprone-sizeof-expression)
  if (!list->members || !list->kept) return tt1__no_memory(err);
  for (int i = 0; i < list->names.count; i++)
    list->count += take_apart(&list->members[list->count], list->names.items[i]);
  return TT1_OK;
}

static void free_list(member_list *list)
{
  tt1__free(list->members);
  tt1__free(list->kept);
  tt1__names_free(&list->names);
}

int tt1__set_is_in(const char *path)
{
  member_list list = {0};
  tt1_status status = list_folder(&list, path, NULL);
  int is_one = status == TT1_OK && list.count > 0;
  free_list(&list);
  return is_one;
}

// Whether `name` holds the phase or imaginary part of what is in another file; `main` is that, or NULL.
static int is_other_part(const char **main, const member_list *list, const char *name)
{
  tt1__part part = tt1__part_of_name(name);
  if (part != TT1__PART_PHASE && part != TT1__PART_IMAGINARY) return 0;
  for (int i = 0; i < list->names.count; i++) {
    const char *other = list->names.items[i];
    if (tt1__part_partner(tt1__part_of_name(other)) == part && tt1__part_names_agree(name, other)) {
      *main = other;
      return 1;
    }
  }
  return 0;
}

// Of all sets in the folder there must be one only, but for those that go with another.
static tt1_status choose_only_set(const member_list *list, const char *folder, member *chosen,
                                  tt1_error *err)
{
  const char *main = NULL;
  chosen->name = NULL;
  for (int i = 0; i < list->count; i++) {
    if (is_other_part(&main, list, list->members[i].name)) continue;
    if (!chosen->name) *chosen = list->members[i];
    if (!is_same_set(chosen, &list->members[i]))
      return tt1__error_set(err, TT1_BAD_FILE,
                            "%s is a folder with more than one series (%.100s and %.100s); give "
                            "the path of one image of the series wanted",
                            folder, chosen->name, list->members[i].name);
  }
  if (chosen->name) return TT1_OK;
  return tt1__error_set(err, TT1_IO, "the images in %s disappeared while they were read", folder);
}

// A file that belongs to another stands for no series.
static tt1_status check_part(const member_list *list, const char *folder, const char *name,
                             tt1_error *err)
{
  const char *main = NULL;
  if (!is_other_part(&main, list, name)) return TT1_OK;
  return tt1__error_set(
      err, TT1_BAD_FILE, "%s/%s holds the %s of %s; give the path of that", folder, name,
      tt1__part_of_name(name) == TT1__PART_PHASE ? "phase" : "imaginary part", main);
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
  else if ((status = check_part(list, folder, name, err)) == TT1_OK)
    take_apart(&chosen, name);
  return status == TT1_OK ? keep_set(list, &chosen, folder, err) : status;
}

/* ---- Reading ---- */

// Put the names of the other part of all members into `kept`. Returns of how many there is one.
static int find_other_parts(member_list *list, tt1__part wanted)
{
  int n_found = 0;
  for (int i = 0; i < list->count; i++) {
    const char *name = list->members[i].name, *found = NULL;
    for (int j = 0; j < list->names.count && !found; j++)
      if (tt1__part_of_name(list->names.items[j]) == wanted &&
          tt1__part_names_agree(name, list->names.items[j]))
        found = list->names.items[j];
    if (found) list->kept[n_found++] = found;
  }
  return n_found;
}

// Add the phases, or imaginary parts, that lie beside the set.
static tt1_status add_other_part(tt1_image *image, member_list *list, tt1__collection *set,
                                 tt1_error *err)
{
  tt1__part wanted = tt1__part_partner(tt1__part_of_name(list->members[0].name));
  tt1_image *other = NULL;
  int n_found = wanted ? find_other_parts(list, wanted) : 0;
  if (n_found == 0) return TT1_OK;
  if (n_found < list->count)
    return tt1__part_note_missing(image, wanted, n_found, list->count, err);
  tt1_status status = tt1__collection_read(&other, set, err);
  if (status == TT1_OK) status = tt1__part_join(image, other, wanted, err);
  tt1_image_free(other);
  return status;
}

static tt1_status read_set(tt1_image **out, member_list *list, const char *folder, tt1_error *err)
{
  tt1_image *image = NULL;
  for (int i = 0; i < list->count; i++)
    list->kept[i] = list->members[i].name;
  tt1__collection set = {
      folder, list->kept, list->count, {list->members[0].entity->key, NULL}, NULL};
  tt1_status status = tt1__collection_read(&image, &set, err);
  if (status == TT1_OK) status = add_other_part(image, list, &set, err);
  if (status == TT1_OK)
    *out = image;
  else
    tt1_image_free(image);
  return status;
}

// A file that is alone in its set may hold several images: it is a series of its own.
tt1_status tt1__set_read(tt1_image **out, const char *path, int is_folder, tt1_error *err)
{
  member_list list = {0};
  const char *name = is_folder ? NULL : tt1__base_name(path);
  char *folder = is_folder ? tt1__copy_text(path) : tt1__folder_of(path);
  if (!folder) return tt1__no_memory(err);
  tt1_status status = find_set(&list, folder, name, err);
  if (status == TT1_OK) status = read_set(out, &list, folder, err);
  tt1__free(folder);
  free_list(&list);
  return status;
}
