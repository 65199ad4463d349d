/* SPDX-License-Identifier: MIT
 * The survey of a path: finding the files, choosing one of the series found, and
 * the same questions for what is not DICOM. */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/error.h"
#include "base/text.h"
#include "image/study.h"

enum { MAX_DEPTH = 8 };

const char *tt1_kind_text(tt1_kind kind)
{
  static const char *const texts[] = {"unknown", "magnitude", "phase", "real", "imaginary", "map"};
  return texts[kind];
}

/* ---- Finding files ---- */

typedef struct path_list {
  char **paths; /* in the study's arena */
  int count, capacity;
} path_list;

static int by_text(const void *first, const void *second)
{
  return strcmp(*(char *const *)first, *(char *const *)second);
}

static tt1_status add_path(path_list *list, char *path, tt1_error *err)
{
  if (list->count == TT1__MAX_FILES)
    return tt1__error_set(err, TT1_BAD_FILE,
                          "%s is one of more than %d files; give a folder with fewer", path,
                          TT1__MAX_FILES);
  if (list->count == list->capacity) {
    int capacity = list->capacity ? list->capacity * 2 : 64;
    char **grown = tt1__reallocate(list->paths, (size_t)capacity,
                                   sizeof *grown); // NOLINT(bugprone-sizeof-expression)
    if (!grown) return tt1__no_memory(err);
    list->paths = grown;
    list->capacity = capacity;
  }
  list->paths[list->count++] = path;
  return TT1_OK;
}

static char *join(tt1_study *study, const char *folder, const char *name)
{
  tt1__text text = {0};
  tt1__text_add(&text, "%s/%s", folder, name);
  char *joined = text.failed ? NULL : tt1__arena_copy(&study->texts, text.bytes, text.length);
  tt1__text_free(&text);
  return joined;
}

// Files below `folder`, hidden ones left out. Links to folders are not followed: they may run in circles.
static tt1_status list_files(tt1_study *study, path_list *list, const char *folder, int depth,
                             tt1_error *err)
{
  char reason[128];
  struct stat state;
  tt1_status status = TT1_OK;
  DIR *directory = opendir(folder);
  if (!directory)
    return tt1__error_set(err, TT1_IO, "%s cannot be read: %s", folder, tt1__reason(errno, reason));
  const struct dirent *item;
  while (status == TT1_OK && (item = readdir(directory)) != NULL) {
    if (item->d_name[0] == '.' || strcasecmp(item->d_name, "DICOMDIR") == 0) continue;
    char *path = join(study, folder, item->d_name);
    if (!path) status = tt1__no_memory(err);
    if (!path || lstat(path, &state) != 0) continue;
    if (S_ISDIR(state.st_mode) && depth < MAX_DEPTH)
      status = list_files(study, list, path, depth + 1, err);
    else if (!S_ISDIR(state.st_mode) && stat(path, &state) == 0 && S_ISREG(state.st_mode))
      status = add_path(list, path, err);
  }
  closedir(directory);
  return status;
}

/* ---- Reading files ---- */

static int is_named_dicom(const char *path)
{
  const char *dot = strrchr(tt1__base_name(path), '.');
  return dot && (strcasecmp(dot, ".dcm") == 0 || strcasecmp(dot, ".ima") == 0);
}

static tt1_status read_file(tt1_study *study, const char *path, tt1_error *err)
{
  unsigned char head[512];
  tt1__file file = {0};
  tt1__dicom *dicom = NULL;
  size_t length = tt1__file_peek(path, head, sizeof head);
  if (!tt1__dicom_is(head, length) && !is_named_dicom(path)) {
    study->n_skipped++;
    return TT1_OK;
  }
  tt1_status status = tt1__file_read(&file, path, TT1__DICOM_MAX_BYTES, err);
  if (status == TT1_OK && !tt1__dicom_is(file.bytes, file.length))
    status = tt1__error_set(err, TT1_BAD_FILE, "%s is named as a DICOM file, but is none", path);
  if (status == TT1_OK) status = tt1__dicom_open(&dicom, file.bytes, file.length, path, err);
  if (status == TT1_OK && !tt1__frames_is_image(dicom))
    study->n_skipped++;
  else if (status == TT1_OK)
    status = tt1__frames_add(&study->frames, dicom, path, err);
  tt1__dicom_free(dicom);
  tt1__file_free(&file);
  return status;
}

static tt1_status read_files(tt1_study *study, const char *folder, int depth, tt1_error *err)
{
  path_list list = {0};
  tt1_status status = list_files(study, &list, folder, depth, err);
  if (list.count > 0) qsort(list.paths, (size_t)list.count, sizeof *list.paths, by_text);
  for (int i = 0; i < list.count && status == TT1_OK; i++)
    status = read_file(study, list.paths[i], err);
  tt1__free(list.paths);
  return status;
}

// The folder that holds `path`, in the study's arena.
static char *folder_of(tt1_study *study, const char *path)
{
  const char *name = tt1__base_name(path);
  if (name == path) return tt1__arena_copy(&study->texts, ".", 1);
  return tt1__arena_copy(&study->texts, path, name - path > 1 ? (size_t)(name - path - 1) : 1);
}

/* ---- What is not DICOM ---- */

static tt1_status read_other(tt1_study *study, const char *path, int is_folder, tt1_error *err)
{
  tt1_image *image = NULL;
  tt1_status status = is_folder || tt1__bids_is_member(path)
                          ? tt1__bids_read(&image, path, is_folder, err)
                          : tt1__nifti_read(&image, path, err);
  if (status != TT1_OK) return status;
  study->image = image;
  study->nifti = tt1__arena_copy(&study->texts, path, strlen(path));
  study->series = tt1__allocate(1, sizeof *study->series);
  if (!study->nifti || !study->series) return tt1__no_memory(err);
  tt1__image_note_sign(image);
  study->n_series = 1;
  study->series->shown =
      (tt1_study_series){.description = "",
                         .uid = "",
                         .vendor = "",
                         .format = image->format,
                         .stored_type = image->stored_type,
                         .kind = image->is_signed ? TT1_KIND_REAL : TT1_KIND_UNKNOWN,
                         .is_signed = image->is_signed,
                         .geometry = image->geometry,
                         .n_images = image->n_images,
                         .n_files = image->n_files,
                         .known = image->known,
                         .n_known = image->n_known,
                         .times = image->n_known > 0 ? 0 : -1,
                         .scaling = image->origin.scaling,
                         .partner = -1};
  return TT1_OK;
}

/* ---- Choosing ---- */

static int holds_text(const char *text, const char *part)
{
  size_t length = strlen(part);
  for (; *text; text++)
    if (strncasecmp(text, part, length) == 0) return 1;
  return 0;
}

static int holds_file(const tt1_study *study, const tt1__series *s, const char *path)
{
  struct stat wanted, found;
  if (stat(path, &wanted) != 0) return 0;
  for (int i = 0; i < s->n_frames; i++)
    if (stat(study->frames.frames[s->frames[i]].path, &found) == 0 &&
        found.st_ino == wanted.st_ino && found.st_dev == wanted.st_dev)
      return 1;
  return 0;
}

// Whether series `s` is one that is asked for; any is where none is.
static int is_wanted(const tt1_study *study, const tt1__series *s)
{
  const char *wanted = study->wanted;
  if (study->nifti) return 1;
  if (wanted && wanted[0] && !wanted[strspn(wanted, "0123456789")]) {
    for (int i = 0; i < s->n_frames; i++)
      if (study->frames.frames[s->frames[i]].series_number == (int)strtol(wanted, NULL, 10))
        return 1;
    return 0;
  }
  if (wanted) return strcmp(s->shown.uid, wanted) == 0 || holds_text(s->shown.description, wanted);
  return !study->wanted_file || holds_file(study, s, study->wanted_file);
}

static int is_usable(const tt1__series *s)
{
  return !s->shown.refused;
}

// A series that was asked for and is the only such is read, though it would not be taken unasked.
static tt1_status overrule(tt1_study *study, tt1_error *err)
{
  tt1__series *only = NULL;
  int count = 0, n_usable = 0;
  if (study->nifti || (!study->wanted && !study->wanted_file)) return TT1_OK;
  for (int i = 0; i < study->n_series; i++) {
    tt1__series *s = &study->series[i];
    if (!is_wanted(study, s)) continue;
    n_usable += is_usable(s);
    count += s->may_be_overruled;
    if (s->may_be_overruled) only = s;
  }
  if (n_usable > 0 || count != 1) return TT1_OK;
  int is_added = tt1__series_assume(study, only, "read because it was asked for, though %s",
                                    only->shown.refused);
  only->shown.refused = NULL;
  return is_added ? TT1_OK : tt1__no_memory(err);
}

static void list_series(tt1__text *text, const tt1_study *study, int are_usable)
{
  int count = 0;
  for (int i = 0; i < study->n_series; i++) {
    const tt1__series *s = &study->series[i];
    if (!is_wanted(study, s) || is_usable(s) != are_usable) continue;
    if (count++ < 4)
      tt1__text_add(text, "%s%d \"%.40s\"", count > 1 ? ", " : "", s->shown.number,
                    s->shown.description);
    if (count == 1 && !are_usable) tt1__text_add(text, ": %.240s", s->shown.refused);
  }
  if (count > 4) tt1__text_add(text, " and %d more", count - 4);
}

int tt1_study_choose(const tt1_study *study, tt1_error *err)
{
  int chosen = -1, n_usable = 0, n_wanted = 0;
  for (int i = 0; i < study->n_series; i++) {
    if (!is_wanted(study, &study->series[i])) continue;
    n_wanted++;
    if (!is_usable(&study->series[i])) continue;
    n_usable++;
    chosen = i;
  }
  if (n_usable == 1) return chosen;
  tt1__text text = {0};
  list_series(&text, study, n_usable > 1);
  const char *names = text.bytes ? text.bytes : "";
  if (n_usable > 1)
    tt1__error_set(err, TT1_BAD_FILE,
                   "%d series can be fitted: %s; choose one with --series NUMBER", n_usable, names);
  else if (n_wanted == 0)
    tt1__error_set(err, TT1_BAD_FILE, "no series is called \"%.80s\"",
                   study->wanted ? study->wanted : "");
  else
    tt1__error_set(err, TT1_BAD_FILE, "no series can be fitted: %s", names);
  tt1__text_free(&text);
  return -1;
}

/* ---- The study ---- */

static tt1_status survey(tt1_study *study, const char *path, tt1_error *err)
{
  char reason[128];
  unsigned char head[512];
  struct stat state;
  if (stat(path, &state) != 0)
    return tt1__error_set(err, TT1_IO, "%s cannot be read: %s", path, tt1__reason(errno, reason));
  int is_folder = S_ISDIR(state.st_mode);
  if (is_folder && tt1__bids_is_folder(path)) return read_other(study, path, 1, err);
  if (!is_folder) {
    size_t length = tt1__file_peek(path, head, sizeof head);
    if (!tt1__dicom_is(head, length) && !is_named_dicom(path))
      return read_other(study, path, 0, err);
    study->wanted_file = tt1__arena_copy(&study->texts, path, strlen(path));
  }
  const char *folder = is_folder ? path : folder_of(study, path);
  if (!folder || (!is_folder && !study->wanted_file)) return tt1__no_memory(err);
  tt1_status status = read_files(study, folder, is_folder ? 0 : MAX_DEPTH, err);
  if (status == TT1_OK && study->frames.count == 0 && is_folder)
    return read_other(study, path, 1, err);
  if (status == TT1_OK && study->frames.count == 0)
    return tt1__error_set(err, TT1_BAD_FILE, "%s holds no MR image", path);
  if (status == TT1_OK) status = tt1__study_arrange(study, err);
  return status == TT1_OK ? overrule(study, err) : status;
}

tt1_status tt1_study_open(tt1_study **out, const char *path, const tt1_read_options *options,
                          tt1_error *err)
{
  tt1_study *study = tt1__allocate(1, sizeof *study);
  if (!study) return tt1__no_memory(err);
  tt1_status status = TT1_OK;
  if (options) study->times = options->times;
  if (options && options->series) {
    study->wanted = tt1__arena_copy(&study->texts, options->series, strlen(options->series));
    if (!study->wanted) status = tt1__no_memory(err);
  }
  if (status == TT1_OK) status = survey(study, path, err);
  if (status == TT1_OK)
    *out = study;
  else
    tt1_study_free(study);
  return status;
}

void tt1_study_free(tt1_study *study)
{
  if (!study) return;
  tt1__free(study->frames.frames);
  tt1__free(study->series);
  tt1_image_free(study->image);
  tt1__arena_free(&study->texts);
  tt1__free(study);
}

const tt1_study_series *tt1_study_series_at(const tt1_study *study, int index)
{
  return index >= 0 && index < study->n_series ? &study->series[index].shown : NULL;
}

int tt1_study_n_skipped(const tt1_study *study)
{
  return study->n_skipped;
}

tt1_status tt1_study_read(tt1_image **out, const tt1_study *study, int index, tt1_error *err)
{
  const tt1_study_series *s = tt1_study_series_at(study, index);
  if (!s)
    return tt1__error_set(err, TT1_BAD_ARGUMENT, "series %d is asked for, the study has %d", index,
                          study->n_series);
  if (s->refused)
    return tt1__error_set(err, TT1_BAD_FILE, "series %d \"%.60s\" is not read: %s", s->number,
                          s->description, s->refused);
  if (!study->nifti) return tt1__study_load(out, study, index, err);
  return tt1_image_read(out, study->nifti, NULL, err);
}

tt1_status tt1_image_read(tt1_image **out, const char *path, const tt1_read_options *options,
                          tt1_error *err)
{
  tt1_study *study = NULL;
  tt1_status status = tt1_study_open(&study, path, options, err);
  if (status != TT1_OK) return status;
  int index = tt1_study_choose(study, err);
  if (index < 0) {
    status = TT1_BAD_FILE;
  } else if (study->image) { // already read; the study goes away
    *out = study->image;
    study->image = NULL;
  } else {
    status = tt1__study_load(out, study, index, err);
  }
  tt1_study_free(study);
  return status;
}
