/* SPDX-License-Identifier: MIT
 * A network against what it should answer, on simulated voxels it never saw. */
#include <string.h>

#include "base/error.h"
#include "network/train.h"

typedef struct job {
  const tt1_network *network;
  tt1__sampler sampler;
  uint64_t seed;
  int n_voxels;
  float *wanted, *got;
  tt1__blas blas;
  tt1__pass *passes; /* [threads] */
} job;

static void run_block(int item, int thread, void *payload)
{
  job *j = payload;
  tt1__pass *pass = &j->passes[thread];
  double labels[TT1__BLOCK];
  tt1__random random = tt1__random_stream(j->seed, TT1__EVALUATION, (uint64_t)item);
  tt1__sampler_fill(pass, labels, &j->sampler, &random);
  tt1__pass_forward(pass, j->network, &j->blas);
  int from = item * TT1__BLOCK, left = j->n_voxels - from;
  for (int i = 0; i < (left < TT1__BLOCK ? left : TT1__BLOCK); i++) {
    j->wanted[from + i] = (float)labels[i];
    j->got[from + i] = pass->outputs[TT1__N_LAYERS][i];
  }
}

static tt1_status prepare(job *j, const tt1_protocol *protocol, int threads, tt1_error *err)
{
  enum { MOST_VOXELS = 1 << 27, MAX_THREADS = 1024 };
  tt1_protocol p = protocol ? *protocol : (tt1_protocol)TT1_PROTOCOL_INIT;
  if (p.n_images == 0) p.n_images = j->network->n_images;
  if (j->n_voxels < 1 || j->n_voxels > MOST_VOXELS || threads < 0 || threads > MAX_THREADS)
    return tt1__error_set(err, TT1_BAD_ARGUMENT,
                          "%d voxels on %d threads, expected 1 to %d and 0 to %d", j->n_voxels,
                          threads, MOST_VOXELS, MAX_THREADS);
  if (p.n_images != j->network->n_images)
    return tt1__error_set(err, TT1_BAD_ARGUMENT,
                          "the network wants %d images, the protocol feeds %d",
                          j->network->n_images, p.n_images);
  return tt1__sampler_make(&j->sampler, &p, err);
}

tt1_status tt1_network_evaluate(const tt1_network *network, const tt1_protocol *protocol,
                                uint64_t seed, int n_voxels, float *wanted, float *got, int threads,
                                tt1_error *err)
{
  job j = {.network = network, .seed = seed, .n_voxels = n_voxels, .wanted = wanted, .got = got};
  tt1_status status = prepare(&j, protocol, threads, err);
  if (status == TT1_OK) status = tt1__blas_open(&j.blas, err);
  if (status != TT1_OK) return status;
  if (threads == 0) threads = tt1__processors();
  tt1__pool *pool = tt1__pool_create(threads);
  j.passes = tt1__passes_create(threads, network, 0);
  if (pool && j.passes)
    tt1__pool_run(pool, (n_voxels + TT1__BLOCK - 1) / TT1__BLOCK, run_block, NULL, &j);
  else
    status = tt1__no_memory(err);
  tt1__passes_free(j.passes, threads);
  tt1__pool_free(pool);
  tt1__blas_close(&j.blas);
  return status;
}
