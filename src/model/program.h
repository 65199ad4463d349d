/* SPDX-License-Identifier: MIT
 * Roots of the graph -> straight-line program. */
#ifndef TT1_MODEL_PROGRAM_H
#define TT1_MODEL_PROGRAM_H

#include "model/parse.h"

/**
 * Contract the roots and number registers. `varying`: the bits of what changes per sample.
 * Pieces go to the arena of the source. TT1_BAD_MODEL where registers run out.
 */
tt1_status tt1__program_make(tt1__program *program, tt1__source *source, const int *roots,
                             int n_roots, int n_inputs, uint32_t varying, tt1_error *err);
#endif
