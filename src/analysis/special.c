/* SPDX-License-Identifier: MIT */
#include "analysis/special.h"

#include <math.h>

static const double SQRT_PI = 1.7724538509055160273;

/* gamma(a + 1/2) / gamma(a): the asymptotic series (DLMF 5.11.13) above 100, to which
 * gamma(a + 1) = a gamma(a) leads from below. */
static double gamma_ratio(double a)
{
  double factor = 1.0;
  for (; a < 100.0; a += 1.0)
    factor *= a / (a + 0.5);
  double x = 1.0 / a;
  double series =
      1.0 +
      x * (-1.0 / 8.0 +
           x * (1.0 / 128.0 + x * (5.0 / 1024.0 + x * (-21.0 / 32768.0 - x * 399.0 / 262144.0))));
  return factor * sqrt(a) * series;
}

/* The continued fraction of the incomplete beta function (DLMF 8.17.22), by Lentz's method. */
static double beta_fraction(double x, double a, double b)
{
  enum { MOST = 100000 };
  const double tiny = 1e-300;
  double c = 1.0, d = 1.0 - (a + b) * x / (a + 1.0);
  d = 1.0 / (fabs(d) < tiny ? tiny : d);
  double result = d;
  for (int m = 1; m < MOST; m++) {
    double twice = 2.0 * m;
    double even = m * (b - m) * x / ((a + twice - 1.0) * (a + twice));
    double odd = -(a + m) * (a + b + m) * x / ((a + twice) * (a + twice + 1.0));
    d = 1.0 + even * d;
    c = 1.0 + even / c;
    d = 1.0 / (fabs(d) < tiny ? tiny : d);
    c = fabs(c) < tiny ? tiny : c;
    result *= d * c;
    d = 1.0 + odd * d;
    c = 1.0 + odd / c;
    d = 1.0 / (fabs(d) < tiny ? tiny : d);
    c = fabs(c) < tiny ? tiny : c;
    result *= d * c;
    if (fabs(d * c - 1.0) < 1e-15) break;
  }
  return result;
}

/* P(|T| >= t) = I_x(f / 2, 1 / 2), x = f / (f + t^2); the fraction converges where its
 * argument is below about a / (a + b), so the other tail is taken beyond. */
double tt1__student_p(double t, double freedom)
{
  if (isnan(t) || !(freedom >= 1.0)) return (double)NAN;
  if (isinf(t)) return 0.0;
  double a = 0.5 * freedom, square = t * t;
  double x = freedom / (freedom + square), rest = square / (freedom + square);
  // x^a (1 - x)^(1/2) / B(a, 1/2); log1p keeps the digits of a large power.
  double front = exp(-a * log1p(square / freedom)) * sqrt(rest) * gamma_ratio(a) / SQRT_PI;
  if (x < (a + 1.0) / (a + 2.5)) return front * beta_fraction(x, a, 0.5) / a;
  return 1.0 - front * beta_fraction(rest, 0.5, a) / 0.5;
}

static double normal_below(double x)
{
  return 0.5 * erfc(-x * 0.70710678118654752440);
}

/* P(T <= t) = E[ Phi(t U - shift) ] with U = sqrt(chi^2 / freedom): Simpson's rule over the
 * part of U that has weight. The weights are normalised by their own sum, which spares the
 * gamma function. */
double tt1__noncentral_t(double t, double freedom, double shift)
{
  enum { STEPS = 4096 };
  double reach = 10.0 / sqrt(2.0 * freedom);
  double from = reach < 1.0 ? -reach : -1.0, step = (reach - from) / STEPS;
  double below = 0.0, total = 0.0;
  for (int i = 0; i <= STEPS; i++) {
    double w = from + i * step; // U - 1
    if (w <= -1.0 && freedom > 1.0) continue;
    double power = freedom > 1.0 ? (freedom - 1.0) * log1p(w) : 0.0;
    double density = exp(power - freedom * w * (1.0 + 0.5 * w));
    double weight = density * (i == 0 || i == STEPS ? 1.0 : i % 2 ? 4.0 : 2.0);
    below += weight * normal_below(t * (1.0 + w) - shift);
    total += weight;
  }
  return below / total;
}

/* ---- Quantiles ---- */

typedef struct distribution {
  double freedom, shift;
  double (*above)(double t, const struct distribution *d); /* decreases in t */
} distribution;

static double student_above(double t, const distribution *d)
{
  return tt1__student_p(t, d->freedom);
}

static double noncentral_above(double t, const distribution *d)
{
  return 1.0 - tt1__noncentral_t(t, d->freedom, d->shift);
}

/* The root of above(t) = p: a bracket, then false position that never stalls (Illinois). */
static double solve(const distribution *d, double p, double from, double to)
{
  double low = d->above(from, d) - p, high = d->above(to, d) - p;
  for (int i = 0; i < 1000 && low < 0.0; i++)
    from -= to - from, low = d->above(from, d) - p;
  for (int i = 0; i < 1000 && high > 0.0; i++)
    to += to - from, high = d->above(to, d) - p;
  for (int i = 0; i < 200; i++) {
    double middle = (from * high - to * low) / (high - low);
    if (!(middle > from && middle < to) || i % 8 == 7) middle = 0.5 * (from + to);
    double value = d->above(middle, d) - p;
    if (value > 0.0) {
      from = middle, low = value;
      high *= 0.5;
    } else {
      to = middle, high = value;
      low *= 0.5;
    }
    if (to - from <= 1e-13 * (fabs(from) + fabs(to))) return middle;
  }
  return 0.5 * (from + to);
}

double tt1__student_quantile(double p, double freedom)
{
  distribution d = {freedom, 0.0, student_above};
  return freedom >= 1.0 ? solve(&d, p, 0.0, 4.0) : (double)NAN;
}

double tt1__noncentral_t_quantile(double p, double freedom, double shift)
{
  distribution d = {freedom, shift, noncentral_above};
  return freedom >= 1.0 ? solve(&d, 1.0 - p, shift - 2.0, shift + 2.0) : (double)NAN;
}

/* ---- Chi squared and F ---- */

// lgamma() of the C library sets a global. Stirling's series (DLMF 5.11.1) above 15, to which
// gamma(a + 1) = a gamma(a) leads from below.
static double log_gamma(double a)
{
  double shift = 0.0;
  for (; a < 15.0; a += 1.0)
    shift += log(a);
  double x = 1.0 / (a * a);
  double series = (1.0 / 12.0 - x * (1.0 / 360.0 - x * (1.0 / 1260.0 - x / 1680.0))) / a;
  return (a - 0.5) * log(a) - a + 0.91893853320467274178 + series - shift;
}

/* P(a, x), the regularised lower incomplete gamma function: series (DLMF 8.11.4) below a + 1,
 * continued fraction (8.9.2) by Lentz's method above. */
static double gamma_below(double a, double x)
{
  enum { MOST = 1000000 };
  const double tiny = 1e-300;
  if (!(x > 0.0)) return 0.0;
  double front = exp(a * log(x) - x - log_gamma(a));
  if (x < a + 1.0) {
    double term = 1.0 / a, sum = term;
    for (int i = 1; i < MOST && term > 1e-16 * sum; i++)
      sum += term *= x / (a + i);
    return front * sum;
  }
  double b = x + 1.0 - a, c = 1.0 / tiny, d = 1.0 / b, result = d;
  for (int i = 1; i < MOST; i++) {
    double factor = -i * (i - a);
    b += 2.0;
    d = factor * d + b;
    c = b + factor / c;
    d = 1.0 / (fabs(d) < tiny ? tiny : d);
    c = fabs(c) < tiny ? tiny : c;
    result *= d * c;
    if (fabs(d * c - 1.0) < 1e-15) break;
  }
  return 1.0 - front * result;
}

/* I_x(a, b), the regularised incomplete beta function. */
static double beta_below(double x, double a, double b)
{
  if (!(x > 0.0)) return 0.0;
  if (!(x < 1.0)) return 1.0;
  double front = exp(a * log(x) + b * log1p(-x) + log_gamma(a + b) - log_gamma(a) - log_gamma(b));
  if (x < (a + 1.0) / (a + b + 2.0)) return front * beta_fraction(x, a, b) / a;
  return 1.0 - front * beta_fraction(1.0 - x, b, a) / b;
}

static double chi_squared_above(double x, const distribution *d)
{
  return 1.0 - gamma_below(0.5 * d->freedom, 0.5 * x);
}

static double f_above(double x, const distribution *d)
{
  double scaled = d->freedom * x; // `shift` holds the degrees below
  return 1.0 - beta_below(scaled / (scaled + d->shift), 0.5 * d->freedom, 0.5 * d->shift);
}

/* Bisection of a distribution over numbers above 0, whose quantiles may be near 0. */
static double solve_positive(const distribution *d, double above)
{
  double from = 0.0, to = 1.0;
  for (int i = 0; i < 1000 && d->above(to, d) > above; i++)
    from = to, to *= 2.0;
  for (int i = 0; i < 200 && to - from > 1e-15 * to; i++) {
    double middle = 0.5 * (from + to);
    if (d->above(middle, d) > above)
      from = middle;
    else
      to = middle;
  }
  return 0.5 * (from + to);
}

double tt1__chi_squared_quantile(double p, double freedom)
{
  const distribution d = {.freedom = freedom, .above = chi_squared_above};
  return solve_positive(&d, 1.0 - p);
}

double tt1__f_quantile(double p, double above, double below)
{
  const distribution d = {.freedom = above, .shift = below, .above = f_above};
  return solve_positive(&d, 1.0 - p);
}
