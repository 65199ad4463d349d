/* SPDX-License-Identifier: MIT
 * Files that have the images of a series along their third dimension, as some programs write them. */
#ifndef TT1_BIDS_STACK_H
#define TT1_BIDS_STACK_H

#include "bids/levels.h"

/**
 * Take the slices of a file for images if its sidecars give as many times, echo times or flip angles, and
 * say so. To be called before the sidecars are read into `image`, which may be without voxels. A map, which
 * has a unit and may list the times that it was made from, is left as it is.
 */
tt1_status tt1__stack_find(tt1_image *image, const tt1__sidecars *sidecars, tt1_error *err);
/** The same where the caller has `n_times` of them, three or more; what sidecars said is kept. */
tt1_status tt1__stack_by_number(tt1_image *image, int n_times, tt1_error *err);
/** Take the slices of `other` for images if those of `image`, of the same voxels, were. */
void tt1__stack_alike(tt1_image *other, const tt1_image *image);
#endif
