/* SPDX-License-Identifier: MIT
 * Images that go with another: masks, maps of known quantities, the second of two maps, labels. Sentences
 * call the two `what` and `main_is`: "mask", "series". */
#ifndef TT1_INPUT_COMPANION_H
#define TT1_INPUT_COMPANION_H

#include "tt1_input.h"

/** Read image `which`, from 1, of a file, or its only one if 0. */
tt1_status tt1__single_read(tt1_image **out, const char *path, const char *what, int which,
                            tt1_error *err);
/** Read a single image that lies on the grid of `main`, its axes turned where they must be. */
tt1_status tt1__companion_read(tt1_image **out, const char *path, const char *what,
                               const tt1_image *main, const char *main_is, tt1_error *err);
/** The same; `stored` receives its grid as the file has it (NULL: nobody asks). */
tt1_status tt1__companion_place(tt1_image **out, tt1_geometry *stored, const char *path,
                                const char *what, const tt1_image *main, const char *main_is,
                                tt1_error *err);
/** The same of the one image of several for which `is_wanted` returns nonzero: `values` [n_voxels]. Where not
    exactly one is, `what` and `rule` make the sentence. */
typedef int (*tt1__is_wanted_fn)(const float *values, int64_t n_voxels, const void *payload);
tt1_status tt1__companion_find(tt1_image **out, const char *path, const char *what,
                               const char *rule, tt1__is_wanted_fn is_wanted, const void *payload,
                               const tt1_image *main, const char *main_is, tt1_error *err);
/** Whether an image has the size of `main`; the sentence ends in `hint`. */
tt1_status tt1__check_grid(const tt1_image *image, const char *path, const char *what,
                           const tt1_image *main, const char *main_is, const char *hint,
                           tt1_error *err);
/** Move `image`, from file `path`, to the grid of `main` by interpolation. */
tt1_status tt1__resample_onto(tt1_image *image, const char *path, const tt1_image *main,
                              const char *main_is, tt1_resampling how, tt1_error *err);
/** How far apart in mm two images of one size lie (NaN: not known); more than half a voxel is an error,
    unless `ignore`. */
tt1_status tt1__check_position(double *apart, const tt1_image *image, const char *path,
                               const tt1_image *main, const char *main_path, int ignore,
                               tt1_error *err);

/** 1 where the image is not zero; it must be so somewhere. Free with tt1__free(). */
tt1_status tt1__mask_of(uint8_t **out, const tt1_image *image, const char *path, tt1_error *err);
/** Whole numbers. Free with tt1__free(). */
tt1_status tt1__labels_of(int32_t **out, const tt1_image *image, const char *path, tt1_error *err);

/** The median of the voxels of `mask` (NULL: all) that are finite and not zero. */
tt1_status tt1__median_within(double *out, const tt1_image *image, const uint8_t *mask,
                              tt1_error *err);
/** A map of standard deviations that does not tell its unit is taken in that of its map, `unit`: an error
    if its size speaks against it. */
tt1_status tt1__check_deviation(const tt1_image *sd, const char *sd_path, const tt1_image *map,
                                const char *path, const char *unit, tt1_error *err);
/** Whether one is more than a hundred times the other: s and ms, or factors and percent. */
int tt1__are_far_apart(double a, double b);
/** Whether a unit is s or ms; NULL is none. */
int tt1__is_time(const char *unit);
#endif
