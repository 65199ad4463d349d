/* SPDX-License-Identifier: MIT
 * What the tests of networks share: a network of random weights, a plain
 * evaluation in double, and a reason to skip where OpenBLAS is absent. */
#ifndef TT1_NETWORK_SUPPORT_H
#define TT1_NETWORK_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "network/train.h"

static inline void need_openblas(void)
{
  const char *why = NULL;
  if (tt1_network_available(&why)) return;
  print_message("skipped: %s\n", why);
  skip();
}

/* Weights that keep signals of order one through all layers. */
static inline tt1_network *random_network(int n_images, uint64_t seed)
{
  tt1_network *network = tt1__network_new(n_images);
  assert_non_null(network);
  tt1__random random = tt1__random_seed(seed);
  for (int i = 0; i < TT1__N_LAYERS; i++) {
    const tt1__layer *layer = &network->layers[i];
    double size = sqrt(2.0 / layer->inputs);
    for (size_t p = layer->weights; p < layer->biases; p++)
      network->parameters[p] = (float)(size * tt1__random_normal(&random));
    for (int p = 0; p < layer->outputs; p++)
      network->parameters[layer->biases + (size_t)p] = (float)(0.1 * tt1__random_normal(&random));
  }
  return network;
}

/* The network as its paper draws it: sums in double, one voxel. */
static inline double by_hand(const tt1_network *network, const double *fed)
{
  double in[TT1__WIDEST], out[TT1__WIDEST];
  memcpy(in, fed, (size_t)network->layers[0].inputs * sizeof *in);
  for (int l = 0; l < TT1__N_LAYERS; l++) {
    const tt1__layer *layer = &network->layers[l];
    for (int i = 0; i < layer->outputs; i++) {
      double sum = (double)network->parameters[layer->biases + (size_t)i];
      for (int j = 0; j < layer->inputs; j++)
        sum +=
            (double)network->parameters[layer->weights + (size_t)(i * layer->inputs + j)] * in[j];
      out[i] = l < TT1__N_LAYERS - 1 && sum < 0.0 ? 0.01 * sum : sum;
    }
    memcpy(in, out, sizeof in);
  }
  return out[0];
}
#endif
