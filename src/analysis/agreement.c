/* SPDX-License-Identifier: MIT
 * Agreement of pairs: Bland and Altman, Lin, and plain summaries. The formulas
 * and their papers are named in tt1_analysis.h. */
#include <math.h>
#include <string.h>

#include "analysis/special.h"
#include "analysis/summary.h"
#include "base/error.h"
#include "base/memory.h"

static const double TWO_SIDED = 0.05;         // 1 - confidence
static const double Z = 1.959963984540054236; // 95 % of a normal distribution lie within

/* The valid pairs, their differences and means, and room to sort in. */
typedef struct sample {
  int64_t n;
  double *a, *b, *difference, *middle, *scratch; /* [n] */
  double *memory;
} sample;

static void count_value(double value, int keep_zeros, int64_t *nan, int64_t *infinite,
                        int64_t *zero, int *is_valid)
{
  int is_nan = isnan(value), is_infinite = isinf(value) != 0;
  int is_zero = !keep_zeros && value >= 0.0 && value <= 0.0;
  *nan += is_nan;
  *infinite += is_infinite;
  *zero += is_zero;
  if (is_nan || is_infinite || is_zero) *is_valid = 0;
}

static void take_pairs(sample *s, tt1_agreement *out, const double *a, const double *b, int64_t n,
                       int keep_zeros)
{
  for (int64_t i = 0; i < n; i++) {
    int is_valid = 1;
    count_value(a[i], keep_zeros, &out->not_a_number[0], &out->infinite[0], &out->zero[0],
                &is_valid);
    count_value(b[i], keep_zeros, &out->not_a_number[1], &out->infinite[1], &out->zero[1],
                &is_valid);
    if (!is_valid) continue;
    s->a[s->n] = a[i];
    s->b[s->n] = b[i];
    s->difference[s->n] = a[i] - b[i];
    s->middle[s->n++] = 0.5 * a[i] + 0.5 * b[i];
  }
}

/* ---- The parts ---- */

static double spread(const sample *s, double centre)
{
  for (int64_t i = 0; i < s->n; i++)
    s->scratch[i] = fabs(s->difference[i] - centre);
  return tt1_quantile(s->scratch, s->n, 0.5);
}

static void describe(tt1_agreement *out, const sample *s)
{
  tt1__summarise(&out->a, s->a, s->n, s->scratch);
  tt1__summarise(&out->b, s->b, s->n, s->scratch);
  tt1__summarise(&out->difference, s->difference, s->n, s->scratch);
  out->mad = spread(s, out->difference.median);
  spread(s, 0.0);
  out->absolute_95 = tt1_quantile(s->scratch, s->n, 0.95);
  double squares = tt1__cross(s->difference, 0.0, s->difference, 0.0, s->n);
  out->rms = s->n > 0 ? sqrt(squares / (double)s->n) : (double)NAN;
}

/* The upper limit, mean + Z sd, is a quantile of a normal distribution: its interval is
 * mean + sd t' / sqrt(n), t' the quantiles of the non-central t with shift Z sqrt(n). The lower
 * limit is its mirror image. */
static void find_limits(tt1_agreement *out, int64_t n)
{
  double bias = out->difference.mean, sd = out->difference.sd, root = sqrt((double)n);
  double freedom = (double)(n - 1);
  double reach = sd / root * tt1__student_quantile(TWO_SIDED, freedom);
  double near = sd / root * tt1__noncentral_t_quantile(TWO_SIDED / 2.0, freedom, Z * root);
  double far = sd / root * tt1__noncentral_t_quantile(1.0 - TWO_SIDED / 2.0, freedom, Z * root);
  out->limits[0] = bias - Z * sd;
  out->limits[1] = bias + Z * sd;
  out->bias_interval = (tt1_interval){bias - reach, bias + reach};
  out->limit_intervals[0] = (tt1_interval){bias - far, bias - near};
  out->limit_intervals[1] = (tt1_interval){bias + near, bias + far};
}

static void find_slope(tt1_agreement *out, const sample *s)
{
  int64_t n = s->n;
  double centre = tt1__mean(s->middle, n), bias = out->difference.mean;
  double xx = tt1__cross(s->middle, centre, s->middle, centre, n);
  double xy = tt1__cross(s->middle, centre, s->difference, bias, n);
  if (!(xx > 0.0)) return; // no line through one point
  out->slope = xy / xx;
  out->intercept = bias - out->slope * centre;
  double squares = 0.0;
  for (int64_t i = 0; i < n; i++) {
    double rest = s->difference[i] - bias - out->slope * (s->middle[i] - centre);
    squares += rest * rest;
  }
  if (n < 3) return;
  double freedom = (double)(n - 2), error = sqrt(squares / freedom / xx);
  double reach = error * tt1__student_quantile(TWO_SIDED, freedom);
  out->slope_interval = (tt1_interval){out->slope - reach, out->slope + reach};
  if (error > 0.0) out->slope_p = tt1__student_p(out->slope / error, freedom);
}

/* With r = pearson, C = accuracy and rc = r C, the variance of rc is (Lin 2000)
 *   [ C^2 (1 - r^2)(1 - rc^2) + 2 rc^2 C (1 - rc) u - rc^2 C^2 u^2 / 2 ] / (n - 2),
 * u = (mean_a - mean_b)^2 / (s_a s_b), written without the divisions by r of the paper. */
static double concordance_variance(const tt1_agreement *out, double u, int64_t n)
{
  double r = out->pearson, c = out->accuracy, rc = out->concordance;
  double sum = c * c * (1.0 - r * r) * (1.0 - rc * rc) + 2.0 * rc * rc * c * (1.0 - rc) * u -
               0.5 * rc * rc * c * c * u * u;
  return sum > 0.0 ? sum / (double)(n - 2) : 0.0;
}

static void find_concordance(tt1_agreement *out, const sample *s)
{
  int64_t n = s->n;
  double shift = out->a.mean - out->b.mean;
  double aa = tt1__cross(s->a, out->a.mean, s->a, out->a.mean, n) / (double)n;
  double bb = tt1__cross(s->b, out->b.mean, s->b, out->b.mean, n) / (double)n;
  double ab = tt1__cross(s->a, out->a.mean, s->b, out->b.mean, n) / (double)n;
  double total = aa + bb + shift * shift, product = sqrt(aa) * sqrt(bb);
  if (!(total > 0.0)) return; // both constant and equal: agreement cannot be told from chance
  out->concordance = 2.0 * ab / total;
  out->accuracy = 2.0 * product / total;
  if (!(product > 0.0)) return;
  out->pearson = fmax(-1.0, fmin(1.0, ab / product));
  if (n < 3) return;
  double rest = 1.0 - out->concordance * out->concordance;
  double variance = concordance_variance(out, shift * shift / product, n);
  double reach = rest > 0.0 ? Z * sqrt(variance) / rest : 0.0, centre = atanh(out->concordance);
  out->concordance_interval = (tt1_interval){tanh(centre - reach), tanh(centre + reach)};
}

/* ---- Repeated measurements ---- */

/* Of an SD whose square is distributed as chi squared over its `freedom`. */
static tt1_interval interval_of_sd(double sd, double freedom)
{
  double most = tt1__chi_squared_quantile(1.0 - TWO_SIDED / 2.0, freedom);
  double least = tt1__chi_squared_quantile(TWO_SIDED / 2.0, freedom);
  return (tt1_interval){sd * sqrt(freedom / most), sd * sqrt(freedom / least)};
}

static void find_repeatability(tt1_agreement *out, const sample *s)
{
  const double factor = Z * sqrt(2.0), freedom = (double)s->n;
  double relative = 0.0;
  for (int64_t i = 0; i < s->n; i++) {
    double share = s->difference[i] / s->middle[i]; // 0 / 0 and x / 0 are no number
    relative += share * share;
  }
  out->within_sd = out->rms / sqrt(2.0);
  out->within_sd_interval = interval_of_sd(out->within_sd, freedom);
  out->repeatability = factor * out->within_sd;
  out->repeatability_interval =
      (tt1_interval){factor * out->within_sd_interval.from, factor * out->within_sd_interval.to};
  if (!isfinite(relative)) return;
  out->within_cv = sqrt(relative / (2.0 * freedom));
  out->within_cv_interval = interval_of_sd(out->within_cv, freedom);
}

/* Mean squares between and within pairs; F is their ratio, with n - 1 and n degrees. */
static void find_icc(tt1_agreement *out, const sample *s)
{
  double n = (double)s->n, centre = tt1__mean(s->middle, s->n);
  double between = 2.0 * tt1__cross(s->middle, centre, s->middle, centre, s->n) / (n - 1.0);
  double within = out->within_sd * out->within_sd;
  if (!(between + within > 0.0)) return;
  out->icc = (between - within) / (between + within);
  if (!(within > 0.0)) return;
  double ratio = between / within, p = 1.0 - TWO_SIDED / 2.0;
  double from = ratio / tt1__f_quantile(p, n - 1.0, n), to = ratio * tt1__f_quantile(p, n, n - 1.0);
  out->icc_interval = (tt1_interval){(from - 1.0) / (from + 1.0), (to - 1.0) / (to + 1.0)};
}

/* ---- All together ---- */

static void forget(tt1_agreement *out)
{
  const double none = (double)NAN;
  const tt1_interval nowhere = {none, none};
  memset(out, 0, sizeof *out);
  out->limits[0] = out->limits[1] = none;
  out->bias_interval = out->limit_intervals[0] = out->limit_intervals[1] = nowhere;
  out->slope = out->intercept = out->slope_p = none;
  out->slope_interval = out->concordance_interval = nowhere;
  out->concordance = out->pearson = out->accuracy = none;
  out->within_sd = out->repeatability = out->within_cv = out->icc = none;
  out->within_sd_interval = out->repeatability_interval = nowhere;
  out->within_cv_interval = out->icc_interval = nowhere;
}

tt1_status tt1_compare(tt1_agreement *out, const double *a, const double *b, int64_t n,
                       int keep_zeros, tt1_error *err)
{
  if (!out || n < 0 || (n > 0 && (!a || !b)))
    return tt1__error_set(err, TT1_BAD_ARGUMENT, "%lld pairs cannot be compared", (long long)n);
  sample s = {0};
  size_t room = n > 0 ? (size_t)n : 1;
  s.memory = tt1__allocate(room, 5 * sizeof *s.memory);
  if (!s.memory) return tt1__no_memory(err);
  s.a = s.memory;
  s.b = s.a + room;
  s.difference = s.b + room;
  s.middle = s.difference + room;
  s.scratch = s.middle + room;
  forget(out);
  take_pairs(&s, out, a, b, n, keep_zeros);
  out->n_offered = n;
  out->n_pairs = s.n;
  describe(out, &s);
  if (s.n > 1) {
    find_limits(out, s.n);
    find_slope(out, &s);
    find_concordance(out, &s);
    find_repeatability(out, &s);
    find_icc(out, &s);
  }
  tt1__free(s.memory);
  return TT1_OK;
}
