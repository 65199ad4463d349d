/* SPDX-License-Identifier: MIT
 * The calls that a fit makes on NVIDIA's driver, on the stand-in of tests/cuda: any of
 * them may fail, all that was taken is given back, and a run takes only what it needs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <dlfcn.h>
#include <unistd.h>

#include "../cuda/standin.h"
#include "fit_hash.h"

enum { VOXELS = 4000, MEMORY = 1000000 }; /* for chunks of 512 voxels or some more */

/* What the stand-in exports. */
static void (*fail_call)(const char *name, long nth, int code);
static const char *(*failed_call)(void);
static long (*calls_of)(const char *name);
static long (*held)(void), (*abandoned)(void);

static const struct {
  const char *name;
  void *at;
} EXPORTS[] = {{"standin_fail", &fail_call},
               {"standin_failed", &failed_call},
               {"standin_calls", &calls_of},
               {"standin_held", &held},
               {"standin_abandoned", &abandoned}};

static int find_standin(void)
{
  void *file = dlopen("libcuda.so.1", RTLD_NOW);
  for (size_t i = 0; file && i < sizeof EXPORTS / sizeof *EXPORTS; i++) {
    void *found = dlsym(file, EXPORTS[i].name);
    if (!found) return 0;
    memcpy(EXPORTS[i].at, &found, sizeof found);
  }
  return file != NULL;
}

static char cache[] = "/tmp/fit_cuda-XXXXXX"; /* so that the kernel is compiled once */
static tt1_model *model;
static acquisition scan;
static float *signal;

static tt1_status open_cuda(tt1_device **out, const char *name, tt1_error *err)
{
  tt1_device_options options = TT1_DEVICE_OPTIONS_INIT;
  options.cache_folder = cache;
  options.memory = MEMORY;
  return tt1_device_open(out, name, &options, err);
}

static tt1_status run(tt1_plan *plan, int64_t n, float *T1, tt1_error *err)
{
  const tt1_output output = {"T1", TT1_FLOAT32, T1};
  const tt1_series series = {.signal = signal, .n_voxels = n, .stride = VOXELS};
  return tt1_plan_run(plan, &series, NULL, &output, 1, NULL, NULL, err);
}

/* From opening the device to closing it. */
static tt1_status fit(const char *name, float *T1, tt1_error *err)
{
  tt1_device *device = NULL;
  tt1_plan *plan = NULL;
  tt1_status status = open_cuda(&device, name, err);
  if (!status) status = tt1_plan_create(&plan, device, model, &scan.design, NULL, err);
  if (!status) status = run(plan, VOXELS, T1, err);
  tt1_plan_free(plan);
  tt1_device_free(device);
  return status;
}

static float *expected(void)
{
  static float T1[VOXELS];
  tt1_device *device = processor(NULL, 1);
  tt1_plan *plan = planned(device, model, &scan.design, NULL);
  tt1_error err;
  if (run(plan, VOXELS, T1, &err)) fail_msg("%s", err.message);
  tt1_plan_free(plan);
  tt1_device_free(device);
  return T1;
}

/* One call after the other, `step` apart, gives `code`: the fit says so, or does without. */
static void each_call_fails(const char *name, int step, int code)
{
  static float T1[VOXELS];
  const float *right = expected();
  long tried = 0, survived = 0;
  for (const char *failed = "";; tried++) {
    tt1_error err = {0};
    long before = abandoned();
    fail_call(NULL, tried * step + 1, code);
    tt1_status status = fit(name, T1, &err);
    failed = failed_call();
    if (!failed) break; // it makes no more calls
    survived += status == TT1_OK;
    if (!status && memcmp(T1, right, sizeof T1) != 0) fail_msg("%s: other bits", failed);
    if (status && (status != TT1_DEVICE && status != TT1_NO_DEVICE)) fail_msg("%s", err.message);
    if (status && !strstr(err.message, "cuda")) fail_msg("%s: \"%s\"", failed, err.message);
    assert_int_equal(held(), 0);
    // Only with its context does what cannot be freed go.
    if (code < ILLEGAL_ADDRESS && strcmp(failed, "cuCtxSetCurrent") != 0 && abandoned() != before)
      fail_msg("%s: %ld things are abandoned", failed, abandoned() - before);
  }
  print_message("%s: %ld calls failed with %d, %ld of them were survived\n", name, tried, code,
                survived);
  assert_true(tried > 20);
}

static void any_call_may_be_refused(void **state)
{
  (void)state;
  each_call_fails("cuda:0", 1, OUT_OF_MEMORY);
  each_call_fails("cuda:all", 7, INVALID_VALUE); // the second device compiles each time
}

static void a_device_may_be_lost_at_any_time(void **state)
{
  (void)state;
  each_call_fails("cuda:0", 1, LAUNCH_FAILED);
}

static void all_is_given_back(void **state)
{
  (void)state;
  static float T1[VOXELS];
  tt1_error err;
  fail_call(NULL, 0, 0);
  for (int i = 0; i < 2; i++) {
    if (fit(i ? "cuda:all" : "cuda", T1, &err)) fail_msg("%s", err.message);
    assert_int_equal(held(), 0);
    assert_int_equal(abandoned(), 0);
    assert_memory_equal(T1, expected(), sizeof T1);
  }
}

static long rooms_made(void)
{
  return calls_of("cuMemAlloc_v2") + calls_of("cuMemHostAlloc") + calls_of("cuStreamCreate");
}

static void later_runs_use_the_room_of_the_first(void **state)
{
  (void)state;
  static float T1[VOXELS];
  tt1_device *device = NULL;
  tt1_error err;
  if (open_cuda(&device, "cuda:0", &err)) fail_msg("%s", err.message);
  tt1_plan *plan = planned(device, model, &scan.design, NULL);
  static const int64_t SIZES[] = {VOXELS / 16, VOXELS, VOXELS, VOXELS / 3};
  static const int IS_NEW[] = {1, 1, 0, 0};
  for (int i = 0; i < 4; i++) {
    long before = rooms_made();
    if (run(plan, SIZES[i], T1, &err)) fail_msg("%s", err.message);
    assert_int_equal(rooms_made() > before, IS_NEW[i]);
    assert_memory_equal(T1, expected(), (size_t)SIZES[i] * sizeof *T1);
  }
  tt1_plan_free(plan);
  tt1_device_free(device);
}

/* As slices with times of their own: their plans share what is compiled and loaded. */
static void plans_that_differ_in_times_alone_share_a_kernel(void **state)
{
  (void)state;
  static const double TIMES[2][5] = {{0.1, 0.3, 1.0, 2.0, 4.0}, {0.11, 0.31, 1.01, 2.01, 4.01}};
  static float T1[VOXELS];
  acquisition scans[2];
  tt1_plan *plans[2];
  tt1_device *device = NULL;
  tt1_error err;
  long loads = calls_of("cuModuleLoadData");
  if (open_cuda(&device, "cuda:0", &err)) fail_msg("%s", err.message);
  for (int i = 0; i < 2; i++) {
    acquire_times(&scans[i], "TI", TIMES[i], 5);
    plans[i] = planned(device, model, &scans[i].design, NULL);
    if (run(plans[i], VOXELS, T1, &err)) fail_msg("%s", err.message);
  }
  assert_int_equal(calls_of("cuModuleLoadData") - loads, 1);
  tt1_plan_free(plans[0]);
  if (run(plans[1], VOXELS, T1, &err)) fail_msg("%s", err.message);
  tt1_plan_free(plans[1]);
  tt1_device_free(device);
  assert_int_equal(held(), 0);
}

static void a_kept_kernel_that_is_refused_is_made_anew(void **state)
{
  (void)state;
  static float T1[VOXELS];
  tt1_error err;
  if (fit("cuda:0", T1, &err)) fail_msg("%s", err.message); // now it is kept
  fail_call("cuModuleLoadData", 1, NO_BINARY_FOR_GPU);
  long loads = calls_of("cuModuleLoadData");
  if (fit("cuda:0", T1, &err)) fail_msg("%s", err.message);
  assert_int_equal(calls_of("cuModuleLoadData") - loads, 2);
  assert_memory_equal(T1, expected(), sizeof T1);
}

static int set_up(void **state)
{
  (void)state;
  if (!mkdtemp(cache)) return -1;
  model = shipped("molli");
  acquire(&scan, model);
  signal = simulate_hash_voxels(model, &scan, 0, VOXELS);
  return 0;
}

static int tear_down(void **state)
{
  char command[64];
  (void)state;
  free(signal);
  tt1_model_free(model);
  snprintf(command, sizeof command, "rm -r '%s'", cache);
  return system(command);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(all_is_given_back),
      cmocka_unit_test(later_runs_use_the_room_of_the_first),
      cmocka_unit_test(plans_that_differ_in_times_alone_share_a_kernel),
      cmocka_unit_test(a_kept_kernel_that_is_refused_is_made_anew),
      cmocka_unit_test(any_call_may_be_refused),
      cmocka_unit_test(a_device_may_be_lost_at_any_time),
  };
  if (!find_standin()) {
    print_message("skipped: the stand-in for NVIDIA's driver is not in LD_LIBRARY_PATH\n");
    return 77;
  }
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
