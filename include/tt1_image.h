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
  const double *values; /**< [count], seconds or degrees (BIDS units) */
  int count;            /**< n_images, or 1 */
} tt1_found_known;

/**
 * Read a series.
 *
 * `path` is a NIfTI-1 or -2 file (.nii, .nii.gz, 3-D or 4-D; the scale factors of the
 * header are applied) with an optional JSON sidecar of the same stem (arrays or numbers,
 * seconds, any order), or one file of a BIDS set whose name holds `_inv-<index>_` or
 * `_echo-<index>_`: all of the set are read, in the order of the index, each with its sidecar.
 *
 * @param[out] out  free with tt1_image_free()
 * @return TT1_OK, TT1_IO, TT1_BAD_FILE (the message names file, place, found and expected), TT1_NO_MEMORY
 */
TT1_API tt1_status tt1_image_read(tt1_image **out, const char *path, tt1_error *err);
TT1_API void tt1_image_free(tt1_image *image); /**< Accepts NULL. */

TT1_API const tt1_geometry *tt1_image_geometry(const tt1_image *image);
TT1_API int64_t tt1_image_n_voxels(const tt1_image *image); /**< of one image */
TT1_API int tt1_image_n_images(const tt1_image *image);
TT1_API const float *tt1_image_data(const tt1_image *image);       /**< [n_images][n_voxels] */
TT1_API const char *tt1_image_format(const tt1_image *image);      /**< "NIfTI-1", "NIfTI-2" */
TT1_API const char *tt1_image_stored_type(const tt1_image *image); /**< "int16", "float32", ... */
/** Unit of the values: "Units" of the sidecar, else what torcht1 wrote into the header; NULL if
    neither tells. */
TT1_API const char *tt1_image_unit(const tt1_image *image);
/** Known quantity `index` found with the series, from 0; NULL past the last. */
TT1_API const tt1_found_known *tt1_image_known(const tt1_image *image, int index);
/** File `index` that was read (sidecars too), from 0; NULL past the last. */
TT1_API const char *tt1_image_file(const tt1_image *image, int index);
/** CRC-32 of the bytes of file `index` as stored on disk. */
TT1_API uint32_t tt1_image_file_checksum(const tt1_image *image, int index);

/**
 * Keep only some images of a series, in the given order.
 * @param images [count] indices from 0, each at most once. TT1_BAD_ARGUMENT, nothing changed, if not.
 */
TT1_API tt1_status tt1_image_select(tt1_image *image, const int *images, int count, tt1_error *err);

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
 * @return TT1_OK or TT1_BAD_ARGUMENT
 */
TT1_API tt1_status tt1_phase_signs(int8_t *signs, const float *phase, const double *times,
                                   int n_images, int64_t n_voxels, tt1_error *err);

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

/** Add file `name`, or `subfolder/name`, with these bytes; at most 4096 files and 16 subfolders. */
TT1_API tt1_status tt1_folder_write(tt1_folder *folder, const char *name, const void *bytes,
                                    size_t length, tt1_error *err);

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
