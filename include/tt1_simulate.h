/* SPDX-License-Identifier: MIT
 *
 * Simulated series with a known truth. The contract of torcht1.h holds here too.
 */
#ifndef TT1_SIMULATE_H
#define TT1_SIMULATE_H

#include "tt1_image.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A digital short-axis heart and how it is imaged. Zero in a field means its default. */
typedef struct tt1_heart_options {
  uint32_t version;
  int size;           /**< voxels along a side, 32 to 1024; default 128 */
  int slices;         /**< 1 to 64; default 1 */
  double snr;         /**< C of myocardium / sigma per channel; default 50; infinity: no noise */
  uint64_t seed;      /**< default 1 */
  const char *scheme; /**< "5(3)3", "4(1)3(1)2", ...: at most 3 inversions; default "5(3)3" */
  double heart_rate;  /**< beats per minute; default 60 */
  int post_contrast;  /**< tissue values after contrast agent */
  int is_signed;      /**< write signed values in place of magnitudes */
} tt1_heart_options;

#define TT1_HEART_OPTIONS_VERSION 1
/* clang-format off */
#define TT1_HEART_OPTIONS_INIT { TT1_HEART_OPTIONS_VERSION, 0, 0, 0.0, 0, 0, 0.0, 0, 0 }
/* clang-format on */

/** A simulated series with its truth. */
typedef struct tt1_simulation tt1_simulation;

/**
 * Simulate a MOLLI series of a digital short-axis heart: the signal equation of the shipped
 * model `molli` (C, k and T1* drawn per tissue), with Rician noise. Labels: 0 air, 1 chest wall,
 * 2 lung, 3 liver, 4 myocardium, 5 blood (left and right ventricle), 6 fat.
 */
TT1_API tt1_status tt1_simulate_heart(tt1_simulation **out, const tt1_heart_options *options,
                                      tt1_error *err);
TT1_API void tt1_simulation_free(tt1_simulation *simulation); /**< Accepts NULL. */
TT1_API const tt1_geometry *tt1_simulation_geometry(const tt1_simulation *simulation);
TT1_API int tt1_simulation_n_images(const tt1_simulation *simulation);
/** [n_images] inversion times in s, in the order of acquisition. */
TT1_API const double *tt1_simulation_times(const tt1_simulation *simulation);
TT1_API const float *
tt1_simulation_signal(const tt1_simulation *simulation); /**< [n_images][n_voxels] */
/**
 * [n_images][n_voxels] phase of the same complex signal in rad, in (-pi, pi]: a smooth background
 * of a few radians over the field of view, plus pi where the signal is inverted, plus noise.
 */
TT1_API const float *tt1_simulation_phase(const tt1_simulation *simulation);
TT1_API const float *
tt1_simulation_truth(const tt1_simulation *simulation); /**< T1 in s; NaN in air */
TT1_API const uint8_t *tt1_simulation_labels(const tt1_simulation *simulation);

#ifdef __cplusplus
}
#endif
#endif /* TT1_SIMULATE_H */
