/* SPDX-License-Identifier: MIT
 * JPEG 2000: what OpenJPEG encodes comes back to the value, from codestreams and from the
 * fragments of DICOM files; what does not fit the file, or is damaged, is refused. Files of other
 * encoders: tests/cli/cases/dicom_ways_of_writing.sh. */
#include "dicom_support.h"

#include "dicom/compressed.h"
#include "file/file.h"

#ifdef TT1_HAVE_OPENJPEG
#  include <openjpeg.h>

enum { WIDTH = 40, HEIGHT = 24, MOST = 1 << 16 };

/* ---- Encoding ---- */

typedef struct encoded {
  unsigned char bytes[MOST];
  size_t length;
} encoded;

static OPJ_SIZE_T write_encoded(void *bytes, OPJ_SIZE_T length, void *payload)
{
  encoded *e = payload;
  assert_true(e->length + length <= MOST);
  memcpy(e->bytes + e->length, bytes, length);
  e->length += length;
  return length;
}

static void put_values(opj_image_t *image, const int32_t *values)
{
  memcpy(image->comps->data, values,
         (size_t)image->comps->w * (size_t)image->comps->h * sizeof *values);
}

static encoded encode(const int32_t *values, const tt1__frame_shape *shape, int is_lossy, int tile)
{
  encoded e = {.length = 0};
  opj_cparameters_t parameters;
  opj_set_default_encoder_parameters(&parameters);
  parameters.irreversible = is_lossy;
  parameters.numresolution = 3;
  parameters.cp_disto_alloc = 1;
  parameters.tcp_numlayers = 1;
  parameters.tile_size_on = tile > 0;
  parameters.cp_tdx = parameters.cp_tdy = tile;
  opj_image_cmptparm_t component = {.dx = 1,
                                    .dy = 1,
                                    .w = (OPJ_UINT32)shape->columns,
                                    .h = (OPJ_UINT32)shape->rows,
                                    .prec = (OPJ_UINT32)shape->bits_stored,
                                    .sgnd = (OPJ_UINT32)shape->is_signed};
  opj_image_t *image = opj_image_create(1, &component, OPJ_CLRSPC_GRAY);
  opj_codec_t *codec = opj_create_compress(OPJ_CODEC_J2K);
  opj_stream_t *stream = opj_stream_create(MOST, OPJ_FALSE);
  assert_true(image && codec && stream);
  image->x1 = component.w;
  image->y1 = component.h;
  put_values(image, values);
  opj_stream_set_write_function(stream, write_encoded);
  opj_stream_set_user_data(stream, &e, NULL);
  assert_true(opj_setup_encoder(codec, &parameters, image));
  assert_true(opj_start_compress(codec, image, stream) && opj_encode(codec, stream) &&
              opj_end_compress(codec, stream));
  opj_stream_destroy(stream);
  opj_destroy_codec(codec);
  opj_image_destroy(image);
  return e;
}

static void fill(int32_t *values, const tt1__frame_shape *shape, uint32_t seed)
{
  int64_t range = INT64_C(1) << shape->bits_stored;
  for (int i = 0; i < shape->rows * shape->columns; i++) {
    seed = seed * 1664525u + 1013904223u;
    int64_t value = (range * (i % shape->columns) / shape->columns + (seed >> 20)) % range;
    values[i] = (int32_t)(shape->is_signed ? value - range / 2 : value);
  }
  values[1] = (int32_t)(shape->is_signed ? -range / 2 : 0);
  values[2] = (int32_t)(shape->is_signed ? range / 2 - 1 : range - 1);
}

static tt1_status decode(int32_t *values, const encoded *e, size_t length,
                         const tt1__frame_shape *shape, tt1_error *err)
{
  unsigned char *exact = malloc(length + 1); // no byte beyond, for the sanitisers
  assert_non_null(exact);
  unsigned char *bytes = exact + 1;
  memcpy(bytes, e->bytes, length);
  const tt1__codestream codestream = {bytes, length, "a.dcm", 2};
  tt1_status status = tt1__jpeg2000_decode(values, &codestream, shape, err);
  free(exact);
  return status;
}

static void lossless_frames_come_back(void **state)
{
  (void)state;
  static const int bits[] = {8, 10, 12, 16}, tiles[] = {0, 16};
  int32_t values[WIDTH * HEIGHT], got[WIDTH * HEIGHT];
  for (int i = 0; i < 16; i++) {
    tt1__frame_shape shape = {HEIGHT, WIDTH, 16, bits[i % 4], i / 4 % 2};
    fill(values, &shape, (uint32_t)i);
    encoded e = encode(values, &shape, 0, tiles[i / 8]);
    tt1_error err = {0};
    if (decode(got, &e, e.length, &shape, &err) != TT1_OK) fail_msg("%s", err.message);
    assert_memory_equal(values, got, sizeof values);
  }
}

static void lossy_frames_come_close(void **state)
{
  (void)state;
  for (int is_signed = 0; is_signed < 2; is_signed++) {
    int32_t values[WIDTH * HEIGHT], got[WIDTH * HEIGHT];
    tt1__frame_shape shape = {HEIGHT, WIDTH, 16, 12, is_signed};
    fill(values, &shape, 7);
    encoded e = encode(values, &shape, 1, 0);
    assert_int_equal(decode(got, &e, e.length, &shape, NULL), TT1_OK);
    for (int i = 0; i < WIDTH * HEIGHT; i++)
      assert_in_range(got[i] - values[i] + 8, 0, 16);
  }
}

static void refused(const encoded *e, const tt1__frame_shape *shape, const char *part)
{
  int32_t got[WIDTH * HEIGHT];
  tt1_error err = {0};
  assert_int_equal(decode(got, e, e->length, shape, &err), TT1_BAD_FILE);
  check_sentence(&err, TT1_BAD_FILE, part);
  check_sentence(&err, TT1_BAD_FILE, "a.dcm: ");
  check_sentence(&err, TT1_BAD_FILE, "frame 3");
}

static void what_the_file_does_not_say_is_refused(void **state)
{
  (void)state;
  int32_t values[WIDTH * HEIGHT];
  const tt1__frame_shape shape = {HEIGHT, WIDTH, 16, 12, 0};
  fill(values, &shape, 1);
  encoded e = encode(values, &shape, 0, 0), odd;
  tt1__frame_shape other = shape;
  other.columns = WIDTH - 1;
  refused(&e, &other, "spans 0 to 40 by 0 to 24 in its codestream, the file says 39 columns");
  other = shape;
  other.is_signed = 1;
  refused(&e, &other, "has 12 unsigned bits in its codestream, the file says up to 16 signed bits");
  other = shape;
  other.bits_allocated = other.bits_stored = 8;
  refused(&e, &other, "has 12 unsigned bits in its codestream, the file says up to 8");
  other = shape;
  other.bits_stored = 11;
  refused(&e, &other, "holds the value 4095, beyond the 11 bits that are stored");
  odd = e;
  odd.bytes[41] = 3; // components
  refused(&odd, &shape, "has 3 components where 1 is expected");
  odd = e;
  odd.bytes[0] = 0;
  refused(&odd, &shape, "is no JPEG 2000 codestream");
  odd = e;
  memcpy(odd.bytes + 8, "\xFF\xFF\xFF\xFF", 4); // width
  refused(&odd, &shape, "spans 0 to 4294967295");
  odd = e;
  memcpy(odd.bytes + 24, "\0\0\0\1\0\0\0\1", 8); // tiles of one pixel
  other = (tt1__frame_shape){HEIGHT, WIDTH, 16, 12, 0};
  odd.bytes[31] = 0; // or of none
  refused(&odd, &other, "tiles, the limits are");
  odd = e;
  memcpy(odd.bytes + 8, "\0\0\x10\0\0\0\x10\0", 8);
  other.rows = other.columns = 4096;
  refused(&odd, &other, "has 4096 x 4096 pixels in");
}

static void damage_is_told_or_harmless(void **state)
{
  (void)state;
  int32_t values[WIDTH * HEIGHT], got[WIDTH * HEIGHT];
  const tt1__frame_shape shape = {HEIGHT, WIDTH, 16, 12, 0};
  fill(values, &shape, 3);
  const encoded e = encode(values, &shape, 0, 0);
  for (size_t length = 0; length < e.length; length += length < 200 ? 1 : 13) {
    tt1_error err = {0};
    if (decode(got, &e, length, &shape, &err) != TT1_OK)
      assert_true(err.message[0] && !strchr(err.message, '\n'));
    else
      assert_true(length + 2 >= e.length); // but for the marker of the end
  }
  for (size_t at = 0; at < e.length; at += at < 200 ? 1 : 13)
    for (int bit = 0; bit < 8; bit++) {
      encoded odd = e;
      tt1_error err = {0};
      odd.bytes[at] ^= (unsigned char)(1 << bit);
      if (decode(got, &odd, odd.length, &shape, &err) != TT1_OK)
        assert_true(err.message[0] && !strchr(err.message, '\n'));
    }
}

/* ---- In DICOM files ---- */

static const char lossless[] = "1.2.840.10008.1.2.4.90";

/* A frame whose first pixel is 100 + index. */
static encoded encode_frame(int index)
{
  int32_t values[PIXELS] = {100 + index, 1, 2, 3};
  const tt1__frame_shape shape = {SIDE, SIDE, 16, 12, 0};
  return encode(values, &shape, 0, 0);
}

enum { FRAMES = 4 };

/* Four frames in `count` fragments with this table, read back; or refused with a sentence. */
static void check_frames(const uint32_t *table, int n_offsets, const piece *pieces, int count,
                         const char *part)
{
  unsigned char offsets[4 * FRAMES];
  for (int i = 0; i < 4 * n_offsets; i++)
    offsets[i] = (unsigned char)(table[i / 4] >> 8 * (i % 4));
  piece all[16] = {{offsets, 4 * (size_t)n_offsets}};
  for (int i = 0; i < count; i++)
    all[i + 1] = pieces[i];
  picture p = make_picture(1, "100");
  p.frames = FRAMES;
  tt1__file file = encapsulate(&p, lossless, all, count + 1);
  tt1__dicom *dicom = NULL;
  tt1__frames list = {0};
  tt1_error err = {0};
  if (tt1__dicom_open(&dicom, file.bytes, file.length, "a.dcm", &err) != TT1_OK ||
      tt1__frames_add(&list, dicom, "a.dcm", &err) != TT1_OK)
    fail_msg("%s", err.message);
  assert_int_equal(list.count, FRAMES);
  for (int i = 0; i < FRAMES; i++) {
    int32_t got[PIXELS];
    tt1_status status =
        tt1__frame_pixels(&list.frames[i], tt1__dicom_scan_of(dicom), dicom, got, &err);
    if (part) check_sentence(&err, TT1_BAD_FILE, part);
    if (!part && status != TT1_OK) fail_msg("%s", err.message);
    if (!part) assert_int_equal(got[0], 100 + i);
  }
  tt1__free(list.frames);
  tt1__dicom_free(dicom);
  tt1__file_free(&file);
}

static void fragments_make_frames(void **state)
{
  (void)state;
  encoded e[FRAMES];
  piece whole[FRAMES], halves[2 * FRAMES];
  uint32_t starts[FRAMES], wrong[FRAMES], at = 0;
  for (int i = 0; i < FRAMES; i++) {
    e[i] = encode_frame(i);
    e[i].length = (e[i].length + 1) / 2 * 2; // padded, as DICOM wants
    whole[i] = (piece){e[i].bytes, e[i].length};
    halves[2 * i] = (piece){e[i].bytes, 60};
    halves[2 * i + 1] = (piece){e[i].bytes + 60, e[i].length - 60};
    starts[i] = at;
    at += (uint32_t)e[i].length + 16;
  }
  check_frames(NULL, 0, whole, FRAMES, NULL);
  check_frames(NULL, 0, halves, 2 * FRAMES, NULL);
  check_frames(starts, FRAMES, halves, 2 * FRAMES, NULL);
  memcpy(wrong, starts, sizeof wrong);
  wrong[2] += 8;
  check_frames(wrong, FRAMES, halves, 2 * FRAMES, "its 8 fragments of pixels do not make 4 frames");
  check_frames(starts, FRAMES - 1, halves, 2 * FRAMES, NULL); // a table of others is not used
  check_frames(NULL, 0, whole, FRAMES - 1, "its 3 fragments of pixels do not make 4 frames");
  check_frames(NULL, 0, halves + 1, 2 * FRAMES - 1, "its 7 fragments of pixels do not make 4");
  check_frames(NULL, 0, NULL, 0, "its 0 fragments of pixels do not make 4 frames");
}

static void series_are_read(void **state)
{
  (void)state;
  static const char *const times[] = {"100", "1100", "180"};
  sandbox s = sandbox_make(), plain = sandbox_make();
  for (int i = 0; i < 3; i++) {
    const char name[] = {(char)('a' + i), '.', 'd', 'c', 'm', '\0'};
    picture p = make_picture(i + 1, times[i]);
    p.stored = 100 + i;
    write_picture(&plain, name, &p);
    encoded e = encode_frame(i);
    const piece pieces[] = {{NULL, 0}, {e.bytes, 50}, {e.bytes + 50, (e.length - 49) / 2 * 2}};
    tt1__file file = encapsulate(&p, lossless, pieces, 3);
    write_bytes(inside(&s, name), file.bytes, file.length);
    tt1__file_free(&file);
  }
  tt1_image *expected = read_ok(plain.path, NULL), *got = read_ok(s.path, NULL);
  assert_memory_equal(tt1_image_data(expected), tt1_image_data(got), 3 * PIXELS * sizeof(float));
  assert_null(tt1_image_assumption(got, 0)); // no loss
  tt1_image_free(expected);
  tt1_image_free(got);
  remove_tree(s.path);
  remove_tree(plain.path);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(lossless_frames_come_back),
      cmocka_unit_test(lossy_frames_come_close),
      cmocka_unit_test(what_the_file_does_not_say_is_refused),
      cmocka_unit_test(damage_is_told_or_harmless),
      cmocka_unit_test(fragments_make_frames),
      cmocka_unit_test(series_are_read),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

#else

int main(void)
{
  printf("skipped: this build has no OpenJPEG\n");
  return 77;
}

#endif
