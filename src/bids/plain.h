/* SPDX-License-Identifier: MIT
 * JSON as people have it, made plain. */
#ifndef TT1_BIDS_PLAIN_H
#define TT1_BIDS_PLAIN_H

#include <stddef.h>

#include "torcht1.h"

/**
 * The text of a JSON file as the standard wants it: without a byte order mark, in UTF-8 (other bytes are taken
 * for Latin-1), and with null where Python writes NaN, Infinity or -Infinity. Lines stay lines.
 *
 * @param[out] out  free with tt1__free()
 * @return TT1_BAD_FILE for UTF-16 and for comments, with their place; TT1_NO_MEMORY
 */
tt1_status tt1__plain_json(char **out, size_t *out_length, const char *bytes, size_t length,
                           const char *path, tt1_error *err);
#endif
