/* SPDX-License-Identifier: MIT
 * Reports of `torcht1 regions`: the table on the terminal, JSON and CSV. The
 * last two have the same names, from one list. */
#include <inttypes.h>
#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "cli/table.h"
#include "regions/regions.h"
#include "tt1_json.h"

typedef struct field {
  const char *name;
  size_t offset;
  int is_count;
} field;

// clang-format off
#define COUNT(name, member) {name, offsetof(region_row, found.member), 1}
#define NUMBER(name, member) {name, offsetof(region_row, found.member), 0}
static const field fields[] = {
  COUNT("n_offered", n_offered), COUNT("n", n), COUNT("nan", not_a_number),
  COUNT("infinite", infinite), COUNT("zero", zero),
  NUMBER("mean", values.mean), NUMBER("sd", values.sd), NUMBER("median", values.median),
  NUMBER("lower_quartile", values.quartiles[0]), NUMBER("upper_quartile", values.quartiles[1]),
  NUMBER("least", values.least), NUMBER("greatest", values.greatest),
  COUNT("n_sd", n_sd), NUMBER("mean_sd", mean_sd), NUMBER("median_sd", median_sd),
  {"z", offsetof(region_row, z), 0},
};
// clang-format on

enum { N_FIELDS = sizeof fields / sizeof *fields };

static double number_of(const region_row *row, const field *f)
{
  double value;
  memcpy(&value, (const char *)row + f->offset, sizeof value);
  return value;
}

static int64_t count_of(const region_row *row, const field *f)
{
  int64_t value;
  memcpy(&value, (const char *)row + f->offset, sizeof value);
  return value;
}

/* What is of several regions together has no label. */
static int is_label(const region_row *row)
{
  return strcmp(row->group, "all") != 0 && strcmp(row->group, "mid_septum") != 0;
}

/* ---- JSON and CSV ---- */

static void put_row(tt1_json *out, const region_row *row)
{
  tt1_json_open(out, NULL, '{');
  tt1_json_text(out, "group", row->group);
  if (is_label(row)) tt1_json_integer(out, "label", row->found.label);
  if (row->name[0]) tt1_json_text(out, "name", row->name);
  for (int i = 0; i < N_FIELDS; i++)
    if (fields[i].is_count)
      tt1_json_integer(out, fields[i].name, count_of(row, &fields[i]));
    else
      tt1_json_number(out, fields[i].name, number_of(row, &fields[i]));
  tt1_json_close(out, '{');
}

char *regions_json(const regions *r)
{
  tt1_json out = {0};
  tt1_json_open(&out, NULL, '{');
  tt1_json_text(&out, "torcht1", tt1_version());
  tt1_json_inputs(&out, "inputs", r->map);
  if (r->sd) tt1_json_inputs(&out, "sd", r->sd);
  if (r->mask_image) tt1_json_inputs(&out, "mask", r->mask_image);
  tt1_json_inputs(&out, r->is_aha ? "myocardium" : "labels", r->label_image);
  tt1_json_text(&out, "unit", r->unit);
  tt1_json_boolean(&out, "keep_zeros", r->keep_zeros);
  if (r->has_reference) tt1_json_numbers(&out, "reference", r->reference, 2);
  tt1_json_text(&out, "mean_sd_is", r->sd ? "from the noise of the fit, voxels independent" : NULL);
  tt1_json_open(&out, "regions", '[');
  for (int i = 0; i < r->n_rows; i++)
    put_row(&out, &r->rows[i]);
  tt1_json_close(&out, '[');
  tt1_json_close(&out, '{');
  return tt1_json_take(&out);
}

char *regions_csv(const regions *r)
{
  char *text = NULL;
  size_t length = 0;
  FILE *out = open_memstream(&text, &length);
  if (!out) return allocate(1, 1);
  fputs("group,label,name,unit", out);
  for (int i = 0; i < N_FIELDS; i++)
    fprintf(out, ",%s", fields[i].name);
  fputc('\n', out);
  for (int i = 0; i < r->n_rows; i++) {
    const region_row *row = &r->rows[i];
    fprintf(out, "%s,", row->group);
    if (is_label(row)) fprintf(out, "%d", (int)row->found.label);
    fprintf(out, ",%s,%s", row->name, r->unit ? r->unit : "");
    for (int f = 0; f < N_FIELDS; f++)
      if (fields[f].is_count)
        fprintf(out, ",%" PRId64, count_of(row, &fields[f]));
      else
        csv_number(out, number_of(row, &fields[f]));
    fputc('\n', out);
  }
  fclose(out);
  return text;
}

/* ---- The table on the terminal ---- */

static void print_row(const regions *r, const region_row *row, int d)
{
  const tt1_region_summary *found = &row->found;
  char label[64];
  if (row->name[0])
    snprintf(label, sizeof label, "%d %s", (int)found->label, row->name);
  else if (strcmp(row->group, "region") == 0)
    snprintf(label, sizeof label, "%d", (int)found->label);
  else
    snprintf(label, sizeof label, "%s", strcmp(row->group, "all") == 0 ? "all" : "mid-septum");
  printf("%-22s %8" PRId64 " %8" PRId64, label, found->n, found->n_offered - found->n);
  print_cell(9, d, found->values.mean);
  print_cell(9, d, found->values.sd);
  print_cell(9, d, found->values.median);
  print_cell(9, d, found->values.quartiles[0]);
  print_cell(9, d, found->values.quartiles[1]);
  if (r->sd) print_cell(9, decimals_for(found->mean_sd), found->mean_sd);
  if (r->has_reference) print_cell(7, 2, row->z);
  printf("\n");
}

void regions_print(const regions *r)
{
  int d = decimals_for(r->rows[0].found.values.sd);
  printf("map           %s", r->path);
  if (r->unit)
    printf("  (table in %s%s)\n", r->unit, strcmp(r->told, "given") == 0 ? ", unit given" : "");
  else
    printf("  (unit not known)\n");
  print_left_out("map", r->rows[0].found.not_a_number, r->rows[0].found.infinite,
                 r->rows[0].found.zero);
  if (r->has_reference)
    printf("reference     %g, SD %g, as given; z = (mean - %g) / %g\n", r->reference[0],
           r->reference[1], r->reference[0], r->reference[1]);
  printf("\n%-22s %8s %8s %9s %9s %9s %9s %9s", "region", "voxels", "left out", "mean", "SD",
         "median", "lower", "upper");
  if (r->sd) printf(" %9s", "SD(mean)");
  if (r->has_reference) printf(" %7s", "z");
  printf("\n");
  for (int i = 0; i < r->n_rows; i++)
    print_row(r, &r->rows[i], d);
  if (r->sd) printf("\nSD(mean) is from the noise of the fit, with the voxels as independent.\n");
  if (r->csv) printf("written  %s\n", r->csv);
  if (r->segments_path) printf("written  %s\n", r->segments_path);
  if (r->septum_path) printf("written  %s\n", r->septum_path);
}
