/* SPDX-License-Identifier: MIT
 * The language: models that must be refused, with place and sentence
 * (tests/text/wrong), and what right ones come to. */
#include "model_support.h"

#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static const char WRONG[] = TT1_SOURCE_DIR "/tests/text/wrong";

static char *read_file(const char *path)
{
  static char text[65536];
  FILE *file = fopen(path, "rb");
  assert_non_null(file);
  size_t length = fread(text, 1, sizeof text - 1, file);
  fclose(file);
  text[length] = '\0';
  return text;
}

// The last line says what is expected and is no part of the model.
static void check_wrong(const char *path)
{
  char *text = read_file(path), found[2100];
  char *expected = strstr(text, "# expect error ");
  assert_non_null(expected);
  char *wanted = expected + strlen("# expect error ");
  wanted[strcspn(wanted, "\n")] = '\0';
  *expected = '\0';
  tt1_model *model = NULL;
  tt1_error err = {0};
  assert_int_equal(tt1_model_compile(&model, text, &err), TT1_BAD_MODEL);
  assert_null(model);
  snprintf(found, sizeof found, "%d:%d %s", err.line, err.column, err.message);
  if (strcmp(found, wanted) != 0) fail_msg("%s\n  wants %s\n  found %s", path, wanted, found);
}

static void wrong_models_are_refused(void **state)
{
  (void)state;
  int count = 0;
  DIR *folder = opendir(WRONG);
  assert_non_null(folder);
  for (struct dirent *entry; (entry = readdir(folder));) {
    char path[1024];
    if (!strstr(entry->d_name, ".model")) continue;
    snprintf(path, sizeof path, "%s/%s", WRONG, entry->d_name);
    check_wrong(path);
    count++;
  }
  closedir(folder);
  assert_true(count >= 60);
}

static void errors_are_shown_with_line_and_caret(void **state)
{
  (void)state;
  const char *text = "model m\nknown\tTI sec \"a\"\n";
  tt1_model *model = NULL;
  tt1_error err = {0};
  char *shown = NULL;
  assert_int_equal(tt1_model_compile(&model, text, &err), TT1_BAD_MODEL);
  assert_int_equal(tt1_model_error_show(&shown, "a.model", text, &err, NULL), TT1_OK);
  assert_string_equal(shown, "a.model:2:10: expected a unit: 1, s, 1/s or deg, found 'sec'\n"
                             "  known\tTI sec \"a\"\n"
                             "       \t   ^\n");
  tt1_text_free(shown);
  err = (tt1_error){.status = TT1_IO, .message = "gone"};
  assert_int_equal(tt1_model_error_show(&shown, "a.model", text, &err, NULL), TT1_OK);
  assert_string_equal(shown, "a.model: gone\n");
  tt1_text_free(shown);
}

static void everything_a_line_can_say(void **state)
{
  (void)state;
  tt1_model *model = compile(
      "model all # a comment\ntitle \"Everything\"\ncite doi:10.1/a#b \"c\" # not this\ncite two\n"
      "known TI s \"time\" dicom InversionTime ms bids InversionTime\n"
      "known TR s \"repetition\" per series nominal 2 s\n"
      "known B1 1 \"field\" per voxel nominal 1\n"
      "fix d 1 \"fixed\" = 0.5\n"
      "find A 1 \"amplitude\" in [0, inf) bids M0map\n"
      "find R 1/s \"rate\" in [0.1, 10] start 1 grid 16 from 0.5 to 5\n"
      "find x 1 \"free\" in (-inf, inf) grid 4 from -1 to 1\n"
      "let E = exp(-TI * R) # shared\n"
      "signal abs(A * ((1 - d * E) * # two\n   exp(-TR * R) + B1 * sin(x)))\n"
      "map T s = 1 / R \"time\" bids T1map\n");
  const tt1_known *known = tt1_model_known(model, 0);
  assert_string_equal(known->dicom, "InversionTime");
  assert_true(known->dicom_unit == 0.001 && known->scope == TT1_PER_SAMPLE);
  assert_true(tt1_model_known(model, 1)->scope == TT1_PER_SERIES);
  assert_true(tt1_model_known(model, 1)->nominal == 2);
  assert_true(tt1_model_known(model, 2)->scope == TT1_PER_VOXEL);
  assert_string_equal(tt1_model_reference(model, 0), "doi:10.1/a#b \"c\"");
  assert_string_equal(tt1_model_reference(model, 1), "two");
  assert_null(tt1_model_reference(model, 2));
  const tt1_parameter *rate = tt1_model_parameter(model, 1);
  assert_string_equal(rate->unit, "1/s");
  assert_true(rate->start == 1 && rate->lower == 0.1 && rate->upper == 10);
  assert_true(model->grid[1].count == 16 && model->grid[1].is_log && model->grid[1].from == 0.5);
  assert_true(!model->grid[2].is_log && isinf(tt1_model_parameter(model, 2)->lower));
  assert_string_equal(tt1_model_formula(model),
                      "abs(A * ((1 - d * E) * exp(-TR * R) + B1 * sin(x)))");
  assert_true(tt1_model_is_magnitude(model) && tt1_model_n_maps(model) == 1);
  assert_true(tt1_model_map(model, 0)->depends_on == 2);
  tt1_model_free(model);
}

/* Full recovery is what tests take, too, where they give nothing; the recovery variable has company. */
static void times_of_inversion_groups_are_known(void **state)
{
  (void)state;
  tt1_model *model =
      compile("model m\nknown TI s \"time\" recovery\nknown rest s \"rest\" groups rest 2\n"
              "known last s \"last\" groups last 1\nknown RR s \"beat\" groups beat\n"
              "find A 1 \"amplitude\" in [0, inf)\nfind T1 s \"time\" in [0.01, 10]\n"
              "signal abs(A * (1 - (2 - exp(-rest / T1)) * exp(-TI / T1) + 0 * (last + RR) / T1 + "
              "last / RR))\n"
              "test A=10 T1=1 TI=0 -> 10\ntest A=10 T1=1 TI=0 last=1 RR=2 -> 5\n");
  const tt1_known *rest = tt1_model_known(model, 1), *last = tt1_model_known(model, 2),
                  *beat = tt1_model_known(model, 3);
  tt1_error err = {0};
  char *text = NULL;
  assert_int_equal(tt1_model_known(model, 0)->group, TT1_GROUP_NONE);
  assert_true(tt1_model_known(model, 0)->is_recovery);
  assert_true(rest->group == TT1_GROUP_REST && rest->groups_before == 2);
  assert_true(rest->has_nominal && rest->nominal == 1000 && rest->scope == TT1_PER_SAMPLE);
  assert_true(last->group == TT1_GROUP_LAST && last->groups_before == 1);
  assert_true(last->has_nominal && last->nominal == 0 && last->scope == TT1_PER_SAMPLE);
  assert_true(beat->group == TT1_GROUP_BEAT && beat->groups_before == 0);
  assert_true(beat->has_nominal && beat->nominal == 1 && beat->scope == TT1_PER_SERIES);
  if (tt1_model_test(model, &err) != TT1_OK) fail_msg("line %d: %s", err.line, err.message);
  assert_int_equal(tt1_model_explain(&text, model, NULL), TT1_OK);
  assert_non_null(
      strstr(text, "from the inversion groups\n"
                   "  rest [s]  2 groups before that of the image: the rest after it; "
                   "1000 s where there is none\n"
                   "  last [s]  1 group before that of the image: the inversion time of "
                   "its last image; 0 s where there is none\n"
                   "  RR [s]  from one image of a group to the next; 1 s where there is none\n"));
  tt1_text_free(text);
  tt1_model_free(model);
}

static void shipped_models_pass_their_own_tests(void **state)
{
  (void)state;
  int count = 0;
  for (; tt1_builtin_name(count); count++) {
    tt1_model *model = builtin(tt1_builtin_name(count));
    tt1_error err = {0};
    assert_string_equal(tt1_model_name(model), tt1_builtin_name(count));
    if (tt1_model_test(model, &err) != TT1_OK)
      fail_msg("%s:%d: %s", tt1_builtin_name(count), err.line, err.message);
    assert_non_null(strstr(tt1_model_text(model), "\ntest "));
    tt1_model_free(model);
  }
  assert_true(count >= 8);
  assert_null(tt1_builtin_name(count + 5));
  tt1_model *model = NULL;
  assert_int_equal(tt1_model_builtin(&model, "nothing", NULL), TT1_BAD_ARGUMENT);
}

static void a_test_line_that_is_wrong_fails(void **state)
{
  (void)state;
  tt1_model *model = compile("model m\nknown x 1 \"x\"\nfind a 1 \"a\" in [0, inf)\nsignal a * x\n"
                             "map b 1 = a * a \"b\"\ntest a=2 x=3 -> 6 b=4\ntest a=2 x=3 -> 6.1\n");
  tt1_error err = {0};
  assert_int_equal(tt1_model_test(model, &err), TT1_BAD_MODEL);
  assert_int_equal(err.line, 7);
  assert_string_equal(err.message, "this test expects signal = 6.1 but the model gives 6");
  tt1_model_free(model);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(wrong_models_are_refused),
      cmocka_unit_test(errors_are_shown_with_line_and_caret),
      cmocka_unit_test(everything_a_line_can_say),
      cmocka_unit_test(times_of_inversion_groups_are_known),
      cmocka_unit_test(shipped_models_pass_their_own_tests),
      cmocka_unit_test(a_test_line_that_is_wrong_fails),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
