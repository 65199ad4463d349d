/* SPDX-License-Identifier: MIT
 * Compressed files: good, damaged, too small for what they promise, too large. */
#include "file/gzip.h"
#include "image_support.h"

#ifdef TT1_HAVE_ZLIB

typedef struct packed {
  unsigned char *bytes;
  size_t length;
} packed;

static packed pack(const void *head, size_t head_length, const void *body, size_t body_length)
{
  packed p = {0};
  assert_int_equal(tt1__gzip(&p.bytes, &p.length, head, head_length, body, body_length, NULL),
                   TT1_OK);
  return p;
}

static void reads_what_was_packed(void **state)
{
  (void)state;
  nifti n = nifti_series(10, 10, 5);
  packed p = pack(n.bytes, 352, n.bytes + 352, n.length - 352);
  tt1_image *image = NULL;
  assert_int_equal(parse_bytes(&image, p.bytes, p.length, NULL), TT1_OK);
  for (int i = 0; i < 500; i++)
    assert_true(tt1_image_data(image)[i] == (float)(10 * (i / 100) + i % 100));
  tt1_image_free(image);
  tt1__free(p.bytes);
}

// Bytes that cannot be compressed must still fit, and come back.
static void noise_comes_back(void **state)
{
  (void)state;
  enum { COUNT = 1000003 };
  unsigned char *noise = malloc(COUNT), *back = malloc(COUNT + 1);
  uint32_t random = 1;
  size_t got = 0;
  tt1__stream stream;
  assert_true(noise && back);
  for (int i = 0; i < COUNT; i++)
    noise[i] = (unsigned char)((random = random * 1664525u + 1013904223u) >> 24);
  packed p = pack("head", 4, noise, COUNT);
  tt1__file file = {p.bytes, p.length, 0};
  assert_int_equal(tt1__stream_open(&stream, &file, "t.gz", NULL), TT1_OK);
  assert_int_equal(tt1__stream_read(&stream, back, 4, &got, NULL), TT1_OK);
  assert_int_equal(tt1__stream_read(&stream, back, COUNT + 1, &got, NULL), TT1_OK);
  assert_int_equal(got, COUNT);
  assert_memory_equal(back, noise, COUNT);
  assert_int_equal(tt1__stream_finish(&stream, NULL), TT1_OK);
  tt1__stream_close(&stream);
  tt1__free(p.bytes);
  free(noise);
  free(back);
}

static void equal_data_give_equal_files(void **state)
{
  (void)state;
  packed a = pack("head", 4, "body", 4), b = pack("he", 2, "adbody", 6);
  static const unsigned char no_time[4] = {0};
  assert_memory_equal(a.bytes + 4, no_time, 4);
  assert_int_equal(a.length, b.length);
  assert_memory_equal(a.bytes, b.bytes, a.length);
  tt1__free(a.bytes);
  tt1__free(b.bytes);
}

static void refuses_truncated_streams(void **state)
{
  (void)state;
  nifti n = nifti_series(20, 20, 4);
  packed p = pack(n.bytes, n.length, "", 0);
  tt1_error err = {0};
  for (size_t length = 2; length < p.length; length += 1) {
    assert_int_equal(parse_bytes(NULL, p.bytes, length, &err), TT1_BAD_FILE);
    assert_non_null(strstr(err.message, "t.nii is "));
  }
  assert_int_equal(parse_bytes(NULL, p.bytes, p.length, &err), TT1_OK);
  tt1__free(p.bytes);
}

// Each byte changed in turn: refused, or the data are what they were (time stamp, system).
static void notices_damage(void **state)
{
  (void)state;
  nifti n = nifti_series(8, 8, 3);
  packed p = pack(n.bytes, n.length, "", 0);
  int refused = 0;
  for (size_t at = 2; at < p.length; at++) {
    tt1_image *image = NULL;
    tt1_error err = {0};
    p.bytes[at] ^= 0x41;
    if (parse_bytes(&image, p.bytes, p.length, &err) == TT1_OK) {
      assert_memory_equal(tt1_image_data(image), n.bytes + 352, 8 * 8 * 3 * 4);
      tt1_image_free(image);
    } else {
      assert_int_equal(err.status, TT1_BAD_FILE);
      refused++;
    }
    p.bytes[at] ^= 0x41;
  }
  assert_true(refused > (int)p.length - 12);
  tt1__free(p.bytes);
}

static tt1_status parse_with_end(const packed *p, const void *end, size_t length, tt1_error *err)
{
  unsigned char *bytes = malloc(p->length + length);
  assert_non_null(bytes);
  memcpy(bytes, p->bytes, p->length);
  memcpy(bytes + p->length, end, length);
  tt1_status status = parse_bytes(NULL, bytes, p->length + length, err);
  free(bytes);
  return status;
}

static void looks_at_what_follows_the_stream(void **state)
{
  (void)state;
  nifti n = nifti_series(8, 8, 3);
  packed p = pack(n.bytes, n.length, "", 0), first = pack(n.bytes, 400, "", 0),
         second = pack(n.bytes + 400, n.length - 400, "", 0);
  static const char zeros[512];
  tt1_error err = {0};
  assert_int_equal(parse_with_end(&p, zeros, sizeof zeros, &err), TT1_OK);
  assert_int_equal(parse_with_end(&p, "junk", 4, &err), TT1_BAD_FILE);
  check_sentence(&err, TT1_BAD_FILE, "4 bytes that are not gzip follow");
  assert_int_equal(parse_with_end(&first, second.bytes, second.length, &err), TT1_OK);
  tt1__free(p.bytes);
  tt1__free(first.bytes);
  tt1__free(second.bytes);
}

static void refuses_bombs(void **state)
{
  (void)state;
  enum { HUGE = 64 << 20 };
  nifti n = nifti_series(2, 2, 1), vast = nifti_make(2, 0, 2, 8, 1, 1, 1, 1);
  void *zeros = calloc(HUGE, 1);
  tt1_error err = {0};
  assert_non_null(zeros);
  packed bomb = pack(n.bytes, n.length, zeros, HUGE);
  free(zeros);
  assert_int_equal(parse_bytes(NULL, bomb.bytes, bomb.length, &err), TT1_BAD_FILE);
  check_sentence(&err, TT1_BAD_FILE, "beyond the images");
  // A header that promises 4 GiB in a file of some hundred bytes.
  put_whole(&vast, 24, (int64_t)1 << 32, 8);
  packed small = pack(vast.bytes, vast.length, "", 0);
  assert_int_equal(parse_bytes(NULL, small.bytes, small.length, &err), TT1_BAD_FILE);
  check_sentence(&err, TT1_BAD_FILE, "cannot hold more than");
  tt1__free(bomb.bytes);
  tt1__free(small.bytes);
}

#endif

/* Whole files in memory: all of it, what comes before a cut, and no more than the limit. */
static void gunzips_files(void **state)
{
  (void)state;
  enum { LENGTH = 300000 };
  static unsigned char text[LENGTH];
  for (size_t i = 0; i < LENGTH; i++)
    text[i] = (unsigned char)(i * i >> 7);
  for (int way = 0; way < 4; way++) {
    tt1__file f = {0};
    tt1_error err = {0};
    unsigned char head[16];
    assert_int_equal(tt1__gzip(&f.bytes, &f.length, text, LENGTH, "", 0, NULL), TT1_OK);
    f.checksum = 5;
    assert_int_equal(tt1__gunzip_some(head, sizeof head, f.bytes, f.length / 2), sizeof head);
    assert_memory_equal(head, text, sizeof head);
    if (way == 1) f.length -= 20;
    tt1_status status = tt1__gunzip(&f, way == 2 ? LENGTH - 1 : LENGTH, "f.gz", &err);
    assert_int_equal(status, way == 1 || way == 2 ? TT1_BAD_FILE : TT1_OK);
    if (way == 1) check_sentence(&err, TT1_BAD_FILE, "f.gz is truncated");
    if (way == 2) check_sentence(&err, TT1_BAD_FILE, "once decompressed");
    assert_true(way == 1 ? f.length > 1000 : f.length == (size_t)LENGTH - (way == 2));
    assert_memory_equal(f.bytes, text, f.length);
    assert_int_equal(f.checksum, 5);
    tt1__file_free(&f);
  }
  tt1__file plain = {tt1__allocate(3, 1), 3, 0};
  memcpy(plain.bytes, "abc", 3);
  assert_int_equal(tt1__gunzip(&plain, 1, "p", NULL), TT1_OK);
  assert_int_equal(plain.length, 3);
  tt1__file_free(&plain);
}

static void gunzips_or_says_out_of_memory(void **state)
{
  (void)state;
  static unsigned char text[200000];
  for (int n = 1;; n++) {
    tt1__file f = {0};
    tt1_error err = {0};
    assert_int_equal(tt1__gzip(&f.bytes, &f.length, text, sizeof text, "", 0, NULL), TT1_OK);
    tt1__fail_allocation(n);
    tt1_status status = tt1__gunzip(&f, sizeof text, "f.gz", &err);
    tt1__fail_allocation(0);
    tt1__file_free(&f);
    if (status == TT1_OK) break;
    assert_int_equal(status, TT1_NO_MEMORY);
    assert_string_equal(err.message, "out of memory");
    assert_true(n < 100);
  }
}

int main(void)
{
#ifdef TT1_HAVE_ZLIB
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(reads_what_was_packed),
      cmocka_unit_test(noise_comes_back),
      cmocka_unit_test(equal_data_give_equal_files),
      cmocka_unit_test(refuses_truncated_streams),
      cmocka_unit_test(notices_damage),
      cmocka_unit_test(looks_at_what_follows_the_stream),
      cmocka_unit_test(refuses_bombs),
      cmocka_unit_test(gunzips_files),
      cmocka_unit_test(gunzips_or_says_out_of_memory),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
#else
  unsigned char gzip[20] = {0x1F, 0x8B};
  tt1_error err = {0};
  printf("skipped: this build has no zlib\n");
  return parse_bytes(NULL, gzip, sizeof gzip, &err) == TT1_NO_DEVICE ? 0 : 1;
#endif
}
