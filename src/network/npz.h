/* SPDX-License-Identifier: MIT
 * The .npz files of NumPy: a zip archive of .npy arrays. Reads what numpy.savez
 * and savez_compressed write, in float32 and float64; trusts no length in the
 * file. */
#ifndef TT1_NETWORK_NPZ_H
#define TT1_NETWORK_NPZ_H

#include "file/zip.h"

enum { TT1__MAX_ARRAY_DIMENSIONS = 4 };

/** An array in memory, row-major, whatever its type and order in the file. */
typedef struct tt1__array {
  int n_dimensions;
  int64_t size[TT1__MAX_ARRAY_DIMENSIONS];
  int64_t count;
  double *values; /* [count]; free with tt1__free() */
} tt1__array;

/** Read the directory of an archive of arrays. `path` is for messages. TT1_BAD_FILE, TT1_NO_MEMORY.
    Close it also after a failure. */
tt1_status tt1__npz_open(tt1__zip *npz, const tt1__file *file, const char *path, tt1_error *err);
/** Index of the array that is called `name` or ends in ".name"; -1 if there is none. */
int tt1__npz_find(const tt1__zip *npz, const char *name);
/** Read array `index`. TT1_BAD_FILE, TT1_NO_MEMORY. */
tt1_status tt1__npz_read(tt1__array *array, const tt1__zip *npz, int index, tt1_error *err);

/** Read the bytes of one .npy file. */
tt1_status tt1__npy_parse(tt1__array *array, const unsigned char *bytes, size_t length,
                          const char *path, const char *name, tt1_error *err);

/** Add an array of `type` (TT1_FLOAT32 or TT1_FLOAT64) in row-major order. */
tt1_status tt1__npz_add(tt1__zip_writer *writer, const char *name, tt1_type type,
                        const void *values, int n_dimensions, const int64_t *size, tt1_error *err);
#endif
