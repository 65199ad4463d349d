/* SPDX-License-Identifier: MIT
 * The model words, interpreted: what an emitted model defines as functions is
 * here a walk over its program, the same operations in the same order over the
 * same lanes. `f` and `model` are in scope wherever a solver asks the model. */
#ifndef TT1_DEVICE_INTERPRETED_H
#define TT1_DEVICE_INTERPRETED_H

#include "model/model.h"

#define MODEL_ARGUMENT     , const tt1_model *model
#define MODEL_ARGUMENT_    , model
#define MODEL_ALWAYS_FIXED 0 // not known before the model is
#define MODEL_PARAMETERS   (f->n_parameters)
#define MODEL_KNOWN        (f->n_known)
#define MODEL_MAPS         (f->n_maps)
#define MODEL_AMPLITUDES   (f->n_amplitudes)
#define MODEL_FIRST_FIXED  (f->first_fixed)
#define MODEL_NONLINEAR    (f->n_nonlinear)
#define MODEL_FACES        (f->n_faces)

typedef struct registers {
  real v[TT1__MAX_REGISTERS];
} registers;
typedef registers signal_state, basis_state;

static void step(const tt1__program *program, int from, int to, real *v)
{
  const int base = program->n_inputs + program->n_constants;
  for (int i = from; i < to; i++) {
    const tt1__instruction *at = &program->instructions[i];
    const real a = v[at->a], b = v[at->b], c = v[at->c];
    (void)b;
    (void)c;
    switch (at->op) {
#define OP(id, name, arity, words, value, da, db, dc) \
case TT1__OP_##id:                                    \
  v[base + i] = words;                                \
  break;
#include "model/ops.def"
#undef OP
    default: break;
    }
  }
}

static void interpret_begin(const tt1__program *program, int n_parameters, const real *p,
                            const real *x, real *v)
{
  for (int i = 0; i < n_parameters; i++)
    v[i] = p[i];
  for (int i = n_parameters; i < program->n_inputs; i++)
    v[i] = x[i - n_parameters];
  for (int i = 0; i < program->n_constants; i++)
    v[program->n_inputs + i] = bc((scalar)program->constants[i]);
  step(program, 0, program->n_once, v);
}

static void interpret_at(const tt1__program *program, int n_parameters, const real *x, real *v,
                         real *r)
{
  for (int i = n_parameters; i < program->n_inputs; i++)
    v[i] = x[i - n_parameters];
  step(program, program->n_once, program->n_instructions, v);
  for (int i = 0; i < program->n_roots; i++)
    r[i] = v[program->roots[i]];
}

#define signal_begin(s, p, x) \
  interpret_begin(&model->signal_program, MODEL_PARAMETERS, p, x, (s)->v)
#define signal_at(s, p, x, r) interpret_at(&model->signal_program, MODEL_PARAMETERS, x, (s)->v, r)
#define basis_begin(s, p, x)  interpret_begin(&model->basis_program, MODEL_PARAMETERS, p, x, (s)->v)
#define basis_at(s, p, x, r)  interpret_at(&model->basis_program, MODEL_PARAMETERS, x, (s)->v, r)
#define maps_at(p, r)         interpret_maps(&model->maps_program, MODEL_PARAMETERS, p, r)

static void interpret_maps(const tt1__program *program, int n_parameters, const real *p, real *r)
{
  real v[TT1__MAX_REGISTERS];
  interpret_begin(program, n_parameters, p, NULL, v);
  for (int i = 0; i < program->n_roots; i++)
    r[i] = v[program->roots[i]];
}
#endif
