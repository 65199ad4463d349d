/* SPDX-License-Identifier: MIT
 * A plan: what tt1_plan_create() prepares and tt1_plan_run() uses. */
#ifndef TT1_FIT_PLAN_H
#define TT1_FIT_PLAN_H

#include "device/device.h"
#include "fit/tables.h"

/** Outputs of one voxel: kernel/finish.h lists them. */
enum {
  TT1__MAX_ROWS = 2 * (MAX_PARAMETERS + MAX_MAPS) + 5 + MAX_PARAMETERS * (MAX_PARAMETERS + 1) / 2 +
                  2 * MAX_SAMPLES
};

/** What a series can be to a plan. */
typedef enum tt1__data { TT1__MAGNITUDE, TT1__SIGNED, TT1__WITH_SIGNS, TT1__N_DATA } tt1__data;

struct tt1_plan {
  tt1_device *device;
  const tt1_model *model;
  tt1_plan_options options; /* every default filled in */
  tt1__samples samples;
  tt1__tables magnitude, is_signed;        /* made where the options can need them */
  char **names;                            /* of the outputs, NULL-terminated */
  int n_rows, codes;                       /* outputs; row of "outcome", which "bounds" follows */
  tt1_device *ran_on;                      /* the last run went there */
  char reason[240];                        /* why there */
  const tt1__fitter *last;                 /* fitter of the last run */
  tt1__fitter *fitters[2][TT1__N_DATA][2]; /* made when needed: on the device or its `other`,
                                              without and with starts */
};

/** The fitter for a kind of data on the device of the plan or its `other`; lives as long as the plan. */
tt1_status tt1__plan_fitter(tt1__fitter **out, tt1_plan *plan, tt1_device *device, tt1__data data,
                            int has_starts, tt1_error *err);

/** The row of output `name`, or -1. */
int tt1__plan_row(const tt1_plan *plan, const char *name);
#endif
