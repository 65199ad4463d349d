/* SPDX-License-Identifier: MIT
 * The files of a study: those below a folder, or the members of an archive. Each is
 * looked at, and read if it is DICOM, by several threads at once; what they find is put together
 * in the order of the paths. */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/error.h"
#include "base/text.h"
#include "base/threads.h"
#include "dicom/study.h"

/* ---- Listing ---- */

/** A file on disk, or a member of the archive of the study. */
typedef struct entry {
  char *path; /* in the study's arena */
  int member; /* -1: on disk */
} entry;

typedef struct file_list {
  entry *entries;
  int count, capacity;
} file_list;

static int by_path(const void *first, const void *second)
{
  const entry *a = first, *b = second;
  int difference = strcmp(a->path, b->path);
  return difference ? difference : a->member - b->member;
}

static tt1_status add_entry(file_list *list, char *path, int member, tt1_error *err)
{
  if (!path) return tt1__no_memory(err);
  if (list->count == TT1__MAX_FILES)
    return tt1__error_set(err, TT1_BAD_FILE,
                          "%s is one of more than %d files; give a folder with fewer", path,
                          TT1__MAX_FILES);
  if (list->count == list->capacity) {
    int capacity = list->capacity ? list->capacity * 2 : 64;
    entry *grown = tt1__reallocate(list->entries, (size_t)capacity, sizeof *grown);
    if (!grown) return tt1__no_memory(err);
    list->entries = grown;
    list->capacity = capacity;
  }
  list->entries[list->count++] = (entry){path, member};
  return TT1_OK;
}

static char *join(tt1__dicom_study *study, const char *folder, const char *name)
{
  tt1__text text = {0};
  tt1__text_add(&text, "%s/%s", folder, name);
  char *joined = text.failed ? NULL : tt1__arena_copy(&study->texts, text.bytes, text.length);
  tt1__text_free(&text);
  return joined;
}

// Hidden files, and an index of others.
static int is_left_out(const char *name)
{
  return name[0] == '.' || strcasecmp(name, "DICOMDIR") == 0;
}

// Files below `folder`. Links to folders are not followed: they may run in circles.
static tt1_status list_folder(tt1__dicom_study *study, file_list *list, const char *folder,
                              int depth, tt1_error *err)
{
  char reason[128];
  struct stat state;
  tt1_status status = TT1_OK;
  DIR *directory = opendir(folder);
  if (!directory)
    return tt1__error_set(err, TT1_IO, "%s cannot be read: %s", folder, tt1__reason(errno, reason));
  const struct dirent *item;
  while (status == TT1_OK && (item = readdir(directory)) != NULL) {
    if (is_left_out(item->d_name)) continue;
    char *path = join(study, folder, item->d_name);
    if (!path) status = tt1__no_memory(err);
    if (!path || lstat(path, &state) != 0) continue;
    if (S_ISDIR(state.st_mode) && depth < TT1__MAX_FOLDER_DEPTH)
      status = list_folder(study, list, path, depth + 1, err);
    else if (!S_ISDIR(state.st_mode) && stat(path, &state) == 0 && S_ISREG(state.st_mode))
      status = add_entry(list, path, -1, err);
  }
  closedir(directory);
  return status;
}

// Members that are files: neither folders nor what the archiver of macOS adds.
static tt1_status list_members(tt1__dicom_study *study, file_list *list, tt1_error *err)
{
  tt1_status status = TT1_OK;
  const tt1__zip *zip = &study->archive;
  for (int i = 0; i < zip->n_members && status == TT1_OK; i++) {
    const char *name = zip->members[i].name, *base = tt1__base_name(name);
    if (!*base || is_left_out(base) || strncmp(name, "__MACOSX/", 9) == 0) continue;
    status = add_entry(list, join(study, zip->path, name), i, err);
  }
  return status;
}

/* ---- Reading ---- */

tt1_status tt1__study_bytes(tt1__file *file, const tt1__dicom_study *study, const char *path,
                            int member, tt1_error *err)
{
  return member < 0 ? tt1__file_read(file, path, TT1__DICOM_MAX_BYTES, err)
                    : tt1__zip_read(file, &study->archive, member, err);
}

static size_t peek(const tt1__dicom_study *study, const entry *e, unsigned char *bytes,
                   size_t length)
{
  return e->member < 0 ? tt1__file_peek(e->path, bytes, length)
                       : tt1__zip_peek(&study->archive, e->member, bytes, length);
}

static int ends_in(const char *path, const char *ending)
{
  const char *dot = strrchr(tt1__base_name(path), '.');
  return dot && strcasecmp(dot, ending) == 0;
}

int tt1__is_named_dicom(const char *path)
{
  return ends_in(path, ".dcm") || ends_in(path, ".ima");
}

/** What the threads share. */
typedef struct survey {
  const tt1__dicom_study *study;
  const file_list *list;
  struct found {
    tt1__frames frames;
    int is_skipped, is_archive;
  } * found; /* [list->count] */
} survey;

// A file that is no DICOM is skipped; an archive within an archive is not, as images may be in it.
static tt1_status skip_other(const survey *s, const entry *e, struct found *f,
                             const unsigned char *head, size_t length, tt1_error *err)
{
  f->is_skipped = 1;
  f->is_archive = tt1__zip_is(head, length) && ends_in(e->path, ".zip");
  if (!f->is_archive || e->member < 0) return TT1_OK;
  return tt1__error_set(err, TT1_BAD_FILE,
                        "%s is an archive within an archive, which is not opened; unpack %s",
                        e->path, s->study->archive.path);
}

static tt1_status read_entry(int item, void *payload, tt1_error *err)
{
  const survey *s = payload;
  const entry *e = &s->list->entries[item];
  struct found *f = &s->found[item];
  unsigned char head[512];
  tt1__file file = {0};
  tt1__dicom *dicom = NULL;
  size_t length = peek(s->study, e, head, sizeof head);
  if (!tt1__dicom_is(head, length) && !tt1__is_named_dicom(e->path))
    return skip_other(s, e, f, head, length, err);
  tt1_status status = tt1__study_bytes(&file, s->study, e->path, e->member, err);
  if (status == TT1_OK && !tt1__dicom_is(file.bytes, file.length))
    status = tt1__error_set(err, TT1_BAD_FILE, "%s is named as a DICOM file, but is none", e->path);
  if (status == TT1_OK) status = tt1__dicom_open(&dicom, file.bytes, file.length, e->path, err);
  if (status == TT1_OK && !tt1__frames_is_image(dicom))
    f->is_skipped = 1;
  else if (status == TT1_OK)
    status = tt1__frames_add(&f->frames, dicom, e->path, e->member, err);
  for (int i = 0; i < f->frames.count; i++)
    f->frames.frames[i].checksum = file.checksum;
  tt1__dicom_free(dicom);
  tt1__file_free(&file);
  return status;
}

/* ---- Putting together ---- */

static tt1_status gather(tt1__dicom_study *study, const survey *s, tt1_error *err)
{
  int total = 0;
  for (int i = 0; i < s->list->count; i++) {
    int count = s->found[i].frames.count;
    study->n_skipped += s->found[i].is_skipped;
    study->n_archives += s->found[i].is_archive;
    if (count > TT1__MAX_FRAMES - total)
      return tt1__error_set(
          err, TT1_BAD_FILE,
          "%s holds %d frames; from 1 to %d are read, those of all files together",
          s->list->entries[i].path, count, TT1__MAX_FRAMES);
    total += count;
  }
  tt1__frame *frames = tt1__allocate((size_t)total, sizeof *frames);
  if (!frames) return tt1__no_memory(err);
  study->frames = (tt1__frames){frames, 0, total};
  for (int i = 0; i < s->list->count; i++) {
    const tt1__frames *one = &s->found[i].frames;
    if (one->count > 0)
      memcpy(frames + study->frames.count, one->frames, (size_t)one->count * sizeof *frames);
    study->frames.count += one->count;
  }
  return TT1_OK;
}

static tt1_status read_list(tt1__dicom_study *study, const file_list *list, tt1_error *err)
{
  survey s = {study, list, tt1__allocate((size_t)list->count, sizeof *s.found)};
  if (!s.found) return tt1__no_memory(err);
  tt1_status status = tt1__run_tasks(study->threads, list->count, read_entry, &s, err);
  if (status == TT1_OK) status = gather(study, &s, err);
  for (int i = 0; i < list->count; i++)
    tt1__free(s.found[i].frames.frames);
  tt1__free(s.found);
  return status;
}

tt1_status tt1__study_read_files(tt1__dicom_study *study, const char *folder, int depth,
                                 tt1_error *err)
{
  file_list list = {0};
  tt1_status status =
      folder ? list_folder(study, &list, folder, depth, err) : list_members(study, &list, err);
  if (list.count > 0) qsort(list.entries, (size_t)list.count, sizeof *list.entries, by_path);
  if (status == TT1_OK) status = read_list(study, &list, err);
  tt1__free(list.entries);
  return status;
}
