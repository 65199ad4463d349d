/* SPDX-License-Identifier: MIT
 * What a plan says of each sample: the prediction is the model at the parameters that it gives, and the leverage
 * the diagonal of the hat matrix of their Jacobian, both computed here in double from the public calls. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "fit_support.h"

enum { VOXELS = 300, MOST = 4 };

/* The diagonal of J (J'J)^-1 J' by Gram-Schmidt of its columns. */
static void hat_diagonal(double *hat, double (*jacobian)[8], int n, int p)
{
  double q[MOST][MAX_TIMES];
  int count = 0;
  for (int j = 0; j < n; j++)
    hat[j] = 0;
  for (int i = 0; i < p; i++) {
    for (int j = 0; j < n; j++)
      q[count][j] = jacobian[j][i];
    for (int twice = 0; twice < 2; twice++)
      for (int k = 0; k < count; k++) {
        double share = 0;
        for (int j = 0; j < n; j++)
          share += q[k][j] * q[count][j];
        for (int j = 0; j < n; j++)
          q[count][j] -= share * q[k][j];
      }
    double norm = 0;
    for (int j = 0; j < n; j++)
      norm += q[count][j] * q[count][j];
    for (int j = 0; j < n; j++) {
      q[count][j] /= sqrt(norm);
      hat[j] += q[count][j] * q[count][j];
    }
    count++;
  }
}

/* Row of output PREFIX_j, j from 1. */
static int row_of_sample(const tt1_plan *plan, const char *prefix, int j)
{
  char name[32];
  snprintf(name, sizeof name, "%s_%d", prefix, j);
  for (int i = 0; tt1_plan_output_name(plan, i); i++)
    if (!strcmp(tt1_plan_output_name(plan, i), name)) return i;
  fail_msg("no output %s", name);
  return -1;
}

static void check(const char *name, tt1_precision precision, double tolerance)
{
  tt1_model *model = shipped(name);
  tt1_device *device = processor(NULL, 1);
  acquisition a;
  acquire(&a, model);
  int n = a.design.n_samples, p = tt1_model_n_parameters(model), n_rows = 0, judged = 0;
  uint64_t seed = 9;
  float *signal = space((size_t)n * VOXELS, sizeof *signal);
  for (int v = 0; v < VOXELS; v++) {
    double parameters[MOST], clean[MAX_TIMES];
    draw_parameters(model, &seed, parameters);
    evaluate_voxel(model, &a, parameters, clean);
    for (int j = 0; j < n; j++)
      signal[j * VOXELS + v] = (float)(clean[j] + 2 * near_normal(&seed));
  }
  tt1_plan_options options = TT1_PLAN_OPTIONS_INIT;
  options.samples = 1;
  options.precision = precision;
  tt1_plan *plan = planned(device, model, &a.design, &options);
  while (tt1_plan_output_name(plan, n_rows))
    n_rows++;
  tt1_output *outputs = space((size_t)n_rows, sizeof *outputs);
  for (int i = 0; i < n_rows; i++) {
    int is_code = tt1_plan_output_type(plan, i) == TT1_UINT8;
    assert_true(is_code || tt1_plan_output_type(plan, i) ==
                               (precision == TT1_DOUBLE ? TT1_FLOAT64 : TT1_FLOAT32));
    outputs[i] = (tt1_output){tt1_plan_output_name(plan, i), is_code ? TT1_UINT8 : TT1_FLOAT64,
                              space(VOXELS, sizeof(double))};
  }
  const tt1_series series = {.signal = signal, .n_voxels = VOXELS};
  assert_int_equal(tt1_plan_run(plan, &series, NULL, outputs, n_rows, NULL, NULL, NULL), TT1_OK);
  int outcome_row = 2 * (p + tt1_model_n_maps(model)) + 2;
  for (int v = 0; v < VOXELS; v++) {
    double parameters[MOST], values[MAX_TIMES], jacobian[MAX_TIMES][8], hat[MAX_TIMES], sum = 0;
    if (((const uint8_t *)outputs[outcome_row].data)[v] != TT1_CONVERGED) continue;
    for (int i = 0; i < p; i++)
      parameters[i] = ((const double *)outputs[i].data)[v];
    evaluate_gradient(model, &a, parameters, values, jacobian);
    hat_diagonal(hat, jacobian, n, p);
    for (int j = 0; j < n; j++) {
      double predicted = ((double *)outputs[row_of_sample(plan, "predicted", j + 1)].data)[v];
      double leverage = ((double *)outputs[row_of_sample(plan, "leverage", j + 1)].data)[v];
      if (fabs(predicted - values[j]) > tolerance * 1000 ||
          fabs(leverage - hat[j]) > 100 * tolerance)
        fail_msg("%s, voxel %d, sample %d: predicted %g, not %g; leverage %g, not %g", name, v,
                 j + 1, predicted, values[j], leverage, hat[j]);
      sum += leverage;
    }
    assert_true(fabs(sum - p) < 1e3 * tolerance); // the trace of a projection
    judged++;
  }
  assert_true(judged > VOXELS / 2);
  for (int i = 0; i < n_rows; i++)
    free(outputs[i].data);
  free(outputs);
  free(signal);
  tt1_plan_free(plan);
  tt1_device_free(device);
  tt1_model_free(model);
}

static void samples_are_as_the_model_says(void **state)
{
  (void)state;
  static const char *const MODELS[] = {"molli", "sasha2", "t2", "vfa",
                                       "irse"}; // times in any order
  for (size_t i = 0; i < sizeof MODELS / sizeof *MODELS; i++) {
    check(MODELS[i], TT1_FLOAT, 1e-5);
    check(MODELS[i], TT1_DOUBLE, 1e-9);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(samples_are_as_the_model_says)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
