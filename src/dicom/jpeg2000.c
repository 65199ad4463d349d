/* SPDX-License-Identifier: MIT
 * JPEG 2000 codestreams (ISO/IEC 15444-1) through OpenJPEG. The SIZ marker is read
 * here first: OpenJPEG allocates by it, so it must promise what the DICOM file does. */
#include "dicom/compressed.h"

#include "base/error.h"

#ifdef TT1_HAVE_OPENJPEG
#  include <openjpeg.h>
#  include <stdint.h>
#  include <string.h>

enum { SIZ_LENGTH = 45, MAX_PIXELS = 1 << 22, MAX_TILES = 1024, MAX_BITS = 16 };

/* ---- What the codestream says of itself ---- */

static uint32_t get(const unsigned char *at, int width)
{
  uint32_t value = 0;
  for (int i = 0; i < width; i++)
    value = value << 8 | at[i];
  return value;
}

// How many tiles of this size, of which the first begins at `offset`, reach to `end`.
static uint64_t n_tiles(uint32_t end, uint32_t offset, uint32_t size)
{
  return size && end > offset ? ((uint64_t)end - offset + size - 1) / size : UINT32_MAX;
}

// Section A.5.1: image and tile size with their offsets, then what each component is.
static tt1_status check_size(const tt1__codestream *c, const tt1__frame_shape *shape,
                             tt1_error *err)
{
  const unsigned char *b = c->bytes;
  if (c->length < SIZ_LENGTH || get(b, 4) != 0xFF4FFF51)
    return tt1__error_set(err, TT1_BAD_FILE, "%s: frame %d is no JPEG 2000 codestream", c->path,
                          c->frame + 1);
  uint32_t x = get(b + 8, 4), y = get(b + 12, 4), x_offset = get(b + 16, 4),
           y_offset = get(b + 20, 4), n_components = get(b + 40, 2);
  int bits = (b[42] & 0x7F) + 1, is_signed = b[42] >> 7;
  if (n_components != 1 || b[43] != 1 || b[44] != 1)
    return tt1__error_set(err, TT1_BAD_FILE, "%s: frame %d has %u components where 1 is expected",
                          c->path, c->frame + 1, n_components);
  if (x < x_offset || x - x_offset != (uint32_t)shape->columns || y < y_offset ||
      y - y_offset != (uint32_t)shape->rows)
    return tt1__error_set(
        err, TT1_BAD_FILE,
        "%s: frame %d spans %u to %u by %u to %u in its codestream, the file says "
        "%d columns and %d rows",
        c->path, c->frame + 1, x_offset, x, y_offset, y, shape->columns, shape->rows);
  if (bits > shape->bits_allocated || bits > MAX_BITS || is_signed != shape->is_signed)
    return tt1__error_set(err, TT1_BAD_FILE,
                          "%s: frame %d has %d %s bits in its codestream, the file says up to %d "
                          "%s bits",
                          c->path, c->frame + 1, bits, is_signed ? "signed" : "unsigned",
                          shape->bits_allocated < MAX_BITS ? shape->bits_allocated : MAX_BITS,
                          shape->is_signed ? "signed" : "unsigned");
  uint64_t tiles =
      n_tiles(x, get(b + 32, 4), get(b + 24, 4)) * n_tiles(y, get(b + 36, 4), get(b + 28, 4));
  if ((int64_t)shape->rows * shape->columns > MAX_PIXELS || tiles > MAX_TILES)
    return tt1__error_set(err, TT1_BAD_FILE,
                          "%s: frame %d has %d x %d pixels in %llu tiles, the limits are %d and %d",
                          c->path, c->frame + 1, shape->columns, shape->rows,
                          (unsigned long long)tiles, (int)MAX_PIXELS, (int)MAX_TILES);
  return TT1_OK;
}

/* ---- OpenJPEG ---- */

/** The codestream as a file. */
typedef struct reader {
  const tt1__codestream *from;
  size_t at;
} reader;

static OPJ_SIZE_T read_bytes(void *out, OPJ_SIZE_T length, void *payload)
{
  reader *r = payload;
  size_t left = r->from->length - r->at, some = length < left ? length : left;
  if (some == 0) return (OPJ_SIZE_T)-1;
  memcpy(out, r->from->bytes + r->at, some);
  r->at += some;
  return some;
}

static OPJ_OFF_T skip_bytes(OPJ_OFF_T length, void *payload)
{
  reader *r = payload;
  size_t left = r->from->length - r->at;
  if (length < 0 || left == 0) return -1;
  size_t some = (uint64_t)length < left ? (size_t)length : left;
  r->at += some;
  return (OPJ_OFF_T)some;
}

static OPJ_BOOL seek_to(OPJ_OFF_T place, void *payload)
{
  reader *r = payload;
  if (place < 0 || (uint64_t)place > r->from->length) return OPJ_FALSE;
  r->at = (size_t)place;
  return OPJ_TRUE;
}

static opj_stream_t *open_stream(reader *r)
{
  opj_stream_t *stream = opj_stream_create(OPJ_J2K_STREAM_CHUNK_SIZE, OPJ_TRUE);
  if (!stream) return NULL;
  opj_stream_set_read_function(stream, read_bytes);
  opj_stream_set_skip_function(stream, skip_bytes);
  opj_stream_set_seek_function(stream, seek_to);
  opj_stream_set_user_data(stream, r, NULL);
  opj_stream_set_user_data_length(stream, r->from->length);
  return stream;
}

// Keeps the first complaint, without its newline.
static void keep_reason(const char *message, void *payload)
{
  char *reason = payload;
  size_t length = strcspn(message, "\r\n");
  if (reason[0] || length == 0 || length > 100) return;
  memcpy(reason, message, length);
  reason[length] = '\0';
}

static void keep_quiet(const char *message, void *payload)
{
  (void)message, (void)payload;
}

static int decode_image(opj_codec_t *codec, opj_stream_t *stream, opj_image_t **image, char *reason)
{
  opj_dparameters_t parameters;
  opj_set_default_decoder_parameters(&parameters);
  opj_set_error_handler(codec, keep_reason, reason);
  opj_set_warning_handler(codec, keep_quiet, NULL);
  opj_set_info_handler(codec, keep_quiet, NULL);
  return opj_setup_decoder(codec, &parameters) && opj_read_header(stream, codec, image) &&
         opj_decode(codec, stream, *image) && opj_end_decompress(codec, stream);
}

static tt1_status take_values(int32_t *values, const opj_image_t *image, const tt1__codestream *c,
                              const tt1__frame_shape *shape, tt1_error *err)
{
  const opj_image_comp_t *component = image->comps;
  int64_t least = shape->is_signed ? -(INT64_C(1) << (shape->bits_stored - 1)) : 0;
  int64_t most = least + (INT64_C(1) << shape->bits_stored) - 1;
  size_t count = (size_t)shape->rows * (size_t)shape->columns;
  if (image->numcomps != 1 || !component->data || component->w != (OPJ_UINT32)shape->columns ||
      component->h != (OPJ_UINT32)shape->rows)
    return tt1__error_set(err, TT1_BAD_FILE, "%s: frame %d was decoded to another size", c->path,
                          c->frame + 1);
  for (size_t i = 0; i < count; i++) {
    values[i] = component->data[i];
    if (values[i] < least || values[i] > most)
      return tt1__error_set(err, TT1_BAD_FILE,
                            "%s: frame %d holds the value %d, beyond the %d bits that are stored",
                            c->path, c->frame + 1, (int)values[i], shape->bits_stored);
  }
  return TT1_OK;
}

tt1_status tt1__jpeg2000_decode(int32_t *values, const tt1__codestream *c,
                                const tt1__frame_shape *shape, tt1_error *err)
{
  char reason[104] = "";
  reader r = {c, 0};
  opj_image_t *image = NULL;
  tt1_status status = check_size(c, shape, err);
  if (status != TT1_OK) return status;
  opj_codec_t *codec = opj_create_decompress(OPJ_CODEC_J2K);
  opj_stream_t *stream = open_stream(&r);
  if (!codec || !stream)
    status = tt1__no_memory(err);
  else if (!decode_image(codec, stream, &image, reason))
    status = tt1__error_set(err, TT1_BAD_FILE, "%s: the pixels of frame %d cannot be decoded: %s",
                            c->path, c->frame + 1, reason[0] ? reason : "no reason given");
  else
    status = take_values(values, image, c, shape, err);
  opj_image_destroy(image);
  if (stream) opj_stream_destroy(stream);
  if (codec) opj_destroy_codec(codec);
  return status;
}

#else

tt1_status tt1__jpeg2000_decode(int32_t *values, const tt1__codestream *c,
                                const tt1__frame_shape *shape, tt1_error *err)
{
  (void)values, (void)shape;
  return tt1__error_set(err, TT1_NO_DEVICE,
                        "%s is compressed as JPEG 2000, and this build of torcht1 has no OpenJPEG",
                        c->path);
}

#endif
