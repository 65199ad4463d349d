/* SPDX-License-Identifier: MIT
 * Forward differentiation; see differentiate.h. */
#include "model/differentiate.h"

#include <string.h>

#include "model/expression.h"

// Read the rule of one operand with a, b, c and y bound to the operands and the node itself.
static int read_rule(tt1__graph *graph, int node, int which)
{
  const tt1__node n = graph->nodes[node];
  tt1__names names = {.count = 4,
                      .list = {{"a", 1, n.a, {0, 0}},
                               {"b", 1, n.b, {0, 0}},
                               {"c", 1, n.c, {0, 0}},
                               {"y", 1, node, {0, 0}}}};
  tt1__lexer lexer;
  tt1__lex_start(&lexer, tt1__ops[n.op].rules[which], NULL);
  return tt1__expression_read(&lexer, graph, &names).node;
}

// Partials are kept as node + 1: each rule is read once per node, however many parameters there are.
static int partial(tt1__graph *graph, int node, int which)
{
  int *kept = &graph->partials[3 * node + which];
  if (*kept == 0) *kept = read_rule(graph, node, which) + 1;
  return *kept - 1;
}

static int derivative_of(tt1__graph *graph, int node, const int *derivatives)
{
  int sum = 0;
  for (int k = 0; k < tt1__graph_arity(graph, node); k++) {
    int inner = derivatives[tt1__graph_operand(graph, node, k)];
    if (inner == 0) continue;
    int term = tt1__graph_make(graph, TT1__OP_MUL, partial(graph, node, k), inner, 0);
    sum = tt1__graph_make(graph, TT1__OP_ADD, sum, term, 0);
  }
  return sum;
}

int tt1__differentiate(tt1__graph *graph, int root, int parameter, int seed)
{
  unsigned char reachable[TT1__MAX_NODES] = {0};
  int derivatives[TT1__MAX_NODES];
  memset(derivatives, 0, sizeof derivatives);
  tt1__graph_reach(graph, root, reachable);
  for (int i = 0; i <= root; i++) {
    if (!reachable[i] || !(graph->nodes[i].depends & 1u << parameter)) continue;
    derivatives[i] =
        graph->nodes[i].op == TT1__PARAMETER ? seed : derivative_of(graph, i, derivatives);
  }
  return derivatives[root];
}
