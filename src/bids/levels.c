/* SPDX-License-Identifier: MIT */
#include "bids/levels.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "file/file.h"

static const char description[] = "dataset_description.json";

/* ---- Where a path lies ---- */

// "/a/b/c" of any path, without asking the file system about links: what a user calls
// DATASET/sub-01 lies in DATASET, wherever sub-01 points.
static char *absolute(const char *path)
{
  char folder[4096] = "";
  tt1__text text = {0};
  if (*path != '/' && !getcwd(folder, sizeof folder)) folder[0] = '\0'; // no dataset will be found
  if (strcmp(folder, "/") != 0) tt1__text_add(&text, "%s", folder);
  while (*path) {
    path += strspn(path, "/");
    size_t length = strcspn(path, "/");
    if (length == 2 && memcmp(path, "..", 2) == 0)
      while (text.length > 0 && text.bytes[--text.length] != '/')
        ;
    else if (length > 0 && !(length == 1 && *path == '.')) {
      tt1__text_add(&text, "/");
      tt1__text_add_bytes(&text, path, length);
    }
    path += length;
  }
  return tt1__text_take(&text);
}

static int is_datatype(const char *text, size_t length)
{
  return length > 0 && strspn(text, "abcdefghijklmnopqrstuvwxyz") == length;
}

static int is_labelled(const char *text, size_t length, const char *key)
{
  char folder[256];
  if (length >= sizeof folder) return 0;
  memcpy(folder, text, length);
  folder[length] = '\0';
  return tt1__bids_is_folder_of(folder, key);
}

// Behind the part at `at`, and its slash.
static const char *next_part(const char *at)
{
  at += strcspn(at, "/");
  return at + (*at == '/');
}

const char *tt1__place_datatype(const char *inside)
{
  if (!is_labelled(inside, strcspn(inside, "/"), "sub")) return NULL;
  const char *at = next_part(inside);
  if (is_labelled(at, strcspn(at, "/"), "ses")) at = next_part(at);
  return is_datatype(at, strcspn(at, "/")) ? at : NULL;
}

// inside = [ sub [ "/" ses ] [ "/" datatype ] [ "/" file ] ]
static int is_inside(const char *inside)
{
  if (!*inside) return 1;
  if (!is_labelled(inside, strcspn(inside, "/"), "sub")) return 0;
  const char *at = next_part(inside);
  if (is_labelled(at, strcspn(at, "/"), "ses")) at = next_part(at);
  if (is_datatype(at, strcspn(at, "/"))) at = next_part(at);
  return !strchr(at, '/');
}

// Longer paths than this are none to the operating system, either.
static int is_root(const char *folder, size_t length)
{
  struct stat state;
  char path[4096 + sizeof description];
  if (length > 4096) return 0;
  snprintf(path, sizeof path, "%.*s/%s", (int)length, folder, description);
  return stat(path, &state) == 0 && S_ISREG(state.st_mode);
}

// `path` without `inside` at its end, so that messages speak of the dataset as the user does; NULL
// if it does not end so.
static char *shorten(const char *path, const char *inside)
{
  size_t length = strlen(path), end = strlen(inside);
  while (length > 1 && path[length - 1] == '/')
    length--;
  size_t cut = end == 0 ? length : length == end ? 0 : length - end - 1;
  if (length < end || memcmp(path + length - end, inside, end) != 0) return NULL;
  if (end > 0 && cut > 0 && path[cut] != '/') return NULL;
  tt1__text text = {0};
  if (cut > 0)
    tt1__text_add_bytes(&text, path, cut);
  else
    tt1__text_add(&text, *path == '/' ? "/" : ".");
  return tt1__text_take(&text);
}

// `whole` = root "/" inside, where the root has `cut` bytes.
static tt1_status split(tt1__place *out, const char *path, const char *whole, size_t cut,
                        tt1_error *err)
{
  tt1__text root = {0};
  out->inside = tt1__copy_text(whole + cut + (whole[cut] == '/'));
  if (out->inside) out->root = shorten(path, out->inside);
  if (out->inside && !out->root) {
    tt1__text_add_bytes(&root, whole, cut);
    out->root = tt1__text_take(&root);
  }
  if (out->root) return TT1_OK;
  tt1__place_free(out);
  return tt1__no_memory(err);
}

tt1_status tt1__place_find(tt1__place *out, const char *path, tt1_error *err)
{
  *out = (tt1__place){0};
  tt1_status status = TT1_OK;
  char *whole = absolute(path);
  if (!whole) return tt1__no_memory(err);
  size_t cut = strlen(whole);
  for (int level = 0; level <= TT1__MAX_LEVELS; level++) {
    if (is_root(whole, cut)) {
      if (is_inside(whole + cut + (whole[cut] == '/'))) status = split(out, path, whole, cut, err);
      break;
    }
    if (cut == 0) break;
    while (whole[--cut] != '/')
      ;
  }
  tt1__free(whole);
  return status;
}

void tt1__place_free(tt1__place *place)
{
  tt1__free(place->root);
  tt1__free(place->inside);
  *place = (tt1__place){0};
}

/* ---- Levels ---- */

static int is_sidecar(const char *name)
{
  tt1__bids_name parsed;
  return tt1__bids_parse(&parsed, name) && strcmp(parsed.extension, ".json") == 0;
}

tt1_status tt1__level_open(tt1__level *out, const char *folder, tt1_error *err)
{
  *out = (tt1__level){.folder = tt1__copy_text(folder)};
  if (!out->folder) return tt1__no_memory(err);
  tt1_status status = tt1__names_list(&out->sidecars, folder, is_sidecar, err);
  if (status != TT1_OK) tt1__level_free(out);
  return status;
}

void tt1__level_free(tt1__level *level)
{
  tt1__free(level->folder);
  tt1__names_free(&level->sidecars);
  *level = (tt1__level){0};
}

// Open the level of root "/" inside[0 .. length).
static tt1_status add_level(tt1__levels *levels, const char *root, const char *inside,
                            size_t length, tt1_error *err)
{
  tt1__text text = {0};
  tt1__text_add(&text, "%s%s", root, length ? "/" : "");
  tt1__text_add_bytes(&text, inside, length);
  char *folder = tt1__text_take(&text);
  if (!folder) return tt1__no_memory(err);
  tt1__level *level = &levels->own[levels->count];
  tt1_status status = tt1__level_open(level, folder, err);
  if (status == TT1_OK) levels->at[levels->count++] = level;
  tt1__free(folder);
  return status;
}

tt1_status tt1__levels_open(tt1__levels *out, const char *root, const char *inside,
                            const tt1__level *shared, tt1_error *err)
{
  *out = (tt1__levels){0};
  tt1_status status = TT1_OK;
  if (shared)
    out->at[out->count++] = shared;
  else
    status = add_level(out, root, "", 0, err);
  for (const char *at = inside; status == TT1_OK && *at && out->count < TT1__MAX_LEVELS;) {
    at += strcspn(at, "/");
    status = add_level(out, root, inside, (size_t)(at - inside), err);
    at += *at == '/';
  }
  if (status != TT1_OK) tt1__levels_free(out);
  return status;
}

void tt1__levels_free(tt1__levels *levels)
{
  for (int i = 0; i < levels->count; i++)
    if (levels->at[i] == &levels->own[i]) tt1__level_free(&levels->own[i]);
  *levels = (tt1__levels){0};
}

/* ---- Sidecars ---- */

// The one sidecar of `level` that holds for `image`, NULL if there is none.
static tt1_status choose_sidecar(const char **chosen, const tt1__level *level,
                                 const tt1__bids_name *image, const char *name, tt1_error *err)
{
  int count = 0;
  const char *found[2] = {NULL, NULL}, *exact = NULL;
  for (int i = 0; i < level->sidecars.count; i++) {
    tt1__bids_name parsed;
    const char *item = level->sidecars.items[i];
    if (!tt1__bids_parse(&parsed, item) || !tt1__bids_applies(&parsed, image)) continue;
    if (parsed.has == image->has) exact = item;
    if (count < 2) found[count] = item;
    count++;
  }
  *chosen = exact ? exact : found[0];
  if (count < 2 || exact) return TT1_OK;
  return tt1__error_set(err, TT1_BAD_FILE,
                        "%s holds two sidecars for %s, %s and %s, where one may be at each level",
                        level->folder, name, found[0], found[1]);
}

static tt1_status add_sidecar(tt1__sidecars *out, const tt1__level *level, const char *name,
                              tt1_error *err)
{
  char *path = tt1__join(level->folder, name);
  if (!path) return tt1__no_memory(err);
  out->paths[out->count++] = path;
  return TT1_OK;
}

tt1_status tt1__levels_find(tt1__sidecars *out, const tt1__levels *levels, const char *name,
                            tt1_error *err)
{
  tt1__bids_name image;
  const char *chosen = NULL;
  tt1_status status = TT1_OK;
  *out = (tt1__sidecars){0};
  if (!tt1__bids_parse(&image, name)) return TT1_OK;
  for (int i = levels->count - 1; i >= 0 && status == TT1_OK; i--) {
    status = choose_sidecar(&chosen, levels->at[i], &image, name, err);
    if (status == TT1_OK && chosen) status = add_sidecar(out, levels->at[i], chosen, err);
  }
  if (status != TT1_OK) tt1__sidecars_free(out);
  return status;
}

void tt1__sidecars_free(tt1__sidecars *sidecars)
{
  for (int i = 0; i < sidecars->count; i++)
    tt1__free(sidecars->paths[i]);
  *sidecars = (tt1__sidecars){0};
}

// "molli.nii.gz" and "molli.nii" have the sidecar "molli.json".
static tt1_status find_beside(tt1__sidecars *out, const char *image_path, tt1_error *err)
{
  tt1__text text = {0};
  struct stat state;
  size_t length = strlen(image_path);
  if (length > 3 && strcmp(image_path + length - 3, ".gz") == 0) length -= 3;
  if (length > 4 && strncmp(image_path + length - 4, ".nii", 4) == 0) length -= 4;
  tt1__text_add_bytes(&text, image_path, length);
  tt1__text_add(&text, ".json");
  char *path = tt1__text_take(&text);
  if (!path) return tt1__no_memory(err);
  if (stat(path, &state) == 0 || errno != ENOENT)
    out->paths[out->count++] = path;
  else
    tt1__free(path);
  return TT1_OK;
}

tt1_status tt1__sidecars_of(tt1__sidecars *out, const char *image_path, tt1_error *err)
{
  tt1__place place = {0};
  tt1__levels levels = {0};
  *out = (tt1__sidecars){0};
  tt1_status status = tt1__place_find(&place, image_path, err);
  if (status != TT1_OK) return status;
  tt1__bids_name parsed;
  const char *name = place.inside ? tt1__base_name(place.inside) : NULL;
  if (name && name > place.inside && tt1__bids_parse(&parsed, name)) {
    place.inside[name - place.inside - 1] = '\0';
    status = tt1__levels_open(&levels, place.root, place.inside, NULL, err);
    if (status == TT1_OK) status = tt1__levels_find(out, &levels, name, err);
    tt1__levels_free(&levels);
  } else {
    status = find_beside(out, image_path, err);
  }
  tt1__place_free(&place);
  return status;
}
