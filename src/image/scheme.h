/* SPDX-License-Identifier: MIT
 * MOLLI schemes as people write them, "5(3)3", and what they say of the images of a series. */
#ifndef TT1_IMAGE_SCHEME_H
#define TT1_IMAGE_SCHEME_H

#include "tt1_image.h"

enum { TT1__MAX_SCHEME_GROUPS = 3 };

/** Groups of images, each after an inversion, one image per heart beat. */
typedef struct tt1__scheme_text {
  int n_groups;
  int count[TT1__MAX_SCHEME_GROUPS]; /* images of a group */
  int rest[TT1__MAX_SCHEME_GROUPS];  /* heart beats without an image after a group; below 0: as
                                        many as take so many seconds */
} tt1__scheme_text;

/** Read a scheme such as "5(3)3" or "5b(3s)3b"; TT1_BAD_ARGUMENT if it is none. */
tt1_status tt1__scheme_parse(tt1__scheme_text *scheme, const char *text, tt1_error *err);
/**
 * The groups of a series of this scheme, with rests that follow from its beat. Images are in the order of
 * acquisition, or sorted by time.
 *
 * @param[out] group [n] of each image, from 0
 * @param      times [n] inversion times in s
 * @return 1; 0 if the times are not those of the scheme: `out` and `group` are undefined then
 */
int tt1__scheme_apply(tt1_inversions *out, int *group, const tt1__scheme_text *scheme,
                      const double *times, int n);
/** The middle of the times from one image of a group to the next; NaN if no group has two. */
double tt1__middle_beat(const int *group, const double *times, int n);
#endif
