/* SPDX-License-Identifier: MIT */
#include "tt1_json.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"

static void add(tt1_json *out, const char *bytes, size_t length)
{
  if (out->failed) return;
  if (out->length + length + 1 > out->capacity) {
    size_t capacity = 2 * (out->length + length + 1) + 1024;
    char *grown = tt1__reallocate(out->bytes, capacity, 1);
    out->failed = !grown;
    if (!grown) return;
    out->bytes = grown;
    out->capacity = capacity;
  }
  memcpy(out->bytes + out->length, bytes, length);
  out->length += length;
  out->bytes[out->length] = '\0';
}

static void add_text(tt1_json *out, const char *text)
{
  add(out, text, strlen(text));
}

// Names of files need not be UTF-8, and JSON must.
static void add_quoted(tt1_json *out, const char *text)
{
  add_text(out, "\"");
  for (const char *c = text; *c;) {
    char escaped[8];
    int length = tt1__character_length(c);
    if (!length)
      snprintf(escaped, sizeof escaped, "\\ufffd"); // as readers show what is none
    else if (*c == '"' || *c == '\\')
      snprintf(escaped, sizeof escaped, "\\%c", *c);
    else if (*c == '\n')
      snprintf(escaped, sizeof escaped, "\\n");
    else if ((unsigned char)*c < 0x20)
      snprintf(escaped, sizeof escaped, "\\u%04x", (unsigned)*c);
    else
      snprintf(escaped, sizeof escaped, "%.*s", length, c);
    add_text(out, escaped);
    c += length ? length : 1;
  }
  add_text(out, "\"");
}

static void begin_line(tt1_json *out)
{
  add_text(out, "\n");
  for (int i = 0; i < out->depth; i++)
    add_text(out, "  ");
}

// What stands before every value: comma, line, key.
static void begin(tt1_json *out, const char *key)
{
  if (out->depth == 0) return;
  if (!out->is_first) add_text(out, ",");
  if (!out->is_inline)
    begin_line(out);
  else if (!out->is_first)
    add_text(out, " ");
  out->is_first = 0;
  if (!key) return;
  add_quoted(out, key);
  add_text(out, ": ");
}

void tt1_json_open(tt1_json *out, const char *key, char bracket)
{
  begin(out, key);
  add(out, &bracket, 1);
  out->depth++;
  out->is_first = 1;
}

void tt1_json_close(tt1_json *out, char bracket)
{
  out->depth--;
  if (!out->is_first && !out->is_inline) begin_line(out);
  add_text(out, bracket == '{' ? "}" : "]");
  out->is_first = 0;
}

void tt1_json_text(tt1_json *out, const char *key, const char *value)
{
  begin(out, key);
  if (value)
    add_quoted(out, value);
  else
    add_text(out, "null");
}

void tt1_json_number(tt1_json *out, const char *key, double value)
{
  char text[40] = "null";
  if (isfinite(value)) tt1_number_text(text, value);
  begin(out, key);
  add_text(out, text);
}

void tt1_json_integer(tt1_json *out, const char *key, int64_t value)
{
  char text[32];
  snprintf(text, sizeof text, "%" PRId64, value);
  begin(out, key);
  add_text(out, text);
}

void tt1_json_boolean(tt1_json *out, const char *key, int value)
{
  begin(out, key);
  add_text(out, value ? "true" : "false");
}

void tt1_json_numbers(tt1_json *out, const char *key, const double *values, int count)
{
  tt1_json_open(out, key, '[');
  out->is_inline = 1;
  for (int i = 0; i < count; i++)
    tt1_json_number(out, NULL, values[i]);
  tt1_json_close(out, '[');
  out->is_inline = 0;
}

void tt1_json_slices(tt1_json *out, const char *key, const double *values, int count, int n_slices)
{
  if (n_slices <= 1) {
    tt1_json_numbers(out, key, values, count);
    return;
  }
  tt1_json_open(out, key, '[');
  for (int slice = 0; slice < n_slices; slice++)
    tt1_json_numbers(out, NULL, values + (size_t)slice * (size_t)count, count);
  tt1_json_close(out, '[');
}

char *tt1_json_take(tt1_json *out)
{
  add_text(out, "\n");
  char *text = out->failed ? NULL : out->bytes;
  if (out->failed) tt1__free(out->bytes);
  *out = (tt1_json){0};
  return text;
}

void tt1_json_free(tt1_json *out)
{
  tt1__free(out->bytes);
  *out = (tt1_json){0};
}
