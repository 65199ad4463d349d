/* SPDX-License-Identifier: MIT
 * A chest cut through the short axis of the heart, drawn with ellipses. The
 * proportions are those of an adult in a field of view of 320 mm; the heart in it
 * may be larger, thicker, elsewhere or turned. */
#include <math.h>

#include "base/number.h"
#include "simulate/simulate.h"

enum { HEART_FAT, RIGHT_WALL, RIGHT_BLOOD, LEFT_WALL, LEFT_BLOOD, PAPILLARY };

// clang-format off
static const tt1__ellipse skin         = { 0.00,  0.00, 0.94, 0.72, 1.0, 0.0};
static const tt1__ellipse beneath_skin = { 0.00,  0.00, 0.89, 0.67, 1.0, 0.0};
static const tt1__ellipse cavity       = { 0.00,  0.02, 0.80, 0.57, 1.0, 0.0};
static const tt1__ellipse back_muscles = { 0.00, -0.62, 0.30, 0.22, 1.0, 0.0};
static const tt1__ellipse spine        = { 0.00, -0.42, 0.13, 0.12, 1.0, 0.0};
static const tt1__ellipse breastbone   = { 0.00,  0.60, 0.12, 0.06, 1.0, 0.0};
static const tt1__ellipse aorta        = { 0.20, -0.34, 0.075, 0.075, 1.0, 0.0};
static const tt1__ellipse liver        = {-0.40, -0.34, 0.46, 0.30, 1.0, 0.0};

static const tt1__ellipse usual_heart[TT1__N_HEART_PARTS] = {
  [HEART_FAT]     = { 0.14,  0.11, 0.44, 0.335, 1.0, 0.0},
  [RIGHT_WALL]    = { 0.02,  0.16, 0.285, 0.215, 1.0, 0.0},
  [RIGHT_BLOOD]   = { 0.02,  0.16, 0.26, 0.19, 1.0, 0.0},
  [LEFT_WALL]     = { 0.26,  0.06, 0.225, 0.225, 1.0, 0.0},
  [LEFT_BLOOD]    = { 0.26,  0.06, 0.150, 0.150, 1.0, 0.0},
  [PAPILLARY]     = { 0.18, -0.03, 0.034, 0.034, 1.0, 0.0},
  [PAPILLARY + 1] = { 0.35,  0.00, 0.034, 0.034, 1.0, 0.0},
};
// clang-format on

int tt1__is_inside(const tt1__ellipse *e, double x, double y, double scale)
{
  double dx = x - e->x, dy = y - e->y;
  double u = (e->cosine * dx + e->sine * dy) / (e->radius_x * scale);
  double v = (e->cosine * dy - e->sine * dx) / (e->radius_y * scale);
  return u * u + v * v <= 1.0;
}

// Scaled and turned about the centre of the left ventricle. The usual heart stays as it is to the bit.
static tt1__ellipse place(tt1__ellipse e, const tt1_heart *heart, double rotation)
{
  const tt1__ellipse *center = &usual_heart[LEFT_WALL];
  double c = cos(rotation), s = sin(rotation), dx = e.x - center->x, dy = e.y - center->y;
  return (tt1__ellipse){
      e.x + (heart->scale * (c * dx - s * dy) - dx) + heart->x / (TT1__FIELD_OF_VIEW / 2.0),
      e.y + (heart->scale * (s * dx + c * dy) - dy) + heart->y / (TT1__FIELD_OF_VIEW / 2.0),
      e.radius_x * heart->scale,
      e.radius_y * heart->scale,
      c,
      s};
}

void tt1__heart_place(tt1__scene *scene, const tt1_heart *heart)
{
  scene->rotation = heart->rotation * TT1__PI / 180.0;
  for (int part = 0; part < TT1__N_HEART_PARTS; part++) {
    tt1__ellipse e = usual_heart[part];
    double thickness = usual_heart[LEFT_WALL].radius_x - usual_heart[LEFT_BLOOD].radius_x;
    if (part == LEFT_BLOOD) {
      e.radius_x -= (heart->wall - 1.0) * thickness;
      e.radius_y -= (heart->wall - 1.0) * thickness;
    }
    scene->heart[part] = place(e, heart, scene->rotation);
  }
}

// Ventricles become smaller towards the apex.
static double size_at(double z)
{
  return 1.0 - 0.4 * z;
}

// The left ventricle has the last word on the septum.
static uint8_t heart_label(const tt1__ellipse *heart, double x, double y, double z)
{
  double scale = size_at(z);
  if (tt1__is_inside(&heart[LEFT_WALL], x, y, scale)) {
    if (!tt1__is_inside(&heart[LEFT_BLOOD], x, y, scale)) return TT1_MYOCARDIUM;
    for (int i = 0; i < 2; i++)
      if (z <= 0.8 && tt1__is_inside(&heart[PAPILLARY + i], x, y, 1.0)) return TT1_MYOCARDIUM;
    return TT1_BLOOD;
  }
  if (tt1__is_inside(&heart[RIGHT_BLOOD], x, y, scale)) return TT1_BLOOD;
  if (tt1__is_inside(&heart[RIGHT_WALL], x, y, scale)) return TT1_MYOCARDIUM;
  return tt1__is_inside(&heart[HEART_FAT], x, y, scale) ? TT1_FAT : TT1_AIR;
}

// The walls of the chest stay where they are while the heart and the liver move.
uint8_t tt1__heart_label(const tt1__scene *scene, double x, double y, double z,
                         const double moved[2])
{
  if (!tt1__is_inside(&skin, x, y, 1.0)) return TT1_AIR;
  if (!tt1__is_inside(&beneath_skin, x, y, 1.0)) return TT1_FAT;
  if (!tt1__is_inside(&cavity, x, y, 1.0)) return TT1_CHEST_WALL;
  uint8_t label = heart_label(scene->heart, x - moved[0], y - moved[1], z);
  if (label != TT1_AIR) return label;
  if (tt1__is_inside(&aorta, x, y, 1.0)) return TT1_BLOOD;
  if (tt1__is_inside(&spine, x, y, 1.0) || tt1__is_inside(&back_muscles, x, y, 1.0) ||
      tt1__is_inside(&breastbone, x, y, 1.0))
    return TT1_CHEST_WALL;
  return tt1__is_inside(&liver, x - moved[0], y - moved[1], 1.0) ? TT1_LIVER : TT1_LUNG;
}

int tt1__heart_is_wall(const tt1__scene *scene, double x, double y, double z)
{
  return tt1__is_inside(&scene->heart[LEFT_WALL], x, y, size_at(z)) &&
         !tt1__is_inside(&scene->heart[LEFT_BLOOD], x, y, size_at(z));
}

/* ---- Insertion points ---- */

static void point_at(double point[2], const tt1__scene *scene, double z, double angle)
{
  const tt1__ellipse *wall = &scene->heart[LEFT_WALL];
  point[0] = wall->x + wall->radius_x * size_at(z) * cos(angle);
  point[1] = wall->y + wall->radius_y * size_at(z) * sin(angle);
}

static int is_septum(const tt1__scene *scene, double z, double angle)
{
  double p[2];
  point_at(p, scene, z, angle);
  return tt1__is_inside(&scene->heart[RIGHT_BLOOD], p[0], p[1], size_at(z));
}

// The end of the septum on the way from `within`, by steps of half a degree and bisection.
static void find_end(double point[2], const tt1__scene *scene, double z, double within, int way)
{
  double step = way * TT1__PI / 360.0, from = within;
  while (is_septum(scene, z, from + step) && fabs(from - within) < TT1__PI)
    from += step;
  for (int i = 0; i < 30; i++) {
    step *= 0.5;
    if (is_septum(scene, z, from + step)) from += step;
  }
  point_at(point, scene, z, from);
}

void tt1__heart_insertions(double points[2][2], const tt1__scene *scene, double z)
{
  const tt1__ellipse *left = &scene->heart[LEFT_WALL], *right = &scene->heart[RIGHT_BLOOD];
  double within = atan2(right->y - left->y, right->x - left->x);
  find_end(points[0], scene, z, within,
           -1); // seen from the feet, front lies clockwise of the septum
  find_end(points[1], scene, z, within, 1);
}
