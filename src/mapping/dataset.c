/* SPDX-License-Identifier: MIT
 * All series of a BIDS dataset, one after the other, each with the model of its suffix, and tables of what
 * became of them. */
#include "mapping/dataset.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "file/file.h"

const char *tt1_ending_name(tt1_ending ending)
{
  static const char *const names[] = {"fitted", "complete", "failed", "skipped"};
  static_assert(sizeof names / sizeof *names == TT1_SKIPPED + 1, "a name for each ending");
  return (int)ending >= 0 && ending <= TT1_SKIPPED ? names[ending] : NULL;
}

/* ---- Models ---- */

/* What the model wants to be known for each image, by the key of a sidecar. */
static int wants(const tt1_model *model, const char *key)
{
  const tt1_known *known;
  for (int i = 0; (known = tt1_model_known(model, i)) != NULL; i++)
    if (known->scope == TT1_PER_SAMPLE && known->bids && strcmp(known->bids, key) == 0) return 1;
  return 0;
}

/* Whether `map` is among the maps of BIDS that it makes; `*n_maps`: how many those are. */
static int makes(const tt1_model *model, const char *map, int *n_maps)
{
  int is_among = 0;
  const tt1_parameter *p;
  const tt1_map *m;
  *n_maps = 0;
  for (int i = 0; (p = tt1_model_parameter(model, i)) != NULL; i++) {
    is_among |= p->bids && strcmp(p->bids, map) == 0;
    *n_maps += p->bids != NULL;
  }
  for (int i = 0; (m = tt1_model_map(model, i)) != NULL; i++) {
    is_among |= m->bids && strcmp(m->bids, map) == 0;
    *n_maps += m->bids != NULL;
  }
  return is_among;
}

/* Whether a model may be meant for a series: it wants what varies from image to image, no flip
 * angles where they do not vary, and makes the map that the series is for, or none of BIDS. */
static int goes_with(const tt1_model *model, const tt1_bids_series *series)
{
  int n_maps, is_for = makes(model, series->map, &n_maps), has_angles = 0;
  for (int k = 0; k < 2 && series->keys[k]; k++) {
    if (!wants(model, series->keys[k])) return 0;
    has_angles |= strcmp(series->keys[k], "FlipAngle") == 0;
  }
  return (is_for || n_maps == 0) && has_angles == wants(model, "FlipAngle");
}

/* ---- The output ---- */

tt1_status tt1__output_open(tt1_folder **out, const char *path, const tt1_dataset_events *events,
                            tt1_error *err)
{
  tt1_status status = tt1_folder_open(out, path, err);
  if (status == TT1_OK && events->writes) events->writes(*out, events->payload);
  return status;
}

void tt1__output_close(tt1_folder *folder, const tt1_dataset_events *events)
{
  if (folder && events->writes) events->writes(NULL, events->payload);
  tt1_folder_free(folder);
}

/* The text of a file of at most 64 MiB; NULL and TT1_OK where there is none. */
static tt1_status read_text(char **out, const char *path, tt1_error *err)
{
  enum { LONGEST = 64 << 20 };
  tt1__file file = {0};
  tt1__text text = {0};
  *out = NULL;
  tt1_status status = tt1__file_read(&file, path, LONGEST, NULL);
  if (status != TT1_OK) return status == TT1_NO_MEMORY ? tt1__no_memory(err) : TT1_OK;
  tt1__text_add_bytes(&text, (const char *)file.bytes, file.length);
  tt1__file_free(&file);
  *out = tt1__text_take(&text);
  return *out ? TT1_OK : tt1__no_memory(err);
}

tt1_status tt1__holds_text(int *out, int *is_there, const char *path, const char *text,
                           tt1_error *err)
{
  char *old = NULL;
  tt1_status status = read_text(&old, path, err);
  *is_there = old != NULL;
  *out = old && strcmp(old, text) == 0;
  tt1_text_free(old);
  return status;
}

/* Write a file where it does not say so already. */
static tt1_status write_text(const char *folder_path, const char *name, const char *text,
                             const tt1_dataset_events *events, tt1_error *err)
{
  int is_same = 0, is_there = 0;
  tt1_folder *folder = NULL;
  char *path = tt1__join(folder_path, name);
  if (!path) return tt1__no_memory(err);
  tt1_status status = tt1__holds_text(&is_same, &is_there, path, text, err);
  tt1__free(path);
  if (status != TT1_OK || is_same) return status;
  status = tt1__output_open(&folder, folder_path, events, err);
  if (status == TT1_OK) status = tt1_folder_write(folder, name, text, strlen(text), err);
  if (status == TT1_OK) status = tt1_folder_commit(folder, err);
  tt1__output_close(folder, events);
  return status;
}

/* ---- Tables ---- */

static const char table_head[] = "series\tmodel\tstatus\tmessage\n";

/* A row of the tables; BIDS writes n/a for nothing. */
static void add_row(tt1__text *text, const tt1_dataset_row *r)
{
  char message[sizeof r->message];
  snprintf(message, sizeof message, "%s", *r->message ? r->message : "n/a");
  for (char *c = message; *c; c++)
    if ((unsigned char)*c < ' ') *c = ' ';
  tt1__text_add(text, "%s\t%s\t%s\t%s\n", r->series->name, *r->model ? r->model : "n/a",
                r->ending == TT1_FAILED ? "failed" : "fitted", message);
}

/* `old` with the row of this series in its place, by name. */
static char *insert_row(const char *old, const tt1_dataset_row *r)
{
  tt1__text text = {0}, line = {0};
  int is_in = 0;
  size_t length;
  tt1__text_add(&text, "%s", table_head);
  add_row(&line, r);
  const char *row = line.failed ? "" : line.bytes;
  size_t key = strcspn(row, "\t") + 1;
  for (const char *at = old + strcspn(old, "\n"); *at && at[1]; at += length) {
    length = strcspn(++at, "\n");
    int order = strncmp(row, at, key);
    if (order <= 0 && !is_in) tt1__text_add(&text, "%s", row);
    is_in |= order <= 0;
    if (order != 0) tt1__text_add_bytes(&text, at, length);
    if (order != 0) tt1__text_add(&text, "\n");
  }
  if (!is_in) tt1__text_add(&text, "%s", row);
  text.failed |= line.failed;
  tt1__text_free(&line);
  return tt1__text_take(&text);
}

/* ---- The run ---- */

typedef struct dataset_run {
  const tt1_bids *dataset;
  const char *path;
  const tt1_mapping_options *options;
  const tt1_dataset_events *events;
  int overwrites;
  tt1_model *model;   /* that was named, or NULL */
  tt1_device *device; /* opened for the first series, and kept */
} dataset_run;

/* Put the row into the table of the participant, which only this process writes. */
static tt1_status write_row(const dataset_run *run, const tt1_dataset_row *r, tt1_error *err)
{
  char name[300];
  char *old = NULL, *text = NULL;
  snprintf(name, sizeof name, "sub-%.255s", r->series->subject);
  char *folder = tt1__join(run->path, name);
  if (!folder) return tt1__no_memory(err);
  tt1_status status = tt1__make_folder(folder, err);
  snprintf(name, sizeof name, "sub-%.255s_torcht1.tsv", r->series->subject);
  char *path = tt1__join(folder, name);
  if (status == TT1_OK) status = path ? read_text(&old, path, err) : tt1__no_memory(err);
  if (status == TT1_OK) {
    text = insert_row(old ? old : "", r);
    status = text ? write_text(folder, name, text, run->events, err) : tt1__no_memory(err);
  }
  tt1_text_free(text);
  tt1_text_free(old);
  tt1__free(path);
  tt1__free(folder);
  return status;
}

/* The table of all participants, after a run over the whole dataset. */
static tt1_status write_table(const dataset_run *run, const tt1_dataset_report *report,
                              tt1_error *err)
{
  tt1__text text = {0};
  tt1__text_add(&text, "%s", table_head);
  for (int i = 0; i < report->n; i++)
    if (report->rows[i].ending != TT1_SKIPPED) add_row(&text, &report->rows[i]);
  char *whole = tt1__text_take(&text);
  tt1_status status =
      whole ? write_text(run->path, "torcht1.tsv", whole, run->events, err) : tt1__no_memory(err);
  tt1_text_free(whole);
  return status;
}

/* The sentence with paths from the root of the dataset: they are the same everywhere. */
static void keep_message(tt1_dataset_row *r, const tt1_error *error, const tt1_bids *dataset)
{
  const char *root = tt1_bids_root(dataset), *at = error->message;
  size_t length = strlen(root), used = 0;
  while (*at && used + 1 < sizeof r->message)
    if (strncmp(at, root, length) == 0 && at[length] == '/')
      at += length + 1;
    else
      r->message[used++] = *at++;
  r->message[used] = '\0';
}

/* The device is opened once, for all series. */
static tt1_status open_device(dataset_run *run, tt1_error *err)
{
  const tt1_mapping_options *o = run->options;
  if (run->device || o->is_network) return TT1_OK;
  return tt1_device_open(&run->device, o->device, &o->device_options, err);
}

static tt1_status fit_and_write(dataset_run *run, tt1_mapping *m, tt1_error *err)
{
  tt1_folder *folder = NULL;
  tt1_status status = open_device(run, err);
  tt1_mapping_use(m, run->device);
  if (status == TT1_OK) status = tt1__output_open(&folder, run->path, run->events, err);
  if (status == TT1_OK)
    status = tt1_mapping_run(m, run->events->progress, run->events->payload, err);
  if (status == TT1_OK) status = tt1_folder_write_mapping(folder, m, err);
  if (status == TT1_OK) status = tt1_folder_commit(folder, err);
  tt1__output_close(folder, run->events);
  return status;
}

/* Read, and fit what is not complete. */
static tt1_status map_series(dataset_run *run, int index, tt1_mapping **out, tt1_dataset_row *r,
                             tt1_error *err)
{
  int is_complete = 0;
  if (r->series->refused) return tt1__error_set(err, TT1_BAD_FILE, "%s", r->series->refused);
  if (run->model) snprintf(r->model, sizeof r->model, "%s", tt1_model_name(run->model));
  if (run->model && !goes_with(run->model, r->series)) {
    r->ending = TT1_SKIPPED;
    return TT1_OK;
  }
  tt1_status status =
      tt1__mapping_of_dataset(out, r->model, run->dataset, index, run->options, err);
  if (status == TT1_OK && !run->overwrites)
    status = tt1_mapping_is_written(&is_complete, *out, run->path, err);
  if (status == TT1_OK && is_complete) r->ending = TT1_COMPLETE;
  return status == TT1_OK && !is_complete ? fit_and_write(run, *out, err) : status;
}

static tt1_status take_series(dataset_run *run, int index, tt1_dataset_row *r, tt1_error *err)
{
  const tt1_dataset_events *events = run->events;
  tt1_mapping *m = NULL;
  tt1_error error = {0};
  *r = (tt1_dataset_row){.series = tt1_bids_series_at(run->dataset, index)};
  if (events->begins)
    events->begins(r->series, index, tt1_bids_n_series(run->dataset), events->payload);
  tt1_status status = map_series(run, index, &m, r, &error);
  if (status != TT1_OK) r->ending = TT1_FAILED;
  if (status != TT1_OK) keep_message(r, &error, run->dataset);
  if (status != TT1_CANCELLED && status != TT1_NO_MEMORY) {
    if (events->ended)
      events->ended(r, r->ending == TT1_FITTED ? m : NULL, &error, events->payload);
    status = TT1_OK; // the others go on
  } else if (err) {
    *err = error;
  }
  tt1_mapping_free(m);
  if (status == TT1_OK && r->ending != TT1_SKIPPED) status = write_row(run, r, err);
  return status;
}

static tt1_status run_all(dataset_run *run, tt1_dataset_report *report, tt1_error *err)
{
  int n = tt1_bids_n_series(run->dataset), n_meant = 0;
  tt1_status status = TT1_OK;
  for (int i = 0; i < n && status == TT1_OK; i++) {
    status = take_series(run, i, &report->rows[i], err);
    report->n = i + 1;
    n_meant += report->rows[i].ending != TT1_SKIPPED;
  }
  if (status != TT1_OK || n_meant > 0 || n == 0) return status;
  return tt1__error_set(err, TT1_BAD_ARGUMENT, "no series of %s goes with model %s",
                        tt1_bids_root(run->dataset), run->options->model);
}

/* What is wrong for all series is better told once. */
static tt1_status check_model(dataset_run *run, tt1_error *err)
{
  const tt1_mapping_options *o = run->options;
  const char *name = o->model ? o->model : o->is_network || o->like ? "molli" : NULL;
  tt1_plan_options plan;
  int corrected;
  tt1_status status = tt1__options_settle(&plan, o, err);
  if (status != TT1_OK || !name) return status;
  status = tt1_model_open(&run->model, name, err);
  return status == TT1_OK ? tt1__changes_apply(&run->model, &corrected, o, err) : status;
}

tt1_status tt1_mapping_dataset(tt1_dataset_report **out, const tt1_bids *dataset, const char *path,
                               const tt1_mapping_options *options, int overwrites, int is_whole,
                               const tt1_dataset_events *events, tt1_error *err)
{
  static const tt1_dataset_events nobody = TT1_DATASET_EVENTS_INIT;
  dataset_run run = {.dataset = dataset,
                     .path = path,
                     .options = options ? options : &tt1__options_default,
                     .events = events ? events : &nobody,
                     .overwrites = overwrites};
  tt1_status status = tt1__check_version("tt1_dataset_events", run.events->version,
                                         TT1_DATASET_EVENTS_VERSION, err);
  if (status != TT1_OK) return status;
  tt1_dataset_report *report = tt1__allocate(1, sizeof *report);
  if (report)
    report->rows = tt1__allocate((size_t)tt1_bids_n_series(dataset), sizeof *report->rows);
  status = report && report->rows ? TT1_OK : tt1__no_memory(err);
  if (status == TT1_OK) status = check_model(&run, err);
  if (status == TT1_OK)
    status = tt1__derivative_prepare(path, dataset, &report->warning, run.events, err);
  if (status == TT1_OK) status = run_all(&run, report, err);
  if (status == TT1_OK && is_whole) status = write_table(&run, report, err);
  tt1_device_free(run.device);
  tt1_model_free(run.model);
  if (status == TT1_OK)
    *out = report;
  else
    tt1_dataset_report_free(report);
  return status;
}

void tt1_dataset_report_free(tt1_dataset_report *report)
{
  if (!report) return;
  tt1__free(report->rows);
  tt1__free(report);
}
