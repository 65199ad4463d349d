/* SPDX-License-Identifier: MIT
 * MATLAB files: what cannot be a variable is refused before anything is written. What is
 * written is read by another library in tests/cli/cases/output_format.sh. */
#include "file/file.h"
#include "image_support.h"

static const double numbers[] = {1, 2, 3, 4, 5, 6};
static const tt1_variable sound = {
    .name = "sound", .type = TT1_FLOAT64, .data = numbers, .size = {2, 3, 1}};

static tt1_status write_one(const tt1_variable *variable, tt1_error *error)
{
  sandbox s = sandbox_make();
  tt1_folder *folder = NULL;
  assert_int_equal(tt1_folder_open(&folder, inside(&s, "out"), NULL), TT1_OK);
  tt1_status status = tt1_folder_write_mat(folder, "maps.mat", variable, 1, error);
  tt1_folder_free(folder);
  assert_int_equal(count_entries(s.path), 0);
  remove_tree(s.path);
  return status;
}

static void refuse(tt1_variable variable, const char *part)
{
  tt1_error error = {0};
  write_one(&variable, &error);
  check_sentence(&error, TT1_BAD_ARGUMENT, part);
}

static void names(void **state)
{
  static const char *const wrong[] = {
      "",     "1st", "_a",
      "a-b",  "a b", "a.b",
      "\xc3", NULL,  "x123456789012345678901234567890123456789012345678901234567890123",
      "a/b",  "..",  "a\t"};
  (void)state;
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    tt1_variable v = sound;
    v.name = wrong[i];
    refuse(v, "cannot be the name of a variable");
  }
  tt1_variable inner = sound;
  inner.name = "a-b";
  refuse((tt1_variable){.name = "outer", .fields = &inner, .n_fields = 1}, "\"a-b\" cannot be");
}

static void sizes(void **state)
{
  static const int64_t wrong[][3] = {
      {0, 1, 1}, {1, -1, 1}, {250000001, 1, 1}, {30000, 30000, 1}, {INT64_MAX, INT64_MAX, 2}};
  (void)state;
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    tt1_variable v = sound;
    memcpy(v.size, wrong[i], sizeof v.size);
    refuse(v, "sound has no numbers, or more than");
  }
  tt1_variable v = sound;
  v.data = NULL;
  refuse(v, "sound has no numbers, or more than");
}

static void depth(void **state)
{
  tt1_variable nested[6];
  (void)state;
  nested[0] = sound;
  for (int i = 1; i < 6; i++)
    nested[i] = (tt1_variable){.name = "nest", .fields = &nested[i - 1], .n_fields = 1};
  refuse(nested[5], "nest: structures are nested more than 4 deep");
  if (!tt1_mat_available(NULL)) return;
  assert_int_equal(write_one(&nested[4], NULL), TT1_OK);
}

static void the_format(void **state)
{
  sandbox s = sandbox_make();
  tt1_folder *folder = NULL;
  const char *why = NULL;
  tt1__file file;
  (void)state;
  if (!tt1_mat_available(&why)) {
    print_message("skipped: %s\n", why);
    skip();
  }
  const tt1_variable variables[] = {
      sound, {.name = "empty", .text = ""}, {.name = "said", .text = "T1 of a heart"}};
  assert_int_equal(tt1_folder_open(&folder, inside(&s, "out"), NULL), TT1_OK);
  assert_int_equal(tt1_folder_write_mat(folder, "a.mat", variables, 3, NULL), TT1_OK);
  assert_int_equal(tt1_folder_write_mat(folder, "b.mat", variables, 3, NULL), TT1_OK);
  assert_int_equal(tt1_folder_commit(folder, NULL), TT1_OK);
  tt1_folder_free(folder);
  assert_int_equal(tt1__file_read(&file, inside(&s, "out/a.mat"), 1 << 20, NULL), TT1_OK);
  uint32_t first = file.checksum;
  assert_memory_equal(file.bytes, "MATLAB 5.0 MAT-file, written by torcht1", 39);
  assert_memory_equal(file.bytes + 124, "\0\1IM", 4); // level 5, little endian
  tt1__file_free(&file);
  assert_int_equal(tt1__file_read(&file, inside(&s, "out/b.mat"), 1 << 20, NULL), TT1_OK);
  assert_int_equal(file.checksum, first);
  tt1__file_free(&file);
  remove_tree(s.path);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(names),
      cmocka_unit_test(sizes),
      cmocka_unit_test(depth),
      cmocka_unit_test(the_format),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
