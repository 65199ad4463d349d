/* SPDX-License-Identifier: MIT
 * One hash: the bits of every output of a voxel depend on its samples and on
 * nothing else: not on threads, chunks, mask, order, neighbours, instruction set,
 * nor on whether the model is emitted or interpreted. hash_main.c adds compilers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "fit_hash.h"

enum { VOXELS = 4097, FEW = 404 };

/* One model and kind of data, and what they are fitted with. */
typedef struct subject {
  tt1_model *model;
  int is_signed;
  const way *way;
  acquisition a;
  const float *signal; /* [n_samples][VOXELS] */
  results expected;
} subject;

static void explain_difference(const subject *s, const char *what, const results *got, int64_t v,
                               int64_t original)
{
  tt1_device *device = processor(NULL, 1);
  tt1_plan *plan = plan_way(device, s->model, &s->a.design, s->way, s->is_signed);
  for (int o = 0; o < got->n_rows; o++) {
    float a = s->expected.values[o * s->expected.n + original], b = got->values[o * got->n + v];
    if (memcmp(&a, &b, sizeof a) != 0)
      print_message("  voxel %lld, %s: %.9g (%a) became %.9g (%a)\n", (long long)original,
                    tt1_plan_output_name(plan, o), (double)a, (double)a, (double)b, (double)b);
  }
  tt1_plan_free(plan);
  tt1_device_free(device);
  fail_msg("%s%s, %s: %s gives other bits", tt1_model_name(s->model), s->is_signed ? " signed" : "",
           s->way->name, what);
}

/* Voxel v of `got` is voxel places[v] of the subject (NULL: the same). */
static void same_bits(const subject *s, const char *what, const results *got, const int *places)
{
  for (int64_t v = 0; v < got->n; v++) {
    int64_t original = places ? places[v] : v;
    if (hash_voxel(got, v) != hash_voxel(&s->expected, original))
      explain_difference(s, what, got, v, original);
  }
}

static float *gathered(const subject *s, const int *places, int64_t n)
{
  int n_samples = s->a.design.n_samples;
  float *signal = space((size_t)(n_samples * n), sizeof *signal);
  for (int j = 0; j < n_samples; j++)
    for (int64_t v = 0; v < n; v++)
      signal[j * n + v] = s->signal[(int64_t)j * VOXELS + (places ? places[v] : v)];
  return signal;
}

static void fit_and_compare(const subject *s, const char *what, tt1_plan *plan, const int *places,
                            int64_t n)
{
  float *signal = gathered(s, places, n);
  results got = run_all(plan, signal, n, NULL);
  same_bits(s, what, &got, places);
  free_results(&got);
  free(signal);
}

static void vary_order(const subject *s, tt1_plan *plan)
{
  static int places[VOXELS];
  for (int v = 0; v < VOXELS; v++)
    places[v] = (int)((int64_t)v * 1009 % VOXELS); // 4097 = 17 * 241 has no factor of 1009
  fit_and_compare(s, "another order of the voxels", plan, places, VOXELS);
  for (int v = 0; v < VOXELS - 1; v++)
    places[v] = v + 1;
  fit_and_compare(s, "a shift by one voxel", plan, places, VOXELS - 1);
}

static void vary_counts(const subject *s, tt1_plan *plan)
{
  static const int COUNTS[] = {1, 15, 16, 17, 4095, VOXELS};
  for (size_t i = 0; i < sizeof COUNTS / sizeof *COUNTS; i++) {
    char what[40];
    snprintf(what, sizeof what, "a series of %d voxels", COUNTS[i]);
    fit_and_compare(s, what, plan, NULL, COUNTS[i]);
  }
}

static void vary_mask(const subject *s, tt1_plan *plan)
{
  static uint8_t mask[VOXELS];
  for (int v = 0; v < VOXELS; v++)
    mask[v] = v % 3 == 1;
  results got = run_all(plan, s->signal, VOXELS, mask);
  for (int v = 0; v < VOXELS; v++)
    if (mask[v] && hash_voxel(&got, v) != hash_voxel(&s->expected, v))
      explain_difference(s, "a mask of every third voxel", &got, v, v);
  for (int v = 0; v < VOXELS; v += 3) {
    assert_int_equal(got.codes[v], TT1_MASKED);
    for (int o = 0; o < got.n_rows; o++)
      assert_true(isnan(got.values[o * got.n + v]));
  }
  free_results(&got);
}

static void vary_device(const subject *s, const char *isa, int threads, int n)
{
  char what[60];
  tt1_device *device = processor(isa, threads);
  tt1_plan *plan = plan_way(device, s->model, &s->a.design, s->way, s->is_signed);
  snprintf(what, sizeof what, "%s on %d threads", tt1_device_isa(device), threads);
  fit_and_compare(s, what, plan, NULL, n);
  tt1_plan_free(plan);
  tt1_device_free(device);
}

/* Under another name the emitted kernels do not serve. */
static void vary_model(const subject *s, const char *isa)
{
  const char *text = tt1_model_text(s->model), *name = strstr(text, "model   ");
  char *longer = space(strlen(text) + 40, 1), what[60];
  need(name != NULL, text, "no model line");
  sprintf(longer, "model interpreted_%s", name + strlen("model   "));
  tt1_model *model = from_text(longer);
  tt1_device *device = processor(isa, 1);
  tt1_plan *plan = plan_way(device, model, &s->a.design, s->way, s->is_signed);
  snprintf(what, sizeof what, "the interpreter on %s", tt1_device_isa(device));
  fit_and_compare(s, what, plan, NULL, FEW);
  tt1_plan_free(plan);
  tt1_device_free(device);
  tt1_model_free(model);
  free(longer);
}

static const char *const ISAS[] = {"avx512", "avx2", "portable"};

static int runs_here(const char *isa)
{
  tt1_device *device = NULL;
  tt1_device_options options = {.version = TT1_DEVICE_OPTIONS_VERSION, .threads = 1, .isa = isa};
  tt1_error err = {0};
  if (tt1_device_open(&device, "cpu", &options, &err)) return 0;
  tt1_device_free(device);
  return 1;
}

static void check_subject(subject *s)
{
  tt1_device *device = processor(NULL, 1);
  tt1_plan *plan = plan_way(device, s->model, &s->a.design, s->way, s->is_signed);
  if (plan) {
    s->expected = run_all(plan, s->signal, VOXELS, NULL);
    vary_counts(s, plan); // the last is all of them: the same plan a second time
    vary_order(s, plan);
    vary_mask(s, plan);
    vary_device(s, NULL, 2, VOXELS);
    vary_device(s, NULL, 3, VOXELS);
    for (int i = 0; i < 3; i++)
      if (runs_here(ISAS[i])) {
        vary_device(s, ISAS[i], 1, FEW);
        vary_model(s, ISAS[i]);
      }
    free_results(&s->expected);
  }
  tt1_plan_free(plan);
  tt1_device_free(device);
}

static void check_model(const char *name)
{
  subject s = {.model = shipped(name)};
  acquire(&s.a, s.model);
  for (s.is_signed = 0; s.is_signed <= tt1_model_is_magnitude(s.model); s.is_signed++) {
    float *signal = simulate_hash_voxels(s.model, &s.a, s.is_signed, VOXELS);
    s.signal = signal;
    for (int w = 0; w < N_WAYS; w++) {
      s.way = &WAYS[w];
      check_subject(&s);
    }
    free(signal);
  }
  tt1_model_free(s.model);
}

static void every_model_gives_one_hash(void **state)
{
  (void)state;
  for (int i = 0; i < 3; i++)
    if (!runs_here(ISAS[i])) print_message("not compared: this processor lacks %s\n", ISAS[i]);
  for (int m = 0; tt1_builtin_name(m); m++)
    check_model(tt1_builtin_name(m));
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(every_model_gives_one_hash)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
