/* SPDX-License-Identifier: MIT
 * torcht1 fit: a series in, maps out. The library maps; its options are those of the command line. */
#include "fit/fit.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "cli/progress.h"
#include "cli/series.h"

enum { JSON = 256, PARTICIPANTS, SESSIONS, SUFFIX, OVERWRITE, OF_LIBRARY = 512 };

static const option_row options[] = {
    {"output", 'o', "FOLDER", "where to write (its parent must exist)"},
    BIDS_OPTION_ROWS(PARTICIPANTS, SESSIONS, SUFFIX),
    {"overwrite", OVERWRITE, NULL, "of a BIDS dataset: fit anew what is complete, too"},
    {"quiet", 'q', NULL, "print nothing but what --json asks for"},
    {"json", JSON, NULL, "print fit.json in place of the table"},
    {NULL, 0, NULL, NULL}};

static int more_options(int index, option_row *row)
{
  const tt1_option *o = tt1_mapping_option(index);
  if (!o) return 0;
  *row = (option_row){o->name, o->letter ? o->letter : OF_LIBRARY + index, o->argument, o->help};
  return 1;
}

/* The option of the library that has this key. */
static const char *name_of(int key)
{
  option_row row;
  for (int i = 0; more_options(i, &row); i++)
    if (row.key == key) return row.name;
  return NULL;
}

/* ---- The command line ---- */

static void check_dataset(const fit_request *r)
{
  const command_row *me = &command_fit;
  const tt1_read_options *read = tt1_mapping_options_reading(r->options);
  int is_asked_for =
      r->wanted.participants || r->wanted.sessions || r->wanted.suffix || r->overwrites;
  if (!r->is_dataset && is_asked_for)
    usage_error(me,
                "--participant-label, --session, --suffix and --overwrite are for BIDS datasets, "
                "'%s' is none",
                r->input);
  if (r->is_dataset && (read->series || read->times))
    usage_error(me, "--series and --times are for DICOM, '%s' is a BIDS dataset", r->input);
}

static int parse(fit_request *r, int argc, char **argv)
{
  const command_row *me = &command_fit;
  tt1_error error = {0};
  int key;
  while ((key = option_next(me, argc, argv)))
    switch (key) {
    case 'o': r->output = optarg; break;
    case PARTICIPANTS: r->wanted.participants = optarg; break;
    case SESSIONS: r->wanted.sessions = optarg; break;
    case SUFFIX: r->wanted.suffix = optarg; break;
    case OVERWRITE: r->overwrites = 1; break;
    case 'q': r->quiet = 1; break;
    case JSON: r->as_json = 1; break;
    default:
      if (tt1_mapping_options_set(r->options, name_of(key), optarg, &error) != TT1_OK)
        usage_error(me, "%s", error.message);
    }
  tt1_status status = tt1_mapping_options_check(r->options, &error);
  if (status == TT1_BAD_ARGUMENT) usage_error(me, "%s", error.message);
  r->inputs = operands(me, argc, argv, "INPUT", &r->n_inputs);
  r->input = r->inputs[0];
  r->is_dataset = r->n_inputs == 1 && tt1_bids_contains(r->input);
  if (!r->output) usage_error(me, "-o FOLDER is missing");
  check_dataset(r);
  return status == TT1_OK ? EXIT_OK : complain_of(&error);
}

/* ---- One series ---- */

int fit_complain(const fit_request *request, const tt1_error *error)
{
  const char *model = tt1_mapping_options_model(request->options);
  return model && error->status == TT1_BAD_MODEL ? complain_of_model(model, error)
                                                 : complain_of(error);
}

/* Several series that can be fitted are shown as `torcht1 info` shows them. */
static int complain_of_choice(const tt1_study *study, const tt1_error *error)
{
  int n_candidates = 0;
  for (int i = 0; i < tt1_study_n_series(study); i++)
    n_candidates += !tt1_study_series_at(study, i)->refused;
  complain_of(error);
  if (n_candidates > 1) print_series(stderr, study, 1);
  return EXIT_FAILED;
}

static tt1_mapping *make(const fit_request *r)
{
  tt1_error error = {0};
  tt1_study *study = NULL;
  tt1_mapping *m = NULL;
  if (tt1_study_open_all(&study, r->inputs, r->n_inputs, tt1_mapping_options_reading(r->options),
                         &error) != TT1_OK) {
    complain_of(&error);
    return NULL;
  }
  int series = tt1_study_choose(study, &error);
  if (series < 0)
    complain_of_choice(study, &error);
  else if (tt1_mapping_create(&m, study, series, r->options, &error) != TT1_OK)
    fit_complain(r, &error);
  tt1_study_free(study);
  return m;
}

static tt1_status fit_into(tt1_folder *folder, tt1_mapping *m, const fit_request *r,
                           tt1_error *error)
{
  progress bar = {.began = seconds_now()};
  int wants_bar = !r->quiet && progress_is_wanted();
  tt1_status status = tt1_mapping_run(m, wants_bar ? progress_show : NULL, &bar, error);
  progress_erase(&bar);
  if (status == TT1_OK) status = tt1_folder_write_mapping(folder, m, error);
  return status == TT1_OK ? tt1_folder_commit(folder, error) : status;
}

static void print(const tt1_mapping *m, const fit_request *r)
{
  const tt1_mapping_result *result = tt1_mapping_result_of(m);
  const char *warning;
  for (int i = 0; !r->quiet && (warning = tt1_mapping_warning(m, i)) != NULL; i++)
    complain("%s", warning);
  if (r->as_json)
    fputs(tt1_mapping_record(m), stdout);
  else if (!r->quiet)
    fit_print_table(m, r);
  if (result->kernels_why && !r->quiet)
    complain("the model was interpreted, which is slower: %s", result->kernels_why);
}

static int fit_one(const fit_request *r)
{
  tt1_error error = {0};
  tt1_mapping *m = make(r);
  tt1_folder *folder = m ? open_folder(r->output) : NULL;
  int code = EXIT_FAILED;
  if (folder) code = fit_into(folder, m, r, &error) == TT1_OK ? EXIT_OK : complain_of(&error);
  if (folder) close_folder(folder);
  if (code == EXIT_OK) print(m, r);
  tt1_mapping_free(m);
  return code;
}

static int run(int argc, char **argv)
{
  fit_request request = {.wanted = TT1_BIDS_OPTIONS_INIT};
  tt1_error error = {0};
  if (tt1_mapping_options_create(&request.options, &error) != TT1_OK) return complain_of(&error);
  int code = parse(&request, argc, argv);
  if (code == EXIT_OK) code = request.is_dataset ? fit_dataset(&request) : fit_one(&request);
  tt1_mapping_options_free(request.options);
  return code;
}

const command_row command_fit = {
    "fit",
    "INPUT... -o FOLDER [OPTIONS]",
    "Fit a signal model to every voxel of a series",
    "INPUT is a DICOM folder, file or zip archive, a NIfTI file with a JSON sidecar, a\n"
    "BIDS dataset, or a subject, session or file of one; 'torcht1 info INPUT' shows its\n"
    "series and the order of images. Slices with times of their own are fitted slice by\n"
    "slice. Several DICOM files or folders, or NIfTI files, are one series, NIfTI in the\n"
    "order given.\n"
    "Every parameter and derived map is written with its standard deviation (_sd),\n"
    "and rsquared, rmse, outcome, fit.json and a picture. Times are in seconds.\n"
    "Voxels that did not converge, or whose map depends on a parameter that sits on\n"
    "a bound, are NaN. outcome: 0 converged, 1 iteration limit, 2 singular, 3 not\n"
    "finite, 4 at a bound, 5 outside the mask.\n"
    "Files that an older fit left in FOLDER are removed, those of others stay.\n"
    "For a BIDS dataset, every series is fitted (IRT1, VFA, MP2RAGE, MESE, MEGRE), with\n"
    "the model of its suffix if --model names none, and FOLDER becomes a derivative\n"
    "dataset. What is there and made of the same input, options and version is left\n"
    "as it is; a series that fails does not stop the others. docs/bids.md has more.\n"
    "--output-format: nifti a file for each map, png, svg and pdf a picture, mat all\n"
    "maps in one MATLAB file, maps.mat, dicom what --dicom adds.\n"
    "--dicom: T1 with its SD, T2 and T2* as MR images in whole ms, all others as\n"
    "Parametric Maps with float pixels (times in ms), 0 where there is no number;\n"
    "patient, study and places are those of a DICOM INPUT. Not for diagnosis.\n",
    options,
    run,
    more_options};
