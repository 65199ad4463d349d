/* SPDX-License-Identifier: MIT
 * The layout is that which nibabel documents (nipy.org/nibabel/dicom/siemens_csa.html): little endian; a
 * count of tags; of each its name, type and items, which begin with four numbers and fill words of four bytes. */
#include "dicom/csa.h"

#include <ctype.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "base/text.h"

/* ---- Named values ---- */

enum { MAX_TAGS = 1000, MAX_ITEMS = 1000, NAME_SIZE = 64, TAG_SIZE = 84, ITEM_SIZE = 16 };

typedef struct reader {
  const unsigned char *bytes;
  size_t length, at;
  int is_new;          /* "SV10" */
  int64_t first_count; /* older: what the lengths of items count from */
} reader;

// A number at `at` of what is left; 0 beyond the end.
static int64_t whole_at(const reader *r, size_t at)
{
  if (r->at > r->length || at > r->length - r->at || r->length - r->at - at < 4) return 0;
  const unsigned char *b = r->bytes + r->at + at;
  uint32_t bits =
      (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
  int32_t value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

static int has(const reader *r, size_t bytes)
{
  return r->at <= r->length && r->length - r->at >= bytes;
}

// Go to the first tag. Returns how many there are; 0 if it is no header.
static int64_t begin(reader *r, const unsigned char *bytes, size_t length)
{
  *r = (reader){.bytes = bytes, .length = length};
  r->is_new = length >= 8 && memcmp(bytes, "SV10", 4) == 0;
  r->at = r->is_new ? 8 : 0;
  if (!has(r, 8)) return 0;
  int64_t count = whole_at(r, 0);
  r->at += 8;
  return count > 0 && count <= MAX_TAGS ? count : 0;
}

// The length of the item that begins here; -1 if it does not lie in the header.
static int64_t item_length(const reader *r)
{
  int64_t length = r->is_new ? whole_at(r, 4) : whole_at(r, 0) - r->first_count;
  if (!has(r, ITEM_SIZE) || length < 0) return -1;
  return (uint64_t)length <= r->length - r->at - ITEM_SIZE ? length : -1;
}

static double number_of(const unsigned char *bytes, size_t length)
{
  char text[64] = "";
  const char *end;
  memcpy(text, bytes, length < sizeof text - 1 ? length : sizeof text - 1);
  const char *at = text + strspn(text, " \t");
  double value = tt1__number_read(at, &end);
  return end != at && isfinite(value) ? value : (double)NAN;
}

// Pass the items of a tag; the first that is not empty into `value`. Returns 0 where the header ends.
static int pass_items(reader *r, int64_t n_items, double *value)
{
  for (int64_t i = 0; i < n_items; i++) {
    int64_t length = item_length(r);
    if (length < 0) return 0;
    r->at += ITEM_SIZE;
    if (value && !isfinite(*value) && length > 0)
      *value = number_of(r->bytes + r->at, (size_t)length);
    size_t padded = ((size_t)length + 3) & ~(size_t)3;
    if (!has(r, padded)) return 0;
    r->at += padded;
  }
  return 1;
}

static int is_called(const reader *r, const char *name)
{
  const char *here = (const char *)r->bytes + r->at;
  return strlen(name) < NAME_SIZE && strncmp(here, name, NAME_SIZE) == 0;
}

double tt1__csa_number(const unsigned char *bytes, size_t length, const char *name)
{
  reader r;
  double value = (double)NAN;
  int64_t n_tags = bytes ? begin(&r, bytes, length) : 0;
  for (int64_t t = 0; t < n_tags && has(&r, TAG_SIZE); t++) {
    int64_t n_items = whole_at(&r, 76);
    int is_wanted = is_called(&r, name);
    if (t == 0) r.first_count = whole_at(&r, 64);
    if (n_items < 0 || n_items > MAX_ITEMS) break;
    r.at += TAG_SIZE;
    if (!pass_items(&r, n_items, is_wanted ? &value : NULL) || is_wanted) break;
  }
  return value;
}

/* ---- The protocol ---- */

// What follows the name: ".__attribute__.size = 3" or "[1] = 25.0", in any white space.
static void take(tt1__listed *list, const char *text)
{
  static const char size[] = ".__attribute__.size";
  char *behind = NULL;
  int is_size = strncmp(text, size, sizeof size - 1) == 0;
  long index = text[0] == '[' ? strtol(text + 1, &behind, 10) : -1;
  if (!is_size && (index < 0 || index >= TT1__MAX_LISTED || *behind != ']')) return;
  const char *at = is_size ? text + sizeof size - 1 : behind + 1, *end;
  at += strspn(at, " \t=");
  double value = tt1__number_read(at, &end);
  if (end == at || !(value >= 0.0 && value < (is_size ? (double)TT1__MAX_LISTED : 1e9))) return;
  int n = is_size ? (int)value : (int)index + 1;
  if (!is_size) list->values[index] = value;
  if (!is_size && n > list->n_told) list->n_told = n;
  if (n > list->count) list->count = n;
}

static int is_part_of_name(unsigned char byte)
{
  return isalnum(byte) || byte == '_' || byte == '.' || byte == ']';
}

// Zeros are not written into a protocol.
void tt1__csa_list(tt1__listed *list, const unsigned char *bytes, size_t length, const char *name)
{
  const size_t n = strlen(name);
  const unsigned char *end = bytes ? bytes + length : NULL;
  for (const unsigned char *at = bytes; at && (size_t)(end - at) >= n; at++) {
    char text[64] = "";
    at = memchr(at, name[0], (size_t)(end - at));
    if (!at || (size_t)(end - at) < n) return;
    if (memcmp(at, name, n) != 0 || (at > bytes && is_part_of_name(at[-1]))) continue;
    size_t left = (size_t)(end - at) - n, room = left < sizeof text - 1 ? left : sizeof text - 1;
    memcpy(text, at + n, room);
    take(list, text);
  }
}
