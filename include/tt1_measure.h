/* SPDX-License-Identifier: MIT
 *
 * Maps on disk, measured: by region and by segment of the left ventricle, extracellular volume, agreement
 * of two. What is read with a map (standard deviations, masks, labels) is turned to its grid where axes
 * are only exchanged, and refused where it lies elsewhere in space. The contract of torcht1.h holds here
 * too; requests begin with a version, texts in them are read during the call, and messages write options as
 * the command line does. Where a mask or labels are asked for, "FILE:5" takes one label of a file, "FILE:4+5"
 * two, "FILE:blood" the one of that name in the table beside it (dseg.tsv of BIDS: columns index and name).
 */
#ifndef TT1_MEASURE_H
#define TT1_MEASURE_H

#include "tt1_analysis.h"
#include "tt1_mapping.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Regions ------------------------------------------------------------------ */

enum { TT1_MAX_DESCRIBED = 256 };

/** Which regions of which map. Zero in a field means its default. Start from TT1_REGIONS_REQUEST_INIT. */
typedef struct tt1_regions_request {
  uint32_t version;
  const char *map;        /**< file or folder */
  int image;              /**< which image of it, from 1; 0: its only one */
  const char *unit;       /**< of the map; NULL: as its file tells */
  const char *sd;         /**< standard deviations of the map, or NULL */
  const char *mask;       /**< look only where this image is not zero; NULL: everywhere */
  const char *labels;     /**< regions: whole numbers, 0 for none */
  const char *myocardium; /**< in place of `labels`: the ring whose AHA segments are the regions */
  /** Of `myocardium`, for single slices, K, or for all: "[K:]I,J,I,J" the anterior and inferior insertion
      point in voxels, "I,J,K,I,J,K", "[K:]mm:X,Y,Z,X,Y,Z" or "[K:]lps:X,Y,Z,X,Y,Z" in mm, or a file of them
      (docs/regions.md); "[K:]basal", "mid", "apical", "none". */
  const char *const *insertions, *const *levels;
  int n_insertions, n_levels;
  int keep_zeros;    /**< else zero marks an invalid voxel */
  int has_reference; /**< z-scores against the mean and SD in `reference`, in ms of times */
  double reference[2];
  /** The image in whose voxels, as its file has them, points and slices are counted, from 0; NULL:
      `myocardium`. */
  const char *points_of;
  double
      margins[2]; /**< shares of the wall that segments leave out inside and outside, 0 to 0.45 */
  /** Leave out voxels whose standard deviation is above this share of their value; 0: none; negative: 0.1
      of times whose `sd` is given, else none. */
  double sd_limit;
} tt1_regions_request;

#define TT1_REGIONS_REQUEST_VERSION 1
/* clang-format off */
#define TT1_REGIONS_REQUEST_INIT { TT1_REGIONS_REQUEST_VERSION, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, {0, 0}, 0, \
                                   {0.1, 0.1}, -1 }
/* clang-format on */

/** One line of a table of regions. */
typedef struct tt1_region_row {
  const char *group; /**< "all", "region", "segment" or "mid_septum" */
  const char *name;  /**< of a segment, else "" */
  tt1_region_summary found;
  double z; /**< NaN without a reference */
} tt1_region_row;

/** What was measured. */
typedef struct tt1_regions_result {
  const char *unit;        /**< of all numbers: "ms" for times; NULL: not known */
  const char *unit_source; /**< "given" or "from the file" */
  const tt1_image *map, *sd, *mask,
      *labels;                /**< that were read, or NULL; labels: or the myocardium */
  const int32_t *regions;     /**< [n_voxels] labels or segments; 0: none */
  const uint8_t *septum;      /**< [n_voxels] the mid-septal region of segments, or NULL */
  const tt1_region_row *rows; /**< [n_rows] "all" first */
  int n_rows, is_aha, keep_zeros, has_reference;
  double reference[2];
  const tt1_image *points;     /**< that was read for `points_of`, or NULL */
  const char *const *notes;    /**< [n_notes] what was assumed */
  const char *const *warnings; /**< [n_warnings] what whoever asked should read */
  int n_notes, n_warnings;
  double margins[2], sd_limit; /**< of segments; 0: none */
} tt1_regions_result;

/** Whether a request makes sense, before anything is read: TT1_OK or TT1_BAD_ARGUMENT. */
TT1_API tt1_status tt1_regions_check(const tt1_regions_request *request, tt1_error *err);
/**
 * Summarise a map by region, or by segment of the left ventricle.
 * @param[out] out free with tt1_regions_free()
 * @return TT1_OK; TT1_BAD_ARGUMENT, TT1_BAD_FILE or TT1_IO with what is wrong; TT1_NO_MEMORY
 */
TT1_API tt1_status tt1_regions_measure(tt1_regions_result **out, const tt1_regions_request *request,
                                       tt1_error *err);
TT1_API void tt1_regions_free(tt1_regions_result *result); /**< Accepts NULL. */
/** All numbers as JSON, or as a table with a row for each region, under the same names. Free with
    tt1_text_free(). */
TT1_API tt1_status tt1_regions_json(char **out, const tt1_regions_result *result, tt1_error *err);
TT1_API tt1_status tt1_regions_csv(char **out, const tt1_regions_result *result, tt1_error *err);

/* ---- Extracellular volume ------------------------------------------------------ */

/** Which maps, before (0) and after (1) contrast agent. Zero in a field means its default. Start from
 * TT1_ECV_REQUEST_INIT. */
typedef struct tt1_ecv_request {
  uint32_t version;
  const char *map[2], *sd[2]; /**< files; sd may be NULL */
  const char *unit[2];        /**< "s" or "ms"; NULL: as the files tell */
  const char
      *blood[2]; /**< mask of the blood, one label; the second NULL: the first serves both maps */
  const char *myocardium[2]; /**< labels, an ECV for each; the same. Both NULL: none */
  int erode;                 /**< voxels taken from the edge of the blood, 0 to 64 */
  tt1_estimate hematocrit; /**< a fraction; value 0: from `synthetic`; sd negative: 0.01, which the
                                   result says, or 0 for a synthetic one */
  double synthetic[2];     /**< slope / T1 of blood in ms + intercept */
  const char *source;      /**< where these two numbers are from */
  int is_registered;       /**< maps voxel by voxel are wanted */
  int resamples;           /**< move the post map to the grid of the native one */
  int ignores_position;    /**< take maps that lie elsewhere in space */
} tt1_ecv_request;

#define TT1_ECV_REQUEST_VERSION 1
/* clang-format off */
#define TT1_ECV_REQUEST_INIT { TT1_ECV_REQUEST_VERSION, {0, 0}, {0, 0}, {0, 0}, {0, 0}, {0, 0}, 1, \
                               {0, -1}, {0, 0}, 0, 0, 0, 0 }
/* clang-format on */

/** One label of the myocardium. T1 in s, medians. */
typedef struct tt1_ecv_row {
  int32_t label;
  int64_t n[2]; /**< valid voxels */
  tt1_estimate t1[2];
  tt1_ecv found;
} tt1_ecv_row;

/** What was measured. */
typedef struct tt1_ecv_result {
  const tt1_image *map[2], *sd[2],
      *mask[4]; /**< that were read, or NULL; mask: of the blood, then labels */
  tt1_provenance made[2];
  tt1_ecv_blood blood;
  int64_t n_blood[2];
  const tt1_ecv_row *rows; /**< [n_rows] */
  int n_rows, erode, is_registered, is_resampled;
  int is_synthetic;
  double synthetic[2];
  const char *source;
  const char *const *warnings;    /**< [n_warnings] what whoever asked should read */
  int n_warnings, has_assumed_sd; /**< of the haematocrit */
} tt1_ecv_result;

/** Measure the extracellular volume by label. As tt1_regions_measure(); free with tt1_ecv_free(). Maps of
    another model, correction or field strength are refused, where their records tell; so are blood and
    myocardium that are exchanged or have more than a tenth in common. */
TT1_API tt1_status tt1_ecv_measure(tt1_ecv_result **out, const tt1_ecv_request *request,
                                   tt1_error *err);
TT1_API void tt1_ecv_free(tt1_ecv_result *result); /**< Accepts NULL. */
TT1_API tt1_status tt1_ecv_json(char **out, const tt1_ecv_result *result, tt1_error *err);
TT1_API tt1_status tt1_ecv_csv(char **out, const tt1_ecv_result *result, tt1_error *err);
/**
 * Add the maps of registered T1, voxel by voxel: ECV, lambda and, where both maps have them, their standard
 * deviations, as NIfTI and with `as_dicom` also as DICOM beside the native map.
 * @param[out] n_saturated  voxels beyond what DICOM files hold; may be NULL
 */
TT1_API tt1_status tt1_folder_write_ecv(tt1_folder *folder, const tt1_ecv_result *result,
                                        int as_dicom, int64_t *n_saturated, tt1_error *err);

/* ---- Agreement ------------------------------------------------------------------ */

enum { TT1_MAX_EDGES = 256 };

/** Two maps, A (0) and the reference B (1). Zero in a field means its default. Start from
 * TT1_COMPARISON_REQUEST_INIT. */
typedef struct tt1_comparison_request {
  uint32_t version;
  const char *map[2];
  int image[2];        /**< which image of each, from 1; 0: its only one */
  const char *unit[2]; /**< NULL: as their files tell */
  const char *mask, *labels;
  const double
      *edges; /**< [n_edges] of bands, in the unit of the table; NULL: the usual ones of times */
  int n_edges;
  int has_no_bands; /**< in place of `edges` */
  tt1_band_by band_by;
  tt1_interval range; /**< of B, where to compare; used if to > from */
  int keep_zeros, resamples, ignores_position;
  int box[4];  /**< first and last column, first and last row, from 0, of map A: where to compare */
  int has_box; /**< `box` is used */
  int keeps_bars; /**< compare burned-in colour bars, too, which are left out else */
} tt1_comparison_request;

#define TT1_COMPARISON_REQUEST_VERSION 1
/* clang-format off */
#define TT1_COMPARISON_REQUEST_INIT { TT1_COMPARISON_REQUEST_VERSION, {0, 0}, {0, 0}, {0, 0}, 0, 0, 0, 0, 0, \
                                      TT1_BAND_BY_MEAN, {0, 0}, 0, 0, 0, {0, 0, 0, 0}, 0, 0 }
/* clang-format on */

/** What was compared. */
typedef struct tt1_comparison_result {
  const tt1_image *map[2], *mask, *labels;  /**< that were read, or NULL */
  const char *map_unit[2], *unit_source[2]; /**< of each map, NULL: not known, and who tells */
  const char *unit;                         /**< of all numbers: "ms" for times; NULL: not known */
  double scale[2];                          /**< from the maps to that unit */
  double position;                          /**< mm between the grids; NaN: not known */
  tt1_band_by band_by;
  tt1_interval range;
  int keep_zeros, is_resampled;
  const tt1_map_comparison *found;
  int has_open_mask; /**< all labels of the mask count, and nobody asked for that */
  char bars[400];    /**< sentence about colour bars that were left out; "": there are none */
} tt1_comparison_result;

/** Compare two maps. As tt1_regions_measure(); free with tt1_comparison_free(). */
TT1_API tt1_status tt1_comparison_measure(tt1_comparison_result **out,
                                          const tt1_comparison_request *request, tt1_error *err);
TT1_API void tt1_comparison_free(tt1_comparison_result *result); /**< Accepts NULL. */
/** `names`: what to call A and B. */
TT1_API tt1_status tt1_comparison_json(char **out, const tt1_comparison_result *result,
                                       const char *const names[2], tt1_error *err);
TT1_API tt1_status tt1_comparison_csv(char **out, const tt1_comparison_result *result,
                                      tt1_error *err);

#ifdef __cplusplus
}
#endif
#endif /* TT1_MEASURE_H */
