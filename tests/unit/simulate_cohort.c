/* SPDX-License-Identifier: MIT
 * Persons of a cohort: the same from a seed, within their limits, consistent. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "tt1_simulate.h"

static void a_person_is_the_same_person(void **state)
{
  (void)state;
  tt1_volunteer a, b, other, elsewhere;
  tt1_volunteer_draw(&a, 1, 7);
  tt1_volunteer_draw(&b, 1, 7);
  tt1_volunteer_draw(&other, 1, 8);
  tt1_volunteer_draw(&elsewhere, 2, 7);
  assert_true(a.heart_rate == b.heart_rate && a.scans[1].seed == b.scans[1].seed);
  assert_true(a.t1_myocardium[1] == b.t1_myocardium[1] && a.scans[0].field == b.scans[0].field);
  assert_true(a.heart_rate != other.heart_rate && a.heart_rate != elsewhere.heart_rate);
  assert_true(a.scans[0].seed != a.scans[1].seed && a.scans[0].seed != other.scans[0].seed);
}

static void scans_carry_what_was_drawn(void **state)
{
  (void)state;
  for (int number = 1; number <= 50; number++) {
    tt1_volunteer v;
    tt1_volunteer_draw(&v, 3, number);
    for (int i = 0; i < 2; i++) {
      const tt1_simulation_options *o = &v.scans[i];
      assert_int_equal(o->post_contrast, i);
      assert_string_equal(o->sequence.scheme, i ? "4(1)3(1)2" : "5(3)3");
      assert_true(o->sequence.heart_rate == v.heart_rate);
      assert_true(o->heart.tissues[TT1_MYOCARDIUM].t1 == v.t1_myocardium[i]);
      assert_true(o->heart.tissues[TT1_BLOOD].t1 == v.t1_blood[i]);
    }
    assert_memory_equal(&v.scans[0].heart, &v.scans[1].heart, offsetof(tt1_heart, tissues));
    double myocardium = 1.0 / v.t1_myocardium[1] - 1.0 / v.t1_myocardium[0];
    double blood = 1.0 / v.t1_blood[1] - 1.0 / v.t1_blood[0];
    assert_true(fabs((1.0 - v.hematocrit) * myocardium / blood - v.ecv) < 1e-12);
  }
}

/* Mean and SD of many persons are those that docs/simulate.md tells. */
static void distributions_are_those_documented(void **state)
{
  (void)state;
  enum { COUNT = 4000, N = 5 };
  static const double EXPECTED[N][2] = {
      {68.0, 9.0}, {0.41, 0.035}, {0.26, 0.03}, {1.392, 0.041}, {0.42, 0.035}};
  double sums[N] = {0}, squares[N] = {0};
  for (int number = 1; number <= COUNT; number++) {
    tt1_volunteer v;
    tt1_volunteer_draw(&v, 1, number);
    const double values[N] = {v.heart_rate, v.hematocrit, v.ecv, v.t1_myocardium[0], v.t1_blood[1]};
    for (int i = 0; i < N; i++) {
      double z = (values[i] - EXPECTED[i][0]) / EXPECTED[i][1];
      sums[i] += z;
      squares[i] += z * z;
    }
  }
  for (int i = 0; i < N; i++) {
    assert_true(fabs(sums[i] / COUNT) < 0.08); // limits are not all symmetric
    assert_true(fabs(squares[i] / COUNT - 0.97) < 0.08);
  }
}

/* Every one can be simulated. */
static void all_can_be_simulated(void **state)
{
  (void)state;
  for (int number = 1; number <= 100; number++) {
    tt1_volunteer v;
    tt1_volunteer_draw(&v, 4, number);
    for (int i = 0; i < 2; i++) {
      tt1_simulation *s = NULL;
      tt1_error err = {0};
      v.scans[i].size = 32;
      v.scans[i].threads = 1;
      if (tt1_simulation_create(&s, &v.scans[i], &err) != TT1_OK)
        fail_msg("%d: %s", number, err.message);
      tt1_simulation_free(s);
    }
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_person_is_the_same_person),
      cmocka_unit_test(scans_carry_what_was_drawn),
      cmocka_unit_test(distributions_are_those_documented),
      cmocka_unit_test(all_can_be_simulated),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
