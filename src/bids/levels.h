/* SPDX-License-Identifier: MIT
 * Where a path lies in a BIDS dataset, and which sidecars hold for an image of it: those of its
 * folder and of the folders above, up to the root of the dataset ("The Inheritance Principle"). */
#ifndef TT1_BIDS_LEVELS_H
#define TT1_BIDS_LEVELS_H

#include "bids/name.h"
#include "file/file.h"
#include "image/image.h"

enum { TT1__MAX_LEVELS = 4 }; /* dataset, subject, session, datatype */

/** A path of a dataset, in two pieces. Both NULL where it lies in none. */
typedef struct tt1__place {
  char *root;   /* the folder that holds dataset_description.json; as short as `path` allows */
  char *inside; /* the path from there: "sub-01/ses-1/anat"; "" for the root itself */
} tt1__place;

/**
 * Find the dataset that `path` lies in: a folder that holds dataset_description.json, at most a
 * subject, a session, a datatype and a file above it. What is left of a path that lies in none is
 * TT1_OK too.
 */
tt1_status tt1__place_find(tt1__place *out, const char *path, tt1_error *err);
void tt1__place_free(tt1__place *place);
/** The part of `inside` after the subject and the session: "anat", or NULL. */
const char *tt1__place_datatype(const char *inside);

/** One folder and the sidecars in it. */
typedef struct tt1__level {
  char *folder;
  tt1__names sidecars;
} tt1__level;

tt1_status tt1__level_open(tt1__level *out, const char *folder, tt1_error *err);
void tt1__level_free(tt1__level *level);

/** The folders whose sidecars hold for the images of one folder, outermost first. */
typedef struct tt1__levels {
  const tt1__level *at[TT1__MAX_LEVELS]; /* [count] borrowed, or one of `own` */
  tt1__level own[TT1__MAX_LEVELS];
  int count;
} tt1__levels;

/** The levels of folder `inside` of the dataset at `root`; `shared`: the level of the root, or NULL. */
tt1_status tt1__levels_open(tt1__levels *out, const char *root, const char *inside,
                            const tt1__level *shared, tt1_error *err);
void tt1__levels_free(tt1__levels *levels);

/** Sidecars that hold for one image, the nearest first. */
typedef struct tt1__sidecars {
  char *paths[TT1__MAX_LEVELS];
  int count;
} tt1__sidecars;

/**
 * Find those of the image called `name`. Two of one folder are TT1_BAD_FILE, unless one has all
 * entities of the image: it alone is taken then, as the validator of BIDS does.
 */
tt1_status tt1__levels_find(tt1__sidecars *out, const tt1__levels *levels, const char *name,
                            tt1_error *err);
/** The same for an image anywhere: outside of datasets, the sidecar of the same stem beside it. */
tt1_status tt1__sidecars_of(tt1__sidecars *out, const char *image_path, tt1_error *err);
void tt1__sidecars_free(tt1__sidecars *sidecars);

/* Under these keys the two numbers of a NumberShots that is an array become known. */
#define TT1__SHOTS_BEFORE "NumberShots before the centre"
#define TT1__SHOTS_AFTER  "NumberShots after the centre"
#endif
