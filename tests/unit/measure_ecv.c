/* SPDX-License-Identifier: MIT
 * Extracellular volume of files: labels taken one by one, what is refused and what is warned of, and memory
 * that runs out. The command line tests say the sentences (tests/cli/cases/ecv.sh). */
#include "image_support.h"

#include "tt1_measure.h"

enum { SIZE = 24, N = SIZE * SIZE };
enum { BLOOD = 3, MYOCARDIUM = 5, LIVER = 7 };

static sandbox box;
static char native[128], post[128], deviation[128], labels[128];

static const char *with_label(char path[160], const char *label)
{
  snprintf(path, 160, "%s:%s", labels, label);
  return path;
}

static void write_image(tt1_folder *folder, const char *name, tt1_type type, const void *data,
                        const char *about)
{
  const tt1_geometry g = {.size = {SIZE, SIZE, 1}, .spacing = {1.5, 1.5, 8.0}};
  tt1_error err = {0};
  assert_int_equal(tt1_folder_write_image(folder, name, &g, 1, type, data, about, &err), TT1_OK);
}

/* Blood, a ring around it, and a liver in the corner whose ECV is 100 * (1 - 0.42) %. */
static int make_files(void **state)
{
  (void)state;
  static float maps[3][N];
  static uint8_t label[N];
  tt1_folder *folder = NULL;
  tt1_error err = {0};
  box = sandbox_make_in_memory();
  for (int v = 0; v < N; v++) {
    double r = hypot((double)(v % SIZE) - 11.5, (double)(v / SIZE) - 11.5);
    label[v] = r < 5.0 ? BLOOD : r < 9.0 ? MYOCARDIUM : v % SIZE < 3 && v / SIZE < 3 ? LIVER : 0;
    maps[0][v] = label[v] == BLOOD ? 1.6f : label[v] == MYOCARDIUM ? 1.2f : 0.8f;
    maps[1][v] = label[v] == BLOOD ? 0.35f : label[v] == MYOCARDIUM ? 0.5f : 0.2877f;
    maps[2][v] = 0.01f;
  }
  assert_int_equal(tt1_folder_open(&folder, box.path, &err), TT1_OK);
  write_image(folder, "native.nii", TT1_FLOAT32, maps[0], "T1 (s)");
  write_image(folder, "post.nii", TT1_FLOAT32, maps[1], "T1 (s)");
  write_image(folder, "sd.nii", TT1_FLOAT32, maps[2], "SD (s)");
  write_image(folder, "labels.nii", TT1_UINT8, label, "labels");
  static const char table[] = "index\tname\tcolour\r\n3\tblood\tred\r\n5\tmyocardium\tblue\r\n";
  assert_int_equal(tt1_folder_write(folder, "labels.tsv", table, sizeof table - 1, &err), TT1_OK);
  assert_int_equal(tt1_folder_commit(folder, &err), TT1_OK);
  tt1_folder_free(folder);
  snprintf(native, sizeof native, "%s/native.nii", box.path);
  snprintf(post, sizeof post, "%s/post.nii", box.path);
  snprintf(deviation, sizeof deviation, "%s/sd.nii", box.path);
  snprintf(labels, sizeof labels, "%s/labels.nii", box.path);
  return 0;
}

static int remove_files(void **state)
{
  (void)state;
  remove_tree(box.path);
  return 0;
}

static tt1_status measure(tt1_ecv_result **out, const char *blood, const char *tissue,
                          double hematocrit_sd, tt1_error *err)
{
  char paths[2][160];
  tt1_ecv_request request = TT1_ECV_REQUEST_INIT;
  request.map[0] = native;
  request.map[1] = post;
  request.sd[0] = request.sd[1] = deviation;
  request.blood[0] = blood ? with_label(paths[0], blood) : labels;
  request.myocardium[0] = tissue ? with_label(paths[1], tissue) : labels;
  request.hematocrit.value = 0.42;
  if (hematocrit_sd >= 0.0) request.hematocrit.sd = hematocrit_sd;
  *out = NULL;
  return tt1_ecv_measure(out, &request, err);
}

static void refuse(const char *blood, const char *tissue, const char *part)
{
  tt1_ecv_result *found;
  tt1_error err = {0};
  assert_int_equal(measure(&found, blood, tissue, 0.0, &err), TT1_BAD_ARGUMENT);
  assert_null(found);
  if (!strstr(err.message, part)) fail_msg("'%s' has no '%s'", err.message, part);
}

static void takes_labels_one_by_one(void **state)
{
  (void)state;
  static const char *const ways[][2] = {{"3", "5"}, {"blood", "myocardium"}, {"blood", "5"}};
  for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
    tt1_ecv_result *found;
    assert_int_equal(measure(&found, ways[i][0], ways[i][1], 0.0, NULL), TT1_OK);
    assert_int_equal(found->n_rows, 1);
    assert_int_equal(found->rows[0].label, MYOCARDIUM);
    assert_true(fabs(found->rows[0].found.ecv.value - 0.303147) < 1e-5);
    assert_int_equal(found->n_warnings, 0);
    tt1_ecv_free(found);
  }
  tt1_ecv_result *found;
  assert_int_equal(measure(&found, "3", "5+7", 0.0, NULL), TT1_OK);
  assert_int_equal(found->n_rows, 2);
  tt1_ecv_free(found);
}

static void refuses_what_is_no_blood(void **state)
{
  (void)state;
  refuse(NULL, "5", "the blood is one thing, but the file holds several labels (7, 5, ...)");
  refuse("5", "3", "blood and myocardium are exchanged, it seems");
  refuse("3", NULL, "of label 3");
  refuse("any", "5", "are blood, too");
  refuse("spleen", "5", "has no label 'spleen', but blood, myocardium");
  refuse("3", "9", "no voxel has the label that is named (9)");
  refuse("3+", "5", "a number or a name of a label is expected");
  refuse("0", "5", "is no label");
}

/* The liver here is as quick as blood: a warning, since nobody knows what it is. */
static void warns_of_strange_values(void **state)
{
  (void)state;
  tt1_ecv_result *found;
  assert_int_equal(measure(&found, "3", "7", 0.0, NULL), TT1_OK);
  assert_int_equal(found->n_warnings, 1);
  assert_non_null(
      strstr(found->warnings[0], "T1 of blood is longer than that of the tissue after"));
  tt1_ecv_free(found);
}

/* By hand: sqrt((0.58 s(lambda))^2 + (lambda s(Hct))^2). */
static void the_haematocrit_has_a_deviation(void **state)
{
  (void)state;
  static const double sds[] = {-1.0, 0.0, 0.03};
  double variances[3], lambda = 0.0;
  for (int i = 0; i < 3; i++) {
    tt1_ecv_result *found;
    assert_int_equal(measure(&found, "3", "5", sds[i], NULL), TT1_OK);
    assert_int_equal(found->has_assumed_sd, i == 0);
    lambda = found->rows[0].found.lambda.value;
    variances[i] = pow(found->rows[0].found.ecv.sd, 2.0);
    tt1_ecv_free(found);
  }
  assert_true(variances[1] > 0.0);
  assert_true(fabs(variances[0] - variances[1] - pow(0.01 * lambda, 2.0)) < 1e-12);
  assert_true(fabs(variances[2] - variances[1] - pow(0.03 * lambda, 2.0)) < 1e-12);
}

/* Wherever memory runs out: that is said, and nothing is left behind. */
static void every_allocation_may_fail(void **state)
{
  (void)state;
  int n = 1;
  for (tt1_status status = TT1_NO_MEMORY; status != TT1_OK; n++) {
    tt1_ecv_result *found;
    tt1_error err = {0};
    tt1__fail_allocation(n);
    status = measure(&found, "blood", "5+7", 0.0, &err);
    tt1__fail_allocation(0);
    if (status == TT1_OK) assert_int_equal(found->n_warnings, 1);
    tt1_ecv_free(found);
    if (status != TT1_OK) assert_int_equal(status, TT1_NO_MEMORY);
    assert_true(n < 1000);
  }
  assert_true(n > 50);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(takes_labels_one_by_one),
      cmocka_unit_test(refuses_what_is_no_blood),
      cmocka_unit_test(warns_of_strange_values),
      cmocka_unit_test(the_haematocrit_has_a_deviation),
      cmocka_unit_test(every_allocation_may_fail),
  };
  return cmocka_run_group_tests_name("ecv", tests, make_files, remove_files);
}
