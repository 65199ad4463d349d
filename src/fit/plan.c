/* SPDX-License-Identifier: MIT
 * Making plans: options with their defaults, the choice of solver, the tables. */
#include "fit/plan.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"

/* One row per solver, in the order of tt1_solver. */
static const struct {
  const char *name;
  int max_iterations;
  double tolerance;
} SOLVERS[] = {
    [TT1_SOLVER_AUTO] = {"auto", 0, 0},
    [TT1_SOLVER_VARPRO] = {"varpro", 0, 0},
    [TT1_SOLVER_LM] = {"lm", 60, 1e-6},
    [TT1_SOLVER_ADAM] = {"adam", 10000, 0},
    [TT1_SOLVER_NELDER_MEAD] = {"nelder-mead", 0, 1e-4}, // iterations: see tables.c
};
enum { N_SOLVERS = sizeof SOLVERS / sizeof *SOLVERS, MAX_ROUNDS = 1000000 };

/* The kernels know the enumerations of torcht1.h by names of their own. */
static_assert(SOLVE_VARPRO == (int)TT1_SOLVER_VARPRO && SOLVE_LM == (int)TT1_SOLVER_LM &&
                  SOLVE_ADAM == (int)TT1_SOLVER_ADAM &&
                  SOLVE_NELDER_MEAD == (int)TT1_SOLVER_NELDER_MEAD,
              "solvers of the kernels");
static_assert(NOISE_GAUSSIAN == (int)TT1_NOISE_GAUSSIAN && NOISE_RICIAN == (int)TT1_NOISE_RICIAN &&
                  NOISE_ROBUST == (int)TT1_NOISE_ROBUST,
              "noise of the kernels");
static_assert(CONVERGED == (int)TT1_CONVERGED && MAX_ITERATIONS == (int)TT1_MAX_ITERATIONS &&
                  SINGULAR == (int)TT1_SINGULAR && NOT_FINITE == (int)TT1_NOT_FINITE &&
                  AT_BOUND == (int)TT1_AT_BOUND,
              "outcomes of the kernels");
/* GPUs get the setup as a text of integers. */
static_assert(sizeof(fit_setup) % sizeof(int) == 0, "a setup is an array of int");

const char *tt1_solver_name(tt1_solver solver)
{
  return (int)solver >= 0 && (int)solver < N_SOLVERS ? SOLVERS[solver].name : NULL;
}

const char *tt1_noise_name(tt1_noise noise)
{
  static const char *const NAMES[] = {"gaussian", "rician", "robust"};
  static_assert(sizeof NAMES / sizeof *NAMES == TT1_NOISE_ROBUST + 1, "a name for each noise");
  return (int)noise >= 0 && (int)noise <= TT1_NOISE_ROBUST ? NAMES[noise] : NULL;
}

const char *tt1_outcome_name(tt1_outcome outcome)
{
  static const char *const NAMES[] = {"converged",  "max_iterations", "singular",
                                      "not_finite", "at_bound",       "masked"};
  static_assert(sizeof NAMES / sizeof *NAMES == TT1_MASKED + 1, "a name for each outcome");
  return (int)outcome >= 0 && (int)outcome <= TT1_MASKED ? NAMES[outcome] : NULL;
}

static tt1_status choose_solver(tt1_plan_options *options, const tt1_model *model, tt1_error *err)
{
  const char *why = model->structure.why_not_varpro;
  if (options->solver == TT1_SOLVER_AUTO)
    options->solver = why || options->start == TT1_START_FIXED ? TT1_SOLVER_LM : TT1_SOLVER_VARPRO;
  if (options->solver != TT1_SOLVER_VARPRO) return TT1_OK;
  if (why)
    return tt1__error_set(err, TT1_BAD_ARGUMENT, "varpro cannot fit model %s: %s", model->name,
                          why);
  if (options->start == TT1_START_FIXED)
    return tt1__error_set(
        err, TT1_BAD_ARGUMENT,
        "varpro searches globally and takes no fixed start; use lm, adam or nelder-mead");
  return TT1_OK;
}

/* The weighed fits go on from least squares by steps of lm. */
static tt1_status check_noise(tt1_plan_options *options, tt1_error *err)
{
  int is_least_squares = options->noise == TT1_NOISE_GAUSSIAN;
  if (tt1_noise_name(options->noise) == NULL)
    return tt1__error_set(err, TT1_BAD_ARGUMENT, "noise %d is unknown", (int)options->noise);
  if (!is_least_squares && options->solver != TT1_SOLVER_VARPRO && options->solver != TT1_SOLVER_LM)
    return tt1__error_set(err, TT1_BAD_ARGUMENT,
                          "%s minimises squares only; %s noise takes varpro or lm",
                          SOLVERS[options->solver].name, tt1_noise_name(options->noise));
  if (options->noise == TT1_NOISE_RICIAN && options->sign == TT1_SIGN_SIGNED)
    return tt1__error_set(err, TT1_BAD_ARGUMENT,
                          "rician noise is that of magnitudes, and the samples are signed");
  if (options->noise == TT1_NOISE_RICIAN && !(options->sigma > 0))
    return tt1__error_set(err, TT1_BAD_ARGUMENT,
                          "rician noise needs sigma; tt1_sigma_estimate() estimates it");
  if ((int)options->sigma_from < 0 || options->sigma_from > TT1_SIGMA_MIDDLE)
    return tt1__error_set(err, TT1_BAD_ARGUMENT, "source %d of sigma is unknown",
                          (int)options->sigma_from);
  if (!is_least_squares && !options->max_iterations)
    options->max_iterations = SOLVERS[TT1_SOLVER_LM].max_iterations;
  if (!is_least_squares && options->tolerance <= 0)
    options->tolerance = SOLVERS[TT1_SOLVER_LM].tolerance;
  return TT1_OK;
}

/* What only some solvers can do. */
static tt1_status check_solver(const tt1_plan_options *options, tt1_error *err)
{
  int is_simple = options->solver == TT1_SOLVER_ADAM || options->solver == TT1_SOLVER_NELDER_MEAD;
  if (options->amplitude_limit > 0 && !is_simple)
    return tt1__error_set(err, TT1_BAD_ARGUMENT,
                          "%s knows no limit on amplitudes; use adam or nelder-mead",
                          SOLVERS[options->solver].name);
  return TT1_OK;
}

static tt1_status check_options(const tt1_plan_options *options, tt1_error *err)
{
  if ((int)options->solver < 0 || (int)options->solver >= N_SOLVERS)
    return tt1__error_set(err, TT1_BAD_ARGUMENT, "solver %d is unknown", (int)options->solver);
  if (options->max_iterations < 0 || options->max_iterations > MAX_ROUNDS)
    return tt1__error_set(err, TT1_BAD_ARGUMENT, "%d iterations, expected 1 to %d",
                          options->max_iterations, (int)MAX_ROUNDS);
  if (!(options->tolerance >= 0 && options->tolerance < 1))
    return tt1__error_set(err, TT1_BAD_ARGUMENT, "tolerance %g, expected 0 to 1",
                          options->tolerance);
  if (!(options->learning_rate >= 0 && options->learning_rate <= 10))
    return tt1__error_set(err, TT1_BAD_ARGUMENT, "learning rate %g, expected 0 to 10",
                          options->learning_rate);
  if (!(options->amplitude_limit >= 0 && isfinite(options->amplitude_limit)))
    return tt1__error_set(err, TT1_BAD_ARGUMENT, "amplitude limit %g, expected a positive number",
                          options->amplitude_limit);
  if (!(options->sigma >= 0 && isfinite(options->sigma)))
    return tt1__error_set(err, TT1_BAD_ARGUMENT, "sigma %g, expected a positive number",
                          options->sigma);
  return TT1_OK;
}

static tt1_status complete_options(tt1_plan_options *out, const tt1_plan_options *options,
                                   const tt1_model *model, tt1_error *err)
{
  *out = (tt1_plan_options)TT1_PLAN_OPTIONS_INIT;
  if (options) *out = *options;
  tt1_status status =
      tt1__check_version("tt1_plan_options", out->version, TT1_PLAN_OPTIONS_VERSION, err);
  if (!status) status = check_options(out, err);
  if (!status) status = choose_solver(out, model, err);
  if (!status) status = check_solver(out, err);
  if (!status) status = check_noise(out, err);
  if (status) return status;
  if (out->solver == TT1_SOLVER_NELDER_MEAD) out->precision = TT1_DOUBLE;
  if (!out->max_iterations) out->max_iterations = SOLVERS[out->solver].max_iterations;
  if (out->tolerance <= 0) out->tolerance = SOLVERS[out->solver].tolerance;
  if (out->learning_rate <= 0) out->learning_rate = 3e-4;
  return TT1_OK;
}

/* Add the name of the next output, in up to four pieces; 0 if memory ran out. */
static int add_name(tt1_plan *plan, const char *a, const char *b, const char *c, const char *d)
{
  tt1__text text = {0};
  assert(plan->n_rows < TT1__MAX_ROWS);
  tt1__text_add(&text, "%s%s%s%s", a, b, c, d);
  plan->names[plan->n_rows] = tt1__text_take(&text);
  return plan->names[plan->n_rows] ? ++plan->n_rows : 0;
}

/* Outputs of every sample: rows are in the order of the plan, names count as the design does. */
static int add_sample_names(tt1_plan *plan, const char *what)
{
  int is_named = 1;
  for (int j = 0; j < plan->samples.n && is_named; j++) {
    char number[16];
    snprintf(number, sizeof number, "%d", plan->samples.order[j] + 1);
    is_named = add_name(plan, what, number, "", "");
  }
  return is_named;
}

/* In the order of the rows of kernel/finish.h. */
static tt1_status name_outputs(tt1_plan *plan)
{
  static const char *const SUFFIXES[] = {"", "_sd"};
  static const char *const LAST[] = {"rsquared", "rmse", "outcome", "bounds"};
  const tt1_model *m = plan->model;
  int n = m->n_parameters, is_named = 1;
  plan->names = tt1__allocate(TT1__MAX_ROWS + 1, sizeof *plan->names);
  if (!plan->names) return TT1_NO_MEMORY;
  for (int s = 0; s < 2; s++) {
    for (int i = 0; i < n && is_named; i++)
      is_named = add_name(plan, m->parameters[i].name, SUFFIXES[s], "", "");
    for (int i = 0; i < m->n_maps && is_named; i++)
      is_named = add_name(plan, m->maps[i].name, SUFFIXES[s], "", "");
  }
  plan->codes = plan->n_rows + 2;
  for (size_t i = 0; i < sizeof LAST / sizeof *LAST && is_named; i++)
    is_named = add_name(plan, LAST[i], "", "", "");
  if (is_named && plan->options.solver == TT1_SOLVER_NELDER_MEAD)
    is_named = add_name(plan, "evaluations", "", "", "");
  for (int i = 0; plan->options.covariance && i < n; i++)
    for (int k = 0; k <= i && is_named; k++)
      is_named = add_name(plan, "cov_", m->parameters[i].name, "_", m->parameters[k].name);
  if (plan->options.samples && is_named) is_named = add_sample_names(plan, "predicted_");
  if (plan->options.samples && is_named) is_named = add_sample_names(plan, "leverage_");
  return is_named ? TT1_OK : TT1_NO_MEMORY;
}

static tt1_status make_tables(tt1_plan *plan, tt1_error *err)
{
  tt1_sign sign = plan->options.sign;
  tt1_status status = TT1_OK;
  if (plan->model->is_magnitude && sign != TT1_SIGN_SIGNED)
    status =
        tt1__tables_make(&plan->magnitude, plan->model, &plan->samples, &plan->options, 1, err);
  if (!status && (!plan->model->is_magnitude || sign != TT1_SIGN_MAGNITUDE))
    status =
        tt1__tables_make(&plan->is_signed, plan->model, &plan->samples, &plan->options, 0, err);
  return status;
}

static tt1_status check_device(const tt1_device *device, const tt1_plan_options *options,
                               tt1_error *err)
{
  if (device->kind->has_double) return TT1_OK;
  if (options->solver == TT1_SOLVER_NELDER_MEAD)
    return tt1__error_set(err, TT1_BAD_ARGUMENT,
                          "nelder-mead runs on the processor only, not on device %s", device->name);
  if (options->precision == TT1_DOUBLE)
    return tt1__error_set(err, TT1_BAD_ARGUMENT,
                          "device %s fits in float; double precision runs on the processor",
                          device->name);
  return TT1_OK;
}

tt1_status tt1_plan_create(tt1_plan **out, tt1_device *device, const tt1_model *model,
                           const tt1_design *design, const tt1_plan_options *options,
                           tt1_error *err)
{
  tt1_plan *plan = tt1__allocate(1, sizeof *plan);
  if (!plan) return tt1__no_memory(err);
  plan->device = plan->ran_on = device;
  plan->model = model;
  tt1_status status = complete_options(&plan->options, options, model, err);
  if (!status) status = check_device(device, &plan->options, err);
  if (!status) status = tt1__samples_from(&plan->samples, model, design, err);
  if (!status) status = make_tables(plan, err);
  if (!status && name_outputs(plan)) status = tt1__no_memory(err);
  if (status) {
    tt1_plan_free(plan);
    return status;
  }
  *out = plan;
  return TT1_OK;
}

void tt1_plan_free(tt1_plan *plan)
{
  if (!plan) return;
  for (int i = 0; plan->names && plan->names[i]; i++)
    tt1__free(plan->names[i]);
  tt1__free(plan->names);
  for (int i = 0; i < 4 * TT1__N_DATA; i++)
    tt1__fitter_free(plan->fitters[i & 1][i >> 2][i >> 1 & 1]);
  tt1__tables_free(&plan->magnitude);
  tt1__tables_free(&plan->is_signed);
  tt1__free(plan);
}

tt1_solver tt1_plan_solver(const tt1_plan *plan)
{
  return plan->options.solver;
}

const tt1_device *tt1_plan_device(const tt1_plan *plan)
{
  return plan->ran_on;
}

const char *tt1_plan_device_reason(const tt1_plan *plan)
{
  return plan->reason;
}

const char *tt1_plan_kernels(const tt1_plan *plan, const char **why)
{
  const tt1__fitter *last = plan->last;
  if (why) *why = last && last->jit.why.status ? last->jit.why.message : NULL;
  if (!last) return "none";
  if (!last->lanes) return "driver";
  if (last->jit.lanes) return "compiled";
  return last->lanes->model ? "shipped" : "interpreted";
}

const char *tt1_plan_output_name(const tt1_plan *plan, int index)
{
  return index >= 0 && index < plan->n_rows ? plan->names[index] : NULL;
}

tt1_type tt1_plan_output_type(const tt1_plan *plan, int index)
{
  if (index == plan->codes || index == plan->codes + 1) return TT1_UINT8;
  return plan->options.precision == TT1_DOUBLE ? TT1_FLOAT64 : TT1_FLOAT32;
}

int tt1__plan_row(const tt1_plan *plan, const char *name)
{
  for (int i = 0; plan->names[i]; i++)
    if (!strcmp(plan->names[i], name)) return i;
  return -1;
}

tt1_status tt1__plan_fitter(tt1__fitter **out, tt1_plan *plan, tt1_device *device, tt1__data data,
                            int has_starts, tt1_error *err)
{
  tt1__fitter **kept = &plan->fitters[device != plan->device][data][has_starts];
  const tt1__tables *t = data == TT1__SIGNED ? &plan->is_signed : &plan->magnitude;
  tt1__job job = {.model = plan->model,
                  .setup = t->setup,
                  .numbers = t->numbers,
                  .numbers_float = t->numbers_float,
                  .integers = t->integers,
                  .n_numbers = t->n_numbers,
                  .n_integers = t->n_integers,
                  .n_rows = plan->n_rows,
                  .is_double = plan->options.precision == TT1_DOUBLE};
  job.setup.has_signs = data == TT1__WITH_SIGNS;
  job.setup.has_starts = has_starts;
  if (has_starts) job.setup.n_voxel_known += plan->model->n_parameters;
  job.n_inputs = job.setup.n_samples * (job.setup.has_signs ? 2 : 1) + job.setup.n_voxel_known;
  tt1_status status = *kept ? TT1_OK : tt1__fitter_create(kept, device, &job, err);
  if (!status) *out = *kept;
  return status;
}
