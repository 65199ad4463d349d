/* SPDX-License-Identifier: MIT
 * The stored values of a frame, whatever they are packed and compressed by. */
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "dicom/compressed.h"
#include "dicom/frame.h"

// The low bits that count, with their sign; what overlays left above them is dropped.
static int32_t stored_value(const tt1__frame *f, const unsigned char *raw, size_t i)
{
  uint32_t bits;
  if (f->bits_allocated == 8) {
    bits = raw[i];
  } else if (f->bits_allocated == 16) {
    uint16_t narrow;
    memcpy(&narrow, raw + 2 * i, sizeof narrow);
    bits = narrow;
  } else {
    memcpy(&bits, raw + 4 * i, sizeof bits);
  }
  if (f->bits_stored == 32) return (int32_t)bits;
  uint32_t range = UINT32_C(1) << f->bits_stored, value = bits & (range - 1);
  return f->is_signed && value >= range / 2 ? (int32_t)((int64_t)value - (int64_t)range)
                                            : (int32_t)value;
}

/* ---- Compressed frames ---- */

static uint32_t get32(const unsigned char *at)
{
  return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

// The item at `*at`, which is moved behind it; NULL at the delimiter. The file was walked before.
static const unsigned char *next_item(const tt1__dicom_scan *scan, size_t *at, uint32_t *length)
{
  const unsigned char *item = scan->bytes + *at;
  if (item[2] != 0x00) return NULL; // (fffe,e000) is an item, (fffe,e0dd) the delimiter
  *length = get32(item + 4);
  *at += 8 + (size_t)*length;
  return item + 8;
}

/** Compressed pixels: a table of offsets, which may be empty, then fragments. */
typedef struct fragments {
  const tt1__dicom_scan *scan;
  const unsigned char *table;
  uint32_t table_length;
  size_t first; /* where the first fragment begins */
  int count, n_frames;
} fragments;

static fragments find_fragments(const tt1__dicom *dicom)
{
  fragments f = {.scan = tt1__dicom_scan_of(dicom), .n_frames = 1};
  double number;
  uint32_t length;
  if (tt1__dicom_numbers(tt1__dicom_root(dicom), 0x00280008, &number, 1) == 1 && number > 1.0)
    f.n_frames = (int)number;
  f.first = f.scan->fragments;
  f.table = f.first ? next_item(f.scan, &f.first, &f.table_length) : NULL;
  if (!f.table) return f;
  for (size_t at = f.first; next_item(f.scan, &at, &length);)
    f.count++;
  return f;
}

// Whether the fragment at `bytes` is the first of frame `frame`: by the table, which counts from the
// header of the first fragment; else if each frame is one; else where a codestream begins.
static int begins_frame(const fragments *f, int frame, size_t offset, const unsigned char *bytes,
                        uint32_t length)
{
  static const unsigned char markers[] = {0xFF, 0x4F, 0xFF, 0x51}; // ISO/IEC 15444-1, annex A
  if (f->n_frames == 1) return frame == 0;
  if (f->table_length / 4 == (uint32_t)f->n_frames)
    return frame < f->n_frames && get32(f->table + 4 * (size_t)frame) == offset;
  if (f->n_frames == f->count) return 1;
  return length >= sizeof markers && memcmp(bytes, markers, sizeof markers) == 0;
}

// Copy what belongs to frame `wanted` to `out`, unless that is NULL. Returns how many bytes there are,
// and in `n_found` how many frames.
static size_t collect(const fragments *f, int wanted, unsigned char *out, int *n_found)
{
  const unsigned char *bytes;
  size_t total = 0, at = f->first, offset = 0;
  uint32_t length;
  *n_found = 0;
  while ((bytes = next_item(f->scan, &at, &length)) != NULL) {
    *n_found += begins_frame(f, *n_found, offset, bytes, length);
    if (*n_found == 0) return 0; // what comes before the first belongs to none
    offset = at - f->first;
    if (*n_found - 1 != wanted) continue;
    if (out && length > 0) memcpy(out + total, bytes, length);
    total += length;
  }
  return total;
}

static tt1_status find_codestream(unsigned char **out, size_t *length, const tt1__dicom *dicom,
                                  const tt1__frame *frame, tt1_error *err)
{
  int n_found = 0;
  fragments f = find_fragments(dicom);
  if (!f.table)
    return tt1__error_set(err, TT1_BAD_FILE, "%s holds no compressed pixels (7fe0,0010)",
                          frame->path);
  *length = collect(&f, frame->index, NULL, &n_found);
  if (n_found != f.n_frames || frame->index >= n_found)
    return tt1__error_set(err, TT1_BAD_FILE, "%s: its %d fragments of pixels do not make %d frames",
                          frame->path, f.count, f.n_frames);
  *out = tt1__allocate(*length, 1);
  if (!*out) return tt1__no_memory(err);
  collect(&f, frame->index, *out, &n_found);
  return TT1_OK;
}

// Decode what is not left to DCMTK: into values, or into raw bytes of stored values.
static tt1_status decode_frame(const tt1__frame *f, const tt1__dicom *dicom, int32_t *values,
                               unsigned char *raw, tt1_error *err)
{
  const tt1__frame_shape shape = {f->rows, f->columns, f->bits_allocated, f->bits_stored,
                                  f->is_signed};
  unsigned char *bytes = NULL;
  size_t length = 0;
  tt1_status status = find_codestream(&bytes, &length, dicom, f, err);
  const tt1__codestream codestream = {bytes, length, f->path, f->index};
  if (status == TT1_OK)
    status = raw ? tt1__rle_decode(raw, &codestream, &shape, err)
                 : tt1__jpeg2000_decode(values, &codestream, &shape, err);
  tt1__free(bytes);
  return status;
}

tt1_status tt1__frame_pixels(const tt1__frame *frame, const tt1__dicom *dicom, int32_t *values,
                             tt1_error *err)
{
  const tt1__dicom_syntax *syntax = tt1__dicom_syntax_of(dicom);
  if (syntax->decoder == TT1__BY_OPENJPEG && syntax->can_decode)
    return decode_frame(frame, dicom, values, NULL, err);
  size_t count = (size_t)frame->rows * (size_t)frame->columns;
  size_t size = count * (size_t)frame->bits_allocated / 8;
  unsigned char *raw = tt1__allocate(size + 1, 1); // decoders of words may want an even length
  if (!raw) return tt1__no_memory(err);
  tt1_status status = syntax->decoder == TT1__BY_RLE
                          ? decode_frame(frame, dicom, NULL, raw, err)
                          : tt1__dicom_pixels(dicom, frame->index, raw, size, frame->path, err);
  for (size_t i = 0; i < count && status == TT1_OK; i++)
    values[i] = stored_value(frame, raw, i);
  tt1__free(raw);
  return status;
}

tt1_status tt1__frame_floats(const tt1__frame *frame, const tt1__dicom *dicom, float *values,
                             tt1_error *err)
{
  size_t count = (size_t)frame->rows * (size_t)frame->columns;
  tt1_status status = tt1__dicom_floats(dicom, frame->index, values, count, frame->path, err);
  for (size_t i = 0; i < count && status == TT1_OK; i++)
    if ((double)values[i] >= frame->no_value[0] && (double)values[i] <= frame->no_value[1])
      values[i] = NAN;
  return status;
}
