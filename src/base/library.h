/* SPDX-License-Identifier: MIT
 * Libraries that are opened when they are needed and not before: where they are absent, or heavy,
 * the program starts all the same. */
#ifndef TT1_BASE_LIBRARY_H
#define TT1_BASE_LIBRARY_H

#include "torcht1.h"

/**
 * Open the first of `files` that is there, and look up its functions.
 *
 * Threads that the library starts leave signals to those of the program. It stays in memory after
 * dlclose(): libraries with threads do not survive being unmapped.
 *
 * @param[out] handle for dlclose()
 * @param files  [] names that a loader knows, ended by NULL
 * @param names  [] of the functions, ended by NULL
 * @param calls  a structure of function pointers in the order of `names`
 * @return TT1_OK, or TT1_NO_DEVICE with what is missing
 */
tt1_status tt1__library_open(void **handle, const char *const *files, const char *const *names,
                             void *calls, tt1_error *err);
#endif
