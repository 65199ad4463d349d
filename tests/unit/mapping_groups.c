/* SPDX-License-Identifier: MIT
 * Series of several inversions: short rests are warned of with the size of the bias, recorded, and left alone
 * where the images that are fitted come before them. */
#include "mapping_support.h"

#define TIMES_OF_SHMOLLI "\"InversionTime\": [0.1, 1.1, 2.1, 3.1, 4.1, 0.18, 0.26]"
#define CLOCK_OF_SHMOLLI                                                           \
  "\"AcquisitionTime\": [\"15:23:42.885\", \"15:23:43.8875\", \"15:23:44.8875\", " \
  "\"15:23:45.8875\", \"15:23:46.8875\", \"15:23:48.8875\", \"15:23:50.8875\"]"

/* Seven images of a series called NAME. */
static void put_seven(const sandbox *s, const char *name, const char *sidecar)
{
  char file[64];
  nifti n = nifti_make(1, 0, 16, 32, COLUMNS, ROWS, 1, 7);
  for (int i = 0; i < 7; i++)
    for (int v = 0; v < VOXELS; v++)
      put_float(&n, n.offset + 4 * (size_t)(i * VOXELS + v), fabs(sample_of(v, i)), 4);
  snprintf(file, sizeof file, "%s.nii", name);
  write_bytes(inside(s, file), n.bytes, n.length);
  snprintf(file, sizeof file, "%s.json", name);
  write_text(inside(s, file), sidecar);
}

static tt1_mapping *map(const sandbox *s, const char *name, const setting *settings,
                        tt1_mapping_options **options)
{
  tt1_mapping *m = NULL;
  tt1_error err = {0};
  *options = options_with(settings);
  if (create_mapping(&m, inside(s, name), *options, &err) != TT1_OK) fail_msg("%s", err.message);
  return m;
}

/* The only warning of a mapping has `part`; NULL: there is none. */
static void check_warning(const char *name, const char *sidecar, const setting *settings,
                          const char *part)
{
  char file[64];
  tt1_mapping_options *options = NULL;
  sandbox s = sandbox_make_in_memory();
  put_seven(&s, name, sidecar);
  snprintf(file, sizeof file, "%s.nii", name);
  tt1_mapping *m = map(&s, file, settings, &options);
  const char *warning = tt1_mapping_warning(m, 0);
  if (!part && warning) fail_msg("%s", warning);
  if (part && (!warning || !strstr(warning, part))) fail_msg("'%s' is not in: %s", part, warning);
  if (part) assert_null(tt1_mapping_warning(m, 1));
  tt1_mapping_free(m);
  tt1_mapping_options_free(options);
  remove_tree(s.path);
}

static void short_rests_are_warned_of(void **state)
{
  (void)state;
#ifndef TT1_HAVE_JANSSON
  skip();
#endif
  static const char timed[] = "{" TIMES_OF_SHMOLLI ", " CLOCK_OF_SHMOLLI "}";
  static const setting first[] = {{"images", "1-5"}, {NULL, NULL}},
                       molli[] = {{"model", "molli"}, {NULL, NULL}},
                       later[] = {{"images", "2-6"}, {"model", "molli"}, {NULL, NULL}},
                       ir3[] = {{"model", "ir3"}, {NULL, NULL}};
  check_warning("a", timed, molli, "5, 1 and 1 images with a rest of 1.82 and 1.74 s before");
  check_warning("a", timed, molli, "--images 1-5 fits the first group alone");
  check_warning("a", timed, molli, "--model mollirest takes the rests into account");
  check_warning("a", timed, later, "T1 of 0.4, 0.8, 1.2 and 1.6 s");
  check_warning("a", timed, ir3, "but model ir3 takes");
  check_warning("a", timed, first, NULL);
}

/* Without a clock: groups that no other scheme has, the name, times given by hand. */
static void shmolli_is_known_by_its_groups_and_by_its_name(void **state)
{
  (void)state;
#ifndef TT1_HAVE_JANSSON
  skip();
#endif
  static const char plain[] = "{" TIMES_OF_SHMOLLI "}", none[] = "{}";
  static const char odd[] = "{\"InversionTime\": [0.1, 1.1, 2.1, 3.1, 4.1, 0.15, 0.8]}";
  static const char told[] = "{\"InversionTime\": [0.1, 1.1, 2.1, 3.1, 4.1, 0.15, 0.8], "
                             "\"SequenceName\": \"cv_shMOLLI_v2\"}";
  static const setting given[] = {{"known", "TI=0.1,1.1,2.1,3.1,4.1,0.18,0.26"}, {NULL, NULL}},
                       chosen[] = {{"images", "1-5"}, {NULL, NULL}};
  check_warning("a", plain, NULL, "(as ShMOLLI has them; the clock of the images does not say)");
  check_warning("a", none, given, "rest of 1.82 and 1.74 s");
  check_warning("a", odd, NULL, NULL);
  check_warning("a", told, NULL, "the series is called 'cv_shMOLLI_v2'");
  check_warning("sub-1_acq-ShMOLLI", odd, NULL, "is called 'sub-1_acq-ShMOLLI.nii'");
  check_warning("sub-1_acq-ShMOLLI", odd, chosen, NULL);
}

/* 5(3)2 with 2.9 and with 3.1 s of rest. */
static void three_seconds_are_enough(void **state)
{
  (void)state;
#ifndef TT1_HAVE_JANSSON
  skip();
#endif
  for (int is_long = 0; is_long < 2; is_long++) {
    char sidecar[400];
    int n = snprintf(sidecar, sizeof sidecar,
                     "{\"InversionTime\": [0.1, 1.1, 2.1, 3.1, 4.1, 0.2, 1.2], "
                     "\"AcquisitionTime\": [0.1, 1.1, 2.1, 3.1, 4.1, %s]}",
                     is_long ? "7.4, 8.4" : "7.2, 8.2");
    assert_true(n > 0 && n < (int)sizeof sidecar);
    check_warning("a", sidecar, NULL, is_long ? NULL : "a rest of 2.9 s before");
  }
}

static void groups_are_recorded(void **state)
{
  (void)state;
#ifndef TT1_HAVE_JANSSON
  skip();
#endif
  static const setting molli[] = {{"model", "molli"}, {NULL, NULL}};
  tt1_mapping_options *options = NULL;
  sandbox s = sandbox_make_in_memory();
  put_seven(&s, "a", "{" TIMES_OF_SHMOLLI ", " CLOCK_OF_SHMOLLI "}");
  tt1_mapping *m = map(&s, "a.nii", molli, &options);
  tt1_error err = {0};
  assert_int_equal(tt1_mapping_run(m, NULL, NULL, &err), TT1_OK);
  assert_int_equal(tt1_mapping_write(m, inside(&s, "out"), &err), TT1_OK);
  const char *record = tt1_mapping_record(m);
  assert_non_null(strstr(record, "\"inversions\""));
  assert_non_null(strstr(record, "AcquisitionTime less InversionTime"));
  assert_non_null(strstr(record, "with a rest of 1.82 and 1.74 s"));
  tt1_mapping_free(m);
  tt1_mapping_options_free(options);
  remove_tree(s.path);
}

/* Voxels take the first images in the order of acquisition, wherever the file has them, to the bits of a
   fit of those images alone; outside the mask and where the map is 0 nothing is fitted. */
static void voxels_take_the_images_of_a_map(void **state)
{
  (void)state;
#ifndef TT1_HAVE_JANSSON
  skip();
#endif
  static const int order[7] = {0, 5, 6, 1, 2, 3, 4}; // sorted by time
  static const char sorted[] = "{\"InversionTime\": [0.1, 0.18, 0.26, 1.1, 2.1, 3.1, 4.1]}";
  setting by_map[] = {{"images-map", NULL}, {"mask", NULL}, {NULL, NULL}},
          five[] = {{"images", "1,4-7"}, {NULL, NULL}},
          six[] = {{"images", "1,4-7,2"}, {NULL, NULL}};
  char used_path[600], mask_path[600];
  tt1_mapping_options *options[3];
  tt1_mapping *m[3];
  tt1_error err = {0};
  sandbox s = sandbox_make_in_memory();
  nifti n = nifti_make(1, 0, 16, 32, COLUMNS, ROWS, 1, 7),
        used = nifti_make(1, 0, 16, 32, COLUMNS, ROWS, 1, 1);
  for (int i = 0; i < 7; i++)
    for (int v = 0; v < VOXELS; v++)
      put_float(&n, n.offset + 4 * (size_t)(i * VOXELS + v),
                fabs(sample_of(v, order[i])) + 3.0 * ((i * 5 + v) % 4), 4);
  static const double codes[VOXELS] = {1000, 2000, 0, 1000, (double)NAN, 2000};
  for (int v = 0; v < VOXELS; v++)
    put_float(&used, used.offset + 4 * (size_t)v, codes[v], 4);
  write_bytes(inside(&s, "a.nii"), n.bytes, n.length);
  write_text(inside(&s, "a.json"), sorted);
  write_bytes(inside(&s, "used.nii"), used.bytes, used.length);
  put_map(&s, "mask.nii", 1.0, 0.0);
  snprintf(used_path, sizeof used_path, "%s", inside(&s, "used.nii"));
  snprintf(mask_path, sizeof mask_path, "%s", inside(&s, "mask.nii"));
  by_map[0].value = used_path;
  by_map[1].value = mask_path;
  m[0] = map(&s, "a.nii", by_map, &options[0]);
  m[1] = map(&s, "a.nii", five, &options[1]);
  m[2] = map(&s, "a.nii", six, &options[2]);
  assert_null(tt1_mapping_warning(m[0], 0));
  assert_non_null(find_said("6 in 2 voxels, 5 in 2 voxels", tt1_mapping_note, m[0]));
  for (int i = 0; i < 3; i++)
    assert_int_equal(tt1_mapping_run(m[i], NULL, NULL, &err), TT1_OK);
  for (int k = 0; tt1_mapping_map_at(m[0], k)->type == TT1_FLOAT32; k++) {
    const tt1_mapped *maps[3];
    for (int i = 0; i < 3; i++)
      maps[i] = tt1_mapping_map_at(m[i], k);
    for (int v = 0; v < VOXELS; v++) {
      const float *ours = (const float *)maps[0]->values + v;
      int is_fitted = codes[v] > 0.0 && v > 0;
      if (!is_fitted) assert_true(isnan(*ours) && tt1_mapping_outcome(m[0])[v] == TT1_MASKED);
      const float *alone = (const float *)maps[codes[v] > 1000.0 ? 2 : 1]->values + v;
      if (is_fitted) assert_memory_equal(ours, alone, sizeof *ours);
    }
  }
  for (int i = 0; i < 3; i++) {
    tt1_mapping_free(m[i]);
    tt1_mapping_options_free(options[i]);
  }
  remove_tree(s.path);
}

/* ---- Model mollirest ---- */

typedef struct chosen {
  const char *name, *sidecar;
  setting settings[4];
  const char *model, *note, *warning; /* a part of one, or NULL for none */
} chosen;

static void check_chosen(const chosen *c)
{
  char file[64];
  tt1_mapping_options *options = NULL;
  sandbox s = sandbox_make_in_memory();
  put_seven(&s, c->name, c->sidecar);
  snprintf(file, sizeof file, "%s.nii", c->name);
  tt1_mapping *m = map(&s, file, c->settings, &options);
  assert_string_equal(tt1_model_name(tt1_mapping_model(m)), c->model);
  if (c->note && !find_said(c->note, tt1_mapping_note, m)) fail_msg("no note: %s", c->note);
  const char *warning = tt1_mapping_warning(m, 0);
  if (!c->warning && warning) fail_msg("%s", warning);
  if (c->warning && (!warning || !strstr(warning, c->warning)))
    fail_msg("'%s' is not in: %s", c->warning, warning);
  tt1_mapping_free(m);
  tt1_mapping_options_free(options);
  remove_tree(s.path);
}

#define TIMED   "{" TIMES_OF_SHMOLLI ", " CLOCK_OF_SHMOLLI "}"
#define UNTIMED "{" TIMES_OF_SHMOLLI "}"
#define SORTED  "{\"InversionTime\": [0.1, 0.18, 0.26, 1.1, 2.1, 3.1, 4.1]}"
#define SCHEME            \
  {                       \
    "scheme", "5(1)1(1)1" \
  }
#define GIVEN                                   \
  {                                             \
    "known", "TI=0.1,1.1,2.1,3.1,4.1,0.18,0.26" \
  }

/* Only where rests are known, by the clock or from the scheme, and short for an image that is fitted; never
   by a name, or against options that are for molli. */
static void short_rests_choose_the_model(void **state)
{
  (void)state;
#ifndef TT1_HAVE_JANSSON
  skip();
#endif
  static const char by_clock[] = "rests of 1.82 and 1.74 s before further inversions, by Acqu",
                    by_scheme[] = "by --scheme 5(1)1(1)1 and 1 s from beat to beat",
                    instead[] = "model mollirest in place of molli", low[] = "comes out about";
  static const chosen rows[] = {
      {"a", TIMED, {{NULL, NULL}}, "mollirest", instead, NULL},
      {"a", TIMED, {{NULL, NULL}}, "mollirest", by_clock, NULL},
      {"a", TIMED, {{"images", "2-6"}}, "mollirest", by_clock, NULL},
      {"a", TIMED, {{"images", "1-5"}}, "molli", NULL, NULL},
      {"a", TIMED, {{"fix", "k=2"}}, "molli", NULL, low},
      {"a", TIMED, {{"solver", "varpro"}}, "molli", NULL, low},
      {"a", TIMED, {{"model", "molli"}}, "molli", NULL, low},
      {"a", TIMED, {{"like", "torch-t1"}, {"solver", "adam"}}, "molli", NULL, low},
      {"a", TIMED, {{"scheme", "5(3)1(1)1"}}, "mollirest", NULL, "--scheme 5(3)1(1)1 has other"},
      {"a", UNTIMED, {{NULL, NULL}}, "molli", NULL, low},
      {"sub-1_ShMOLLI", UNTIMED, {{NULL, NULL}}, "molli", NULL, low},
      {"a", UNTIMED, {SCHEME}, "mollirest", by_scheme, NULL},
      {"a", SORTED, {SCHEME}, "mollirest", by_scheme, NULL},
      {"a", UNTIMED, {{"scheme", "5(3)1(3)1"}}, "molli", NULL, NULL},
      {"a", UNTIMED, {{"scheme", "5(2)1(2)1"}}, "molli", NULL, "with a rest of 2.82 and 2.74 s"},
      {"a", "{}", {GIVEN, SCHEME, {"model", "mollirest"}}, "mollirest", by_scheme, NULL},
      {"a", "{}", {GIVEN, SCHEME}, "molli", NULL, "--model mollirest takes the rests"},
      {"a", "{" CLOCK_OF_SHMOLLI "}", {GIVEN, {"model", "mollirest"}}, "mollirest", by_clock, NULL},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    check_chosen(&rows[i]);
}

static void unknown_rests_are_asked_for(void **state)
{
  (void)state;
#ifndef TT1_HAVE_JANSSON
  skip();
#endif
  static const struct {
    const char *sidecar;
    setting settings[5];
    const char *part;
  } rows[] = {
      {UNTIMED, {{"model", "mollirest"}}, "such as --scheme '5(1)1(1)1', or --known rest1=number,"},
      {UNTIMED, {{"model", "mollirest"}}, "AcquisitionTime is missing or contradicts"},
      {"{\"InversionTime\": [0.1, 0.2, 0.3, 0.5, 0.7, 0.9, 1.1]}",
       {{"model", "mollirest"}},
       "show no groups of images a heart beat apart"},
      {"{}", {GIVEN, {"images", "1-6"}, {"model", "mollirest"}}, "of some of its images only"},
      {UNTIMED,
       {{"scheme", "4(1)3"}},
       "--scheme 4(1)3: the inversion times of its 7 images are not"},
      {UNTIMED,
       {{"scheme", "3(1)3"}},
       "--scheme 3(1)3: the inversion times of its 7 images are not"},
      {UNTIMED, {{"scheme", "5(1"}}, "--scheme: \"5(1\" is not a MOLLI scheme"},
      {"{\"EchoTime\": [0.01, 0.02, 0.03, 0.04, 0.05, 0.06, 0.07]}",
       {{"model", "t2"}, SCHEME},
       "--scheme 5(1)1(1)1 goes with the inversion times of all 7 images"},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    tt1_mapping_options *options = options_with(rows[i].settings);
    tt1_mapping *m = NULL;
    tt1_error err = {0};
    sandbox s = sandbox_make_in_memory();
    put_seven(&s, "a", rows[i].sidecar);
    if (create_mapping(&m, inside(&s, "a.nii"), options, &err) == TT1_OK)
      fail_msg("row %zu is not refused", i);
    if (!strstr(err.message, rows[i].part))
      fail_msg("'%s' is not in: %s", rows[i].part, err.message);
    tt1_mapping_options_free(options);
    remove_tree(s.path);
  }
}

/* Known values of one quantity as the record has them. */
static void check_values(const char *record, const char *name, const double wanted[7])
{
  char key[40];
  snprintf(key, sizeof key, "\"name\": \"%s\"", name);
  const char *at = strstr(record, key);
  if (!at) fail_msg("no %s in the record", name);
  at = strchr(strstr(at, "\"values\""), '[') + 1;
  for (int i = 0; i < 7; i++) {
    char *end;
    double value = strtod(at, &end);
    if (fabs(value - wanted[i]) > 1e-9) fail_msg("%s of image %d is %g", name, i + 1, value);
    at = end + strspn(end, ", \n");
  }
}

/* Every image has those of the groups before its own, in the order of the file; what images are fitted does
   not move them. */
static void rests_go_to_their_images(void **state)
{
  (void)state;
#ifndef TT1_HAVE_JANSSON
  skip();
#endif
  static const double last1[] = {0, 4.1, 0.18, 0, 0, 0, 0},
                      rest1[] = {1000, 1.82, 1.74, 1000, 1000, 1000, 1000},
                      last2[] = {0, 0, 4.1, 0, 0, 0, 0},
                      rest2[] = {1000, 1000, 1.82, 1000, 1000, 1000, 1000};
  static const setting told[] = {SCHEME, {NULL, NULL}};
  tt1_mapping_options *options = NULL;
  sandbox s = sandbox_make_in_memory();
  put_seven(&s, "a", SORTED);
  tt1_mapping *m = map(&s, "a.nii", told, &options);
  tt1_error err = {0};
  assert_int_equal(tt1_mapping_run(m, NULL, NULL, &err), TT1_OK);
  assert_int_equal(tt1_mapping_write(m, inside(&s, "out"), &err), TT1_OK);
  const char *record = tt1_mapping_record(m);
  check_values(record, "last1", last1);
  check_values(record, "rest1", rest1);
  check_values(record, "last2", last2);
  check_values(record, "rest2", rest2);
  assert_non_null(strstr(record, "model mollirest in place of molli"));
  assert_non_null(strstr(record, "\"source\": \"--scheme\""));
  tt1_mapping_free(m);
  tt1_mapping_options_free(options);
  remove_tree(s.path);
}

static void failing_memory_is_said(void **state)
{
  (void)state;
#ifndef TT1_HAVE_JANSSON
  skip();
#endif
  tt1_mapping_options *options = options_with(NULL);
  sandbox s = sandbox_make_in_memory();
  put_seven(&s, "a", "{" TIMES_OF_SHMOLLI ", " CLOCK_OF_SHMOLLI "}");
  tt1_status status = TT1_NO_MEMORY;
  for (long nth = 1; status != TT1_OK; nth++) {
    tt1_mapping *m = NULL;
    tt1_error err = {0};
    tt1__fail_allocation(nth);
    status = create_mapping(&m, inside(&s, "a.nii"), options, &err);
    tt1__fail_allocation(0);
    if (status != TT1_OK && status != TT1_NO_MEMORY) fail_msg("allocation %ld: %d", nth, status);
    if (status == TT1_OK) assert_string_equal(tt1_model_name(tt1_mapping_model(m)), "mollirest");
    tt1_mapping_free(m);
  }
  tt1_mapping_options_free(options);
  remove_tree(s.path);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(short_rests_are_warned_of),
      cmocka_unit_test(shmolli_is_known_by_its_groups_and_by_its_name),
      cmocka_unit_test(three_seconds_are_enough),
      cmocka_unit_test(groups_are_recorded),
      cmocka_unit_test(voxels_take_the_images_of_a_map),
      cmocka_unit_test(short_rests_choose_the_model),
      cmocka_unit_test(unknown_rests_are_asked_for),
      cmocka_unit_test(rests_go_to_their_images),
      cmocka_unit_test(failing_memory_is_said),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
