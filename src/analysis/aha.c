/* SPDX-License-Identifier: MIT
 * The segments of the left ventricle after the American Heart Association, from
 * the ring of the myocardium and the insertion points of the right ventricle. */
#include <assert.h>
#include <math.h>
#include <string.h>

#include "analysis/plane.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/number.h"

enum { N_BINS = 12, N_LEVELS = 4 };

static const double degrees = 180.0 / TT1__PI;

/* What is known of one slice. Angles in degrees, from 0 up to 360, from the anterior insertion
 * through the septum. */
typedef struct ring {
  int64_t k;
  const tt1__planes *planes;
  const int64_t *size;       /* of the plane */
  const uint8_t *myocardium; /* [size[0] * size[1]] */
  double centre[2];
  double start, sense; /* of the angles: where they begin in the image, and whether they run back */
  double septum;       /* angle of the inferior insertion */
} ring;

/* Room for a slice: what is given and what is found, and what finding it takes. */
typedef struct workspace {
  uint8_t *myocardium, *outside, *inner; /* inner: the myocardium without its edge */
  int64_t *stack;
} workspace;

/* ---- Names ---- */

const char *tt1_level_name(tt1_level level)
{
  static const char *const names[N_LEVELS] = {"none", "basal", "mid", "apical"};
  return (int)level >= 0 && (int)level < N_LEVELS ? names[level] : NULL;
}

const char *tt1_segment_name(int segment)
{
  static const char *const names[] = {
      "basal anterior",      "basal anteroseptal",  "basal inferoseptal", "basal inferior",
      "basal inferolateral", "basal anterolateral", "mid anterior",       "mid anteroseptal",
      "mid inferoseptal",    "mid inferior",        "mid inferolateral",  "mid anterolateral",
      "apical anterior",     "apical septal",       "apical inferior",    "apical lateral"};
  static_assert(sizeof names / sizeof *names == 16, "the segments of a left ventricle");
  return segment >= 1 && segment <= 16 ? names[segment - 1] : NULL;
}

/* ---- The centre: that of all that cannot be reached from outside ---- */

static tt1_status not_closed(const ring *r, tt1_error *err)
{
  return tt1__error_set(err, TT1_BAD_ARGUMENT,
                        "the myocardium of slice %lld is no closed ring around a cavity; segments "
                        "are defined for full rings only",
                        (long long)r->k);
}

static tt1_status find_centre(ring *r, const workspace *room, tt1_error *err)
{
  int64_t area = r->size[0] * r->size[1], n = 0, cavity = 0;
  double sums[2] = {0.0, 0.0};
  tt1__planes_flood(room->outside, r->myocardium, r->size, room->stack);
  for (int64_t v = 0; v < area; v++) {
    if (room->outside[v]) continue;
    n++;
    cavity += !r->myocardium[v];
    sums[0] += (double)(v % r->size[0]);
    sums[1] += (double)(v / r->size[0]);
  }
  if (!cavity) return not_closed(r, err);
  r->centre[0] = sums[0] / (double)n;
  r->centre[1] = sums[1] / (double)n;
  return TT1_OK;
}

/* ---- Angles ---- */

static double angle_in_image(const ring *r, double i, double j)
{
  return degrees * atan2((j - r->centre[1]) * r->planes->spacing[1],
                         (i - r->centre[0]) * r->planes->spacing[0]);
}

static double wrapped(double angle)
{
  double turned = fmod(angle, 360.0);
  if (turned < 0.0) turned += 360.0;
  return turned < 360.0 ? turned : 0.0; // a tiny negative angle rounds up to 360
}

static double angle_of(const ring *r, double i, double j)
{
  return wrapped(r->sense * (angle_in_image(r, i, j) - r->start));
}

static int is_in_image(const ring *r, const double point[2])
{
  return point[0] >= -0.5 && point[0] <= (double)r->size[0] - 0.5 && point[1] >= -0.5 &&
         point[1] <= (double)r->size[1] - 0.5;
}

/* The septum is the shorter way between the two points. */
static tt1_status find_septum(ring *r, const tt1_aha_slice *slice, tt1_error *err)
{
  const double *a = slice->anterior, *b = slice->inferior;
  for (int which = 0; which < 2; which++)
    if (!is_in_image(r, which ? b : a))
      return tt1__error_set(
          err, TT1_BAD_ARGUMENT,
          "the %s insertion point of slice %lld, %g,%g, lies outside the image of "
          "%lld x %lld voxels",
          which ? "inferior" : "anterior", (long long)r->k, (which ? b : a)[0], (which ? b : a)[1],
          (long long)r->size[0], (long long)r->size[1]);
  r->start = angle_in_image(r, a[0], a[1]);
  r->sense = 1.0;
  r->septum = angle_of(r, b[0], b[1]);
  if (r->septum > 180.0) {
    r->sense = -1.0;
    r->septum = 360.0 - r->septum;
  }
  if (r->septum >= 30.0 && r->septum <= 170.0) return TT1_OK;
  return tt1__error_set(err, TT1_BAD_ARGUMENT,
                        "the insertion points of slice %lld are %.0f degrees apart, seen from the "
                        "centre of the ring; 30 to 170 are expected, to tell on which side the "
                        "septum is",
                        (long long)r->k, r->septum);
}

static int segment_of(const ring *r, tt1_level level, double angle)
{
  static const int six[] = {2, 3, 4, 5, 6, 1}, four[] = {14, 15, 16, 13};
  if (level == TT1_LEVEL_APICAL)
    return four[(int)(wrapped(angle - 0.5 * r->septum + 45.0) / 90.0) % 4];
  return six[(int)(angle / 60.0) % 6] + (level == TT1_LEVEL_MID ? 6 : 0);
}

static int is_mid_septal(const ring *r, double angle)
{
  return angle >= 0.25 * r->septum && angle <= 0.75 * r->septum;
}

/* ---- A slice, and all of them ---- */

static tt1_status fill_slice(int32_t *segments, uint8_t *septum, const ring *r, tt1_level level,
                             const uint8_t *inner, tt1_error *err)
{
  int is_met[N_BINS] = {0}, n_met = 0;
  for (int64_t v = 0; v < r->size[0] * r->size[1]; v++) {
    if (!r->myocardium[v]) continue;
    double angle = angle_of(r, (double)(v % r->size[0]), (double)(v / r->size[0]));
    int64_t at = tt1__planes_voxel(r->planes, r->k, v);
    segments[at] = segment_of(r, level, angle);
    if (septum) septum[at] = inner[v] && level != TT1_LEVEL_APICAL && is_mid_septal(r, angle);
    is_met[(int)(angle * N_BINS / 360.0) % N_BINS] = 1;
  }
  for (int i = 0; i < N_BINS; i++)
    n_met += is_met[i];
  return n_met == N_BINS ? TT1_OK : not_closed(r, err);
}

static tt1_status do_slice(int32_t *segments, uint8_t *septum, const uint8_t *myocardium,
                           const tt1__planes *planes, int64_t k, const tt1_aha_slice *slice,
                           const workspace *room, tt1_error *err)
{
  ring r = {.k = k, .planes = planes, .size = planes->size, .myocardium = room->myocardium};
  tt1__planes_take(room->myocardium, myocardium, planes, k);
  tt1__planes_erode(room->inner, room->myocardium, planes->size);
  tt1_status status = find_centre(&r, room, err);
  if (status == TT1_OK) status = find_septum(&r, slice, err);
  if (status != TT1_OK) return status;
  return fill_slice(segments, septum, &r, slice->level, room->inner, err);
}

static tt1_status do_slices(int32_t *segments, uint8_t *septum, const uint8_t *myocardium,
                            const tt1_geometry *g, const tt1_aha_slice *slices, tt1_error *err)
{
  tt1__planes planes = tt1__planes_of(g);
  size_t area = (size_t)(planes.size[0] * planes.size[1]);
  size_t n_voxels = (size_t)(g->size[0] * g->size[1] * g->size[2]);
  workspace room = {tt1__allocate(area, 1), tt1__allocate(area, 1), tt1__allocate(area, 1),
                    tt1__allocate(area, sizeof *room.stack)};
  tt1_status status = TT1_OK;
  if (!room.myocardium || !room.outside || !room.inner || !room.stack) status = tt1__no_memory(err);
  memset(segments, 0, n_voxels * sizeof *segments);
  if (septum) memset(septum, 0, n_voxels);
  for (int64_t k = 0; k < planes.n && status == TT1_OK; k++)
    if (slices[k].level != TT1_LEVEL_NONE)
      status = do_slice(segments, septum, myocardium, &planes, k, &slices[k], &room, err);
  tt1__free(room.myocardium);
  tt1__free(room.outside);
  tt1__free(room.inner);
  tt1__free(room.stack);
  return status;
}

tt1_status tt1_aha_segments(int32_t *segments, uint8_t *septum, const uint8_t *myocardium,
                            const tt1_geometry *geometry, const tt1_aha_slice *slices,
                            tt1_error *err)
{
  const tt1_geometry *g = geometry;
  if (!segments || !myocardium || !slices || g->size[0] < 1 || g->size[1] < 1 || g->size[2] < 1)
    return tt1__error_set(err, TT1_BAD_ARGUMENT, "a mask of at least one voxel is expected");
  const tt1__planes planes = tt1__planes_of(g);
  if (!(planes.spacing[0] > 0.0) || !(planes.spacing[1] > 0.0) ||
      !isfinite(planes.spacing[0] + planes.spacing[1]))
    return tt1__error_set(err, TT1_BAD_ARGUMENT, "voxels of %g x %g mm have no angles",
                          planes.spacing[0], planes.spacing[1]);
  for (int64_t k = 0; k < planes.n; k++)
    if (!tt1_level_name(slices[k].level))
      return tt1__error_set(err, TT1_BAD_ARGUMENT, "slice %lld is at level %d, which there is not",
                            (long long)k, (int)slices[k].level);
  return do_slices(segments, septum, myocardium, g, slices, err);
}
