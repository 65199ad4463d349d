/* SPDX-License-Identifier: MIT
 * Which voxels a fit loses: for every shipped model and solver, in float and in double, the share by
 * outcome and the share above the least cost that any of them found, where the times of the protocol
 * are right for the tissue and where they are not, with and without an offset, by C / sigma. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "fit_support.h"

enum { MOST_IMAGES = 16, N_LENGTHS = 3, N_FITS = 4 };

static const char *const LENGTHS[N_LENGTHS] = {"short", "right", "long"};
static const char *const KINDS[] = {"magnitude", "signed", "with signs"};
enum { MAGNITUDES, SIGNED, WITH_SIGNS, N_KINDS };

/* A protocol, and tissue whose time constants are short, right and long against it. The first
 * parameter is that of the height, C. */
typedef struct protocol {
  const char *model;
  int n; /* images */
  struct {
    const char *name;
    int count; /* n, or 1 */
    double values[MOST_IMAGES];
  } known[7];
  double parameters[N_LENGTHS][4];
  int is_weak; /* C / sigma counts the largest sample: the first parameter is far from reached */
} protocol;

#define MOLLI_TIMES                               \
  {                                               \
    "TI", 8,                                      \
    {                                             \
      0.12, 0.2, 1.12, 1.2, 2.12, 2.2, 3.12, 4.12 \
    }                                             \
  }
#define PLATE_TIMES                 \
  {                                 \
    "TI", 6,                        \
    {                               \
      0.05, 0.1, 0.2, 0.4, 0.6, 0.8 \
    }                               \
  }
#define SASHA_TIMES                           \
  {                                           \
    "TS", 8,                                  \
    {                                         \
      0.12, 0.3, 0.5, 0.7, 0.9, 1.2, 1.9, 2.8 \
    }                                         \
  }
#define SPIN_ECHOES                                   \
  {                                                   \
    "TE", 8,                                          \
    {                                                 \
      0.01, 0.02, 0.03, 0.045, 0.06, 0.08, 0.11, 0.15 \
    }                                                 \
  }
#define GRADIENT_ECHOES                                     \
  {                                                         \
    "TE", 8,                                                \
    {                                                       \
      0.002, 0.004, 0.006, 0.008, 0.01, 0.012, 0.015, 0.018 \
    }                                                       \
  }

static const protocol PROTOCOLS[] = {
    {"molli", 8, {MOLLI_TIMES}, {{1000, 1.9, 0.1}, {1000, 1.9, 1.2}, {1000, 1.9, 6}}, 0},
    {"ir2", 6, {PLATE_TIMES}, {{1000, 0.04}, {1000, 0.4}, {1000, 3}}, 0},
    {"ir3", 6, {PLATE_TIMES}, {{1000, 1950, 0.04}, {1000, 1950, 0.4}, {1000, 1950, 3}}, 0},
    {"irse",
     6,
     {PLATE_TIMES, {"TR", 6, {1, 1.2, 1.5, 1.8, 2.1, 2.46}}, {"TE", 1, {0.012}}},
     {{1000, 0.95, 0.04}, {1000, 0.95, 0.4}, {1000, 0.95, 2.4}},
     0},
    {"sasha2", 8, {SASHA_TIMES}, {{1000, 0.1}, {1000, 1}, {1000, 8}}, 0},
    {"sasha3", 8, {SASHA_TIMES}, {{1000, 0.97, 0.1}, {1000, 0.97, 1}, {1000, 0.97, 8}}, 0},
    {"t2", 8, {SPIN_ECHOES}, {{1000, 0.006}, {1000, 0.05}, {1000, 0.5}}, 0},
    {"t2offset", 8, {SPIN_ECHOES}, {{1000, 0, 0.006}, {1000, 0, 0.05}, {1000, 0, 0.5}}, 0},
    {"t2prep2",
     4,
     {{"TE", 4, {0, 0.025, 0.055, 0.09}}},
     {{1000, 0.01}, {1000, 0.05}, {1000, 0.3}},
     0},
    {"t2prep3",
     6,
     {{"TE", 6, {0, 0.025, 0.035, 0.055, 0.09, 0}}, {"SAT", 6, {0, 0, 0, 0, 0, 1}}},
     {{1000, 0, 0.01}, {1000, 0, 0.05}, {1000, 0, 0.3}},
     0},
    {"t2star", 8, {GRADIENT_ECHOES}, {{1000, 0.0015}, {1000, 0.01}, {1000, 0.06}}, 0},
    {"t2staroffset",
     8,
     {GRADIENT_ECHOES},
     {{1000, 0, 0.0015}, {1000, 0, 0.01}, {1000, 0, 0.035}},
     0},
    {"msasha3",
     9,
     {{"TS", 9, {30, 0.6, 0.6, 0.6, 0.6, 0.6, 0.6, 0.6, 0.6}},
      {"TE", 9, {0, 0, 0, 0, 0, 0, 0, 0.055, 0.055}},
      {"Td", 1, {0.12}}},
     {{1000, 0.15, 0.01}, {1000, 1.2, 0.045}, {1000, 4, 0.4}},
     0},
    {"msasha4",
     13,
     {{"TS", 13, {30, 30, 0.2, 0.4, 0.7, 1.1, 1.8, 30, 30, 30, 0.7, 30, 30}},
      {"TE", 13, {0, 0, 0, 0, 0, 0, 0, 0.02, 0.035, 0.055, 0.055, 0.12, 0.2}}},
     {{1000, 0, 0.15, 0.01}, {1000, 0, 1.2, 0.045}, {1000, 0, 4, 0.4}},
     0},
    {"vfa",
     8,
     {{"FA", 8, {2, 3, 4, 6, 8, 11, 15, 20}}, {"TR", 1, {0.015}}},
     {{10000, 0.05}, {10000, 1}, {10000, 8}},
     1},
    {"mp2rage",
     2,
     {{"TI", 2, {0.8, 2.7}},
      {"FA", 2, {4, 5}},
      {"TR", 1, {5}},
      {"TRgre", 1, {0.0067}},
      {"n", 1, {160}}},
     {{10000, 0.3}, {10000, 1.2}, {10000, 5}},
     1},
    {"fair",
     16,
     {{"label", 16, {0, 0, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2}}, {"TI", 1, {1}}},
     {{500, 1000, -0.1}, {500, 1000, 0.025}, {500, 1000, 0.2}},
     0},
    {"t1rho",
     6,
     {{"TSL", 6, {0, 0.01, 0.02, 0.03, 0.045, 0.06}}},
     {{1000, 0.006}, {1000, 0.05}, {1000, 0.25}},
     0},
};
enum { N_PROTOCOLS = sizeof PROTOCOLS / sizeof *PROTOCOLS };

static const double OFFSETS[] = {0, 0.05}, LEVELS[] = {10, 25, 50, 200, 500};
enum { N_OFFSETS = 2, N_LEVELS = 5 };

/* One set of voxels. */
typedef struct voxel_batch {
  const protocol *protocol;
  tt1_model *model, *plain; /* plain: without the outer abs */
  acquisition a;
  int kind, length, n;
  double offset, snr;
  float *signal; /* [images][n] */
  int8_t *signs; /* likewise, WITH_SIGNS */
} voxel_batch;

typedef struct fit_kind {
  const char *name;
  tt1_solver solver;
  tt1_precision precision;
} fit_kind;

static const fit_kind FITS[N_FITS] = {{"varpro", TT1_SOLVER_VARPRO, TT1_FLOAT},
                                      {"varpro, double", TT1_SOLVER_VARPRO, TT1_DOUBLE},
                                      {"lm", TT1_SOLVER_LM, TT1_FLOAT},
                                      {"lm, double", TT1_SOLVER_LM, TT1_DOUBLE}};

/* What one fit said. */
typedef struct answer {
  int is_offered;
  double *p;    /* [parameters][n] */
  double *cost; /* [n], in double from the parameters */
  uint8_t *outcome;
} answer;

static void set_protocol(voxel_batch *b, const protocol *p)
{
  b->protocol = p;
  b->model = shipped(p->model);
  b->plain = without_abs(b->model);
  memset(&b->a, 0, sizeof b->a);
  b->a.design = (tt1_design){p->n, 0, b->a.known};
  for (int q = 0; q < 7 && p->known[q].name; q++) {
    memcpy(b->a.values[q], p->known[q].values, sizeof p->known[q].values);
    b->a.known[q] = (tt1_known_values){p->known[q].name, b->a.values[q], p->known[q].count, 1, ""};
    b->a.design.n_known++;
  }
}

static int can_be_negative(const protocol *p)
{
  return !strcmp(p->model, "mp2rage") || !strcmp(p->model, "fair");
}

static void simulate(voxel_batch *b)
{
  const protocol *p = b->protocol;
  double y[MAX_TIMES], height = 0;
  uint64_t r = 88172645463325252u + (uint64_t)(b->kind + 3 * b->length);
  evaluate_voxel(b->plain, &b->a, p->parameters[b->length], y);
  for (int j = 0; j < p->n; j++)
    height = fabs(y[j]) > height ? fabs(y[j]) : height;
  if (!p->is_weak) height = p->parameters[b->length][0];
  double sigma = height / b->snr;
  int is_gaussian = b->kind == SIGNED || can_be_negative(p);
  for (int i = 0; i < 20; i++)
    random_uniform(&r);
  for (int v = 0; v < b->n; v++)
    for (int j = 0; j < p->n; j++) {
      double g = y[j] + b->offset * height;
      double one = g + sigma * random_normal(&r), other = sigma * random_normal(&r);
      int64_t at = (int64_t)j * b->n + v;
      b->signal[at] = (float)(is_gaussian ? one : hypot(one, other));
      b->signs[at] = (int8_t)(fabs(g) < 2 * sigma ? 0 : g < 0 ? -1 : 1);
    }
}

static double cost_of(const voxel_batch *b, const double *p, int v)
{
  double y[MAX_TIMES], cost = 0;
  evaluate_voxel(b->plain, &b->a, p, y);
  for (int j = 0; j < b->protocol->n; j++) {
    double sample = (double)b->signal[(int64_t)j * b->n + v], g = y[j];
    int sign = b->kind == WITH_SIGNS ? b->signs[(int64_t)j * b->n + v] : 0;
    if (b->kind != SIGNED && tt1_model_is_magnitude(b->model)) {
      sample = sign < 0 ? -fabs(sample) : fabs(sample);
      if (!sign) g = fabs(g);
    }
    cost += (sample - g) * (sample - g);
  }
  return cost;
}

static tt1_plan *plan_batch(const voxel_batch *b, const fit_kind *kind, tt1_device *device)
{
  tt1_plan_options options = TT1_PLAN_OPTIONS_INIT;
  tt1_plan *plan = NULL;
  options.solver = kind->solver;
  options.precision = kind->precision;
  options.sign = b->kind == SIGNED       ? TT1_SIGN_SIGNED
                 : b->kind == MAGNITUDES ? TT1_SIGN_MAGNITUDE
                                         : TT1_SIGN_AUTO;
  return tt1_plan_create(&plan, device, b->model, &b->a.design, &options, NULL) ? NULL : plan;
}

static void fit_batch(const voxel_batch *b, const fit_kind *kind, tt1_device *device, answer *to)
{
  tt1_output outputs[MAX_TIMES];
  tt1_error err;
  int n_parameters = tt1_model_n_parameters(b->model);
  tt1_series series = {.signal = b->signal, .n_voxels = b->n};
  tt1_plan *plan = plan_batch(b, kind, device);
  to->is_offered = plan != NULL;
  if (!plan) return;
  if (b->kind == WITH_SIGNS) series.signs = b->signs;
  for (int i = 0; i < n_parameters; i++)
    outputs[i] =
        (tt1_output){tt1_model_parameter(b->model, i)->name, TT1_FLOAT64, to->p + i * b->n};
  outputs[n_parameters] = (tt1_output){"outcome", TT1_UINT8, to->outcome};
  if (tt1_plan_run(plan, &series, NULL, outputs, n_parameters + 1, NULL, NULL, &err))
    fail(err.message);
  tt1_plan_free(plan);
  for (int v = 0; v < b->n; v++) {
    double p[8];
    for (int i = 0; i < n_parameters; i++)
      p[i] = to->p[i * b->n + v];
    to->cost[v] = cost_of(b, p, v);
  }
}

/* Shares of voxels in %. */
typedef struct tally {
  double outcome[6], missed;
} tally;

static tally count(const voxel_batch *b, const answer *answers, int which)
{
  tally t = {{0}, 0};
  for (int v = 0; v < b->n; v++) {
    double least = HUGE_VAL, energy = 0;
    for (int i = 0; i < N_FITS; i++)
      if (answers[i].is_offered && answers[i].cost[v] < least) least = answers[i].cost[v];
    for (int j = 0; j < b->protocol->n; j++)
      energy += pow((double)b->signal[(int64_t)j * b->n + v], 2);
    t.outcome[answers[which].outcome[v]] += 100.0 / b->n;
    if (!(answers[which].cost[v] <= least * (1 + 1e-4) + 1e-9 * energy)) t.missed += 100.0 / b->n;
  }
  return t;
}

static void print_row(const voxel_batch *b, const answer *answers)
{
  printf("| %s | %s | %.0f | %.0f |", KINDS[b->kind], LENGTHS[b->length], 100 * b->offset, b->snr);
  for (int i = 0; i < N_FITS; i++) {
    if (!answers[i].is_offered) {
      printf(" - |");
      continue;
    }
    tally t = count(b, answers, i);
    printf(" %.2f, %.2f, %.1f, %.2f |", t.outcome[TT1_MAX_ITERATIONS],
           t.outcome[TT1_SINGULAR] + t.outcome[TT1_NOT_FINITE], t.outcome[TT1_AT_BOUND], t.missed);
  }
  printf("\n");
  fflush(stdout);
}

static void print_head(const char *model)
{
  printf("\n## %s\n\n| data | times | offset, %% | C/sigma |", model);
  for (int i = 0; i < N_FITS; i++)
    printf(" %s |", FITS[i].name);
  printf("\n|---|---|---|---|");
  for (int i = 0; i < N_FITS; i++)
    printf("---|");
  printf("\n");
}

static void measure_protocol(const settings *s, const protocol *p, tt1_device *device)
{
  voxel_batch b = {.n = s->voxels};
  answer answers[N_FITS];
  size_t n = (size_t)b.n;
  set_protocol(&b, p);
  b.signal = reserve(sizeof *b.signal * n * MOST_IMAGES);
  b.signs = reserve(n * MOST_IMAGES);
  for (int i = 0; i < N_FITS; i++)
    answers[i] =
        (answer){0, reserve(sizeof(double) * n * 8), reserve(sizeof(double) * n), reserve(n)};
  int n_kinds = tt1_model_is_magnitude(b.model) ? N_KINDS : 1;
  print_head(p->model);
  for (b.kind = 0; b.kind < n_kinds; b.kind++)
    for (b.length = 0; b.length < N_LENGTHS; b.length++)
      for (int o = 0; o < N_OFFSETS; o++)
        for (int l = 0; l < N_LEVELS; l++) {
          b.offset = OFFSETS[o];
          b.snr = LEVELS[l];
          simulate(&b);
          for (int i = 0; i < N_FITS; i++)
            fit_batch(&b, &FITS[i], device, &answers[i]);
          print_row(&b, answers);
        }
}

void measure_losses(const settings *s)
{
  tt1_device *device = open_device(s->isa, 0);
  for (int i = 0; i < N_PROTOCOLS; i++)
    if (!s->model || !strcmp(s->model, PROTOCOLS[i].model))
      measure_protocol(s, &PROTOCOLS[i], device);
  tt1_device_free(device);
}
