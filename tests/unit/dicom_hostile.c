/* SPDX-License-Identifier: MIT
 * DICOM files that are damaged, incomplete or meant to harm: one sentence each. */
#include "dicom_support.h"
#include "file/file.h"
#include "tt1_input.h"

#ifdef TT1_HAVE_ZLIB
#  include <zlib.h>
#endif

static const char *const four[] = {"100", "1100", "2100", "180"};

/* Put other bytes in place of a.dcm of a sound series, and read. */
static void replaced_is_refused(const void *bytes, size_t length, const char *part)
{
  sandbox s = write_times(four, 4);
  write_bytes(inside(&s, "a.dcm"), bytes, length);
  read_refused(s.path, NULL, part);
  remove_tree(s.path);
}

static void refuses_truncated_files(void **state)
{
  (void)state;
  picture p = make_picture(1, "100");
  tt1__file file = picture_bytes(&p);
  sandbox s = write_times(four, 4);
  for (size_t cut = 0; cut < file.length; cut += 50) {
    write_bytes(inside(&s, "a.dcm"), file.bytes, cut);
    read_refused(s.path, NULL, "a.dcm");
    read_refused(inside(&s, "a.dcm"), NULL, "a.dcm");
  }
  for (size_t cut = file.length - 3; cut < file.length; cut++) {
    write_bytes(inside(&s, "a.dcm"), file.bytes, cut);
    read_refused(s.path, NULL, "cut short");
  }
  tt1__file_free(&file);
  remove_tree(s.path);
}

static void refuses_texts(void **state)
{
  (void)state;
  picture p = make_picture(1, "100");
  tt1__file file = picture_bytes(&p); // skips where there is no DICOM
  tt1__file_free(&file);
  replaced_is_refused("hello, I am a text\n", 19, "is named as a DICOM file, but is none");
}

/* The bytes of a sound file with `length` more elements behind it. */
static unsigned char *with_tail(const tt1__file *file, const void *tail, size_t length)
{
  unsigned char *bytes = malloc(file->length + length);
  assert_non_null(bytes);
  memcpy(bytes, file->bytes, file->length);
  memcpy(bytes + file->length, tail, length);
  return bytes;
}

static void bounds_nesting(void **state)
{
  (void)state;
  static const unsigned char open[] = {0xE1, 0x7F, 0x10, 0x10, 'S',  'Q',  0,    0,    0xFF, 0xFF,
                                       0xFF, 0xFF, 0xFE, 0xFF, 0x00, 0xE0, 0xFF, 0xFF, 0xFF, 0xFF};
  static const unsigned char close[] = {0xFE, 0xFF, 0x0D, 0xE0, 0, 0, 0, 0,
                                        0xFE, 0xFF, 0xDD, 0xE0, 0, 0, 0, 0};
  picture p = make_picture(1, "100");
  tt1__file file = picture_bytes(&p);
  for (size_t depth = 1; depth <= 2000; depth = depth < 12 ? depth + 1 : depth * 5) {
    size_t length = depth * (sizeof open + sizeof close);
    unsigned char *tail = malloc(length);
    assert_non_null(tail);
    for (size_t i = 0; i < depth; i++) {
      memcpy(tail + i * sizeof open, open, sizeof open);
      memcpy(tail + depth * sizeof open + i * sizeof close, close, sizeof close);
    }
    unsigned char *bytes = with_tail(&file, tail, length);
    tt1__dicom *dicom = NULL;
    tt1_error err = {0};
    tt1_status status = tt1__dicom_open(&dicom, bytes, file.length + length, "deep.dcm", &err);
    if (depth > TT1__DICOM_MAX_DEPTH)
      check_sentence(&err, TT1_BAD_FILE, "nests sequences more than 8 deep");
    else
      assert_int_equal(status, TT1_OK);
    tt1__dicom_free(dicom);
    free(tail);
    free(bytes);
  }
  tt1__file_free(&file);
}

static void bounds_lengths(void **state)
{
  (void)state;
  static const struct {
    unsigned char bytes[12];
    size_t length;
    const char *part;
  } tails[] = {
      {{0xE1, 0x7F, 0x10, 0x10, 'O', 'B', 0, 0, 0xF0, 0xFF, 0xFF, 0xFF}, 12, "cut short"},
      {{0xE1, 0x7F, 0x10, 0x10, 'O', 'B', 0, 0, 0xFF, 0xFF, 0xFF, 0xFF}, 12, "undefined length"},
      {{0xE1, 0x7F, 0x10, 0x10, 'S', 'Q', 0, 0, 0xFF, 0xFF, 0xFF, 0xFF}, 12, "cut short"},
      {{0xE1, 0x7F, 0x10, 0x10, '?', '?', 0, 0, 0x01, 0x00, 0x00, 0x00}, 12, "no known type"},
      {{0xFE, 0xFF, 0x0D, 0xE0, 1, 0, 0, 0}, 8, "did not begin"},
      {{0xE1, 0x7F, 0x10, 0x10, 'S', 'H', 9, 0}, 8, "cut short"},
  };
  picture p = make_picture(1, "100");
  tt1__file file = picture_bytes(&p);
  for (size_t i = 0; i < sizeof tails / sizeof *tails; i++) {
    unsigned char *bytes = with_tail(&file, tails[i].bytes, tails[i].length);
    replaced_is_refused(bytes, file.length + tails[i].length, tails[i].part);
    free(bytes);
  }
  tt1__file_free(&file);
}

static void ignores_padding_and_nested_copies(void **state)
{
  (void)state;
  // (0029,1000) SQ with one item that says 8 bits are stored, as Siemens icons do; then zeros.
  static const unsigned char tail[] = {
      0x29, 0x00, 0x00, 0x10, 'S',  'Q',  0,   0,   18, 0, 0, 0, 0xFE, 0xFF, 0x00, 0xE0, 10, 0,
      0,    0,    0x28, 0x00, 0x01, 0x01, 'U', 'S', 2,  0, 8, 0, 0,    0,    0,    0,    0};
  picture p = make_picture(1, "100");
  tt1__file file = picture_bytes(&p);
  unsigned char *bytes = with_tail(&file, tail, sizeof tail);
  sandbox s = write_times(four, 4);
  write_bytes(inside(&s, "a.dcm"), bytes, file.length + sizeof tail);
  tt1_image *image = read_ok(s.path, NULL);
  assert_string_equal(tt1_image_stored_type(image), "uint12");
  tt1_image_free(image);
  free(bytes);
  tt1__file_free(&file);
  remove_tree(s.path);
}

static void refuses_a_bomb(void **state)
{
  (void)state;
#ifdef TT1_HAVE_ZLIB
  static const char uid[] = "1.2.840.10008.1.2.1.99";
  unsigned char head[132 + 8 + 22] = {0},
                               zeros[1 << 16] = {8, 0, 8, 0, 'U', 'N', 0, 0, 0, 0, 0, 0x40};
  size_t capacity = 4 << 20, length = sizeof head;
  unsigned char *bytes = malloc(capacity);
  assert_non_null(bytes);
  memcpy(head + 128, "DICM", 4);
  memcpy(head + 132, "\x02\0\x10\0UI\x16\0", 8);
  memcpy(head + 140, uid, 22);
  memcpy(bytes, head, sizeof head);
  z_stream z = {.next_out = bytes + length, .avail_out = (uInt)(capacity - length)};
  assert_int_equal(deflateInit2(&z, 1, Z_DEFLATED, -15, 9, Z_DEFAULT_STRATEGY), Z_OK);
  for (size_t i = 0; i <= TT1__DICOM_MAX_INFLATED / sizeof zeros; i++) {
    z.next_in = zeros;
    z.avail_in = sizeof zeros;
    assert_int_equal(deflate(&z, Z_NO_FLUSH), Z_OK);
  }
  assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
  length += z.total_out;
  deflateEnd(&z);
  tt1__dicom *dicom = NULL;
  tt1_error err = {0};
  tt1__dicom_scan scan;
  assert_int_equal(tt1__dicom_scan_bytes(&scan, bytes, length, "bomb.dcm", &err), TT1_BAD_FILE);
  check_sentence(&err, TT1_BAD_FILE, "inflates to more than 256 MiB");
  assert_null(dicom);
  free(bytes);
#else
  skip();
#endif
}

/* Change one of four images and read. */
static void changed_is_refused(int index, const picture *changed, const char *part)
{
  const char name[] = {(char)('a' + index), '.', 'd', 'c', 'm', '\0'};
  sandbox s = write_times(four, 4);
  write_picture(&s, name, changed);
  read_refused(s.path, NULL, part);
  remove_tree(s.path);
}

static void refuses_series_that_do_not_fit(void **state)
{
  (void)state;
  const picture sound = make_picture(2, "1100");
  picture p = sound;
  p.rows = SIDE / 2;
  p.columns = 2 * SIDE;
  changed_is_refused(1, &p, "b.dcm has 32 x 8 pixels, a.dcm of the same series has 16 x 16");
  p = sound;
  p.ti = "100";
  changed_is_refused(1, &p, "images 1 and 2 have the same InversionTime, 0.1 s");
  p = sound;
  p.ti = NULL;
  changed_is_refused(1, &p, "1 of its 4 images have no inversion time");
  p = sound;
  p.position = "-10\\20\\13";
  changed_is_refused(1, &p, "an image is missing");
  p = sound;
  p.orientation = "0\\1\\0\\0\\0\\1";
  changed_is_refused(1, &p, "lies in another plane");
  p = sound;
  p.uid = "2.25.77"; // two series mixed: three of one, one of another
  p.ti = "100";
  changed_is_refused(1, &p, "an image is missing");
  sandbox s = write_times(four, 4);
  unlink(inside(&s, "b.dcm"));
  read_refused(s.path, NULL, "its instance numbers run from 1 to 4, but only 3 are here");
  tt1_read_options asked = TT1_READ_OPTIONS_INIT;
  asked.series = "5";
  tt1_image_free(read_ok(s.path, &asked));
  remove_tree(s.path);
}

static void refuses_sizes_that_overflow(void **state)
{
  (void)state;
  picture p = make_picture(1, "100");
  p.rows = p.columns = 65535;
  changed_is_refused(0, &p, "has 65535 rows and 65535 columns");
  p.rows = 4096;
  p.columns = 4096;
  changed_is_refused(0, &p, "a.dcm");
  p.rows = 0;
  changed_is_refused(0, &p, "has 0 rows");
  p.rows = SIDE + 1; // one more than there are
  p.columns = SIDE;
  changed_is_refused(0, &p, "a.dcm");
  p = make_picture(1, "100");
  p.bits = 17;
  changed_is_refused(0, &p, "stores 17 bits");
  p.bits = 12;
  p.high_bit = 17;
  changed_is_refused(0, &p, "stores 12 bits up to bit 17 of 16 for a pixel, which is not read");
  p.high_bit = 13;
  changed_is_refused(0, &p, "stores 12 bits up to bit 13 of 16");
  p.high_bit = 0;
  p.frames = 2147483647;
  changed_is_refused(0, &p, "holds 2147483647 frames; from 1 to 65536 are read");
  p.frames = 65536;
  changed_is_refused(0, &p, "frames; from 1 to 65536 are read, those of all files together");
  p.frames = -1;
  changed_is_refused(0, &p, "holds -1 frames");
}

/* Decode frame `index` of a file that claims more than it holds. */
static void frame_is_refused(const tt1__file *file, int index, const char *part)
{
  tt1__dicom *dicom = NULL;
  tt1__frames list = {0};
  tt1_error err = {0};
  int32_t values[PIXELS];
  if (tt1__dicom_open(&dicom, file->bytes, file->length, "a.dcm", &err) != TT1_OK ||
      tt1__frames_add(&list, dicom, "a.dcm", &err) != TT1_OK)
    fail_msg("%s", err.message);
  assert_true(index < list.count);
  assert_int_equal(
      tt1__frame_pixels(&list.frames[index], tt1__dicom_scan_of(dicom), dicom, values, &err),
      TT1_BAD_FILE);
  check_sentence(&err, TT1_BAD_FILE, part);
  tt1__free(list.frames);
  tt1__dicom_free(dicom);
}

static void refuses_frames_that_are_not_there(void **state)
{
  (void)state;
  picture p = make_picture(1, "100");
  p.frames = 1000;
  tt1__file file = picture_bytes(&p);
  frame_is_refused(&file, 1,
                   "a.dcm holds 512 bytes of pixels, but frame 2 of 16 x 16 ends after 1024");
  frame_is_refused(&file, 999, "a.dcm");
  tt1__file_free(&file);
  p.frames = 0;
  p.without_pixels = 1;
  file = picture_bytes(&p);
  frame_is_refused(&file, 0, "a.dcm holds no pixels (7fe0,0010)");
  tt1__file_free(&file);
}

/* A frame of RLE: the number of segments, where they begin, and what is in them. */
static size_t put_rle(unsigned char *frame, uint32_t count, const uint32_t *offsets,
                      const unsigned char *bytes, size_t length)
{
  memset(frame, 0, 64);
  for (uint32_t i = 0; i < 16; i++) {
    uint32_t value = i == 0 ? count : i <= 2 ? offsets[i - 1] : 0;
    for (int b = 0; b < 4; b++)
      frame[4 * i + (uint32_t)b] = (unsigned char)(value >> 8 * b);
  }
  memcpy(frame + 64, bytes, length);
  return 64 + length;
}

static void refuses_runs_that_overrun(void **state)
{
  (void)state;
  // 256 pixels of two bytes are two segments of two runs of 128 equal bytes each.
  static const unsigned char good[] = {0x81, 1, 0x81, 2, 0x81, 3, 0x81, 4},
                             literal[] = {0x81, 1, 0x81, 2, 0x7F, 3, 0x7F, 4},
                             brief[] = {0x81, 1, 0x80, 0, 0x81, 3, 0x80, 0},
                             endless[] = {0x81, 1, 0x81, 2, 0x81, 3, 0x81, 4, 0x81, 5, 0x81, 6};
  static const struct {
    uint32_t count, offsets[2];
    const unsigned char *bytes;
    size_t length;
    int last; /* value; 0: refused */
  } rows[] = {{2, {64, 68}, good, sizeof good, 0x204},
              {2, {64, 0x7FFFFFFF}, good, sizeof good, 0},
              {2, {0xFFFFFFF0, 64}, good, sizeof good, 0},
              {2, {68, 64}, good, sizeof good, 0},
              {15, {64, 68}, good, sizeof good, 0},
              {0, {64, 68}, good, sizeof good, 0},
              {0xFFFFFFFF, {64, 68}, good, sizeof good, 0},
              {2, {64, 68}, literal, sizeof literal, 0},
              {2, {64, 68}, brief, sizeof brief, 0},
              {2, {64, 72}, endless, sizeof endless, 0x206},
              {2, {64, 68}, good, 5, 0}};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    unsigned char frame[128];
    picture p = make_picture(1, "100");
    size_t length = put_rle(frame, rows[i].count, rows[i].offsets, rows[i].bytes, rows[i].length);
    const piece pieces[] = {{NULL, 0}, {frame, (length + 1) / 2 * 2}};
    tt1__file file = encapsulate(&p, "1.2.840.10008.1.2.5", pieces, 2);
    tt1__dicom *dicom = NULL;
    tt1__frames list = {0};
    tt1_error err = {0};
    int32_t values[PIXELS];
    assert_int_equal(tt1__dicom_open(&dicom, file.bytes, file.length, "a.dcm", &err), TT1_OK);
    assert_int_equal(tt1__frames_add(&list, dicom, "a.dcm", &err), TT1_OK);
    tt1_status status =
        tt1__frame_pixels(&list.frames[0], tt1__dicom_scan_of(dicom), dicom, values, &err);
    if (rows[i].last) assert_int_equal(values[255], rows[i].last);
    assert_int_equal(status, rows[i].last ? TT1_OK : TT1_BAD_FILE);
    if (!rows[i].last) check_sentence(&err, TT1_BAD_FILE, "the pixels of frame 1 cannot be");
    tt1__free(list.frames);
    tt1__dicom_free(dicom);
    tt1__file_free(&file);
  }
}

static void elements_of_another_type_do_no_harm(void **state)
{
  (void)state;
  static const struct {
    tt1__tag tag;
    const char *type, *value, *part; /* value NULL: a sequence; part NULL: read all the same */
  } rows[] = {
      {0x00280010, "LO", "sixteen", "has 0 rows and 16 columns"},
      {0x00280010, "SQ", NULL, "has 0 rows and 16 columns"},
      {0x00280100, "DS", "16.0", NULL},
      {0x00280103, "LO", "no", NULL},
      {0x7FE00010, "LO", "pixels", "a.dcm"},
      {0x7FE00010, "SQ", NULL, "a.dcm"},
      {0x52009230, "LO", "frames", NULL},
      {0x52009229, "SQ", NULL, NULL},
      {0x2005140F, "LO", "x", NULL},
      {0x00180082, "SQ", NULL, "1 of its 4 images have no inversion time"},
      {0x00180082, "LO", "100\\soon", NULL},
      {0x00180082, "DS", "nan", "1 of its 4 images have no inversion time"},
      {0x00180082, "DS", "-100", "1 of its 4 images have no inversion time"},
      {0x00180082, "DS", "1e400", "1 of its 4 images have no inversion time"},
      {0x0008103E, "SQ", NULL, NULL},
      {0x00200032, "LO", "here\\there", "lies in another plane"},
      {0x00200013, "SQ", NULL, NULL},
      {0x00291020, "SQ", NULL, NULL},
      {0x00280008, "LO", "many", NULL},
      {0x00080008, "SQ", NULL, NULL},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    picture p = make_picture(1, "100");
    p.odd = rows[i].tag;
    p.odd_type = rows[i].type;
    p.odd_value = rows[i].value;
    sandbox s = write_times(four, 4);
    write_picture(&s, "a.dcm", &p);
    tt1_image *image = NULL;
    tt1_error err = {0};
    tt1_read_options asked = TT1_READ_OPTIONS_INIT;
    tt1_status status = tt1_image_read(&image, s.path, &asked, &err);
    if (rows[i].part)
      check_sentence(&err, TT1_BAD_FILE, rows[i].part);
    else if (status != TT1_OK)
      fail_msg("row %d: %s", (int)i, err.message);
    tt1_image_free(image);
    remove_tree(s.path);
  }
}

static void refuses_headers_that_lie(void **state)
{
  (void)state;
  static const struct {
    const char *bytes;
    size_t length;
    const char *part;
  } headers[] = {
      {"\x02\0\x01\0??\0\0\xFF\xFF\xFF\x7F", 12, "has no known type of value"},
      {"\x02\0\x01\0OB\0\0\xFF\xFF\xFF\x7F", 12, "does not end before byte"},
      {"\x02\0\x01\0OB\0\0\xFF\xFF\xFF\xFF", 12, "does not end before byte"},
      {"\x02\0\x10\0UI\xFF\xFF", 8, "does not end before byte"},
      {"\x02\0\x10\0UI\x04\0../x", 12, "names no transfer syntax"},
      {"\x02\0\x10\0UI\0\0", 8, "names no transfer syntax"},
  };
  picture p = make_picture(1, "100");
  tt1__file sound = picture_bytes(&p); // skips where there is no DICOM
  for (size_t i = 0; i < sizeof headers / sizeof *headers; i++) {
    unsigned char bytes[160] = {0};
    memcpy(bytes + 128, "DICM", 4);
    memcpy(bytes + 132, headers[i].bytes, headers[i].length);
    replaced_is_refused(bytes, 132 + headers[i].length, headers[i].part);
  }
  tt1__file_free(&sound);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(refuses_truncated_files),
                                     cmocka_unit_test(refuses_texts),
                                     cmocka_unit_test(bounds_nesting),
                                     cmocka_unit_test(bounds_lengths),
                                     cmocka_unit_test(ignores_padding_and_nested_copies),
                                     cmocka_unit_test(refuses_a_bomb),
                                     cmocka_unit_test(refuses_series_that_do_not_fit),
                                     cmocka_unit_test(refuses_sizes_that_overflow),
                                     cmocka_unit_test(refuses_frames_that_are_not_there),
                                     cmocka_unit_test(refuses_runs_that_overrun),
                                     cmocka_unit_test(elements_of_another_type_do_no_harm),
                                     cmocka_unit_test(refuses_headers_that_lie)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
