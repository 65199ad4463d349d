/* SPDX-License-Identifier: MIT
 * When and how images were acquired: dates and times of day in seconds, over midnight too, and the texts
 * that a series keeps of its sequence. */
#include "dicom_support.h"

#include "base/date.h"

static int is_near(double a, double b)
{
  return fabs(a - b) < 1e-6;
}

/* ---- Dates and times of day ---- */

static void times_of_day_are_seconds(void **state)
{
  (void)state;
  static const struct {
    const char *text;
    double seconds;
  } good[] = {{"000000", 0.0},
              {"101112.5", 36672.5},
              {"101112", 36672.0},
              {"1011", 36660.0},
              {"10", 36000.0},
              {"10:11:12.25", 36672.25},
              {"235959.999999", 86399.999999},
              {"235960", 86400.0},
              {" 101112 ", 36672.0},
              {"93012.5", 34212.5}};
  static const char *const bad[] = {"",    "x",   "240000", "106000", "101161",
                                    "1",   "101", "1011xx", "-10112", "10111213",
                                    "nan", "1e5", "10-11"};
  for (size_t i = 0; i < sizeof good / sizeof *good; i++)
    if (!is_near(tt1__seconds_of_day(good[i].text), good[i].seconds))
      fail_msg("%s: %.9g", good[i].text, tt1__seconds_of_day(good[i].text));
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
    if (isfinite(tt1__seconds_of_day(bad[i])))
      fail_msg("%s: %.9g", bad[i], tt1__seconds_of_day(bad[i]));
}

static void days_follow_the_calendar(void **state)
{
  (void)state;
  static const char *const followers[][2] = {{"20200102", "20200103"},    {"20191231", "20200101"},
                                             {"20200228", "20200229"},    {"20200229", "20200301"},
                                             {"19000228", "19000301"},    {"20000229", "20000301"},
                                             {"2020.04.30", "2020.05.01"}};
  for (size_t i = 0; i < sizeof followers / sizeof *followers; i++)
    if (!is_near(tt1__day_of(followers[i][1]) - tt1__day_of(followers[i][0]), 1.0))
      fail_msg("%s: %g, %s: %g", followers[i][0], tt1__day_of(followers[i][0]), followers[i][1],
               tt1__day_of(followers[i][1]));
  assert_true(is_near(tt1__day_of("20241201") - tt1__day_of("20231201"), 366.0));
  assert_true(is_near(tt1__day_of(""), 1.0) && is_near(tt1__day_of("20201301"), 1.0));
  assert_true(is_near(tt1__day_of("2020"), 1.0) && is_near(tt1__day_of("00000101"), 1.0));
  assert_true(is_near(tt1__seconds_of("20200102101112.5+0100") - tt1__seconds_of("20200102000000"),
                      36672.5));
  assert_true(isnan(tt1__seconds_of("20200102")) && isnan(tt1__seconds_of("101112")));
}

/* ---- Of a series ---- */

static const tt1_known_values *acquired(const tt1_image *image)
{
  const tt1_known_values *found = tt1_image_find_known(image, "AcquisitionTime");
  assert_non_null(found);
  return found;
}

/* One image a second, the last after midnight, as the clock of the scanner shows them. */
static sandbox write_night(const char *last_date)
{
  static const char *const times[] = {"235957.75", "235958.75", "235959.75", "000000.75"};
  sandbox s = sandbox_make();
  for (int i = 0; i < 4; i++) {
    const char name[] = {(char)('a' + i), '.', 'd', 'c', 'm', '\0'};
    picture p = make_picture(i + 1, (const char *const[]){"100", "1100", "2100", "3100"}[i]);
    p.time = times[i];
    p.odd = i == 3 ? 0x00080022 : 0; // the date
    p.odd_type = "DA";
    p.odd_value = last_date;
    write_picture(&s, name, &p);
  }
  return s;
}

static void midnight_lies_between_images(void **state)
{
  (void)state;
  sandbox s = write_night("20200103");
  tt1_image *image = read_ok(s.path, NULL);
  const tt1_known_values *found = acquired(image);
  assert_int_equal(found->count, 4);
  for (int i = 0; i < 4; i++)
    assert_true(is_near(found->values[i], 86397.75 + i));
  assert_string_equal(found->source, "(0008,0032) of 4 images");
  tt1_image_free(image);
  remove_tree(s.path);
}

/* Images count by their settings; when they were made never tells two of them apart. */
static void clocks_are_no_settings(void **state)
{
  (void)state;
  static const char *const same[] = {"100", "100", "100"}, *const twice[] = {"100", "900", "100"};
  const char *clock[] = {"101112", "101113", "101114"};
  for (int round = 0; round < 2; round++) {
    sandbox s = sandbox_make();
    for (int i = 0; i < 3; i++) {
      const char name[] = {(char)('a' + i), '\0'};
      picture p = make_picture(i + 1, round == 0 ? same[i] : twice[i]);
      p.time = clock[i];
      write_picture(&s, name, &p);
    }
    read_refused(s.path, NULL,
                 round == 0 ? "no time varies over its 3 images"
                            : "images 1 and 3 have the same InversionTime");
    remove_tree(s.path);
  }
}

static void slices_have_clocks_of_their_own(void **state)
{
  (void)state;
  sandbox s = sandbox_make();
  for (int n = 0; n < 6; n++) {
    const char name[] = {(char)('a' + n), '\0'};
    char time[16];
    picture p = make_picture(n + 1, (const char *const[]){"100", "900", "2000"}[n % 3]);
    snprintf(time, sizeof time, "1011%02d", 10 + n);
    p.time = time;
    p.position = n < 3 ? "-10\\20\\5" : "-10\\20\\15";
    write_picture(&s, name, &p);
  }
  tt1_image *image = read_ok(s.path, NULL);
  const tt1_known_values *found = acquired(image);
  assert_int_equal(found->n_slices, 2);
  for (int n = 0; n < 6; n++)
    assert_true(is_near(found->values[n], 36670.0 + n));
  assert_int_equal(tt1_image_find_known(image, "InversionTime")->n_slices, 1);
  tt1_image_free(image);
  remove_tree(s.path);
}

static void without_a_clock_nothing_is_known(void **state)
{
  (void)state;
  static const char *const times[] = {"100", "900", "2000"};
  for (int round = 0; round < 2; round++) {
    sandbox s = sandbox_make();
    for (int i = 0; i < 3; i++) {
      const char name[] = {(char)('a' + i), '\0'};
      picture p = make_picture(i + 1, times[i]);
      p.time = round == 1 && i != 1 ? "101112" : NULL; // missing in all, in one
      write_picture(&s, name, &p);
    }
    tt1_image *image = read_ok(s.path, NULL);
    assert_null(tt1_image_find_known(image, "AcquisitionTime"));
    tt1_image_free(image);
    remove_tree(s.path);
  }
}

/* ---- Texts ---- */

static const char *text_of(const tt1_image *image, const char *key)
{
  const tt1_found_text *text;
  for (int i = 0; (text = tt1_image_text(image, i)) != NULL; i++)
    if (strcmp(text->key, key) == 0) return text->value;
  return NULL;
}

static void texts_that_all_images_share_are_kept(void **state)
{
  (void)state;
  static const char *const times[] = {"100", "900", "2000"};
  static const char *const sequences[] = {"SE\\IR", "SE\\IR", "SE\\IR"}, *const others[] = {
                                                                             "SE\\IR", "SE\\IR",
                                                                             "GR\\IR"};
  for (int round = 0; round < 2; round++) {
    sandbox s = sandbox_make();
    for (int i = 0; i < 3; i++) {
      const char name[] = {(char)('a' + i), '\0'};
      picture p = make_picture(i + 1, times[i]);
      p.odd = 0x00180020;
      p.odd_type = "CS";
      p.odd_value = round == 0 ? sequences[i] : others[i];
      write_picture(&s, name, &p);
    }
    tt1_image *image = read_ok(s.path, NULL);
    assert_string_equal(text_of(image, "Manufacturer"), "SIEMENS");
    assert_string_equal(text_of(image, "SeriesDescription"), "molli");
    assert_null(text_of(image, "ProtocolName"));
    if (round == 0)
      assert_string_equal(text_of(image, "ScanningSequence"), "SE\\IR");
    else
      assert_null(text_of(image, "ScanningSequence"));
    assert_true(is_near(tt1_image_find_known(image, "RepetitionTime")->values[0], 0.3));
    tt1_image_free(image);
    remove_tree(s.path);
  }
}

static void the_field_is_a_known_quantity(void **state)
{
  (void)state;
  static const char *const fields[] = {"3", "0", "30000"};
  for (int round = 0; round < 3; round++) {
    sandbox s = sandbox_make();
    for (int i = 0; i < 2; i++) {
      const char name[] = {(char)('a' + i), '\0'};
      picture p = make_picture(i + 1, i ? "900" : "100");
      p.odd = 0x00180087;
      p.odd_type = "DS";
      p.odd_value = fields[round];
      write_picture(&s, name, &p);
    }
    tt1_image *image = read_ok(s.path, NULL);
    const tt1_known_values *found = tt1_image_find_known(image, "MagneticFieldStrength");
    assert_true(round == 0 ? found && is_near(found->values[0], 3.0) : !found);
    assert_true(is_near(tt1_image_origin(image)->field_strength, round == 0 ? 3.0 : 0.0));
    tt1_image_free(image);
    remove_tree(s.path);
  }
}

static void every_failing_allocation_is_survived(void **state)
{
  (void)state;
  sandbox s = write_night("20200103");
  tt1_error err = {0};
  tt1_status status = TT1_NO_MEMORY;
  tt1_image *image = NULL;
  for (long n = 1; status != TT1_OK; n++) {
    assert_true(n < 10000);
    tt1__fail_allocation(n);
    status = tt1_image_read(&image, s.path, NULL, &err);
    tt1__fail_allocation(0);
    if (status != TT1_OK) assert_int_equal(status, TT1_NO_MEMORY);
  }
  assert_int_equal(acquired(image)->count, 4);
  tt1_image_free(image);
  remove_tree(s.path);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(times_of_day_are_seconds),
      cmocka_unit_test(days_follow_the_calendar),
      cmocka_unit_test(midnight_lies_between_images),
      cmocka_unit_test(clocks_are_no_settings),
      cmocka_unit_test(slices_have_clocks_of_their_own),
      cmocka_unit_test(without_a_clock_nothing_is_known),
      cmocka_unit_test(texts_that_all_images_share_are_kept),
      cmocka_unit_test(the_field_is_a_known_quantity),
      cmocka_unit_test(every_failing_allocation_is_survived),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
