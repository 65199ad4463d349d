/* SPDX-License-Identifier: MIT
 * What a plan refuses, each with a sentence, and what it must not depend on: the
 * order of the images, how often a time is repeated. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "fit_support.h"

enum { N = 8 };
static const double TIMES[N] = {0.12, 0.2, 1.12, 1.2, 2.12, 2.2, 3.12, 4.12};

typedef struct fixture {
  tt1_model *model;
  tt1_device *device;
} fixture;

static int set_up(void **state)
{
  fixture *f = space(1, sizeof *f);
  f->model = shipped("molli");
  f->device = processor(NULL, 1);
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

/* The plan must be refused with a sentence that holds `words`; nothing may be handed out. */
static void refused(const fixture *f, const tt1_model *model, const tt1_design *design,
                    const tt1_plan_options *options, const char *words)
{
  tt1_plan *plan = NULL;
  tt1_error err = {0};
  tt1_status status = tt1_plan_create(&plan, f->device, model, design, options, &err);
  if (status != TT1_BAD_ARGUMENT || err.status != TT1_BAD_ARGUMENT || plan)
    fail_msg("expected a refusal with \"%s\", got %d", words, (int)status);
  if (!strstr(err.message, words)) fail_msg("\"%s\" lacks \"%s\"", err.message, words);
  assert_null(strchr(err.message, '\n'));
  assert_int_equal(tt1_plan_create(&plan, f->device, model, design, options, NULL),
                   TT1_BAD_ARGUMENT); // err may be NULL
}

static void refuse_times(const fixture *f, int n, const double *times, int count, const char *words)
{
  tt1_known_values known = {.name = "TI", .values = times, .count = count};
  tt1_design design = {n, 1, &known};
  refused(f, f->model, &design, NULL, words);
}

static void designs_that_cannot_be_are_refused(void **state)
{
  const fixture *f = *state;
  double times[65];
  memcpy(times, TIMES, sizeof TIMES);
  tt1_design none = {N, 0, NULL};
  refused(f, f->model, &none, NULL, "needs TI (inversion time, in s), which is not given");
  refuse_times(f, N, times, 7, "TI has 7 values, expected 8, one per image");
  refuse_times(f, N, times, 1, "TI has 1 values, expected 8");
  refuse_times(f, 0, times, 0, "0 images, expected 1 to 64");
  refuse_times(f, 65, times, 65, "65 images, expected 1 to 64");
  refuse_times(f, -1, times, -1, "-1 images");
  times[3] = NAN;
  refuse_times(f, N, times, N, "TI of image 4 is not a finite number");
  times[3] = INFINITY;
  refuse_times(f, N, times, N, "TI of image 4 is not a finite number");
  times[3] = -0.1;
  refuse_times(f, N, times, N, "TI of image 4 is -0.1 s, expected 0 to 1000 s");
  times[3] = 1200;
  refuse_times(f, N, times, N, "are the times in ms?");
  for (int j = 0; j < N; j++)
    times[j] = j % 2 ? 0.5 : 1;
  refuse_times(f, N, times, N, "8 images with 2 distinct settings of TI: model molli has 3");
  refuse_times(f, 2, TIMES, 2, "2 images");
}

static void unknown_names_are_refused(void **state)
{
  const fixture *f = *state;
  tt1_known_values known[] = {{.name = "TI", .values = TIMES, .count = N},
                              {.name = "TE", .values = TIMES, .count = N}};
  tt1_design design = {N, 2, known};
  refused(f, f->model, &design, NULL, "model molli has no known quantity \"TE\"");
}

static void options_out_of_range_are_refused(void **state)
{
  const fixture *f = *state;
  tt1_known_values known = {.name = "TI", .values = TIMES, .count = N};
  tt1_design design = {N, 1, &known};
  const tt1_plan_options fresh = TT1_PLAN_OPTIONS_INIT;
  tt1_plan_options o = fresh;
#define REFUSE(field, value, words)           \
  do {                                        \
    o = fresh;                                \
    o.field = value;                          \
    refused(f, f->model, &design, &o, words); \
  } while (0)
  REFUSE(version, 0, "tt1_plan_options has version 0, this library knows 1");
  REFUSE(version, 99, "tt1_plan_options has version 99");
  REFUSE(solver, (tt1_solver)17, "solver 17 is unknown");
  REFUSE(solver, (tt1_solver)-1, "solver -1 is unknown");
  REFUSE(max_iterations, -1, "-1 iterations");
  REFUSE(max_iterations, 2000000, "2000000 iterations");
  REFUSE(tolerance, -1, "tolerance -1, expected 0 to 1");
  REFUSE(tolerance, (double)NAN, "tolerance nan");
  REFUSE(learning_rate, -1, "learning rate -1");
  REFUSE(learning_rate, (double)NAN, "learning rate nan");
  REFUSE(sigma, -2, "sigma -2, expected a positive number");
  REFUSE(sigma, (double)INFINITY, "sigma inf");
  o = fresh;
  o.solver = TT1_SOLVER_VARPRO;
  o.start = TT1_START_FIXED;
  refused(f, f->model, &design, &o, "varpro searches globally and takes no fixed start");
#undef REFUSE
}

static void varpro_is_refused_where_it_does_not_fit(void **state)
{
  const fixture *f = *state;
  tt1_model *model =
      from_text("model decay\nknown TE s \"time\"\n"
                "find a 1/s \"rate\" in [0.1, 100]\nfind b 1/s \"rate\" in [0.1, 100]\n"
                "signal exp(-TE * a) + exp(-TE * b * 2)\n");
  tt1_known_values known = {.name = "TE", .values = TIMES, .count = N};
  tt1_design design = {N, 1, &known};
  tt1_plan_options options = TT1_PLAN_OPTIONS_INIT;
  options.solver = TT1_SOLVER_VARPRO;
  refused(f, model, &design, &options, "varpro cannot fit model decay: ");
  options.solver = TT1_SOLVER_AUTO;
  tt1_plan *plan = planned(f->device, model, &design, &options);
  assert_int_equal(tt1_plan_solver(plan), TT1_SOLVER_LM);
  tt1_plan_free(plan);
  tt1_model_free(model);
}

static void defaults_are_chosen(void **state)
{
  const fixture *f = *state;
  tt1_known_values known = {.name = "TI", .values = TIMES, .count = N};
  tt1_design design = {N, 1, &known};
  tt1_plan *plan = planned(f->device, f->model, &design, NULL);
  static const char *const NAMES[] = {"C",      "k",     "T1s",      "T1",   "C_sd",    "k_sd",
                                      "T1s_sd", "T1_sd", "rsquared", "rmse", "outcome", "bounds"};
  assert_int_equal(tt1_plan_solver(plan), TT1_SOLVER_VARPRO);
  for (int i = 0; i < 12; i++)
    assert_string_equal(tt1_plan_output_name(plan, i), NAMES[i]);
  assert_null(tt1_plan_output_name(plan, 12));
  assert_null(tt1_plan_output_name(plan, -1));
  tt1_plan_free(plan);
  tt1_plan_free(NULL);
  assert_string_equal(tt1_solver_name(TT1_SOLVER_VARPRO), "varpro");
  assert_string_equal(tt1_solver_name(TT1_SOLVER_NELDER_MEAD), "nelder-mead");
  assert_null(tt1_solver_name((tt1_solver)5));
}

/* Times and images shuffled together, for magnitudes: the search sorts. */
static void the_order_of_the_images_does_not_matter(void **state)
{
  const fixture *f = *state;
  enum { VOXELS = 300 };
  static const int ORDER[N] = {5, 2, 7, 0, 3, 6, 1, 4};
  static float sorted[N * VOXELS], shuffled[N * VOXELS];
  double times[N];
  uint64_t seed = 3;
  acquisition a, b;
  acquire_times(&a, "TI", TIMES, N);
  for (int v = 0; v < VOXELS; v++) {
    double p[8], y[MAX_TIMES];
    draw_parameters(f->model, &seed, p);
    evaluate_voxel(f->model, &a, p, y);
    for (int j = 0; j < N; j++)
      sorted[j * VOXELS + v] = (float)fabs(y[j] + p[0] / 40 * near_normal(&seed));
  }
  for (int j = 0; j < N; j++) {
    times[j] = TIMES[ORDER[j]];
    memcpy(shuffled + j * VOXELS, sorted + ORDER[j] * VOXELS, VOXELS * sizeof *sorted);
  }
  acquire_times(&b, "TI", times, N);
  tt1_plan *one = planned(f->device, f->model, &a.design, NULL);
  tt1_plan *other = planned(f->device, f->model, &b.design, NULL);
  results r = run_all(one, sorted, VOXELS, NULL), s = run_all(other, shuffled, VOXELS, NULL);
  for (int v = 0; v < VOXELS; v++)
    assert_true(hash_voxel(&r, v) == hash_voxel(&s, v));
  free_results(&r);
  free_results(&s);
  tt1_plan_free(one);
  tt1_plan_free(other);
}

/* Images of one time flip together; 64 of them are the most there can be. */
static void times_may_be_equal_and_many(void **state)
{
  const fixture *f = *state;
  double times[64], p[3] = {500, 1.9, 1.1}, y[64];
  float signal[64];
  acquisition a;
  for (int i = 0; i < 2; i++) {
    int n = i ? 64 : 9;
    for (int j = 0; j < n; j++)
      times[j] = i ? 0.06 * (j + 1) : 0.2 + 1.1 * (j % 3);
    acquire_times(&a, "TI", times, n);
    evaluate_voxel(f->model, &a, p, y);
    for (int j = 0; j < n; j++)
      signal[j] = (float)y[j];
    tt1_plan *plan = planned(f->device, f->model, &a.design, NULL);
    results r = run_all(plan, signal, 1, NULL);
    assert_int_equal(r.codes[0], TT1_CONVERGED);
    assert_true(fabs((double)r.values[3] - 0.99) < 1e-3);
    free_results(&r);
    tt1_plan_free(plan);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(designs_that_cannot_be_are_refused),
      cmocka_unit_test(unknown_names_are_refused),
      cmocka_unit_test(options_out_of_range_are_refused),
      cmocka_unit_test(varpro_is_refused_where_it_does_not_fit),
      cmocka_unit_test(defaults_are_chosen),
      cmocka_unit_test(the_order_of_the_images_does_not_matter),
      cmocka_unit_test(times_may_be_equal_and_many),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
