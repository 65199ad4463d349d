/* SPDX-License-Identifier: MIT
 * torcht1 info of a BIDS dataset: all its series, with which model each would be fitted, and what is
 * wrong with it. Names and sidecars are read, no images. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "info/info.h"

/* What is found out about one series. */
typedef struct finding {
  const tt1_bids_series *series;
  tt1_bids_facts *facts; /* NULL if it cannot be read */
  const char *model;     /* NULL if there is none for it */
  const char *reason;    /* why this model, or none; "" */
  char wrong[2000];      /* one sentence; "" if nothing is */
} finding;

static void look(finding *f, const tt1_bids *dataset, int index)
{
  tt1_error error = {0};
  *f = (finding){.series = tt1_bids_series_at(dataset, index), .reason = ""};
  if (f->series->refused) {
    snprintf(f->wrong, sizeof f->wrong, "%s", f->series->refused);
    return;
  }
  if (tt1_bids_look(&f->facts, dataset, index, &error) != TT1_OK) {
    snprintf(f->wrong, sizeof f->wrong, "%s", error.message);
    return;
  }
  f->model = f->facts->model;
  f->reason = f->facts->reason;
  if (!f->model)
    snprintf(f->wrong, sizeof f->wrong, "no model is for it: %s", f->reason);
  else if (f->facts->lacks)
    snprintf(f->wrong, sizeof f->wrong, "no sidecar gives %s", f->facts->lacks);
}

/* ---- Text ---- */

static void print_line(const finding *f, int width)
{
  printf("%-*s  %6d  %-5s  %s\n", width, f->series->name, f->series->n_images,
         f->series->has_phase ? "yes" : "-", f->model && !*f->wrong ? f->model : "-");
}

/* The times of a series that is alone, and what is to be said of any. */
static void print_details(const finding *f, int is_alone)
{
  char text[300];
  if (!is_alone && !*f->wrong && !*f->reason) return;
  printf("\n%s\n", f->series->name);
  if (*f->wrong) info_print_field("not fitted", f->wrong);
  if (is_alone && f->facts) {
    tt1_study_series known = {
        .n_images = f->facts->n_images, .known = f->facts->known, .n_known = f->facts->n_known};
    info_print_known(&known);
  }
  for (int i = 0; f->facts && i < f->facts->n_assumptions; i++)
    info_print_field("assumed", f->facts->assumptions[i]);
  if (f->model && *f->reason && !*f->wrong) {
    snprintf(text, sizeof text, "model %s, for %s", f->model, f->reason);
    info_print_field("assumed", text);
  }
}

static void print_table(const tt1_bids *dataset, const finding *found, int n, const char *input)
{
  const tt1_bids_description *about = tt1_bids_about(dataset);
  int n_participants = 0, width = (int)strlen("series");
  for (int i = 0; i < n; i++) {
    int length = (int)strlen(found[i].series->name);
    n_participants += i == 0 || strcmp(found[i].series->subject, found[i - 1].series->subject) != 0;
    width = length > width ? length : width;
  }
  printf("%s: BIDS %s \"%s\", %d series of %d participant%s\n", input, about->bids_version,
         about->name, n, n_participants, n_participants == 1 ? "" : "s");
  if (n == 0) return;
  printf("\n%-*s  images  phase  model\n", width, "series");
  for (int i = 0; i < n; i++)
    print_line(&found[i], width);
  for (int i = 0; i < n; i++)
    print_details(&found[i], n == 1);
}

/* ---- JSON ---- */

static void put_series(tt1_json *out, const finding *f)
{
  const tt1_bids_series *series = f->series;
  tt1_json_open(out, NULL, '{');
  tt1_json_text(out, "name", series->name);
  tt1_json_text(out, "folder", series->folder);
  tt1_json_text(out, "subject", series->subject);
  tt1_json_text(out, "session", *series->session ? series->session : NULL);
  tt1_json_text(out, "suffix", series->suffix);
  tt1_json_integer(out, "images", series->n_images);
  tt1_json_boolean(out, "phase", series->has_phase);
  tt1_json_text(out, "model", f->model);
  tt1_json_text(out, "reason", *f->reason ? f->reason : NULL);
  info_put_known(out, f->facts ? f->facts->known : NULL, f->facts ? f->facts->n_known : 0);
  info_put_inversions(out, f->facts ? f->facts->known : NULL, f->facts ? f->facts->n_known : 0,
                      f->facts ? f->facts->n_images : 0);
  tt1_json_open(out, "assumptions", '[');
  for (int i = 0; f->facts && i < f->facts->n_assumptions; i++)
    tt1_json_text(out, NULL, f->facts->assumptions[i]);
  tt1_json_close(out, '[');
  tt1_json_text(out, "refused", *f->wrong ? f->wrong : NULL); // null: can be fitted
  tt1_json_close(out, '{');
}

static void print_json(const tt1_bids *dataset, const finding *found, int n, const char *input)
{
  tt1_json out = {0};
  const tt1_bids_description *about = tt1_bids_about(dataset);
  tt1_json_open(&out, NULL, '{');
  tt1_json_text(&out, "input", input);
  tt1_json_text(&out, "dataset", tt1_bids_root(dataset));
  tt1_json_text(&out, "name", about->name);
  tt1_json_text(&out, "bids_version", about->bids_version);
  tt1_json_text(&out, "type", about->type);
  tt1_json_open(&out, "series", '[');
  for (int i = 0; i < n; i++)
    put_series(&out, &found[i]);
  tt1_json_close(&out, '[');
  tt1_json_close(&out, '{');
  print_text(tt1_json_take(&out));
}

int info_dataset(const char *input, const tt1_bids_options *wanted, int as_json)
{
  tt1_bids *dataset = NULL;
  tt1_error error = {0};
  if (tt1_bids_open(&dataset, input, wanted, &error) != TT1_OK) return complain_of(&error);
  int n = tt1_bids_n_series(dataset);
  finding *found = allocate((size_t)n, sizeof *found);
  for (int i = 0; i < n; i++)
    look(&found[i], dataset, i);
  if (as_json)
    print_json(dataset, found, n, input);
  else
    print_table(dataset, found, n, input);
  for (int i = 0; i < n; i++)
    tt1_bids_facts_free(found[i].facts);
  free(found);
  tt1_bids_free(dataset);
  return EXIT_OK;
}
