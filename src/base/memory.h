/* SPDX-License-Identifier: MIT
 * All allocation goes through here, so that tests can make the nth one fail.
 * Also the arena: many small pieces, freed together. */
#ifndef TT1_BASE_MEMORY_H
#define TT1_BASE_MEMORY_H

#include <stddef.h>

/** Zeroed memory for `count` things of `size` bytes; NULL if there is none or the product overflows. */
void *tt1__allocate(size_t count, size_t size);
/** The same, aligned to 64 bytes, for arrays that kernels read and write. */
void *tt1__allocate_aligned(size_t count, size_t size);
/** Grow or shrink; on NULL the old block is untouched. */
void *tt1__reallocate(void *block, size_t count, size_t size);
/** Free what the functions above gave. Accepts NULL. */
void tt1__free(void *block);
/** A copy of a text; NULL if out of memory. */
char *tt1__copy_text(const char *text);

/** Pieces that live and die together. Zero-initialise before use. */
typedef struct tt1__arena {
  struct tt1__arena_block *last;
} tt1__arena;
void *tt1__arena_allocate(tt1__arena *arena, size_t count, size_t size);
/** A NUL-terminated copy of `length` bytes. */
char *tt1__arena_copy(tt1__arena *arena, const char *text, size_t length);
void tt1__arena_free(tt1__arena *arena);

/** For tests only: let the nth allocation from now (1 is the next) and all later ones fail; 0: none. */
void tt1__fail_allocation(long nth);
#endif
