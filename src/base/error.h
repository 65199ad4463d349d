/* SPDX-License-Identifier: MIT
 * Setting a tt1_error. One function formats errors, and it never cuts a UTF-8
 * character. `err` may be NULL everywhere. */
#ifndef TT1_BASE_ERROR_H
#define TT1_BASE_ERROR_H

#include "torcht1.h"

/** Fill `err` and return `status`, so that a caller can `return tt1__error_set(...)`. */
__attribute__((format(printf, 3, 4))) tt1_status tt1__error_set(tt1_error *err, tt1_status status,
                                                                const char *format, ...);

/** The same with the place in the text of a model (TT1_BAD_MODEL). */
__attribute__((format(printf, 4, 5))) tt1_status tt1__error_at(tt1_error *err, int line, int column,
                                                               const char *format, ...);

/** Whether options called `what` have the version that this library knows: TT1_OK or TT1_BAD_ARGUMENT. */
tt1_status tt1__check_version(const char *what, uint32_t version, uint32_t expected,
                              tt1_error *err);

/** The text of errno value `code`. */
const char *tt1__reason(int code, char text[128]);

/** TT1_NO_MEMORY with its fixed text. */
tt1_status tt1__no_memory(tt1_error *err);
#endif
