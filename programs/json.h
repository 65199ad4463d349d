/* SPDX-License-Identifier: MIT
 * Writing JSON: indented, keys in the order they are given, numbers that read
 * back as the same double. */
#ifndef TT1_JSON_H
#define TT1_JSON_H

#include <stddef.h>
#include <stdint.h>

#include "tt1_image.h"

typedef struct json {
  char *bytes;
  size_t length, capacity;
  int depth, is_first, is_inline;
} json;

/* `key` is NULL inside an array. `bracket` is '{' or '['. */
void json_open(json *out, const char *key, char bracket);
void json_close(json *out, char bracket);
void json_text(json *out, const char *key, const char *value); /* NULL gives null */
void json_number(json *out, const char *key, double value);    /* not finite gives null */
void json_integer(json *out, const char *key, int64_t value);
void json_boolean(json *out, const char *key, int value);
/** The fewest digits that read back as the same double. */
void shortest_number(char text[40], double value);
/** A whole array on one line. */
void json_numbers(json *out, const char *key, const double *values, int count);
/** The same, or an array of such arrays where each slice has its own: `values` [n_slices][count]. */
void json_slices(json *out, const char *key, const double *values, int count, int n_slices);
/** An array of the files that a series was read from, with their checksums. */
void json_inputs(json *out, const char *key, const tt1_image *image);
/** End the document with a newline and hand its text over; free with free(). */
char *json_finish(json *out);
/** Hand over what there is of a document that is not closed; free with free(). */
char *json_take(json *out);
#endif
