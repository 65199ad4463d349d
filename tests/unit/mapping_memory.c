/* SPDX-License-Identifier: MIT
 * Every allocation between a path and a folder of maps fails once: the answer is TT1_NO_MEMORY or that of a
 * run with memory enough, nothing leaks, and no folder is half written. */
#include "mapping_support.h"

typedef tt1_status (*step_fn)(const sandbox *s, const tt1_mapping_options *options);

/* Let the first, second, ... allocation and all later ones fail until the step succeeds; a step that goes on
   without what it could not have must come to the same. */
static void fail_each(const sandbox *s, const setting *settings, step_fn step)
{
  tt1_mapping_options *options = options_with(settings);
  tt1_status status = TT1_NO_MEMORY;
  long nth = 0;
  while (status != TT1_OK) {
    tt1__fail_allocation(++nth);
    status = step(s, options);
    tt1__fail_allocation(0);
    if (status != TT1_OK && status != TT1_NO_MEMORY) fail_msg("allocation %ld: %d", nth, status);
    if (status != TT1_OK) assert_int_equal(count_entries(inside(s, "out")), -1);
  }
  assert_true(nth > 20);
  tt1_mapping_options_free(options);
}

static tt1_status map_and_write(const sandbox *s, const tt1_mapping_options *options)
{
  tt1_mapping *m = NULL;
  tt1_error err = {0};
  tt1_status status = create_mapping(&m, inside(s, "molli.nii"), options, &err);
  if (status == TT1_OK) status = tt1_mapping_run(m, NULL, NULL, &err);
  if (status == TT1_OK) status = tt1_mapping_write(m, inside(s, "out"), &err);
  if (status == TT1_OK) {
    int is_written = 0;
    status = tt1_mapping_is_written(&is_written, m, inside(s, "out"), &err);
    if (status != TT1_OK) remove_tree(inside(s, "out"));
  }
  tt1_mapping_free(m);
  return status;
}

static void of_a_fit(void **state)
{
  (void)state;
  static const setting settings[] = {{"output-format", "nifti"}, {NULL, NULL}};
  sandbox s = sandbox_make_in_memory();
  put_series(&s, "molli", 0, SIDECAR);
  fail_each(&s, settings, map_and_write);
  assert_true(count_entries(inside(&s, "out")) > 5);
  remove_tree(s.path);
}

/* Voxels that take different images. */
static void of_a_fit_by_a_map_of_images(void **state)
{
  (void)state;
  static setting settings[] = {
      {"output-format", "nifti"}, {"images-map", NULL}, {"sigma", "2"}, {NULL, NULL}};
  sandbox s = sandbox_make_in_memory();
  put_series(&s, "molli", 0, SIDECAR);
  put_map(&s, "used.nii", 8.0, 5.0);
  settings[1].value = inside(&s, "used.nii");
  fail_each(&s, settings, map_and_write);
  remove_tree(s.path);
}

/* With all that an option can add. */
static void of_a_fit_with_options(void **state)
{
  (void)state;
  static setting settings[] = {{"output-format", "nifti"},
                               {"solver", "lm"},
                               {"mask", NULL},
                               {"start-map", NULL},
                               {"start-at", "T1s=1.1"},
                               {"bounds", "k=1,3"},
                               {"correction", "1.1"},
                               {"filter", "median3"},
                               {"covariance", NULL},
                               {"images", "1-7"},
                               {"known", "TI=0.1,1.1,2.1,3.1,4.1,0.18,1.18,2.18"},
                               {"sigma", "2"},
                               {NULL, NULL}};
  char start[600];
  sandbox s = sandbox_make_in_memory();
  put_series(&s, "molli", 0, SIDECAR);
  put_map(&s, "mask.nii", 1.0, 0.0);
  put_map(&s, "k.nii", 1.9, 1.8);
  snprintf(start, sizeof start, "k=%s", inside(&s, "k.nii"));
  settings[2].value = inside(&s, "mask.nii");
  settings[3].value = start;
  fail_each(&s, settings, map_and_write);
  remove_tree(s.path);
}

static tt1_status map_dataset(const sandbox *s, const tt1_mapping_options *options)
{
  tt1_bids *dataset = NULL;
  tt1_dataset_report *report = NULL;
  tt1_error err = {0};
  tt1_status status = tt1_bids_open(&dataset, inside(s, "set"), NULL, &err);
  if (status == TT1_OK)
    status = tt1_mapping_dataset(&report, dataset, inside(s, "out"), options, 1, 1, NULL, &err);
  // A series that fails for want of memory must stop the whole: it is not one that cannot be fitted.
  for (int i = 0; status == TT1_OK && i < report->n; i++)
    if (report->rows[i].ending != TT1_FITTED) fail_msg("row: %s", report->rows[i].message);
  if (status == TT1_NO_MEMORY && count_entries(inside(s, "out")) >= 0)
    remove_tree(inside(s, "out"));
  tt1_dataset_report_free(report);
  tt1_bids_free(dataset);
  return status;
}

/* One image of the series as BIDS has it: a file of its own. */
static void put_inversion(const sandbox *s, int image)
{
  char name[80], json[60];
  nifti n = nifti_make(1, 0, 16, 32, COLUMNS, ROWS, 1, 1);
  for (int v = 0; v < VOXELS; v++)
    put_float(&n, n.offset + 4 * (size_t)v, fabs(sample_of(v, image)), 4);
  snprintf(name, sizeof name, "set/sub-01/anat/sub-01_inv-%d_IRT1.nii", image + 1);
  write_bytes(inside(s, name), n.bytes, n.length);
  snprintf(name, sizeof name, "set/sub-01/anat/sub-01_inv-%d_IRT1.json", image + 1);
  snprintf(json, sizeof json, "{\"InversionTime\": %g}", TIMES[image]);
  write_text(inside(s, name), json);
}

static void of_a_dataset(void **state)
{
  (void)state;
#ifndef TT1_HAVE_JANSSON
  skip();
#endif
  static const setting settings[] = {{"output-format", "nifti"}, {NULL, NULL}};
  sandbox s = sandbox_make_in_memory();
  mkdir(inside(&s, "set"), 0777), mkdir(inside(&s, "set/sub-01"), 0777);
  mkdir(inside(&s, "set/sub-01/anat"), 0777);
  write_text(inside(&s, "set/dataset_description.json"),
             "{\"Name\": \"N\", \"BIDSVersion\": \"1.9.0\"}");
  for (int i = 0; i < IMAGES; i++)
    put_inversion(&s, i);
  fail_each(&s, settings, map_dataset);
  remove_tree(s.path);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(of_a_fit), cmocka_unit_test(of_a_fit_by_a_map_of_images),
      cmocka_unit_test(of_a_fit_with_options), cmocka_unit_test(of_a_dataset)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
