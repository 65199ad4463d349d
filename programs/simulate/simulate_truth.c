/* SPDX-License-Identifier: MIT
 * What a protocol gives without noise: the noise-free, signed series fitted with
 * the model of its sequence, voxel by voxel, in double precision. So everything but the
 * noise is in it: readouts, partial volume, off-resonance, motion. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "simulate/simulate.h"

/* Output of `model` that BIDS calls a T1 or T2 map: its name, and the parameters it depends on. */
static const char *find_map(const tt1_model *model, const char **bids, uint32_t *depends_on)
{
  for (int i = 0; tt1_model_parameter(model, i); i++) {
    const tt1_parameter *p = tt1_model_parameter(model, i);
    *bids = p->bids;
    *depends_on = 1u << i;
    if (p->bids) return p->name;
  }
  const tt1_map *map = tt1_model_map(model, 0);
  *bids = map->bids;
  *depends_on = map->depends_on;
  return map->name;
}

/* Known quantity 0 of each of these models is the time, and SAT the other one. */
static tt1_design make_design(tt1_known_values known[2], const tt1_simulation *s,
                              const tt1_model *model)
{
  int n = tt1_simulation_n_images(s);
  known[0] = (tt1_known_values){
      .name = tt1_model_known(model, 0)->name, .values = tt1_simulation_times(s), .count = n};
  known[1] = (tt1_known_values){.name = "SAT", .values = tt1_simulation_saturated(s), .count = n};
  return (tt1_design){n, tt1_model_known(model, 1) ? 2 : 1, known};
}

static void mask_failures(float *map, const uint8_t *outcome, const uint8_t *bounds,
                          uint32_t depends_on, int64_t n_voxels)
{
  for (int64_t v = 0; v < n_voxels; v++) {
    int is_good =
        outcome[v] == TT1_CONVERGED || (outcome[v] == TT1_AT_BOUND && !(bounds[v] & depends_on));
    if (!is_good) map[v] = NAN;
  }
}

static tt1_status run_plan(simulated *s, tt1_plan *plan, const tt1_model *model, tt1_error *error)
{
  const int64_t *size = tt1_simulation_geometry(s->simulation)->size;
  int64_t n_voxels = size[0] * size[1] * size[2];
  uint32_t depends_on = 0;
  uint8_t *outcome = allocate((size_t)n_voxels, 1), *bounds = allocate((size_t)n_voxels, 1);
  s->expected = allocate((size_t)n_voxels, sizeof *s->expected);
  const char *bids = NULL, *name = find_map(model, &bids, &depends_on);
  snprintf(s->map, sizeof s->map, "%s", bids);
  const tt1_output outputs[] = {{name, TT1_FLOAT32, s->expected},
                                {"outcome", TT1_UINT8, outcome},
                                {"bounds", TT1_UINT8, bounds}};
  tt1_series series = {.signal = tt1_simulation_clean(s->simulation), .n_voxels = n_voxels};
  tt1_status status = tt1_plan_run(plan, &series, tt1_simulation_labels(s->simulation), outputs, 3,
                                   NULL, NULL, error);
  if (status == TT1_OK) mask_failures(s->expected, outcome, bounds, depends_on, n_voxels);
  free(outcome);
  free(bounds);
  return status;
}

static tt1_status expect(simulated *s, tt1_device *device, tt1_error *error)
{
  tt1_model *model = NULL;
  tt1_plan *plan = NULL;
  tt1_known_values known[2];
  tt1_plan_options options = TT1_PLAN_OPTIONS_INIT;
  options.precision = TT1_DOUBLE;
  options.sign = TT1_SIGN_SIGNED;
  tt1_status status = tt1_model_builtin(&model, tt1_simulation_model(s->simulation), error);
  if (status != TT1_OK) return status;
  tt1_design design = make_design(known, s->simulation, model);
  status = tt1_plan_create(&plan, device, model, &design, &options, error);
  if (status == TT1_OK) status = run_plan(s, plan, model, error);
  tt1_plan_free(plan);
  tt1_model_free(model);
  return status;
}

tt1_status simulate_series(simulated *out, const tt1_simulation_options *options,
                           tt1_device *device, tt1_error *error)
{
  simulated s = {0};
  tt1_status status = tt1_simulation_create(&s.simulation, options, error);
  if (status == TT1_OK) status = expect(&s, device, error);
  if (status == TT1_OK)
    *out = s;
  else
    simulated_free(&s);
  return status;
}

void simulated_free(simulated *s)
{
  tt1_simulation_free(s->simulation);
  free(s->expected);
  *s = (simulated){0};
}
