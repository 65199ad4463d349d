/* SPDX-License-Identifier: MIT
 * Any bytes as an .npz file or, past its check-sums, as one .npy array: refused with
 * one sentence or read. For libFuzzer. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "network/network.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void check(tt1_status status, const tt1_error *err)
{
  if (status != TT1_OK && (!err->message[0] || strchr(err->message, '\n'))) abort();
}

static void read_all(const tt1__zip *npz)
{
  for (int i = 0; i < npz->n_members; i++) {
    tt1__array array = {0};
    tt1_error err = {0};
    check(tt1__npz_read(&array, npz, i, &err), &err);
    tt1__free(array.values);
  }
  tt1_network *network = NULL;
  tt1_error err = {0};
  check(tt1__network_read(&network, npz, &err), &err);
  tt1_network_free(network);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
  tt1__file file = {malloc(length ? length : 1), length, 0};
  tt1__zip npz;
  tt1__array array = {0};
  tt1_error err = {0};
  if (!file.bytes) abort();
  memcpy(file.bytes, bytes, length);
  tt1_status status = tt1__npz_open(&npz, &file, "fuzz.npz", &err);
  check(status, &err);
  if (status == TT1_OK) read_all(&npz);
  tt1__zip_close(&npz);
  check(tt1__npy_parse(&array, file.bytes, length, "fuzz.npz", "x", &err), &err);
  tt1__free(array.values);
  free(file.bytes);
  return 0;
}
