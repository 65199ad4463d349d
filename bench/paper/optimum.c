/* SPDX-License-Identifier: MIT
 * The optimum of the voxels that are judged, by brute force in double. Every
 * process of the pool takes every n-th case. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "paper.h"

int64_t n_judged(const paper_case *c)
{
  int64_t n = c->n_myocardium + OTHERS_JUDGED;
  return n < c->s.n_voxels ? n : c->s.n_voxels;
}

/* The reference wants images in the order of their times. */
static void sort_times(const sequence *s, int *order, double *times)
{
  for (int i = 0; i < s->n_images; i++) {
    int at = i;
    for (; at > 0 && s->times[order[at - 1]] > s->times[i]; at--)
      order[at] = order[at - 1];
    order[at] = i;
  }
  for (int i = 0; i < s->n_images; i++)
    times[i] = s->times[order[i]];
}

static void find_optimum(const paper_case *c)
{
  const sequence *s = &c->s;
  int order[MAX_TIMES];
  double times[MAX_TIMES], y[MAX_TIMES];
  int64_t n = n_judged(c);
  molli_optimum *best = take_memory((size_t)n, sizeof *best);
  sort_times(s, order, times);
  for (int64_t v = 0; v < n; v++) {
    for (int i = 0; i < s->n_images; i++)
      y[i] = (double)s->signal[order[i] * s->n_voxels + v];
    best[v] = molli_brute_force(y, times, s->n_images);
  }
  write_raw(s, "optimum.f64", best, (size_t)n * sizeof *best);
  free(best);
}

void find_optima(const cohort *c)
{
  enum { PROCESSES = 2 };
  int failed = 0, state;
  for (int p = 0; p < PROCESSES; p++) {
    pid_t child = fork();
    if (child < 0) stop("no process can be made");
    if (child > 0) continue;
    for (int i = p; i < c->n_cases; i += PROCESSES)
      find_optimum(&c->cases[i]);
    _exit(0);
  }
  for (int p = 0; p < PROCESSES; p++)
    failed |= wait(&state) < 0 || state != 0;
  if (failed) stop("the optima were not found");
}

molli_optimum *read_optima(const paper_case *c)
{
  return read_raw(&c->s, "optimum.f64", (size_t)n_judged(c) * sizeof(molli_optimum));
}

int is_at_optimum(const paper_case *c, int64_t v, double C, double k, double T1s,
                  const molli_optimum *best)
{
  double y[MAX_TIMES], energy = 0.0;
  if (!isfinite(C) || !isfinite(k) || !isfinite(T1s)) return 0;
  for (int i = 0; i < c->s.n_images; i++) {
    y[i] = (double)c->s.signal[i * c->s.n_voxels + v];
    energy += y[i] * y[i];
  }
  return molli_cost(y, c->s.times, c->s.n_images, C, k, T1s) <= best->cost * 1.0001 + 1e-9 * energy;
}
