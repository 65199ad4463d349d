/* SPDX-License-Identifier: MIT
 * What the compiler found, for a person to read: formula, derivatives in infix
 * form, structure, bounds as rows. */
#include <math.h>

#include "base/error.h"
#include "base/text.h"
#include "model/parse.h"

enum { MAX_EXPRESSION = 1000 };

// Whole numbers as people write them: 10, not 1e+01.
static void add_number(tt1__text *text, double value)
{
  if (fabs(value) < 1e6 && value == floor(value))
    tt1__text_add(text, "%d", (int)value);
  else
    tt1__text_add_number(text, value);
}

typedef struct printer {
  tt1__text text;
  const tt1__source *source;
  size_t limit; /* shared terms are printed wherever they are used: stop before that explodes */
} printer;

static int precedence_of(int op)
{
  switch (op) {
  case TT1__OP_LT:
  case TT1__OP_LE: return 1;
  case TT1__OP_ADD:
  case TT1__OP_SUB: return 2;
  case TT1__OP_MUL:
  case TT1__OP_DIV: return 3;
  case TT1__OP_NEG: return 4;
  case TT1__OP_POW: return 5;
  default: return 6;
  }
}

static void add_node(printer *p, int index, int outer);

static void add_infix(printer *p, const tt1__node *node, int precedence)
{
  // a - (b + c), a / (b * c): the right operand of a left-associative operator binds tighter
  int right = precedence + (node->op != TT1__OP_ADD && node->op != TT1__OP_MUL);
  if (node->op == TT1__OP_POW) {
    add_node(p, node->a, precedence + 1);
    tt1__text_add(&p->text, "^");
    add_node(p, node->b, precedence);
    return;
  }
  add_node(p, node->a, precedence);
  tt1__text_add(&p->text, " %s ", tt1__ops[node->op].name);
  add_node(p, node->b, right);
}

static void add_call(printer *p, const tt1__node *node)
{
  const int operands[3] = {node->a, node->b, node->c};
  tt1__text_add(&p->text, "%s(", tt1__ops[node->op].name);
  for (int i = 0; i < 3 && i < tt1__ops[node->op].arity; i++) {
    if (i > 0) tt1__text_add(&p->text, ", ");
    add_node(p, operands[i], 0);
  }
  tt1__text_add(&p->text, ")");
}

static void add_node(printer *p, int index, int outer)
{
  const tt1__node *node = &p->source->graph.nodes[index];
  const tt1_model *model = p->source->model;
  int precedence = precedence_of(node->op);
  if (p->text.failed || p->text.length > p->limit) return;
  if (node->op == TT1__NUMBER && node->value < 0) precedence = precedence_of(TT1__OP_NEG);
  int wrap = precedence < outer;
  if (wrap) tt1__text_add(&p->text, "(");
  switch (node->op) {
  case TT1__NUMBER: add_number(&p->text, node->value); break;
  case TT1__PARAMETER: tt1__text_add(&p->text, "%s", model->parameters[node->a].name); break;
  case TT1__KNOWN: tt1__text_add(&p->text, "%s", model->known[node->a].name); break;
  case TT1__OP_NEG:
    tt1__text_add(&p->text, "-");
    add_node(p, node->a, precedence_of(TT1__OP_MUL));
    break;
  default:
    if (precedence < precedence_of(TT1__OP_NEG) || node->op == TT1__OP_POW)
      add_infix(p, node, precedence);
    else
      add_call(p, node);
  }
  if (wrap) tt1__text_add(&p->text, ")");
}

static void add_expression(printer *p, int node)
{
  p->limit = p->text.length + MAX_EXPRESSION;
  add_node(p, node, 0);
  if (p->text.failed || p->text.length <= p->limit) return;
  p->text.length = p->limit; // past it only brackets were closed
  p->text.bytes[p->limit] = '\0';
  tt1__text_add(&p->text, " ... (longer)");
}

static void add_bounds(printer *p, const tt1_parameter *parameter)
{
  tt1__text_add(&p->text, isinf(parameter->lower) ? "(" : "[");
  add_number(&p->text, parameter->lower);
  tt1__text_add(&p->text, ", ");
  add_number(&p->text, parameter->upper);
  tt1__text_add(&p->text, isinf(parameter->upper) ? ")" : "]");
}

static void add_parameters(printer *p)
{
  const tt1_model *model = p->source->model;
  tt1__text_add(&p->text, "\nparameters\n");
  for (int i = 0; i < model->n_parameters; i++) {
    const tt1_parameter *it = &model->parameters[i];
    tt1__text_add(&p->text, "  %s [%s]  %s, in ", it->name, it->unit, it->meaning);
    add_bounds(p, it);
    tt1__text_add(&p->text, it->scales ? ", scales with the signal\n" : "\n");
  }
}

// What the inversion groups of a series give, and what stands for full recovery.
static void add_groups(printer *p)
{
  static const char *const times[] = {[TT1_GROUP_REST] = "the rest after it",
                                      [TT1_GROUP_LAST] = "the inversion time of its last image"};
  const tt1_model *model = p->source->model;
  const char *title = "\nfrom the inversion groups\n";
  for (int i = 0; i < model->n_known; i++) {
    const tt1_known *known = &model->known[i];
    if (known->group == TT1_GROUP_NONE) continue;
    tt1__text_add(&p->text, "%s  %s [s]  ", title, known->name);
    title = "";
    if (known->group == TT1_GROUP_BEAT)
      tt1__text_add(&p->text, "from one image of a group to the next; ");
    else
      tt1__text_add(&p->text, "%d group%s before that of the image: %s; ", known->groups_before,
                    known->groups_before == 1 ? "" : "s", times[known->group]);
    add_number(&p->text, known->nominal);
    tt1__text_add(&p->text, " s where there is none\n");
  }
}

static void add_derivatives(printer *p)
{
  const tt1__source *source = p->source;
  const tt1_model *model = source->model;
  tt1__text_add(&p->text, "\nderivatives\n");
  for (int i = 0; i < model->n_parameters; i++) {
    tt1__text_add(&p->text, "  dg/d%s = ", model->parameters[i].name);
    add_expression(p, source->signal_roots[1 + i]);
    tt1__text_add(&p->text, "\n");
  }
  for (int m = 0; m < model->n_maps; m++)
    for (int i = 0; i < model->n_parameters; i++) {
      if (!(model->maps[m].depends_on & 1u << i)) continue;
      tt1__text_add(&p->text, "  d%s/d%s = ", model->maps[m].name, model->parameters[i].name);
      add_expression(p, source->map_roots[model->n_maps + m * model->n_parameters + i]);
      tt1__text_add(&p->text, "\n");
    }
}

// "C and k", "T1s", "T1 and T2 and T3"
static void add_names(printer *p, int linear)
{
  const tt1_model *model = p->source->model;
  int count = 0;
  for (int i = 0; i < model->n_parameters; i++)
    if (model->parameters[i].is_linear == linear)
      tt1__text_add(&p->text, "%s%s", count++ ? " and " : "", model->parameters[i].name);
}

static void add_decomposition(printer *p)
{
  const tt1__source *source = p->source;
  const tt1_model *model = source->model;
  const tt1__structure *s = &model->structure;
  tt1__text_add(&p->text, "  g = ");
  for (int i = 0; i < s->n_amplitudes; i++) {
    tt1__text_add(&p->text, "%sa%d * (", i ? " + " : "", i);
    add_expression(p, source->basis[i]);
    tt1__text_add(&p->text, ")");
  }
  const char *gap = "\n  ";
  for (int i = 0; i < model->n_parameters; i++) {
    if (s->numerator[i] < 0) continue;
    tt1__text_add(&p->text, "%s%s = a%d", gap, model->parameters[i].name, s->numerator[i]);
    if (s->denominator[i] >= 0) tt1__text_add(&p->text, " / a%d", s->denominator[i]);
    gap = ", ";
  }
  tt1__text_add(&p->text, "\n");
}

static void add_row(printer *p, const double *row, int n)
{
  int any = 0;
  tt1__text_add(&p->text, "  ");
  for (int i = 0; i < n; i++) {
    if (row[i] == 0) continue;
    tt1__text_add(&p->text, "%s", row[i] < 0 ? (any ? " - " : "-") : any ? " + " : "");
    if (fabs(row[i]) != 1) {
      add_number(&p->text, fabs(row[i]));
      tt1__text_add(&p->text, " ");
    }
    tt1__text_add(&p->text, "a%d", i);
    any = 1;
  }
  tt1__text_add(&p->text, " >= 0\n");
}

static void add_structure(printer *p)
{
  const tt1_model *model = p->source->model;
  const tt1__structure *s = &model->structure;
  tt1__text_add(&p->text, "\nstructure\n  ");
  if (s->n_amplitudes > 0) {
    int n = s->n_amplitudes;
    add_names(p, 1);
    tt1__text_add(&p->text, n == 1 ? " enters linearly" : " enter linearly");
    if (s->n_nonlinear > 0) {
      tt1__text_add(&p->text, " once ");
      add_names(p, 0);
      tt1__text_add(&p->text, s->n_nonlinear == 1 ? " is known" : " are known");
    }
    tt1__text_add(&p->text, ":\n");
    add_decomposition(p);
    if (s->is_conic) {
      tt1__text_add(&p->text,
                    s->n_faces ? "\nbounds as rows\n" : "\nno bounds on the linear part\n");
      for (int i = 0; i < s->n_faces; i++)
        add_row(p, s->face[i], n);
    }
  } else {
    tt1__text_add(&p->text, "no parameter enters linearly\n");
  }
  if (s->why_not_varpro)
    tt1__text_add(&p->text, "\nvarpro is not offered: %s\n", s->why_not_varpro);
  else
    tt1__text_add(&p->text, "\nvarpro is offered: the search runs over one parameter\n");
}

tt1_status tt1_model_explain(char **out, const tt1_model *model, tt1_error *err)
{
  tt1__source source;
  tt1_status status = tt1__analyse(&source, model->text, err);
  printer p = {.source = &source};
  if (status == TT1_OK) {
    tt1__text_add(&p.text, "signal\n  %s\n  g = ", model->formula);
    add_expression(&p, source.signal);
    tt1__text_add(&p.text, "%s\n", model->is_magnitude ? ", of which the magnitude is seen" : "");
    add_groups(&p);
    add_parameters(&p);
    add_derivatives(&p);
    add_structure(&p);
    char *text = tt1__text_take(&p.text);
    if (text)
      *out = text;
    else
      status = tt1__no_memory(err);
  }
  tt1__source_free(&source);
  return status;
}
