/* SPDX-License-Identifier: MIT
 * The last pass over the graph before it becomes a program: what does not
 * change from sample to sample is gathered, a division by it becomes a product
 * with its reciprocal, and a * b + c becomes mad(a, b, c). Done here, once, so that
 * every compiler and device rounds alike. */
#ifndef TT1_MODEL_CONTRACT_H
#define TT1_MODEL_CONTRACT_H

#include "model/graph.h"

/** Replace each root by its contracted form. `varying`: the bits of what changes per sample. */
tt1_status tt1__contract(tt1__graph *graph, int *roots, int n_roots, uint32_t varying,
                         tt1_error *err);
#endif
