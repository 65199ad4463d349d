/* SPDX-License-Identifier: MIT
 * One block of voxels through the network, and the gradient back. The last layer
 * has one output, for which a matrix product is no product of blocks any more:
 * it is a sum in a fixed order here. */
#include <assert.h>
#include <string.h>

#include "network/network.h"

enum { ROW_MAJOR = 101, AS_IT_IS = 111, TRANSPOSED = 112, LAST = TT1__N_LAYERS - 1 };
static const float LEAK = 0.01F;

static int create(tt1__pass *pass, const tt1_network *network, int is_backward)
{
  size_t count = (size_t)network->layers[0].inputs + (is_backward ? 2 * TT1__WIDEST : 0);
  for (int i = 0; i < TT1__N_LAYERS; i++)
    count += (size_t)network->layers[i].outputs;
  float *at = tt1__allocate_aligned(count * TT1__BLOCK, sizeof *at);
  *pass = (tt1__pass){.memory = at};
  if (!at) return 0;
  for (int i = 0; i <= TT1__N_LAYERS; i++) {
    int width = i ? network->layers[i - 1].outputs : network->layers[0].inputs;
    pass->outputs[i] = at;
    at += width * TT1__BLOCK;
  }
  for (int i = 0; i < 2 && is_backward; i++) {
    pass->slopes[i] = at;
    at += TT1__WIDEST * TT1__BLOCK;
  }
  assert(at == pass->memory + count * TT1__BLOCK);
  return 1;
}

tt1__pass *tt1__passes_create(int count, const tt1_network *network, int is_backward)
{
  tt1__pass *passes = tt1__allocate((size_t)count, sizeof *passes);
  for (int i = 0; passes && i < count; i++)
    if (!create(&passes[i], network, is_backward)) {
      tt1__passes_free(passes, count);
      return NULL;
    }
  return passes;
}

void tt1__passes_free(tt1__pass *passes, int count)
{
  for (int i = 0; passes && i < count; i++)
    tt1__free(passes[i].memory);
  tt1__free(passes);
}

void tt1__pass_feed(tt1__pass *pass, int n, int row, const double *signal, double largest,
                    const double *times)
{
  assert(row >= 0 && row < TT1__BLOCK);
  float *fed = pass->outputs[0] + (size_t)row * 2 * (size_t)n;
  for (int i = 0; i < n; i++) {
    fed[i] = (float)(signal[i] / (1.1 * largest));
    fed[n + i] = (float)times[i];
  }
}

static void forward_layer(float *out, const float *in, const tt1_network *network,
                          const tt1__layer *layer, const tt1__blas *blas)
{
  const float *weights = network->parameters + layer->weights;
  const float *biases = network->parameters + layer->biases;
  int n = layer->outputs, k = layer->inputs;
  for (int v = 0; v < TT1__BLOCK; v++)
    memcpy(out + v * n, biases, (size_t)n * sizeof *out);
  blas->calls.product(ROW_MAJOR, AS_IT_IS, TRANSPOSED, TT1__BLOCK, n, k, 1.0F, in, k, weights, k,
                      1.0F, out, n);
  for (int i = 0; i < TT1__BLOCK * n; i++)
    out[i] = out[i] > 0.0F ? out[i] : LEAK * out[i];
}

void tt1__pass_forward(tt1__pass *pass, const tt1_network *network, const tt1__blas *blas)
{
  for (int i = 0; i < LAST; i++)
    forward_layer(pass->outputs[i + 1], pass->outputs[i], network, &network->layers[i], blas);
  const tt1__layer *last = &network->layers[LAST];
  const float *weights = network->parameters + last->weights;
  for (int v = 0; v < TT1__BLOCK; v++) {
    float sum = network->parameters[last->biases];
    for (int i = 0; i < last->inputs; i++)
      sum += weights[i] * pass->outputs[LAST][v * last->inputs + i];
    pass->outputs[TT1__N_LAYERS][v] = sum;
  }
}

// Gradient of one layer, given the slopes [TT1__BLOCK][outputs] of what it gave.
static void layer_gradient(float *gradient, const float *slopes, const float *in,
                           const tt1__layer *layer, const tt1__blas *blas)
{
  int m = layer->outputs, n = layer->inputs;
  float *biases = gradient + layer->biases;
  blas->calls.product(ROW_MAJOR, TRANSPOSED, AS_IT_IS, m, n, TT1__BLOCK, 1.0F, slopes, m, in, n,
                      0.0F, gradient + layer->weights, n);
  memset(biases, 0, (size_t)m * sizeof *biases);
  for (int v = 0; v < TT1__BLOCK; v++)
    for (int i = 0; i < m; i++)
      biases[i] += slopes[v * m + i];
}

void tt1__pass_backward(tt1__pass *pass, const tt1_network *network, const tt1__blas *blas,
                        const float *slope, float *gradient)
{
  const float *slopes = slope;
  for (int i = LAST; i >= 0; i--) {
    const tt1__layer *layer = &network->layers[i];
    const float *in = pass->outputs[i];
    float *before = pass->slopes[i % 2];
    layer_gradient(gradient, slopes, in, layer, blas);
    if (i == 0) return;
    blas->calls.product(ROW_MAJOR, AS_IT_IS, AS_IT_IS, TT1__BLOCK, layer->inputs, layer->outputs,
                        1.0F, slopes, layer->outputs, network->parameters + layer->weights,
                        layer->inputs, 0.0F, before, layer->inputs);
    // A leaky rectifier keeps the sign, so its output tells which side it was on.
    for (int j = 0; j < TT1__BLOCK * layer->inputs; j++)
      before[j] = in[j] > 0.0F ? before[j] : LEAK * before[j];
    slopes = before;
  }
}
