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
#include "bids/sisters.h"
#include "file/file.h"
#include "file/zip.h"
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

// Whether the kind of a series is called so.
static int is_of_kind(const tt1_study_series *s, const char *kind)
{
  return strcasecmp(tt1_kind_name(s->kind), kind) == 0;
}

static int has_text(const tt1_study_series *s, const char *part)
{
  return holds_text(s->description, part);
}

static int has_image_type(const tt1_study_series *s, const char *part)
{
  return holds_text(s->image_type, part);
}

static int has_vendor(const tt1_study_series *s, const char *part)
{
  return holds_text(s->vendor, part);
}

// By its description; where none holds the text, by its kind, its image type, or who made the scanner.
static int is_called(const tt1_study *study, int index, const char *part)
{
  static int (*const ways[])(const tt1_study_series *, const char *) = {has_text, is_of_kind,
                                                                        has_image_type, has_vendor};
  for (size_t w = 0; w < sizeof ways / sizeof *ways; w++)
    for (int i = 0; i < study->survey.n_series; i++)
      if (ways[w](series_at(study, i), part)) return ways[w](series_at(study, index), part);
  return 0;
}

// "12", or "12:real", which is the kind among those of one number.
static int is_numbered(const tt1_study *study, int index, const char *wanted)
{
  const char *kind = wanted + strspn(wanted, "0123456789");
  if (kind == wanted || (*kind && *kind != ':')) return 0;
  return study->reader->has_number(&study->survey, index, (int)strtol(wanted, NULL, 10)) &&
         (!*kind || is_of_kind(series_at(study, index), kind + 1));
}

// "#2" is a row of the table, from 1.
static int is_row(int index, const char *wanted)
{
  return wanted[0] == '#' && wanted[1] && !wanted[1 + strspn(wanted + 1, "0123456789")] &&
         strtol(wanted + 1, NULL, 10) == index + 1;
}

// Whether series `index` is one that is asked for; any is where none is.
static int is_wanted(const tt1_study *study, int index)
{
  const tt1__reader *reader = study->reader;
  const char *wanted = study->wanted;
  if (!reader->has_number) return 1;
  if (!wanted) return reader->is_meant(&study->survey, index);
  if (wanted[0] && !wanted[strspn(wanted, "0123456789")]) return is_numbered(study, index, wanted);
  return strcmp(series_at(study, index)->uid, wanted) == 0 || is_numbered(study, index, wanted) ||
         is_row(index, wanted) || is_called(study, index, wanted);
}

// Whether anything but "the only one" was asked for: a series, or the file that stands for it.
static int is_asked(const tt1_study *study)
{
  return study->wanted || study->survey.stands_for_one;
}

// Take series `only` though it is refused.
static tt1_status overrule(tt1_study *study, tt1_study_series *only, const char *why,
                           tt1_error *err)
{
  char text[480];
  snprintf(text, sizeof text, "%s, though %s", why, only->refused);
  if (!tt1__series_note(only, &study->texts, text)) return tt1__no_memory(err);
  only->refused = NULL;
  return TT1_OK;
}

// The only series that no fit takes unasked and that has what is asked for; NULL: none, or several.
static tt1_study_series *only_refused(const tt1_study *study, int n_times, int maps_only)
{
  tt1_study_series *only = NULL;
  int count = 0;
  for (int i = 0; i < study->survey.n_series; i++) {
    tt1_study_series *s = series_at(study, i);
    if (!is_wanted(study, i)) continue;
    if (!s->refused) return NULL;
    if (!s->may_be_asked_for || (maps_only && s->kind != TT1_KIND_MAP)) continue;
    if (n_times > 0 && (!s->lacks_times || s->n_images != n_times)) continue;
    only = s;
    count++;
  }
  return count == 1 ? only : NULL;
}

// The option that takes series `index` and no other: its number, or its row.
static void name_option(char option[32], const tt1_study *study, int index)
{
  int number = series_at(study, index)->number, count = 0;
  for (int i = 0; i < study->survey.n_series; i++)
    count += study->reader->has_number(&study->survey, i, number);
  if (count == 1 && number > 0)
    snprintf(option, 32, "--series %d", number);
  else
    snprintf(option, 32, "--series=#%d", index + 1);
}

static int is_the_same_scan(const tt1_study_series *a, const tt1_study_series *b)
{
  return a->number == b->number && a->n_images == b->n_images && strcmp(a->uid, b->uid) == 0 &&
         strcmp(a->description, b->description) == 0;
}

// Real parts may have lost their polarity to the phase of coils: of one scan the magnitudes are taken, unless
// the real parts are asked for.
static tt1_status prefer_magnitudes(tt1_study *study, tt1_error *err)
{
  char text[120], option[32];
  for (int i = 0; i < study->survey.n_series; i++)
    for (int j = 0; j < study->survey.n_series; j++) {
      tt1_study_series *real = series_at(study, i), *magnitude = series_at(study, j);
      if (real->kind != TT1_KIND_REAL || magnitude->kind != TT1_KIND_MAGNITUDE || real->refused ||
          magnitude->refused || !is_the_same_scan(real, magnitude))
        continue;
      name_option(option, study, i);
      snprintf(text, sizeof text, "the magnitudes are taken, not the real parts (%s)", option);
      if (!tt1__series_note(magnitude, &study->texts, text)) return tt1__no_memory(err);
      real->refused = "the magnitudes of the same scan are taken";
      real->may_be_asked_for = 1;
    }
  return TT1_OK;
}

// A series that was asked for and is the only such is read, though it would not be taken unasked; so is
// one without times for who gives as many as it has images; and a map that is the only series, by who
// wants maps.
static tt1_status overrule_refusals(tt1_study *study, tt1_error *err)
{
  int n_times = study->options.n_times;
  tt1_study_series *only = NULL;
  if (!study->reader->has_number) return TT1_OK;
  tt1_status status = prefer_magnitudes(study, err);
  if (status != TT1_OK) return status;
  if (n_times > 0 && (only = only_refused(study, n_times, 0)) != NULL)
    return overrule(study, only, "read because its times are given", err);
  if (is_asked(study) && (only = only_refused(study, 0, 0)) != NULL)
    return overrule(study, only, "read because it was asked for", err);
  if (!is_asked(study) && study->options.takes_maps && (only = only_refused(study, 0, 1)) != NULL)
    only->refused = NULL;
  return TT1_OK;
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

// The options that take one of those that can be fitted.
static void list_options(tt1__text *text, const tt1_study *study)
{
  char option[32];
  int count = 0;
  for (int i = 0; i < study->survey.n_series; i++) {
    if (!is_wanted(study, i) || series_at(study, i)->refused || ++count > 4) continue;
    name_option(option, study, i);
    tt1__text_add(text, "%s%s (%s)", count > 1 ? ", " : "; choose one with ", option,
                  tt1_kind_name(series_at(study, i)->kind));
  }
}

// What would take the only series that may be asked for and has times; "" where it was asked for, or there
// is no such.
static void name_remedy(char remedy[64], const tt1_study *study)
{
  char option[32];
  int only = -1, count = 0;
  *remedy = '\0';
  for (int i = 0; i < study->survey.n_series && study->reader->has_number; i++)
    if (is_wanted(study, i) && series_at(study, i)->may_be_asked_for &&
        series_at(study, i)->times >= 0 && series_at(study, i)->kind != TT1_KIND_PHASE &&
        series_at(study, i)->kind != TT1_KIND_IMAGINARY) {
      only = i;
      count++;
    }
  if (count != 1 || is_asked(study)) return;
  name_option(option, study, only);
  snprintf(remedy, 64, "; %s reads it all the same", option);
}

int tt1_study_choose(const tt1_study *study, tt1_error *err)
{
  char remedy[64];
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
  if (n_usable > 1) list_options(&text, study);
  const char *names = text.bytes ? text.bytes : "";
  name_remedy(remedy, study);
  if (n_usable > 1)
    tt1__error_set(err, TT1_BAD_FILE, "%d series can be fitted: %s", n_usable, names);
  else if (n_wanted == 0)
    tt1__error_set(err, TT1_BAD_FILE,
                   "no series is called \"%.80s\"; --series takes a number, #ROW of the table that "
                   "'torcht1 info' prints, a kind, a UID or a part of the description",
                   study->wanted ? study->wanted : "");
  else if (study->options.takes_maps && n_wanted > 1)
    tt1__error_set(err, TT1_BAD_FILE,
                   "of %d series none is the only map: give the folder or a file of the map (%s)",
                   n_wanted, names);
  else
    tt1__error_set(err, TT1_BAD_FILE, "no series can be fitted: %s%s", names, remedy);
  tt1__text_free(&text);
  return -1;
}

/* ---- The study ---- */

static tt1_status look(tt1__source_path *out, const char *path, tt1_error *err)
{
  char reason[128];
  struct stat state;
  *out = (tt1__source_path){.path = path};
  if (stat(path, &state) != 0)
    return tt1__error_set(err, TT1_IO, "%s cannot be read: %s", path, tt1__reason(errno, reason));
  out->is_folder = S_ISDIR(state.st_mode);
  if (!out->is_folder) out->length = tt1__file_peek(path, out->head, sizeof out->head);
  return TT1_OK;
}

// Of several paths each is a DICOM file or folder, or each is a NIfTI file, in a dataset or not.
static tt1_status find_reader(const tt1__reader **out, const tt1__source_path *first,
                              tt1_error *err)
{
  for (int i = 0; i < first->n_given; i++) {
    tt1__source_path path;
    tt1_status status = look(&path, first->given[i], err);
    if (status != TT1_OK) return status;
    int is_dicom = tt1__dicom_reader.is_it_yours(&path);
    const tt1__reader *reader = is_dicom ? &tt1__dicom_reader : &tt1__nifti_reader;
    if (i > 0 && reader != *out)
      return tt1__error_set(
          err, TT1_BAD_FILE,
          "%s is %s and %s is not; several inputs are DICOM files and folders, or "
          "NIfTI files",
          path.path, reader->name, first->path);
    if (tt1__zip_is(path.head, path.length))
      return tt1__error_set(err, TT1_BAD_FILE, "%s is an archive, which is read alone; unpack it",
                            path.path);
    *out = reader;
  }
  return TT1_OK;
}

static tt1_status survey(tt1_study *study, const char *const *paths, int n_paths, tt1_error *err)
{
  const char *path = paths[0];
  tt1__source_path source;
  tt1_status status = look(&source, path, err);
  if (status != TT1_OK) return status;
  source.given = paths;
  source.n_given = n_paths;
  source.n_times = study->options.n_times;
  if (n_paths > 1)
    status = find_reader(&study->reader, &source, err);
  else
    study->reader = tt1__reader_of(&source);
  if (status != TT1_OK) {
    study->reader = NULL;
    return status;
  }
  status = study->reader->survey(&study->survey, &source, &study->options, err);
  if (study->survey.is_empty && n_paths == 1 && source.is_folder && tt1__sisters_may_be_in(path)) {
    study->reader->free(&study->survey);
    study->survey = (tt1__survey){0};
    study->reader = &tt1__nifti_reader;
    status = study->reader->survey(&study->survey, &source, &study->options, err);
  }
  return status == TT1_OK ? overrule_refusals(study, err) : status;
}

tt1_status tt1_study_open(tt1_study **out, const char *path, const tt1_read_options *options,
                          tt1_error *err)
{
  return tt1_study_open_all(out, &path, 1, options, err);
}

// "a.nii", or "a.nii and 7 more".
static char *name_paths(const char *const *paths, int n_paths)
{
  tt1__text text = {0};
  tt1__text_add(&text, "%s", paths[0]);
  if (n_paths > 1) tt1__text_add(&text, " and %d more", n_paths - 1);
  return tt1__text_take(&text);
}

tt1_status tt1_study_open_all(tt1_study **out, const char *const *paths, int n_paths,
                              const tt1_read_options *options, tt1_error *err)
{
  static const tt1_read_options usual = TT1_READ_OPTIONS_INIT;
  tt1_status status =
      tt1__check_version("tt1_read_options", options ? options->version : usual.version,
                         TT1_READ_OPTIONS_VERSION, err);
  if (status != TT1_OK) return status;
  if (n_paths < 1) return tt1__error_set(err, TT1_BAD_ARGUMENT, "%d paths are given", n_paths);
  tt1_study *study = tt1__allocate(1, sizeof *study);
  if (!study) return tt1__no_memory(err);
  study->options = options ? *options : usual;
  study->path = name_paths(paths, n_paths);
  if (!study->path) status = tt1__no_memory(err);
  if (study->options.series) {
    study->wanted = tt1__copy_text(study->options.series);
    if (!study->wanted) status = tt1__no_memory(err);
  }
  if (status == TT1_OK) status = survey(study, paths, n_paths, err);
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

int tt1_study_n_secondary(const tt1_study *study)
{
  return study->survey.n_secondary;
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
