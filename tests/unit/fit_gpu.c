/* SPDX-License-Identifier: MIT
 * Fits on GPUs: every model, solver and kind of data gives the bits of the
 * processor, whatever the memory of the device and the number of devices; what
 * fails is said, and given up for the processor only where the device was not named.
 *   test_fit_gpu [opencl|cuda]   OpenCL runs on PoCL where there is no GPU */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/memory.h"
#include "device/gpu.h"
#include "fit/plan.h"
#include "fit_hash.h"

enum { VOXELS = 333, MANY = 3000, LITTLE = 500000 }; /* bytes: for chunks of 256 to 768 voxels */

/* A model of one's own, with a quantity known per voxel and two nonlinear parameters. */
static const char OWN[] = "model own\n"
                          "title \"not shipped\"\n"
                          "known TE s \"echo time\"\n"
                          "known B 1 \"a map\" per voxel nominal 1\n"
                          "find A 1 \"amplitude\" in [0, inf) start 1\n"
                          "find T s \"time\" in [0.005, 2] start 0.05\n"
                          "signal A * exp(-TE * B / T)\n";

static const char *kind_name = "opencl"; /* what is tested */

/* Device `which` of the kind, for instance "0" or "all"; NULL where it cannot be had. */
static tt1_device *opened(const char *which, int64_t memory)
{
  tt1_device *device = NULL;
  char name[32];
  snprintf(name, sizeof name, "%s:%s", kind_name, which);
  tt1_error err = {0};
  tt1_device_options options = TT1_DEVICE_OPTIONS_INIT;
  options.no_cache = 1;
  options.memory = memory;
  if (tt1_device_open(&device, name, &options, &err)) print_message("%s\n", err.message);
  return device;
}

static void same(const results *expected, const results *got, const char *what)
{
  for (int64_t v = 0; v < expected->n; v++)
    if (hash_voxel(expected, v) != hash_voxel(got, v)) fail_msg("%s: voxel %d", what, (int)v);
}

/* One way to fit one kind of data of a model, here and there. */
static void compare(tt1_device *there, const tt1_model *model, const way *w, int is_signed,
                    int64_t n)
{
  char what[80];
  acquisition a;
  acquire(&a, model);
  tt1_device *here = processor(NULL, 1);
  tt1_plan *plan = plan_way(here, model, &a.design, w, is_signed);
  snprintf(what, sizeof what, "%s, %s%s", tt1_model_name(model), w->name,
           is_signed ? ", signed" : "");
  if (plan) {
    float *signal = simulate_hash_voxels(model, &a, is_signed, n);
    tt1_plan *other = plan_way(there, model, &a.design, w, is_signed);
    results expected = run_all(plan, signal, n, NULL), got = run_all(other, signal, n, NULL);
    same(&expected, &got, what);
    assert_string_equal(tt1_plan_device_reason(other), "asked for");
    free_results(&got);
    free_results(&expected);
    tt1_plan_free(other);
    free(signal);
  }
  tt1_plan_free(plan);
  tt1_device_free(here);
}

static void every_model_and_solver_gives_the_same_bits(void **state)
{
  const int is_long = getenv("TORCHT1_TEST_LONG") != NULL;
  for (int m = 0; tt1_builtin_name(m); m++) {
    tt1_model *model = shipped(tt1_builtin_name(m));
    // PoCL compiles each for seconds: a model's own solver, molli with all, others in turn.
    int is_whole = is_long || !strcmp(tt1_builtin_name(m), "molli");
    for (int w = 0; w < N_WAYS; w++)
      if (is_whole || w == 0 || w == 1 + m % 3) compare(*state, model, &WAYS[w], 0, VOXELS);
    tt1_model_free(model);
  }
}

static void signed_data_gives_the_same_bits(void **state)
{
  tt1_model *model = shipped("molli");
  for (int w = 0; w < N_WAYS; w += 3)
    compare(*state, model, &WAYS[w], 1, VOXELS);
  tt1_model_free(model);
}

/* Every output of a plan with these options: numbers as they are, codes widened. */
static float *all_outputs(tt1_device *device, const tt1_plan_options *options, size_t *size)
{
  tt1_model *model = shipped("molli");
  acquisition a;
  tt1_error err = {0};
  tt1_output outputs[64];
  uint8_t codes[2][VOXELS];
  int count = 0, n_codes = 0;
  acquire(&a, model);
  float *signal = simulate_hash_voxels(model, &a, 0, VOXELS);
  float *values = space(64 * VOXELS, sizeof *values);
  tt1_plan *plan = planned(device, model, &a.design, options);
  for (const char *name; (name = tt1_plan_output_name(plan, count)); count++) {
    int is_code = !strcmp(name, "outcome") || !strcmp(name, "bounds");
    outputs[count] = (tt1_output){name, is_code ? TT1_UINT8 : TT1_FLOAT32, values + count * VOXELS};
    if (is_code) outputs[count].data = codes[n_codes++];
  }
  const tt1_series series = {.signal = signal, .n_voxels = VOXELS};
  if (tt1_plan_run(plan, &series, NULL, outputs, count, NULL, NULL, &err))
    fail_msg("%s", err.message);
  for (int i = 0; i < 2 * VOXELS; i++)
    values[count * VOXELS + i] = codes[i / VOXELS][i % VOXELS];
  *size = (size_t)(count + 2) * VOXELS * sizeof *values;
  tt1_plan_free(plan);
  free(signal);
  tt1_model_free(model);
  return values;
}

static void compare_options(tt1_device *there, const tt1_plan_options *options)
{
  size_t size, other_size;
  tt1_device *here = processor(NULL, 1);
  float *expected = all_outputs(here, options, &size);
  float *got = all_outputs(there, options, &other_size);
  assert_int_equal(size, other_size);
  assert_memory_equal(expected, got, size);
  free(expected);
  free(got);
  tt1_device_free(here);
}

static void weighed_fits_and_covariances_give_the_same_bits(void **state)
{
  tt1_plan_options options = TT1_PLAN_OPTIONS_INIT;
  options.sign = TT1_SIGN_MAGNITUDE;
  options.sigma = 15;
  options.noise = TT1_NOISE_RICIAN;
  options.covariance = 1;
  compare_options(*state, &options);
  options.noise = TT1_NOISE_ROBUST;
  options.sigma = 0;
  compare_options(*state, &options);
}

/* Runs of one plan on two devices, with what the series may bring beside the samples. */
static void compare_series(tt1_device *there, const tt1_model *model, const acquisition *a,
                           const tt1_series *series, const uint8_t *mask)
{
  tt1_device *devices[2] = {processor(NULL, 2), there};
  float *values[2];
  uint8_t *codes[2];
  for (int i = 0; i < 2; i++) {
    tt1_error err = {0};
    tt1_plan *plan = planned(devices[i], model, &a->design, NULL);
    values[i] = space((size_t)series->n_voxels, sizeof **values);
    codes[i] = space((size_t)series->n_voxels, 1);
    const tt1_output outputs[] = {{tt1_plan_output_name(plan, 1), TT1_FLOAT32, values[i]},
                                  {"outcome", TT1_UINT8, codes[i]}};
    if (tt1_plan_run(plan, series, mask, outputs, 2, NULL, NULL, &err)) fail_msg("%s", err.message);
    tt1_plan_free(plan);
  }
  assert_memory_equal(values[0], values[1], (size_t)series->n_voxels * sizeof **values);
  assert_memory_equal(codes[0], codes[1], (size_t)series->n_voxels);
  for (int i = 0; i < 2; i++) {
    free(values[i]);
    free(codes[i]);
  }
  tt1_device_free(devices[0]);
}

static void masks_and_known_signs_travel(void **state)
{
  tt1_model *model = shipped("molli");
  acquisition a;
  acquire(&a, model);
  float *signal = simulate_hash_voxels(model, &a, 0, VOXELS);
  static int8_t signs[8 * VOXELS];
  static uint8_t mask[VOXELS];
  for (int i = 0; i < 8 * VOXELS; i++)
    signs[i] = (int8_t)(i % 7 == 0 ? 0 : i < 2 * VOXELS ? -1 : 1);
  for (int v = 0; v < VOXELS; v++)
    mask[v] = v % 5 != 2;
  tt1_series series = {.signal = signal, .n_voxels = VOXELS, .signs = signs};
  compare_series(*state, model, &a, &series, mask);
  enum { PART = VOXELS / 3 }; // of the same series, where it lies
  series = (tt1_series){
      .signal = signal + PART, .n_voxels = PART, .stride = VOXELS, .signs = signs + PART};
  compare_series(*state, model, &a, &series, mask + PART);
  free(signal);
  tt1_model_free(model);
}

static void models_of_ones_own_run_with_maps_of_known_quantities(void **state)
{
  static const double TIMES[] = {0.01, 0.02, 0.04, 0.08, 0.12};
  static float signal[5 * VOXELS], map[VOXELS];
  tt1_model *model = from_text(OWN);
  acquisition a;
  uint64_t seed = 4;
  acquire_times(&a, "TE", TIMES, 5);
  for (int v = 0; v < VOXELS; v++) {
    map[v] = (float)(0.8 + 0.4 * uniform(&seed));
    double amplitude = 100 + 900 * uniform(&seed), time = 0.02 + 0.1 * uniform(&seed);
    for (int j = 0; j < 5; j++)
      signal[j * VOXELS + v] =
          (float)(amplitude * exp(-TIMES[j] * (double)map[v] / time) + 10 * near_normal(&seed));
  }
  const tt1_voxel_map known = {"B", map};
  const tt1_series series = {
      .signal = signal, .n_voxels = VOXELS, .n_voxel_known = 1, .voxel_known = &known};
  compare_series(*state, model, &a, &series, NULL);
  tt1_model_free(model);
}

static void series_larger_than_the_memory_are_fitted_in_pieces(void **state)
{
  (void)state;
  tt1_model *model = shipped("molli");
  tt1_device *device = opened("0", LITTLE);
  compare(device, model, &WAYS[0], 0, MANY);
  tt1_device_free(device);
  tt1_model_free(model);
}

static int n_devices(void)
{
  tt1_device_info info;
  int count = 0;
  for (int i = 0; tt1_device_describe(i, &info); i++)
    count += !strncmp(info.name, kind_name, strlen(kind_name));
  return count;
}

static void several_devices_work_at_once(void **state)
{
  (void)state;
  tt1_model *model = shipped("molli");
  tt1_device *device = opened("all", LITTLE);
  assert_non_null(strstr(tt1_device_name(device), ":all"));
  assert_int_equal(tt1_device_threads(device) % n_devices(), 0); // slots of each
  assert_true(tt1_device_threads(device) >= 3 * n_devices());
  compare(device, model, &WAYS[0], 0, MANY);
  tt1_device_free(device);
  tt1_model_free(model);
}

static void refuses(tt1_device *device, const tt1_plan_options *options, const char *words)
{
  tt1_model *model = shipped("molli");
  acquisition a;
  tt1_plan *plan = NULL;
  tt1_error err = {0};
  acquire(&a, model);
  assert_int_equal(tt1_plan_create(&plan, device, model, &a.design, options, &err),
                   TT1_BAD_ARGUMENT);
  if (!strstr(err.message, words)) fail_msg("\"%s\" lacks \"%s\"", err.message, words);
  tt1_model_free(model);
}

static void double_precision_stays_on_the_processor(void **state)
{
  tt1_plan_options options = TT1_PLAN_OPTIONS_INIT;
  options.precision = TT1_DOUBLE;
  refuses(*state, &options, ":0 fits in float");
  options.solver = TT1_SOLVER_NELDER_MEAD;
  refuses(*state, &options, "nelder-mead runs on the processor only");
}

static void wrong_names_are_refused(void **state)
{
  (void)state;
  static const char *const ENDINGS[] = {"99", "x", "", "0x", "-1"};
  for (size_t i = 0; i < sizeof ENDINGS / sizeof *ENDINGS; i++) {
    tt1_device *device = NULL;
    tt1_error err = {0};
    char name[32];
    snprintf(name, sizeof name, "%s:%s", kind_name, ENDINGS[i]);
    assert_int_equal(tt1_device_open(&device, name, NULL, &err), TT1_NO_DEVICE);
    assert_non_null(strstr(err.message, " has 0 to "));
  }
}

/* ---- Failures --------------------------------------------------------------- */

/* How a driver tells of what can go wrong. */
typedef struct failure_codes {
  const tt1__device_kind *kind;
  int no_memory, no_launch, lost, no_compiler;
  const char *no_launch_words, *lost_words;
} failure_codes;

static const failure_codes CODES[] = {
    {&tt1__opencl, -4, -5, -14, -11, "fitting failed: out of resources (-5)",
     "failed: execution failed before (-14)"},
    {&tt1__cuda, 2, 1, 719, -2, "fitting failed: invalid argument (1)",
     "failed: unspecified launch failure (719)"},
};
static const failure_codes *codes = &CODES[0]; /* of the kind */

/* A driver that fails: the real one, but for one call. */
static int no_memory(void **buffer, void *context, size_t size)
{
  return size > 4096 * 16 ? codes->no_memory : codes->kind->driver->allocate(buffer, context, size);
}

static int lost(void *stream)
{
  (void)stream;
  return codes->lost;
}

static int no_launch(void *stream, const tt1__gpu_buffers *buffers, int count, int stride)
{
  (void)stream, (void)buffers, (void)count, (void)stride;
  return codes->no_launch;
}

static int no_compiler(void *context, const char *text, tt1__gpu_binary *out, char *log,
                       size_t size)
{
  (void)context, (void)text, (void)out;
  snprintf(log, size, "the compiler is on holiday");
  return codes->no_compiler;
}

/* A run on a device that fails: named, or chosen in place of the processor. */
static void fails(const tt1__gpu_driver *driver, const char *words)
{
  tt1__device_kind kind = *codes->kind;
  kind.driver = driver;
  tt1_model *model = shipped("molli");
  acquisition a;
  acquire(&a, model);
  float *signal = simulate_hash_voxels(model, &a, 0, MANY);
  tt1_device *own = NULL, *other = NULL;
  tt1_device_options options = TT1_DEVICE_OPTIONS_INIT;
  options.no_cache = 1;
  assert_int_equal(tt1_device_open(&own, "auto", &options, NULL), TT1_OK);
  assert_int_equal(tt1__device_open(&other, &kind, NULL, &own->options, NULL), TT1_OK);
  static float t1[MANY];
  const tt1_output output = {"T1", TT1_FLOAT32, t1};
  const tt1_series series = {.signal = signal, .n_voxels = MANY};
  tt1_error err = {0};
  tt1_plan *plan = planned(other, model, &a.design, NULL);
  assert_int_equal(tt1_plan_run(plan, &series, NULL, &output, 1, NULL, NULL, &err), TT1_DEVICE);
  if (!strstr(err.message, words)) fail_msg("\"%s\" lacks \"%s\"", err.message, words);
  tt1_plan_free(plan);
  // Now as the device that was chosen: the fit is done all the same.
  own->other = other;
  other->compile_seconds = 0;
  other->rate = 1e30;
  plan = planned(own, model, &a.design, NULL);
  assert_int_equal(tt1_plan_run(plan, &series, NULL, &output, 1, NULL, NULL, &err), TT1_OK);
  assert_string_equal(tt1_device_name(tt1_plan_device(plan)), "cpu");
  assert_non_null(strstr(tt1_plan_device_reason(plan), words));
  results expected = run_all(plan, signal, MANY, NULL);
  assert_memory_equal(t1, expected.values + 3 * MANY, sizeof t1);
  assert_null(tt1__device_gpu(own)); // once is enough
  assert_non_null(strstr(tt1_plan_device_reason(plan), words));
  free_results(&expected);
  tt1_plan_free(plan);
  tt1_device_free(own);
  free(signal);
  tt1_model_free(model);
}

static void failures_are_said_and_survived(void **state)
{
  (void)state;
  tt1__gpu_driver driver = *codes->kind->driver;
  driver.allocate = no_memory;
  fails(&driver, "out of device memory, making room for chunks failed");
  driver = *codes->kind->driver;
  driver.launch = no_launch;
  fails(&driver, codes->no_launch_words);
  driver = *codes->kind->driver;
  driver.wait = lost;
  fails(&driver, codes->lost_words);
  driver = *codes->kind->driver;
  driver.compile = no_compiler;
  fails(&driver, "model molli cannot be compiled: the compiler is on holiday");
}

static void too_little_memory_is_said(void **state)
{
  (void)state;
  tt1_model *model = shipped("molli");
  tt1_device *device = opened("0", 30000);
  acquisition a;
  static float signal[8], t1[1];
  acquire(&a, model);
  const tt1_output output = {"T1", TT1_FLOAT32, t1};
  const tt1_series series = {.signal = signal, .n_voxels = 1};
  tt1_error err = {0};
  tt1_plan *plan = planned(device, model, &a.design, NULL);
  assert_int_equal(tt1_plan_run(plan, &series, NULL, &output, 1, NULL, NULL, &err), TT1_DEVICE);
  assert_non_null(strstr(err.message, "30000 bytes of memory are too few"));
  tt1_plan_free(plan);
  tt1_device_free(device);
  tt1_model_free(model);
}

/* Opening, planning and running while allocation n and all later ones fail. */
static tt1_status run_with_failing(long n, const tt1_model *model, tt1_error *err)
{
  static float signal[8 * 16], t1[16];
  const tt1_output output = {"T1", TT1_FLOAT32, t1};
  const tt1_series series = {.signal = signal, .n_voxels = 16};
  tt1_device *device = NULL;
  tt1_plan *plan = NULL;
  tt1_device_options options = TT1_DEVICE_OPTIONS_INIT;
  acquisition a;
  options.no_cache = 1;
  acquire(&a, model);
  tt1__fail_allocation(n);
  tt1_status status = tt1_device_open(&device, kind_name, &options, err);
  if (!status) status = tt1_plan_create(&plan, device, model, &a.design, NULL, err);
  if (!status) status = tt1_plan_run(plan, &series, NULL, &output, 1, NULL, NULL, err);
  tt1__fail_allocation(0);
  tt1_plan_free(plan);
  tt1_device_free(device);
  return status;
}

static void memory_may_run_out(void **state)
{
  (void)state;
  tt1_model *model = shipped("molli");
  tt1_status status = TT1_NO_MEMORY;
  for (long n = 1; status; n++) {
    tt1_error err = {0};
    status = run_with_failing(n, model, &err);
    assert_true(!status || strstr(err.message, "out of"));
    assert_true(n < 1000);
  }
  tt1_model_free(model);
}

static int open_first(void **state)
{
  *state = opened("0", 0);
  return *state ? 0 : -1;
}

static int close_first(void **state)
{
  tt1_device_free(*state);
  return 0;
}

#if defined(__has_feature)
#  if __has_feature(thread_sanitizer)
#    define __SANITIZE_THREAD__ 1
#  endif
#endif

int main(int argc, char **argv)
{
  if (argc > 1) kind_name = argv[1];
  if (!strcmp(kind_name, "cuda")) codes = &CODES[1];
#if defined(__SANITIZE_THREAD__)
  if (codes == &CODES[0]) {
    print_message("skipped: OpenCL drivers are not built for the thread sanitiser\n");
    return 77;
  }
#endif
  setenv("POCL_DEVICES", "pthread pthread", 1); // two devices, where PoCL is what there is
  // It compiles hundreds of kernels: unoptimised in half the time, to the same bits.
  setenv("POCL_EXTRA_BUILD_FLAGS", "-cl-opt-disable", 0);
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_model_and_solver_gives_the_same_bits),
      cmocka_unit_test(signed_data_gives_the_same_bits),
      cmocka_unit_test(weighed_fits_and_covariances_give_the_same_bits),
      cmocka_unit_test(masks_and_known_signs_travel),
      cmocka_unit_test(models_of_ones_own_run_with_maps_of_known_quantities),
      cmocka_unit_test(series_larger_than_the_memory_are_fitted_in_pieces),
      cmocka_unit_test(several_devices_work_at_once),
      cmocka_unit_test(double_precision_stays_on_the_processor),
      cmocka_unit_test(wrong_names_are_refused),
      cmocka_unit_test(failures_are_said_and_survived),
      cmocka_unit_test(too_little_memory_is_said),
      cmocka_unit_test(memory_may_run_out),
  };
  tt1_device *device = opened("0", 0);
  if (!device) {
    print_message("skipped: no %s device\n", kind_name);
    return 77;
  }
  tt1_device_free(device);
  return cmocka_run_group_tests(tests, open_first, close_first);
}
