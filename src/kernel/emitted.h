/* SPDX-License-Identifier: MIT
 * Follows a model emitted by src/model/emit.c: what the solvers expect beyond it. */
#ifndef TT1_EMITTED_H
#define TT1_EMITTED_H

#define MODEL_ARGUMENT // the interpreter carries its program through every call; this one has none
#define MODEL_ARGUMENT_
#define MODEL_ALWAYS_FIXED MODEL_FIRST_FIXED

#if MODEL_MAPS == 0
#  define maps_at(p, r) (void)(r)
#endif
#if MODEL_AMPLITUDES == 0
typedef int basis_state;
#  define basis_begin(s, p, x) (void)(s)
#  define basis_at(s, p, x, r) (void)(s)
#endif
#endif
