/* SPDX-License-Identifier: MIT
 * Exact derivatives by the rules of ops.def, forward over the graph. */
#ifndef TT1_MODEL_DIFFERENTIATE_H
#define TT1_MODEL_DIFFERENTIATE_H

#include "model/graph.h"

/**
 * The derivative of `root` along a direction in which parameter `parameter` moves with the
 * speed `seed` (a node): 1 for d/dp, p itself for d/d ln(p). Node 0 where it does not depend on it.
 */
int tt1__differentiate(tt1__graph *graph, int root, int parameter, int seed);
#endif
