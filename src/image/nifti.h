/* SPDX-License-Identifier: MIT
 * NIfTI-1 and -2. Paths are only for messages wherever bytes are given too. */
#ifndef TT1_IMAGE_NIFTI_H
#define TT1_IMAGE_NIFTI_H

#include "file/file.h"
#include "image/image.h"

/** The length of a name without .nii or .nii.gz; 0 if it does not end so. */
size_t tt1__nifti_stem(const char *name);
/** Whether the file of an image that was looked at, or read, holds complex voxels. */
int tt1__nifti_is_complex(const tt1_image *image);
/** Read one NIfTI file, without any sidecar. Complex voxels become magnitude and phase. */
tt1_status tt1__nifti_open(tt1_image **out, const char *path, tt1_error *err);
/** Fill in what the header says: sizes, place and type. The file is noted, without a checksum. */
tt1_status tt1__nifti_look(tt1_image *image, const char *path, tt1_error *err);
/** Fill `image` from the bytes of a NIfTI file. */
tt1_status tt1__nifti_parse(tt1_image *image, const tt1__file *file, const char *path,
                            tt1_error *err);
#endif
