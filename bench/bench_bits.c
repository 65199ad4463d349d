/* SPDX-License-Identifier: MIT
 * The bits of every shipped model and way to fit on a device against the processor,
 * and the values against the double reference: each model with the protocol and the
 * tissue of the unit tests, and once more with the maps it can be given. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "fit_hash.h"

enum { VOXELS = 1024 };

/* The device, the processor, and the processor in double. */
typedef struct places {
  tt1_device *devices[3];
} places;

static tt1_device *opened(const char *name, const char *isa)
{
  tt1_error err = {0};
  tt1_device *device = NULL;
  tt1_device_options options = TT1_DEVICE_OPTIONS_INIT;
  options.isa = isa;
  if (tt1_device_open(&device, name, &options, &err)) fail(err.message);
  return device;
}

/* Voxels in which any bit of any result differs. */
static int count_different(const results *a, const results *b)
{
  int different = 0;
  for (int64_t v = 0; v < a->n; v++)
    different += hash_voxel(a, v) != hash_voxel(b, v);
  return different;
}

/* Median of |a / b - 1| of the first parameter, over the voxels that converged in both. */
static double median_apart(const results *a, const results *b)
{
  double *apart = reserve((size_t)a->n * sizeof *apart);
  int used = 0;
  for (int64_t v = 0; v < a->n; v++)
    if (a->codes[v] == TT1_CONVERGED && b->codes[v] == TT1_CONVERGED && fabsf(b->values[v]) > 0)
      apart[used++] = fabs((double)a->values[v] / (double)b->values[v] - 1);
  double result = used ? median(apart, used) : (double)NAN;
  free(apart);
  return result;
}

/* One line: MODEL WAY N of N differ, double X; or why not. */
static void compare_way(const places *at, const tt1_model *model, const acquisition *a,
                        const way *w, const tt1_series *series)
{
  tt1_plan *plans[3];
  results r[3] = {{0}};
  char name[24];
  int works = 1;
  snprintf(name, sizeof name, "%s%s", w->name, series->n_voxel_known ? " map" : "");
  for (char *space = name; (space = strchr(space, ' '));)
    *space = '-';
  for (int i = 0; i < 3; i++) {
    plans[i] =
        plan_way_in(i == 2 ? TT1_DOUBLE : TT1_FLOAT, at->devices[i], model, &a->design, w, 0);
    works = works && plans[i];
  }
  for (int i = 0; works && i < 3; i++)
    r[i] = run_series(plans[i], series, NULL);
  if (works)
    printf("bits %s %s %d of %d voxels differ; double %.3g\n", tt1_model_name(model), name,
           count_different(&r[0], &r[1]), VOXELS, median_apart(&r[0], &r[2]));
  else // varpro without structure, Rician noise without magnitudes
    printf("bits %s %s not offered\n", tt1_model_name(model), name);
  fflush(stdout);
  for (int i = 0; i < 3; i++) {
    free_results(&r[i]);
    tt1_plan_free(plans[i]);
  }
}

/* A map for every quantity that may be known per voxel: 0.85 to 1.15 of its nominal value. */
static int make_known_maps(const tt1_model *model, float *values, tt1_voxel_map *known)
{
  uint64_t seed = 11;
  int count = 0;
  for (int q = 0; q < tt1_model_n_known(model); q++) {
    const tt1_known *k = tt1_model_known(model, q);
    if (k->scope != TT1_PER_VOXEL) continue;
    float *map = values + count * VOXELS;
    for (int v = 0; v < VOXELS; v++)
      map[v] = (float)((k->has_nominal ? k->nominal : 1) * (0.85 + 0.3 * uniform(&seed)));
    known[count++] = (tt1_voxel_map){k->name, map};
  }
  return count;
}

static void compare_model(const places *at, const tt1_model *model)
{
  static float values[8 * VOXELS];
  acquisition a;
  tt1_voxel_map known[8];
  acquire(&a, model);
  float *signal = simulate_hash_voxels(model, &a, 0, VOXELS);
  tt1_series series = {.signal = signal, .n_voxels = VOXELS};
  for (int w = 0; w < N_WAYS; w++)
    compare_way(at, model, &a, &WAYS[w], &series);
  series.n_voxel_known = make_known_maps(model, values, known);
  series.voxel_known = known;
  for (int w = 0; w < N_WAYS && series.n_voxel_known; w++)
    compare_way(at, model, &a, &WAYS[w], &series);
  free(signal);
}

void measure_bits(const settings *s)
{
  places at = {{opened(s->device, NULL), opened("cpu", s->isa), opened("cpu", s->isa)}};
  for (int m = 0; tt1_builtin_name(m); m++) {
    if (s->model && strcmp(s->model, tt1_builtin_name(m)) != 0) continue;
    tt1_model *model = shipped(tt1_builtin_name(m));
    compare_model(&at, model);
    tt1_model_free(model);
  }
  for (int i = 0; i < 3; i++)
    tt1_device_free(at.devices[i]);
}
