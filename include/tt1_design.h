/* SPDX-License-Identifier: MIT
 *
 * How good a protocol is, before any image is taken, and how to make it better.
 * Conventions are those of torcht1.h.
 */
#ifndef TT1_DESIGN_H
#define TT1_DESIGN_H

#include "torcht1.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * The Cramer-Rao bound of a design: the least standard deviation that an unbiased estimate of
 * each parameter and map can have, for signed data with independent Gaussian noise. Exact
 * derivatives; a quantity known per voxel has its nominal value. Nothing is fitted.
 *
 * @param parameters [n_parameters] the tissue, within the bounds of the model
 * @param sigma      standard deviation of the noise per sample
 * @param bounds     [n_parameters + n_maps], in the units of parameters and maps; NaN where the
 *                   design does not determine the parameters
 * @return TT1_OK or TT1_BAD_ARGUMENT
 *
 * Source: Rao 1945, Bull Calcutta Math Soc 37:81; the delta method for maps.
 */
TT1_API tt1_status tt1_design_bound(const tt1_model *model, const tt1_design *design,
                                    const double *parameters, double sigma, double *bounds,
                                    tt1_error *err);

/** One tissue that a protocol is to serve. */
typedef struct tt1_design_tissue {
  const double *parameters; /**< [n_parameters] within the bounds of the model */
  double sigma;             /**< standard deviation of the noise per sample */
  double weight;            /**< positive; 0: 1 */
} tt1_design_tissue;

/** A per-sample known quantity that may be moved, and within what. In the unit of the model. */
typedef struct tt1_movable {
  const char *name;
  double lower, upper; /**< inclusive: of every value; with TT1_LAYOUT_HEARTBEATS of the first
                            value of each group */
  double spacing;      /**< two values are at least so far apart; 0: they may be equal. Not with
                            TT1_LAYOUT_HEARTBEATS */
  double raster;       /**< values are multiples of it; 0: any of 65,536 steps within the limits */
} tt1_movable;

/** What a sequence can do: how the values of a movable quantity hang together. */
typedef enum tt1_layout {
  TT1_LAYOUT_FREE = 0, /**< each value on its own: inversion recovery spin echo */
  TT1_LAYOUT_SPACED,   /**< a first value and one spacing: a train of echoes */
  TT1_LAYOUT_HEARTBEATS /**< MOLLI: groups of images after one inversion each, in which values lie one
                             heart beat apart; free are the groups and the first value of each */
} tt1_layout;

/** What becomes least over the tissues, v being weight * (bound / value)^2 of the map. */
typedef enum tt1_criterion {
  TT1_CRITERION_MEAN = 0, /**< sum of v over sum of weights */
  TT1_CRITERION_WORST     /**< the greatest v */
} tt1_criterion;

/** Zero in any field means its default. Start from TT1_OPTIMISE_OPTIONS_INIT. */
typedef struct tt1_optimise_options {
  uint32_t version;
  tt1_layout layout;
  tt1_criterion criterion;
  int restarts;  /**< random starts, for each way to group the images; default 16, at most 10000 */
  uint64_t seed; /**< of these starts */
  double beat;   /**< heartbeats: s from one beat to the next */
  int beats;     /**< heartbeats: at most so many in all */
  int rest;      /**< heartbeats: at least so many without an image after a group but the last */
  int cycle;     /**< heartbeats: at least so many from one inversion to the next */
} tt1_optimise_options;

#define TT1_OPTIMISE_OPTIONS_VERSION 1
/* clang-format off */
#define TT1_OPTIMISE_OPTIONS_INIT { TT1_OPTIMISE_OPTIONS_VERSION, TT1_LAYOUT_FREE, \
                                    TT1_CRITERION_MEAN, 0, 0, 0.0, 0, 0, 0 }
/* clang-format on */

enum { TT1_MAX_GROUPS = 4 };

/** What an optimisation came to. */
typedef struct tt1_optimum {
  double before, after;      /**< the criterion; infinity where the design determines nothing */
  int n_groups;              /**< heartbeats: inversions; else 0 */
  int count[TT1_MAX_GROUPS]; /**< images of each group */
  int rest[TT1_MAX_GROUPS];  /**< beats without an image after it; what is left goes to the first */
  int n_starts, n_agreeing;  /**< searches with this grouping; those within 0.1 % of the best */
} tt1_optimum;

/**
 * Move values of a design within limits so that the Cramer-Rao bound of one map becomes least over
 * a table of tissues, with the number of images held. Pattern search (Hooke & Jeeves 1961,
 * doi:10.1145/321062.321069) from the design itself, where it keeps to the limits, and from random
 * starts; the same call gives the same bits. Nothing proves the optimum global: see n_agreeing.
 * What tt1_design_bound() assumes holds, and that the parameters do not change with the protocol.
 *
 * @param[out] values    [n_movables][n_samples] the best found: in ascending order where one
 *                       quantity moves, group by group in order of acquisition for heartbeats
 * @param[out] optimum   may be NULL
 * @param      start     the design to begin from: its number of images, and what does not move
 * @param      map       name of a parameter or a derived map, whose value is not 0 in any tissue
 * @param      tissues   [n_tissues] at least one
 * @param      movables  [n_movables] at least one; with TT1_LAYOUT_HEARTBEATS exactly one
 * @return TT1_OK; TT1_BAD_ARGUMENT too if limits leave nothing, or nothing found within them
 *         determines the map
 *
 * Source: Akcakaya et al. 2015, doi:10.1002/mrm.25285, for sampling points of T1 mapping by this
 * bound; Nataraj et al. 2017, doi:10.1109/TMI.2016.2614967, for the worst case over tissues.
 */
TT1_API tt1_status tt1_design_optimise(double *values, tt1_optimum *optimum, const tt1_model *model,
                                       const tt1_design *start, const char *map,
                                       const tt1_design_tissue *tissues, int n_tissues,
                                       const tt1_movable *movables, int n_movables,
                                       const tt1_optimise_options *options, tt1_error *err);

#ifdef __cplusplus
}
#endif
#endif /* TT1_DESIGN_H */
