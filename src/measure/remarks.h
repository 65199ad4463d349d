/* SPDX-License-Identifier: MIT
 * Sentences about what was assumed or mended, in the order in which they came up. */
#ifndef TT1_MEASURE_REMARKS_H
#define TT1_MEASURE_REMARKS_H

#include "base/memory.h"
#include "tt1_json.h"

/** Zero-initialise; free with tt1__remarks_free(). */
typedef struct tt1__remarks {
  const char **items; /* [n] */
  int n, capacity;
  tt1__arena texts;
} tt1__remarks;

/** Add a sentence. TT1_NO_MEMORY. */
__attribute__((format(printf, 3, 4))) tt1_status tt1__remark(tt1__remarks *remarks, tt1_error *err,
                                                             const char *format, ...);
/** Add an array of sentences. */
void tt1__remarks_json(tt1_json *out, const char *key, const char *const *items, int n);
void tt1__remarks_free(tt1__remarks *remarks);
#endif
