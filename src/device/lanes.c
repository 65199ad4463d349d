/* SPDX-License-Identifier: MIT
 * The kernels for one model and one instruction set: the build compiles this
 * file once for each pair and names both.
 *
 *   LANES_TABLE   the name of the table it exports
 *   LANES_ISA     "avx512", "avx2" or "portable"; WORDS_* picks the words
 *   LANES_FLAGS   the flags that matter to its bits and speed, as a text
 *   LANES_MODEL   the header emitted from a shipped model; absent: the interpreter */
#include "device/lanes.h"

#include "kernel/words.h"

#include "kernel/elementary.h"
#ifdef LANES_MODEL
#  include LANES_MODEL
#  include "kernel/emitted.h"
#  define MODEL_LABEL MODEL_NAME
#else
#  include "device/interpreted.h"
#  define MODEL_LABEL NULL
#endif
#include "kernel/solvers.h"

/* Voxels that the first pass has left, gathered into a dense block: they are few, and seldom
 * neighbours. */
typedef struct leftover {
  int places[LANES], count;
} leftover;

static void settle_leftover(PLAN, const tt1__chunk *chunk, leftover *rest)
{
  enum { MOST_INPUTS = 2 * MAX_SAMPLES + MAX_KNOWN + MAX_PARAMETERS, MOST_RESULTS = ROOM_ROWS };
  scalar inputs[MOST_INPUTS * LANES] = {0}, results[MOST_RESULTS * LANES];
  const scalar *from = chunk->inputs;
  scalar *to = chunk->results;
  const int n_inputs = f->n_samples * (f->has_signs ? 2 : 1) + f->n_voxel_known;
  const int n_results = count_rows(PLAN_);
  for (int i = 0; i < n_inputs; i++) // lanes that are not needed repeat the first
    for (int k = 0; k < LANES; k++)
      inputs[i * LANES + k] = from[i * chunk->stride + rest->places[k < rest->count ? k : 0]];
  settle_at(PLAN_, inputs, results, LANES, 0);
  for (int i = 0; i < n_results; i++)
    for (int k = 0; k < rest->count; k++)
      to[i * chunk->stride + rest->places[k]] = results[i * LANES + k];
  rest->count = 0;
}

/* Those of the block at `at` that are left. */
static void leave_over(PLAN, const tt1__chunk *chunk, int at, leftover *rest)
{
  const scalar *outcomes = (const scalar *)chunk->results + ROW_OUTCOME * chunk->stride;
  if (!any(ge(load(outcomes + at), bc((scalar)UNSETTLED)))) return;
  for (int v = at; v < at + LANES && v < chunk->count; v++) {
    if (outcomes[v] < (scalar)UNSETTLED) continue;
    rest->places[rest->count++] = v;
    if (rest->count == LANES) settle_leftover(PLAN_, chunk, rest);
  }
}

static void fit(const fit_setup *f, const void *numbers_, const int *integers,
                const tt1_model *model, const tt1__chunk *chunk)
{
  const scalar *numbers = numbers_;
  leftover rest = {.count = 0};
  (void)model;
  for (int at = 0; at < chunk->count; at += LANES) {
    fit_at(PLAN_, chunk->inputs, chunk->results, chunk->stride, at);
    if (has_second_pass(PLAN_)) leave_over(PLAN_, chunk, at, &rest);
  }
  if (rest.count > 0) settle_leftover(PLAN_, chunk, &rest);
}

static real elementary_value(int which, real a)
{
  switch (which) {
  case 0: return rexp(a);
  case 1: return rlog(a);
  case 2: return rsin(a);
  case 3: return rcos(a);
  case 4: return rtan(a);
  case 5: return rtanh(a);
  case 6: return bessel_at(a).ratio;
  default: return bessel_at(a).loss;
  }
}

static void elementary(int which, const void *a, void *result, int count)
{
  const scalar *from = a;
  scalar *to = result;
  for (int at = 0; at < count; at += LANES)
    store(to + at, elementary_value(which, load(from + at)));
}

extern const tt1__lanes LANES_TABLE;
const tt1__lanes LANES_TABLE = {MODEL_LABEL, LANES_ISA, LANES,     sizeof(scalar) == sizeof(double),
                                LANES_FLAGS, fit,       elementary};
