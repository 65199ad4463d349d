/* SPDX-License-Identifier: MIT
 * Bytes in and out of gzip, zlib and raw deflate. */
#ifndef TT1_FILE_GZIP_H
#define TT1_FILE_GZIP_H

#include "file/file.h"

/** Bytes of a file, decompressed on the way if they are gzip. */
typedef struct tt1__stream {
  const tt1__file *file;
  const char *path;
  size_t at;        /* first byte of the file not yet used */
  int is_ended;     /* gzip: past the last member */
  void *decompress; /* gzip: z_stream */
} tt1__stream;

tt1_status tt1__stream_open(tt1__stream *stream, const tt1__file *file, const char *path,
                            tt1_error *err);
/** Up to `length` bytes; fewer only at the end. TT1_BAD_FILE if the compressed data are damaged. */
tt1_status tt1__stream_read(tt1__stream *stream, void *bytes, size_t length, size_t *got,
                            tt1_error *err);
/** Check what follows the last byte that was wanted: little, and undamaged. */
tt1_status tt1__stream_finish(tt1__stream *stream, tt1_error *err);
void tt1__stream_close(tt1__stream *stream);
/** The most bytes that the file can hold once decompressed. */
uint64_t tt1__stream_capacity(const tt1__stream *stream);

/**
 * Put what a gzip file holds in place of its bytes, up to `limit`; one that is none stays as it is, and so does the
 * checksum. After TT1_BAD_FILE `file` holds what could be decompressed.
 */
tt1_status tt1__gunzip(tt1__file *file, size_t limit, const char *path, tt1_error *err);
/** The first bytes of what a file holds that begins with `head`, compressed or not. Returns how many. */
size_t tt1__gunzip_some(void *out, size_t out_length, const void *head, size_t length);

/** Compress two pieces as one gzip file without a time stamp. `*out` is freed with tt1__free(). */
tt1_status tt1__gzip(unsigned char **out, size_t *out_length, const void *head, size_t head_length,
                     const void *body, size_t body_length, tt1_error *err);

/** Fill `out` with exactly `out_length` bytes from a raw deflate stream; `path` is for the message. */
tt1_status tt1__inflate(void *out, size_t out_length, const void *bytes, size_t length,
                        const char *path, tt1_error *err);
/** The first bytes of a raw deflate stream, of which only a piece need be there. Returns how many. */
size_t tt1__inflate_some(void *out, size_t out_length, const void *bytes, size_t length);
/** A whole raw deflate stream of unknown length, up to `limit` bytes. `*out` is freed with
    tt1__free(). */
tt1_status tt1__inflate_all(unsigned char **out, size_t *out_length, const void *bytes,
                            size_t length, size_t limit, const char *path, tt1_error *err);
/** Compress to a raw deflate stream. `*out` is freed with tt1__free(); NULL, and success, without
    zlib. */
tt1_status tt1__deflate(unsigned char **out, size_t *out_length, const void *bytes, size_t length,
                        tt1_error *err);

/** Whether the bytes are one zlib stream, whole up to its checksum; without zlib none is. */
int tt1__zlib_is_whole(const void *bytes, size_t length);

#endif
