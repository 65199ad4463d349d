/* SPDX-License-Identifier: MIT
 * Inversion groups: by the clock of a scanner, by times alone, and where there are none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <math.h>

#include "tt1_image.h"

/* ShMOLLI of a phantom on a Siemens Prisma: the first readout begins 2.5 ms early. */
static const double shmolli[7] = {0.1, 1.1, 2.1, 3.1, 4.1, 0.18, 0.26};
static const double clock_of_shmolli[7] = {42.885,  43.8875, 44.8875, 45.8875,
                                           46.8875, 48.8875, 50.8875};

static void check_counts(const tt1_inversions *found, const int *expected, int n)
{
  assert_int_equal(found->n_groups, n);
  for (int g = 0; g < n; g++)
    assert_int_equal(found->count[g], expected[g]);
}

static void the_clock_gives_groups_and_rests(void **state)
{
  (void)state;
  tt1_inversions found;
  int group[7];
  assert_int_equal(tt1_inversions_find(&found, group, shmolli, clock_of_shmolli, 7), 3);
  check_counts(&found, (const int[]){5, 1, 1}, 3);
  for (int i = 0; i < 7; i++)
    assert_int_equal(group[i], i < 5 ? 0 : i - 4);
  assert_true(found.is_timed);
  assert_true(isnan(found.rest[0]));
  assert_true(fabs(found.rest[1] - 1.82) < 1e-9 && fabs(found.rest[2] - 1.74) < 1e-9);
  assert_true(fabs(found.beat - 1.0) < 1e-9 && fabs(found.last[0] - 4.1) < 1e-9);
  assert_true(fabs(tt1_inversions_rest(&found) - 1.74) < 1e-9);
}

/* Files sorted by inversion time, as converters leave them. */
static void the_order_of_images_does_not_count(void **state)
{
  (void)state;
  static const int order[7] = {0, 5, 6, 1, 2, 3, 4};
  double times[7], acquired[7];
  tt1_inversions found;
  int group[7];
  for (int i = 0; i < 7; i++) {
    times[i] = shmolli[order[i]];
    acquired[i] = clock_of_shmolli[order[i]];
  }
  assert_int_equal(tt1_inversions_find(&found, group, times, acquired, 7), 3);
  assert_true(found.is_timed && group[1] == 1 && group[2] == 2 && group[3] == 0);
  assert_int_equal(tt1_inversions_find(&found, group, times, NULL, 7), 3);
  check_counts(&found, (const int[]){5, 1, 1}, 3);
  assert_true(!found.is_timed && isnan(found.rest[1]) && isnan(tt1_inversions_rest(&found)));
  assert_true(group[1] == 1 && group[2] == 2 && group[3] == 0);
}

/* 20 ms is the limit, on either side. */
static void images_agree_to_20_ms(void **state)
{
  (void)state;
  const double times[5] = {0.1, 1.1, 2.1, 0.18, 1.18};
  for (int is_late = 0; is_late < 2; is_late++) {
    double acquired[5] = {0.1, 1.1, 2.1 + (is_late ? 0.021 : 0.019), 6.18, 7.18};
    tt1_inversions found;
    tt1_inversions_find(&found, NULL, times, acquired, 5);
    // The third image would have an inversion of its own, before the second image was there.
    assert_int_equal(found.is_timed, !is_late);
    check_counts(&found, (const int[]){3, 2}, 2);
  }
}

static void a_clock_that_cannot_be_is_not_believed(void **state)
{
  (void)state;
  static const double one[7] = {42.885, 42.885, 42.885, 42.885, 42.885, 42.885, 42.885};
  double count[7];
  tt1_inversions found;
  for (int i = 0; i < 7; i++)
    count[i] = 36000.0 + i; // a counter would give rests of 0.8 s
  assert_int_equal(tt1_inversions_find(&found, NULL, shmolli, count, 7), 3);
  assert_false(found.is_timed);
  assert_int_equal(tt1_inversions_find(&found, NULL, shmolli, one, 7), 3);
  assert_false(found.is_timed);
}

static void schemes_are_seen_in_times_alone(void **state)
{
  (void)state;
  const double s533[8] = {0.12, 1.05, 2.1, 3.0, 4.05, 0.2, 1.25, 2.2};
  const double s432[9] = {0.12, 0.2, 0.28, 0.72, 0.8, 0.88, 1.32, 1.4, 1.92};
  const double s335[11] = {0.1, 1.1, 2.1, 0.2, 1.2, 2.2, 0.35, 1.35, 2.35, 3.35, 4.35};
  tt1_inversions found;
  tt1_inversions_find(&found, NULL, s533, NULL, 8);
  check_counts(&found, (const int[]){5, 3}, 2);
  tt1_inversions_find(&found, NULL, s432, NULL, 9);
  check_counts(&found, (const int[]){4, 3, 2}, 3);
  assert_true(fabs(found.beat - 0.6) < 1e-9);
  tt1_inversions_find(&found, NULL, s335, NULL, 11);
  check_counts(&found, (const int[]){3, 3, 5}, 3);
}

/* Spin echo with an inversion for each time, and times that no heart has. */
static void other_sequences_have_no_groups(void **state)
{
  (void)state;
  const double se[5] = {0.05, 0.4, 1.1, 2.5, 3.9}, fine[8] = {.1, .2, .3, .4, .5, .6, .7, .8};
  const double each[5] = {5.05, 10.4, 16.1, 22.5, 28.9};
  const double bad[3] = {0.1, (double)NAN, 2.1};
  double many[TT1_MAX_GROUPED + 1] = {0};
  tt1_inversions found;
  assert_int_equal(tt1_inversions_find(&found, NULL, se, NULL, 5), 0);
  assert_int_equal(tt1_inversions_find(&found, NULL, se, each, 5), 0);
  assert_int_equal(tt1_inversions_find(&found, NULL, fine, NULL, 8), 0);
  assert_int_equal(tt1_inversions_find(&found, NULL, bad, NULL, 3), 0);
  assert_int_equal(tt1_inversions_find(&found, NULL, se, bad, 3), 0);
  assert_int_equal(tt1_inversions_find(&found, NULL, se, NULL, 1), 0);
  for (int i = 0; i <= TT1_MAX_GROUPED; i++)
    many[i] = 0.1 + i;
  assert_int_equal(tt1_inversions_find(&found, NULL, many, NULL, TT1_MAX_GROUPED + 1), 0);
  assert_int_equal(tt1_inversions_find(&found, NULL, many, NULL, TT1_MAX_GROUPED), 1);
  for (int i = 0; i < TT1_MAX_GROUPED; i++)
    many[i] = 10.0 - 0.1 * i; // every one below the one before
  assert_int_equal(tt1_inversions_find(&found, NULL, many, NULL, TT1_MAX_GROUPED), 0);
}

/* Of slices with clocks of their own, the one with the shortest rest; what is there in part does not count. */
static void slices_and_missing_quantities(void **state)
{
  (void)state;
  double clocks[14], times[7];
  for (int i = 0; i < 7; i++) {
    times[i] = shmolli[i];
    clocks[i] = clock_of_shmolli[i] + (i > 4 ? 2.0 * (i - 4) : 0.0);
    clocks[7 + i] = 100.0 + clock_of_shmolli[i];
  }
  const tt1_known_values known[] = {
      {.name = "AcquisitionTime", .values = clocks, .count = 7, .n_slices = 2},
      {.name = "InversionTime", .values = times, .count = 7, .n_slices = 1}};
  tt1_inversions found;
  assert_int_equal(tt1_inversions_of(&found, NULL, known, 2, 7), 3);
  assert_int_equal(found.slice, 1);
  assert_true(fabs(found.rest[1] - 1.82) < 1e-9);
  assert_int_equal(tt1_inversions_of(&found, NULL, known, 1, 7), 0);
  assert_int_equal(tt1_inversions_of(&found, NULL, known, 2, 6), 0);
  assert_int_equal(tt1_inversions_of(&found, NULL, NULL, 0, 7), 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_clock_gives_groups_and_rests),
      cmocka_unit_test(the_order_of_images_does_not_count),
      cmocka_unit_test(images_agree_to_20_ms),
      cmocka_unit_test(a_clock_that_cannot_be_is_not_believed),
      cmocka_unit_test(schemes_are_seen_in_times_alone),
      cmocka_unit_test(other_sequences_have_no_groups),
      cmocka_unit_test(slices_and_missing_quantities),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
