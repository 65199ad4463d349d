/* SPDX-License-Identifier: MIT
 * The .npz files of NumPy: a zip archive of .npy arrays. Reads what numpy.savez
 * and savez_compressed write, in float32 and float64; trusts no length in the
 * file. Not a general unzip: no encryption, no archive over 4 GiB. */
#ifndef TT1_NETWORK_NPZ_H
#define TT1_NETWORK_NPZ_H

#include "base/text.h"
#include "image/image.h"

enum { TT1__MAX_ARRAYS = 256, TT1__MAX_ARRAY_DIMENSIONS = 4 };

/** An array in memory, row-major, whatever its type and order in the file. */
typedef struct tt1__array {
  int n_dimensions;
  int64_t size[TT1__MAX_ARRAY_DIMENSIONS];
  int64_t count;
  double *values; /* [count]; free with tt1__free() */
} tt1__array;

/** What the directory of an archive says of one array. */
typedef struct tt1__npz_entry {
  char name[64]; /* without ".npy" */
  int method;
  uint32_t checksum, packed, unpacked, at; /* bytes; `at` is the place of the local header */
} tt1__npz_entry;

typedef struct tt1__npz {
  const tt1__file *file; /* borrowed */
  const char *path;
  int n_entries;
  tt1__npz_entry entries[TT1__MAX_ARRAYS];
} tt1__npz;

/** Read the directory of an archive. `path` is for messages. TT1_BAD_FILE. */
tt1_status tt1__npz_open(tt1__npz *npz, const tt1__file *file, const char *path, tt1_error *err);
/** Index of the array that is called `name` or ends in ".name"; -1 if there is none. */
int tt1__npz_find(const tt1__npz *npz, const char *name);
/** Read array `index`. TT1_BAD_FILE, TT1_NO_MEMORY. */
tt1_status tt1__npz_read(tt1__array *array, const tt1__npz *npz, int index, tt1_error *err);

/** Read the bytes of one .npy file. */
tt1_status tt1__npy_parse(tt1__array *array, const unsigned char *bytes, size_t length,
                          const char *path, const char *name, tt1_error *err);

/** Making an archive: begin with zero, add arrays, take the bytes. */
typedef struct tt1__npz_writer {
  tt1__text body, directory;
  int n_arrays;
} tt1__npz_writer;

/** Add an array of `type` (TT1_FLOAT32 or TT1_FLOAT64) in row-major order. */
tt1_status tt1__npz_add(tt1__npz_writer *writer, const char *name, tt1_type type,
                        const void *values, int n_dimensions, const int64_t *size, tt1_error *err);
/** The whole file in `writer->body`; free with tt1__npz_free(). */
tt1_status tt1__npz_finish(tt1__npz_writer *writer, tt1_error *err);
void tt1__npz_free(tt1__npz_writer *writer);
#endif
