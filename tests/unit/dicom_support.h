/* SPDX-License-Identifier: MIT
 * For the tests of reading DICOM: small MR images, written element by element, and
 * what can be done to their bytes. */
#ifndef TT1_TESTS_IMAGE_DICOM_SUPPORT_H
#define TT1_TESTS_IMAGE_DICOM_SUPPORT_H

#include "image_support.h"

#include "dicom/frame.h"
#include "file/file.h"
#include "tt1_input.h"

enum { SIDE = 16, PIXELS = SIDE * SIDE };

/* One image. Texts that are NULL are left out of the file. */
typedef struct picture {
  const char *uid, *description, *type, *vendor, *comment, *ti, *te, *tr, *trigger;
  const char *slope, *intercept, *philips, *position, *orientation, *time;
  int series, instance, rows, columns, bits, is_signed, stored; /* stored: value of pixel 0 */
  int frames, without_pixels; /* frames: 0 leaves the number out */
  const unsigned char *csa;
  size_t csa_length;
  const char *philips_ti, *xa_ti, *protocol, *photometric, *class_uid, *spacing, *flip;
  int ge_kind, high_bit, samples;   /* 1 + (0043,102f); 0: the last of `bits`; 0: one */
  const char *rescale_unit;         /* (0028,1054) */
  const char *mapping_unit;         /* of the real-world value mapping, if there is one, */
  double mapping[2];                /* with its slope and intercept */
  int float_size;                   /* 4, 8: pixels of floating point; */
  double no_value[2];               /* from and to, if they are not equal */
  tt1__tag odd;                     /* an element of another type than it ought to have, */
  const char *odd_type, *odd_value; /* if there is one */
} picture;

static inline picture make_picture(int instance, const char *ti)
{
  return (picture){.uid = "2.25.2",
                   .description = "molli",
                   .type = "ORIGINAL\\PRIMARY\\M",
                   .vendor = "SIEMENS",
                   .ti = ti,
                   .te = "1.5",
                   .tr = "300",
                   .position = "-10\\20\\5",
                   .orientation = "1\\0\\0\\0\\1\\0",
                   .time = "101112.5",
                   .series = 5,
                   .instance = instance,
                   .rows = SIDE,
                   .columns = SIDE,
                   .bits = 12,
                   .stored = 100 * instance};
}

static inline void put(tt1__dicom_draft *draft, tt1__tag tag, const char type[2], const char *text)
{
  if (text) tt1__dicom_put_text(draft, tag, type, text);
}

static inline void put_whole_number(tt1__dicom_draft *draft, tt1__tag tag, int value)
{
  char text[16];
  snprintf(text, sizeof text, "%d", value);
  if (value) tt1__dicom_put_text(draft, tag, "IS", text);
}

/* Add an element of type OB, OD ... at the end of a file. */
static inline void append_bytes(tt1__file *file, tt1__tag tag, const char type[2],
                                const void *bytes, size_t length)
{
  const unsigned char header[] = {(unsigned char)(tag >> 16 & 255),
                                  (unsigned char)(tag >> 24),
                                  (unsigned char)(tag & 255),
                                  (unsigned char)(tag >> 8 & 255),
                                  (unsigned char)type[0],
                                  (unsigned char)type[1],
                                  0,
                                  0,
                                  (unsigned char)(length & 255),
                                  (unsigned char)(length >> 8 & 255),
                                  0,
                                  0};
  unsigned char *grown = tt1__reallocate(file->bytes, file->length + sizeof header + length, 1);
  assert_non_null(grown);
  memcpy(grown + file->length, header, sizeof header);
  memcpy(grown + file->length + sizeof header, bytes, length);
  file->bytes = grown;
  file->length += sizeof header + length;
}

static inline void put_mapping(tt1__dicom_draft *draft, const picture *p)
{
  if (!p->mapping_unit) return;
  tt1__dicom_begin_item(draft, 0x00409096);
  tt1__dicom_put_numbers(draft, 0x00409224, "FD", &p->mapping[1], 1);
  tt1__dicom_put_numbers(draft, 0x00409225, "FD", &p->mapping[0], 1);
  tt1__dicom_begin_item(draft, 0x004008EA);
  put(draft, 0x00080100, "SH", p->mapping_unit);
  tt1__dicom_end_item(draft);
  tt1__dicom_end_item(draft);
}

/* Pixels of floating point: stored, -1, 2.5, NaN, then their index. */
static inline void append_floats(tt1__file *file, const picture *p)
{
  double doubles[PIXELS] = {p->stored, -1.0, 2.5, (double)NAN};
  float floats[PIXELS];
  for (int i = 4; i < PIXELS; i++)
    doubles[i] = i;
  for (int i = 0; i < PIXELS; i++)
    floats[i] = (float)doubles[i];
  if (p->float_size == 4)
    append_bytes(file, 0x7FE00008, "OF", floats, sizeof floats);
  else
    append_bytes(file, 0x7FE00009, "OD", doubles, sizeof doubles);
}

/* The bytes of the file; free with tt1__free(). Skips the test where there is no DCMTK. */
static inline tt1__file picture_bytes(const picture *p)
{
  tt1__dicom_draft *draft = NULL;
  tt1__file file = {0};
  tt1_error err = {0};
  char instance_uid[64];
  uint16_t pixels[PIXELS] = {(uint16_t)p->stored, 1, 2, 3};
  if (tt1__dicom_draft_new(&draft, &err) == TT1_NO_DEVICE) {
    print_message("skipped: %s\n", err.message);
    skip();
  }
  put(draft, 0x00080008, "CS", p->type);
  put(draft, 0x00080016, "UI", p->class_uid ? p->class_uid : "1.2.840.10008.5.1.4.1.1.4");
  snprintf(instance_uid, sizeof instance_uid, "%.40s.%d", p->uid, p->instance);
  put(draft, 0x00080018, "UI", instance_uid);
  put(draft, 0x00080022, "DA", "20200102");
  put(draft, 0x00080032, "TM", p->time);
  put(draft, 0x00080070, "LO", p->vendor);
  put(draft, 0x0008103E, "LO", p->description);
  put(draft, 0x00180050, "DS", "8");
  put(draft, 0x00180080, "DS", p->tr);
  put(draft, 0x00180081, "DS", p->te);
  put(draft, 0x00180082, "DS", p->ti);
  put(draft, 0x00181060, "DS", p->trigger);
  put(draft, 0x0020000D, "UI", "2.25.1");
  put(draft, 0x0020000E, "UI", p->uid);
  put_whole_number(draft, 0x00200011, p->series);
  put_whole_number(draft, 0x00200013, p->instance);
  put(draft, 0x00200032, "DS", p->position);
  put(draft, 0x00200037, "DS", p->orientation);
  put(draft, 0x00204000, "LT", p->comment);
  put(draft, 0x00181314, "DS", p->flip);
  tt1__dicom_put_number(draft, 0x00280002, (uint16_t)(p->samples ? p->samples : 1));
  put(draft, 0x00280004, "CS", p->photometric ? p->photometric : "MONOCHROME2");
  put_whole_number(draft, 0x00280008, p->frames);
  tt1__dicom_put_number(draft, 0x00280010, (uint16_t)p->rows);
  tt1__dicom_put_number(draft, 0x00280011, (uint16_t)p->columns);
  put(draft, 0x00280030, "DS", p->spacing ? p->spacing : "1.5\\2");
  tt1__dicom_put_number(draft, 0x00280100, 16);
  tt1__dicom_put_number(draft, 0x00280101, (uint16_t)p->bits);
  tt1__dicom_put_number(draft, 0x00280102, (uint16_t)(p->high_bit ? p->high_bit : p->bits - 1));
  tt1__dicom_put_number(draft, 0x00280103, (uint16_t)p->is_signed);
  put(draft, 0x00281052, "DS", p->intercept);
  put(draft, 0x00281053, "DS", p->slope);
  put(draft, 0x00281054, "LO", p->rescale_unit);
  put_mapping(draft, p);
  for (int i = 0; i < 2 && p->no_value[0] < p->no_value[1]; i++)
    tt1__dicom_put_numbers(draft, (p->float_size == 4 ? 0x00280122 : 0x00280123) + 2 * (tt1__tag)i,
                           p->float_size == 4 ? "FL" : "FD", &p->no_value[i], 1);
  put(draft, 0x2005100E, "DS", p->philips);
  put(draft, 0x20051572, "DS", p->philips_ti);
  if (p->ge_kind) put(draft, 0x0043102F, "IS", &"0\0001\0002\0003"[2 * (p->ge_kind - 1)]);
  if (p->xa_ti) {
    tt1__dicom_begin_item(draft, 0x002111FE);
    put(draft, 0x00211189, "DS", p->xa_ti);
    tt1__dicom_end_item(draft);
  }
  if (!p->without_pixels && !p->float_size) tt1__dicom_put_pixels(draft, pixels, PIXELS);
  if (p->odd && p->odd_value) put(draft, p->odd, p->odd_type, p->odd_value);
  if (p->odd && !p->odd_value) {
    tt1__dicom_put_empty(draft, p->odd);
    tt1__dicom_begin_item(draft, p->odd);
    tt1__dicom_end_item(draft);
  }
  assert_int_equal(tt1__dicom_draft_save(draft, &file.bytes, &file.length, &err), TT1_OK);
  tt1__dicom_draft_free(draft);
  if (p->float_size) append_floats(&file, p);
  if (p->csa) append_bytes(&file, 0x00291010, "OB", p->csa, p->csa_length);
  if (p->protocol) append_bytes(&file, 0x00291020, "OB", p->protocol, strlen(p->protocol));
  return file;
}

/** A piece of compressed pixels. */
typedef struct piece {
  const void *bytes;
  size_t length;
} piece;

static inline size_t put_item(unsigned char *at, const piece *p)
{
  const unsigned char header[] = {0xFE,
                                  0xFF,
                                  0x00,
                                  0xE0,
                                  (unsigned char)(p->length & 255),
                                  (unsigned char)(p->length >> 8 & 255),
                                  (unsigned char)(p->length >> 16),
                                  0};
  memcpy(at, header, sizeof header);
  if (p->length > 0) memcpy(at + sizeof header, p->bytes, p->length);
  return sizeof header + p->length;
}

/* The file with compressed pixels: the table of offsets, then the fragments. Free with tt1__free(). */
static inline tt1__file encapsulate(const picture *p, const char *uid, const piece *pieces,
                                    int count)
{
  static const unsigned char pixels[] = {0xE0, 0x7F, 0x10, 0, 'O', 'B', 0, 0, 255, 255, 255, 255};
  static const unsigned char end[] = {0xFE, 0xFF, 0xDD, 0xE0, 0, 0, 0, 0};
  picture bare = *p;
  bare.without_pixels = 1;
  tt1__file plain = picture_bytes(&bare), file = {0};
  tt1__dicom_scan scan;
  size_t length = (strlen(uid) + 1) / 2 * 2, room = plain.length + 256;
  assert_int_equal(tt1__dicom_scan_bytes(&scan, plain.bytes, plain.length, "x", NULL), TT1_OK);
  for (int i = 0; i < count; i++)
    room += 8 + pieces[i].length;
  file.bytes = tt1__allocate(room, 1);
  assert_non_null(file.bytes);
  memcpy(file.bytes + 128, "DICM\x02\0\x10\0UI", 10);
  file.bytes[138] = (unsigned char)length;
  memcpy(file.bytes + 140, uid, strlen(uid));
  file.length = 140 + length;
  memcpy(file.bytes + file.length, scan.bytes, scan.length);
  file.length += scan.length;
  memcpy(file.bytes + file.length, pixels, sizeof pixels);
  file.length += sizeof pixels;
  for (int i = 0; i < count; i++)
    file.length += put_item(file.bytes + file.length, &pieces[i]);
  memcpy(file.bytes + file.length, end, sizeof end);
  file.length += sizeof end;
  tt1__dicom_scan_free(&scan);
  tt1__file_free(&plain);
  return file;
}

static inline void write_picture(const sandbox *s, const char *name, const picture *p)
{
  tt1__file file = picture_bytes(p);
  write_bytes(inside(s, name), file.bytes, file.length);
  tt1__file_free(&file);
}

/* A series of `count` images with these inversion times (ms), in files a.dcm, b.dcm, ... */
static inline sandbox write_times(const char *const *times, int count)
{
  sandbox s = sandbox_make();
  for (int i = 0; i < count; i++) {
    const char name[] = {(char)('a' + i), '.', 'd', 'c', 'm', '\0'};
    picture p = make_picture(i + 1, times[i]);
    write_picture(&s, name, &p);
  }
  return s;
}

static inline tt1_image *read_ok(const char *path, const tt1_read_options *options)
{
  tt1_image *image = NULL;
  tt1_error err = {0};
  if (tt1_image_read(&image, path, options, &err) != TT1_OK) fail_msg("%s", err.message);
  return image;
}

static inline void read_refused(const char *path, const tt1_read_options *options, const char *part)
{
  tt1_image *image = NULL;
  tt1_error err = {0};
  assert_int_equal(tt1_image_read(&image, path, options, &err), TT1_BAD_FILE);
  check_sentence(&err, TT1_BAD_FILE, part);
  assert_null(image);
}
#endif
