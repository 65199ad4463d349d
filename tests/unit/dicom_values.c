/* SPDX-License-Identifier: MIT
 * Maps of scanners and other programs: what their values mean, and Parametric Maps,
 * whose pixels are floating point. */
#include "dicom_support.h"

#define PARAMETRIC_MAP "1.2.840.10008.5.1.4.1.1.30"

static picture make_map(void)
{
  picture p = make_picture(1, NULL);
  p.type = "DERIVED\\PRIMARY\\M";
  p.description = "T1MAP";
  p.slope = "2";
  p.intercept = "0";
  return p;
}

static tt1_status read_map(tt1_image **out, const picture *p, tt1_error *err)
{
  sandbox s = sandbox_make();
  tt1_read_options asked = TT1_READ_OPTIONS_INIT;
  asked.takes_maps = 1;
  write_picture(&s, "map.dcm", p);
  tt1_status status = tt1_image_read(out, inside(&s, "map.dcm"), &asked, err);
  remove_tree(s.path);
  return status;
}

static void check_map(const picture *p, double first, const char *unit, const char *scaling)
{
  tt1_image *image = NULL;
  tt1_error err = {0};
  if (read_map(&image, p, &err)) fail_msg("%s", err.message);
  assert_float_equal(tt1_image_data(image)[0], first, 1e-6);
  if (unit)
    assert_string_equal(tt1_image_unit(image), unit);
  else
    assert_null(tt1_image_unit(image));
  assert_string_equal(tt1_image_origin(image)->scaling, scaling);
  tt1_image_free(image);
}

static void a_mapping_to_the_real_world_goes_before_a_rescale(void **state)
{
  (void)state;
  picture p = make_map();
  check_map(&p, 200, NULL, "rescale 2, 0");
  p.rescale_unit = "ms";
  check_map(&p, 200, "ms", "rescale 2, 0");
  p.mapping_unit = "/s";
  p.mapping[0] = 0.5;
  p.mapping[1] = 10;
  check_map(&p, 60, "1/s", "real world 0.5, 10");
  p.mapping[0] = 0; // no line
  check_map(&p, 200, "1/s", "rescale 2, 0");
}

static void a_unit_tells_a_map(void **state)
{
  (void)state;
  picture p = make_map();
  p.description = "whatever";
  p.mapping_unit = "%";
  p.mapping[0] = 1;
  check_map(&p, 100, "%", "real world 1, 0");
}

/* Its private scale is for signals: a map of Philips' is what the rescale says. */
static void maps_of_philips_keep_their_unit(void **state)
{
  (void)state;
  picture p = make_map();
  p.vendor = "Philips";
  p.philips = "0.01";
  p.rescale_unit = "ms";
  check_map(&p, 200, "ms", "rescale 2, 0");
}

static picture make_parametric(int float_size)
{
  picture p = make_map();
  p.class_uid = PARAMETRIC_MAP;
  p.slope = p.intercept = NULL;
  p.float_size = float_size;
  return p;
}

static void pixels_may_be_floating_point(void **state)
{
  (void)state;
  for (int size = 4; size <= 8; size += 4) {
    tt1_image *image = NULL;
    tt1_error err = {0};
    picture p = make_parametric(size);
    check_map(&p, 100, NULL, "none");
    p.mapping_unit = "ms";
    p.mapping[0] = 2;
    p.mapping[1] = 1;
    p.no_value[0] = -2;
    p.no_value[1] = -0.5;
    if (read_map(&image, &p, &err)) fail_msg("%s", err.message);
    const float *data = tt1_image_data(image);
    assert_float_equal(data[0], 201, 0);
    assert_true(isnan(data[1]) && isnan(data[3])); // -1 is no value
    assert_float_equal(data[2], 6, 0);
    assert_float_equal(data[PIXELS - 1], 2 * (PIXELS - 1) + 1, 0);
    assert_string_equal(tt1_image_unit(image), "ms");
    tt1_image_free(image);
  }
}

static void whole_numbers_may_be_parametric(void **state)
{
  (void)state;
  picture p = make_parametric(0);
  p.mapping_unit = "ms";
  p.mapping[0] = 0.1;
  check_map(&p, 10, "ms", "real world 0.1, 0");
}

static void missing_pixels_are_said(void **state)
{
  (void)state;
  tt1_image *image = NULL;
  tt1_error err = {0};
  picture p = make_parametric(4);
  p.frames = 3;
  assert_int_equal(read_map(&image, &p, &err), TT1_BAD_FILE);
  assert_non_null(strstr(err.message,
                         "holds 1024 bytes of pixels, but frame 2 of 16 x 16 ends after "
                         "2048"));
  p.float_size = 0;
  p.without_pixels = 1;
  assert_int_equal(read_map(&image, &p, &err), TT1_BAD_FILE);
  assert_null(image);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_mapping_to_the_real_world_goes_before_a_rescale),
      cmocka_unit_test(a_unit_tells_a_map),
      cmocka_unit_test(maps_of_philips_keep_their_unit),
      cmocka_unit_test(pixels_may_be_floating_point),
      cmocka_unit_test(whole_numbers_may_be_parametric),
      cmocka_unit_test(missing_pixels_are_said),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
