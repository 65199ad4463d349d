/* SPDX-License-Identifier: MIT
 * Reading NIfTI-1 and NIfTI-2 in either byte order. Nothing in a header is
 * believed before it is checked, and nothing is allocated before it is known
 * that the file can hold it. Voxels are converted piece by piece, so a
 * compressed file is never whole in memory twice. Complex ones become magnitude and phase.
 * The format: Cox et al. 2004, nifti1.h and nifti2.h (nifti.nimh.nih.gov). */
#include <float.h>
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "file/gzip.h"
#include "image/nifti.h"

enum { NIFTI1_SIZE = 348, NIFTI2_SIZE = 540 };
static const uint64_t MAX_VALUES = (uint64_t)1 << 32; // 16 GiB of floats
static const uint64_t MAX_FILE = (uint64_t)1 << 36;

/* The fields in use, whatever their width in the file. */
typedef struct header {
  const char *path;
  unsigned char bytes[NIFTI2_SIZE];
  int version, is_swapped;
  int64_t dim[8];
  double pixdim[8], slope, intercept, offset;
  int datatype, bits, units;
} header;

typedef enum number_kind { NOT_READ, REAL, COMPLEX } number_kind;

typedef struct datatype {
  int code, bits;
  const char *name;
  number_kind kind;
} datatype;

// clang-format off
static const datatype datatypes[] = {
  {   2,   8, "uint8", REAL},          {   4,  16, "int16", REAL},
  {   8,  32, "int32", REAL},          {  16,  32, "float32", REAL},
  {  64,  64, "float64", REAL},        { 256,   8, "int8", REAL},
  { 512,  16, "uint16", REAL},         { 768,  32, "uint32", REAL},
  {1024,  64, "int64", REAL},          {1280,  64, "uint64", REAL},
  {  32,  64, "complex64", COMPLEX},   {1792, 128, "complex128", COMPLEX},
  {   1,   1, "1-bit", NOT_READ},      { 128,  24, "RGB colour", NOT_READ},
  {1536, 128, "float128", NOT_READ},   {2048, 256, "complex256", NOT_READ},
  {2304,  32, "RGBA colour", NOT_READ},
};
// clang-format on

static void swap_bytes(unsigned char *bytes, size_t count, size_t size)
{
  for (size_t i = 0; i < count; i++, bytes += size)
    for (size_t j = 0; j < size / 2; j++) {
      unsigned char byte = bytes[j];
      bytes[j] = bytes[size - 1 - j];
      bytes[size - 1 - j] = byte;
    }
}

static void get(const header *h, size_t at, void *value, size_t size)
{
  memcpy(value, h->bytes + at, size);
  if (h->is_swapped) swap_bytes(value, 1, size);
}

static int64_t get_integer(const header *h, size_t at, size_t size)
{
  int16_t narrow;
  int32_t middle;
  int64_t wide;
  switch (size) {
  case 2: return get(h, at, &narrow, 2), narrow;
  case 4: return get(h, at, &middle, 4), middle;
  default: return get(h, at, &wide, 8), wide;
  }
}

static double get_real(const header *h, size_t at, size_t size)
{
  float narrow;
  double wide;
  if (size == 8) return get(h, at, &wide, 8), wide;
  return get(h, at, &narrow, 4), (double)narrow;
}

static tt1_status bad(const header *h, tt1_error *err, const char *what)
{
  return tt1__error_set(err, TT1_BAD_FILE, "%s %s", h->path, what);
}

/* ---- The first bytes: is it NIfTI at all, which version, which byte order? ---- */

static tt1_status refuse_other_format(const header *h, const tt1__file *file, tt1_error *err)
{
  if (file->length >= 132 && memcmp(file->bytes + 128, "DICM", 4) == 0)
    return bad(h, err, "is a DICOM file; this version reads NIfTI (.nii, .nii.gz)");
  return bad(h, err, "is not a NIfTI file: it does not begin with a header size of 348 or 540");
}

static tt1_status identify(header *h, const tt1__file *file, tt1_error *err)
{
  for (h->is_swapped = 0; h->is_swapped < 2; h->is_swapped++) {
    int64_t size = get_integer(h, 0, 4);
    h->version = size == NIFTI1_SIZE ? 1 : size == NIFTI2_SIZE ? 2 : 0;
    if (h->version) return TT1_OK;
  }
  return refuse_other_format(h, file, err);
}

static tt1_status check_magic(const header *h, tt1_error *err)
{
  const unsigned char *magic = h->bytes + (h->version == 1 ? 344 : 4);
  if (memcmp(magic, h->version == 1 ? "n+1" : "n+2", 4) == 0) {
    if (h->version == 1 || memcmp(magic + 4, "\r\n\032\n", 4) == 0) return TT1_OK;
    return bad(h, err,
               "is damaged: the line ends in its NIfTI-2 signature were changed, as by a transfer "
               "in text mode");
  }
  if (memcmp(magic, h->version == 1 ? "ni1" : "ni2", 4) == 0)
    return bad(h, err,
               "is the header of a .hdr/.img pair; only single files (.nii, .nii.gz) are read, so "
               "convert the pair first");
  if (h->version == 1 && memcmp(magic, "\0\0\0\0", 4) == 0)
    return bad(h, err, "is an ANALYZE 7.5 header without NIfTI signature; convert it to NIfTI");
  return bad(h, err, "is not a NIfTI file: its signature is neither n+1 nor n+2");
}

static tt1_status read_header(header *h, tt1__stream *stream, tt1_error *err)
{
  size_t got = 0;
  tt1_status status = tt1__stream_read(stream, h->bytes, NIFTI1_SIZE, &got, err);
  if (status != TT1_OK) return status;
  if (got < 4) return bad(h, err, "is truncated: it is too short for a NIfTI header");
  status = identify(h, stream->file, err);
  if (status != TT1_OK) return status;
  size_t size = h->version == 1 ? NIFTI1_SIZE : NIFTI2_SIZE, more = 0;
  if (got == NIFTI1_SIZE && h->version == 2)
    status = tt1__stream_read(stream, h->bytes + got, size - got, &more, err);
  if (status != TT1_OK) return status;
  if (got + more < size)
    return tt1__error_set(err, TT1_BAD_FILE,
                          "%s is truncated: it holds %d bytes, a NIfTI-%d header has %d", h->path,
                          (int)(got + more), h->version, (int)size);
  return check_magic(h, err);
}

/* ---- The fields ---- */

static void get_fields(header *h)
{
  int is_first = h->version == 1;
  size_t real = is_first ? 4 : 8;
  for (size_t i = 0; i < 8; i++) {
    h->dim[i] = is_first ? get_integer(h, 40 + 2 * i, 2) : get_integer(h, 16 + 8 * i, 8);
    h->pixdim[i] = get_real(h, (is_first ? 76 : 104) + real * i, real);
  }
  h->datatype = (int)get_integer(h, is_first ? 70 : 12, 2);
  h->bits = (int)get_integer(h, is_first ? 72 : 14, 2);
  h->offset = is_first ? get_real(h, 108, 4) : (double)get_integer(h, 168, 8);
  h->slope = get_real(h, is_first ? 112 : 176, real);
  h->intercept = get_real(h, is_first ? 116 : 184, real);
  h->units = is_first ? h->bytes[123] : (int)(get_integer(h, 500, 4) & 0xFF);
}

static tt1_status check_dimensions(const header *h, tt1_error *err)
{
  if (h->dim[0] < 1 || h->dim[0] > 7)
    return tt1__error_set(err, TT1_BAD_FILE,
                          "%s has %lld dimensions in its header, 1 to 7 are possible", h->path,
                          (long long)h->dim[0]);
  for (int i = 1; i <= h->dim[0]; i++) {
    if (h->dim[i] < 1)
      return tt1__error_set(err, TT1_BAD_FILE,
                            "%s has a size of %lld in dimension %d, at least 1 is possible",
                            h->path, (long long)h->dim[i], i);
    if (i > 4 && h->dim[i] > 1)
      return tt1__error_set(err, TT1_BAD_FILE,
                            "%s has a size of %lld in dimension %d; a series has 3 dimensions in "
                            "space and 1 of images",
                            h->path, (long long)h->dim[i], i);
  }
  if (h->dim[0] >= 4 && h->dim[4] > TT1__MAX_IMAGES)
    return tt1__error_set(err, TT1_BAD_FILE, "%s has %lld images in its header, the limit is %d",
                          h->path, (long long)h->dim[4], TT1__MAX_IMAGES);
  return TT1_OK;
}

static tt1_status check_type(const header *h, const datatype **type, tt1_error *err)
{
  for (size_t i = 0; i < sizeof datatypes / sizeof *datatypes; i++) {
    if (datatypes[i].code != h->datatype) continue;
    if (datatypes[i].kind == NOT_READ)
      return tt1__error_set(err, TT1_BAD_FILE,
                            "%s holds %s voxels (datatype %d); real numbers, or complex ones of "
                            "32 or 64 bits a part, are needed",
                            h->path, datatypes[i].name, h->datatype);
    if (datatypes[i].bits != h->bits)
      return tt1__error_set(err, TT1_BAD_FILE,
                            "%s has %d bits per voxel in its header, its datatype %s has %d",
                            h->path, h->bits, datatypes[i].name, datatypes[i].bits);
    *type = &datatypes[i];
    return TT1_OK;
  }
  return tt1__error_set(err, TT1_BAD_FILE, "%s has the unknown datatype %d in its header", h->path,
                        h->datatype);
}

/* A slope of zero means no scaling; so does NaN, which some programs write for "not set". An intercept of
 * complex numbers is added to both parts by some programs, to the real one by others. */
static tt1_status check_scaling(header *h, const datatype *type, tt1_error *err)
{
  if (isnan(h->slope) || h->slope == 0.0) {
    h->slope = 1.0;
    h->intercept = 0.0;
  }
  if (!isfinite(h->slope) || !isfinite(h->intercept))
    return bad(h, err, "has a scale factor or intercept in its header that is not a finite number");
  if (type->kind == COMPLEX && fabs(h->intercept) > 0.0)
    return tt1__error_set(
        err, TT1_BAD_FILE,
        "%s holds complex voxels with an intercept of %g in its header, which has "
        "no agreed meaning; write them without one",
        h->path, h->intercept);
  return TT1_OK;
}

static tt1_status count_voxels(const header *h, uint64_t *n_voxels, int *n_images, tt1_error *err)
{
  uint64_t total = 1;
  for (int i = 1; i <= 4 && i <= h->dim[0]; i++) {
    if (h->dim[i] < 1 || (uint64_t)h->dim[i] > MAX_VALUES / total)
      return bad(h, err, "has more than 4294967296 voxels in its header, the limit");
    total *= (uint64_t)h->dim[i];
  }
  *n_images = h->dim[0] >= 4 ? (int)h->dim[4] : 1;
  *n_voxels = total / (uint64_t)*n_images;
  return TT1_OK;
}

static tt1_status check_room(const header *h, const tt1__stream *stream, uint64_t bytes,
                             tt1_error *err)
{
  double least = h->version == 1 ? NIFTI1_SIZE : NIFTI2_SIZE;
  uint64_t capacity = tt1__stream_capacity(stream);
  if (!(h->offset >= least && h->offset < 9e15) || floor(h->offset) != h->offset)
    return tt1__error_set(err, TT1_BAD_FILE,
                          "%s says that its voxels begin at byte %.17g, inside its header of %.0f "
                          "bytes or at no possible place",
                          h->path, h->offset, least);
  if ((uint64_t)h->offset > capacity || bytes > capacity - (uint64_t)h->offset)
    return tt1__error_set(err, TT1_BAD_FILE,
                          "%s is truncated: its header describes %llu bytes of voxels from byte "
                          "%llu on, the file %s %llu",
                          h->path, (unsigned long long)bytes, (unsigned long long)h->offset,
                          stream->decompress ? "cannot hold more than" : "has only",
                          (unsigned long long)capacity);
  return TT1_OK;
}

/* ---- Geometry ---- */

// What turns the units of the header into mm: 1 metre, 2 mm, 3 micrometre; 0 is unknown.
static double to_mm(int units)
{
  return (units & 7) == 1 ? 1000.0 : (units & 7) == 3 ? 0.001 : 1.0;
}

static tt1_status get_geometry(const header *h, tt1_geometry *g, tt1_error *err)
{
  int is_first = h->version == 1;
  size_t real = is_first ? 4 : 8;
  double mm = to_mm(h->units), sum = 0.0;
  g->qform_code = (int)get_integer(h, is_first ? 252 : 344, is_first ? 2 : 4);
  g->sform_code = (int)get_integer(h, is_first ? 254 : 348, is_first ? 2 : 4);
  g->qfac = h->pixdim[0] < 0.0 ? -1.0 : 1.0;
  for (size_t i = 0; i < 3; i++) {
    g->size[i] = (int64_t)i < h->dim[0] ? h->dim[i + 1] : 1;
    // Unused dimensions often have no voxel size.
    g->spacing[i] = h->pixdim[i + 1] != 0.0 ? fabs(h->pixdim[i + 1]) * mm : 1.0;
    g->quatern[i] = get_real(h, (is_first ? 256 : 352) + real * i, real);
    g->qoffset[i] = get_real(h, (is_first ? 268 : 376) + real * i, real) * mm;
    sum += g->spacing[i] + g->quatern[i] + g->qoffset[i];
    for (size_t j = 0; j < 4; j++) {
      g->srow[i][j] = get_real(h, (is_first ? 280 : 400) + real * (4 * i + j), real) * mm;
      sum += g->srow[i][j];
    }
  }
  if (isfinite(sum)) return TT1_OK;
  return bad(h, err, "has a voxel size or orientation in its header that is not a finite number");
}

/* ---- Voxels ---- */

static int store(float *out, double stored, const header *h)
{
  double value = stored * h->slope + h->intercept;
  if (fabs(value) > (double)FLT_MAX && isfinite(stored)) return 0;
  *out = (float)value;
  return 1;
}

#define CONVERT(TYPE)                                          \
  for (size_t i = 0; i < count; i++) {                         \
    TYPE stored;                                               \
    memcpy(&stored, bytes + i * sizeof stored, sizeof stored); \
    if (!store(out + i, (double)stored, h)) return i;          \
  }                                                            \
  return count;

// Returns how many were converted: fewer than `count` if one is too large for a float.
static size_t convert(float *out, const unsigned char *bytes, size_t count, const header *h)
{
  switch (h->datatype) {
  case 2: CONVERT(uint8_t)
  case 4: CONVERT(int16_t)
  case 8: CONVERT(int32_t)
  case 16: CONVERT(float)
  case 64: CONVERT(double)
  case 256: CONVERT(int8_t)
  case 512: CONVERT(uint16_t)
  case 768: CONVERT(uint32_t)
  case 1024: CONVERT(int64_t)
  default: CONVERT(uint64_t)
  }
}

// One part of a complex number.
static double get_part(const unsigned char *bytes, const header *h)
{
  float narrow;
  double wide;
  if (h->datatype == 1792) return memcpy(&wide, bytes, sizeof wide), wide;
  return memcpy(&narrow, bytes, sizeof narrow), (double)narrow;
}

// Real and imaginary parts in turn become magnitudes and phases. Returns as convert() does.
static size_t convert_complex(float *magnitude, float *phase, const unsigned char *bytes,
                              size_t count, const header *h)
{
  size_t size = (size_t)h->bits / 16;
  for (size_t i = 0; i < count; i++) {
    double real = get_part(bytes + 2 * i * size, h);
    double imaginary = get_part(bytes + (2 * i + 1) * size, h);
    tt1__to_polar(magnitude + i, phase + i, real * h->slope, imaginary * h->slope);
    if (isinf(magnitude[i]) && isfinite(real) && isfinite(imaginary)) return i;
  }
  return count;
}

// Voxels from number `done` on, which fill `bytes`.
static size_t convert_piece(tt1_image *image, uint64_t done, const unsigned char *bytes,
                            size_t count, const header *h)
{
  return image->phase ? convert_complex(image->data + done, image->phase + done, bytes, count, h)
                      : convert(image->data + done, bytes, count, h);
}

static tt1_status read_voxels(tt1_image *image, uint64_t count, const header *h,
                              tt1__stream *stream, tt1_error *err)
{
  enum { PIECE = 16384 };
  _Alignas(8) unsigned char bytes[PIECE];
  size_t size = (size_t)h->bits / 8, n_parts = image->phase ? 2 : 1, got = 0;
  for (uint64_t done = 0; done < count; done += got / size) {
    uint64_t left = (count - done) * size;
    size_t want = left < PIECE ? (size_t)left : PIECE;
    tt1_status status = tt1__stream_read(stream, bytes, want, &got, err);
    if (status != TT1_OK) return status;
    if (got < want)
      return tt1__error_set(
          err, TT1_BAD_FILE, "%s is truncated: its header describes %llu voxels, it holds %llu",
          h->path, (unsigned long long)count, (unsigned long long)done + got / size);
    if (h->is_swapped) swap_bytes(bytes, got / size * n_parts, size / n_parts);
    size_t converted = convert_piece(image, done, bytes, got / size, h);
    if (converted < got / size)
      return tt1__error_set(err, TT1_BAD_FILE,
                            "%s holds a value at voxel %llu that is too large for a 32-bit float",
                            h->path, (unsigned long long)done + converted);
  }
  return TT1_OK;
}

static tt1_status skip(const header *h, tt1__stream *stream, tt1_error *err)
{
  unsigned char bytes[4096];
  uint64_t left = (uint64_t)h->offset - (h->version == 1 ? NIFTI1_SIZE : NIFTI2_SIZE);
  while (left > 0) {
    size_t want = left < sizeof bytes ? (size_t)left : sizeof bytes, got = 0;
    tt1_status status = tt1__stream_read(stream, bytes, want, &got, err);
    if (status != TT1_OK) return status;
    if (got < want) return bad(h, err, "is truncated: it ends before its first voxel");
    left -= got;
  }
  return TT1_OK;
}

/* ---- All together ---- */

static tt1_status check_header(header *h, const datatype **type, tt1_error *err)
{
  get_fields(h);
  tt1_status status = check_dimensions(h, err);
  if (status == TT1_OK) status = check_type(h, type, err);
  if (status == TT1_OK) status = check_scaling(h, *type, err);
  return status;
}

/* What torcht1 writes as description ends in the unit: "longitudinal relaxation time (s)". */
static int take_unit(tt1_image *image, const header *h)
{
  char text[81] = "";
  memcpy(text, h->bytes + (h->version == 1 ? 148 : 240), 80);
  const char *open = strrchr(text, '('), *close = open ? strchr(open, ')') : NULL;
  if (!close || close[1] || close == open + 1) return 1;
  return tt1__image_set_unit(image, open + 1, (size_t)(close - open - 1));
}

static tt1_status parse_header(tt1_image *image, header *h, const datatype **type,
                               uint64_t *n_voxels, tt1__stream *stream, tt1_error *err)
{
  tt1_status status = read_header(h, stream, err);
  if (status == TT1_OK) status = check_header(h, type, err);
  return status == TT1_OK ? count_voxels(h, n_voxels, &image->n_images, err) : status;
}

tt1_status tt1__nifti_look(tt1_image *image, const char *path, tt1_error *err)
{
  enum { ENOUGH = 4096 }; // of a compressed file, too
  unsigned char bytes[ENOUGH];
  header h = {.path = path};
  const datatype *type = NULL;
  uint64_t n_voxels = 0;
  tt1__stream stream;
  tt1__file file = {.bytes = bytes, .length = tt1__file_peek(path, bytes, ENOUGH)};
  tt1_status status = tt1__stream_open(&stream, &file, path, err);
  if (status != TT1_OK) return status;
  status = parse_header(image, &h, &type, &n_voxels, &stream, err);
  if (status == TT1_OK) status = get_geometry(&h, &image->geometry, err);
  tt1__stream_close(&stream);
  image->n_voxels = (int64_t)n_voxels;
  image->stored_type = type ? type->name : NULL;
  return status != TT1_OK || tt1__image_add_file(image, path, 0) ? status : tt1__no_memory(err);
}

static tt1_status parse(tt1_image *image, header *h, tt1__stream *stream, tt1_error *err)
{
  const datatype *type = &datatypes[0];
  uint64_t n_voxels = 0;
  tt1_status status = parse_header(image, h, &type, &n_voxels, stream, err);
  if (status != TT1_OK) return status;
  uint64_t count = n_voxels * (uint64_t)image->n_images;
  status = check_room(h, stream, count * (uint64_t)(type->bits / 8), err);
  if (status == TT1_OK) status = get_geometry(h, &image->geometry, err);
  if (status == TT1_OK) status = skip(h, stream, err);
  if (status != TT1_OK) return status;
  image->data = tt1__allocate((size_t)count, sizeof *image->data);
  if (type->kind == COMPLEX) image->phase = tt1__allocate((size_t)count, sizeof *image->phase);
  if (!image->data || (type->kind == COMPLEX && !image->phase)) return tt1__no_memory(err);
  image->n_voxels = (int64_t)n_voxels;
  image->format = h->version == 1 ? "NIfTI-1" : "NIfTI-2";
  image->stored_type = type->name;
  if (!take_unit(image, h)) return tt1__no_memory(err);
  status = read_voxels(image, count, h, stream, err);
  return status == TT1_OK ? tt1__stream_finish(stream, err) : status;
}

tt1_status tt1__nifti_parse(tt1_image *image, const tt1__file *file, const char *path,
                            tt1_error *err)
{
  header h = {.path = path};
  tt1__stream stream;
  tt1_status status = tt1__stream_open(&stream, file, path, err);
  if (status != TT1_OK) return status;
  status = parse(image, &h, &stream, err);
  tt1__stream_close(&stream);
  return status;
}

tt1_status tt1__nifti_open(tt1_image **out, const char *path, tt1_error *err)
{
  tt1__file file = {0};
  tt1_image *image = tt1__image_new();
  if (!image) return tt1__no_memory(err);
  tt1_status status = tt1__file_read(&file, path, MAX_FILE, err);
  if (status == TT1_OK) status = tt1__nifti_parse(image, &file, path, err);
  if (status == TT1_OK && !tt1__image_add_file(image, path, file.checksum))
    status = tt1__no_memory(err);
  tt1__file_free(&file);
  if (status == TT1_OK)
    *out = image;
  else
    tt1_image_free(image);
  return status;
}

int tt1__nifti_is_complex(const tt1_image *image)
{
  return image->stored_type && strncmp(image->stored_type, "complex", 7) == 0;
}

size_t tt1__nifti_stem(const char *name)
{
  static const char *const endings[] = {".nii.gz", ".nii"};
  for (int i = 0; i < 2; i++)
    if (tt1__ends_in(name, endings[i])) return strlen(name) - strlen(endings[i]);
  return 0;
}
