/* SPDX-License-Identifier: MIT
 * The array part of .npz: a magic, a version, a Python dictionary, the numbers
 * (numpy.lib.format, versions 1.0 to 3.0). */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "network/npz.h"

enum { LONGEST_HEADER = 65535 };
static const int64_t MOST_NUMBERS = 1 << 25;

/* What the dictionary says. */
typedef struct header {
  int width; /* bytes per number, 0 until known */
  int is_fortran, has_order, has_shape;
  tt1__array shape; /* without values */
} header;

/* The dictionary being read, NUL-terminated. */
typedef struct cursor {
  const char *at;
} cursor;

static int skip(cursor *c, char wanted)
{
  while (*c->at == ' ')
    c->at++;
  if (*c->at != wanted) return 0;
  c->at++;
  return 1;
}

static int take_word(cursor *c, const char *word)
{
  size_t length = strlen(word);
  while (*c->at == ' ')
    c->at++;
  if (strncmp(c->at, word, length) != 0) return 0;
  c->at += length;
  return 1;
}

static int take_string(cursor *c, char out[32])
{
  char quote = '\'';
  if (!skip(c, quote) && !skip(c, quote = '"')) return 0;
  size_t length = strcspn(c->at, quote == '"' ? "\"" : "'");
  if (c->at[length] != quote || length >= 32) return 0;
  memcpy(out, c->at, length);
  out[length] = '\0';
  c->at += length + 1;
  return 1;
}

// "(" [number {"," number} [","]] ")"; sizes multiply to at most MOST_NUMBERS
static int take_shape(cursor *c, tt1__array *shape)
{
  shape->count = 1;
  if (!skip(c, '(')) return 0;
  while (!skip(c, ')')) {
    while (*c->at == ' ')
      c->at++;
    if (*c->at < '0' || *c->at > '9' || shape->n_dimensions == TT1__MAX_ARRAY_DIMENSIONS) return 0;
    int64_t size = 0;
    for (; *c->at >= '0' && *c->at <= '9'; c->at++)
      if ((size = size * 10 + (*c->at - '0')) > MOST_NUMBERS) return 0;
    shape->size[shape->n_dimensions++] = size;
    shape->count *= size;
    if (shape->count > MOST_NUMBERS) return 0;
    if (!skip(c, ',')) return skip(c, ')');
  }
  return 1;
}

static int take_type(cursor *c, header *h)
{
  char type[32];
  if (!take_string(c, type)) return 0;
  h->width = strcmp(type, "<f4") == 0 ? 4 : strcmp(type, "<f8") == 0 ? 8 : -1;
  return 1;
}

static int take_order(cursor *c, header *h)
{
  h->has_order = 1;
  h->is_fortran = take_word(c, "True");
  return h->is_fortran || take_word(c, "False");
}

static int take_pair(cursor *c, header *h)
{
  char key[32];
  if (!take_string(c, key) || !skip(c, ':')) return 0;
  if (strcmp(key, "descr") == 0 && !h->width) return take_type(c, h);
  if (strcmp(key, "fortran_order") == 0 && !h->has_order) return take_order(c, h);
  if (strcmp(key, "shape") != 0 || h->has_shape) return 0;
  h->has_shape = 1;
  return take_shape(c, &h->shape);
}

static int take_dictionary(cursor *c, header *h)
{
  if (!skip(c, '{')) return 0;
  while (!skip(c, '}')) {
    if (!take_pair(c, h)) return 0;
    if (!skip(c, ',') && !skip(c, '}')) return 0;
    if (c->at[-1] == '}') break;
  }
  skip(c, '\n');
  return *c->at == '\0' && h->width && h->has_order && h->has_shape;
}

static tt1_status read_header(header *h, const unsigned char *bytes, size_t length,
                              const char *path, const char *name, tt1_error *err)
{
  char *text = tt1__allocate(length + 1, 1);
  if (!text) return tt1__no_memory(err);
  memcpy(text, bytes, length);
  cursor c = {text};
  int is_whole = memchr(bytes, 0, length) == NULL && take_dictionary(&c, h);
  tt1__free(text);
  if (!is_whole)
    return tt1__error_set(err, TT1_BAD_FILE,
                          "%s: array %s has no readable header, expected descr, fortran_order and "
                          "a shape of at most %d sizes and %lld numbers",
                          path, name, TT1__MAX_ARRAY_DIMENSIONS, (long long)MOST_NUMBERS);
  if (h->width < 0)
    return tt1__error_set(
        err, TT1_BAD_FILE,
        "%s: array %s is of another type than '<f4' or '<f8' (float32 or float64, "
        "little endian)",
        path, name);
  return TT1_OK;
}

static double number_at(const unsigned char *at, int width)
{
  uint64_t bits = 0;
  for (int i = width - 1; i >= 0; i--)
    bits = bits << 8 | at[i];
  if (width == 8) {
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
  }
  uint32_t half = (uint32_t)bits;
  float value;
  memcpy(&value, &half, sizeof value);
  return (double)value;
}

// Where number `index` of the row-major order lies in column-major order.
static int64_t fortran_place(const tt1__array *a, int64_t index)
{
  int64_t place = 0, along[TT1__MAX_ARRAY_DIMENSIONS] = {0};
  for (int i = a->n_dimensions - 1; i >= 0; i--) {
    along[i] = index % a->size[i];
    index /= a->size[i];
  }
  for (int i = a->n_dimensions - 1; i >= 0; i--)
    place = place * a->size[i] + along[i];
  return place;
}

tt1_status tt1__npy_parse(tt1__array *array, const unsigned char *bytes, size_t length,
                          const char *path, const char *name, tt1_error *err)
{
  header h = {0};
  if (length < 12 || memcmp(bytes, "\x93NUMPY", 6) != 0 || bytes[6] < 1 || bytes[6] > 3)
    return tt1__error_set(err, TT1_BAD_FILE,
                          "%s: array %s is not in the .npy format, version 1 to 3", path, name);
  size_t start = bytes[6] == 1 ? 10 : 12;
  size_t size = (size_t)bytes[8] | (size_t)bytes[9] << 8;
  if (bytes[6] > 1) size |= (size_t)bytes[10] << 16 | (size_t)bytes[11] << 24;
  if (size > LONGEST_HEADER || size > length - start)
    return tt1__error_set(err, TT1_BAD_FILE, "%s: array %s has a header of %llu bytes in %llu",
                          path, name, (unsigned long long)size, (unsigned long long)length);
  tt1_status status = read_header(&h, bytes + start, size, path, name, err);
  if (status != TT1_OK) return status;
  const unsigned char *numbers = bytes + start + size;
  uint64_t have = length - start - size, wanted = (uint64_t)h.shape.count * (uint64_t)h.width;
  if (have != wanted)
    return tt1__error_set(err, TT1_BAD_FILE,
                          "%s: array %s holds %llu bytes of numbers, expected %llu", path, name,
                          (unsigned long long)have, (unsigned long long)wanted);
  h.shape.values = tt1__allocate((size_t)h.shape.count, sizeof *h.shape.values);
  if (!h.shape.values) return tt1__no_memory(err);
  for (int64_t i = 0; i < h.shape.count; i++) {
    int64_t place = h.is_fortran ? fortran_place(&h.shape, i) : i;
    h.shape.values[i] = number_at(numbers + place * h.width, h.width);
  }
  *array = h.shape;
  return TT1_OK;
}
