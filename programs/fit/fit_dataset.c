/* SPDX-License-Identifier: MIT
 * `torcht1 fit` over a BIDS dataset: series after series, each with the model of its suffix, and
 * tables of what became of them. One that fails is told, and the others go on. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fit/fit.h"

/* What became of a series. */
typedef enum ending { FITTED, COMPLETE, FAILED, SKIPPED, N_ENDINGS } ending;

static const char *const ending_names[N_ENDINGS] = {"fitted", "complete", "failed", "skipped"};

typedef struct row {
  const tt1_bids_series *series;
  ending ending;
  char model[64];
  char message[500]; /* one sentence; "" if nothing is to be said */
} row;

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

/* The model of a series that nobody named, with the reason as a note; NULL after a complaint. */
static const char *choose_model(fit_input *in)
{
  char reason[200];
  tt1_image *looked = NULL;
  tt1_error error = {0};
  if (tt1_bids_look(&looked, in->dataset, in->index, &error) != TT1_OK) {
    complain_of(&error);
    return NULL;
  }
  const char *model = tt1_bids_model(reason, in->dataset, in->index, looked);
  if (!model)
    complain("no model is for it: %s", reason);
  else if (*reason)
    fit_note(in, "model %s, for %s", model, reason);
  tt1_image_free(looked);
  return model;
}

/* ---- Tables ---- */

enum { ROW_SIZE = 1200 };

static const char table_head[] = "series\tmodel\tstatus\tmessage\n";

/* A row of the tables; BIDS writes n/a for nothing. */
static void print_row(char *text, size_t room, const row *r)
{
  char message[500];
  snprintf(message, sizeof message, "%s", *r->message ? r->message : "n/a");
  for (char *c = message; *c; c++)
    if ((unsigned char)*c < ' ') *c = ' ';
  snprintf(text, room, "%s\t%s\t%s\t%s\n", r->series->name, *r->model ? r->model : "n/a",
           r->ending == FAILED ? "failed" : "fitted", message);
}

static tt1_status put_text(const void *text, tt1_folder *folder, const char *name, tt1_error *error)
{
  return tt1_folder_write(folder, name, text, strlen(text), error);
}

static void append(char *text, const char *line, size_t length)
{
  size_t used = strlen(text);
  memcpy(text + used, line, length);
  text[used + length] = '\0';
}

/* `old` with the row of this series in its place, by name; free with free(). */
static char *insert_row(const char *old, const row *r)
{
  char line[ROW_SIZE];
  print_row(line, sizeof line, r);
  size_t key = strcspn(line, "\t") + 1, length;
  char *text = allocate(strlen(table_head) + strlen(old) + sizeof line, 1);
  append(text, table_head, strlen(table_head));
  int is_in = 0;
  for (const char *at = old + strcspn(old, "\n"); *at && at[1]; at += length) {
    length = strcspn(++at, "\n");
    int order = strncmp(line, at, key);
    if (order <= 0 && !is_in) append(text, line, strlen(line));
    is_in |= order <= 0;
    if (order != 0) append(text, at, length);
    if (order != 0) append(text, "\n", 1);
  }
  if (!is_in) append(text, line, strlen(line));
  return text;
}

/* Put the row into the table of the participant, which only this process writes. */
static int write_row(const fit_request *request, const row *r)
{
  char path[FILE_SIZE + 600];
  const char *subject = r->series->subject;
  snprintf(path, sizeof path, "%.1300s/sub-%.255s", request->output, subject);
  if (make_folder(path) != EXIT_OK) return EXIT_FAILED;
  snprintf(path, sizeof path, "%.1300s/sub-%.255s/sub-%.255s_torcht1.tsv", request->output, subject,
           subject);
  char *old = read_text(path);
  char *text = insert_row(old ? old : "", r);
  int code = EXIT_OK;
  if (!old || strcmp(old, text) != 0) code = write_one_file(path, put_text, text);
  free(text);
  free(old);
  return code;
}

static int is_whole(const fit_request *request, const tt1_bids *dataset)
{
  const tt1_bids_options *wanted = &request->wanted;
  const char *root = tt1_bids_root(dataset), *rest = request->input + strlen(root);
  return !wanted->participants && !wanted->sessions && !wanted->suffix &&
         strncmp(request->input, root, strlen(root)) == 0 && !rest[strspn(rest, "/")];
}

/* The table of all participants, after a run over the whole dataset. */
static int write_table(const fit_request *request, const row *rows, int n)
{
  char path[FILE_SIZE];
  size_t room = strlen(table_head) + 1, used = strlen(table_head);
  char *text = allocate(room + (size_t)n * ROW_SIZE, 1);
  memcpy(text, table_head, used);
  for (int i = 0; i < n; i++) {
    if (rows[i].ending == SKIPPED) continue;
    print_row(text + used, ROW_SIZE, &rows[i]);
    used += strlen(text + used);
  }
  snprintf(path, sizeof path, "%.1300s/torcht1.tsv", request->output);
  char *old = read_text(path);
  int code = EXIT_OK;
  if (!old || strcmp(old, text) != 0) code = write_one_file(path, put_text, text);
  free(old);
  free(text);
  return code;
}

/* ---- Series ---- */

static ending end_of(fit_end end)
{
  return end == FIT_DONE ? FITTED : end == FIT_COMPLETE ? COMPLETE : FAILED;
}

/* A copy of the request, for this series. */
static ending fit_series(const fit_request *request, const tt1_bids *dataset, int index,
                         const tt1_model *model, fit_session *session, row *r)
{
  const tt1_bids_series *series = tt1_bids_series_at(dataset, index);
  fit_request own = *request;
  fit_input in = {.dataset = dataset, .index = index};
  own.input = series->folder;
  if (series->refused) {
    complain("%s", series->refused);
    return FAILED;
  }
  if (model && !goes_with(model, series)) return SKIPPED;
  if (!own.model) own.model = choose_model(&in);
  if (!own.model) return FAILED;
  snprintf(r->model, sizeof r->model, "%s", model ? tt1_model_name(model) : own.model);
  return end_of(fit_one(&own, &in, session));
}

/* The last complaint, with paths from the root of the dataset: they are the same everywhere. */
static void keep_complaint(row *r, const tt1_bids *dataset)
{
  const char *root = tt1_bids_root(dataset), *at = last_complaint();
  size_t length = strlen(root), used = 0;
  while (*at && used + 1 < sizeof r->message)
    if (strncmp(at, root, length) == 0 && at[length] == '/')
      at += length + 1;
    else
      r->message[used++] = *at++;
  r->message[used] = '\0';
}

static int run_all(const fit_request *request, const tt1_bids *dataset, const tt1_model *model,
                   row *rows)
{
  fit_session session = {0};
  int n = tt1_bids_n_series(dataset), code = EXIT_OK;
  for (int i = 0; i < n && code == EXIT_OK; i++) {
    char label[160];
    row *r = &rows[i];
    r->series = tt1_bids_series_at(dataset, i);
    snprintf(label, sizeof label, "%d of %d: %.120s", i + 1, n, r->series->name);
    if (!request->quiet) progress_label(label);
    complain_about(r->series->name);
    r->ending = fit_series(request, dataset, i, model, &session, r);
    if (r->ending == FAILED) keep_complaint(r, dataset);
    complain_about(NULL);
    progress_label(NULL);
    if (r->ending == SKIPPED && !request->quiet)
      fprintf(stderr, "torcht1: %s: skipped, model %s is not for %s\n", r->series->name,
              tt1_model_name(model), r->series->suffix);
    if (r->ending != SKIPPED) code = write_row(request, r);
  }
  fit_session_end(&session, request->quiet);
  return code;
}

/* ---- The whole run ---- */

static void print_summary(const fit_request *request, const row *rows, int n)
{
  int count[N_ENDINGS] = {0};
  for (int i = 0; i < n; i++)
    count[rows[i].ending]++;
  printf("%d series", n);
  for (int e = 0; e < N_ENDINGS; e++)
    if (count[e]) printf(", %d %s", count[e], ending_names[e]);
  printf("; maps in %s\n", request->output);
}

static void print_json(const fit_request *request, const tt1_bids *dataset, const row *rows, int n)
{
  tt1_json out = {0};
  tt1_json_open(&out, NULL, '{');
  tt1_json_text(&out, "dataset", tt1_bids_root(dataset));
  tt1_json_text(&out, "output", request->output);
  tt1_json_open(&out, "series", '[');
  for (int i = 0; i < n; i++) {
    tt1_json_open(&out, NULL, '{');
    tt1_json_text(&out, "name", rows[i].series->name);
    tt1_json_text(&out, "model", *rows[i].model ? rows[i].model : NULL);
    tt1_json_text(&out, "status", ending_names[rows[i].ending]);
    tt1_json_text(&out, "message", *rows[i].message ? rows[i].message : NULL);
    tt1_json_close(&out, '{');
  }
  tt1_json_close(&out, '[');
  tt1_json_close(&out, '{');
  char *text = tt1_json_take(&out);
  fputs(text, stdout);
  free(text);
}

static int finish(const fit_request *request, const tt1_bids *dataset, const row *rows)
{
  int n = tt1_bids_n_series(dataset), code = EXIT_OK;
  if (is_whole(request, dataset)) code = write_table(request, rows, n);
  if (request->as_json)
    print_json(request, dataset, rows, n);
  else if (!request->quiet)
    print_summary(request, rows, n);
  int n_fitted = 0;
  for (int i = 0; i < n; i++) {
    if (rows[i].ending == FAILED) code = EXIT_FAILED;
    n_fitted += rows[i].ending != SKIPPED;
  }
  return n_fitted ? code
                  : complain("no series of %s goes with model %s", request->input, request->model);
}

/* What is wrong for all series is better told once. */
static int check_model(tt1_model **model, const fit_request *request)
{
  fit_changes changes = request->changes;
  if (!request->model) return EXIT_OK;
  *model = load_model(request->model);
  if (!*model) return EXIT_FAILED;
  return change_model(model, &changes);
}

int fit_dataset(const fit_request *request)
{
  tt1_bids *dataset = NULL;
  tt1_model *model = NULL;
  tt1_error error = {0};
  if (tt1_bids_open(&dataset, request->input, &request->wanted, &error) != TT1_OK)
    return complain_of(&error);
  int n = tt1_bids_n_series(dataset), code = check_model(&model, request);
  if (code == EXIT_OK && n == 0)
    code = complain(
        "%s holds no series to fit%s%s: images of a suffix that is known are looked for in "
        "anat/ (IRT1, VFA, MP2RAGE, MESE, MEGRE)",
        request->input, request->wanted.suffix ? " of suffix " : "",
        request->wanted.suffix ? request->wanted.suffix : "");
  if (code == EXIT_OK) code = fit_prepare_dataset(request, dataset);
  row *rows = allocate((size_t)n, sizeof *rows);
  if (code == EXIT_OK) code = run_all(request, dataset, model, rows);
  if (code == EXIT_OK) code = finish(request, dataset, rows);
  free(rows);
  tt1_model_free(model);
  tt1_bids_free(dataset);
  return code;
}
