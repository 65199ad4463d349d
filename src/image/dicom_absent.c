/* SPDX-License-Identifier: MIT
 * In place of dicom.cc where DCMTK was not found: every file is refused, with the reason. */
#include "base/error.h"
#include "image/dicom.h"

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

size_t tt1__dicom_raw(const tt1__dicom_item *item, tt1__tag tag, unsigned char *bytes,
                      size_t capacity)
{
  (void)item, (void)tag, (void)bytes, (void)capacity;
  return 0;
}

tt1_status tt1__dicom_pixels(const tt1__dicom *dicom, int frame, void *stored, size_t size,
                             const char *path, tt1_error *err)
{
  (void)frame, (void)stored, (void)size;
  return tt1__dicom_open(NULL, (const unsigned char *)dicom, 0, path, err);
}
