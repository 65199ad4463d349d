/* SPDX-License-Identifier: MIT
 * The central directory decides (APPNOTE 4.3.12, 4.3.16): NumPy leaves the lengths in
 * the local headers (4.3.7) to be looked up in a 64-bit extension. */
#include "file/zip.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"

enum { END_SIZE = 22, CENTRAL_SIZE = 46, LOCAL_SIZE = 30, LONGEST_COMMENT = 65535 };
enum { STORED = 0, DEFLATED = 8, ENCRYPTED = 1 };
enum { MOST_TIMES = 100, FREE_BYTES = 64 << 20, LARGEST_DIRECTORY = 64 << 20 };
static const uint32_t END_MARK = 0x06054b50, CENTRAL_MARK = 0x02014b50, LOCAL_MARK = 0x04034b50;
static const uint32_t ELSEWHERE = 0xFFFFFFFF; // the number is in a zip64 record

static uint32_t get16(const unsigned char *at)
{
  return (uint32_t)at[0] | (uint32_t)at[1] << 8;
}

static uint32_t get32(const unsigned char *at)
{
  return get16(at) | get16(at + 2) << 16;
}

/* ---- The archive as bytes ---- */

static tt1_status read_piece(const tt1__zip *zip, uint64_t at, void *out, size_t length,
                             tt1_error *err)
{
  char reason[128];
  size_t done = 0;
  if (at > zip->length || length > zip->length - at)
    return tt1__error_set(err, TT1_BAD_FILE, "%s is damaged: byte %llu is beyond its end",
                          zip->path, (unsigned long long)at + length);
  if (zip->memory) memcpy(out, zip->memory->bytes + at, length);
  while (!zip->memory && done < length) {
    ssize_t got = pread(zip->descriptor, (char *)out + done, length - done, (off_t)(at + done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0)
      return tt1__error_set(err, TT1_IO, "%s cannot be read: %s", zip->path,
                            tt1__reason(errno, reason));
    if (got == 0)
      return tt1__error_set(err, TT1_IO, "%s became shorter while it was read", zip->path);
    done += (size_t)got;
  }
  return TT1_OK;
}

static tt1_status open_file(tt1__zip *zip, tt1_error *err)
{
  char reason[128];
  struct stat state;
  zip->descriptor = open(zip->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (zip->descriptor < 0 || fstat(zip->descriptor, &state) != 0)
    return tt1__error_set(err, TT1_IO, "%s cannot be read: %s", zip->path,
                          tt1__reason(errno, reason));
  if (!S_ISREG(state.st_mode))
    return tt1__error_set(err, TT1_IO, "%s is not a regular file", zip->path);
  zip->length = (uint64_t)state.st_size;
  return TT1_OK;
}

/* ---- The directory ---- */

/** Where the directory lies, as the record at the end says. */
typedef struct directory {
  uint32_t count, size, start;
} directory;

static tt1_status check_end(const tt1__zip *zip, const directory *d, uint64_t room, uint32_t disks,
                            const tt1__zip_limits *limits, tt1_error *err)
{
  if (d->count == 0xFFFF || d->size == ELSEWHERE || d->start == ELSEWHERE)
    return tt1__error_set(err, TT1_BAD_FILE,
                          "%s is a zip64 archive (over 4 GiB or 65535 members), which is not read; "
                          "unpack it and give the folder",
                          zip->path);
  if (disks != 0)
    return tt1__error_set(err, TT1_BAD_FILE, "%s is a part of a zip archive in several parts",
                          zip->path);
  if ((uint64_t)d->start + d->size > room)
    return tt1__error_set(
        err, TT1_BAD_FILE, "%s is damaged: its zip directory lies at byte %u to %llu of %llu",
        zip->path, d->start, (unsigned long long)d->start + d->size, (unsigned long long)room);
  if (d->count > limits->members || d->size > LARGEST_DIRECTORY)
    return tt1__error_set(
        err, TT1_BAD_FILE, "%s holds %u %ss in a directory of %u bytes, the limit is %u in %d",
        zip->path, d->count, limits->what, d->size, limits->members, LARGEST_DIRECTORY);
  return TT1_OK;
}

static tt1_status find_directory(directory *d, const tt1__zip *zip, const tt1__zip_limits *limits,
                                 tt1_error *err)
{
  uint64_t length = zip->length;
  size_t room = length < LONGEST_COMMENT + END_SIZE ? (size_t)length : LONGEST_COMMENT + END_SIZE;
  unsigned char *tail = tt1__allocate(room, 1);
  const unsigned char *end = NULL;
  if (!tail) return tt1__no_memory(err);
  tt1_status status = read_piece(zip, length - room, tail, room, err);
  for (size_t back = END_SIZE; status == TT1_OK && !end && back <= room; back++)
    if (get32(tail + room - back) == END_MARK) end = tail + room - back;
  if (status == TT1_OK && !end)
    status = tt1__error_set(err, TT1_BAD_FILE,
                            "%s is damaged or no archive: it has no zip directory", zip->path);
  if (status == TT1_OK) {
    *d = (directory){get16(end + 10), get32(end + 12), get32(end + 16)};
    status = check_end(zip, d, length - room + (uint64_t)(end - tail), get32(end + 4), limits, err);
  }
  tt1__free(tail);
  return status;
}

static char *copy_name(tt1__zip *zip, const unsigned char *name, size_t length)
{
  char *copy = tt1__arena_copy(&zip->names, (const char *)name, length);
  for (size_t i = 0; copy && i < length; i++)
    if (copy[i] < ' ' || copy[i] > '~') copy[i] = '?';
  return copy;
}

static tt1_status check_member(const tt1__zip *zip, const tt1__zip_member *m, uint32_t flags,
                               const tt1__zip_limits *limits, tt1_error *err)
{
  const char *what = limits->what;
  if (flags & ENCRYPTED)
    return tt1__error_set(err, TT1_BAD_FILE, "%s: %s %s is encrypted", zip->path, what, m->name);
  if (m->method != STORED && m->method != DEFLATED)
    return tt1__error_set(err, TT1_BAD_FILE,
                          "%s: %s %s is compressed by method %d, expected 0 (stored) or 8 "
                          "(deflated)",
                          zip->path, what, m->name, m->method);
  if (m->packed == ELSEWHERE || m->unpacked == ELSEWHERE || m->at == ELSEWHERE)
    return tt1__error_set(err, TT1_BAD_FILE,
                          "%s: %s %s takes zip64 (over 4 GiB), which is not read", zip->path, what,
                          m->name);
  if (m->unpacked > limits->member_bytes)
    return tt1__error_set(err, TT1_BAD_FILE, "%s: %s %s claims %u bytes, the limit is %u",
                          zip->path, what, m->name, m->unpacked, limits->member_bytes);
  // Deflate cannot shrink data by more than 1032 to 1 (zlib technical details).
  if (m->method == STORED ? m->packed != m->unpacked : m->unpacked / 1032 > m->packed)
    return tt1__error_set(err, TT1_BAD_FILE, "%s: %s %s cannot hold %u bytes in %u", zip->path,
                          what, m->name, m->unpacked, m->packed);
  return TT1_OK;
}

// Reads the entry at `*at` of the directory, which ends before `end`; moves `*at` behind it.
static tt1_status read_entry(tt1__zip *zip, const unsigned char **at, const unsigned char *end,
                             const tt1__zip_limits *limits, tt1_error *err)
{
  const unsigned char *c = *at;
  size_t left = (size_t)(end - c), name = 0, whole = CENTRAL_SIZE;
  int is_whole = left >= CENTRAL_SIZE && get32(c) == CENTRAL_MARK;
  if (is_whole) {
    name = get16(c + 28);
    whole += name + get16(c + 30) + get16(c + 32);
  }
  if (!is_whole || left < whole)
    return tt1__error_set(err, TT1_BAD_FILE, "%s is damaged: entry %d of its zip directory is cut",
                          zip->path, zip->n_members + 1);
  tt1__zip_member m = {.name = copy_name(zip, c + CENTRAL_SIZE, name),
                       .method = (int)get16(c + 10),
                       .checksum = get32(c + 16),
                       .packed = get32(c + 20),
                       .unpacked = get32(c + 24),
                       .at = get32(c + 42)};
  tt1_status status =
      m.name ? check_member(zip, &m, get16(c + 8), limits, err) : tt1__no_memory(err);
  if (status != TT1_OK) return status;
  zip->members[zip->n_members++] = m;
  *at = c + whole;
  return TT1_OK;
}

static int by_place(const void *first, const void *second)
{
  const tt1__zip_member *a = first, *b = second;
  return (a->at > b->at) - (a->at < b->at);
}

// Members that share their bytes are how a small archive becomes a large one.
static tt1_status check_overlap(const tt1__zip *zip, const tt1__zip_limits *limits, tt1_error *err)
{
  size_t n = (size_t)zip->n_members;
  tt1_status status = TT1_OK;
  tt1__zip_member *sorted = tt1__allocate(n, sizeof *sorted);
  if (!sorted) return tt1__no_memory(err);
  if (n > 0) memcpy(sorted, zip->members, n * sizeof *sorted);
  if (n > 0) qsort(sorted, n, sizeof *sorted, by_place);
  for (size_t i = 1; i < n && status == TT1_OK; i++)
    if ((uint64_t)sorted[i - 1].at + LOCAL_SIZE + sorted[i - 1].packed > sorted[i].at)
      status = tt1__error_set(err, TT1_BAD_FILE, "%s: %ss %.80s and %.80s overlap", zip->path,
                              limits->what, sorted[i - 1].name, sorted[i].name);
  tt1__free(sorted);
  return status;
}

static tt1_status check_total(const tt1__zip *zip, tt1_error *err)
{
  uint64_t total = 0;
  for (int i = 0; i < zip->n_members; i++)
    total += zip->members[i].unpacked;
  if (total <= FREE_BYTES + MOST_TIMES * zip->length) return TT1_OK;
  return tt1__error_set(err, TT1_BAD_FILE,
                        "%s would unpack to %llu bytes, more than %d times its own %llu", zip->path,
                        (unsigned long long)total, MOST_TIMES, (unsigned long long)zip->length);
}

static tt1_status read_directory(tt1__zip *zip, const tt1__zip_limits *limits, tt1_error *err)
{
  directory d = {0};
  tt1_status status = find_directory(&d, zip, limits, err);
  if (status != TT1_OK) return status;
  unsigned char *bytes = tt1__allocate(d.size, 1);
  zip->members = tt1__allocate(d.count, sizeof *zip->members);
  status =
      bytes && zip->members ? read_piece(zip, d.start, bytes, d.size, err) : tt1__no_memory(err);
  const unsigned char *at = bytes;
  for (uint32_t i = 0; i < d.count && status == TT1_OK; i++)
    status = read_entry(zip, &at, bytes + d.size, limits, err);
  tt1__free(bytes);
  if (status == TT1_OK) status = check_overlap(zip, limits, err);
  return status == TT1_OK ? check_total(zip, err) : status;
}

int tt1__zip_is(const unsigned char *bytes, size_t length)
{
  return length >= 4 && (get32(bytes) == LOCAL_MARK || get32(bytes) == END_MARK);
}

tt1_status tt1__zip_open(tt1__zip *zip, const tt1__file *memory, const char *path,
                         const tt1__zip_limits *limits, tt1_error *err)
{
  *zip = (tt1__zip){.path = path, .memory = memory, .descriptor = -1};
  if (memory) zip->length = memory->length;
  tt1_status status = memory ? TT1_OK : open_file(zip, err);
  return status == TT1_OK ? read_directory(zip, limits, err) : status;
}

void tt1__zip_close(tt1__zip *zip)
{
  if (zip->descriptor >= 0) close(zip->descriptor);
  tt1__free(zip->members);
  tt1__arena_free(&zip->names);
  *zip = (tt1__zip){.descriptor = -1};
}

/* ---- Members ---- */

// Where the bytes of a member begin, behind its local header.
static tt1_status find_bytes(uint64_t *at, const tt1__zip *zip, const tt1__zip_member *m,
                             tt1_error *err)
{
  unsigned char header[LOCAL_SIZE] = {0};
  tt1_status status = read_piece(zip, m->at, header, sizeof header, NULL);
  *at = m->at + LOCAL_SIZE + (uint64_t)get16(header + 26) + get16(header + 28);
  if (status == TT1_OK && get32(header) == LOCAL_MARK && *at + m->packed <= zip->length)
    return TT1_OK;
  return tt1__error_set(err, status == TT1_IO ? TT1_IO : TT1_BAD_FILE,
                        "%s/%s is damaged: it does not lie in the file", zip->path, m->name);
}

static tt1_status unpack(unsigned char *bytes, const tt1__zip *zip, const tt1__zip_member *m,
                         tt1_error *err)
{
  char path[320];
  uint64_t at = 0;
  tt1_status status = find_bytes(&at, zip, m, err);
  if (status != TT1_OK) return status;
  if (m->method == STORED) return read_piece(zip, at, bytes, m->packed, err);
  unsigned char *packed = tt1__allocate(m->packed, 1);
  if (!packed) return tt1__no_memory(err);
  snprintf(path, sizeof path, "%.150s/%.150s", zip->path, m->name);
  status = read_piece(zip, at, packed, m->packed, err);
  if (status == TT1_OK) status = tt1__inflate(bytes, m->unpacked, packed, m->packed, path, err);
  tt1__free(packed);
  return status;
}

tt1_status tt1__zip_read(tt1__file *file, const tt1__zip *zip, int index, tt1_error *err)
{
  const tt1__zip_member *m = &zip->members[index];
  tt1__file read = {tt1__allocate(m->unpacked, 1), m->unpacked, m->checksum};
  tt1_status status = read.bytes ? unpack(read.bytes, zip, m, err) : tt1__no_memory(err);
  if (status == TT1_OK && tt1__checksum(read.bytes, read.length) != m->checksum)
    status = tt1__error_set(err, TT1_BAD_FILE, "%s/%s is damaged: its check-sum is wrong",
                            zip->path, m->name);
  if (status == TT1_OK)
    *file = read;
  else
    tt1__free(read.bytes);
  return status;
}

size_t tt1__zip_peek(const tt1__zip *zip, int index, unsigned char *bytes, size_t length)
{
  const tt1__zip_member *m = &zip->members[index];
  unsigned char packed[4096]; // enough for the tables of a deflated block and what follows
  uint64_t at = 0;
  size_t some = m->packed < sizeof packed ? m->packed : sizeof packed;
  if (find_bytes(&at, zip, m, NULL) != TT1_OK || read_piece(zip, at, packed, some, NULL) != TT1_OK)
    return 0;
  if (m->method == DEFLATED) return tt1__inflate_some(bytes, length, packed, some);
  if (some > length) some = length;
  memcpy(bytes, packed, some);
  return some;
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
static void put_common(tt1__text *out, const tt1__zip_member *m, size_t name_length)
{
  put16(out, 20); // version 2.0 can read it
  put16(out, 0);
  put16(out, (uint32_t)m->method);
  put16(out, 0);
  put16(out, 1 << 5 | 1); // 1 January 1980
  put32(out, m->checksum);
  put32(out, m->packed);
  put32(out, m->unpacked);
  put16(out, (uint32_t)name_length);
  put16(out, 0);
}

static void put_member(tt1__zip_writer *w, const tt1__zip_member *m, const void *packed)
{
  size_t length = strlen(m->name);
  put32(&w->body, LOCAL_MARK);
  put_common(&w->body, m, length);
  tt1__text_add_bytes(&w->body, m->name, length);
  tt1__text_add_bytes(&w->body, packed, m->packed);
  put32(&w->directory, CENTRAL_MARK);
  put16(&w->directory, 20);
  put_common(&w->directory, m, length);
  put16(&w->directory, 0);
  put32(&w->directory, 0);
  put32(&w->directory, 0);
  put32(&w->directory, m->at);
  tt1__text_add_bytes(&w->directory, m->name, length);
  w->n_members++;
}

tt1_status tt1__zip_add(tt1__zip_writer *writer, const char *name, const void *bytes, size_t length,
                        tt1_error *err)
{
  unsigned char *packed = NULL;
  size_t packed_length = 0;
  tt1_status status = tt1__deflate(&packed, &packed_length, bytes, length, err);
  if (status != TT1_OK) return status;
  int is_smaller = packed && packed_length < length;
  tt1__zip_member m = {.name = name,
                       .method = is_smaller ? DEFLATED : STORED,
                       .checksum = tt1__checksum(bytes, length),
                       .packed = (uint32_t)(is_smaller ? packed_length : length),
                       .unpacked = (uint32_t)length,
                       .at = (uint32_t)writer->body.length};
  put_member(writer, &m, is_smaller ? (const void *)packed : bytes);
  tt1__free(packed);
  return TT1_OK;
}

tt1_status tt1__zip_finish(tt1__zip_writer *writer, tt1_error *err)
{
  uint32_t start = (uint32_t)writer->body.length, size = (uint32_t)writer->directory.length;
  if (!writer->directory.failed && size)
    tt1__text_add_bytes(&writer->body, writer->directory.bytes, size);
  put32(&writer->body, END_MARK);
  put32(&writer->body, 0);
  put16(&writer->body, (uint32_t)writer->n_members);
  put16(&writer->body, (uint32_t)writer->n_members);
  put32(&writer->body, size);
  put32(&writer->body, start);
  put16(&writer->body, 0);
  return writer->body.failed || writer->directory.failed ? tt1__no_memory(err) : TT1_OK;
}

void tt1__zip_free(tt1__zip_writer *writer)
{
  tt1__text_free(&writer->body);
  tt1__text_free(&writer->directory);
}
