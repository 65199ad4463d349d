/* SPDX-License-Identifier: MIT
 * The C compiler of the machine, run without a shell and within a time limit. */
#ifndef TT1_DEVICE_COMPILER_H
#define TT1_DEVICE_COMPILER_H

#include <stddef.h>

#include "torcht1.h"

/**
 * Compile C text to a shared object.
 *
 * @param[out] out     its bytes, with tt1__free(); *size their number
 * @param      flags   with spaces between them
 * @param      scratch an empty folder that only this user may enter
 * @param      seconds after which it is ended
 * @return TT1_NO_DEVICE if there is no compiler ($CC, else cc, gcc or clang in PATH); TT1_DEVICE with
 *         its first complaint; TT1_IO, TT1_NO_MEMORY
 */
tt1_status tt1__compiler_run(void **out, size_t *size, const char *text, const char *flags,
                             const char *scratch, double seconds, tt1_error *err);
#endif
