/* SPDX-License-Identifier: MIT
 * Names of BIDS: taken apart, compared, put together; and what is none. */
#include "image_support.h"

#include "bids/name.h"

static tt1__bids_name parse(const char *text)
{
  tt1__bids_name name;
  if (!tt1__bids_parse(&name, text)) fail_msg("%s is not taken for a name of BIDS", text);
  return name;
}

static int is_value(const tt1__bids_name *name, tt1__entity entity, const char *value)
{
  tt1__span span = name->values[entity];
  return span.at && span.length == strlen(value) && memcmp(span.at, value, span.length) == 0;
}

static void takes_names_apart(void **state)
{
  (void)state;
  tt1__bids_name name = parse("sub-01_ses-pre_acq-a+b_run-02_inv-3_part-mag_IRT1.nii.gz");
  assert_true(is_value(&name, TT1__ENTITY_SUB, "01") && is_value(&name, TT1__ENTITY_SES, "pre"));
  assert_true(is_value(&name, TT1__ENTITY_ACQ, "a+b") && is_value(&name, TT1__ENTITY_RUN, "02"));
  assert_int_equal(tt1__bids_index(&name, TT1__ENTITY_INV), 3);
  assert_int_equal(tt1__bids_index(&name, TT1__ENTITY_ECHO), -1);
  assert_true(tt1__bids_has_suffix(&name, "IRT1") && !tt1__bids_has_suffix(&name, "IRT"));
  assert_true(tt1__bids_is_image(&name));
  assert_string_equal(name.extension, ".nii.gz");
  name = parse("T1w.json"); // a sidecar for all
  assert_true(name.has == 0 && !tt1__bids_is_image(&name));
  name = parse("run-1_sub-01_T1w.nii"); // any order
  assert_true(is_value(&name, TT1__ENTITY_SUB, "01"));
}

static void refuses_what_is_no_name(void **state)
{
  (void)state;
  static const char *const texts[] = {
      "",
      ".",
      "..",
      "README",
      "IRT1",
      ".nii",
      "_IRT1.nii",
      "sub-01_.nii",
      "sub-01.nii",                  // no suffix
      "sub-_IRT1.nii",               // no label
      "sub-01__IRT1.nii",            // an empty part
      "sub-0/1_IRT1.nii",            // a path
      "sub-..-.._IRT1.nii",          // dots in a label
      "../sub-01_IRT1.nii",          // a way out
      "sub-01_IRT1.nii/../../x",     // a way out, behind
      "sub-01_sub-02_IRT1.nii",      // twice
      "sub-01_xyz-1_IRT1.nii",       // an entity that nobody knows
      "sub-01_inv-a_IRT1.nii",       // an index that is none
      "sub-01_inv--1_IRT1.nii",      // below zero
      "sub-01_inv-1234567_IRT1.nii", // absurd
      "sub-01 _IRT1.nii",
      "sub-01_IR\nT1.nii",
      "sub-01_IRT-1.nii",
  };
  tt1__bids_name name;
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
    if (tt1__bids_parse(&name, texts[i])) fail_msg("'%s' is taken for a name", texts[i]);
  char lengthy[400] = "sub-";
  memset(lengthy + 4, 'a', 300);
  snprintf(lengthy + 304, 32, "_IRT1.nii");
  assert_false(tt1__bids_parse(&name, lengthy));
  memmove(lengthy + 4 + 200, lengthy + 304, strlen("_IRT1.nii") + 1);
  assert_true(tt1__bids_parse(&name, lengthy));
}

static void knows_folders_and_labels(void **state)
{
  (void)state;
  assert_true(tt1__bids_is_folder_of("sub-01", "sub") && tt1__bids_is_label("a+1"));
  assert_false(tt1__bids_is_folder_of("sub-", "sub") || tt1__bids_is_folder_of("sub-../x", "sub") ||
               tt1__bids_is_folder_of("ses-1", "sub") || tt1__bids_is_folder_of("sub", "sub"));
  assert_false(tt1__bids_is_label("") || tt1__bids_is_label("a-b") || tt1__bids_is_label("a_b"));
}

static void knows_which_sidecars_hold(void **state)
{
  (void)state;
  static const char image[] = "sub-01_acq-a_inv-1_IRT1.nii.gz";
  static const char *const hold[] = {"IRT1.json", "inv-1_IRT1.json", "sub-01_IRT1.json",
                                     "sub-01_acq-a_inv-1_IRT1.json", "inv-1_acq-a_IRT1.json"};
  static const char *const others[] = {"VFA.json", "inv-2_IRT1.json", "inv-01_IRT1.json",
                                       "sub-01_part-mag_IRT1.json", "sub-01_acq-a+b_IRT1.json"};
  tt1__bids_name of = parse(image);
  for (size_t i = 0; i < sizeof hold / sizeof *hold; i++) {
    tt1__bids_name sidecar = parse(hold[i]);
    if (!tt1__bids_applies(&sidecar, &of)) fail_msg("%s does not hold", hold[i]);
  }
  for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
    tt1__bids_name sidecar = parse(others[i]);
    if (tt1__bids_applies(&sidecar, &of)) fail_msg("%s holds", others[i]);
  }
}

static void puts_names_together_in_order(void **state)
{
  (void)state;
  tt1__bids_name a = parse("sub-01_inv-1_run-2_acq-x_ses-9_IRT1.nii");
  tt1__bids_name b = parse("sub-01_inv-2_run-2_acq-x_ses-9_IRT1.nii");
  tt1__text text = {0};
  tt1__bids_add_entities(&text, &a, ~(tt1__entities)0);
  assert_string_equal(text.bytes, "sub-01_ses-9_acq-x_run-2_inv-1");
  tt1__text_free(&text);
  tt1__bids_add_entities(&text, &a, tt1__bids_map_entities());
  assert_string_equal(text.bytes, "sub-01_ses-9_acq-x_run-2");
  tt1__text_free(&text);
  assert_true(tt1__bids_agree(&a, &b, TT1__ENTITY_BIT(INV)));
  assert_false(tt1__bids_agree(&a, &b, 0));
  b = parse("sub-01_inv-1_run-2_acq-x_IRT1.nii");
  assert_false(tt1__bids_agree(&a, &b, TT1__ENTITY_BIT(INV)));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(takes_names_apart),
      cmocka_unit_test(refuses_what_is_no_name),
      cmocka_unit_test(knows_folders_and_labels),
      cmocka_unit_test(knows_which_sidecars_hold),
      cmocka_unit_test(puts_names_together_in_order),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
