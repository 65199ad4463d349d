/* SPDX-License-Identifier: MIT
 *
 * Series in, maps out: files, their times and their geometry. The contract of
 * torcht1.h (units, layout, errors, ownership, threads) holds here too.
 */
#ifndef TT1_IMAGE_H
#define TT1_IMAGE_H

#include <stddef.h>

#include "torcht1.h"

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
 * How far apart two grids of the same size lie: the greatest distance in mm between the places
 * of the same voxel, by sform, else qform. NaN if one of them has neither.
 */
TT1_API double tt1_geometry_distance(const tt1_geometry *a, const tt1_geometry *b);

/** An image series in memory: 1 to 4 dimensions, as physical values in float. */
typedef struct tt1_image tt1_image;

/** A source of values of a known quantity that was found with a series. */
typedef struct tt1_found_known {
  const char *key;      /**< as the file calls it: "InversionTime", "EchoTime" */
  const char *source;   /**< where it was found, for reports: "molli.json" */
  const double *values; /**< [n_slices][count], seconds or degrees (BIDS units) */
  int count;            /**< n_images, or 1 */
  int n_slices;         /**< 1: the same in all slices; else size[2], each slice has its own */
} tt1_found_known;

/** A text that tells how a series was acquired. */
typedef struct tt1_found_text {
  const char *key;   /**< of a BIDS sidecar: "PulseSequenceType" */
  const char *value; /**< several texts have a backslash between them, as in DICOM: "GR\\IR" */
} tt1_found_text;

/** Where the times of a DICOM series are taken from. */
typedef enum tt1_times {
  TT1_TIMES_AUTO = 0, /**< the first of the usual sources that varies over the series */
  TT1_TIMES_TRIGGER   /**< TriggerTime (0018,1060), which is never taken unasked */
} tt1_times;

/** How to read. Zero in a field means its default. Start from TT1_READ_OPTIONS_INIT. */
typedef struct tt1_read_options {
  uint32_t version;
  tt1_times times;
  const char *series; /**< a DICOM series: its number, its UID or a part of its description, else of
                           its image type; NULL: the only one that can be fitted */
  int threads;        /**< that read; 0: as many as the process may use. They change no answer */
  int takes_maps;     /**< 1: a map is read, too, where it is the only series. For maps and masks */
} tt1_read_options;

#define TT1_READ_OPTIONS_VERSION 1
/* clang-format off */
#define TT1_READ_OPTIONS_INIT { TT1_READ_OPTIONS_VERSION, TT1_TIMES_AUTO, NULL, 0, 0 }
/* clang-format on */

/**
 * Read a series.
 *
 * `path` is a NIfTI-1 or -2 file (.nii, .nii.gz, 3-D or 4-D; the scale factors of the
 * header are applied) with an optional JSON sidecar of the same stem (arrays or numbers,
 * seconds, any order), or one file of a set whose name holds `_inv-<index>_`, `_echo-<index>_` or
 * `_flip-<index>_`: all of the set are read, in the order of the index, each with its sidecar.
 * In a BIDS dataset it may be a part with one series, which is read as tt1_bids_read() does.
 * Or it is a DICOM file, which stands for its series in that folder, a folder that holds
 * DICOM files at any depth up to 8, or a zip archive of such files: see tt1_study for how they
 * make series. Archives within a folder or an archive are not opened.
 *
 * @param[out] out  free with tt1_image_free()
 * @param options  may be NULL
 * @return TT1_OK, TT1_IO, TT1_BAD_FILE (the message names file, place, found and expected),
 *         TT1_NO_DEVICE (this build lacks the library for the format), TT1_NO_MEMORY
 */
TT1_API tt1_status tt1_image_read(tt1_image **out, const char *path,
                                  const tt1_read_options *options, tt1_error *err);
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
/** Known quantity `index` found with the series, from 0; NULL past the last. */
TT1_API const tt1_found_known *tt1_image_known(const tt1_image *image, int index);
/** Text `index` of the sidecars that tells how the images were acquired; NULL past the last. */
TT1_API const tt1_found_text *tt1_image_text(const tt1_image *image, int index);
/** File `index` that was read (sidecars too), from 0; NULL past the last. */
TT1_API const char *tt1_image_file(const tt1_image *image, int index);
/** CRC-32 of the bytes of file `index` as stored on disk. */
TT1_API uint32_t tt1_image_file_checksum(const tt1_image *image, int index);

/** How a map was made. Texts are "" and numbers 0 where that is not known. */
typedef struct tt1_provenance {
  int is_known;            /**< a fit.json beside the map, or its sidecar, names a model */
  char model[64];          /**< its name */
  char model_checksum[16]; /**< CRC-32 of its text */
  char filter[32];
  double multiplied_by;  /**< 1: not corrected */
  double field_strength; /**< T */
} tt1_provenance;

/**
 * Look into the fit.json beside map `path`, else into its sidecar, where torcht1 writes the same for a
 * BIDS dataset. It is TT1_OK, and nothing is known, where there is neither, where they do not speak of
 * the map, and in a build without jansson.
 * @return TT1_OK, TT1_IO, TT1_BAD_FILE, TT1_NO_MEMORY
 */
TT1_API tt1_status tt1_provenance_read(tt1_provenance *out, const char *path, tt1_error *err);

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

/* ---- What is there ------------------------------------------------------- */

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
TT1_API const char *tt1_kind_text(tt1_kind kind);

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
  const tt1_found_known *known; /**< [n_known], as tt1_image_known() */
  int n_known;
  int times;           /**< which of `known` varies from image to image; -1: none does */
  const char *scaling; /**< what was undone: "rescale 2, -4096", "none" */
  const char *unit;    /**< of the values of a map: "ms"; "" where the file does not tell */
  int partner;         /**< the phase of this magnitude or the magnitude of this phase; -1: none */
  const char *const *assumptions; /**< [n_assumptions] sentences */
  int n_assumptions;
  const char *refused; /**< NULL: can be fitted; or one sentence that says why not */
} tt1_study_series;

/**
 * All series of a file or folder, as tt1_image_read() sees them.
 *
 * DICOM files of equal series UID and kind are one series, unless times repeat and the images are
 * called differently; series of one image each that differ in one time alone are put together. Images keep the order of acquisition (instance number), slices go
 * along their normal. Times are those of the first source that varies over the series.
 */
typedef struct tt1_study tt1_study;

/**
 * Survey `path`; a folder without any series is TT1_BAD_FILE.
 * @param options  may be NULL; a series named by `series` is not refused for being, say, a map
 */
TT1_API tt1_status tt1_study_open(tt1_study **out, const char *path,
                                  const tt1_read_options *options, tt1_error *err);
TT1_API void tt1_study_free(tt1_study *study); /**< Accepts NULL. */
/** Series `index`, from 0; NULL past the last. */
TT1_API const tt1_study_series *tt1_study_series_at(const tt1_study *study, int index);
/** Files that were left out: of no known format, reports, screen shots, archives. */
TT1_API int tt1_study_n_skipped(const tt1_study *study);
/** How many of them are zip archives, which may hold images. */
TT1_API int tt1_study_n_archives(const tt1_study *study);
/** The one series to fit, or -1 and one sentence that names the candidates or why there is none. */
TT1_API int tt1_study_choose(const tt1_study *study, tt1_error *err);
/** Read series `index` with its phase. Free with tt1_image_free(). */
TT1_API tt1_status tt1_study_read(tt1_image **out, tt1_study *study, int index, tt1_error *err);

/* ---- Output -------------------------------------------------------------- */

/** Files that appear together: all of them, or none. */
typedef struct tt1_folder tt1_folder;

/**
 * Begin to write into folder `path`. Files are written to a hidden place on the same file system and
 * moved by tt1_folder_commit(); a folder that does not exist appears only then, in one step, and
 * files that are replaced stay until then. tt1_folder_free() without a commit leaves nothing behind.
 * The folder above `path` must exist. TT1_IO with the reason if it cannot be written.
 */
TT1_API tt1_status tt1_folder_open(tt1_folder **out, const char *path, tt1_error *err);
TT1_API tt1_status tt1_folder_commit(tt1_folder *folder, tt1_error *err);
TT1_API void tt1_folder_free(tt1_folder *folder); /**< Accepts NULL. */
/** Remove the unfinished files of `folder`, or finish a commit that is half done; may be called
    from a signal handler. Only tt1_folder_free() may follow. */
TT1_API void tt1_folder_abandon(tt1_folder *folder);

/** Add file `name`, or `subfolder/name` at any depth, with these bytes; at most 4096 files and 256
    subfolders. No part of a name may begin with a dot, but `.bidsignore` may be written. Where an old
    folder is written to, the file added last is the first old one to go and the last new one to
    come: if it is there, all are, even after a crash. */
TT1_API tt1_status tt1_folder_write(tt1_folder *folder, const char *name, const void *bytes,
                                    size_t length, tt1_error *err);

/** Refuse from now on, with TT1_BAD_ARGUMENT, to replace or remove the file `path`, under whatever name:
    what a fit reads must outlive it. A path that leads nowhere is no file. TT1_NO_MEMORY. */
TT1_API tt1_status tt1_folder_protect(tt1_folder *folder, const char *path, tt1_error *err);
/** Remove the old file `name` with the commit, and the subfolders that are empty without it. What is not
    there or was added before stays as it is. Counts as a file of tt1_folder_write(). */
TT1_API tt1_status tt1_folder_remove(tt1_folder *folder, const char *name, tt1_error *err);
/** Name of the file that was added as number `index`, from 0; NULL past the last. Borrowed. */
TT1_API const char *tt1_folder_file(const tt1_folder *folder, int index);

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

/** A variable of a MATLAB file: numbers, a text, or a structure of others. */
typedef struct tt1_variable {
  const char *name; /**< a letter, then letters, digits and underscores, at most 63 characters */
  tt1_type type;    /**< of the numbers: single, double or uint8 in MATLAB */
  const void *data; /**< the first index runs fastest, as in all images here and in MATLAB */
  int64_t size[3];
  const char *text;                  /**< in place of numbers; NULL: none */
  const struct tt1_variable *fields; /**< [n_fields] in place of both */
  int n_fields;
} tt1_variable;

/**
 * Add a MATLAB file of level 5, compressed, that every MATLAB, Octave and SciPy reads. It holds no
 * time stamp: equal variables are equal files.
 *
 * @return TT1_NO_DEVICE if matio cannot be loaded, TT1_BAD_ARGUMENT, TT1_IO, TT1_NO_MEMORY
 */
TT1_API tt1_status tt1_folder_write_mat(tt1_folder *folder, const char *name,
                                        const tt1_variable *variables, int n_variables,
                                        tt1_error *err);
/** Whether MATLAB files can be written here; `why` (may be NULL) receives the reason if not. */
TT1_API int tt1_mat_available(const char **why);

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

/** A prepared series, to be written as an MR scanner would. */
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
} tt1_dicom_series;

#define TT1_DICOM_SERIES_VERSION 1

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
TT1_API tt1_status tt1_folder_write_dicom(tt1_folder *folder, const char *subfolder,
                                          const tt1_dicom_series *series, tt1_error *err);

/** A map, to be written beside the images it was computed from. */
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
#endif /* TT1_IMAGE_H */
