/* SPDX-License-Identifier: MIT
 * The cases of the cohort: chosen voxels of every sequence, written once as raw
 * files that all methods read. What else is known of a case is in about.txt. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "molli_reference.h"
#include "paper.h"
#include "tt1_simulate.h"

/* ---- Which voxels ---- */

/* Myocardium first, then what else is wanted in a random order, so that the first N of them are a
 * sample of all. */
void choose_voxels(paper_case *c, const uint8_t *is_wanted, const uint8_t *is_myocardium,
                   int64_t n_map)
{
  uint64_t random = 88172645463325252u;
  int64_t n = 0;
  c->index = take_memory((size_t)n_map, sizeof *c->index);
  for (int64_t v = 0; v < n_map; v++)
    if (is_myocardium && is_myocardium[v]) c->index[n++] = (int32_t)v;
  c->n_myocardium = n;
  for (int64_t v = 0; v < n_map; v++)
    if (is_wanted[v] && !(is_myocardium && is_myocardium[v])) c->index[n++] = (int32_t)v;
  for (int64_t i = n - 1; i > c->n_myocardium; i--) {
    int64_t j =
        c->n_myocardium + (int64_t)(random_uniform(&random) * (double)(i - c->n_myocardium + 1));
    int32_t kept = c->index[i];
    c->index[i] = c->index[j];
    c->index[j] = kept;
  }
  c->s.n_voxels = n;
  if (n == 0) stop("%s has no voxel to fit", c->name);
}

/* [rows][n_voxels] of the chosen voxels. */
float *gather(const paper_case *c, const float *map, int rows, int64_t n_map)
{
  float *chosen = take_memory((size_t)rows * (size_t)c->s.n_voxels, sizeof *chosen);
  for (int row = 0; row < rows; row++)
    for (int64_t v = 0; v < c->s.n_voxels; v++)
      chosen[row * c->s.n_voxels + v] = map[row * n_map + c->index[v]];
  return chosen;
}

/* ---- What a protocol gives without noise ---- */

void check(tt1_status status, const tt1_error *error)
{
  if (status != TT1_OK) stop("%s", error->message);
}

/* The T1 that the protocol gives: the fit of noise-free samples in double, signs known. */
static float *fit_clean(const paper_case *c, const float *clean)
{
  tt1_error error = {0};
  tt1_device *device = NULL;
  tt1_model *model = NULL;
  tt1_plan *plan = NULL;
  const tt1_known_values TI = {.name = "TI", .values = c->s.times, .count = c->s.n_images};
  const tt1_design design = {c->s.n_images, 1, &TI};
  tt1_plan_options options = TT1_PLAN_OPTIONS_INIT;
  options.precision = TT1_DOUBLE;
  options.sign = TT1_SIGN_SIGNED;
  float *expected = take_memory((size_t)c->s.n_voxels, sizeof *expected);
  const tt1_output output = {"T1", TT1_FLOAT32, expected};
  const tt1_series series = {.signal = clean, .n_voxels = c->s.n_voxels};
  check(tt1_device_open(&device, "cpu", NULL, &error), &error);
  check(tt1_model_builtin(&model, "molli", &error), &error);
  check(tt1_plan_create(&plan, device, model, &design, &options, &error), &error);
  check(tt1_plan_run(plan, &series, NULL, &output, 1, NULL, NULL, &error), &error);
  tt1_plan_free(plan);
  tt1_model_free(model);
  tt1_device_free(device);
  return expected;
}

/* ---- Files of a case ---- */

void write_case(const paper_case *c)
{
  write_sequence(&c->s);
  size_t n = (size_t)c->s.n_voxels;
  FILE *file = open_in(&c->s, "about.txt", "w");
  fprintf(file,
          "post %d\nmyocardium %lld\nsize %lld %lld %lld\nspacing %.9g %.9g %.9g\ntruth %d\n"
          "signed %d\nname %s\n",
          c->is_post, (long long)c->n_myocardium, (long long)c->size[0], (long long)c->size[1],
          (long long)c->size[2], c->spacing[0], c->spacing[1], c->spacing[2], c->has_truth,
          c->has_signed, c->name);
  if (fclose(file) != 0) stop("%s/about.txt: %s", c->s.folder, strerror(errno));
  write_raw(&c->s, "index.i32", c->index, n * sizeof *c->index);
  write_floats(&c->s, "expected.f32", c->expected, n);
  if (!c->has_signed) return;
  write_floats(&c->s, "signed.f32", c->signed_signal, n * (size_t)c->s.n_images);
  write_floats(&c->s, "expected-signed.f32", c->expected_signed, n);
}

static paper_case read_case(const char *folder)
{
  paper_case c = {.s = read_sequence(folder)};
  long long n_myocardium, size[3];
  FILE *file = open_in(&c.s, "about.txt", "r");
  int count = fscanf(file,
                     "post %d myocardium %lld size %lld %lld %lld spacing %lf %lf %lf truth %d "
                     "signed %d name %63[^\n]",
                     &c.is_post, &n_myocardium, &size[0], &size[1], &size[2], &c.spacing[0],
                     &c.spacing[1], &c.spacing[2], &c.has_truth, &c.has_signed, c.name);
  fclose(file);
  if (count != 11) stop("%s/about.txt cannot be read", folder);
  c.n_myocardium = n_myocardium;
  for (int i = 0; i < 3; i++)
    c.size[i] = size[i];
  size_t n = (size_t)c.s.n_voxels;
  c.index = read_raw(&c.s, "index.i32", n * sizeof *c.index);
  c.expected = read_floats(&c.s, "expected.f32", n);
  if (!c.has_signed) return c;
  c.signed_signal = read_floats(&c.s, "signed.f32", n * (size_t)c.s.n_images);
  c.expected_signed = read_floats(&c.s, "expected-signed.f32", n);
  return c;
}

void free_case(paper_case *c)
{
  free_sequence(&c->s);
  free(c->index);
  free(c->expected);
  free(c->signed_signal);
  free(c->expected_signed);
}

void name_case(paper_case *c, const char *folder, int number, const char *name)
{
  snprintf(c->name, sizeof c->name, "%s", name);
  snprintf(c->s.folder, sizeof c->s.folder, "%s/%03d", folder, number);
}

void make_folder(const char *folder)
{
  if (mkdir(folder, 0777) != 0 && errno != EEXIST) stop("%s: %s", folder, strerror(errno));
}

/* ---- A simulated cohort ---- */

static uint8_t *tissue_of(const tt1_simulation *simulation, int64_t n_map)
{
  const uint8_t *labels = tt1_simulation_labels(simulation);
  uint8_t *is_tissue = take_memory((size_t)n_map, 1);
  for (int64_t v = 0; v < n_map; v++)
    is_tissue[v] = labels[v] != TT1_AIR && labels[v] != TT1_LUNG;
  return is_tissue;
}

/* The wall less its borders, as readers draw it: what touches blood or lung is a mixture. */
static uint8_t *inner_wall(const tt1_simulation *simulation)
{
  const tt1_geometry *g = tt1_simulation_geometry(simulation);
  const uint8_t *wall = tt1_simulation_myocardium(simulation);
  int64_t width = g->size[0], height = g->size[1];
  uint8_t *inner = take_memory((size_t)(width * height), 1);
  for (int64_t j = 1; j + 1 < height; j++)
    for (int64_t i = 1; i + 1 < width; i++) {
      const uint8_t *here = &wall[j * width + i];
      inner[j * width + i] = here[0] && here[-1] && here[1] && here[-width] && here[width];
    }
  return inner;
}

static tt1_simulation *simulate(const tt1_simulation_options *options)
{
  tt1_error error = {0};
  tt1_simulation *simulation = NULL;
  check(tt1_simulation_create(&simulation, options, &error), &error);
  return simulation;
}

static void take_series(paper_case *c, const tt1_simulation *simulation)
{
  const tt1_geometry *g = tt1_simulation_geometry(simulation);
  int64_t n_map = g->size[0] * g->size[1] * g->size[2];
  uint8_t *is_tissue = tissue_of(simulation, n_map), *wall = inner_wall(simulation);
  c->has_truth = 1;
  c->s.n_images = tt1_simulation_n_images(simulation);
  memcpy(c->s.times, tt1_simulation_times(simulation), (size_t)c->s.n_images * sizeof *c->s.times);
  memcpy(c->size, g->size, sizeof c->size);
  memcpy(c->spacing, g->spacing, sizeof c->spacing);
  choose_voxels(c, is_tissue, wall, n_map);
  c->s.signal = gather(c, tt1_simulation_signal(simulation), c->s.n_images, n_map);
  float *clean = gather(c, tt1_simulation_clean(simulation), c->s.n_images, n_map);
  c->expected = fit_clean(c, clean);
  free(clean);
  free(is_tissue);
  free(wall);
}

static float *signed_samples(const paper_case *c, tt1_simulation_options options, double snr)
{
  options.is_signed = 1;
  options.snr = snr;
  tt1_simulation *simulation = simulate(&options);
  const tt1_geometry *g = tt1_simulation_geometry(simulation);
  float *samples = gather(c, tt1_simulation_signal(simulation), c->s.n_images,
                          g->size[0] * g->size[1] * g->size[2]);
  tt1_simulation_free(simulation);
  return samples;
}

static void take_signed(paper_case *c, const tt1_simulation_options *options)
{
  float *clean = signed_samples(c, *options, (double)INFINITY);
  c->has_signed = 1;
  c->signed_signal = signed_samples(c, *options, options->snr);
  c->expected_signed = fit_clean(c, clean);
  free(clean);
}

void export_simulated(const char *folder, int n, int size, double snr, uint64_t seed)
{
  make_folder(folder);
  for (int person = 1; person <= n; person++) {
    tt1_volunteer drawn;
    tt1_volunteer_draw(&drawn, seed, person);
    for (int scan = 0; scan < 2; scan++) {
      char name[64];
      paper_case c = {.is_post = scan};
      tt1_simulation_options options = drawn.scans[scan];
      options.size = size;
      options.snr = snr;
      snprintf(name, sizeof name, "%02d %s", person, scan ? "post-contrast" : "native");
      name_case(&c, folder, 2 * person - 1 + scan, name);
      tt1_simulation *simulation = simulate(&options);
      take_series(&c, simulation);
      tt1_simulation_free(simulation);
      take_signed(&c, &options);
      write_case(&c);
      free_case(&c);
    }
  }
}

/* ---- Reading ---- */

cohort read_cohort(const char *folder)
{
  cohort c = {.n_cases = 0};
  char path[512];
  struct stat state;
  snprintf(c.folder, sizeof c.folder, "%s", folder);
  c.cases = take_memory(MAX_CASES, sizeof *c.cases);
  for (int number = 1; number <= MAX_CASES; number++) {
    snprintf(path, sizeof path, "%s/%03d", folder, number);
    if (stat(path, &state) != 0) break;
    c.cases[c.n_cases++] = read_case(path);
  }
  if (c.n_cases == 0) stop("%s holds no case; run 'paper export' first", folder);
  return c;
}

const paper_case *first_case(const cohort *c, int is_post)
{
  for (int i = 0; i < c->n_cases; i++)
    if (c->cases[i].is_post == is_post) return &c->cases[i];
  return NULL;
}

void free_cohort(cohort *c)
{
  for (int i = 0; i < c->n_cases; i++)
    free_case(&c->cases[i]);
  free(c->cases);
}
