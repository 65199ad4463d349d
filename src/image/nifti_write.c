/* SPDX-License-Identifier: MIT
 * Writing NIfTI: version 1, or version 2 where a size needs it, in the byte
 * order of this machine, as one file of the output folder. */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "file/gzip.h"
#include "image/image.h"

enum { NIFTI1_SIZE = 348, NIFTI2_SIZE = 540, EXTENDER = 4, MM_AND_SECONDS = 2 | 8 };

typedef struct field_type {
  int code, bytes;
} field_type;

static const field_type field_types[] = {
    [TT1_FLOAT32] = {16, 4}, [TT1_FLOAT64] = {64, 8}, [TT1_UINT8] = {2, 1}};

static const unsigned char signature2[8] = {'n', '+', '2', 0, '\r', '\n', 26, '\n'};

static void put16(unsigned char *at, int64_t value)
{
  int16_t narrow = (int16_t)value;
  memcpy(at, &narrow, 2);
}

static void put32(unsigned char *at, int64_t value)
{
  int32_t narrow = (int32_t)value;
  memcpy(at, &narrow, 4);
}

static void put64(unsigned char *at, int64_t value)
{
  memcpy(at, &value, 8);
}

static void put_real(unsigned char *at, double value, size_t size)
{
  float narrow = (float)value;
  if (size == 4)
    memcpy(at, &narrow, 4);
  else
    memcpy(at, &value, 8);
}

// Voxel sizes, quaternion and matrix: the same fields in both versions, at other places.
static void put_geometry(unsigned char *h, const tt1_geometry *g, int is_first)
{
  size_t real = is_first ? 4 : 8;
  put_real(h + (is_first ? 76 : 104), g->qfac < 0.0 ? -1.0 : 1.0, real);
  for (size_t i = 0; i < 3; i++) {
    put_real(h + (is_first ? 76 : 104) + real * (i + 1), g->spacing[i], real);
    put_real(h + (is_first ? 256 : 352) + real * i, g->quatern[i], real);
    put_real(h + (is_first ? 268 : 376) + real * i, g->qoffset[i], real);
    for (size_t j = 0; j < 4; j++)
      put_real(h + (is_first ? 280 : 400) + real * (4 * i + j), g->srow[i][j], real);
  }
  for (size_t i = 4; i < 8; i++)
    put_real(h + (is_first ? 76 : 104) + real * i, 1.0, real);
}

static void put_dimensions(unsigned char *h, const tt1_geometry *g, int n_images, int is_first)
{
  int64_t dim[8] = {n_images > 1 ? 4 : 3, g->size[0], g->size[1], g->size[2], n_images, 1, 1, 1};
  for (size_t i = 0; i < 8; i++)
    if (is_first)
      put16(h + 40 + 2 * i, dim[i]);
    else
      put64(h + 16 + 8 * i, dim[i]);
}

static void put_description(unsigned char *at, const char *description)
{
  if (!description) return;
  size_t length = strlen(description);
  if (length > 79)
    for (length = 79; length > 0 && ((unsigned char)description[length] & 0xC0) == 0x80;)
      length--;                    // never cut inside a UTF-8 character
  memcpy(at, description, length); // NOLINT(bugprone-not-null-terminated-result): zeros follow
}

// Fills `h` (zeroed, NIFTI2_SIZE + EXTENDER bytes) and returns the bytes before the first voxel.
static size_t make_header(unsigned char *h, const tt1_geometry *g, int n_images, field_type type,
                          const char *description)
{
  int is_first = g->size[0] <= INT16_MAX && g->size[1] <= INT16_MAX && g->size[2] <= INT16_MAX &&
                 n_images <= INT16_MAX;
  size_t size = is_first ? NIFTI1_SIZE : NIFTI2_SIZE, offset = is_first ? 352 : 544;
  put32(h, (int64_t)size);
  put_dimensions(h, g, n_images, is_first);
  put_geometry(h, g, is_first);
  put_description(h + (is_first ? 148 : 240), description);
  put16(h + (is_first ? 70 : 12), type.code);
  put16(h + (is_first ? 72 : 14), (int64_t)type.bytes * 8);
  put_real(h + (is_first ? 112 : 176), 1.0, is_first ? 4 : 8); // slope
  if (is_first) {
    put_real(h + 108, (double)offset, 4);
    put16(h + 252, g->qform_code);
    put16(h + 254, g->sform_code);
    h[38] = 'r'; // "regular": ANALYZE readers want it
    h[123] = MM_AND_SECONDS;
    memcpy(h + 344, "n+1", 4);
  } else {
    memcpy(h + 4, signature2, 8);
    put64(h + 168, (int64_t)offset);
    put32(h + 344, g->qform_code);
    put32(h + 348, g->sform_code);
    put32(h + 500, MM_AND_SECONDS);
  }
  return offset;
}

static tt1_status count_bytes(const tt1_geometry *g, int n_images, size_t each, size_t *bytes,
                              const char *name, tt1_error *err)
{
  size_t total = each;
  int64_t sizes[4] = {g->size[0], g->size[1], g->size[2], n_images};
  for (int i = 0; i < 4; i++) {
    if (sizes[i] < 1 || (uint64_t)sizes[i] > SIZE_MAX / 4 / total)
      return tt1__error_set(err, TT1_BAD_ARGUMENT,
                            "%s cannot be written: %lld is not a possible size in dimension %d",
                            name, (long long)sizes[i], i + 1);
    total *= (size_t)sizes[i];
  }
  *bytes = total;
  return TT1_OK;
}

tt1_status tt1_folder_write_image(tt1_folder *folder, const char *name,
                                  const tt1_geometry *geometry, int n_images, tt1_type type,
                                  const void *data, const char *description, tt1_error *err)
{
  unsigned char head[NIFTI2_SIZE + EXTENDER] = {0}, *bytes = NULL;
  size_t length = 0, body = 0;
  if ((unsigned)type > TT1_UINT8)
    return tt1__error_set(err, TT1_BAD_ARGUMENT, "%s cannot be written: there is no type %d", name,
                          (int)type);
  field_type field = field_types[type];
  tt1_status status = count_bytes(geometry, n_images, (size_t)field.bytes, &body, name, err);
  if (status != TT1_OK) return status;
  size_t offset = make_header(head, geometry, n_images, field, description);
  if (tt1__ends_in(name, ".gz")) {
    status = tt1__gzip(&bytes, &length, head, offset, data, body, err);
  } else {
    length = offset + body;
    bytes = tt1__allocate(length, 1);
    if (!bytes) return tt1__no_memory(err);
    memcpy(bytes, head, offset);
    memcpy(bytes + offset, data, body);
  }
  if (status == TT1_OK) status = tt1_folder_write(folder, name, bytes, length, err);
  tt1__free(bytes);
  return status;
}
