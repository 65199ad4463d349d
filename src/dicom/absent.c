/* SPDX-License-Identifier: MIT
 * In place of dicom.cc where DCMTK was not found: every file is refused, with the reason. */
#include "base/error.h"
#include "dicom/dicom.h"

tt1_status tt1__dicom_open(tt1__dicom **out, const unsigned char *bytes, size_t length,
                           const char *path, tt1_error *err)
{
  (void)out, (void)bytes, (void)length;
  return tt1__error_set(err, TT1_NO_DEVICE,
                        "%s cannot be read: this build has no DICOM: it was made without DCMTK",
                        path);
}

void tt1__dicom_free(tt1__dicom *dicom)
{
  (void)dicom;
}

const tt1__dicom_item *tt1__dicom_root(const tt1__dicom *dicom)
{
  (void)dicom;
  return NULL;
}

const tt1__dicom_syntax *tt1__dicom_syntax_of(const tt1__dicom *dicom)
{
  (void)dicom;
  return NULL;
}

const tt1__dicom_scan *tt1__dicom_scan_of(const tt1__dicom *dicom)
{
  (void)dicom;
  return NULL;
}

const tt1__dicom_item *tt1__dicom_find_item(const tt1__dicom_item *item, tt1__tag tag, int index)
{
  (void)item, (void)tag, (void)index;
  return NULL;
}

int tt1__dicom_count_items(const tt1__dicom_item *item, tt1__tag tag)
{
  (void)item, (void)tag;
  return 0;
}

size_t tt1__dicom_text(const tt1__dicom_item *item, tt1__tag tag, char *text, size_t capacity)
{
  (void)item, (void)tag;
  if (capacity) text[0] = '\0';
  return 0;
}

int tt1__dicom_numbers(const tt1__dicom_item *item, tt1__tag tag, double *values, int capacity)
{
  (void)item, (void)tag, (void)values, (void)capacity;
  return 0;
}

const unsigned char *tt1__dicom_raw(const tt1__dicom_item *item, tt1__tag tag, size_t *length)
{
  (void)item, (void)tag, (void)length;
  return NULL;
}

tt1_status tt1__dicom_pixels(const tt1__dicom *dicom, int frame, void *stored, size_t size,
                             const char *path, tt1_error *err)
{
  (void)frame, (void)stored, (void)size;
  return tt1__dicom_open(NULL, (const unsigned char *)dicom, 0, path, err);
}

tt1_status tt1__dicom_draft_new(tt1__dicom_draft **out, tt1_error *err)
{
  (void)out;
  return tt1__error_set(err, TT1_NO_DEVICE,
                        "DICOM cannot be written: this build was made without DCMTK");
}

void tt1__dicom_draft_free(tt1__dicom_draft *draft)
{
  (void)draft;
}

void tt1__dicom_put_text(tt1__dicom_draft *draft, tt1__tag tag, const char type[2],
                         const char *text)
{
  (void)draft, (void)tag, (void)type, (void)text;
}

void tt1__dicom_put_number(tt1__dicom_draft *draft, tt1__tag tag, uint16_t value)
{
  (void)draft, (void)tag, (void)value;
}

void tt1__dicom_put_pixels(tt1__dicom_draft *draft, const uint16_t *pixels, size_t count)
{
  (void)draft, (void)pixels, (void)count;
}

void tt1__dicom_put_floats(tt1__dicom_draft *draft, const float *pixels, size_t count)
{
  (void)draft, (void)pixels, (void)count;
}

void tt1__dicom_put_numbers(tt1__dicom_draft *draft, tt1__tag tag, const char type[2],
                            const double *values, int count)
{
  (void)draft, (void)tag, (void)type, (void)values, (void)count;
}

void tt1__dicom_put_tag(tt1__dicom_draft *draft, tt1__tag tag, tt1__tag value)
{
  (void)draft, (void)tag, (void)value;
}

void tt1__dicom_begin_item(tt1__dicom_draft *draft, tt1__tag tag)
{
  (void)draft, (void)tag;
}

void tt1__dicom_end_item(tt1__dicom_draft *draft)
{
  (void)draft;
}

void tt1__dicom_put_empty(tt1__dicom_draft *draft, tt1__tag tag)
{
  (void)draft, (void)tag;
}

int tt1__dicom_carry(tt1__dicom_draft *draft, const tt1__dicom_item *item, tt1__tag tag)
{
  (void)draft, (void)item, (void)tag;
  return 0;
}

const tt1__dicom_item *tt1__dicom_draft_root(tt1__dicom_draft *draft)
{
  (void)draft;
  return NULL;
}

tt1_status tt1__dicom_draft_save(tt1__dicom_draft *draft, unsigned char **bytes, size_t *length,
                                 tt1_error *err)
{
  (void)bytes, (void)length;
  return tt1__dicom_draft_new(&draft, err);
}
