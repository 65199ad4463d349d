/* SPDX-License-Identifier: MIT
 * Plain and gzip-compressed files behind one reader, and the writer of
 * gzip files. zlib does the work; its memory comes from base/memory. A build
 * without zlib reads and writes plain files only, and says so. */
#include <limits.h>
#include <string.h>

#include "base/error.h"
#include "file/gzip.h"

#ifdef TT1_HAVE_ZLIB
#  define ZLIB_CONST
#  include <zlib.h>
#endif

// Bytes that may follow the voxels: some programs pad files, none pads by more than a page or two.
enum { EXTRA_LIMIT = 65536 };

static int is_gzip(const tt1__file *file, size_t at)
{
  return file->length - at >= 2 && file->bytes[at] == 0x1F && file->bytes[at + 1] == 0x8B;
}

static tt1_status copy_plain(tt1__stream *stream, void *bytes, size_t length, size_t *got)
{
  size_t left = stream->file->length - stream->at;
  *got = length < left ? length : left;
  memcpy(bytes, stream->file->bytes + stream->at, *got);
  stream->at += *got;
  return TT1_OK;
}

#ifdef TT1_HAVE_ZLIB

static void *zlib_allocate(void *unused, unsigned count, unsigned size)
{
  (void)unused;
  return tt1__allocate(count, size);
}

static void zlib_free(void *unused, void *block)
{
  (void)unused;
  tt1__free(block);
}

tt1_status tt1__stream_open(tt1__stream *stream, const tt1__file *file, const char *path,
                            tt1_error *err)
{
  *stream = (tt1__stream){.file = file, .path = path};
  if (!is_gzip(file, 0)) return TT1_OK;
  z_stream *z = tt1__allocate(1, sizeof *z);
  if (!z) return tt1__no_memory(err);
  z->zalloc = zlib_allocate;
  z->zfree = zlib_free;
  if (inflateInit2(z, 15 + 16) != Z_OK) {
    tt1__free(z);
    return tt1__no_memory(err);
  }
  stream->decompress = z;
  return TT1_OK;
}

// A gzip file may hold several members, one after the other.
static void next_member(tt1__stream *stream, z_stream *z)
{
  stream->at -= z->avail_in;
  z->avail_in = 0;
  stream->is_ended = !is_gzip(stream->file, stream->at) || inflateReset(z) != Z_OK;
}

static tt1_status decompress_some(tt1__stream *stream, z_stream *z, tt1_error *err)
{
  if (z->avail_in == 0) {
    size_t left = stream->file->length - stream->at;
    z->next_in = stream->file->bytes + stream->at;
    z->avail_in = left < INT_MAX ? (uInt)left : INT_MAX;
    stream->at += z->avail_in;
  }
  int answer = inflate(z, Z_NO_FLUSH);
  if (answer == Z_STREAM_END) next_member(stream, z);
  if (answer == Z_STREAM_END || answer == Z_OK) return TT1_OK;
  if (answer == Z_MEM_ERROR) return tt1__no_memory(err);
  if (answer == Z_BUF_ERROR)
    return tt1__error_set(err, TT1_BAD_FILE,
                          "%s is truncated: it ends in the middle of its gzip stream, after %llu "
                          "bytes",
                          stream->path, (unsigned long long)stream->file->length);
  return tt1__error_set(err, TT1_BAD_FILE,
                        "%s is damaged: its gzip stream is wrong near byte %llu (%s)", stream->path,
                        (unsigned long long)(stream->at - z->avail_in),
                        z->msg ? z->msg : "no reason given");
}

tt1_status tt1__stream_read(tt1__stream *stream, void *bytes, size_t length, size_t *got,
                            tt1_error *err)
{
  z_stream *z = stream->decompress;
  if (!z) return copy_plain(stream, bytes, length, got);
  tt1_status status = TT1_OK;
  size_t done = 0;
  while (done < length && !stream->is_ended && status == TT1_OK) {
    size_t left = length - done;
    uInt room = left < INT_MAX ? (uInt)left : INT_MAX;
    z->next_out = (unsigned char *)bytes + done;
    z->avail_out = room;
    status = decompress_some(stream, z, err);
    done += room - z->avail_out;
  }
  *got = done;
  return status;
}

void tt1__stream_close(tt1__stream *stream)
{
  if (stream->decompress) inflateEnd(stream->decompress);
  tt1__free(stream->decompress);
  *stream = (tt1__stream){0};
}

uint64_t tt1__stream_capacity(const tt1__stream *stream)
{
  // Deflate cannot shrink data by more than 1032 to 1 (zlib technical details).
  return stream->decompress ? (uint64_t)stream->file->length * 1032 : stream->file->length;
}

static int deflate_piece(z_stream *z, const void *bytes, size_t length, int is_last)
{
  const unsigned char *at = bytes;
  do {
    uInt some = length < INT_MAX ? (uInt)length : INT_MAX;
    z->next_in = at;
    z->avail_in = some;
    at += some;
    length -= some;
    int answer = deflate(z, is_last && length == 0 ? Z_FINISH : Z_NO_FLUSH);
    if (answer == Z_STREAM_ERROR || z->avail_in != 0) return 0;
    if (is_last && length == 0 && answer != Z_STREAM_END) return 0;
  } while (length > 0);
  return 1;
}

// Searching noise for repetitions takes three times as long and makes the file larger (measured
// on maps); it pays where an eighth of the words repeat the one before: masked maps, outcomes.
static int choose_strategy(const void *body, size_t length)
{
  const unsigned char *at = body;
  size_t n_words = length / 4, n_repeats = 0;
  for (size_t i = 1; i < n_words; i++)
    n_repeats += memcmp(at + 4 * i, at + 4 * i - 4, 4) == 0;
  return n_repeats >= n_words / 8 ? Z_DEFAULT_STRATEGY : Z_HUFFMAN_ONLY;
}

tt1_status tt1__gzip(unsigned char **out, size_t *out_length, const void *head, size_t head_length,
                     const void *body, size_t body_length, tt1_error *err)
{
  // Higher levels cost much time and gain next to nothing on maps.
  enum { LEVEL = 1 };
  z_stream z = {.zalloc = zlib_allocate, .zfree = zlib_free};
  unsigned char *bytes = NULL;
  tt1_status status = TT1_NO_MEMORY;
  if (deflateInit2(&z, LEVEL, Z_DEFLATED, 15 + 16, 8, choose_strategy(body, body_length)) != Z_OK)
    return tt1__no_memory(err);
  size_t bound = deflateBound(&z, head_length + body_length);
  if (bound > UINT_MAX) {
    status = tt1__error_set(err, TT1_BAD_ARGUMENT,
                            "an image of %llu bytes cannot be compressed: "
                            "the limit is 4 GiB; use a name that ends in .nii",
                            (unsigned long long)body_length);
    goto out;
  }
  bytes = tt1__allocate(bound, 1);
  if (!bytes) goto out;
  z.next_out = bytes;
  z.avail_out = (uInt)bound;
  if (!deflate_piece(&z, head, head_length, 0) || !deflate_piece(&z, body, body_length, 1)) {
    status = tt1__error_set(err, TT1_IO, "zlib could not compress %llu bytes",
                            (unsigned long long)body_length);
    goto out;
  }
  *out = bytes;
  *out_length = bound - z.avail_out;
  bytes = NULL;
  status = TT1_OK;
out:
  deflateEnd(&z);
  tt1__free(bytes);
  return status == TT1_NO_MEMORY ? tt1__no_memory(err) : status;
}

tt1_status tt1__inflate(void *out, size_t out_length, const void *bytes, size_t length,
                        const char *path, tt1_error *err)
{
  z_stream z = {.zalloc = zlib_allocate, .zfree = zlib_free, .next_in = bytes, .next_out = out};
  if (length > UINT_MAX || out_length > UINT_MAX)
    return tt1__error_set(err, TT1_BAD_FILE, "%s holds a piece of more than 4 GiB", path);
  z.avail_in = (uInt)length;
  z.avail_out = (uInt)out_length;
  if (inflateInit2(&z, -15) != Z_OK) return tt1__no_memory(err);
  int answer = inflate(&z, Z_FINISH);
  size_t left = z.avail_out;
  inflateEnd(&z);
  if (answer == Z_MEM_ERROR) return tt1__no_memory(err);
  if (answer == Z_STREAM_END && left == 0) return TT1_OK;
  return tt1__error_set(err, TT1_BAD_FILE,
                        "%s is damaged: a compressed piece does not hold the %llu bytes promised",
                        path, (unsigned long long)out_length);
}

size_t tt1__inflate_some(void *out, size_t out_length, const void *bytes, size_t length)
{
  z_stream z = {.zalloc = zlib_allocate,
                .zfree = zlib_free,
                .next_in = bytes,
                .avail_in = length < INT_MAX ? (uInt)length : INT_MAX,
                .next_out = out,
                .avail_out = out_length < INT_MAX ? (uInt)out_length : INT_MAX};
  if (inflateInit2(&z, -15) != Z_OK) return 0;
  inflate(&z, Z_SYNC_FLUSH);
  inflateEnd(&z);
  return z.total_out;
}

// Room doubles until the stream ends or the limit is reached.
static int inflate_growing(z_stream *z, unsigned char **out, size_t limit)
{
  int answer = Z_OK;
  for (size_t capacity = 1 << 16; answer == Z_OK && capacity < limit;) {
    capacity = 2 * capacity < limit ? 2 * capacity : limit;
    unsigned char *grown = tt1__reallocate(*out, capacity, 1);
    if (!grown) return Z_MEM_ERROR;
    *out = grown;
    z->next_out = grown + z->total_out;
    z->avail_out = (uInt)(capacity - z->total_out);
    answer = inflate(z, Z_NO_FLUSH);
    if (answer == Z_BUF_ERROR && z->avail_out == 0) answer = Z_OK;
  }
  return answer;
}

tt1_status tt1__inflate_all(unsigned char **out, size_t *out_length, const void *bytes,
                            size_t length, size_t limit, const char *path, tt1_error *err)
{
  z_stream z = {.zalloc = zlib_allocate, .zfree = zlib_free, .next_in = bytes};
  unsigned char *grown = NULL;
  if (length > UINT_MAX || limit > UINT_MAX)
    return tt1__error_set(err, TT1_BAD_FILE, "%s holds a piece of more than 4 GiB", path);
  z.avail_in = (uInt)length;
  if (inflateInit2(&z, -15) != Z_OK) return tt1__no_memory(err);
  int answer = inflate_growing(&z, &grown, limit);
  size_t total = z.total_out;
  inflateEnd(&z);
  if (answer == Z_STREAM_END) {
    *out = grown;
    *out_length = total;
    return TT1_OK;
  }
  tt1__free(grown);
  if (answer == Z_MEM_ERROR) return tt1__no_memory(err);
  if (answer == Z_OK)
    return tt1__error_set(err, TT1_BAD_FILE, "%s inflates to more than %zu MiB", path, limit >> 20);
  return tt1__error_set(err, TT1_BAD_FILE,
                        "%s is damaged or cut short: its deflated data do not end well", path);
}

tt1_status tt1__deflate(unsigned char **out, size_t *out_length, const void *bytes, size_t length,
                        tt1_error *err)
{
  z_stream z = {.zalloc = zlib_allocate, .zfree = zlib_free};
  if (length > UINT_MAX / 2)
    return tt1__error_set(err, TT1_BAD_ARGUMENT, "%llu bytes are too many to compress",
                          (unsigned long long)length);
  if (deflateInit2(&z, Z_BEST_COMPRESSION, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY) != Z_OK)
    return tt1__no_memory(err);
  size_t bound = deflateBound(&z, length);
  unsigned char *packed = tt1__allocate(bound, 1);
  if (packed) {
    z.next_out = packed;
    z.avail_out = (uInt)bound;
    deflate_piece(&z, bytes, length, 1); // cannot run out of room within the bound
    *out = packed;
    *out_length = bound - z.avail_out;
  }
  deflateEnd(&z);
  return packed ? TT1_OK : tt1__no_memory(err);
}

int tt1__zlib_is_whole(const void *bytes, size_t length)
{
  unsigned char scrap[4096];
  z_stream z = {.zalloc = zlib_allocate, .zfree = zlib_free};
  if (length > UINT_MAX || inflateInit(&z) != Z_OK) return 0;
  int code = Z_OK;
  z.next_in = bytes;
  z.avail_in = (uInt)length;
  while (code == Z_OK) {
    z.next_out = scrap;
    z.avail_out = sizeof scrap;
    code = inflate(&z, Z_NO_FLUSH);
  }
  inflateEnd(&z);
  return code == Z_STREAM_END && z.avail_in == 0;
}

#else /* without zlib */

int tt1__zlib_is_whole(const void *bytes, size_t length)
{
  (void)bytes, (void)length;
  return 0;
}

tt1_status tt1__inflate(void *out, size_t out_length, const void *bytes, size_t length,
                        const char *path, tt1_error *err)
{
  (void)out, (void)out_length, (void)bytes, (void)length;
  return tt1__error_set(err, TT1_NO_DEVICE,
                        "%s is compressed, and this build of torcht1 has no zlib", path);
}

size_t tt1__inflate_some(void *out, size_t out_length, const void *bytes, size_t length)
{
  (void)out, (void)out_length, (void)bytes, (void)length;
  return 0;
}

tt1_status tt1__inflate_all(unsigned char **out, size_t *out_length, const void *bytes,
                            size_t length, size_t limit, const char *path, tt1_error *err)
{
  (void)out_length, (void)limit;
  return tt1__inflate(out, 0, bytes, length, path, err);
}

tt1_status tt1__deflate(unsigned char **out, size_t *out_length, const void *bytes, size_t length,
                        tt1_error *err)
{
  (void)out_length, (void)bytes, (void)length, (void)err;
  *out = NULL;
  return TT1_OK;
}

tt1_status tt1__stream_open(tt1__stream *stream, const tt1__file *file, const char *path,
                            tt1_error *err)
{
  *stream = (tt1__stream){.file = file, .path = path};
  if (!is_gzip(file, 0)) return TT1_OK;
  return tt1__error_set(err, TT1_NO_DEVICE,
                        "%s is gzip-compressed, and this build of torcht1 has no zlib: decompress "
                        "it first",
                        path);
}

tt1_status tt1__stream_read(tt1__stream *stream, void *bytes, size_t length, size_t *got,
                            tt1_error *err)
{
  (void)err;
  return copy_plain(stream, bytes, length, got);
}

void tt1__stream_close(tt1__stream *stream)
{
  *stream = (tt1__stream){0};
}

uint64_t tt1__stream_capacity(const tt1__stream *stream)
{
  return stream->file->length;
}

tt1_status tt1__gzip(unsigned char **out, size_t *out_length, const void *head, size_t head_length,
                     const void *body, size_t body_length, tt1_error *err)
{
  (void)out, (void)out_length, (void)head, (void)head_length, (void)body, (void)body_length;
  return tt1__error_set(err, TT1_NO_DEVICE,
                        "gzip-compressed files cannot be written: this build of torcht1 has no "
                        "zlib; use a name that ends in .nii");
}

#endif

static tt1_status finish_gzip(tt1__stream *stream, tt1_error *err)
{
  size_t at = stream->at;
  while (at < stream->file->length && stream->file->bytes[at] == 0)
    at++;
  if (at == stream->file->length) return TT1_OK;
  return tt1__error_set(err, TT1_BAD_FILE,
                        "%s is damaged: %llu bytes that are not gzip follow its gzip stream",
                        stream->path, (unsigned long long)(stream->file->length - stream->at));
}

tt1_status tt1__stream_finish(tt1__stream *stream, tt1_error *err)
{
  unsigned char extra[1024];
  size_t total = 0, got = 0;
  do {
    tt1_status status = tt1__stream_read(stream, extra, sizeof extra, &got, err);
    if (status != TT1_OK) return status;
    total += got;
  } while (got == sizeof extra && total <= EXTRA_LIMIT);
  if (total > EXTRA_LIMIT)
    return tt1__error_set(err, TT1_BAD_FILE,
                          "%s holds more than %d bytes beyond the images that its header describes",
                          stream->path, EXTRA_LIMIT);
  return stream->decompress ? finish_gzip(stream, err) : TT1_OK;
}

size_t tt1__gunzip_some(void *out, size_t out_length, const void *head, size_t length)
{
  tt1__stream stream;
  size_t got = 0, total = 0;
  tt1__file file = {.length = length};
  file.bytes = tt1__allocate(length ? length : 1, 1);
  if (!file.bytes) return 0;
  memcpy(file.bytes, head, length);
  if (tt1__stream_open(&stream, &file, "", NULL) == TT1_OK) {
    // Byte by byte: what comes before a cut counts.
    while (total < out_length &&
           tt1__stream_read(&stream, (unsigned char *)out + total, 1, &got, NULL) == TT1_OK && got)
      total++;
    tt1__stream_close(&stream);
  }
  tt1__file_free(&file);
  return total;
}

// Read a stream to its end into `out`, which has no bytes yet.
static tt1_status read_growing(tt1__file *out, tt1__stream *stream, size_t limit, tt1_error *err)
{
  size_t room = 0, got = 0;
  do {
    if (out->length == room) {
      room = room ? 2 * room : (size_t)1 << 16;
      if (room > limit + 1) room = limit + 1; // one more shows that there is more
      unsigned char *grown = tt1__reallocate(out->bytes, room, 1);
      if (!grown) return tt1__no_memory(err);
      out->bytes = grown;
    }
    got = 0;
    tt1_status status =
        tt1__stream_read(stream, out->bytes + out->length, room - out->length, &got, err);
    out->length += got;
    if (status != TT1_OK) return status;
  } while (got > 0 && out->length <= limit);
  if (out->length <= limit) return finish_gzip(stream, err);
  out->length = limit;
  return tt1__error_set(err, TT1_BAD_FILE,
                        "%s holds more than %llu MiB once decompressed, the limit for its size",
                        stream->path, (unsigned long long)limit >> 20);
}

tt1_status tt1__gunzip(tt1__file *file, size_t limit, const char *path, tt1_error *err)
{
  tt1__stream stream;
  if (!is_gzip(file, 0)) return TT1_OK;
  tt1__file inflated = {.checksum = file->checksum};
  tt1_status status = tt1__stream_open(&stream, file, path, err);
  if (status != TT1_OK) return status;
  status = read_growing(&inflated, &stream, limit, err);
  tt1__stream_close(&stream);
  if (status == TT1_NO_MEMORY || !inflated.bytes) {
    tt1__file_free(&inflated);
    return status;
  }
  tt1__file_free(file);
  *file = inflated;
  return status;
}
