/* SPDX-License-Identifier: MIT
 * The parts of a complex signal that lie in files of their own: which file holds which, and putting them
 * together to magnitude and phase. */
#ifndef TT1_BIDS_PART_H
#define TT1_BIDS_PART_H

#include "file/file.h"
#include "image/image.h"

typedef enum tt1__part {
  TT1__PART_NONE, /* nothing says that it is one */
  TT1__PART_MAGNITUDE,
  TT1__PART_PHASE,
  TT1__PART_REAL,
  TT1__PART_IMAGINARY
} tt1__part;

/** The part that a file name says: `_part-phase_`, or an end in `_ph`, `_real`, `_imaginary` ... */
tt1__part tt1__part_of_name(const char *name);
/** The same; where the name says none, what ImageType says. */
tt1__part tt1__part_of(const char *name, const tt1_image *image);
/** What goes with a part: phases with magnitudes, imaginary parts with real ones; else TT1__PART_NONE. */
tt1__part tt1__part_partner(tt1__part part);
/** Whether the names of two files differ in their parts alone. */
int tt1__part_names_agree(const char *a, const char *b);

/**
 * Put `other`, of the phases or imaginary parts, into `image`: afterwards it has magnitude and phase. Phases
 * whose unit cannot be known are left out, and that is said. TT1_BAD_FILE where the two do not go together.
 */
tt1_status tt1__part_join(tt1_image *image, tt1_image *other, tt1__part part, tt1_error *err);
/** Say that part `wanted` is left out, since it is there for `n_found` of `count` images only. */
tt1_status tt1__part_note_missing(tt1_image *image, tt1__part wanted, int n_found, int count,
                                  tt1_error *err);
/** Turn phases into radians; without `needs_unit` their range may say the unit. Returns 0 if it cannot be
    known how; `about` says both. */
int tt1__to_radians(tt1_image *phase, int needs_unit, char about[300]);
#endif
