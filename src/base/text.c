/* SPDX-License-Identifier: MIT */
#include "base/text.h"

#include <ctype.h>
#include <locale.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "tt1_json.h"

static int reserve(tt1__text *text, size_t more)
{
  if (text->failed) return 0;
  if (text->length + more + 1 <= text->capacity) return 1;
  size_t capacity = (text->length + more + 1) * 2;
  char *bytes = tt1__reallocate(text->bytes, capacity, 1);
  text->failed = !bytes;
  if (!bytes) return 0;
  text->bytes = bytes;
  text->capacity = capacity;
  return 1;
}

void tt1__text_add_bytes(tt1__text *text, const char *bytes, size_t length)
{
  if (!reserve(text, length)) return;
  memcpy(text->bytes + text->length, bytes, length);
  text->length += length;
  text->bytes[text->length] = '\0';
}

void tt1__text_add(tt1__text *text, const char *format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  int length = vsnprintf(NULL, 0, format, arguments);
  va_end(arguments);
  if (length < 0 || !reserve(text, (size_t)length)) return;
  va_start(arguments, format);
  vsnprintf(text->bytes + text->length, (size_t)length + 1, format, arguments);
  va_end(arguments);
  text->length += (size_t)length;
}

// The C library prints and reads the decimal point of the locale; what follows puts '.' in and out.
static char decimal_point(void)
{
  return localeconv()->decimal_point[0];
}

void tt1_number_text(char text[40], double value)
{
  double size = fabs(value);
  int digits = size >= 10.0 && size < 1e15 ? (int)log10(size) + 1 : 1; // 20, not 2e+01
  do
    snprintf(text, 40, "%.*g", digits, value);
  while (++digits <= 17 && (strtod(text, NULL) < value || strtod(text, NULL) > value));
  char *point = strchr(text, decimal_point());
  if (point) *point = '.';
}

void tt1__text_add_number(tt1__text *text, double value)
{
  char digits[40];
  tt1_number_text(digits, value);
  tt1__text_add_bytes(text, digits, strlen(digits));
}

char *tt1__text_take(tt1__text *text)
{
  reserve(text, 0);
  char *bytes = text->failed ? NULL : text->bytes;
  if (text->failed)
    tt1__free(text->bytes);
  else
    bytes[text->length] = '\0';
  *text = (tt1__text){0};
  return bytes;
}

void tt1__text_free(tt1__text *text)
{
  tt1__free(text->bytes);
  *text = (tt1__text){0};
}

int tt1__ends_in(const char *text, const char *ending)
{
  size_t length = strlen(text), tail = strlen(ending);
  return length > tail && strcmp(text + length - tail, ending) == 0;
}

int tt1__has_word(const char *text, const char *word)
{
  static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  while (text && *text) {
    size_t length = strspn(text, letters);
    if (length == strlen(word) && strncasecmp(text, word, length) == 0) return 1;
    text += length;
    text += strcspn(text, letters);
  }
  return 0;
}

int tt1__character_length(const char *text)
{
  const unsigned char *at = (const unsigned char *)text;
  if (at[0] < 0x80) return 1;
  int length = at[0] >= 0xF0 ? 4 : at[0] >= 0xE0 ? 3 : 2;
  if (at[0] < 0xC2 || at[0] > 0xF4) return 0;
  for (int i = 1; i < length; i++)
    if ((at[i] & 0xC0) != 0x80) return 0;
  if ((at[0] == 0xE0 && at[1] < 0xA0) || (at[0] == 0xED && at[1] > 0x9F)) return 0;
  if ((at[0] == 0xF0 && at[1] < 0x90) || (at[0] == 0xF4 && at[1] > 0x8F)) return 0;
  return length;
}

// number = digits [ "." digits ] [ ("e" | "E") [ "+" | "-" ] digits ], with an optional sign
static size_t number_length(const char *text)
{
  const char *at = text;
  if (*at == '+' || *at == '-') at++;
  size_t digits = strspn(at, "0123456789");
  at += digits;
  if (*at == '.') {
    size_t more = strspn(at + 1, "0123456789");
    digits += more;
    at += more + 1;
  }
  if (digits == 0) return 0;
  if (*at == 'e' || *at == 'E') {
    const char *power = at + 1 + (at[1] == '+' || at[1] == '-');
    size_t more = strspn(power, "0123456789");
    if (more > 0) at = power + more;
  }
  return (size_t)(at - text);
}

double tt1__number_read(const char *text, const char **end)
{
  char copy[128];
  size_t length = number_length(text);
  *end = text + length;
  if (length == 0) return (double)NAN;
  if (length >= sizeof copy) length = sizeof copy - 1;
  memcpy(copy, text, length);
  copy[length] = '\0';
  char *point = strchr(copy, '.');
  if (point) *point = decimal_point();
  return strtod(copy, NULL);
}
