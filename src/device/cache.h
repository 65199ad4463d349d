/* SPDX-License-Identifier: MIT
 * Compiled kernels kept on disk, so that the next run need not compile: bytes by
 * key, one file each, in a folder that only its user may write to.
 *
 * A cache never fails: where it cannot work nothing is found and nothing is kept,
 * and `why` says why. What is found is what was kept, bit for bit: an entry that is
 * damaged, cut short, of another version or of another user, or that others could
 * have written, is none, and is removed where it can be. Several processes may use
 * one folder at once: entries appear whole, by rename.
 * Not here: what is worth keeping, and whether a driver takes it. */
#ifndef TT1_DEVICE_CACHE_H
#define TT1_DEVICE_CACHE_H

#include <stddef.h>
#include <stdint.h>

#include "torcht1.h"

/** Belongs to one thread at a time. Zero-initialised it is off. */
typedef struct tt1__cache {
  char *folder;  /* absolute; NULL: there is none, and `why` says why */
  int is_ready;  /* the folder is there and fit for use */
  tt1_error why; /* its message: "", or why there is no folder or the last entry was not kept */
  int64_t limit; /* bytes of all entries; beyond it those not used for longest are removed */
} tt1__cache;

enum { TT1__CACHE_MEGABYTES = 256 }; /* the limit of a cache just opened */

/** Everything that decides what the bytes are: text, options, device, driver. Ended by NULL. */
typedef const char *const *tt1__cache_key;

/**
 * Choose the folder. It is made and looked at when first used, so that who needs no cache leaves no
 * trace of one.
 *
 * @param folder an absolute path; NULL: $XDG_CACHE_HOME/torcht1, else ~/.cache/torcht1
 * @param is_off nonzero: no cache, because the user asked for none
 */
void tt1__cache_open(tt1__cache *cache, const char *folder, int is_off);
void tt1__cache_close(tt1__cache *cache);

/** The bytes kept under `key`, their number in *size. Free with tt1__free(); NULL: there are none. */
void *tt1__cache_get(tt1__cache *cache, tt1__cache_key key, size_t *size);

/** Keep bytes, in place of what was there. @return 1; 0: not kept, `why` says why */
int tt1__cache_put(tt1__cache *cache, tt1__cache_key key, const void *bytes, size_t size);

/** Remove what is kept under `key`: a driver refused it. */
void tt1__cache_drop(tt1__cache *cache, tt1__cache_key key);

/**
 * A new folder inside the cache that only this user may enter, for compilers and loaders.
 * @return its path, for tt1__cache_scratch_remove(); NULL: `why` says why
 */
char *tt1__cache_scratch(tt1__cache *cache);
/** Remove such a folder and the files in it, and free its path. Accepts NULL. */
void tt1__cache_scratch_remove(char *path);
#endif
