/* SPDX-License-Identifier: MIT
 * Whole files in memory, names of what is in a folder, and the files that an output folder
 * is given. */
#ifndef TT1_FILE_FILE_H
#define TT1_FILE_FILE_H

#include <stdint.h>

#include "base/memory.h"
#include "tt1_file.h"

/** A whole file in memory. */
typedef struct tt1__file {
  unsigned char *bytes;
  size_t length;
  uint32_t checksum; /* CRC-32 of the bytes */
} tt1__file;

/** Read a regular file of at most `limit` bytes. TT1_IO, TT1_BAD_FILE, TT1_NO_MEMORY. */
tt1_status tt1__file_read(tt1__file *file, const char *path, size_t limit, tt1_error *err);
/** Whether a file that begins so is to be read. */
typedef int (*tt1__wanted_fn)(const unsigned char *head, size_t length, const void *context);
enum { TT1__HEAD_SIZE = 512 };
/**
 * The same, but read on only if `is_wanted` says so of the first TT1__HEAD_SIZE bytes: a file is opened once.
 * What is not wanted is TT1_OK with these bytes alone and the checksum 0.
 */
tt1_status tt1__file_read_if(tt1__file *file, int *was_wanted, const char *path, size_t limit,
                             tt1__wanted_fn is_wanted, const void *context, tt1_error *err);
/** The first bytes of a regular file, up to `length`. Returns how many; 0 if it cannot be read. */
size_t tt1__file_peek(const char *path, unsigned char *bytes, size_t length);
void tt1__file_free(tt1__file *file);
uint32_t tt1__checksum(const void *bytes, size_t length);
/** The part of `path` after its last slash. */
const char *tt1__base_name(const char *path);
/** The folder that `path` lies in, "." if it names none; NULL if memory ran out. Free with tt1__free(). */
char *tt1__folder_of(const char *path);
/** "folder/name"; NULL if memory ran out. Free with tt1__free(). */
char *tt1__join(const char *folder, const char *name);

/** Make a folder that need not be new. TT1_IO. */
tt1_status tt1__make_folder(const char *path, tt1_error *err);

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

/** The path that a folder was opened with. */
const char *tt1__folder_path(const tt1_folder *folder);
/** Add file `name` to a folder; whoever writes it does so at `*path`, borrowed, and then flushes it. */
tt1_status tt1__folder_claim(const char **path, tt1_folder *folder, const char *name,
                             tt1_error *err);
/** Put a claimed file on the disk. TT1_IO. */
tt1_status tt1__folder_flush(const char *path, tt1_error *err);

#endif
