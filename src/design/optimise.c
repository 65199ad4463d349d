/* SPDX-License-Identifier: MIT
 * Moves the times of a design to lower its Cramer-Rao bound: a pattern search
 * (Hooke & Jeeves 1961, doi:10.1145/321062.321069) from several starts. What
 * sequences allow is the business of layout.c. */
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "design/layout.h"

enum { DEFAULT_RESTARTS = 16, MOST_RESTARTS = 10000, MOST_TISSUES = 1000 };

/* What is minimised, and where. */
typedef struct problem {
  const tt1_model *model;
  const tt1_design_tissue *tissues;
  int n_tissues, output;
  double *worth; /* [n_tissues] the value of the map */
  tt1_criterion criterion;
  tt1__layout layout;
  tt1_design design;
  tt1_known_values known[MAX_KNOWN];
  double values[MAX_KNOWN][MAX_SAMPLES]; /* of the movables: `known` points here */
  double start[MAX_KNOWN][MAX_SAMPLES], best[MAX_KNOWN][MAX_SAMPLES];
} problem;

static double cost_of(const problem *p, const tt1_design *design)
{
  double bounds[MAX_PARAMETERS + MAX_MAPS], sum = 0, weights = 0, worst = 0;
  for (int t = 0; t < p->n_tissues; t++) {
    const tt1_design_tissue *tissue = &p->tissues[t];
    double weight = tissue->weight > 0 ? tissue->weight : 1;
    if (tt1_design_bound(p->model, design, tissue->parameters, tissue->sigma, bounds, NULL))
      return HUGE_VAL;
    double relative = bounds[p->output] / p->worth[t], v = weight * relative * relative;
    if (!isfinite(v)) return HUGE_VAL;
    sum += v;
    weights += weight;
    if (v > worst) worst = v;
  }
  return p->criterion == TT1_CRITERION_WORST ? worst : sum / weights;
}

static double cost_at(problem *p, const long *x)
{
  if (!tt1__layout_allows(&p->layout, x)) return HUGE_VAL;
  tt1__layout_place(&p->layout, x, p->values);
  return cost_of(p, &p->design);
}

/* Move variable v, and the next one unless `other` is 0, one step that way; keep what is lower. */
static int try_move(problem *p, long *x, double *cost, int v, int by, int other)
{
  long kept = x[v], neighbour = other ? x[v + 1] : 0;
  x[v] += by * tt1__layout_step(&p->layout, v);
  if (other) x[v + 1] += other * tt1__layout_step(&p->layout, v + 1);
  double now = cost_at(p, x);
  if (now < *cost * (1 - 1e-12)) {
    *cost = now;
    return 1;
  }
  x[v] = kept;
  if (other) x[v + 1] = neighbour;
  return 0;
}

/* Every variable alone and, since limits on the spacing can hold it there, with the next. */
static int sweep(problem *p, long *x, double *cost)
{
  int moved = 0;
  for (int v = 0; v < p->layout.n_variables; v++)
    for (int by = -1; by <= 1; by += 2) {
      moved |= try_move(p, x, cost, v, by, 0);
      for (int other = -1; other <= 1 && v + 1 < p->layout.n_variables; other += 2)
        moved |= try_move(p, x, cost, v, by, other);
    }
  return moved;
}

/* Down from x, in steps from a quarter of the range to the least. */
static double descend(problem *p, long *x)
{
  double cost = cost_at(p, x);
  long longest = tt1__layout_longest(&p->layout);
  for (p->layout.halvings = 2;; p->layout.halvings++) {
    while (sweep(p, x, &cost))
      continue;
    if (!(longest >> p->layout.halvings)) return cost;
  }
}

/* The best values; where their order means nothing, in ascending order. */
static void hand_out(double *values, problem *p)
{
  int n = p->design.n_samples, sorts = p->layout.kind == TT1_LAYOUT_FREE && p->layout.n_axes == 1;
  for (int a = 0; a < p->layout.n_axes; a++)
    for (int j = 0; j < n; j++) {
      int k = j;
      for (; sorts && k > 0 && values[k - 1] > p->best[0][j]; k--)
        values[k] = values[k - 1];
      values[a * n + k] = p->best[a][j];
    }
}

/* Take note of where one start came to. */
static void record(problem *p, tt1_optimum *found, const long *x, double cost)
{
  found->n_starts++;
  if (cost < found->after * (1 - 2e-3)) found->n_agreeing = 0; // 0.1 % of the bound
  found->n_agreeing += cost <= found->after * (1 + 2e-3) && isfinite(cost);
  if (!(cost < found->after)) return;
  found->after = cost;
  tt1__layout_place(&p->layout, x, p->best);
}

/* The best of one grouping of the images. */
static tt1_optimum search_grouping(problem *p, int restarts, uint64_t *seed)
{
  long x[TT1__MOST_VARIABLES] = {0};
  tt1_optimum here = {.after = HUGE_VAL, .n_groups = p->layout.n_groups};
  memcpy(here.count, p->layout.count, sizeof here.count);
  memcpy(here.rest, p->layout.rest, sizeof here.rest);
  if (tt1__layout_nearest(&p->layout, (const double(*)[MAX_SAMPLES])p->start, x))
    record(p, &here, x, descend(p, x));
  for (int r = 0; r < restarts; r++) {
    tt1__layout_random(&p->layout, seed, x);
    record(p, &here, x, descend(p, x));
  }
  return here;
}

/* More inversions must be worth it: groupings come with the fewest first. */
static tt1_optimum search(problem *p, int restarts, uint64_t seed, double *values)
{
  tt1_optimum found = {.after = HUGE_VAL};
  while (tt1__layout_next(&p->layout)) {
    tt1_optimum here = search_grouping(p, restarts, &seed);
    if (!(here.after < found.after * (1 - 1e-4))) continue;
    found = here;
    hand_out(values, p);
  }
  return found;
}

/* ---- Before and after ---------------------------------------------------- */

static tt1_status check_options(tt1_optimise_options *out, const tt1_optimise_options *options,
                                tt1_error *err)
{
  *out = (tt1_optimise_options)TT1_OPTIMISE_OPTIONS_INIT;
  if (options) *out = *options;
  tt1_status status =
      tt1__check_version("tt1_optimise_options", out->version, TT1_OPTIMISE_OPTIONS_VERSION, err);
  if (status != TT1_OK) return status;
  if ((int)out->layout < 0 || out->layout > TT1_LAYOUT_HEARTBEATS || (int)out->criterion < 0 ||
      out->criterion > TT1_CRITERION_WORST)
    return tt1__error_set(err, TT1_BAD_ARGUMENT, "layout %d or criterion %d is unknown",
                          (int)out->layout, (int)out->criterion);
  if (out->restarts < 0 || out->restarts > MOST_RESTARTS)
    return tt1__error_set(err, TT1_BAD_ARGUMENT, "%d restarts, expected 1 to %d", out->restarts,
                          (int)MOST_RESTARTS);
  if (!out->restarts) out->restarts = DEFAULT_RESTARTS;
  return TT1_OK;
}

static tt1_status find_output(problem *p, const char *map, tt1_error *err)
{
  int n = p->model->n_parameters;
  for (p->output = 0; p->output < n + p->model->n_maps; p->output++) {
    const char *name =
        p->output < n ? p->model->parameters[p->output].name : p->model->maps[p->output - n].name;
    if (!strcmp(name, map)) return TT1_OK;
  }
  return tt1__error_set(err, TT1_BAD_ARGUMENT, "model %s has no parameter or map \"%s\"",
                        p->model->name, map);
}

/* The value of the map in every tissue, which the bound is relative to. */
static tt1_status value_tissues(problem *p, const tt1_design *start, const char *map,
                                tt1_error *err)
{
  double maps[MAX_MAPS], known[MAX_KNOWN] = {0}, bounds[MAX_PARAMETERS + MAX_MAPS];
  int n = p->model->n_parameters;
  for (int t = 0; t < p->n_tissues; t++) {
    const tt1_design_tissue *tissue = &p->tissues[t];
    tt1_status status =
        tt1_design_bound(p->model, start, tissue->parameters, tissue->sigma, bounds, err);
    if (status) return status;
    if (!(tissue->weight >= 0 && isfinite(tissue->weight)))
      return tt1__error_set(err, TT1_BAD_ARGUMENT, "weight %g of tissue %d, expected above 0",
                            tissue->weight, t + 1);
    tt1_model_evaluate(p->model, tissue->parameters, known, NULL, NULL, maps);
    p->worth[t] = p->output < n ? tissue->parameters[p->output] : maps[p->output - n];
    if (!(fabs(p->worth[t]) > 0 && isfinite(p->worth[t])))
      return tt1__error_set(err, TT1_BAD_ARGUMENT,
                            "%s is %g in tissue %d, and its bound is to be relative to it", map,
                            p->worth[t], t + 1);
  }
  return TT1_OK;
}

/* The design with room for the values that move. */
static tt1_status take_design(problem *p, const tt1_design *start, const tt1_movable *movables,
                              int n_movables, tt1_error *err)
{
  if (start->n_known > MAX_KNOWN)
    return tt1__error_set(err, TT1_BAD_ARGUMENT, "%d known quantities, expected at most %d",
                          start->n_known, MAX_KNOWN);
  p->design = (tt1_design){start->n_samples, start->n_known, p->known};
  memcpy(p->known, start->known, (size_t)start->n_known * sizeof *p->known);
  for (int a = 0; a < n_movables; a++) {
    int i = 0;
    while (i < start->n_known && strcmp(start->known[i].name, movables[a].name) != 0)
      i++;
    if (i == start->n_known || p->known[i].values != start->known[i].values)
      return tt1__error_set(err, TT1_BAD_ARGUMENT, "%s is to be moved, but is %s", movables[a].name,
                            i == start->n_known ? "not given to begin from" : "named twice");
    for (int j = 0; j < start->n_samples; j++)
      p->start[a][j] = start->known[i].values[start->known[i].count == 1 ? 0 : j];
    p->known[i] = (tt1_known_values){
        .name = movables[a].name, .values = p->values[a], .count = start->n_samples};
  }
  return TT1_OK;
}

static tt1_status optimise(problem *p, double *values, tt1_optimum *optimum,
                           const tt1_design *start, const char *map, const tt1_movable *movables,
                           int n_movables, const tt1_optimise_options *options, tt1_error *err)
{
  tt1_optimise_options o;
  tt1_status status = check_options(&o, options, err);
  if (!status) status = find_output(p, map, err);
  if (!status) status = value_tissues(p, start, map, err);
  if (!status)
    status =
        tt1__layout_make(&p->layout, p->model, start->n_samples, movables, n_movables, &o, err);
  if (!status) status = take_design(p, start, movables, n_movables, err);
  if (status) return status;
  p->criterion = o.criterion;
  double scratch[TT1__MOST_VARIABLES];
  tt1_optimum found = search(p, o.restarts, o.seed, scratch);
  if (!isfinite(found.after))
    return tt1__error_set(err, TT1_BAD_ARGUMENT, "nothing found within the limits determines %s",
                          map);
  found.before = cost_of(p, start);
  memcpy(values, scratch, (size_t)(n_movables * start->n_samples) * sizeof *values);
  if (optimum) *optimum = found;
  return TT1_OK;
}

tt1_status tt1_design_optimise(double *values, tt1_optimum *optimum, const tt1_model *model,
                               const tt1_design *start, const char *map,
                               const tt1_design_tissue *tissues, int n_tissues,
                               const tt1_movable *movables, int n_movables,
                               const tt1_optimise_options *options, tt1_error *err)
{
  if (n_tissues < 1 || n_tissues > MOST_TISSUES)
    return tt1__error_set(err, TT1_BAD_ARGUMENT, "%d tissues, expected 1 to %d", n_tissues,
                          (int)MOST_TISSUES);
  tt1_status status = TT1_NO_MEMORY;
  problem *p = tt1__allocate(1, sizeof *p);
  double *worth = tt1__allocate((size_t)n_tissues, sizeof *worth);
  if (p && worth) {
    p->model = model;
    p->tissues = tissues;
    p->n_tissues = n_tissues;
    p->worth = worth;
    status = optimise(p, values, optimum, start, map, movables, n_movables, options, err);
  } else {
    tt1__no_memory(err);
  }
  tt1__free(worth);
  tt1__free(p);
  return status;
}
