/* SPDX-License-Identifier: MIT
 * Nodes and their hash table; see graph.h. What a new node is turned into
 * stands in simplify.c. */
#include "model/graph.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "model/simplify.h"

enum { TABLE = 2 * TT1__MAX_NODES };
static_assert(TT1__N_OPS + 3 < 1 << 16, "tt1__node.op holds every operation");

const tt1__op_info tt1__ops[TT1__N_OPS] = {
#define OP(id, name, arity, words, value, da, db, dc) {name, arity, #words, {da, db, dc}},
#include "model/ops.def"
#undef OP
};

double tt1__op_value(int op, double a, double b, double c)
{
  switch (op) {
#define OP(id, name, arity, words, value, da, db, dc) \
  case TT1__OP_##id:                                  \
    return value;
#include "model/ops.def"
#undef OP
  default: return (double)NAN;
  }
}

tt1_status tt1__graph_start(tt1__graph *graph, tt1_error *err)
{
  *graph = (tt1__graph){0};
  graph->nodes = tt1__allocate(TT1__MAX_NODES, sizeof *graph->nodes);
  graph->table = tt1__allocate(TABLE, sizeof *graph->table);
  graph->partials = tt1__allocate(3 * (size_t)TT1__MAX_NODES, sizeof *graph->partials);
  if (!graph->nodes || !graph->table || !graph->partials) {
    tt1__graph_free(graph);
    return tt1__no_memory(err);
  }
  tt1__graph_number(graph, 0);
  tt1__graph_number(graph, 1);
  return TT1_OK;
}

void tt1__graph_free(tt1__graph *graph)
{
  tt1__free(graph->nodes);
  tt1__free(graph->table);
  tt1__free(graph->partials);
  *graph = (tt1__graph){0};
}

static uint32_t hash(const tt1__node *node)
{
  uint64_t bits;
  memcpy(&bits, &node->value, sizeof bits);
  uint64_t h = node->op;
  h = h * 1000003u + (uint64_t)(uint32_t)node->a;
  h = h * 1000003u + (uint64_t)(uint32_t)node->b;
  h = h * 1000003u + (uint64_t)(uint32_t)node->c;
  h = (h ^ bits) * 0x9E3779B97F4A7C15u;
  return (uint32_t)(h >> 40) % TABLE;
}

static int equal(const tt1__node *a, const tt1__node *b)
{
  return a->op == b->op && a->a == b->a && a->b == b->b && a->c == b->c && a->value == b->value;
}

// The place of an equal node in the table, or of the hole where it belongs. Slots hold index + 1.
static uint32_t slot_of(const tt1__graph *graph, const tt1__node *node)
{
  uint32_t slot = hash(node);
  while (graph->table[slot] != 0 && !equal(&graph->nodes[graph->table[slot] - 1], node))
    slot = (slot + 1) % TABLE;
  return slot;
}

static int fail(tt1__graph *graph, tt1__graph_failure failure)
{
  if (!graph->failure) graph->failure = failure;
  return 0;
}

static int intern(tt1__graph *graph, tt1__node node)
{
  if (graph->failure) return 0;
  uint32_t slot = slot_of(graph, &node);
  if (graph->table[slot] != 0) return graph->table[slot] - 1;
  if (graph->count == TT1__MAX_NODES) return fail(graph, TT1__GRAPH_FULL);
  // Operands come first: everything that walks the graph relies on it.
  assert(node.op >= TT1__NUMBER ||
         (node.a < graph->count && node.b < graph->count && node.c < graph->count));
  graph->nodes[graph->count] = node;
  graph->table[slot] = ++graph->count;
  return graph->count - 1;
}

int tt1__graph_number(tt1__graph *graph, double value)
{
  if (!isfinite(value)) return fail(graph, TT1__GRAPH_NOT_FINITE);
  return intern(graph, (tt1__node){.op = TT1__NUMBER, .value = value == 0 ? 0.0 : value});
}

int tt1__graph_leaf(tt1__graph *graph, int op, int index)
{
  int bit = op == TT1__KNOWN ? index + TT1__KNOWN_SHIFT : index;
  assert(index >= 0 && bit < 32);
  return intern(graph, (tt1__node){.op = (uint16_t)op, .depends = 1u << bit, .a = index});
}

static tt1__node operation(const tt1__graph *graph, int op, int a, int b, int c)
{
  tt1__node node = {.op = (uint16_t)op, .a = a, .b = b, .c = c};
  assert(op >= 0 && op < TT1__N_OPS);
  int arity = tt1__ops[op].arity;
  if (arity < 2) node.b = 0;
  if (arity < 3) node.c = 0;
  assert(a >= 0 && a < graph->count && node.b < graph->count && node.c < graph->count);
  // a + b and b + a are the same bits, so they are the same node
  if ((op == TT1__OP_ADD || op == TT1__OP_MUL) && node.a > node.b) {
    node.a = b;
    node.b = a;
  }
  node.depends =
      graph->nodes[node.a].depends | graph->nodes[node.b].depends | graph->nodes[node.c].depends;
  return node;
}

int tt1__graph_raw(tt1__graph *graph, int op, int a, int b, int c)
{
  if (graph->failure) return 0;
  tt1__node node = operation(graph, op, a, b, c);
  if (graph->nodes[node.a].op == TT1__NUMBER && graph->nodes[node.b].op == TT1__NUMBER &&
      graph->nodes[node.c].op == TT1__NUMBER)
    return tt1__graph_number(graph,
                             tt1__op_value(op, graph->nodes[node.a].value,
                                           graph->nodes[node.b].value, graph->nodes[node.c].value));
  return intern(graph, node);
}

int tt1__graph_make(tt1__graph *graph, int op, int a, int b, int c)
{
  if (graph->failure) return 0;
  int shorter = tt1__simplify(graph, op, a, b, c);
  return shorter >= 0 ? shorter : tt1__graph_raw(graph, op, a, b, c);
}

int tt1__graph_find(const tt1__graph *graph, int op, int a, int b, int c)
{
  if (graph->failure) return -1;
  tt1__node node = operation(graph, op, a, b, c);
  return graph->table[slot_of(graph, &node)] - 1;
}

int tt1__graph_is_number(const tt1__graph *graph, int node, double value)
{
  return graph->nodes[node].op == TT1__NUMBER && graph->nodes[node].value == value;
}

int tt1__graph_arity(const tt1__graph *graph, int node)
{
  return graph->nodes[node].op < TT1__N_OPS ? tt1__ops[graph->nodes[node].op].arity : 0;
}

int tt1__graph_operand(const tt1__graph *graph, int node, int which)
{
  assert(node >= 0 && node < graph->count && which >= 0 && which < 3);
  const tt1__node *n = &graph->nodes[node];
  return which == 0 ? n->a : which == 1 ? n->b : n->c;
}

void tt1__graph_reach(const tt1__graph *graph, int root, unsigned char *reachable)
{
  assert(root >= 0 && root < graph->count);
  reachable[root] = 1;
  for (int i = root; i >= 0; i--)
    if (reachable[i])
      for (int k = 0; k < tt1__graph_arity(graph, i); k++)
        reachable[tt1__graph_operand(graph, i, k)] = 1;
}
