/* SPDX-License-Identifier: MIT
 * Numbers of a struct under names, so that JSON and tables have the same. */
#ifndef TT1_MEASURE_FIELDS_H
#define TT1_MEASURE_FIELDS_H

#include <stddef.h>

#include "base/text.h"
#include "tt1_json.h"

typedef struct tt1__field {
  const char *name;
  size_t offset;
  int is_count; /* int64_t, else double */
} tt1__field;

#define TT1__COUNT(type, name, member) \
  {                                    \
    name, offsetof(type, member), 1    \
  }
#define TT1__NUMBER(type, name, member) \
  {                                     \
    name, offsetof(type, member), 0     \
  }

/** Add all of a struct to an object. */
void tt1__fields_json(tt1_json *out, const tt1__field *fields, int n, const void *of);
/** Add ",name" for each, or ",number": nothing where it is not finite, as a spreadsheet has it. */
void tt1__fields_head(tt1__text *out, const tt1__field *fields, int n);
void tt1__fields_row(tt1__text *out, const tt1__field *fields, int n, const void *of);
void tt1__csv_number(tt1__text *out, double value);
#endif
