/* SPDX-License-Identifier: MIT
 * The survey of a path: what it is, choosing one of the series found, and the same
 * questions for what is not DICOM. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/error.h"
#include "base/text.h"
#include "image/study.h"

const char *tt1_kind_text(tt1_kind kind)
{
  static const char *const texts[] = {"unknown", "magnitude", "phase", "real", "imaginary", "map"};
  return texts[kind];
}

// The folder that holds `path`, in the study's arena.
static char *folder_of(tt1_study *study, const char *path)
{
  const char *name = tt1__base_name(path);
  if (name == path) return tt1__arena_copy(&study->texts, ".", 1);
  return tt1__arena_copy(&study->texts, path, name - path > 1 ? (size_t)(name - path - 1) : 1);
}

/* ---- What is not DICOM ---- */

// What is told of the series must outlive the image, which the first reading hands over.
static tt1_status copy_known(tt1_study *study, const tt1_image *image, tt1_error *err)
{
  tt1_found_known *known =
      tt1__arena_allocate(&study->texts, (size_t)image->n_known + 1, sizeof *known);
  for (int i = 0; known && i < image->n_known; i++)
    if (!tt1__copy_known(&known[i], &study->texts, &image->known[i])) known = NULL;
  study->series->shown.known = known;
  return known ? TT1_OK : tt1__no_memory(err);
}

static tt1_status copy_assumptions(tt1_study *study, const tt1_image *image, tt1_error *err)
{
  tt1__series *s = study->series;
  for (int i = 0; i < image->n_assumptions; i++)
    if (!tt1__series_assume(study, s, "%s", image->assumptions[i])) return tt1__no_memory(err);
  s->shown.assumptions = s->sentences;
  return TT1_OK;
}

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
  if (!tt1__image_note_sign(image, 0)) return tt1__no_memory(err);
  study->n_series = 1;
  study->series->shown =
      (tt1_study_series){.description = "",
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
                         .times = image->n_known > 0 ? 0 : -1,
                         .scaling = image->origin.scaling,
                         .unit = image->unit ? image->unit : "",
                         .partner = -1};
  status = copy_known(study, image, err);
  return status == TT1_OK ? copy_assumptions(study, image, err) : status;
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

// By its description; where none holds the text, by its image type.
static int is_called(const tt1_study *study, const tt1__series *s, const char *part)
{
  for (int i = 0; i < study->n_series; i++)
    if (holds_text(study->series[i].shown.description, part))
      return holds_text(s->shown.description, part);
  return holds_text(s->shown.image_type, part);
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
  if (wanted) return strcmp(s->shown.uid, wanted) == 0 || is_called(study, s, wanted);
  return !study->wanted_file || holds_file(study, s, study->wanted_file);
}

static int is_usable(const tt1__series *s)
{
  return !s->shown.refused;
}

// A series that was asked for and is the only such is read, though it would not be taken unasked; and a
// map that is the only series, by who wants maps.
static tt1_status overrule(tt1_study *study, tt1_error *err)
{
  tt1__series *only = NULL;
  int count = 0, n_usable = 0, is_asked = study->wanted || study->wanted_file, is_added = 1;
  if (study->nifti || (!is_asked && !study->takes_maps)) return TT1_OK;
  for (int i = 0; i < study->n_series; i++) {
    tt1__series *s = &study->series[i];
    if (!is_wanted(study, s)) continue;
    n_usable += is_usable(s);
    if (!s->may_be_overruled || !(is_asked || s->shown.kind == TT1_KIND_MAP)) continue;
    only = s;
    count++;
  }
  if (n_usable > 0 || count != 1) return TT1_OK;
  if (is_asked)
    is_added = tt1__series_assume(study, only, "read because it was asked for, though %s",
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
      tt1__text_add(text, "%s%d \"%.40s\"%s%.40s%s", count > 1 ? ", " : "", s->shown.number,
                    s->shown.description, s->shares_uid ? " (" : "",
                    s->shares_uid ? s->shown.image_type : "", s->shares_uid ? ")" : "");
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
    tt1__error_set(err, TT1_BAD_FILE, "%d series can be fitted: %s; choose one with --series",
                   n_usable, names);
  else if (n_wanted == 0)
    tt1__error_set(err, TT1_BAD_FILE, "no series is called \"%.80s\"",
                   study->wanted ? study->wanted : "");
  else if (study->takes_maps && n_wanted > 1)
    tt1__error_set(err, TT1_BAD_FILE,
                   "of %d series none is the only map: give the folder or a file of the map (%s)",
                   n_wanted, names);
  else
    tt1__error_set(err, TT1_BAD_FILE, "no series can be fitted: %s", names);
  tt1__text_free(&text);
  return -1;
}

/* ---- The study ---- */

static tt1_status open_archive(tt1_study *study, const char *path, tt1_error *err)
{
  const tt1__zip_limits limits = {"file", TT1__MAX_FILES - 1, TT1__DICOM_MAX_BYTES};
  const char *copy = tt1__arena_copy(&study->texts, path, strlen(path));
  return copy ? tt1__zip_open(&study->archive, NULL, copy, &limits, err) : tt1__no_memory(err);
}

// Without any image: a folder may hold other formats, and says so itself if it does not.
static tt1_status refuse_empty(tt1_study *study, const char *path, int is_folder, tt1_error *err)
{
  if (is_folder && study->n_archives == 0) return read_other(study, path, 1, err);
  if (is_folder)
    return tt1__error_set(err, TT1_BAD_FILE,
                          "%s holds no MR image beside %d zip archive%s, which %s read only where "
                          "given by name",
                          path, study->n_archives, study->n_archives == 1 ? "" : "s",
                          study->n_archives == 1 ? "is" : "are");
  return tt1__error_set(err, TT1_BAD_FILE, "%s holds no MR image", path);
}

// A folder and everything below; an archive; or a file, which stands for its series in its folder.
static tt1_status survey_dicom(tt1_study *study, const char *path, int is_folder, int is_archive,
                               tt1_error *err)
{
  const char *folder = is_folder ? path : NULL;
  if (is_archive) {
    tt1_status status = open_archive(study, path, err);
    if (status != TT1_OK) return status;
  } else if (!is_folder) {
    study->wanted_file = tt1__arena_copy(&study->texts, path, strlen(path));
    folder = folder_of(study, path);
    if (!folder || !study->wanted_file) return tt1__no_memory(err);
  }
  tt1_status status =
      tt1__study_read_files(study, folder, is_folder ? 0 : TT1__MAX_FOLDER_DEPTH, err);
  if (status == TT1_OK && study->frames.count == 0)
    return refuse_empty(study, path, is_folder, err);
  if (status == TT1_OK) status = tt1__study_arrange(study, err);
  return status == TT1_OK ? overrule(study, err) : status;
}

static tt1_status survey(tt1_study *study, const char *path, tt1_error *err)
{
  char reason[128];
  unsigned char head[512];
  struct stat state;
  if (stat(path, &state) != 0)
    return tt1__error_set(err, TT1_IO, "%s cannot be read: %s", path, tt1__reason(errno, reason));
  int is_folder = S_ISDIR(state.st_mode);
  if (is_folder && tt1__bids_is_folder(path)) return read_other(study, path, 1, err);
  size_t length = is_folder ? 0 : tt1__file_peek(path, head, sizeof head);
  int is_archive = tt1__zip_is(head, length);
  if (!is_folder && !is_archive && !tt1__dicom_is(head, length) && !tt1__is_named_dicom(path))
    return read_other(study, path, 0, err);
  return survey_dicom(study, path, is_folder, is_archive, err);
}

tt1_status tt1_study_open(tt1_study **out, const char *path, const tt1_read_options *options,
                          tt1_error *err)
{
  tt1_study *study = tt1__allocate(1, sizeof *study);
  if (!study) return tt1__no_memory(err);
  tt1_status status = TT1_OK;
  study->archive.descriptor = -1;
  if (options) study->times = options->times;
  if (options) study->threads = options->threads;
  if (options) study->takes_maps = options->takes_maps;
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
  tt1__zip_close(&study->archive);
  tt1__arena_free(&study->texts);
  tt1__free(study);
}

const tt1_study_series *tt1_study_series_at(const tt1_study *study, int index)
{
  return index >= 0 && index < study->n_series ? &study->series[index].shown : NULL;
}

int tt1_study_n_archives(const tt1_study *study)
{
  return study->n_archives;
}

int tt1_study_n_skipped(const tt1_study *study)
{
  return study->n_skipped;
}

tt1_status tt1_study_read(tt1_image **out, tt1_study *study, int index, tt1_error *err)
{
  const tt1_study_series *s = tt1_study_series_at(study, index);
  if (!s)
    return tt1__error_set(err, TT1_BAD_ARGUMENT, "series %d is asked for, the study has %d", index,
                          study->n_series);
  if (s->refused)
    return tt1__error_set(err, TT1_BAD_FILE, "series %d \"%.60s\" is not read: %s", s->number,
                          s->description, s->refused);
  if (!study->nifti) return tt1__study_load(out, study, index, err);
  if (!study->image) return tt1_image_read(out, study->nifti, NULL, err);
  *out = study->image; // read for the survey
  study->image = NULL;
  return TT1_OK;
}

tt1_status tt1_image_read(tt1_image **out, const char *path, const tt1_read_options *options,
                          tt1_error *err)
{
  tt1_study *study = NULL;
  tt1_status status = tt1_study_open(&study, path, options, err);
  if (status != TT1_OK) return status;
  int index = tt1_study_choose(study, err);
  status = index < 0 ? TT1_BAD_FILE : tt1_study_read(out, study, index, err);
  tt1_study_free(study);
  return status;
}
