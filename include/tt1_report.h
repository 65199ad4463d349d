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
  TT1_COLOURS_LIPARI,    /**< T1 and R1 */
  TT1_COLOURS_NAVIA,     /**< T2, T2*, R2, R2* and T1rho */
  TT1_COLOURS_DIFFERENCE /**< blue below, white at the middle of the window, vermilion above */
} tt1_colours;

/** The colour of `fraction` in [0, 1] (clamped), as 3 bytes R, G, B. That of NaN is none of the others: a neutral
    grey, a violet among greys, black for differences. */
TT1_API void tt1_colour(tt1_colours colours, double fraction, uint8_t rgb[3]);

/** The colours for a map of this name: "T1map", "T2_sd". */
TT1_API tt1_colours tt1_colours_of(const char *map);
/** The least of 1, 1.5, 2, 3, 4, 5, 6 and 8 times a power of ten that is not below `value`: where a window
    may end. 1 if it is not positive. */
TT1_API double tt1_round_up(double value);

/** What to draw. */
typedef struct tt1_picture {
  const float *map; /**< [n_voxels]; NaN has a colour of its own, named below the map */
  const tt1_geometry *geometry;
  double scale;    /**< multiplies values for the colour bar: 1000 for s -> ms */
  double from, to; /**< window, in scaled units */
  tt1_colours colours;
  const char *title; /**< "T1" */
  const char *unit;  /**< "ms" */
  const float *
      deviation; /**< [n_voxels] SD of `map` in its unit: voxels keep all their light up to 5 % of the
                               value, and 15 % of it from 25 % on; NULL: all are as bright */
  const char *subtitle; /**< a line below the title: where and when; NULL: none */
  const char *note;     /**< a small line below the map: how it was drawn; NULL: none */
} tt1_picture;

/** Whether pictures can be drawn: 0, and `why` set, in a build without cairo. */
TT1_API int tt1_picture_available(const char **why);

/** The window in which maps of a quantity are usually shown, in ms: by its name ("T1map", "T2star"), the field in T
    (0: not known), and whether contrast agent was given. Returns 0, with `window` untouched, where there is
    none. */
TT1_API int tt1_usual_window(double window[2], const char *map, double field, int is_contrast);

/**
 * Add all slices side by side, in as much of a square as they make, with a colour bar to `folder`: the slices
 * have numbers, and the first names the sides of the patient at its left and top, where the geometry tells.
 * SVG or PDF if `name` ends so, else PNG, at least 1,000 pixels along the longer side.
 * TT1_NO_DEVICE in a build without cairo.
 */
TT1_API tt1_status tt1_folder_write_picture(tt1_folder *folder, const char *name,
                                            const tt1_picture *picture, tt1_error *err);

/** Maps side by side, each with its title and colour bar. */
typedef struct tt1_pictures {
  const char *title;           /**< NULL: none */
  const tt1_picture *pictures; /**< [n_pictures] */
  int n_pictures, n_columns;
} tt1_pictures;

/**
 * Add a page of maps to `folder`, 170 mm wide: SVG or PDF if `name` ends so, else PNG (300 dots per
 * inch). Voxels are not interpolated.
 * @return as tt1_folder_write_chart()
 */
TT1_API tt1_status tt1_folder_write_pictures(tt1_folder *folder, const char *name,
                                             const tt1_pictures *pictures, tt1_error *err);

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
 * density. SVG or PDF if `name` ends in .svg or .pdf, else PNG (300 dots per inch). Colours are told apart by
 * colour-blind eyes (Okabe & Ito 2008) and lines by their dashes.
 *
 * @return TT1_OK; TT1_BAD_ARGUMENT if there is no pair or a number is not finite; TT1_NO_DEVICE in
 *         a build without cairo; TT1_NO_MEMORY; TT1_IO
 */
TT1_API tt1_status tt1_folder_write_bland_altman(tt1_folder *folder, const char *name,
                                                 const tt1_bland_altman *figure, tt1_error *err);

/** Segments of the left ventricle that are drawn (American Heart Association, without the apex). */
enum { TT1_N_SEGMENTS = 16 };

/** A value for each segment, in their order: 1 to 6 basal, 7 to 12 mid, 13 to 16 apical. */
typedef struct tt1_bullseye {
  const double *values;     /**< [16]; NaN: none */
  const double *deviations; /**< [16] SDs of the voxels, or NULL */
  const double *scores;     /**< [16] z-scores, or NULL */
  const int64_t *counts;    /**< [16] voxels, or NULL */
  double from, to;          /**< window, in the unit of the values */
  tt1_colours colours;
  const char *title, *unit, *note; /**< NULL: none */
} tt1_bullseye;

/**
 * Add a bull's-eye to `folder`, 170 mm wide: anterior up, septum left, the apex at the centre; each segment has its
 * number, value, SD, z-score and count. SVG or PDF if `name` ends so, else PNG (300 dots per inch).
 *
 * @return TT1_OK; TT1_BAD_ARGUMENT if no segment has a value or the window is empty; TT1_NO_DEVICE in
 *         a build without cairo; TT1_NO_MEMORY; TT1_IO
 */
TT1_API tt1_status tt1_folder_write_bullseye(tt1_folder *folder, const char *name,
                                             const tt1_bullseye *figure, tt1_error *err);

/* ---- Charts -------------------------------------------------------------- */

/** How the numbers of a curve are drawn. */
typedef enum tt1_mark {
  TT1_MARK_LINE = 0,
  TT1_MARK_POINTS,
  TT1_MARK_BOTH,
  TT1_MARK_DENSE /**< small points, half transparent, for many */
} tt1_mark;

/** The hues of curves and rules; each has its own symbol and dashes, too (Okabe & Ito 2008). */
enum { TT1_N_HUES = 8 };

/** Numbers of one kind in a panel. */
typedef struct tt1_curve {
  const char *name;         /**< in the legend, once for all panels; NULL: none */
  const double *x, *y;      /**< [n]; where one is not finite there is a gap */
  const double *low, *high; /**< [n] ends of error bars along the axis of values, or NULL */
  int n;
  tt1_mark mark;
  int hue; /**< 0 to TT1_N_HUES - 1: black, blue, vermilion, green, orange, purple, sky, grey */
} tt1_curve;

/** A line across a panel: a bias, a limit, a target. */
typedef struct tt1_rule {
  double value;
  const tt1_interval *interval; /**< shaded, or NULL */
  const char *label;            /**< at its right end, or NULL */
  int hue, is_dashed;
  int is_upright; /**< a value of x */
} tt1_rule;

/** One axis of a panel. */
typedef struct tt1_axis {
  const char *label; /**< NULL: none */
  double from, to;   /**< equal: as the numbers need */
  int is_log;
  const char *const
      *categories; /**< [n_categories] names of 0, 1, ... in place of numbers, or NULL */
  int n_categories;
} tt1_axis;

/** Curves in one frame. Error bars run along y, or along x where y has categories. */
typedef struct tt1_panel {
  const char *title; /**< NULL: none */
  tt1_axis x, y;
  const tt1_curve *curves; /**< [n_curves] */
  int n_curves;
  const tt1_rule *rules; /**< [n_rules] */
  int n_rules;
} tt1_panel;

/** Panels side by side, row by row. */
typedef struct tt1_chart {
  const char *title; /**< NULL: none */
  const char *note;  /**< small, below; NULL: none */
  const tt1_panel *panels;
  int n_panels, n_columns;
  double height; /**< of a panel in mm; 0: 60 */
} tt1_chart;

/**
 * Add a chart to `folder`, 170 mm wide, with a legend of the named curves: SVG or PDF if `name` ends
 * so, else PNG (300 dots per inch). Equal charts are equal bytes (SVG: in programs that draw the same).
 *
 * @return TT1_OK; TT1_BAD_ARGUMENT if a panel has nothing finite to show, or no number above 0
 *         on a logarithmic axis; TT1_NO_DEVICE in a build without cairo; TT1_NO_MEMORY; TT1_IO
 */
TT1_API tt1_status tt1_folder_write_chart(tt1_folder *folder, const char *name,
                                          const tt1_chart *chart, tt1_error *err);

#ifdef __cplusplus
}
#endif
#endif /* TT1_REPORT_H */
