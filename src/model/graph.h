/* SPDX-License-Identifier: MIT
 * The expression graph: one flat array, operands before users, equal nodes are
 * the same node. Building a node simplifies it, so derivatives come out short.
 * Not here: where nodes come from (expression.c) or what becomes of them. */
#ifndef TT1_MODEL_GRAPH_H
#define TT1_MODEL_GRAPH_H

#include <stdint.h>

#include "model/model.h"

enum {
  /* leaves; every smaller value of tt1__node.op is an operation of ops.def */
  TT1__NUMBER = TT1__N_OPS,
  TT1__PARAMETER,
  TT1__KNOWN,
  TT1__MAX_NODES = 16384,
  /* tt1__node.depends: bit i parameter i, bit 8 + i known quantity i */
  TT1__KNOWN_SHIFT = 8
};

typedef struct tt1__node {
  uint16_t op;
  uint32_t depends;
  int a, b, c;  /* operands by index; for parameters and known quantities a is which one */
  double value; /* of a number */
} tt1__node;

typedef enum tt1__graph_failure {
  TT1__GRAPH_FINE = 0,
  TT1__GRAPH_FULL,
  TT1__GRAPH_NOT_FINITE /* a constant came out as infinity or not-a-number */
} tt1__graph_failure;

/** After a failure every building function answers node 0; only the end needs a check. */
typedef struct tt1__graph {
  tt1__node *nodes; /* node 0 is the number 0, node 1 the number 1 */
  int *table;
  int count;
  tt1__graph_failure failure;
  int *partials; /* see differentiate.c: [3 * node + operand], 0 where not yet known */
} tt1__graph;

/** Name, arity and rules of an operation, from ops.def. */
typedef struct tt1__op_info {
  const char *name;
  int arity;
  const char *words;    /* kernel text */
  const char *rules[3]; /* derivatives by a, b, c in the model language */
} tt1__op_info;
extern const tt1__op_info tt1__ops[TT1__N_OPS];

/** The value of an operation in double. */
double tt1__op_value(int op, double a, double b, double c);

tt1_status tt1__graph_start(tt1__graph *graph, tt1_error *err);
void tt1__graph_free(tt1__graph *graph);

int tt1__graph_number(tt1__graph *graph, double value);
int tt1__graph_leaf(tt1__graph *graph, int op, int index);
/** A node, simplified: constants folded, 0 and 1 gone, signs pulled outwards, x / b * b is x. */
int tt1__graph_make(tt1__graph *graph, int op, int a, int b, int c);
/** The same without simplification other than folding of constants. */
int tt1__graph_raw(tt1__graph *graph, int op, int a, int b, int c);
/** The node if it exists already, else -1. */
int tt1__graph_find(const tt1__graph *graph, int op, int a, int b, int c);

int tt1__graph_is_number(const tt1__graph *graph, int node, double value);
int tt1__graph_arity(const tt1__graph *graph, int node);
/** Operand `which` of a node. */
int tt1__graph_operand(const tt1__graph *graph, int node, int which);
/** Set reachable[i] for each node below `root`, and for it. */
void tt1__graph_reach(const tt1__graph *graph, int root, unsigned char *reachable);
#endif
