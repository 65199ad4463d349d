/* SPDX-License-Identifier: MIT
 * Running plans: what a run refuses, failing memory, cancelling, and models
 * unlike the shipped ones: maps of known quantities, several nonlinear
 * parameters, none linear, the most there can be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/memory.h"
#include "fit_support.h"

enum { N = 8, VOXELS = 200 };
static const double TIMES[N] = {0.12, 0.2, 1.12, 1.2, 2.12, 2.2, 3.12, 4.12};

typedef struct fixture {
  tt1_model *model;
  tt1_device *device;
  acquisition a;
  float signal[N * 9000];
} fixture;

static int set_up(void **state)
{
  fixture *f = space(1, sizeof *f);
  f->model = shipped("molli");
  f->device = processor(NULL, 2);
  acquire_times(&f->a, "TI", TIMES, N);
  for (int i = 0; i < N * 9000; i++)
    f->signal[i] = 500.0F * fabsf(1 - 1.9F * expf(-(float)TIMES[i / 9000]));
  *state = f;
  return 0;
}

static int tear_down(void **state)
{
  fixture *f = *state;
  tt1_device_free(f->device);
  tt1_model_free(f->model);
  free(f);
  return 0;
}

static void refused(tt1_plan *plan, const tt1_series *series, tt1_output output, const char *words)
{
  tt1_error err = {0};
  assert_int_equal(tt1_plan_run(plan, series, NULL, &output, 1, NULL, NULL, &err),
                   TT1_BAD_ARGUMENT);
  if (!strstr(err.message, words)) fail_msg("\"%s\" lacks \"%s\"", err.message, words);
  assert_int_equal(tt1_plan_run(plan, series, NULL, &output, 1, NULL, NULL, NULL),
                   TT1_BAD_ARGUMENT);
}

static void outputs_that_cannot_be_are_refused(void **state)
{
  fixture *f = *state;
  float map[4] = {1, 2, 3, 4};
  tt1_error err = {0};
  tt1_plan *plan = planned(f->device, f->model, &f->a.design, NULL);
  tt1_series series = {.signal = f->signal, .n_voxels = 4}, empty = {.n_voxels = 4};
  tt1_series negative = {.signal = f->signal, .n_voxels = -1};
  refused(plan, &series, (tt1_output){"T2", TT1_FLOAT32, map}, "model molli has no output \"T2\"");
  refused(plan, &series, (tt1_output){"T1", TT1_FLOAT32, NULL}, "\"T1\" has no data array");
  refused(plan, &series, (tt1_output){"T1", TT1_UINT8, map}, "cannot be TT1_UINT8");
  refused(plan, &series, (tt1_output){"outcome", TT1_FLOAT32, map}, "must be TT1_UINT8");
  refused(plan, &series, (tt1_output){"bounds", TT1_FLOAT64, map}, "must be TT1_UINT8");
  refused(plan, &series, (tt1_output){"T1", (tt1_type)9, map}, "\"T1\" has the unknown type 9");
  refused(plan, &empty, (tt1_output){"T1", TT1_FLOAT32, map}, "the series has no signal");
  refused(plan, &negative, (tt1_output){"T1", TT1_FLOAT32, map}, "no signal");
  assert_int_equal(tt1_plan_run(plan, &series, NULL, NULL, -1, NULL, NULL, &err), TT1_BAD_ARGUMENT);
  for (int i = 0; i < 4; i++)
    assert_true(map[i] == (float)(i + 1)); // nothing touched
  tt1_plan_free(plan);
}

static void nothing_to_do_is_no_error(void **state)
{
  fixture *f = *state;
  static const uint8_t nowhere[3] = {0};
  float map[3] = {1, 1, 1};
  tt1_output output = {"T1", TT1_FLOAT32, map};
  tt1_plan *plan = planned(f->device, f->model, &f->a.design, NULL);
  tt1_series none = {0}, series = {.signal = f->signal, .n_voxels = 3};
  assert_int_equal(tt1_plan_run(plan, &none, NULL, &output, 1, NULL, NULL, NULL), TT1_OK);
  assert_int_equal(tt1_plan_run(plan, &series, NULL, NULL, 0, NULL, NULL, NULL), TT1_OK);
  assert_int_equal(tt1_plan_run(plan, &series, nowhere, &output, 1, NULL, NULL, NULL), TT1_OK);
  assert_true(isnan(map[0]) && isnan(map[1]) && isnan(map[2]));
  tt1_plan_free(plan);
}

typedef struct watch {
  int calls, stop_after;
  int64_t last, total;
} watch;

static int look(int64_t done, int64_t total, void *payload)
{
  watch *w = payload;
  assert_true(done >= w->last && done <= total);
  w->last = done;
  w->total = total;
  return ++w->calls == w->stop_after;
}

static void progress_is_told_and_can_cancel(void **state)
{
  fixture *f = *state;
  static float map[9000];
  tt1_error err = {0};
  tt1_device *device = processor(NULL, 1);
  tt1_output output = {"T1", TT1_FLOAT32, map};
  tt1_plan *plan = planned(device, f->model, &f->a.design, NULL);
  tt1_series series = {.signal = f->signal, .n_voxels = 9000};
  watch w = {0};
  assert_int_equal(tt1_plan_run(plan, &series, NULL, &output, 1, look, &w, &err), TT1_OK);
  assert_int_equal(w.calls, 9); // chunks of 1088: eight for each thread, and the rest
  assert_int_equal(w.last, 9000);
  assert_int_equal(w.total, 9000);
  w = (watch){.stop_after = 1};
  assert_int_equal(tt1_plan_run(plan, &series, NULL, &output, 1, look, &w, &err), TT1_CANCELLED);
  assert_int_equal(err.status, TT1_CANCELLED);
  assert_int_equal(w.calls, 1);
  w = (watch){0};
  assert_int_equal(tt1_plan_run(plan, &series, NULL, &output, 1, look, &w, &err), TT1_OK);
  tt1_plan_free(plan);
  tt1_device_free(device);
}

/* The nth allocation fails, for every n: an error, nothing lost, and the next try works. */
static void memory_may_run_out_anywhere(void **state)
{
  fixture *f = *state;
  float map[4] = {7, 7, 7, 7};
  static const uint8_t mask[4] = {1, 0, 1, 1};
  tt1_output output = {"T1", TT1_FLOAT32, map};
  tt1_series series = {.signal = f->signal, .n_voxels = 4};
  tt1_plan *plan = NULL;
  tt1_error err = {0};
  int n = 0;
  while (!plan) {
    tt1__fail_allocation(++n);
    tt1_status status = tt1_plan_create(&plan, f->device, f->model, &f->a.design, NULL, &err);
    tt1__fail_allocation(0);
    assert_int_equal(status, plan ? TT1_OK : TT1_NO_MEMORY);
    assert_true(n < 200);
  }
  assert_true(n > 10);
  tt1_status status = TT1_NO_MEMORY;
  for (n = 1; status; n++) {
    tt1__fail_allocation(n);
    status = tt1_plan_run(plan, &series, mask, &output, 1, NULL, NULL, &err);
    tt1__fail_allocation(0);
    assert_true(status == TT1_OK || (status == TT1_NO_MEMORY && map[0] == 7 && map[1] == 7));
    assert_true(n < 50);
  }
  assert_true(n > 3);
  tt1_plan_free(plan);
}

/* ---- Models unlike the shipped ones ---------------------------------------- */

/* Fit noise-free voxels of `model` with lm; all parameters must come back within `allowed`. */
static void recovers(const fixture *f, const tt1_model *model, const acquisition *a,
                     const double *low, const double *high, int voxel_known, double allowed)
{
  enum { MOST = 8 };
  int n = a->design.n_samples, n_parameters = tt1_model_n_parameters(model), missed = 0;
  uint64_t seed = 11;
  float *signal = space((size_t)(n * VOXELS), sizeof *signal), *map = space(VOXELS, sizeof *map);
  double *truth = space((size_t)(MOST * VOXELS), sizeof *truth), worst = 0;
  int n_known = tt1_model_n_known(model);
  for (int v = 0; v < VOXELS; v++) {
    double p[MOST], x[MOST];
    map[v] = (float)(0.8 + 0.4 * uniform(&seed));
    for (int i = 0; i < n_parameters; i++)
      truth[i * VOXELS + v] = p[i] = low[i] + uniform(&seed) * (high[i] - low[i]);
    for (int j = 0; j < n; j++) {
      for (int q = 0; q < n_known; q++)
        x[q] =
            q == voxel_known ? (double)map[v] : a->known[q].values[a->known[q].count == 1 ? 0 : j];
      double y;
      tt1_model_evaluate(model, p, x, &y, NULL, NULL);
      signal[j * VOXELS + v] = (float)y;
    }
  }
  tt1_plan_options options = TT1_PLAN_OPTIONS_INIT;
  options.tolerance = 1e-10;
  options.max_iterations = 300;
  tt1_plan *plan = planned(f->device, model, &a->design, &options);
  assert_int_equal(tt1_plan_solver(plan), TT1_SOLVER_LM);
  tt1_voxel_map known = {"", map};
  if (voxel_known >= 0) known.name = tt1_model_known(model, voxel_known)->name;
  tt1_series series = {.signal = signal,
                       .n_voxels = VOXELS,
                       .n_voxel_known = voxel_known >= 0,
                       .voxel_known = &known};
  float *fitted = space(VOXELS, sizeof *fitted);
  int *misses = space(VOXELS, sizeof *misses);
  for (int i = 0; i < n_parameters; i++) {
    tt1_output output = {tt1_model_parameter(model, i)->name, TT1_FLOAT32, fitted};
    assert_int_equal(tt1_plan_run(plan, &series, NULL, &output, 1, NULL, NULL, NULL), TT1_OK);
    for (int v = 0; v < VOXELS; v++) {
      double off = fabs((double)fitted[v] / truth[i * VOXELS + v] - 1);
      if (off > allowed) misses[v] = 1;
      worst = off > worst ? off : worst;
    }
  }
  for (int v = 0; v < VOXELS; v++)
    missed += misses[v];
  print_message("%s: %d of %d voxels not recovered within %.0e, worst %.1e\n",
                tt1_model_name(model), missed, VOXELS, allowed, worst);
  assert_int_equal(missed, 0);
  tt1_plan_free(plan);
  free(misses);
  free(fitted);
  free(truth);
  free(map);
  free(signal);
}

static void a_map_of_a_known_quantity_is_used(void **state)
{
  const fixture *f = *state;
  static const char TEXT[] =
      "model vfa\nknown FA 1 \"flip angle\"\nknown TR s \"repetition time\" per series\n"
      "known B1 1 \"transmit field\" per voxel nominal 1\n"
      "find A 1 \"signal\" in [0, inf) start 10\nfind T1 s \"relaxation\" in [0.05, 10] start 1\n"
      "let a = FA * B1\nlet E = exp(-TR / T1)\n"
      "signal A * sin(a) * (1 - E) / (1 - E * cos(a))\n";
  static const double LOW[] = {500, 0.3}, HIGH[] = {2000, 2.5};
  tt1_model *model = from_text(TEXT);
  acquisition a;
  static const double ANGLES[] = {0.05, 0.1, 0.2, 0.3, 0.4, 0.5};
  acquire_times(&a, "FA", ANGLES, 6);
  a.values[1][0] = 0.015;
  a.known[1] = (tt1_known_values){.name = "TR", .values = a.values[1], .count = 1};
  a.design.n_known = 2;
  recovers(f, model, &a, LOW, HIGH, 2, 2e-3);
  tt1_plan *plan = planned(f->device, model, &a.design, NULL);
  float map[1];
  tt1_series series = {.signal = f->signal, .n_voxels = 1};
  tt1_output output = {"T1", TT1_FLOAT32, map};
  float one = 1, given;
  assert_int_equal(tt1_plan_run(plan, &series, NULL, &output, 1, NULL, NULL, NULL), TT1_OK);
  given = map[0]; // without a map the nominal value holds
  series.voxel_known = &(tt1_voxel_map){"B1", &one};
  series.n_voxel_known = 1;
  assert_int_equal(tt1_plan_run(plan, &series, NULL, &output, 1, NULL, NULL, NULL), TT1_OK);
  assert_true(map[0] > 0 && !memcmp(&map[0], &given, sizeof given));
  tt1_plan_free(plan);
  tt1_model_free(model);
}

static void two_nonlinear_parameters_are_found(void **state)
{
  const fixture *f = *state;
  static const char TEXT[] =
      "model joint\nknown TS s \"saturation\"\nknown TE s \"echo\"\n"
      "find A 1 \"signal\" in [0, inf) start 1\nfind T1 s \"T1\" in [0.05, 5] start 1\n"
      "find T2 s \"T2\" in [0.005, 1] start 0.05\n"
      "signal A * (1 - exp(-TS / T1)) * exp(-TE / T2)\n";
  static const double LOW[] = {100, 0.3, 0.02}, HIGH[] = {1000, 2, 0.15};
  static const double TS[] = {0.2, 0.6, 1.2, 3, 3, 3, 1, 0.4};
  static const double TE[] = {0, 0, 0, 0, 0.03, 0.06, 0.1, 0.02};
  acquisition a;
  tt1_model *model = from_text(TEXT);
  acquire_times(&a, "TS", TS, 8);
  memcpy(a.values[1], TE, sizeof TE);
  a.known[1] = (tt1_known_values){.name = "TE", .values = a.values[1], .count = 8};
  a.design.n_known = 2;
  recovers(f, model, &a, LOW, HIGH, -1, 1e-3);
  tt1_model_free(model);
}

static void a_model_without_linear_parameters_is_fitted(void **state)
{
  const fixture *f = *state;
  static const char TEXT[] = "model sigmoid\nknown TI s \"time\"\n"
                             "find m s \"middle\" in [0.1, 5] start 1\n"
                             "find w s \"width\" in [0.05, 3] start 0.5\n"
                             "signal tanh((TI - m) / w) + 2\n";
  static const double LOW[] = {0.5, 0.3}, HIGH[] = {3, 1.5};
  tt1_model *model = from_text(TEXT);
  recovers(f, model, &f->a, LOW, HIGH, -1, 1e-3);
  tt1_model_free(model);
}

static void eight_parameters_are_fitted(void **state)
{
  const fixture *f = *state;
  static const char TEXT[] =
      "model eight\nknown x 1 \"place\"\n"
      "find a 1 \"0\" in [0.1, 10] start 1\nfind b 1 \"1\" in [0.1, 10] start 1\n"
      "find c 1 \"2\" in [0.1, 10] start 1\nfind d 1 \"3\" in [0.1, 10] start 1\n"
      "find e 1 \"4\" in [0.1, 10] start 1\nfind g 1 \"5\" in [0.1, 10] start 1\n"
      "find h 1 \"6\" in [0.1, 10] start 1\nfind i 1 \"7\" in [0.1, 10] start 1\n"
      "signal a + b * sin(x) + c * cos(x) + d * sin(2 * x) + e * cos(2 * x) + g * sin(3 * x)"
      " + h * cos(3 * x) + i * sin(4 * x)\n";
  double low[8], high[8], places[20];
  acquisition a;
  tt1_model *model = from_text(TEXT);
  for (int i = 0; i < 8; i++) {
    low[i] = 0.5;
    high[i] = 5;
  }
  for (int j = 0; j < 20; j++)
    places[j] = 0.3 * j;
  acquire_times(&a, "x", places, 20);
  recovers(f, model, &a, low, high, -1, 1e-3);
  tt1_model_free(model);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(outputs_that_cannot_be_are_refused),
      cmocka_unit_test(nothing_to_do_is_no_error),
      cmocka_unit_test(progress_is_told_and_can_cancel),
      cmocka_unit_test(memory_may_run_out_anywhere),
      cmocka_unit_test(a_map_of_a_known_quantity_is_used),
      cmocka_unit_test(two_nonlinear_parameters_are_found),
      cmocka_unit_test(a_model_without_linear_parameters_is_fitted),
      cmocka_unit_test(eight_parameters_are_fitted),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
