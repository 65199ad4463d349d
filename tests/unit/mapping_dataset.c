/* SPDX-License-Identifier: MIT
 * Mappings of BIDS datasets: what becomes of each series, where maps may go, what is refused as a whole, and
 * that events tell all of it. */
#include "mapping_support.h"

#ifdef TT1_HAVE_JANSSON

#  define DESCRIPTION "{\"Name\": \"N\", \"BIDSVersion\": \"1.9.0\"}"

/* A dataset with a series of inversion recovery of subject 01, and one of echoes of subject 02. */
static sandbox make_dataset(void)
{
  sandbox s = sandbox_make_in_memory();
  static const char *const folders[] = {"set", "set/sub-01", "set/sub-02", "set/sub-01/anat",
                                        "set/sub-02/anat"};
  char name[80], json[80];
  for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
    mkdir(inside(&s, folders[i]), 0777);
  write_text(inside(&s, "set/dataset_description.json"), DESCRIPTION);
  for (int image = 0; image < IMAGES; image++) {
    nifti n = nifti_make(1, 0, 16, 32, COLUMNS, ROWS, 1, 1);
    for (int v = 0; v < VOXELS; v++)
      put_float(&n, n.offset + 4 * (size_t)v, fabs(sample_of(v, image)), 4);
    snprintf(name, sizeof name, "set/sub-01/anat/sub-01_inv-%d_IRT1.nii", image + 1);
    write_bytes(inside(&s, name), n.bytes, n.length);
    snprintf(name, sizeof name, "set/sub-01/anat/sub-01_inv-%d_IRT1.json", image + 1);
    snprintf(json, sizeof json, "{\"InversionTime\": %g}", TIMES[image]);
    write_text(inside(&s, name), json);
    for (int v = 0; v < VOXELS; v++)
      put_float(&n, n.offset + 4 * (size_t)v, 300.0 * exp(-0.01 * (image + 1) / 0.05), 4);
    snprintf(name, sizeof name, "set/sub-02/anat/sub-02_echo-%d_MESE.nii", image + 1);
    write_bytes(inside(&s, name), n.bytes, n.length);
    snprintf(name, sizeof name, "set/sub-02/anat/sub-02_echo-%d_MESE.json", image + 1);
    snprintf(json, sizeof json, "{\"EchoTime\": %g}", 0.01 * (image + 1));
    write_text(inside(&s, name), json);
  }
  return s;
}

typedef struct heard {
  int n_begun, n_ended, n_mapped, n_folders;
  tt1_error last;
} heard;

static void hear_begin(const tt1_bids_series *series, int index, int count, void *payload)
{
  heard *h = payload;
  assert_true(series && index == h->n_begun && count > index);
  h->n_begun++;
}

static void hear_end(const tt1_dataset_row *row, const tt1_mapping *mapping, const tt1_error *error,
                     void *payload)
{
  heard *h = payload;
  h->n_ended++;
  h->n_mapped += mapping != NULL;
  assert_int_equal(mapping != NULL, row->ending == TT1_FITTED);
  if (row->ending == TT1_FAILED) h->last = *error;
}

static void hear_folder(tt1_folder *folder, void *payload)
{
  heard *h = payload;
  h->n_folders += folder ? 1 : -1;
  assert_true(h->n_folders == 0 || h->n_folders == 1);
}

static int cancel(int64_t done, int64_t total, void *payload)
{
  (void)done, (void)total, (void)payload;
  return 1;
}

/* Map what is in set/ into `out`. The report is freed by the caller. */
static tt1_status map_set(const sandbox *s, const char *out, const setting *settings, heard *h,
                          tt1_progress_fn progress, tt1_dataset_report **report, tt1_error *err)
{
  tt1_bids *dataset = NULL;
  tt1_mapping_options *options = options_with(settings);
  tt1_dataset_events events = TT1_DATASET_EVENTS_INIT;
  events.begins = hear_begin, events.ended = hear_end, events.writes = hear_folder;
  events.progress = progress;
  events.payload = h;
  *h = (heard){0};
  assert_int_equal(tt1_bids_open(&dataset, inside(s, "set"), NULL, err), TT1_OK);
  tt1_status status = tt1_mapping_dataset(report, dataset, out, options, 0, 1, &events, err);
  for (int i = 0; status == TT1_OK && i < (*report)->n; i++) // which outlives the dataset
    (*report)->rows[i].series = NULL;
  assert_int_equal(h->n_folders, 0);
  tt1_bids_free(dataset);
  tt1_mapping_options_free(options);
  return status;
}

static void check_endings(const sandbox *s, const setting *settings, tt1_ending first,
                          tt1_ending second)
{
  heard h;
  tt1_dataset_report *report = NULL;
  tt1_error err = {0};
  if (map_set(s, inside(s, "out"), settings, &h, NULL, &report, &err) != TT1_OK)
    fail_msg("%s", err.message);
  assert_int_equal(report->n, 2);
  assert_int_equal(report->rows[0].ending, first);
  assert_int_equal(report->rows[1].ending, second);
  assert_int_equal(h.n_begun, 2);
  assert_int_equal(h.n_ended, 2);
  if (first == TT1_FAILED || second == TT1_FAILED) assert_true(*h.last.message);
  assert_int_equal(h.n_mapped, (first == TT1_FITTED) + (second == TT1_FITTED));
  tt1_dataset_report_free(report);
}

static void each_series_ends_as_it_should(void **state)
{
  (void)state;
  static const setting plain[] = {{"output-format", "nifti"}, {NULL, NULL}};
  static const setting molli[] = {{"output-format", "nifti"}, {"model", "molli"}, {NULL, NULL}};
  sandbox s = make_dataset();
  check_endings(&s, molli, TT1_FITTED, TT1_SKIPPED);
  check_endings(&s, plain, TT1_FITTED, TT1_FITTED); // the record says that the model was asked for
  check_endings(&s, plain, TT1_COMPLETE, TT1_COMPLETE);
  assert_int_equal(access(inside(&s, "out/sub-01/anat/sub-01_T1map.nii.gz"), R_OK), 0);
  assert_int_equal(access(inside(&s, "out/torcht1.tsv"), R_OK), 0);
  write_text(inside(&s, "set/sub-01/anat/sub-01_inv-3_IRT1.nii"), "no image");
  check_endings(&s, plain, TT1_FAILED, TT1_COMPLETE);
  write_text(inside(&s, "set/sub-02/anat/sub-02_echo-3_MESE.json"), "{}");
  check_endings(&s, plain, TT1_FAILED, TT1_FAILED);
  assert_string_equal(tt1_ending_name(TT1_FAILED), "failed");
  remove_tree(s.path);
}

static void a_dataset_is_refused(const sandbox *s, const char *out, const setting *settings,
                                 tt1_status status, const char *part)
{
  heard h;
  tt1_dataset_report *report = NULL;
  tt1_error err = {0};
  assert_int_equal(map_set(s, out, settings, &h, NULL, &report, &err), status);
  check_sentence(&err, status, part);
  assert_null(report);
}

static void whole_datasets_are_refused(void **state)
{
  (void)state;
  static const setting vfa[] = {{"model", "vfa"}, {NULL, NULL}};
  static const setting unknown[] = {{"model", "mollie"}, {NULL, NULL}};
  static const setting network[] = {{"solver", "network"}, {NULL, NULL}};
  static const setting fix[] = {{"model", "molli"}, {"fix", "Q=1"}, {NULL, NULL}};
  sandbox s = make_dataset();
  a_dataset_is_refused(&s, inside(&s, "out"), vfa, TT1_BAD_ARGUMENT, "no series of");
  a_dataset_is_refused(&s, inside(&s, "out"), unknown, TT1_BAD_ARGUMENT, "mollie");
  a_dataset_is_refused(&s, inside(&s, "out"), network, TT1_BAD_ARGUMENT, "needs --weights");
  a_dataset_is_refused(&s, inside(&s, "out"), fix, TT1_BAD_ARGUMENT, "Q");
  a_dataset_is_refused(&s, inside(&s, "set"), NULL, TT1_BAD_ARGUMENT, "lies in the dataset itself");
  a_dataset_is_refused(&s, inside(&s, "set/sub-01"), NULL, TT1_BAD_ARGUMENT,
                       "lies in the dataset itself");
  a_dataset_is_refused(&s, inside(&s, "no/such/out"), NULL, TT1_IO, "cannot be made");
  mkdir(inside(&s, "other"), 0777);
  write_text(inside(&s, "other/dataset_description.json"), DESCRIPTION);
  a_dataset_is_refused(&s, inside(&s, "other"), NULL, TT1_BAD_ARGUMENT,
                       "holds another dataset, \"N\"");
  write_text(inside(&s, "other/dataset_description.json"), "{");
  a_dataset_is_refused(&s, inside(&s, "other"), NULL, TT1_BAD_FILE, "dataset_description.json");
  write_text(inside(&s, "other/dataset_description.json"),
             "{\"Name\": \"torcht1 maps of N\", \"BIDSVersion\": \"1.9.0\", "
             "\"DatasetType\": \"derivative\", \"GeneratedBy\": [{\"Name\": \"torcht1\"}], "
             "\"DatasetLinks\": {\"raw\": \"../elsewhere\"}}");
  a_dataset_is_refused(&s, inside(&s, "other"), NULL, TT1_BAD_ARGUMENT,
                       "choose another output folder");
  assert_int_equal(count_entries(inside(&s, "other")), 1);
  remove_tree(s.path);
}

static void a_cancelled_dataset_leaves_no_half_maps(void **state)
{
  (void)state;
  heard h;
  tt1_dataset_report *report = NULL;
  tt1_error err = {0};
  sandbox s = make_dataset();
  assert_int_equal(map_set(&s, inside(&s, "out"), NULL, &h, cancel, &report, &err), TT1_CANCELLED);
  assert_null(report);
  assert_int_equal(access(inside(&s, "out/sub-01"), F_OK), -1);
  remove_tree(s.path);
}

static void a_folder_of_derivatives_wants_our_name(void **state)
{
  (void)state;
  static const setting plain[] = {{"output-format", "nifti"}, {NULL, NULL}};
  static const struct {
    const char *out;
    int is_warned;
  } rows[] = {{"set/derivatives/maps", 1}, {"set/derivatives/torcht1-2", 0}, {"elsewhere", 0}};
  sandbox s = make_dataset();
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    heard h;
    tt1_dataset_report *report = NULL;
    assert_int_equal(map_set(&s, inside(&s, rows[i].out), plain, &h, NULL, &report, NULL), TT1_OK);
    assert_int_equal(report->warning != NULL, rows[i].is_warned);
    tt1_dataset_report_free(report);
  }
  remove_tree(s.path);
}

/* One series of a dataset, read as a study: its model comes from its suffix. */
static void a_series_of_a_dataset_alone(void **state)
{
  (void)state;
  sandbox s = make_dataset();
  tt1_mapping_options *options = options_with(NULL);
  tt1_mapping *m = NULL;
  tt1_error err = {0};
  if (create_mapping(&m, inside(&s, "set/sub-02"), options, &err) != TT1_OK)
    fail_msg("%s", err.message);
  assert_string_equal(tt1_model_name(tt1_mapping_model(m)), "t2");
  assert_int_equal(tt1_mapping_run(m, NULL, NULL, &err), TT1_OK);
  assert_true(fabs((double)tt1_mapping_map(m, "T2map")[0] - 0.05) < 1e-5);
  tt1_mapping_free(m);
  m = NULL;
  assert_int_equal(create_mapping(&m, inside(&s, "set"), options, &err), TT1_BAD_FILE);
  assert_null(m);
  tt1_mapping_options_free(options);
  remove_tree(s.path);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(each_series_ends_as_it_should),
                                     cmocka_unit_test(whole_datasets_are_refused),
                                     cmocka_unit_test(a_cancelled_dataset_leaves_no_half_maps),
                                     cmocka_unit_test(a_folder_of_derivatives_wants_our_name),
                                     cmocka_unit_test(a_series_of_a_dataset_alone)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}

#else

int main(void)
{
  return 77; // this build reads no datasets
}
#endif
