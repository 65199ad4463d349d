/* SPDX-License-Identifier: MIT
 * What the methods found, and how it is judged: the same code for all of them. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "paper.h"

const method methods[] = {
    {"scipy", "SciPy Nelder-Mead", 0, ALL},
    {"scipy-all-cores", "SciPy Nelder-Mead, a process per core", 0, TIMED},
    {"scipy-basin", "SciPy Nelder-Mead, from the basin of the optimum", 0, ALL & ~TIMED},
    {"torch", "Torch T1: PyTorch, Adam 3e-4", 0, ALL},
    {"gsl", "GSL multifit_nlinear, LM", 0, ALL},
    {"cminpack", "cminpack lmder", 0, ALL},
    {"network", "MyoMapNet", 1, ALL},
    {"nelder-mead", "torcht1 nelder-mead", 1, ALL | TELLS_SD},
    {"adam", "torcht1 adam 3e-4", 1, ALL | TELLS_SD},
    {"lm", "torcht1 lm", 1, ALL | TELLS_SD},
    {"varpro", "torcht1 varpro (default)", 1, ALL | TELLS_SD},
    {"varpro-signed", "torcht1 varpro, signed samples", 1, COMPARED_WITH_EXPECTED | TELLS_SD},
    {"adam-gpu", "torcht1 adam 3e-4 on the GPU", 1, ALL | TELLS_SD},
    {"varpro-gpu", "torcht1 varpro on the GPU", 1, ALL | TELLS_SD},
    {NULL, NULL, 0, 0}};

/* ---- Bands ---- */

const double BAND_EDGES[N_BANDS] = {0, 200, 400, 700, 1000, 1400, 2000};

const char *band_name(int band)
{
  static const char *const names[N_BANDS] = {
      "< 200", "200 to 400", "400 to 700", "700 to 1000", "1000 to 1400", "1400 to 2000", "≥ 2000"};
  return names[band];
}

int band_of(double T1)
{
  int band = -1;
  for (int i = 0; i < N_BANDS && 1e3 * T1 >= BAND_EDGES[i]; i++)
    band = i;
  return band;
}

/* ---- Reading ---- */

int method_index(const char *key)
{
  int i = 0;
  while (methods[i].key && strcmp(methods[i].key, key) != 0)
    i++;
  if (!methods[i].key) stop("there is no method '%s'", key);
  return i;
}

static int has_file(const paper_case *c, const char *name)
{
  char path[640];
  struct stat state;
  snprintf(path, sizeof path, "%s/%s", c->s.folder, name);
  return stat(path, &state) == 0;
}

answer read_answer(const paper_case *c, const method *m)
{
  answer a = {.is_there = 0};
  char name[80];
  long long n_fitted = 0;
  snprintf(name, sizeof name, "%s.txt", m->key);
  if (!has_file(c, name)) return a;
  FILE *file = open_in(&c->s, name, "r");
  int count = fscanf(file, "seconds %lf voxels %lld processes %d memory %ld note %159[^\n]",
                     &a.seconds, &n_fitted, &a.processes, &a.memory, a.note);
  fclose(file);
  if (count != 5 || n_fitted < 1) stop("%s/%s cannot be read", c->s.folder, name);
  a.is_there = 1;
  a.n_fitted = n_fitted;
  a.expected = m->roles & (TIMED | AT_OPTIMUM) ? c->expected : c->expected_signed;
  snprintf(name, sizeof name, "%s.f32", m->key);
  a.parameters = read_floats(&c->s, name, N_PARAMETERS * (size_t)c->s.n_voxels);
  snprintf(name, sizeof name, "%s.sd.f32", m->key);
  if (has_file(c, name)) a.T1_sd = read_floats(&c->s, name, (size_t)c->s.n_voxels);
  return a;
}

void free_answer(answer *a)
{
  free(a->parameters);
  free(a->T1_sd);
}

double T1_of(const answer *a, const paper_case *c, int64_t v)
{
  int64_t n = c->s.n_voxels;
  return ((double)a->parameters[n + v] - 1.0) * (double)a->parameters[2 * n + v];
}

int is_valid_T1(double T1)
{
  return T1 > 0.0 && T1 < 5.0;
}

/* ---- Judging ---- */

static void add_error(tally *t, double T1, double expected, double sd, double student)
{
  if (!is_valid_T1(expected) || !is_valid_T1(T1)) return;
  double error = 1e3 * (T1 - expected);
  t->n_expected++;
  t->sum += error;
  t->squares += error * error;
  if (!isfinite(sd)) return;
  t->n_sd++;
  t->n_covered += fabs(T1 - expected) <= student * sd;
}

/* The 97.5 % quantile of Student's t with 5 and 6 degrees of freedom: 8 and 9 images, 3 parameters. */
static double student_of(int n_images)
{
  static const double quantiles[] = {12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306};
  int freedom = n_images - N_PARAMETERS;
  return freedom < 1 ? (double)NAN : freedom <= 8 ? quantiles[freedom - 1] : 1.96 + 2.5 / freedom;
}

static void judge_voxels(verdict *out, const paper_case *c, const answer *a)
{
  molli_optimum *best = read_optima(c);
  int64_t n = c->s.n_voxels, n_all = n_judged(c) < a->n_fitted ? n_judged(c) : a->n_fitted;
  for (int64_t v = 0; v < n_all; v++) {
    double optimum = (best[v].k - 1.0) * best[v].T1s, T1 = T1_of(a, c, v);
    double expected = (double)a->expected[v];
    int band = band_of(isfinite(expected) ? expected : optimum);
    if (band < 0) continue;
    tally *t = &out->groups[c->is_post][band];
    t->n++;
    t->n_valid += is_valid_T1(T1);
    t->n_optimum += is_at_optimum(c, v, (double)a->parameters[v], (double)a->parameters[n + v],
                                  (double)a->parameters[2 * n + v], &best[v]);
    t->n_close += fabs(T1 - optimum) <= 1e-3;
    t->n_far += !(fabs(T1 - optimum) <= 0.2 * optimum);
    add_error(t, T1, expected, a->T1_sd ? (double)a->T1_sd[v] : (double)NAN,
              student_of(c->s.n_images));
  }
  free(best);
}

/* How many voxels of a case the mean is of: the myocardium, or all where no mask tells it. */
static int64_t n_averaged(const paper_case *c)
{
  return c->n_myocardium > 0 ? c->n_myocardium : c->s.n_voxels;
}

/* Mean T1 of these voxels in ms, and of what is expected of them. */
static void take_means(verdict *out, int i, const paper_case *c, const answer *a)
{
  double sum = 0.0, expected = 0.0;
  int64_t count = 0;
  for (int64_t v = 0; v < n_averaged(c) && v < a->n_fitted; v++) {
    double T1 = T1_of(a, c, v);
    if (!is_valid_T1(T1)) continue;
    sum += 1e3 * T1;
    expected += 1e3 * (double)a->expected[v];
    count++;
  }
  out->mean_ms[i] = sum / (double)count;
  out->expected_ms[i] = expected / (double)count;
}

void judge(verdict *out, const cohort *c, const method *m)
{
  *out = (verdict){.processes = 0};
  for (int i = 0; i < c->n_cases; i++) {
    const paper_case *one = &c->cases[i];
    answer a = read_answer(one, m);
    out->seconds[i] = out->mean_ms[i] = out->expected_ms[i] = (double)NAN;
    if (!a.is_there) continue;
    out->n_cases++;
    out->is_extrapolated |= a.n_fitted < one->s.n_voxels;
    out->seconds[i] = a.seconds * (double)one->s.n_voxels / (double)a.n_fitted;
    out->memory_mb = fmax(out->memory_mb, (double)a.memory / 1024.0);
    out->processes = a.processes;
    snprintf(out->note, sizeof out->note, "%s", a.note);
    take_means(out, i, one, &a);
    judge_voxels(out, one, &a);
    free_answer(&a);
  }
}

int is_shown(const verdict *v, int m, int role)
{
  return v[m].n_cases > 0 && (methods[m].roles & role);
}

double median_seconds(const verdict *v)
{
  double values[MAX_CASES];
  int n = 0;
  for (int i = 0; i < MAX_CASES; i++)
    if (v->seconds[i] > 0.0) values[n++] = v->seconds[i];
  return tt1_quantile(values, n, 0.5);
}
