/* SPDX-License-Identifier: MIT
 * Every limit of the language, at it and beyond it. */
#include "model_support.h"

#include <string.h>

#include "base/text.h"
#include "model/expression.h"

// Compile and take the text; the message, or "" where it was accepted.
static const char *verdict(tt1__text *text)
{
  static tt1_error err;
  tt1_model *model = NULL;
  char *bytes = tt1__text_take(text);
  assert_non_null(bytes);
  err = (tt1_error){0};
  tt1_model_compile(&model, bytes, &err);
  tt1_text_free(bytes);
  tt1_model_free(model);
  return err.message;
}

static const char *with_counts(int n_parameters, int n_known, int n_maps, int n_lets)
{
  tt1__text text = {0};
  tt1__text_add(&text, "model m\n");
  for (int i = 0; i < n_known; i++)
    tt1__text_add(&text, "known x%d 1 \"x\"\n", i);
  for (int i = 0; i < n_parameters; i++)
    tt1__text_add(&text, "find p%d 1 \"p\" in [0, 1]\n", i);
  for (int i = 0; i < n_lets; i++)
    tt1__text_add(&text, "let l%d = p0\n", i);
  tt1__text_add(&text, "signal 0");
  for (int i = 0; i < n_parameters; i++)
    tt1__text_add(&text, " + p%d", i);
  for (int i = 0; i < n_known; i++)
    tt1__text_add(&text, " * exp(-x%d * p0)", i);
  for (int i = 0; i < n_maps; i++)
    tt1__text_add(&text, "\nmap m%d 1 = exp(p0 * %d) \"m\"", i, i + 2);
  return verdict(&text);
}

static void counts(void **state)
{
  (void)state;
  assert_string_equal(with_counts(TT1__MAX_PARAMETERS, TT1__MAX_KNOWN, TT1__MAX_MAPS, 0), "");
  assert_string_equal(with_counts(TT1__MAX_PARAMETERS + 1, 1, 0, 0),
                      "a model has at most 8 parameters to find");
  assert_string_equal(with_counts(1, TT1__MAX_KNOWN + 1, 0, 0),
                      "a model has at most 12 known quantities");
  assert_string_equal(with_counts(1, 1, TT1__MAX_MAPS + 1, 0), "a model has at most 8 maps");
  assert_string_equal(with_counts(1, 1, 0, TT1__MAX_NAMES - 2), "");
  assert_string_equal(with_counts(1, 1, 0, TT1__MAX_NAMES - 1), "a model has at most 64 names");
}

static const char *with_terms(int n)
{
  tt1__text text = {0};
  tt1__text_add(&text, "model m\nknown x 1 \"x\"\nfind p 1 \"p\" in [0, 1]\nsignal 0");
  for (int i = 0; i < n; i++)
    tt1__text_add(&text, " + sin(p * x + %d)", i + 1);
  return verdict(&text);
}

static void registers(void **state)
{
  (void)state;
  assert_string_equal(with_terms(60), "");
  assert_non_null(strstr(with_terms(300), "registers, more than 512"));
  assert_non_null(strstr(with_terms(3000), "more than 16384"));
}

static const char *with_parentheses(int n)
{
  tt1__text text = {0};
  tt1__text_add(&text, "model m\nknown x 1 \"x\"\nfind p 1 \"p\" in [0, 1]\nsignal p * x + ");
  for (int i = 0; i < n; i++)
    tt1__text_add(&text, "(");
  tt1__text_add(&text, "x");
  for (int i = 0; i < n; i++)
    tt1__text_add(&text, ")");
  return verdict(&text);
}

static void depth(void **state)
{
  (void)state;
  assert_string_equal(with_parentheses(99), "");
  assert_string_equal(with_parentheses(100), "this expression is nested too deeply");
}

static const char *with_comment(int n)
{
  tt1__text text = {0};
  tt1__text_add(&text, "model m\nknown x 1 \"x\"\nfind p 1 \"p\" in [0, 1]\nsignal p * x\n");
  while ((int)text.length < n)
    tt1__text_add(&text, "#");
  return verdict(&text);
}

static void length(void **state)
{
  (void)state;
  assert_string_equal(with_comment(65536), "");
  assert_string_equal(with_comment(65537), "the text is longer than 65536 bytes");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(counts),
      cmocka_unit_test(registers),
      cmocka_unit_test(depth),
      cmocka_unit_test(length),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
