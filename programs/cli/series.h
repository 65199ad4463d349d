/* SPDX-License-Identifier: MIT
 * The series of a study, a line for each. */
#ifndef TT1_SERIES_H
#define TT1_SERIES_H

#include <stdio.h>

#include "tt1_input.h"

/** Under a heading; of those only that can be fitted they are indented. */
void print_series(FILE *out, const tt1_study *study, int only_candidates);
#endif
