/* SPDX-License-Identifier: MIT */
#include "cli/series.h"

#include <inttypes.h>

static void print_line(FILE *out, const tt1_study_series *series)
{
  char number[16] = "-", size[64];
  const int64_t *n = series->geometry.size;
  if (series->number) snprintf(number, sizeof number, "%d", series->number);
  snprintf(size, sizeof size, "%" PRId64 " x %" PRId64 " x %" PRId64, n[0], n[1], n[2]);
  fprintf(out, "%6s  %-9s  %6d  ", number, tt1_kind_name(series->kind), series->n_images);
  if (*series->description)
    fprintf(out, "%-16s  %s\n", size, series->description);
  else
    fprintf(out, "%s\n", size);
}

void print_series(FILE *out, const tt1_study *study, int only_candidates)
{
  fprintf(out, "%sseries  kind       images  size              description\n",
          only_candidates ? "  " : "");
  for (int i = 0; i < tt1_study_n_series(study); i++) {
    const tt1_study_series *series = tt1_study_series_at(study, i);
    if (only_candidates && series->refused) continue;
    if (only_candidates) fputs("  ", out);
    print_line(out, series);
  }
}
