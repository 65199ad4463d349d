/* SPDX-License-Identifier: MIT
 * From DICOM files to series: order, slices, times, scaling, signs, phase, maps,
 * and the choice among several. Files are made here; real ones:
 * tests/cli/cases/dicom_of_scanners.sh. */
#include "dicom_support.h"
#include "file/file.h"
#include "tt1_input.h"

static const char *const three[] = {"100", "1100", "180"};

static void check_known(const tt1_image *image, const char *key, const double *expected,
                        const char *source)
{
  const tt1_known_values *found = NULL;
  for (int i = 0; tt1_image_known(image, i); i++)
    if (strcmp(tt1_image_known(image, i)->name, key) == 0) found = tt1_image_known(image, i);
  assert_non_null(found);
  assert_int_equal(found->count, tt1_image_n_images(image));
  for (int i = 0; i < found->count; i++)
    assert_true(fabs(found->values[i] - expected[i]) < 1e-12);
  if (source) assert_string_equal(found->source, source);
}

static void keeps_the_order_of_acquisition(void **state)
{
  (void)state;
  sandbox s = sandbox_make();
  static const char *const names[] = {"c.dcm", "b", "a.ima"}; // any name
  for (int i = 0; i < 3; i++) {
    picture p = make_picture(i + 1, three[i]);
    write_picture(&s, names[i], &p);
  }
  write_text(inside(&s, "notes.txt"), "no image");
  tt1_image *image = read_ok(s.path, NULL);
  assert_int_equal(tt1_image_n_images(image), 3);
  assert_string_equal(tt1_image_format(image), "DICOM");
  assert_string_equal(tt1_image_stored_type(image), "uint12");
  check_known(image, "InversionTime", (double[]){0.1, 1.1, 0.18}, "(0018,0082) of 3 images");
  check_known(image, "EchoTime", (double[]){0.0015, 0.0015, 0.0015}, NULL);
  check_known(image, "RepetitionTime", (double[]){0.3, 0.3, 0.3}, NULL);
  for (int i = 0; i < 3; i++) {
    assert_true(fabsf(tt1_image_data(image)[i * PIXELS] - 100.0f * (float)(i + 1)) < 1e-6f);
    assert_string_equal(tt1__base_name(tt1_image_file(image, i)), names[i]);
  }
  assert_false(tt1_image_is_signed(image));
  assert_null(tt1_image_phase(image));
  tt1_image_free(image);
  image = read_ok(inside(&s, "b"), NULL); // one file stands for its series
  assert_int_equal(tt1_image_n_images(image), 3);
  tt1_image_free(image);
  remove_tree(s.path);
}

static void stacks_slices_along_their_normal(void **state)
{
  (void)state;
  sandbox s = sandbox_make();
  static const char *const positions[] = {"-10\\20\\13", "-10\\20\\5"}; // the upper one first
  for (int i = 0; i < 6; i++) {
    char name[16];
    snprintf(name, sizeof name, "%d.dcm", i);
    picture p = make_picture(i + 1, three[i % 3]);
    p.position = positions[i / 3];
    if (i > 3) p.instance = i == 4 ? 6 : 5; // the other slice in another order
    p.stored = 10 * (i + 1);
    write_picture(&s, name, &p);
  }
  tt1_image *image = read_ok(s.path, NULL);
  const tt1_geometry *g = tt1_image_geometry(image);
  assert_int_equal(g->size[2], 2);
  assert_int_equal(tt1_image_n_images(image), 3);
  // LPS to RAS: the first voxel of the lower slice; i runs to the left, j to the back.
  const double expected[3][4] = {{-2.0, 0, 0, 10.0}, {0, -1.5, 0, -20.0}, {0, 0, 8.0, 5.0}};
  for (int i = 0; i < 3; i++)
    for (int j = 0; j < 4; j++)
      assert_true(fabs(g->srow[i][j] - expected[i][j]) < 1e-12);
  tt1_geometry by_quaternion = *g;
  by_quaternion.sform_code = 0;
  assert_true(tt1_geometry_distance(g, &by_quaternion) < 1e-4);
  check_known(image, "InversionTime", (double[]){0.1, 0.18, 1.1}, NULL); // as the lowest slice
  static const float lower[] = {40.0f, 60.0f, 50.0f}, upper[] = {10.0f, 30.0f, 20.0f};
  for (int i = 0; i < 3; i++) {
    assert_true(fabsf(tt1_image_data(image)[2 * i * PIXELS] - lower[i]) < 1e-6f);
    assert_true(fabsf(tt1_image_data(image)[(2 * i + 1) * PIXELS] - upper[i]) < 1e-6f);
  }
  tt1_image_free(image);
  remove_tree(s.path);
}

static void keeps_times_of_single_slices(void **state)
{
  (void)state;
  static const char *const positions[] = {"-10\\20\\5", "-10\\20\\13"};
  static const char *const times[][3] = {{"100", "1100", "180"}, {"180", "105", "1210"}};
  static const double expected[] = {0.1, 1.1, 0.18, 0.18, 0.105, 1.21};
  sandbox s = sandbox_make();
  for (int i = 0; i < 6; i++) {
    char name[16];
    snprintf(name, sizeof name, "%d.dcm", 5 - i);
    picture p = make_picture(i + 1, times[i / 3][i % 3]);
    p.position = positions[i / 3];
    p.stored = 10 * (i + 1);
    write_picture(&s, name, &p);
  }
  tt1_image *image = read_ok(s.path, NULL);
  const tt1_known_values *found = tt1_image_known(image, 0);
  assert_string_equal(found->source, "(0018,0082) of 3 images in each of 2 slices");
  assert_int_equal(found->count, 3);
  assert_int_equal(found->n_slices, 2);
  assert_int_equal(tt1_image_known(image, 1)->n_slices, 1);
  for (int i = 0; i < 6; i++) {
    assert_true(fabs(found->values[i] - expected[i]) < 1e-12);
    assert_true(fabsf(tt1_image_data(image)[(i % 3 * 2 + i / 3) * PIXELS] -
                      10.0f * (float)(i + 1)) < 1e-6f);
  }
  static const int last[] = {2, 0};
  assert_int_equal(tt1_image_select(image, last, 2, NULL), TT1_OK);
  static const double kept[] = {0.18, 0.1, 1.21, 0.18};
  found = tt1_image_known(image, 0);
  for (int i = 0; i < 4; i++)
    assert_true(fabs(found->values[i] - kept[i]) < 1e-12);
  tt1_image_free(image);
  remove_tree(s.path);
}

/* Three images of which one element differs; `change` sets it. */
static sandbox write_changed(void (*change)(picture *, int))
{
  sandbox s = sandbox_make();
  for (int i = 0; i < 3; i++) {
    char name[16];
    snprintf(name, sizeof name, "%d.dcm", i);
    picture p = make_picture(i + 1, three[i]);
    change(&p, i);
    write_picture(&s, name, &p);
  }
  return s;
}

static void have_times_in_comments(picture *p, int i)
{
  static const char *const texts[] = {"TIeff 100 ms", "TIeff 1100 ms", "TIeff 180 ms"};
  p->ti = i ? "0" : "1.797e308";
  p->comment = texts[i];
  p->trigger = i ? "700" : "500";
}

static void have_trigger_only(picture *p, int i)
{
  p->trigger = three[i];
  p->ti = NULL;
}

static void have_echoes(picture *p, int i)
{
  p->te = three[i];
  p->ti = NULL;
}

static void takes_times_from_what_varies(void **state)
{
  (void)state;
  const double times[] = {0.1, 1.1, 0.18};
  tt1_read_options by_trigger = TT1_READ_OPTIONS_INIT;
  by_trigger.times = TT1_TIMES_TRIGGER;
  sandbox s = write_changed(have_times_in_comments);
  tt1_image *image = read_ok(s.path, NULL);
  check_known(image, "InversionTime", times, "TIeff in (0020,4000) of 3 images");
  tt1_image_free(image);
  remove_tree(s.path);
  s = write_changed(have_trigger_only);
  read_refused(s.path, NULL,
               "only TriggerTime (0018,1060) varies over its 3 images, which may be a delay and no "
               "recovery time; --times trigger takes it");
  image = read_ok(s.path, &by_trigger);
  check_known(image, "InversionTime", times, "TriggerTime (0018,1060) of 3 images");
  tt1_image_free(image);
  remove_tree(s.path);
  s = write_changed(have_echoes);
  image = read_ok(s.path, NULL);
  assert_string_equal(tt1_image_known(image, 0)->name, "EchoTime");
  tt1_image_free(image);
  remove_tree(s.path);
}

static void scale_as_philips(picture *p, int i)
{
  static const char *const slopes[] = {"1.25", "2", "4"}, *const scales[] = {"0.5", "0.25",
                                                                             "0.125"};
  p->vendor = "Philips Medical Systems";
  p->slope = slopes[i];
  p->intercept = "0";
  p->philips = scales[i];
}

static void scale_as_philips_without(picture *p, int i)
{
  scale_as_philips(p, i);
  p->philips = NULL;
}

static void undoes_scaling_per_image(void **state)
{
  (void)state;
  static const float expected[] = {200.0f, 800.0f, 2400.0f}; // stored / (2005,100e)
  sandbox s = write_changed(scale_as_philips);
  tt1_image *image = read_ok(s.path, NULL);
  for (int i = 0; i < 3; i++)
    assert_true(fabsf(tt1_image_data(image)[i * PIXELS] - expected[i]) < 1e-3f);
  tt1_image_free(image);
  remove_tree(s.path);
  s = write_changed(scale_as_philips_without);
  read_refused(s.path, NULL, "(2005,100e)");
  remove_tree(s.path);
}

static void store_signed(picture *p, int i)
{
  (void)i;
  p->is_signed = 1;
  p->bits = 16;
}

static void hold_negatives(picture *p, int i)
{
  store_signed(p, i);
  if (i == 1) p->stored = -5;
}

static void hold_many_negatives(picture *p, int i)
{
  store_signed(p, i);
  if (i == 1) p->stored = -150;
}

static void hold_overlays(picture *p, int i)
{
  (void)i;
  p->stored |= 0xF000;
}

static void tells_signs_by_content(void **state)
{
  (void)state;
  sandbox s = write_changed(store_signed);
  tt1_image *image = read_ok(s.path, NULL);
  assert_false(tt1_image_is_signed(image));
  assert_string_equal(tt1_image_stored_type(image), "int16");
  tt1_image_free(image);
  remove_tree(s.path);
  s = write_changed(hold_negatives);
  image = read_ok(s.path, NULL);
  assert_false(tt1_image_is_signed(image));
  assert_true(fabsf(tt1_image_data(image)[PIXELS] + 5.0f) < 1e-6f);
  assert_non_null(strstr(tt1_image_assumption(image, 0), "too few for signed images"));
  tt1_image_free(image);
  remove_tree(s.path);
  s = write_changed(hold_many_negatives);
  image = read_ok(s.path, NULL);
  assert_true(tt1_image_is_signed(image));
  assert_non_null(strstr(tt1_image_assumption(image, 0), "taken as signed"));
  tt1_image_free(image);
  remove_tree(s.path);
  s = write_changed(hold_overlays);
  image = read_ok(s.path, NULL);
  assert_true(fabsf(tt1_image_data(image)[0] - 100.0f) < 1e-6f);
  tt1_image_free(image);
  remove_tree(s.path);
}

/* Three magnitudes and their phases, of which -`intercept` is half a turn. */
static sandbox write_pair(const char *phase_description, const char *intercept)
{
  sandbox s = sandbox_make();
  for (int i = 0; i < 6; i++) {
    char name[16];
    snprintf(name, sizeof name, "%d.dcm", i);
    picture p = make_picture(i % 3 + 1, three[i % 3]);
    if (i >= 3) {
      p.uid = "2.25.3";
      p.series = 6;
      p.description = phase_description;
      p.type = "ORIGINAL\\PRIMARY\\P\\DIS2D";
      p.slope = "2";
      p.intercept = intercept;
      p.stored = 1024 * (i - 2);
    }
    write_picture(&s, name, &p);
  }
  return s;
}

static void pairs_phases(void **state)
{
  (void)state;
  const double pi = 3.14159265358979;
  const int back[] = {2, 0};
  sandbox s = write_pair("molli", "-4096");
  tt1_image *image = read_ok(s.path, NULL);
  assert_non_null(tt1_image_phase(image));
  for (int i = 0; i < 3; i++)
    assert_true(fabs((double)tt1_image_phase(image)[i * PIXELS] - pi / 2 * (i - 1)) < 1e-6);
  assert_int_equal(tt1_image_select(image, back, 2, NULL), TT1_OK);
  assert_true(fabs((double)tt1_image_phase(image)[0] - pi / 2) < 1e-6);
  assert_true(fabs((double)tt1_image_phase(image)[PIXELS] + pi / 2) < 1e-6);
  tt1_image_free(image);
  remove_tree(s.path);
  s = write_pair("molli_MOCO", "-4096"); // of other images
  image = read_ok(s.path, NULL);
  assert_null(tt1_image_phase(image));
  tt1_image_free(image);
  remove_tree(s.path);
}

static void leaves_out_phases_beyond_a_turn(void **state)
{
  (void)state;
  sandbox s = write_pair("molli", "-1000");
  tt1_image *image = read_ok(s.path, NULL);
  assert_null(tt1_image_phase(image));
  assert_non_null(strstr(tt1_image_assumption(image, 0), "the phase is left out: "));
  tt1_image_free(image);
  remove_tree(s.path);
}

static void be_called_map(picture *p, int i)
{
  (void)i;
  p->description = "molli_T1MAP";
}

static void have_comment_of_map(picture *p, int i)
{
  (void)i;
  p->comment = "ShMOLLI T1 Map";
}

static void takes_no_map_for_images(void **state)
{
  (void)state;
  tt1_read_options asked = TT1_READ_OPTIONS_INIT;
  asked.series = "5";
  sandbox s = write_changed(be_called_map);
  read_refused(s.path, NULL, "it is a map computed from images");
  tt1_image *image = read_ok(s.path, &asked);
  assert_non_null(strstr(tt1_image_assumption(image, 0), "read because it was asked for"));
  tt1_image_free(image);
  remove_tree(s.path);
  s = write_changed(have_comment_of_map);
  read_refused(s.path, NULL, "it is a map computed from images");
  remove_tree(s.path);
}

static void chooses_among_series(void **state)
{
  (void)state;
  sandbox s = sandbox_make();
  for (int i = 0; i < 6; i++) {
    char name[16];
    snprintf(name, sizeof name, "%d.dcm", i);
    picture p = make_picture(i % 3 + 1, three[i % 3]);
    if (i >= 3) {
      p.uid = "2.25.33";
      p.series = 7;
      p.description = "molli_MOCO";
      p.stored += 7;
    }
    write_picture(&s, name, &p);
  }
  read_refused(s.path, NULL,
               "2 series can be fitted: 5 \"molli\", 7 \"molli_MOCO\"; choose one with");
  static const char *const names[] = {"7", "2.25.33", "moco"};
  for (int i = 0; i < 3; i++) {
    tt1_read_options options = TT1_READ_OPTIONS_INIT;
    options.series = names[i];
    tt1_image *image = read_ok(s.path, &options);
    assert_true(fabsf(tt1_image_data(image)[0] - 107.0f) < 1e-6f);
    tt1_image_free(image);
  }
  tt1_read_options options = TT1_READ_OPTIONS_INIT;
  options.series = "8";
  read_refused(s.path, &options, "no series is called \"8\"");
  tt1_study *study = NULL;
  assert_int_equal(tt1_study_open(&study, s.path, NULL, NULL), TT1_OK);
  assert_int_equal(tt1_study_series_at(study, 1)->number, 7);
  assert_string_equal(tt1_kind_name(tt1_study_series_at(study, 1)->kind), "magnitude");
  assert_null(tt1_study_series_at(study, 2));
  tt1_study_free(study);
  remove_tree(s.path);
}

static void be_a_series_of_its_own(picture *p, int i)
{
  static const char *const uids[] = {"2.25.5", "2.25.6", "2.25.7"}, *const times[] = {"101113",
                                                                                      "101112",
                                                                                      "101114"};
  p->uid = uids[i];
  p->series = 30 + i;
  p->instance = 1;
  p->time = times[i];
}

static void puts_series_of_one_image_together(void **state)
{
  (void)state;
  sandbox s = write_changed(be_a_series_of_its_own);
  tt1_image *image = read_ok(s.path, NULL);
  check_known(image, "InversionTime", (double[]){1.1, 0.1, 0.18}, NULL);
  assert_string_equal(tt1_image_assumption(image, 0),
                      "3 series of one image each are put together");
  tt1_image_free(image);
  remove_tree(s.path);
}

/* All calls of a reading, with every allocation failing in turn. */
static void survives_failing_memory(void **state)
{
  (void)state;
  sandbox s = write_pair("molli", "-4096");
  for (long nth = 1;; nth++) {
    tt1_image *image = NULL;
    tt1_error err = {0};
    tt1__fail_allocation(nth);
    tt1_status status = tt1_image_read(&image, s.path, NULL, &err);
    tt1__fail_allocation(0);
    if (status == TT1_OK) {
      tt1_image_free(image);
      assert_true(nth > 20);
      break;
    }
    assert_int_equal(status, TT1_NO_MEMORY);
    assert_null(image);
  }
  remove_tree(s.path);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(keeps_the_order_of_acquisition),
                                     cmocka_unit_test(stacks_slices_along_their_normal),
                                     cmocka_unit_test(keeps_times_of_single_slices),
                                     cmocka_unit_test(takes_times_from_what_varies),
                                     cmocka_unit_test(undoes_scaling_per_image),
                                     cmocka_unit_test(tells_signs_by_content),
                                     cmocka_unit_test(pairs_phases),
                                     cmocka_unit_test(leaves_out_phases_beyond_a_turn),
                                     cmocka_unit_test(takes_no_map_for_images),
                                     cmocka_unit_test(chooses_among_series),
                                     cmocka_unit_test(puts_series_of_one_image_together),
                                     cmocka_unit_test(survives_failing_memory)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
