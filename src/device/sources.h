/* SPDX-License-Identifier: MIT
 * The text of the kernels, embedded at build time by cmake/embed.cmake, for
 * whoever compiles it at run time: GPU drivers and the machine's C compiler. */
#ifndef TT1_DEVICE_SOURCES_H
#define TT1_DEVICE_SOURCES_H

#include "model/builtin.h"

/** By path from src/ ("kernel/words.h"), in alphabetical order, ended by a NULL name. */
extern const tt1__builtin_text tt1__source_texts[];

/**
 * One text that includes nothing of this project: every line `#include X` gives way to the text
 * called X, the first time; later ones vanish. Names are looked up in `more` (ended by a NULL
 * name; may be NULL), where X may also be a macro, then among the embedded texts; what is in neither
 * stays as it is. So an embedded text must not be included in a branch that is not compiled.
 *
 * @return free with tt1__free(); NULL if out of memory
 */
char *tt1__source_expand(const char *text, const tt1__builtin_text *more);

/** The embedded text `name`; NULL if there is none. */
const char *tt1__source_text(const char *name);
#endif
