/* SPDX-License-Identifier: MIT
 * What a sequence allows when the times of a design are moved. Whole numbers
 * say where they are, so that rasters and limits hold by themselves: `x` has
 * n_variables of them, in units of the axis of the quantity. */
#ifndef TT1_DESIGN_LAYOUT_H
#define TT1_DESIGN_LAYOUT_H

#include "fit/tables.h"
#include "tt1_design.h"

enum { TT1__MOST_VARIABLES = MAX_KNOWN * MAX_SAMPLES };

/** The values one movable quantity can take: origin + unit * [0, last], `gap` units apart. */
typedef struct tt1__axis {
  double origin, unit, lower, upper;
  long last, gap;
} tt1__axis;

typedef struct tt1__layout {
  tt1_layout kind;
  int n_axes, n_samples, n_variables;
  tt1__axis axes[MAX_KNOWN];
  int halvings; /* of the range of an axis: the step of the search */
  tt1_optimise_options options;
  int n_groups; /* 0 before the first grouping, and where there are none */
  int count[TT1_MAX_GROUPS], rest[TT1_MAX_GROUPS];
} tt1__layout;

/** Check what may move. TT1_BAD_ARGUMENT with a sentence for the user. */
tt1_status tt1__layout_make(tt1__layout *out, const tt1_model *model, int n_samples,
                            const tt1_movable *movables, int n_movables,
                            const tt1_optimise_options *options, tt1_error *err);
/** Go on to the next way to group images that keeps to the beats; 0 after the last. */
int tt1__layout_next(tt1__layout *layout);

/** The longest range of an axis. */
long tt1__layout_longest(const tt1__layout *layout);
/** The step of variable v, at least 1. */
long tt1__layout_step(const tt1__layout *layout, int v);
int tt1__layout_allows(const tt1__layout *layout, const long *x);
/** The values, in the units of the model, that x stands for. */
void tt1__layout_place(const tt1__layout *layout, const long *x,
                       double values[MAX_KNOWN][MAX_SAMPLES]);
/** The x nearest to values; 0 where the layout cannot tell or does not allow it. */
int tt1__layout_nearest(const tt1__layout *layout, const double values[MAX_KNOWN][MAX_SAMPLES],
                        long *x);
/** Any x that is allowed. */
void tt1__layout_random(const tt1__layout *layout, uint64_t *seed, long *x);
#endif
