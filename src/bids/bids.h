/* SPDX-License-Identifier: MIT
 * A BIDS dataset while it is surveyed and read: bids_dataset.c finds folders, bids_group.c makes
 * series of the images of one, bids_series.c reads one, bids_field.c its transmit field. */
#ifndef TT1_BIDS_BIDS_H
#define TT1_BIDS_BIDS_H

#include "bids/levels.h"
#include "tt1_bids.h"

/** What a suffix stands for. */
typedef struct tt1__bids_kind {
  const char *suffix;
  tt1__entity index;       /* numbers the images */
  int needs_sign;          /* magnitudes alone do not do */
  int is_uni;              /* one image without an index, of two inversions */
  tt1__entities also;      /* may differ between the images, too */
  const char *keys[2];     /* what varies with them */
  const char *needed[3];   /* what else a fit needs to know */
  const char *map, *model; /* `model` NULL: the sidecars tell */
} tt1__bids_kind;

/** The kind of a suffix, or NULL. */
const tt1__bids_kind *tt1__bids_kind_of(const tt1__bids_name *name);

typedef struct tt1__bids_group {
  tt1_bids_series shown;
  const tt1__bids_kind *kind;
  const char *first;             /* the name of one of its files */
  const char **images, **phases; /* [shown.n_images] names of files; `phases` NULL: none */
  int is_real;                   /* `images` are part-real, `phases` then part-imag */
  const char *uni;           /* UNIT1 of the same MP2RAGE, which signs its magnitudes; or NULL */
  const char *inversions[2]; /* of UNIT1: names of the MP2RAGE images, whose sidecars hold for it */
  int is_beside;             /* UNIT1 of an MP2RAGE that can be read: only where it is asked for */
} tt1__bids_group;

struct tt1_bids {
  char *root;
  tt1_bids_description about;
  tt1__level top; /* the sidecars at the root */
  tt1__bids_group *groups;
  int n_groups, capacity;
  tt1__arena texts;
};

/** Add the series that images in folder `inside` make; `only`: the name of an image of the one
    wanted, or NULL; `suffix`: the suffix wanted, or NULL. */
tt1_status tt1__bids_add_folder(tt1_bids *dataset, const char *inside, const char *only,
                                const char *suffix, tt1_error *err);
/** The part of `path` behind the root of the dataset. */
const char *tt1__bids_inside(const tt1_bids *dataset, const char *path);
/** Add a series in place of those that folder `subject` might hold: refused, for this reason. */
tt1_status tt1__bids_add_refused(tt1_bids *dataset, const char *subject, const char *reason);
#endif
