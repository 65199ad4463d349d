/* SPDX-License-Identifier: MIT
 * NIfTI files that were given one by one as the images of a series. */
#ifndef TT1_BIDS_GIVEN_H
#define TT1_BIDS_GIVEN_H

#include "image/image.h"

/**
 * Read files as one series, in the order given. Files of phases, or of imaginary parts, among them go with the
 * others; a file is matched by its name, or by its place where there are as many of both.
 * TT1_BAD_FILE where files do not go together, or two have the same settings.
 */
tt1_status tt1__given_read(tt1_image **out, const char *const *paths, int n_paths, tt1_error *err);
#endif
