/* SPDX-License-Identifier: MIT
 * The nth allocation fails, for all n: out of memory is said, nothing leaks
 * (run under a sanitizer), nothing is left on disk. */
#include "file/gzip.h"
#include "image_support.h"
#include "tt1_input.h"

enum { TOO_MANY = 2000 };

typedef tt1_status (*work_fn)(const sandbox *s, tt1_error *err);

/* Repeat `work` until no allocation fails any more; at least `least` must have failed. */
static void fail_each(work_fn work, const sandbox *s, int least)
{
  int n_entries = count_entries(s->path), n = 1;
  for (; n < TOO_MANY; n++) {
    tt1_error err = {0};
    tt1__fail_allocation(n);
    tt1_status status = work(s, &err);
    tt1__fail_allocation(0);
    if (status == TT1_OK) break;
    if (status != TT1_NO_MEMORY) print_error("allocation %d: %s\n", n, err.message);
    assert_int_equal(status, TT1_NO_MEMORY);
    assert_string_equal(err.message, "out of memory");
    assert_int_equal(count_entries(s->path), n_entries);
  }
  assert_true(n > least && n < TOO_MANY);
}

static tt1_status read_file(const sandbox *s, tt1_error *err)
{
  static const int wanted[] = {1, 0};
  tt1_image *image = NULL;
  tt1_status status = tt1_image_read(&image, inside(s, "m.nii.gz"), NULL, err);
  if (status != TT1_OK) {
    assert_null(image);
    return status;
  }
  status = tt1_image_select(image, wanted, 2, err);
  assert_int_equal(tt1_image_n_images(image), status == TT1_OK ? 2 : 3);
  tt1_image_free(image);
  return status;
}

static tt1_status read_set(const sandbox *s, tt1_error *err)
{
  tt1_image *image = NULL;
  tt1_status status = tt1_image_read(&image, s->path, NULL, err);
  tt1_image_free(image);
  return status;
}

static tt1_status write_folder(const sandbox *s, tt1_error *err)
{
  static const tt1_geometry g = {.size = {2, 2, 1}, .spacing = {1.0, 1.0, 1.0}};
  static const float data[4] = {1.0f, 2.0f, 3.0f, 4.0f};
  tt1_folder *folder = NULL;
  tt1_status status = tt1_folder_open(&folder, inside(s, "out"), err);
  if (status != TT1_OK) return status;
  status = tt1_folder_write_image(folder, "a.nii", &g, 1, TT1_FLOAT32, data, "x", err);
#ifdef TT1_HAVE_ZLIB
  if (status == TT1_OK)
    status = tt1_folder_write_image(folder, "a.nii.gz", &g, 1, TT1_FLOAT32, data, "x", err);
#endif
  if (status == TT1_OK) status = tt1_folder_write(folder, "b", "x", 1, err);
  if (status == TT1_OK) status = tt1_folder_commit(folder, err);
  tt1_folder_free(folder);
  return status;
}

static void write_compressed(const char *path, const nifti *n)
{
#ifdef TT1_HAVE_ZLIB
  unsigned char *bytes = NULL;
  size_t length = 0;
  assert_int_equal(tt1__gzip(&bytes, &length, n->bytes, n->length, "", 0, NULL), TT1_OK);
  write_bytes(path, bytes, length);
  tt1__free(bytes);
#else
  write_bytes(path, n->bytes, n->length);
#endif
}

static void reading_a_file(void **state)
{
  (void)state;
  sandbox s = sandbox_make();
  nifti n = nifti_series(4, 4, 3);
  write_compressed(inside(&s, "m.nii.gz"), &n);
#ifdef TT1_HAVE_JANSSON
  write_text(inside(&s, "m.json"), "{\"InversionTime\": [1, 2, 3], \"FlipAngle\": 35}");
#endif
  fail_each(read_file, &s, 5);
  remove_tree(s.path);
}

static void reading_a_set(void **state)
{
  (void)state;
  sandbox s = sandbox_make();
  nifti n = nifti_series(4, 4, 1);
  for (int i = 1; i <= 20; i++) {
    char name[64];
    snprintf(name, sizeof name, "a_inv-%d_IRT1.nii", i);
    write_bytes(inside(&s, name), n.bytes, n.length);
#ifdef TT1_HAVE_JANSSON
    snprintf(name, sizeof name, "a_inv-%d_IRT1.json", i);
    write_text(inside(&s, name), "{\"InversionTime\": 1, \"FlipAngle\": 35}");
#endif
  }
  fail_each(read_set, &s, 40);
  remove_tree(s.path);
}

/* A magnitude and a phase, and complex images of one time each. */
static void reading_parts(void **state)
{
  (void)state;
  sandbox s = sandbox_make();
  nifti n = nifti_series(2, 2, 3);
  write_bytes(inside(&s, "m.nii"), n.bytes, n.length);
  write_bytes(inside(&s, "m_ph.nii"), n.bytes, n.length);
#ifdef TT1_HAVE_JANSSON
  write_text(inside(&s, "m.json"), "{\"InversionTime\": [1, 2, 3], \"FlipAngle\": 35}");
#endif
  fail_each(read_set, &s, 20);
  remove_tree(s.path);
  s = sandbox_make();
  n = nifti_make(1, 0, 32, 64, 2, 2, 1, 1);
  for (int i = 1; i <= 3; i++) {
    char name[64];
    snprintf(name, sizeof name, "a_inv-%d_IRT1.nii", i);
    write_bytes(inside(&s, name), n.bytes, n.length);
  }
  fail_each(read_set, &s, 20);
  remove_tree(s.path);
}

static tt1_status read_given(const sandbox *s, tt1_error *err)
{
  const char *paths[4];
  tt1_study *study = NULL;
  tt1_image *image = NULL;
  for (int i = 0; i < 4; i++) {
    char name[32];
    snprintf(name, sizeof name, "%c%s.nii", "ab"[i % 2], i < 2 ? "" : "_imag");
    paths[i] = inside(s, i < 2 ? i ? "b_real.nii" : "a_real.nii" : name);
  }
  tt1_status status = tt1_study_open_all(&study, paths, 4, NULL, err);
  if (status == TT1_OK) status = tt1_study_read(&image, study, 0, err);
  if (status == TT1_OK) assert_non_null(tt1_image_phase(image));
  tt1_image_free(image);
  tt1_study_free(study);
  return status;
}

static void reading_files_that_are_given(void **state)
{
  (void)state;
  sandbox s = sandbox_make();
  nifti n = nifti_series(2, 2, 1);
  const char *names[] = {"a_real.nii", "b_real.nii", "a_imag.nii", "b_imag.nii"};
  for (int i = 0; i < 4; i++)
    write_bytes(inside(&s, names[i]), n.bytes, n.length);
  fail_each(read_given, &s, 20);
  remove_tree(s.path);
}

static void writing_a_folder(void **state)
{
  (void)state;
  sandbox s = sandbox_make();
  fail_each(write_folder, &s, 8);
  assert_int_equal(count_entries(s.path), 1);
  remove_tree(s.path);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(reading_a_file),   cmocka_unit_test(reading_a_set),
      cmocka_unit_test(reading_parts),    cmocka_unit_test(reading_files_that_are_given),
      cmocka_unit_test(writing_a_folder),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
