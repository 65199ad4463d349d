/* SPDX-License-Identifier: MIT
 * A series as an MR scanner would write it: MR Image Storage, one file per image
 * and slice, laid out like the series of Siemens or of Philips scanners. Identifiers
 * are hashes of what is written and dates are fixed, so that the same series is the
 * same bytes. Tables: DICOM PS3.3 section A.4.3 (MR Image IOD), PS3.6. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/number.h"
#include "base/text.h"
#include "dicom/put.h"
#include "file/file.h"
#include "tt1_dicom.h"

enum { FULL_SCALE = 4095 };
/* An element that is the same in every file. */
typedef struct fixed_element {
  tt1__tag tag;
  char type[3];
  const char *text;
} fixed_element;

// A protocol like that of MOLLI at 3 T. The year 2000 is not meant to be believed.
// clang-format off
static const fixed_element fixed_elements[] = {
  {0x00080005, "CS", "ISO_IR 100"},
  {0x00080016, "UI", "1.2.840.10008.5.1.4.1.1.4"}, // MR Image Storage
  {0x00080020, "DA", "20000101"},                  // study, series, acquisition, content: date
  {0x00080021, "DA", "20000101"},
  {0x00080022, "DA", "20000101"},
  {0x00080023, "DA", "20000101"},
  {0x00080030, "TM", "100000"},                    // study, series: time
  {0x00080031, "TM", "100000"},
  {0x00080050, "SH", ""},                          // accession number
  {0x00080060, "CS", "MR"},
  {0x00080090, "PN", ""},                          // referring physician
  {0x00081090, "LO", "simulation"},                // model of the scanner
  {0x00100030, "DA", ""},                          // birth date
  {0x00100040, "CS", "O"},                         // sex
  {0x00180015, "CS", "HEART"},
  {0x00180021, "CS", "SK\\SP\\MP"},                // variant: steady state, spoiled, prepared
  {0x00180022, "CS", "CG"},                        // cardiac gating
  {0x00180023, "CS", "2D"},
  {0x00180083, "DS", "1"},                         // averages
  {0x00180084, "DS", "123.2"},                     // frequency, MHz
  {0x00180085, "SH", "1H"},
  {0x00180087, "DS", "3"},                         // field, T
  {0x00180091, "IS", "1"},                         // echo train length
  {0x00181060, "DS", "500"},                       // trigger time, ms: the same in all images
  {0x00185100, "CS", "HFS"},
  {0x00200010, "SH", "1"},                         // study
  {0x00201040, "LO", ""},                          // position reference indicator
  {0x00280004, "CS", "MONOCHROME2"},
};

/* What differs between vendors. No manufacturer's name begins as that of a real one. */
static const struct { const char *manufacturer, *sequence_name; } styles[] = {
  [TT1_STYLE_SIEMENS] = {"none (torcht1)", "*tfi2d1_64"},
  [TT1_STYLE_PHILIPS] = {"none (torcht1, as Philips)", "BTFE"},
};

/* What differs between preparations. */
static const struct { const char *scanning_sequence, *comment; } preparations[] = {
  [TT1_PREPARATION_INVERSION]  = {"GR\\IR", "TIeff"},
  [TT1_PREPARATION_SATURATION] = {"GR\\IR", "TS"}, // "IR" allows the element of the time
  [TT1_PREPARATION_T2]         = {"GR", "T2 prep. duration ="},
};

static const struct { tt1__tag tag; uint16_t value; } fixed_numbers[] = {
  {0x00280002, 1},  // samples per pixel
  {0x00280100, 16}, // bits: allocated, stored, highest
  {0x00280101, 12},
  {0x00280102, 11},
  {0x00280103, 0},  // unsigned
};
// clang-format on

/* What the files of a series share. */
typedef struct writer {
  const tt1_dicom_series *series;
  double scale;                 // stored values per unit of a magnitude, if the same in all images
  double origin[3], step[3][3]; // in DICOM's axes: first pixel of slice 0; along row, column, slice
  char study_uid[TT1__UID_SIZE], series_uid[TT1__UID_SIZE], frame_uid[TT1__UID_SIZE];
} writer;

// The same of a text that ends here; 0 if memory ran out.
static int take_uid(char uid[TT1__UID_SIZE], tt1__text *text)
{
  char *taken = tt1__text_take(text);
  if (taken) tt1__dicom_make_uid(uid, taken);
  tt1__free(taken);
  return taken != NULL;
}

static int is_phase(const tt1_dicom_series *series)
{
  return series->kind == TT1_KIND_PHASE;
}

static int64_t voxels_of(const tt1_dicom_series *s)
{
  return s->geometry->size[0] * s->geometry->size[1] * s->geometry->size[2];
}

static tt1_status make_uids(writer *w, tt1_error *err)
{
  const tt1_dicom_series *s = w->series;
  size_t n_values = (size_t)s->n_images * (size_t)voxels_of(s);
  tt1__text text = {0};
  tt1__text_add(&text, "study %s", s->study);
  int is_complete = take_uid(w->study_uid, &text);
  tt1__text_add(&text, "frame of reference of study %s", s->study);
  is_complete = is_complete && take_uid(w->frame_uid, &text);
  tt1__text_add(&text, "series %d %s %08lx of study %s", s->number, tt1_kind_name(s->kind),
                (unsigned long)tt1__checksum(s->data, n_values * sizeof *s->data), s->study);
  is_complete = is_complete && take_uid(w->series_uid, &text);
  tt1__text_free(&text);
  return is_complete ? TT1_OK : tt1__no_memory(err);
}

/* ---- Geometry ---- */

// NIfTI's axes point right, front, up; DICOM's left, back, up. Rows are turned over: NIfTI counts j
// towards the front in most axial images, DICOM rows towards the back.
static void place(writer *w)
{
  const tt1_geometry *g = w->series->geometry;
  double last_row = (double)(g->size[1] - 1);
  for (int axis = 0; axis < 3; axis++) {
    double sign = axis < 2 ? -1.0 : 1.0;
    const double *row = g->srow[axis];
    w->step[0][axis] = sign * row[0];
    w->step[1][axis] = -sign * row[1];
    w->step[2][axis] = sign * row[2];
    w->origin[axis] = sign * (row[3] + last_row * row[1]);
  }
}

static double length_of(const double v[3])
{
  return sqrt(v[0] * v[0] + v[1] * v[1] + v[2] * v[2]);
}

/* ---- Elements ---- */

static int is_philips(const tt1_dicom_series *series)
{
  return series->style == TT1_STYLE_PHILIPS;
}

static int put_protocol(tt1__dicom_draft *draft, const tt1_dicom_series *s)
{
  double flip = s->flip > 0.0 ? s->flip : 35.0;
  double repetition_ms = 1000.0 * (s->repetition > 0.0 ? s->repetition : 0.0027);
  double echo_ms = 0.5 * repetition_ms;
  tt1__dicom_put_text(draft, 0x00080070, "LO", styles[s->style].manufacturer);
  tt1__dicom_put_text(draft, 0x00180024, "SH", styles[s->style].sequence_name);
  tt1__dicom_put_text(draft, 0x00180020, "CS", preparations[s->preparation].scanning_sequence);
  return tt1__dicom_put_decimals(draft, 0x00180080, &repetition_ms, 1) &&
         tt1__dicom_put_decimals(draft, 0x00180081, &echo_ms, 1) &&
         tt1__dicom_put_decimals(draft, 0x00181314, &flip, 1);
}

static void put_series(tt1__dicom_draft *draft, const writer *w)
{
  const tt1_dicom_series *s = w->series;
  for (size_t i = 0; i < sizeof fixed_elements / sizeof *fixed_elements; i++)
    tt1__dicom_put_text(draft, fixed_elements[i].tag, fixed_elements[i].type,
                        fixed_elements[i].text);
  for (size_t i = 0; i < sizeof fixed_numbers / sizeof *fixed_numbers; i++)
    tt1__dicom_put_number(draft, fixed_numbers[i].tag, fixed_numbers[i].value);
  tt1__dicom_put_text(draft, 0x00080008, "CS",
                      is_phase(s) ? "ORIGINAL\\PRIMARY\\P\\ND" : "ORIGINAL\\PRIMARY\\M\\ND");
  tt1__dicom_put_text(draft, 0x0008103e, "LO", s->description);
  tt1__dicom_put_text(draft, 0x00181030, "LO", s->description); // protocol
  tt1__dicom_put_text(draft, 0x00100010, "PN", s->patient_name);
  tt1__dicom_put_text(draft, 0x00100020, "LO", s->patient_id);
  tt1__dicom_put_text(draft, 0x00181020, "LO", tt1_version());
  tt1__dicom_put_text(draft, 0x0020000d, "UI", w->study_uid);
  tt1__dicom_put_text(draft, 0x0020000e, "UI", w->series_uid);
  tt1__dicom_put_text(draft, 0x00200052, "UI", w->frame_uid);
  tt1__dicom_put_integer(draft, 0x00200011, s->number);
  tt1__dicom_put_number(draft, 0x00280010, (uint16_t)s->geometry->size[1]);
  tt1__dicom_put_number(draft, 0x00280011, (uint16_t)s->geometry->size[0]);
}

static int put_place(tt1__dicom_draft *draft, const writer *w, int64_t slice)
{
  const tt1_geometry *g = w->series->geometry;
  double orientation[6], position[3], normal[3], location = 0.0;
  for (int axis = 0; axis < 3; axis++) {
    orientation[axis] = w->step[0][axis] / length_of(w->step[0]);
    orientation[axis + 3] = w->step[1][axis] / length_of(w->step[1]);
    position[axis] = w->origin[axis] + (double)slice * w->step[2][axis];
  }
  for (int axis = 0; axis < 3; axis++) {
    int a = (axis + 1) % 3, b = (axis + 2) % 3;
    normal[axis] = orientation[a] * orientation[b + 3] - orientation[b] * orientation[a + 3];
    location += normal[axis] * position[axis];
  }
  const double between_rows_and_columns[2] = {length_of(w->step[1]), length_of(w->step[0])};
  return tt1__dicom_put_decimals(draft, 0x00200037, orientation, 6) &&
         tt1__dicom_put_decimals(draft, 0x00200032, position, 3) &&
         tt1__dicom_put_decimals(draft, 0x00201041, &location, 1) &&
         tt1__dicom_put_decimals(draft, 0x00280030, between_rows_and_columns, 2) &&
         tt1__dicom_put_decimals(draft, 0x00180050, &g->spacing[2], 1) &&
         tt1__dicom_put_decimals(draft, 0x00180088, &g->spacing[2], 1);
}

// The time once more, for people, and of a T2 preparation the only place where scanners tell it.
static int put_comment(tt1__dicom_draft *draft, tt1_preparation preparation, double time_ms)
{
  tt1__text text = {0};
  double shown = preparation == TT1_PREPARATION_T2 ? round(10.0 * time_ms) / 10.0 : round(time_ms);
  tt1__text_add(&text, "%s ", preparations[preparation].comment);
  tt1__text_add_number(&text, shown);
  tt1__text_add(&text, " ms");
  char *taken = tt1__text_take(&text);
  if (taken) tt1__dicom_put_text(draft, 0x00204000, "LT", taken);
  tt1__free(taken);
  return taken != NULL;
}

// A time of day after ten.
static void write_clock(char text[64], double seconds)
{
  long us = lround(1e6 * seconds), s = us / 1000000;
  us %= 1000000;
  int n = snprintf(text, 64, "%02ld%02ld%02ld", 10 + s / 3600, s / 60 % 60, s % 60);
  if (us > 0) snprintf(text + n, 64 - (size_t)n, ".%06ld", us);
}

// When the content was made: as if slices took turns, one every second, so that converters that see only
// the order find volumes. When it was acquired is the truth, if that is known.
static void put_clocks(tt1__dicom_draft *draft, const tt1_dicom_series *s, int image, long second)
{
  char text[64];
  write_clock(text, (double)second);
  tt1__dicom_put_text(draft, 0x00080033, "TM", text);
  if (s->acquired) write_clock(text, s->acquired[image]);
  tt1__dicom_put_text(draft, 0x00080032, "TM", text);
}

static int put_time(tt1__dicom_draft *draft, const writer *w, int image, long instance)
{
  char uid[TT1__UID_SIZE], key[TT1__UID_SIZE + 64];
  const tt1_dicom_series *s = w->series;
  double time_ms = 1000.0 * s->times[image];
  snprintf(key, sizeof key, "image %ld of series %s", instance, w->series_uid);
  tt1__dicom_make_uid(uid, key);
  tt1__dicom_put_text(draft, 0x00080018, "UI", uid);
  put_clocks(draft, s, image, instance - 1);
  tt1__dicom_put_integer(draft, 0x00200012, instance);
  tt1__dicom_put_integer(draft, 0x00200013, instance);
  if (!put_comment(draft, s->preparation, time_ms)) return 0;
  return s->preparation == TT1_PREPARATION_T2 ||
         tt1__dicom_put_decimals(draft, 0x00180082, &time_ms, 1);
}

/* ---- Pixels ---- */

static double largest(const float *values, int64_t count)
{
  float most = 0.0f;
  for (int64_t i = 0; i < count; i++)
    if (isfinite(values[i]) && values[i] > most) most = values[i];
  return (double)most;
}

// Stored values per unit, so that the largest magnitude of the series (Philips: of the image) fills 12 bits.
static double find_scale(const tt1_dicom_series *s, int first_image, int n_images)
{
  int64_t n_voxels = voxels_of(s);
  double most = largest(s->data + first_image * n_voxels, n_images * n_voxels);
  return most > 0.0 ? FULL_SCALE / most : 1.0;
}

static uint16_t store(const tt1_dicom_series *s, double scale, float value)
{
  if (!isfinite(value)) return 0;
  if (!is_phase(s)) {
    double stored = round((double)value * scale);
    return (uint16_t)(stored < 0.0 ? 0.0 : stored);
  }
  // -pi is 0; pi, which is the same angle, would be 4096.
  long steps = lround((double)value / TT1__PI * 2048.0) + 2048;
  return (uint16_t)(steps & FULL_SCALE);
}

/* What undoes it: Siemens scanners give magnitudes no rescale, and phases one to -4096 ... 4094; Philips
 * scanners give phases in milliradians, and magnitudes a rescale that differs from image to image
 * and means nothing without (2005,100e). */
static int put_scaling(tt1__dicom_draft *draft, const tt1_dicom_series *s, int image, double scale)
{
  double slope = 2.0, intercept = -4096.0, half = 1000.0 * TT1__PI;
  if (!is_phase(s) && !is_philips(s)) return 1;
  if (is_philips(s)) {
    slope = is_phase(s) ? half / 2048.0 : 1.2 + 0.05 * (image % 4);
    intercept = is_phase(s) ? -half : 0.0;
  }
  if (is_philips(s) && !is_phase(s)) {
    tt1__dicom_put_text(draft, 0x20050010, "LO", "Philips MR Imaging DD 001");
    tt1__dicom_put_numbers(draft, 0x2005100E, "FL", &scale, 1);
  }
  tt1__dicom_put_text(draft, 0x00281054, "LO", is_philips(s) && !is_phase(s) ? "normalized" : "US");
  return tt1__dicom_put_decimals(draft, 0x00281052, &intercept, 1) &&
         tt1__dicom_put_decimals(draft, 0x00281053, &slope, 1);
}

static int put_pixels(tt1__dicom_draft *draft, const writer *w, int image, int64_t slice)
{
  const tt1_dicom_series *s = w->series;
  const int64_t *size = s->geometry->size;
  size_t columns = (size_t)size[0], rows = (size_t)size[1];
  const float *from = s->data + ((size_t)image * (size_t)size[2] + (size_t)slice) * rows * columns;
  double scale = is_philips(s) && !is_phase(s) ? find_scale(s, image, 1) : w->scale;
  uint16_t *pixels = tt1__allocate(rows * columns, sizeof *pixels);
  if (!pixels) return 0;
  for (size_t row = 0; row < rows; row++)
    for (size_t column = 0; column < columns; column++)
      pixels[row * columns + column] = store(s, scale, from[(rows - 1 - row) * columns + column]);
  tt1__dicom_put_pixels(draft, pixels, rows * columns);
  tt1__free(pixels);
  tt1__dicom_put_text(draft, 0x00281050, "DS", is_phase(s) ? "0" : "2048");
  tt1__dicom_put_text(draft, 0x00281051, "DS", is_phase(s) ? "8192" : "4096");
  return put_scaling(draft, s, image, scale);
}

/* ---- The series ---- */

static tt1_status write_one(tt1_folder *folder, const char *subfolder, const writer *w, int image,
                            int64_t slice, tt1_error *err)
{
  char name[160];
  long instance = image * (long)w->series->geometry->size[2] + (long)slice + 1;
  tt1__dicom_draft *draft = NULL;
  unsigned char *bytes = NULL;
  size_t length = 0;
  tt1_status status = tt1__dicom_draft_new(&draft, err);
  if (status != TT1_OK) return status;
  put_series(draft, w);
  if (!put_protocol(draft, w->series) || !put_place(draft, w, slice) ||
      !put_time(draft, w, image, instance) || !put_pixels(draft, w, image, slice))
    status = tt1__no_memory(err);
  if (status == TT1_OK) status = tt1__dicom_draft_save(draft, &bytes, &length, err);
  snprintf(name, sizeof name, "%.100s/%04ld.dcm", subfolder, instance);
  if (status == TT1_OK) status = tt1_folder_write(folder, name, bytes, length, err);
  tt1__free(bytes);
  tt1__dicom_draft_free(draft);
  return status;
}

static tt1_status check_times(const tt1_dicom_series *s, tt1_error *err)
{
  const double longest = 3600.0; // no scan takes more than an hour
  for (int i = 0; i < s->n_images; i++)
    if (!(s->times[i] >= 0.0 && s->times[i] < 100.0))
      return tt1__error_set(err, TT1_BAD_ARGUMENT,
                            "a time of %g s of a DICOM series is outside 0 to 100 s", s->times[i]);
  for (int i = 0; s->acquired && i < s->n_images; i++)
    if (!(s->acquired[i] >= 0.0 && s->acquired[i] < longest))
      return tt1__error_set(err, TT1_BAD_ARGUMENT,
                            "an image of a DICOM series acquired after %g s is outside 0 to %g s",
                            s->acquired[i], longest);
  return TT1_OK;
}

static tt1_status check(const tt1_dicom_series *s, tt1_error *err)
{
  tt1_status status =
      tt1__check_version("tt1_dicom_series", s->version, TT1_DICOM_SERIES_VERSION, err);
  if (status != TT1_OK) return status;
  if (s->kind != TT1_KIND_MAGNITUDE && s->kind != TT1_KIND_PHASE)
    return tt1__error_set(err, TT1_BAD_ARGUMENT,
                          "a DICOM series of kind %s cannot be written; magnitude or phase can",
                          tt1_kind_name(s->kind));
  if (s->style > TT1_STYLE_PHILIPS || s->preparation > TT1_PREPARATION_T2)
    return tt1__error_set(err, TT1_BAD_ARGUMENT,
                          "style %d or preparation %d of a DICOM series is not known",
                          (int)s->style, (int)s->preparation);
  const tt1_geometry *g = s->geometry;
  if (s->n_images < 1 || g->size[0] < 1 || g->size[1] < 1 || g->size[2] < 1 ||
      g->size[0] > UINT16_MAX || g->size[1] > UINT16_MAX)
    return tt1__error_set(
        err, TT1_BAD_ARGUMENT, "%d images of %lld x %lld x %lld voxels cannot be a DICOM series",
        s->n_images, (long long)g->size[0], (long long)g->size[1], (long long)g->size[2]);
  if (g->sform_code <= 0)
    return tt1__error_set(err, TT1_BAD_ARGUMENT,
                          "a DICOM series needs to know where it lies: the geometry has no sform");
  for (int i = 0; i < 3; i++)
    for (int j = 0; j < 4; j++)
      if (!(fabs(g->srow[i][j]) < 1e4))
        return tt1__error_set(err, TT1_BAD_ARGUMENT,
                              "%g mm in the geometry of a DICOM series is beyond 10 m",
                              g->srow[i][j]);
  return check_times(s, err);
}

tt1_status tt1_folder_write_dicom_series(tt1_folder *folder, const char *subfolder,
                                         const tt1_dicom_series *series, tt1_error *err)
{
  writer w = {.series = series};
  tt1_status status = check(series, err);
  if (status == TT1_OK) status = make_uids(&w, err);
  if (status != TT1_OK) return status;
  w.scale = is_phase(series) ? 1.0 : find_scale(series, 0, series->n_images);
  place(&w);
  for (int image = 0; image < series->n_images; image++)
    for (int64_t slice = 0; slice < series->geometry->size[2]; slice++) {
      status = write_one(folder, subfolder, &w, image, slice, err);
      if (status != TT1_OK) return status;
    }
  return TT1_OK;
}
