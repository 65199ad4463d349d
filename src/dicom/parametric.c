/* SPDX-License-Identifier: MIT
 * Maps that whole numbers do not hold, as Parametric Map Storage: float pixels, one frame
 * per slice. Tables: DICOM PS3.3 sections A.75 (the IOD), C.7.6.16 (functional groups). */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "dicom/map.h"

#define PARAMETRIC_MAP "1.2.840.10008.5.1.4.1.1.30"
#define FRAME_TYPE     "DERIVED\\PRIMARY\\VOLUME\\QUANTITY"

static void put_image(tt1__dicom_draft *draft, const tt1__map_writer *w)
{
  const double invalid = 0.0;
  tt1__dicom_put_text(draft, 0x00080008, "CS", FRAME_TYPE);
  tt1__dicom_put_text(draft, 0x00700080, "CS", w->label); // content: label, description, author
  tt1__dicom_put_text(draft, 0x00700081, "LO", w->map->meaning);
  tt1__dicom_put_text(draft, 0x00700084, "PN", "torcht1^");
  tt1__dicom_put_text(draft, 0x00280302, "CS", "NO"); // no face to be seen
  tt1__dicom_put_text(draft, 0x00282110, "CS", "00");
  tt1__dicom_put_text(draft, 0x20500020, "CS", "IDENTITY");
  tt1__dicom_put_number(draft, 0x00280100, 32);
  tt1__dicom_put_numbers(draft, 0x00280122, "FL", &invalid, 1); // from, to
  tt1__dicom_put_numbers(draft, 0x00280124, "FL", &invalid, 1);
  tt1__dicom_put_integer(draft, 0x00280008, (long)w->geometry->size[2]);
  tt1__dicom_put_empty(draft, 0x00400555); // acquisition context
}

// Frames are counted by where they lie.
static void put_dimension(tt1__dicom_draft *draft, const tt1__map_writer *w)
{
  char uid[TT1__UID_SIZE], key[TT1__UID_SIZE + 32];
  snprintf(key, sizeof key, "dimensions of series %s", w->series_uid);
  tt1__dicom_make_uid(uid, key);
  tt1__dicom_begin_item(draft, 0x00209221);
  tt1__dicom_put_text(draft, 0x00209164, "UI", uid);
  tt1__dicom_end_item(draft);
  tt1__dicom_begin_item(draft, 0x00209222);
  tt1__dicom_put_text(draft, 0x00209164, "UI", uid);
  tt1__dicom_put_tag(draft, 0x00209165, 0x00200032);
  tt1__dicom_put_tag(draft, 0x00209167, 0x00209113);
  tt1__dicom_end_item(draft);
}

static void put_anatomy(tt1__dicom_draft *draft, const tt1__map_writer *w)
{
  static const tt1__code heart = {"80891009", "SCT", "Heart"},
                         body = {"38266002", "SCT", "Entire body"};
  char part[17] = "";
  if (w->source)
    tt1__dicom_text(tt1__dicom_draft_root(w->source->carried), 0x00180015, part, sizeof part);
  tt1__dicom_begin_item(draft, 0x00209071);
  tt1__dicom_put_text(draft, 0x00209072, "CS", "U");
  tt1__dicom_put_code(draft, 0x00082218, strcmp(part, "HEART") == 0 ? &heart : &body);
  tt1__dicom_end_item(draft);
}

// Returns 0 if memory ran out.
static int put_shared(tt1__dicom_draft *draft, const tt1__map_writer *w, const double range[2])
{
  tt1__dicom_begin_item(draft, 0x52009229);
  tt1__dicom_begin_item(draft, 0x00289110); // pixel measures
  int is_complete = tt1__dicom_put_decimals(draft, 0x00280030, w->between, 2) &&
                    tt1__dicom_put_decimals(draft, 0x00180050, &w->thickness, 1) &&
                    tt1__dicom_put_decimals(draft, 0x00180088, &w->geometry->spacing[2], 1);
  tt1__dicom_end_item(draft);
  tt1__dicom_begin_item(draft, 0x00209116); // plane orientation
  is_complete = is_complete && tt1__dicom_put_decimals(draft, 0x00200037, w->directions, 6);
  tt1__dicom_end_item(draft);
  put_anatomy(draft, w);
  tt1__dicom_begin_item(draft, 0x00289145); // pixel value transformation: none
  tt1__dicom_put_text(draft, 0x00281052, "DS", "0");
  tt1__dicom_put_text(draft, 0x00281053, "DS", "1");
  tt1__dicom_put_text(draft, 0x00281054, "LO", "US");
  tt1__dicom_end_item(draft);
  tt1__dicom_begin_item(draft, 0x00409092); // frame type
  tt1__dicom_put_text(draft, 0x00089007, "CS", FRAME_TYPE);
  tt1__dicom_end_item(draft);
  tt1__map_put_mapping(draft, w, range[0], range[1]);
  if (w->map->window[1] > w->map->window[0]) {
    tt1__dicom_begin_item(draft, 0x00289132);
    is_complete = is_complete && tt1__map_put_window(draft, w);
    tt1__dicom_put_text(draft, 0x00281056, "CS", "LINEAR_EXACT"); // may be narrower than 1
    tt1__dicom_end_item(draft);
  }
  tt1__dicom_end_item(draft);
  return is_complete;
}

// Returns 0 if memory ran out.
static int put_frame(tt1__dicom_draft *draft, const tt1__map_writer *w, int slice)
{
  static const tt1__code fitted = {"113241", "DCM", "Model fitting method"};
  const double index = slice + 1;
  tt1__dicom_begin_item(draft, 0x52009230);
  tt1__dicom_begin_item(draft, 0x00209111); // frame content
  tt1__dicom_put_numbers(draft, 0x00209157, "UL", &index, 1);
  tt1__dicom_end_item(draft);
  tt1__dicom_begin_item(draft, 0x00209113); // plane position
  int is_complete = tt1__dicom_put_decimals(draft, 0x00200032, w->positions[slice], 3);
  tt1__dicom_end_item(draft);
  if (w->source) {
    tt1__dicom_begin_item(draft, 0x00089124); // derivation
    tt1__dicom_put_code(draft, 0x00089215, &fitted);
    tt1__map_put_sources(draft, w, slice);
    tt1__dicom_end_item(draft);
  }
  tt1__dicom_end_item(draft);
  return is_complete;
}

static int is_listed(const tt1__dicom_source *source, int index)
{
  for (int i = 0; i < index; i++)
    if (strcmp(source->references[i].instance_uid, source->references[index].instance_uid) == 0)
      return 1;
  return 0;
}

static int is_first_of_series(const tt1__dicom_source *source, int index)
{
  for (int i = 0; i < index; i++)
    if (strcmp(source->references[i].series_uid, source->references[index].series_uid) == 0)
      return 0;
  return 1;
}

// All files that are referred to, by series.
static void put_references(tt1__dicom_draft *draft, const tt1__dicom_source *source)
{
  int count = source ? source->n_images * source->n_slices : 0;
  for (int first = 0; first < count; first++) {
    const tt1__reference *series = &source->references[first];
    if (!*series->series_uid || !is_first_of_series(source, first)) continue;
    tt1__dicom_begin_item(draft, 0x00081115);
    tt1__dicom_put_text(draft, 0x0020000E, "UI", series->series_uid);
    for (int i = first; i < count; i++) {
      const tt1__reference *r = &source->references[i];
      if (strcmp(r->series_uid, series->series_uid) != 0 || !*r->instance_uid ||
          is_listed(source, i))
        continue;
      tt1__dicom_begin_item(draft, 0x0008114A);
      tt1__dicom_put_text(draft, 0x00081150, "UI", r->class_uid);
      tt1__dicom_put_text(draft, 0x00081155, "UI", r->instance_uid);
      tt1__dicom_end_item(draft);
    }
    tt1__dicom_end_item(draft);
  }
}

/* The values of all slices, and the least and greatest of them. */
static float *collect(const tt1__map_writer *w, size_t count, double range[2])
{
  size_t per_slice = (size_t)w->geometry->size[0] * (size_t)w->geometry->size[1];
  float *pixels = tt1__allocate(count, sizeof *pixels);
  for (size_t i = 0; pixels && i < count; i++) {
    pixels[i] = (float)tt1__map_value(w, (int)(i / per_slice), i % per_slice);
    range[0] = fmin(range[0], (double)pixels[i]);
    range[1] = fmax(range[1], (double)pixels[i]);
  }
  return pixels;
}

tt1_status tt1__parametric_write(tt1_folder *folder, const char *subfolder,
                                 const tt1__map_writer *w, tt1_error *err)
{
  double range[2] = {0.0, 0.0};
  tt1__dicom_draft *draft = NULL;
  tt1_status status = tt1__dicom_draft_new(&draft, err);
  if (status != TT1_OK) return status;
  size_t count = (size_t)w->map->source->n_voxels;
  float *pixels = collect(w, count, range);
  int is_complete = pixels != NULL;
  tt1__map_put_series(draft, w);
  tt1__map_put_instance(draft, w, PARAMETRIC_MAP, 1);
  put_image(draft, w);
  put_dimension(draft, w);
  put_references(draft, w->source);
  is_complete = is_complete && put_shared(draft, w, range);
  for (int slice = 0; slice < (int)w->geometry->size[2]; slice++)
    is_complete = is_complete && put_frame(draft, w, slice);
  if (is_complete) tt1__dicom_put_floats(draft, pixels, count);
  tt1__free(pixels);
  status = is_complete ? tt1__map_save(folder, subfolder, draft, 1, err) : tt1__no_memory(err);
  tt1__dicom_draft_free(draft);
  return status;
}
