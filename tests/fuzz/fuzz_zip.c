/* SPDX-License-Identifier: MIT
 * Any bytes as a zip archive: refused with one sentence, or its members read, which are no
 * larger than they may be. For libFuzzer; tests/fuzz/dicom_seeds.py makes an archive to begin
 * with. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "file/zip.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void check(tt1_status status, const tt1_error *err)
{
  if (status != TT1_OK && (!err->message[0] || strchr(err->message, '\n'))) abort();
}

static void read_member(const tt1__zip *zip, int index, const tt1__zip_limits *limits)
{
  unsigned char head[512], *first = NULL;
  tt1__file file = {0};
  tt1_error err = {0};
  size_t length = tt1__zip_peek(zip, index, head, sizeof head);
  tt1_status status = tt1__zip_read(&file, zip, index, &err);
  check(status, &err);
  if (length > sizeof head || file.length > limits->member_bytes) abort();
  first = file.bytes;
  if (status == TT1_OK && length > 0 && (length > file.length || memcmp(head, first, length) != 0))
    abort();
  tt1__file_free(&file);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
  const tt1__zip_limits limits = {"file", 1000, 1 << 20};
  tt1__file file = {malloc(length ? length : 1), length, 0};
  tt1__zip zip;
  tt1_error err = {0};
  if (!file.bytes) abort();
  memcpy(file.bytes, bytes, length);
  tt1_status status = tt1__zip_open(&zip, &file, "fuzz.zip", &limits, &err);
  check(status, &err);
  for (int i = 0; i < zip.n_members && status == TT1_OK; i++)
    read_member(&zip, i, &limits);
  tt1__zip_close(&zip);
  free(file.bytes);
  return 0;
}
