/* SPDX-License-Identifier: MIT
 * Prints one hash of all output bits for every shipped model, way to fit and
 * instruction set: tests/compilers.sh compares what gcc and clang print. */
#include "fit_hash.h"

enum { VOXELS = 303 };

static void print_hashes(const char *isa, const tt1_model *model)
{
  acquisition a;
  tt1_device *device = processor(isa, 1);
  acquire(&a, model);
  for (int is_signed = 0; is_signed <= tt1_model_is_magnitude(model); is_signed++) {
    float *signal = simulate_hash_voxels(model, &a, is_signed, VOXELS);
    for (int w = 0; w < N_WAYS; w++) {
      tt1_plan *plan = plan_way(device, model, &a.design, &WAYS[w], is_signed);
      if (!plan) continue;
      results r = run_all(plan, signal, VOXELS, NULL);
      printf("%s %s %s %s %016llx\n", isa, tt1_model_name(model), is_signed ? "signed" : "plain",
             WAYS[w].name, (unsigned long long)hash_all(&r));
      free_results(&r);
      tt1_plan_free(plan);
    }
    free(signal);
  }
  tt1_device_free(device);
}

int main(void)
{
  static const char *const ISAS[] = {"avx512", "avx2", "portable"};
  for (int i = 0; i < 3; i++) {
    tt1_device *device = NULL;
    tt1_device_options options = {
        .version = TT1_DEVICE_OPTIONS_VERSION, .threads = 1, .isa = ISAS[i]};
    if (tt1_device_open(&device, "cpu", &options, NULL)) {
      fprintf(stderr, "no %s here\n", ISAS[i]);
      continue;
    }
    tt1_device_free(device);
    for (int m = 0; tt1_builtin_name(m); m++) {
      tt1_model *model = shipped(tt1_builtin_name(m));
      print_hashes(ISAS[i], model);
      tt1_model_free(model);
    }
  }
  return 0;
}
