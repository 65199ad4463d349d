/* SPDX-License-Identifier: MIT */
#include "base/memory.h"

#include <assert.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "torcht1.h"

// The only variable of the library, and only tests write it.
static atomic_long allocations_left;

void tt1__fail_allocation(long nth)
{
  atomic_store(&allocations_left, nth);
}

static int refused(size_t count, size_t size)
{
  if (size != 0 && count > SIZE_MAX / 2 / size) return 1;
  if (atomic_load_explicit(&allocations_left, memory_order_relaxed) == 0) return 0;
  if (atomic_fetch_sub(&allocations_left, 1) > 1) return 0;
  atomic_store(&allocations_left, 1);
  return 1;
}

void *tt1__allocate(size_t count, size_t size)
{
  if (refused(count, size)) return NULL;
  return calloc(count ? count : 1, size ? size : 1);
}

void *tt1__allocate_aligned(size_t count, size_t size)
{
  if (refused(count, size)) return NULL;
  size_t bytes = (count * size + 64) / 64 * 64; // one more where it is full: never 0
  void *block = aligned_alloc(64, bytes);
  if (block) memset(block, 0, bytes);
  return block;
}

void *tt1__reallocate(void *block, size_t count, size_t size)
{
  return refused(count, size) ? NULL : realloc(block, count && size ? count * size : 1);
}

void tt1__free(void *block)
{
  free(block);
}

void tt1_text_free(char *text)
{
  free(text);
}

char *tt1__copy_text(const char *text)
{
  size_t length = strlen(text) + 1;
  char *copy = tt1__allocate(length, 1);
  return copy ? memcpy(copy, text, length) : NULL;
}

struct tt1__arena_block {
  struct tt1__arena_block *before;
  size_t used, capacity;
  _Alignas(16) unsigned char bytes[];
};
static_assert(offsetof(struct tt1__arena_block, bytes) % 16 == 0, "pieces are aligned to 16");

void *tt1__arena_allocate(tt1__arena *arena, size_t count, size_t size)
{
  enum { BLOCK = 16384 };
  if (size != 0 && count > SIZE_MAX / 4 / size) return NULL;
  size_t bytes = (count * size + 15) / 16 * 16;
  struct tt1__arena_block *block = arena->last;
  if (!block || block->capacity - block->used < bytes) {
    size_t capacity = bytes > BLOCK ? bytes : BLOCK;
    block = tt1__allocate(1, sizeof *block + capacity);
    if (!block) return NULL;
    block->before = arena->last;
    block->capacity = capacity;
    arena->last = block;
  }
  assert(block->used + bytes <= block->capacity && block->used % 16 == 0);
  void *piece = block->bytes + block->used;
  block->used += bytes;
  return piece;
}

char *tt1__arena_copy(tt1__arena *arena, const char *text, size_t length)
{
  char *copy = tt1__arena_allocate(arena, length + 1, 1);
  if (copy) memcpy(copy, text, length);
  return copy;
}

void tt1__arena_free(tt1__arena *arena)
{
  while (arena->last) {
    struct tt1__arena_block *before = arena->last->before;
    free(arena->last);
    arena->last = before;
  }
}
