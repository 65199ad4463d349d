/* SPDX-License-Identifier: MIT
 *
 * JSON as the reports of this library are written: indented, keys in the order in which they are given,
 * numbers that read back as the same double. The contract of torcht1.h holds here too.
 */
#ifndef TT1_JSON_H
#define TT1_JSON_H

#include <stddef.h>

#include "torcht1.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A text in the making. Zero-initialise it. Once memory runs out every call does nothing, so only the
 * end needs a check. Its fields are for the functions below. */
typedef struct tt1_json {
  char *bytes;
  size_t length, capacity;
  int failed, depth, is_first, is_inline;
} tt1_json;

/** Begin an object, `bracket` '{', or an array, '['. Here and below `key` is NULL within an array. */
TT1_API void tt1_json_open(tt1_json *out, const char *key, char bracket);
/** End it, with the same bracket. */
TT1_API void tt1_json_close(tt1_json *out, char bracket);
/** A text, NULL gives null. What is no UTF-8 becomes U+FFFD. */
TT1_API void tt1_json_text(tt1_json *out, const char *key, const char *value);
/** A number; what is not finite gives null. */
TT1_API void tt1_json_number(tt1_json *out, const char *key, double value);
TT1_API void tt1_json_integer(tt1_json *out, const char *key, int64_t value);
TT1_API void tt1_json_boolean(tt1_json *out, const char *key, int value);
/** A whole array on one line: `values` [count]. */
TT1_API void tt1_json_numbers(tt1_json *out, const char *key, const double *values, int count);
/** The same, or an array of such arrays where each slice has its own: `values` [n_slices][count]. */
TT1_API void tt1_json_slices(tt1_json *out, const char *key, const double *values, int count,
                             int n_slices);
/** End the document with a newline and hand its text over: free it with tt1_text_free(). NULL if
    memory ran out. `out` is empty again. */
TT1_API char *tt1_json_take(tt1_json *out);
/** Give up a document. */
TT1_API void tt1_json_free(tt1_json *out);

/** The fewest digits that read back as the same double, with a point in every locale; "nan", "inf". */
TT1_API void tt1_number_text(char text[40], double value);

#ifdef __cplusplus
}
#endif
#endif /* TT1_JSON_H */
