/* SPDX-License-Identifier: MIT
 * A network in memory and in files. */
#include <math.h>
#include <stdio.h>

#include "base/error.h"
#include "network/network.h"

// Guo et al. 2022, figure 1; the input layer has two numbers for each image.
static const int widths[TT1__N_LAYERS] = {400, 400, 200, 200, 100, 1};
static const size_t LARGEST_FILE = (size_t)1 << 28;

tt1_network *tt1__network_new(int n_images)
{
  tt1_network *network = tt1__allocate(1, sizeof *network);
  if (!network) return NULL;
  network->n_images = n_images;
  int inputs = 2 * n_images;
  for (int i = 0; i < TT1__N_LAYERS; i++) {
    tt1__layer *layer = &network->layers[i];
    layer->inputs = inputs;
    layer->outputs = widths[i];
    layer->weights = network->n_parameters;
    layer->biases = layer->weights + (size_t)inputs * (size_t)widths[i];
    network->n_parameters = layer->biases + (size_t)widths[i];
    inputs = widths[i];
  }
  network->parameters = tt1__allocate_aligned(network->n_parameters, sizeof *network->parameters);
  if (network->parameters) return network;
  tt1__free(network);
  return NULL;
}

void tt1_network_free(tt1_network *network)
{
  if (!network) return;
  tt1__free(network->parameters);
  tt1__free(network);
}

int tt1_network_n_images(const tt1_network *network)
{
  return network->n_images;
}

uint32_t tt1_network_checksum(const tt1_network *network)
{
  return network->checksum;
}

/* ---- Files. PyTorch counts the rectifiers too: layer i is number 2 i ---- */

static void array_name(char name[24], int layer, const char *kind)
{
  snprintf(name, 24, "%d.%s", 2 * layer, kind);
}

static tt1_status missing(const tt1__zip *npz, const char *name, tt1_error *err)
{
  return tt1__error_set(err, TT1_BAD_FILE,
                        "%s holds no array %s, so it is not a network 2n-400-400-200-200-100-1",
                        npz->path, name);
}

/* Read array `name` of the size [rows][columns], or [rows] where columns is 0. */
static tt1_status read_into(float *out, const tt1__zip *npz, const char *name, int rows,
                            int columns, tt1_error *err)
{
  tt1__array a = {0};
  int index = tt1__npz_find(npz, name);
  if (index < 0) return missing(npz, name, err);
  tt1_status status = tt1__npz_read(&a, npz, index, err);
  if (status != TT1_OK) return status;
  if (a.n_dimensions != (columns ? 2 : 1) || a.size[0] != rows || (columns && a.size[1] != columns))
    status = tt1__error_set(
        err, TT1_BAD_FILE, "%s: array %s has %d dimensions, %lld x %lld, expected %d x %d",
        npz->path, name, a.n_dimensions, a.n_dimensions > 0 ? (long long)a.size[0] : 0,
        a.n_dimensions > 1 ? (long long)a.size[1] : 1, rows, columns ? columns : 1);
  for (int64_t i = 0; i < a.count && status == TT1_OK; i++) {
    out[i] = (float)a.values[i];
    if (!isfinite(out[i]))
      status = tt1__error_set(err, TT1_BAD_FILE, "%s: number %lld of array %s is not finite",
                              npz->path, (long long)i + 1, name);
  }
  tt1__free(a.values);
  return status;
}

/* The first layer says for how many images the network is. */
static tt1_status count_images(int *n_images, const tt1__zip *npz, tt1_error *err)
{
  tt1__array a = {0};
  int index = tt1__npz_find(npz, "0.weight");
  if (index < 0) return missing(npz, "0.weight", err);
  tt1_status status = tt1__npz_read(&a, npz, index, err);
  if (status != TT1_OK) return status;
  tt1__free(a.values);
  int64_t inputs = a.n_dimensions == 2 ? a.size[1] : 0;
  if (inputs < 2 || inputs > 2 * TT1__MAX_FED || inputs % 2 != 0)
    return tt1__error_set(err, TT1_BAD_FILE,
                          "%s: array 0.weight has %lld columns, expected two for each of 1 to %d "
                          "images",
                          npz->path, (long long)inputs, TT1__MAX_FED);
  *n_images = (int)inputs / 2;
  return TT1_OK;
}

tt1_status tt1__network_read(tt1_network **out, const tt1__zip *npz, tt1_error *err)
{
  int n_images = 0;
  char name[24];
  tt1_status status = count_images(&n_images, npz, err);
  if (status != TT1_OK) return status;
  tt1_network *network = tt1__network_new(n_images);
  if (!network) return tt1__no_memory(err);
  for (int i = 0; i < TT1__N_LAYERS && status == TT1_OK; i++) {
    const tt1__layer *layer = &network->layers[i];
    float *parameters = network->parameters;
    array_name(name, i, "weight");
    status = read_into(parameters + layer->weights, npz, name, layer->outputs, layer->inputs, err);
    array_name(name, i, "bias");
    if (status == TT1_OK)
      status = read_into(parameters + layer->biases, npz, name, layer->outputs, 0, err);
  }
  if (status == TT1_OK)
    *out = network;
  else
    tt1_network_free(network);
  return status;
}

tt1_status tt1_network_load(tt1_network **out, const char *path, tt1_error *err)
{
  tt1__file file = {0};
  tt1_network *network = NULL;
  tt1__zip npz = {0};
  tt1_status status = tt1__file_read(&file, path, LARGEST_FILE, err);
  if (status == TT1_OK) status = tt1__npz_open(&npz, &file, path, err);
  if (status == TT1_OK) status = tt1__network_read(&network, &npz, err);
  if (status == TT1_OK) {
    network->checksum = file.checksum;
    *out = network;
  }
  tt1__zip_close(&npz);
  tt1__file_free(&file);
  return status;
}

tt1_status tt1__network_write(const tt1_network *network, tt1__zip_writer *writer, tt1_error *err)
{
  tt1_status status = TT1_OK;
  char name[24];
  for (int i = 0; i < TT1__N_LAYERS && status == TT1_OK; i++) {
    const tt1__layer *layer = &network->layers[i];
    const int64_t size[2] = {layer->outputs, layer->inputs};
    array_name(name, i, "weight");
    status =
        tt1__npz_add(writer, name, TT1_FLOAT32, network->parameters + layer->weights, 2, size, err);
    array_name(name, i, "bias");
    if (status == TT1_OK)
      status = tt1__npz_add(writer, name, TT1_FLOAT32, network->parameters + layer->biases, 1, size,
                            err);
  }
  return status;
}

tt1_status tt1_folder_write_network(tt1_folder *folder, const char *name,
                                    const tt1_network *network, tt1_error *err)
{
  tt1__zip_writer writer = {0};
  tt1_status status = tt1__network_write(network, &writer, err);
  if (status == TT1_OK) status = tt1__zip_finish(&writer, err);
  if (status == TT1_OK)
    status = tt1_folder_write(folder, name, writer.body.bytes, writer.body.length, err);
  tt1__zip_free(&writer);
  return status;
}
