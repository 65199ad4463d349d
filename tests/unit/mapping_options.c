/* SPDX-License-Identifier: MIT
 * Options of a mapping: what each takes and refuses, and that a record knows every one that can change what is
 * written. */
#include "mapping_support.h"

/* ---- A record knows every option ---- */

/* For each recorded option another value than that of the fit before, and what has to go with it. */
static const struct {
  setting changed, with[3];
} changes[] = {
    {{"model", "ir3"}, {{0}}},
    {{"solver", "lm"}, {{0}}},
    {{"precision", "double"}, {{0}}},
    {{"series", "1"}, {{0}}},
    {{"times", "trigger"}, {{0}}},
    {{"known", "TI=0.1,1.1,2.1,3.1,4.1,0.18,1.18,2.19"}, {{0}}},
    {{"images", "1-7"}, {{0}}},
    {{"scheme", "5(3)3"}, {{0}}},
    {{"images-map", "used.nii"}, {{0}}},
    {{"mask", "mask.nii"}, {{0}}},
    {{"start", "fixed"}, {{"solver", "lm"}}},
    {{"sign", "magnitude"}, {{0}}},
    {{"iterations", "50"}, {{0}}},
    {{"rate", "0.001"}, {{0}}},
    {{"tolerance", "0.001"}, {{0}}},
    {{"noise", "robust"}, {{0}}},
    {{"sigma", "3"}, {{0}}},
    {{"covariance", NULL}, {{0}}},
    {{"fix", "k=1.9"}, {{0}}},
    {{"bounds", "T1s=0.1,4"}, {{0}}},
    {{"start-at", "k=1.8"}, {{"solver", "lm"}}},
    {{"start-map", "k=k.nii"}, {{"solver", "lm"}}},
    {{"correction", "1.03"}, {{0}}},
    {{"filter", "median3"}, {{0}}},
    {{"like", "torch-t1"}, {{"solver", "adam"}}},
    {{"keep-bound", NULL}, {{0}}},
    {{"resample", NULL}, {{0}}},
    {{"output-format", "nifti"}, {{0}}},
    {{"range", "0,1500"}, {{0}}},
    {{"dicom", NULL}, {{0}}},
    {{"weights", "weights.npz"}, {{"solver", "network"}}},
    {{"uni", "u.nii"}, {{"model", "mp2rage"}, {"sign", "signed"}}},
};

/* Options whose values are paths are given those of the sandbox. */
static const char *resolve(const sandbox *s, const setting *what)
{
  static char text[600];
  if (!what->value || !strstr(what->value, ".n")) return what->value;
  const char *equals = strchr(what->value, '=');
  int name = equals ? (int)(equals + 1 - what->value) : 0;
  snprintf(text, sizeof text, "%.*s%s", name, what->value, inside(s, what->value + name));
  return text;
}

static tt1_mapping_options *options_of(const sandbox *s, const setting *settings, int count)
{
  tt1_mapping_options *options = options_with(NULL);
  tt1_error err = {0};
  for (int i = 0; i < count && settings[i].name; i++)
    if (tt1_mapping_options_set(options, settings[i].name, resolve(s, &settings[i]), &err) !=
        TT1_OK)
      fail_msg("%s: %s", settings[i].name, err.message);
  return options;
}

/* What is fitted: a series for molli, but two inversions where they are asked for. */
static const char *input_of(const sandbox *s, const tt1_mapping_options *options)
{
  const char *model = tt1_mapping_options_model(options);
  return inside(s, model && strcmp(model, "mp2rage") == 0 ? "pair.nii" : "molli.nii");
}

static int is_complete(const sandbox *s, const tt1_mapping_options *options, const char *folder)
{
  tt1_mapping *m = NULL;
  tt1_error err = {0};
  int is_written = -1;
  if (create_mapping(&m, input_of(s, options), options, &err) != TT1_OK ||
      tt1_mapping_is_written(&is_written, m, inside(s, folder), &err) != TT1_OK)
    fail_msg("%s", err.message);
  tt1_mapping_free(m);
  return is_written;
}

/* Fit with the options and write. Returns 0 where this build cannot. */
static int is_fitted(const sandbox *s, const tt1_mapping_options *options, const char *folder)
{
  tt1_mapping *m = NULL;
  tt1_error err = {0};
  tt1_status status = create_mapping(&m, input_of(s, options), options, &err);
  if (status == TT1_OK) status = tt1_mapping_run(m, NULL, NULL, &err);
  if (status == TT1_OK) status = tt1_mapping_write(m, inside(s, folder), &err);
  tt1_mapping_free(m);
  if (status != TT1_OK && status != TT1_NO_DEVICE) fail_msg("%s", err.message);
  return status == TT1_OK;
}

static void copy_file(const char *from, const char *to)
{
  char bytes[4096];
  FILE *in = fopen(from, "rb"), *out = fopen(to, "wb");
  assert_true(in && out);
  for (size_t n; (n = fread(bytes, 1, sizeof bytes, in)) > 0;)
    assert_int_equal(fwrite(bytes, 1, n, out), n);
  fclose(in), fclose(out);
}

static void every_recorded_option_makes_another_fit(void **state)
{
  (void)state;
#ifndef TT1_HAVE_JANSSON
  skip();
#endif
  sandbox s = sandbox_make_in_memory();
  put_series(&s, "molli", 0, SIDECAR);
  put_map(&s, "mask.nii", 1.0, 1.0);
  put_map(&s, "used.nii", 8.0, 7.0);
  put_map(&s, "k.nii", 1.9, 1.9);
  put_pair(&s);
  copy_file(TT1_SOURCE_DIR "/weights/native-5.npz", inside(&s, "weights.npz"));
  for (int i = 0; tt1_mapping_option(i); i++) {
    const tt1_option *option = tt1_mapping_option(i);
    size_t c = 0;
    while (c < sizeof changes / sizeof *changes && strcmp(changes[c].changed.name, option->name))
      c++;
    if (!option->is_recorded) continue;
    if (c == sizeof changes / sizeof *changes) fail_msg("--%s has no row here", option->name);
    tt1_mapping_options *before = options_of(&s, changes[c].with, 3);
    setting after[4] = {changes[c].changed, changes[c].with[0], changes[c].with[1]};
    tt1_mapping_options *changed = options_of(&s, after, 4);
    int is_network = strcmp(option->name, "weights") == 0;
    // The network cannot be run without weights: it is the record with them that must be another one's.
    if (is_fitted(&s, is_network ? changed : before, "out")) {
      assert_true(is_complete(&s, is_network ? changed : before, "out"));
      if (is_network) { // other weights of the same name
        tt1_mapping_options_free(before);
        before = options_of(&s, NULL, 0);
        assert_false(is_complete(&s, before, "out"));
      } else if (is_complete(&s, changed, "out")) {
        fail_msg("--%s is not in the record", option->name);
      }
    }
    tt1_mapping_options_free(before);
    tt1_mapping_options_free(changed);
  }
  remove_tree(s.path);
}

/* What makes another fit without any option: times, images, masks, the model, the files that were written. */
static void other_inputs_make_another_fit(void **state)
{
  (void)state;
#ifndef TT1_HAVE_JANSSON
  skip();
#endif
  sandbox s = sandbox_make_in_memory();
  put_series(&s, "molli", 0, SIDECAR);
  put_map(&s, "mask.nii", 1.0, 1.0);
  const setting mask[] = {{"mask", "mask.nii"}};
  tt1_mapping_options *options = options_of(&s, mask, 1);
  assert_true(is_fitted(&s, options, "out"));
  assert_true(is_complete(&s, options, "out"));
  put_map(&s, "mask.nii", 1.0, 0.0);
  assert_false(is_complete(&s, options, "out"));
  put_map(&s, "mask.nii", 1.0, 1.0);
  assert_true(is_complete(&s, options, "out"));
  put_series(&s, "molli", 0, "{\"InversionTime\": [0.1, 1.1, 2.1, 3.1, 4.1, 0.18, 1.18, 2.17]}");
  assert_false(is_complete(&s, options, "out"));
  put_series(&s, "molli", 1, SIDECAR);
  assert_false(is_complete(&s, options, "out"));
  put_series(&s, "molli", 0, SIDECAR);
  assert_true(is_complete(&s, options, "out"));
  assert_int_equal(unlink(inside(&s, "out/k.nii.gz")), 0);
  assert_false(is_complete(&s, options, "out"));
  assert_true(is_fitted(&s, options, "out"));
  write_text(inside(&s, "out/fit.json"), "{\"torcht1\": ");
  assert_false(is_complete(&s, options, "out"));
  write_text(inside(&s, "out/fit.json"), "[1, 2]");
  assert_false(is_complete(&s, options, "out"));
  tt1_mapping_options_free(options);
  remove_tree(s.path);
}

/* ---- Values ---- */

static void values_are_checked(void **state)
{
  (void)state;
  static const struct {
    const char *name, *value, *part;
  } rows[] = {
      {"solver", "lmm",
       "--solver takes one of auto, varpro, lm, adam, nelder-mead, network, not 'lmm'"},
      {"model", NULL, "option '--model' needs a value"},
      {"covariance", "yes", "option '--covariance' takes no value"},
      {"threds", "2", "unknown option '--threds'; did you mean '--threads'?"},
      {"zzz", "2", "unknown option '--zzz'"},
      {"threads", "0", "--threads takes a whole number from 1 to 1024, not '0'"},
      {"threads", "2.5", "--threads takes a whole number from 1 to 1024, not '2.5'"},
      {"threads", "2x", "not '2x'"},
      {"threads", "", "not ''"},
      {"rate", "nan", "--rate takes a number from 1e-09 to 10, not 'nan'"},
      {"rate", "-inf", "not '-inf'"},
      {"tolerance", "2", "--tolerance takes a number from 0 to 1, not '2'"},
      {"device-memory", "0", "--device-memory takes a number from 0.1"},
      {"times", "never", "--times takes one of auto, trigger, not 'never'"},
      {"known", "0.1", "--known takes NAME=VALUES, for instance TI=0.1,0.2, not '0.1'"},
      {"known", "=0.1", "--known takes NAME=VALUES"},
      {"start", "here", "--start takes one of grid, fixed"},
      {"sigma", "small", "--sigma takes residuals, middle, auto or a number, not 'small'"},
      {"sigma", "-1", "--sigma takes a number from 1e-30"},
      {"fix", "k", "--fix"},
      {"fix", "k=x", "--fix"},
      {"bounds", "k=1", "--bounds"},
      {"bounds", "k=2,1x", "--bounds"},
      {"start-at", "k", "--start-at"},
      {"start-map", "k", "--start-map"},
      {"start-map", "k=", "--start-map"},
      {"correction", "T1=", "--correction"},
      {"correction", "0", "--correction"},
      {"like", "scipy", "--like takes one of torch-t1, not 'scipy'"},
      {"output-format", "nifti,jpeg",
       "--output-format takes one of nifti, png, dicom, mat, svg, pdf, not 'jpeg'"},
      {"output-format", "", "not ''"},
      {"range", "2000", "--range takes FROM,TO in the unit of the picture"},
      {"range", "2000,0", "not '2000,0'"},
      {"range", "0,2000ms", "not '0,2000ms'"},
      {"range", "0,inf", "not '0,inf'"},
      {"range", "0,1,2", "not '0,1,2'"},
      {"filter", "median4", "--filter takes one of none, median3, median5"},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    tt1_mapping_options *options = options_with(NULL);
    tt1_error err = {0};
    if (tt1_mapping_options_set(options, rows[i].name, rows[i].value, &err) == TT1_OK)
      fail_msg("--%s %s is taken", rows[i].name, rows[i].value);
    check_sentence(&err, TT1_BAD_ARGUMENT, rows[i].part);
    tt1_mapping_options_free(options);
  }
}

static void repeated_options_have_an_end(void **state)
{
  (void)state;
  static const setting rows[] = {{"known", "TI=1"}, {"fix", "k=1"}, {"start-map", "k=a.nii"}};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    tt1_mapping_options *options = options_with(NULL);
    tt1_error err = {0};
    tt1_status status = TT1_OK;
    for (int n = 0; n < 200 && status == TT1_OK; n++)
      status = tt1_mapping_options_set(options, rows[i].name, rows[i].value, &err);
    check_sentence(&err, TT1_BAD_ARGUMENT, "too often");
    tt1_mapping_options_free(options);
  }
}

static void options_go_together_or_not(void **state)
{
  (void)state;
  static const struct {
    setting settings[4];
    const char *part;
  } rows[] = {
      {{{"start", "grid"}, {"start-at", "k=1.9"}}, "--start grid takes no --start-at"},
      {{{"solver", "varpro"}, {"start-at", "k=1.9"}}, "varpro searches globally"},
      {{{"weights", "a.npz"}}, "--weights is for --solver network only"},
      {{{"solver", "network"}}, "needs --weights"},
      {{{"solver", "network"}, {"weights", "a"}, {"fix", "k=2"}}, "has no parameters"},
      {{{"solver", "network"}, {"weights", "a"}, {"correction", "1.1"}}, "has no parameters"},
      {{{"solver", "network"}, {"weights", "a"}, {"noise", "robust"}}, "knows no noise"},
      {{{"solver", "network"}, {"weights", "a"}, {"sigma", "auto"}}, "knows no noise"},
      {{{"solver", "network"}, {"weights", "a"}, {"sign", "phase"}}, "takes magnitudes"},
      {{{"solver", "network"}, {"weights", "a"}, {"model", "ir3"}}, "knows the model molli only"},
      {{{"solver", "network"}, {"weights", "a"}, {"like", "torch-t1"}}, "is about fits"},
      {{{"solver", "network"}, {"weights", "a"}, {"device", "cuda"}}, "runs on the cpu only"},
      {{{"like", "torch-t1"}, {"solver", "lm"}}, "goes with --solver adam or nelder-mead, not lm"},
      {{{"like", "torch-t1"}, {"model", "ir3"}}, "is about model molli, not 'ir3'"},
      {{{"like", "torch-t1"}, {"fix", "k=2"}}, "sets starts and bounds itself"},
      {{{"like", "torch-t1"}, {"rate", "0.1"}}, "sets the learning rate"},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    tt1_mapping_options *options = options_with(rows[i].settings);
    tt1_error err = {0};
    if (tt1_mapping_options_check(options, &err) == TT1_OK) fail_msg("row %d is taken", (int)i);
    check_sentence(&err, TT1_BAD_ARGUMENT, rows[i].part);
    tt1_mapping_options_free(options);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_recorded_option_makes_another_fit),
      cmocka_unit_test(other_inputs_make_another_fit), cmocka_unit_test(values_are_checked),
      cmocka_unit_test(repeated_options_have_an_end), cmocka_unit_test(options_go_together_or_not)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
