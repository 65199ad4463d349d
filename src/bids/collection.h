/* SPDX-License-Identifier: MIT
 * A series whose images lie in files of their own, each with its sidecars. */
#ifndef TT1_BIDS_COLLECTION_H
#define TT1_BIDS_COLLECTION_H

#include "bids/levels.h"

typedef struct tt1__collection {
  const char *folder;       /* that holds the files; NULL: their names are paths */
  const char *const *names; /* [count], in the order of the images */
  int count;
  const char *keys[2]; /* what varies from image to image, and must be in all if it is in one */
  const tt1__levels *levels; /* where their sidecars are; NULL: found for each */
} tt1__collection;

/** Read all images into one series. A file that is alone may hold several. */
tt1_status tt1__collection_read(tt1_image **out, const tt1__collection *collection, tt1_error *err);
/** Read the sidecars alone: the series has no voxels. */
tt1_status tt1__collection_look(tt1_image **out, const tt1__collection *collection, tt1_error *err);
/** Whether two images are of one size and lie at one place; the sentence speaks of their files. */
tt1_status tt1__collection_check(const tt1_image *first, const tt1_image *next, tt1_error *err);
#endif
