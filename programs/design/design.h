/* SPDX-License-Identifier: MIT
 * What the files of torcht1 design share. */
#ifndef TT1_DESIGN_REPORT_H
#define TT1_DESIGN_REPORT_H

#include "cli/program.h"
#include "tt1_design.h"

enum { MOST_LISTS = 32, MOST_VALUES = 64, MOST_OUTPUTS = 16 };

/* A design with room for its values. */
typedef struct protocol {
  tt1_design design;
  tt1_known_values known[MOST_LISTS];
  char names[MOST_LISTS][32];
  double values[MOST_LISTS][MOST_VALUES];
} protocol;

typedef struct tissue {
  const char *text; /* as it was given */
  double parameters[8], sigma, weight;
  double values[MOST_OUTPUTS]; /* parameters, then maps */
  double before[MOST_OUTPUTS], after[MOST_OUTPUTS];
} tissue;

typedef struct design_report {
  const tt1_model *model;
  const protocol *before, *after; /* after: NULL where nothing was optimised */
  const tissue *tissues;
  int n_tissues;
  const char *map, *criterion;
  const tt1_optimum *optimum;
} design_report;

void design_print(const design_report *report);
void design_print_json(const design_report *report);
#endif
