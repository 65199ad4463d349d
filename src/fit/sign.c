/* SPDX-License-Identifier: MIT
 * Whether the samples of a series are signed. Only what is fitted counts: a mask must
 * not change the voxels within it. */
#include <stdatomic.h>

#include "base/energy.h"
#include "base/memory.h"
#include "fit/run.h"

enum {
  PIECE = 1 << 14, /* voxels that one thread looks at in turn */
  TAKEN = 1024     /* within a mask at a time */
};

static int has_negative(const float *image, const uint8_t *mask, int64_t from, int64_t to)
{
  int found = 0;
  if (mask) {
    for (int64_t v = from; v < to; v++)
      found |= mask[v] && image[v] < 0;
  } else { // to the end, so that it is a vector loop
    for (int64_t v = from; v < to; v++)
      found |= image[v] < 0;
  }
  return found;
}

static void add_energy(tt1__energy *sum, const float *image, const uint8_t *mask, int64_t from,
                       int64_t to)
{
  float taken[TAKEN];
  int64_t n = 0;
  if (!mask) {
    tt1__energy_add(sum, image + from, to - from);
    return;
  }
  for (int64_t v = from; v < to; v++) {
    if (mask[v]) taken[n++] = image[v];
    if (n < TAKEN && v < to - 1) continue;
    tt1__energy_add(sum, taken, n);
    n = 0;
  }
}

/* Pieces of a series, which threads look at; their sums are added in order. */
typedef struct search {
  const tt1_series *series;
  const uint8_t *mask;
  int n_samples;
  atomic_int found;
  tt1__energy *sums; /* [n_pieces] */
} search;

static void look_at(int item, int thread, void *payload)
{
  search *s = payload;
  int64_t from = (int64_t)item * PIECE, left = s->series->n_voxels - from;
  int64_t to = from + (left < PIECE ? left : PIECE), stride = tt1__series_stride(s->series);
  (void)thread;
  for (int j = 0; j < s->n_samples; j++) {
    const float *image = s->series->signal + j * stride;
    if (s->sums)
      add_energy(&s->sums[item], image, s->mask, from, to);
    else if (!atomic_load(&s->found) && has_negative(image, s->mask, from, to))
      atomic_store(&s->found, 1);
  }
}

static void look_at_all(search *s, int64_t n_pieces, tt1__pool *pool)
{
  if (pool && n_pieces > 1) {
    tt1__pool_run(pool, (int)n_pieces, look_at, NULL, s);
    return;
  }
  for (int64_t i = 0; i < n_pieces; i++)
    look_at((int)i, 0, s);
}

int tt1__series_is_signed(const tt1_series *series, int n_samples, const uint8_t *mask,
                          tt1__pool *pool)
{
  search s = {series, mask, n_samples, 0, NULL};
  tt1__energy whole = {0};
  int64_t n_pieces = (series->n_voxels + PIECE - 1) / PIECE;
  look_at_all(&s, n_pieces, pool);
  if (!atomic_load(&s.found)) return 0;
  s.sums = tt1__allocate((size_t)n_pieces, sizeof *s.sums);
  if (!s.sums) return 1; // as if there were nothing to weigh
  look_at_all(&s, n_pieces, pool);
  for (int64_t i = 0; i < n_pieces; i++) {
    whole.negative += s.sums[i].negative;
    whole.all += s.sums[i].all;
  }
  tt1__free(s.sums);
  return tt1__energy_is_signed(&whole);
}

int tt1_series_is_signed(const tt1_series *series, int n_samples, const uint8_t *mask)
{
  return tt1__series_is_signed(series, n_samples, mask, NULL);
}
