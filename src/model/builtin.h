/* SPDX-License-Identifier: MIT
 * The texts of models/, embedded at build time by cmake/embed.cmake. */
#ifndef TT1_MODEL_BUILTIN_H
#define TT1_MODEL_BUILTIN_H

typedef struct tt1__builtin_text {
  const char *name, *text;
} tt1__builtin_text;

/** In alphabetical order, ended by a NULL name. */
extern const tt1__builtin_text tt1__builtin_texts[];
#endif
