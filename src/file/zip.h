/* SPDX-License-Identifier: MIT
 * Zip archives (PKWARE APPNOTE 6.3.9), stored and deflated members: of .npz files, and
 * of DICOM files as cohorts ship them. Members are read into memory one at a time; their names
 * are for messages and never become paths. No encryption, no parts, nothing over 4 GiB (zip64). */
#ifndef TT1_FILE_ZIP_H
#define TT1_FILE_ZIP_H

#include "base/text.h"
#include "file/gzip.h"

/** What the directory says of a member. */
typedef struct tt1__zip_member {
  const char *name; /* in printable ASCII, others as '?' */
  int method;
  uint32_t checksum, packed, unpacked, at; /* bytes; `at` is the place of the local header */
} tt1__zip_member;

/** An archive that is open. */
typedef struct tt1__zip {
  const char *path;        /* borrowed */
  const tt1__file *memory; /* borrowed: the whole archive; NULL: it is read through `descriptor` */
  int descriptor;
  uint64_t length;
  tt1__zip_member *members;
  int n_members;
  tt1__arena names;
} tt1__zip;

/** What an archive may hold; `what` is a member in messages: "array". */
typedef struct tt1__zip_limits {
  const char *what;
  uint32_t members, member_bytes;
} tt1__zip_limits;

/** Whether the bytes begin as an archive does. */
int tt1__zip_is(const unsigned char *bytes, size_t length);
/**
 * Read and check the directory of an archive: members within the file that do not overlap and
 * that together unpack to at most 100 times the archive and 64 MiB. Close it also after a failure.
 * @param memory  the archive, or NULL to open the file `path`; both must outlive `zip`
 */
tt1_status tt1__zip_open(tt1__zip *zip, const tt1__file *memory, const char *path,
                         const tt1__zip_limits *limits, tt1_error *err);
void tt1__zip_close(tt1__zip *zip);
/** Unpack member `index` and check its sum. Threads may read at once. TT1_BAD_FILE, TT1_IO,
    TT1_NO_MEMORY. */
tt1_status tt1__zip_read(tt1__file *file, const tt1__zip *zip, int index, tt1_error *err);
/** The first bytes of a member, up to `length`. Returns how many; 0 if it cannot be read. */
size_t tt1__zip_peek(const tt1__zip *zip, int index, unsigned char *bytes, size_t length);

/** Making an archive: begin with zero, add members, take the bytes. */
typedef struct tt1__zip_writer {
  tt1__text body, directory;
  int n_members;
} tt1__zip_writer;

/** Add a member, deflated where that makes it smaller, without a time stamp. */
tt1_status tt1__zip_add(tt1__zip_writer *writer, const char *name, const void *bytes, size_t length,
                        tt1_error *err);
/** The whole archive in `writer->body`; free with tt1__zip_free(). */
tt1_status tt1__zip_finish(tt1__zip_writer *writer, tt1_error *err);
void tt1__zip_free(tt1__zip_writer *writer);
#endif
