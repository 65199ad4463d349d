/* SPDX-License-Identifier: MIT
 * What the noise does to maps, as tables for docs/numerics.md: how often intervals hold the truth,
 * T2* in the noise floor, a frame that moved. */
#include "bench.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "tt1_design.h"

/* One tissue, measured again and again with C = 100. */
typedef struct tissue {
  const char *model, *known, *map;
  const double *times;
  int n_times;
  double parameters[3], truth, sigma;
  int is_magnitude, moved; /* moved: this image, from 1, is at 60 % */
} tissue;

/* Maps that are written, and what they say. */
typedef struct verdict {
  double bias, scatter; /* median less truth; SD */
  double coverage;      /* of all voxels: no map covers nothing */
  double written;
} verdict;

static const double T1S[] = {0.2, 0.3, 0.45, 1.0, 1.2, 1.55, 1.8};
static const double SNRS[] = {10, 20, 50, 100};
enum { N_T1 = sizeof T1S / sizeof *T1S, N_SNR = sizeof SNRS / sizeof *SNRS };

static const double STUDENT_5 = 2.5706, NORMAL = 1.9600; // 97.5 %

static tt1_model *open_model(const char *name)
{
  tt1_error err;
  tt1_model *model;
  if (tt1_model_builtin(&model, name, &err)) fail(err.message);
  return model;
}

static tissue molli(double T1, double snr, int is_magnitude)
{
  return (tissue){.model = "molli",
                  .known = "TI",
                  .map = "T1",
                  .times = MOLLI_533,
                  .n_times = 8,
                  .parameters = {100, 1.9, T1 / 0.9},
                  .truth = T1,
                  .sigma = 100 / snr,
                  .is_magnitude = is_magnitude};
}

static double molli_signal(const double *p, double t)
{
  return p[0] * (1 - p[1] * exp(-t / p[2]));
}

static double decay_signal(const double *p, double t)
{
  return p[0] * exp(-t / p[1]);
}

static float *simulate(const tissue *t, int n, double (*signal)(const double *p, double t))
{
  float *out = reserve(sizeof *out * (size_t)n * (size_t)t->n_times);
  uint64_t r = 88172645463325252u + (uint64_t)(1e4 * t->truth + t->sigma);
  for (int i = 0; i < 20; i++)
    random_uniform(&r);
  for (int v = 0; v < n; v++)
    for (int j = 0; j < t->n_times; j++) {
      double g = signal(t->parameters, t->times[j]) * (t->moved == j + 1 ? 0.6 : 1);
      double a = g + t->sigma * random_normal(&r), b = t->sigma * random_normal(&r);
      out[(int64_t)j * n + v] = (float)(t->is_magnitude ? hypot(a, b) : a);
    }
  return out;
}

/* What the program would write. */
static verdict judge(const tissue *t, const float *map, const float *sd, const uint8_t *outcome,
                     int n, double width)
{
  double *off = reserve(sizeof *off * (size_t)n), mean = 0, squares = 0;
  int kept = 0, covered = 0;
  for (int v = 0; v < n; v++) {
    // As `torcht1 fit` writes them: at a bound, where the map does not depend on it.
    int is_written = outcome[v] == TT1_AT_BOUND && isfinite(sd[v]);
    if (outcome[v] != TT1_CONVERGED && !is_written) continue;
    off[kept] = (double)map[v] - t->truth;
    covered += fabs(off[kept]) <= width * (double)sd[v];
    mean += off[kept++];
  }
  mean /= kept ? kept : 1;
  for (int i = 0; i < kept; i++)
    squares += (off[i] - mean) * (off[i] - mean);
  verdict found = {median(off, kept), sqrt(squares / (kept ? kept : 1)), 100.0 * covered / n,
                   100.0 * kept / n};
  free(off);
  return found;
}

/* `width`: of the interval, in SD. */
static verdict fit(const settings *s, const tissue *t, const float *signal,
                   tt1_plan_options options, double width)
{
  tt1_error err;
  tt1_model *model = open_model(t->model);
  tt1_device *device = open_device(s->isa, 0);
  tt1_plan *plan;
  tt1_known_values known = {.name = t->known, .values = t->times, .count = t->n_times};
  tt1_design design = {t->n_times, 1, &known};
  size_t n = (size_t)s->voxels;
  float *map = reserve(4 * n), *sd = reserve(4 * n);
  uint8_t *outcome = reserve(n);
  char name[32];
  snprintf(name, sizeof name, "%s_sd", t->map);
  tt1_output outputs[] = {
      {t->map, TT1_FLOAT32, map}, {name, TT1_FLOAT32, sd}, {"outcome", TT1_UINT8, outcome}};
  tt1_series series = {.signal = signal, .n_voxels = s->voxels};
  options.sign = t->is_magnitude ? TT1_SIGN_MAGNITUDE : TT1_SIGN_SIGNED;
  if (tt1_plan_create(&plan, device, model, &design, &options, &err)) fail(err.message);
  if (tt1_plan_run(plan, &series, NULL, outputs, 3, NULL, NULL, &err)) fail(err.message);
  verdict found = judge(t, map, sd, outcome, s->voxels, width);
  tt1_plan_free(plan);
  tt1_device_free(device);
  tt1_model_free(model);
  free(map);
  free(sd);
  free(outcome);
  return found;
}

static tt1_plan_options with(tt1_noise noise, double sigma)
{
  tt1_plan_options options = TT1_PLAN_OPTIONS_INIT;
  options.noise = noise;
  options.sigma = sigma;
  return options;
}

/* Of the derived map T1, with signed data. */
static double bound_of(const tissue *t)
{
  tt1_error err;
  tt1_model *model = open_model(t->model);
  tt1_known_values known = {.name = t->known, .values = t->times, .count = t->n_times};
  tt1_design design = {t->n_times, 1, &known};
  double bounds[4];
  if (tt1_design_bound(model, &design, t->parameters, t->sigma, bounds, &err)) fail(err.message);
  tt1_model_free(model);
  return bounds[3];
}

static void print_verdict(verdict v, double bound)
{
  printf(" %+.1f | %.2f | %.1f | %.1f |", 1e3 * v.bias, v.scatter / bound, v.coverage, v.written);
}

static void coverage_row(const settings *s, double T1, double snr)
{
  tissue a = molli(T1, snr, 0), m = molli(T1, snr, 1);
  float *is_signed = simulate(&a, s->voxels, molli_signal);
  float *magnitude = simulate(&m, s->voxels, molli_signal);
  double bound = bound_of(&a);
  printf("| %.2f | %.1f |", T1, 1e3 * bound);
  print_verdict(fit(s, &a, is_signed, with(TT1_NOISE_GAUSSIAN, 0), STUDENT_5), bound);
  print_verdict(fit(s, &m, magnitude, with(TT1_NOISE_GAUSSIAN, 0), STUDENT_5), bound);
  print_verdict(fit(s, &m, magnitude, with(TT1_NOISE_RICIAN, m.sigma), NORMAL), bound);
  printf("\n");
  fflush(stdout);
  free(is_signed);
  free(magnitude);
}

void measure_coverage(const settings *s)
{
  printf(
      "bias: median T1 less truth, ms; SD: of T1 over its Cramer-Rao bound (signed data); cover: "
      "%% of all voxels\nwhose 95 %% interval holds the truth; maps: %% of voxels with a T1\n");
  for (int i = 0; i < N_SNR; i++) {
    printf(
        "\nC/sigma %.0f\n\n| T1, s | bound, ms | signed: bias | SD | cover | maps | magnitude, "
        "least squares: bias | SD | cover | maps | magnitude, Rician: bias | SD | cover | maps |\n"
        "|---|---|---|---|---|---|---|---|---|---|---|---|---|---|\n",
        SNRS[i]);
    for (int k = 0; k < N_T1; k++)
      coverage_row(s, T1S[k], SNRS[i]);
  }
}

static void print_source(const settings *s, const char *name, const tissue *t, const float *signal,
                         tt1_plan_options options)
{
  verdict student = fit(s, t, signal, options, STUDENT_5);
  verdict normal = fit(s, t, signal, options, NORMAL);
  printf("| %s | %.1f | %.1f |\n", name, student.coverage, normal.coverage);
}

/* Where sigma comes from, native myocardium, C/sigma 50. */
void measure_sigma(const settings *s)
{
  tt1_plan_options middle = TT1_PLAN_OPTIONS_INIT;
  middle.sigma_from = TT1_SIGMA_MIDDLE;
  printf("| sigma from | cover, Student's t, %% | cover, 1.96, %% |\n|---|---|---|\n");
  tissue t = molli(1.0, 50, 0);
  float *signal = simulate(&t, s->voxels, molli_signal);
  print_source(s, "residuals", &t, signal, with(TT1_NOISE_GAUSSIAN, 0));
  print_source(s, "middle", &t, signal, middle);
  print_source(s, "given", &t, signal, with(TT1_NOISE_GAUSSIAN, t.sigma));
  print_source(s, "robust fit, its scale", &t, signal, with(TT1_NOISE_ROBUST, 0));
  print_source(s, "robust fit, given", &t, signal, with(TT1_NOISE_ROBUST, t.sigma));
  free(signal);
}

/* Each image in turn is the one that moved: signal at 60 %. */
static void moved_row(const settings *s, double T1, double snr)
{
  verdict squares, robust, given;
  tissue t = molli(T1, snr, 1);
  printf("| %.2f | %.0f |", T1, snr);
  for (t.moved = 0; t.moved <= t.n_times; t.moved++) {
    float *signal = simulate(&t, s->voxels, molli_signal);
    squares = fit(s, &t, signal, with(TT1_NOISE_GAUSSIAN, 0), NORMAL);
    robust = fit(s, &t, signal, with(TT1_NOISE_ROBUST, 0), NORMAL);
    given = fit(s, &t, signal, with(TT1_NOISE_ROBUST, t.sigma), NORMAL);
    if (!t.moved)
      printf(" %.0f, %.0f, %.0f |", 1e3 * squares.scatter, 1e3 * robust.scatter,
             1e3 * given.scatter);
    else
      printf(" %+.0f, %+.0f, %+.0f |", 1e3 * squares.bias, 1e3 * robust.bias, 1e3 * given.bias);
    fflush(stdout);
    free(signal);
  }
  printf("\n");
}

void measure_moved(const settings *s)
{
  static const double TISSUES[] = {0.45, 1.0, 1.3};
  printf(
      "ms, each by least squares, robust, robust with sigma given\n\n| T1, s | C/sigma | SD, none "
      "moved |");
  for (int j = 0; j < 8; j++)
    printf(" bias, TI %.2f s |", MOLLI_533[j]);
  printf("\n|---|---|---|---|---|---|---|---|---|---|---|\n");
  for (int i = 0; i < 3; i++)
    for (int k = 30; k <= 50; k += 20)
      moved_row(s, TISSUES[i], k);
}

static void print_decay(verdict v)
{
  printf(" %+.2f | %.2f | %.1f | %.1f |", 1e3 * v.bias, 1e3 * v.scatter, v.coverage, v.written);
}

/* Eight echoes of a heart: in iron-loaded muscle the last ones are noise. */
void measure_floor(const settings *s)
{
  static const double ECHOES[] = {0.002, 0.004, 0.006, 0.008, 0.010, 0.012, 0.015, 0.018};
  static const double TISSUES[] = {0.004, 0.008, 0.020}, LEVELS[] = {10, 20, 50};
  static const double STUDENT_6 = 2.4469; // 8 echoes, two parameters; with the offset one less
  printf(
      "| T2*, ms | A/sigma | t2star: bias, ms | SD, ms | cover | maps | t2staroffset: bias | SD | "
      "cover | maps | t2star, Rician: bias | SD | cover | maps |\n"
      "|---|---|---|---|---|---|---|---|---|---|---|---|---|---|\n");
  for (int i = 0; i < 9; i++) {
    tissue t = {.model = "t2star",
                .known = "TE",
                .map = "T2s",
                .times = ECHOES,
                .n_times = 8,
                .parameters = {100, TISSUES[i / 3]},
                .truth = TISSUES[i / 3],
                .sigma = 100 / LEVELS[i % 3],
                .is_magnitude = 1};
    float *signal = simulate(&t, s->voxels, decay_signal);
    printf("| %.0f | %.0f |", 1e3 * t.truth, LEVELS[i % 3]);
    print_decay(fit(s, &t, signal, with(TT1_NOISE_GAUSSIAN, 0), STUDENT_6));
    t.model = "t2staroffset";
    print_decay(fit(s, &t, signal, with(TT1_NOISE_GAUSSIAN, 0), STUDENT_5));
    t.model = "t2star";
    print_decay(fit(s, &t, signal, with(TT1_NOISE_RICIAN, t.sigma), NORMAL));
    printf("\n");
    fflush(stdout);
    free(signal);
  }
}
