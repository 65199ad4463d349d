/* SPDX-License-Identifier: MIT
 * From frames to series: frames of one series UID and kind belong together, series
 * of one image each may be parts of one, phases belong to their magnitudes. */
#include "dicom/study.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/number.h"
#include "image/uni.h"

static tt1__series *add_series(tt1__dicom_study *study, int n_frames)
{
  if (study->n_series == study->series_capacity) {
    int capacity = study->series_capacity ? study->series_capacity * 2 : 16;
    tt1__series *grown = tt1__reallocate(study->series, (size_t)capacity, sizeof *grown);
    if (!grown) return NULL;
    study->series = grown;
    study->series_capacity = capacity;
  }
  tt1__series *s = &study->series[study->n_series];
  *s = (tt1__series){.n_frames = n_frames};
  s->frames = tt1__arena_allocate(&study->texts, (size_t)n_frames, sizeof *s->frames);
  if (!s->frames) return NULL;
  study->n_series++;
  return s;
}

/* ---- Two series under one UID ---- */

enum { MOST_NAMES = 8 };

// Whether two frames are called the same by scanner and people.
static int is_called_alike(const tt1__frame *a, const tt1__frame *b)
{
  return strcmp(a->type, b->type) == 0 && strcmp(a->description, b->description) == 0;
}

// The frames of `s` that are called as frame `first` of it is; NULL if memory ran out.
static tt1__series *take_alike(tt1__dicom_study *study, int index, int first)
{
  int count = 0, n_frames = study->series[index].n_frames;
  tt1__series *part = add_series(study, n_frames); // which may move the others
  if (!part) return NULL;
  const tt1__series *s = &study->series[index];
  for (int i = 0; i < n_frames; i++)
    if (is_called_alike(tt1__series_frame(study, s, i), tt1__series_frame(study, s, first)))
      part->frames[count++] = s->frames[i];
  part->n_frames = count;
  part->shown.shares_uid = 1;
  return part;
}

// Whether frame `i` is the first that is called so.
static int is_first_of_name(const tt1__dicom_study *study, const tt1__series *s, int i)
{
  for (int j = 0; j < i; j++)
    if (is_called_alike(tt1__series_frame(study, s, i), tt1__series_frame(study, s, j))) return 0;
  return 1;
}

// Raw and motion-corrected, or filtered and unfiltered images may share a UID: where times repeat, the
// last series is taken apart by what its images are called, if then none repeats.
static tt1_status split_last(tt1__dicom_study *study, tt1_error *err)
{
  int whole = study->n_series - 1, n_frames = study->series[whole].n_frames, is_split = 1;
  tt1_status status = TT1_OK;
  if (!study->series[whole].has_repeats) return TT1_OK;
  for (int i = 0; i < n_frames && status == TT1_OK && is_split; i++) {
    if (!is_first_of_name(study, &study->series[whole], i)) continue;
    tt1__series *part = take_alike(study, whole, i);
    status = part ? tt1__series_arrange(study, part, err) : tt1__no_memory(err);
    is_split = status != TT1_OK || (!part->has_repeats && part->n_frames < n_frames &&
                                    study->n_series <= whole + MOST_NAMES);
    if (status == TT1_OK)
      tt1__series_assume(study, part,
                         "told from others of the same UID by its ImageType or "
                         "description");
  }
  if (status != TT1_OK) return status;
  if (is_split) { // the parts take the place of the whole
    study->n_series--;
    memmove(&study->series[whole], &study->series[whole + 1],
            (size_t)(study->n_series - whole) * sizeof *study->series);
  } else {
    study->n_series = whole + 1;
  }
  return TT1_OK;
}

/* ---- Files that cannot be read ---- */

// A file that cannot be read stops its series; all others say that it is left out.
static void refuse_lost(tt1__dicom_study *study, tt1__series *s)
{
  int is_stopped = 0;
  for (int i = 0; i < study->n_lost && !is_stopped; i++) {
    const tt1__lost_file *lost = &study->lost[i];
    int is_own = 0;
    for (int f = 0; f < s->n_frames && !is_own; f++)
      is_own = strcmp(tt1__series_frame(study, s, f)->series, lost->series) == 0;
    if (is_own) {
      s->shown.refused = NULL;
      s->shown.lacks_times = 0;
      tt1__series_refuse(study, s, 0, "%s", lost->fault);
      is_stopped = 1;
    } else {
      tt1__series_assume(study, s, "a file of another series is left out: %s", lost->fault);
    }
  }
}

// The file that was asked for may be one of them.
static tt1_status check_wanted(const tt1__dicom_study *study, tt1_error *err)
{
  for (int i = 0; i < study->n_lost && study->wanted_file; i++)
    if (strcmp(tt1__base_name(study->lost[i].path), tt1__base_name(study->wanted_file)) == 0)
      return tt1__error_set(err, TT1_BAD_FILE, "%s", study->lost[i].fault);
  return TT1_OK;
}

/* ---- Series of one image each ---- */

static int is_uni(const tt1__series *s)
{
  return s->shown.n_images == 1 && s->shown.kind != TT1_KIND_MAP &&
         (tt1__is_called_uni(s->shown.image_type) || tt1__is_called_uni(s->shown.description));
}

static int is_part(const tt1__series *s)
{
  return s->shown.n_images == 1 && s->shown.may_be_asked_for && s->shown.kind != TT1_KIND_MAP &&
         !s->is_merged && !is_uni(s);
}

// An anonymiser may draw a study, a series and a frame of reference UID for each file: what it leaves is the
// number of the series and what people called it.
static int is_redrawn(const tt1__frame *a, const tt1__frame *b)
{
  return (strcmp(a->study, b->study) != 0 || strcmp(a->reference, b->reference) != 0) &&
         a->series_number == b->series_number && strcmp(a->description, b->description) == 0 &&
         strcmp(a->vendor, b->vendor) == 0 && strcmp(a->type, b->type) == 0 &&
         a->instance != b->instance;
}

// Whether two series are of the same voxels and examination.
static int is_same_grid(const tt1__dicom_study *study, const tt1__series *a, const tt1__series *b)
{
  const tt1__frame *first = tt1__series_frame(study, a, 0),
                   *second = tt1__series_frame(study, b, 0);
  return a->n_slices == b->n_slices && first->rows == second->rows &&
         first->columns == second->columns && tt1__frames_are_parallel(first, second) &&
         fabs(tt1__frame_height(first, second)) <= TT1__SAME_PLACE &&
         (is_redrawn(first, second) || (strcmp(first->study, second->study) == 0 &&
                                        strcmp(first->reference, second->reference) == 0));
}

static int belongs_to(const tt1__dicom_study *study, const tt1__series *a, const tt1__series *b)
{
  return is_part(b) && a->shown.kind == b->shown.kind && is_same_grid(study, a, b);
}

const tt1__series *tt1__study_uni_of(const tt1__dicom_study *study, const tt1__series *s)
{
  for (int i = 0; i < study->n_series; i++)
    if (is_uni(&study->series[i]) && is_same_grid(study, s, &study->series[i]))
      return &study->series[i];
  return NULL;
}

typedef struct by_time {
  int frame, instance;
  double acquired;
} by_time;

static int earlier(const void *first, const void *second)
{
  const by_time *a = first, *b = second;
  int difference = tt1__order(a->acquired, b->acquired);
  if (!difference) difference = tt1__order(a->instance, b->instance);
  return difference ? difference : tt1__order(a->frame, b->frame);
}

// All frames of series `index` and those like it, in the order of acquisition. Returns how many.
static int gather(const tt1__dicom_study *study, int index, by_time *parts)
{
  int count = 0;
  for (int i = index; i < study->n_series; i++) {
    const tt1__series *s = &study->series[i];
    for (int j = 0; belongs_to(study, &study->series[index], s) && j < s->n_frames; j++)
      parts[count++] = (by_time){s->frames[j], tt1__series_frame(study, s, j)->instance,
                                 tt1__series_frame(study, s, j)->acquired};
  }
  qsort(parts, (size_t)count, sizeof *parts, earlier);
  return count;
}

// Take the parts of series `index` out of the list; the whole, which is last, takes its place.
static void replace_parts(tt1__dicom_study *study, int index)
{
  int kept = index + 1;
  tt1__series first = study->series[index], whole = study->series[study->n_series - 1];
  for (int i = index + 1; i < study->n_series - 1; i++)
    if (!belongs_to(study, &first, &study->series[i])) study->series[kept++] = study->series[i];
  study->series[index] = whole;
  study->n_series = kept;
}

// Scanners without a sequence for it are told to measure each time as a series of its own.
static tt1_status merge_parts(tt1__dicom_study *study, int index, tt1_error *err)
{
  if (!is_part(&study->series[index])) return TT1_OK;
  by_time *parts = tt1__allocate((size_t)study->frames.count, sizeof *parts);
  if (!parts) return tt1__no_memory(err);
  int count = gather(study, index, parts), n_slices = study->series[index].n_slices;
  const tt1__series *uni = tt1__study_uni_of(study, &study->series[index]);
  int uni_number = uni ? uni->shown.number : 0, is_of_uni = uni != NULL;
  // Two images that differ in a time may be anything, but for the inversions of MP2RAGE.
  int is_series = uni ? count == 2 * n_slices : count >= 3 * n_slices;
  tt1__series *whole = is_series ? add_series(study, count) : NULL;
  tt1_status status = whole || !is_series ? TT1_OK : tt1__no_memory(err);
  for (int i = 0; whole && i < count; i++)
    whole->frames[i] = parts[i].frame;
  tt1__free(parts);
  if (status != TT1_OK || !whole) return status;
  whole->is_merged = 1;
  status = tt1__series_arrange(study, whole, err);
  if (status != TT1_OK) return status;
  refuse_lost(study, whole);
  tt1__series_assume(study, whole, "%d series of one image each are put together",
                     count / n_slices);
  whole->has_uni = is_of_uni;
  if (is_of_uni)
    tt1__series_assume(study, whole, "series %d is taken for the UNI image of the two inversions",
                       uni_number);
  for (int i = 1; i < count && !whole->is_redrawn; i++)
    whole->is_redrawn =
        is_redrawn(tt1__series_frame(study, whole, 0), tt1__series_frame(study, whole, i));
  if (whole->is_redrawn)
    tt1__series_assume(study, whole,
                       "their UIDs differ, of study or frame of reference too, but number, "
                       "description and place are the same: an anonymiser is taken to have drawn "
                       "them for each file");
  if (whole->shown.times >= 0 && !whole->shown.refused)
    replace_parts(study, index);
  else
    study->n_series--;
  return TT1_OK;
}

/* ---- Magnitude and phase, real and imaginary ---- */

static int is_moved(const tt1_study_series *s)
{
  return strstr(s->description, "MOCO") != NULL || strstr(s->description, "moco") != NULL ||
         strstr(s->image_type, "MOCO") != NULL;
}

static int are_complex(tt1_kind first, tt1_kind second)
{
  return (first == TT1_KIND_MAGNITUDE && second == TT1_KIND_PHASE) ||
         (first == TT1_KIND_REAL && second == TT1_KIND_IMAGINARY);
}

// Whether `phase` was acquired with `magnitude`, or an imaginary part with its real one.
static int is_partner(const tt1__dicom_study *study, const tt1__series *magnitude,
                      const tt1__series *phase)
{
  const tt1_study_series *a = &magnitude->shown, *b = &phase->shown;
  const tt1__frame *first = tt1__series_frame(study, magnitude, 0),
                   *second = tt1__series_frame(study, phase, 0);
  if (!are_complex(a->kind, b->kind) || a->times < 0 || b->times < 0 ||
      (b->refused && !phase->shown.may_be_asked_for) || a->n_images != b->n_images ||
      magnitude->n_slices != phase->n_slices || magnitude->is_merged != phase->is_merged ||
      is_moved(a) != is_moved(b) ||
      (strcmp(first->study, second->study) != 0 && !(magnitude->is_redrawn && phase->is_redrawn)) ||
      first->rows != second->rows || first->columns != second->columns ||
      !(magnitude->is_redrawn ? tt1__frames_are_parallel(first, second)
                              : tt1__frames_are_stacked(first, second)) ||
      fabs(tt1__frame_height(first, second)) > TT1__SAME_PLACE)
    return 0;
  const tt1_known_values *times = &a->known[a->times], *others = &b->known[b->times];
  if (times->n_slices != others->n_slices) return 0;
  for (int i = 0; i < a->n_images * times->n_slices; i++)
    if (fabs(times->values[i] - others->values[i]) > TT1__SAME_TIME) return 0;
  return strcmp(times->name, others->name) == 0;
}

// Two parts say more than one: values below zero of a real part alone are no sign.
static void use_both_parts(tt1__dicom_study *study, tt1__series *real)
{
  if (real->shown.kind != TT1_KIND_REAL) return;
  real->shown.is_signed = 0;
  tt1__series_assume(study, real,
                     "magnitude and phase are computed from its real parts and the imaginary ones");
}

// The phase of the same series, else the next one by number.
static void find_partner(tt1__dicom_study *study, int index)
{
  tt1__series *s = &study->series[index];
  int best = -1, least = 0;
  for (int i = 0; i < study->n_series; i++) {
    const tt1__series *other = &study->series[i];
    int distance = abs(i - index);
    if (other->shown.partner >= 0 || !is_partner(study, s, other)) continue;
    if (strcmp(s->shown.uid, other->shown.uid) == 0) distance = 0;
    if (best < 0 || distance < least) {
      best = i;
      least = distance;
    }
  }
  if (best < 0) return;
  s->shown.partner = best;
  study->series[best].shown.partner = index;
  use_both_parts(study, s);
}

static void refuse_phases(tt1__dicom_study *study)
{
  for (int i = 0; i < study->n_series; i++) {
    tt1__series *s = &study->series[i];
    int is_phase = s->shown.kind == TT1_KIND_PHASE;
    if (!is_phase && s->shown.kind != TT1_KIND_IMAGINARY) continue;
    if (s->shown.partner >= 0)
      tt1__series_refuse(study, s, 1, "it holds the %s of series %d",
                         is_phase ? "phase" : "imaginary part",
                         study->series[s->shown.partner].shown.number);
    else
      tt1__series_refuse(study, s, 1, "it holds %s",
                         is_phase ? "phases without magnitudes"
                                  : "imaginary parts without real ones");
  }
}

/* ---- Copies ---- */

static int by_instance(const void *first, const void *second)
{
  const tt1__frame *a = first, *b = second;
  int difference = strcmp(a->instance_uid, b->instance_uid);
  if (!difference) difference = tt1__order(a->index, b->index);
  if (!difference) difference = tt1__order(a->checksum, b->checksum);
  return difference ? difference : strcmp(a->path, b->path);
}

// The same file twice, under whatever names, is one; two files of one identifier that differ are not.
static void drop_copies(tt1__dicom_study *study)
{
  tt1__frames *list = &study->frames;
  const char *wanted = study->wanted_file ? tt1__base_name(study->wanted_file) : "";
  int kept = 0;
  if (list->count > 0) qsort(list->frames, (size_t)list->count, sizeof *list->frames, by_instance);
  for (int i = 0; i < list->count; i++) {
    tt1__frame *last = kept > 0 ? &list->frames[kept - 1] : NULL, *f = &list->frames[i];
    int is_copy = last && f->instance_uid[0] && f->checksum == last->checksum &&
                  f->index == last->index && strcmp(f->instance_uid, last->instance_uid) == 0;
    if (is_copy && strcmp(tt1__base_name(f->path), wanted) == 0) {
      last->path = f->path;
      last->file = f->file;
    }
    if (is_copy)
      last->n_copies++;
    else if (kept++ < i)
      list->frames[kept - 1] = *f;
  }
  list->count = kept;
}

/* ---- All series ---- */

// By series and kind, then in the order of acquisition.
static int by_series(const void *first, const void *second)
{
  const tt1__frame *a = first, *b = second;
  int difference = tt1__order(a->series_number, b->series_number);
  if (!difference) difference = strcmp(a->series, b->series);
  if (!difference) difference = tt1__order(a->kind, b->kind);
  if (!difference) difference = tt1__order(a->moment, b->moment);
  if (!difference) difference = tt1__order(a->instance, b->instance);
  if (!difference) difference = tt1__order(a->acquired, b->acquired);
  if (!difference) difference = strcmp(a->path, b->path);
  return difference ? difference : tt1__order(a->index, b->index);
}

static int is_same_series(const tt1__frame *a, const tt1__frame *b)
{
  return a->kind == b->kind && strcmp(a->series, b->series) == 0 && strcmp(a->study, b->study) == 0;
}

static tt1_status group_frames(tt1__dicom_study *study, tt1_error *err)
{
  tt1__frame *frames = study->frames.frames;
  int count = study->frames.count;
  if (count > 0) qsort(frames, (size_t)count, sizeof *frames, by_series);
  for (int i = 0, end; i < count; i = end) {
    for (end = i + 1; end < count && is_same_series(&frames[i], &frames[end]);)
      end++;
    tt1__series *s = add_series(study, end - i);
    if (!s) return tt1__no_memory(err);
    for (int j = i; j < end; j++)
      s->frames[j - i] = j;
    tt1_status status = tt1__series_arrange(study, s, err);
    if (status == TT1_OK) status = split_last(study, err);
    if (status != TT1_OK) return status;
  }
  return TT1_OK;
}

tt1_status tt1__study_arrange(tt1__dicom_study *study, tt1_error *err)
{
  drop_copies(study);
  tt1_status status = group_frames(study, err);
  for (int i = 0; i < study->n_series && status == TT1_OK; i++)
    refuse_lost(study, &study->series[i]);
  for (int i = 0; i < study->n_series && status == TT1_OK; i++)
    status = merge_parts(study, i, err);
  if (status != TT1_OK) return status;
  for (int i = 0; i < study->n_series; i++)
    find_partner(study, i);
  refuse_phases(study);
  return TT1_OK;
}

/* ---- The study ---- */

// The folder that holds `path`, in the study's arena.
static char *folder_of(tt1__dicom_study *study, const char *path)
{
  const char *name = tt1__base_name(path);
  if (name == path) return tt1__arena_copy(&study->texts, ".", 1);
  return tt1__arena_copy(&study->texts, path, name - path > 1 ? (size_t)(name - path - 1) : 1);
}

static tt1_status refuse_empty(const tt1__dicom_study *study, const char *path,
                               tt1__dicom_place place, tt1_error *err)
{
  int n = study->n_archives;
  if (study->n_secondary > 0)
    return tt1__error_set(err, TT1_BAD_FILE,
                          "%s holds no MR image, but %d Secondary Capture%s in colour: pictures of "
                          "results or of a screen, which have no signal in them",
                          path, study->n_secondary, study->n_secondary == 1 ? "" : "s");
  if (place != TT1__IN_FOLDER)
    return tt1__error_set(err, TT1_BAD_FILE, "%s holds no MR image", path);
  if (n > 0)
    return tt1__error_set(err, TT1_BAD_FILE,
                          "%s holds no MR image beside %d zip archive%s, which %s read only where "
                          "given by name",
                          path, n, n == 1 ? "" : "s", n == 1 ? "is" : "are");
  return tt1__error_set(err, TT1_BAD_FILE,
                        "%s is a folder without DICOM or NIfTI images; give the path of one", path);
}

tt1_status tt1__dicom_study_open(tt1__dicom_study *study, const char *const *paths, int n_paths,
                                 tt1__dicom_place place, tt1_error *err)
{
  const char *path = paths[0];
  const tt1__zip_limits limits = {"file", TT1__MAX_FILES - 1, TT1__DICOM_MAX_BYTES};
  const char *copy = tt1__arena_copy(&study->texts, path, strlen(path));
  const char *folder = place == TT1__BESIDE ? folder_of(study, path) : copy;
  study->archive.descriptor = -1;
  if (!copy || !folder) return tt1__no_memory(err);
  if (place == TT1__BESIDE) study->wanted_file = copy;
  tt1_status status = TT1_OK;
  if (place == TT1__IN_ARCHIVE) status = tt1__zip_open(&study->archive, NULL, copy, &limits, err);
  if (status == TT1_OK)
    status = tt1__study_read_files(study, place == TT1__GIVEN ? paths : &folder,
                                   place == TT1__IN_ARCHIVE ? 0 : n_paths,
                                   place == TT1__BESIDE ? TT1__MAX_FOLDER_DEPTH : 0, err);
  study->is_empty = status == TT1_OK && study->frames.count == 0;
  if (study->is_empty && n_paths > 1)
    status =
        tt1__error_set(err, TT1_BAD_FILE,
                       "%s and %d more hold no DICOM image; several inputs are DICOM files and "
                       "folders, or NIfTI files",
                       path, n_paths - 1);
  else if (study->is_empty)
    status = refuse_empty(study, path, place, err);
  if (status == TT1_OK) status = check_wanted(study, err);
  return status == TT1_OK ? tt1__study_arrange(study, err) : status;
}

void tt1__dicom_study_free(tt1__dicom_study *study)
{
  for (int i = 0; i < study->n_files; i++)
    tt1__file_free(&study->files[i].bytes);
  tt1__free(study->files);
  tt1__free(study->frames.frames);
  tt1__free(study->series);
  tt1__zip_close(&study->archive);
  tt1__arena_free(&study->texts);
}
