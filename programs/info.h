/* SPDX-License-Identifier: MIT
 * What the files of `torcht1 info` share. */
#ifndef TT1_INFO_H
#define TT1_INFO_H

#include <stdio.h>

#include "program.h"

/** One line for each series, under a heading; of those only that can be fitted they are indented. */
void info_print_lines(FILE *out, const tt1_study *study, int only_candidates);

/** Print what there is as text of at most 79 columns, as far as names allow; times in ms. */
void info_print_table(const tt1_study *study, const char *input);
#endif
