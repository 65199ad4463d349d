/* SPDX-License-Identifier: MIT
 *
 * Pictures of maps and figures. The contract of torcht1.h holds here too.
 */
#ifndef TT1_REPORT_H
#define TT1_REPORT_H

#include "tt1_analysis.h"
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

/** What to draw as a Bland-Altman figure: differences over means. */
typedef struct tt1_bland_altman {
  const double *a, *b;            /**< [n] the valid pairs */
  int64_t n;                      /**< at least 1 */
  const tt1_agreement *agreement; /**< of these pairs */
  const tt1_region *regions; /**< [n_regions] marked by their means and labels; NULL for none */
  int n_regions;
  const char *title;           /**< "T1", or NULL */
  const char *name_a, *name_b; /**< what was compared, b is the reference */
  const char *unit;            /**< "ms" */
} tt1_bland_altman;

/**
 * Add a Bland-Altman figure to `folder`, 170 mm wide: bias and limits of agreement with their
 * intervals, the line of proportional bias, every pair as a point or, from 3,000 pairs on, their
 * density. SVG if `name` ends in .svg, else PNG (300 dots per inch). Colours are told apart by
 * colour-blind eyes (Okabe & Ito 2008) and lines by their dashes.
 *
 * @return TT1_OK; TT1_BAD_ARGUMENT if there is no pair or a number is not finite; TT1_NO_DEVICE in
 *         a build without cairo; TT1_NO_MEMORY; TT1_IO
 */
TT1_API tt1_status tt1_bland_altman_write(tt1_folder *folder, const char *name,
                                          const tt1_bland_altman *figure, tt1_error *err);

#ifdef __cplusplus
}
#endif
#endif /* TT1_REPORT_H */
