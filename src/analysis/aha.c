/* SPDX-License-Identifier: MIT
 * The segments of the left ventricle after the American Heart Association, from
 * the ring of the myocardium and the insertion points of the right ventricle. */
#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/number.h"
#include "tt1_analysis.h"

enum { N_BINS = 12, N_LEVELS = 4 };

static const double degrees = 180.0 / TT1__PI;

/* What is known of one slice. Angles in degrees, from 0 up to 360, from the anterior insertion
 * through the septum. */
typedef struct ring {
  int64_t k;
  const int64_t *size;
  const uint8_t *myocardium; /* [size[0] * size[1]] */
  double spacing[2], centre[2];
  double start, sense; /* of the angles: where they begin in the image, and whether they run back */
  double septum;       /* angle of the inferior insertion */
} ring;

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

static int64_t spread(uint8_t *outside, const ring *r, int64_t *stack, int64_t n, int64_t i,
                      int64_t j)
{
  if (i < 0 || j < 0 || i >= r->size[0] || j >= r->size[1]) return n;
  int64_t v = i + j * r->size[0];
  if (outside[v] || r->myocardium[v]) return n;
  outside[v] = 1;
  stack[n] = v;
  return n + 1;
}

static void flood(uint8_t *outside, const ring *r, int64_t *stack)
{
  int64_t n = 0, columns = r->size[0], rows = r->size[1];
  for (int64_t i = 0; i < columns; i++) {
    n = spread(outside, r, stack, n, i, 0);
    n = spread(outside, r, stack, n, i, rows - 1);
  }
  for (int64_t j = 0; j < rows; j++) {
    n = spread(outside, r, stack, n, 0, j);
    n = spread(outside, r, stack, n, columns - 1, j);
  }
  while (n > 0) {
    int64_t v = stack[--n], i = v % columns, j = v / columns;
    n = spread(outside, r, stack, n, i - 1, j);
    n = spread(outside, r, stack, n, i + 1, j);
    n = spread(outside, r, stack, n, i, j - 1);
    n = spread(outside, r, stack, n, i, j + 1);
  }
}

static tt1_status not_closed(const ring *r, tt1_error *err)
{
  return tt1__error_set(err, TT1_BAD_ARGUMENT,
                        "the myocardium of slice %lld is no closed ring around a cavity; segments "
                        "are defined for full rings only",
                        (long long)r->k);
}

static tt1_status find_centre(ring *r, uint8_t *outside, int64_t *stack, tt1_error *err)
{
  int64_t area = r->size[0] * r->size[1], n = 0, cavity = 0;
  double sums[2] = {0.0, 0.0};
  memset(outside, 0, (size_t)area);
  flood(outside, r, stack);
  for (int64_t v = 0; v < area; v++) {
    if (outside[v]) continue;
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
  return degrees * atan2((j - r->centre[1]) * r->spacing[1], (i - r->centre[0]) * r->spacing[0]);
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
                             tt1_error *err)
{
  int is_met[N_BINS] = {0}, n_met = 0;
  for (int64_t v = 0; v < r->size[0] * r->size[1]; v++) {
    if (!r->myocardium[v]) continue;
    double angle = angle_of(r, (double)(v % r->size[0]), (double)(v / r->size[0]));
    segments[v] = segment_of(r, level, angle);
    // `septum` holds the myocardium without its edge so far.
    if (septum) septum[v] = septum[v] && level != TT1_LEVEL_APICAL && is_mid_septal(r, angle);
    is_met[(int)(angle * N_BINS / 360.0) % N_BINS] = 1;
  }
  for (int i = 0; i < N_BINS; i++)
    n_met += is_met[i];
  return n_met == N_BINS ? TT1_OK : not_closed(r, err);
}

static tt1_status do_slice(ring *r, int32_t *segments, uint8_t *septum, const tt1_aha_slice *slice,
                           uint8_t *outside, int64_t *stack, tt1_error *err)
{
  int64_t offset = r->k * r->size[0] * r->size[1];
  r->myocardium += offset;
  tt1_status status = find_centre(r, outside, stack, err);
  if (status == TT1_OK) status = find_septum(r, slice, err);
  if (status != TT1_OK) return status;
  return fill_slice(segments + offset, septum ? septum + offset : NULL, r, slice->level, err);
}

static tt1_status do_slices(int32_t *segments, uint8_t *septum, const uint8_t *myocardium,
                            const tt1_geometry *g, const tt1_aha_slice *slices, tt1_error *err)
{
  int64_t area = g->size[0] * g->size[1];
  uint8_t *outside = tt1__allocate((size_t)area, 1);
  int64_t *stack = tt1__allocate((size_t)area, sizeof *stack);
  tt1_status status = outside && stack ? TT1_OK : tt1__no_memory(err);
  for (int64_t k = 0; k < g->size[2] && status == TT1_OK; k++) {
    ring r = {.k = k,
              .size = g->size,
              .myocardium = myocardium,
              .spacing = {fabs(g->spacing[0]), fabs(g->spacing[1])}};
    memset(segments + k * area, 0, (size_t)area * sizeof *segments);
    if (slices[k].level != TT1_LEVEL_NONE)
      status = do_slice(&r, segments, septum, &slices[k], outside, stack, err);
    else if (septum)
      memset(septum + k * area, 0, (size_t)area);
  }
  tt1__free(outside);
  tt1__free(stack);
  return status;
}

tt1_status tt1_aha_segments(int32_t *segments, uint8_t *septum, const uint8_t *myocardium,
                            const tt1_geometry *geometry, const tt1_aha_slice *slices,
                            tt1_error *err)
{
  const tt1_geometry *g = geometry;
  if (!segments || !myocardium || !slices || g->size[0] < 1 || g->size[1] < 1 || g->size[2] < 1)
    return tt1__error_set(err, TT1_BAD_ARGUMENT, "a mask of at least one voxel is expected");
  if (!(fabs(g->spacing[0]) > 0.0) || !(fabs(g->spacing[1]) > 0.0) ||
      !isfinite(g->spacing[0] + g->spacing[1]))
    return tt1__error_set(err, TT1_BAD_ARGUMENT, "voxels of %g x %g mm have no angles",
                          g->spacing[0], g->spacing[1]);
  for (int64_t k = 0; k < g->size[2]; k++)
    if (!tt1_level_name(slices[k].level))
      return tt1__error_set(err, TT1_BAD_ARGUMENT, "slice %lld is at level %d, which there is not",
                            (long long)k, (int)slices[k].level);
  tt1_status status = septum ? tt1_erode(septum, myocardium, g->size, 1, err) : TT1_OK;
  return status == TT1_OK ? do_slices(segments, septum, myocardium, g, slices, err) : status;
}
