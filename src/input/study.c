/* SPDX-License-Identifier: MIT
 * The survey of a path, by the reader that it is for, and choosing one of the series found. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/error.h"
#include "base/text.h"
#include "file/file.h"
#include "input/reader.h"
#include "input/study.h"

struct tt1_study {
  const tt1__reader *reader;
  tt1__survey survey;
  tt1_read_options options;
  char *path, *wanted; /* wanted: options.series, or NULL */
  tt1__arena texts;    /* of what is assumed here */
};

static tt1_study_series *series_at(const tt1_study *study, int index)
{
  return study->reader->series(&study->survey, index);
}

/* ---- Choosing ---- */

static int holds_text(const char *text, const char *part)
{
  size_t length = strlen(part);
  for (; *text; text++)
    if (strncasecmp(text, part, length) == 0) return 1;
  return 0;
}

// By its description; where none holds the text, by its image type.
static int is_called(const tt1_study *study, int index, const char *part)
{
  for (int i = 0; i < study->survey.n_series; i++)
    if (holds_text(series_at(study, i)->description, part))
      return holds_text(series_at(study, index)->description, part);
  return holds_text(series_at(study, index)->image_type, part);
}

// Whether series `index` is one that is asked for; any is where none is.
static int is_wanted(const tt1_study *study, int index)
{
  const tt1__reader *reader = study->reader;
  const char *wanted = study->wanted;
  if (!reader->has_number) return 1;
  if (!wanted) return reader->is_meant(&study->survey, index);
  if (wanted[0] && !wanted[strspn(wanted, "0123456789")])
    return reader->has_number(&study->survey, index, (int)strtol(wanted, NULL, 10));
  return strcmp(series_at(study, index)->uid, wanted) == 0 || is_called(study, index, wanted);
}

// Whether anything but "the only one" was asked for: a series, or the file that stands for it.
static int is_asked(const tt1_study *study)
{
  return study->wanted || study->survey.stands_for_one;
}

// A series that was asked for and is the only such is read, though it would not be taken unasked; and a
// map that is the only series, by who wants maps.
static tt1_status overrule(tt1_study *study, tt1_error *err)
{
  char text[480];
  tt1_study_series *only = NULL;
  int count = 0, n_usable = 0;
  if (!study->reader->has_number || (!is_asked(study) && !study->options.takes_maps)) return TT1_OK;
  for (int i = 0; i < study->survey.n_series; i++) {
    tt1_study_series *s = series_at(study, i);
    if (!is_wanted(study, i)) continue;
    n_usable += !s->refused;
    if (!s->may_be_asked_for || !(is_asked(study) || s->kind == TT1_KIND_MAP)) continue;
    only = s;
    count++;
  }
  if (n_usable > 0 || count != 1) return TT1_OK;
  snprintf(text, sizeof text, "read because it was asked for, though %s", only->refused);
  int is_noted = !is_asked(study) || tt1__series_note(only, &study->texts, text);
  only->refused = NULL;
  return is_noted ? TT1_OK : tt1__no_memory(err);
}

static void list_series(tt1__text *text, const tt1_study *study, int are_usable)
{
  int count = 0;
  for (int i = 0; i < study->survey.n_series; i++) {
    const tt1_study_series *s = series_at(study, i);
    if (!is_wanted(study, i) || (s->refused == NULL) != are_usable) continue;
    if (count++ < 4)
      tt1__text_add(text, "%s%d \"%.40s\"%s%.40s%s", count > 1 ? ", " : "", s->number,
                    s->description, s->shares_uid ? " (" : "", s->shares_uid ? s->image_type : "",
                    s->shares_uid ? ")" : "");
    if (count == 1 && !are_usable) tt1__text_add(text, ": %.240s", s->refused);
  }
  if (count > 4) tt1__text_add(text, " and %d more", count - 4);
}

int tt1_study_choose(const tt1_study *study, tt1_error *err)
{
  int chosen = -1, n_usable = 0, n_wanted = 0;
  for (int i = 0; i < study->survey.n_series; i++) {
    if (!is_wanted(study, i)) continue;
    n_wanted++;
    if (series_at(study, i)->refused) continue;
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
  else if (study->options.takes_maps && n_wanted > 1)
    tt1__error_set(err, TT1_BAD_FILE,
                   "of %d series none is the only map: give the folder or a file of the map (%s)",
                   n_wanted, names);
  else
    tt1__error_set(err, TT1_BAD_FILE, "no series can be fitted: %s", names);
  tt1__text_free(&text);
  return -1;
}

/* ---- The study ---- */

static tt1_status survey(tt1_study *study, const char *path, tt1_error *err)
{
  char reason[128];
  struct stat state;
  tt1__source_path source = {.path = path};
  if (stat(path, &state) != 0)
    return tt1__error_set(err, TT1_IO, "%s cannot be read: %s", path, tt1__reason(errno, reason));
  source.is_folder = S_ISDIR(state.st_mode);
  if (!source.is_folder) source.length = tt1__file_peek(path, source.head, sizeof source.head);
  study->reader = tt1__reader_of(&source);
  tt1_status status = study->reader->survey(&study->survey, &source, &study->options, err);
  return status == TT1_OK ? overrule(study, err) : status;
}

tt1_status tt1_study_open(tt1_study **out, const char *path, const tt1_read_options *options,
                          tt1_error *err)
{
  static const tt1_read_options usual = TT1_READ_OPTIONS_INIT;
  tt1_status status =
      tt1__check_version("tt1_read_options", options ? options->version : usual.version,
                         TT1_READ_OPTIONS_VERSION, err);
  if (status != TT1_OK) return status;
  tt1_study *study = tt1__allocate(1, sizeof *study);
  if (!study) return tt1__no_memory(err);
  study->options = options ? *options : usual;
  study->path = tt1__copy_text(path);
  if (!study->path) status = tt1__no_memory(err);
  if (study->options.series) {
    study->wanted = tt1__copy_text(study->options.series);
    if (!study->wanted) status = tt1__no_memory(err);
  }
  if (status == TT1_OK) status = survey(study, path, err);
  study->options.series = study->wanted; // the caller's may go
  if (status == TT1_OK)
    *out = study;
  else
    tt1_study_free(study);
  return status;
}

void tt1_study_free(tt1_study *study)
{
  if (!study) return;
  if (study->reader) study->reader->free(&study->survey);
  tt1__free(study->path);
  tt1__free(study->wanted);
  tt1__arena_free(&study->texts);
  tt1__free(study);
}

const char *tt1__study_path(const tt1_study *study)
{
  return study->path;
}

const tt1_read_options *tt1__study_options(const tt1_study *study)
{
  return &study->options;
}

const tt1_study_series *tt1_study_series_at(const tt1_study *study, int index)
{
  return index >= 0 && index < study->survey.n_series ? series_at(study, index) : NULL;
}

int tt1_study_n_series(const tt1_study *study)
{
  return study->survey.n_series;
}

int tt1_study_n_archives(const tt1_study *study)
{
  return study->survey.n_archives;
}

int tt1_study_n_skipped(const tt1_study *study)
{
  return study->survey.n_skipped;
}

tt1_status tt1_study_read(tt1_image **out, tt1_study *study, int index, tt1_error *err)
{
  const tt1_study_series *s = tt1_study_series_at(study, index);
  if (!s)
    return tt1__error_set(err, TT1_BAD_ARGUMENT, "series %d is asked for, the study has %d", index,
                          study->survey.n_series);
  if (s->refused)
    return tt1__error_set(err, TT1_BAD_FILE, "series %d \"%.60s\" is not read: %s", s->number,
                          s->description, s->refused);
  return study->reader->read(out, &study->survey, index, err);
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
