/* SPDX-License-Identifier: MIT
 * Any bytes as a JSON sidecar of three images. For libFuzzer. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "bids/sidecar.h"
#include "image/image.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
  tt1_image *image = tt1__image_new();
  tt1_error err = {0};
  if (!image) abort();
  image->n_images = 3;
  tt1_status status = tt1__sidecar_parse(image, (const char *)bytes, length, "fuzz.json", &err);
  if (status != TT1_OK && (!err.message[0] || strchr(err.message, '\n'))) abort();
  for (int i = 0; i < image->n_known; i++) {
    const tt1_known_values *known = tt1_image_known(image, i);
    if (known->count != 1 && known->count != 3) abort();
    for (int j = 0; j < known->count; j++)
      if (!isfinite(known->values[j])) abort();
  }
  tt1_image_free(image);
  return 0;
}
