/* SPDX-License-Identifier: MIT
 * Which shipped model a series is for: by what differs from image to image, and by what the sequence is
 * called. Not here: series of BIDS datasets, whose suffix says it (bids/series.c), but for inversion recovery. */
#ifndef TT1_IMAGE_SEQUENCE_H
#define TT1_IMAGE_SEQUENCE_H

#include "tt1_image.h"

/** What is known of how a series was acquired. Borrowed. */
typedef struct tt1__acquisition {
  const tt1_known_values *known; /* [n_known] */
  int n_known;
  const tt1_found_text *texts; /* [n_texts] */
  int n_texts;
  int n_images;
  /* Keys in BIDS of what a user says differs between the images. */
  const char *const *given; /* [n_given] */
  int n_given;
  /* That of the quantity by which the images differ, where a suffix says it; else NULL. */
  const char *key;
} tt1__acquisition;

/** That of an image, whose texts and values are borrowed. */
tt1__acquisition tt1__acquisition_of(const tt1_image *image);

/** Whether each image was acquired on its own, long after the one before, by the clock. */
int tt1__is_one_by_one(const tt1__acquisition *a);

/** The name of the model, and in `reason` why: "ScanningSequence is "SE\IR", a spin echo". NULL where that
    cannot be decided: `reason` is the question, or "" where nothing differs that a shipped model knows. */
const char *tt1__model_of(char reason[400], const tt1__acquisition *a);
#endif
