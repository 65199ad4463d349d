/* SPDX-License-Identifier: MIT
 * Times. What is compared is timed in turn, round by round, and the median of
 * the ratios of each round is told: a busy machine slows both sides of a round. */
#include "bench.h"

#include <stdlib.h>

typedef struct contest {
  tt1_plan *plan;
  const float *signal;
  int voxels;
  double times[MAX_RUNS];
} contest;

static void run_rounds(contest *contests, int n, int rounds, maps *m)
{
  for (int i = 0; i < n; i++) // caches, page tables, clock
    time_fit(contests[i].plan, contests[i].signal, contests[i].voxels, m);
  for (int round = 0; round < rounds; round++)
    for (int i = 0; i < n; i++)
      contests[i].times[round] =
          time_fit(contests[i].plan, contests[i].signal, contests[i].voxels, m);
}

/* Median over the rounds of time per voxel of a over that of b. */
static double ratio(const contest *a, const contest *b, int rounds)
{
  double ratios[MAX_RUNS];
  for (int i = 0; i < rounds; i++)
    ratios[i] = a->times[i] / a->voxels / (b->times[i] / b->voxels);
  return median(ratios, rounds);
}

static double millions_per_second(contest *c, int rounds)
{
  double time = median(c->times, rounds); // sorts: ratios come first
  return 1e-6 * c->voxels / time;
}

void measure_speed(const settings *s)
{
  enum { TISSUE_FIT, NOISE_FIT, LM_FIT, INTERPRETED_FIT, N_FITS };
  int n = s->voxels, few = n / 4 ? n / 4 : 1;
  float *tissue = reserve((size_t)n * 8 * sizeof *tissue),
        *noise = reserve((size_t)n * 8 * sizeof *noise);
  float *less = reserve((size_t)few * 8 * sizeof *less);
  maps m = make_maps((size_t)n);
  tt1_device *device = open_device(s->isa, 1);
  tt1_model *shipped = open_molli(0), *own = open_molli(1);
  tt1_plan_options varpro = TT1_PLAN_OPTIONS_INIT, lm = TT1_PLAN_OPTIONS_INIT;
  lm.solver = TT1_SOLVER_LM;
  simulate_voxels(TISSUE, MOLLI_533, 8, n, 0, tissue);
  simulate_voxels(NOISE, MOLLI_533, 8, n, 2, noise);
  simulate_voxels(TISSUE, MOLLI_533, 8, few, 0, less);
  contest fits[N_FITS] = {{make_plan(device, shipped, MOLLI_533, 8, varpro), tissue, n, {0}},
                          {make_plan(device, shipped, MOLLI_533, 8, varpro), noise, n, {0}},
                          {make_plan(device, shipped, MOLLI_533, 8, lm), less, few, {0}},
                          {make_plan(device, own, MOLLI_533, 8, varpro), less, few, {0}}};
  run_rounds(fits, N_FITS, RUNS, &m);
  figure("noise_over_tissue", ratio(&fits[NOISE_FIT], &fits[TISSUE_FIT], RUNS), "times");
  figure("interpreted_over_emitted", ratio(&fits[INTERPRETED_FIT], &fits[TISSUE_FIT], RUNS),
         "times");
  figure("varpro", millions_per_second(&fits[TISSUE_FIT], RUNS), "M/s");
  figure("varpro_noise", millions_per_second(&fits[NOISE_FIT], RUNS), "M/s");
  figure("lm", millions_per_second(&fits[LM_FIT], RUNS), "M/s");
  figure("varpro_interpreted", millions_per_second(&fits[INTERPRETED_FIT], RUNS), "M/s");
  for (int i = 0; i < N_FITS; i++)
    tt1_plan_free(fits[i].plan);
  tt1_model_free(shipped);
  tt1_model_free(own);
  tt1_device_free(device);
  free_maps(&m);
  free(tissue);
  free(noise);
  free(less);
}

/* One figure and nothing else, for programs to be timed in turn with. */
void measure_varpro(const settings *s)
{
  float *signal = reserve((size_t)s->voxels * 8 * sizeof *signal);
  maps m = make_maps((size_t)s->voxels);
  tt1_device *device = open_device(s->isa, 1);
  tt1_model *model = open_molli(0);
  tt1_plan_options options = TT1_PLAN_OPTIONS_INIT;
  contest fits = {.signal = signal, .voxels = s->voxels};
  simulate_voxels(TISSUE, MOLLI_533, 8, s->voxels, 0, signal);
  fits.plan = make_plan(device, model, MOLLI_533, 8, options);
  run_rounds(&fits, 1, 3 * RUNS, &m);
  figure("varpro", millions_per_second(&fits, 3 * RUNS), "M/s");
  tt1_plan_free(fits.plan);
  tt1_model_free(model);
  tt1_device_free(device);
  free_maps(&m);
  free(signal);
}

void measure_threads(const settings *s)
{
  enum { MILLION = 1 << 20 };
  float *signal = reserve((size_t)MILLION * 8 * sizeof *signal);
  maps m = make_maps(MILLION);
  tt1_model *model = open_molli(0);
  tt1_device *devices[2] = {open_device(s->isa, 1), open_device(s->isa, 2)};
  tt1_plan_options options = TT1_PLAN_OPTIONS_INIT;
  contest fits[2];
  simulate_voxels(TISSUE, MOLLI_533, 8, MILLION, 0, signal);
  for (int i = 0; i < 2; i++)
    fits[i] = (contest){.plan = make_plan(devices[i], model, MOLLI_533, 8, options),
                        .signal = signal,
                        .voxels = MILLION};
  run_rounds(fits, 2, RUNS, &m);
  figure("one_over_two_threads", ratio(&fits[0], &fits[1], RUNS), "times");
  for (int i = 0; i < 2; i++) {
    tt1_plan_free(fits[i].plan);
    tt1_device_free(devices[i]);
  }
  tt1_model_free(model);
  free_maps(&m);
  free(signal);
}

/* Median time of a solver from the fixed start of the paper. */
static double time_fixed_start(const settings *s, tt1_solver solver, int threads)
{
  enum { FEW_RUNS = 5 };
  float *signal = reserve((size_t)s->voxels * 8 * sizeof *signal);
  double times[FEW_RUNS];
  maps m = make_maps((size_t)s->voxels);
  tt1_device *device = open_device(s->isa, threads);
  tt1_model *model = open_molli(0);
  tt1_plan_options options = TT1_PLAN_OPTIONS_INIT;
  options.solver = solver;
  options.start = TT1_START_FIXED;
  simulate_voxels(TISSUE, MOLLI_533, 8, s->voxels, 0, signal);
  tt1_plan *plan = make_plan(device, model, MOLLI_533, 8, options);
  for (int i = 0; i < FEW_RUNS; i++)
    times[i] = time_fit(plan, signal, s->voxels, &m);
  tt1_plan_free(plan);
  tt1_model_free(model);
  tt1_device_free(device);
  free_maps(&m);
  free(signal);
  return median(times, FEW_RUNS);
}

void measure_adam(const settings *s)
{
  figure("adam", time_fixed_start(s, TT1_SOLVER_ADAM, 2), "s");
}

void measure_nelder_mead(const settings *s)
{
  figure("nelder_mead", 1e-6 * s->voxels / time_fixed_start(s, TT1_SOLVER_NELDER_MEAD, 1), "M/s");
}
