/* SPDX-License-Identifier: MIT
 *
 * A study of any kind: what is there, which series to take, and reading it. The
 * contract of torcht1.h (units, layout, errors, ownership, threads) holds here too.
 */
#ifndef TT1_INPUT_H
#define TT1_INPUT_H

#include "tt1_bids.h"
#include "tt1_dicom.h"

#ifdef __cplusplus
extern "C" {
#endif

/** How to read. Zero in a field means its default. Start from TT1_READ_OPTIONS_INIT. */
typedef struct tt1_read_options {
  uint32_t version;
  tt1_times times;
  /** A DICOM series: its number ("12", "12:real"), its row from 1 ("#2"), its UID or a part of its
      description, else its kind, a part of its image type or vendor; NULL: the only one that can be fitted. */
  const char *series;
  int threads;    /**< that read; 0: as many as the process may use. They change no answer */
  int takes_maps; /**< 1: a map is read, too, where it is the only series. For maps and masks */
  int n_times; /**< how many values per image the caller has: the only series of so many images is
                    taken where its own times are of no use; 0: none */
} tt1_read_options;

#define TT1_READ_OPTIONS_VERSION 1
/* clang-format off */
#define TT1_READ_OPTIONS_INIT { TT1_READ_OPTIONS_VERSION, TT1_TIMES_AUTO, NULL, 0, 0, 0 }
/* clang-format on */

/* ---- What is there -------------------------------------------------------- */

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
/**
 * Survey several paths as one: DICOM files, which stand for themselves alone here, and folders; or NIfTI files
 * that are one series, an image each in the order given, with the files of their phases or imaginary parts.
 * @param[in] paths  [n_paths], at least one; one is as tt1_study_open() has it
 */
TT1_API tt1_status tt1_study_open_all(tt1_study **out, const char *const *paths, int n_paths,
                                      const tt1_read_options *options, tt1_error *err);
TT1_API void tt1_study_free(tt1_study *study); /**< Accepts NULL. */
TT1_API int tt1_study_n_series(const tt1_study *study);
/** Series `index`, from 0; NULL past the last. */
TT1_API const tt1_study_series *tt1_study_series_at(const tt1_study *study, int index);
/** Files that were left out: of no known format, reports, screen shots, archives. */
TT1_API int tt1_study_n_skipped(const tt1_study *study);
/** How many of them are Secondary Captures: pictures in colour of results or of a screen. */
TT1_API int tt1_study_n_secondary(const tt1_study *study);
/** How many of them are zip archives, which may hold images. */
TT1_API int tt1_study_n_archives(const tt1_study *study);
/** The one series to fit, or -1 and one sentence that names the candidates or why there is none. */
TT1_API int tt1_study_choose(const tt1_study *study, tt1_error *err);
/** Read series `index` with its phase. Free with tt1_image_free(). */
TT1_API tt1_status tt1_study_read(tt1_image **out, tt1_study *study, int index, tt1_error *err);

/* ---- Reading -------------------------------------------------------------- */

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

#ifdef __cplusplus
}
#endif
#endif /* TT1_INPUT_H */
