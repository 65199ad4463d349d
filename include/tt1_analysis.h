/* SPDX-License-Identifier: MIT
 *
 * What maps say. How well two measurements agree, voxel by voxel, by region and by
 * band; what a map holds in each region; segments of the left ventricle; the
 * extracellular volume. The contract of torcht1.h holds here too. Numbers may have
 * any unit unless one is named; what is computed has the same.
 */
#ifndef TT1_ANALYSIS_H
#define TT1_ANALYSIS_H

#include "tt1_image.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A confidence interval at 95 %; NaN at both ends where there is none. */
typedef struct tt1_interval {
  double from, to;
} tt1_interval;

/** A sample of numbers. NaN where there are too few. */
typedef struct tt1_summary {
  double mean, sd;             /**< sd with n - 1 */
  double median, quartiles[2]; /**< interpolated linearly between ranks, (n - 1) q */
  double least, greatest;
} tt1_summary;

/**
 * A quantile, interpolated linearly between ranks at (n - 1) fraction, as NumPy does.
 * @param values    [n], none NaN; reordered
 * @param fraction  0 to 1; 0.5 gives the median
 * @return the quantile, NaN if n is 0
 */
TT1_API double tt1_quantile(double *values, int64_t n, double fraction);

/**
 * The agreement of pairs (a, b). Differences are a - b, so b is the reference. All
 * intervals assume that pairs are independent and differences normal; neighbouring voxels
 * are not independent, and their intervals and p are too narrow.
 */
typedef struct tt1_agreement {
  int64_t n_offered;       /**< pairs that were given */
  int64_t n_pairs;         /**< pairs that are compared: both numbers valid */
  int64_t not_a_number[2]; /**< pairs left out as a, b is NaN; one pair may count twice */
  int64_t infinite[2];     /**< ... is infinite */
  int64_t zero[2];         /**< ... is zero, which marks an invalid voxel in maps */
  tt1_summary a, b, difference;
  double mad;         /**< median |difference - median difference|; times 1.4826 a robust SD */
  double rms;         /**< square root of the mean squared difference */
  double absolute_95; /**< 95th percentile of |difference| */

  /** Limits of agreement, difference.mean -+ 1.96 difference.sd (Bland & Altman 1986,
      doi:10.1016/S0140-6736(86)90837-8), lower first, and the intervals of bias (Student's t,
      n - 1) and of each limit (exact, by the non-central t distribution: Carkeet 2015,
      doi:10.1097/OPX.0000000000000513, limits considered individually). */
  double limits[2];
  tt1_interval bias_interval, limit_intervals[2];

  /** Proportional bias (Bland & Altman 1999, doi:10.1177/096228029900800204): the least-squares
      line difference = intercept + slope (a + b) / 2, interval and p from Student's t, n - 2.
      p is NaN where no residual is left to test against. */
  double slope, intercept, slope_p;
  tt1_interval slope_interval;

  /** Lin's concordance correlation coefficient (Lin 1989, doi:10.2307/2532051, moments over n)
      = pearson x accuracy; interval by the inverse hyperbolic tangent with the variance as
      corrected in Lin 2000, doi:10.1111/j.0006-341X.2000.00324.x. */
  double concordance, pearson, accuracy;
  tt1_interval concordance_interval;

  /** For a and b as two measurements of the same, from 2 pairs on (Bland & Altman 1996,
      doi:10.1136/bmj.313.7059.744; Raunig et al. 2015, doi:10.1177/0962280214537344): SD within,
      sqrt(sum d^2 / (2 n)); repeatability coefficient, 1.96 sqrt(2) times that; coefficient of variation
      within, sqrt(mean of d^2 / (2 m^2)), m the mean of a pair (NaN where one is 0). Intervals by chi squared with
      n degrees, exact for normal errors. */
  double within_sd, repeatability, within_cv;
  tt1_interval within_sd_interval, repeatability_interval, within_cv_interval;
  /** Intraclass correlation, one-way random effects, single measurement: ICC(1,1) of Shrout & Fleiss
      1979, doi:10.1037/0033-2909.86.2.420, and its exact interval by F. */
  double icc;
  tt1_interval icc_interval;
} tt1_agreement;

/**
 * Compare pairs of numbers: voxels, or means of one region in many subjects.
 *
 * @param a, b       [n]
 * @param n          0 or more
 * @param keep_zeros whether zero is a number like others
 * @return TT1_OK, with NaN for what too few pairs cannot give; TT1_BAD_ARGUMENT; TT1_NO_MEMORY
 */
TT1_API tt1_status tt1_compare(tt1_agreement *out, const double *a, const double *b, int64_t n,
                               int keep_zeros, tt1_error *err);

/** By what a pair belongs to a band. */
typedef enum tt1_band_by {
  TT1_BAND_BY_MEAN = 0, /**< (a + b) / 2: where both carry noise */
  TT1_BAND_BY_REFERENCE /**< b: where b is the truth, or nearly */
} tt1_band_by;

/** Two maps on one grid and how to compare them. Zero in a field means its default. */
typedef struct tt1_map_pair {
  const float *a, *b;      /**< [n_voxels]; b is the reference */
  double scale_a, scale_b; /**< multiply the values, for instance 1000 for s -> ms; default 1 */
  int64_t n_voxels;        /**< at least 1 */
  const uint8_t *mask;     /**< [n_voxels], nonzero where to compare; NULL for everywhere */
  const int32_t *labels;   /**< [n_voxels], 0 for no region; NULL for no regions. At most 4096
                                   different ones */
  const double *edges;     /**< [n_edges], scaled, increasing: bands from each to the next,
                                   and from the last to infinity; NULL for no bands */
  int n_edges;             /**< at most 256 */
  tt1_band_by band_by;
  int keep_zeros;
} tt1_map_pair;

/** One label of a label map. */
typedef struct tt1_region {
  int32_t label;
  tt1_agreement agreement;
} tt1_region;

/** Pairs from `from` up to but not including `to`. */
typedef struct tt1_band {
  double from, to;
  tt1_agreement agreement;
} tt1_band;

/** What tt1_compare_maps() found. Free with tt1_map_comparison_free(). */
typedef struct tt1_map_comparison {
  tt1_agreement all; /**< over all voxels within the mask */
  int n_regions;     /**< labels that occur within the mask, in increasing order */
  tt1_region *regions;
  tt1_agreement across_regions; /**< pairs of region means, of the regions with valid pairs */
  int n_bands;
  tt1_band *bands;
  double *a, *b;   /**< [all.n_pairs] the valid pairs, scaled, in the order of the voxels */
  int64_t *voxels; /**< [all.n_pairs] where they are */
} tt1_map_comparison;

/** Compare two maps. TT1_OK, TT1_BAD_ARGUMENT or TT1_NO_MEMORY. */
TT1_API tt1_status tt1_compare_maps(tt1_map_comparison **out, const tt1_map_pair *maps,
                                    tt1_error *err);
TT1_API void tt1_map_comparison_free(tt1_map_comparison *comparison); /**< Accepts NULL. */

/* ---- Regions of one map -------------------------------------------------- */

/** A map and the regions to look at. Zero in a field means its default. */
typedef struct tt1_region_maps {
  const float *map;      /**< [n_voxels] */
  const float *sd;       /**< [n_voxels] standard deviations of `map`, or NULL */
  double scale;          /**< multiplies both, for instance 1000 for s -> ms; default 1 */
  int64_t n_voxels;      /**< at least 1 */
  const uint8_t *mask;   /**< [n_voxels], nonzero where to look; NULL for everywhere */
  const int32_t *labels; /**< [n_voxels], 0 for no region. At most 4096 different ones */
  int keep_zeros;        /**< else zero marks an invalid voxel */
  const uint8_t *margin; /**< [n_voxels], nonzero where a voxel is left out; NULL for nowhere */
  double sd_limit;       /**< leave out what has a greater SD, as a share of its value; 0: none */
} tt1_region_maps;

/** What a map holds under one label. */
typedef struct tt1_region_summary {
  int32_t label;
  int64_t n_offered;                    /**< voxels of the region */
  int64_t n;                            /**< those that are valid and in `values` */
  int64_t not_a_number, infinite, zero; /**< those left out */
  tt1_summary values;
  int64_t n_sd; /**< valid voxels with a finite standard deviation */
  /** Standard deviation of values.mean if the noise of the voxels is independent,
      sqrt(mean of sd^2 / n). It knows the noise of the fit only: neither the spread of the tissue nor
      bias, and correlated neighbours (interpolation, filters) make it too small. NaN without sd. */
  double mean_sd;
  /** The same of values.median for normal noise: mean_sd sqrt(pi n / (2 n + pi - 2)), which is exact
      for n = 1 and for large n. */
  double median_sd;
  int64_t margin, uncertain; /**< left out, too: in the margin, and beyond sd_limit */
} tt1_region_summary;

/**
 * Summarise a map by region.
 *
 * @param[out] out [*n] in increasing order of the label; free with tt1_region_summaries_free()
 * @return TT1_OK, also where *n is 0; TT1_BAD_ARGUMENT; TT1_NO_MEMORY
 */
TT1_API tt1_status tt1_summarise_regions(tt1_region_summary **out, int *n,
                                         const tt1_region_maps *maps, tt1_error *err);
TT1_API void tt1_region_summaries_free(tt1_region_summary *regions); /**< Accepts NULL. */

/**
 * Take the edge of a mask away, `times` voxels deep: a voxel stays if its four neighbours in the
 * slice are in the mask. Beyond the image there is nothing.
 *
 * @param[out] out [n_voxels] 0 or 1; may be `mask`
 * @param size  voxels along i, j, k
 * @param times 0 to 64
 */
TT1_API tt1_status tt1_erode(uint8_t *out, const uint8_t *mask, const int64_t size[3], int times,
                             tt1_error *err);

/** The same in place, in the planes that tt1_geometry_slice_axis() tells. */
TT1_API tt1_status tt1_erode_slices(uint8_t *mask, const tt1_geometry *geometry, int times,
                                    tt1_error *err);

/* ---- Segments of the left ventricle -------------------------------------- */

/**
 * Find the margins of the wall of the left ventricle: voxels of which more than a quarter lies in the given
 * share of the wall next to the blood or next to the outside. The wall is measured in mm, in the plane of the
 * slice, from the border of the nearest voxel of the cavity to that of the nearest one outside. A voxel that
 * holds the middle of what the margins leave is never one of them.
 *
 * @param[out] margin  [n_voxels] 1 within the margins; 0 elsewhere, and in slices in which the myocardium is
 *                     no closed ring
 * @param myocardium   [n_voxels] nonzero in the left ventricular myocardium
 * @param shares       of the wall, inside and outside, 0 to 0.45
 * @return TT1_OK, TT1_BAD_ARGUMENT or TT1_NO_MEMORY
 */
TT1_API tt1_status tt1_wall_margins(uint8_t *margin, const uint8_t *myocardium,
                                    const tt1_geometry *geometry, const double shares[2],
                                    tt1_error *err);

/** Where between base and apex a short-axis slice lies. */
typedef enum tt1_level {
  TT1_LEVEL_NONE = 0, /**< not to be segmented */
  TT1_LEVEL_BASAL,    /**< segments 1 to 6 */
  TT1_LEVEL_MID,      /**< 7 to 12 */
  TT1_LEVEL_APICAL    /**< 13 to 16 */
} tt1_level;

TT1_API const char *tt1_level_name(tt1_level level); /**< "basal"; NULL past the last */
TT1_API const char *tt1_segment_name(int segment);   /**< 1 to 16: "basal anterior"; else NULL */

/** One short-axis slice: its level and where the right ventricle meets the left one, as voxel coordinates
    along the two axes in the plane (i, j where slices run along k; from 0, at the centres of voxels, may be
    fractions). */
typedef struct tt1_aha_slice {
  tt1_level level;
  double anterior[2], inferior[2];
} tt1_aha_slice;

/**
 * Divide the myocardium into the segments of the American Heart Association (Cerqueira et al. 2002,
 * doi:10.1161/hc0402.102975, without the apex, 17).
 *
 * The centre is that of the filled ring, the epicardial outline. The septum is the shorter way
 * from the anterior to the inferior insertion point, whichever way the image is turned or mirrored.
 * Basal and mid slices have six sectors of 60 degrees that begin at the anterior insertion and
 * run through the septum: 2, 3, 4, 5, 6, 1 (8 to 12, 7). Apical slices have four of 90 degrees; that of the
 * septum, 14, has the bisector of the insertion points in its middle, 13 is anterior.
 * Angles are those in the plane, in mm.
 *
 * @param[out] segments [n_voxels] 1 to 16, 0 outside
 * @param[out] septum   [n_voxels] 1 in the mid-septal region: the middle half of the angle between the
 *                      insertion points in basal and mid slices, without the voxels at
 *                      the edge of the myocardium (Messroghli et al. 2017, doi:10.1186/s12968-017-0389-8). May be NULL
 * @param myocardium    [n_voxels] nonzero in the left ventricular myocardium
 * @param slices        a slice for each voxel along tt1_geometry_slice_axis()
 * @return TT1_OK; TT1_BAD_ARGUMENT where a slice is no closed ring, insertion points lie outside the
 *         image, or are less than 30 or more than 170 degrees apart; TT1_NO_MEMORY
 */
TT1_API tt1_status tt1_aha_segments(int32_t *segments, uint8_t *septum, const uint8_t *myocardium,
                                    const tt1_geometry *geometry, const tt1_aha_slice *slices,
                                    tt1_error *err);

/* ---- Extracellular volume ------------------------------------------------ */

/** A number and its standard deviation; sd is NaN where it is not known. */
typedef struct tt1_estimate {
  double value, sd;
} tt1_estimate;

/** What an ECV needs of the blood. T1 in s. */
typedef struct tt1_ecv_blood {
  tt1_estimate native, post; /**< T1 before and after contrast agent */
  tt1_estimate hematocrit;   /**< a fraction, 0 to 1; sd 0 or NaN counts as exact */
  /** 0 for a measured haematocrit. Where it was computed as slope / T1 + intercept from
      native.value: that slope in s, so that one error of the blood is not counted twice. */
  double synthetic_slope;
} tt1_ecv_blood;

/** Both as fractions. */
typedef struct tt1_ecv {
  tt1_estimate ecv;
  tt1_estimate lambda; /**< partition coefficient */
} tt1_ecv;

/**
 * Check what an ECV is computed from: a haematocrit that is no fraction, T1 of blood that are not
 * positive, and blood whose T1 did not become at least 5 % shorter are TT1_BAD_ARGUMENT.
 */
TT1_API tt1_status tt1_ecv_check(const tt1_ecv_blood *blood, tt1_error *err);

/**
 * Extracellular volume of a tissue of T1 `native` and `post`, in s:
 *
 *   lambda = (1 / post - 1 / native) / (1 / blood.post - 1 / blood.native)
 *   ECV = (1 - haematocrit) lambda
 *
 * (consensus of Messroghli et al. 2017, doi:10.1186/s12968-017-0389-8). Standard deviations follow by the delta method from those of
 * all five numbers, taken as independent; docs/regions.md has the formula. They are NaN if one of the four
 * T1 has none. A T1 that is not positive gives NaN.
 *
 * @return what tt1_ecv_check() says
 */
TT1_API tt1_status tt1_ecv_of(tt1_ecv *out, const tt1_estimate *native, const tt1_estimate *post,
                              const tt1_ecv_blood *blood, tt1_error *err);

/** Registered maps, voxel by voxel. All [n_voxels]. */
typedef struct tt1_ecv_maps {
  const float *native, *post;       /**< T1 in s */
  const float *native_sd, *post_sd; /**< or NULL: then no standard deviations come out */
  const uint8_t *mask;              /**< NULL for everywhere */
  int64_t n_voxels;
  float *ecv, *lambda;       /**< out, fractions; NaN outside the mask and where a T1 is invalid */
  float *ecv_sd, *lambda_sd; /**< out, or NULL. The error of the blood is the same in all voxels */
} tt1_ecv_maps;

/** The same for maps. */
TT1_API tt1_status tt1_ecv_map(const tt1_ecv_maps *maps, const tt1_ecv_blood *blood,
                               tt1_error *err);

#ifdef __cplusplus
}
#endif
#endif /* TT1_ANALYSIS_H */
