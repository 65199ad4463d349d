/* SPDX-License-Identifier: MIT
 * Resampling: trilinear interpolation gives a linear function exactly, whatever the grids; the
 * rest is about edges, numbers that are none, and grids that share nothing. */
#include "image_support.h"

typedef double (*function)(double x, double y, double z);

static double slope(double x, double y, double z)
{
  return 3 + 0.25 * x - 0.5 * y + 0.125 * z;
}

static double ones(double x, double y, double z)
{
  (void)x, (void)y, (void)z;
  return 1;
}

static void place_of(const tt1_geometry *g, int64_t i, int64_t j, int64_t k, double place[3])
{
  for (int a = 0; a < 3; a++)
    place[a] = g->srow[a][0] * (double)i + g->srow[a][1] * (double)j + g->srow[a][2] * (double)k +
               g->srow[a][3];
}

static tt1_image *paint(const tt1_geometry *g, function f)
{
  tt1_image *image = tt1__image_new();
  assert_non_null(image);
  image->geometry = *g;
  image->n_images = 1;
  image->n_voxels = g->size[0] * g->size[1] * g->size[2];
  image->data = tt1__allocate((size_t)image->n_voxels, sizeof *image->data);
  assert_non_null(image->data);
  int64_t at = 0;
  double p[3];
  for (int64_t k = 0; k < g->size[2]; k++)
    for (int64_t j = 0; j < g->size[1]; j++)
      for (int64_t i = 0; i < g->size[0]; i++) {
        place_of(g, i, j, k, p);
        image->data[at++] = (float)f(p[0], p[1], p[2]);
      }
  return image;
}

static const tt1_geometry coarse = {.size = {20, 16, 6},
                                    .spacing = {2, 2.5, 8},
                                    .sform_code = 1,
                                    .srow = {{2, 0, 0, -19}, {0, 2.5, 0, -18}, {0, 0, 8, -20}}};
/* Within the other one, turned by 30 degrees, and finer. */
static const tt1_geometry fine = {
    .size = {15, 12, 5},
    .spacing = {1, 1.2, 3},
    .sform_code = 1,
    .srow = {{0.866, -0.6, 0, -4}, {0.5, 1.04, 0, -9}, {0, 0, 3, -7}}};

static void a_linear_function(void **state)
{
  (void)state;
  tt1_image *image = paint(&coarse, slope), *wanted = paint(&fine, slope);
  assert_int_equal(tt1_image_resample(image, &fine, TT1_RESAMPLE_LINEAR, NULL), TT1_OK);
  assert_int_equal(image->n_voxels, wanted->n_voxels);
  assert_memory_equal(image->geometry.size, fine.size, sizeof fine.size);
  for (int64_t v = 0; v < image->n_voxels; v++)
    assert_true(fabs((double)image->data[v] - (double)wanted->data[v]) < 1e-5);
  tt1_image_free(image);
  tt1_image_free(wanted);
}

static void the_same_grid(void **state)
{
  (void)state;
  for (int how = TT1_RESAMPLE_LINEAR; how <= TT1_RESAMPLE_NEAREST; how++) {
    tt1_image *image = paint(&fine, slope), *same = paint(&fine, slope);
    image->data[77] = same->data[77] = NAN; // spreads to no neighbour
    assert_int_equal(tt1_image_resample(image, &fine, (tt1_resampling)how, NULL), TT1_OK);
    for (int64_t v = 0; v < image->n_voxels; v++) {
      double wanted = (double)same->data[v];
      if (how == TT1_RESAMPLE_DEVIATION) wanted = fabs(wanted);
      assert_true(v == 77 ? isnan(image->data[v])
                          : fabs((double)image->data[v] - wanted) <= 1e-6 * fabs(wanted));
    }
    tt1_image_free(image);
    tt1_image_free(same);
  }
}

/* Halfway between two voxels the variance of a mean of two is half, of eight an eighth. */
static void deviations(void **state)
{
  (void)state;
  tt1_geometry half = coarse;
  for (int axes = 1; axes <= 3; axes++) {
    int a = axes - 1;
    half.size[a]--;
    half.srow[a][3] += 0.5 * coarse.spacing[a];
    tt1_image *image = paint(&coarse, ones);
    assert_int_equal(tt1_image_resample(image, &half, TT1_RESAMPLE_DEVIATION, NULL), TT1_OK);
    for (int64_t v = 0; v < image->n_voxels; v++)
      assert_true(fabs((double)image->data[v] - sqrt(1.0 / (1 << axes))) < 1e-6);
    tt1_image_free(image);
  }
}

static void edges_and_holes(void **state)
{
  (void)state;
  tt1_geometry line = {.size = {4, 1, 1},
                       .spacing = {1, 1, 8},
                       .sform_code = 1,
                       .srow = {{1, 0, 0, 0}, {0, 1, 0, 0}, {0, 0, 8, 0}}};
  tt1_geometry other = line;
  tt1_image *image = paint(&line, slope);
  image->data[2] = NAN;
  other.size[0] = 9;
  other.srow[0][0] = 0.5;
  other.srow[0][3] = -0.75; // -0.75, -0.25, 0.25 ...
  other.srow[2][3] = 3.9;   // almost half a slice higher
  assert_int_equal(tt1_image_resample(image, &other, TT1_RESAMPLE_LINEAR, NULL), TT1_OK);
  static const double wanted[] = {NAN, 3, 3.0625, 3.1875, NAN, NAN, NAN, NAN, 3.75};
  for (int v = 0; v < 9; v++)
    assert_true(isnan(wanted[v]) ? isnan(image->data[v])
                                 : fabs((double)image->data[v] - wanted[v]) < 1e-6);
  tt1_image_free(image);

  image = paint(&line, slope);
  assert_int_equal(tt1_image_resample(image, &other, TT1_RESAMPLE_NEAREST, NULL), TT1_OK);
  assert_true(fabsf(image->data[0]) <= 0.0F && fabs((double)image->data[8] - 3.75) < 1e-6);
  assert_true(fabs((double)image->data[2] - 3) < 1e-6 &&
              fabs((double)image->data[3] - 3.25) < 1e-6);
  tt1_image_free(image);
}

static void zeros_of_maps(void **state)
{
  (void)state;
  tt1_geometry half = coarse;
  half.srow[0][3] += 1; // between two columns
  half.size[0]--;
  for (int how = TT1_RESAMPLE_LINEAR; how <= TT1_RESAMPLE_MAP; how++) {
    tt1_image *image = paint(&coarse, ones);
    image->data[5] = 0;
    assert_int_equal(tt1_image_resample(image, &half, (tt1_resampling)how, NULL), TT1_OK);
    for (int64_t v = 4; v <= 5; v++)
      assert_true(how == TT1_RESAMPLE_MAP ? isnan(image->data[v])
                                          : fabs((double)image->data[v] - 0.5) < 1e-6);
    assert_true(fabs((double)image->data[6] - 1) < 1e-6);
    tt1_image_free(image);
  }
}

static void refused(void **state)
{
  tt1_error error = {0};
  tt1_geometry far = coarse, nowhere = coarse;
  (void)state;
  far.srow[2][3] = 500;
  nowhere.sform_code = 0;
  tt1_image *image = paint(&coarse, slope);
  float *before = image->data;
  tt1_image_resample(image, &far, TT1_RESAMPLE_LINEAR, &error);
  check_sentence(&error, TT1_BAD_ARGUMENT, "do not overlap");
  tt1_image_resample(image, &nowhere, TT1_RESAMPLE_LINEAR, &error);
  check_sentence(&error, TT1_BAD_ARGUMENT, "nothing tells where");
  image->geometry.srow[2][2] = 0; // flat: there is no way back
  tt1_image_resample(image, &coarse, TT1_RESAMPLE_LINEAR, &error);
  check_sentence(&error, TT1_BAD_ARGUMENT, "nothing tells where");
  image->phase = tt1__allocate((size_t)image->n_voxels, sizeof *image->phase);
  tt1_image_resample(image, &coarse, TT1_RESAMPLE_LINEAR, &error);
  check_sentence(&error, TT1_BAD_ARGUMENT, "phase");
  assert_ptr_equal(image->data, before);
  tt1_image_free(image);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_linear_function), cmocka_unit_test(the_same_grid),
      cmocka_unit_test(deviations),        cmocka_unit_test(edges_and_holes),
      cmocka_unit_test(zeros_of_maps),     cmocka_unit_test(refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
