/* SPDX-License-Identifier: MIT
 *
 * How well two measurements agree: of two maps voxel by voxel, by region and by
 * band, or of any pairs of numbers. The contract of torcht1.h holds here too.
 * Numbers may have any unit; what is computed has the same.
 */
#ifndef TT1_ANALYSIS_H
#define TT1_ANALYSIS_H

#include "torcht1.h"

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

#ifdef __cplusplus
}
#endif
#endif /* TT1_ANALYSIS_H */
