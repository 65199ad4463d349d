/* SPDX-License-Identifier: MIT
 * Parameters come back: noise-free voxels of every shipped model, and data sets
 * of the NIST Statistical Reference Datasets (itl.nist.gov/div898/strd) through
 * models written as a user would. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "fit_support.h"

enum { VOXELS = 500 };

/* The largest relative error over all voxels and parameters. */
static double worst_error(const results *r, int n_parameters, const double *truth)
{
  double worst = 0;
  for (int i = 0; i < n_parameters; i++)
    for (int v = 0; v < VOXELS; v++) {
      double p = truth[i * VOXELS + v];
      double off = fabs((double)r->values[i * VOXELS + v] - p) / p;
      worst = off > worst ? off : worst;
    }
  return worst;
}

/* Fit in double and compare in double: run_all() rounds to float. */
static double worst_in_double(tt1_plan *plan, const tt1_model *model, const float *signal,
                              const double *truth)
{
  double worst = 0, *map = space(VOXELS, sizeof *map);
  tt1_series series = {.signal = signal, .n_voxels = VOXELS};
  for (int i = 0; i < tt1_model_n_parameters(model); i++) {
    tt1_output output = {tt1_model_parameter(model, i)->name, TT1_FLOAT64, map};
    assert_int_equal(tt1_plan_run(plan, &series, NULL, &output, 1, NULL, NULL, NULL), TT1_OK);
    for (int v = 0; v < VOXELS; v++) {
      double off = fabs(map[v] / truth[i * VOXELS + v] - 1);
      worst = off > worst ? off : worst;
    }
  }
  free(map);
  return worst;
}

static void recover(const tt1_model *model, tt1_solver solver, const acquisition *a,
                    const float *signal, const double *truth)
{
  const char *name = tt1_model_name(model);
  tt1_device *device = processor(NULL, 0);
  tt1_plan_options options = TT1_PLAN_OPTIONS_INIT;
  options.solver = solver;
  options.tolerance = 1e-12;
  options.max_iterations = 200;
  tt1_plan *plan = NULL, *reference = NULL;
  tt1_error err = {0};
  if (tt1_plan_create(&plan, device, model, &a->design, &options, &err)) {
    assert_non_null(strstr(err.message, "varpro cannot fit"));
    tt1_device_free(device);
    return;
  }
  options.precision = TT1_DOUBLE;
  reference = planned(device, model, &a->design, &options);
  results r = run_all(plan, signal, VOXELS, NULL);
  double in_float = worst_error(&r, tt1_model_n_parameters(model), truth);
  double in_double = worst_in_double(reference, model, signal, truth);
  print_message("%s, %s: worst relative error %.1e in float, %.1e in double\n", name,
                tt1_solver_name(solver), in_float, in_double);
  for (int v = 0; v < VOXELS; v++)
    assert_int_equal(r.codes[v], TT1_CONVERGED);
  assert_true(in_float <= 5e-4);
  assert_true(in_double <= 5e-6); // the samples themselves are rounded to float
  free_results(&r);
  tt1_plan_free(plan);
  tt1_plan_free(reference);
  tt1_device_free(device);
}

static void every_shipped_model_recovers_its_parameters(void **state)
{
  (void)state;
  for (int m = 0; tt1_builtin_name(m); m++) {
    acquisition a;
    uint64_t seed = 99;
    tt1_model *model = shipped(tt1_builtin_name(m));
    acquire(&a, model);
    int n = a.design.n_samples, n_parameters = tt1_model_n_parameters(model);
    float *signal = space((size_t)(n * VOXELS), sizeof *signal);
    double *truth = space((size_t)(n_parameters * VOXELS), sizeof *truth);
    for (int v = 0; v < VOXELS; v++) {
      double p[8], y[MAX_TIMES];
      draw_parameters(model, &seed, p);
      evaluate_voxel(model, &a, p, y);
      for (int i = 0; i < n_parameters; i++)
        truth[i * VOXELS + v] = p[i];
      for (int j = 0; j < n; j++)
        signal[j * VOXELS + v] = (float)y[j];
    }
    recover(model, TT1_SOLVER_VARPRO, &a, signal, truth);
    recover(model, TT1_SOLVER_LM, &a, signal, truth);
    free(signal);
    free(truth);
    tt1_model_free(model);
  }
}

/* ---- NIST ------------------------------------------------------------------ */

typedef struct nist {
  const char *name, *text;
  int n, n_parameters;
  double x[24], y[24];
  double certified[4], deviation[4]; /* parameters and their standard deviations */
} nist;

static const nist SETS[] = {
    {"Misra1a",
     "model misra\nknown x 1 \"pressure\"\nfind b1 1 \"amplitude\" in [1, 1000] start 500\n"
     "find b2 1 \"rate\" in [1e-5, 0.1] start 1e-4\nsignal b1 * (1 - exp(-b2 * x))\n",
     14,
     2,
     {77.6, 114.9, 141.1, 190.8, 239.9, 289.0, 332.8, 378.4, 434.8, 477.3, 536.8, 593.1, 689.1,
      760.0},
     {10.07, 14.73, 17.94, 23.93, 29.61, 35.18, 40.02, 44.82, 50.76, 55.05, 61.01, 66.40, 75.47,
      81.78},
     {2.3894212918E+02, 5.5015643181E-04},
     {2.7070075241E+00, 7.2668688436E-06}},
    {"BoxBOD",
     "model boxbod\nknown x 1 \"days\"\nfind b1 1 \"amplitude\" in [0, 1000] start 1\n"
     "find b2 1 \"rate\" in [0.01, 10] start 1\nsignal b1 * (1 - exp(-b2 * x))\n",
     6,
     2,
     {1, 2, 3, 5, 7, 10},
     {109, 149, 149, 191, 213, 224},
     {2.1380940889E+02, 5.4723748542E-01},
     {1.2354515176E+01, 1.0455993237E-01}},
    {"DanWood",
     "model danwood\nknown x 1 \"temperature\"\nfind b1 1 \"factor\" in [0.01, 10] start 1\n"
     "find b2 1 \"power\" in [1, 10] start 5\nsignal b1 * x ^ b2\n",
     6,
     2,
     {1.309, 1.471, 1.490, 1.565, 1.611, 1.680},
     {2.138, 3.421, 3.597, 4.340, 4.882, 5.660},
     {7.6886226176E-01, 3.8604055871E+00},
     {1.8281973860E-02, 5.1726610913E-02}},
};

static void check_nist(const nist *set, tt1_solver solver)
{
  acquisition a;
  float signal[24];
  double values[4], deviations[4];
  tt1_plan_options options = TT1_PLAN_OPTIONS_INIT;
  tt1_model *model = from_text(set->text);
  tt1_device *device = processor(NULL, 1);
  tt1_series series = {.signal = signal, .n_voxels = 1};
  acquire_times(&a, "x", set->x, set->n);
  for (int j = 0; j < set->n; j++)
    signal[j] = (float)set->y[j]; // rounded: certified values are met to about 1e-7
  options.solver = solver;
  options.precision = TT1_DOUBLE;
  options.tolerance = 1e-14;
  options.max_iterations = 500;
  tt1_plan *plan = planned(device, model, &a.design, &options);
  for (int i = 0; i < set->n_parameters; i++) {
    tt1_output outputs[] = {
        {tt1_plan_output_name(plan, i), TT1_FLOAT64, &values[i]},
        {tt1_plan_output_name(plan, set->n_parameters + i), TT1_FLOAT64, &deviations[i]}};
    assert_int_equal(tt1_plan_run(plan, &series, NULL, outputs, 2, NULL, NULL, NULL), TT1_OK);
    double off = fabs(values[i] / set->certified[i] - 1);
    double off_sd = fabs(deviations[i] / set->deviation[i] - 1);
    print_message("%s, %s: b%d = %.9g, off by %.1e; SD off by %.1e\n", set->name,
                  tt1_solver_name(solver), i + 1, values[i], off, off_sd);
    assert_true(off <= 2e-7);
    assert_true(off_sd <= 1e-5);
  }
  tt1_plan_free(plan);
  tt1_device_free(device);
  tt1_model_free(model);
}

static void certified_values_are_met(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof SETS / sizeof *SETS; i++)
    check_nist(&SETS[i], TT1_SOLVER_LM);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_shipped_model_recovers_its_parameters),
      cmocka_unit_test(certified_values_are_met),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
