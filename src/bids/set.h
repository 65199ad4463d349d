/* SPDX-License-Identifier: MIT
 * Sets of files outside of BIDS datasets: one image per file, told apart by an index in the name. */
#ifndef TT1_BIDS_SET_H
#define TT1_BIDS_SET_H

#include "image/image.h"

/** Whether the name of `path` holds an index that makes it one of a set. */
int tt1__set_has(const char *path);
/** Whether folder `path` itself holds files of a set. */
int tt1__set_is_in(const char *path);
/** Read all images of the set that `path` belongs to, or of the only set in folder `path`. */
tt1_status tt1__set_read(tt1_image **out, const char *path, int is_folder, tt1_error *err);
#endif
