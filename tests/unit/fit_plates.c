/* SPDX-License-Identifier: MIT
 * Phantom plates of the NIST / ISMRM system phantom on three vendors' scanners, from the DICOM
 * files: the median of 5 x 5 voxels at each sphere against its published value. The data are
 * public and not part of this project: without them the tests say so and are skipped. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <unistd.h>

#include <cmocka.h>

#include "fit_support.h"
#include "tt1_image.h"
#include "tt1_input.h"

enum { MOST_SPHERES = 14, EDGE = 5 };

typedef struct sphere {
  double row, column, published; /* ms */
} sphere;

typedef struct plate {
  tt1_image *image;
  acquisition a;
  sphere spheres[MOST_SPHERES];
  int n;
} plate;

static const char *data_path(const char *name)
{
  static char path[4096];
  const char *folder = getenv("TORCHT1_TEST_DATA");
  snprintf(path, sizeof path, "%s/nist-plates/%s",
           folder ? folder : TT1_SOURCE_DIR "/../shared/data", name);
  if (access(path, R_OK) == 0) return path;
  print_message("skipped: no %s (TORCHT1_TEST_DATA names the folder of test data)\n", path);
  return NULL;
}

static void read_spheres(plate *p, const char *table, const char *series)
{
  char line[256], name[64];
  const char *path = data_path(table);
  if (!path) skip();
  FILE *file = fopen(path, "r");
  assert_non_null(file);
  while (fgets(line, sizeof line, file) && p->n < MOST_SPHERES) {
    sphere s;
    if (sscanf(line, "%63[^,],%*d,%lf,%lf,%lf", name, &s.row, &s.column, &s.published) == 4 &&
        !strcmp(name, series))
      p->spheres[p->n++] = s;
  }
  fclose(file);
}

/* Every known quantity of the model that the files name. */
static void take_known(plate *p, const tt1_model *model)
{
  acquisition *a = &p->a;
  a->design = (tt1_design){tt1_image_n_images(p->image), 0, a->known};
  for (int q = 0; tt1_model_known(model, q); q++) {
    const tt1_known_values *found = NULL;
    for (int i = 0; tt1_image_known(p->image, i); i++)
      if (!strcmp(tt1_image_known(p->image, i)->name, tt1_model_known(model, q)->bids))
        found = tt1_image_known(p->image, i);
    if (!found) fail_msg("no %s with the series", tt1_model_known(model, q)->bids);
    a->known[a->design.n_known++] = (tt1_known_values){
        .name = tt1_model_known(model, q)->name, .values = found->values, .count = found->count};
  }
}

static void open_plate(plate *p, const char *table, const char *series, const tt1_model *model)
{
  tt1_error err = {0};
  memset(p, 0, sizeof *p);
  const char *path = data_path(series);
  if (!path) skip();
  tt1_status status = tt1_image_read(&p->image, path, NULL, &err);
  if (status == TT1_NO_DEVICE) {
    print_message("skipped: %s\n", err.message);
    skip();
  }
  if (status) fail_msg("%s", err.message);
  read_spheres(p, table, series);
  take_known(p, model);
}

/* The map of one parameter or map over the whole image. */
static double *map_of(const plate *p, const tt1_model *model, const char *name,
                      tt1_precision precision)
{
  int64_t n = tt1_image_n_voxels(p->image);
  double *map = space((size_t)n, sizeof *map);
  tt1_error err = {0};
  tt1_plan_options options = TT1_PLAN_OPTIONS_INIT;
  options.precision = precision;
  tt1_device *device = processor(NULL, 0);
  tt1_plan *plan = planned(device, model, &p->a.design, &options);
  tt1_series series = {.signal = tt1_image_data(p->image), .n_voxels = n};
  tt1_output output = {name, TT1_FLOAT64, map};
  if (tt1_plan_run(plan, &series, NULL, &output, 1, NULL, NULL, &err)) fail_msg("%s", err.message);
  tt1_plan_free(plan);
  tt1_device_free(device);
  return map;
}

static int ascending(const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* In ms. */
static double sphere_value(const plate *p, const double *map, const sphere *s)
{
  double values[EDGE * EDGE];
  int columns = (int)tt1_image_geometry(p->image)->size[0], n = 0;
  for (int i = -(EDGE / 2); i <= EDGE / 2; i++)
    for (int j = -(EDGE / 2); j <= EDGE / 2; j++)
      values[n++] = 1e3 * map[((int)lround(s->row) + i) * columns + (int)lround(s->column) + j];
  qsort(values, EDGE * EDGE, sizeof *values, ascending);
  return values[EDGE * EDGE / 2];
}

static void check_plate(const char *series, const char *model_name, int n_spheres, double limit)
{
  plate p;
  double errors[MOST_SPHERES];
  tt1_model *model = shipped(model_name);
  open_plate(&p, "spheres.csv", series, model);
  assert_int_equal(p.n, n_spheres);
  double *map = map_of(&p, model, "T1", TT1_FLOAT);
  for (int i = 0; i < p.n; i++) {
    double value = sphere_value(&p, map, &p.spheres[i]), published = p.spheres[i].published;
    errors[i] = 100 * fabs(value / published - 1);
    print_message("%s, %s: sphere %2d: %7.1f ms, published %7.1f, off by %5.1f %%\n", series,
                  model_name, i + 1, value, published, errors[i]);
  }
  qsort(errors, (size_t)p.n, sizeof *errors, ascending);
  double median = p.n % 2 ? errors[p.n / 2] : (errors[p.n / 2 - 1] + errors[p.n / 2]) / 2;
  print_message("%s, %s: median error %.2f %%\n", series, model_name, median);
  assert_true(median <= limit);
  free(map);
  tt1_image_free(p.image);
  tt1_model_free(model);
}

static void siemens_spin_echo(void **state)
{
  (void)state;
  check_plate("siemens-1p5t-plate5-t1", "irse", 11, 2.5);
}

static void philips_spin_echo(void **state)
{
  (void)state;
  check_plate("philips-1p5t-plate5-t1", "irse", 11, 4);
}

static void ge_inversion_recovery(void **state)
{
  (void)state;
  check_plate("ge-1p5t-plate4-t1", "ir3", 14, 8);
}

/* The published T2 are not met by a single exponential of these echoes, but their order is. */
static void ge_echoes(void **state)
{
  (void)state;
  plate p;
  tt1_model *model = shipped("t2");
  open_plate(&p, "t2_spheres.csv", "ge-1p5t-plate4-t2", model);
  double *map = map_of(&p, model, "T2", TT1_FLOAT), before = HUGE_VAL;
  double *exact = map_of(&p, model, "T2", TT1_DOUBLE);
  assert_int_equal(p.n, 14);
  for (int i = 0; i < p.n; i++) {
    double value = sphere_value(&p, map, &p.spheres[i]);
    double reference = sphere_value(&p, exact, &p.spheres[i]);
    print_message("GE T2: sphere %2d: %6.1f ms, published %6.1f; float off double by %.1e\n", i + 1,
                  value, p.spheres[i].published, fabs(value / reference - 1));
    assert_true(value < before);
    assert_true(fabs(value / reference - 1) <= 1e-4);
    before = value;
  }
  free(map);
  free(exact);
  tt1_image_free(p.image);
  tt1_model_free(model);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(siemens_spin_echo),
      cmocka_unit_test(philips_spin_echo),
      cmocka_unit_test(ge_inversion_recovery),
      cmocka_unit_test(ge_echoes),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
