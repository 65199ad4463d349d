/* SPDX-License-Identifier: MIT
 *
 * Simulated series with a known truth. The contract of torcht1.h holds here too;
 * docs/simulate.md describes the physics, the defaults and what is left out.
 */
#ifndef TT1_SIMULATE_H
#define TT1_SIMULATE_H

#include "tt1_image.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- What is simulated --------------------------------------------------- */

/** What lies in the scanner. */
typedef enum tt1_subject {
  TT1_SUBJECT_HEART = 0, /**< a chest cut through the short axis of the heart */
  TT1_SUBJECT_VIALS,     /**< twelve vials with values of myocardium and blood */
  TT1_SUBJECT_NIST       /**< the fourteen spheres of the NIST/ISMRM T1 plate at 3 T */
} tt1_subject;

/** The labels of the heart. Vials are labelled from 1, and what they stand in is the last label. */
typedef enum tt1_heart_label {
  TT1_AIR = 0,
  TT1_CHEST_WALL,
  TT1_LUNG,
  TT1_LIVER,
  TT1_MYOCARDIUM,
  TT1_BLOOD, /**< left and right ventricle, aorta */
  TT1_FAT,
  TT1_N_HEART_LABELS
} tt1_heart_label;

/** The name of label `label` of a subject, "myocardium" or "vial 3"; NULL past the last. */
TT1_API const char *tt1_subject_label(tt1_subject subject, int label);

/** Relaxation times of a tissue. Zero in a field means its default. */
typedef struct tt1_tissue {
  double t1, t2; /**< s */
} tt1_tissue;

/** How a heart differs from the usual one. Zero in a field means its default. */
typedef struct tt1_heart {
  double scale;    /**< of the whole heart, 0.7 to 1.3; default 1 */
  double wall;     /**< thickness of the left ventricular wall over the usual one, 0.5 to 2; 1 */
  double x, y;     /**< where it lies, mm to the patient's left and to the front, -30 to 30 */
  double rotation; /**< degrees about the centre of the left ventricle, -45 to 45 */
  tt1_tissue tissues[TT1_N_HEART_LABELS];
} tt1_heart;

typedef enum tt1_sequence_kind {
  TT1_SEQUENCE_MOLLI = 0, /**< inversion recovery, doi:10.1002/mrm.20110 */
  TT1_SEQUENCE_SASHA,     /**< saturation recovery, doi:10.1002/mrm.24878 */
  TT1_SEQUENCE_T2PREP     /**< T2 preparation, doi:10.1186/1532-429X-11-56 */
} tt1_sequence_kind;

enum { TT1_MAX_INVERSIONS = 3, TT1_MAX_PREPARATIONS = 8, TT1_MAX_SATURATIONS = 20 };

/** How images are taken, one in a heart beat. Zero in a field means its default. */
typedef struct tt1_sequence {
  double heart_rate;   /**< beats per minute, 20 to 250; default 60 */
  double rr_deviation; /**< SD of the time between beats in s, at most a tenth of it; default 0 */
  tt1_sequence_kind kind;

  /* MOLLI */
  const char *scheme; /**< "5(3)3", "5(3s)3" (seconds of rest), "4(1)3(1)2"; default "5(3)3" */
  double first_times[TT1_MAX_INVERSIONS]; /**< s from inversion to image; 0.12, 0.20, 0.28 */
  double inversion; /**< residual inverted fraction d, Mz -> -d Mz, 0.5 to 1; default 1 */

  /* SASHA: an image without saturation, and others */
  int n_saturations; /**< 3 to TT1_MAX_SATURATIONS; default 9 */
  double saturation; /**< Mz -> (1 - saturation) Mz, 0.8 to 1; default 1 */

  /* T2 preparation */
  int n_preparations;                        /**< 0: the default, of 0, 25 and 55 ms */
  double preparations[TT1_MAX_PREPARATIONS]; /**< s, 0 to 0.2 */
  int has_saturated_image;                   /**< one more image, saturated right before it */
  int rest; /**< heart beats without an image between two, 1 to 9; default 3 */

  /* The balanced readout of every image */
  double flip;       /**< degrees, 0 to 90; default 35 */
  double repetition; /**< s, 0.001 to 0.02; default 0.0027 */
  int n_ramp;        /**< pulses that rise to the flip angle, to 30; default 5; negative: none */
  int n_lines;       /**< pulses after them, 1 to 300; default 70 */
  int line;          /**< the one of k-space's centre, from 1; default n_lines / 2 + 1 */
  int times_to_echo; /**< times are to the centre's echo, half a repetition after its pulse */
} tt1_sequence;

/** What makes the signal. */
typedef enum tt1_physics {
  TT1_PHYSICS_BLOCH = 0, /**< the Bloch equations, pulse by pulse */
  TT1_PHYSICS_EQUATION   /**< the signal equation of model `molli`: MOLLI only, without T2 */
} tt1_physics;

typedef enum tt1_breathing {
  TT1_BREATHING_NONE = 0,
  TT1_BREATHING_FREE, /**< doi:10.1118/1.598577: mostly near end-expiration, dips of `amplitude` */
  TT1_BREATHING_DRIFT /**< a breath-hold in which the diaphragm slowly rises by `amplitude` */
} tt1_breathing;

/** A simulation. Zero in a field means its default. Start from TT1_SIMULATION_OPTIONS_INIT. */
typedef struct tt1_simulation_options {
  uint32_t version;
  tt1_subject subject;
  tt1_physics physics;
  int size;          /**< voxels along a side, 32 to 1024; default 128 */
  int slices;        /**< 1 to 64; default 1 */
  int post_contrast; /**< tissue values after contrast agent */
  tt1_heart heart;
  tt1_sequence sequence;
  double off_resonance; /**< Hz everywhere, -500 to 500 */
  double field;         /**< Hz of smooth variation across the heart on top of it, 0 to 500 */
  double b1;            /**< flip angles are this times the nominal one, 0.2 to 2; default 1 */
  tt1_breathing breathing;
  double amplitude; /**< mm along foot-head, 0 to 40; default 10 free, 3 in a breath-hold */
  double snr;       /**< C of myocardium at the centre of the left ventricle over sigma per channel;
                         default 50; infinity: no noise */
  int coils;        /**< 1 to 64; default 1 */
  uint64_t seed;    /**< default 1 */
  int is_signed;    /**< write signed values in place of magnitudes */
  int threads;      /**< 0: as many as the process may use. The result is the same */
} tt1_simulation_options;

#define TT1_SIMULATION_OPTIONS_VERSION 1
/* clang-format off */
#define TT1_SIMULATION_OPTIONS_INIT { \
  TT1_SIMULATION_OPTIONS_VERSION, TT1_SUBJECT_HEART, TT1_PHYSICS_BLOCH, 0, 0, 0, \
  {0.0, 0.0, 0.0, 0.0, 0.0, {{0.0, 0.0}}}, \
  {0.0, 0.0, TT1_SEQUENCE_MOLLI, 0, {0.0}, 0.0, 0, 0.0, 0, {0.0}, 0, 0, 0.0, 0.0, 0, 0, 0, 0}, \
  0.0, 0.0, 0.0, TT1_BREATHING_NONE, 0.0, 0.0, 0, 0, 0, 0 }
/* clang-format on */

/* ---- A simulation -------------------------------------------------------- */

/** A simulated series with its truth. */
typedef struct tt1_simulation tt1_simulation;

/**
 * Simulate a series.
 *
 * @param[out] out     free with tt1_simulation_free()
 * @param      options NULL for the defaults
 * @return TT1_OK, TT1_BAD_ARGUMENT (one sentence says what cannot be) or TT1_NO_MEMORY
 */
TT1_API tt1_status tt1_simulation_create(tt1_simulation **out,
                                         const tt1_simulation_options *options, tt1_error *err);
TT1_API void tt1_simulation_free(tt1_simulation *simulation); /**< Accepts NULL. */

/** What was simulated: the options with every default filled in. */
TT1_API const tt1_simulation_options *tt1_simulation_settings(const tt1_simulation *simulation);
/** The shipped model that the series is fitted with: "molli", "sasha3", "t2prep2", "t2prep3". */
TT1_API const char *tt1_simulation_model(const tt1_simulation *simulation);
TT1_API const tt1_geometry *tt1_simulation_geometry(const tt1_simulation *simulation);
TT1_API int tt1_simulation_n_images(const tt1_simulation *simulation);
/**
 * [n_images] in s, in the order of acquisition: inversion times, saturation times (30 for the image
 * without saturation) or durations of the T2 preparation, as they came out with these beats.
 */
TT1_API const double *tt1_simulation_times(const tt1_simulation *simulation);
/** [n_images] s from the beginning to the centre of each image. */
TT1_API const double *tt1_simulation_acquired(const tt1_simulation *simulation);
/** [n_images] 1 for the image that was saturated right before (T2 preparation), else 0. */
TT1_API const double *tt1_simulation_saturated(const tt1_simulation *simulation);
/** [n_images][2] displacement of heart and liver in mm: along foot-head, to the front. */
TT1_API const double *tt1_simulation_motion(const tt1_simulation *simulation);

TT1_API const float *
tt1_simulation_signal(const tt1_simulation *simulation); /**< [n_images][n_voxels] */
/**
 * [n_images][n_voxels] phase of the same complex signal in rad, in (-pi, pi]: a smooth background
 * of a few radians over the field of view, plus pi where the signal is inverted, plus noise.
 */
TT1_API const float *tt1_simulation_phase(const tt1_simulation *simulation);
/** [n_images][n_voxels] magnitudes without noise, negative where the signal is inverted. */
TT1_API const float *tt1_simulation_clean(const tt1_simulation *simulation);

TT1_API const float *
tt1_simulation_truth(const tt1_simulation *simulation); /**< T1 in s; NaN in air */
/** T2 in s, NaN in air; NULL where the signal equation knows none. */
TT1_API const float *tt1_simulation_truth_t2(const tt1_simulation *simulation);
TT1_API const uint8_t *tt1_simulation_labels(const tt1_simulation *simulation);
/** [n_voxels] 1 in the wall of the left ventricle, without papillary muscles; NULL for vials. */
TT1_API const uint8_t *tt1_simulation_myocardium(const tt1_simulation *simulation);

/** The relaxation times behind label `label`, from 0; returns 0 past the last, else 1. */
TT1_API int tt1_simulation_tissue(tt1_tissue *tissue, const tt1_simulation *simulation, int label);

/** Where a slice cuts the heart. */
typedef struct tt1_heart_slice {
  const char *level;  /**< "basal", "mid" or "apical" */
  double anterior[2]; /**< insertion of the right ventricle, in voxels i, j from 0 */
  double inferior[2];
} tt1_heart_slice;

/** Describe slice `index`, from 0; returns 0 past the last and for vials, else 1. */
TT1_API int tt1_simulation_slice(tt1_heart_slice *slice, const tt1_simulation *simulation,
                                 int index);

/* ---- A cohort ------------------------------------------------------------ */

/** A person as drawn: anatomy, physiology, and how the scanner does at 3 T. */
typedef struct tt1_volunteer {
  double heart_rate; /**< beats per minute */
  double hematocrit, ecv;
  double t1_myocardium[2], t1_blood[2]; /**< s, native and after contrast agent */
  tt1_simulation_options scans[2];      /**< MOLLI 5(3)3 native, 4(1)3(1)2 after contrast agent */
} tt1_volunteer;

/**
 * Draw person `number`, from 1, of cohort `seed`: the same one whatever the size of the cohort.
 * docs/simulate.md has the distributions and their sources. The times after contrast agent follow
 * from ECV = (1 - hematocrit) (change of 1/T1 of myocardium) / (change of 1/T1 of blood).
 */
TT1_API void tt1_volunteer_draw(tt1_volunteer *out, uint64_t seed, int number);

#ifdef __cplusplus
}
#endif
#endif /* TT1_SIMULATE_H */
