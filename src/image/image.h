/* SPDX-License-Identifier: MIT
 * What the files of this room share: the image itself, whole files in memory,
 * a reader that sees plain and gzip-compressed files alike, and one function
 * for each format. Paths are only for messages wherever bytes are given too. */
#ifndef TT1_IMAGE_IMAGE_H
#define TT1_IMAGE_IMAGE_H

#include <stddef.h>
#include <stdint.h>

#include "base/memory.h"
#include "tt1_image.h"

enum { TT1__MAX_IMAGES = 4096 };

/** A file that was read, for the record. */
typedef struct tt1__read_file {
  const char *path;
  uint32_t checksum;
} tt1__read_file;

struct tt1__dicom_source;
struct tt1__sidecars; /* bids_levels.h */

struct tt1_image {
  tt1_geometry geometry;
  int64_t n_voxels;
  int n_images;
  float *data;  /* [n_images][n_voxels] */
  float *phase; /* the same in radians, or NULL */
  int is_signed;
  const char *format, *stored_type;
  tt1_origin origin;      /* its texts are literals or live in `texts` */
  const char *unit;       /* of the values, in `texts`, or NULL */
  tt1_found_known *known; /* values and texts live in `texts` */
  int n_known, known_capacity;
  tt1_found_text *found_texts; /* the same */
  int n_found_texts, found_text_capacity;
  tt1__read_file *files;
  int n_files, file_capacity;
  const char **assumptions; /* [n_assumptions], in `texts` */
  int n_assumptions, assumption_capacity;
  tt1__arena texts;
  struct tt1__dicom_source *dicom; /* what maps take from a DICOM series, or NULL */
};

/* ---- image.c ---- */
tt1_image *tt1__image_new(void);
/** Remember a file that was read. Returns 0 if memory ran out. */
int tt1__image_add_file(tt1_image *image, const char *path, uint32_t checksum);
/** Add a known quantity; copies everything. Returns 0 if memory ran out. */
int tt1__image_add_known(tt1_image *image, const char *key, const char *source,
                         const double *values, int count);
/** The same of slices with values of their own. */
int tt1__image_add_found(tt1_image *image, const tt1_found_known *found);
/** Copy a known quantity with all that it points to. Returns 0 if memory ran out. */
int tt1__copy_known(tt1_found_known *out, tt1__arena *arena, const tt1_found_known *found);
/** Add a text of a sidecar; copies both. Returns 0 if memory ran out. */
int tt1__image_add_text(tt1_image *image, const char *key, const char *value);
/** Set the unit of the values, if it looks like one. Returns 0 if memory ran out. */
int tt1__image_set_unit(tt1_image *image, const char *unit, size_t length);
/** Add a sentence about what was assumed; copies it. Returns 0 if memory ran out. */
int tt1__image_add_assumption(tt1_image *image, const char *sentence);
#define TT1__FEW_BELOW_ZERO \
  "some values are below zero, too few for signed images: they are taken as magnitudes"
/** Set `is_signed` by looking at all values; where the image is told to be, one below zero is enough.
    Returns 0 if memory ran out. */
int tt1__image_note_sign(tt1_image *image, int is_told);
/** The known quantity called `key`, or NULL. */
const tt1_found_known *tt1__image_find_known(const tt1_image *image, const char *key);
/** The text called `key`, or NULL. */
const char *tt1__image_find_text(const tt1_image *image, const char *key);

/* ---- geometry.c ---- */
/** (i, j, k) in grid `to` = m * (i, j, k, 1) in grid `from`; returns 0 if one of them tells no place. */
int tt1__geometry_relate(double m[3][4], const tt1_geometry *to, const tt1_geometry *from);

/* ---- file.c ---- */

/** A whole file in memory. */
typedef struct tt1__file {
  unsigned char *bytes;
  size_t length;
  uint32_t checksum; /* CRC-32 of the bytes */
} tt1__file;

/** Read a regular file of at most `limit` bytes. TT1_IO, TT1_BAD_FILE, TT1_NO_MEMORY. */
tt1_status tt1__file_read(tt1__file *file, const char *path, size_t limit, tt1_error *err);
/** The first bytes of a regular file, up to `length`. Returns how many; 0 if it cannot be read. */
size_t tt1__file_peek(const char *path, unsigned char *bytes, size_t length);
void tt1__file_free(tt1__file *file);
uint32_t tt1__checksum(const void *bytes, size_t length);
/** The part of `path` after its last slash. */
const char *tt1__base_name(const char *path);
/** "folder/name"; NULL if memory ran out. Free with tt1__free(). */
char *tt1__join(const char *folder, const char *name);

/** Names of what is in a folder. */
typedef struct tt1__names {
  const char **items; /* [count], in alphabetical order */
  int count, capacity;
  tt1__arena texts;
} tt1__names;

/** List a folder: the names that `is_wanted` accepts, none that begins with a dot. */
tt1_status tt1__names_list(tt1__names *out, const char *folder, int (*is_wanted)(const char *name),
                           tt1_error *err);
void tt1__names_free(tt1__names *names);

/* ---- folder.c ---- */

/** Add file `name` to a folder; whoever writes it does so at `*path`, borrowed, and then flushes it. */
tt1_status tt1__folder_claim(const char **path, tt1_folder *folder, const char *name,
                             tt1_error *err);
/** Put a claimed file on the disk. TT1_IO. */
tt1_status tt1__folder_flush(const char *path, tt1_error *err);

/* ---- gzip.c ---- */

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

/* ---- formats ---- */

/** Fill `image` from the bytes of a NIfTI file. */
tt1_status tt1__nifti_parse(tt1_image *image, const tt1__file *file, const char *path,
                            tt1_error *err);
/** Read one NIfTI file with its sidecar, or those of its dataset. */
tt1_status tt1__nifti_read(tt1_image **out, const char *path, tt1_error *err);
/** The same with sidecars that are known. */
tt1_status tt1__nifti_read_with(tt1_image **out, const char *path,
                                const struct tt1__sidecars *sidecars, tt1_error *err);

/** Add what these sidecars tell to `image`; of a key that several have, the first one's value. */
tt1_status tt1__sidecars_read(tt1_image *image, const struct tt1__sidecars *sidecars,
                              tt1_error *err);
/** The same for one text. */
tt1_status tt1__sidecar_parse(tt1_image *image, const char *bytes, size_t length, const char *path,
                              tt1_error *err);

/** Whether the name of `path` holds an index that makes it one of a BIDS set. */
int tt1__bids_is_member(const char *path);
/** Whether folder `path` itself holds files of such a set. */
int tt1__bids_is_folder(const char *path);
/** Read all images of the set that `path` belongs to, or of the only set in folder `path`. */
tt1_status tt1__bids_read(tt1_image **out, const char *path, int is_folder, tt1_error *err);
#endif
