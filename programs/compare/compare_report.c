/* SPDX-License-Identifier: MIT
 * The table of `torcht1 compare` on the terminal. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cli/table.h"
#include "compare/compare.h"

/* As many decimals for all numbers of a table as three digits of the spread need; a few wild
 * voxels widen the SD, not the MAD. */
static int decimals_of(const tt1_agreement *all)
{
  double size = all->difference.sd;
  if (all->mad > 0.0 && !(1.4826 * all->mad >= size)) size = 1.4826 * all->mad;
  if (!(size > 0.0)) size = all->rms;
  return decimals_for(size);
}

static void print_map(const char *role, const comparison *c, int k)
{
  const char *unit = c->found->map_unit[k], *source = c->found->unit_source[k];
  printf("%-14s%s", role, c->asked.map[k]);
  if (unit && strcmp(source, "from the file") != 0)
    printf("  (in %s, %s)\n", unit, source);
  else if (unit)
    printf("  (in %s)\n", unit);
  else
    printf("  (unit not known)\n");
}

static void print_head(const comparison *c)
{
  const tt1_comparison_result *r = c->found;
  const tt1_agreement *all = &r->found->all;
  print_map("A", c, 0);
  print_map("B, reference", c, 1);
  if (r->unit) printf("unit          %s\n", r->unit);
  if (r->is_resampled) printf("resampled     the second map, to the grid of the first\n");
  if (isnan(r->position))
    printf("position      not known of both: compared voxel by voxel\n");
  else if (r->position > 1e-3)
    printf("position      the grids lie up to %.3g mm apart\n", r->position);
  if (r->range.to > r->range.from)
    printf("range         B from %g to %g\n", r->range.from, r->range.to);
  printf("voxels        %" PRId64 "%s, %" PRId64 " compared\n", all->n_offered,
         all->n_offered < tt1_image_n_voxels(r->map[0]) ? " within mask, box and range" : "",
         all->n_pairs);
  if (r->has_open_mask)
    printf("assumed       all labels of the mask %s count; %s:LABEL takes one\n", c->asked.mask,
           c->asked.mask);
  if (c->asked.has_box)
    printf("box           columns %d to %d, rows %d to %d\n", c->asked.box[0], c->asked.box[1],
           c->asked.box[2], c->asked.box[3]);
  if (*r->bars) printf("left out      %s; --keep-bars compares them\n", r->bars);
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

/* A and B as two measurements of the same. */
static void print_repeatability(const tt1_agreement *x, int d)
{
  const tt1_interval *cv = &x->within_cv_interval;
  const tt1_interval percent = {100.0 * cv->from, 100.0 * cv->to};
  printf("\n%-16s %12s   (95 %% interval)\n", "Repeatability", "");
  print_estimate("SD within", d, x->within_sd, &x->within_sd_interval);
  printf("\n");
  print_estimate("coefficient", d, x->repeatability, &x->repeatability_interval);
  printf("\n");
  print_estimate("CV within, %", 2, 100.0 * x->within_cv, &percent);
  printf("\n");
  print_estimate("ICC(1,1)", 4, x->icc, &x->icc_interval);
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

static void print_bands(const tt1_comparison_result *r, int d)
{
  char name[64];
  print_group_head(r->band_by == TT1_BAND_BY_REFERENCE ? "band of B" : "band of mean");
  for (int i = 0; i < r->found->n_bands; i++) {
    const tt1_band *band = &r->found->bands[i];
    if (isfinite(band->to))
      snprintf(name, sizeof name, "%g to %g", band->from, band->to);
    else
      snprintf(name, sizeof name, "from %g", band->from);
    print_group(name, &band->agreement, d);
  }
}

void compare_print(const comparison *c)
{
  const tt1_map_comparison *found = c->found->found;
  int d = decimals_of(&found->all);
  print_head(c);
  print_summary(&found->all, d);
  print_agreement(&found->all, d);
  print_repeatability(&found->all, d);
  if (found->n_regions) print_regions(found, d);
  if (found->n_bands) print_bands(c->found, d);
  printf("\nVoxels are not independent: their intervals and p are too narrow.\n");
  if (c->csv) printf("written  %s\n", c->csv);
  for (int i = 0; i < c->n_figures; i++)
    printf("written  %s\n", c->figures[i]);
  for (int i = 0; i < c->n_pictures; i++)
    printf("written  %s\n", c->pictures[i]);
  if (c->difference) printf("written  %s\n", c->difference);
}
