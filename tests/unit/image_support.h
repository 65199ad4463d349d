/* SPDX-License-Identifier: MIT
 * For the tests of the image room: temporary folders, and NIfTI files put
 * together byte by byte, in any version, type and byte order, without the
 * library's own writer. */
#ifndef TT1_TESTS_IMAGE_SUPPORT_H
#define TT1_TESTS_IMAGE_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "image/image.h"
#include "image/nifti.h"

/* ---- Temporary folders ---- */

typedef struct sandbox {
  char path[64];
} sandbox;

static inline sandbox sandbox_make(void)
{
  sandbox s = {"/tmp/torcht1-test-XXXXXX"};
  assert_non_null(mkdtemp(s.path));
  return s;
}

/* The same where flushing costs nothing, if there is such a place: for thousands of files. */
static inline sandbox sandbox_make_in_memory(void)
{
  sandbox s = {"/dev/shm/torcht1-test-XXXXXX"};
  return access("/dev/shm", W_OK) == 0 && mkdtemp(s.path) ? s : sandbox_make();
}

/* The path of `name` in the sandbox; one of eight buffers in turn. */
static inline const char *inside(const sandbox *s, const char *name)
{
  static char paths[8][512];
  static int turn;
  char *path = paths[turn++ % 8];
  snprintf(path, sizeof paths[0], "%s/%s", s->path, name);
  return path;
}

static inline void remove_tree(const char *path)
{
  DIR *directory = opendir(path);
  struct dirent *item;
  while (directory && (item = readdir(directory)) != NULL) {
    char below[1024];
    if (strcmp(item->d_name, ".") == 0 || strcmp(item->d_name, "..") == 0) continue;
    int length = snprintf(below, sizeof below, "%s/%s", path, item->d_name);
    assert_true(length > 0 && length < (int)sizeof below);
    if (unlink(below) != 0) remove_tree(below);
  }
  if (directory) closedir(directory);
  rmdir(path);
}

/* Entries of a folder, hidden ones too; -1 if there is no such folder. */
static inline int count_entries(const char *path)
{
  DIR *directory = opendir(path);
  int count = -2;
  if (!directory) return -1;
  while (readdir(directory))
    count++;
  closedir(directory);
  return count;
}

static inline void write_bytes(const char *path, const void *bytes, size_t length)
{
  FILE *file = fopen(path, "wb");
  assert_non_null(file);
  assert_int_equal(fwrite(bytes, 1, length, file), length);
  assert_int_equal(fclose(file), 0);
}

static inline void write_text(const char *path, const char *text)
{
  write_bytes(path, text, strlen(text));
}

static inline int same_text(const char *path, const char *text)
{
  char found[256] = {0};
  FILE *file = fopen(path, "rb");
  if (!file) return 0;
  size_t length = fread(found, 1, sizeof found - 1, file);
  fclose(file);
  return length == strlen(text) && memcmp(found, text, length) == 0;
}

/* ---- Errors ---- */

static inline void check_sentence(const tt1_error *err, tt1_status status, const char *part)
{
  if (err->status != status || !strstr(err->message, part))
    print_error("expected status %d with \"%s\", got %d: %s\n", status, part, err->status,
                err->message);
  assert_int_equal(err->status, status);
  assert_non_null(strstr(err->message, part));
  assert_null(strchr(err->message, '\n'));
}

/* ---- NIfTI ---- */

typedef struct nifti {
  unsigned char bytes[8192];
  size_t length, offset; /* `offset`: of the first voxel */
  int version, is_swapped;
} nifti;

static inline void put_bytes(nifti *n, size_t at, const void *value, size_t size)
{
  const unsigned char *from = value;
  for (size_t i = 0; i < size; i++)
    n->bytes[at + i] = from[n->is_swapped ? size - 1 - i : i];
}

static inline void put_whole(nifti *n, size_t at, int64_t value, size_t size)
{
  int16_t narrow = (int16_t)value;
  int32_t middle = (int32_t)value;
  put_bytes(n, at,
            size == 2   ? (void *)&narrow
            : size == 4 ? (void *)&middle
                        : (void *)&value,
            size);
}

static inline void put_float(nifti *n, size_t at, double value, size_t size)
{
  float narrow = (float)value;
  put_bytes(n, at, size == 4 ? (void *)&narrow : (void *)&value, size);
}

/* A header for nx x ny x nz x nt voxels; the voxels are zero. */
static inline nifti nifti_make(int version, int is_swapped, int datatype, int bits, int nx, int ny,
                               int nz, int nt)
{
  nifti n = {.version = version, .is_swapped = is_swapped};
  int is_first = version == 1;
  size_t real = is_first ? 4 : 8;
  int64_t dim[8] = {4, nx, ny, nz, nt, 1, 1, 1};
  n.offset = is_first ? 352 : 544;
  n.length = n.offset + (size_t)(nx * ny * nz * nt) * (size_t)bits / 8;
  assert_true(n.length <= sizeof n.bytes);
  put_whole(&n, 0, is_first ? 348 : 540, 4);
  for (size_t i = 0; i < 8; i++) {
    put_whole(&n, is_first ? 40 + 2 * i : 16 + 8 * i, dim[i], is_first ? 2 : 8);
    put_float(&n, (is_first ? 76 : 104) + real * i, 1.0 + (double)i / 4.0, real);
  }
  put_whole(&n, is_first ? 70 : 12, datatype, 2);
  put_whole(&n, is_first ? 72 : 14, bits, 2);
  if (is_first)
    put_float(&n, 108, (double)n.offset, 4);
  else
    put_whole(&n, 168, (int64_t)n.offset, 8);
  if (is_first)
    memcpy(n.bytes + 344, "n+1", 4);
  else
    memcpy(n.bytes + 4, "n+2\0\r\n\032\n", 8);
  return n;
}

/* A small float32 series: value of voxel v in image t is 10 t + v. */
static inline nifti nifti_series(int nx, int ny, int nt)
{
  nifti n = nifti_make(1, 0, 16, 32, nx, ny, 1, nt);
  for (int t = 0; t < nt; t++)
    for (int v = 0; v < nx * ny; v++)
      put_float(&n, n.offset + 4 * (size_t)(t * nx * ny + v), 10.0 * t + v, 4);
  return n;
}

/* Parse bytes in memory of exactly their length, so that a sanitizer sees any step beyond. */
static inline tt1_status parse_bytes(tt1_image **out, const void *bytes, size_t length,
                                     tt1_error *err)
{
  tt1__file file = {malloc(length ? length : 1), length, 0};
  tt1_image *image = tt1__image_new();
  assert_non_null(file.bytes);
  assert_non_null(image);
  memcpy(file.bytes, bytes, length);
  tt1_status status = tt1__nifti_parse(image, &file, "t.nii", err);
  free(file.bytes);
  if (status == TT1_OK && out)
    *out = image;
  else
    tt1_image_free(image);
  return status;
}
#endif
