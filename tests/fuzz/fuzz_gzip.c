/* SPDX-License-Identifier: MIT
 * Any bytes as a file that may be gzip: what it holds, within its limit, or one sentence. For libFuzzer. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "file/gzip.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
  enum { LIMIT = 100000 };
  unsigned char head[256];
  tt1_error err = {0};
  tt1__file file = {tt1__allocate(length ? length : 1, 1), length, 7};
  if (!file.bytes) abort();
  memcpy(file.bytes, bytes, length);
  if (tt1__gunzip_some(head, sizeof head, bytes, length) > sizeof head) abort();
  int is_gzip = length > 1 && bytes[0] == 0x1F && bytes[1] == 0x8B;
  tt1_status status = tt1__gunzip(&file, LIMIT, "fuzz.gz", &err);
  if (status != TT1_OK && (!err.message[0] || strchr(err.message, '\n'))) abort();
  if (file.checksum != 7 || (is_gzip && status == TT1_OK && file.length > LIMIT)) abort();
  if (!is_gzip && (status != TT1_OK || file.length != length)) abort();
  for (size_t i = 0; i < file.length; i++)
    file.checksum += file.bytes[i]; // a sanitizer sees what was not written
  tt1__file_free(&file);
  return 0;
}
