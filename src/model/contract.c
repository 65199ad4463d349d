/* SPDX-License-Identifier: MIT
 * See contract.h. Every node is held as sign * once * sample, where `once` does
 * not vary within a voxel, so that C * k * (E * (TI / T1)) costs one product per sample
 * and not four. A node that several others use is not taken apart: it is made
 * once. For the same reason a product becomes part of a mad only where nothing
 * else uses it: otherwise it would be rounded in two ways, and computed anyhow. */
#include "model/contract.h"

#include <string.h>

#include "base/error.h"
#include "base/memory.h"

typedef struct factors {
  int is_negative;
  int once, sample; /* nodes; 1 (the number one) where there is none */
  int is_open;      /* made by a product or quotient that only one node uses */
} factors;

typedef struct pass {
  tt1__graph *graph;
  uint32_t varying;
  int *uses;
  int *plain; /* the contracted node */
  factors *parts;
} pass;

enum { ONE = 1 };

static int negative(pass *p, int node)
{
  return tt1__graph_make(p->graph, TT1__OP_NEG, node, 0, 0);
}

// The sign goes into the factor that is computed once per voxel.
static int assemble(pass *p, factors f)
{
  if (f.sample == ONE) return f.is_negative ? negative(p, f.once) : f.once;
  if (f.once == ONE) return f.is_negative ? negative(p, f.sample) : f.sample;
  return tt1__graph_raw(p->graph, TT1__OP_MUL, f.is_negative ? negative(p, f.once) : f.once,
                        f.sample, 0);
}

static factors whole(const pass *p, int node)
{
  factors f = {.once = ONE, .sample = ONE};
  if (p->graph->nodes[node].op == TT1__OP_NEG) {
    f.is_negative = 1;
    node = p->graph->nodes[node].a;
  }
  *(p->graph->nodes[node].depends & p->varying ? &f.sample : &f.once) = node;
  return f;
}

// An operand: in parts if nobody else uses it, else as the one node that all share.
static factors operand(const pass *p, int node)
{
  factors f = p->parts[node];
  if (p->uses[node] == 1) return f;
  if (f.once == ONE || f.sample == ONE) {
    f.is_open = 0;
    return f;
  }
  return whole(p, p->plain[node]);
}

static int product(pass *p, int a, int b)
{
  return tt1__graph_make(p->graph, TT1__OP_MUL, a, b, 0);
}

static factors multiply(pass *p, factors a, factors b)
{
  return (factors){a.is_negative != b.is_negative, product(p, a.once, b.once),
                   product(p, a.sample, b.sample), 1};
}

static int quotient(pass *p, int a, int b)
{
  return tt1__graph_make(p->graph, TT1__OP_DIV, a, b, 0);
}

static factors divide(pass *p, factors a, factors b)
{
  factors f = {a.is_negative != b.is_negative, a.once, a.sample, 1};
  if (b.sample == ONE && a.sample == ONE) {
    f.once = quotient(p, a.once, b.once);
  } else if (b.sample == ONE) {
    int reciprocal = quotient(p, ONE, b.once);
    f.once =
        a.once == ONE ? reciprocal : tt1__graph_raw(p->graph, TT1__OP_MUL, a.once, reciprocal, 0);
  } else if (a.sample == ONE) {
    f.sample = tt1__graph_raw(p->graph, TT1__OP_DIV, quotient(p, a.once, b.once), b.sample, 0);
    f.once = ONE;
  } else {
    f.once = quotient(p, a.once, b.once);
    f.sample = quotient(p, a.sample, b.sample);
  }
  return f;
}

// The two factors of an open product, the sign in one of them; 0 if it is none.
static int split(pass *p, factors f, int *x, int *y)
{
  if (!f.is_open) return 0;
  if (f.once != ONE && f.sample != ONE) {
    *x = f.is_negative ? negative(p, f.once) : f.once;
    *y = f.sample;
    return 1;
  }
  const tt1__node *node = &p->graph->nodes[f.once != ONE ? f.once : f.sample];
  if (node->op != TT1__OP_MUL) return 0;
  *x = node->a;
  *y = node->b;
  if (!f.is_negative) return 1;
  // prefer a negative that exists, or that is computed once, over a new one per sample
  int swap = tt1__graph_find(p->graph, TT1__OP_NEG, *x, 0, 0) < 0 &&
             (tt1__graph_find(p->graph, TT1__OP_NEG, *y, 0, 0) >= 0 ||
              !(p->graph->nodes[*y].depends & p->varying));
  *(swap ? y : x) = negative(p, swap ? *y : *x);
  return 1;
}

static int varies(const pass *p, factors f)
{
  return f.sample != ONE && p->graph->nodes[f.sample].depends & p->varying;
}

// a + b as mad where one of them is an open product; the one that varies is preferred.
static int add(pass *p, factors a, factors b)
{
  int x, y;
  if (varies(p, a) && a.is_open && !(varies(p, b) && b.is_open)) {
    factors first = a;
    a = b;
    b = first;
  }
  if (split(p, b, &x, &y)) return tt1__graph_raw(p->graph, TT1__OP_MAD, x, y, assemble(p, a));
  if (split(p, a, &x, &y)) return tt1__graph_raw(p->graph, TT1__OP_MAD, x, y, assemble(p, b));
  return tt1__graph_make(p->graph, TT1__OP_ADD, assemble(p, a), assemble(p, b), 0);
}

static factors contract_node(pass *p, int index)
{
  const tt1__node n = p->graph->nodes[index];
  int arity = tt1__graph_arity(p->graph, index);
  factors a = arity > 0 ? operand(p, n.a) : (factors){0};
  factors b = arity > 1 ? operand(p, n.b) : (factors){0};
  switch (n.op) {
  case TT1__OP_NEG: a.is_negative = !a.is_negative; return a;
  case TT1__OP_MUL: return multiply(p, a, b);
  case TT1__OP_DIV: return divide(p, a, b);
  case TT1__OP_SUB: b.is_negative = !b.is_negative; return whole(p, add(p, a, b));
  case TT1__OP_ADD: return whole(p, add(p, a, b));
  default: break;
  }
  if (arity == 0) return whole(p, index);
  return whole(p, tt1__graph_raw(p->graph, n.op, p->plain[n.a], arity > 1 ? p->plain[n.b] : 0,
                                 arity > 2 ? p->plain[n.c] : 0));
}

static void contract_all(pass *p, int *roots, int n_roots, int count)
{
  for (int i = 0; i < n_roots; i++)
    p->uses[roots[i]]++;
  for (int i = count - 1; i >= 0; i--)
    for (int k = 0; k < tt1__graph_arity(p->graph, i) && p->uses[i] > 0; k++)
      p->uses[tt1__graph_operand(p->graph, i, k)]++;
  for (int i = 0; i < count; i++) {
    if (p->uses[i] == 0) continue;
    p->parts[i] = contract_node(p, i);
    p->plain[i] = assemble(p, p->parts[i]);
  }
  for (int i = 0; i < n_roots; i++)
    roots[i] = p->plain[roots[i]];
}

tt1_status tt1__contract(tt1__graph *graph, int *roots, int n_roots, uint32_t varying,
                         tt1_error *err)
{
  int count = graph->count;
  pass p = {.graph = graph, .varying = varying};
  p.uses = tt1__allocate((size_t)count, sizeof *p.uses);
  p.plain = tt1__allocate((size_t)count, sizeof *p.plain);
  p.parts = tt1__allocate((size_t)count, sizeof *p.parts);
  if (p.uses && p.plain && p.parts) contract_all(&p, roots, n_roots, count);
  tt1_status status = p.uses && p.plain && p.parts ? TT1_OK : tt1__no_memory(err);
  tt1__free(p.uses);
  tt1__free(p.plain);
  tt1__free(p.parts);
  return status;
}
