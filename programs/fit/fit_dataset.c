/* SPDX-License-Identifier: MIT
 * `torcht1 fit` of a BIDS dataset: what is said while the library fits its series, and afterwards. */
#include <stdio.h>
#include <string.h>

#include "cli/progress.h"
#include "fit/fit.h"
#include "tt1_json.h"

/* A run while it is watched. */
typedef struct watch {
  const fit_request *request;
  progress bar;
  char label[160], kernels_why[2000];
  int n_failed;
} watch;

/* ---- Events ---- */

static void begins(const tt1_bids_series *series, int index, int count, void *payload)
{
  watch *w = payload;
  snprintf(w->label, sizeof w->label, "%d of %d: %.120s", index + 1, count, series->name);
  if (!w->request->quiet) progress_label(w->label);
  w->bar = (progress){.began = seconds_now()};
}

static int shows(int64_t done, int64_t total, void *payload)
{
  watch *w = payload;
  return progress_show(done, total, &w->bar);
}

static void writes(tt1_folder *folder, void *payload)
{
  (void)payload;
  guard_folder(folder);
}

static void print_fitted(const tt1_dataset_row *row, const tt1_mapping *m, watch *w)
{
  const tt1_mapping_result *result = tt1_mapping_result_of(m);
  const char *warning;
  for (int i = 0; (warning = tt1_mapping_warning(m, i)) != NULL; i++)
    complain("%s: %s", row->series->name, warning);
  if (result->kernels_why)
    snprintf(w->kernels_why, sizeof w->kernels_why, "%s", result->kernels_why);
  if (!w->request->as_json) fit_print_line(row->series, m);
}

static void ended(const tt1_dataset_row *row, const tt1_mapping *m, const tt1_error *error,
                  void *payload)
{
  watch *w = payload;
  int quiet = w->request->quiet;
  progress_erase(&w->bar);
  progress_hide();
  if (row->ending == TT1_FAILED && error->status == TT1_BAD_MODEL)
    fit_complain(w->request, error);
  else if (row->ending == TT1_FAILED)
    complain("%s: %s", row->series->name, error->message);
  w->n_failed += row->ending == TT1_FAILED;
  if (m && !quiet) print_fitted(row, m, w);
  progress_label(NULL);
  if (row->ending == TT1_SKIPPED && !quiet)
    complain("%s: skipped, model %s is not for %s", row->series->name, row->model,
             row->series->suffix);
}

/* ---- Afterwards ---- */

static void print_summary(const fit_request *request, const tt1_dataset_report *report)
{
  int count[TT1_SKIPPED + 1] = {0};
  for (int i = 0; i < report->n; i++)
    count[report->rows[i].ending]++;
  printf("%d series", report->n);
  for (int e = 0; e <= TT1_SKIPPED; e++)
    if (count[e]) printf(", %d %s", count[e], tt1_ending_name((tt1_ending)e));
  printf("; maps in %s\n", request->output);
}

static void print_json(const fit_request *request, const tt1_bids *dataset,
                       const tt1_dataset_report *report)
{
  tt1_json out = {0};
  tt1_json_open(&out, NULL, '{');
  tt1_json_text(&out, "dataset", tt1_bids_root(dataset));
  tt1_json_text(&out, "output", request->output);
  tt1_json_open(&out, "series", '[');
  for (int i = 0; i < report->n; i++) {
    const tt1_dataset_row *row = &report->rows[i];
    tt1_json_open(&out, NULL, '{');
    tt1_json_text(&out, "name", row->series->name);
    tt1_json_text(&out, "model", *row->model ? row->model : NULL);
    tt1_json_text(&out, "status", tt1_ending_name(row->ending));
    tt1_json_text(&out, "message", *row->message ? row->message : NULL);
    tt1_json_close(&out, '{');
  }
  tt1_json_close(&out, '[');
  tt1_json_close(&out, '{');
  print_text(tt1_json_take(&out));
}

/* Whether the whole dataset is asked for: its root, and no choice of series. */
static int is_whole(const fit_request *request, const tt1_bids *dataset)
{
  const tt1_bids_options *wanted = &request->wanted;
  const char *root = tt1_bids_root(dataset), *rest = request->input + strlen(root);
  return !wanted->participants && !wanted->sessions && !wanted->suffix &&
         strncmp(request->input, root, strlen(root)) == 0 && !rest[strspn(rest, "/")];
}

static void print(const fit_request *request, const tt1_bids *dataset, const watch *w,
                  const tt1_dataset_report *report)
{
  if (report->warning && !request->quiet) complain("%s", report->warning);
  if (request->as_json)
    print_json(request, dataset, report);
  else if (!request->quiet)
    print_summary(request, report);
  if (*w->kernels_why && !request->quiet)
    complain("the model was interpreted, which is slower: %s", w->kernels_why);
}

int fit_dataset(const fit_request *request)
{
  tt1_bids *dataset = NULL;
  tt1_error error = {0};
  tt1_dataset_report *report = NULL;
  watch w = {.request = request};
  tt1_dataset_events events = TT1_DATASET_EVENTS_INIT;
  events.begins = begins;
  events.ended = ended;
  events.writes = writes;
  events.payload = &w;
  if (!request->quiet && progress_is_wanted()) events.progress = shows;
  if (tt1_bids_open(&dataset, request->input, &request->wanted, &error) != TT1_OK)
    return complain_of(&error);
  const char *suffix = request->wanted.suffix;
  int code = EXIT_OK;
  if (tt1_bids_n_series(dataset) == 0)
    code = complain("%s holds no series to fit%s%s: images of a suffix that is known are looked "
                    "for in anat/ (IRT1, VFA, MP2RAGE, MESE, MEGRE)",
                    request->input, suffix ? " of suffix " : "", suffix ? suffix : "");
  else if (tt1_mapping_dataset(&report, dataset, request->output, request->options,
                               request->overwrites, is_whole(request, dataset), &events,
                               &error) != TT1_OK)
    code = fit_complain(request, &error);
  if (report) print(request, dataset, &w, report);
  if (w.n_failed) code = EXIT_FAILED;
  tt1_dataset_report_free(report);
  tt1_bids_free(dataset);
  return code;
}
