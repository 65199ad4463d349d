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

static void fit(const fit_setup *f, const void *numbers_, const int *integers,
                const tt1_model *model, const tt1__chunk *chunk)
{
  const scalar *numbers = numbers_;
  (void)model;
  for (int at = 0; at < chunk->count; at += LANES)
    fit_at(PLAN_, chunk->inputs, chunk->results, chunk->stride, at);
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
