/* SPDX-License-Identifier: MIT
 * Noting what maps take from their source. Tables: DICOM PS3.3, modules Patient, General
 * Study, Clinical Trial Subject, General Series, Frame of Reference, MR Image. */
#include "dicom/source.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"

// clang-format off
const tt1__carried tt1__carried_elements[] = {
  {0x00080005, "CS", NULL, 0},            // character set
  {0x00080020, "DA", "", 0},              // study: date, time
  {0x00080021, "DA", NULL, 0},            // series, acquisition, content: date
  {0x00080022, "DA", NULL, 1},
  {0x00080023, "DA", "19000101", 0},
  {0x00080030, "TM", "", 0},
  {0x00080031, "TM", NULL, 0},            // series, acquisition, content: time
  {0x00080032, "TM", NULL, 1},
  {0x00080033, "TM", "000000", 0},
  {0x00080050, "SH", "", 0},              // accession number
  {0x00080080, "LO", NULL, 0},            // institution
  {0x00080090, "PN", "", 0},              // referring physician
  {0x00081030, "LO", NULL, 0},            // study: description
  {0x00100010, "PN", "", 0},              // patient: name, number and who gave it
  {0x00100020, "LO", "", 0},
  {0x00100021, "LO", NULL, 0},
  {0x00100030, "DA", "", 0},              // birth date, sex, age, size, weight
  {0x00100040, "CS", "", 0},
  {0x00101010, "AS", NULL, 0},
  {0x00101020, "DS", NULL, 0},
  {0x00101030, "DS", NULL, 0},
  {0x00120010, "LO", NULL, 0},            // trial: sponsor, protocol, site, subject
  {0x00120020, "LO", NULL, 0},
  {0x00120021, "LO", NULL, 0},
  {0x00120030, "LO", NULL, 0},
  {0x00120031, "LO", NULL, 0},
  {0x00120040, "LO", NULL, 0},
  {0x00120042, "LO", NULL, 0},
  {0x00120062, "CS", NULL, 0},            // de-identification: whether, how
  {0x00120063, "LO", NULL, 0},
  {0x00120064, "SQ", NULL, 0},
  {0x00180015, "CS", NULL, 0},            // body part
  {0x00180020, "CS", "RM", 1},            // sequence: "research mode" where it is not known
  {0x00180021, "CS", "NONE", 1},
  {0x00180022, "CS", "", 1},
  {0x00180023, "CS", "", 1},
  {0x00180084, "DS", NULL, 1},            // frequency, nucleus, field, flip angle
  {0x00180085, "SH", NULL, 1},
  {0x00180087, "DS", NULL, 1},
  {0x00181030, "LO", NULL, 0},            // protocol
  {0x00181314, "DS", NULL, 1},
  {0x00185100, "CS", "", 0},              // patient position
  {0x0020000D, "UI", NULL, 0},            // study
  {0x00200010, "SH", "", 0},
  {0x00200052, "UI", NULL, 0},            // frame of reference, and what it is fixed to
  {0x00201040, "LO", "", 0},
  {0, "", NULL, 0},
};
// clang-format on

tt1__dicom_source *tt1__dicom_source_new(int n_images, int n_slices)
{
  tt1__dicom_source *source = tt1__allocate(1, sizeof *source);
  if (!source) return NULL;
  source->n_images = n_images;
  source->n_slices = n_slices;
  source->references =
      tt1__allocate((size_t)n_images * (size_t)n_slices, sizeof *source->references);
  source->positions = tt1__allocate((size_t)n_slices, sizeof *source->positions);
  if (source->references && source->positions &&
      tt1__dicom_draft_new(&source->carried, NULL) == TT1_OK)
    return source;
  tt1__dicom_source_free(source);
  return NULL;
}

void tt1__dicom_source_free(tt1__dicom_source *source)
{
  if (!source) return;
  tt1__dicom_draft_free(source->carried);
  tt1__free(source->references);
  tt1__free(source->positions);
  tt1__free(source);
}

void tt1__dicom_source_note_series(tt1__dicom_source *source, const tt1__frame *f,
                                   const tt1__dicom *dicom)
{
  const tt1__dicom_item *root = tt1__dicom_root(dicom);
  for (const tt1__carried *e = tt1__carried_elements; e->tag; e++)
    tt1__dicom_carry(source->carried, root, e->tag);
  tt1__dicom_carry(source->carried, root,
                   0x00080070); // scanner: manufacturer, model, number, software
  tt1__dicom_carry(source->carried, root, 0x00081090);
  tt1__dicom_carry(source->carried, root, 0x00181000);
  tt1__dicom_carry(source->carried, root, 0x00181020);
  memcpy(source->scanner, f->vendor, sizeof source->scanner);
  for (int i = 0; i < 3; i++) {
    source->directions[i] = f->row[i];
    source->directions[i + 3] = f->column[i];
  }
  source->between[0] = f->spacing[1];
  source->between[1] = f->spacing[0];
  source->thickness = f->spacing[2];
}

void tt1__dicom_source_note(tt1__dicom_source *source, int index, const tt1__frame *frame)
{
  if (index >= source->n_images * source->n_slices) return;
  tt1__reference *r = &source->references[index];
  memcpy(r->class_uid, frame->class_uid, sizeof r->class_uid);
  memcpy(r->instance_uid, frame->instance_uid, sizeof r->instance_uid);
  memcpy(r->series_uid, frame->series, sizeof r->series_uid);
  r->frame = frame->is_numbered ? frame->index + 1 : 0;
  if (index < source->n_slices)
    memcpy(source->positions[index], frame->position, sizeof frame->position);
}

// Keep only some images. Returns 0, with nothing changed, if memory ran out.
static int select_images(void *data, const int *images, int count)
{
  tt1__dicom_source *source = data;
  size_t n_slices = (size_t)source->n_slices;
  tt1__reference *kept = tt1__allocate((size_t)count * n_slices, sizeof *kept);
  if (!kept) return 0;
  for (int i = 0; i < count; i++)
    memcpy(kept + (size_t)i * n_slices, source->references + (size_t)images[i] * n_slices,
           n_slices * sizeof *kept);
  tt1__free(source->references);
  source->references = kept;
  source->n_images = count;
  return 1;
}

static void free_attached(void *data)
{
  tt1__dicom_source_free(data);
}

static const tt1__attachment_kind kind = {free_attached, select_images};

void tt1__dicom_source_attach(tt1_image *image, tt1__dicom_source *source)
{
  image->attachment = (tt1__attachment){&kind, source};
}

tt1__dicom_source *tt1__dicom_source_of(const tt1_image *image)
{
  return image->attachment.kind == &kind ? image->attachment.data : NULL;
}

/* ---- What pictures say, and what they do not ---- */

int tt1__dicom_source_date(const tt1_image *image, char date[16])
{
  static const tt1__tag tags[] = {0x00080022, 0x00080021, 0x00080020};
  const tt1__dicom_source *source = tt1__dicom_source_of(image);
  char text[32];
  date[0] = '\0';
  for (size_t i = 0; source && i < sizeof tags / sizeof *tags; i++) {
    if (!tt1__dicom_text(tt1__dicom_draft_root(source->carried), tags[i], text, sizeof text) ||
        strspn(text, "0123456789") != 8)
      continue;
    snprintf(date, 16, "%.4s-%.2s-%.2s", text, text + 4, text + 6);
    return 1;
  }
  return 0;
}

// Whether `part`, a word of `length` bytes, stands in a text, whatever the case.
static int has_part(const char *text, const char *part, size_t length)
{
  for (const char *at = text; *at; at++) {
    size_t n = 0;
    while (n < length && at[n] && tolower((unsigned char)at[n]) == tolower((unsigned char)part[n]))
      n++;
    if (n == length) return 1;
  }
  return 0;
}

int tt1__dicom_source_names(const tt1_image *image, const char *text)
{
  static const tt1__tag tags[] = {0x00100010, 0x00100020};
  const tt1__dicom_source *source = tt1__dicom_source_of(image);
  char who[256];
  for (size_t i = 0; source && i < sizeof tags / sizeof *tags; i++) {
    if (!tt1__dicom_text(tt1__dicom_draft_root(source->carried), tags[i], who, sizeof who))
      continue;
    for (const char *at = who; *at;) {
      size_t length = strcspn(at, "^=\\ ,");
      if (length > 2 && has_part(text, at, length)) return 1;
      at += length + (at[length] != '\0');
    }
  }
  return 0;
}
