/* SPDX-License-Identifier: MIT
 * What a mapping refuses, each with one sentence and nothing written. */
#include "mapping_support.h"

/* What goes wrong on the way from series.nii to maps. */
static tt1_status map_it(const sandbox *s, const setting *settings, tt1_error *err)
{
  tt1_mapping_options *options = options_with(settings);
  tt1_mapping *m = NULL;
  tt1_status status = create_mapping(&m, inside(s, "molli.nii"), options, err);
  if (status == TT1_OK) status = tt1_mapping_run(m, NULL, NULL, err);
  if (status == TT1_OK) status = tt1_mapping_write(m, inside(s, "out"), err);
  tt1_mapping_free(m);
  tt1_mapping_options_free(options);
  return status;
}

/* Puts the path of a file of the sandbox in place of '@'. */
static const char *with_path(const sandbox *s, const char *text)
{
  static char texts[4][700];
  static int turn;
  const char *at = text ? strchr(text, '@') : NULL;
  if (!at) return text;
  char *out = texts[turn++ % 4];
  snprintf(out, sizeof texts[0], "%.*s%s", (int)(at - text), text, inside(s, at + 1));
  return out;
}

static void options_are_refused(void **state)
{
  (void)state;
  static const struct {
    setting settings[3];
    tt1_status status;
    const char *part;
  } rows[] = {
      {{{"model", "mollie"}}, TT1_BAD_ARGUMENT, "mollie"},
      {{{"model", "@bad.model"}}, TT1_BAD_MODEL, "expected"},
      {{{"model", "@none.model"}}, TT1_IO, "none.model: cannot be opened"},
      {{{"device", "abacus"}}, TT1_NO_DEVICE, "there is no device \"abacus\""},
      {{{"isa", "mmx"}}, TT1_BAD_ARGUMENT, "mmx"},
      {{{"known", "TE=1"}},
       TT1_BAD_ARGUMENT,
       "model molli has no known quantity 'TE'; 'torcht1 models show molli'"},
      {{{"known", "TI=1,2,x"}},
       TT1_BAD_ARGUMENT,
       "--known TI=...: number 3 of the list cannot be read: 'x'"},
      {{{"known", "TI=1,2"}},
       TT1_BAD_ARGUMENT,
       "--known TI: 2 values given, 8 expected, one per image"},
      {{{"known", "TI=100,1100,2100,3100,4100,180,1180,2180"}},
       TT1_BAD_ARGUMENT,
       "ms are suspected"},
      {{{"known", "TI=1,1,1,1,1,1,1,1"}}, TT1_BAD_ARGUMENT, "distinct"},
      {{{"model", "sasha2"}}, TT1_BAD_ARGUMENT, "no saturation recovery time (TS) is given"},
      {{{"model", "vfa"}}, TT1_BAD_ARGUMENT, "is given"},
      {{{"images", "1-9"}}, TT1_BAD_ARGUMENT, "--images 1-9: the series has images 1 to 8"},
      {{{"images", "0"}}, TT1_BAD_ARGUMENT, "the series has images 1 to 8"},
      {{{"images", "1,2,1"}}, TT1_BAD_ARGUMENT, "image 1 is listed twice"},
      {{{"images", "1;2"}}, TT1_BAD_ARGUMENT, "--images takes a list such as 1-5,7, not '1;2'"},
      {{{"images", "1-"}}, TT1_BAD_ARGUMENT, "not '1-'"},
      {{{"images", ""}}, TT1_BAD_ARGUMENT, "not ''"},
      {{{"images", "1,2"}}, TT1_BAD_ARGUMENT, "2 images"},
      {{{"images-map", "@nothing.nii"}}, TT1_IO, "nothing.nii cannot be read"},
      {{{"images-map", "@small.nii"}}, TT1_BAD_ARGUMENT, "small.nii"},
      {{{"images-map", "@map.nii"}},
       TT1_BAD_ARGUMENT,
       "map.nii is no map of images: it holds how many"},
      {{{"images-map", "@zero.nii"}}, TT1_BAD_ARGUMENT, "1 to 8, 0 where none are"},
      {{{"images-map", "@codes.nii"}}, TT1_BAD_ARGUMENT, "codes.nii is no map of images"},
      {{{"images-map", "@two.nii"}}, TT1_BAD_ARGUMENT, "2 images"},
      {{{"images-map", "@eight.nii"}, {"images", "1-8"}}, TT1_BAD_ARGUMENT, "leave out --images"},
      {{{"images-map", "@eight.nii"}, {"solver", "network"}, {"weights", "@none.npz"}},
       TT1_BAD_ARGUMENT,
       "leave out --solver network"},
      {{{"mask", "@nothing.nii"}}, TT1_IO, "nothing.nii cannot be read"},
      {{{"mask", "@empty.nii"}}, TT1_BAD_FILE, "empty.nii"},
      {{{"mask", "@small.nii"}}, TT1_BAD_ARGUMENT, "the mask is 2 x 2 x 1 voxels"},
      {{{"mask", "@zero.nii"}}, TT1_BAD_ARGUMENT, "zero.nii"},
      {{{"start-map", "k=@small.nii"}, {"solver", "lm"}},
       TT1_BAD_ARGUMENT,
       "the starting map is 2 x 2 x 1 voxels"},
      {{{"start-map", "Q=@map.nii"}, {"solver", "lm"}},
       TT1_BAD_ARGUMENT,
       "--start-map Q=...: model molli finds no parameter of that name"},
      {{{"start-at", "Q=1"}, {"solver", "lm"}}, TT1_BAD_ARGUMENT, "Q"},
      {{{"fix", "Q=1"}}, TT1_BAD_ARGUMENT, "Q"},
      {{{"bounds", "k=3,1"}}, TT1_BAD_ARGUMENT, "k"},
      {{{"correction", "R7=2"}},
       TT1_BAD_ARGUMENT,
       "--correction R7=...: model molli has no map of that name"},
      {{{"correction", "2"}, {"model", "@plain.model"}},
       TT1_BAD_ARGUMENT,
       "model plain has no map with a BIDS suffix"},
      {{{"sign", "phase"}}, TT1_BAD_ARGUMENT, "--sign phase: no phase images come with the series"},
      {{{"noise", "rician"}}, TT1_BAD_ARGUMENT, "the noise cannot be estimated: 6 voxels"},
      {{{"sigma", "auto"}}, TT1_BAD_ARGUMENT, "voxels"},
      {{{"solver", "network"}, {"weights", "@none.npz"}}, TT1_IO, "none.npz"},
      {{{"images-map", "@eight.nii"}}, TT1_OK, NULL}, // both leave a folder behind: the last
      {{{"series", "7"}}, TT1_OK, NULL},              // one series is meant whatever is asked for
  };
  sandbox s = sandbox_make_in_memory();
  put_series(&s, "molli", 0, SIDECAR);
  put_map(&s, "map.nii", 1.9, 1.9);
  put_map(&s, "zero.nii", 0.0, 0.0);
  put_map(&s, "codes.nii", 3000.0, 1000.0); // of seven images
  put_map(&s, "two.nii", 8.0, 2.0);
  put_map(&s, "eight.nii", 8.0, 7.0);
  write_text(inside(&s, "empty.nii"), "");
  nifti small = nifti_series(2, 2, 1);
  write_bytes(inside(&s, "small.nii"), small.bytes, small.length);
  write_text(inside(&s, "bad.model"),
             "model bad\ntitle \"b\"\nknown TI s \"t\"\nfind A 1 \"a\" start 1\nsignal A * \n");
  write_text(inside(&s, "plain.model"),
             "model plain\ntitle \"p\"\nknown TI s \"time\" bids InversionTime\n"
             "find A 1 \"a\" in (-inf, inf) start 1\nfind B 1/s \"b\" in [0, 10] start 1\n"
             "signal A * exp(-TI * B)\n");
  int n_wrong = 0;
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    tt1_error err = {0};
    setting settings[4] = {{0}};
    for (int k = 0; k < 3; k++)
      settings[k] = (setting){rows[i].settings[k].name, with_path(&s, rows[i].settings[k].value)};
    tt1_status status = map_it(&s, settings, &err);
    if (status != rows[i].status || (rows[i].part && !strstr(err.message, rows[i].part))) {
      print_error("--%s %s: status %d, %s\n", settings[0].name, settings[0].value, status,
                  err.message);
      n_wrong++;
    }
    assert_null(strchr(err.message, '\n'));
    assert_int_equal(count_entries(inside(&s, "out")) >= 0, rows[i].status == TT1_OK);
  }
  assert_int_equal(n_wrong, 0);
  remove_tree(s.path);
}

static void sidecars_decide(void **state)
{
  (void)state;
#ifndef TT1_HAVE_JANSSON
  skip();
#endif
  static const struct {
    const char *json, *part;
  } rows[] = {
      {NULL, "no inversion time (TI) is given"},
      {"{\"EchoTime\": [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8]}", "--model t2 or --model t2star"},
      {"{\"InversionTime\": [0.1, 0.2]}", "InversionTime"},
      {"{\"InversionTime\": 0.1}", "is 0.1 for all 8 images: dcm2niix keeps"},
      {"{\"InversionTime\": [0, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8]}", "image 1 is 0 s, expected"},
      {"{\"InversionTime\": [0.1, -0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8]}", "image 2 is -0.2 s"},
      {"{\"InversionTime\": \"soon\"}", "is not a number"},
      {"{\"InversionTime\": [100, 1100, 2100, 3100, 4100, 180, 1180, 2180]}", "ms are suspected"},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    sandbox s = sandbox_make_in_memory();
    tt1_error err = {0};
    put_series(&s, "molli", 0, rows[i].json);
    assert_int_not_equal(map_it(&s, NULL, &err), TT1_OK);
    if (!strstr(err.message, rows[i].part)) fail_msg("row %d: %s", (int)i, err.message);
    assert_int_equal(count_entries(inside(&s, "out")), -1);
    remove_tree(s.path);
  }
}

/* The times are found by their key, wherever they stand in the sidecar and whatever else varies. */
static void the_first_key_need_not_be_the_times(void **state)
{
  (void)state;
#ifndef TT1_HAVE_JANSSON
  skip();
#endif
  static const char *const sidecars[] = {
      SIDECAR,
      "{\"EchoTime\": [0.001, 0.002, 0.003, 0.004, 0.005, 0.006, 0.007, 0.008], "
      "\"FlipAngle\": [1, 2, 3, 4, 5, 6, 7, 8], "
      "\"InversionTime\": [0.1, 1.1, 2.1, 3.1, 4.1, 0.18, 1.18, 2.18]}",
      "{\"InversionTime\": [0.1, 1.1, 2.1, 3.1, 4.1, 0.18, 1.18, 2.18], "
      "\"EchoTime\": [0.001, 0.002, 0.003, 0.004, 0.005, 0.006, 0.007, 0.008]}"};
  for (size_t i = 0; i < sizeof sidecars / sizeof *sidecars; i++) {
    sandbox s = sandbox_make_in_memory();
    tt1_mapping_options *options = options_with(NULL);
    tt1_mapping *m = NULL;
    tt1_study *study = NULL;
    put_series(&s, "molli", 0, sidecars[i]);
    assert_int_equal(tt1_study_open(&study, inside(&s, "molli.nii"), NULL, NULL), TT1_OK);
    assert_int_equal(tt1_study_n_series(study), 1);
    const tt1_study_series *series = tt1_study_series_at(study, 0);
    assert_string_equal(series->known[series->times].name, "InversionTime");
    assert_int_equal(tt1_mapping_create(&m, study, -1, options, NULL), TT1_OK);
    assert_int_equal(tt1_mapping_run(m, NULL, NULL, NULL), TT1_OK);
    for (int v = 0; v < VOXELS; v++)
      assert_true(fabs((double)tt1_mapping_map(m, "T1map")[v] - t1_of(v)) < 1e-4);
    tt1_study_free(study);
    tt1_mapping_free(m);
    tt1_mapping_options_free(options);
    remove_tree(s.path);
  }
}

static int stop(int64_t done, int64_t total, void *payload)
{
  (void)done, (void)total, (void)payload;
  return 1;
}

/* What is asked of a mapping before and after its run. */
static void calls_in_any_order(void **state)
{
  (void)state;
  sandbox s = sandbox_make_in_memory();
  tt1_mapping_options *options = options_with(NULL);
  tt1_mapping *m = NULL;
  tt1_error err = {0};
  put_series(&s, "molli", 0, SIDECAR);
  assert_int_equal(create_mapping(&m, inside(&s, "molli.nii"), options, &err), TT1_OK);
  assert_null(tt1_mapping_map_at(m, 0));
  assert_null(tt1_mapping_map(m, "T1map"));
  assert_null(tt1_mapping_outcome(m));
  assert_null(tt1_mapping_record(m));
  assert_int_equal(tt1_mapping_write(m, inside(&s, "out"), &err), TT1_BAD_ARGUMENT);
  check_sentence(&err, TT1_BAD_ARGUMENT, "there are no maps to write");
  assert_int_equal(count_entries(inside(&s, "out")), -1);
  assert_int_equal(tt1_mapping_run(m, stop, NULL, &err), TT1_CANCELLED);
  assert_null(tt1_mapping_map_at(m, 0));
  for (int times = 0; times < 2; times++) { // it may run again
    assert_int_equal(tt1_mapping_run(m, NULL, NULL, &err), TT1_OK);
    assert_non_null(tt1_mapping_map(m, "T1map"));
    assert_null(tt1_mapping_map(m, "T2map"));
    assert_null(tt1_mapping_map_at(m, -1));
    assert_null(tt1_mapping_map_at(m, 99));
    assert_int_equal(tt1_mapping_outcome(m)[0], TT1_CONVERGED);
    assert_int_equal(tt1_mapping_result_of(m)->outcomes[TT1_CONVERGED], VOXELS);
    assert_null(tt1_mapping_record(m)); // which lists the files
    assert_int_equal(tt1_mapping_write(m, inside(&s, "out"), &err), TT1_OK);
    assert_non_null(strstr(tt1_mapping_record(m), "\"T1map.nii.gz\""));
  }
  assert_int_equal(tt1_mapping_write(m, inside(&s, "molli.nii"), &err), TT1_IO);
  assert_int_equal(tt1_mapping_write(m, "/no/such/folder", &err), TT1_IO);
  assert_non_null(tt1_mapping_map(m, "T1map"));
  tt1_mapping_free(m);
  tt1_mapping_options_free(options);
  remove_tree(s.path);
}

/* A map must not replace what it was made of. */
static void inputs_are_kept(void **state)
{
  (void)state;
  sandbox s = sandbox_make_in_memory();
  tt1_error err = {0};
  static setting settings[] = {{"mask", NULL}, {NULL, NULL}};
  put_series(&s, "molli", 0, SIDECAR);
  mkdir(inside(&s, "out"), 0777);
  put_map(&s, "out/T1map.nii.gz", 1.0, 1.0);
  settings[0].value = inside(&s, "out/T1map.nii.gz");
  assert_int_equal(map_it(&s, settings, &err), TT1_BAD_ARGUMENT);
  assert_non_null(strstr(err.message, "T1map.nii.gz"));
  assert_int_equal(count_entries(inside(&s, "out")), 1);
  remove_tree(s.path);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(options_are_refused), cmocka_unit_test(sidecars_decide),
      cmocka_unit_test(the_first_key_need_not_be_the_times), cmocka_unit_test(calls_in_any_order),
      cmocka_unit_test(inputs_are_kept)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
