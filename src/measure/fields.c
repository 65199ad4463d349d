/* SPDX-License-Identifier: MIT */
#include "measure/fields.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

static double number_of(const tt1__field *f, const void *of)
{
  double value;
  memcpy(&value, (const char *)of + f->offset, sizeof value);
  return value;
}

static int64_t count_of(const tt1__field *f, const void *of)
{
  int64_t value;
  memcpy(&value, (const char *)of + f->offset, sizeof value);
  return value;
}

void tt1__fields_json(tt1_json *out, const tt1__field *fields, int n, const void *of)
{
  for (int i = 0; i < n; i++)
    if (fields[i].is_count)
      tt1_json_integer(out, fields[i].name, count_of(&fields[i], of));
    else
      tt1_json_number(out, fields[i].name, number_of(&fields[i], of));
}

void tt1__fields_head(tt1__text *out, const tt1__field *fields, int n)
{
  for (int i = 0; i < n; i++)
    tt1__text_add(out, ",%s", fields[i].name);
}

void tt1__csv_number(tt1__text *out, double value)
{
  tt1__text_add(out, ",");
  if (isfinite(value)) tt1__text_add_number(out, value);
}

void tt1__fields_row(tt1__text *out, const tt1__field *fields, int n, const void *of)
{
  for (int i = 0; i < n; i++)
    if (fields[i].is_count)
      tt1__text_add(out, ",%" PRId64, count_of(&fields[i], of));
    else
      tt1__csv_number(out, number_of(&fields[i], of));
}
