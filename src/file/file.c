/* SPDX-License-Identifier: MIT
 * Whole files in memory, with a limit, a check-sum and errors that say what
 * the operating system said. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/text.h"
#include "file/file.h"

#ifdef TT1_HAVE_ZLIB
#  include <zlib.h>
#endif

const char *tt1__base_name(const char *path)
{
  const char *slash = strrchr(path, '/');
  return slash ? slash + 1 : path;
}

char *tt1__folder_of(const char *path)
{
  tt1__text text = {0};
  const char *name = tt1__base_name(path);
  if (name > path)
    tt1__text_add_bytes(&text, path, name - path > 1 ? (size_t)(name - path - 1) : 1);
  else
    tt1__text_add(&text, ".");
  return tt1__text_take(&text);
}

char *tt1__join(const char *folder, const char *name)
{
  tt1__text text = {0};
  tt1__text_add(&text, "%s/%s", folder, name);
  return tt1__text_take(&text);
}

#ifdef TT1_HAVE_ZLIB
uint32_t tt1__checksum(const void *bytes, size_t length)
{
  return (uint32_t)crc32_z(crc32_z(0, NULL, 0), bytes, length);
}
#else
uint32_t tt1__checksum(const void *bytes, size_t length)
{
  const unsigned char *at = bytes;
  uint32_t sum = 0xFFFFFFFFu;
  for (size_t i = 0; i < length; i++) {
    sum ^= at[i];
    for (int bit = 0; bit < 8; bit++)
      sum = sum >> 1 ^ (sum & 1 ? 0xEDB88320u : 0);
  }
  return ~sum;
}
#endif

/* Read bytes [done, length) of the file. */
static tt1_status read_rest(tt1__file *file, size_t done, int descriptor, const char *path,
                            tt1_error *err)
{
  char reason[128];
  while (done < file->length) {
    ssize_t got = read(descriptor, file->bytes + done, file->length - done);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0)
      return tt1__error_set(err, TT1_IO, "%s cannot be read: %s", path, tt1__reason(errno, reason));
    if (got == 0) return tt1__error_set(err, TT1_IO, "%s became shorter while it was read", path);
    done += (size_t)got;
  }
  return TT1_OK;
}

/* A regular file, open for reading, and its length; -1 after an error. */
static int open_regular(size_t *length, const char *path, tt1_error *err)
{
  char reason[128];
  struct stat state;
  // Non-blocking, so that a named pipe without a writer cannot hold us up.
  int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0 || fstat(descriptor, &state) != 0)
    tt1__error_set(err, TT1_IO, "%s cannot be read: %s", path, tt1__reason(errno, reason));
  else if (!S_ISREG(state.st_mode))
    tt1__error_set(err, TT1_IO, "%s is not a regular file", path);
  else {
    *length = (size_t)state.st_size;
    return descriptor;
  }
  if (descriptor >= 0) close(descriptor);
  return -1;
}

/* Grow from the head to the whole file, of `length` bytes. */
static tt1_status read_on(tt1__file *file, size_t length, size_t limit, int descriptor,
                          const char *path, tt1_error *err)
{
  size_t head = file->length;
  if (length > limit)
    return tt1__error_set(err, TT1_BAD_FILE, "%s holds %llu bytes, the limit is %llu", path,
                          (unsigned long long)length, (unsigned long long)limit);
  unsigned char *grown = tt1__reallocate(file->bytes, length, 1);
  if (!grown) return tt1__no_memory(err);
  file->bytes = grown;
  file->length = length;
  tt1_status status = read_rest(file, head, descriptor, path, err);
  if (status == TT1_OK) file->checksum = tt1__checksum(file->bytes, file->length);
  return status;
}

tt1_status tt1__file_read_if(tt1__file *file, int *was_wanted, const char *path, size_t limit,
                             tt1__wanted_fn is_wanted, const void *context, tt1_error *err)
{
  tt1_error reason = {0};
  size_t length = 0;
  int descriptor = open_regular(&length, path, &reason);
  if (descriptor < 0) {
    if (err) *err = reason;
    return reason.status;
  }
  tt1__file read = {.length = length < TT1__HEAD_SIZE ? length : TT1__HEAD_SIZE};
  read.bytes = tt1__allocate(read.length, 1);
  tt1_status status = read.bytes ? read_rest(&read, 0, descriptor, path, err) : tt1__no_memory(err);
  if (status == TT1_OK) {
    *was_wanted = !is_wanted || is_wanted(read.bytes, read.length, context);
    if (*was_wanted) status = read_on(&read, length, limit, descriptor, path, err);
  }
  close(descriptor);
  if (status == TT1_OK)
    *file = read;
  else
    tt1__free(read.bytes);
  return status;
}

tt1_status tt1__file_read(tt1__file *file, const char *path, size_t limit, tt1_error *err)
{
  int was_wanted;
  return tt1__file_read_if(file, &was_wanted, path, limit, NULL, NULL, err);
}

size_t tt1__file_peek(const char *path, unsigned char *bytes, size_t length)
{
  struct stat state;
  size_t done = 0;
  int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0) return 0;
  while (done < length && fstat(descriptor, &state) == 0 && S_ISREG(state.st_mode)) {
    ssize_t got = read(descriptor, bytes + done, length - done);
    if (got <= 0 && !(got < 0 && errno == EINTR)) break;
    if (got > 0) done += (size_t)got;
  }
  close(descriptor);
  return done;
}

void tt1__file_free(tt1__file *file)
{
  tt1__free(file->bytes);
  *file = (tt1__file){0};
}

/* ---- Folders ---- */

tt1_status tt1__make_folder(const char *path, tt1_error *err)
{
  char reason[128];
  if (mkdir(path, 0777) == 0 || errno == EEXIST) return TT1_OK;
  return tt1__error_set(err, TT1_IO, "the folder %s cannot be made: %s", path,
                        tt1__reason(errno, reason));
}

static tt1_status add_name(tt1__names *names, const char *name, const char *folder, tt1_error *err)
{
  enum { MOST = 1 << 20 };
  if (names->count == MOST)
    return tt1__error_set(err, TT1_BAD_FILE, "%s holds more than %d files", folder, MOST);
  if (names->count == names->capacity) {
    int capacity = names->capacity ? names->capacity * 2 : 16;
    const char **grown = tt1__reallocate(names->items, (size_t)capacity,
                                         sizeof *grown); // NOLINT(bugprone-sizeof-expression)
    if (!grown) return tt1__no_memory(err);
    names->items = grown;
    names->capacity = capacity;
  }
  const char *copy = tt1__arena_copy(&names->texts, name, strlen(name));
  if (!copy) return tt1__no_memory(err);
  names->items[names->count++] = copy;
  return TT1_OK;
}

static int by_name(const void *first, const void *second)
{
  return strcmp(*(const char *const *)first, *(const char *const *)second);
}

tt1_status tt1__names_list(tt1__names *out, const char *folder, int (*is_wanted)(const char *name),
                           tt1_error *err)
{
  char reason[128];
  tt1__names names = {0};
  tt1_status status = TT1_OK;
  DIR *directory = opendir(folder);
  if (!directory)
    return tt1__error_set(err, TT1_IO, "%s cannot be read: %s", folder, tt1__reason(errno, reason));
  const struct dirent *item;
  while (status == TT1_OK && (item = readdir(directory)) != NULL)
    if (item->d_name[0] != '.' && is_wanted(item->d_name))
      status = add_name(&names, item->d_name, folder, err);
  closedir(directory);
  if (names.count > 0) qsort(names.items, (size_t)names.count, sizeof *names.items, by_name);
  if (status == TT1_OK)
    *out = names;
  else
    tt1__names_free(&names);
  return status;
}

void tt1__names_free(tt1__names *names)
{
  tt1__free(names->items);
  tt1__arena_free(&names->texts);
  *names = (tt1__names){0};
}
