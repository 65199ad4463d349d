/* SPDX-License-Identifier: MIT
 * A plan: what tt1_plan_create() prepares and tt1_plan_run() uses. */
#ifndef TT1_FIT_PLAN_H
#define TT1_FIT_PLAN_H

#include "device/lanes.h"
#include "fit/tables.h"

struct tt1_plan {
  tt1_device *device;
  const tt1_model *model;
  const tt1__lanes *lanes;
  tt1_plan_options options; /* every default filled in */
  tt1__samples samples;
  tt1__tables magnitude, is_signed; /* made where the options can need them */
  char **names;                     /* of the outputs, NULL-terminated */
  int n_rows, codes;                /* outputs; row of "outcome", which "bounds" follows */
};

/** The row of output `name`, or -1. */
int tt1__plan_row(const tt1_plan *plan, const char *name);
#endif
