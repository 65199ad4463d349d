/* SPDX-License-Identifier: MIT
 * The times of a series: which source tells them, and whether they are the same in
 * all slices or each slice was measured in heart beats of its own. */
#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/date.h"
#include "base/error.h"
#include "dicom/study.h"

const char *tt1_times_name(int index)
{
  static const char *const names[] = {"auto", "trigger"};
  static_assert(sizeof names / sizeof *names == TT1_TIMES_TRIGGER + 1, "a name for each source");
  return index >= 0 && index <= TT1_TIMES_TRIGGER ? names[index] : NULL;
}

static double value_at(const tt1__dicom_study *study, const tt1__series *s, int image, int slice,
                       int source)
{
  return tt1__series_frame(study, s, image * s->n_slices + slice)->values[source];
}

static int is_same(double a, double b)
{
  return fabs(a - b) <= TT1__SAME_TIME;
}

/* ---- Sources ---- */

static int n_with(const tt1__dicom_study *study, const tt1__series *s, int source)
{
  int count = 0;
  for (int i = 0; i < s->n_frames; i++)
    count += isfinite(tt1__series_frame(study, s, i)->values[source]);
  return count;
}

// Whether images of one slice differ: what differs between slices only is no time of recovery.
static int does_vary(const tt1__dicom_study *study, const tt1__series *s, int source)
{
  for (int slice = 0; slice < s->n_slices; slice++)
    for (int i = 1; i < s->shown.n_images; i++)
      if (!is_same(value_at(study, s, i, slice, source), value_at(study, s, 0, slice, source)))
        return 1;
  return 0;
}

static int is_trigger(int source)
{
  return source == TT1__TI_TRIGGER || source == TT1__TI_TRIGGER_DELAY;
}

static int is_allowed(const tt1__dicom_study *study, int source)
{
  int is_time = strcmp(tt1__sources[source].key, tt1__sources[TT1__TI_PLAIN].key) == 0;
  if (study->times == TT1_TIMES_TRIGGER) return !is_time || is_trigger(source);
  return !is_trigger(source);
}

// The source of `key`: the first that varies; else the first that is there and not zero; else -1.
static int choose_source(const tt1__dicom_study *study, const tt1__series *s, const char *key)
{
  int constant = -1;
  for (int i = 0; i < TT1__N_SOURCES; i++) {
    if (strcmp(tt1__sources[i].key, key) != 0 || !is_allowed(study, i)) continue;
    if (n_with(study, s, i) < s->n_frames) continue;
    if (does_vary(study, s, i)) return i;
    if (constant < 0 && value_at(study, s, 0, 0, i) > 0.0) constant = i;
  }
  return constant;
}

static const tt1__listed *listed(const tt1__frame *f, int source)
{
  return source == TT1__TI_PROTOCOL ? &f->inversions : &f->preparations;
}

static int is_same_list(const tt1__listed *a, const tt1__listed *b)
{
  if (a->count != b->count) return 0;
  for (int i = 0; i < a->count; i++)
    if (fabs(a->values[i] - b->values[i]) > 0.0) return 0;
  return 1;
}

/* The protocol of Siemens lists preparations and inversion times, in the order in which they are played out. A
 * preparation of 0 ms, which comes first, is not in the list; one that is not written is 0. An inversion time is
 * above 0, and written. Where each image has a protocol of its own with one time, that is its time. */
static void number_listed(tt1__dicom_study *study, tt1__series *s, int source)
{
  const tt1__listed *list = listed(tt1__series_frame(study, s, 0), source);
  int is_inversion = source == TT1__TI_PROTOCOL, n = is_inversion ? list->n_told : list->count;
  int missing = s->shown.n_images - n, is_own = is_inversion && n == 1;
  if (!is_own && (n < 2 || missing < 0 || missing > !is_inversion)) return;
  for (int i = 0; i < s->n_frames; i++) {
    const tt1__listed *other = listed(tt1__series_frame(study, s, i), source);
    if (is_own ? other->n_told != 1 : !is_same_list(list, other)) return;
    for (int k = 0; k < n; k++)
      if (is_inversion && !(other->values[k] > 0.0)) return;
  }
  for (int i = 0; i < s->n_frames; i++) {
    tt1__frame *f = &study->frames.frames[s->frames[i]];
    int image = i / s->n_slices, at = is_own ? 0 : image - missing;
    f->values[source] = at < 0 ? 0.0 : listed(f, source)->values[at] * tt1__sources[source].unit;
    if (f->values[source] > 1000.0) f->values[source] = (double)NAN; // a mark for none
  }
}

// One source for each key that has any, and which of them tells the times. When images were acquired tells
// none from another: that is not a setting.
static void choose_sources(tt1__dicom_study *study, tt1__series *s)
{
  s->n_chosen = 0;
  s->shown.times = -1;
  for (int i = 0; i < TT1__ACQUIRED_FRAME; i++) {
    if (i > 0 && strcmp(tt1__sources[i - 1].key, tt1__sources[i].key) == 0) continue;
    int source = choose_source(study, s, tt1__sources[i].key);
    if (source < 0) continue;
    s->varies[s->n_chosen] = does_vary(study, s, source);
    if (s->shown.times < 0 && s->varies[s->n_chosen]) s->shown.times = s->n_chosen;
    s->chosen[s->n_chosen++] = source;
  }
}

/* ---- Slices ---- */

// Whether image `i` of the first slice and image `j` of another were measured alike.
static int is_match(const tt1__dicom_study *study, const tt1__series *s, int i, int slice, int j)
{
  for (int k = 0; k < s->n_chosen; k++)
    if (s->varies[k] && !is_same(value_at(study, s, i, 0, s->chosen[k]),
                                 value_at(study, s, j, slice, s->chosen[k])))
      return 0;
  return 1;
}

static void swap_images(tt1__series *s, int slice, int i, int j)
{
  int moved = s->frames[j * s->n_slices + slice];
  s->frames[j * s->n_slices + slice] = s->frames[i * s->n_slices + slice];
  s->frames[i * s->n_slices + slice] = moved;
}

// Bring the images of a slice into the order of the first. Returns 0 if its times are others.
static int match_slice(const tt1__dicom_study *study, tt1__series *s, int slice)
{
  for (int i = 0; i < s->shown.n_images; i++) {
    int found = i;
    while (found < s->shown.n_images && !is_match(study, s, i, slice, found))
      found++;
    if (found == s->shown.n_images) return 0;
    swap_images(s, slice, i, found);
  }
  return 1;
}

// Where all slices have the same times, one order for all; else each keeps that of its acquisition.
static tt1_status match_slices(tt1__dicom_study *study, tt1__series *s, tt1_error *err)
{
  size_t size = (size_t)s->n_frames * sizeof *s->frames;
  int *acquired = tt1__allocate((size_t)s->n_frames, sizeof *acquired), is_matched = 1;
  if (!acquired) return tt1__no_memory(err);
  memcpy(acquired, s->frames, size);
  for (int slice = 1; slice < s->n_slices && is_matched; slice++)
    is_matched = match_slice(study, s, slice);
  if (!is_matched) memcpy(s->frames, acquired, size);
  tt1__free(acquired);
  return TT1_OK;
}

static int differs_by_slice(const tt1__dicom_study *study, const tt1__series *s, int source)
{
  for (int i = 0; i < s->shown.n_images; i++)
    for (int slice = 1; slice < s->n_slices; slice++)
      if (!is_same(value_at(study, s, i, slice, source), value_at(study, s, i, 0, source)))
        return 1;
  return 0;
}

/* ---- What is known ---- */

// Values count from `zero`.
static tt1_status describe(tt1_known_values *out, tt1__dicom_study *study, const tt1__series *s,
                           int source, double zero, tt1_error *err)
{
  int n = s->shown.n_images, n_slices = differs_by_slice(study, s, source) ? s->n_slices : 1;
  char text[128], each[32] = "";
  if (n_slices > 1) snprintf(each, sizeof each, " in each of %d slices", n_slices);
  snprintf(text, sizeof text, "%s of %d image%s%s", tt1__sources[source].where, n,
           n == 1 ? "" : "s", each);
  const char *where = tt1__arena_copy(&study->texts, text, strlen(text));
  double *values = tt1__arena_allocate(&study->texts, (size_t)n * (size_t)n_slices, sizeof *values);
  if (!where || !values) return tt1__no_memory(err);
  for (int slice = 0; slice < n_slices; slice++)
    for (int i = 0; i < n; i++)
      values[slice * n + i] = value_at(study, s, i, slice, source) - zero;
  *out = (tt1_known_values){tt1__sources[source].key, values, n, n_slices, where};
  return TT1_OK;
}

// Midnight before the first image was acquired.
static double find_midnight(const tt1__dicom_study *study, const tt1__series *s, int source)
{
  double least = HUGE_VAL;
  for (int i = 0; i < s->n_frames; i++)
    least = fmin(least, tt1__series_frame(study, s, i)->values[source]);
  return TT1__SECONDS_A_DAY * floor(least / TT1__SECONDS_A_DAY);
}

static tt1_status describe_acquired(tt1_known_values *known, tt1__dicom_study *study,
                                    tt1__series *s, tt1_error *err)
{
  int source = choose_source(study, s, tt1__sources[TT1__ACQUIRED_FRAME].key);
  if (source < 0) return TT1_OK;
  double midnight = find_midnight(study, s, source);
  tt1_status status = describe(&known[s->shown.n_known], study, s, source, midnight, err);
  s->shown.n_known += status == TT1_OK;
  return status;
}

tt1_status tt1__series_find_times(tt1__dicom_study *study, tt1__series *s, tt1_error *err)
{
  number_listed(study, s, TT1__PREPARATION_PROTOCOL);
  number_listed(study, s, TT1__TI_PROTOCOL);
  choose_sources(study, s);
  tt1_known_values *known =
      tt1__arena_allocate(&study->texts, (size_t)s->n_chosen + 2, sizeof *known);
  tt1_status status = known ? match_slices(study, s, err) : tt1__no_memory(err);
  for (int i = 0; i < s->n_chosen && status == TT1_OK; i++)
    status = describe(&known[i], study, s, s->chosen[i], 0.0, err);
  if (status != TT1_OK) return status;
  s->shown.known = known;
  s->shown.n_known = s->n_chosen;
  return describe_acquired(known, study, s, err);
}

/* ---- What is wrong with them ---- */

// Whether all settings of two images of a slice are equal.
static int is_repeated(const tt1__series *s, int slice, int i, int j)
{
  for (int k = 0; k < s->n_chosen; k++) {
    const tt1_known_values *known = &s->shown.known[k];
    const double *values = known->values + (slice < known->n_slices ? slice * known->count : 0);
    if (!is_same(values[i], values[j])) return 0;
  }
  return 1;
}

// Two files of one identifier whose bytes differ: one of them was changed.
static const char *same_instance(const tt1__dicom_study *study, const tt1__series *s, int slice,
                                 int i, int j)
{
  const tt1__frame *a = tt1__series_frame(study, s, i * s->n_slices + slice),
                   *b = tt1__series_frame(study, s, j * s->n_slices + slice);
  int is_same = a->instance_uid[0] && strcmp(a->instance_uid, b->instance_uid) == 0;
  return is_same && a->index == b->index ? ", and one SOP instance UID: one is a changed copy" : "";
}

static void check_repeats(tt1__dicom_study *study, tt1__series *s)
{
  const tt1_known_values *times = &s->shown.known[s->shown.times];
  char where[32] = "";
  for (int slice = 0; slice < s->n_slices; slice++)
    for (int i = 1; i < s->shown.n_images; i++)
      for (int j = 0; j < i; j++) {
        if (!is_repeated(s, slice, i, j)) continue;
        if (times->n_slices > 1) snprintf(where, sizeof where, " of slice %d", slice + 1);
        tt1__series_refuse(study, s, 1, "images %d and %d%s have the same %s, %g s%s", j + 1, i + 1,
                           where, times->name,
                           times->values[(times->n_slices > 1 ? slice * times->count : 0) + i],
                           same_instance(study, s, slice, i, j));
        s->has_repeats = 1;
        return;
      }
}

// Zero is what some writers put where there is no inversion; a recovery never begins there.
static void check_zeros(tt1__dicom_study *study, tt1__series *s)
{
  const tt1_known_values *times = &s->shown.known[s->shown.times];
  if (strcmp(times->name, tt1__sources[TT1__TI_PLAIN].key) != 0) return;
  for (int i = 0; i < times->count * times->n_slices; i++)
    if (!(times->values[i] > 0.0))
      tt1__series_refuse(study, s, 1,
                         "image %d has an inversion time of 0, which often stands for none",
                         i % times->count + 1);
}

// A time of the scanner's and another of its comment, of which the first is taken.
static void compare_effective(tt1__dicom_study *study, tt1__series *s)
{
  double most = 0.0;
  if (s->chosen[s->shown.times] != TT1__TI_PLAIN) return;
  for (int i = 0; i < s->n_frames; i++) {
    const double *v = tt1__series_frame(study, s, i)->values;
    if (isfinite(v[TT1__TI_COMMENT]))
      most = fmax(most, fabs(v[TT1__TI_PLAIN] - v[TT1__TI_COMMENT]));
  }
  if (most > 1e-3)
    tt1__series_assume(study, s,
                       "effective times (TIeff in the comments) are up to %.4g ms off those of "
                       "(0018,0082), which are taken",
                       1e3 * most);
}

static void refuse_without(tt1__dicom_study *study, tt1__series *s)
{
  int with = n_with(study, s, TT1__TI_PLAIN), n = s->shown.n_images;
  int is_auto = study->times == TT1_TIMES_AUTO;
  if (with > 0 && with < s->n_frames && is_auto)
    tt1__series_refuse(study, s, 1, "%d of its %d images have no inversion time",
                       s->n_frames - with, s->n_frames);
  for (int i = TT1__TI_TRIGGER; i <= TT1__TI_TRIGGER_DELAY && is_auto; i++)
    if (n_with(study, s, i) == s->n_frames && does_vary(study, s, i))
      tt1__series_refuse(study, s, 1,
                         "only %s varies over its %d images, which may be a delay and no recovery "
                         "time; --times trigger takes it",
                         tt1__sources[i].where, n);
  tt1__series_refuse(
      study, s, 1,
      "no time varies over its %d images; --known gives them, as TI=number,... with %d "
      "numbers in s",
      n, n);
}

static void check_values(tt1__dicom_study *study, tt1__series *s)
{
  if (s->shown.times < 0) {
    refuse_without(study, s);
    return;
  }
  if (s->chosen[s->shown.times] == TT1__PREPARATION_PROTOCOL)
    tt1__series_assume(study, s,
                       "the preparations are those of the protocol in (0029,1020), in the order "
                       "of the images%s",
                       tt1__series_frame(study, s, 0)->preparations.count < s->shown.n_images
                           ? ", of which the first has none"
                           : "");
  if (s->chosen[s->shown.times] == TT1__TI_PROTOCOL)
    tt1__series_assume(
        study, s, "the inversion times are those of the protocol in (0029,1020) (alTI), %s",
        tt1__series_frame(study, s, 0)->inversions.n_told == 1 ? "each image's own"
                                                               : "in the order of the images");
  check_repeats(study, s);
  check_zeros(study, s);
  compare_effective(study, s);
}

// A Secondary Capture is made from other images: it has their times only where who made it was careful.
static void check_secondary(tt1__dicom_study *study, tt1__series *s)
{
  int n = s->shown.n_images;
  if (!tt1__is_secondary_capture(tt1__series_frame(study, s, 0)->class_uid)) return;
  tt1__series_assume(study, s,
                     "its images are Secondary Captures, which were made from others: their values "
                     "may be no signals");
  if (s->shown.times < 0 && n == 1)
    tt1__series_refuse(study, s, 1, "it holds one Secondary Capture, a picture made from others");
  else if (s->shown.times < 0)
    tt1__series_refuse(
        study, s, 1,
        "it holds Secondary Captures, pictures made from others, and no time varies "
        "over its %d images; --known gives them, as TI=number,... with %d numbers in s",
        n, n);
}

void tt1__series_check_times(tt1__dicom_study *study, tt1__series *s)
{
  int was_refused = s->shown.refused != NULL;
  check_secondary(study, s);
  if (s->shown.n_images < 2) {
    tt1__series_refuse(study, s, 1, "it has one image only");
    return;
  }
  check_values(study, s);
  s->shown.lacks_times = !was_refused && s->shown.refused != NULL;
}
