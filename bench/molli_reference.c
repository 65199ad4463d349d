/* SPDX-License-Identifier: MIT */
#include "molli_reference.h"

#include <math.h>
#include <string.h>

enum { POINTS = 600, MAX_TIMES = 16 };
static const double LOWEST = 0.01, HIGHEST = 10, MOST_K = 4;

const double MOLLI_533[8] = {0.12, 0.2, 1.12, 1.2, 2.12, 2.2, 3.12, 4.12};
const double MOLLI_432[9] = {0.12, 0.2, 0.28, 1.12, 1.2, 1.28, 2.12, 2.2, 3.12};

double random_uniform(uint64_t *state)
{
  *state ^= *state << 13;
  *state ^= *state >> 7;
  *state ^= *state << 17;
  return ((double)(*state >> 11) + 0.5) / 9007199254740992.0;
}

double random_normal(uint64_t *state)
{
  double u = random_uniform(state), v = random_uniform(state);
  return sqrt(-2 * log(u)) * cos(6.283185307179586 * v);
}

void simulate_voxels(voxel_set set, const double *times, int n_times, int n_voxels, uint64_t seed,
                     float *signal)
{
  uint64_t r = 88172645463325252u + seed;
  for (int i = 0; i < 20; i++)
    random_uniform(&r);
  for (int v = 0; v < n_voxels; v++) {
    double u = random_uniform(&r), k = 1.6 + 0.4 * random_uniform(&r), w = random_uniform(&r);
    double T1 = set == STRESS ? 0.1 + 2.9 * u : 0.2 + 1.8 * u;
    double snr = set == STRESS ? 8 * pow(25, w) : 25 + 75 * w;
    double C = set == NOISE ? 0 : 100 + 900 * random_uniform(&r);
    double sigma = set == NOISE ? 50 : C / snr, T1s = T1 / (k - 1);
    for (int j = 0; j < n_times; j++) {
      double a = C * (1 - k * exp(-times[j] / T1s)) + sigma * random_normal(&r);
      signal[(int64_t)j * n_voxels + v] = (float)hypot(a, sigma * random_normal(&r));
    }
  }
}

double molli_cost(const double *y, const double *times, int n_times, double C, double k, double T1s)
{
  double cost = 0;
  for (int j = 0; j < n_times; j++) {
    double r = y[j] - fabs(C * (1 - k * exp(-times[j] / T1s)));
    cost += r * r;
  }
  return cost;
}

/* Sums over the samples of e = exp(-t / T1s) and the signed data. */
typedef struct sums {
  double n, y, e, ee, ye;
} sums;

static sums sums_at(const double *y, const double *times, int n_times, double T1s)
{
  sums s = {.n = n_times};
  for (int j = 0; j < n_times; j++) {
    double e = exp(-times[j] / T1s);
    s.y += y[j];
    s.e += e;
    s.ee += e * e;
    s.ye += y[j] * e;
  }
  return s;
}

/* The energy that the best amplitudes within bounds explain. */
static double explained(const sums *s, double *C, double *k)
{
  double D = s->ee - s->e * s->e / s->n, b = s->ye - s->y * s->e / s->n;
  double B = -b / D, A = s->y / s->n + B * s->e / s->n, best = 0;
  if (A > 0 && B >= A && B <= MOST_K * A) {
    *C = A;
    *k = B / A;
    return s->y * s->y / s->n + b * b / D;
  }
  *C = 0;
  *k = 1;
  for (int face = 0; face < 2; face++) {
    double kf = face ? MOST_K : 1, up = s->y - kf * s->ye;
    double down = s->n - 2 * kf * s->e + kf * kf * s->ee;
    if (up > 0 && up * up / down > best) {
      best = up * up / down;
      *C = up / down;
      *k = kf;
    }
  }
  return best;
}

static double explained_at(const double *y, const double *times, int n, double log_T1s, double *C,
                           double *k)
{
  sums s = sums_at(y, times, n, exp(log_T1s));
  return explained(&s, C, k);
}

/* Golden section search for a maximum of the explained energy. */
static double refine(const double *y, const double *times, int n, double a, double b)
{
  const double ratio = 0.6180339887498949;
  double C, k, x1 = b - ratio * (b - a), x2 = a + ratio * (b - a);
  double f1 = explained_at(y, times, n, x1, &C, &k), f2 = explained_at(y, times, n, x2, &C, &k);
  for (int i = 0; i < 45; i++) {
    if (f1 > f2) {
      b = x2;
      x2 = x1;
      f2 = f1;
      x1 = b - ratio * (b - a);
      f1 = explained_at(y, times, n, x1, &C, &k);
    } else {
      a = x1;
      x1 = x2;
      f1 = f2;
      x2 = a + ratio * (b - a);
      f2 = explained_at(y, times, n, x2, &C, &k);
    }
  }
  return (a + b) / 2;
}

static void keep_better(molli_optimum *best, const double *data, const double *y,
                        const double *times, int n, double log_T1s)
{
  double C, k;
  explained_at(y, times, n, log_T1s, &C, &k);
  double cost = molli_cost(data, times, n, C, k, exp(log_T1s));
  if (cost < best->cost) *best = (molli_optimum){C, k, exp(log_T1s), cost};
}

static double grid_point(int g)
{
  return log(LOWEST) + (log(HIGHEST) - log(LOWEST)) * g / (POINTS - 1);
}

/* The exponentials of the grid do not depend on the data: tabulated by the caller once per design. */
static void tabulate(const double *times, int n, double e[POINTS][MAX_TIMES], sums *s)
{
  for (int g = 0; g < POINTS; g++) {
    double zeros[MAX_TIMES] = {0};
    s[g] = sums_at(zeros, times, n, exp(grid_point(g)));
    for (int j = 0; j < n; j++)
      e[g][j] = exp(-times[j] / exp(grid_point(g)));
  }
}

molli_optimum molli_brute_force(const double *data, const double *times, int n)
{
  static _Thread_local double e[POINTS][MAX_TIMES], q[MAX_TIMES + 1][POINTS];
  static _Thread_local sums table[POINTS];
  static _Thread_local double known_times[MAX_TIMES];
  double y[MAX_TIMES], most = 0, energy = 0, C, k;
  if (memcmp(known_times, times, (size_t)n * sizeof *times) != 0) {
    tabulate(times, n, e, table);
    memcpy(known_times, times, (size_t)n * sizeof *times);
  }
  for (int j = 0; j < n; j++)
    energy += data[j] * data[j];
  for (int p = 0; p <= n; p++)
    for (int g = 0; g < POINTS; g++) {
      sums s = table[g];
      s.y = s.ye = 0;
      for (int j = 0; j < n; j++) {
        double signed_y = j < p ? -data[j] : data[j];
        s.y += signed_y;
        s.ye += signed_y * e[g][j];
      }
      q[p][g] = explained(&s, &C, &k);
      most = q[p][g] > most ? q[p][g] : most;
    }
  molli_optimum best = {0, 1, LOWEST, HUGE_VAL};
  for (int p = 0; p <= n; p++) {
    for (int j = 0; j < n; j++)
      y[j] = j < p ? -data[j] : data[j];
    for (int g = 0; g < POINTS; g++) {
      int below = g > 0 ? g - 1 : 0, above = g < POINTS - 1 ? g + 1 : g;
      if (q[p][below] > q[p][g] || q[p][above] > q[p][g]) continue;
      if (energy - q[p][g] > (energy - most) * 1.05 + 1e-6 * energy) continue;
      keep_better(&best, data, y, times, n,
                  refine(y, times, n, grid_point(below), grid_point(above)));
      keep_better(&best, data, y, times, n, grid_point(g));
    }
  }
  return best;
}
