/* SPDX-License-Identifier: MIT
 * Maps: what to ask the plan for, and what to trust of it. Plans return every number; NaN is put in
 * here. */
#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/number.h"
#include "mapping/mapping.h"

static_assert(N_OUTCOMES == TT1_MASKED + 1, "outcomes are counted one by one");

/* ---- Room ---- */

static tt1_mapped describe(const char *unit, const char *meaning, const char *bids)
{
  return (tt1_mapped){.unit = unit,
                      .meaning = meaning,
                      .bids = bids,
                      .type = TT1_FLOAT32,
                      .multiplied_by = 1.0,
                      .median = (double)NAN,
                      .quartiles = {(double)NAN, (double)NAN}};
}

/* Add a map called `name`, or as its file is where it has a suffix in BIDS. NULL if memory ran out. */
static tt1__map *add_map(tt1_mapping *m, const char *name, const tt1_mapped *shown,
                         uint32_t depends_on)
{
  assert(m->n_maps < MAX_OUTPUTS);
  tt1__map *map = &m->maps[m->n_maps];
  *map = (tt1__map){.shown = *shown, .depends_on = depends_on};
  snprintf(map->name, sizeof map->name, "%s%s", shown->bids ? shown->bids : name,
           shown->is_deviation ? "_sd" : "");
  map->values = tt1__allocate((size_t)tt1_image_n_voxels(m->image), sizeof *map->values);
  if (!map->values) return NULL;
  if (shown->is_deviation) map->shown.bids = NULL;
  map->shown.name = map->name;
  map->shown.values = map->values;
  m->n_maps++;
  return map;
}

/* Parameter or derived map `index`, or its standard deviation. */
static tt1__map *add_main(tt1_mapping *m, int index, int is_deviation)
{
  int n = tt1_model_n_parameters(m->model);
  const tt1_parameter *p = index < n ? tt1_model_parameter(m->model, index) : NULL;
  const tt1_map *d = p ? NULL : tt1_model_map(m->model, index - n);
  tt1_mapped shown =
      p ? describe(p->unit, p->meaning, p->bids) : describe(d->unit, d->meaning, d->bids);
  shown.is_main = !is_deviation;
  shown.is_deviation = is_deviation;
  return add_map(m, p ? p->name : d->name, &shown, p ? 1u << index : d->depends_on);
}

/* What is neither a main map nor a deviation: goodness of fit, counts, covariances. */
static tt1__map *add_rest(tt1_mapping *m, const char *name)
{
  static const char *const meanings[][2] = {{"rsquared", "coefficient of determination"},
                                            {"rmse", "root mean square residual"},
                                            {"evaluations", "evaluations of the cost"}};
  tt1_mapped shown = describe("1", "covariance, in the units of both", NULL);
  for (size_t i = 0; i < sizeof meanings / sizeof *meanings; i++)
    if (strcmp(name, meanings[i][0]) == 0) shown.meaning = meanings[i][1];
  return add_map(m, name, &shown, 0);
}

/* Outcomes and bounds; the first are a map that is written, too. */
static int add_codes(tt1_mapping *m)
{
  size_t n = (size_t)tt1_image_n_voxels(m->image);
  m->outcome = tt1__allocate(n, 1);
  m->bounds = tt1__allocate(n, 1);
  if (!m->outcome || !m->bounds) return 0;
  tt1__map *map = &m->maps[m->n_maps];
  *map = (tt1__map){
      .shown = describe("1",
                        "0 converged, 1 iteration limit, 2 singular, 3 not finite, 4 at a bound, "
                        "5 masked",
                        NULL),
      .name = "outcome"};
  map->shown.name = map->name;
  map->shown.type = TT1_UINT8;
  map->shown.values = m->outcome;
  return 1;
}

/* The plan names its outputs in a fixed order: main maps, their deviations, the rest. */
tt1_status tt1__mapping_prepare(tt1_mapping *m, const tt1_plan *plan, tt1_output *outputs,
                                int *n_outputs, tt1_error *err)
{
  const char *name;
  tt1__mapping_free_maps(m);
  m->n_main = tt1_model_n_parameters(m->model) + tt1_model_n_maps(m->model);
  for (int i = 0; (name = tt1_plan_output_name(plan, i)) != NULL; i++) {
    if (strcmp(name, "outcome") == 0 || strcmp(name, "bounds") == 0) continue;
    tt1__map *map =
        i < 2 * m->n_main ? add_main(m, i % m->n_main, i >= m->n_main) : add_rest(m, name);
    if (!map) return tt1__no_memory(err);
    outputs[m->n_maps - 1] = (tt1_output){name, TT1_FLOAT32, map->values};
  }
  if (!add_codes(m)) return tt1__no_memory(err);
  outputs[m->n_maps] = (tt1_output){"outcome", TT1_UINT8, m->outcome};
  outputs[m->n_maps + 1] = (tt1_output){"bounds", TT1_UINT8, m->bounds};
  *n_outputs = m->n_maps + 2;
  return TT1_OK;
}

tt1_status tt1__mapping_prepare_one(tt1_mapping *m, const tt1_map *map, tt1_error *err)
{
  tt1_mapped shown = describe(map->unit, map->meaning, map->bids);
  tt1__mapping_free_maps(m);
  m->n_main = shown.is_main = 1;
  return add_map(m, map->name, &shown, 1) && add_codes(m) ? TT1_OK : tt1__no_memory(err);
}

void tt1__mapping_free_maps(tt1_mapping *m)
{
  for (int i = 0; i < m->n_maps; i++)
    tt1__free(m->maps[i].values);
  tt1__free(m->outcome);
  tt1__free(m->bounds);
  tt1__free(m->tissue);
  tt1_text_free(m->record);
  m->outcome = m->bounds = m->tissue = NULL;
  m->n_tissue = 0;
  m->record = NULL;
  m->n_maps = 0;
}

/* ---- What to trust ---- */

static void mask_map(const tt1_mapping *m, tt1__map *map, int64_t n_voxels)
{
  for (int64_t v = 0; v < n_voxels; v++) {
    uint8_t outcome = m->outcome[v];
    assert(outcome < N_OUTCOMES);
    if (outcome == TT1_CONVERGED) continue;
    int is_spoilt = (m->bounds[v] & map->depends_on) != 0;
    if (outcome == TT1_AT_BOUND && (m->options->keep_bound || !is_spoilt)) continue;
    map->values[v] = NAN;
  }
}

/* A map and its standard deviation. */
static void correct(tt1_mapping *m, int64_t n_voxels)
{
  if (m->corrected < 0) return;
  for (int i = m->corrected; i < 2 * m->n_main; i += m->n_main) {
    tt1__map *map = &m->maps[i];
    map->shown.multiplied_by = m->options->correction;
    for (int64_t v = 0; v < n_voxels; v++)
      map->values[v] = (float)((double)map->values[v] * m->options->correction);
  }
}

static tt1_status smooth(const tt1_mapping *m, tt1__map *map, float *scratch, tt1_error *err)
{
  int filter = m->options->filter;
  if (filter == 0) return TT1_OK;
  map->shown.filter = tt1__filter_name(filter);
  memcpy(scratch, map->values, (size_t)tt1_image_n_voxels(m->image) * sizeof *scratch);
  return tt1_median_filter(map->values, scratch, tt1_image_geometry(m->image)->size,
                           tt1__filter_width(filter), err);
}

/* Of the mask, else of the voxels with signal, else of all. `scratch` has room for all voxels. */
static void find_quartiles(const tt1_mapping *m, tt1__map *map, double *scratch, int64_t n_voxels)
{
  int is_whole = m->mask || m->n_tissue == 0; // where there is a mask, all else is NaN
  int64_t n = 0;
  for (int64_t v = 0; v < n_voxels; v++)
    if (isfinite(map->values[v]) && (is_whole || m->tissue[v]))
      scratch[n++] = (double)map->values[v];
  map->shown.quartiles[0] = tt1__quantile(scratch, n, 0.25);
  map->shown.median = tt1__quantile(scratch, n, 0.5);
  map->shown.quartiles[1] = tt1__quantile(scratch, n, 0.75);
}

static void count_outcomes(tt1_mapping *m, int64_t n_voxels)
{
  memset(m->result.outcomes, 0, sizeof m->result.outcomes);
  for (int64_t v = 0; v < n_voxels; v++)
    m->result.outcomes[m->outcome[v]]++;
  m->result.n_voxels = n_voxels;
  m->result.device = m->device_name;
  m->result.isa = m->isa;
  m->result.device_reason = m->device_reason;
  m->result.kernels_why = *m->kernels_why ? m->kernels_why : NULL;
}

/* What --mask auto leaves out was fitted, but is not to be taken for a result. */
static void apply_own_mask(tt1_mapping *m, int64_t n_voxels)
{
  if (!tt1__mapping_masks_itself(m) || m->n_tissue == 0) return;
  for (int64_t v = 0; v < n_voxels; v++)
    if (!m->tissue[v]) m->outcome[v] = TT1_MASKED;
  for (int i = 0; i < m->n_maps; i++)
    mask_map(m, &m->maps[i], n_voxels);
}

static void count_summed(tt1_mapping *m, int64_t n_voxels)
{
  int64_t n_masked = m->result.outcomes[TT1_MASKED];
  m->result.summed_is_mask = m->mask || (tt1__mapping_masks_itself(m) && m->n_tissue > 0);
  m->result.n_summed =
      m->result.summed_is_mask || m->n_tissue == 0 ? n_voxels - n_masked : m->n_tissue;
}

tt1_status tt1__mapping_finish(tt1_mapping *m, tt1_error *err)
{
  int64_t n_voxels = tt1_image_n_voxels(m->image);
  double *scratch = tt1__allocate((size_t)n_voxels, sizeof *scratch);
  assert(m->n_main <= m->n_maps);
  tt1_status status = scratch ? TT1_OK : tt1__no_memory(err);
  correct(m, n_voxels);
  for (int i = 0; i < m->n_maps; i++)
    mask_map(m, &m->maps[i], n_voxels);
  if (status == TT1_OK) status = tt1__mapping_find_tissue(m, err);
  if (status == TT1_OK) apply_own_mask(m, n_voxels);
  count_outcomes(m, n_voxels);
  count_summed(m, n_voxels);
  for (int i = 0; i < m->n_main && status == TT1_OK; i++) {
    status = smooth(m, &m->maps[i], (float *)scratch, err);
    find_quartiles(m, &m->maps[i], scratch, n_voxels);
  }
  tt1__free(scratch);
  return status;
}

/* ---- Asking ---- */

const tt1_mapped *tt1_mapping_map_at(const tt1_mapping *m, int index)
{
  return m->n_maps > 0 && index >= 0 && index <= m->n_maps ? &m->maps[index].shown : NULL;
}

const float *tt1_mapping_map(const tt1_mapping *m, const char *name)
{
  for (int i = 0; i < m->n_maps; i++)
    if (strcmp(m->maps[i].name, name) == 0) return m->maps[i].values;
  return NULL;
}

const uint8_t *tt1_mapping_outcome(const tt1_mapping *m)
{
  return m->outcome;
}
