/* SPDX-License-Identifier: MIT
 * The voxels of a series: decoded, scaled back to what was measured, phase in
 * radians. From the files as the survey kept them; those that it had no room for are read again. */
#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/number.h"
#include "base/threads.h"
#include "dicom/source.h"
#include "dicom/study.h"
#include "image/uni.h"

// What was measured: stored values with all scaling undone (ecosystem: DV, and FP of Philips).
static float scaled(const tt1__frame *f, double stored)
{
  return (float)((stored * f->slope + f->intercept) / f->divisor);
}

/** rad = (stored * slope + intercept) * TT1__PI / half */
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
  if (greatest <= 1000.0 * TT1__PI + 2.0)
    return (turn){f->slope, f->intercept, 1000.0 * TT1__PI, "phases are taken as milliradians"};
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

static double greatest_of(const tt1__dicom_study *study, const tt1__series *s)
{
  double greatest = 0.0;
  for (int i = 0; i < s->n_frames; i++) {
    const tt1__frame *f = tt1__series_frame(study, s, i);
    greatest = fmax(greatest, fmax(fabs(f->smallest), fabs(f->greatest)));
  }
  return greatest;
}

/* ---- Files, which threads open one each ---- */

/** A frame and where its voxels go. */
typedef struct share {
  const tt1__frame *frame;
  int place; /* in [n_images][n_slices] */
} share;

/** The frames of one file. */
typedef struct batch {
  const share *shares;
  int count;
} batch;

typedef struct loading {
  const tt1__dicom_study *study;
  tt1__dicom_source *source; /* NULL: phases or imaginary parts are loaded */
  int as_phase;
  share *shares;
  batch *batches; /* in the order in which their files are first needed */
  int n_batches;
  double greatest; /* stored value */
  float *values;
  size_t n_pixels;
} loading;

static int by_file(const void *first, const void *second)
{
  const share *a = first, *b = second;
  int difference = tt1__order(a->frame->file, b->frame->file);
  return difference ? difference : a->place - b->place;
}

static int by_place(const void *first, const void *second)
{
  const batch *a = first, *b = second;
  return a->shares->place - b->shares->place;
}

static tt1_status sort_files(loading *l, const tt1__series *s, tt1_error *err)
{
  size_t n = (size_t)s->n_frames;
  l->shares = tt1__allocate(n, sizeof *l->shares);
  l->batches = tt1__allocate(n, sizeof *l->batches);
  if (!l->shares || !l->batches) return tt1__no_memory(err);
  for (int i = 0; i < s->n_frames; i++)
    l->shares[i] = (share){tt1__series_frame(l->study, s, i), i};
  qsort(l->shares, n, sizeof *l->shares, by_file);
  for (int i = 0; i < s->n_frames; i++) {
    const share *here = &l->shares[i], *before = here - 1;
    if (i == 0 || here->frame->file != before->frame->file)
      l->batches[l->n_batches++] = (batch){.shares = here};
    assert(l->n_batches <= s->n_frames);
    l->batches[l->n_batches - 1].count++;
  }
  qsort(l->batches, (size_t)l->n_batches, sizeof *l->batches, by_place);
  return TT1_OK;
}

/** A file that a thread reads frames of. */
typedef struct opened {
  tt1__dicom_scan scan;
  tt1__dicom *dicom; /* NULL where nothing of it is asked for */
  int32_t *stored;   /* scratch, [n_pixels] */
} opened;

static tt1_status load_phases(float *out, const loading *l, const tt1__frame *f, const opened *file,
                              tt1_error *err)
{
  turn t = find_turn(f, l->greatest);
  tt1_status status = check_turn(f, &t, err);
  if (status == TT1_OK) status = tt1__frame_pixels(f, &file->scan, file->dicom, file->stored, err);
  for (size_t i = 0; i < l->n_pixels && status == TT1_OK; i++)
    out[i] = (float)((file->stored[i] * t.slope + t.intercept) * (TT1__PI / t.half));
  return status;
}

static tt1_status load_values(float *out, const loading *l, const tt1__frame *f, const opened *file,
                              tt1_error *err)
{
  tt1_status status = f->float_size
                          ? tt1__frame_floats(f, &file->scan, out, err)
                          : tt1__frame_pixels(f, &file->scan, file->dicom, file->stored, err);
  for (size_t i = 0; i < l->n_pixels && status == TT1_OK; i++)
    out[i] = scaled(f, f->float_size ? (double)out[i] : file->stored[i]);
  return status;
}

static tt1_status load_frame(const loading *l, const share *one, const opened *file, tt1_error *err)
{
  const tt1__frame *f = one->frame;
  float *out = l->values + (size_t)one->place * l->n_pixels;
  if (l->as_phase) return load_phases(out, l, f, file, err);
  tt1_status status = load_values(out, l, f, file, err);
  if (status != TT1_OK || !l->source) return status;
  tt1__dicom_source_note(l->source, one->place, f);
  if (one->place == 0) tt1__dicom_source_note_series(l->source, f, file->dicom);
  return TT1_OK;
}

// Open a file: only for what stands in its elements, or for a decoder of DCMTK, is it parsed.
static tt1_status open_file(opened *file, const loading *l, const batch *b, const tt1__file *bytes,
                            tt1_error *err)
{
  const char *path = b->shares->frame->path;
  int is_first = l->source && b->shares->place == 0;
  file->stored = tt1__allocate(l->n_pixels, sizeof *file->stored);
  if (!file->stored) return tt1__no_memory(err);
  tt1_status status = tt1__dicom_scan_bytes(&file->scan, bytes->bytes, bytes->length, path, err);
  if (status == TT1_OK && (is_first || tt1__dicom_needs_dcmtk(&file->scan)))
    status = tt1__dicom_open(&file->dicom, bytes->bytes, bytes->length, path, err);
  return status;
}

static tt1_status load_file(int item, void *payload, tt1_error *err)
{
  const loading *l = payload;
  const batch *b = &l->batches[item];
  const tt1__file *bytes = NULL;
  tt1__file room = {0};
  opened file = {0};
  tt1_status status = tt1__study_bytes(&bytes, &room, l->study, b->shares->frame->file, err);
  if (status == TT1_OK) status = open_file(&file, l, b, bytes, err);
  for (int i = 0; i < b->count && status == TT1_OK; i++)
    status = load_frame(l, &b->shares[i], &file, err);
  tt1__dicom_free(file.dicom);
  tt1__dicom_scan_free(&file.scan);
  tt1__file_free(&room);
  tt1__free(file.stored);
  return status;
}

// An enhanced file may hold magnitudes and phases: it is listed once.
static int add_file(tt1_image *image, unsigned char *is_listed, const tt1__frame *f)
{
  if (is_listed[f->file]) return 1;
  is_listed[f->file] = 1;
  return tt1__image_add_file(image, f->path, f->checksum);
}

// Voxels of all frames, in their order, or their phases: the main series (`source`) or its partner.
// `is_listed` [study->n_files]
static tt1_status load_frames(float **out, tt1_image *image, unsigned char *is_listed,
                              const tt1__dicom_study *study, const tt1__series *s,
                              tt1__dicom_source *source, tt1_error *err)
{
  const tt1__frame *first = tt1__series_frame(study, s, 0);
  int as_phase = !source && s->shown.kind == TT1_KIND_PHASE;
  loading l = {.study = study,
               .source = source,
               .as_phase = as_phase,
               .greatest = greatest_of(study, s),
               .n_pixels = (size_t)first->rows * (size_t)first->columns};
  turn t = find_turn(first, l.greatest);
  if (as_phase && t.assumption && !tt1__image_add_assumption(image, t.assumption))
    return tt1__no_memory(err);
  l.values = tt1__allocate(l.n_pixels * (size_t)s->n_frames, sizeof *l.values);
  tt1_status status = l.values ? sort_files(&l, s, err) : tt1__no_memory(err);
  if (status == TT1_OK) status = tt1__run_tasks(study->threads, l.n_batches, load_file, &l, err);
  for (int i = 0; i < l.n_batches && status == TT1_OK; i++)
    if (!add_file(image, is_listed, l.batches[i].shares->frame)) status = tt1__no_memory(err);
  if (status == TT1_OK)
    *out = l.values;
  else
    tt1__free(l.values);
  tt1__free(l.shares);
  tt1__free(l.batches);
  return status;
}

/* ---- The image ---- */

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
  image->is_told = shown->kind == TT1_KIND_REAL && shown->partner < 0;
  image->stored_type = copy_text(image, shown->stored_type);
  image->origin = (tt1_origin){shown->number,
                               copy_text(image, shown->description),
                               copy_text(image, shown->uid),
                               copy_text(image, shown->vendor),
                               copy_text(image, shown->scaling),
                               shown->field_strength};
  int is_complete = image->stored_type && image->origin.description && image->origin.uid &&
                    image->origin.vendor && image->origin.scaling &&
                    tt1__image_set_unit(image, shown->unit, strlen(shown->unit));
  for (int i = 0; i < shown->n_known && is_complete; i++)
    is_complete = tt1__image_add_found(image, &shown->known[i]);
  for (int i = 0; i < shown->n_texts && is_complete; i++)
    is_complete = tt1__image_add_text(image, shown->texts[i].key, shown->texts[i].value);
  if (is_complete && tt1__is_called_uni(shown->image_type))
    is_complete = tt1__image_add_text(image, "ImageType", shown->image_type);
  for (int i = 0; i < shown->n_assumptions && is_complete; i++)
    is_complete = tt1__image_add_assumption(image, shown->assumptions[i]);
  return is_complete ? TT1_OK : tt1__no_memory(err);
}

// Phases that make no sense are left out, and that is said: magnitudes can be fitted without them.
static tt1_status load_phase(tt1_image *image, unsigned char *is_listed,
                             const tt1__dicom_study *study, const tt1__series *phase,
                             tt1_error *err)
{
  tt1_error fault = {0};
  char sentence[sizeof fault.message + 32];
  tt1_status status = load_frames(&image->phase, image, is_listed, study, phase, NULL, &fault);
  if (status != TT1_BAD_FILE) {
    if (status != TT1_OK && err) *err = fault;
    return status;
  }
  snprintf(sentence, sizeof sentence, "the phase is left out: %s", fault.message);
  return tt1__image_add_assumption(image, sentence) ? TT1_OK : tt1__no_memory(err);
}

// The sign of the first inversion, from the UNI image of both.
static tt1_status load_uni(tt1_image *image, unsigned char *is_listed,
                           const tt1__dicom_study *study, const tt1__series *s, tt1_error *err)
{
  const tt1__series *series = s->has_uni ? tt1__study_uni_of(study, s) : NULL;
  const tt1_known_values *times = tt1_image_find_known(image, "InversionTime");
  if (!series || !times || times->count != 2) return TT1_OK;
  tt1_image *uni = tt1__image_new();
  if (!uni) return tt1__no_memory(err);
  uni->n_images = 1;
  uni->n_voxels = image->n_voxels;
  tt1_status status = load_frames(&uni->data, image, is_listed, study, series, NULL, err);
  if (status == TT1_OK)
    status = tt1__uni_sign(image, times->values[0] < times->values[1] ? 0 : 1, uni,
                           series->shown.description, err);
  tt1_image_free(uni);
  return status;
}

// A partner of either kind.
static tt1_status load_partner(tt1_image *image, unsigned char *is_listed,
                               const tt1__dicom_study *study, const tt1__series *s, tt1_error *err)
{
  if (s->shown.partner < 0) return TT1_OK;
  const tt1__series *partner = &study->series[s->shown.partner];
  if (s->shown.kind == TT1_KIND_MAGNITUDE) return load_phase(image, is_listed, study, partner, err);
  if (s->shown.kind != TT1_KIND_REAL) return TT1_OK;
  tt1_status status = load_frames(&image->phase, image, is_listed, study, partner, NULL, err);
  if (status == TT1_OK) tt1__image_make_polar(image);
  return status;
}

tt1_status tt1__study_load(tt1_image **out, const tt1__dicom_study *study, int index,
                           tt1_error *err)
{
  const tt1__series *s = &study->series[index];
  unsigned char *is_listed = tt1__allocate((size_t)study->n_files, 1);
  tt1__dicom_source *source = tt1__dicom_source_new(s->shown.n_images, s->n_slices);
  tt1_image *image = tt1__image_new();
  tt1_status status = TT1_NO_MEMORY;
  if (image && source) {
    tt1__dicom_source_attach(image, source);
    status = is_listed ? describe(image, &s->shown, err) : tt1__no_memory(err);
  } else {
    tt1__dicom_source_free(source);
    tt1__no_memory(err);
  }
  if (status == TT1_OK) status = load_frames(&image->data, image, is_listed, study, s, source, err);
  if (status == TT1_OK) status = load_partner(image, is_listed, study, s, err);
  if (status == TT1_OK) status = load_uni(image, is_listed, study, s, err);
  tt1__free(is_listed);
  if (status == TT1_OK)
    *out = image;
  else
    tt1_image_free(image);
  return status;
}
