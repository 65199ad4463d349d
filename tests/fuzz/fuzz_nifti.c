/* SPDX-License-Identifier: MIT
 * Any bytes as a NIfTI file, compressed or not: refused with one sentence or
 * read, never more. For libFuzzer. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "image/image.h"
#include "image/nifti.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
  tt1__file file = {malloc(length ? length : 1), length, 0};
  tt1_image *image = tt1__image_new();
  tt1_error err = {0};
  if (!file.bytes || !image) abort();
  memcpy(file.bytes, bytes, length);
  tt1_status status = tt1__nifti_parse(image, &file, "fuzz.nii", &err);
  if (status != TT1_OK && (!err.message[0] || strchr(err.message, '\n'))) abort();
  if (status == TT1_OK && (tt1_image_n_images(image) < 1 || tt1_image_n_voxels(image) < 1)) abort();
  tt1_image_free(image);
  free(file.bytes);
  return 0;
}
