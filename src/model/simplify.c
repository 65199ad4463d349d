/* SPDX-License-Identifier: MIT
 * One function per operation; see simplify.h. Signs move outwards: -a * b is
 * -(a * b), so that equal products meet whatever their sign. */
#include "model/simplify.h"

#include <math.h>

static int is(const tt1__graph *graph, int node, int op)
{
  return graph->nodes[node].op == op;
}

static int first(const tt1__graph *graph, int node)
{
  return graph->nodes[node].a;
}

static int second(const tt1__graph *graph, int node)
{
  return graph->nodes[node].b;
}

static int make(tt1__graph *graph, int op, int a, int b)
{
  return tt1__graph_make(graph, op, a, b, 0);
}

static int negative(tt1__graph *graph, int node)
{
  return make(graph, TT1__OP_NEG, node, 0);
}

// if(c, x, 0) + if(c, 0, y) is if(c, x, y): what the rules of if, min and max add up to
static int add_branches(tt1__graph *graph, int a, int b)
{
  if (!is(graph, a, TT1__OP_IF) || !is(graph, b, TT1__OP_IF)) return -1;
  tt1__node x = graph->nodes[a], y = graph->nodes[b];
  if (x.a != y.a) return -1;
  if (x.c == 0 && y.b == 0) return tt1__graph_make(graph, TT1__OP_IF, x.a, x.b, y.c);
  if (x.b == 0 && y.c == 0) return tt1__graph_make(graph, TT1__OP_IF, x.a, y.b, x.c);
  return -1;
}

static int add(tt1__graph *graph, int a, int b)
{
  if (tt1__graph_is_number(graph, a, 0)) return b;
  if (tt1__graph_is_number(graph, b, 0)) return a;
  if (a == b) return make(graph, TT1__OP_MUL, tt1__graph_number(graph, 2), a);
  if (is(graph, b, TT1__OP_NEG)) return make(graph, TT1__OP_SUB, a, first(graph, b));
  if (is(graph, a, TT1__OP_NEG)) return make(graph, TT1__OP_SUB, b, first(graph, a));
  return add_branches(graph, a, b);
}

static int subtract(tt1__graph *graph, int a, int b)
{
  if (a == b) return 0;
  if (tt1__graph_is_number(graph, b, 0)) return a;
  if (tt1__graph_is_number(graph, a, 0)) return negative(graph, b);
  if (is(graph, b, TT1__OP_NEG)) return make(graph, TT1__OP_ADD, a, first(graph, b));
  if (is(graph, a, TT1__OP_NEG))
    return negative(graph, make(graph, TT1__OP_ADD, first(graph, a), b));
  return -1;
}

// One factor against the other; multiply() tries both orders.
static int multiply_ordered(tt1__graph *graph, int a, int b)
{
  if (tt1__graph_is_number(graph, a, 0)) return 0;
  if (tt1__graph_is_number(graph, a, 1)) return b;
  if (tt1__graph_is_number(graph, a, -1)) return negative(graph, b);
  if (is(graph, a, TT1__OP_NEG))
    return negative(graph, make(graph, TT1__OP_MUL, first(graph, a), b));
  for (int k = 0; k < 2 && is(graph, a, TT1__NUMBER) && is(graph, b, TT1__OP_MUL); k++) {
    int factor = tt1__graph_operand(graph, b, k), other = tt1__graph_operand(graph, b, 1 - k);
    if (is(graph, factor, TT1__NUMBER))
      return make(graph, TT1__OP_MUL, make(graph, TT1__OP_MUL, a, factor), other);
  }
  if (is(graph, a, TT1__OP_DIV)) {
    if (second(graph, a) == b) return first(graph, a);
    if (tt1__graph_is_number(graph, first(graph, a), 1))
      return make(graph, TT1__OP_DIV, b, second(graph, a));
  }
  // 0 times a branch that is not taken must stay 0 even where that branch is infinite
  if (is(graph, a, TT1__OP_IF)) {
    tt1__node n = graph->nodes[a];
    if (n.b == 1 && n.c == 0) return tt1__graph_make(graph, TT1__OP_IF, n.a, b, 0);
    if (n.b == 0 && n.c == 1) return tt1__graph_make(graph, TT1__OP_IF, n.a, 0, b);
  }
  return -1;
}

static int multiply(tt1__graph *graph, int a, int b)
{
  int node = multiply_ordered(graph, a, b);
  return node >= 0 ? node : multiply_ordered(graph, b, a);
}

static int divide(tt1__graph *graph, int a, int b)
{
  if (tt1__graph_is_number(graph, b, 0)) return -1;
  if (tt1__graph_is_number(graph, a, 0)) return 0;
  if (tt1__graph_is_number(graph, b, 1)) return a;
  if (a == b) return 1;
  if (is(graph, a, TT1__OP_NEG))
    return negative(graph, make(graph, TT1__OP_DIV, first(graph, a), b));
  if (is(graph, b, TT1__OP_NEG))
    return negative(graph, make(graph, TT1__OP_DIV, a, first(graph, b)));
  if (is(graph, a, TT1__OP_MUL)) {
    if (second(graph, a) == b) return first(graph, a);
    if (first(graph, a) == b) return second(graph, a);
  }
  return -1;
}

static int negate(tt1__graph *graph, int a)
{
  if (is(graph, a, TT1__OP_NEG)) return first(graph, a);
  if (is(graph, a, TT1__OP_SUB)) return make(graph, TT1__OP_SUB, second(graph, a), first(graph, a));
  for (int k = 0; k < 2 && is(graph, a, TT1__OP_MUL); k++) {
    int factor = tt1__graph_operand(graph, a, k), other = tt1__graph_operand(graph, a, 1 - k);
    if (is(graph, factor, TT1__NUMBER))
      return make(graph, TT1__OP_MUL, tt1__graph_number(graph, -graph->nodes[factor].value), other);
  }
  return -1;
}

// x ^ n for whole n up to 16 by repeated squaring, x ^ 0.5 by the square root
static int power(tt1__graph *graph, int a, int b)
{
  if (!is(graph, b, TT1__NUMBER)) return -1;
  double exponent = graph->nodes[b].value;
  if (exponent == 0) return 1;
  if (exponent < 0 && fabs(exponent) <= 16) {
    int positive = make(graph, TT1__OP_POW, a, tt1__graph_number(graph, -exponent));
    return make(graph, TT1__OP_DIV, 1, positive);
  }
  if (exponent == 0.5) return make(graph, TT1__OP_SQRT, a, 0);
  if (exponent > 16 || exponent != floor(exponent)) return -1;
  int result = 1, square = a;
  for (int n = (int)exponent; n > 0; n /= 2) {
    if (n % 2) result = make(graph, TT1__OP_MUL, result, square);
    if (n > 1) square = make(graph, TT1__OP_MUL, square, square);
  }
  return result;
}

// The rules ask whether a condition is above one half; a comparison answers that itself.
static int less(const tt1__graph *graph, int a, int b)
{
  int is_truth = is(graph, b, TT1__OP_LT) || is(graph, b, TT1__OP_LE);
  return tt1__graph_is_number(graph, a, 0.5) && is_truth ? b : -1;
}

static int choose(const tt1__graph *graph, int a, int b, int c)
{
  if (b == c) return b;
  if (is(graph, a, TT1__NUMBER)) return graph->nodes[a].value > 0.5 ? b : c;
  return -1;
}

int tt1__simplify(tt1__graph *graph, int op, int a, int b, int c)
{
  switch (op) {
  case TT1__OP_ADD: return add(graph, a, b);
  case TT1__OP_SUB: return subtract(graph, a, b);
  case TT1__OP_MUL: return multiply(graph, a, b);
  case TT1__OP_DIV: return divide(graph, a, b);
  case TT1__OP_NEG: return negate(graph, a);
  case TT1__OP_POW: return power(graph, a, b);
  case TT1__OP_LT: return less(graph, a, b);
  case TT1__OP_IF: return choose(graph, a, b, c);
  default: return -1;
  }
}
