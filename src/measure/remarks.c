/* SPDX-License-Identifier: MIT */
#include "measure/remarks.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"

tt1_status tt1__remark(tt1__remarks *remarks, tt1_error *err, const char *format, ...)
{
  char text[1200];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  if (remarks->n == remarks->capacity) {
    int capacity = remarks->capacity + 16;
    const char **grown = tt1__reallocate((void *)remarks->items, (size_t)capacity,
                                         sizeof *grown); // NOLINT(bugprone-sizeof-expression)
    if (!grown) return tt1__no_memory(err);
    remarks->items = grown;
    remarks->capacity = capacity;
  }
  const char *copy = tt1__arena_copy(&remarks->texts, text, strlen(text));
  if (!copy) return tt1__no_memory(err);
  remarks->items[remarks->n++] = copy;
  return TT1_OK;
}

void tt1__remarks_json(tt1_json *out, const char *key, const char *const *items, int n)
{
  tt1_json_open(out, key, '[');
  for (int i = 0; i < n; i++)
    tt1_json_text(out, NULL, items[i]);
  tt1_json_close(out, '[');
}

void tt1__remarks_free(tt1__remarks *remarks)
{
  tt1__free((void *)remarks->items);
  tt1__arena_free(&remarks->texts);
  *remarks = (tt1__remarks){0};
}
