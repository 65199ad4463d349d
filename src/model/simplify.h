/* SPDX-License-Identifier: MIT
 * What a new node is turned into before it enters the graph. Every rule is
 * exact but for rounding. */
#ifndef TT1_MODEL_SIMPLIFY_H
#define TT1_MODEL_SIMPLIFY_H

#include "model/graph.h"

/** A node of the same value, or -1 where op(a, b, c) is as simple as it gets. */
int tt1__simplify(tt1__graph *graph, int op, int a, int b, int c);
#endif
