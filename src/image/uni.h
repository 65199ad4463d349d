/* SPDX-License-Identifier: MIT
 * UNI images of MP2RAGE: Re(S1* S2) / (|S1|^2 + |S2|^2) of its two inversions, between -0.5 and 0.5
 * (Marques et al. 2010, doi:10.1016/j.neuroimage.2009.10.002, equation 3). Their sign is that of the first
 * inversion against the second, and alone they give the ratio of the two. */
#ifndef TT1_IMAGE_UNI_H
#define TT1_IMAGE_UNI_H

#include "image/image.h"

/* Under these keys two numbers become known that a sidecar gives for the two inversions of one UNI image. */
#define TT1__TIMES_OF_BOTH  "InversionTime of both inversions"
#define TT1__ANGLES_OF_BOTH "FlipAngle of both inversions"

/**
 * Make the two signed images of a UNI image, in place: sine and cosine of half the angle whose sine is
 * 2 UNI, so that their ratio is S1 / S2, where |S1| is at most |S2|. What the values were taken for is an
 * assumption of the image. Voxels outside of a mask become NaN. One inversion time, or flip angle, for both
 * is forgotten: two must be known.
 *
 * @param called  what sentences call the image: a path
 * What looks like the robust combination, which is no ratio, becomes `image->doubt`.
 *
 * @return TT1_OK; TT1_BAD_FILE if it is not one image, or if the values lie in no range that UNI images have;
 *         TT1_NO_MEMORY
 */
tt1_status tt1__uni_to_pair(tt1_image *image, const char *called, tt1_error *err);

/**
 * Give image `first` of two magnitudes the sign of the UNI image of the same voxels, whose values this
 * scales. They must agree: where they do not, UNI or the magnitudes were changed (TT1_BAD_FILE).
 */
tt1_status tt1__uni_sign(tt1_image *magnitudes, int first, tt1_image *uni, const char *called,
                         tt1_error *err);

/** Whether a series is called a UNI image, by ImageType or description. */
int tt1__is_called_uni(const char *text);
/** Whether the text that names an image, or its (first) file, is called so. */
int tt1__image_is_called_uni(const tt1_image *image);
#endif
