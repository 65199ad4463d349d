/* SPDX-License-Identifier: MIT
 * torcht1 info: what is there, before anything is fitted. */
#include "info/info.h"
#include "tt1_input.h"
#include "tt1_mapping.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

enum { JSON = 256, SERIES, TIMES, PARTICIPANTS, SESSIONS, SUFFIX };
static const option_row options[] = {SERIES_OPTION_ROW(SERIES),
                                     TIMES_OPTION_ROW(TIMES),
                                     THREADS_OPTION_ROW,
                                     BIDS_OPTION_ROWS(PARTICIPANTS, SESSIONS, SUFFIX),
                                     {"json", JSON, NULL, "print JSON; times in s"},
                                     {NULL, 0, NULL, NULL}};

void info_put_known(tt1_json *out, const tt1_known_values *known, int n_known)
{
  tt1_json_open(out, "known", '[');
  for (int i = 0; i < n_known; i++) {
    tt1_json_open(out, NULL, '{');
    tt1_json_text(out, "name", known[i].name);
    tt1_json_text(out, "source", known[i].source);
    tt1_json_slices(out, "values", known[i].values, known[i].count, known[i].n_slices);
    tt1_json_close(out, '{');
  }
  tt1_json_close(out, '[');
}

void info_put_inversions(tt1_json *out, const tt1_known_values *known, int n_known, int n_images)
{
  tt1_inversions found;
  double counts[TT1_MAX_INVERSION_GROUPS];
  if (tt1_inversions_of(&found, NULL, known, n_known, n_images) < 2) {
    tt1_json_text(out, "inversions", NULL);
    return;
  }
  for (int g = 0; g < found.n_groups; g++)
    counts[g] = found.count[g];
  tt1_json_open(out, "inversions", '{');
  tt1_json_numbers(out, "images", counts, found.n_groups);
  tt1_json_numbers(out, "rests", found.rest + 1, found.n_groups - 1); // null: not known
  tt1_json_number(out, "beat", found.beat);
  tt1_json_boolean(out, "timed", found.is_timed);
  tt1_json_close(out, '{');
}

int info_is_fitted(tt1_study *study, int chosen, char model[64], tt1_error *error)
{
  tt1_mapping *m = NULL;
  int is_fitted = tt1_mapping_create(&m, study, chosen, NULL, error) == TT1_OK;
  snprintf(model, 64, "%s", is_fitted ? tt1_model_name(tt1_mapping_model(m)) : "");
  tt1_mapping_free(m);
  return is_fitted;
}

/* The series that a fit takes, and what it would refuse it for. */
static void put_choice(tt1_json *out, tt1_study *study)
{
  tt1_error error = {0}, refusal = {0};
  char model[64] = "";
  int chosen = tt1_study_choose(study, &error);
  int is_fitted = chosen >= 0 && info_is_fitted(study, chosen, model, &refusal);
  tt1_json_integer(out, "chosen", chosen); // from 0; -1: none
  tt1_json_text(out, "not_chosen", *error.message ? error.message : NULL);
  tt1_json_text(out, "fitted_by", *model ? model : NULL);
  tt1_json_text(out, "refusal", chosen >= 0 && !is_fitted ? refusal.message : NULL);
}

/* Files with their checksums, those of the phase too: what reading for a fit would open. */
static void put_files(tt1_json *out, tt1_study *study, int index)
{
  tt1_image *image = NULL;
  tt1_error error = {0};
  if (tt1_study_series_at(study, index)->refused) return;
  if (tt1_study_read(&image, study, index, &error) == TT1_OK)
    tt1_json_inputs(out, "files", image);
  else
    tt1_json_text(out, "unreadable", error.message);
  tt1_image_free(image);
}

static void put_place(tt1_json *out, const tt1_geometry *geometry)
{
  double size[3];
  for (int i = 0; i < 3; i++)
    size[i] = (double)geometry->size[i];
  tt1_json_numbers(out, "size", size, 3);
  tt1_json_numbers(out, "spacing_mm", geometry->spacing, 3);
}

static void put_series(tt1_json *out, tt1_study *study, int index)
{
  const tt1_study_series *series = tt1_study_series_at(study, index);
  tt1_json_open(out, NULL, '{');
  tt1_json_integer(out, "number", series->number);
  tt1_json_text(out, "description", series->description);
  tt1_json_text(out, "uid", series->uid);
  tt1_json_text(out, "vendor", series->vendor);
  tt1_json_text(out, "image_type", series->image_type);
  tt1_json_text(out, "kind", tt1_kind_name(series->kind));
  tt1_json_text(out, "format", series->format);
  tt1_json_text(out, "type", series->stored_type);
  put_place(out, &series->geometry);
  tt1_json_integer(out, "images", series->n_images);
  info_put_known(out, series->known, series->n_known);
  info_put_inversions(out, series->known, series->n_known, series->n_images);
  tt1_json_text(out, "times", series->times >= 0 ? series->known[series->times].name : NULL);
  tt1_json_text(out, "scaling", series->scaling);
  tt1_json_text(out, "unit", *series->unit ? series->unit : NULL);
  tt1_json_boolean(out, "signed", series->is_signed);
  tt1_json_integer(out, "partner", series->partner); // from 0; -1: none
  tt1_json_open(out, "assumptions", '[');
  for (int i = 0; i < series->n_assumptions; i++)
    tt1_json_text(out, NULL, series->assumptions[i]);
  tt1_json_close(out, '[');
  tt1_json_text(out, "refused", series->refused); // null: can be fitted
  char reason[400];
  tt1_json_text(out, "model", tt1_study_series_model(reason, series)); // null: has to be named
  tt1_json_text(out, "reason", *reason ? reason : NULL);
  put_files(out, study, index);
  tt1_json_close(out, '{');
}

static void print_json(tt1_study *study, const char *const *inputs, int n_inputs)
{
  tt1_json out = {0};
  tt1_json_open(&out, NULL, '{');
  tt1_json_text(&out, "input", inputs[0]);
  tt1_json_open(&out, "more_inputs", '[');
  for (int i = 1; i < n_inputs; i++)
    tt1_json_text(&out, NULL, inputs[i]);
  tt1_json_close(&out, '[');
  tt1_json_integer(&out, "skipped", tt1_study_n_skipped(study));
  tt1_json_integer(&out, "archives", tt1_study_n_archives(study));            // of those skipped
  tt1_json_integer(&out, "secondary_captures", tt1_study_n_secondary(study)); // the same
  put_choice(&out, study);
  tt1_json_open(&out, "series", '[');
  for (int i = 0; i < tt1_study_n_series(study); i++)
    put_series(&out, study, i);
  tt1_json_close(&out, '[');
  tt1_json_close(&out, '{');
  print_text(tt1_json_take(&out));
}

static int run(int argc, char **argv)
{
  const command_row *me = &command_info;
  tt1_read_options read = TT1_READ_OPTIONS_INIT;
  tt1_bids_options wanted = TT1_BIDS_OPTIONS_INIT;
  int key, as_json = 0;
  while ((key = option_next(me, argc, argv)))
    switch (key) {
    case SERIES: read.series = optarg; break;
    case TIMES: read.times = option_times(me, optarg); break;
    case 't': read.threads = option_threads(me, optarg); break;
    case PARTICIPANTS: wanted.participants = optarg; break;
    case SESSIONS: wanted.sessions = optarg; break;
    case SUFFIX: wanted.suffix = optarg; break;
    case JSON: as_json = 1; break;
    }
  int n_inputs = 0;
  const char *const *inputs = operands(me, argc, argv, "INPUT", &n_inputs), *input = inputs[0];
  if (n_inputs == 1 && tt1_bids_contains(input)) return info_dataset(input, &wanted, as_json);
  if (wanted.participants || wanted.sessions || wanted.suffix)
    usage_error(me,
                "--participant-label, --session and --suffix are for BIDS datasets, '%s' is none",
                input);
  tt1_study *study = NULL;
  tt1_error error = {0};
  if (tt1_study_open_all(&study, inputs, n_inputs, &read, &error) != TT1_OK)
    return complain_of(&error);
  if (as_json)
    print_json(study, inputs, n_inputs);
  else
    info_print_table(study, input, n_inputs);
  tt1_study_free(study);
  return EXIT_OK;
}

const command_row command_info = {
    "info",
    "INPUT... [OPTIONS]",
    "Show what is there: series, sizes, times, what was assumed",
    "INPUT is a DICOM folder, file or zip archive, a NIfTI file, a BIDS dataset, or a\n"
    "subject, session or file of one. Several DICOM files or folders, or NIfTI files, are\n"
    "read as one. Images are numbered as `fit --images` counts them.\n"
    "Series that cannot be fitted are listed with the reason. Of a dataset names and\n"
    "sidecars are read; what is wrong in an image is found when it is fitted.\n",
    options,
    run,
    NULL};
