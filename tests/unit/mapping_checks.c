/* SPDX-License-Identifier: MIT
 * What would make a wrong map in silence: images that are none, images that fit nothing, real parts
 * without their polarity, fits that came to nothing, first echoes. Each beside what is sound. */
#include "mapping_support.h"

enum { SIDE = 8, CHECKED = SIDE * SIDE };

/* The sample of image `image` in voxel `voxel` of a slice. */
typedef double (*sample_fn)(int image, int voxel, int slice);

static double noise_of(int image, int voxel) // of SD 1, about: the same each time
{
  unsigned bits = (unsigned)(voxel * 8 + image + 1) * 2654435761u;
  return 3.4 * ((double)(bits >> 8 & 0xFFFF) / 65536.0 - 0.5);
}

static double sound(int image, int voxel, int slice)
{
  (void)slice;
  return fabs(sample_of(voxel % VOXELS, image)) + noise_of(image, voxel);
}

static double is_signed_rightly(int image, int voxel, int slice)
{
  (void)slice;
  return sample_of(voxel % VOXELS, image) + noise_of(image, voxel);
}

/* Half of the voxels have the other sign, as where the phase of the coils was left in. */
static double without_polarity(int image, int voxel, int slice)
{
  return is_signed_rightly(image, voxel, slice) * (voxel % 2 ? 1 : -1);
}

static double first_is_noise(int image, int voxel, int slice)
{
  return image == 0 ? fabs(noise_of(image, voxel)) : sound(image, voxel, slice);
}

static double third_is_zero(int image, int voxel, int slice)
{
  return image == 2 ? 0 : sound(image, voxel, slice);
}

static double third_is_nan(int image, int voxel, int slice)
{
  return image == 2 ? (double)NAN : sound(image, voxel, slice);
}

static double third_is_even(int image, int voxel, int slice)
{
  return image == 2 ? 57 : sound(image, voxel, slice);
}

static double zero_in_second_slice(int image, int voxel, int slice)
{
  return image == 7 && slice == 1 ? 0 : sound(image, voxel, slice);
}

/* Slices at the end of a volume may hold nothing at all. */
static double empty_slice(int image, int voxel, int slice)
{
  return slice == 1 ? 0 : sound(image, voxel, slice);
}

static double uniform(int image, int voxel, int slice)
{
  (void)voxel;
  (void)slice;
  return fabs(sample_of(0, image));
}

static double not_finite(int image, int voxel, int slice)
{
  return image == voxel % IMAGES ? (double)INFINITY : sound(image, voxel, slice);
}

static double echoes(int image, int voxel, int slice)
{
  (void)slice;
  return (100 + voxel) * exp(-(image + 1) / 5.0) + 0.01 * noise_of(image, voxel);
}

/* Acquired two minutes apart: no train. */
#define SINGLE_ECHOES                                                 \
  "{\"EchoTime\": [0.01, 0.02, 0.03, 0.04, 0.05, 0.06, 0.07, 0.08], " \
  "\"AcquisitionTime\": [0, 120, 240, 360, 480, 600, 720, 840]}"
#define ECHOES "{\"EchoTime\": [0.01, 0.02, 0.03, 0.04, 0.05, 0.06, 0.07, 0.08]}"

static void put(const sandbox *s, sample_fn sample, int n_slices, const char *sidecar)
{
  nifti n = nifti_make(1, 0, 16, 32, SIDE, SIDE, n_slices, IMAGES);
  size_t at = n.offset;
  for (int i = 0; i < IMAGES; i++)
    for (int slice = 0; slice < n_slices; slice++)
      for (int v = 0; v < CHECKED; v++, at += 4)
        put_float(&n, at, sample(i, v, slice), 4);
  write_bytes(inside(s, "series.nii"), n.bytes, n.length);
  write_text(inside(s, "series.json"), sidecar);
}

typedef struct row {
  sample_fn sample;
  int n_slices;
  const char *sidecar;
  setting settings[3];
  const char *refused, *warned, *noted; /* what has to be said; NULL: nothing of the kind */
} row;

static const row rows[] = {
    {sound, 1, SIDECAR, {{0}}, NULL, NULL, NULL},
    {sound, 2, SIDECAR, {{0}}, NULL, NULL, NULL},
    {uniform, 1, SIDECAR, {{0}}, NULL, NULL, NULL},
    {is_signed_rightly, 1, SIDECAR, {{0}}, NULL, NULL, NULL},
    {empty_slice, 2, SIDECAR, {{0}}, NULL, NULL, NULL},
    {third_is_zero,
     1,
     SIDECAR,
     {{0}},
     "image 3 is 0, so it is no image: leave it out with --images 1-2,4-8",
     NULL,
     NULL},
    {third_is_zero, 1, SIDECAR, {{"images", "1-2,4-8"}}, NULL, NULL, NULL},
    {third_is_zero,
     1,
     SIDECAR,
     {{"images", "8,1-3"}},
     "image 3 is 0, so it is no image: leave it out with --images 8,1-2",
     NULL,
     NULL},
    {third_is_nan, 1, SIDECAR, {{0}}, "image 3 is not finite", NULL, NULL},
    {third_is_even, 1, SIDECAR, {{0}}, NULL, "image 3 is 57", NULL},
    {zero_in_second_slice, 2, SIDECAR, {{0}}, "image 8 of slice 2 is 0", NULL, NULL},
    {first_is_noise, 1, SIDECAR, {{0}}, NULL, "leave it out with --images 2-8", NULL},
    {first_is_noise, 1, SIDECAR, {{"images", "2-8"}}, NULL, NULL, NULL},
    {first_is_noise, 1, SIDECAR, {{"noise", "robust"}}, NULL, NULL, NULL},
    {without_polarity, 1, SIDECAR, {{0}}, NULL, "fitted as magnitudes", NULL},
    {without_polarity, 1, SIDECAR, {{"sign", "magnitude"}}, NULL, NULL, NULL},
    {not_finite, 1, SIDECAR, {{0}}, "no voxel could be fitted (64 not_finite)", NULL, NULL},
    {echoes, 1, ECHOES, {{"model", "t2"}}, NULL, NULL, "--images 2-8"},
    {echoes, 1, ECHOES, {{"model", "t2"}, {"images", "2-8"}}, NULL, NULL, NULL},
    {echoes, 1, SINGLE_ECHOES, {{"model", "t2"}}, NULL, NULL, NULL},
    {echoes, 1, ECHOES, {{"model", "t2star"}}, NULL, NULL, NULL},
};

static const char *find(const char *part, const char *(*sentence)(const tt1_mapping *m, int index),
                        const tt1_mapping *m)
{
  const char *text;
  for (int i = 0; (text = sentence(m, i)) != NULL; i++)
    if (!part || strstr(text, part)) return text;
  return NULL;
}

/* Whether all that is said of a row is what has to be said. */
static int is_right(const row *r, const sandbox *s)
{
  tt1_mapping *m = NULL;
  tt1_error err = {0};
  tt1_mapping_options *options = options_with(r->settings);
  tt1_status status = create_mapping(&m, inside(s, "series.nii"), options, &err);
  if (status == TT1_OK) status = tt1_mapping_run(m, NULL, NULL, &err);
  int right = r->refused ? status == TT1_BAD_FILE && strstr(err.message, r->refused) != NULL
                         : status == TT1_OK;
  const char *warning = m && !r->refused ? find(r->warned, tt1_mapping_warning, m) : NULL;
  right &= !!warning == !!r->warned;
  if (!r->refused) right &= !!find("first spin echo", tt1_mapping_note, m) == !!r->noted;
  if (right && r->noted) right = find(r->noted, tt1_mapping_note, m) != NULL;
  if (!right) print_error("%s%s\n", err.message, warning ? warning : "");
  tt1_mapping_free(m);
  tt1_mapping_options_free(options);
  return right;
}

static void what_is_wrong_is_said(void **state)
{
  (void)state;
#ifndef TT1_HAVE_JANSSON
  skip();
#endif
  int n_wrong = 0;
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    sandbox s = sandbox_make_in_memory();
    put(&s, rows[i].sample, rows[i].n_slices, rows[i].sidecar);
    if (!is_right(&rows[i], &s)) {
      print_error("row %d\n", (int)i);
      n_wrong++;
    }
    remove_tree(s.path);
  }
  assert_int_equal(n_wrong, 0);
}

/* The maps of what was stored without polarity are those of its magnitudes, to the bit; and a second run says
 * no more than the first. */
static void magnitudes_take_over(void **state)
{
  (void)state;
#ifndef TT1_HAVE_JANSSON
  skip();
#endif
  float first[CHECKED];
  sandbox s = sandbox_make_in_memory();
  put(&s, without_polarity, 1, SIDECAR);
  for (int as_magnitude = 0; as_magnitude < 2; as_magnitude++) {
    const setting settings[] = {{"sign", as_magnitude ? "magnitude" : "auto"}, {NULL, NULL}};
    tt1_mapping_options *options = options_with(settings);
    tt1_mapping *m = NULL;
    assert_int_equal(create_mapping(&m, inside(&s, "series.nii"), options, NULL), TT1_OK);
    for (int run = 0; run < 2; run++) {
      assert_int_equal(tt1_mapping_run(m, NULL, NULL, NULL), TT1_OK);
      assert_int_equal(!!tt1_mapping_warning(m, 0), !as_magnitude);
      assert_null(tt1_mapping_warning(m, 1));
    }
    if (!as_magnitude) memcpy(first, tt1_mapping_map(m, "T1map"), sizeof first);
    assert_memory_equal(first, tt1_mapping_map(m, "T1map"), sizeof first);
    for (int v = 0; v < CHECKED; v++)
      assert_true(fabs((double)first[v] - t1_of(v % VOXELS)) < 0.06);
    tt1_mapping_free(m);
    tt1_mapping_options_free(options);
  }
  remove_tree(s.path);
}

/* A model that takes more sign patterns than can be searched is fitted as signed; that its magnitudes cannot be
 * compared with is no reason to refuse. */
static void a_comparison_that_cannot_be_made_refuses_nothing(void **state)
{
  (void)state;
#ifndef TT1_HAVE_JANSSON
  skip();
#endif
  enum { MANY = 16 };
  sandbox s = sandbox_make_in_memory();
  nifti n = nifti_make(1, 0, 16, 32, SIDE, SIDE, 1, MANY);
  size_t at = n.offset;
  for (int i = 0; i < MANY; i++)
    for (int v = 0; v < CHECKED; v++, at += 4)
      put_float(&n, at, 100 * cos((20 + 0.5 * v) * (0.1 * i + 0.013 * i * i)), 4);
  write_bytes(inside(&s, "series.nii"), n.bytes, n.length);
  write_text(
      inside(&s, "series.json"),
      "{\"InversionTime\": [0, 0.113, 0.252, 0.417, 0.608, 0.825, 1.068, 1.337, 1.632, 1.953, 2.3, "
      "2.673, 3.072, 3.497, 3.948, 4.425]}");
  write_text(inside(&s, "turns.model"),
             "model turns\ntitle \"t\"\nknown t s \"time\" bids InversionTime\n"
             "find A 1 \"a\" in [0, inf) start 100\nfind w 1/s \"w\" in [1, 60] start 20 grid 400\n"
             "signal abs(A * cos(w * t))\n");
  const setting settings[] = {{"model", inside(&s, "turns.model")},
                              {"known",
                               "t=0.001,0.113,0.252,0.417,0.608,0.825,1.068,1.337,1.632,1.953,"
                               "2.3,2.673,3.072,3.497,3.948,4.425"},
                              {NULL, NULL}};
  for (int as_magnitude = 0; as_magnitude < 2; as_magnitude++) {
    tt1_error err = {0};
    tt1_mapping *m = NULL;
    tt1_mapping_options *options = options_with(settings);
    if (as_magnitude)
      assert_int_equal(tt1_mapping_options_set(options, "sign", "magnitude", NULL), TT1_OK);
    tt1_status status = create_mapping(&m, inside(&s, "series.nii"), options, &err);
    if (status == TT1_OK) status = tt1_mapping_run(m, NULL, NULL, &err);
    print_message("%s: %s\n", as_magnitude ? "magnitude" : "auto", err.message);
    assert_int_equal(status == TT1_OK, !as_magnitude); // else the test would show nothing
    tt1_mapping_free(m);
    tt1_mapping_options_free(options);
  }
  remove_tree(s.path);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_is_wrong_is_said), cmocka_unit_test(magnitudes_take_over),
      cmocka_unit_test(a_comparison_that_cannot_be_made_refuses_nothing)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
