/* SPDX-License-Identifier: MIT
 * Reports of `torcht1 compare`: the table on the terminal, JSON and CSV. The
 * last two have the same names, from one list. */
#include <inttypes.h>
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/table.h"
#include "compare/compare.h"
#include "tt1_json.h"

/* ---- One list of all numbers ---- */

typedef struct field {
  const char *name;
  size_t offset;
  int is_count;
} field;

// clang-format off
#define COUNT(name, member) {name, offsetof(tt1_agreement, member), 1},
#define NUMBER(name, member) {name, offsetof(tt1_agreement, member), 0},
#define SUMMARY(name, member) \
  NUMBER(name "_mean", member.mean) NUMBER(name "_sd", member.sd) \
  NUMBER(name "_median", member.median) NUMBER(name "_lower_quartile", member.quartiles[0]) \
  NUMBER(name "_upper_quartile", member.quartiles[1]) NUMBER(name "_least", member.least) \
  NUMBER(name "_greatest", member.greatest)
#define INTERVAL(name, member) NUMBER(name "_from", member.from) NUMBER(name "_to", member.to)

static const field fields[] = {
  COUNT("n_offered", n_offered) COUNT("n", n_pairs)
  COUNT("a_nan", not_a_number[0]) COUNT("a_infinite", infinite[0]) COUNT("a_zero", zero[0])
  COUNT("b_nan", not_a_number[1]) COUNT("b_infinite", infinite[1]) COUNT("b_zero", zero[1])
  SUMMARY("a", a) SUMMARY("b", b) SUMMARY("difference", difference)
  NUMBER("mad", mad) NUMBER("rms", rms) NUMBER("absolute_95", absolute_95)
  INTERVAL("bias", bias_interval)
  NUMBER("lower_limit", limits[0]) INTERVAL("lower_limit", limit_intervals[0])
  NUMBER("upper_limit", limits[1]) INTERVAL("upper_limit", limit_intervals[1])
  NUMBER("slope", slope) INTERVAL("slope", slope_interval) NUMBER("slope_p", slope_p)
  NUMBER("intercept", intercept)
  NUMBER("concordance", concordance) INTERVAL("concordance", concordance_interval)
  NUMBER("pearson", pearson) NUMBER("accuracy", accuracy)
};
// clang-format on

enum { N_FIELDS = sizeof fields / sizeof *fields };

static double number_of(const tt1_agreement *agreement, const field *f)
{
  double value;
  memcpy(&value, (const char *)agreement + f->offset, sizeof value);
  return value;
}

static int64_t count_of(const tt1_agreement *agreement, const field *f)
{
  int64_t value;
  memcpy(&value, (const char *)agreement + f->offset, sizeof value);
  return value;
}

/* ---- JSON ---- */

static void put_agreement(tt1_json *out, const tt1_agreement *agreement)
{
  for (int i = 0; i < N_FIELDS; i++)
    if (fields[i].is_count)
      tt1_json_integer(out, fields[i].name, count_of(agreement, &fields[i]));
    else
      tt1_json_number(out, fields[i].name, number_of(agreement, &fields[i]));
}

static void put_map(tt1_json *out, const char *key, const compare_map *map)
{
  tt1_json_open(out, key, '{');
  tt1_json_text(out, "name", map->name);
  tt1_json_text(out, "unit", map->unit);
  tt1_json_text(out, "unit_is", map->unit ? map->told : "not known");
  tt1_json_inputs(out, "inputs", map->image);
  tt1_json_close(out, '{');
}

static void put_groups(tt1_json *out, const tt1_map_comparison *found)
{
  tt1_json_open(out, "regions", '[');
  for (int i = 0; i < found->n_regions; i++) {
    tt1_json_open(out, NULL, '{');
    tt1_json_integer(out, "label", found->regions[i].label);
    put_agreement(out, &found->regions[i].agreement);
    tt1_json_close(out, '{');
  }
  tt1_json_close(out, '[');
  if (found->n_regions) {
    tt1_json_open(out, "across_regions", '{');
    put_agreement(out, &found->across_regions);
    tt1_json_close(out, '{');
  }
  tt1_json_open(out, "bands", '[');
  for (int i = 0; i < found->n_bands; i++) {
    tt1_json_open(out, NULL, '{');
    tt1_json_number(out, "from", found->bands[i].from);
    tt1_json_number(out, "to", found->bands[i].to);
    put_agreement(out, &found->bands[i].agreement);
    tt1_json_close(out, '{');
  }
  tt1_json_close(out, '[');
}

char *compare_json(const comparison *c)
{
  tt1_json out = {0};
  tt1_json_open(&out, NULL, '{');
  tt1_json_text(&out, "torcht1", tt1_version());
  put_map(&out, "a", &c->a);
  put_map(&out, "b", &c->b);
  if (c->mask_image) tt1_json_inputs(&out, "mask", c->mask_image);
  if (c->label_image) tt1_json_inputs(&out, "labels", c->label_image);
  tt1_json_text(&out, "unit", c->unit);
  tt1_json_number(&out, "position_mm", c->position);
  tt1_json_boolean(&out, "resampled", c->is_resampled);
  tt1_json_boolean(&out, "keep_zeros", c->keep_zeros);
  if (c->range.to > c->range.from) {
    const double range[2] = {c->range.from, c->range.to};
    tt1_json_numbers(&out, "reference_range", range, 2);
  }
  tt1_json_text(&out, "band_by", c->band_by == TT1_BAND_BY_REFERENCE ? "reference" : "mean");
  tt1_json_open(&out, "all", '{');
  put_agreement(&out, &c->found->all);
  tt1_json_close(&out, '{');
  put_groups(&out, c->found);
  tt1_json_close(&out, '{');
  return tt1_json_take(&out);
}

/* ---- CSV ---- */

static void add_row(FILE *out, const char *group, const char *label, double from, double to,
                    const comparison *c, const tt1_agreement *agreement)
{
  fprintf(out, "%s,%s", group, label);
  csv_number(out, from);
  csv_number(out, to);
  fprintf(out, ",%s", c->unit ? c->unit : "");
  for (int i = 0; i < N_FIELDS; i++)
    if (fields[i].is_count)
      fprintf(out, ",%" PRId64, count_of(agreement, &fields[i]));
    else
      csv_number(out, number_of(agreement, &fields[i]));
  fputc('\n', out);
}

char *compare_csv(const comparison *c)
{
  const tt1_map_comparison *found = c->found;
  const double none = (double)NAN;
  char *text = NULL;
  size_t length = 0;
  FILE *out = open_memstream(&text, &length);
  if (!out) return allocate(1, 1);
  fputs("group,label,from,to,unit", out);
  for (int i = 0; i < N_FIELDS; i++)
    fprintf(out, ",%s", fields[i].name);
  fputc('\n', out);
  add_row(out, "all", "", none, none, c, &found->all);
  for (int i = 0; i < found->n_regions; i++) {
    char label[16];
    snprintf(label, sizeof label, "%d", (int)found->regions[i].label);
    add_row(out, "region", label, none, none, c, &found->regions[i].agreement);
  }
  if (found->n_regions) add_row(out, "across_regions", "", none, none, c, &found->across_regions);
  for (int i = 0; i < found->n_bands; i++)
    add_row(out, "band", "", found->bands[i].from, found->bands[i].to, c,
            &found->bands[i].agreement);
  fclose(out);
  return text;
}

/* ---- The table on the terminal ---- */

/* As many decimals for all numbers of a table as three digits of the spread need; a few wild
 * voxels widen the SD, not the MAD. */
static int decimals_of(const comparison *c)
{
  const tt1_agreement *all = &c->found->all;
  double size = all->difference.sd;
  if (all->mad > 0.0 && !(1.4826 * all->mad >= size)) size = 1.4826 * all->mad;
  if (!(size > 0.0)) size = all->rms;
  return decimals_for(size);
}

static void print_map(const char *role, const compare_map *map)
{
  printf("%-14s%s", role, map->path);
  if (map->unit && strcmp(map->told, "from the file") != 0)
    printf("  (in %s, %s)\n", map->unit, map->told);
  else if (map->unit)
    printf("  (in %s)\n", map->unit);
  else
    printf("  (unit not known)\n");
}

static void print_head(const comparison *c)
{
  const tt1_agreement *all = &c->found->all;
  print_map("A", &c->a);
  print_map("B, reference", &c->b);
  if (c->unit) printf("unit          %s\n", c->unit);
  if (c->is_resampled) printf("resampled     the second map, to the grid of the first\n");
  if (isnan(c->position))
    printf("position      not known of both: compared voxel by voxel\n");
  else if (c->position > 1e-3)
    printf("position      the grids lie up to %.3g mm apart\n", c->position);
  if (c->range.to > c->range.from)
    printf("range         B from %g to %g\n", c->range.from, c->range.to);
  printf("voxels        %" PRId64 "%s, %" PRId64 " compared\n", all->n_offered,
         c->mask_path ? " within the mask" : "", all->n_pairs);
  print_left_out("A", all->not_a_number[0], all->infinite[0], all->zero[0]);
  print_left_out("B", all->not_a_number[1], all->infinite[1], all->zero[1]);
}

static void print_three(const char *name, int d, double a, double b, double difference)
{
  printf("%-16s", name);
  print_cell(12, d, a);
  print_cell(12, d, b);
  print_cell(12, d, difference);
  printf("\n");
}

static void print_summary(const tt1_agreement *x, int d)
{
  printf("\n%-16s %12s %12s %12s\n", "", "A", "B", "A - B");
  print_three("mean", d, x->a.mean, x->b.mean, x->difference.mean);
  print_three("SD", d, x->a.sd, x->b.sd, x->difference.sd);
  print_three("median", d, x->a.median, x->b.median, x->difference.median);
  print_three("lower quartile", d, x->a.quartiles[0], x->b.quartiles[0],
              x->difference.quartiles[0]);
  print_three("upper quartile", d, x->a.quartiles[1], x->b.quartiles[1],
              x->difference.quartiles[1]);
  print_three("least", d, x->a.least, x->b.least, x->difference.least);
  print_three("greatest", d, x->a.greatest, x->b.greatest, x->difference.greatest);
  const double none = (double)NAN;
  print_three("1.4826 MAD", d, none, none, 1.4826 * x->mad);
  print_three("RMS", d, none, none, x->rms);
  print_three("95 % of |A-B| <", d, none, none, x->absolute_95);
}

static void print_estimate(const char *name, int d, double value, const tt1_interval *interval)
{
  printf("%-16s", name);
  print_cell(12, d, value);
  if (isfinite(interval->from)) printf("   (%.*f to %.*f)", d, interval->from, d, interval->to);
}

static void print_agreement(const tt1_agreement *x, int d)
{
  static const tt1_interval none = {(double)NAN, (double)NAN};
  printf("\n%-16s %12s   (95 %% interval)\n", "Bland-Altman", "");
  print_estimate("bias", d, x->difference.mean, &x->bias_interval);
  printf("\n");
  print_estimate("upper limit", d, x->limits[1], &x->limit_intervals[1]);
  printf("\n");
  print_estimate("lower limit", d, x->limits[0], &x->limit_intervals[0]);
  printf("\n");
  print_estimate("slope on mean", 4, x->slope, &x->slope_interval);
  if (x->slope_p < 1e-16)
    printf("   p < 1e-16");
  else if (isfinite(x->slope_p))
    printf("   p = %.3g", x->slope_p);
  printf("\n");
  print_estimate("concordance", 4, x->concordance, &x->concordance_interval);
  printf("\n");
  print_estimate("Pearson", 4, x->pearson, &none);
  printf("\n");
}

static void print_group_head(const char *name)
{
  printf("\n%-16s %9s %9s %9s %9s %9s %9s %9s %9s\n", name, "voxels", "mean A", "mean B", "bias",
         "SD", "median", "lower", "upper");
}

static void print_group(const char *name, const tt1_agreement *x, int d)
{
  printf("%-16s %9" PRId64, name, x->n_pairs);
  print_cell(9, d, x->a.mean);
  print_cell(9, d, x->b.mean);
  print_cell(9, d, x->difference.mean);
  print_cell(9, d, x->difference.sd);
  print_cell(9, d, x->difference.median);
  print_cell(9, d, x->limits[0]);
  print_cell(9, d, x->limits[1]);
  printf("\n");
}

static void print_regions(const tt1_map_comparison *found, int d)
{
  char name[32];
  print_group_head("region");
  for (int i = 0; i < found->n_regions; i++) {
    snprintf(name, sizeof name, "%d", (int)found->regions[i].label);
    print_group(name, &found->regions[i].agreement, d);
  }
  print_group("region means", &found->across_regions, d);
}

static void print_bands(const comparison *c, int d)
{
  char name[64];
  print_group_head(c->band_by == TT1_BAND_BY_REFERENCE ? "band of B" : "band of mean");
  for (int i = 0; i < c->found->n_bands; i++) {
    const tt1_band *band = &c->found->bands[i];
    if (isfinite(band->to))
      snprintf(name, sizeof name, "%g to %g", band->from, band->to);
    else
      snprintf(name, sizeof name, "from %g", band->from);
    print_group(name, &band->agreement, d);
  }
}

void compare_print(const comparison *c)
{
  int d = decimals_of(c);
  print_head(c);
  print_summary(&c->found->all, d);
  print_agreement(&c->found->all, d);
  if (c->found->n_regions) print_regions(c->found, d);
  if (c->found->n_bands) print_bands(c, d);
  printf("\nVoxels are not independent: their intervals and p are too narrow.\n");
  if (c->csv) printf("written  %s\n", c->csv);
  for (int i = 0; i < c->n_figures; i++)
    printf("written  %s\n", c->figures[i]);
  if (c->difference) printf("written  %s\n", c->difference);
}
