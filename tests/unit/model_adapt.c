/* SPDX-License-Identifier: MIT
 * Models with parameters fixed, bounded or started otherwise. */
#include "model_support.h"

#include <math.h>
#include <string.h>

#include "device/lanes.h"

static tt1_model *adapted(const tt1_model *model, const tt1_change *changes, int n)
{
  tt1_model *other = NULL;
  tt1_error err = {0};
  if (tt1_model_adapt(&other, model, changes, n, &err) != TT1_OK) fail_msg("%s", err.message);
  return other;
}

static const tt1_change FIX_K = {"k", TT1_CHANGE_FIX, 2, 0};
static const tt1_change BOUND_K = {"k", TT1_CHANGE_BOUNDS, 1.5, 3};

static void a_fixed_parameter_is_a_number(void **state)
{
  (void)state;
  tt1_model *molli = builtin("molli"), *model = adapted(molli, &FIX_K, 1);
  const double p[] = {100, 1.1}, TI = 0.35;
  double signal, map, gradient[2];
  assert_int_equal(tt1_model_n_parameters(model), 2);
  assert_string_equal(tt1_model_parameter(model, 0)->name, "C");
  assert_string_equal(tt1_model_parameter(model, 1)->name, "T1s");
  assert_int_equal(tt1_model_map(model, 0)->depends_on, 2);
  tt1_model_evaluate(model, p, &TI, &signal, gradient, &map);
  assert_true(fabs(signal - fabs(100 * (1 - 2 * exp(-0.35 / 1.1)))) < 1e-12);
  assert_true(fabs(map - 1.1) < 1e-15);
  assert_non_null(
      strstr(tt1_model_text(model), "\nfix    k    1   \"inversion factor\"           = 2\n"));
  assert_null(strstr(tt1_model_text(model), "\ntest"));
  assert_int_equal(tt1_model_test(model, NULL), TT1_OK); // nothing left to fail
  tt1_model *again = compile(tt1_model_text(model));     // the text alone repeats it
  assert_int_equal(tt1_model_n_parameters(again), 2);
  tt1_model_free(again);
  tt1_model_free(model);
  tt1_model_free(molli);
}

static void bounds_and_starts_move(void **state)
{
  (void)state;
  static const tt1_change changes[] = {{"k", TT1_CHANGE_BOUNDS, 1.5, 1.9},
                                       {"C", TT1_CHANGE_BOUNDS, -HUGE_VAL, HUGE_VAL},
                                       {"T1s", TT1_CHANGE_BOUNDS, 0.05, 4},
                                       {"T1s", TT1_CHANGE_START, 0.7, 0}};
  tt1_model *molli = builtin("molli"), *model = adapted(molli, changes, 4);
  const tt1_parameter *C = tt1_model_parameter(model, 0), *k = tt1_model_parameter(model, 1),
                      *T1s = tt1_model_parameter(model, 2);
  assert_true(C->lower < -1e300 && C->upper > 1e300);
  assert_true(k->lower > 1.49 && k->lower < 1.51 && k->upper > 1.89 && k->upper < 1.91);
  assert_true(k->start > 1.5 && k->start < 1.9); // 2 lies outside: forgotten
  assert_true(fabs(T1s->start - 0.7) < 1e-15);
  assert_true(fabs(model->grid[2].from - 0.05) < 1e-15 && fabs(model->grid[2].to - 4) < 1e-15);
  assert_int_equal(model->grid[2].count, 32);
  assert_int_equal(tt1_model_test(model, NULL), TT1_OK);
  tt1_model_free(model);
  tt1_model_free(molli);
}

static const char TRICKY[] = "model tricky\n"
                             "known t s \"time\"\n"
                             " \tfind A 1 \"a find in [0, 1]\" in (\n-inf, inf) bids Amap # in\n"
                             "find q s \"q\" in [0, inf) grid 9 from 0.5 to 8 # rest\n"
                             "let x = t / q # find A\n"
                             "find B 1 \"b\" in (-inf, 5]\n"
                             "test A=1 q=2 B=3 t=1 -> 3.8\n"
                             "signal A * exp(-x) + B\n";

static void lines_are_found_however_they_look(void **state)
{
  (void)state;
  static const tt1_change cuts[] = {{"q", TT1_CHANGE_BOUNDS, 1, 4}, {"A", TT1_CHANGE_BOUNDS, 0, 9}};
  static const tt1_change fixes[] = {{"A", TT1_CHANGE_FIX, -1e-3, 0}, {"B", TT1_CHANGE_FIX, 5, 0}};
  static const tt1_change away = {"q", TT1_CHANGE_BOUNDS, 9, 20};
  tt1_model *tricky = compile(TRICKY), *model = adapted(tricky, cuts, 2);
  assert_string_equal(tt1_model_text(model),
                      "model tricky\nknown t s \"time\"\n"
                      " \tfind A 1 \"a find in [0, 1]\" in [0, 9] bids Amap\n"
                      "find q s \"q\" in [1, 4] grid 9 from 1 to 4\n"
                      "let x = t / q # find A\nfind B 1 \"b\" in (-inf, 5]\n"
                      "test A=1 q=2 B=3 t=1 -> 3.8\n"
                      "signal A * exp(-x) + B\n");
  tt1_model_free(model);
  model = adapted(tricky, fixes, 2);
  assert_string_equal(tt1_model_text(model),
                      "model tricky\nknown t s \"time\"\n"
                      " \tfix A 1 \"a find in [0, 1]\" = -0.001\n"
                      "find q s \"q\" in [0, inf) grid 9 from 0.5 to 8 # rest\n"
                      "let x = t / q # find A\nfix B 1 \"b\" = 5\n"
                      "signal A * exp(-x) + B\n");
  tt1_model_free(model);
  model = adapted(tricky, &away, 1); // the grid of the text lies outside: over the bounds then
  assert_non_null(strstr(tt1_model_text(model), "in [9, 20] grid 9\n"));
  tt1_model_free(model);
  tt1_model_free(tricky);
}

static void no_change_changes_no_character(void **state)
{
  (void)state;
  for (int i = 0; tt1_builtin_name(i); i++) {
    tt1_model *model = builtin(tt1_builtin_name(i)), *same = adapted(model, NULL, 0);
    assert_string_equal(tt1_model_text(model), tt1_model_text(same));
    tt1_model_free(same);
    tt1_model_free(model);
  }
}

static void kernels_serve_where_the_structure_stays(void **state)
{
  (void)state;
  tt1_model *molli = builtin("molli"), *bounded = adapted(molli, &BOUND_K, 1),
            *fixed = adapted(molli, &FIX_K, 1);
  for (int is_double = 0; is_double < 2; is_double++) {
    assert_non_null(tt1__lanes_find(bounded, "portable", is_double)->model);
    assert_null(tt1__lanes_find(fixed, "portable", is_double)->model);
  }
  tt1_model_free(fixed);
  tt1_model_free(bounded);
  tt1_model_free(molli);
}

static void what_makes_no_sense_is_refused(void **state)
{
  (void)state;
  static const struct {
    tt1_change changes[3];
    int n;
    const char *message;
  } ROWS[] = {
      {{{"K", TT1_CHANGE_FIX, 2, 0}}, 1, "model molli has no parameter 'K', only C, k, T1s"},
      {{{"k", TT1_CHANGE_FIX, 5, 0}}, 1, "the fixed value 5 of k lies outside its bounds 1 to 4"},
      {{{"k", TT1_CHANGE_FIX, (double)NAN, 0}}, 1, "k = nan is not a finite number"},
      {{{"k", TT1_CHANGE_BOUNDS, 3, 1}},
       1,
       "bounds 3 to 1 of k leave nothing: the lower must be below the upper"},
      {{{"k", TT1_CHANGE_BOUNDS, (double)NAN, 1}},
       1,
       "bounds nan to 1 of k leave nothing: the lower must be below the upper"},
      {{{"T1s", TT1_CHANGE_START, 20, 0}},
       1,
       "the start 20 of T1s lies outside its bounds 0.01 to 10"},
      {{{"k", TT1_CHANGE_FIX, 2, 0}, {"k", TT1_CHANGE_START, 2, 0}},
       2,
       "k is fixed and takes no start"},
      {{{"k", TT1_CHANGE_FIX, 2, 0}, {"k", TT1_CHANGE_FIX, 3, 0}},
       2,
       "k is given two values for the same"},
      {{{"k", TT1_CHANGE_FIX, 2, 0}, {"C", TT1_CHANGE_FIX, 3, 0}, {"T1s", TT1_CHANGE_FIX, 1, 0}},
       3,
       "all parameters of model molli are fixed"},
      {{{"T1s", TT1_CHANGE_BOUNDS, 0.01, HUGE_VAL}},
       1,
       "model molli cannot be changed so: 'T1s' has an infinite bound and is no linear parameter, "
       "so it needs 'grid N from A to B'"},
      {{{"k", (tt1_change_kind)7, 1, 2}}, 1, "there is no change 7"},
  };
  tt1_model *molli = builtin("molli"), *model = NULL;
  for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
    tt1_error err = {0};
    assert_int_equal(tt1_model_adapt(&model, molli, ROWS[i].changes, ROWS[i].n, &err),
                     TT1_BAD_ARGUMENT);
    assert_string_equal(err.message, ROWS[i].message);
    assert_null(model);
  }
  tt1_model_free(molli);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_fixed_parameter_is_a_number),
      cmocka_unit_test(bounds_and_starts_move),
      cmocka_unit_test(lines_are_found_however_they_look),
      cmocka_unit_test(no_change_changes_no_character),
      cmocka_unit_test(kernels_serve_where_the_structure_stays),
      cmocka_unit_test(what_makes_no_sense_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
