/* SPDX-License-Identifier: MIT
 * .npz files: what is written is read back, NumPy's own variants are read, and
 * damaged or hostile files are refused with one sentence. */
#include <stdio.h>

#include "network_support.h"

enum { LONGEST = 4096 };

/* ---- A small writer of archives that need not be right ---- */

typedef struct bytes {
  unsigned char at[LONGEST];
  size_t length;
} bytes;

static void put(bytes *b, const void *data, size_t length)
{
  assert_true(b->length + length <= LONGEST);
  memcpy(b->at + b->length, data, length);
  b->length += length;
}

static void put_number(bytes *b, uint32_t value, int width)
{
  for (int i = 0; i < width; i++, value >>= 8)
    put(b, &(unsigned char){(unsigned char)(value & 255)}, 1);
}

/* A .npy of four numbers 1, 2, 3, 4 unless `numbers` are given. */
static bytes npy(int version, const char *dictionary, const void *numbers, size_t length)
{
  bytes b = {.length = 0};
  put(&b, "\x93NUMPY", 6);
  put_number(&b, (uint32_t)version, 1);
  put_number(&b, 0, 1);
  put_number(&b, (uint32_t)strlen(dictionary), version == 1 ? 2 : 4);
  put(&b, dictionary, strlen(dictionary));
  put(&b, numbers, length);
  return b;
}

typedef struct archive {
  bytes file;
  size_t central, end; /* where the directory and its end lie */
} archive;

/* One stored array in an archive as NumPy makes it: lengths of 64 bits in the local header. */
static archive zip(const char *name, const bytes *content)
{
  archive a = {.file = {.length = 0}};
  uint32_t crc = tt1__checksum(content->at, content->length), n = (uint32_t)strlen(name);
  put_number(&a.file, 0x04034b50, 4);
  put_number(&a.file, 45, 2);
  put_number(&a.file, 0, 8);
  put_number(&a.file, crc, 4);
  put_number(&a.file, 0xFFFFFFFF, 4);
  put_number(&a.file, 0xFFFFFFFF, 4);
  put_number(&a.file, n, 2);
  put_number(&a.file, 20, 2);
  put(&a.file, name, n);
  put_number(&a.file, 1, 2);
  put_number(&a.file, 16, 2);
  for (int i = 0; i < 2; i++) {
    put_number(&a.file, (uint32_t)content->length, 4);
    put_number(&a.file, 0, 4);
  }
  put(&a.file, content->at, content->length);
  a.central = a.file.length;
  put_number(&a.file, 0x02014b50, 4);
  put_number(&a.file, 45, 4);
  put_number(&a.file, 0, 4);
  put_number(&a.file, 0, 4);
  put_number(&a.file, crc, 4);
  put_number(&a.file, (uint32_t)content->length, 4);
  put_number(&a.file, (uint32_t)content->length, 4);
  put_number(&a.file, n, 2);
  for (int i = 0; i < 4; i++)
    put_number(&a.file, 0, 4);
  put(&a.file, name, n);
  a.end = a.file.length;
  put_number(&a.file, 0x06054b50, 4);
  put_number(&a.file, 0, 4);
  put_number(&a.file, 1, 2);
  put_number(&a.file, 1, 2);
  put_number(&a.file, (uint32_t)(a.end - a.central), 4);
  put_number(&a.file, (uint32_t)a.central, 4);
  put_number(&a.file, 0, 2);
  return a;
}

/* Read the first array; the bytes lie in a block of exactly their length, for the sanitizers. */
static tt1_status read_first(tt1__array *array, const unsigned char *at, size_t length,
                             tt1_error *err)
{
  tt1__zip npz;
  tt1__file file = {malloc(length ? length : 1), length, 0};
  assert_non_null(file.bytes);
  memcpy(file.bytes, at, length);
  tt1_status status = tt1__npz_open(&npz, &file, "a.npz", err);
  if (status == TT1_OK && npz.n_members == 0)
    status = TT1_BAD_FILE;
  else if (status == TT1_OK)
    status = tt1__npz_read(array, &npz, 0, err);
  tt1__zip_close(&npz);
  free(file.bytes);
  return status;
}

static const float FOUR[] = {1.0F, 2.0F, 3.0F, 4.0F};
static const char PLAIN[] = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2), }\n";

static void check_array(const char *dictionary, int version, const void *numbers, size_t length,
                        int n_dimensions, const double *expected, int count)
{
  tt1__array a = {0};
  tt1_error err = {0};
  bytes content = npy(version, dictionary, numbers, length);
  archive z = zip("x.npy", &content);
  if (read_first(&a, z.file.at, z.file.length, &err) != TT1_OK) fail_msg("%s", err.message);
  assert_int_equal(a.n_dimensions, n_dimensions);
  assert_int_equal(a.count, count);
  for (int i = 0; i < count; i++)
    assert_true(a.values[i] == expected[i]);
  tt1__free(a.values);
}

static void numpys_variants_are_read(void **state)
{
  (void)state;
  static const double rows[] = {1, 2, 3, 4}, columns[] = {1, 3, 2, 4}, wide[] = {0.1, -2};
  check_array(PLAIN, 1, FOUR, 16, 2, rows, 4);
  check_array(PLAIN, 2, FOUR, 16, 2, rows, 4);
  check_array(PLAIN, 3, FOUR, 16, 2, rows, 4);
  check_array("{'descr': '<f4', 'fortran_order': True, 'shape': (2, 2), }   \n", 1, FOUR, 16, 2,
              columns, 4);
  check_array("{\"shape\":(2,),\"descr\":\"<f8\",\"fortran_order\":False}", 1, wide, 16, 1, wide,
              2);
  check_array("{'descr': '<f4', 'fortran_order': False, 'shape': ()}", 1, FOUR, 4, 0, rows, 1);
  check_array("{'descr': '<f4', 'fortran_order': False, 'shape': (0, 7)}", 1, FOUR, 0, 2, rows, 0);
}

static void check_refused(const archive *z, const char *expected)
{
  tt1__array a = {0};
  tt1_error err = {0};
  assert_int_equal(read_first(&a, z->file.at, z->file.length, &err), TT1_BAD_FILE);
  if (!strstr(err.message, expected) || strncmp(err.message, "a.npz", 5) != 0)
    fail_msg("'%s' does not hold '%s'", err.message, expected);
  assert_null(strchr(err.message, '\n'));
  assert_null(a.values);
}

static void wrong_headers_are_refused(void **state)
{
  (void)state;
  static const struct {
    const char *dictionary, *message;
  } wrongs[] = {
      {"{'descr': '>f4', 'fortran_order': False, 'shape': (2, 2)}", "another type"},
      {"{'descr': '|O', 'fortran_order': False, 'shape': (2, 2)}", "another type"},
      {"{'descr': '<f4', 'fortran_order': 0, 'shape': (2, 2)}", "no readable header"},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': (2, -2)}", "no readable header"},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': (2 2)}", "no readable header"},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': (1, 1, 1, 2, 2)}", "no readable header"},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': (99999999, 99999999)}", "no readable"},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': (9999999999999999999999)}",
       "no readable"},
      {"{'descr': '<f4', 'fortran_order': False}", "no readable header"},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2)", "no readable header"},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2)} + 1", "no readable header"},
      {"{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (4,)}", "no readable"},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3)}",
       "16 bytes of numbers, expected 24"},
      {"", "no readable header"}};
  for (size_t i = 0; i < sizeof wrongs / sizeof *wrongs; i++) {
    bytes content = npy(1, wrongs[i].dictionary, FOUR, sizeof FOUR);
    archive z = zip("x.npy", &content);
    check_refused(&z, wrongs[i].message);
  }
  bytes content = npy(4, PLAIN, FOUR, sizeof FOUR);
  archive z = zip("x.npy", &content);
  check_refused(&z, "version 1 to 3");
  content = npy(1, PLAIN, FOUR, sizeof FOUR);
  content.at[9] = 0xFF;
  z = zip("x.npy", &content);
  check_refused(&z, "has a header of");
}

static void wrong_archives_are_refused(void **state)
{
  (void)state;
  static const struct {
    size_t at; /* from the directory */
    uint32_t value;
    int width;
    const char *message;
  } wrongs[] = {{0, 0, 4, "directory is cut"},      {8, 1, 2, "encrypted"},
                {10, 12, 2, "method 12"},           {16, 0, 4, "check-sum"},
                {20, 7, 4, "cannot hold"},          {24, 0xFFFFFFFE, 4, "the limit is"},
                {28, 60000, 2, "directory is cut"}, {24, 0xFFFFFFFF, 4, "zip64"},
                {30, 9, 2, "directory is cut"},     {42, 0xFFFFFFF0, 4, "does not lie in the file"},
                {42, 3, 4, "does not lie in"},      {20, 0x7FFFFFFF, 4, "cannot hold"}};
  bytes content = npy(1, PLAIN, FOUR, sizeof FOUR);
  archive good = zip("x.npy", &content);
  for (size_t i = 0; i < sizeof wrongs / sizeof *wrongs; i++) {
    archive z = good;
    for (int j = 0; j < wrongs[i].width; j++)
      z.file.at[z.central + wrongs[i].at + (size_t)j] = (wrongs[i].value >> (8 * j)) & 255;
    check_refused(&z, wrongs[i].message);
  }
  archive z = good;
  z.file.at[z.end] = 0;
  check_refused(&z, "has no zip directory");
  z = good;
  z.file.at[z.end + 16] = 0xFF;
  check_refused(&z, "zip directory lies at");
}

static void cut_files_are_refused(void **state)
{
  (void)state;
  bytes content = npy(1, PLAIN, FOUR, sizeof FOUR);
  archive z = zip("x.npy", &content);
  for (size_t length = 0; length < z.file.length; length++) {
    tt1__array a = {0};
    tt1_error err = {0};
    assert_int_equal(read_first(&a, z.file.at, length, &err), TT1_BAD_FILE);
    assert_true(err.message[0] != '\0');
  }
}

/* Any one byte may be wrong: the answer is an error or an array, never harm. */
static void flipped_bytes_do_no_harm(void **state)
{
  (void)state;
  bytes content = npy(1, PLAIN, FOUR, sizeof FOUR);
  archive good = zip("x.npy", &content);
  for (size_t at = 0; at < good.file.length; at++)
    for (int value = 0; value < 256; value += 17) {
      archive z = good;
      tt1__array a = {0};
      z.file.at[at] = (unsigned char)value;
      if (read_first(&a, z.file.at, z.file.length, NULL) == TT1_OK) tt1__free(a.values);
    }
}

static void what_is_written_is_read_back(void **state)
{
  (void)state;
  tt1_error err = {0};
  double repeated[1000];
  const int64_t size[2] = {20, 50}, four = 4;
  for (int i = 0; i < 1000; i++)
    repeated[i] = i % 7 - 0.1;
  tt1__zip_writer writer = {0};
  assert_int_equal(tt1__npz_add(&writer, "a.b", TT1_FLOAT64, repeated, 2, size, &err), TT1_OK);
  assert_int_equal(tt1__npz_add(&writer, "c", TT1_FLOAT32, FOUR, 1, &four, &err), TT1_OK);
  assert_int_equal(tt1__zip_finish(&writer, &err), TT1_OK);
#ifdef TT1_HAVE_ZLIB
  assert_true(writer.body.length < 2000);
#endif
  tt1__zip npz;
  tt1__file file = {(unsigned char *)writer.body.bytes, writer.body.length, 0};
  assert_int_equal(tt1__npz_open(&npz, &file, "a.npz", &err), TT1_OK);
  assert_int_equal(npz.n_members, 2);
  assert_int_equal(tt1__npz_find(&npz, "a.b"), 0);
  assert_int_equal(tt1__npz_find(&npz, "b"), 0);
  assert_int_equal(tt1__npz_find(&npz, "c"), 1);
  assert_int_equal(tt1__npz_find(&npz, "a"), -1);
  tt1__array a = {0}, c = {0};
  assert_int_equal(tt1__npz_read(&a, &npz, 0, &err), TT1_OK);
  assert_int_equal(tt1__npz_read(&c, &npz, 1, &err), TT1_OK);
  assert_int_equal(a.size[0], 20);
  assert_int_equal(a.size[1], 50);
  assert_memory_equal(a.values, repeated, sizeof repeated);
  for (int i = 0; i < 4; i++)
    assert_true(c.values[i] == (double)FOUR[i]);
  tt1__free(a.values);
  tt1__free(c.values);
  tt1__zip_close(&npz);
  tt1__zip_free(&writer);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(numpys_variants_are_read),   cmocka_unit_test(wrong_headers_are_refused),
      cmocka_unit_test(wrong_archives_are_refused), cmocka_unit_test(cut_files_are_refused),
      cmocka_unit_test(flipped_bytes_do_no_harm),   cmocka_unit_test(what_is_written_is_read_back),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
