/* SPDX-License-Identifier: MIT
 * What the files of this room share: the network's layers, the one block of
 * voxels that is worked on at a time, its forward and backward pass, and the
 * library behind the matrix products. */
#ifndef TT1_NETWORK_NETWORK_H
#define TT1_NETWORK_NETWORK_H

#include "network/npz.h"
#include "tt1_network.h"

/* Every matrix product is of a whole block, filled up with zeros: the library's kernels treat
 * edges apart, and so a voxel's bits do not depend on how many others there are. With most of its
 * kernels they do not depend on the place in the block either; those for AVX2 (Haswell, Zen) round
 * a few sums otherwise in every second group of six voxels, for every size of block. */
enum { TT1__BLOCK = 128, TT1__N_LAYERS = 6, TT1__WIDEST = 400, TT1__MAX_FED = 64 };

/** Layer `index` as numbers: weights [outputs][inputs], then biases [outputs]. */
typedef struct tt1__layer {
  int inputs, outputs;
  size_t weights, biases; /* where they begin among the parameters */
} tt1__layer;

struct tt1_network {
  int n_images;
  uint32_t checksum;
  tt1__layer layers[TT1__N_LAYERS];
  size_t n_parameters;
  float *parameters; /* [n_parameters] */
};

/* ---- blas.c ---- */

/** The library, for as long as one call of the public interface. */
typedef struct tt1__blas {
  void *library;
  struct {
    void (*product)(int order, int transpose_a, int transpose_b, int m, int n, int k, float alpha,
                    const float *a, int lda, const float *b, int ldb, float beta, float *c,
                    int ldc);
    void (*set_threads)(int threads);
    int (*get_threads)(void);
  } calls;
  int threads_before;
} tt1__blas;

/** Load the library and set it to one thread. TT1_NO_DEVICE if it is absent. */
tt1_status tt1__blas_open(tt1__blas *blas, tt1_error *err);
/** Give its threads back. Accepts one that was never opened (zeros). */
void tt1__blas_close(tt1__blas *blas);

/* ---- weights.c ---- */

/** A network fed `n_images` images, all parameters zero; NULL if memory ran out. */
tt1_network *tt1__network_new(int n_images);
/** Add the weights to an archive. */
tt1_status tt1__network_write(const tt1_network *network, tt1__zip_writer *writer, tt1_error *err);
/** Weights from an archive; `out` is untouched on failure. */
tt1_status tt1__network_read(tt1_network **out, const tt1__zip *npz, tt1_error *err);

/* ---- pass.c ---- */

/** Scratch memory of one thread: what every layer gave. */
typedef struct tt1__pass {
  float *outputs[TT1__N_LAYERS + 1]; /* [TT1__BLOCK][width]; [0] is what is fed */
  float *slopes[2];                  /* [TT1__BLOCK][TT1__WIDEST], backward only */
  float *memory;
} tt1__pass;

/** One for each of `count` threads; NULL if memory ran out. */
tt1__pass *tt1__passes_create(int count, const tt1_network *network, int is_backward);
void tt1__passes_free(tt1__pass *passes, int count); /* accepts NULL */
/** From outputs[0] to outputs[6] [TT1__BLOCK]. */
void tt1__pass_forward(tt1__pass *pass, const tt1_network *network, const tt1__blas *blas);
/**
 * Gradient of sum_v slope[v] * answer[v] by the parameters, after a forward pass.
 * @param slope     [TT1__BLOCK]
 * @param gradient  [n_parameters], overwritten
 */
void tt1__pass_backward(tt1__pass *pass, const tt1_network *network, const tt1__blas *blas,
                        const float *slope, float *gradient);

/** Divide |signal| [n][stride] by 1.1 times `largest`, put it and the times into row `row`. */
void tt1__pass_feed(tt1__pass *pass, int n, int row, const double *signal, double largest,
                    const double *times);
#endif
