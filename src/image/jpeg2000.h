/* SPDX-License-Identifier: MIT
 * Grey images from JPEG 2000 codestreams. A build without OpenJPEG refuses them. */
#ifndef TT1_IMAGE_JPEG2000_H
#define TT1_IMAGE_JPEG2000_H

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
 * Decode a frame of up to 4,194,304 pixels of up to 16 bits.
 * @param values  [rows * columns]
 * @return TT1_OK, TT1_BAD_FILE if the codestream is damaged or is not of this shape, TT1_NO_MEMORY,
 *         TT1_NO_DEVICE
 */
tt1_status tt1__jpeg2000_decode(int32_t *values, const tt1__codestream *codestream,
                                const tt1__frame_shape *shape, tt1_error *err);
#endif
