/* SPDX-License-Identifier: MIT
 * The fits whose bits must not depend on anything: every shipped model, solver
 * and kind of data, on voxels of which some are broken. For fit_onehash.c, which
 * varies how they are run, and hash_main.c, which varies the compiler. */
#ifndef FIT_HASH_H
#define FIT_HASH_H

#include "fit_support.h"

/* One way to fit. */
typedef struct way {
  const char *name;
  tt1_solver solver;
  tt1_start start;
  int iterations;
  tt1_noise noise;
} way;

static const way WAYS[] = {
    {"varpro", TT1_SOLVER_VARPRO, TT1_START_GRID, 0, TT1_NOISE_GAUSSIAN},
    {"lm grid", TT1_SOLVER_LM, TT1_START_GRID, 0, TT1_NOISE_GAUSSIAN},
    {"lm fixed", TT1_SOLVER_LM, TT1_START_FIXED, 0, TT1_NOISE_GAUSSIAN},
    {"adam", TT1_SOLVER_ADAM, TT1_START_GRID, 50, TT1_NOISE_GAUSSIAN},
    {"rician", TT1_SOLVER_AUTO, TT1_START_GRID, 0, TT1_NOISE_RICIAN},
    {"robust", TT1_SOLVER_AUTO, TT1_START_GRID, 0, TT1_NOISE_ROBUST},
};
enum { N_WAYS = sizeof WAYS / sizeof *WAYS };

/** A plan for this way; NULL where the solver is not offered for the model, or the noise not for
    the data. */
static inline tt1_plan *plan_way_in(tt1_precision precision, tt1_device *device,
                                    const tt1_model *model, const tt1_design *design, const way *w,
                                    int is_signed)
{
  tt1_plan *plan = NULL;
  tt1_error err = {0};
  tt1_plan_options options = TT1_PLAN_OPTIONS_INIT;
  if (w->noise == TT1_NOISE_RICIAN && (is_signed || !tt1_model_is_magnitude(model))) return NULL;
  options.solver = w->solver;
  options.start = w->start;
  options.max_iterations = w->iterations;
  options.noise = w->noise;
  options.precision = precision;
  if (w->noise == TT1_NOISE_RICIAN) options.sigma = 10;
  options.sign = is_signed ? TT1_SIGN_SIGNED : TT1_SIGN_MAGNITUDE;
  tt1_status status = tt1_plan_create(&plan, device, model, design, &options, &err);
  need(status == TT1_OK || (w->solver == TT1_SOLVER_VARPRO && strstr(err.message, "varpro cannot")),
       "plan", err.message);
  return plan;
}

/** The same in float. */
static inline tt1_plan *plan_way(tt1_device *device, const tt1_model *model,
                                 const tt1_design *design, const way *w, int is_signed)
{
  return plan_way_in(TT1_FLOAT, device, model, design, w, is_signed);
}

/* What a scanner or a careless program may leave in a voxel. */
static inline void break_voxel(float *signal, int n_samples, int64_t n, int64_t v)
{
  for (int j = 0; j < n_samples; j++) {
    float *at = &signal[j * n + v];
    switch (v % 101) {
    case 7: *at = 0; break;
    case 13: *at = 250; break;
    case 29: *at = j == 3 ? NAN : *at; break;
    case 31: *at = j == 5 ? INFINITY : *at; break;
    case 43: *at = *at * 1e20F; break;
    case 47: *at = *at * 1e15F; break;
    case 59: *at = *at * 1e-25F; break;
    case 61: *at = j == 2 ? 1000.0F : 0.0F; break;
    case 67: *at = (float)(j + 1); break;
    case 71: *at = (float)(n_samples + 1 - j); break;
    default: break;
    }
  }
}

/** Noisy voxels, C / sigma about 30, some broken: signal[j * n + v]. */
static inline float *simulate_hash_voxels(const tt1_model *model, const acquisition *a,
                                          int is_signed, int64_t n)
{
  uint64_t seed = 20260 + (uint64_t)strlen(tt1_model_name(model));
  tt1_model *source = without_abs(model);
  float *signal = space((size_t)(a->design.n_samples * n), sizeof *signal);
  for (int64_t v = 0; v < n; v++) {
    double p[8], y[MAX_TIMES];
    draw_parameters(model, &seed, p);
    evaluate_voxel(source, a, p, y);
    for (int j = 0; j < a->design.n_samples; j++) {
      double value = y[j] + p[0] / 30 * near_normal(&seed);
      signal[j * n + v] =
          (float)(is_signed || !tt1_model_is_magnitude(model) ? value : fabs(value));
    }
    break_voxel(signal, a->design.n_samples, n, v);
  }
  tt1_model_free(source);
  return signal;
}
#endif
