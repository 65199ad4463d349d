/* SPDX-License-Identifier: MIT
 * Reader of DICOM: folders, archives, and files, which stand for their series in their folder. */
#include <sys/stat.h>

#include "base/error.h"
#include "dicom/study.h"
#include "input/reader.h"

static int is_it_yours(const tt1__source_path *path)
{
  return path->is_folder || tt1__zip_is(path->head, path->length) ||
         tt1__is_dicom_file(path->head, path->length, path->path);
}

static tt1_status survey(tt1__survey *out, const tt1__source_path *path,
                         const tt1_read_options *options, tt1_error *err)
{
  tt1__dicom_study *study = out->state = tt1__allocate(1, sizeof *study);
  if (!study) return tt1__no_memory(err);
  study->times = options->times;
  study->threads = options->threads;
  tt1__dicom_place place = path->n_given > 1                       ? TT1__GIVEN
                           : path->is_folder                       ? TT1__IN_FOLDER
                           : tt1__zip_is(path->head, path->length) ? TT1__IN_ARCHIVE
                                                                   : TT1__BESIDE;
  tt1_status status = tt1__dicom_study_open(study, path->given, path->n_given, place, err);
  out->stands_for_one = place == TT1__BESIDE;
  out->is_empty = status == TT1_BAD_FILE && study->is_empty;
  out->n_series = study->n_series;
  out->n_skipped = study->n_skipped;
  out->n_archives = study->n_archives;
  out->n_secondary = study->n_secondary;
  return status;
}

static tt1_study_series *series(const tt1__survey *survey, int index)
{
  const tt1__dicom_study *study = survey->state;
  return &study->series[index].shown;
}

static int has_number(const tt1__survey *survey, int index, int number)
{
  const tt1__dicom_study *study = survey->state;
  const tt1__series *s = &study->series[index];
  for (int i = 0; i < s->n_frames; i++)
    if (tt1__series_frame(study, s, i)->series_number == number) return 1;
  return 0;
}

static int is_meant(const tt1__survey *survey, int index)
{
  const tt1__dicom_study *study = survey->state;
  const tt1__series *s = &study->series[index];
  struct stat wanted, found;
  if (!study->wanted_file) return 1;
  if (stat(study->wanted_file, &wanted) != 0) return 0;
  for (int i = 0; i < s->n_frames; i++)
    if (stat(tt1__series_frame(study, s, i)->path, &found) == 0 && found.st_ino == wanted.st_ino &&
        found.st_dev == wanted.st_dev)
      return 1;
  return 0;
}

static tt1_status read(tt1_image **out, tt1__survey *survey, int index, tt1_error *err)
{
  return tt1__study_load(out, survey->state, index, err);
}

static void release(tt1__survey *survey)
{
  if (survey->state) tt1__dicom_study_free(survey->state);
  tt1__free(survey->state);
}

const tt1__reader tt1__dicom_reader = {"DICOM",    is_it_yours, survey, series,
                                       has_number, is_meant,    read,   release};
