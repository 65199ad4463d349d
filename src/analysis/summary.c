/* SPDX-License-Identifier: MIT */
#include "analysis/summary.h"

#include <math.h>
#include <string.h>

#include "base/number.h"

double tt1__mean(const double *values, int64_t n)
{
  if (n < 1) return (double)NAN;
  // Twice: the second pass takes away what rounding left of the first.
  double sum = 0.0, rest = 0.0;
  for (int64_t i = 0; i < n; i++)
    sum += values[i];
  double mean = sum / (double)n;
  for (int64_t i = 0; i < n; i++)
    rest += values[i] - mean;
  return mean + rest / (double)n;
}

double tt1__cross(const double *x, double mean_x, const double *y, double mean_y, int64_t n)
{
  double sum = 0.0;
  for (int64_t i = 0; i < n; i++)
    sum += (x[i] - mean_x) * (y[i] - mean_y);
  return sum;
}

double tt1_quantile(double *values, int64_t n, double fraction)
{
  return tt1__quantile(values, n, fraction);
}

void tt1__summarise(tt1_summary *out, const double *values, int64_t n, double *scratch)
{
  out->mean = tt1__mean(values, n);
  double squares = tt1__cross(values, out->mean, values, out->mean, n);
  out->sd = n > 1 ? sqrt(squares / (double)(n - 1)) : (double)NAN;
  out->least = out->greatest = n > 0 ? values[0] : (double)NAN;
  for (int64_t i = 1; i < n; i++) {
    if (values[i] < out->least) out->least = values[i];
    if (values[i] > out->greatest) out->greatest = values[i];
  }
  if (n > 0) memcpy(scratch, values, (size_t)n * sizeof *scratch);
  out->median = tt1_quantile(scratch, n, 0.5);
  out->quartiles[0] = tt1_quantile(scratch, n, 0.25);
  out->quartiles[1] = tt1_quantile(scratch, n, 0.75);
}
