/* SPDX-License-Identifier: MIT
 * Two maps: mask, regions, bands and scales choose the right voxels. What is
 * computed from the chosen pairs is tested in analysis_agreement.c. */
#include "analysis_support.h"

enum { N = 12 };

static const float a[N] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 0, NAN, 12};
static const float b[N] = {1, 1, 3, 3, 5, 5, 7, 7, 9, 9, 11, 11};
static const int32_t labels[N] = {2, 2, 2, -7, -7, 0, 0, 5, 5, 9, 9, 0};
static const double edges[] = {0.0, 4.0, 7.0};

static tt1_map_pair whole(void)
{
  tt1_map_pair maps = {.a = a, .b = b, .n_voxels = N};
  return maps;
}

static tt1_map_comparison *compare(const tt1_map_pair *maps)
{
  tt1_map_comparison *found = NULL;
  tt1_error err = {0};
  assert_int_equal(tt1_compare_maps(&found, maps, &err), TT1_OK);
  return found;
}

static void everywhere_and_scaled(void **state)
{
  (void)state;
  tt1_map_pair maps = whole();
  maps.scale_a = 1000.0;
  maps.scale_b = 1000.0;
  tt1_map_comparison *c = compare(&maps);
  assert_int_equal(c->all.n_offered, N);
  assert_int_equal(c->all.n_pairs, 10);
  assert_int_equal(c->all.zero[0], 1);
  assert_int_equal(c->all.not_a_number[0], 1);
  assert_near(c->all.difference.mean, 500.0, 1e-9);
  assert_int_equal(c->n_regions, 0);
  assert_int_equal(c->n_bands, 0);
  assert_near(c->a[9], 12000.0, 0.0);
  assert_int_equal(c->voxels[9], 11);
  tt1_map_comparison_free(c);
  tt1_map_comparison_free(NULL);
}

static void by_region(void **state)
{
  (void)state;
  tt1_map_pair maps = whole();
  maps.labels = labels;
  tt1_map_comparison *c = compare(&maps);
  assert_int_equal(c->n_regions, 4);
  assert_int_equal(c->regions[0].label, -7);
  assert_int_equal(c->regions[3].label, 9);
  assert_int_equal(c->regions[0].agreement.n_pairs, 2);
  assert_near(c->regions[0].agreement.difference.mean, 0.5, 0.0);
  assert_near(c->regions[1].agreement.a.mean, 2.0, 1e-15);
  assert_int_equal(c->regions[3].agreement.n_offered, 2); // nothing valid in it
  assert_int_equal(c->regions[3].agreement.n_pairs, 0);
  assert_true(isnan(c->regions[3].agreement.difference.mean));
  assert_int_equal(c->across_regions.n_pairs, 3);
  assert_near(c->across_regions.difference.mean, (0.5 + 1.0 / 3.0 + 0.5) / 3.0, 1e-15);
  tt1_map_comparison_free(c);
}

static void a_label_outside_the_mask_is_not_listed(void **state)
{
  (void)state;
  static const uint8_t mask[N] = {0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1};
  tt1_map_pair maps = whole();
  maps.labels = labels;
  maps.mask = mask;
  tt1_map_comparison *c = compare(&maps);
  assert_int_equal(c->all.n_offered, 9);
  assert_int_equal(c->n_regions, 3);
  assert_int_equal(c->regions[1].label, 5);
  assert_near(c->regions[1].agreement.a.mean, 8.5, 0.0);
  tt1_map_comparison_free(c);
}

static void by_band_of_mean_and_of_reference(void **state)
{
  (void)state;
  tt1_map_pair maps = whole();
  maps.edges = edges;
  maps.n_edges = 3;
  tt1_map_comparison *c = compare(&maps);
  assert_int_equal(c->n_bands, 3);
  assert_near(c->bands[1].from, 4.0, 0.0);
  assert_near(c->bands[1].to, 7.0, 0.0);
  assert_true(isinf(c->bands[2].to));
  assert_int_equal(c->bands[0].agreement.n_pairs, 4); // means 1, 1.5, 3, 3.5
  assert_int_equal(c->bands[1].agreement.n_pairs, 2); // 5, 5.5
  assert_int_equal(c->bands[2].agreement.n_pairs, 4); // 7, 7.5, 9, 11.5
  tt1_map_comparison_free(c);
  maps.band_by = TT1_BAND_BY_REFERENCE;
  static const double high[] = {5.0, 5.2, 7.0};
  maps.edges = high;
  c = compare(&maps);
  assert_int_equal(c->bands[0].agreement.n_pairs, 2); // below the first edge: in no band
  assert_int_equal(c->bands[1].agreement.n_pairs, 0);
  assert_int_equal(c->bands[2].agreement.n_pairs, 4);
  tt1_map_comparison_free(c);
}

static void nothing_to_compare(void **state)
{
  (void)state;
  static const float none[3] = {NAN, 0, INFINITY};
  static const int32_t one[3] = {1, 1, 1};
  tt1_map_pair maps = {.a = none, .b = none, .n_voxels = 3, .labels = one};
  maps.edges = edges;
  maps.n_edges = 3;
  tt1_map_comparison *c = compare(&maps);
  assert_int_equal(c->all.n_pairs, 0);
  assert_int_equal(c->n_regions, 1);
  assert_int_equal(c->across_regions.n_pairs, 0);
  assert_int_equal(c->bands[0].agreement.n_pairs, 0);
  tt1_map_comparison_free(c);
}

static void refuses(const tt1_map_pair *maps, const char *part)
{
  tt1_map_comparison *c = NULL;
  tt1_error err = {0};
  assert_int_equal(tt1_compare_maps(&c, maps, &err), TT1_BAD_ARGUMENT);
  assert_null(c);
  if (!strstr(err.message, part)) print_error("%s\n", err.message);
  assert_non_null(strstr(err.message, part));
}

static void nonsense_is_refused(void **state)
{
  (void)state;
  tt1_map_pair maps = whole();
  maps.n_voxels = 0;
  refuses(&maps, "at least one voxel");
  maps = whole();
  maps.a = NULL;
  refuses(&maps, "two maps");
  maps = whole();
  maps.scale_b = (double)NAN;
  refuses(&maps, "cannot be scaled");
  maps = whole();
  static const double wrong[] = {1.0, 1.0};
  maps.edges = wrong;
  maps.n_edges = 2;
  refuses(&maps, "number 2 is 1");
  maps.n_edges = 257;
  refuses(&maps, "1 to 256");
  static float values[4097];
  static int32_t many[4097];
  for (int i = 0; i < 4097; i++)
    many[i] = i + 1;
  maps = (tt1_map_pair){.a = values, .b = values, .n_voxels = 4097, .labels = many};
  refuses(&maps, "more than 4096");
  maps.n_voxels = 4096;
  tt1_map_comparison *c = compare(&maps);
  assert_int_equal(c->n_regions, 4096);
  tt1_map_comparison_free(c);
}

static void no_memory(void **state)
{
  (void)state;
  tt1_map_pair maps = whole();
  maps.labels = labels;
  maps.edges = edges;
  maps.n_edges = 3;
  int n = 1;
  for (; n < 200; n++) {
    tt1_map_comparison *c = NULL;
    tt1_error err = {0};
    tt1__fail_allocation(n);
    tt1_status status = tt1_compare_maps(&c, &maps, &err);
    tt1__fail_allocation(0);
    tt1_map_comparison_free(c);
    if (status == TT1_OK) break;
    assert_int_equal(status, TT1_NO_MEMORY);
    assert_null(c);
  }
  assert_true(n > 15 && n < 200);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(everywhere_and_scaled),
      cmocka_unit_test(by_region),
      cmocka_unit_test(a_label_outside_the_mask_is_not_listed),
      cmocka_unit_test(by_band_of_mean_and_of_reference),
      cmocka_unit_test(nothing_to_compare),
      cmocka_unit_test(nonsense_is_refused),
      cmocka_unit_test(no_memory),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
