/* SPDX-License-Identifier: MIT
 * Stand-ins for NVIDIA's driver and NVRTC, so that src/device/cuda.c runs where there
 * is no GPU: kernels are compiled for the processor, calls and what they are given
 * are checked. They show that the calls are right, and that the CUDA text computes
 * what it should; not how fast a GPU is, nor how it rounds.
 *
 * Stricter than a GPU: what a stream is told to do is done when it is waited for,
 * not before, so a buffer that is read or freed too early is found. Fresh memory is
 * full of NaN. Two devices: compute capability 9.0, which the compiler knows, and
 * 12.0, which it does not. */
#ifndef STANDIN_H
#define STANDIN_H

#include <stddef.h>

/* Codes of the driver API that the stand-in gives. */
enum {
  SUCCESS = 0,
  INVALID_VALUE = 1,
  OUT_OF_MEMORY = 2,
  NOT_INITIALIZED = 3,
  INVALID_DEVICE = 101,
  INVALID_IMAGE = 200,
  INVALID_CONTEXT = 201,
  NO_BINARY_FOR_GPU = 209,
  INVALID_HANDLE = 400,
  NOT_FOUND = 500,
  ILLEGAL_ADDRESS = 700, /* from here on a device is lost until it is released */
  LAUNCH_FAILED = 719
};

/** A shared object made of a kernel's text, for an architecture such as 90.
    @return its bytes, to be freed, or NULL with the compiler's words in *log, to be freed */
unsigned char *standin_compile(const char *text, int architecture, size_t *size, char **log);

/* Exported by the driver, for tests to look up. */

/** Let the nth call of this name from now (NULL: of any) give `code`, 1 being the next; 0: none.
    What is asked to free frees all the same. */
void standin_fail(const char *name, long nth, int code);
/** The call that did; NULL: none yet. */
const char *standin_failed(void);
/** How often a call was made, or any with NULL. */
long standin_calls(const char *name);
/** What is neither freed nor closed: memory, streams, events, modules, contexts. */
long standin_held(void);
/** What went with its context, because nobody had freed it. */
long standin_abandoned(void);
#endif
