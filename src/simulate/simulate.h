/* SPDX-License-Identifier: MIT
 * Random numbers, and what lies where in the scanner: the parts, beside sequences
 * (sequence.h) and magnetisation (bloch.h), that tt1_simulation_create() is made of. */
#ifndef TT1_SIMULATE_SIMULATE_H
#define TT1_SIMULATE_SIMULATE_H

#include <stdint.h>

#include "tt1_simulate.h"

/* ---- random.c: xoshiro256++ (Blackman & Vigna 2021, doi:10.1145/3460772) ---- */

typedef struct tt1__random {
  uint64_t state[4];
  double kept; /* the second of a pair of normal numbers */
  int has_kept;
} tt1__random;

tt1__random tt1__random_seed(uint64_t seed);
/** A stream of its own for block `block` of `purpose`, so that blocks may be drawn in any order. */
tt1__random tt1__random_stream(uint64_t seed, uint64_t purpose, uint64_t block);
double tt1__random_uniform(tt1__random *random); /**< in [0, 1) */
double tt1__random_normal(tt1__random *random);  /**< mean 0, variance 1 */

/* Purposes of streams in this room; the noise has the seed itself. */
enum { TT1__STREAM_BEATS = 101, TT1__STREAM_BREATHING, TT1__STREAM_VOLUNTEER };

/* ---- scene.c, anatomy.c, vials.c ---- */

enum { TT1__MAX_LABELS = 16, TT1__N_HEART_PARTS = 7, TT1__MAX_VIALS = 14, TT1__MAX_COILS = 64 };

#define TT1__FIELD_OF_VIEW 320.0 /* mm */

/** What a label looks like. */
typedef struct tt1__material {
  double t1, t2;       /* s */
  double density;      /* of magnetisation, 1: water */
  double frequency;    /* chemical shift, Hz at 3 T */
  double amplitude, k; /* of the signal equation, amplitude relative to myocardium */
} tt1__material;

/** Lengths are fractions of half the field of view; angles are against the axes of the image. */
typedef struct tt1__ellipse {
  double x, y, radius_x, radius_y, cosine, sine;
} tt1__ellipse;

/** What lies in the scanner. */
typedef struct tt1__scene {
  tt1_subject subject;
  int n_labels;
  tt1__material materials[TT1__MAX_LABELS];
  tt1__material reference;                /* whose signal the SNR is told of */
  tt1__ellipse heart[TT1__N_HEART_PARTS]; /* of a heart; anatomy.c tells which is which */
  double rotation;                        /* of the heart, rad */
  tt1__ellipse vials[TT1__MAX_VIALS];
} tt1__scene;

/** The scene that `options` describe, every default filled in but those of tissues. */
tt1__scene tt1__scene_make(const tt1_simulation_options *options);
/**
 * The label of a point: `x` to the patient's left and `y` to the front, both -1 to 1 over the field
 * of view; `z` from 0 (base of the heart) to 1 (apex). What breathing moves has moved by `moved`.
 */
uint8_t tt1__scene_label(const tt1__scene *scene, double x, double y, double z,
                         const double moved[2]);

/** Fill in the parts of a heart and tell what lies where in a chest. */
void tt1__heart_place(tt1__scene *scene, const tt1_heart *heart);
uint8_t tt1__heart_label(const tt1__scene *scene, double x, double y, double z,
                         const double moved[2]);
/** Whether a point lies in the wall of the left ventricle, papillary muscles aside. */
int tt1__heart_is_wall(const tt1__scene *scene, double x, double y, double z);
/** Where the right ventricle meets the left one: anterior, inferior; each x, y. */
void tt1__heart_insertions(double points[2][2], const tt1__scene *scene, double z);

/** Fill in the vials of a phantom: materials and places. */
void tt1__vials_place(tt1__scene *scene);
uint8_t tt1__vials_label(const tt1__scene *scene, double x, double y);
int tt1__vials_count(tt1_subject subject);

int tt1__is_inside(const tt1__ellipse *e, double x, double y, double scale);

/* ---- receiver.c ---- */

typedef struct tt1__complex {
  double re, im;
} tt1__complex;

/** Hz off resonance at a point, for one that varies by 1 Hz across the heart and is 0 in its middle. */
double tt1__field(double x, double y);
/** Of the object, in rad: about 4 over the field of view, and nowhere told. */
double tt1__background_phase(double x, double y);
/**
 * What `n` coils do at a point: the root of the sum of their squared sensitivities, and for each the
 * factor with which it enters the image, conj(sensitivity) over that root.
 */
double tt1__coils(tt1__complex weights[TT1__MAX_COILS], int n, double x, double y);
/** That root at the centre of the usual left ventricle. */
double tt1__coils_in_the_heart(int n);

/* ---- motion.c ---- */

/** Displacement in mm along foot-head and to the front, [n_images][2], at the times `acquired`. */
void tt1__breathe(double (*motion)[2], const double *acquired, int n_images,
                  const tt1_simulation_options *options);
/** What of it is seen in the slice, a short axis tilted by 45 degrees: along x and y. */
void tt1__project(double moved[2], const double motion[2]);

/* ---- options.c ---- */

/** Fill in every default of `given` (NULL: all) and check the rest. */
tt1_status tt1__simulation_complete(tt1_simulation_options *out,
                                    const tt1_simulation_options *given, tt1_error *err);
#endif
