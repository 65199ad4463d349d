/* SPDX-License-Identifier: MIT
 * The archive part of .npz (PKWARE APPNOTE 6.3.9, sections 4.3.7, 4.3.12 and
 * 4.3.16). The central directory decides: NumPy leaves the lengths in the local
 * headers to be looked up in a 64-bit extension. */
#include <string.h>

#include "base/error.h"
#include "network/npz.h"

enum { END_SIZE = 22, CENTRAL_SIZE = 46, LOCAL_SIZE = 30, LONGEST_COMMENT = 65535 };
enum { STORED = 0, DEFLATED = 8, ENCRYPTED = 1 };
static const uint32_t END_MARK = 0x06054b50, CENTRAL_MARK = 0x02014b50, LOCAL_MARK = 0x04034b50;
// No network of this shape needs a tenth of it.
static const uint32_t LARGEST_ARRAY = 1u << 27;

static uint32_t get16(const unsigned char *at)
{
  return (uint32_t)at[0] | (uint32_t)at[1] << 8;
}

static uint32_t get32(const unsigned char *at)
{
  return get16(at) | get16(at + 2) << 16;
}

/* ---- Reading ---- */

static const unsigned char *find_end(const tt1__file *file)
{
  if (file->length < END_SIZE) return NULL;
  size_t last = file->length - END_SIZE;
  for (size_t back = 0; back <= LONGEST_COMMENT && back <= last; back++)
    if (get32(file->bytes + last - back) == END_MARK) return file->bytes + last - back;
  return NULL;
}

static tt1_status take_name(tt1__npz_entry *entry, const unsigned char *name, size_t length,
                            const char *path, tt1_error *err)
{
  if (length > 4 && memcmp(name + length - 4, ".npy", 4) == 0) length -= 4;
  if (length == 0 || length >= sizeof entry->name)
    return tt1__error_set(err, TT1_BAD_FILE,
                          "%s: the name of an array is %llu bytes long, expected 1 to %d", path,
                          (unsigned long long)length, (int)sizeof entry->name - 1);
  for (size_t i = 0; i < length; i++)
    if (name[i] < 0x21 || name[i] > 0x7E)
      return tt1__error_set(err, TT1_BAD_FILE,
                            "%s: the name of an array holds byte %d, expected printable ASCII",
                            path, name[i]);
  memcpy(entry->name, name, length);
  entry->name[length] = '\0';
  return TT1_OK;
}

static tt1_status check_entry(const tt1__npz *npz, const tt1__npz_entry *e, uint32_t flags,
                              tt1_error *err)
{
  if (flags & ENCRYPTED)
    return tt1__error_set(err, TT1_BAD_FILE, "%s: array %s is encrypted", npz->path, e->name);
  if (e->method != STORED && e->method != DEFLATED)
    return tt1__error_set(err, TT1_BAD_FILE,
                          "%s: array %s is compressed by method %d, expected 0 (stored) or 8 "
                          "(deflated)",
                          npz->path, e->name, e->method);
  if (e->unpacked > LARGEST_ARRAY)
    return tt1__error_set(err, TT1_BAD_FILE, "%s: array %s claims %u bytes, the limit is %u",
                          npz->path, e->name, e->unpacked, LARGEST_ARRAY);
  // Deflate cannot shrink data by more than 1032 to 1 (zlib technical details).
  if (e->method == STORED ? e->packed != e->unpacked : e->unpacked / 1032 > e->packed)
    return tt1__error_set(err, TT1_BAD_FILE, "%s: array %s cannot hold %u bytes in %u", npz->path,
                          e->name, e->unpacked, e->packed);
  for (int i = 0; i < npz->n_entries; i++)
    if (strcmp(npz->entries[i].name, e->name) == 0)
      return tt1__error_set(err, TT1_BAD_FILE, "%s holds two arrays called %s", npz->path, e->name);
  return TT1_OK;
}

// Reads one entry of the directory that begins at `at` and ends before `end`; moves `at` behind it.
static tt1_status read_entry(tt1__npz *npz, const unsigned char **at, const unsigned char *end,
                             tt1_error *err)
{
  const unsigned char *c = *at;
  size_t left = (size_t)(end - c);
  if (left < CENTRAL_SIZE || get32(c) != CENTRAL_MARK)
    return tt1__error_set(err, TT1_BAD_FILE, "%s is damaged: entry %d of its zip directory is cut",
                          npz->path, npz->n_entries + 1);
  size_t name = get16(c + 28), whole = CENTRAL_SIZE + name + get16(c + 30) + get16(c + 32);
  if (left < whole)
    return tt1__error_set(err, TT1_BAD_FILE, "%s is damaged: entry %d of its zip directory is cut",
                          npz->path, npz->n_entries + 1);
  tt1__npz_entry e = {.method = (int)get16(c + 10),
                      .checksum = get32(c + 16),
                      .packed = get32(c + 20),
                      .unpacked = get32(c + 24),
                      .at = get32(c + 42)};
  tt1_status status = take_name(&e, c + CENTRAL_SIZE, name, npz->path, err);
  if (status == TT1_OK) status = check_entry(npz, &e, get16(c + 8), err);
  if (status != TT1_OK) return status;
  npz->entries[npz->n_entries++] = e;
  *at = c + whole;
  return TT1_OK;
}

tt1_status tt1__npz_open(tt1__npz *npz, const tt1__file *file, const char *path, tt1_error *err)
{
  *npz = (tt1__npz){.file = file, .path = path};
  const unsigned char *end = find_end(file);
  if (!end)
    return tt1__error_set(err, TT1_BAD_FILE, "%s is not an .npz file: it has no zip directory",
                          path);
  uint32_t count = get16(end + 10), size = get32(end + 12), start = get32(end + 16);
  uint64_t room = (uint64_t)(end - file->bytes);
  if ((uint64_t)start + size > room)
    return tt1__error_set(err, TT1_BAD_FILE,
                          "%s is damaged: its zip directory lies at byte %u to %llu of %llu", path,
                          start, (unsigned long long)start + size, (unsigned long long)room);
  if (count > TT1__MAX_ARRAYS)
    return tt1__error_set(err, TT1_BAD_FILE, "%s holds %u arrays, the limit is %d", path, count,
                          TT1__MAX_ARRAYS);
  const unsigned char *at = file->bytes + start;
  tt1_status status = TT1_OK;
  for (uint32_t i = 0; i < count && status == TT1_OK; i++)
    status = read_entry(npz, &at, file->bytes + start + size, err);
  return status;
}

int tt1__npz_find(const tt1__npz *npz, const char *name)
{
  size_t length = strlen(name);
  for (int i = 0; i < npz->n_entries; i++) {
    const char *have = npz->entries[i].name;
    size_t more = strlen(have);
    if (more < length || strcmp(have + more - length, name) != 0) continue;
    if (more == length || have[more - length - 1] == '.') return i;
  }
  return -1;
}

// Where the bytes of an entry begin, behind its local header; NULL if they do not lie in the file.
static const unsigned char *bytes_of(const tt1__npz *npz, const tt1__npz_entry *e)
{
  uint64_t length = npz->file->length, at = e->at;
  if (at + LOCAL_SIZE > length) return NULL;
  const unsigned char *c = npz->file->bytes + at;
  if (get32(c) != LOCAL_MARK) return NULL;
  at += LOCAL_SIZE + get16(c + 26) + get16(c + 28);
  return at + e->packed > length ? NULL : npz->file->bytes + at;
}

tt1_status tt1__npz_read(tt1__array *array, const tt1__npz *npz, int index, tt1_error *err)
{
  const tt1__npz_entry *e = &npz->entries[index];
  const unsigned char *packed = bytes_of(npz, e), *bytes = packed;
  unsigned char *unpacked = NULL;
  if (!packed)
    return tt1__error_set(err, TT1_BAD_FILE, "%s is damaged: array %s does not lie in the file",
                          npz->path, e->name);
  tt1_status status = TT1_OK;
  if (e->method == DEFLATED) {
    bytes = unpacked = tt1__allocate(e->unpacked, 1);
    if (!unpacked) return tt1__no_memory(err);
    status = tt1__inflate(unpacked, e->unpacked, packed, e->packed, npz->path, err);
  }
  if (status == TT1_OK && tt1__checksum(bytes, e->unpacked) != e->checksum)
    status = tt1__error_set(err, TT1_BAD_FILE, "%s is damaged: the check-sum of array %s is wrong",
                            npz->path, e->name);
  if (status == TT1_OK) status = tt1__npy_parse(array, bytes, e->unpacked, npz->path, e->name, err);
  tt1__free(unpacked);
  return status;
}

/* ---- Writing ---- */

static void put16(tt1__text *out, uint32_t value)
{
  const char bytes[2] = {(char)(value & 255), (char)(value >> 8 & 255)};
  tt1__text_add_bytes(out, bytes, 2);
}

static void put32(tt1__text *out, uint32_t value)
{
  put16(out, value & 0xFFFF);
  put16(out, value >> 16);
}

// What local header and directory say alike. The date is the first that zip knows: no time stamp.
static void put_common(tt1__text *out, const tt1__npz_entry *e, size_t name_length)
{
  put16(out, 20); // version 2.0 can read it
  put16(out, 0);
  put16(out, (uint32_t)e->method);
  put16(out, 0);
  put16(out, 1 << 5 | 1); // 1 January 1980
  put32(out, e->checksum);
  put32(out, e->packed);
  put32(out, e->unpacked);
  put16(out, (uint32_t)name_length);
  put16(out, 0);
}

static void put_entry(tt1__npz_writer *w, const tt1__npz_entry *e, const void *packed)
{
  size_t length = strlen(e->name);
  put32(&w->body, LOCAL_MARK);
  put_common(&w->body, e, length);
  tt1__text_add_bytes(&w->body, e->name, length);
  tt1__text_add_bytes(&w->body, packed, e->packed);
  put32(&w->directory, CENTRAL_MARK);
  put16(&w->directory, 20);
  put_common(&w->directory, e, length);
  put16(&w->directory, 0);
  put32(&w->directory, 0);
  put32(&w->directory, 0);
  put32(&w->directory, e->at);
  tt1__text_add_bytes(&w->directory, e->name, length);
  w->n_arrays++;
}

static void put_header(tt1__text *npy, tt1_type type, int n_dimensions, const int64_t *size)
{
  tt1__text dictionary = {0};
  tt1__text_add(&dictionary, "{'descr': '<f%d', 'fortran_order': False, 'shape': (",
                type == TT1_FLOAT32 ? 4 : 8);
  for (int i = 0; i < n_dimensions; i++)
    tt1__text_add(&dictionary, "%lld%s", (long long)size[i],
                  n_dimensions == 1       ? ","
                  : i == n_dimensions - 1 ? ""
                                          : ", ");
  tt1__text_add(&dictionary, "), }");
  while ((10 + dictionary.length + 1) % 64 != 0 && !dictionary.failed)
    tt1__text_add(&dictionary, " ");
  tt1__text_add(&dictionary, "\n");
  npy->failed |= dictionary.failed;
  tt1__text_add_bytes(npy, "\x93NUMPY\1", 8); // version 1.0: the literal ends in its NUL
  put16(npy, (uint32_t)dictionary.length);
  if (!dictionary.failed) tt1__text_add_bytes(npy, dictionary.bytes, dictionary.length);
  tt1__text_free(&dictionary);
}

tt1_status tt1__npz_add(tt1__npz_writer *writer, const char *name, tt1_type type,
                        const void *values, int n_dimensions, const int64_t *size, tt1_error *err)
{
  tt1__text npy = {0};
  unsigned char *packed = NULL;
  size_t count = 1, length = 0;
  for (int i = 0; i < n_dimensions; i++)
    count *= (size_t)size[i];
  put_header(&npy, type, n_dimensions, size);
  tt1__text_add_bytes(&npy, values, count * (type == TT1_FLOAT32 ? 4 : 8));
  tt1_status status = npy.failed ? tt1__no_memory(err) : TT1_OK;
  if (status == TT1_OK) status = tt1__deflate(&packed, &length, npy.bytes, npy.length, err);
  if (status == TT1_OK) {
    int is_smaller = packed && length < npy.length;
    tt1__npz_entry e = {.method = is_smaller ? DEFLATED : STORED,
                        .checksum = tt1__checksum(npy.bytes, npy.length),
                        .packed = (uint32_t)(is_smaller ? length : npy.length),
                        .unpacked = (uint32_t)npy.length,
                        .at = (uint32_t)writer->body.length};
    // Room for ".npy" is left in every name of this room.
    tt1__text full = {0};
    tt1__text_add(&full, "%s.npy", name);
    if (!full.failed && full.length < sizeof e.name) memcpy(e.name, full.bytes, full.length);
    writer->body.failed |= full.failed;
    put_entry(writer, &e, is_smaller ? (const void *)packed : npy.bytes);
    tt1__text_free(&full);
  }
  tt1__free(packed);
  tt1__text_free(&npy);
  return status;
}

tt1_status tt1__npz_finish(tt1__npz_writer *writer, tt1_error *err)
{
  uint32_t start = (uint32_t)writer->body.length, size = (uint32_t)writer->directory.length;
  if (!writer->directory.failed && size)
    tt1__text_add_bytes(&writer->body, writer->directory.bytes, size);
  put32(&writer->body, END_MARK);
  put32(&writer->body, 0);
  put16(&writer->body, (uint32_t)writer->n_arrays);
  put16(&writer->body, (uint32_t)writer->n_arrays);
  put32(&writer->body, size);
  put32(&writer->body, start);
  put16(&writer->body, 0);
  return writer->body.failed || writer->directory.failed ? tt1__no_memory(err) : TT1_OK;
}

void tt1__npz_free(tt1__npz_writer *writer)
{
  tt1__text_free(&writer->body);
  tt1__text_free(&writer->directory);
}
