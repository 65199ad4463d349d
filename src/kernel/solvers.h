/* SPDX-License-Identifier: MIT
 * All solvers, in the order in which they build on each other. Before this come
 * setup.h, words.h, elementary.h and the model: an emitted one with emitted.h, or
 * the interpreter. */
// clang-format off
#include "kernel/sample.h"
#include "kernel/search.h"
#include "kernel/amplitudes.h"
#include "kernel/varpro.h"
#include "kernel/settle.h"
#include "kernel/cholesky.h"
#include "kernel/noise.h"
#include "kernel/residual.h"
#include "kernel/lm.h"
#include "kernel/adam.h"
#ifdef WORDS_DOUBLE
#  include "kernel/nelder_mead.h"
#endif
#include "kernel/certainty.h"
#include "kernel/finish.h"
#include "kernel/fit.h"
// clang-format on
