/* SPDX-License-Identifier: MIT
 * From what is said of slices to the slices of a map. Points are counted in the voxels of one image, which may
 * be stored in another order than the map, or given in mm: they move through both affine maps, and are held
 * against the ring and against the patient before anybody believes them. */
#include <math.h>
#include <string.h>

#include "analysis/plane.h"
#include "base/error.h"
#include "base/memory.h"
#include "image/image.h"
#include "measure/points.h"
#include "measure/segments.h"

/* Farther from the ring than that is no insertion point. */
static const double FARTHEST = 10.0;
/* mm between a point in voxels and the same in mm before one of them is wrong. */
static const double SAME_POINT = 2.0;

/** What is known of a slice of the map. */
typedef struct described {
  int has_level, has_points, is_in_mm;
  tt1_aha_slice aha;
} described;

typedef struct resolver {
  const tt1__slice_places *places;
  tt1__planes planes;         /* of the map */
  int across;                 /* its axis from slice to slice */
  double from_points[3][4];   /* voxels of the image of the points to voxels of the map */
  double from_mm[3][4];       /* mm to voxels of the map */
  double to_mm[3][4];         /* and back */
  int has_place, is_parallel; /* mm are known; slices of both run alike */
  described *slices;          /* [planes.n] */
} resolver;

static void apply(double out[3], const double m[3][4], const double in[3])
{
  for (int i = 0; i < 3; i++)
    out[i] = m[i][0] * in[0] + m[i][1] * in[1] + m[i][2] * in[2] + m[i][3];
}

/* ---- Between the grids ---- */

static int same_size(const tt1_geometry *a, const tt1_geometry *b)
{
  return memcmp(a->size, b->size, sizeof a->size) == 0;
}

/* Whether the third axis of the image of the points is the one that runs through the slices. */
static int is_parallel(const resolver *r)
{
  const double *spacing = r->places->map->spacing;
  double along = fabs(r->from_points[r->across][2] * spacing[r->across]);
  for (int axis = 0; axis < 3; axis++)
    if (axis != r->across && !(along > fabs(r->from_points[axis][2] * spacing[axis]))) return 0;
  return along > 0.0;
}

static tt1_status relate(resolver *r, tt1_error *err)
{
  const tt1__slice_places *p = r->places;
  const tt1_geometry world = {.sform_code = 1, .srow = {{1}, {0, 1}, {0, 0, 1}}};
  r->has_place =
      tt1__geometry_relate(r->from_mm, p->map, &world) && tt1_geometry_matrix(p->map, r->to_mm);
  if (!tt1__geometry_relate(r->from_points, p->map, p->points)) {
    if (!same_size(p->map, p->points))
      return tt1__error_set(err, TT1_BAD_ARGUMENT,
                            "%s and %s do not both say where their voxels lie, so that points "
                            "cannot move from one to the other; give them in voxels of %s and "
                            "--points-of %s",
                            p->points_path, p->map_path, p->map_path, p->map_path);
    memset(r->from_points, 0, sizeof r->from_points);
    for (int i = 0; i < 3; i++)
      r->from_points[i][i] = 1.0;
  }
  r->is_parallel = is_parallel(r);
  return TT1_OK;
}

/* The slice of the map, as the image of the points counts it, for sentences. */
static long long counted(const resolver *r, int64_t k)
{
  const double *row = r->from_points[r->across];
  const int64_t *size = r->places->points->size;
  if (!r->is_parallel) return (long long)k;
  double middle = row[0] * 0.5 * (double)(size[0] - 1) + row[1] * 0.5 * (double)(size[1] - 1);
  return llround(((double)k - row[3] - middle) / row[2]);
}

/* ---- Where a point lies ---- */

static tt1_status refuse_row(const tt1__slice_row *row, const char *sentence, tt1_error *err)
{
  if (row->path)
    return tt1__error_set(err, TT1_BAD_ARGUMENT, "%s: line %d: %s", row->path, row->line, sentence);
  return tt1__error_set(err, TT1_BAD_ARGUMENT, "--insertion: %s", sentence);
}

/* Point `which` in voxels of the map. `k` is the slice of the map where all slices are meant. */
static tt1_status place_voxels(double out[3], const resolver *r, const tt1__slice_row *row,
                               int which, int64_t k, tt1_error *err)
{
  double voxel[3] = {row->voxel[which][0], row->voxel[which][1], row->voxel[which][2]};
  if (row->n_voxel == 2 && !r->is_parallel)
    return refuse_row(row,
                      "the slices of the map are no slices of the image in which the points are "
                      "counted; give three coordinates, I,J,K,I,J,K, or mm:X,Y,Z,X,Y,Z",
                      err);
  if (row->n_voxel == 2) voxel[2] = row->slice;
  if (row->n_voxel == 2 && row->slice < 0) {
    const double *line = r->from_points[r->across];
    voxel[2] = ((double)k - line[3] - line[0] * voxel[0] - line[1] * voxel[1]) / line[2];
  }
  apply(out, r->from_points, voxel);
  return TT1_OK;
}

static tt1_status place_mm(double out[3], const resolver *r, const tt1__slice_row *row, int which,
                           tt1_error *err)
{
  if (!r->has_place)
    return refuse_row(row, "points are in mm, but the map does not say where its voxels lie", err);
  apply(out, r->from_mm, row->mm[which]);
  return TT1_OK;
}

/* A point that is given twice must be the same place. */
static tt1_status check_twice(const resolver *r, const tt1__slice_row *row, int which,
                              const double in_mm[3], int64_t k, tt1_error *err)
{
  double in_voxels[3], squares = 0.0;
  tt1_status status = place_voxels(in_voxels, r, row, which, k, err);
  if (status != TT1_OK) return status;
  for (int i = 0; i < 3; i++)
    squares += pow((in_voxels[i] - in_mm[i]) * r->places->map->spacing[i], 2.0);
  if (sqrt(squares) <= SAME_POINT) return TT1_OK;
  return tt1__error_set(err, TT1_BAD_ARGUMENT,
                        "%s: line %d: the %s insertion point in mm lies %.3g mm from where its "
                        "voxel lies in %s; --points-of names the image in which the table counts",
                        row->path, row->line, which ? "inferior" : "anterior", sqrt(squares),
                        r->places->points_path);
}

static tt1_status place(double out[3], const resolver *r, const tt1__slice_row *row, int which,
                        int64_t k, tt1_error *err)
{
  tt1_status status = TT1_OK;
  if (!row->has_mm) return place_voxels(out, r, row, which, k, err);
  status = place_mm(out, r, row, which, err);
  if (status == TT1_OK && row->n_voxel > 0) status = check_twice(r, row, which, out, k, err);
  return status;
}

/* ---- Filling in ---- */

static void set_points(described *d, const resolver *r, int is_in_mm, double points[2][3])
{
  d->is_in_mm = is_in_mm;
  for (int which = 0; which < 2; which++)
    for (int axis = 0, n = 0; axis < 3; axis++)
      if (axis != r->across) (which ? d->aha.inferior : d->aha.anterior)[n++] = points[which][axis];
  d->has_points = 1;
}

static tt1_status fill_all(resolver *r, const tt1__slice_row *row, tt1_error *err)
{
  tt1_status status = TT1_OK;
  for (int64_t k = 0; k < r->planes.n && status == TT1_OK; k++) {
    described *d = &r->slices[k];
    double points[2][3];
    if (row->has_level) {
      d->aha.level = row->level;
      d->has_level = 1;
      continue;
    }
    status = place(points[0], r, row, 0, k, err);
    if (status == TT1_OK) status = place(points[1], r, row, 1, k, err);
    if (status == TT1_OK) set_points(d, r, row->has_mm, points);
  }
  return status;
}

/* Slice `slice` of the image of the points, as one of the map. */
static tt1_status find_slice(int64_t *k, const resolver *r, const tt1__slice_row *row,
                             tt1_error *err)
{
  const tt1__slice_places *p = r->places;
  const int64_t *size = p->points->size;
  if (row->slice >= size[2])
    return tt1__error_set(err, TT1_BAD_ARGUMENT, "slice %d is described, %s has slices 0 to %lld",
                          row->slice, p->points_path, (long long)size[2] - 1);
  if (!r->is_parallel)
    return tt1__error_set(err, TT1_BAD_ARGUMENT,
                          "slice %d of %s is described, but its slices are not those of %s; "
                          "describe them in a table of points in mm, or with --points-of %s",
                          row->slice, p->points_path, p->map_path, p->map_path);
  const double middle[3] = {0.5 * (double)(size[0] - 1), 0.5 * (double)(size[1] - 1), row->slice};
  double there[3];
  apply(there, r->from_points, middle);
  *k = (int64_t)llround(there[r->across]);
  if (*k >= 0 && *k < r->planes.n && fabs(there[r->across] - (double)*k) <= 0.5) return TT1_OK;
  return tt1__error_set(err, TT1_BAD_ARGUMENT, "slice %d of %s lies beside those of %s", row->slice,
                        p->points_path, p->map_path);
}

/* Both points must lie in one slice of the map: which. */
static tt1_status find_slice_of_points(int64_t *k, const resolver *r, const tt1__slice_row *row,
                                       double points[2][3], tt1_error *err)
{
  double first = points[0][r->across], second = points[1][r->across];
  *k = (int64_t)llround(0.5 * (first + second));
  int is_inside = *k >= 0 && *k < r->planes.n;
  if (is_inside && fabs(first - (double)*k) <= 0.6 && fabs(second - (double)*k) <= 0.6)
    return TT1_OK;
  if (is_inside)
    return refuse_row(row, "the two insertion points lie in two slices of the map", err);
  return refuse_row(row, "the insertion points lie beside all slices of the map", err);
}

static tt1_status fill_one(resolver *r, const tt1__slice_row *row, tt1_error *err)
{
  int64_t k = 0, of_points = 0;
  double points[2][3];
  int has_points = row->has_mm || row->n_voxel > 0;
  tt1_status status = TT1_OK;
  if (row->slice >= 0) status = find_slice(&k, r, row, err);
  if (status == TT1_OK && has_points) {
    status = place(points[0], r, row, 0, k, err);
    if (status == TT1_OK) status = place(points[1], r, row, 1, k, err);
    if (status == TT1_OK) status = find_slice_of_points(&of_points, r, row, points, err);
    if (status == TT1_OK && row->slice >= 0 && of_points != k)
      status = refuse_row(row, "the insertion points lie in another slice than the one named", err);
  }
  if (status != TT1_OK) return status;
  described *d = &r->slices[row->slice >= 0 ? k : of_points];
  if (has_points) set_points(d, r, row->has_mm, points);
  if (row->has_level) {
    d->aha.level = row->level;
    d->has_level = 1;
  }
  return TT1_OK;
}

/* What is said of one slice goes before what is said of all. */
static tt1_status fill(resolver *r, const tt1__slice_table *table, tt1_error *err)
{
  tt1_status status = TT1_OK;
  for (int pass = 0; pass < 2; pass++)
    for (int i = 0; i < table->n && status == TT1_OK; i++) {
      const tt1__slice_row *row = &table->rows[i];
      int is_general = row->slice == TT1__ALL_SLICES;
      if (is_general == pass) continue;
      status = is_general ? fill_all(r, row, err) : fill_one(r, row, err);
    }
  return status;
}

/* ---- Whether to believe it ---- */

/* A slice of the ring: its middle, and how far a point lies from its nearest voxel. */
typedef struct ring_slice {
  int64_t n;
  double middle[2], distance[2];
} ring_slice;

static ring_slice look_at(const resolver *r, int64_t k)
{
  const tt1__planes *p = &r->planes;
  const tt1_aha_slice *aha = &r->slices[k].aha;
  ring_slice s = {.distance = {HUGE_VAL, HUGE_VAL}};
  for (int64_t v = 0; v < p->size[0] * p->size[1]; v++) {
    if (!r->places->myocardium[tt1__planes_voxel(p, k, v)]) continue;
    double i = (double)(v % p->size[0]), j = (double)(v / p->size[0]);
    s.n++;
    s.middle[0] += i;
    s.middle[1] += j;
    for (int which = 0; which < 2; which++) {
      const double *point = which ? aha->inferior : aha->anterior;
      double x = (point[0] - i) * p->spacing[0], y = (point[1] - j) * p->spacing[1];
      s.distance[which] = fmin(s.distance[which], sqrt(x * x + y * y));
    }
  }
  for (int i = 0; s.n > 0 && i < 2; i++)
    s.middle[i] /= (double)s.n;
  return s;
}

static int is_in_image(const resolver *r, const double point[2])
{
  return point[0] >= -0.5 && point[0] <= (double)r->planes.size[0] - 0.5 && point[1] >= -0.5 &&
         point[1] <= (double)r->planes.size[1] - 0.5;
}

/* Points outside of the image are refused by whoever makes the segments. */
static tt1_status check_distance(const resolver *r, int64_t k, const ring_slice *s, tt1_error *err)
{
  const tt1__slice_places *p = r->places;
  for (int which = 0; which < 2; which++) {
    const tt1_aha_slice *aha = &r->slices[k].aha;
    if (!is_in_image(r, which ? aha->inferior : aha->anterior)) continue;
    if (!(s->distance[which] > FARTHEST)) continue;
    const char *name = which ? "inferior" : "anterior";
    if (r->slices[k].is_in_mm)
      return tt1__error_set(
          err, TT1_BAD_ARGUMENT,
          "the %s insertion point of slice %lld lies %.0f mm from the ring of %s, "
          "at most %.0f are expected: are its mm counted to the right, front and "
          "top, as NIfTI has them? lps:X,Y,Z,X,Y,Z gives them as DICOM has them",
          name, counted(r, k), s->distance[which], p->ring_path, FARTHEST);
    return tt1__error_set(
        err, TT1_BAD_ARGUMENT,
        "the %s insertion point of slice %lld lies %.0f mm from the ring of %s, at "
        "most %.0f are expected: are the points counted in voxels of %s? "
        "--points-of names another image, mm:X,Y,Z,X,Y,Z gives them in mm",
        name, counted(r, k), s->distance[which], p->ring_path, FARTHEST, p->points_path);
  }
  return TT1_OK;
}

/* From point `from` to point `to` in the plane of a slice, in mm to the right, front and top. */
static void direction(double out[3], const resolver *r, const double from[2], const double to[2])
{
  double steps[3] = {0.0, 0.0, 0.0};
  for (int axis = 0, n = 0; axis < 3; axis++)
    if (axis != r->across) {
      steps[axis] = to[n] - from[n];
      n++;
    }
  for (int i = 0; i < 3; i++)
    out[i] = r->to_mm[i][0] * steps[0] + r->to_mm[i][1] * steps[1] + r->to_mm[i][2] * steps[2];
}

/* In a short axis the anterior insertion point lies to the front and to the top of the inferior one, whatever
 * the heart does: 1, the other way round: -1, neither: 0. */
static int which_is_anterior(const resolver *r, const tt1_aha_slice *aha)
{
  double way[3];
  direction(way, r, aha->inferior, aha->anterior);
  double length = sqrt(way[0] * way[0] + way[1] * way[1] + way[2] * way[2]);
  double share = (way[1] + way[2]) / length;
  return share > 0.1 ? 1 : share < -0.1 ? -1 : 0;
}

static void exchange(tt1_aha_slice *aha)
{
  for (int i = 0; i < 2; i++) {
    double kept = aha->anterior[i];
    aha->anterior[i] = aha->inferior[i];
    aha->inferior[i] = kept;
  }
}

/* Whether the septum lies to the left of the middle of the ring, in the patient. */
static int septum_is_left(const resolver *r, const tt1_aha_slice *aha, const ring_slice *s)
{
  double way[3];
  const double septum[2] = {0.5 * (aha->anterior[0] + aha->inferior[0]),
                            0.5 * (aha->anterior[1] + aha->inferior[1])};
  direction(way, r, s->middle, septum);
  return way[0] < -0.3 * sqrt(way[0] * way[0] + way[1] * way[1] + way[2] * way[2]);
}

/* How many slices are strange in which way. */
typedef struct doubts {
  int n, exchanged, open, left;
} doubts;

static tt1_status check_slice(resolver *r, int64_t k, doubts *found, tt1_error *err)
{
  tt1_aha_slice *aha = &r->slices[k].aha;
  ring_slice s = look_at(r, k);
  tt1_status status = check_distance(r, k, &s, err);
  found->n++;
  if (status != TT1_OK || !r->has_place) return status;
  int order = which_is_anterior(r, aha);
  if (order < 0) exchange(aha);
  found->exchanged += order < 0;
  found->open += order == 0;
  found->left += septum_is_left(r, aha, &s);
  return TT1_OK;
}

/* Whether anything is said in voxels or slices of an image. */
static int counts_voxels(const tt1__slice_table *table)
{
  for (int i = 0; i < table->n; i++)
    if (table->rows[i].n_voxel > 0 || table->rows[i].slice >= 0) return 1;
  return 0;
}

static tt1_status speak(const resolver *r, const tt1__slice_table *table, const doubts *found,
                        tt1__segments *out, tt1_error *err)
{
  const tt1__slice_places *p = r->places;
  tt1_status status = TT1_OK;
  if (counts_voxels(table))
    status = tt1__remark(&out->notes, err,
                         "insertion points and slices are counted, from 0, in the voxels of %s",
                         p->points_path);
  if (status == TT1_OK && !r->has_place)
    status = tt1__remark(&out->notes, err,
                         "%s does not say where its voxels lie: whether the anterior insertion "
                         "point is not the inferior one could not be checked",
                         p->map_path);
  if (status == TT1_OK && found->exchanged)
    status = tt1__remark(&out->warnings, err,
                         "in %d of %d slices the anterior insertion point lies behind and below "
                         "the inferior one, by where %s says that its voxels lie: the two were "
                         "exchanged",
                         found->exchanged, found->n, p->map_path);
  if (status == TT1_OK && found->open)
    status = tt1__remark(&out->notes, err,
                         "in %d of %d slices the insertion points lie side by side: which is the "
                         "anterior one could not be checked",
                         found->open, found->n);
  if (status == TT1_OK && found->left)
    status = tt1__remark(&out->warnings, err,
                         "in %d of %d slices the septum lies on the left side of the left "
                         "ventricle in the patient: look at the insertion points, unless the heart "
                         "is mirrored",
                         found->left, found->n);
  return status;
}

/* ---- All slices ---- */

static int is_empty(const resolver *r, int64_t k)
{
  for (int64_t v = 0; v < r->planes.size[0] * r->planes.size[1]; v++)
    if (r->places->myocardium[tt1__planes_voxel(&r->planes, k, v)]) return 0;
  return 1;
}

static tt1_status take(tt1_aha_slice *out, resolver *r, int64_t k, doubts *found, tt1_error *err)
{
  described *d = &r->slices[k];
  int is_left_out = d->has_level && d->aha.level == TT1_LEVEL_NONE;
  if (!d->has_level || (!d->has_points && !is_left_out))
    return tt1__error_set(
        err, TT1_BAD_ARGUMENT, "%s: slice %lld holds myocardium, but nothing tells its %s; give %s",
        r->places->ring_path, counted(r, k), d->has_level ? "insertion points" : "level",
        d->has_level ? "--insertion" : "--level basal, mid, apical or none");
  tt1_status status = is_left_out ? TT1_OK : check_slice(r, k, found, err);
  *out = d->aha;
  return status;
}

static tt1_status describe(tt1_aha_slice *out, resolver *r, const tt1__slice_table *table,
                           tt1__segments *remarks, tt1_error *err)
{
  doubts found = {0, 0, 0, 0};
  tt1_status status = relate(r, err);
  if (status == TT1_OK) status = fill(r, table, err);
  for (int64_t k = 0; k < r->planes.n && status == TT1_OK; k++)
    if (!is_empty(r, k)) status = take(&out[k], r, k, &found, err);
  return status == TT1_OK ? speak(r, table, &found, remarks, err) : status;
}

tt1_status tt1__slices_describe(tt1_aha_slice **out, const tt1__ring_request *request,
                                const tt1__slice_places *places, tt1__segments *remarks,
                                tt1_error *err)
{
  resolver r = {.places = places, .planes = tt1__planes_of(places->map)};
  r.across = tt1_geometry_slice_axis(places->map);
  tt1__slice_table *table = tt1__allocate(1, sizeof *table);
  tt1_aha_slice *slices = tt1__allocate((size_t)r.planes.n, sizeof *slices);
  r.slices = tt1__allocate((size_t)r.planes.n, sizeof *r.slices);
  tt1_status status = table && slices && r.slices ? TT1_OK : tt1__no_memory(err);
  if (status == TT1_OK)
    status = tt1__slice_table_read(table, request->insertions, request->n_insertions,
                                   request->levels, request->n_levels, err);
  if (status == TT1_OK) status = describe(slices, &r, table, remarks, err);
  tt1__free(table);
  tt1__free(r.slices);
  if (status == TT1_OK)
    *out = slices;
  else
    tt1__free(slices);
  return status;
}
