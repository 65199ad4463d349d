/* SPDX-License-Identifier: MIT
 * One series: the positions of its frames make slices, the times that vary make
 * images. What does not fit is refused in one sentence, kept with the series. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/number.h"
#include "base/text.h"
#include "dicom/study.h"

/* ---- Sentences ---- */

__attribute__((format(printf, 2, 0))) static char *
format_text(tt1__dicom_study *study, const char *format, va_list arguments)
{
  char text[480];
  vsnprintf(text, sizeof text, format, arguments);
  return tt1__arena_copy(&study->texts, text, strlen(text));
}

void tt1__series_refuse(tt1__dicom_study *study, tt1__series *s, int is_soft, const char *format,
                        ...)
{
  va_list arguments;
  if (s->shown.refused) return;
  va_start(arguments, format);
  s->shown.refused = format_text(study, format, arguments);
  va_end(arguments);
  if (!s->shown.refused) s->shown.refused = "out of memory";
  s->shown.may_be_asked_for = is_soft;
}

int tt1__series_assume(tt1__dicom_study *study, tt1__series *s, const char *format, ...)
{
  char text[480];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  return tt1__series_note(&s->shown, &study->texts, text);
}

/* ---- Frames of a series ---- */

const tt1__frame *tt1__series_frame(const tt1__dicom_study *study, const tt1__series *s, int i)
{
  return &study->frames.frames[s->frames[i]];
}

/* ---- Place ---- */

static double along_normal(const tt1__frame *f, const double *point)
{
  const double *r = f->row, *c = f->column;
  return (r[1] * c[2] - r[2] * c[1]) * point[0] + (r[2] * c[0] - r[0] * c[2]) * point[1] +
         (r[0] * c[1] - r[1] * c[0]) * point[2];
}

static double along(const double *direction, const double *from, const double *to)
{
  double sum = 0.0;
  for (int i = 0; i < 3; i++)
    sum += direction[i] * (to[i] - from[i]);
  return sum;
}

int tt1__frames_are_stacked(const tt1__frame *a, const tt1__frame *b)
{
  return strcmp(a->reference, b->reference) == 0 && tt1__frames_are_parallel(a, b);
}

int tt1__frames_are_parallel(const tt1__frame *a, const tt1__frame *b)
{
  if (a->has_place != b->has_place) return 0;
  for (int i = 0; i < 3; i++)
    if (fabs(a->row[i] - b->row[i]) > 1e-3 || fabs(a->column[i] - b->column[i]) > 1e-3) return 0;
  for (int i = 0; i < 2; i++)
    if (fabs(a->spacing[i] - b->spacing[i]) > 1e-4 * a->spacing[i]) return 0;
  if (!a->has_place) return 1;
  return fabs(along(a->row, a->position, b->position)) < TT1__SAME_PLACE &&
         fabs(along(a->column, a->position, b->position)) < TT1__SAME_PLACE;
}

double tt1__frame_height(const tt1__frame *base, const tt1__frame *f)
{
  return base->has_place ? along_normal(base, f->position) - along_normal(base, base->position)
                         : 0.0;
}

static void check_frames(tt1__dicom_study *study, tt1__series *s)
{
  const tt1__frame *first = tt1__series_frame(study, s, 0);
  int has_one_reference = 1;
  for (int i = 0; i < s->n_frames; i++) {
    const tt1__frame *f = tt1__series_frame(study, s, i);
    has_one_reference &= strcmp(f->reference, first->reference) == 0;
    if (f->refused[0]) tt1__series_refuse(study, s, 0, "%s", f->refused);
    if (f->rows != first->rows || f->columns != first->columns)
      tt1__series_refuse(study, s, 0, "%s has %d x %d pixels, %s of the same series has %d x %d",
                         f->path, f->columns, f->rows, tt1__base_name(first->path), first->columns,
                         first->rows);
    if (!tt1__frames_are_parallel(first, f))
      tt1__series_refuse(
          study, s, 0,
          "%s lies in another plane or has other pixel sizes than %s of the same series", f->path,
          tt1__base_name(first->path));
  }
  if (!has_one_reference)
    tt1__series_assume(
        study, s,
        "its images have several frame of reference UIDs (0020,0052), though they lie "
        "in one place: they are taken as written by an anonymiser");
}

/** A frame on its way into slices. */
typedef struct sorted {
  int frame, slice, turn; /* turn: its place in the order of acquisition */
  double height;
} sorted;

static int by_height(const void *first, const void *second)
{
  const sorted *a = first, *b = second;
  int difference = tt1__order(a->height, b->height);
  return difference ? difference : tt1__order(a->turn, b->turn);
}

static int by_slice(const void *first, const void *second)
{
  const sorted *a = first, *b = second;
  int difference = tt1__order(a->slice, b->slice);
  return difference ? difference : tt1__order(a->turn, b->turn);
}

// Number the slices from the lowest; returns how many there are.
static int number_slices(sorted *frames, int count)
{
  int slice = 0;
  qsort(frames, (size_t)count, sizeof *frames, by_height);
  for (int i = 0; i < count; i++) {
    if (i > 0 && frames[i].height - frames[i - 1].height > TT1__SAME_PLACE) slice++;
    frames[i].slice = slice;
  }
  qsort(frames, (size_t)count, sizeof *frames, by_slice);
  return slice + 1;
}

// Equal numbers of images in all slices.
static void check_slices(tt1__dicom_study *study, tt1__series *s, const sorted *frames)
{
  int expected = 0, count = 0;
  while (expected < s->n_frames && frames[expected].slice == 0)
    expected++;
  for (int i = 0; i < s->n_frames; i++) {
    count = i > 0 && frames[i].slice == frames[i - 1].slice ? count + 1 : 1;
    int is_last = i + 1 == s->n_frames || frames[i + 1].slice != frames[i].slice;
    if (is_last && count != expected)
      tt1__series_refuse(
          study, s, 0,
          "slice %d has %d image%s, slice 1 has %d: an image is missing or another one is there",
          frames[i].slice + 1, count, count == 1 ? "" : "s", expected);
  }
  s->shown.n_images = expected;
}

static void check_gaps(tt1__dicom_study *study, tt1__series *s, const sorted *frames, int per_slice)
{
  double step = 0.0;
  if (s->n_slices > 1)
    step = (frames[s->n_frames - 1].height - frames[0].height) / (s->n_slices - 1);
  for (int i = 1; i < s->n_slices; i++) {
    double gap = frames[i * per_slice].height - frames[(i - 1) * per_slice].height;
    if (fabs(gap - step) > TT1__SAME_PLACE)
      tt1__series_refuse(study, s, 0,
                         "slices %d and %d are %.4g mm apart, others %.4g mm: a slice is missing",
                         i, i + 1, gap, step);
  }
  s->shown.geometry.spacing[2] = step;
}

// Arrange s->frames as [n_images][n_slices].
static tt1_status make_slices(tt1__dicom_study *study, tt1__series *s, tt1_error *err)
{
  sorted *frames = tt1__allocate((size_t)s->n_frames, sizeof *frames);
  if (!frames) return tt1__no_memory(err);
  for (int i = 0; i < s->n_frames; i++) {
    const tt1__frame *first = tt1__series_frame(study, s, 0);
    frames[i] =
        (sorted){s->frames[i], 0, i, tt1__frame_height(first, tt1__series_frame(study, s, i))};
  }
  s->n_slices = number_slices(frames, s->n_frames);
  check_slices(study, s, frames);
  if (s->shown.n_images > TT1__MAX_IMAGES)
    tt1__series_refuse(study, s, 0, "it has %d images, the limit is %d", s->shown.n_images,
                       TT1__MAX_IMAGES);
  if (!s->shown.refused) check_gaps(study, s, frames, s->shown.n_images);
  for (int i = 0; i < s->n_frames && !s->shown.refused; i++)
    s->frames[i % s->shown.n_images * s->n_slices + i / s->shown.n_images] = frames[i].frame;
  tt1__free(frames);
  return TT1_OK;
}

/* ---- Geometry: DICOM counts mm to the left and back (LPS), NIfTI to the right and front (RAS) ---- */

// The rotation whose columns are unit vectors, as the quaternion of nifti1.h.
static void fill_quaternion(double quatern[3], double m[3][3])
{
  double q[4], trace = m[0][0] + m[1][1] + m[2][2];
  int largest = 0; // of the four squares; dividing by its root is safe
  double squares[4] = {1.0 + trace, 1.0 + 2.0 * m[0][0] - trace, 1.0 + 2.0 * m[1][1] - trace,
                       1.0 + 2.0 * m[2][2] - trace};
  for (int i = 1; i < 4; i++)
    if (squares[i] > squares[largest]) largest = i;
  double root = sqrt(squares[largest]) / 2.0, quarter = 0.25 / root;
  if (largest == 0) {
    q[0] = root;
    for (int i = 0; i < 3; i++)
      q[i + 1] = (m[(i + 2) % 3][(i + 1) % 3] - m[(i + 1) % 3][(i + 2) % 3]) * quarter;
  } else {
    int i = largest - 1, j = (i + 1) % 3, k = (i + 2) % 3;
    q[0] = (m[k][j] - m[j][k]) * quarter;
    q[i + 1] = root;
    q[j + 1] = (m[j][i] + m[i][j]) * quarter;
    q[k + 1] = (m[k][i] + m[i][k]) * quarter;
  }
  double sum = 0.0;
  for (int i = 0; i < 3; i++) {
    float single = (float)(q[0] < 0.0 ? -q[i + 1] : q[i + 1]);
    quatern[i] = (double)single;
    sum += quatern[i] * quatern[i];
  }
  // Files keep these three as float; the first is 1 - their squares. In half turns, where it is 0,
  // a sum rounded below 1 would be a tilt of 0.03 degrees.
  for (int i = 0; i < 3 && fabs(q[0]) < 1e-6 && sum < 1.0; i++)
    if (fabs(quatern[i]) > 1e-6)
      quatern[i] = (double)nextafterf((float)quatern[i], quatern[i] < 0.0 ? -2.0f : 2.0f);
}

static void fill_geometry(tt1__dicom_study *study, tt1__series *s)
{
  const tt1__frame *f = tt1__series_frame(study, s, 0);
  tt1_geometry *g = &s->shown.geometry;
  double step = g->spacing[2], m[3][3];
  g->size[0] = f->columns;
  g->size[1] = f->rows;
  g->size[2] = s->n_slices;
  g->spacing[0] = f->spacing[0];
  g->spacing[1] = f->spacing[1];
  g->spacing[2] = step > 0.0 ? step : f->spacing[2] > 0.0 ? f->spacing[2] : 1.0;
  g->qfac = 1.0;
  if (!f->has_place) {
    tt1__series_assume(study, s,
                       "nothing tells where the images lie; voxels are taken as %g x %g x %g mm",
                       g->spacing[0], g->spacing[1], g->spacing[2]);
    return;
  }
  if (!(step > 0.0) && !(f->spacing[2] > 0.0))
    tt1__series_assume(study, s, "no slice thickness is given; 1 mm is taken");
  for (int i = 0; i < 3; i++) {
    double unit[3] = {i == 0, i == 1, i == 2}, sign = i < 2 ? -1.0 : 1.0;
    m[i][0] = sign * f->row[i];
    m[i][1] = sign * f->column[i];
    m[i][2] = sign * along_normal(f, unit);
    for (int j = 0; j < 3; j++)
      g->srow[i][j] = m[i][j] * g->spacing[j];
    g->qoffset[i] = g->srow[i][3] = sign * f->position[i];
  }
  fill_quaternion(g->quatern, m);
  g->qform_code = g->sform_code = 1; // the scanner's own coordinates
}

/* ---- What the values are ---- */

static void describe_values(tt1__dicom_study *study, tt1__series *s)
{
  const tt1__frame *first = tt1__series_frame(study, s, 0);
  tt1__energy energy = {0};
  int is_negative = 0, is_lossy = 0, is_unknown = 0, has_equal_slopes = 1;
  for (int i = 0; i < s->n_frames; i++) {
    const tt1__frame *f = tt1__series_frame(study, s, i);
    double a = f->smallest * f->slope + f->intercept, b = f->greatest * f->slope + f->intercept;
    is_negative |= a / f->divisor < 0.0 || b / f->divisor < 0.0;
    energy.negative += f->energy.negative;
    energy.all += f->energy.all;
    is_lossy |= f->is_lossy;
    is_unknown |= f->scaling == TT1__SCALING_PHILIPS_UNKNOWN;
    has_equal_slopes &= !(fabs(f->slope - first->slope) > 1e-9 * fabs(first->slope));
  }
  int is_few = is_negative && !tt1__energy_is_signed(&energy);
  if (is_few && (s->shown.kind == TT1_KIND_MAGNITUDE || s->shown.kind == TT1_KIND_UNKNOWN)) {
    is_negative = 0;
    if (s->n_frames > 1) tt1__series_assume(study, s, TT1__FEW_BELOW_ZERO);
  }
  s->shown.is_signed = is_negative;
  if (s->shown.kind == TT1_KIND_UNKNOWN) {
    s->shown.kind = is_negative ? TT1_KIND_REAL : TT1_KIND_MAGNITUDE;
    tt1__series_assume(study, s, "nothing tells what the values are; %s",
                       is_negative ? "some are below zero, so they are taken as signed"
                                   : "none is below zero, so they are taken as magnitudes");
  } else if (s->shown.kind == TT1_KIND_MAGNITUDE && is_negative) {
    s->shown.kind = TT1_KIND_REAL;
    tt1__series_assume(
        study, s, "it is called magnitude, but has values below zero: they are taken as signed");
  }
  if (is_lossy) tt1__series_assume(study, s, "its images were compressed with loss");
  if (is_unknown && !has_equal_slopes)
    tt1__series_refuse(
        study, s, 0,
        "its scale differs from image to image and (2005,100e), which would undo it, is missing");
  else if (is_unknown)
    tt1__series_assume(study, s,
                       "(2005,100e) is missing: the scale is taken as equal in all images");
}

// Texts that all frames share.
static tt1_status describe_texts(tt1__dicom_study *study, tt1__series *s, tt1_error *err)
{
  const tt1__frame *first = tt1__series_frame(study, s, 0);
  tt1_found_text *texts = tt1__arena_allocate(&study->texts, TT1__N_TEXTS, sizeof *texts);
  if (!texts) return tt1__no_memory(err);
  for (int t = 0; t < TT1__N_TEXTS; t++) {
    int is_shared = first->texts[t][0] != '\0';
    for (int i = 1; i < s->n_frames && is_shared; i++)
      is_shared = strcmp(tt1__series_frame(study, s, i)->texts[t], first->texts[t]) == 0;
    if (is_shared)
      texts[s->shown.n_texts++] = (tt1_found_text){tt1__told_texts[t].key, first->texts[t]};
  }
  s->shown.texts = texts;
  return TT1_OK;
}

static void describe_scaling(tt1__dicom_study *study, tt1__series *s)
{
  const tt1__frame *first = tt1__series_frame(study, s, 0);
  char text[160] = "none";
  int is_equal = 1;
  for (int i = 1; i < s->n_frames; i++) {
    const tt1__frame *f = tt1__series_frame(study, s, i);
    is_equal &= !(fabs(f->slope / f->divisor - first->slope / first->divisor) > 0.0) &&
                !(fabs(f->intercept - first->intercept) > 0.0);
  }
  if (first->scaling == TT1__SCALING_PHILIPS)
    snprintf(text, sizeof text, "Philips (2005,100e)%s", is_equal ? "" : ", differs per image");
  else if (first->scaling == TT1__SCALING_REAL_WORLD && is_equal)
    snprintf(text, sizeof text, "real world %g, %g", first->slope, first->intercept);
  else if (first->scaling != TT1__SCALING_NONE && is_equal)
    snprintf(text, sizeof text, "rescale %g, %g", first->slope, first->intercept);
  else if (first->scaling != TT1__SCALING_NONE)
    snprintf(text, sizeof text, "rescale, differs per image");
  s->shown.scaling = tt1__arena_copy(&study->texts, text, strlen(text));
  snprintf(text, sizeof text, "%s%d",
           first->float_size  ? "float"
           : first->is_signed ? "int"
                              : "uint",
           first->bits_stored);
  s->shown.stored_type = tt1__arena_copy(&study->texts, text, strlen(text));
  if (!s->shown.scaling || !s->shown.stored_type) tt1__series_refuse(study, s, 0, "out of memory");
}

// Instance numbers count the frames of a series, of whatever kind; a hole is an image that is not here.
static void check_instances(tt1__dicom_study *study, tt1__series *s)
{
  int smallest = 0, greatest = 0, count = 0;
  const tt1__frame *first = tt1__series_frame(study, s, 0);
  for (int i = 0; i < study->frames.count && !s->is_merged; i++) {
    const tt1__frame *f = &study->frames.frames[i];
    if (strcmp(f->series, first->series) != 0 || f->index > 0) continue;
    if (count == 0 || f->instance < smallest) smallest = f->instance;
    if (count == 0 || f->instance > greatest) greatest = f->instance;
    count++;
  }
  int64_t expected = (int64_t)greatest - smallest + 1;
  if (count > 1 && smallest > 0 && expected > count && expected <= 2 * (int64_t)count)
    tt1__series_refuse(
        study, s, 1,
        "its instance numbers run from %d to %d, but only %d are here: an image is missing",
        smallest, greatest, count);
}

static void check_copies(tt1__dicom_study *study, tt1__series *s)
{
  int count = 0;
  for (int i = 0; i < s->n_frames; i++)
    count += tt1__series_frame(study, s, i)->n_copies;
  if (count > 0)
    tt1__series_assume(study, s, "%d image%s, to the byte, and left out", count,
                       count == 1 ? " is a copy of another" : "s are copies of others");
}

/* ---- One series ---- */

tt1_status tt1__series_arrange(tt1__dicom_study *study, tt1__series *s, tt1_error *err)
{
  const tt1__frame *first = tt1__series_frame(study, s, 0);
  s->shown = (tt1_study_series){
      .number = first->series_number,
      .description = first->description,
      .uid = first->series,
      .vendor = first->vendor,
      .image_type = first->type,
      .unit = first->unit,
      .field_strength = isfinite(first->values[TT1__FIELD]) ? first->values[TT1__FIELD] : 0.0,
      .format = "DICOM",
      .kind = first->kind,
      .geometry = {.size = {first->columns, first->rows, 1}},
      .n_images = s->n_frames,
      .times = -1,
      .partner = -1,
      .shares_uid = s->shown.shares_uid};
  s->n_slices = 1;
  for (int i = 0; i < s->n_frames; i++)
    s->shown.n_files +=
        i == 0 || tt1__series_frame(study, s, i)->path != tt1__series_frame(study, s, i - 1)->path;
  check_frames(study, s);
  tt1_status status = s->shown.refused ? TT1_OK : make_slices(study, s, err);
  if (status == TT1_OK && !s->shown.refused) status = tt1__series_find_times(study, s, err);
  if (status == TT1_OK) status = describe_texts(study, s, err);
  if (status != TT1_OK) return status;
  describe_values(study, s);
  describe_scaling(study, s);
  if (s->shown.refused) return TT1_OK;
  fill_geometry(study, s);
  if (s->shown.kind == TT1_KIND_MAP)
    tt1__series_refuse(study, s, 1, "it is a map computed from images, not images");
  tt1__series_check_times(study, s);
  check_instances(study, s);
  check_copies(study, s);
  return TT1_OK;
}
