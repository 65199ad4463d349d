/* SPDX-License-Identifier: MIT
 * Training: mini-batches of simulated voxels, the gradient of each block into
 * memory of its own, sums in the order of the blocks, Adam. So threads change no
 * bit, and a checkpoint is the parameters, the moments and a step number. */
#include "network/train.h"

#include <math.h>

#include "base/error.h"
#include "base/number.h"
#include "base/threads.h"

enum { PIECE = 8192, MAX_THREADS = 1024 }; // parameters at a time
static const float MOMENTS[2] = {0.9F, 0.999F}, EPSILON = 1e-8F;
/* ---- A step ---- */

double tt1__absolute_errors(float *slopes, int *count, const double *labels, const float *answers)
{
  double sum = 0.0;
  *count = 0;
  for (int v = 0; v < TT1__BLOCK; v++) {
    double error = (double)answers[v] - labels[v];
    slopes[v] = error > 0.0 ? 1.0F : error < 0.0 ? -1.0F : 0.0F; // 0 where there is no label
    if (isnan(error)) continue;
    sum += fabs(error);
    (*count)++;
  }
  return sum;
}

static void block_gradient(int item, int thread, void *payload)
{
  tt1_training *t = payload;
  tt1__pass *pass = &t->passes[thread];
  double labels[TT1__BLOCK];
  float slopes[TT1__BLOCK];
  tt1__random random = tt1__random_stream(t->seed, TT1__TRAINING,
                                          (uint64_t)t->step * TT1__N_BLOCKS + (uint64_t)item);
  tt1__sampler_fill(pass, labels, &t->sampler, &random);
  tt1__pass_forward(pass, t->network, &t->blas);
  t->errors[item] =
      tt1__absolute_errors(slopes, &t->counts[item], labels, pass->outputs[TT1__N_LAYERS]);
  tt1__pass_backward(pass, t->network, &t->blas, slopes,
                     t->gradients + (size_t)item * t->network->n_parameters);
}

// Kingma & Ba 2015, algorithm 1; the rate falls as half a cosine.
static void adam_piece(int item, int thread, void *payload)
{
  (void)thread;
  tt1_training *t = payload;
  size_t n = t->network->n_parameters, from = (size_t)item * PIECE;
  size_t to = from + PIECE < n ? from + PIECE : n;
  int count = 0;
  for (int b = 0; b < TT1__N_BLOCKS; b++)
    count += t->counts[b];
  double progress = (double)t->step / (double)t->n_steps, steps = (double)t->step + 1.0;
  float scale = 1.0F / (float)(count > 0 ? count : 1);
  float first_left = (float)(1.0 - pow((double)MOMENTS[0], steps));
  float second_left = (float)(1.0 - pow((double)MOMENTS[1], steps));
  float rate = (float)(t->rate * 0.5 * (1.0 + cos(TT1__PI * progress)));
  float *first = t->moments, *second = t->moments + n, *parameters = t->network->parameters;
  for (size_t i = from; i < to; i++) {
    float g = 0.0F;
    for (size_t b = 0; b < TT1__N_BLOCKS; b++)
      g += t->gradients[b * n + i];
    g *= scale;
    first[i] = MOMENTS[0] * first[i] + (1.0F - MOMENTS[0]) * g;
    second[i] = MOMENTS[1] * second[i] + (1.0F - MOMENTS[1]) * g * g;
    parameters[i] -= rate * (first[i] / first_left) / (sqrtf(second[i] / second_left) + EPSILON);
  }
}

tt1_status tt1_training_advance(tt1_training *training, int count, tt1_error *err)
{
  tt1_training *t = training;
  double sum = 0.0;
  int64_t n_labels = 0;
  int n_pieces = (int)((t->network->n_parameters + PIECE - 1) / PIECE);
  tt1_status status = tt1__blas_open(&t->blas, err);
  if (status != TT1_OK) return status;
  for (int i = 0; i < count && t->step < t->n_steps; i++) {
    tt1__pool_run(t->pool, TT1__N_BLOCKS, block_gradient, NULL, t);
    tt1__pool_run(t->pool, n_pieces, adam_piece, NULL, t);
    for (int b = 0; b < TT1__N_BLOCKS; b++) {
      sum += t->errors[b];
      n_labels += t->counts[b];
    }
    t->step++;
  }
  tt1__blas_close(&t->blas);
  if (n_labels > 0) t->loss = sum / (double)n_labels;
  return TT1_OK;
}

/* ---- Beginning ---- */

static void draw_parameters(tt1_network *network, uint64_t seed)
{
  // As PyTorch begins a linear layer: uniform within 1 / sqrt(inputs).
  tt1__random random = tt1__random_stream(seed, TT1__INITIAL, 0);
  for (int i = 0; i < TT1__N_LAYERS; i++) {
    const tt1__layer *layer = &network->layers[i];
    double bound = 1.0 / sqrt((double)layer->inputs);
    size_t end = layer->biases + (size_t)layer->outputs;
    for (size_t p = layer->weights; p < end; p++)
      network->parameters[p] = (float)(bound * (2.0 * tt1__random_uniform(&random) - 1.0));
  }
}

static int find_memory(tt1_training *t, int threads)
{
  t->n_threads = threads;
  t->network = tt1__network_new(t->sampler.protocol.n_images);
  if (!t->network) return 0;
  size_t n = t->network->n_parameters;
  t->moments = tt1__allocate_aligned(2 * n, sizeof *t->moments);
  t->gradients = tt1__allocate_aligned(TT1__N_BLOCKS * n, sizeof *t->gradients);
  t->passes = tt1__passes_create(threads, t->network, 1);
  t->pool = tt1__pool_create(threads);
  return t->moments && t->gradients && t->passes && t->pool;
}

static tt1_status check(const tt1_training_options *o, tt1_error *err)
{
  tt1_status status =
      tt1__check_version("tt1_training_options", o->version, TT1_TRAINING_OPTIONS_VERSION, err);
  if (status != TT1_OK) return status;
  if (o->n_steps < 0 || !(o->rate >= 0.0 && o->rate <= 1.0))
    return tt1__error_set(err, TT1_BAD_ARGUMENT,
                          "%lld steps at a rate of %g, expected 1 or more and a rate up to 1",
                          (long long)o->n_steps, o->rate);
  if (o->threads < 0 || o->threads > MAX_THREADS)
    return tt1__error_set(err, TT1_BAD_ARGUMENT, "%d threads, expected 1 to %d", o->threads,
                          MAX_THREADS);
  return TT1_OK;
}

tt1_status tt1_training_create(tt1_training **out, const tt1_protocol *protocol,
                               const tt1_training_options *options, tt1_error *err)
{
  static const tt1_training_options usual = TT1_TRAINING_OPTIONS_INIT;
  const tt1_training_options *o = options ? options : &usual;
  tt1_status status = check(o, err);
  if (status != TT1_OK) return status;
  tt1_training *t = tt1__allocate(1, sizeof *t);
  if (!t) return tt1__no_memory(err);
  t->seed = o->seed ? o->seed : 1;
  t->n_steps = o->n_steps ? o->n_steps : 20000;
  t->rate = o->rate > 0.0 ? o->rate : 1e-3;
  t->loss = (double)NAN;
  status = tt1__sampler_make(&t->sampler, protocol, err);
  // More threads than blocks have nothing to do.
  int threads = o->threads ? o->threads : tt1__processors();
  if (status == TT1_OK && !find_memory(t, threads < TT1__N_BLOCKS ? threads : TT1__N_BLOCKS))
    status = tt1__no_memory(err);
  if (status == TT1_OK) {
    draw_parameters(t->network, t->seed);
    *out = t;
  } else {
    tt1_training_free(t);
  }
  return status;
}

void tt1_training_free(tt1_training *training)
{
  if (!training) return;
  tt1__passes_free(training->passes, training->n_threads);
  tt1__pool_free(training->pool);
  tt1__free(training->moments);
  tt1__free(training->gradients);
  tt1_network_free(training->network);
  tt1__free(training);
}

int64_t tt1_training_step(const tt1_training *training)
{
  return training->step;
}

int64_t tt1_training_n_steps(const tt1_training *training)
{
  return training->n_steps;
}

double tt1_training_loss(const tt1_training *training)
{
  return training->loss;
}

const tt1_network *tt1_training_network(const tt1_training *training)
{
  return training->network;
}

const tt1_protocol *tt1_training_protocol(const tt1_training *training)
{
  return &training->sampler.protocol;
}
