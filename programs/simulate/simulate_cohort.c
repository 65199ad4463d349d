/* SPDX-License-Identifier: MIT
 * torcht1 simulate cohort: native and post-contrast series of many subjects. Each
 * subject appears whole, and what is there stays when the program is interrupted. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/progress.h"
#include "simulate/simulate.h"
#include "tt1_json.h"

enum { USUAL_SUBJECTS = 30, LONGEST_ROW = 200 };

/* A column of participants.tsv. */
typedef struct column {
  const char *name, *meaning, *unit;
} column;

static const column columns[] = {
    {"heart_rate", "heart rate", "beats/min"},
    {"hematocrit", "hematocrit, a fraction", "1"},
    {"ecv", "true extracellular volume of the myocardium, a fraction", "1"},
    {"T1_myocardium_native", "true T1 of the myocardium", "s"},
    {"T1_myocardium_post", "true T1 of the myocardium after contrast agent", "s"},
    {"T1_blood_native", "true T1 of blood", "s"},
    {"T1_blood_post", "true T1 of blood after contrast agent", "s"},
};
enum { N_COLUMNS = sizeof columns / sizeof *columns };

static void add_row(char **at, int number, const tt1_volunteer *v)
{
  const double values[N_COLUMNS] = {v->heart_rate,       v->hematocrit,       v->ecv,
                                    v->t1_myocardium[0], v->t1_myocardium[1], v->t1_blood[0],
                                    v->t1_blood[1]};
  *at += snprintf(*at, LONGEST_ROW, "sub-%02d", number);
  for (int i = 0; i < N_COLUMNS; i++)
    *at += snprintf(*at, LONGEST_ROW, "\t%.6g", values[i]);
  *at += snprintf(*at, LONGEST_ROW, "\n");
}

/* The table of subjects 1 to `last`. */
static char *participants(uint64_t seed, int last)
{
  char *text = allocate((size_t)(last + 2) * LONGEST_ROW, 1), *at = text;
  at += snprintf(at, LONGEST_ROW, "participant_id");
  for (int i = 0; i < N_COLUMNS; i++)
    at += snprintf(at, LONGEST_ROW, "\t%s", columns[i].name);
  at += snprintf(at, LONGEST_ROW, "\n");
  for (int number = 1; number <= last; number++) {
    tt1_volunteer volunteer;
    tt1_volunteer_draw(&volunteer, seed, number);
    add_row(&at, number, &volunteer);
  }
  return text;
}

static char *participants_json(void)
{
  tt1_json out = {0};
  tt1_json_open(&out, NULL, '{');
  for (int i = 0; i < N_COLUMNS; i++) {
    tt1_json_open(&out, columns[i].name, '{');
    tt1_json_text(&out, "Description", columns[i].meaning);
    tt1_json_text(&out, "Units", columns[i].unit);
    tt1_json_close(&out, '{');
  }
  tt1_json_close(&out, '{');
  return tt1_json_take(&out);
}

/* What was drawn, with what the command line asks for. */
static tt1_simulation_options settings(const tt1_simulation_options *drawn,
                                       const tt1_simulation_options *asked)
{
  tt1_simulation_options o = *asked;
  o.heart = drawn->heart;
  o.post_contrast = drawn->post_contrast;
  o.off_resonance = drawn->off_resonance;
  o.field = drawn->field;
  o.b1 = drawn->b1;
  o.seed = drawn->seed;
  o.sequence.scheme = drawn->sequence.scheme;
  o.sequence.heart_rate = drawn->sequence.heart_rate;
  o.sequence.rr_deviation = drawn->sequence.rr_deviation;
  o.sequence.inversion = drawn->sequence.inversion;
  return o;
}

static tt1_status write_scan(tt1_folder *folder, const simulate_request *r, const simulated *s,
                             int number, int after, tt1_error *error)
{
  char label[16], path[40], id[40], study[80];
  snprintf(label, sizeof label, "%02d", number);
  if (r->format == SIMULATE_BIDS) return simulate_bids_series(folder, s, r, label, error);
  snprintf(path, sizeof path, "sub-%s/%s/", label, after ? "post" : "native");
  snprintf(id, sizeof id, "sub-%s", label);
  snprintf(study, sizeof study, "cohort %llu subject %d", (unsigned long long)r->options.seed,
           number);
  simulated_person person = {.folder = path,
                             .patient = "Digital^Heart",
                             .id = id,
                             .study = study,
                             .number = 1 + 2 * after};
  return simulate_write(folder, s, r, &person, error);
}

static tt1_status write_subject(tt1_folder *folder, const simulate_request *r, tt1_device *device,
                                int number, tt1_error *error)
{
  tt1_volunteer volunteer;
  tt1_status status = TT1_OK;
  tt1_volunteer_draw(&volunteer, r->options.seed, number);
  for (int after = 0; status == TT1_OK && after < 2; after++) {
    simulated s = {0};
    tt1_simulation_options o = settings(&volunteer.scans[after], &r->options);
    status = simulate_series(&s, &o, device, error);
    if (status == TT1_OK) status = write_scan(folder, r, &s, number, after, error);
    simulated_free(&s);
  }
  return status;
}

static int add_subject(const simulate_request *r, tt1_device *device, int number)
{
  tt1_error error = {0};
  tt1_status status = TT1_OK;
  tt1_folder *folder = open_folder(r->output);
  if (!folder) return EXIT_FAILED;
  if (number == 1) {
    status = simulate_write_text(folder, "", "participants.json", participants_json(), &error);
    if (status == TT1_OK && r->format == SIMULATE_BIDS)
      status = simulate_bids_begin(folder, TT1_SUBJECT_HEART, &error);
  }
  if (status == TT1_OK) status = write_subject(folder, r, device, number, &error);
  if (status == TT1_OK)
    status = simulate_write_text(folder, "", "participants.tsv",
                                 participants(r->options.seed, number), &error);
  if (status == TT1_OK) status = tt1_folder_commit(folder, &error);
  close_folder(folder);
  return status == TT1_OK ? EXIT_OK : complain_of(&error);
}

/* A cohort may grow; one of another seed, or with more subjects, would stay in part. */
static int check_folder(const simulate_request *r)
{
  char *table = participants(r->options.seed, r->n_subjects);
  int code = simulate_check_folder(r, table);
  free(table);
  return code;
}

int simulate_cohort(const simulate_request *request)
{
  simulate_request r = *request;
  tt1_error error = {0};
  tt1_device *device = NULL;
  progress bar = {.began = seconds_now()};
  int code = EXIT_OK, shows = !r.quiet && progress_is_wanted();
  if (r.n_subjects == 0) r.n_subjects = USUAL_SUBJECTS;
  if (r.options.seed == 0) r.options.seed = 1;
  if (check_folder(&r) != EXIT_OK) return EXIT_FAILED;
  tt1_device_options with = TT1_DEVICE_OPTIONS_INIT;
  with.threads = r.options.threads;
  tt1_status status = tt1_device_open(&device, "cpu", &with, &error);
  if (status != TT1_OK) return complain_of(&error);
  for (int number = 1; code == EXIT_OK && number <= r.n_subjects; number++) {
    code = add_subject(&r, device, number);
    if (shows) progress_show(number, r.n_subjects, &bar);
  }
  if (shows) progress_erase(&bar);
  tt1_device_free(device);
  if (code == EXIT_OK && !r.quiet)
    printf("%s: %d subjects, native and post-contrast; participants.tsv has their true values\n",
           r.output, r.n_subjects);
  return code;
}
