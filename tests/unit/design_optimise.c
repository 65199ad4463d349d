/* SPDX-License-Identifier: MIT
 * Bounds that simulated fits keep to, and protocols made better: that the SD of
 * fits falls with the bound, that nothing better is overlooked where everything
 * can be tried, and that limits, rasters and heart beats are kept. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/memory.h"
#include "fit_support.h"
#include "tt1_design.h"

enum { N = 8, T1 = 3, VOXELS = 20000 };
static const double MOLLI_533[N] = {0.12, 1.12, 2.12, 3.12, 4.12, 0.2, 1.2, 2.2};
static const double NATIVE[] = {500, 1.9, 1.2}, POST[] = {500, 1.95, 0.45},
                    BLOOD[] = {500, 1.95, 1.65};
static const double SIGMA = 10; // C / 50

static tt1_optimise_options heartbeats(double beat, int beats, int rest, int cycle)
{
  tt1_optimise_options o = TT1_OPTIMISE_OPTIONS_INIT;
  o.layout = TT1_LAYOUT_HEARTBEATS;
  o.beat = beat;
  o.beats = beats;
  o.rest = rest;
  o.cycle = cycle;
  return o;
}

static double bound_of(const tt1_model *model, const tt1_design *design, const double *p,
                       int output)
{
  double bounds[16];
  tt1_error err = {0};
  if (tt1_design_bound(model, design, p, SIGMA, bounds, &err)) fail_msg("%s", err.message);
  return bounds[output];
}

/* The SD of T1 from the fits of simulated signed voxels. */
static double simulated(const tt1_model *model, const acquisition *a, const double *p)
{
  double y[MAX_TIMES], mean = 0, squares = 0;
  uint64_t seed = 77;
  tt1_model *plain = without_abs(model);
  tt1_device *device = processor(NULL, 0);
  tt1_plan_options options = TT1_PLAN_OPTIONS_INIT;
  options.sign = TT1_SIGN_SIGNED;
  tt1_plan *plan = planned(device, model, &a->design, &options);
  int n = a->design.n_samples;
  float *signal = space((size_t)n * VOXELS, sizeof *signal);
  evaluate_voxel(plain, a, p, y);
  for (int i = 0; i < n * VOXELS; i++)
    signal[i] = (float)(y[i / VOXELS] + SIGMA * near_normal(&seed));
  results r = run_all(plan, signal, VOXELS, NULL);
  for (int v = 0; v < VOXELS; v++) {
    double off = (double)r.values[T1 * VOXELS + v] - (p[1] - 1) * p[2];
    assert_int_equal(r.codes[v], TT1_CONVERGED);
    mean += off / VOXELS;
    squares += off * off / VOXELS;
  }
  free_results(&r);
  free(signal);
  tt1_plan_free(plan);
  tt1_device_free(device);
  tt1_model_free(plain);
  return sqrt(squares - mean * mean);
}

static double check_agreement(const char *what, const tt1_model *model, const acquisition *a,
                              const double *p)
{
  double sd = simulated(model, a, p), bound = bound_of(model, &a->design, p, T1);
  print_message("%s: bound %.2f ms, simulated %.2f ms, ratio %.4f\n", what, 1e3 * bound, 1e3 * sd,
                sd / bound);
  assert_true(fabs(sd / bound - 1) < 0.03);
  return sd;
}

static void fits_scatter_as_the_bound_says(void **state)
{
  (void)state;
  acquisition a;
  tt1_model *model = shipped("molli");
  acquire_times(&a, "TI", MOLLI_533, N);
  check_agreement("native myocardium", model, &a, NATIVE);
  check_agreement("myocardium after contrast", model, &a, POST);
  check_agreement("blood", model, &a, BLOOD);
  tt1_model_free(model);
}

static void optimised(acquisition *out, tt1_optimum *optimum, const tt1_model *model,
                      const acquisition *start, const char *map, const double *p,
                      const tt1_movable *movable, const tt1_optimise_options *options)
{
  tt1_design_tissue tissue = {p, SIGMA, 0};
  tt1_error err = {0};
  double values[MAX_TIMES];
  if (tt1_design_optimise(values, optimum, model, &start->design, map, &tissue, 1, movable, 1,
                          options, &err))
    fail_msg("%s", err.message);
  acquire_times(out, movable->name, values, start->design.n_samples);
}

/* As many images and heart beats as 5(3)3; recovery is kept as 4(1)3(1)2 keeps it. */
static void check_gain(const char *what, const double *p, double most)
{
  acquisition before, after;
  tt1_optimum optimum;
  tt1_model *model = shipped("molli");
  tt1_movable movable = {"TI", 0.1, 0.25, 0, 0.005};
  tt1_optimise_options options = heartbeats(1, 11, 1, 4);
  acquire_times(&before, "TI", MOLLI_533, N);
  optimised(&after, &optimum, model, &before, "T1", p, &movable, &options);
  double gain = bound_of(model, &after.design, p, T1) / bound_of(model, &before.design, p, T1);
  double was = check_agreement("5(3)3", model, &before, p);
  double is = check_agreement(what, model, &after, p);
  print_message("bound %.1f %%, SD %.1f %%\n", 100 * gain - 100, 100 * is / was - 100);
  assert_true(gain < most);
  assert_true(fabs(is / was / gain - 1) < 0.03);
  assert_true(fabs(sqrt(optimum.after / optimum.before) / gain - 1) < 1e-9);
  tt1_model_free(model);
}

static void a_better_protocol_gives_better_fits(void **state)
{
  (void)state;
  check_gain("optimised for native myocardium", NATIVE, 0.9);
  check_gain("optimised after contrast", POST, 0.85);
}

/* Counts, rests and times of what was found for the heart. */
static void check_heart(const tt1_optimum *o, const double *times, const tt1_movable *m,
                        const tt1_optimise_options *options)
{
  int beats = 0, j = 0;
  for (int g = 0; g < o->n_groups; g++) {
    beats += o->count[g] + o->rest[g];
    if (g + 1 < o->n_groups) {
      assert_true(o->rest[g] >= options->rest);
      assert_true(o->count[g] + o->rest[g] >= options->cycle);
    }
    assert_true(o->count[g] >= 1 && times[j] >= m->lower && times[j] <= m->upper);
    double steps = times[j] / m->raster;
    assert_true(m->raster <= 0 || fabs(steps - round(steps)) < 1e-6);
    for (int i = 1; i < o->count[g]; i++)
      assert_true(fabs(times[j + i] - times[j + i - 1] - options->beat) < 2e-9);
    j += o->count[g];
  }
  assert_int_equal(j, N);
  assert_true(beats <= options->beats && o->rest[o->n_groups - 1] == 0);
}

static void heart_beats_are_kept(void **state)
{
  (void)state;
  acquisition before, after;
  tt1_optimum o;
  tt1_model *model = shipped("molli");
  acquire_times(&before, "TI", MOLLI_533, N);
  for (int rest = 0; rest < 4; rest++)
    for (int cycle = 0; cycle < 9; cycle += 4)
      for (int beats = 8; beats < 15; beats += 3) {
        tt1_movable m = {"TI", 0.11, 0.4, 0, rest % 2 ? 0.025 : 0};
        tt1_optimise_options options = heartbeats(0.8, beats, rest, cycle);
        optimised(&after, &o, model, &before, "T1", BLOOD, &m, &options);
        check_heart(&o, after.values[0], &m, &options);
      }
  tt1_model_free(model);
}

/* 5(3)3 held: every pair of first times on the raster, tried one by one. */
static void nothing_better_is_overlooked_by_heart_beats(void **state)
{
  (void)state;
  acquisition a, found;
  tt1_optimum o;
  double best = HUGE_VAL, times[N];
  tt1_model *model = shipped("molli");
  tt1_movable m = {"TI", 0.1, 0.9, 0, 0.02};
  tt1_optimise_options options = heartbeats(1, 11, 3, 0);
  for (int images = 5; images < N; images++)
    for (int i = 5; i <= 45; i++)
      for (int k = 5; k <= 45; k++) {
        for (int j = 0; j < N; j++)
          times[j] = j < images ? 0.02 * i + j : 0.02 * k + (j - images);
        acquire_times(&a, "TI", times, N);
        best = fmin(best, bound_of(model, &a.design, POST, T1));
      }
  acquire_times(&a, "TI", MOLLI_533, N);
  optimised(&found, &o, model, &a, "T1", POST, &m, &options);
  assert_true(bound_of(model, &found.design, POST, T1) < best * (1 + 1e-4));
  tt1_model_free(model);
}

/* Free echoes and trains of echoes on a coarse raster. */
static void nothing_better_is_overlooked_by_echoes(void **state)
{
  (void)state;
  static const double TE[] = {0.01, 0.02, 0.03}, P[] = {500, 0.05};
  acquisition a, found;
  tt1_optimum o;
  double free_best = HUGE_VAL, train_best = HUGE_VAL;
  tt1_model *model = shipped("t2");
  tt1_optimise_options options = TT1_OPTIMISE_OPTIONS_INIT;
  tt1_movable m = {"TE", 0.01, 0.2, 0.01, 0.005};
  for (int i = 2; i <= 40; i++)
    for (int j = i + 2; j <= 40; j++)
      for (int k = j + 2; k <= 40; k++) {
        double times[] = {0.005 * i, 0.005 * j, 0.005 * k};
        acquire_times(&a, "TE", times, 3);
        double bound = bound_of(model, &a.design, P, 1);
        free_best = fmin(free_best, bound);
        if (k - j == j - i) train_best = fmin(train_best, bound);
      }
  acquire_times(&a, "TE", TE, 3);
  optimised(&found, &o, model, &a, "T2", P, &m, &options);
  assert_true(fabs(bound_of(model, &found.design, P, 1) / free_best - 1) < 1e-6);
  assert_int_equal(o.n_groups, 0);
  options.layout = TT1_LAYOUT_SPACED;
  optimised(&found, &o, model, &a, "T2", P, &m, &options);
  assert_true(fabs(bound_of(model, &found.design, P, 1) / train_best - 1) < 1e-6);
  tt1_model_free(model);
}

/* By hand: of two echoes x T2 apart the variance of T2 goes with (1 + e^(2x)) / x^2, which is least
 * where x = 1 + e^(-2x), 1.1089. */
static void two_echoes_lie_where_theory_says(void **state)
{
  (void)state;
  static const double TE[] = {0.01, 0.02}, P[] = {500, 0.05};
  acquisition a, found;
  tt1_optimum o;
  tt1_model *model = shipped("t2");
  tt1_movable m = {"TE", 0.01, 0.2, 0, 0};
  acquire_times(&a, "TE", TE, 2);
  optimised(&found, &o, model, &a, "T2", P, &m, NULL);
  assert_true(fabs(found.values[0][0] - 0.01) < 1e-9);
  assert_true(fabs((found.values[0][1] - 0.01) / 0.05 - 1.1089) < 2e-3);
  tt1_model_free(model);
}

/* Two flip angles give 0.71 of the Ernst signal each (Deoni et al. 2003, doi:10.1002/mrm.10407). */
static void two_flip_angles_lie_where_theory_says(void **state)
{
  (void)state;
  static const double FA[] = {2, 10}, TR = 0.005, P[] = {500, 1}, DEGREE = 3.14159265358979 / 180;
  acquisition a = {0};
  double values[2], ernst, signal, known[3] = {0, TR, 1}, e = exp(-TR / P[1]);
  tt1_error err = {0};
  tt1_design_tissue tissue = {P, SIGMA, 1};
  tt1_model *model = shipped("vfa");
  const tt1_movable m = {"FA", 0.1, 80, 0, 0};
  acquire_times(&a, "FA", FA, 2);
  a.known[1] = (tt1_known_values){.name = "TR", .values = &TR, .count = 1};
  a.design.n_known = 2;
  if (tt1_design_optimise(values, NULL, model, &a.design, "T1", &tissue, 1, &m, 1, NULL, &err))
    fail_msg("%s", err.message);
  known[0] = acos(e) / DEGREE;
  tt1_model_evaluate(model, P, known, &ernst, NULL, NULL);
  for (int i = 0; i < 2; i++) {
    known[0] = values[i];
    tt1_model_evaluate(model, P, known, &signal, NULL, NULL);
    print_message("%.3f degrees: %.4f of the Ernst signal\n", values[i], signal / ernst);
    assert_true(fabs(signal / ernst - 0.71) < 0.005);
  }
  tt1_model_free(model);
}

static void limits_and_spacing_are_kept(void **state)
{
  (void)state;
  acquisition a, found, again;
  tt1_optimum o;
  tt1_model *model = shipped("ir3");
  tt1_optimise_options options = TT1_OPTIMISE_OPTIONS_INIT;
  const double p[] = {500, 950, 1};
  acquire_times(&a, "TI", MOLLI_533, N);
  for (int i = 0; i < 6; i++) {
    tt1_movable m = {"TI", 0.033, 2.5, 0.07 * i, i % 2 ? 0.01 : 0};
    options.layout = i < 4 ? TT1_LAYOUT_FREE : TT1_LAYOUT_SPACED;
    optimised(&found, &o, model, &a, "T1", p, &m, &options);
    optimised(&again, &o, model, &a, "T1", p, &m, &options);
    assert_memory_equal(found.values[0], again.values[0], sizeof found.values[0]);
    for (int j = 0; j < N; j++) {
      double t = found.values[0][j], step = j ? t - found.values[0][j - 1] : m.spacing;
      assert_true(t >= m.lower && t <= m.upper && step >= m.spacing - 2e-9);
      assert_true(m.raster <= 0 || fabs(t / m.raster - round(t / m.raster)) < 1e-6);
      if (i >= 4 && j > 1)
        assert_true(fabs(step - (found.values[0][1] - found.values[0][0])) < 3e-9);
    }
  }
  tt1_model_free(model);
}

/* Saturation times and echo times of T1 and T2 in one series, image by image. */
static void several_quantities_move(void **state)
{
  (void)state;
  enum { M = 11 };
  static const double P[] = {500, 1.2, 0.05};
  acquisition a;
  uint64_t seed = 2;
  double values[2 * MAX_TIMES], p[8];
  tt1_error err = {0};
  tt1_model *model = shipped("msasha3");
  const tt1_movable movables[] = {{"TS", 0.1, 0.6, 0, 0.01}, {"TE", 0, 0.055, 0, 0.005}};
  acquire(&a, model);
  draw_parameters(model, &seed, p);
  tt1_design_tissue tissues[] = {{p, SIGMA, 1}, {P, SIGMA, 2}};
  tt1_optimum mean, worst;
  tt1_optimise_options options = TT1_OPTIMISE_OPTIONS_INIT;
  options.restarts = 2;
  if (tt1_design_optimise(values, &mean, model, &a.design, "T2", tissues, 2, movables, 2, &options,
                          &err))
    fail_msg("%s", err.message);
  assert_true(mean.after < mean.before && mean.n_starts <= 3 && mean.n_agreeing >= 1);
  options.criterion = TT1_CRITERION_WORST;
  assert_int_equal(tt1_design_optimise(values, &worst, model, &a.design, "T2", tissues, 2, movables,
                                       2, &options, &err),
                   TT1_OK);
  assert_true(worst.after < worst.before);
  tt1_model_free(model);
}

/* ---- What is refused ----------------------------------------------------- */

static const tt1_design_tissue TISSUE = {NATIVE, 10, 1};

static void refused(const tt1_movable *m, const tt1_optimise_options *o, const char *map,
                    const tt1_design_tissue *tissue, const char *words)
{
  acquisition a;
  tt1_error err = {0};
  double values[MAX_TIMES] = {-7};
  tt1_model *model = shipped("molli");
  acquire_times(&a, "TI", MOLLI_533, N);
  tt1_status status =
      tt1_design_optimise(values, NULL, model, &a.design, map, tissue, 1, m, 1, o, &err);
  if (status != TT1_BAD_ARGUMENT || !strstr(err.message, words))
    fail_msg("%d \"%s\" lacks \"%s\"", (int)status, err.message, words);
  assert_true(values[0] < -6);
  tt1_model_free(model);
}

static void what_leaves_nothing_is_refused(void **state)
{
  (void)state;
  tt1_optimise_options o = heartbeats(1, 11, 3, 0);
  tt1_movable m = {"TI", 0.1, 3, 0, 0};
#define REFUSE(movable, options, words)          \
  do {                                           \
    tt1_movable it = movable;                    \
    refused(&it, options, "T1", &TISSUE, words); \
  } while (0)
#define MOVABLE(...) ((tt1_movable){__VA_ARGS__})
  REFUSE(MOVABLE("TE", 0, 1, 0, 0), NULL, "no known quantity \"TE\"");
  REFUSE(MOVABLE("TI", 3, 1, 0, 0), NULL, "limits 3 to 1 of TI");
  REFUSE(MOVABLE("TI", 0.1, (double)NAN, 0, 0), NULL, "limits 0.1 to nan");
  REFUSE(MOVABLE("TI", 100, 3000, 0, 0), NULL, "are the times in ms?");
  REFUSE(MOVABLE("TI", 0.1, 0.9, -1, 0), NULL, "spacing -1");
  REFUSE(MOVABLE("TI", 0.1, 0.9, 0.2, 0), NULL, "8 values of TI that are 0.2 apart do not fit");
  REFUSE(MOVABLE("TI", 0.11, 0.19, 0, 0.2), NULL, "hold no multiple of the raster 0.2");
  REFUSE(MOVABLE("TI", 0, 1000, 0, 1e-5), NULL, "expected at most 1000000");
  REFUSE(MOVABLE("TI", 0.3, 0.3, 0, 0), NULL, "nothing found within the limits determines T1");
  REFUSE(MOVABLE("TI", 0.1, 0.9, 0.1, 0), &o, "no spacing");
  o.beats = 7;
  REFUSE(m, &o, "8 images do not fit into 7 heart beats");
  o = heartbeats(800, 11, 3, 0);
  REFUSE(m, &o, "800 s from beat to beat");
  o = heartbeats(1, 11, -1, 0);
  REFUSE(m, &o, "-1 beats of rest");
  o = heartbeats(1, 11, 3, 0);
  o.version = 0;
  REFUSE(m, &o, "tt1_optimise_options has version 0");
  o.version = 1;
  o.restarts = -1;
  REFUSE(m, &o, "-1 restarts");
  o.restarts = 0;
  o.layout = (tt1_layout)3;
  REFUSE(m, &o, "layout 3");
  refused(&m, NULL, "T3", &TISSUE, "no parameter or map \"T3\"");
  const double none[] = {0, 1.9, 1.2}, flat[] = {500, 1, 1.2};
  refused(&m, NULL, "C", &(tt1_design_tissue){none, 10, 1}, "C is 0 in tissue 1");
  refused(&m, NULL, "T1", &(tt1_design_tissue){flat, 10, 1}, "T1 is 0 in tissue 1");
  refused(&m, NULL, "T1", &(tt1_design_tissue){NATIVE, 0, 1}, "sigma 0");
  refused(&m, NULL, "T1", &(tt1_design_tissue){NATIVE, 10, -1}, "weight -1");
#undef REFUSE
#undef MOVABLE
}

static void memory_may_run_out(void **state)
{
  (void)state;
  acquisition a;
  tt1_error err = {0};
  double values[MAX_TIMES];
  tt1_movable m = {"TI", 0.1, 3, 0, 0};
  tt1_model *model = shipped("molli");
  acquire_times(&a, "TI", MOLLI_533, N);
  for (int n = 1; n <= 2; n++) {
    tt1__fail_allocation(n);
    tt1_status status =
        tt1_design_optimise(values, NULL, model, &a.design, "T1", &TISSUE, 1, &m, 1, NULL, &err);
    tt1__fail_allocation(0);
    assert_int_equal(status, TT1_NO_MEMORY);
    assert_int_equal(err.status, TT1_NO_MEMORY);
  }
  tt1_model_free(model);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(fits_scatter_as_the_bound_says),
      cmocka_unit_test(a_better_protocol_gives_better_fits),
      cmocka_unit_test(heart_beats_are_kept),
      cmocka_unit_test(nothing_better_is_overlooked_by_heart_beats),
      cmocka_unit_test(nothing_better_is_overlooked_by_echoes),
      cmocka_unit_test(two_echoes_lie_where_theory_says),
      cmocka_unit_test(two_flip_angles_lie_where_theory_says),
      cmocka_unit_test(limits_and_spacing_are_kept),
      cmocka_unit_test(several_quantities_move),
      cmocka_unit_test(what_leaves_nothing_is_refused),
      cmocka_unit_test(memory_may_run_out),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
