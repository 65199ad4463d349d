/* SPDX-License-Identifier: MIT
 * Phantoms of vials in two rings, standing in a gel. */
#include <math.h>

#include "base/number.h"
#include "simulate/simulate.h"

static const tt1__ellipse jar = {0.0, 0.0, 0.72, 0.72, 1.0, 0.0};
static const double VIAL = 0.095, OUTER = 0.54, INNER = 0.24;

/* Relaxation times in s. */
typedef struct phantom {
  int n_outer, n_vials; /* the outer ring is filled first */
  tt1_tissue vials[TT1__MAX_VIALS], gel;
} phantom;

// clang-format off
static const phantom phantoms[] = {
  // The tissues that T1MES has (Captur et al. 2016, doi:10.1186/s12968-016-0280-z), in round numbers
  // that are ours: native myocardium from short to oedema, native blood, the same after contrast agent.
  [TT1_SUBJECT_VIALS] = {9, 12, {
    {1.00, 0.045}, {1.20, 0.045}, {1.35, 0.050}, {1.50, 0.060},
    {1.55, 0.240}, {1.75, 0.200}, {1.95, 0.160},
    {0.35, 0.040}, {0.45, 0.042},
    {0.60, 0.045}, {0.30, 0.150}, {0.42, 0.160}}, {0.85, 0.080}},
  // NiCl2 spheres at 3 T and 20 degrees (Stupic et al. 2021, doi:10.1002/mrm.28779).
  [TT1_SUBJECT_NIST] = {10, 14, {
    {1.989, 1.465}, {1.454, 1.077}, {0.9841, 0.7179}, {0.7060, 0.5101}, {0.4967, 0.3596},
    {0.3515, 0.2555}, {0.24713, 0.1808}, {0.1753, 0.1273}, {0.1259, 0.0903}, {0.0890, 0.0643},
    {0.0627, 0.0457}, {0.04453, 0.03186}, {0.03084, 0.02238}, {0.021719, 0.01583}}, {2.70, 2.00}},
};
// clang-format on

int tt1__vials_count(tt1_subject subject)
{
  return phantoms[subject].n_vials;
}

static tt1__material filled_with(tt1_tissue t)
{
  return (tt1__material){.t1 = t.t1, .t2 = t.t2, .density = 1.0, .amplitude = 1.0, .k = 1.9};
}

void tt1__vials_place(tt1__scene *scene)
{
  const phantom *p = &phantoms[scene->subject];
  scene->n_labels = p->n_vials + 2;
  scene->materials[p->n_vials + 1] = filled_with(p->gel);
  for (int i = 0; i < p->n_vials; i++) {
    int is_outer = i < p->n_outer;
    double angle = is_outer ? 2.0 * TT1__PI * i / p->n_outer
                            : 2.0 * TT1__PI * (i - p->n_outer) / (p->n_vials - p->n_outer);
    double radius = is_outer ? OUTER : INNER;
    // From the top, clockwise as the picture shows it.
    scene->vials[i] =
        (tt1__ellipse){radius * sin(angle), radius * cos(angle), VIAL, VIAL, 1.0, 0.0};
    scene->materials[i + 1] = filled_with(p->vials[i]);
  }
}

uint8_t tt1__vials_label(const tt1__scene *scene, double x, double y)
{
  if (!tt1__is_inside(&jar, x, y, 1.0)) return 0;
  int n_vials = scene->n_labels - 2;
  for (int i = 0; i < n_vials; i++)
    if (tt1__is_inside(&scene->vials[i], x, y, 1.0)) return (uint8_t)(i + 1);
  return (uint8_t)(n_vials + 1);
}
