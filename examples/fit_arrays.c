/* SPDX-License-Identifier: MIT
 * fit_arrays TIMES < SIGNAL > T1: a T1 map of a MOLLI series in memory. TIMES are inversion times in s, as in
 * 0.1,0.18,1.0; SIGNAL is float [images][voxels] and T1 float [voxels] in s, NaN where the fit says nothing:
 * raw numbers of this machine. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include <torcht1.h>

enum { MOST_IMAGES = 64, MOST_VALUES = 1 << 26 };

int main(int argc, char **argv)
{
  tt1_error error = {0};
  tt1_model *model = NULL;
  tt1_device *device = NULL;
  tt1_plan *plan = NULL;
  double times[MOST_IMAGES];
  int n = 0;
  for (char *text = argc == 2 ? argv[1] : NULL; text && *text && n < MOST_IMAGES; n++) {
    times[n] = strtod(text, &text);
    text += *text == ',';
  }
  if (n == 0) return fprintf(stderr, "usage: fit_arrays TIMES < SIGNAL > T1\n"), 2;
  float *signal = malloc(MOST_VALUES * sizeof *signal);
  size_t n_voxels = signal ? fread(signal, sizeof *signal, MOST_VALUES, stdin) / (size_t)n : 0;
  float *t1 = malloc((n_voxels + 1) * sizeof *t1);
  unsigned char *outcome = malloc(n_voxels + 1), *bounds = malloc(n_voxels + 1);
  if (!n_voxels || !t1 || !outcome || !bounds)
    return fprintf(stderr, "no signal, or no memory\n"), 1;

  const tt1_known_values known = {.name = "TI", .values = times, .count = n};
  const tt1_design design = {.n_samples = n, .n_known = 1, .known = &known};
  const tt1_series series = {.signal = signal, .n_voxels = (int64_t)n_voxels};
  const tt1_output outputs[] = {
      {"T1", TT1_FLOAT32, t1}, {"outcome", TT1_UINT8, outcome}, {"bounds", TT1_UINT8, bounds}};
  if (tt1_model_builtin(&model, "molli", &error) || tt1_device_open(&device, NULL, NULL, &error) ||
      tt1_plan_create(&plan, device, model, &design, NULL, &error) ||
      tt1_plan_run(plan, &series, NULL, outputs, 3, NULL, NULL, &error))
    fprintf(stderr, "%s\n", error.message);
  // Every voxel holds the numbers that it ended with: trust those that converged, with no parameter that T1
  // is made of held by a bound.
  for (size_t v = 0; v < n_voxels && !error.status; v++)
    if (outcome[v] != TT1_CONVERGED &&
        (outcome[v] != TT1_AT_BOUND || (bounds[v] & tt1_model_map(model, 0)->depends_on)))
      t1[v] = NAN;
  if (!error.status) fwrite(t1, sizeof *t1, n_voxels, stdout);
  tt1_plan_free(plan), tt1_device_free(device), tt1_model_free(model);
  free(bounds), free(outcome), free(t1), free(signal);
  return error.status != TT1_OK;
}
