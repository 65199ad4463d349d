/* SPDX-License-Identifier: MIT
 * An entry is one file: the head below, the parts of the key each with its final
 * NUL, the bytes. Its name is the hash of the key; since the key is compared in full,
 * two keys of one hash only push each other out. */
#include "device/cache.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"

#define ENDING    ".kernel"
#define UNDER_WAY "unfinished-"
enum { VERSION = 1, STALE_SECONDS = 3600, MOST_BYTES = 1 << 28 };
static const char MAGIC[8] = "torcht1\n";

typedef struct head {
  char magic[8];
  uint64_t version; /* also tells the order of bytes */
  uint64_t key_size, size;
  uint64_t checksum; /* of key and bytes */
} head;

/* ---- Keys ------------------------------------------------------------------ */

// FNV-1a. Any change of one byte changes the result; 2^-64 of all other damage goes unseen.
static uint64_t hash(uint64_t so_far, const void *bytes, size_t size)
{
  const unsigned char *byte = bytes;
  for (size_t i = 0; i < size; i++)
    so_far = (so_far ^ byte[i]) * 1099511628211u;
  return so_far;
}

static const uint64_t HASH_OF_NOTHING = 14695981039346656037u;

/* The parts of the key in a row, each with its NUL. */
static tt1__text flatten(tt1__cache_key key)
{
  tt1__text flat = {0};
  for (; *key; key++)
    tt1__text_add_bytes(&flat, *key, strlen(*key) + 1);
  return flat;
}

static char *path_of(const tt1__cache *cache, const tt1__text *key)
{
  tt1__text path = {0};
  tt1__text_add(&path, "%s/%016llx" ENDING, cache->folder,
                (unsigned long long)hash(HASH_OF_NOTHING, key->bytes, key->length));
  if (key->failed) path.failed = 1;
  return tt1__text_take(&path);
}

/* ---- The folder ------------------------------------------------------------ */

// XDG Base Directory Specification: a relative path is to be ignored. A missing home is not made.
static char *default_folder(void)
{
  struct stat state;
  tt1__text path = {0};
  const char *base = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
  if (base && *base == '/')
    tt1__text_add(&path, "%s/torcht1", base);
  else if (home && *home == '/' && stat(home, &state) == 0)
    tt1__text_add(&path, "%s/.cache/torcht1", home);
  else
    return NULL;
  return tt1__text_take(&path);
}

// Makes what is missing of the path, for its user alone.
static int make_folder(char *path)
{
  for (char *slash = path + 1; (slash = strchr(slash, '/')); slash++) {
    *slash = '\0';
    int failed = mkdir(path, 0700) != 0 && errno != EEXIST;
    *slash = '/';
    // A parent that cannot be made may be there all the same (read-only): the last mkdir tells.
    if (failed && errno != EROFS && errno != EACCES) return 0;
  }
  return mkdir(path, 0700) == 0 || errno == EEXIST;
}

/* What somebody else owns or may write to could hold somebody else's code. */
static int is_only_ours(const struct stat *state)
{
  return state->st_uid == geteuid() && !(state->st_mode & (S_IWGRP | S_IWOTH));
}

static void check_folder(tt1__cache *cache)
{
  char reason[128];
  struct stat state;
  const char *folder = cache->folder;
  if (stat(folder, &state) != 0)
    tt1__error_set(&cache->why, TT1_IO, "the cache folder %s cannot be used: %s", folder,
                   tt1__reason(errno, reason));
  else if (!S_ISDIR(state.st_mode))
    tt1__error_set(&cache->why, TT1_IO, "the cache folder %s is a file", folder);
  else if (!is_only_ours(&state))
    tt1__error_set(&cache->why, TT1_IO,
                   "the cache folder %s is not used: it belongs to another user or others may "
                   "write to it",
                   folder);
}

void tt1__cache_open(tt1__cache *cache, const char *folder, int is_off)
{
  *cache = (tt1__cache){.limit = (int64_t)TT1__CACHE_MEGABYTES << 20};
  if (is_off) {
    tt1__error_set(&cache->why, TT1_IO, "the cache is switched off");
    return;
  }
  cache->folder = folder ? tt1__copy_text(folder) : default_folder();
  if (!cache->folder)
    tt1__error_set(&cache->why, TT1_IO,
                   "there is no cache folder: neither XDG_CACHE_HOME nor HOME names one");
}

/* Make and check the folder, once. From then on `why` speaks of the last entry. */
static int ready(tt1__cache *cache)
{
  char reason[128];
  if (!cache->folder) return 0;
  cache->why = (tt1_error){0};
  if (cache->is_ready) return 1;
  if (*cache->folder != '/')
    tt1__error_set(&cache->why, TT1_IO, "the cache folder %s is not an absolute path",
                   cache->folder);
  else if (!make_folder(cache->folder))
    tt1__error_set(&cache->why, TT1_IO, "the cache folder %s cannot be made: %s", cache->folder,
                   tt1__reason(errno, reason));
  else
    check_folder(cache);
  cache->is_ready = !cache->why.status;
  if (cache->is_ready) return 1;
  tt1__free(cache->folder);
  cache->folder = NULL;
  return 0;
}

void tt1__cache_close(tt1__cache *cache)
{
  tt1__free(cache->folder);
  *cache = (tt1__cache){0};
}

/* ---- Files ----------------------------------------------------------------- */

static int read_fully(int file, void *to, size_t size)
{
  for (size_t done = 0; done < size;) {
    ssize_t got = read(file, (char *)to + done, size - done);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return 0;
    done += (size_t)got;
  }
  return 1;
}

static int write_fully(int file, const void *from, size_t size)
{
  for (size_t done = 0; done < size;) {
    ssize_t put = write(file, (const char *)from + done, size - done);
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) return 0;
    done += (size_t)put;
  }
  return 1;
}

/* One piece of what is written to a file. */
typedef struct piece {
  const void *bytes;
  size_t size;
} piece;

/* What mkstemp and mkdtemp take; NULL if out of memory. */
static char *name_new(tt1__cache *cache)
{
  tt1__text name = {0};
  tt1__text_add(&name, "%s/" UNDER_WAY "XXXXXX", cache->folder);
  char *path = tt1__text_take(&name);
  if (!path) tt1__no_memory(&cache->why);
  return path;
}

static void cannot_write(tt1__cache *cache)
{
  char reason[128];
  tt1__error_set(&cache->why, TT1_IO, "the cache folder %s cannot be written to: %s", cache->folder,
                 tt1__reason(errno, reason));
}

/* A file of the pieces, under a name nobody else has; mkstemp gives it the permissions 0600. */
static char *write_new(tt1__cache *cache, const piece *pieces, int n)
{
  char *path = name_new(cache);
  if (!path) return NULL;
  int file = mkstemp(path), is_whole = file >= 0;
  for (int i = 0; is_whole && i < n; i++)
    is_whole = write_fully(file, pieces[i].bytes, pieces[i].size);
  if (!is_whole) cannot_write(cache);
  if (file >= 0) close(file);
  if (is_whole) return path;
  if (file >= 0) unlink(path);
  tt1__free(path);
  return NULL;
}

char *tt1__cache_scratch(tt1__cache *cache)
{
  if (!ready(cache)) return NULL;
  char *path = name_new(cache);
  if (path && mkdtemp(path)) return path;
  if (path) cannot_write(cache);
  tt1__free(path);
  return NULL;
}

void tt1__cache_scratch_remove(char *path)
{
  DIR *folder = path ? opendir(path) : NULL;
  struct dirent *at;
  while (folder && (at = readdir(folder)))
    unlinkat(dirfd(folder), at->d_name, 0); // not "." and "..", which are folders
  if (folder) closedir(folder);
  if (path) rmdir(path);
  tt1__free(path);
}

/* ---- Finding --------------------------------------------------------------- */

/* The bytes of the entry in `file`, or NULL: *is_wrong if it is not what was kept under `key`. */
static void *read_entry(int file, const tt1__text *key, size_t *size, int *is_wrong)
{
  head h;
  struct stat state;
  *is_wrong = 1;
  if (fstat(file, &state) != 0 || !S_ISREG(state.st_mode) || !is_only_ours(&state)) return NULL;
  if (!read_fully(file, &h, sizeof h)) return NULL;
  if (memcmp(h.magic, MAGIC, sizeof MAGIC) != 0 || h.version != VERSION) return NULL;
  if (h.key_size != key->length || h.size > MOST_BYTES) return NULL;
  if ((uint64_t)state.st_size != sizeof h + h.key_size + h.size) return NULL;
  char *kept_key = tt1__allocate(h.key_size, 1), *bytes = tt1__allocate(h.size, 1);
  *is_wrong = kept_key && bytes;
  int is_right = kept_key && bytes && read_fully(file, kept_key, h.key_size) &&
                 read_fully(file, bytes, h.size) && !memcmp(kept_key, key->bytes, key->length) &&
                 hash(hash(HASH_OF_NOTHING, kept_key, h.key_size), bytes, h.size) == h.checksum;
  tt1__free(kept_key);
  if (is_right) {
    *size = h.size;
    return bytes;
  }
  tt1__free(bytes);
  return NULL;
}

void *tt1__cache_get(tt1__cache *cache, tt1__cache_key key, size_t *size)
{
  void *bytes = NULL;
  int is_wrong = 0;
  if (!ready(cache)) return NULL;
  tt1__text flat = flatten(key);
  char *path = path_of(cache, &flat);
  // Non-blocking, so that a named pipe cannot hold us up.
  int file = path ? open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK) : -1;
  if (file >= 0) {
    bytes = read_entry(file, &flat, size, &is_wrong);
    if (bytes) futimens(file, NULL); // used now: see make_room()
    // Another process may just have mended it: it will do so again.
    if (!bytes && is_wrong) unlink(path);
    close(file);
  }
  tt1__free(path);
  tt1__text_free(&flat);
  return bytes;
}

void tt1__cache_drop(tt1__cache *cache, tt1__cache_key key)
{
  if (!ready(cache)) return;
  tt1__text flat = flatten(key);
  char *path = path_of(cache, &flat);
  if (path) unlink(path);
  tt1__free(path);
  tt1__text_free(&flat);
}

/* ---- Keeping --------------------------------------------------------------- */

typedef struct found {
  char name[40];
  int64_t bytes;
  struct timespec used;
} found;

static int by_use(const void *a, const void *b)
{
  const struct timespec *x = &((const found *)a)->used, *y = &((const found *)b)->used;
  if (x->tv_sec != y->tv_sec) return x->tv_sec < y->tv_sec ? -1 : 1;
  return (x->tv_nsec > y->tv_nsec) - (x->tv_nsec < y->tv_nsec);
}

static int is_entry(const char *name)
{
  return strspn(name, "0123456789abcdef") == 16 && !strcmp(name + 16, ENDING);
}

/* What processes that ended too early left behind. */
static void remove_stale(const tt1__cache *cache, const char *name, const struct stat *state)
{
  if (strncmp(name, UNDER_WAY, strlen(UNDER_WAY)) != 0) return;
  if (time(NULL) - state->st_mtime < STALE_SECONDS) return;
  tt1__text text = {0};
  tt1__text_add(&text, "%s/%s", cache->folder, name);
  char *path = tt1__text_take(&text);
  if (path && S_ISDIR(state->st_mode)) {
    tt1__cache_scratch_remove(path);
    return;
  }
  if (path) unlink(path);
  tt1__free(path);
}

static found *list_entries(const tt1__cache *cache, DIR *folder, size_t *n)
{
  found *list = NULL;
  struct dirent *at;
  struct stat state;
  while ((at = readdir(folder))) {
    if (fstatat(dirfd(folder), at->d_name, &state, AT_SYMLINK_NOFOLLOW) != 0) continue;
    remove_stale(cache, at->d_name, &state);
    if (!is_entry(at->d_name)) continue;
    found *longer = tt1__reallocate(list, *n + 1, sizeof *list);
    if (!longer) break;
    list = longer;
    list[*n] = (found){.bytes = (int64_t)state.st_size, .used = state.st_mtim};
    memcpy(list[(*n)++].name, at->d_name, strlen(at->d_name) + 1);
  }
  return list;
}

/* Remove the entries not used for longest until the rest is within the limit. */
static void make_room(const tt1__cache *cache)
{
  DIR *folder = opendir(cache->folder);
  size_t n = 0;
  int64_t total = 0;
  if (!folder) return;
  found *list = list_entries(cache, folder, &n);
  if (n) qsort(list, n, sizeof *list, by_use);
  for (size_t i = 0; i < n; i++)
    total += list[i].bytes;
  for (size_t i = 0; i < n && total > cache->limit; i++) {
    unlinkat(dirfd(folder), list[i].name, 0);
    total -= list[i].bytes;
  }
  tt1__free(list);
  closedir(folder);
}

static int is_small_enough(tt1__cache *cache, size_t size)
{
  if (size <= MOST_BYTES && (int64_t)size <= cache->limit) return 1;
  tt1__error_set(&cache->why, TT1_IO, "an entry of %llu bytes is too large for the cache",
                 (unsigned long long)size);
  return 0;
}

static int put(tt1__cache *cache, const char *path, const tt1__text *key, const void *bytes,
               size_t size)
{
  char reason[128];
  head h = {.version = VERSION, .key_size = key->length, .size = size};
  memcpy(h.magic, MAGIC, sizeof MAGIC);
  h.checksum = hash(hash(HASH_OF_NOTHING, key->bytes, key->length), bytes, size);
  const piece pieces[] = {{&h, sizeof h}, {key->bytes, key->length}, {bytes, size}};
  char *written = write_new(cache, pieces, 3);
  int is_kept = written && rename(written, path) == 0;
  if (written && !is_kept) {
    tt1__error_set(&cache->why, TT1_IO, "the cache entry %s cannot be made: %s", path,
                   tt1__reason(errno, reason));
    unlink(written);
  }
  tt1__free(written);
  return is_kept;
}

int tt1__cache_put(tt1__cache *cache, tt1__cache_key key, const void *bytes, size_t size)
{
  if (!ready(cache)) return 0;
  if (!is_small_enough(cache, size)) return 0;
  tt1__text flat = flatten(key);
  char *path = path_of(cache, &flat);
  if (!path) tt1__no_memory(&cache->why);
  int is_kept = path && put(cache, path, &flat, bytes, size);
  if (is_kept) make_room(cache);
  tt1__free(path);
  tt1__text_free(&flat);
  return is_kept;
}
