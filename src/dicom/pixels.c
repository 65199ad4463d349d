/* SPDX-License-Identifier: MIT
 * The stored values of a frame, whatever they are packed and compressed by. */
#include <assert.h>
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
  assert(f->bits_stored >= 1 && f->bits_stored <= f->bits_allocated && f->bits_allocated <= 32);
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

static fragments find_fragments(const tt1__dicom_scan *scan, int n_frames)
{
  fragments f = {.scan = scan, .n_frames = n_frames};
  uint32_t length;
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

static tt1_status find_codestream(unsigned char **out, size_t *length, const tt1__dicom_scan *scan,
                                  const tt1__frame *frame, tt1_error *err)
{
  int n_found = 0;
  fragments f = find_fragments(scan, frame->n_in_file);
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
static tt1_status decode_frame(const tt1__frame *f, const tt1__dicom_scan *scan, int32_t *values,
                               unsigned char *raw, tt1_error *err)
{
  const tt1__frame_shape shape = {f->rows, f->columns, f->bits_allocated, f->bits_stored,
                                  f->is_signed};
  unsigned char *bytes = NULL;
  size_t length = 0;
  tt1_status status = find_codestream(&bytes, &length, scan, f, err);
  const tt1__codestream codestream = {bytes, length, f->path, f->index};
  if (status == TT1_OK)
    status = raw ? tt1__rle_decode(raw, &codestream, &shape, err)
                 : tt1__jpeg2000_decode(values, &codestream, &shape, err);
  tt1__free(bytes);
  return status;
}

/* ---- Frames as they are ---- */

// Frame `f` of pixels that need no decoder, of `size` bytes; NULL after an error.
static const unsigned char *find_native(const tt1__frame *f, const tt1__dicom_scan *scan,
                                        size_t size, tt1_error *err)
{
  size_t first = (size_t)f->index * size;
  if (scan->pixels_length == 0) {
    tt1__error_set(err, TT1_BAD_FILE, "%s holds no pixels (7fe0,0010)", f->path);
    return NULL;
  }
  if (first + size > scan->pixels_length) {
    tt1__error_set(err, TT1_BAD_FILE,
                   "%s holds %llu bytes of pixels, but frame %d of %d x %d ends after %llu",
                   f->path, (unsigned long long)scan->pixels_length, f->index + 1, f->columns,
                   f->rows, (unsigned long long)(first + size));
    return NULL;
  }
  return scan->bytes + scan->pixels + first;
}

static tt1_status refuse_syntax(const tt1__frame *f, const tt1__dicom_syntax *syntax,
                                tt1_error *err)
{
  return tt1__error_set(err, TT1_BAD_FILE,
                        "%s stores its pixels as %s (transfer syntax %s), which this build cannot "
                        "decode",
                        f->path, syntax->name, syntax->uid);
}

// The bytes of the values of a frame: in the file, or decoded into `room`. NULL after an error.
static const unsigned char *find_raw(const tt1__frame *f, const tt1__dicom_scan *scan,
                                     const tt1__dicom *dicom, unsigned char *room, size_t size,
                                     tt1_error *err)
{
  tt1_status status = TT1_OK;
  if (scan->syntax.decoder == TT1__BY_RLE)
    status = decode_frame(f, scan, NULL, room, err);
  else if (tt1__dicom_needs_dcmtk(scan))
    status = tt1__dicom_pixels(dicom, f->index, room, size, f->path, err);
  else
    return find_native(f, scan, size, err);
  return status == TT1_OK ? room : NULL;
}

tt1_status tt1__frame_pixels(const tt1__frame *frame, const tt1__dicom_scan *scan,
                             const tt1__dicom *dicom, int32_t *values, tt1_error *err)
{
  if (!scan->syntax.can_decode) return refuse_syntax(frame, &scan->syntax, err);
  if (scan->syntax.decoder == TT1__BY_OPENJPEG) return decode_frame(frame, scan, values, NULL, err);
  size_t count = (size_t)frame->rows * (size_t)frame->columns;
  size_t size = count * (size_t)frame->bits_allocated / 8;
  tt1_error fault = {.status = TT1_NO_MEMORY};
  int is_native = scan->syntax.decoder != TT1__BY_RLE && !tt1__dicom_needs_dcmtk(scan);
  // Decoders of words may want an even length.
  unsigned char *room = is_native ? NULL : tt1__allocate(size + 1, 1);
  if (!is_native && !room) return tt1__no_memory(err);
  const unsigned char *raw = find_raw(frame, scan, dicom, room, size, &fault);
  for (size_t i = 0; raw && i < count; i++)
    values[i] = stored_value(frame, raw, i);
  tt1__free(room);
  if (!raw && err) *err = fault;
  return raw ? TT1_OK : fault.status;
}

tt1_status tt1__frame_floats(const tt1__frame *frame, const tt1__dicom_scan *scan, float *values,
                             tt1_error *err)
{
  size_t count = (size_t)frame->rows * (size_t)frame->columns, size = (size_t)scan->float_size;
  const unsigned char *raw = find_native(frame, scan, count * size, err);
  if (!raw) return TT1_BAD_FILE;
  for (size_t i = 0; i < count; i++) {
    double value;
    if (size == sizeof value)
      memcpy(&value, raw + i * size, sizeof value);
    else
      memcpy(&values[i], raw + i * size, sizeof values[i]);
    if (size == sizeof value) values[i] = (float)value;
    if ((double)values[i] >= frame->no_value[0] && (double)values[i] <= frame->no_value[1])
      values[i] = NAN;
  }
  return TT1_OK;
}
