/* SPDX-License-Identifier: MIT
 * The bull's-eye of `torcht1 regions --aha`. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "regions/regions.h"
#include "tt1_report.h"

/* From the least to the greatest value, but at least a tenth about their middle, lest noise fill all colours. */
static void choose_window(tt1_bullseye *b)
{
  double least = HUGE_VAL, most = -HUGE_VAL;
  for (int s = 0; s < TT1_N_SEGMENTS; s++) {
    if (!isfinite(b->values[s])) continue;
    least = fmin(least, b->values[s]);
    most = fmax(most, b->values[s]);
  }
  double middle = 0.5 * (least + most);
  double half = fmax(fmax(0.5 * (most - least), 0.1 * fabs(middle)), 1e-6);
  b->from = middle - half;
  b->to = middle + half;
}

tt1_status regions_put_bullseye(const void *context, tt1_folder *folder, const char *name,
                                tt1_error *error)
{
  const regions *r = context;
  const tt1_regions_result *found = r->found;
  double values[TT1_N_SEGMENTS], deviations[TT1_N_SEGMENTS], scores[TT1_N_SEGMENTS];
  int64_t counts[TT1_N_SEGMENTS] = {0};
  char note[200];
  for (int s = 0; s < TT1_N_SEGMENTS; s++)
    values[s] = deviations[s] = scores[s] = NAN;
  for (int i = 0; i < found->n_rows; i++) {
    const tt1_region_row *row = &found->rows[i];
    int s = (int)row->found.label - 1;
    if (strcmp(row->group, "segment") != 0 || s < 0 || s >= TT1_N_SEGMENTS) continue;
    values[s] = row->found.values.mean;
    deviations[s] = row->found.values.sd;
    scores[s] = row->z;
    counts[s] = row->found.n;
  }
  const char *unit = found->unit && strcmp(found->unit, "1") != 0 ? found->unit : NULL;
  tt1_bullseye figure = {.values = values,
                         .deviations = deviations,
                         .scores = found->has_reference ? scores : NULL,
                         .counts = counts,
                         .colours = tt1_colours_of(r->asked.map),
                         .title = r->title ? r->title : "Segments of the left ventricle",
                         .unit = unit,
                         .note = note};
  if (figure.colours == TT1_COLOURS_GREY) figure.colours = TT1_COLOURS_LIPARI;
  int used = snprintf(note, sizeof note, "mean \u00b1 SD over the n voxels of a segment");
  if (found->has_reference)
    snprintf(note + used, sizeof note - (size_t)used, "; z = (mean \u2212 %g) / %g",
             found->reference[0], found->reference[1]);
  choose_window(&figure);
  return tt1_folder_write_bullseye(folder, name, &figure, error);
}
