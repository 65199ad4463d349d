/* SPDX-License-Identifier: MIT
 * The files of a study: those below a folder, or the members of an archive. Each is
 * opened once: looked at, read if it is DICOM, and kept for its pixels while there is room, by several
 * threads at once; what they find is put together in the order of the paths. */
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
#include "file/gzip.h"

/* ---- Listing ---- */

static int by_path(const void *first, const void *second)
{
  const tt1__dicom_file *a = first, *b = second;
  int difference = strcmp(a->path, b->path);
  return difference ? difference : a->member - b->member;
}

static tt1_status add_file(tt1__dicom_study *study, const char *path, int member, tt1_error *err)
{
  if (!path) return tt1__no_memory(err);
  if (study->n_files == TT1__MAX_FILES)
    return tt1__error_set(err, TT1_BAD_FILE,
                          "%s is one of more than %d files; give a folder with fewer", path,
                          TT1__MAX_FILES);
  if (study->n_files == study->files_capacity) {
    int capacity = study->files_capacity ? study->files_capacity * 2 : 64;
    tt1__dicom_file *grown = tt1__reallocate(study->files, (size_t)capacity, sizeof *grown);
    if (!grown) return tt1__no_memory(err);
    study->files = grown;
    study->files_capacity = capacity;
  }
  study->files[study->n_files++] = (tt1__dicom_file){.path = path, .member = member};
  return TT1_OK;
}

static char *join(tt1__dicom_study *study, const char *folder, const char *name)
{
  char *joined = tt1__join(folder, name);
  char *path = joined ? tt1__arena_copy(&study->texts, joined, strlen(joined)) : NULL;
  tt1__free(joined);
  return path;
}

// Hidden files, and an index of others.
static int is_left_out(const char *name)
{
  return name[0] == '.' || strcasecmp(name, "DICOMDIR") == 0;
}

/** A folder that was listed: links may lead to it again. */
typedef struct visited {
  dev_t device;
  ino_t inode;
  const struct visited *next;
} visited;

static int was_visited(const visited *list, const struct stat *state)
{
  for (; list; list = list->next)
    if (list->device == state->st_dev && list->inode == state->st_ino) return 1;
  return 0;
}

static tt1_status list_folder(tt1__dicom_study *study, const char *folder, int depth,
                              const visited **seen, tt1_error *err);

// A file, or a folder that was not listed yet. Links are followed.
static tt1_status list_item(tt1__dicom_study *study, const char *path, int depth,
                            const visited **seen, tt1_error *err)
{
  struct stat state;
  if (stat(path, &state) != 0) return TT1_OK;
  if (S_ISREG(state.st_mode)) return add_file(study, path, -1, err);
  if (!S_ISDIR(state.st_mode) || depth >= TT1__MAX_FOLDER_DEPTH || was_visited(*seen, &state))
    return TT1_OK;
  return list_folder(study, path, depth + 1, seen, err);
}

// Files below `folder`. Links may run in circles: each folder is listed once.
static tt1_status list_folder(tt1__dicom_study *study, const char *folder, int depth,
                              const visited **seen, tt1_error *err)
{
  char reason[128];
  struct stat state;
  tt1_status status = TT1_OK;
  visited *here = tt1__arena_allocate(&study->texts, 1, sizeof *here);
  if (!here) return tt1__no_memory(err);
  DIR *directory = opendir(folder);
  if (!directory || fstat(dirfd(directory), &state) != 0) {
    status =
        tt1__error_set(err, TT1_IO, "%s cannot be read: %s", folder, tt1__reason(errno, reason));
    if (directory) closedir(directory);
    return status;
  }
  *here = (visited){state.st_dev, state.st_ino, *seen};
  *seen = here;
  const struct dirent *item;
  while (status == TT1_OK && (item = readdir(directory)) != NULL) {
    if (is_left_out(item->d_name)) continue;
    char *path = join(study, folder, item->d_name);
    status = path ? list_item(study, path, depth, seen, err) : tt1__no_memory(err);
  }
  closedir(directory);
  return status;
}

// Members that are files: neither folders nor what the archiver of macOS adds.
static tt1_status list_members(tt1__dicom_study *study, tt1_error *err)
{
  tt1_status status = TT1_OK;
  const tt1__zip *zip = &study->archive;
  for (int i = 0; i < zip->n_members && status == TT1_OK; i++) {
    const char *name = zip->members[i].name, *base = tt1__base_name(name);
    if (!*base || is_left_out(base) || strncmp(name, "__MACOSX/", 9) == 0) continue;
    status = add_file(study, join(study, zip->path, name), i, err);
  }
  return status;
}

/* ---- Reading ---- */

// A small file may hold much, but not without end.
static tt1_status decompress(tt1__file *file, const char *path, tt1_error *err)
{
  enum { USUAL_RATIO = 100, ALWAYS = 64 << 20 };
  size_t limit = file->length < TT1__DICOM_MAX_BYTES / USUAL_RATIO ? USUAL_RATIO * file->length
                                                                   : TT1__DICOM_MAX_BYTES;
  return tt1__gunzip(file, limit > ALWAYS ? limit : ALWAYS, path, err);
}

tt1_status tt1__study_bytes(const tt1__file **bytes, tt1__file *room, const tt1__dicom_study *study,
                            int index, tt1_error *err)
{
  const tt1__dicom_file *file = &study->files[index];
  *bytes = &file->bytes;
  if (file->bytes.bytes) return TT1_OK;
  tt1_status status = file->member < 0 ? tt1__file_read(room, file->path, TT1__DICOM_MAX_BYTES, err)
                                       : tt1__zip_read(room, &study->archive, file->member, err);
  if (status == TT1_OK) status = decompress(room, file->path, err);
  *bytes = room;
  if (status != TT1_OK || room->checksum == file->bytes.checksum) return status;
  return tt1__error_set(err, TT1_BAD_FILE, "%s changed while it was read; start again", file->path);
}

// In capitals or not.
static int has_ending(const char *path, const char *ending)
{
  size_t length = strlen(path), n = strlen(ending);
  return length > n && strcasecmp(path + length - n, ending) == 0;
}

int tt1__is_named_dicom(const char *path)
{
  static const char *const endings[] = {".dcm", ".ima", ".dcm.gz", ".ima.gz"};
  const char *name = tt1__base_name(path);
  for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
    if (has_ending(name, endings[i])) return 1;
  return 0;
}

int tt1__is_dicom_file(const unsigned char *head, size_t length, const char *path)
{
  unsigned char plain[TT1__HEAD_SIZE];
  if (tt1__dicom_is(head, length) || tt1__is_named_dicom(path)) return 1;
  if (length < 2 || head[0] != 0x1F || head[1] != 0x8B) return 0;
  return tt1__dicom_is(plain, tt1__gunzip_some(plain, sizeof plain, head, length));
}

/** What the threads share. */
typedef struct survey {
  tt1__dicom_study *study;
  struct found {
    tt1__frames frames;
    int is_skipped, is_archive, is_secondary; /* the last two of what is skipped */
    char series[65], *fault; /* why it cannot be read, though it says whose it is; else NULL */
  } * found;                 /* [study->n_files] */
} survey;

// Whether a file that begins so is DICOM, or claims to be by its name.
static int is_wanted(const unsigned char *head, size_t length, const void *context)
{
  const tt1__dicom_file *file = context;
  return tt1__is_dicom_file(head, length, file->path);
}

static int is_archive(const tt1__dicom_file *file, const tt1__file *head)
{
  return tt1__zip_is(head->bytes, head->length) && has_ending(tt1__base_name(file->path), ".zip");
}

// Read a file on disk if it is wanted. What cannot be opened is no image, unless its name says so.
static tt1_status read_on_disk(tt1__file *out, struct found *found, const tt1__dicom_file *file,
                               tt1_error *err)
{
  tt1_error reason = {0};
  int was_wanted = 0;
  tt1_status status = tt1__file_read_if(out, &was_wanted, file->path, TT1__DICOM_MAX_BYTES,
                                        is_wanted, file, &reason);
  if (status == TT1_IO && !tt1__is_named_dicom(file->path)) status = TT1_OK;
  found->is_skipped = !was_wanted;
  found->is_archive = !was_wanted && is_archive(file, out);
  if (status != TT1_OK && err) *err = reason;
  return status;
}

// An archive within an archive is not skipped, as images may be in it.
static tt1_status read_member(tt1__file *out, struct found *found, const tt1__dicom_study *study,
                              const tt1__dicom_file *file, tt1_error *err)
{
  unsigned char bytes[TT1__HEAD_SIZE];
  tt1__file head = {.bytes = bytes};
  head.length = tt1__zip_peek(&study->archive, file->member, bytes, sizeof bytes);
  if (is_wanted(head.bytes, head.length, file))
    return tt1__zip_read(out, &study->archive, file->member, err);
  found->is_skipped = 1;
  if (!is_archive(file, &head)) return TT1_OK;
  return tt1__error_set(err, TT1_BAD_FILE,
                        "%s is an archive within an archive, which is not opened; unpack %s",
                        file->path, study->archive.path);
}

// Keep the bytes of a file while there is room.
static void keep(tt1__dicom_study *study, tt1__dicom_file *file, tt1__file *read)
{
  size_t before = atomic_fetch_add(&study->n_kept, read->length);
  file->bytes.checksum = read->checksum;
  if (before + read->length <= TT1__MAX_KEPT_BYTES) {
    file->bytes = *read;
    *read = (tt1__file){0};
  } else {
    atomic_fetch_sub(&study->n_kept, read->length);
  }
}

static tt1_status read_frames(tt1__dicom_study *study, int item, struct found *found,
                              tt1__file *read, tt1_error *err)
{
  tt1__dicom_file *file = &study->files[item];
  tt1__dicom *dicom = NULL;
  tt1_status status = decompress(read, file->path, err);
  if (status != TT1_OK) return status;
  if (!tt1__dicom_is(read->bytes, read->length))
    return tt1__error_set(err, TT1_BAD_FILE, "%s is named as a DICOM file, but is none",
                          file->path);
  status = tt1__dicom_open(&dicom, read->bytes, read->length, file->path, err);
  if (status == TT1_OK && !tt1__frames_is_image(dicom)) {
    found->is_skipped = 1;
    found->is_secondary = tt1__frames_is_secondary(dicom);
  } else if (status == TT1_OK) {
    status = tt1__frames_add(&found->frames, dicom, file->path, err);
  }
  tt1__dicom_free(dicom);
  for (int i = 0; i < found->frames.count; i++) {
    found->frames.frames[i].file = item;
    found->frames.frames[i].checksum = read->checksum;
  }
  if (status == TT1_OK && found->frames.count > 0) keep(study, file, read);
  return status;
}

// What is wrong with a file of a known series stops that series alone.
static tt1_status keep_fault(struct found *found, const tt1__file *read, tt1_status status,
                             const tt1_error *fault, tt1_error *err)
{
  if (status == TT1_BAD_FILE) tt1__dicom_series_of(found->series, read->bytes, read->length);
  if (status == TT1_OK) return TT1_OK;
  if (!found->series[0]) return tt1__error_set(err, status, "%s", fault->message);
  found->frames.count = 0;
  found->fault = tt1__copy_text(fault->message);
  return found->fault ? TT1_OK : tt1__no_memory(err);
}

static tt1_status read_file(int item, void *payload, tt1_error *err)
{
  const survey *s = payload;
  const tt1__dicom_file *file = &s->study->files[item];
  struct found *found = &s->found[item];
  tt1__file read = {0};
  tt1_status status = file->member < 0 ? read_on_disk(&read, found, file, err)
                                       : read_member(&read, found, s->study, file, err);
  if (status == TT1_OK && !found->is_skipped) {
    tt1_error fault = {0};
    status = read_frames(s->study, item, found, &read, &fault);
    status = keep_fault(found, &read, status, &fault, err);
  }
  tt1__file_free(&read);
  return status;
}

/* ---- Putting together ---- */

static tt1_status gather(tt1__dicom_study *study, const survey *s, tt1_error *err)
{
  int total = 0;
  for (int i = 0; i < study->n_files; i++) {
    int count = s->found[i].frames.count;
    study->n_skipped += s->found[i].is_skipped;
    study->n_archives += s->found[i].is_archive;
    study->n_secondary += s->found[i].is_secondary;
    if (count > TT1__MAX_FRAMES - total)
      return tt1__error_set(
          err, TT1_BAD_FILE,
          "%s holds %d frames; from 1 to %d are read, those of all files together",
          study->files[i].path, count, TT1__MAX_FRAMES);
    total += count;
  }
  tt1__frame *frames = tt1__allocate((size_t)total, sizeof *frames);
  if (!frames) return tt1__no_memory(err);
  study->frames = (tt1__frames){frames, 0, total};
  for (int i = 0; i < study->n_files; i++) {
    const tt1__frames *one = &s->found[i].frames;
    if (one->count > 0)
      memcpy(frames + study->frames.count, one->frames, (size_t)one->count * sizeof *frames);
    study->frames.count += one->count;
  }
  return TT1_OK;
}

// Files that were lost. Where nothing else is there, the first of them is the fault of the study.
static tt1_status gather_lost(tt1__dicom_study *study, const survey *s, tt1_error *err)
{
  int count = 0;
  for (int i = 0; i < study->n_files; i++)
    count += s->found[i].fault != NULL;
  if (count == 0) return TT1_OK;
  study->lost = tt1__arena_allocate(&study->texts, (size_t)count, sizeof *study->lost);
  if (!study->lost) return tt1__no_memory(err);
  for (int i = 0; i < study->n_files; i++) {
    const struct found *found = &s->found[i];
    if (!found->fault) continue;
    if (study->frames.count == 0) return tt1__error_set(err, TT1_BAD_FILE, "%s", found->fault);
    tt1__lost_file *lost = &study->lost[study->n_lost++];
    memcpy(lost->series, found->series, sizeof lost->series);
    lost->path = study->files[i].path;
    lost->fault = tt1__arena_copy(&study->texts, found->fault, strlen(found->fault));
    if (!lost->fault) return tt1__no_memory(err);
  }
  return TT1_OK;
}

static tt1_status read_all(tt1__dicom_study *study, tt1_error *err)
{
  survey s = {study, tt1__allocate((size_t)study->n_files, sizeof *s.found)};
  if (!s.found) return tt1__no_memory(err);
  tt1_status status = tt1__run_tasks(study->threads, study->n_files, read_file, &s, err);
  if (status == TT1_OK) status = gather(study, &s, err);
  if (status == TT1_OK) status = gather_lost(study, &s, err);
  for (int i = 0; i < study->n_files; i++) {
    tt1__free(s.found[i].frames.frames);
    tt1__free(s.found[i].fault);
  }
  tt1__free(s.found);
  return status;
}

// A path that was given must be there.
static tt1_status list_given(tt1__dicom_study *study, const char *path, int depth,
                             const visited **seen, tt1_error *err)
{
  char reason[128];
  struct stat state;
  if (stat(path, &state) != 0)
    return tt1__error_set(err, TT1_IO, "%s cannot be read: %s", path, tt1__reason(errno, reason));
  if (!S_ISDIR(state.st_mode))
    return add_file(study, tt1__arena_copy(&study->texts, path, strlen(path)), -1, err);
  return was_visited(*seen, &state) ? TT1_OK : list_folder(study, path, depth, seen, err);
}

tt1_status tt1__study_read_files(tt1__dicom_study *study, const char *const *paths, int n_paths,
                                 int depth, tt1_error *err)
{
  const visited *seen = NULL;
  tt1_status status = n_paths ? TT1_OK : list_members(study, err);
  for (int i = 0; i < n_paths && status == TT1_OK; i++)
    status = list_given(study, paths[i], depth, &seen, err);
  if (study->n_files > 0)
    qsort(study->files, (size_t)study->n_files, sizeof *study->files, by_path);
  return status == TT1_OK ? read_all(study, err) : status;
}
