/* SPDX-License-Identifier: MIT
 *
 * DICOM: where times are taken from; series and maps written as scanners write them. The
 * contract of torcht1.h (units, layout, errors, ownership, threads) holds here too.
 */
#ifndef TT1_DICOM_H
#define TT1_DICOM_H

#include "tt1_image.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Where the times of a DICOM series are taken from. */
typedef enum tt1_times {
  TT1_TIMES_AUTO = 0, /**< the first of the usual sources that varies over the series */
  TT1_TIMES_TRIGGER   /**< TriggerTime (0018,1060), which is never taken unasked */
} tt1_times;

/** The name of a source as the command line spells it; NULL past the last. */
TT1_API const char *tt1_times_name(int index);

/** Whose way of laying out a series is followed. */
typedef enum tt1_dicom_style {
  TT1_STYLE_SIEMENS = 0, /**< magnitudes are stored as they are, their units arbitrary */
  TT1_STYLE_PHILIPS      /**< each image has a scale of its own: rescale and (2005,100e) */
} tt1_dicom_style;

/** What comes before each image of a series. */
typedef enum tt1_preparation {
  TT1_PREPARATION_INVERSION = 0, /**< times are InversionTime (0018,0082), and `TIeff N ms` */
  TT1_PREPARATION_SATURATION,    /**< saturation times, in the same place for want of an own one */
  TT1_PREPARATION_T2             /**< `T2 prep. duration = N ms` in ImageComments (0020,4000) */
} tt1_preparation;

/** A prepared series, to be written as an MR scanner would. Start from TT1_DICOM_SERIES_INIT. */
typedef struct tt1_dicom_series {
  uint32_t version;
  const tt1_geometry *geometry; /**< with an sform */
  int n_images;
  const float *data;       /**< [n_images][n_voxels], magnitudes, or phase in rad; not finite: 0 */
  const double *times;     /**< [n_images] of the preparation, in s, in the order of acquisition */
  tt1_kind kind;           /**< TT1_KIND_MAGNITUDE or TT1_KIND_PHASE */
  int number;              /**< of the series */
  const char *description; /**< at most 64 characters, like those below */
  const char *patient_name, *patient_id;
  const char *study; /**< series with the same text here belong to one study */
  tt1_preparation preparation;
  tt1_dicom_style style;
  double flip;       /**< degrees; 0: 35 */
  double repetition; /**< s, of a line; 0: 0.0027 */
  const double
      *acquired; /**< [n_images] s from the beginning of the scan; NULL: AcquisitionTime counts
                               images, one a second */
} tt1_dicom_series;

#define TT1_DICOM_SERIES_VERSION 1
/* clang-format off */
#define TT1_DICOM_SERIES_INIT { TT1_DICOM_SERIES_VERSION, 0, 0, 0, 0, TT1_KIND_MAGNITUDE, 0, 0, 0, 0, 0, \
                                TT1_PREPARATION_INVERSION, TT1_STYLE_SIEMENS, 0.0, 0.0, 0 }
/* clang-format on */

/**
 * Add a series as DICOM files (MR Image Storage, one per image and slice) `subfolder`/0001.dcm, ...
 *
 * Pixels have 12 bits. As Siemens scanners do, magnitudes are scaled so that the largest of the series
 * is 4095, without rescale, and phases have a rescale to -4096 ... 4094 for -pi ... pi; as Philips
 * scanners do, the largest of each image is 4095, and phases are milliradians. Identifiers follow from the content and `study`, dates are fixed: equal series are
 * equal files.
 *
 * @return TT1_NO_DEVICE if this build has no DICOM, TT1_BAD_ARGUMENT, TT1_IO, TT1_NO_MEMORY
 */
TT1_API tt1_status tt1_folder_write_dicom_series(tt1_folder *folder, const char *subfolder,
                                                 const tt1_dicom_series *series, tt1_error *err);

/** A map, to be written beside the images it was computed from. Start from TT1_DICOM_MAP_INIT. */
typedef struct tt1_dicom_map {
  uint32_t version;
  const tt1_image *source; /**< what it was computed from; must tell where its voxels lie */
  const float *values;     /**< [n_voxels] of `source` in `unit`; not finite: invalid */
  const char *name;        /**< at most 16 characters show: "T1map" */
  const char *meaning;     /**< "longitudinal relaxation time" */
  const char *unit; /**< of the values, as UCUM writes it; s are written as ms, an ECV as % */
  const char *
      quantity; /**< what is mapped, also by an SD of it: a BIDS suffix ("T1map"), "ECV", or NULL */
  int is_deviation; /**< a standard deviation */
  int number;       /**< of the map, from 1: series 100 n + `number`, where n is the source's */
  const char *derivation; /**< how it was computed, at most 900 characters */
  double window[2];       /**< the values shown as black and white, in `unit`; equal: not told */
} tt1_dicom_map;

#define TT1_DICOM_MAP_VERSION 1
/* clang-format off */
#define TT1_DICOM_MAP_INIT { TT1_DICOM_MAP_VERSION, 0, 0, 0, 0, 0, 0, 0, 0, 0, {0.0, 0.0} }
/* clang-format on */

/**
 * Add a map as DICOM files `subfolder`/0001.dcm, ...
 *
 * Times with a BIDS suffix (T1, T2, T2*), the standard deviation of T1 and an ECV become MR Image
 * Storage, one file per slice, in whole ms or % with a real-world value mapping; values beyond 0 to 65535
 * saturate.
 * All others become one Parametric Map Storage file with float pixels. What is invalid is 0.
 * Patient, study, frame of reference and the places of slices are those of a DICOM source,
 * whose images are referred to. Any other source gives a new study: patient "UNKNOWN^RESEARCH",
 * number "UNKNOWN", no dates but 1900-01-01 where one is demanded, and the frame of reference
 * follows from the places of the voxels. Identifiers follow from content and source: equal maps
 * are equal files.
 *
 * @param[out] n_saturated  voxels that saturated; may be NULL
 * @return TT1_NO_DEVICE if this build has no DICOM, TT1_BAD_ARGUMENT, TT1_IO, TT1_NO_MEMORY
 */
TT1_API tt1_status tt1_folder_write_dicom_map(tt1_folder *folder, const char *subfolder,
                                              const tt1_dicom_map *map, int64_t *n_saturated,
                                              tt1_error *err);

#ifdef __cplusplus
}
#endif
#endif /* TT1_DICOM_H */
