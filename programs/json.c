/* SPDX-License-Identifier: MIT
 * A JSON printer. No locale is set in this program, so printf writes points. */
#include "json.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "program.h"

static void add(json *out, const char *bytes, size_t length)
{
  if (out->length + length + 1 > out->capacity) {
    size_t capacity = 2 * (out->length + length + 1) + 1024;
    char *grown = allocate(capacity, 1);
    if (out->length) memcpy(grown, out->bytes, out->length);
    free(out->bytes);
    out->bytes = grown;
    out->capacity = capacity;
  }
  memcpy(out->bytes + out->length, bytes, length);
  out->length += length;
  out->bytes[out->length] = '\0';
}

static void add_text(json *out, const char *text)
{
  add(out, text, strlen(text));
}

/* Bytes of the character at `c` as UTF-8 has it; 0: it is none. Names of files need not be. */
static size_t character(const char *c)
{
  const unsigned char *b = (const unsigned char *)c;
  size_t length = b[0] < 0x80                   ? 1
                  : b[0] >= 0xC2 && b[0] < 0xE0 ? 2
                  : b[0] < 0xE0                 ? 0
                  : b[0] < 0xF0                 ? 3
                  : b[0] < 0xF5                 ? 4
                                                : 0;
  for (size_t i = 1; i < length; i++)
    if ((b[i] & 0xC0) != 0x80) return 0;
  int is_twice = (b[0] == 0xE0 && b[1] < 0xA0) || (b[0] == 0xF0 && b[1] < 0x90); // overlong
  int is_half = b[0] == 0xED && b[1] >= 0xA0, is_beyond = b[0] == 0xF4 && b[1] >= 0x90;
  return is_twice || is_half || is_beyond ? 0 : length;
}

static void add_quoted(json *out, const char *text)
{
  add_text(out, "\"");
  for (const char *c = text; *c;) {
    char escaped[8];
    size_t length = character(c);
    if (!length)
      snprintf(escaped, sizeof escaped, "\\ufffd"); // as readers show what is none
    else if (*c == '"' || *c == '\\')
      snprintf(escaped, sizeof escaped, "\\%c", *c);
    else if (*c == '\n')
      snprintf(escaped, sizeof escaped, "\\n");
    else if ((unsigned char)*c < 0x20)
      snprintf(escaped, sizeof escaped, "\\u%04x", (unsigned)*c);
    else
      snprintf(escaped, sizeof escaped, "%.*s", (int)length, c);
    add_text(out, escaped);
    c += length ? length : 1;
  }
  add_text(out, "\"");
}

static void begin_line(json *out)
{
  add_text(out, "\n");
  for (int i = 0; i < out->depth; i++)
    add_text(out, "  ");
}

/* What stands before every value: comma, line, key. */
static void begin(json *out, const char *key)
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

void json_open(json *out, const char *key, char bracket)
{
  begin(out, key);
  add(out, &bracket, 1);
  out->depth++;
  out->is_first = 1;
}

void json_close(json *out, char bracket)
{
  out->depth--;
  if (!out->is_first && !out->is_inline) begin_line(out);
  add_text(out, bracket == '{' ? "}" : "]");
  out->is_first = 0;
}

void json_text(json *out, const char *key, const char *value)
{
  begin(out, key);
  if (value)
    add_quoted(out, value);
  else
    add_text(out, "null");
}

void shortest_number(char text[40], double value)
{
  double size = fabs(value);
  int digits = size >= 10.0 && size < 1e15 ? (int)log10(size) + 1 : 1; // 20, not 2e+01
  for (; digits <= 17; digits++) {
    snprintf(text, 40, "%.*g", digits, value);
    if (!(strtod(text, NULL) < value) && !(strtod(text, NULL) > value)) break;
  }
}

void json_number(json *out, const char *key, double value)
{
  char text[40] = "null";
  if (isfinite(value)) shortest_number(text, value);
  begin(out, key);
  add_text(out, text);
}

void json_integer(json *out, const char *key, int64_t value)
{
  char text[32];
  snprintf(text, sizeof text, "%" PRId64, value);
  begin(out, key);
  add_text(out, text);
}

void json_boolean(json *out, const char *key, int value)
{
  begin(out, key);
  add_text(out, value ? "true" : "false");
}

void json_numbers(json *out, const char *key, const double *values, int count)
{
  json_open(out, key, '[');
  out->is_inline = 1;
  for (int i = 0; i < count; i++)
    json_number(out, NULL, values[i]);
  json_close(out, '[');
  out->is_inline = 0;
}

void json_slices(json *out, const char *key, const double *values, int count, int n_slices)
{
  if (n_slices <= 1) {
    json_numbers(out, key, values, count);
    return;
  }
  json_open(out, key, '[');
  for (int slice = 0; slice < n_slices; slice++)
    json_numbers(out, NULL, values + (size_t)slice * (size_t)count, count);
  json_close(out, '[');
}

void json_inputs(json *out, const char *key, const tt1_image *image)
{
  json_open(out, key, '[');
  for (int i = 0; tt1_image_file(image, i); i++) {
    char checksum[16];
    snprintf(checksum, sizeof checksum, "%08" PRIx32, tt1_image_file_checksum(image, i));
    json_open(out, NULL, '{');
    json_text(out, "file", tt1_image_file(image, i));
    json_text(out, "crc32", checksum);
    json_close(out, '{');
  }
  json_close(out, '[');
}

char *json_take(json *out)
{
  char *text = out->bytes;
  *out = (json){0};
  return text;
}

char *json_finish(json *out)
{
  add_text(out, "\n");
  return json_take(out);
}
