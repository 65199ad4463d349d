/* SPDX-License-Identifier: MIT
 * How programs choose windows and colours of pictures. */
#ifndef TT1_PICTURE_H
#define TT1_PICTURE_H

#include "tt1_report.h"

/** The next of 1, 1.5, 2, 3, 4, 5, 6, 8 times a power of ten; 1 if `value` is not above 0. */
double round_up(double value);
/** The colours of a map called so: "T1map", "sub-01_T2starmap.nii.gz". */
tt1_colours colours_of(const char *name);
#endif
