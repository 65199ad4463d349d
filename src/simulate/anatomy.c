/* SPDX-License-Identifier: MIT
 * A chest cut through the short axis of the heart, drawn with ellipses. The
 * proportions are those of an adult in a field of view of 320 mm. */
#include "simulate/simulate.h"

/* An ellipse; sizes are fractions of half the field of view (160 mm). */
typedef struct ellipse {
  double x, y, radius_x, radius_y;
} ellipse;

// clang-format off
static const ellipse skin         = { 0.00,  0.00, 0.94, 0.72};
static const ellipse beneath_skin = { 0.00,  0.00, 0.89, 0.67};
static const ellipse cavity       = { 0.00,  0.02, 0.80, 0.57};
static const ellipse back_muscles = { 0.00, -0.62, 0.30, 0.22};
static const ellipse spine        = { 0.00, -0.42, 0.13, 0.12};
static const ellipse breastbone   = { 0.00,  0.60, 0.12, 0.06};
static const ellipse aorta        = { 0.20, -0.34, 0.075, 0.075};
static const ellipse liver        = {-0.40, -0.34, 0.46, 0.30};
static const ellipse heart_fat    = { 0.14,  0.11, 0.44, 0.335};
static const ellipse right_wall   = { 0.02,  0.16, 0.285, 0.215};
static const ellipse right_blood  = { 0.02,  0.16, 0.26, 0.19};
static const ellipse left_wall    = { 0.26,  0.06, 0.225, 0.225};
static const ellipse left_blood   = { 0.26,  0.06, 0.150, 0.150};
static const ellipse papillary[2] = {{ 0.18, -0.03, 0.034, 0.034}, { 0.35,  0.00, 0.034, 0.034}};
// clang-format on

static int is_inside(const ellipse *e, double x, double y, double scale)
{
  double u = (x - e->x) / (e->radius_x * scale), v = (y - e->y) / (e->radius_y * scale);
  return u * u + v * v <= 1.0;
}

// Ventricles become smaller towards the apex, and the left one has the last word on the septum.
static tt1__label heart(double x, double y, double z)
{
  double scale = 1.0 - 0.4 * z;
  if (is_inside(&left_wall, x, y, scale)) {
    if (!is_inside(&left_blood, x, y, scale)) return TT1__MYOCARDIUM;
    for (int i = 0; i < 2; i++)
      if (z <= 0.8 && is_inside(&papillary[i], x, y, 1.0)) return TT1__MYOCARDIUM;
    return TT1__BLOOD;
  }
  if (is_inside(&right_blood, x, y, scale)) return TT1__BLOOD;
  if (is_inside(&right_wall, x, y, scale)) return TT1__MYOCARDIUM;
  return is_inside(&heart_fat, x, y, scale) ? TT1__FAT : TT1__AIR;
}

tt1__label tt1__anatomy(double x, double y, double z)
{
  if (!is_inside(&skin, x, y, 1.0)) return TT1__AIR;
  if (!is_inside(&beneath_skin, x, y, 1.0)) return TT1__FAT;
  if (!is_inside(&cavity, x, y, 1.0)) return TT1__CHEST_WALL;
  tt1__label label = heart(x, y, z);
  if (label != TT1__AIR) return label;
  if (is_inside(&aorta, x, y, 1.0)) return TT1__BLOOD;
  if (is_inside(&spine, x, y, 1.0) || is_inside(&back_muscles, x, y, 1.0) ||
      is_inside(&breastbone, x, y, 1.0))
    return TT1__CHEST_WALL;
  return is_inside(&liver, x, y, 1.0) ? TT1__LIVER : TT1__LUNG;
}
