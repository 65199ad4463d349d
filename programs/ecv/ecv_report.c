/* SPDX-License-Identifier: MIT
 * The table of `torcht1 ecv` on the terminal, in ms and %. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "cli/table.h"
#include "ecv/ecv.h"

static void print_estimate(const tt1_estimate *estimate, double scale, int d)
{
  print_cell(9, d, scale * estimate->value);
  if (isfinite(estimate->sd))
    printf(" +- %-6.*f", d, scale * estimate->sd);
  else
    printf("%10s", "");
}

static void print_hematocrit(const tt1_ecv_result *r)
{
  const tt1_estimate *h = &r->blood.hematocrit;
  int has_deviations = isfinite(r->blood.native.sd) && isfinite(r->blood.post.sd);
  if (r->is_synthetic)
    printf("haematocrit   %.3f, SYNTHETIC: %g / T1 of blood %+g, %s\n", h->value, r->synthetic[0],
           r->synthetic[1], r->source);
  else if (r->has_assumed_sd && has_deviations)
    printf("haematocrit   %g, as given, +- %g, assumed (--hematocrit-sd)\n", h->value, h->sd);
  else if (h->sd > 0.0 && !r->has_assumed_sd)
    printf("haematocrit   %g +- %g, as given\n", h->value, h->sd);
  else
    printf("haematocrit   %g, as given\n", h->value);
}

void ecv_print(const ecv *e)
{
  const tt1_ecv_result *r = e->found;
  const tt1_ecv_blood *blood = &r->blood;
  int is_known = r->made[0].is_known && r->made[1].is_known;
  printf("native        %s\npost          %s\n", e->asked.map[0], e->asked.map[1]);
  if (is_known)
    printf("model         %s, of both\n", r->made[0].model);
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
    const tt1_ecv_row *row = &r->rows[i];
    printf("%-8d %8" PRId64, (int)row->label, row->n[0]);
    print_estimate(&row->t1[0], 1e3, 1);
    print_estimate(&row->t1[1], 1e3, 1);
    print_estimate(&row->found.lambda, 1e2, 2);
    print_estimate(&row->found.ecv, 1e2, 2);
    printf("\n");
  }
  if (isfinite(blood->native.sd))
    printf(
        "\nStandard deviations are from the noise of the fits, with the voxels as independent.\n");
  if (e->output)
    printf("written  %s/ecv.json, ecv.csv%s\n", e->output,
           r->is_registered ? ", ECV.nii.gz, lambda.nii.gz" : "");
}
