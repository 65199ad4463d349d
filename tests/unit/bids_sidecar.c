/* SPDX-License-Identifier: MIT
 * JSON sidecars: what becomes a known quantity, and what is refused. */
#include "bids/sidecar.h"

#include <math.h>

#include "image_support.h"
#include "tt1_input.h"

#ifdef TT1_HAVE_JANSSON

static tt1_image *three_images(void)
{
  tt1_image *image = tt1__image_new();
  assert_non_null(image);
  image->n_images = 3;
  return image;
}

static void takes_numbers_and_arrays_of_the_right_length(void **state)
{
  (void)state;
  static const char text[] =
      "{\"InversionTime\": [0.3, 0.1, 2], \"RepetitionTime\": 4.5e0,\n"
      "\"Units\": \"s\", \"ImageOrientation\": [1, 0, 0, 0, 1, 0],\n"
      "\"Mixed\": [1, \"a\", 2], \"EchoTime\": [0.01], \"Deep\": {\"a\": 1}}";
  tt1_image *image = three_images();
  assert_int_equal(tt1__sidecar_parse(image, text, strlen(text), "dir/m.json", NULL), TT1_OK);
  assert_int_equal(image->n_known, 3);
  const tt1_known_values *times = tt1_image_find_known(image, "InversionTime");
  assert_non_null(times);
  assert_int_equal(times->count, 3);
  assert_true(times->values[0] == 0.3 && times->values[1] == 0.1 && times->values[2] == 2.0);
  assert_string_equal(times->source, "m.json");
  assert_int_equal(tt1_image_find_known(image, "RepetitionTime")->count, 1);
  assert_true(tt1_image_find_known(image, "RepetitionTime")->values[0] == 4.5);
  assert_int_equal(tt1_image_find_known(image, "EchoTime")->count, 1);
  assert_string_equal(tt1_image_unit(image), "s");
  tt1_image_free(image);
}

// A clock is read as converters write it; what is none of all images is left out, and nothing is refused.
static void takes_the_clock_of_all_images(void **state)
{
  (void)state;
  static const char good[] =
      "{\"AcquisitionTime\": [\"09:30:12.547500\", \"9:30:3.5\", \"093014\"]}";
  static const char *const others[] = {
      "{\"AcquisitionTime\": \"09:30:12.5475\"}",
      "{\"AcquisitionTime\": []}",
      "{\"AcquisitionTime\": [\"09:30:12\", \"09:30:13\"]}",
      "{\"AcquisitionTime\": [\"09:30:12\", \"\", \"09:30:14\"]}",
      "{\"AcquisitionTime\": [\"09:30:12\", \"25:30:13\", \"09:30:14\"]}",
      "{\"AcquisitionTime\": [\"09:30:12\", 3, null]}"};
  tt1_image *image = three_images();
  assert_int_equal(tt1__sidecar_parse(image, good, strlen(good), "m.json", NULL), TT1_OK);
  const tt1_known_values *clock = tt1_image_find_known(image, "AcquisitionTime");
  assert_true(clock && clock->count == 3);
  assert_true(fabs(clock->values[0] - 34212.5475) < 1e-9);
  assert_true(fabs(clock->values[1] - 34203.5) < 1e-9 && fabs(clock->values[2] - 34214.0) < 1e-9);
  tt1_image_free(image);
  for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
    image = three_images();
    assert_int_equal(tt1__sidecar_parse(image, others[i], strlen(others[i]), "m.json", NULL),
                     TT1_OK);
    assert_int_equal(image->n_known, 0);
    tt1_image_free(image);
  }
}

typedef struct wrong {
  const char *text, *sentence;
} wrong;

// clang-format off
static const wrong wrongs[] = {
  {"", "is not valid JSON: line 1"},
  {"{", "is not valid JSON"},
  {"{\"InversionTime\": [0.1, 0.2, 0.3]", "is not valid JSON"},
  {"{\"InversionTime\": [0.1, NaN, 0.3]}", "value 2 of \"InversionTime\" is not a number"},
  {"{\"InversionTime\": -Infinity}", "value 1 of \"InversionTime\" is not a number"},
  {"{\"InversionTime\": [0.1, NaNa, 0.3]}", "is not valid JSON"},
  {"{\n  // s\n\"InversionTime\": 1}", "holds a comment at line 2, column 3"},
  {"{\"a\": 1, /* s */ \"InversionTime\": 1}", "holds a comment at line 1, column 10"},
  {"# s\n{\"InversionTime\": 1}", "holds a comment at line 1, column 1"},
  {"\xFF\xFE{", "is written in UTF-16"},
  {"\xFE\xFF", "is written in UTF-16"},
  {"\xEF\xBB\xBF", "is not valid JSON"},
  {"{\"InversionTime\": [0.1, 1e999, 0.3]}", "is not valid JSON"},
  {"{\"InversionTime\": 1, \"InversionTime\": 2}", "is not valid JSON"},
  {"{\"InversionTime\": 1} x", "is not valid JSON"},
  {"{\"InversionTime\"\n\n\n: 1\n\n 2\t}", "is not valid JSON: line"},
  {"{\"a\nb\": 1}", "is not valid JSON"},
  {"\x01\x02\xFF", "is not valid JSON"},
  {"[0.1, 0.2, 0.3]", "does not hold a JSON object"},
  {"{\"InversionTime\": [0.1, 0.2]}", "\"InversionTime\" holds 2 values, the series has 3 images"},
  {"{\"InversionTime\": []}", "\"InversionTime\" holds 0 values"},
  {"{\"EchoTime\": [0.1, 0.2, 0.3, 0.4]}", "\"EchoTime\" holds 4 values, the series has 3 images"},
  {"{\"InversionTime\": [0.1, \"0.2\", 0.3]}", "value 2 of \"InversionTime\" is not a number"},
  {"{\"InversionTime\": [0.1, null, 0.3]}", "value 2 of \"InversionTime\" is not a number"},
  {"{\"InversionTime\": \"100 ms\"}", "value 1 of \"InversionTime\" is not a number"},
  {"{\"RepetitionTime\": true}", "value 1 of \"RepetitionTime\" is not a number"},
  {"{\"InversionTime\": [100, 1100, 2100]}", "times are given in seconds"},
  {"{\"FlipAngle\": 3500}", "angles in degrees"},
};
// clang-format on

static void refuses_what_would_give_a_wrong_map(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof wrongs / sizeof *wrongs; i++) {
    tt1_image *image = three_images();
    tt1_error err = {0};
    assert_int_equal(
        tt1__sidecar_parse(image, wrongs[i].text, strlen(wrongs[i].text), "m.json", &err),
        TT1_BAD_FILE);
    check_sentence(&err, TT1_BAD_FILE, wrongs[i].sentence);
    check_sentence(&err, TT1_BAD_FILE, "m.json");
    tt1_image_free(image);
  }
}

// As editors, Python and old consoles write them.
static void reads_what_people_write(void **state)
{
  (void)state;
  static const char *const kinds[] = {
      "\xEF\xBB\xBF{\"InversionTime\": [0.1, 0.2, 0.3], \"Manufacturer\": \"A\"}",
      "{\"InversionTime\": [0.1, 0.2, 0.3], \"SAR\": NaN, \"x\": [Infinity, -Infinity], "
      "\"Manufacturer\": \"A\"}",
      "{\"InversionTime\": [0.1, 0.2, 0.3], \"InstitutionName\": \"M\xFCnchen\", \"Manufacturer\": "
      "\"A\"}",
      "{\"InversionTime\": [0.1, 0.2, 0.3], \"url\": \"http://x #1 \\\"// NaN\", \"Manufacturer\": "
      "\"A\"}",
      "\xEF\xBB\xBF{\r\n\"InversionTime\": [0.1, 0.2, 0.3],\r\n\"Manufacturer\": \"A\"}\r\n",
  };
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
    tt1_image *image = three_images();
    tt1_error err = {0};
    if (tt1__sidecar_parse(image, kinds[i], strlen(kinds[i]), "m.json", &err) != TT1_OK)
      fail_msg("%d: %s", (int)i, err.message);
    assert_true(tt1_image_find_known(image, "InversionTime")->values[2] == 0.3);
    assert_string_equal(tt1__image_find_text(image, "Manufacturer"), "A");
    assert_null(tt1_image_find_known(image, "SAR"));
    tt1_image_free(image);
  }
  tt1_image *image = three_images();
  const char *latin = "{\"Manufacturer\": \"M\xFCller\"}";
  assert_int_equal(tt1__sidecar_parse(image, latin, strlen(latin), "m.json", NULL), TT1_OK);
  assert_string_equal(tt1__image_find_text(image, "Manufacturer"), "M\xC3\xBCller");
  tt1_image_free(image);
}

static void check_depth(size_t depth)
{
  char *text = malloc(depth + 32);
  tt1_image *image = three_images();
  tt1_error err = {0};
  assert_non_null(text);
  int head = sprintf(text, "{\"a\": ");
  memset(text + head, '[', depth);
  assert_int_equal(tt1__sidecar_parse(image, text, (size_t)head + depth, "m.json", &err),
                   TT1_BAD_FILE);
  check_sentence(&err, TT1_BAD_FILE, "is not valid JSON");
  tt1_image_free(image);
  free(text);
}

static void survives_deep_nesting(void **state)
{
  (void)state;
  check_depth(1000);
  check_depth(1000000);
}

static void limits_the_count_of_numbers(void **state)
{
  (void)state;
  tt1_image *image = three_images();
  tt1_error err = {0};
  char *text = malloc(40000);
  assert_non_null(text);
  int length = sprintf(text, "{\"k\": 1");
  for (int i = 0; i < 1024; i++)
    length += sprintf(text + length, ", \"k%d\": %d", i, i);
  length += sprintf(text + length, "}");
  assert_int_equal(tt1__sidecar_parse(image, text, (size_t)length, "m.json", &err), TT1_BAD_FILE);
  check_sentence(&err, TT1_BAD_FILE, "more than 1024 numbers");
  tt1_image_free(image);
  free(text);
}

static void is_found_beside_the_image(void **state)
{
  (void)state;
  sandbox s = sandbox_make();
  nifti n = nifti_series(2, 2, 3);
  tt1_image *image = NULL;
  tt1_error err = {0};
  write_bytes(inside(&s, "m.nii"), n.bytes, n.length);
  assert_int_equal(tt1_image_read(&image, inside(&s, "m.nii"), NULL, &err), TT1_OK);
  assert_null(tt1_image_known(image, 0));
  assert_null(tt1_image_file(image, 1));
  tt1_image_free(image);
  write_text(inside(&s, "m.json"), "{\"InversionTime\": [1, 2, 3]}");
  assert_int_equal(tt1_image_read(&image, inside(&s, "m.nii"), NULL, &err), TT1_OK);
  assert_string_equal(tt1_image_known(image, 0)->name, "InversionTime");
  assert_string_equal(tt1_image_file(image, 1), inside(&s, "m.json"));
  assert_int_equal(tt1_image_file_checksum(image, 1), 0xBBCA05B1u);
  assert_null(tt1_image_known(image, 1));
  assert_null(tt1_image_known(image, -1));
  tt1_image_free(image);
  remove_tree(s.path);
}

#endif

int main(void)
{
#ifdef TT1_HAVE_JANSSON
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(takes_numbers_and_arrays_of_the_right_length),
      cmocka_unit_test(takes_the_clock_of_all_images),
      cmocka_unit_test(refuses_what_would_give_a_wrong_map),
      cmocka_unit_test(reads_what_people_write),
      cmocka_unit_test(survives_deep_nesting),
      cmocka_unit_test(limits_the_count_of_numbers),
      cmocka_unit_test(is_found_beside_the_image),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
#else
  printf("skipped: this build has no jansson\n");
  return 0;
#endif
}
