/* SPDX-License-Identifier: MIT
 * Any bytes as a private header of Siemens: a finite number or none, and lists in their bounds. For libFuzzer. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "dicom/csa.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
  tt1__listed list = {0};
  unsigned char *copy = malloc(length ? length : 1);
  if (!copy) abort();
  memcpy(copy, bytes, length);
  double value = tt1__csa_number(copy, length, "InversionTime");
  if (!isnan(value) && !isfinite(value)) abort();
  tt1__csa_list(&list, copy, length, "alTI");
  if (list.count < list.n_told || list.count > TT1__MAX_LISTED || list.n_told < 0) abort();
  for (int i = 0; i < TT1__MAX_LISTED; i++)
    if (!(list.values[i] >= 0.0 && list.values[i] < 1e9)) abort();
  free(copy);
  return 0;
}
