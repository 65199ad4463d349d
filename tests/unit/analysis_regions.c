/* SPDX-License-Identifier: MIT
 * Summaries of regions against numbers worked out by hand, the standard
 * deviation of mean and median against simulated noise, and erosion. */
#include "analysis_support.h"
#include "simulate/simulate.h"

static void worked_by_hand(void **state)
{
  (void)state;
  static const float map[] = {1, 2, 4, 9, 0, NAN, INFINITY, 7, 5};
  static const float sd[] = {0.3f, 0.4f, 1, NAN, 1, 1, 1, 2, 5};
  static const int32_t labels[] = {3, 3, -1, 3, 3, 3, 3, 9, 0};
  static const uint8_t mask[] = {1, 1, 1, 1, 1, 1, 1, 0, 1};
  const tt1_region_maps maps = {
      .map = map, .sd = sd, .scale = 10.0, .n_voxels = 9, .mask = mask, .labels = labels};
  tt1_region_summary *found = NULL;
  int n = 0;
  assert_int_equal(tt1_summarise_regions(&found, &n, &maps, NULL), TT1_OK);
  assert_int_equal(n, 2); // 9 lies outside the mask
  assert_int_equal(found[0].label, -1);
  assert_int_equal(found[0].n, 1);
  assert_true(isnan(found[0].values.sd));
  assert_near(found[0].mean_sd, 10.0, 1e-12);
  assert_near(found[0].median_sd, 10.0, 1e-12); // of one voxel the median is the mean
  const tt1_region_summary *three = &found[1];
  assert_int_equal(three->n_offered, 6);
  assert_int_equal(three->n, 3);
  assert_int_equal(three->zero + 10 * three->not_a_number + 100 * three->infinite, 111);
  assert_near(three->values.mean, 40.0, 1e-12);
  assert_near(three->values.sd, sqrt((900.0 + 400.0 + 2500.0) / 2.0), 1e-9);
  assert_near(three->values.median, 20.0, 0.0);
  assert_near(three->values.quartiles[0], 15.0, 0.0);
  assert_int_equal(three->n_sd, 2);
  assert_near(three->mean_sd, sqrt((9.0 + 16.0) / 2.0 / 3.0), 1e-6); // floats
  tt1_region_summaries_free(found);
  tt1_region_summaries_free(NULL);
}

/* Mean and median of noise scatter as mean_sd and median_sd say. */
static void scatters_as_told(void **state)
{
  (void)state;
  enum { VOXELS = 25, RUNS = 20000 };
  float map[VOXELS], sd[VOXELS];
  int32_t labels[VOXELS];
  tt1__random random = tt1__random_seed(7);
  double squares[2] = {0.0, 0.0}, told[2] = {0.0, 0.0};
  for (int r = 0; r < RUNS; r++) {
    for (int v = 0; v < VOXELS; v++) {
      labels[v] = 1;
      sd[v] = 0.02f;
      map[v] = (float)(1.0 + 0.02 * tt1__random_normal(&random));
    }
    const tt1_region_maps maps = {.map = map, .sd = sd, .n_voxels = VOXELS, .labels = labels};
    tt1_region_summary *found = NULL;
    int n = 0;
    assert_int_equal(tt1_summarise_regions(&found, &n, &maps, NULL), TT1_OK);
    squares[0] += (found->values.mean - 1.0) * (found->values.mean - 1.0);
    squares[1] += (found->values.median - 1.0) * (found->values.median - 1.0);
    told[0] = found->mean_sd;
    told[1] = found->median_sd;
    tt1_region_summaries_free(found);
  }
  for (int i = 0; i < 2; i++)
    assert_near(sqrt(squares[i] / RUNS) / told[i], 1.0, 0.03);
}

static void refuses(void **state)
{
  (void)state;
  enum { MANY = 5000 };
  static int32_t labels[MANY];
  static float map[MANY];
  tt1_region_summary *found = NULL;
  int n = -1;
  for (int v = 0; v < MANY; v++)
    labels[v] = v + 1;
  tt1_region_maps maps = {.map = map, .n_voxels = MANY, .labels = labels};
  tt1_error err = {0};
  assert_int_equal(tt1_summarise_regions(&found, &n, &maps, &err), TT1_BAD_ARGUMENT);
  assert_non_null(strstr(err.message, "more than 4096 different labels"));
  maps.n_voxels = 0;
  assert_int_equal(tt1_summarise_regions(&found, &n, &maps, &err), TT1_BAD_ARGUMENT);
  maps.n_voxels = 1;
  maps.scale = (double)NAN;
  assert_int_equal(tt1_summarise_regions(&found, &n, &maps, &err), TT1_BAD_ARGUMENT);
  assert_null(found);
  assert_int_equal(n, -1);
}

static void erodes(void **state)
{
  (void)state;
  static const int64_t size[3] = {5, 4, 2};
  uint8_t mask[40], out[40];
  memset(mask, 7, sizeof mask);
  assert_int_equal(tt1_erode(out, mask, size, 0, NULL), TT1_OK);
  assert_int_equal(out[0] + out[39], 2);
  assert_int_equal(tt1_erode(mask, mask, size, 1, NULL), TT1_OK); // in place
  int left = 0;
  for (int v = 0; v < 40; v++)
    left += mask[v];
  assert_int_equal(left, 12); // 3 x 2 in each slice
  assert_int_equal(mask[6] + mask[26], 2);
  assert_int_equal(tt1_erode(out, mask, size, 1, NULL), TT1_OK);
  for (int v = 0; v < 40; v++)
    assert_int_equal(out[v], 0);
  assert_int_equal(tt1_erode(out, mask, size, -1, NULL), TT1_BAD_ARGUMENT);
  assert_int_equal(tt1_erode(out, mask, size, 65, NULL), TT1_BAD_ARGUMENT);
}

static void no_memory(void **state)
{
  (void)state;
  static const float map[] = {1, 2, 3};
  static const int32_t labels[] = {1, 1, 2};
  static const int64_t size[3] = {3, 1, 1};
  const tt1_region_maps maps = {.map = map, .n_voxels = 3, .labels = labels};
  tt1_status status = TT1_NO_MEMORY;
  for (long nth = 1; status != TT1_OK; nth++) {
    tt1_region_summary *found = NULL;
    int n = 0;
    tt1__fail_allocation(nth);
    status = tt1_summarise_regions(&found, &n, &maps, NULL);
    tt1__fail_allocation(0);
    assert_true(status == TT1_OK || (status == TT1_NO_MEMORY && !found));
    tt1_region_summaries_free(found);
  }
  uint8_t mask[3] = {1, 1, 1};
  tt1__fail_allocation(1);
  assert_int_equal(tt1_erode(mask, mask, size, 1, NULL), TT1_NO_MEMORY);
  tt1__fail_allocation(0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(worked_by_hand), cmocka_unit_test(scatters_as_told),
      cmocka_unit_test(refuses),        cmocka_unit_test(erodes),
      cmocka_unit_test(no_memory),
  };
  return cmocka_run_group_tests_name("regions", tests, NULL, NULL);
}
