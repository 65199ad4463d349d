/* SPDX-License-Identifier: MIT
 * What the files of `torcht1 info` share. */
#ifndef TT1_INFO_H
#define TT1_INFO_H

#include "program.h"

/** Print what there is as text of at most 79 columns, as far as names allow; times in ms. */
void info_print_table(const tt1_study *study, const char *input);
#endif
