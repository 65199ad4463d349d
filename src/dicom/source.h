/* SPDX-License-Identifier: MIT
 * What a DICOM series leaves to the maps made of it: patient, study and scanner, the
 * place of every slice, and which images there were. */
#ifndef TT1_DICOM_SOURCE_H
#define TT1_DICOM_SOURCE_H

#include "dicom/frame.h"

/** An element that maps take from their source. */
typedef struct tt1__carried {
  tt1__tag tag;
  char type[3];
  const char *otherwise; /* what stands there if the source has none; NULL: nothing */
  int is_of_plain;       /* has no place in a Parametric Map */
} tt1__carried;

extern const tt1__carried tt1__carried_elements[]; /* up to one of tag 0 */

/** An image that voxels came from. */
typedef struct tt1__reference {
  char class_uid[65], instance_uid[65], series_uid[65];
  int frame; /* from 1; 0: the only one of its file */
} tt1__reference;

typedef struct tt1__dicom_source {
  tt1__dicom_draft *carried;
  char scanner[65]; /* its manufacturer */
  int n_images, n_slices;
  tt1__reference *references;       /* [n_images][n_slices] */
  double (*positions)[3];           /* [n_slices], of the first voxel (LPS) */
  double directions[6], between[2]; /* along a row, a column; distance of rows, of columns */
  double thickness;                 /* 0: unknown */
} tt1__dicom_source;

/** Room for the frames of a series. NULL if memory ran out or this build has no DICOM. */
tt1__dicom_source *tt1__dicom_source_new(int n_images, int n_slices);
void tt1__dicom_source_free(tt1__dicom_source *source); /* accepts NULL */
/** Note frame `index` of [n_images][n_slices]. */
void tt1__dicom_source_note(tt1__dicom_source *source, int index, const tt1__frame *frame);
/** Note what all frames have in common, by the first one and its file. */
void tt1__dicom_source_note_series(tt1__dicom_source *source, const tt1__frame *first,
                                   const tt1__dicom *dicom);
/** Attach it to an image, which owns it from now on. */
void tt1__dicom_source_attach(tt1_image *image, tt1__dicom_source *source);
/** That of an image; NULL if it is not from DICOM. */
tt1__dicom_source *tt1__dicom_source_of(const tt1_image *image);
/** When an image was acquired, else its series or study: "2024-05-31". Returns 0, and "", where it does not say. */
int tt1__dicom_source_date(const tt1_image *image, char date[16]);
/** Whether a text holds the number of the patient or a part of the name. */
int tt1__dicom_source_names(const tt1_image *image, const char *text);
#endif
