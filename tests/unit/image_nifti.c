/* SPDX-License-Identifier: MIT
 * NIfTI files of every kind, and damaged in every way. */
#include "image_support.h"

typedef struct type_row {
  int code, bits;
  const char *name;
} type_row;

static const type_row types[] = {{2, 8, "uint8"},     {256, 8, "int8"},     {4, 16, "int16"},
                                 {512, 16, "uint16"}, {8, 32, "int32"},     {768, 32, "uint32"},
                                 {1024, 64, "int64"}, {1280, 64, "uint64"}, {16, 32, "float32"},
                                 {64, 64, "float64"}};

static void put_voxel(nifti *n, const type_row *type, size_t index, int value)
{
  size_t size = (size_t)type->bits / 8, at = n->offset + index * size;
  if (type->code == 16 || type->code == 64)
    put_float(n, at, value + 0.5, size);
  else if (size == 1)
    n->bytes[at] = (unsigned char)value;
  else
    put_whole(n, at, value, size);
}

static void check_type(const type_row *type, int version, int is_swapped)
{
  enum { COUNT = 3 * 2 * 2 * 4 };
  nifti n = nifti_make(version, is_swapped, type->code, type->bits, 3, 2, 2, 4);
  tt1_image *image = NULL;
  tt1_error err = {0};
  int is_unsigned = type->name[0] == 'u';
  for (int i = 0; i < COUNT; i++)
    put_voxel(&n, type, (size_t)i, is_unsigned ? i + 200 : i - 20);
  assert_int_equal(parse_bytes(&image, n.bytes, n.length, &err), TT1_OK);
  assert_string_equal(tt1_image_stored_type(image), type->name);
  assert_string_equal(tt1_image_format(image), version == 1 ? "NIfTI-1" : "NIfTI-2");
  assert_int_equal(tt1_image_n_images(image), 4);
  assert_int_equal(tt1_image_n_voxels(image), 12);
  for (int i = 0; i < COUNT; i++) {
    float half = type->code == 16 || type->code == 64 ? 0.5f : 0.0f;
    assert_true(tt1_image_data(image)[i] == (float)(is_unsigned ? i + 200 : i - 20) + half);
  }
  assert_true(tt1_image_geometry(image)->spacing[1] == 1.5);
  tt1_image_free(image);
}

static void reads_every_type_version_and_byte_order(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof types / sizeof *types; i++)
    for (int version = 1; version <= 2; version++)
      for (int is_swapped = 0; is_swapped <= 1; is_swapped++)
        check_type(&types[i], version, is_swapped);
}

/* The largest or smallest value of a type, which tells signed from unsigned and wide from narrow. */
typedef struct extreme {
  int code, bits;
  int64_t stored;
  float value;
} extreme;

static void keeps_extreme_values(void **state)
{
  (void)state;
  static const extreme rows[] = {
      {2, 8, 255, 255.0f},
      {256, 8, -128, -128.0f},
      {4, 16, -32768, -32768.0f},
      {512, 16, 65535, 65535.0f},
      {8, 32, INT32_MIN, -0x1p31f},
      {768, 32, 0xFFFFFFFF, 0x1p32f},
      {1024, 64, INT64_MIN, -0x1p63f},
      {1280, 64, -1, 0x1p64f},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    for (int is_swapped = 0; is_swapped <= 1; is_swapped++) {
      nifti n = nifti_make(1, is_swapped, rows[i].code, rows[i].bits, 1, 1, 1, 1);
      tt1_image *image = NULL;
      if (rows[i].bits == 8)
        n.bytes[n.offset] = (unsigned char)rows[i].stored;
      else
        put_whole(&n, n.offset, rows[i].stored, (size_t)rows[i].bits / 8);
      assert_int_equal(parse_bytes(&image, n.bytes, n.length, NULL), TT1_OK);
      assert_true(tt1_image_data(image)[0] == rows[i].value);
      tt1_image_free(image);
    }
}

static void refuses_truncated_files(void **state)
{
  (void)state;
  for (int version = 1; version <= 2; version++) {
    nifti n = nifti_make(version, 0, 64, 64, 10, 10, 1, 5);
    tt1_error err = {0};
    for (size_t length = 0; length < n.length; length += length < n.offset ? 1 : 100) {
      err.status = TT1_OK;
      assert_int_equal(parse_bytes(NULL, n.bytes, length, &err), TT1_BAD_FILE);
      check_sentence(&err, TT1_BAD_FILE, "t.nii is ");
    }
    assert_int_equal(parse_bytes(NULL, n.bytes, n.length - 1, &err), TT1_BAD_FILE);
    assert_int_equal(parse_bytes(NULL, n.bytes, n.length, &err), TT1_OK);
  }
}

/* One field of a good header set to something wrong. */
typedef struct wrong {
  int version;
  size_t at, size; /* size 1: a byte; negative reals are written by `real` */
  int64_t whole;
  double real;
  int is_real;
  const char *sentence;
} wrong;

// clang-format off
static const wrong wrongs[] = {
  {1, 40, 2, 0, 0, 0, "has 0 dimensions"},
  {1, 40, 2, -1, 0, 0, "has -1 dimensions"},
  {1, 40, 2, 8, 0, 0, "has 8 dimensions"},
  {2, 16, 8, INT64_MIN, 0, 0, "dimensions"},
  {1, 42, 2, 0, 0, 0, "a size of 0 in dimension 1"},
  {1, 44, 2, -3, 0, 0, "a size of -3 in dimension 2"},
  {2, 40, 8, INT64_MIN, 0, 0, "in dimension 3"},
  {1, 42, 2, 32767, 0, 0, "is truncated"},
  {2, 24, 8, (int64_t)1 << 31, 0, 0, "more than 4294967296 voxels"},
  {2, 24, 8, INT64_MAX, 0, 0, "more than 4294967296 voxels"},
  {1, 48, 2, 5000, 0, 0, "has 5000 images in its header, the limit is 4096"},
  {2, 48, 8, INT64_MAX, 0, 0, "the limit is 4096"},
  {1, 70, 2, 32, 0, 0, "has 32 bits per voxel in its header, its datatype complex64 has 64"},
  {1, 70, 2, 2048, 0, 0, "holds complex256 voxels"},
  {1, 70, 2, 128, 0, 0, "holds RGB colour voxels"},
  {1, 70, 2, 1536, 0, 0, "holds float128 voxels"},
  {1, 70, 2, 3, 0, 0, "unknown datatype 3"},
  {2, 12, 2, -7, 0, 0, "unknown datatype -7"},
  {1, 72, 2, 16, 0, 0, "has 16 bits per voxel in its header, its datatype float32 has 32"},
  {1, 108, 4, 0, 0.0, 1, "begin at byte 0"},
  {1, 108, 4, 0, -352.0, 1, "begin at byte -352"},
  {1, 108, 4, 0, 347.0, 1, "begin at byte 347"},
  {1, 108, 4, 0, 352.5, 1, "begin at byte 352.5"},
  {1, 108, 4, 0, (double)NAN, 1, "begin at byte"},
  {1, 108, 4, 0, 1e30, 1, "begin at byte"},
  {1, 108, 4, 0, 100000.0, 1, "is truncated"},
  {2, 168, 8, 539, 0, 0, "begin at byte 539"},
  {2, 168, 8, INT64_MAX, 0, 0, "begin at byte"},
  {2, 168, 8, (int64_t)1 << 50, 0, 0, "is truncated"},
  {1, 112, 4, 0, (double)INFINITY, 1, "scale factor"},
  {1, 80, 4, 0, (double)NAN, 1, "voxel size or orientation"},
  {1, 280, 4, 0, (double)INFINITY, 1, "voxel size or orientation"},
  {2, 352, 8, 0, (double)NAN, 1, "voxel size or orientation"},
  {1, 0, 4, 349, 0, 0, "is not a NIfTI file"},
  {1, 344, 2, 0x696E, 0, 0, "is the header of a .hdr/.img pair"},
  {1, 344, 4, 0, 0, 0, "ANALYZE"},
  {1, 344, 4, 0x41414141, 0, 0, "its signature is neither"},
  {2, 8, 2, 0x0A0A, 0, 0, "line ends"},
};
// clang-format on

static void refuses_wrong_headers(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof wrongs / sizeof *wrongs; i++) {
    const wrong *w = &wrongs[i];
    nifti n = nifti_make(w->version, 0, 16, 32, 3, 2, 2, 4);
    tt1_error err = {0};
    if (w->is_real)
      put_float(&n, w->at, w->real, w->size);
    else
      put_whole(&n, w->at, w->whole, w->size);
    assert_int_equal(parse_bytes(NULL, n.bytes, n.length, &err), TT1_BAD_FILE);
    check_sentence(&err, TT1_BAD_FILE, w->sentence);
    check_sentence(&err, TT1_BAD_FILE, "t.nii ");
  }
}

/* Four values, one in each quadrant, two images. */
static const double corners[4][2] = {{3, 4}, {-3, 4}, {-3, -4}, {3, -4}};

static nifti complex_series(int version, int is_swapped, int datatype, double slope)
{
  size_t part = datatype == 32 ? 4 : 8;
  nifti n = nifti_make(version, is_swapped, datatype, (int)part * 16, 2, 1, 1, 2);
  put_float(&n, version == 1 ? 112 : 176, slope, version == 1 ? 4 : 8);
  for (size_t i = 0; i < 4; i++)
    for (size_t p = 0; p < 2; p++)
      put_float(&n, n.offset + (2 * i + p) * part, corners[i][p], part);
  return n;
}

static void reads_complex_voxels_as_magnitude_and_phase(void **state)
{
  (void)state;
  for (int i = 0; i < 16; i++) {
    double slope = i & 8 ? -0.5 : 0.0;
    nifti n = complex_series(1 + (i & 1), i & 2, i & 4 ? 1792 : 32, slope);
    tt1_image *image = NULL;
    assert_int_equal(parse_bytes(&image, n.bytes, n.length, NULL), TT1_OK);
    assert_non_null(tt1_image_phase(image));
    assert_string_equal(tt1_image_stored_type(image), i & 4 ? "complex128" : "complex64");
    for (int v = 0; v < 4; v++) {
      double factor = slope < 0 ? slope : 1.0;
      assert_true(tt1_image_data(image)[v] == (float)(5 * fabs(factor)));
      assert_true(tt1_image_phase(image)[v] ==
                  (float)atan2(factor * corners[v][1], factor * corners[v][0]));
    }
    tt1_image_free(image);
    assert_int_equal(parse_bytes(NULL, n.bytes, n.length - 1, NULL), TT1_BAD_FILE);
  }
}

static void refuses_complex_voxels_without_meaning(void **state)
{
  (void)state;
  tt1_error err = {0};
  nifti n = complex_series(1, 0, 32, 2.0);
  put_float(&n, 116, 1.0, 4);
  assert_int_equal(parse_bytes(NULL, n.bytes, n.length, &err), TT1_BAD_FILE);
  check_sentence(&err, TT1_BAD_FILE, "t.nii holds complex voxels with an intercept of 1");
  n = complex_series(1, 0, 1792, 1.0);
  put_float(&n, n.offset + 24, 1e200, 8);
  assert_int_equal(parse_bytes(NULL, n.bytes, n.length, &err), TT1_BAD_FILE);
  check_sentence(&err, TT1_BAD_FILE, "a value at voxel 1 that is too large");
  n = complex_series(1, 0, 1792, 1.0);
  put_float(&n, n.offset + 24, (double)NAN, 8);
  tt1_image *image = NULL;
  assert_int_equal(parse_bytes(&image, n.bytes, n.length, NULL), TT1_OK);
  assert_true(isnan(tt1_image_data(image)[1]));
  tt1_image_free(image);
}

static void refuses_a_fifth_dimension(void **state)
{
  (void)state;
  tt1_error err = {0};
  nifti n = nifti_make(1, 0, 16, 32, 3, 2, 2, 4);
  put_whole(&n, 40, 5, 2);
  assert_int_equal(parse_bytes(NULL, n.bytes, n.length, &err), TT1_OK);
  put_whole(&n, 50, 3, 2);
  assert_int_equal(parse_bytes(NULL, n.bytes, n.length, &err), TT1_BAD_FILE);
  check_sentence(&err, TT1_BAD_FILE, "a size of 3 in dimension 5");
}

static float first_voxel(double slope, double intercept)
{
  nifti n = nifti_make(1, 0, 4, 16, 1, 1, 1, 1);
  tt1_image *image = NULL;
  put_whole(&n, n.offset, 100, 2);
  put_float(&n, 112, slope, 4);
  put_float(&n, 116, intercept, 4);
  assert_int_equal(parse_bytes(&image, n.bytes, n.length, NULL), TT1_OK);
  float value = tt1_image_data(image)[0];
  tt1_image_free(image);
  return value;
}

static void applies_scaling(void **state)
{
  (void)state;
  assert_true(first_voxel(2.0, -1.0) == 199.0f);
  assert_true(first_voxel(0.0, 7.0) == 100.0f);
  assert_true(first_voxel((double)NAN, 7.0) == 100.0f);
  assert_true(first_voxel((double)NAN, (double)NAN) == 100.0f);
  nifti n = nifti_make(1, 0, 4, 16, 1, 1, 1, 1);
  tt1_error err = {0};
  put_float(&n, 112, 1.0, 4);
  put_float(&n, 116, (double)NAN, 4);
  assert_int_equal(parse_bytes(NULL, n.bytes, n.length, &err), TT1_BAD_FILE);
  check_sentence(&err, TT1_BAD_FILE, "scale factor or intercept");
}

static void keeps_nan_and_refuses_what_no_float_holds(void **state)
{
  (void)state;
  tt1_error err = {0};
  tt1_image *image = NULL;
  nifti n = nifti_make(1, 0, 64, 64, 3, 1, 1, 1);
  put_float(&n, n.offset, (double)NAN, 8);
  put_float(&n, n.offset + 8, (double)INFINITY, 8);
  assert_int_equal(parse_bytes(&image, n.bytes, n.length, &err), TT1_OK);
  assert_true(isnan(tt1_image_data(image)[0]) && isinf(tt1_image_data(image)[1]));
  tt1_image_free(image);
  put_float(&n, n.offset + 16, -1e300, 8);
  assert_int_equal(parse_bytes(NULL, n.bytes, n.length, &err), TT1_BAD_FILE);
  check_sentence(&err, TT1_BAD_FILE, "at voxel 2 that is too large");
}

static void turns_units_into_millimetres(void **state)
{
  (void)state;
  tt1_image *image = NULL;
  nifti n = nifti_make(1, 0, 16, 32, 1, 1, 1, 1);
  n.bytes[123] = 3 | 8; // micrometre, seconds
  put_float(&n, 80, -1500.0, 4);
  put_float(&n, 292, 250000.0, 4); // srow_x[3]
  assert_int_equal(parse_bytes(&image, n.bytes, n.length, NULL), TT1_OK);
  assert_true(fabs(tt1_image_geometry(image)->spacing[0] - 1.5) < 1e-12);
  assert_true(fabs(tt1_image_geometry(image)->srow[0][3] - 250.0) < 1e-9);
  tt1_image_free(image);
}

static void allows_little_after_the_voxels(void **state)
{
  (void)state;
  enum { MUCH = 200000 };
  nifti n = nifti_series(2, 2, 2);
  unsigned char *bytes = calloc(MUCH, 1);
  tt1_error err = {0};
  assert_non_null(bytes);
  memcpy(bytes, n.bytes, n.length);
  assert_int_equal(parse_bytes(NULL, bytes, n.length + 100, &err), TT1_OK);
  assert_int_equal(parse_bytes(NULL, bytes, MUCH, &err), TT1_BAD_FILE);
  check_sentence(&err, TT1_BAD_FILE, "beyond the images that its header describes");
  free(bytes);
}

static void refuses_other_formats(void **state)
{
  (void)state;
  unsigned char dicom[300] = {0};
  tt1_error err = {0};
  memcpy(dicom + 128, "DICM", 4);
  assert_int_equal(parse_bytes(NULL, dicom, sizeof dicom, &err), TT1_BAD_FILE);
  check_sentence(&err, TT1_BAD_FILE, "is a DICOM file");
  assert_int_equal(parse_bytes(NULL, "hello, this is text", 19, &err), TT1_BAD_FILE);
  check_sentence(&err, TT1_BAD_FILE, "is not a NIfTI file");
  assert_int_equal(parse_bytes(NULL, "", 0, &err), TT1_BAD_FILE);
  check_sentence(&err, TT1_BAD_FILE, "too short");
}

// Any bytes in the header: never a crash, and every refusal is one sentence.
static void survives_random_headers(void **state)
{
  (void)state;
  uint32_t random = 12345;
  for (int round = 0; round < 40000; round++) {
    nifti n = nifti_make(1 + round % 2, round / 2 % 2, 16, 32, 3, 2, 2, 4);
    tt1_error err = {0};
    for (int change = 0; change < 1 + round % 4; change++) {
      random = random * 1664525u + 1013904223u;
      n.bytes[(random >> 8) % n.offset] = (unsigned char)(random >> 24);
    }
    if (parse_bytes(NULL, n.bytes, n.length, &err) == TT1_OK) continue;
    assert_true(err.message[0] != '\0' && !strchr(err.message, '\n'));
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(reads_every_type_version_and_byte_order),
      cmocka_unit_test(keeps_extreme_values),
      cmocka_unit_test(refuses_truncated_files),
      cmocka_unit_test(refuses_wrong_headers),
      cmocka_unit_test(reads_complex_voxels_as_magnitude_and_phase),
      cmocka_unit_test(refuses_complex_voxels_without_meaning),
      cmocka_unit_test(refuses_a_fifth_dimension),
      cmocka_unit_test(applies_scaling),
      cmocka_unit_test(keeps_nan_and_refuses_what_no_float_holds),
      cmocka_unit_test(turns_units_into_millimetres),
      cmocka_unit_test(allows_little_after_the_voxels),
      cmocka_unit_test(refuses_other_formats),
      cmocka_unit_test(survives_random_headers),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
