/* SPDX-License-Identifier: MIT
 * A training under way, for the files that step it and that save it. */
#ifndef TT1_NETWORK_TRAIN_H
#define TT1_NETWORK_TRAIN_H

#include "base/threads.h"
#include "network/sampler.h"

enum { TT1__N_BLOCKS = 8 };                                // of a mini-batch: 1024 voxels
enum { TT1__INITIAL = 1, TT1__TRAINING, TT1__EVALUATION }; // what random streams are for

struct tt1_training {
  tt1__sampler sampler;
  uint64_t seed;
  int64_t step, n_steps;
  double rate, loss;
  tt1_network *network;
  float *moments;   /* [2][n_parameters] */
  float *gradients; /* [TT1__N_BLOCKS][n_parameters] */
  double errors[TT1__N_BLOCKS];
  int counts[TT1__N_BLOCKS];
  tt1__pool *pool;
  int n_threads;
  tt1__pass *passes; /* [n_threads] */
  tt1__blas blas;    /* within tt1_training_advance() */
};

/**
 * The loss of one block: sum of |answer - label| where there is a label, and its slopes.
 * @param slopes  [TT1__BLOCK]
 * @param count   voxels with a label
 */
double tt1__absolute_errors(float *slopes, int *count, const double *labels, const float *answers);
#endif
