/* SPDX-License-Identifier: MIT
 * A sequence as every method of the comparison is given it, and its answer: raw files in a
 * folder, so that programs in any language can take part.
 *
 *   sequence.txt   "voxels N", "images M", "times T T ..." (s)
 *   signal.f32     [M][N] samples
 *   NAME.f32       [3][N] C, k, T1s as method NAME found them
 *   NAME.txt       "seconds S", "voxels V" of those N that were fitted, "processes P",
 *                  "memory K" (kB, the most at a time), "note TEXT" */
#ifndef TT1_PAPER_SEQUENCE_H
#define TT1_PAPER_SEQUENCE_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum { MAX_TIMES = 64, N_PARAMETERS = 3 };

typedef struct sequence {
  char folder[512];
  int n_images;
  int64_t n_voxels;
  double times[MAX_TIMES];
  float *signal; /* [n_images][n_voxels] */
} sequence;

/** Leave the program with a sentence. */
__attribute__((noreturn, format(printf, 1, 2))) void stop(const char *format, ...);
/** Zeroed memory, or leave the program. */
void *take_memory(size_t count, size_t size);

sequence read_sequence(const char *folder);
void write_sequence(const sequence *s); /* makes the folder */
void free_sequence(sequence *s);
/** The samples of voxel `v` and where a user would start: C at the largest, k = 2, T1s = 1 s. */
void voxel_of(const sequence *s, int64_t v, double *samples, double *start);

/** What a method came to: its parameters [3][n_voxels], and how. */
void write_answer(const sequence *s, const char *name, const float *parameters, double seconds,
                  int64_t n_fitted, int processes, const char *note);

/** Files in the folder of a sequence; what fails leaves the program. */
FILE *open_in(const sequence *s, const char *name, const char *mode);
void *read_raw(const sequence *s, const char *name, size_t bytes); /* free with free() */
void write_raw(const sequence *s, const char *name, const void *data, size_t bytes);
float *read_floats(const sequence *s, const char *name, size_t count);
void write_floats(const sequence *s, const char *name, const float *values, size_t count);

/** Fit one voxel: parameters from the start, in place. */
typedef void (*fit_voxel)(const sequence *s, const double *samples, double *parameters);
/** A whole peer: its command line (FOLDER), every voxel in turn, the answer. */
int run_peer(int argc, char **argv, const char *name, fit_voxel fit, const char *note);

/** Seconds of a clock that only runs forward. */
double clock_seconds(void);
#endif
