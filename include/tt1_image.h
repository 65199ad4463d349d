/* SPDX-License-Identifier: MIT
 *
 * Series in, maps out: files, their times and their geometry. The contract of
 * torcht1.h (units, layout, errors, ownership, threads) holds here too.
 */
#ifndef TT1_IMAGE_H
#define TT1_IMAGE_H

#include "tt1_file.h"
#include "tt1_json.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Where a grid of voxels sits in the world. What NIfTI keeps, in its terms. */
typedef struct tt1_geometry {
  int64_t size[3];   /**< voxels along i, j, k; at least 1 */
  double spacing[3]; /**< voxel size in mm */
  int qform_code, sform_code;
  double quatern[3], qoffset[3], qfac; /**< qform, qfac is -1 or 1 */
  double srow[3][4];                   /**< sform: world (mm) = srow * (i, j, k, 1) */
} tt1_geometry;

/** Where voxels lie, by sform, else qform: world in mm = matrix * (i, j, k, 1). Returns 0, with the
    matrix untouched, if the geometry tells no place. */
TT1_API int tt1_geometry_matrix(const tt1_geometry *geometry, double matrix[3][4]);

/**
 * Which axis of the voxels runs from slice to slice: the only one with a single voxel, else that whose voxels
 * are at least 1.2 times as long as those along both others, else the third. 0 to 2.
 */
TT1_API int tt1_geometry_slice_axis(const tt1_geometry *geometry);

/**
 * How far apart two grids of the same size lie: the greatest distance in mm between the places
 * of the same voxel, by sform, else qform. NaN if one of them has neither.
 */
TT1_API double tt1_geometry_distance(const tt1_geometry *a, const tt1_geometry *b);

/** An image series in memory: 1 to 4 dimensions, as physical values in float. */
typedef struct tt1_image tt1_image;

/** A text that tells how a series was acquired. */
typedef struct tt1_found_text {
  const char *key;   /**< of a BIDS sidecar: "PulseSequenceType" */
  const char *value; /**< several texts have a backslash between them, as in DICOM: "GR\\IR" */
} tt1_found_text;

TT1_API void tt1_image_free(tt1_image *image); /**< Accepts NULL. */

TT1_API const tt1_geometry *tt1_image_geometry(const tt1_image *image);
TT1_API int64_t tt1_image_n_voxels(const tt1_image *image); /**< of one image */
TT1_API int tt1_image_n_images(const tt1_image *image);
TT1_API const float *tt1_image_data(const tt1_image *image); /**< [n_images][n_voxels] */
/** [n_images][n_voxels] radians where a phase series belongs to the magnitudes, or NULL. */
TT1_API const float *tt1_image_phase(const tt1_image *image);
/** Whether the values are signed: told to be real and below zero somewhere, or else as
    tt1_series_is_signed() finds all of them. */
TT1_API int tt1_image_is_signed(const tt1_image *image);
/** Sentence `index`, from 0, about what was assumed in reading; NULL past the last. */
TT1_API const char *tt1_image_assumption(const tt1_image *image, int index);
/** Which series an image is. Texts are "" where the file has none. Borrowed from the image. */
typedef struct tt1_origin {
  int number;              /**< (0020,0011); 0: none */
  const char *description; /**< (0008,103e) */
  const char *uid;         /**< (0020,000e) */
  const char *vendor;      /**< (0008,0070) */
  const char *scaling;     /**< what was undone: "rescale 2, -4096", "none" */
  double field_strength; /**< T, (0018,0087) or MagneticFieldStrength of a sidecar; 0: not known */
} tt1_origin;

TT1_API const tt1_origin *tt1_image_origin(const tt1_image *image);
TT1_API const char *tt1_image_format(const tt1_image *image); /**< "NIfTI-1", "NIfTI-2", "DICOM" */
TT1_API const char *tt1_image_stored_type(const tt1_image *image); /**< "int16", "float32", ... */
/** Unit of the values: "Units" of the sidecar, else what torcht1 wrote into the header; NULL if
    neither tells. */
TT1_API const char *tt1_image_unit(const tt1_image *image);
/**
 * The quantity that was found with the series under `key`; NULL if none was. Ask for the `bids` key of a
 * quantity of the model (for DICOM also its `dicom` keyword).
 */
TT1_API const tt1_known_values *tt1_image_find_known(const tt1_image *image, const char *key);
/** Quantity `index` found with the series, from 0, to list them; NULL past the last. Their order is that of
    the file and means nothing: the first need not be the times. "AcquisitionTime" is when each image was
    acquired, in s since midnight of the first day. */
TT1_API const tt1_known_values *tt1_image_known(const tt1_image *image, int index);
/** Text `index` that says how the images were acquired, of sidecars or DICOM (under the key of a sidecar,
    else its keyword), where all images have the same; NULL past the last. */
TT1_API const tt1_found_text *tt1_image_text(const tt1_image *image, int index);
/** File `index` that was read (sidecars too), from 0; NULL past the last. */
TT1_API const char *tt1_image_file(const tt1_image *image, int index);
/** CRC-32 of the bytes of file `index` as stored on disk. */
TT1_API uint32_t tt1_image_file_checksum(const tt1_image *image, int index);
/** Add an array of these files with their checksums. */
TT1_API void tt1_json_inputs(tt1_json *out, const char *key, const tt1_image *image);

/**
 * Keep only some images of a series, in the given order.
 * @param images [count] indices from 0, each at most once. TT1_BAD_ARGUMENT, nothing changed, if not.
 */
TT1_API tt1_status tt1_image_select(tt1_image *image, const int *images, int count, tt1_error *err);

/**
 * Replace every voxel of a map by the median of the finite voxels of the square about it, in the
 * plane of the first two axes, cut at the edges; of an even number of voxels by the mean of the two
 * in the middle. A voxel that is not finite stays as it is.
 *
 * @param[out] out [size[0] * size[1] * size[2]], not overlapping `map`
 * @param map      of the same size, any unit
 * @param width    of the square: 1, 3, 5 or 7 voxels
 * @return TT1_OK or TT1_BAD_ARGUMENT
 */
TT1_API tt1_status tt1_median_filter(float *out, const float *map, const int64_t size[3], int width,
                                     tt1_error *err);

/**
 * Put the voxels of `image` into the order of `grid`, where axes are only turned around or
 * exchanged between the two, as tools that store the same slices differently do. Nothing is
 * interpolated. Where one of them has no place in the world the order stays. Where slices change
 * places, what is known of single slices is left out.
 *
 * @return TT1_OK if the image lies on the grid afterwards, to half a voxel; TT1_BAD_ARGUMENT with
 *         what differs, for a sentence of the caller, and the image as it was; TT1_NO_MEMORY
 */
TT1_API tt1_status tt1_image_align(tt1_image *image, const tt1_geometry *grid, tt1_error *err);

/** How values between voxels are found. */
typedef enum tt1_resampling {
  TT1_RESAMPLE_LINEAR = 0, /**< trilinear; NaN where a voxel that counts is not finite */
  TT1_RESAMPLE_MAP,        /**< the same, where 0 is no number either, as in DICOM maps */
  TT1_RESAMPLE_DEVIATION, /**< for maps of standard deviations that go with a map resampled linearly:
                                sqrt(sum of (weight sd)^2), the voxels being independent */
  TT1_RESAMPLE_NEAREST    /**< for labels and masks */
} tt1_resampling;

/**
 * Move `image` to another grid by interpolation. Voxels of the grid outside the image are NaN, with
 * TT1_RESAMPLE_NEAREST zero; a voxel reaches half its size beyond its centre, so that two
 * single slices overlap where they are less than half a slice apart.
 *
 * @return TT1_OK; TT1_BAD_ARGUMENT, and the image as it was, if one of the two has no place in the world,
 *         if they do not overlap, or if the image has a phase; TT1_NO_MEMORY
 */
TT1_API tt1_status tt1_image_resample(tt1_image *image, const tt1_geometry *grid,
                                      tt1_resampling how, tt1_error *err);

/**
 * What the phase images of an inversion recovery series tell of the sign behind each magnitude:
 * 1 where the phase is within pi/4 of that of the image with the longest time, -1 where it is
 * within pi/4 of the opposite, 0 (for the search to decide) between, where the phase is not within
 * -3.2 to 3.2, and where no image is opposite: then all may be positive or all negative. For
 * tt1_series.signs.
 *
 * @param[out] signs [n_images][n_voxels]
 * @param phase      [n_images][n_voxels] in radians, -pi to pi
 * @param times      [n_images] of recovery, any unit
 * @param stride     voxels from one image to the next in `signs` and `phase`; 0: n_voxels
 * @return TT1_OK or TT1_BAD_ARGUMENT
 */
TT1_API tt1_status tt1_phase_signs(int8_t *signs, const float *phase, const double *times,
                                   int n_images, int64_t n_voxels, int64_t stride, tt1_error *err);

/* ---- Inversions ------------------------------------------------------------ */

enum { TT1_MAX_INVERSION_GROUPS = 16, TT1_MAX_GROUPED = 64 };

/** The groups of images of a series, each after an inversion of its own, as MOLLI acquires them. */
typedef struct tt1_inversions {
  int n_groups; /**< 0: none were found */
  int is_timed; /**< by the clock: groups are in the order of acquisition, and rests are known. Else the
                     order is that of the file, or by the first time where the file is sorted */
  int slice; /**< the one whose groups these are, where slices differ: that with the shortest rest */
  int count[TT1_MAX_INVERSION_GROUPS];   /**< images of each */
  double last[TT1_MAX_INVERSION_GROUPS]; /**< s, the inversion time of the last image of each */
  double rest
      [TT1_MAX_INVERSION_GROUPS]; /**< s from the last image of the group before to the inversion; NaN: not
                                    known, as of the first */
  double beat; /**< s from one image of a group to the next, the middle; NaN: not known */
} tt1_inversions;

/**
 * Find the inversions of a series. An image was inverted its inversion time before it was acquired; those
 * that agree on that moment to 20 ms are a group. Where the clock is missing, counts whole seconds or
 * contradicts the times, groups follow from times that are a heart beat apart, without their rests.
 *
 * @param[out] group    [n_images] the group of each image, from 0; may be NULL; untouched if none was found
 * @param      times    [n_images] inversion times in s
 * @param      acquired [n_images] s on any clock, or NULL
 * @param      n_images of more than 64 no groups are found
 * @return n_groups
 */
TT1_API int tt1_inversions_find(tt1_inversions *out, int *group, const double *times,
                                const double *acquired, int n_images);
/** The same of what was found with a series: "InversionTime" and "AcquisitionTime" among `known`. */
TT1_API int tt1_inversions_of(tt1_inversions *out, int *group, const tt1_known_values *known,
                              int n_known, int n_images);
/** The shortest rest in s; NaN if none is known. */
TT1_API double tt1_inversions_rest(const tt1_inversions *inversions);

/* ---- A series, before its voxels are read ---------------------------------- */

/** What the voxels of a series are. */
typedef enum tt1_kind {
  TT1_KIND_UNKNOWN = 0,
  TT1_KIND_MAGNITUDE,
  TT1_KIND_PHASE,
  TT1_KIND_REAL, /**< signed: the real part, or phase-corrected */
  TT1_KIND_IMAGINARY,
  TT1_KIND_MAP /**< computed from images: never taken for them */
} tt1_kind;

/** The name of `kind`: "magnitude". */
TT1_API const char *tt1_kind_name(tt1_kind kind);

/** One series of a study. Borrowed from the study. */
typedef struct tt1_study_series {
  int number;              /**< (0020,0011) of its first file; 0 if it has none */
  const char *description; /**< (0008,103e); all texts are "" where the file has none */
  const char *uid;         /**< (0020,000e) of its first file */
  const char *vendor;      /**< (0008,0070) */
  const char *image_type;  /**< (0008,0008) of its first image, or (0008,9007) of its frame */
  double field_strength;   /**< T, (0018,0087); 0: not known */
  const char *format;      /**< "DICOM", "NIfTI-1" */
  const char *stored_type; /**< "uint12", "int16", "float32" */
  tt1_kind kind;
  int is_signed; /**< as tt1_image_is_signed() */
  tt1_geometry geometry;
  int n_images, n_files;
  const tt1_known_values *known; /**< [n_known], as tt1_image_known() */
  int n_known;
  int times; /**< which of `known` tells the images apart: it varies from one to the next; -1: none does */
  const char *scaling; /**< what was undone: "rescale 2, -4096", "none" */
  const char *unit;    /**< of the values of a map: "ms"; "" where the file does not tell */
  int partner;         /**< the phase of this magnitude or the magnitude of this phase; -1: none */
  const char *const *assumptions; /**< [n_assumptions] sentences */
  int n_assumptions;
  const char *refused;  /**< NULL: can be fitted; or one sentence that says why not */
  int may_be_asked_for; /**< refused, but read where it is named: tt1_read_options.series */
  int shares_uid;       /**< with others, from which it is told by what its images are called */
  const tt1_found_text *texts; /**< [n_texts], as tt1_image_text() */
  int n_texts;
  int lacks_times; /**< it is refused for its times alone: others can be given */
} tt1_study_series;

/**
 * The shipped model that a series is for, by what differs between its images and by what the sequence is
 * called: spin echoes with an inversion each take "ir3" or "irse", a gradient echo "molli".
 *
 * @param[out] reason  [400] why: "ScanningSequence is "SE\IR", a spin echo"; where it cannot be decided a
 *                     question, or "" where nothing differs that a shipped model knows
 * @return its name; NULL where it cannot be decided
 */
TT1_API const char *tt1_study_series_model(char reason[400], const tt1_study_series *series);

/* ---- Output ----------------------------------------------------------------- */

/**
 * Add a NIfTI-1 file (NIfTI-2 if a size exceeds 32767), gzip-compressed if `name` ends in .gz
 * (without time stamp, so that equal maps are equal files).
 *
 * @param data  [n_images][n_voxels] of `type`
 */
TT1_API tt1_status tt1_folder_write_image(tt1_folder *folder, const char *name,
                                          const tt1_geometry *geometry, int n_images, tt1_type type,
                                          const void *data, const char *description,
                                          tt1_error *err);

#ifdef __cplusplus
}
#endif
#endif /* TT1_IMAGE_H */
