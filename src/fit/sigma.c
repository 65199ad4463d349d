/* SPDX-License-Identifier: MIT
 * The noise of a series, from the residuals of its own fit. */
#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"
#include "fit/run.h"

enum { ROUNDS = 5, FEWEST = 20 };
static const double LEAST_SNR = 10; // Rician magnitudes are Gaussian to 0.3 % from here on

static int compare(const void *a, const void *b)
{
  float x = *(const float *)a, y = *(const float *)b;
  return (x > y) - (x < y);
}

/* Middle of [n] values, sorted in place. */
static double median(float *values, size_t n)
{
  qsort(values, n, sizeof *values, compare);
  return 0.5 * ((double)values[(n - 1) / 2] + (double)values[n / 2]);
}

static float largest(const tt1_series *series, int n_samples, int64_t v)
{
  int64_t stride = tt1__series_stride(series);
  float most = 0;
  for (int j = 0; j < n_samples; j++)
    most = fmaxf(most, fabsf(series->signal[j * stride + v]));
  return most;
}

/* The rmse of a voxel is the SD of the noise times this, at the median: Wilson & Hilferty 1931
 * (doi:10.1073/pnas.17.12.684) for the median of chi-squared. */
static double median_share(int n_samples, int freedom)
{
  double third = 1 - 2 / (9.0 * freedom);
  return sqrt(third * third * third * freedom / n_samples);
}

static double estimate(const tt1_plan *plan, const tt1_series *series, const float *rmse,
                       const uint8_t *outcome, double before, float *kept, size_t *count)
{
  int n = plan->samples.n;
  *count = 0;
  for (int64_t v = 0; v < series->n_voxels; v++)
    if ((outcome[v] == TT1_CONVERGED || outcome[v] == TT1_AT_BOUND) &&
        (double)largest(series, n, v) >= LEAST_SNR * before)
      kept[(*count)++] = rmse[v];
  return *count ? median(kept, *count) / median_share(n, n - plan->model->n_parameters) : 0;
}

static tt1_status iterate(double *sigma, const tt1_plan *plan, const tt1_series *series,
                          const float *rmse, const uint8_t *outcome, float *kept, tt1_error *err)
{
  double value = 0;
  size_t count = 0;
  for (int i = 0; i < ROUNDS; i++)
    value = estimate(plan, series, rmse, outcome, value, kept, &count);
  if (count < FEWEST)
    return tt1__error_set(
        err, TT1_BAD_ARGUMENT,
        "the noise cannot be estimated: %zu voxels have a signal of ten times it, "
        "at least %d are needed",
        count, (int)FEWEST);
  if (!(value > 0))
    return tt1__error_set(err, TT1_BAD_ARGUMENT,
                          "the noise cannot be estimated: half of the voxels fit without residual");
  *sigma = value;
  return TT1_OK;
}

tt1_status tt1_sigma_estimate(double *sigma, tt1_plan *plan, const tt1_series *series,
                              const uint8_t *mask, tt1_error *err)
{
  size_t n = (size_t)(series->n_voxels > 0 ? series->n_voxels : 0);
  if (plan->samples.n <= plan->model->n_parameters)
    return tt1__error_set(err, TT1_BAD_ARGUMENT,
                          "the noise cannot be estimated: %d samples less %d parameters leave no "
                          "degree of freedom",
                          plan->samples.n, plan->model->n_parameters);
  float *rmse = tt1__allocate(n + 1, sizeof *rmse), *kept = tt1__allocate(n + 1, sizeof *kept);
  uint8_t *outcome = tt1__allocate(n + 1, sizeof *outcome);
  tt1_output outputs[] = {{"rmse", TT1_FLOAT32, rmse}, {"outcome", TT1_UINT8, outcome}};
  tt1_status status = TT1_NO_MEMORY;
  if (rmse && kept && outcome) {
    status = tt1_plan_run(plan, series, mask, outputs, 2, NULL, NULL, err);
    if (!status) status = iterate(sigma, plan, series, rmse, outcome, kept, err);
  } else {
    tt1__no_memory(err);
  }
  tt1__free(rmse);
  tt1__free(kept);
  tt1__free(outcome);
  return status;
}
