/* SPDX-License-Identifier: MIT
 * From the parsed text to all that is known about a model: structure, default
 * starts and grids, and the derivatives that the programs return. */
#include <math.h>
#include <string.h>

#include "model/differentiate.h"
#include "model/parse.h"
#include "model/structure.h"

static double middle(double lower, double upper)
{
  if (isfinite(lower) && isfinite(upper))
    return lower > 0 ? sqrt(lower) * sqrt(upper) : lower / 2 + upper / 2;
  if (isfinite(lower)) return lower + 1;
  return isfinite(upper) ? upper - 1 : 0;
}

// An amplitude starts at the largest sample; the rest in the middle of its bounds.
static void choose_start(tt1__source *source, int index)
{
  tt1_parameter *p = &source->model->parameters[index];
  if (source->has_start[index]) return;
  p->start = middle(p->lower, p->upper);
  if (p->scales) p->start = 1; // of the largest sample: the bounds say nothing about it
}

static tt1_status choose_grid(tt1__source *source, int index, tt1_error *err)
{
  const tt1_parameter *p = &source->model->parameters[index];
  tt1__grid *grid = &source->model->grid[index];
  if (p->is_linear && !source->has_grid[index]) {
    *grid = (tt1__grid){.from = p->start, .to = p->start};
    return TT1_OK;
  }
  if (!source->has_grid[index]) *grid = (tt1__grid){.from = p->lower, .to = p->upper};
  grid->is_log = grid->from > 0;
  if (isfinite(grid->from) && isfinite(grid->to)) return TT1_OK;
  tt1__lexer lexer = {.text = source->text, .err = err};
  tt1__lex_fail(&lexer, source->parameter_at[index],
                "'%s' has an infinite bound and is no linear parameter, so it needs "
                "'grid N from A to B'",
                p->name);
  return lexer.status;
}

// The seeds of a search: d/dq, or d/d ln(q) where the grid is logarithmic.
static void differentiate_basis(tt1__source *source)
{
  const tt1__structure *s = &source->model->structure;
  int has_derivatives = s->n_nonlinear == 1, each = has_derivatives ? 3 : 1;
  for (int m = 0; m < s->n_amplitudes; m++) {
    int place = each * m, *roots = &source->basis_roots[place];
    roots[0] = source->basis[m];
    if (!has_derivatives) continue;
    int q = s->nonlinear[0];
    int seed =
        source->model->grid[q].is_log ? tt1__graph_leaf(&source->graph, TT1__PARAMETER, q) : 1;
    roots[1] = tt1__differentiate(&source->graph, roots[0], q, seed);
    roots[2] = tt1__differentiate(&source->graph, roots[1], q, seed);
  }
  source->n_basis_roots = each * s->n_amplitudes;
}

static void differentiate_maps(tt1__source *source)
{
  const tt1_model *model = source->model;
  int *roots = source->map_roots;
  memcpy(roots, source->map, (size_t)model->n_maps * sizeof *roots);
  roots += model->n_maps;
  for (int i = 0; i < model->n_maps; i++)
    for (int k = 0; k < model->n_parameters; k++)
      *roots++ = tt1__differentiate(&source->graph, source->map[i], k, 1);
  source->n_map_roots = model->n_maps * (1 + model->n_parameters);
}

static void differentiate_signal(tt1__source *source)
{
  source->signal_roots[0] = source->signal;
  source->n_signal_roots = 1;
  for (int k = 0; k < source->model->n_parameters; k++)
    source->signal_roots[source->n_signal_roots++] =
        tt1__differentiate(&source->graph, source->signal, k, 1);
}

tt1_status tt1__analyse(tt1__source *source, const char *text, tt1_error *err)
{
  tt1_status status = tt1__parse(source, text, err);
  if (status == TT1_OK) status = tt1__structure_find(source, err);
  for (int i = 0; i < TT1__MAX_PARAMETERS && status == TT1_OK; i++) {
    if (i == source->model->n_parameters) break;
    choose_start(source, i);
    status = choose_grid(source, i, err);
  }
  if (status != TT1_OK) return status;
  differentiate_signal(source);
  differentiate_basis(source);
  differentiate_maps(source);
  tt1__lexer lexer = {.text = text, .err = err};
  tt1__graph_report(&lexer, source->signal_at, &source->graph);
  return lexer.status;
}
