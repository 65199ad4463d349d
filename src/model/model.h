/* SPDX-License-Identifier: MIT
 * What the model compiler hands to the devices: straight-line programs over one
 * register file, made from one hash-consed graph. A program is printed as kernel
 * text by emit.c or run by the interpreter of src/device/; both do the same
 * operations in the same order, so both give the same bits.
 * Not here: anything about devices, samples or solvers. */
#ifndef TT1_MODEL_H
#define TT1_MODEL_H

#include <stdint.h>

#include "torcht1.h"

enum {
  TT1__MAX_PARAMETERS = 8,
  TT1__MAX_KNOWN = 12,
  TT1__MAX_MAPS = 8,
  TT1__MAX_AMPLITUDES = 2,
  TT1__MAX_REGISTERS = 512,
  TT1__MAX_ROOTS = 80
};

typedef enum tt1__op {
#define OP(id, name, arity, words, value, da, db, dc) TT1__OP_##id,
#include "model/ops.def"
#undef OP
  TT1__N_OPS
} tt1__op;

/** Register `n_inputs + n_constants + i` = op(a, b, c), where i is its place in the program. */
typedef struct tt1__instruction {
  uint16_t op, a, b, c;
} tt1__instruction;

/**
 * Registers: [0, n_inputs) the inputs, then the constants, then one per instruction.
 * Instructions [0, n_once) do not depend on per-sample known quantities: a fit runs
 * them once per trial of the parameters; the rest runs once per sample.
 */
typedef struct tt1__program {
  int n_inputs, n_constants, n_once, n_instructions, n_roots;
  const double *constants;
  const tt1__instruction *instructions;
  const uint16_t *roots; /* registers that hold the results, in the order documented below */
} tt1__program;

/** What structure.c found. n_amplitudes = 0: nothing, the model is fitted by lm. */
typedef struct tt1__structure {
  int n_amplitudes; /* 0, 1 or 2: basis functions with linear coefficients a0, a1 */
  int first_fixed;  /* basis function 0 does not depend on any nonlinear parameter */
  int n_nonlinear;
  int nonlinear[TT1__MAX_PARAMETERS]; /* their parameter indices, ascending */
  /* Linear parameter i is a[numerator] or, with denominator >= 0, a[numerator] / a[denominator]. */
  int numerator[TT1__MAX_PARAMETERS], denominator[TT1__MAX_PARAMETERS]; /* -1 where nonlinear */
  /* Bounds of the linear parameters as rows: face[i][0] * a0 + face[i][1] * a1 >= 0. */
  int n_faces; /* 0 to 2 */
  double face[2][2];
  int is_conic; /* the rows say exactly what the bounds say; if not, varpro is not offered */
  const char *why_not_varpro; /* one clause for people, NULL if varpro is offered */
} tt1__structure;

/** How the search grid of parameter i is laid; used for nonlinear parameters. */
typedef struct tt1__grid {
  double from, to; /* finite */
  int count;       /* points; 0: the plan decides */
  int is_log;      /* logarithmic spacing and search in ln(parameter): where from > 0 */
} tt1__grid;

struct tt1_model {
  char *name, *title, *text, *formula;
  int is_magnitude, n_parameters, n_known, n_maps, n_references;
  tt1_parameter parameters[TT1__MAX_PARAMETERS];
  tt1_known known[TT1__MAX_KNOWN];
  tt1_map maps[TT1__MAX_MAPS];
  const char **references;
  tt1__grid grid[TT1__MAX_PARAMETERS];
  tt1__structure structure;

  /* signal: inputs p[0..n_parameters), x[0..n_known).
   * roots: g (outer abs dropped), then dg/dp_i for each parameter. */
  tt1__program signal_program;
  /* basis, if n_amplitudes > 0 and n_nonlinear <= 1: the same inputs (linear parameters unused).
   * roots, for each m: b_m, db_m/ds, d2b_m/ds2 (3 * n_amplitudes results),
   * where s = ln(q) if grid[q].is_log, else s = q, and q the nonlinear parameter.
   * With n_nonlinear = 0 or > 1 the derivative roots are left out: n_amplitudes results. */
  tt1__program basis_program;
  /* maps: inputs p only; roots: each map, then for each map its derivatives by each parameter:
   * n_maps + n_maps * n_parameters results, all in the once-part. */
  tt1__program maps_program;
  void *arena_; /* owns what the pointers above point to */
};

/** Run a program in double: `registers` [n_inputs + n_constants + n_instructions], inputs filled in. */
void tt1__program_run(const tt1__program *program, double *registers);
#endif
