/* SPDX-License-Identifier: MIT
 * Grey frames from their compressed bytes, where DCMTK is not asked: it knows no JPEG 2000,
 * and its RLE decoder reads beyond a frame whose offsets lie (3.6.7). */
#ifndef TT1_DICOM_COMPRESSED_H
#define TT1_DICOM_COMPRESSED_H

#include <stddef.h>
#include <stdint.h>

#include "torcht1.h"

/** The compressed bytes of one frame; path and number are for messages. */
typedef struct tt1__codestream {
  const unsigned char *bytes;
  size_t length;
  const char *path;
  int frame; /* from 0 */
} tt1__codestream;

/** What the DICOM file says of its frames. */
typedef struct tt1__frame_shape {
  int rows, columns, bits_allocated, bits_stored, is_signed;
} tt1__frame_shape;

/**
 * Decode JPEG 2000: up to 4,194,304 pixels of up to 16 bits.
 * @param values  [rows * columns]
 * @return TT1_OK, TT1_BAD_FILE if the codestream is damaged or is not of this shape, TT1_NO_MEMORY,
 *         TT1_NO_DEVICE in a build without OpenJPEG
 */
tt1_status tt1__jpeg2000_decode(int32_t *values, const tt1__codestream *codestream,
                                const tt1__frame_shape *shape, tt1_error *err);

/**
 * Decode DICOM's RLE.
 * @param raw  [rows * columns] of bits_allocated each, in the byte order of the machine
 * @return TT1_OK or TT1_BAD_FILE
 */
tt1_status tt1__rle_decode(void *raw, const tt1__codestream *codestream,
                           const tt1__frame_shape *shape, tt1_error *err);
#endif
