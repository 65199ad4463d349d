/* SPDX-License-Identifier: MIT
 * A whole map: voxels within the mask are gathered into blocks, and chunks of
 * blocks are handed to threads. */
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/threads.h"
#include "network/network.h"

enum { CHUNK = 4096, MAX_THREADS = 1024 };

typedef struct job {
  const tt1_network *network;
  const tt1_network_input *input;
  const int *images;
  tt1__blas blas;
  tt1__pass *passes; /* [threads] */
  float *t1;
  uint8_t *outcome;
  tt1_progress_fn progress;
  void *payload;
} job;

/* The voxels that are in the block now. */
typedef struct block {
  int64_t voxels[TT1__BLOCK];
  int count;
} block;

static void conclude(const job *j, int64_t voxel, float t1, tt1_outcome outcome)
{
  j->t1[voxel] = t1;
  if (j->outcome) j->outcome[voxel] = (uint8_t)outcome;
}

static int64_t stride_of(const tt1_network_input *in)
{
  return in->stride ? in->stride : in->n_voxels;
}

// The largest magnitude over all images; not finite if any sample is not.
static double largest_of(const tt1_network_input *in, int64_t voxel)
{
  double largest = 0.0;
  for (int i = 0; i < in->n_images; i++) {
    double size = fabs((double)in->signal[i * stride_of(in) + voxel]);
    if (!isfinite(size)) return (double)INFINITY;
    largest = fmax(largest, size);
  }
  return largest;
}

static void run_block(const job *j, tt1__pass *pass, block *b)
{
  if (b->count == 0) return;
  size_t width = 2 * (size_t)j->network->n_images;
  memset(pass->outputs[0] + (size_t)b->count * width, 0,
         (TT1__BLOCK - (size_t)b->count) * width * sizeof(float));
  tt1__pass_forward(pass, j->network, &j->blas);
  for (int i = 0; i < b->count; i++) {
    float t1 = pass->outputs[TT1__N_LAYERS][i];
    conclude(j, b->voxels[i], t1,
             !isfinite(t1) ? TT1_NOT_FINITE
             : t1 > 0.0F   ? TT1_CONVERGED
                           : TT1_AT_BOUND);
  }
  b->count = 0;
}

static void feed(const job *j, tt1__pass *pass, block *b, int64_t voxel, double largest)
{
  const tt1_network_input *in = j->input;
  double signal[TT1__MAX_FED], times[TT1__MAX_FED];
  int n = j->network->n_images;
  for (int i = 0; i < n; i++) {
    int image = j->images ? j->images[i] : i;
    signal[i] = fabs((double)in->signal[image * stride_of(in) + voxel]);
    times[i] = in->times[image];
  }
  tt1__pass_feed(pass, n, b->count, signal, largest, times);
  b->voxels[b->count++] = voxel;
  if (b->count == TT1__BLOCK) run_block(j, pass, b);
}

static void run_chunk(int item, int thread, void *payload)
{
  const job *j = payload;
  const tt1_network_input *in = j->input;
  tt1__pass *pass = &j->passes[thread];
  block b = {.count = 0};
  int64_t from = (int64_t)item * CHUNK;
  int64_t to = from + CHUNK < in->n_voxels ? from + CHUNK : in->n_voxels;
  for (int64_t v = from; v < to; v++) {
    double largest = largest_of(in, v);
    if (in->mask && !in->mask[v])
      conclude(j, v, NAN, TT1_MASKED);
    else if (!isfinite(largest))
      conclude(j, v, NAN, TT1_NOT_FINITE);
    else if (!(largest > 0.0))
      conclude(j, v, NAN, TT1_SINGULAR);
    else
      feed(j, pass, &b, v, largest);
  }
  run_block(j, pass, &b);
}

static int between(int done, void *payload)
{
  const job *j = payload;
  int64_t voxels = (int64_t)done * CHUNK, total = j->input->n_voxels;
  return j->progress ? j->progress(voxels < total ? voxels : total, total, j->payload) : 0;
}

static tt1_status check(const tt1_network *network, const tt1_network_input *in, int threads,
                        tt1_error *err)
{
  int n = network->n_images;
  if (in->n_images < n || in->n_images > TT1__MAX_FED)
    return tt1__error_set(err, TT1_BAD_ARGUMENT,
                          "the network wants %d images, the series has %d (at most %d)", n,
                          in->n_images, TT1__MAX_FED);
  if (in->n_voxels < 1 || in->n_voxels / CHUNK >= INT32_MAX)
    return tt1__error_set(err, TT1_BAD_ARGUMENT, "%lld voxels are too few or too many",
                          (long long)in->n_voxels);
  if (stride_of(in) < in->n_voxels)
    return tt1__error_set(err, TT1_BAD_ARGUMENT,
                          "images begin %lld voxels apart, but hold %lld voxels",
                          (long long)stride_of(in), (long long)in->n_voxels);
  if (threads < 0 || threads > MAX_THREADS)
    return tt1__error_set(err, TT1_BAD_ARGUMENT, "%d threads, expected 1 to %d", threads,
                          MAX_THREADS);
  for (int i = 0; i < n; i++) {
    int image = in->images ? in->images[i] : i;
    if (image < 0 || image >= in->n_images)
      return tt1__error_set(err, TT1_BAD_ARGUMENT, "image %d is outside 0 to %d", image,
                            in->n_images - 1);
    if (!isfinite(in->times[image]))
      return tt1__error_set(err, TT1_BAD_ARGUMENT, "the time of image %d is not finite", image);
  }
  return TT1_OK;
}

tt1_status tt1_network_predict(const tt1_network *network, const tt1_network_input *input,
                               float *t1, uint8_t *outcome, int threads, tt1_progress_fn progress,
                               void *payload, tt1_error *err)
{
  job j = {.network = network,
           .input = input,
           .images = input->images,
           .t1 = t1,
           .outcome = outcome,
           .progress = progress,
           .payload = payload};
  tt1_status status = check(network, input, threads, err);
  if (status == TT1_OK) status = tt1__blas_open(&j.blas, err);
  if (status != TT1_OK) return status;
  if (threads == 0) threads = tt1__processors();
  tt1__pool *pool = tt1__pool_create(threads);
  j.passes = tt1__passes_create(threads, network, 0);
  int n_chunks = (int)((input->n_voxels + CHUNK - 1) / CHUNK);
  if (!pool || !j.passes)
    status = tt1__no_memory(err);
  else if (tt1__pool_run(pool, n_chunks, run_chunk, between, &j))
    status = tt1__error_set(err, TT1_CANCELLED, "%s", tt1_status_text(TT1_CANCELLED));
  tt1__passes_free(j.passes, threads);
  tt1__pool_free(pool);
  tt1__blas_close(&j.blas);
  return status;
}
