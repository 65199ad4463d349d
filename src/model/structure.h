/* SPDX-License-Identifier: MIT
 * Which parameters enter the signal linearly once the others are known, and
 * whether their bounds make a cone in the linear coefficients. */
#ifndef TT1_MODEL_STRUCTURE_H
#define TT1_MODEL_STRUCTURE_H

#include "model/parse.h"

/** Fill the structure of the model and `source->basis`. Fails only for want of memory. */
tt1_status tt1__structure_find(tt1__source *source, tt1_error *err);
#endif
