/* SPDX-License-Identifier: MIT
 * The Cramer-Rao bound of a design: what the noise leaves undecided, before any
 * image is taken. Exact derivatives come from the programs of the model. */
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "fit/tables.h"
#include "tt1_design.h"

enum { MOST = MAX_PARAMETERS };

/* J'J over the samples. */
static void inform(const tt1_model *model, const tt1__samples *samples, const double *parameters,
                   double matrix[MOST][MOST])
{
  double x[MAX_KNOWN], gradient[MOST];
  int n = model->n_parameters;
  memset(matrix, 0, sizeof(double[MOST][MOST]));
  for (int j = 0; j < samples->n; j++) {
    for (int q = 0; q < model->n_known; q++)
      x[q] = samples->known[q][j];
    tt1_model_evaluate(model, parameters, x, NULL, gradient, NULL);
    for (int i = 0; i < n; i++)
      for (int k = 0; k < n; k++)
        matrix[i][k] += gradient[i] * gradient[k];
  }
}

/* The lower triangle L of the matrix scaled to a unit diagonal; the least pivot, squared. */
static double factorise(int n, double matrix[MOST][MOST], double unit[MOST])
{
  double least = HUGE_VAL;
  for (int i = 0; i < n; i++)
    unit[i] = matrix[i][i] > 0 ? 1 / sqrt(matrix[i][i]) : 0;
  for (int i = 0; i < n; i++)
    for (int k = 0; k <= i; k++) {
      double sum = matrix[i][k] * unit[i] * unit[k];
      for (int m = 0; m < k; m++)
        sum -= matrix[i][m] * matrix[k][m];
      if (i == k && !(sum >= least)) least = sum;
      matrix[i][k] = i == k ? sqrt(sum) : sum / matrix[k][k];
    }
  return least;
}

/* |L^-1 U gradient|: the SD for noise of unit variance. */
static double deviation(int n, double L[MOST][MOST], const double unit[MOST],
                        const double *gradient)
{
  double sum = 0, b[MOST];
  for (int i = 0; i < n; i++) {
    b[i] = gradient[i] * unit[i];
    for (int m = 0; m < i; m++)
      b[i] -= L[i][m] * b[m];
    b[i] /= L[i][i];
    sum += b[i] * b[i];
  }
  return sqrt(sum);
}

static tt1_status check(const tt1_model *model, const double *parameters, double sigma,
                        tt1_error *err)
{
  if (!(sigma > 0 && isfinite(sigma)))
    return tt1__error_set(err, TT1_BAD_ARGUMENT, "sigma %g, expected a positive number", sigma);
  for (int i = 0; i < model->n_parameters; i++)
    if (!(parameters[i] >= model->parameters[i].lower &&
          parameters[i] <= model->parameters[i].upper))
      return tt1__error_set(err, TT1_BAD_ARGUMENT, "%s is %g, outside its bounds %g to %g",
                            model->parameters[i].name, parameters[i], model->parameters[i].lower,
                            model->parameters[i].upper);
  return TT1_OK;
}

tt1_status tt1_design_bound(const tt1_model *model, const tt1_design *design,
                            const double *parameters, double sigma, double *bounds, tt1_error *err)
{
  const double least = 1e-13; // a pivot below it cannot be told from zero
  tt1__samples samples;
  double L[MOST][MOST], unit[MOST], one[MOST], registers[TT1__MAX_REGISTERS];
  int n = model->n_parameters;
  tt1_status status = check(model, parameters, sigma, err);
  if (!status) status = tt1__samples_from(&samples, model, design, err);
  if (status) return status;
  inform(model, &samples, parameters, L);
  if (!(factorise(n, L, unit) >= least)) sigma = (double)NAN;
  for (int i = 0; i < n; i++) {
    memset(one, 0, sizeof one);
    one[i] = 1;
    bounds[i] = sigma * deviation(n, L, unit, one);
  }
  memcpy(registers, parameters, (size_t)n * sizeof *registers);
  if (model->n_maps > 0) tt1__program_run(&model->maps_program, registers);
  for (int m = 0; m < model->n_maps; m++) {
    for (int k = 0; k < n; k++)
      one[k] = registers[model->maps_program.roots[model->n_maps + m * n + k]];
    bounds[n + m] = sigma * deviation(n, L, unit, one);
  }
  return TT1_OK;
}
