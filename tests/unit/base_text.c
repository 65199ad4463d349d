/* SPDX-License-Identifier: MIT
 * Texts, numbers and messages: whole characters, the same numbers in every locale. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"

static const double NUMBERS[] = {0,
                                 1,
                                 -1,
                                 0.1,
                                 1.0 / 3,
                                 1e300,
                                 -2.5e-300,
                                 5e-324,
                                 1e22,
                                 12345,
                                 0.0625,
                                 1e-5,
                                 100000,
                                 1e21,
                                 4.35,
                                 1.7976931348623157e308,
                                 2.2250738585072014e-308};
enum { N_NUMBERS = sizeof NUMBERS / sizeof *NUMBERS };

static void numbers_make_the_round_trip(void)
{
  for (int i = 0; i < N_NUMBERS; i++) {
    tt1__text text = {0};
    const char *end;
    tt1__text_add_number(&text, NUMBERS[i]);
    char *bytes = tt1__text_take(&text);
    assert_non_null(bytes);
    assert_null(strchr(bytes, ','));
    assert_true(tt1__number_read(bytes, &end) == NUMBERS[i]);
    assert_int_equal(*end, '\0');
    tt1_text_free(bytes);
  }
}

static void numbers_are_short_and_exact(void **state)
{
  (void)state;
  tt1__text text = {0};
  tt1__text_add_number(&text, 0.1);
  tt1__text_add(&text, " ");
  tt1__text_add_number(&text, 4.35);
  tt1__text_add(&text, " ");
  tt1__text_add_number(&text, (double)NAN);
  char *bytes = tt1__text_take(&text);
  assert_string_equal(bytes, "0.1 4.35 nan");
  tt1_text_free(bytes);
  numbers_make_the_round_trip();
}

/* A locale with a decimal comma, if the system has one. */
static void a_decimal_comma_changes_nothing(void **state)
{
  (void)state;
  static const char *const NAMES[] = {"de_DE.UTF-8", "de_DE.utf8",  "fr_FR.UTF-8", "fr_FR.utf8",
                                      "de_DE",       "nl_NL.UTF-8", "es_ES.UTF-8"};
  const char *found = NULL;
  for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES && !found; i++)
    found = setlocale(LC_ALL, NAMES[i]);
  if (!found) {
    print_message("skipped: this system has no locale with a decimal comma\n");
    skip();
  }
  numbers_make_the_round_trip();
  setlocale(LC_ALL, "C");
}

static void reading_stops_where_the_number_ends(void **state)
{
  (void)state;
  static const struct {
    const char *text;
    int length;
    double value;
  } ROWS[] = {{"1.5s", 3, 1.5}, {"-2e3x", 4, -2000}, {"1e", 1, 1},   {".5", 2, 0.5},
              {"7.", 2, 7},     {"1,5", 1, 1},       {"0x10", 1, 0}, {"+3", 2, 3},
              {"1e+", 1, 1},    {"1.2.3", 3, 1.2},   {"", 0, 0},     {"inf", 0, 0},
              {"-", 0, 0},      {"e5", 0, 0},        {".", 0, 0},    {"nan", 0, 0}};
  for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
    const char *end;
    double value = tt1__number_read(ROWS[i].text, &end);
    assert_int_equal(end - ROWS[i].text, ROWS[i].length);
    if (ROWS[i].length) assert_true(value == ROWS[i].value);
  }
}

static void texts_grow(void **state)
{
  (void)state;
  tt1__text text = {0};
  for (int i = 0; i < 1000; i++)
    tt1__text_add(&text, "%d,", i);
  assert_int_equal(text.length, 10 * 2 + 90 * 3 + 900 * 4);
  char *bytes = tt1__text_take(&text);
  assert_int_equal(strncmp(bytes, "0,1,2,", 6), 0);
  assert_null(text.bytes);
  tt1_text_free(bytes);
  bytes = tt1__text_take(&text);
  assert_string_equal(bytes, "");
  tt1_text_free(bytes);
}

static void after_a_failure_a_text_stays_empty(void **state)
{
  (void)state;
  tt1__text text = {0};
  tt1__text_add(&text, "some");
  tt1__fail_allocation(1);
  for (int i = 0; i < 100; i++)
    tt1__text_add(&text, "thing that does not fit");
  tt1__fail_allocation(0);
  tt1__text_add(&text, "more");
  assert_null(tt1__text_take(&text));
}

/* Messages of every length end in a whole character. */
static void messages_are_never_cut_inside_a_character(void **state)
{
  (void)state;
  static const char *const CHARACTERS[] = {"a", "é", "µ", "→", "𝛼"};
  for (int c = 0; c < 5; c++)
    for (int shift = 0; shift < 5; shift++) {
      tt1_error err;
      char text[sizeof err.message + 600] = "....";
      size_t width = strlen(CHARACTERS[c]), at = (size_t)shift;
      for (; at < sizeof text - 20; at += width)
        memcpy(text + at, CHARACTERS[c], width + 1);
      assert_int_equal(tt1__error_set(&err, TT1_IO, "%s", text), TT1_IO);
      size_t length = strlen(err.message);
      assert_true(length < sizeof err.message && length > sizeof err.message - 6);
      assert_int_equal((length - (size_t)shift) % width, 0);
      assert_memory_equal(err.message, text, length);
    }
}

static void errors_carry_status_and_place(void **state)
{
  (void)state;
  tt1_error err;
  assert_int_equal(tt1__error_at(&err, 3, 14, "%s", "wrong"), TT1_BAD_MODEL);
  assert_int_equal(err.line, 3);
  assert_int_equal(err.column, 14);
  assert_int_equal(tt1__no_memory(&err), TT1_NO_MEMORY);
  assert_int_equal(err.line, 0);
  assert_string_equal(err.message, "out of memory");
  assert_int_equal(tt1__no_memory(NULL), TT1_NO_MEMORY);
  for (int s = TT1_CANCELLED; s <= TT1_OK; s++)
    assert_string_not_equal(tt1_status_text((tt1_status)s), "unknown status");
  assert_string_equal(tt1_status_text((tt1_status)5), "unknown status");
}

static void memory_is_zeroed_aligned_and_checked(void **state)
{
  (void)state;
  unsigned char *plain = tt1__allocate(1000, 3), *aligned = tt1__allocate_aligned(1000, 3);
  assert_int_equal((uintptr_t)aligned % 64, 0);
  for (int i = 0; i < 3000; i++)
    assert_int_equal(plain[i] | aligned[i], 0);
  tt1__free(plain);
  tt1__free(aligned);
  assert_null(tt1__allocate(SIZE_MAX / 2, 16));
  assert_null(tt1__allocate_aligned(SIZE_MAX / 2, 16));
  assert_null(tt1__reallocate(NULL, SIZE_MAX / 2, 16));
  void *nothing = tt1__allocate(0, 8);
  assert_non_null(nothing);
  tt1__free(nothing);
  tt1__free(NULL);
}

static void arenas_hold_many_pieces(void **state)
{
  (void)state;
  tt1__arena arena = {0};
  char *pieces[500];
  for (int i = 0; i < 500; i++) {
    size_t size = i % 50 == 0 ? 20000 : (size_t)i;
    pieces[i] = tt1__arena_allocate(&arena, size + 1, 1);
    assert_non_null(pieces[i]);
    assert_int_equal((uintptr_t)pieces[i] % 16, 0);
    memset(pieces[i], i & 127, size + 1);
  }
  for (int i = 0; i < 500; i++)
    assert_int_equal(pieces[i][i % 50 == 0 ? 20000 : i], i & 127);
  assert_string_equal(tt1__arena_copy(&arena, "abcdef", 3), "abc");
  assert_null(tt1__arena_allocate(&arena, SIZE_MAX / 2, 16));
  tt1__arena_free(&arena);
  assert_null(arena.last);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(numbers_are_short_and_exact),
      cmocka_unit_test(a_decimal_comma_changes_nothing),
      cmocka_unit_test(reading_stops_where_the_number_ends),
      cmocka_unit_test(texts_grow),
      cmocka_unit_test(after_a_failure_a_text_stays_empty),
      cmocka_unit_test(messages_are_never_cut_inside_a_character),
      cmocka_unit_test(errors_carry_status_and_place),
      cmocka_unit_test(memory_is_zeroed_aligned_and_checked),
      cmocka_unit_test(arenas_hold_many_pieces),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
