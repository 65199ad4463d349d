/* SPDX-License-Identifier: MIT
 * The table of `torcht1 regions` on the terminal. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/table.h"
#include "regions/regions.h"

static void print_row(const tt1_regions_result *r, const tt1_region_row *row, int d)
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

/* What was left out beyond voxels without a number, and what was assumed. */
static void print_rules(const tt1_regions_result *r)
{
  const tt1_region_summary *all = &r->rows[0].found;
  if (r->is_aha && (r->margins[0] > 0.0 || r->margins[1] > 0.0))
    printf("margins       %g %% of the wall inside, %g %% outside: %" PRId64
           " voxels left out (--margin 0: none)\n",
           100.0 * r->margins[0], 100.0 * r->margins[1], all->margin);
  if (r->sd_limit > 0.0)
    printf("sd limit      %g %% of the value: %" PRId64 " voxels left out (--sd-limit 0: none)\n",
           100.0 * r->sd_limit, all->uncertain);
  for (int i = 0; i < r->n_notes; i++)
    printf("assumed       %s\n", r->notes[i]);
}

void regions_print(const regions *asked)
{
  const tt1_regions_result *r = asked->found;
  int d = decimals_for(r->rows[0].found.values.sd);
  printf("map           %s", asked->asked.map);
  if (r->unit)
    printf("  (table in %s%s)\n", r->unit,
           strcmp(r->unit_source, "given") == 0 ? ", unit given" : "");
  else
    printf("  (unit not known)\n");
  print_left_out("map", r->rows[0].found.not_a_number, r->rows[0].found.infinite,
                 r->rows[0].found.zero);
  print_rules(r);
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
  if (asked->csv) printf("written  %s\n", asked->csv);
  if (asked->segments_path) printf("written  %s\n", asked->segments_path);
  if (asked->bullseye) printf("written  %s\n", asked->bullseye);
  if (asked->septum_path) printf("written  %s\n", asked->septum_path);
}
