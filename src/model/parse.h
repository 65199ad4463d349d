/* SPDX-License-Identifier: MIT
 * The lines of a model: text -> names, nodes and a half-filled tt1_model.
 * Not here: derivatives and structure (analyse.c), programs (program.c). */
#ifndef TT1_MODEL_PARSE_H
#define TT1_MODEL_PARSE_H

#include "base/memory.h"
#include "model/expression.h"

/** One `test` line: values for every input, and what is to come out. */
typedef struct tt1__test {
  struct tt1__test *next;
  const char *at;
  double inputs[TT1__MAX_PARAMETERS + TT1__MAX_KNOWN]; /* parameters, then known */
  uint32_t given;                                      /* bit i: input i */
  double signal, signal_tolerance;
  uint32_t maps; /* bit i: a value for map i is given */
  double map[TT1__MAX_MAPS], map_tolerance[TT1__MAX_MAPS];
} tt1__test;

/** A model while it is being compiled. */
typedef struct tt1__source {
  const char *text;
  tt1__arena arena; /* holds the model and all it points to */
  tt1__graph graph;
  tt1__names names;
  tt1_model *model;
  const char *model_at, *title_at, *signal_at, *recovery_at;
  int signal; /* node, the outer abs dropped */
  const char *parameter_at[TT1__MAX_PARAMETERS], *known_at[TT1__MAX_KNOWN];
  const char *bounds_at[TT1__MAX_PARAMETERS];     /* 'in' */
  const char *parameter_end[TT1__MAX_PARAMETERS]; /* behind all that belongs to it */
  const char *map_at[TT1__MAX_MAPS];
  int map[TT1__MAX_MAPS]; /* nodes */
  int has_start[TT1__MAX_PARAMETERS], has_grid[TT1__MAX_PARAMETERS];
  tt1__test *tests;

  /* analyse.c: basis functions, and the roots of the three programs */
  int basis[TT1__MAX_AMPLITUDES];
  int signal_roots[TT1__MAX_ROOTS], n_signal_roots;
  int basis_roots[TT1__MAX_ROOTS], n_basis_roots;
  int map_roots[TT1__MAX_ROOTS], n_map_roots;
} tt1__source;

/** Read a text. Free the source whatever the answer. */
tt1_status tt1__parse(tt1__source *source, const char *text, tt1_error *err);
/** parse, then structure, defaults and derivatives: everything but the programs. */
tt1_status tt1__analyse(tt1__source *source, const char *text, tt1_error *err);
/** Frees the model too unless `source->arena.last` was taken over. */
void tt1__source_free(tt1__source *source);
#endif
