/* SPDX-License-Identifier: MIT
 * Any bytes as a DICOM file: refused with one sentence, or its frames, their pixels and
 * the series they make. For libFuzzer; tests/fuzz/dicom_seeds.py makes files to begin with. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "dicom/study.h"
#include "tt1_input.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void check_sentence(const char *text)
{
  if (!text[0] || strchr(text, '\n')) abort();
}

static void check_series(const tt1_study_series *s)
{
  if (s->n_images < 1 || s->n_known < 0 || s->times >= s->n_known) abort();
  if (s->refused) check_sentence(s->refused);
  for (int i = 0; i < s->n_assumptions; i++)
    check_sentence(s->assumptions[i]);
  for (int i = 0; i < s->n_known; i++)
    for (int j = 0; j < s->known[i].count; j++)
      if (!(s->known[i].values[j] >= 0.0)) abort();
}

/* A survey decodes only what decides something; a fit decodes all. */
static void decode(const tt1__frame *frame, const tt1__dicom *dicom)
{
  tt1_error err = {0};
  size_t count = (size_t)frame->rows * (size_t)frame->columns;
  int32_t *values = calloc(count, sizeof *values);
  float *floats = calloc(count, sizeof *floats);
  tt1_status status = TT1_OK;
  if (!values || !floats) abort();
  if (frame->float_size)
    status = tt1__frame_floats(frame, tt1__dicom_scan_of(dicom), floats, &err);
  else if (!frame->refused[0])
    status = tt1__frame_pixels(frame, tt1__dicom_scan_of(dicom), dicom, values, &err);
  if (status != TT1_OK) check_sentence(err.message);
  free(values);
  free(floats);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
  tt1__dicom *dicom = NULL;
  tt1_error err = {0};
  unsigned char *copy = malloc(length ? length : 1);
  tt1__dicom_study *study = calloc(1, sizeof *study);
  if (!copy || !study) abort();
  memcpy(copy, bytes, length);
  tt1_status status = tt1__dicom_open(&dicom, copy, length, "fuzz.dcm", &err);
  if (status == TT1_OK && tt1__frames_is_image(dicom)) {
    status = tt1__frames_add(&study->frames, dicom, "fuzz.dcm", &err);
    if (tt1__study_arrange(study, NULL) != TT1_OK) abort();
  }
  if (status != TT1_OK) check_sentence(err.message);
  for (int i = 0; i < study->frames.count; i++)
    decode(&study->frames.frames[i], dicom);
  for (int i = 0; i < study->n_series; i++)
    check_series(&study->series[i].shown);
  tt1__dicom_free(dicom);
  tt1__free(study->frames.frames);
  tt1__free(study->series);
  tt1__arena_free(&study->texts);
  free(study);
  free(copy);
  return 0;
}
