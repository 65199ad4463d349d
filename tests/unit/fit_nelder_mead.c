/* SPDX-License-Identifier: MIT
 * nelder-mead against SciPy: a stored table always, SciPy itself where it is
 * installed; its limits, its outcome, its refusals. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "fit_support.h"

enum { N = 8, LIVE = 2000 };

/* What was found for voxel v: parameter i at [i * n + v]; evaluations last. */
typedef struct walk {
  double *parameters, *evaluations, *rmse;
  uint8_t *outcome;
} walk;

static tt1_plan_options like_scipy(const char *model)
{
  tt1_plan_options options = TT1_PLAN_OPTIONS_INIT;
  options.solver = TT1_SOLVER_NELDER_MEAD;
  options.start = TT1_START_FIXED;
  options.sign = TT1_SIGN_MAGNITUDE;
  options.amplitude_limit = strcmp(model, "molli") ? 0 : 5;
  return options;
}

static walk fit(const char *name, const float *signal, int64_t n, const tt1_plan_options *options,
                int threads)
{
  acquisition a;
  tt1_output outputs[8];
  tt1_error err = {0};
  tt1_model *model = shipped(name);
  tt1_device *device = processor(NULL, threads);
  tt1_series series = {.signal = signal, .n_voxels = n};
  int n_parameters = tt1_model_n_parameters(model), at = 0;
  walk w = {space((size_t)(n_parameters * n), sizeof(double)), space((size_t)n, sizeof(double)),
            space((size_t)n, sizeof(double)), space((size_t)n, 1)};
  acquire(&a, model);
  tt1_plan *plan = planned(device, model, &a.design, options);
  for (; at < n_parameters; at++)
    outputs[at] =
        (tt1_output){tt1_model_parameter(model, at)->name, TT1_FLOAT64, w.parameters + at * n};
  outputs[at++] = (tt1_output){"evaluations", TT1_FLOAT64, w.evaluations};
  outputs[at++] = (tt1_output){"rmse", TT1_FLOAT64, w.rmse};
  outputs[at++] = (tt1_output){"outcome", TT1_UINT8, w.outcome};
  need(tt1_plan_run(plan, &series, NULL, outputs, at, NULL, NULL, &err) == TT1_OK, "run",
       err.message);
  tt1_plan_free(plan);
  tt1_device_free(device);
  tt1_model_free(model);
  return w;
}

static void free_walk(walk *w)
{
  free(w->parameters);
  free(w->evaluations);
  free(w->rmse);
  free(w->outcome);
}

static double apart(double a, double b)
{
  return fabs(a - b) / fmax(fabs(b), 1e-300);
}

static double molli_T1(const double *p, int64_t stride)
{
  return (p[stride] - 1) * p[2 * stride];
}

/* ---- The stored table ----------------------------------------------------- */

typedef struct row {
  const char *model;
  float signal[N];
  double parameters[3], value;
  int evaluations;
} row;

#define LIST(...) \
  {               \
    __VA_ARGS__   \
  }
#define SCIPY(model, signal, parameters, value, evaluations) \
  {model, LIST signal, LIST parameters, value, evaluations},
static const row ROWS[] = {
#include "nelder_mead.def"
};
enum { N_ROWS = sizeof ROWS / sizeof *ROWS };

static void the_stored_table_is_met(void **state)
{
  (void)state;
  int differ = 0, longest = 0;
  for (int i = 0; i < N_ROWS; i++) {
    const row *r = &ROWS[i];
    tt1_plan_options options = like_scipy(r->model);
    walk w = fit(r->model, r->signal, 1, &options, 1);
    int same = (int)w.evaluations[0] == r->evaluations;
    differ += !same;
    if (r->evaluations > longest) longest = r->evaluations;
    for (int k = 0; same && k < (strcmp(r->model, "t2") ? 3 : 2); k++)
      if (apart(w.parameters[k], r->parameters[k]) > 1e-6 && r->parameters[k] > 1e-3)
        fail_msg("row %d, %s: parameter %d is %.12g, SciPy has %.12g", i, r->model, k,
                 w.parameters[k], r->parameters[k]);
    if (same) assert_true(apart(w.rmse[0] * w.rmse[0], r->value) < 1e-6);
    free_walk(&w);
  }
  print_message("%d of %d rows with another number of evaluations; at most %d\n", differ,
                (int)N_ROWS, longest);
  assert_true(100 * differ <= N_ROWS);
}

/* ---- SciPy itself --------------------------------------------------------- */

static const char *const SCRIPT = "/usr/bin/python3 " TT1_SOURCE_DIR "/tests/unit/nelder_mead.py";

static int scipy_is_here(void)
{
  char command[4096], version[64] = "";
  snprintf(command, sizeof command, "%s version 2>/dev/null", SCRIPT);
  FILE *pipe = popen(command, "r");
  if (pipe && !fgets(version, sizeof version, pipe)) version[0] = '\0';
  if (pipe) pclose(pipe);
  version[strcspn(version, "\n")] = '\0';
  if (!strncmp(version, "1.10.", 5)) return 1;
  print_message("skipped: SciPy 1.10 is needed, found %s\n", version[0] ? version : "none");
  return 0;
}

/* Tissue at an SNR of 10 to 200, [N][LIVE]. */
static void simulate(float *signal)
{
  tt1_model *model = shipped("molli");
  acquisition a;
  uint64_t seed = 5;
  acquire(&a, model);
  for (int v = 0; v < LIVE; v++) {
    double p[8], y[N], noise;
    draw_parameters(model, &seed, p);
    noise = p[0] / exp(log(10) + uniform(&seed) * log(20));
    evaluate_voxel(model, &a, p, y);
    for (int j = 0; j < N; j++)
      signal[j * LIVE + v] = (float)fabs(y[j] + noise * near_normal(&seed));
  }
  tt1_model_free(model);
}

static double *ask_scipy(const float *signal)
{
  char folder[] = "/tmp/torcht1-test-XXXXXX", command[4096], name[2][64];
  double *found = space(LIVE * 5, sizeof *found);
  need(mkdtemp(folder) != NULL, folder, "cannot be made");
  snprintf(name[0], sizeof name[0], "%s/signal", folder);
  snprintf(name[1], sizeof name[1], "%s/results", folder);
  FILE *file = fopen(name[0], "wb");
  need(file != NULL, name[0], "cannot be made");
  for (int v = 0; v < LIVE; v++)
    for (int j = 0; j < N; j++)
      need(fwrite(&signal[j * LIVE + v], sizeof *signal, 1, file) == 1, name[0], "cannot write");
  need(fclose(file) == 0, name[0], "cannot write");
  snprintf(command, sizeof command, "%s fit %s %s", SCRIPT, name[0], name[1]);
  need(system(command) == 0, command, "failed");
  file = fopen(name[1], "rb");
  need(file && fread(found, 5 * sizeof *found, LIVE, file) == LIVE, name[1], "cannot be read");
  fclose(file);
  snprintf(command, sizeof command, "rm -r %s", folder);
  need(system(command) == 0, command, "failed");
  return found;
}

static void scipy_walks_the_same_way(void **state)
{
  (void)state;
  if (!scipy_is_here()) skip();
  float *signal = space(N * LIVE, sizeof *signal);
  simulate(signal);
  double *theirs = ask_scipy(signal), farthest = 0;
  tt1_plan_options options = like_scipy("molli");
  walk ours = fit("molli", signal, LIVE, &options, 2);
  int same = 0;
  for (int v = 0; v < LIVE; v++) {
    if ((int)ours.evaluations[v] != (int)theirs[5 * v + 4]) continue;
    same++;
    farthest =
        fmax(farthest, apart(molli_T1(ours.parameters + v, LIVE), molli_T1(theirs + 5 * v, 1)));
  }
  print_message("the same number of evaluations in %d of %d voxels; T1 there within %.3g\n", same,
                (int)LIVE, farthest);
  assert_true(same >= 0.99 * LIVE);
  assert_true(farthest <= 1e-6);
  free_walk(&ours);
  free(theirs);
  free(signal);
}

/* ---- The rest ------------------------------------------------------------- */

static void limits_are_kept(void **state)
{
  (void)state;
  tt1_plan_options options = like_scipy("molli");
  options.tolerance = 1e-15; // never small enough
  walk w = fit("molli", ROWS[0].signal, 1, &options, 1);
  assert_int_equal((int)w.evaluations[0], 600);
  free_walk(&w);
  options.max_iterations = 5; // of which the first is the simplex itself: four evaluations
  w = fit("molli", ROWS[0].signal, 1, &options, 1);
  assert_true(w.evaluations[0] >= 4 + 4 && w.evaluations[0] <= 4 + 4 * 5);
  assert_int_equal(w.outcome[0], TT1_MAX_ITERATIONS);
  free_walk(&w);
}

/* From the grid it ends where varpro does, also where one fixed start misleads. */
static void the_grid_makes_it_global(void **state)
{
  (void)state;
  float *signal = space(N * LIVE, sizeof *signal);
  simulate(signal);
  tt1_plan_options options = TT1_PLAN_OPTIONS_INIT;
  tt1_device *device = processor(NULL, 2);
  tt1_model *model = shipped("molli");
  acquisition a;
  acquire(&a, model);
  results r[2];
  for (int i = 0; i < 2; i++) {
    options.solver = i ? TT1_SOLVER_NELDER_MEAD : TT1_SOLVER_VARPRO;
    tt1_plan *plan = planned(device, model, &a.design, &options);
    r[i] = run_all(plan, signal, LIVE, NULL);
    tt1_plan_free(plan);
  }
  int near = 0, converged = 0;
  const float *rmse[2] = {r[0].values + (r[0].n_rows - 1) * LIVE,
                          r[1].values + (r[1].n_rows - 1) * LIVE};
  for (int v = 0; v < LIVE; v++) {
    near += (double)rmse[1][v] <= (double)rmse[0][v] * (1 + 1e-4);
    converged += r[1].codes[v] == TT1_CONVERGED || r[1].codes[v] == TT1_AT_BOUND;
  }
  print_message("at the optimum of varpro: %d, converged: %d of %d\n", near, converged, (int)LIVE);
  assert_true(near >= 0.97 * LIVE && converged >= 0.97 * LIVE);
  free_results(&r[0]);
  free_results(&r[1]);
  tt1_model_free(model);
  tt1_device_free(device);
  free(signal);
}

static void amplitudes_stay_within_their_limit(void **state)
{
  (void)state;
  static const float FLAT[N] = {1, 2, 3, 4, 5, 6, 7, 8}; // recovers for ever: C grows
  tt1_plan_options options = like_scipy("molli");
  for (int s = 0; s < 2; s++) {
    options.solver = s ? TT1_SOLVER_NELDER_MEAD : TT1_SOLVER_ADAM;
    options.start = TT1_START_GRID;
    options.amplitude_limit = 1.01;
    acquisition a;
    tt1_model *model = shipped("molli");
    tt1_device *device = processor(NULL, 1);
    acquire(&a, model);
    tt1_plan *plan = planned(device, model, &a.design, &options);
    results r = run_all(plan, FLAT, 1, NULL);
    assert_true(fabs((double)r.values[0] - 8.08) < 1e-3);
    assert_true(r.codes[1] & 1); // C sits on it
    free_results(&r);
    tt1_plan_free(plan);
    tt1_device_free(device);
    tt1_model_free(model);
  }
}

static void what_it_cannot_do_is_refused(void **state)
{
  (void)state;
  tt1_plan_options options = TT1_PLAN_OPTIONS_INIT;
  tt1_device *device = processor(NULL, 1);
  tt1_model *model = shipped("molli");
  tt1_plan *plan = NULL;
  tt1_error err = {0};
  acquisition a;
  acquire(&a, model);
  options.amplitude_limit = 5;
  assert_int_equal(tt1_plan_create(&plan, device, model, &a.design, &options, &err),
                   TT1_BAD_ARGUMENT);
  assert_string_equal(err.message, "varpro knows no limit on amplitudes; use adam or nelder-mead");
  options.amplitude_limit = -1;
  assert_int_equal(tt1_plan_create(&plan, device, model, &a.design, &options, &err),
                   TT1_BAD_ARGUMENT);
  options = (tt1_plan_options)TT1_PLAN_OPTIONS_INIT;
  plan = planned(device, model, &a.design, &options);
  double number;
  tt1_output output = {"evaluations", TT1_FLOAT64, &number};
  tt1_series series = {.signal = ROWS[0].signal, .n_voxels = 1};
  assert_int_equal(tt1_plan_run(plan, &series, NULL, &output, 1, NULL, NULL, &err),
                   TT1_BAD_ARGUMENT); // varpro does not count
  tt1_plan_free(plan);
  tt1_model_free(model);
  tt1_device_free(device);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_stored_table_is_met),
      cmocka_unit_test(scipy_walks_the_same_way),
      cmocka_unit_test(limits_are_kept),
      cmocka_unit_test(the_grid_makes_it_global),
      cmocka_unit_test(amplitudes_stay_within_their_limit),
      cmocka_unit_test(what_it_cannot_do_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
