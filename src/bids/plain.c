/* SPDX-License-Identifier: MIT
 * Sidecars are written by many hands: editors put a byte order mark before them, Python writes NaN, old consoles
 * keep their names in Latin-1. A parser of the standard refuses all of these. */
#include "bids/plain.h"

#include <string.h>

#include "base/error.h"
#include "base/memory.h"

typedef struct pass {
  const char *bytes, *path;
  size_t length, at;
  char *out;
  size_t used;
  int is_latin, in_text;
  int line, column; /* of `at`, from 1 */
} pass;

/* ---- Encodings ---- */

// The bytes of the UTF-8 character at `at`, 0 if it is none: RFC 3629, section 4.
static size_t character(const unsigned char *at, size_t left)
{
  size_t length = at[0] < 0x80                     ? 1
                  : at[0] >= 0xC2 && at[0] <= 0xDF ? 2
                  : at[0] >= 0xE0 && at[0] <= 0xEF ? 3
                  : at[0] >= 0xF0 && at[0] <= 0xF4 ? 4
                                                   : 0;
  if (length == 0 || length > left) return 0;
  for (size_t i = 1; i < length; i++)
    if ((at[i] & 0xC0) != 0x80) return 0;
  if ((at[0] == 0xE0 && at[1] < 0xA0) || (at[0] == 0xED && at[1] > 0x9F) ||
      (at[0] == 0xF0 && at[1] < 0x90) || (at[0] == 0xF4 && at[1] > 0x8F))
    return 0;
  return length;
}

static int is_utf8(const char *bytes, size_t length)
{
  for (size_t at = 0, step; at < length; at += step) {
    step = character((const unsigned char *)bytes + at, length - at);
    if (step == 0) return 0;
  }
  return 1;
}

static int begins_with(const char *bytes, size_t length, const char *mark, size_t size)
{
  return length >= size && memcmp(bytes, mark, size) == 0;
}

/* ---- One pass ---- */

static void put(pass *p, char byte)
{
  unsigned char value = (unsigned char)byte;
  if (p->is_latin && value >= 0x80) {
    p->out[p->used++] = (char)(0xC0 | value >> 6);
    byte = (char)(0x80 | (value & 0x3F));
  }
  p->out[p->used++] = byte;
}

// Use `count` bytes of the text.
static void advance(pass *p, size_t count)
{
  for (; count > 0; count--, p->at++) {
    p->column++;
    if (p->bytes[p->at] != '\n') continue;
    p->line++;
    p->column = 1;
  }
}

// A number that JSON does not have becomes null. Returns whether there is one.
static int take_no_number(pass *p)
{
  static const char *const words[] = {"NaN", "Infinity", "-Infinity"};
  for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
    size_t length = strlen(words[i]);
    if (!begins_with(p->bytes + p->at, p->length - p->at, words[i], length)) continue;
    memcpy(p->out + p->used, "null", 4);
    p->used += 4;
    advance(p, length);
    return 1;
  }
  return 0;
}

static int is_comment(const pass *p)
{
  const char *at = p->bytes + p->at;
  if (*at == '#') return 1;
  return *at == '/' && p->length - p->at > 1 && (at[1] == '/' || at[1] == '*');
}

static tt1_status take_one(pass *p, tt1_error *err)
{
  char byte = p->bytes[p->at];
  if (!p->in_text && is_comment(p))
    return tt1__error_set(
        err, TT1_BAD_FILE,
        "%s holds a comment at line %d, column %d, which JSON does not have: take "
        "it out",
        p->path, p->line, p->column);
  if (!p->in_text && take_no_number(p)) return TT1_OK;
  if (p->in_text && byte == '\\' && p->length - p->at > 1) { // the next is no end of the text
    put(p, byte);
    advance(p, 1);
    byte = p->bytes[p->at];
  } else if (byte == '"') {
    p->in_text = !p->in_text;
  }
  put(p, byte);
  advance(p, 1);
  return TT1_OK;
}

tt1_status tt1__plain_json(char **out, size_t *out_length, const char *bytes, size_t length,
                           const char *path, tt1_error *err)
{
  if (begins_with(bytes, length, "\xFF\xFE", 2) || begins_with(bytes, length, "\xFE\xFF", 2))
    return tt1__error_set(err, TT1_BAD_FILE,
                          "%s is written in UTF-16, JSON is UTF-8: save it as UTF-8", path);
  size_t mark = begins_with(bytes, length, "\xEF\xBB\xBF", 3) ? 3 : 0;
  pass p = {.bytes = bytes + mark, .path = path, .length = length - mark, .line = 1, .column = 1};
  p.is_latin = !is_utf8(p.bytes, p.length);
  p.out = tt1__allocate(2 * p.length + 1, 1); // a byte becomes two at most: of Latin-1
  if (!p.out) return tt1__no_memory(err);
  tt1_status status = TT1_OK;
  while (p.at < p.length && status == TT1_OK)
    status = take_one(&p, err);
  if (status != TT1_OK) {
    tt1__free(p.out);
    return status;
  }
  *out = p.out;
  *out_length = p.used;
  return TT1_OK;
}
