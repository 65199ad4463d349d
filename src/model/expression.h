/* SPDX-License-Identifier: MIT
 * Expressions: tokens -> nodes of the graph, with their units. The rules of
 * ops.def are read by the same parser as the lines of a model.
 * Not here: the lines of a model (parse.c). */
#ifndef TT1_MODEL_EXPRESSION_H
#define TT1_MODEL_EXPRESSION_H

#include "model/graph.h"
#include "model/lex.h"
#include "model/units.h"

enum { TT1__MAX_NAMES = 64, TT1__MAX_NAME_LENGTH = 31 };

/** A name that expressions may use. */
typedef struct tt1__name {
  const char *at;
  size_t length;
  int node;
  tt1__unit unit;
} tt1__name;

typedef struct tt1__names {
  tt1__name list[TT1__MAX_NAMES];
  int count;
} tt1__names;

typedef struct tt1__value {
  int node;
  tt1__unit unit;
  const char *at;
} tt1__value;

typedef struct tt1__expression {
  tt1__lexer *lexer;
  tt1__graph *graph;
  const tt1__names *names;
  int depth;
} tt1__expression;

/** Read one expression; what follows it is the current token afterwards. */
tt1__value tt1__expression_read(tt1__lexer *lexer, tt1__graph *graph, const tt1__names *names);
/** The name a token spells, or NULL. */
const tt1__name *tt1__names_find(const tt1__names *names, const char *at, size_t length);
/** Is it a function, a constant or a word of the language? */
int tt1__name_is_reserved(const char *at, size_t length);
/** Refuse a place because of what the graph ran into, if it did. */
void tt1__graph_report(tt1__lexer *lexer, const char *at, const tt1__graph *graph);
#endif
