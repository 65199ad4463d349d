/* SPDX-License-Identifier: MIT
 * For a candidate set L of parameters the graph of g is walked once, writing
 * every node as a sum of monomials in L with L-free coefficients. L is separable
 * if there are as many monomials as parameters and each brings in one parameter:
 * C and C * k give a0 = C, a1 = C * k, k = a1 / a0. The largest L is taken. */
#include "model/structure.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"

enum { MAX_TERMS = 6, MAX_POWER = 2 };

/* A sum of coefficient[i] * p^power[i][0] * q^power[i][1], with L = {p, q}. count < 0: no such form. */
typedef struct polynomial {
  int count, coefficient[MAX_TERMS];
  int power[MAX_TERMS][2];
} polynomial;

typedef struct walk {
  tt1__graph *graph;
  int parameters[2], n_parameters;
  uint32_t mask;
  polynomial *forms; /* by node */
} walk;

static const polynomial NO_FORM = {.count = -1};

static void add_term(walk *w, polynomial *sum, int coefficient, const int power[2])
{
  if (sum->count < 0 || coefficient == 0) return;
  for (int i = 0; i < sum->count; i++)
    if (sum->power[i][0] == power[0] && sum->power[i][1] == power[1]) {
      sum->coefficient[i] =
          tt1__graph_make(w->graph, TT1__OP_ADD, sum->coefficient[i], coefficient, 0);
      return;
    }
  if (sum->count == MAX_TERMS || power[0] > MAX_POWER || power[1] > MAX_POWER) {
    *sum = NO_FORM;
    return;
  }
  memcpy(sum->power[sum->count], power, sizeof sum->power[0]);
  sum->coefficient[sum->count++] = coefficient;
}

// a + b, or a - b where op is that of a difference
static polynomial add(walk *w, int op, const polynomial *a, const polynomial *b)
{
  polynomial sum = *a;
  for (int i = 0; i < b->count; i++) {
    int term = b->coefficient[i];
    if (op == TT1__OP_SUB) term = tt1__graph_make(w->graph, TT1__OP_NEG, term, 0, 0);
    add_term(w, &sum, term, b->power[i]);
  }
  return sum;
}

static polynomial multiply(walk *w, const polynomial *a, const polynomial *b)
{
  polynomial product = {0};
  for (int i = 0; i < a->count; i++)
    for (int j = 0; j < b->count; j++) {
      int power[2] = {a->power[i][0] + b->power[j][0], a->power[i][1] + b->power[j][1]};
      add_term(w, &product,
               tt1__graph_make(w->graph, TT1__OP_MUL, a->coefficient[i], b->coefficient[j], 0),
               power);
    }
  return product;
}

// neg, division by an L-free node: the same operation on every coefficient
static polynomial map_terms(walk *w, int op, const polynomial *a, int divisor)
{
  polynomial result = *a;
  for (int i = 0; i < a->count; i++)
    result.coefficient[i] = tt1__graph_make(w->graph, op, a->coefficient[i], divisor, 0);
  return result;
}

// An L-free condition chooses between whole polynomials: monomial by monomial, 0 where one lacks it.
static polynomial choose(walk *w, int condition, const polynomial *a, const polynomial *b)
{
  polynomial result = {0};
  for (int i = 0; i < a->count; i++)
    add_term(w, &result, tt1__graph_make(w->graph, TT1__OP_IF, condition, a->coefficient[i], 0),
             a->power[i]);
  for (int i = 0; i < b->count; i++)
    add_term(w, &result, tt1__graph_make(w->graph, TT1__OP_IF, condition, 0, b->coefficient[i]),
             b->power[i]);
  return result;
}

static polynomial leaf(const walk *w, int index)
{
  polynomial one = {.count = 1, .coefficient = {1}};
  one.power[0][index == w->parameters[0] ? 0 : 1] = 1;
  return one;
}

static polynomial form_of(walk *w, int index)
{
  const tt1__node node = w->graph->nodes[index];
  if (!(node.depends & w->mask))
    return index == 0 ? (polynomial){0} : (polynomial){.count = 1, .coefficient = {index}};
  if (node.op == TT1__PARAMETER) return leaf(w, node.a);
  const polynomial *a = &w->forms[node.a], *b = &w->forms[node.b], *c = &w->forms[node.c];
  if (a->count < 0 || b->count < 0 || c->count < 0) return NO_FORM;
  switch (node.op) {
  case TT1__OP_ADD:
  case TT1__OP_SUB: return add(w, node.op, a, b);
  case TT1__OP_NEG: return map_terms(w, node.op, a, 0);
  case TT1__OP_MUL: return multiply(w, a, b);
  case TT1__OP_DIV:
    if (w->graph->nodes[node.b].depends & w->mask) return NO_FORM;
    return map_terms(w, node.op, a, node.b);
  case TT1__OP_IF:
    if (w->graph->nodes[node.a].depends & w->mask) return NO_FORM;
    return choose(w, node.a, b, c);
  default: return NO_FORM;
  }
}

static polynomial form_of_signal(walk *w, int signal)
{
  unsigned char reachable[TT1__MAX_NODES] = {0};
  tt1__graph_reach(w->graph, signal, reachable);
  reachable[0] = 1; // stands in for the operands that an operation does not have
  for (int i = 0; i <= signal; i++)
    if (reachable[i]) w->forms[i] = form_of(w, i);
  return w->forms[signal];
}

// Terms p, q; or p, p * q; or q, p * q: each brings in one parameter. Fills numerator and denominator.
static int is_separable(const walk *w, const polynomial *form, tt1__structure *found)
{
  if (form->count != w->n_parameters) return 0;
  for (int i = 0; i < TT1__MAX_PARAMETERS; i++)
    found->numerator[i] = found->denominator[i] = -1;
  int plain = 0, both = -1;
  for (int i = 0; i < form->count; i++) {
    const int *power = form->power[i];
    if (power[0] + power[1] == 1)
      plain |= 1 << power[1], found->numerator[w->parameters[power[1]]] = i;
    else if (power[0] == 1 && power[1] == 1)
      both = i;
    else
      return 0;
  }
  if (w->n_parameters == 1) return plain == 1;
  if (plain == 3) return 1;
  if (plain == 0 || both < 0) return 0;
  int ratio = w->parameters[plain == 1], base = w->parameters[plain == 2];
  found->numerator[ratio] = both;
  found->denominator[ratio] = found->numerator[base];
  return 1;
}

static int is_fixed(const tt1__source *source, int node, uint32_t mask)
{
  uint32_t parameters = (1u << TT1__KNOWN_SHIFT) - 1;
  return !(source->graph.nodes[node].depends & parameters & ~mask);
}

// The basis function without nonlinear parameters, if there is one, becomes the first.
static void order_basis(tt1__source *source, uint32_t mask)
{
  tt1__structure *s = &source->model->structure;
  s->first_fixed = is_fixed(source, source->basis[0], mask);
  if (s->n_amplitudes == 2 && !s->first_fixed && is_fixed(source, source->basis[1], mask)) {
    int swapped = source->basis[0];
    source->basis[0] = source->basis[1];
    source->basis[1] = swapped;
    s->first_fixed = 1;
    for (int i = 0; i < source->model->n_parameters; i++) {
      if (s->numerator[i] >= 0) s->numerator[i] = 1 - s->numerator[i];
      if (s->denominator[i] >= 0) s->denominator[i] = 1 - s->denominator[i];
    }
  }
}

static int try_set(tt1__source *source, walk *w)
{
  tt1__structure found = {0};
  w->mask = 0;
  for (int i = 0; i < w->n_parameters; i++)
    w->mask |= 1u << w->parameters[i];
  polynomial form = form_of_signal(w, source->signal);
  if (!is_separable(w, &form, &found)) return 0;
  found.n_amplitudes = w->n_parameters;
  memcpy(source->basis, form.coefficient, sizeof source->basis);
  source->model->structure = found;
  order_basis(source, w->mask);
  return 1;
}

static int search(tt1__source *source, walk *w)
{
  int n = source->model->n_parameters;
  w->n_parameters = 2;
  for (int i = 0; i < n; i++)
    for (int j = i + 1; j < n; j++) {
      w->parameters[0] = i;
      w->parameters[1] = j;
      if (try_set(source, w)) return 1;
    }
  w->n_parameters = 1;
  for (int i = 0; i < n; i++) {
    w->parameters[0] = i;
    if (try_set(source, w)) return 1;
  }
  return 0;
}

/* ---- Bounds as rows ------------------------------------------------------- */

static void add_row(tt1__structure *s, int i, double x, int j, double y)
{
  if (j >= 0) s->face[s->n_faces][j] = y;
  s->face[s->n_faces++][i] = x;
}

static int is_cone_edge(double bound)
{
  return bound == 0 || isinf(bound);
}

// An amplitude of its own: x >= 0, x <= 0 or free.
static const char *amplitude_rows(tt1__structure *s, const tt1_parameter *p, int index)
{
  if (!is_cone_edge(p->lower) || !is_cone_edge(p->upper)) return "has a finite bound other than 0";
  if (p->lower == 0) add_row(s, index, 1, -1, 0);
  if (p->upper == 0) add_row(s, index, -1, -1, 0);
  return NULL;
}

// lower <= n / d <= upper with d of one sign: rows in n and d. Two finite bounds imply the sign.
static const char *ratio_rows(tt1__structure *s, const tt1_parameter *base, const tt1_parameter *p,
                              int d, int n)
{
  int is_bounded = isfinite(p->lower) || isfinite(p->upper);
  if (!is_cone_edge(base->lower) || !is_cone_edge(base->upper))
    return "has a finite bound other than 0";
  if (!is_bounded) return amplitude_rows(s, base, d);
  if (isinf(base->lower) && isinf(base->upper))
    return "may change sign while another parameter, its factor, is bounded";
  double sign = base->lower == 0 ? 1 : -1;
  if (isfinite(p->lower)) add_row(s, n, sign, d, -sign * p->lower);
  if (isfinite(p->upper)) add_row(s, n, -sign, d, sign * p->upper);
  if (s->n_faces == 1) add_row(s, d, sign, -1, 0);
  return NULL;
}

static const char *find_rows(tt1_model *model, int *who)
{
  tt1__structure *s = &model->structure;
  const char *problem = NULL;
  int ratio = -1;
  for (int i = 0; i < model->n_parameters; i++)
    if (s->denominator[i] >= 0) ratio = i;
  for (int i = 0; i < model->n_parameters && !problem; i++) {
    if (s->numerator[i] < 0 || i == ratio) continue;
    *who = i;
    problem = ratio < 0 ? amplitude_rows(s, &model->parameters[i], s->numerator[i])
                        : ratio_rows(s, &model->parameters[i], &model->parameters[ratio],
                                     s->denominator[ratio], s->numerator[ratio]);
  }
  s->is_conic = !problem;
  if (problem) {
    s->n_faces = 0;
    memset(s->face, 0, sizeof s->face);
  }
  return problem;
}

/* ---- Verdict -------------------------------------------------------------- */

static tt1_status refuse(tt1__source *source, const char *who, const char *why, tt1_error *err)
{
  tt1__text text = {0};
  tt1__text_add(&text, "%s %s", who, why);
  char *clause = tt1__text_take(&text);
  source->model->structure.why_not_varpro =
      clause ? tt1__arena_copy(&source->arena, clause, strlen(clause)) : NULL;
  tt1__free(clause);
  return source->model->structure.why_not_varpro ? TT1_OK : tt1__no_memory(err);
}

static tt1_status judge(tt1__source *source, tt1_error *err)
{
  tt1_model *model = source->model;
  tt1__structure *s = &model->structure;
  int who = 0;
  if (s->n_amplitudes == 0)
    return refuse(source, "no parameter", "enters linearly once the others are known", err);
  const char *problem = find_rows(model, &who);
  for (int i = 0; i < model->n_known; i++)
    if (model->known[i].scope == TT1_PER_VOXEL)
      return refuse(source, model->known[i].name, "is known per voxel", err);
  if (s->n_nonlinear == 0) return refuse(source, "no parameter", "is nonlinear", err);
  if (s->n_nonlinear > 1) return refuse(source, "more than one parameter", "is nonlinear", err);
  return problem ? refuse(source, model->parameters[who].name, problem, err) : TT1_OK;
}

static void list_nonlinear(tt1_model *model)
{
  tt1__structure *s = &model->structure;
  for (int i = 0; i < model->n_parameters; i++) {
    int is_linear = s->n_amplitudes > 0 && s->numerator[i] >= 0;
    if (!is_linear) s->numerator[i] = s->denominator[i] = -1;
    if (!is_linear) s->nonlinear[s->n_nonlinear++] = i;
    model->parameters[i].is_linear = is_linear;
    model->parameters[i].scales = is_linear && s->denominator[i] < 0;
  }
}

tt1_status tt1__structure_find(tt1__source *source, tt1_error *err)
{
  walk w = {.graph = &source->graph};
  w.forms = tt1__allocate((size_t)source->signal + 1, sizeof *w.forms);
  if (!w.forms) return tt1__no_memory(err);
  search(source, &w);
  tt1__free(w.forms);
  list_nonlinear(source->model);
  return judge(source, err);
}
