/* SPDX-License-Identifier: MIT
 * A struct of another version is refused by every call that takes it, before anything else is looked at; and
 * the table of structs is the one that this file was compiled against. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tt1_bids.h"
#include "tt1_design.h"
#include "tt1_dicom.h"
#include "tt1_mapping.h"
#include "tt1_measure.h"
#include "tt1_network.h"
#include "tt1_simulate.h"

static const tt1_abi *find(const char *name)
{
  for (int i = 0; tt1_abi_at(i); i++)
    if (strcmp(tt1_abi_at(i)->name, name) == 0) return tt1_abi_at(i);
  fail_msg("%s is not listed", name);
  return NULL;
}

static void sizes_are_those_of_the_headers(void **state)
{
  (void)state;
  assert_int_equal(find("tt1_error")->size, sizeof(tt1_error));
  assert_int_equal(find("tt1_plan_options")->size, sizeof(tt1_plan_options));
  assert_int_equal(find("tt1_plan_options")->version, TT1_PLAN_OPTIONS_VERSION);
  assert_int_equal(find("tt1_mapped")->size, sizeof(tt1_mapped));
  assert_int_equal(find("tt1_known_values")->version, 0);
  assert_null(tt1_abi_at(-1));
}

#define CHECK(name, call)                                           \
  do {                                                              \
    tt1_error err = {0};                                            \
    assert_int_equal((call), TT1_BAD_ARGUMENT);                     \
    assert_int_equal(err.status, TT1_BAD_ARGUMENT);                 \
    assert_non_null(strstr(err.message, name " has version 99, ")); \
  } while (0)

static void another_version_is_refused(void **state)
{
  (void)state;
  tt1_model *model = NULL;
  tt1_device *device = NULL;
  assert_int_equal(tt1_model_builtin(&model, "molli", NULL), TT1_OK);
  assert_int_equal(tt1_device_open(&device, "cpu", NULL, NULL), TT1_OK);

  tt1_device_options device_options = TT1_DEVICE_OPTIONS_INIT;
  device_options.version = 99;
  CHECK("tt1_device_options", tt1_device_open(&device, "cpu", &device_options, &err));

  static const double times[] = {0.1, 0.2, 1.0, 2.0};
  tt1_known_values known = {.name = "TI", .values = times, .count = 4};
  tt1_design design = {4, 1, &known};
  tt1_plan *plan = NULL;
  tt1_plan_options plan_options = TT1_PLAN_OPTIONS_INIT;
  plan_options.version = 99;
  CHECK("tt1_plan_options", tt1_plan_create(&plan, device, model, &design, &plan_options, &err));

  double values[4];
  tt1_optimise_options optimise = TT1_OPTIMISE_OPTIONS_INIT;
  optimise.version = 99;
  static const double parameters[] = {100.0, 2.0, 1.0};
  const tt1_design_tissue tissue = {parameters, 1.0, 1.0};
  const tt1_movable movable = {"TI", 0.1, 4.0, 0.0, 0.0};
  CHECK("tt1_optimise_options", tt1_design_optimise(values, NULL, model, &design, "T1", &tissue, 1,
                                                    &movable, 1, &optimise, &err));

  tt1_study *study = NULL;
  tt1_image *image = NULL;
  tt1_read_options read = TT1_READ_OPTIONS_INIT;
  read.version = 99;
  CHECK("tt1_read_options", tt1_study_open(&study, "/nowhere", &read, &err));
  CHECK("tt1_read_options", tt1_image_read(&image, "/nowhere", &read, &err));

  tt1_folder *folder = NULL;
  assert_int_equal(tt1_folder_open(&folder, "/tmp/torcht1-never-committed", NULL), TT1_OK);
  tt1_dicom_series series = TT1_DICOM_SERIES_INIT;
  series.version = 99;
  CHECK("tt1_dicom_series", tt1_folder_write_dicom_series(folder, "a", &series, &err));
  tt1_dicom_map map = TT1_DICOM_MAP_INIT;
  map.version = 99;
  CHECK("tt1_dicom_map", tt1_folder_write_dicom_map(folder, "a", &map, NULL, &err));
  tt1_folder_free(folder);

  tt1_regions_request regions = TT1_REGIONS_REQUEST_INIT;
  tt1_regions_result *of_regions = NULL;
  regions.version = 99;
  CHECK("tt1_regions_request", tt1_regions_check(&regions, &err));
  CHECK("tt1_regions_request", tt1_regions_measure(&of_regions, &regions, &err));
  tt1_ecv_request ecv = TT1_ECV_REQUEST_INIT;
  tt1_ecv_result *of_ecv = NULL;
  ecv.version = 99;
  CHECK("tt1_ecv_request", tt1_ecv_measure(&of_ecv, &ecv, &err));
  tt1_comparison_request comparison = TT1_COMPARISON_REQUEST_INIT;
  tt1_comparison_result *of_comparison = NULL;
  comparison.version = 99;
  CHECK("tt1_comparison_request", tt1_comparison_measure(&of_comparison, &comparison, &err));

  tt1_training *training = NULL;
  tt1_protocol protocol = TT1_PROTOCOL_INIT;
  tt1_training_options options = TT1_TRAINING_OPTIONS_INIT;
  protocol.version = 99;
  CHECK("tt1_protocol", tt1_training_create(&training, &protocol, &options, &err));
  options.version = 99;
  CHECK("tt1_training_options", tt1_training_create(&training, NULL, &options, &err));

  tt1_simulation *simulation = NULL;
  tt1_simulation_options simulated = TT1_SIMULATION_OPTIONS_INIT;
  simulated.version = 99;
  CHECK("tt1_simulation_options", tt1_simulation_create(&simulation, &simulated, &err));

  assert_true(!plan && !study && !image && !of_regions && !of_ecv && !of_comparison && !training &&
              !simulation);
  tt1_device_free(device);
  tt1_model_free(model);
}

/* What is asked of a dataset needs one. */
static void another_version_is_refused_of_a_dataset(void **state)
{
  (void)state;
  char folder[] = "/tmp/torcht1-test-XXXXXX", name[64];
  tt1_bids *dataset = NULL;
  assert_non_null(mkdtemp(folder));
  snprintf(name, sizeof name, "%s/dataset_description.json", folder);
  FILE *file = fopen(name, "w");
  assert_non_null(file);
  fputs("{\"Name\": \"N\", \"BIDSVersion\": \"1.9.0\"}", file);
  fclose(file);
  if (tt1_bids_open(&dataset, folder, NULL, NULL) == TT1_OK) { // a build with jansson
    tt1_bids *other = NULL;
    tt1_bids_options options = TT1_BIDS_OPTIONS_INIT;
    options.version = 99;
    CHECK("tt1_bids_options", tt1_bids_open(&other, folder, &options, &err));
    tt1_dataset_report *report = NULL;
    tt1_dataset_events events = TT1_DATASET_EVENTS_INIT;
    events.version = 99;
    CHECK("tt1_dataset_events",
          tt1_mapping_dataset(&report, dataset, "/nowhere", NULL, 0, 0, &events, &err));
    assert_true(!other && !report);
  }
  tt1_bids_free(dataset);
  unlink(name);
  rmdir(folder);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(sizes_are_those_of_the_headers),
                                     cmocka_unit_test(another_version_is_refused),
                                     cmocka_unit_test(another_version_is_refused_of_a_dataset)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
