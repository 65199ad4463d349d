/* SPDX-License-Identifier: MIT
 * Text of a model -> tokens, one at a time. Holds the first error; after it
 * every token is the end, so that the parser needs no checks of its own.
 * Not here: what tokens mean. */
#ifndef TT1_MODEL_LEX_H
#define TT1_MODEL_LEX_H

#include <stddef.h>

#include "torcht1.h"

typedef enum tt1__token_kind {
  TT1__TOKEN_END,  /* of the text */
  TT1__TOKEN_LINE, /* of a line; inside parentheses lines do not end */
  TT1__TOKEN_NAME,
  TT1__TOKEN_NUMBER,
  TT1__TOKEN_STRING, /* the quotes are not part of it */
  TT1__TOKEN_SIGN
} tt1__token_kind;

typedef struct tt1__token {
  tt1__token_kind kind;
  const char *at; /* in the text */
  size_t length;
  double value; /* of a number */
} tt1__token;

typedef struct tt1__lexer {
  const char *text, *at;
  tt1__token token;   /* the current one */
  const char *before; /* the end of the token before the current one */
  int depth;          /* of open parentheses */
  tt1_status status;
  tt1_error *err;
} tt1__lexer;

/** Begin at the first token. `err` may be NULL. */
void tt1__lex_start(tt1__lexer *lexer, const char *text, tt1_error *err);
void tt1__lex_next(tt1__lexer *lexer);
/** The rest of the current line without its comment, from the current token on; ends the line. */
tt1__token tt1__lex_rest(tt1__lexer *lexer);
/** Is the current token this name or sign? */
int tt1__lex_is(const tt1__lexer *lexer, const char *text);
/** If so, step over it. */
int tt1__lex_skip(tt1__lexer *lexer, const char *text);
/** "'T1s'", "the end of the line": the current token for messages that say what was found. */
void tt1__lex_found(const tt1__lexer *lexer, char found[48]);
/** Where to point if something is missing before the current token: its own line may be a later one. */
const char *tt1__lex_missing_at(const tt1__lexer *lexer);
/** Refuse the text at a place; only the first refusal counts. */
__attribute__((format(printf, 3, 4))) void tt1__lex_fail(tt1__lexer *lexer, const char *at,
                                                         const char *format, ...);
/** Line and column (in characters) of a place in a text, from 1. */
void tt1__lex_place(const char *text, const char *at, int *line, int *column);
#endif
