/* SPDX-License-Identifier: MIT
 * What fit.json tells of a map, and that one which tells nonsense harms nobody. */
#include "image_support.h"
#include "tt1_mapping.h"

#ifdef TT1_HAVE_JANSSON

static tt1_status read_text(const sandbox *folder, const char *text, const char *map,
                            tt1_provenance *out)
{
  char path[128];
  snprintf(path, sizeof path, "%s/fit.json", folder->path);
  FILE *file = fopen(path, "w");
  assert_non_null(file);
  fputs(text, file);
  fclose(file);
  snprintf(path, sizeof path, "%s/%s", folder->path, map);
  tt1_error err = {0};
  return tt1_provenance_read(out, path, &err);
}

static const char good[] =
    "{\"model\": {\"name\": \"molli\", \"crc32\": \"12ab\"}, \"series\": {\"field_strength\": 3},"
    "\"maps\": [{\"file\": \"a.nii\", \"filter\": \"median\"}, {\"file\": \"b.nii\","
    "\"multiplied_by\": 1.5}]}";

static void tells_of_its_maps(void **state)
{
  tt1_provenance found;
  assert_int_equal(read_text(*state, good, "a.nii", &found), TT1_OK);
  assert_int_equal(found.is_known, 1);
  assert_string_equal(found.model, "molli");
  assert_string_equal(found.model_checksum, "12ab");
  assert_string_equal(found.filter, "median");
  assert_true(found.multiplied_by == 1.0 && found.field_strength == 3.0);
  assert_int_equal(read_text(*state, good, "b.nii", &found), TT1_OK);
  assert_true(found.multiplied_by == 1.5 && !found.filter[0]);
  assert_int_equal(read_text(*state, good, "c.nii", &found), TT1_OK);
  assert_int_equal(found.is_known, 0);
  assert_int_equal(tt1_provenance_read(&found, "/no/such/a.nii", NULL), TT1_OK);
  assert_int_equal(found.is_known, 0);
}

static void withstands_nonsense(void **state)
{
  static const char *const texts[] = {
      "[]",
      "3",
      "{}",
      "{\"maps\": {\"file\": \"a.nii\"}}",
      "{\"maps\": [[], 1, null, {}]}",
      "{\"maps\": [{\"file\": \"a.nii\"}], \"model\": [1], \"series\": \"x\"}",
      "{\"maps\": [{\"file\": \"a.nii\", \"multiplied_by\": \"x\"}], \"model\": {\"name\": 5}}"};
  tt1_provenance found;
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
    read_text(*state, texts[i], "a.nii", &found);
    assert_int_equal(found.is_known, 0);
  }
  assert_int_equal(read_text(*state, "{\"maps\": ", "a.nii", &found), TT1_BAD_FILE);
  char lengthy[512] = "{\"maps\": [{\"file\": \"a.nii\"}], \"model\": {\"name\": \"";
  size_t length = strlen(lengthy);
  memset(lengthy + length, 'n', 300);
  snprintf(lengthy + length + 300, 8, "\"}}");
  assert_int_equal(read_text(*state, lengthy, "a.nii", &found), TT1_OK);
  assert_int_equal(strlen(found.model), sizeof found.model - 1);
}

static const char own[] =
    "{\"Units\": \"s\", \"MagneticFieldStrength\": 3, \"Torcht1\": {\"Version\": \"0.1.0\", "
    "\"Model\": "
    "\"ir3\", \"ModelChecksum\": \"34cd\", \"MultipliedBy\": 1.03, \"Filter\": \"median3\"}}";

static tt1_status read_beside(const sandbox *folder, const char *json, tt1_provenance *out)
{
  tt1_error err = {0};
  write_text(inside(folder, "sub-01_T1map.json"), json);
  return tt1_provenance_read(out, inside(folder, "sub-01_T1map.nii.gz"), &err);
}

/* In a BIDS dataset no fit.json lies beside a map: its sidecar tells. */
static void tells_by_the_sidecar(void **state)
{
  tt1_provenance found;
  const sandbox *folder = *state;
  unlink(inside(folder, "fit.json"));
  assert_int_equal(read_beside(folder, own, &found), TT1_OK);
  assert_int_equal(found.is_known, 1);
  assert_string_equal(found.model, "ir3");
  assert_string_equal(found.model_checksum, "34cd");
  assert_string_equal(found.filter, "median3");
  assert_true(found.multiplied_by == 1.03 && found.field_strength == 3.0);
  static const char *const others[] = {
      "{}", "{\"Torcht1\": 1}", "{\"Torcht1\": {\"Model\": 5}}", "{\"Torcht1\": []}",
      "{\"EstimationAlgorithm\": \"LM\", \"MagneticFieldStrength\": 3}"};
  for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
    assert_int_equal(read_beside(folder, others[i], &found), TT1_OK);
    assert_int_equal(found.is_known, 0);
  }
  assert_int_equal(read_beside(folder, "{", &found), TT1_BAD_FILE);
  // A fit.json that speaks of the map has the word.
  assert_int_equal(read_beside(folder, own, &found), TT1_OK);
  write_text(inside(folder, "fit.json"),
             "{\"model\": {\"name\": \"molli\"}, \"maps\": [{\"file\": \"sub-01_T1map.nii.gz\"}]}");
  assert_int_equal(read_beside(folder, own, &found), TT1_OK);
  assert_string_equal(found.model, "molli");
}

static void no_memory(void **state)
{
  tt1_provenance found;
  tt1_status status = TT1_NO_MEMORY;
  char path[128];
  assert_int_equal(read_text(*state, good, "a.nii", &found), TT1_OK);
  snprintf(path, sizeof path, "%s/a.nii", ((sandbox *)*state)->path);
  for (long nth = 1; status != TT1_OK; nth++) {
    tt1__fail_allocation(nth);
    status = tt1_provenance_read(&found, path, NULL);
    tt1__fail_allocation(0);
    assert_true(status == TT1_OK || status == TT1_NO_MEMORY);
  }
  assert_int_equal(found.is_known, 1);
}

static sandbox box;

static int set_up(void **state)
{
  box = sandbox_make();
  *state = &box;
  return 0;
}

static int tear_down(void **state)
{
  (void)state;
  remove_tree(box.path);
  return 0;
}

#endif

int main(void)
{
#ifdef TT1_HAVE_JANSSON
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(tells_of_its_maps),
      cmocka_unit_test(withstands_nonsense),
      cmocka_unit_test(tells_by_the_sidecar),
      cmocka_unit_test(no_memory),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
#else
  printf("skipped: this build has no jansson\n");
  return 0;
#endif
}
