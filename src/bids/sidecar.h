/* SPDX-License-Identifier: MIT
 * What JSON sidecars say, added to an image. */
#ifndef TT1_BIDS_SIDECAR_H
#define TT1_BIDS_SIDECAR_H

#include "bids/levels.h"

/** Add what these sidecars tell to `image`; of a key that several have, the first one's value. */
tt1_status tt1__sidecars_read(tt1_image *image, const tt1__sidecars *sidecars, tt1_error *err);
/** The same for one text. */
tt1_status tt1__sidecar_parse(tt1_image *image, const char *bytes, size_t length, const char *path,
                              tt1_error *err);
/** "above 0" or "from 0" where a value of this key must be and is not; else NULL. */
const char *tt1__bids_least(const char *key, double value);
/** Read one NIfTI file with these sidecars; NULL: with those that hold for it. */
tt1_status tt1__image_with_sidecars(tt1_image **out, const char *path,
                                    const tt1__sidecars *sidecars, tt1_error *err);
/** The same for a map or a mask, whose slices are never taken for images. */
tt1_status tt1__map_with_sidecars(tt1_image **out, const char *path, tt1_error *err);
#endif
