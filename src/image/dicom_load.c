/* SPDX-License-Identifier: MIT
 * The voxels of a series: decoded, scaled back to what was measured, phase in
 * radians. Files are opened again, so that a survey holds no pixels. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "image/dicom_source.h"
#include "image/study.h"

#define PI 3.14159265358979323846

/** The file that was opened last: the frames of a file follow one another. */
typedef struct source {
  const char *path;
  tt1__file file;
  tt1__dicom *dicom;
} source;

static void close_source(source *from)
{
  tt1__dicom_free(from->dicom);
  tt1__file_free(&from->file);
  *from = (source){0};
}

static tt1_status open_source(source *from, tt1_image *image, const char *path, tt1_error *err)
{
  if (from->path == path) return TT1_OK;
  close_source(from);
  tt1_status status = tt1__file_read(&from->file, path, TT1__DICOM_MAX_BYTES, err);
  if (status == TT1_OK)
    status = tt1__dicom_open(&from->dicom, from->file.bytes, from->file.length, path, err);
  if (status != TT1_OK) return status;
  from->path = path;
  for (int i = 0; i < image->n_files; i++)
    if (strcmp(image->files[i].path, path) == 0) return TT1_OK;
  return tt1__image_add_file(image, path, from->file.checksum) ? TT1_OK : tt1__no_memory(err);
}

// What was measured: stored values with all scaling undone (ecosystem: DV, and FP of Philips).
static void scale_values(float *out, const tt1__frame *f, const int32_t *stored, size_t count)
{
  for (size_t i = 0; i < count; i++)
    out[i] = (float)((stored[i] * f->slope + f->intercept) / f->divisor);
}

/** rad = (stored * slope + intercept) * PI / half */
typedef struct turn {
  double slope, intercept, half;
  const char *assumption; /* NULL: the file tells */
} turn;

// The values of a whole turn: from -intercept to intercept where there is one (Siemens: 2 SV - 4096;
// Philips: milliradians), else the range of the stored type, or milliradians in signed files (GE).
static turn find_turn(const tt1__frame *f, double greatest)
{
  double half = (double)(UINT64_C(1) << (f->bits_stored - 1));
  if (f->intercept < 0.0) return (turn){f->slope, f->intercept, -f->intercept, NULL};
  if (!f->is_signed)
    return (turn){1.0, -half, half, "a turn of phase is taken to fill the range of stored values"};
  if (greatest <= 1000.0 * PI + 2.0)
    return (turn){f->slope, f->intercept, 1000.0 * PI, "phases are taken as milliradians"};
  return (turn){f->slope, f->intercept, 4096.0, "a turn of phase is taken as -4096 to 4096"};
}

static tt1_status check_turn(const tt1__frame *f, const turn *t, tt1_error *err)
{
  double a = fabs(f->smallest * t->slope + t->intercept),
         b = fabs(f->greatest * t->slope + t->intercept);
  if (fmax(a, b) <= 1.01 * t->half) return TT1_OK;
  return tt1__error_set(err, TT1_BAD_FILE, "%s holds phases up to %g where %g is half a turn",
                        f->path, fmax(a, b), t->half);
}

static tt1_status load_frame(float *out, source *from, tt1_image *image, const tt1__frame *f,
                             const turn *t, tt1_error *err)
{
  size_t count = (size_t)f->rows * (size_t)f->columns;
  tt1_status status = open_source(from, image, f->path, err);
  if (status != TT1_OK) return status;
  int32_t *stored = tt1__allocate(count, sizeof *stored);
  if (!stored) return tt1__no_memory(err);
  status = tt1__frame_pixels(f, from->dicom, stored, err);
  if (status == TT1_OK && t)
    for (size_t i = 0; i < count; i++)
      out[i] = (float)((stored[i] * t->slope + t->intercept) * (PI / t->half));
  else if (status == TT1_OK)
    scale_values(out, f, stored, count);
  tt1__free(stored);
  return status;
}

static double greatest_of(const tt1_study *study, const tt1__series *s)
{
  double greatest = 0.0;
  for (int i = 0; i < s->n_frames; i++) {
    const tt1__frame *f = &study->frames.frames[s->frames[i]];
    greatest = fmax(greatest, fmax(fabs(f->smallest), fabs(f->greatest)));
  }
  return greatest;
}

// Voxels of all frames, in their order, or their phases.
static tt1_status load_frames(float **out, tt1_image *image, const tt1_study *study,
                              const tt1__series *s, int as_phase, tt1_error *err)
{
  const tt1__frame *first = &study->frames.frames[s->frames[0]];
  size_t count = (size_t)first->rows * (size_t)first->columns;
  source from = {0};
  tt1_status status = TT1_OK;
  double greatest = greatest_of(study, s);
  float *values = tt1__allocate(count * (size_t)s->n_frames, sizeof *values);
  if (!values) return tt1__no_memory(err);
  for (int i = 0; i < s->n_frames && status == TT1_OK; i++) {
    const tt1__frame *f = &study->frames.frames[s->frames[i]];
    turn t = find_turn(f, greatest);
    if (as_phase) status = check_turn(f, &t, err);
    if (status == TT1_OK && as_phase && t.assumption && i == 0 &&
        !tt1__image_add_assumption(image, t.assumption))
      status = tt1__no_memory(err);
    if (status == TT1_OK)
      status = load_frame(values + (size_t)i * count, &from, image, f, as_phase ? &t : NULL, err);
    if (status == TT1_OK && !as_phase) tt1__dicom_source_note(image->dicom, i, f, from.dicom);
  }
  close_source(&from);
  if (status == TT1_OK)
    *out = values;
  else
    tt1__free(values);
  return status;
}

static const char *copy_text(tt1_image *image, const char *text)
{
  return tt1__arena_copy(&image->texts, text, strlen(text));
}

static tt1_status describe(tt1_image *image, const tt1_study_series *shown, tt1_error *err)
{
  image->geometry = shown->geometry;
  image->n_voxels = shown->geometry.size[0] * shown->geometry.size[1] * shown->geometry.size[2];
  image->n_images = shown->n_images;
  image->format = "DICOM";
  image->is_signed = shown->is_signed;
  image->stored_type = copy_text(image, shown->stored_type);
  image->origin = (tt1_origin){shown->number,
                               copy_text(image, shown->description),
                               copy_text(image, shown->uid),
                               copy_text(image, shown->vendor),
                               copy_text(image, shown->scaling),
                               shown->field_strength};
  int is_complete = image->stored_type && image->origin.description && image->origin.uid &&
                    image->origin.vendor && image->origin.scaling;
  for (int i = 0; i < shown->n_known && is_complete; i++)
    is_complete = tt1__image_add_found(image, &shown->known[i]);
  for (int i = 0; i < shown->n_assumptions && is_complete; i++)
    is_complete = tt1__image_add_assumption(image, shown->assumptions[i]);
  return is_complete ? TT1_OK : tt1__no_memory(err);
}

// Times that vary come first, as programs take the first known quantity for the times.
static void put_times_first(tt1_image *image, int times)
{
  if (times <= 0) return;
  tt1_found_known found = image->known[times];
  memmove(image->known + 1, image->known, (size_t)times * sizeof *image->known);
  image->known[0] = found;
}

// Phases that make no sense are left out, and that is said: magnitudes can be fitted without them.
static tt1_status load_phase(tt1_image *image, const tt1_study *study, const tt1__series *phase,
                             tt1_error *err)
{
  tt1_error fault = {0};
  char sentence[sizeof fault.message + 32];
  tt1_status status = load_frames(&image->phase, image, study, phase, 1, &fault);
  if (status != TT1_BAD_FILE) {
    if (status != TT1_OK && err) *err = fault;
    return status;
  }
  snprintf(sentence, sizeof sentence, "the phase is left out: %s", fault.message);
  return tt1__image_add_assumption(image, sentence) ? TT1_OK : tt1__no_memory(err);
}

tt1_status tt1__study_load(tt1_image **out, const tt1_study *study, int index, tt1_error *err)
{
  const tt1__series *s = &study->series[index];
  tt1_image *image = tt1__image_new();
  if (!image) return tt1__no_memory(err);
  tt1_status status = describe(image, &s->shown, err);
  if (status == TT1_OK) {
    put_times_first(image, s->shown.times);
    image->dicom = tt1__dicom_source_new(s->shown.n_images, s->n_slices);
    if (!image->dicom) status = tt1__no_memory(err);
  }
  if (status == TT1_OK) {
    status = load_frames(&image->data, image, study, s, 0, err);
  }
  if (status == TT1_OK && s->shown.kind == TT1_KIND_MAGNITUDE && s->shown.partner >= 0)
    status = load_phase(image, study, &study->series[s->shown.partner], err);
  if (status == TT1_OK)
    *out = image;
  else
    tt1_image_free(image);
  return status;
}
