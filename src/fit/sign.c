/* SPDX-License-Identifier: MIT
 * Whether the samples of a series are signed. Only what is fitted counts: a mask must
 * not change the voxels within it. */
#include <stdatomic.h>

#include "base/energy.h"
#include "fit/run.h"

enum {
  LEAST_PIECE = 1 << 14, /* voxels that one thread looks at in turn */
  MOST_PIECES = 256,
  TAKEN = 1024 /* voxels within a mask at a time */
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
  int n_samples, n_pieces, is_weighing;
  int64_t piece;
  atomic_int found;
  tt1__energy sums[MOST_PIECES];
} search;

static void look_at(int item, int thread, void *payload)
{
  search *s = payload;
  int64_t from = item * s->piece, left = s->series->n_voxels - from;
  int64_t to = from + (left < s->piece ? left : s->piece), stride = tt1__series_stride(s->series);
  (void)thread;
  for (int j = 0; j < s->n_samples; j++) {
    const float *image = s->series->signal + j * stride;
    if (s->is_weighing)
      add_energy(&s->sums[item], image, s->mask, from, to);
    else if (!atomic_load(&s->found) && has_negative(image, s->mask, from, to))
      atomic_store(&s->found, 1);
  }
}

static void look_at_all(search *s, tt1__pool *pool)
{
  if (pool && s->n_pieces > 1) {
    tt1__pool_run(pool, s->n_pieces, look_at, NULL, s);
    return;
  }
  for (int i = 0; i < s->n_pieces; i++)
    look_at(i, 0, s);
}

int tt1__series_is_signed(const tt1_series *series, int n_samples, const uint8_t *mask,
                          tt1__pool *pool)
{
  search s = {.series = series, .mask = mask, .n_samples = n_samples};
  tt1__energy whole = {0};
  s.piece = (series->n_voxels + MOST_PIECES - 1) / MOST_PIECES;
  if (s.piece < LEAST_PIECE) s.piece = LEAST_PIECE;
  s.n_pieces = (int)((series->n_voxels + s.piece - 1) / s.piece);
  look_at_all(&s, pool);
  if (!atomic_load(&s.found)) return 0;
  s.is_weighing = 1;
  look_at_all(&s, pool);
  for (int i = 0; i < s.n_pieces; i++) {
    whole.negative += s.sums[i].negative;
    whole.all += s.sums[i].all;
  }
  return tt1__energy_is_signed(&whole);
}

int tt1_series_is_signed(const tt1_series *series, int n_samples, const uint8_t *mask)
{
  return tt1__series_is_signed(series, n_samples, mask, NULL);
}
