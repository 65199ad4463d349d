/* SPDX-License-Identifier: MIT
 * What the mapping asks of a study beyond tt1_input.h. */
#ifndef TT1_INPUT_STUDY_H
#define TT1_INPUT_STUDY_H

#include "tt1_input.h"

/** The path that was surveyed. */
const char *tt1__study_path(const tt1_study *study);
/** How it was read. */
const tt1_read_options *tt1__study_options(const tt1_study *study);
#endif
