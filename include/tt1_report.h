/* SPDX-License-Identifier: MIT
 *
 * Pictures of maps. The contract of torcht1.h holds here too.
 */
#ifndef TT1_REPORT_H
#define TT1_REPORT_H

#include "tt1_image.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Colours for a quantity (Fuderer et al. 2025, doi:10.1002/mrm.30290). */
typedef enum tt1_colours {
  TT1_COLOURS_GREY = 0,
  TT1_COLOURS_LIPARI, /**< T1 and R1 */
  TT1_COLOURS_NAVIA   /**< T2, T2*, R2, R2* and T1rho */
} tt1_colours;

/** The colour of `fraction` in [0, 1] (clamped; NaN gives black), as 3 bytes R, G, B. */
TT1_API void tt1_colour(tt1_colours colours, double fraction, uint8_t rgb[3]);

/** What to draw. */
typedef struct tt1_picture {
  const float *map; /**< [n_voxels]; NaN is drawn black */
  const tt1_geometry *geometry;
  double scale;    /**< multiplies values for the colour bar: 1000 for s -> ms */
  double from, to; /**< window, in scaled units */
  tt1_colours colours;
  const char *title; /**< "T1" */
  const char *unit;  /**< "ms" */
} tt1_picture;

/** Whether pictures can be drawn: 0, and `why` set, in a build without cairo. */
TT1_API int tt1_picture_available(const char **why);

/**
 * Add a PNG of all slices side by side, with a colour bar, to `folder`.
 * TT1_NO_DEVICE in a build without cairo.
 */
TT1_API tt1_status tt1_picture_write(tt1_folder *folder, const char *name,
                                     const tt1_picture *picture, tt1_error *err);

#ifdef __cplusplus
}
#endif
#endif /* TT1_REPORT_H */
