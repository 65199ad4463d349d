/* SPDX-License-Identifier: MIT
 * DICOM's RLE (PS3.5 annex G): a segment for each byte of the values, the most
 * significant first, each packed as in TIFF's PackBits. */
#include <assert.h>
#include <string.h>

#include "base/error.h"
#include "dicom/compressed.h"

enum { HEADER_SIZE = 64 };

static tt1_status damaged(const tt1__codestream *c, const char *what, tt1_error *err)
{
  return tt1__error_set(err, TT1_BAD_FILE, "%s: the pixels of frame %d cannot be decoded: RLE %s",
                        c->path, c->frame + 1, what);
}

static uint32_t get32(const unsigned char *at)
{
  return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

// Unpack [from, end) of the frame to every `step`th byte of `out`, `count` of them.
static tt1_status unpack(unsigned char *out, size_t step, size_t count, const tt1__codestream *c,
                         size_t from, size_t end, tt1_error *err)
{
  const unsigned char *bytes = c->bytes;
  size_t done = 0;
  while (done < count) {
    if (from >= end) return damaged(c, "ends before its last pixel", err);
    size_t control = bytes[from++], is_run = control > 128,
           n = is_run ? 257 - control : control + 1;
    if (control == 128) continue;
    if (n > count - done) return damaged(c, "holds more pixels than the frame", err);
    if ((is_run ? 1 : n) > end - from) return damaged(c, "ends within a run", err);
    for (size_t i = 0; i < n; i++)
      out[step * done++] = bytes[is_run ? from : from + i];
    from += is_run ? 1 : n;
  }
  return TT1_OK;
}

static int is_big_endian(void)
{
  const uint16_t one = 1;
  unsigned char first;
  memcpy(&first, &one, 1);
  return first == 0;
}

tt1_status tt1__rle_decode(void *raw, const tt1__codestream *c, const tt1__frame_shape *shape,
                           tt1_error *err)
{
  size_t n_bytes = (size_t)shape->bits_allocated / 8;
  assert(shape->bits_allocated % 8 == 0 && n_bytes >= 1 && n_bytes <= 4);
  size_t count = (size_t)shape->rows * (size_t)shape->columns;
  tt1_status status = TT1_OK;
  if (c->length < HEADER_SIZE) return damaged(c, "has no header", err);
  if (get32(c->bytes) != n_bytes)
    return damaged(c, "has another number of segments than its values have bytes", err);
  for (size_t s = 0; s < n_bytes && status == TT1_OK; s++) {
    size_t from = get32(c->bytes + 4 + 4 * s);
    size_t end = s + 1 < n_bytes ? get32(c->bytes + 8 + 4 * s) : c->length;
    size_t place = is_big_endian() ? s : n_bytes - 1 - s;
    if (from < HEADER_SIZE || from > end || end > c->length)
      return damaged(c, "has segments that do not lie in the frame", err);
    status = unpack((unsigned char *)raw + place, n_bytes, count, c, from, end, err);
  }
  return status;
}
