/* SPDX-License-Identifier: MIT
 * Images stored in another order of the same places: every way to turn and to
 * exchange axes comes back to the voxels it started from; what lies elsewhere is
 * refused and stays as it was. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "image/image.h"
#include "image_support.h"

enum { IMAGES = 2 };

/* An image whose values tell the place of a voxel: 1 i + 100 j + 10000 k of the upright order. */
static tt1_image *upright(const int64_t size[3])
{
  tt1_image *image = tt1__image_new();
  assert_non_null(image);
  image->n_images = IMAGES;
  image->n_voxels = size[0] * size[1] * size[2];
  image->geometry = (tt1_geometry){
      .size = {size[0], size[1], size[2]},
      .spacing = {1.5, 2, 8},
      .sform_code = 1,
      .srow = {{1.5 * 0.8, -2 * 0.6, 0, -20}, {1.5 * 0.6, 2 * 0.8, 0, 7}, {0, 0, 8, 31}}};
  image->data = tt1__allocate((size_t)(IMAGES * image->n_voxels), sizeof(float));
  assert_non_null(image->data);
  int64_t at = 0;
  for (int n = 0; n < IMAGES; n++)
    for (int64_t k = 0; k < size[2]; k++)
      for (int64_t j = 0; j < size[1]; j++)
        for (int64_t i = 0; i < size[0]; i++)
          image->data[at++] = (float)(i + 100 * j + 10000 * k + 1000000 * n);
  return image;
}

/* The same places with axis a of the result being axis from[a], turned where bit a of `turned`. */
static tt1_image *stored_otherwise(const int64_t size[3], const int from[3], int turned)
{
  tt1_image *image = upright(size);
  tt1_geometry own = image->geometry;
  int64_t at = 0;
  for (int a = 0; a < 3; a++) {
    image->geometry.size[a] = own.size[from[a]];
    image->geometry.spacing[a] = own.spacing[from[a]];
    for (int r = 0; r < 3; r++) {
      double step = own.srow[r][from[a]];
      image->geometry.srow[r][a] = turned >> a & 1 ? -step : step;
      if (turned >> a & 1) image->geometry.srow[r][3] += step * (double)(own.size[from[a]] - 1);
    }
  }
  const int64_t *n = image->geometry.size;
  for (int s = 0; s < IMAGES; s++)
    for (int64_t k = 0; k < n[2]; k++)
      for (int64_t j = 0; j < n[1]; j++)
        for (int64_t i = 0; i < n[0]; i++) {
          int64_t here[3] = {i, j, k}, place[3];
          for (int a = 0; a < 3; a++)
            place[from[a]] = turned >> a & 1 ? n[a] - 1 - here[a] : here[a];
          image->data[at++] = (float)(place[0] + 100 * place[1] + 10000 * place[2] + 1000000 * s);
        }
  return image;
}

static void every_order_comes_back(void **state)
{
  static const int ORDERS[6][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2},
                                   {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
  static const int64_t SIZES[][3] = {{5, 4, 3}, {4, 4, 4}, {6, 5, 1}};
  (void)state;
  for (size_t s = 0; s < sizeof SIZES / sizeof *SIZES; s++)
    for (int o = 0; o < 6; o++)
      for (int turned = 0; turned < 8; turned++) {
        tt1_image *expected = upright(SIZES[s]);
        tt1_image *image = stored_otherwise(SIZES[s], ORDERS[o], turned);
        tt1_error err = {0};
        assert_int_equal(tt1_image_align(image, &expected->geometry, &err), TT1_OK);
        assert_memory_equal(image->data, expected->data,
                            (size_t)(IMAGES * image->n_voxels) * sizeof(float));
        assert_true(tt1_geometry_distance(&image->geometry, &expected->geometry) < 1e-9);
        tt1_image_free(image);
        tt1_image_free(expected);
      }
}

static void what_lies_elsewhere_is_refused_and_stays(void **state)
{
  static const int64_t SIZE[3] = {5, 4, 3};
  static const int SAME[3] = {0, 1, 2};
  tt1_image *expected = upright(SIZE), *image = stored_otherwise(SIZE, SAME, 2);
  tt1_error err = {0};
  (void)state;
  image->geometry.srow[0][3] += 3; // two voxels aside
  float before = image->data[1];
  assert_int_equal(tt1_image_align(image, &expected->geometry, &err), TT1_BAD_ARGUMENT);
  assert_non_null(strstr(err.message, "the same voxel lies up to"));
  assert_true(image->data[1] <= before && image->data[1] >= before);
  image->geometry.srow[0][3] -= 2.5; // less than half a voxel
  assert_int_equal(tt1_image_align(image, &expected->geometry, &err), TT1_OK);
  tt1_image_free(image);
  image = upright((const int64_t[3]){5, 4, 2});
  assert_int_equal(tt1_image_align(image, &expected->geometry, &err), TT1_BAD_ARGUMENT);
  assert_non_null(strstr(err.message, "5 x 4 x 2 voxels, not 5 x 4 x 3"));
  tt1_image_free(image);
  tt1_image_free(expected);
}

static void without_a_place_only_the_size_counts(void **state)
{
  static const int64_t SIZE[3] = {5, 4, 3};
  static const int SAME[3] = {0, 1, 2};
  tt1_image *expected = upright(SIZE), *image = stored_otherwise(SIZE, SAME, 1);
  (void)state;
  image->geometry.sform_code = image->geometry.qform_code = 0;
  float before = image->data[0];
  assert_int_equal(tt1_image_align(image, &expected->geometry, NULL), TT1_OK);
  assert_true(image->data[0] <= before && image->data[0] >= before);
  tt1_image_free(image);
  tt1_image_free(expected);
}

static void slices_take_their_times_along_or_lose_them(void **state)
{
  static const int64_t SIZE[3] = {5, 4, 3};
  static const int SAME[3] = {0, 1, 2};
  static const double TIMES[] = {1, 2, 3, 4, 5, 6};
  (void)state;
  for (int turned = 0; turned < 8; turned += 4) {
    tt1_image *expected = upright(SIZE), *image = stored_otherwise(SIZE, SAME, turned | 1);
    tt1_known_values own = {"InversionTime", TIMES, IMAGES, 3, "here"};
    assert_true(tt1__image_add_found(image, &own) &&
                tt1__image_add_known(image, "EchoTime", "there", TIMES, 1));
    assert_int_equal(tt1_image_align(image, &expected->geometry, NULL), TT1_OK);
    assert_string_equal(tt1_image_known(image, 0)->name, turned ? "EchoTime" : "InversionTime");
    assert_int_equal(image->n_known, turned ? 1 : 2);
    tt1_image_free(image);
    tt1_image_free(expected);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_order_comes_back),
      cmocka_unit_test(what_lies_elsewhere_is_refused_and_stays),
      cmocka_unit_test(without_a_place_only_the_size_counts),
      cmocka_unit_test(slices_take_their_times_along_or_lose_them),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
