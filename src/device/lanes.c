/* SPDX-License-Identifier: MIT
 * The kernels for one model and one instruction set: the build compiles this
 * file once for each pair and names both.
 *
 *   LANES_TABLE   the name of the table it exports
 *   LANES_ISA     "avx512", "avx2" or "portable"; WORDS_* picks the words
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

/* A sample whose sign is known becomes signed. */
static void take_signs(const fit_setup *f, const scalar *signs, int stride, voxels *v)
{
  real zero = bc(REAL(0.0)), one = bc(REAL(1.0));
  for (int j = 0; j < f->n_samples; j++) {
    real sign = load(signs + j * stride);
    v->y[j] = select(lt(sign, zero), -v->y[j], v->y[j]);
    v->open[j] = select(or_(lt(sign, zero), gt(sign, zero)), zero, one);
  }
}

static void fit(const fit_setup *f, const void *numbers_, const int *integers,
                const tt1_model *model, const tt1__chunk *chunk)
{
  const scalar *numbers = numbers_, *signal = chunk->signal, *known = chunk->voxel_known;
  const scalar *signs = chunk->signs;
  scalar *out = chunk->rows;
  voxels v;
  real rows[2 * (MAX_PARAMETERS + MAX_MAPS) + 5];
  const int n_rows = f->solver == SOLVE_NELDER_MEAD ? ROW_EVALUATIONS + 1 : ROW_EVALUATIONS;
  (void)model;
  for (int at = 0; at < chunk->count; at += LANES) {
    for (int j = 0; j < f->n_samples; j++)
      v.y[j] = load(signal + j * chunk->stride + at);
    if (f->has_signs) take_signs(f, signs + at, chunk->stride, &v);
    for (int q = 0; q < f->n_known; q++)
      if (f->voxel_known[q] >= 0) v.known[q] = load(known + f->voxel_known[q] * chunk->stride + at);
    for (int i = 0; f->has_starts && i < f->n_parameters; i++)
      v.start[i] = load(known + (f->n_voxel_known - f->n_parameters + i) * chunk->stride + at);
    fit_block(PLAN_, &v, rows);
    for (int i = 0; i < n_rows; i++)
      store(out + i * chunk->stride + at, rows[i]);
  }
}

static real elementary_value(int which, real a)
{
  switch (which) {
  case 0: return rexp(a);
  case 1: return rlog(a);
  case 2: return rsin(a);
  case 3: return rcos(a);
  case 4: return rtan(a);
  default: return rtanh(a);
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
const tt1__lanes LANES_TABLE = {MODEL_LABEL, LANES_ISA, LANES, sizeof(scalar) == sizeof(double),
                                fit,         elementary};
