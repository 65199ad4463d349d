/* SPDX-License-Identifier: MIT
 * Reports of `torcht1 ecv`: the table on the terminal, in ms and %; JSON and
 * CSV, in s and fractions, with the same names from one list. */
#include <inttypes.h>
#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "cli/table.h"
#include "ecv/ecv.h"
#include "tt1_json.h"

typedef struct field {
  const char *name;
  size_t offset; /* of a tt1_estimate in ecv_row */
} field;

static const field fields[] = {{"native_t1", offsetof(ecv_row, native)},
                               {"post_t1", offsetof(ecv_row, post)},
                               {"lambda", offsetof(ecv_row, found.lambda)},
                               {"ecv", offsetof(ecv_row, found.ecv)}};

enum { N_FIELDS = sizeof fields / sizeof *fields };

static tt1_estimate estimate_of(const ecv_row *row, const field *f)
{
  tt1_estimate estimate;
  memcpy(&estimate, (const char *)row + f->offset, sizeof estimate);
  return estimate;
}

static void put_estimate(tt1_json *out, const char *name, const tt1_estimate *estimate)
{
  char sd[40];
  snprintf(sd, sizeof sd, "%s_sd", name);
  tt1_json_number(out, name, estimate->value);
  tt1_json_number(out, sd, estimate->sd);
}

static void put_side(tt1_json *out, const char *key, const ecv_side *side)
{
  tt1_json_open(out, key, '{');
  tt1_json_inputs(out, "inputs", side->map);
  if (side->sd) tt1_json_inputs(out, "sd", side->sd);
  tt1_json_text(out, "model", side->made.is_known ? side->made.model : NULL);
  if (side->made.is_known) tt1_json_number(out, "multiplied_by", side->made.multiplied_by);
  if (side->made.field_strength > 0.0)
    tt1_json_number(out, "field_strength", side->made.field_strength);
  tt1_json_close(out, '{');
}

static void put_blood(tt1_json *out, const ecv_request *r)
{
  tt1_json_open(out, "blood", '{');
  tt1_json_integer(out, "erode", r->erode);
  tt1_json_integer(out, "n_native", r->n_blood[0]);
  tt1_json_integer(out, "n_post", r->n_blood[1]);
  put_estimate(out, "native_t1", &r->given.native);
  put_estimate(out, "post_t1", &r->given.post);
  tt1_json_close(out, '{');
  put_estimate(out, "hematocrit", &r->given.hematocrit);
  if (!r->has_synthetic) return;
  tt1_json_open(out, "synthetic_hematocrit", '{');
  tt1_json_number(out, "slope_ms", r->synthetic[0]);
  tt1_json_number(out, "intercept", r->synthetic[1]);
  tt1_json_text(out, "source", r->source);
  tt1_json_close(out, '{');
}

char *ecv_json(const ecv_request *r)
{
  tt1_json out = {0};
  tt1_json_open(&out, NULL, '{');
  tt1_json_text(&out, "torcht1", tt1_version());
  put_side(&out, "native", &r->side[0]);
  put_side(&out, "post", &r->side[1]);
  put_blood(&out, r);
  tt1_json_boolean(&out, "registered", r->is_registered);
  tt1_json_boolean(&out, "resampled", r->is_resampled);
  tt1_json_open(&out, "regions", '[');
  for (int i = 0; i < r->n_rows; i++) {
    const ecv_row *row = &r->rows[i];
    tt1_json_open(&out, NULL, '{');
    tt1_json_integer(&out, "label", row->label);
    tt1_json_integer(&out, "n_native", row->n[0]);
    tt1_json_integer(&out, "n_post", row->n[1]);
    for (int f = 0; f < N_FIELDS; f++) {
      tt1_estimate estimate = estimate_of(row, &fields[f]);
      put_estimate(&out, fields[f].name, &estimate);
    }
    tt1_json_close(&out, '{');
  }
  tt1_json_close(&out, '[');
  tt1_json_close(&out, '{');
  return tt1_json_take(&out);
}

char *ecv_csv(const ecv_request *r)
{
  char *text = NULL;
  size_t length = 0;
  FILE *out = open_memstream(&text, &length);
  if (!out) return allocate(1, 1);
  fputs("label,n_native,n_post", out);
  for (int f = 0; f < N_FIELDS; f++)
    fprintf(out, ",%s,%s_sd", fields[f].name, fields[f].name);
  fputc('\n', out);
  for (int i = 0; i < r->n_rows; i++) {
    const ecv_row *row = &r->rows[i];
    fprintf(out, "%d,%" PRId64 ",%" PRId64, (int)row->label, row->n[0], row->n[1]);
    for (int f = 0; f < N_FIELDS; f++) {
      csv_number(out, estimate_of(row, &fields[f]).value);
      csv_number(out, estimate_of(row, &fields[f]).sd);
    }
    fputc('\n', out);
  }
  fclose(out);
  return text;
}

/* ---- The table on the terminal ---- */

static void print_estimate(const tt1_estimate *estimate, double scale, int d)
{
  print_cell(9, d, scale * estimate->value);
  if (isfinite(estimate->sd))
    printf(" +- %-6.*f", d, scale * estimate->sd);
  else
    printf("%10s", "");
}

static void print_hematocrit(const ecv_request *r)
{
  const tt1_estimate *h = &r->given.hematocrit;
  if (r->has_synthetic)
    printf("haematocrit   %.3f, SYNTHETIC: %g / T1 of blood %+g, %s\n", h->value, r->synthetic[0],
           r->synthetic[1], r->source);
  else if (h->sd > 0.0)
    printf("haematocrit   %g +- %g, as given\n", h->value, h->sd);
  else
    printf("haematocrit   %g, as given\n", h->value);
}

void ecv_print(const ecv_request *r)
{
  const tt1_ecv_blood *blood = &r->given;
  int is_known = r->side[0].made.is_known && r->side[1].made.is_known;
  printf("native        %s\npost          %s\n", r->side[0].path, r->side[1].path);
  if (is_known)
    printf("model         %s, of both\n", r->side[0].made.model);
  else
    printf("model         not known of both: that they are the same could not be checked\n");
  printf("blood T1      native");
  print_estimate(&blood->native, 1e3, 1);
  printf(" ms, post");
  print_estimate(&blood->post, 1e3, 1);
  printf(" ms (%" PRId64 ", %" PRId64 " voxels)\n", r->n_blood[0], r->n_blood[1]);
  print_hematocrit(r);
  if (r->n_rows)
    printf("\n%-8s %8s %19s %19s %19s %19s\n", "label", "voxels", "native T1 (ms)", "post T1 (ms)",
           "lambda (%)", "ECV (%)");
  for (int i = 0; i < r->n_rows; i++) {
    const ecv_row *row = &r->rows[i];
    printf("%-8d %8" PRId64, (int)row->label, row->n[0]);
    print_estimate(&row->native, 1e3, 1);
    print_estimate(&row->post, 1e3, 1);
    print_estimate(&row->found.lambda, 1e2, 2);
    print_estimate(&row->found.ecv, 1e2, 2);
    printf("\n");
  }
  if (isfinite(blood->native.sd))
    printf(
        "\nStandard deviations are from the noise of the fits, with the voxels as independent.\n");
  if (r->output)
    printf("written  %s/ecv.json, ecv.csv%s\n", r->output,
           r->is_registered ? ", ECV.nii.gz, lambda.nii.gz" : "");
}
