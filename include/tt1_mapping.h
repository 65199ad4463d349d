/* SPDX-License-Identifier: MIT
 *
 * From a study to maps on disk. The
 * contract of torcht1.h (units, layout, errors, ownership, threads) holds here too.
 */
#ifndef TT1_MAPPING_H
#define TT1_MAPPING_H

#include "tt1_input.h"

#ifdef __cplusplus
extern "C" {
#endif

/** How a map was made. Texts are "" and numbers 0 where that is not known. */
typedef struct tt1_provenance {
  int is_known;            /**< a fit.json beside the map, or its sidecar, names a model */
  char model[64];          /**< its name */
  char model_checksum[16]; /**< CRC-32 of its text */
  char filter[32];
  double multiplied_by;  /**< 1: not corrected */
  double field_strength; /**< T */
} tt1_provenance;

/**
 * Look into the fit.json beside map `path`, else into its sidecar, where torcht1 writes the same for a
 * BIDS dataset. It is TT1_OK, and nothing is known, where there is neither, where they do not speak of
 * the map, and in a build without jansson.
 * @return TT1_OK, TT1_IO, TT1_BAD_FILE, TT1_NO_MEMORY
 */
TT1_API tt1_status tt1_provenance_read(tt1_provenance *out, const char *path, tt1_error *err);

#ifdef __cplusplus
}
#endif
#endif /* TT1_MAPPING_H */
