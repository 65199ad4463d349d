/* SPDX-License-Identifier: MIT
 * Any bytes as the name of a file in a BIDS dataset: what is taken for one, put together again, is
 * the same name, and no way out of its folder. For libFuzzer. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "bids/name.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
  tt1__bids_name name, again;
  tt1__text text = {0};
  char *copy = malloc(length + 1);
  if (!copy) abort();
  memcpy(copy, bytes, length);
  copy[length] = '\0';
  if (tt1__bids_parse(&name, copy)) {
    if (strchr(copy, '/') || strlen(copy) > 255) abort();
    tt1__bids_add_entities(&text, &name, ~(tt1__entities)0);
    if (text.length) tt1__text_add(&text, "_");
    tt1__text_add_bytes(&text, name.suffix.at, name.suffix.length);
    tt1__text_add(&text, "%s", name.extension);
    if (!tt1__bids_parse(&again, text.bytes) || !tt1__bids_agree(&name, &again, 0)) abort();
    if (!tt1__bids_applies(&name, &again) || strlen(text.bytes) != strlen(copy)) abort();
    for (int i = 0; i < TT1__N_ENTITIES; i++)
      if (tt1__bids_index(&name, (tt1__entity)i) > 999999) abort();
  }
  tt1__text_free(&text);
  free(copy);
  return 0;
}
