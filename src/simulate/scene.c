/* SPDX-License-Identifier: MIT
 * What lies in the scanner, whatever it is, and what it is made of. */
#include <stdio.h>

#include "simulate/simulate.h"

/* Of a tissue of the heart: T1 and T2 in s without and with contrast agent. */
typedef struct tissue_row {
  const char *name;
  double amplitude, k, t1[2], t2[2], density, frequency;
} tissue_row;

// Round values such as are found at 3 T; after contrast agent, about 15 minutes later. Fat is shifted by
// 3.4 ppm. `amplitude` and `k` are for the signal equation.
// clang-format off
static const tissue_row tissues[TT1_N_HEART_LABELS] = {
  [TT1_AIR]        = {"air",        0.00, 1.90, {1.00, 1.00}, {1.000, 1.000}, 0.00, 0.0},
  [TT1_CHEST_WALL] = {"chest wall", 0.75, 1.88, {1.10, 0.75}, {0.035, 0.033}, 0.80, 0.0},
  [TT1_LUNG]       = {"lung",       0.12, 1.85, {1.20, 0.80}, {0.040, 0.040}, 0.12, 0.0},
  [TT1_LIVER]      = {"liver",      0.90, 1.88, {0.80, 0.45}, {0.034, 0.032}, 0.80, 0.0},
  [TT1_MYOCARDIUM] = {"myocardium", 1.00, 1.90, {1.20, 0.55}, {0.045, 0.042}, 0.80, 0.0},
  [TT1_BLOOD]      = {"blood",      1.50, 1.94, {1.70, 0.40}, {0.200, 0.150}, 0.95, 0.0},
  [TT1_FAT]        = {"fat",        1.60, 1.86, {0.35, 0.33}, {0.070, 0.070}, 0.90, -434.0},
};
// clang-format on

static const char *const vial_names[TT1__MAX_VIALS] = {
    "vial 1", "vial 2", "vial 3",  "vial 4",  "vial 5",  "vial 6",  "vial 7",
    "vial 8", "vial 9", "vial 10", "vial 11", "vial 12", "vial 13", "vial 14"};

const char *tt1_subject_label(tt1_subject subject, int label)
{
  if (label < 0) return NULL;
  if (subject == TT1_SUBJECT_HEART) return label < TT1_N_HEART_LABELS ? tissues[label].name : NULL;
  int n_vials = tt1__vials_count(subject);
  if (label == 0) return "air";
  if (label <= n_vials) return vial_names[label - 1];
  return label == n_vials + 1 ? "gel" : NULL;
}

static void fill_heart(tt1__scene *scene, const tt1_simulation_options *o)
{
  int after = o->post_contrast != 0;
  scene->n_labels = TT1_N_HEART_LABELS;
  for (int label = 0; label < TT1_N_HEART_LABELS; label++) {
    const tissue_row *row = &tissues[label];
    const tt1_tissue *given = &o->heart.tissues[label];
    scene->materials[label] = (tt1__material){.t1 = given->t1 > 0.0 ? given->t1 : row->t1[after],
                                              .t2 = given->t2 > 0.0 ? given->t2 : row->t2[after],
                                              .density = row->density,
                                              .frequency = row->frequency,
                                              .amplitude = row->amplitude,
                                              .k = row->k};
  }
  scene->reference = scene->materials[TT1_MYOCARDIUM];
  tt1__heart_place(scene, &o->heart);
}

tt1__scene tt1__scene_make(const tt1_simulation_options *options)
{
  tt1__scene scene = {.subject = options->subject};
  if (scene.subject == TT1_SUBJECT_HEART) {
    fill_heart(&scene, options);
  } else {
    const tissue_row *row = &tissues[TT1_MYOCARDIUM];
    scene.reference = (tt1__material){.t1 = row->t1[0], .t2 = row->t2[0], .density = row->density};
    tt1__vials_place(&scene);
  }
  return scene;
}

uint8_t tt1__scene_label(const tt1__scene *scene, double x, double y, double z,
                         const double moved[2])
{
  return scene->subject == TT1_SUBJECT_HEART ? tt1__heart_label(scene, x, y, z, moved)
                                             : tt1__vials_label(scene, x, y);
}
