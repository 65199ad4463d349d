/* SPDX-License-Identifier: MIT
 * A DICOM data set through DCMTK, as plain C: items, elements and pixels, with no
 * search in depth. dicom.cc is the only C++ file; where DCMTK is absent,
 * dicom_absent.c refuses in its place. dicom_scan.c bounds what DCMTK may see. */
#ifndef TT1_DICOM_DICOM_H
#define TT1_DICOM_DICOM_H

#include <stddef.h>
#include <stdint.h>

#include "image/image.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- dicom_scan.c: bounds ---- */

enum {
  TT1__DICOM_MAX_DEPTH = 8,            /* sequences in sequences */
  TT1__DICOM_MAX_ELEMENTS = 1000000,   /* of one file */
  TT1__DICOM_MAX_BYTES = 1 << 30,      /* of one file */
  TT1__DICOM_MAX_INFLATED = 256 << 20, /* of a deflated data set */
  TT1__DICOM_MAX_RATIO = 4096,         /* decoded to compressed bytes of pixels */
};

/** Who decodes pixels. */
typedef enum tt1__decoder { TT1__BY_DCMTK = 0, TT1__BY_RLE, TT1__BY_OPENJPEG } tt1__decoder;

/** How a data set is written, by its transfer syntax. */
typedef struct tt1__dicom_syntax {
  char uid[65];
  const char *name;
  int is_explicit, is_big_endian, is_deflated;
  int is_encapsulated; /* pixels are compressed */
  int is_lossy;        /* 1: the file must tell; 2: always */
  tt1__decoder decoder;
  int can_decode;
} tt1__dicom_syntax;

/** A data set that was walked from end to end and found sound. */
typedef struct tt1__dicom_scan {
  tt1__dicom_syntax syntax;
  const unsigned char *bytes; /* of the data set: after the meta header, inflated */
  size_t length;
  unsigned char *inflated; /* NULL, or what `bytes` points to */
  size_t fragments; /* where in `bytes` the items of compressed pixels begin; 0: there are none */
  size_t header;    /* bytes before pixels that need no parser; all where there are none such */
  size_t pixels, pixels_length; /* where in `bytes` these are */
  int float_size;               /* bytes of one of floating point; 0: they are whole numbers */
} tt1__dicom_scan;

/** Whether the bytes begin as a DICOM file does. */
int tt1__dicom_is(const unsigned char *bytes, size_t length);
/**
 * Find the data set in the bytes of a file and walk all its elements: every length lies in
 * what holds it, nesting and number are bounded. `scan` points into `bytes`.
 */
tt1_status tt1__dicom_scan_bytes(tt1__dicom_scan *scan, const unsigned char *bytes, size_t length,
                                 const char *path, tt1_error *err);
/** The series UID of a file that may be damaged behind it; "" where it cannot be found. */
void tt1__dicom_series_of(char uid[65], const unsigned char *bytes, size_t length);
void tt1__dicom_scan_free(tt1__dicom_scan *scan);
/** Whether its pixels are left to DCMTK: tt1__dicom_pixels(). */
int tt1__dicom_needs_dcmtk(const tt1__dicom_scan *scan);

/* ---- dicom.cc: reading ---- */

typedef struct tt1__dicom tt1__dicom;
/** A data set or an item of a sequence; lives as long as its tt1__dicom. NULL is an empty one. */
typedef struct tt1__dicom_item tt1__dicom_item;

/** Group and element as one number: (0018,0082) is 0x00180082. */
typedef uint32_t tt1__tag;

/** Parse the bytes of a file, which must stay as long (TT1_BAD_FILE, TT1_NO_MEMORY; TT1_NO_DEVICE without DCMTK). */
tt1_status tt1__dicom_open(tt1__dicom **out, const unsigned char *bytes, size_t length,
                           const char *path, tt1_error *err);
void tt1__dicom_free(tt1__dicom *dicom); /* accepts NULL */
const tt1__dicom_item *tt1__dicom_root(const tt1__dicom *dicom);
const tt1__dicom_syntax *tt1__dicom_syntax_of(const tt1__dicom *dicom);
const tt1__dicom_scan *tt1__dicom_scan_of(const tt1__dicom *dicom);

/** Item `index`, from 0, of sequence `tag` of this very item; NULL if there is none. A path such as
    (5200,9230)[3] > (0020,9113)[0] is two calls. */
const tt1__dicom_item *tt1__dicom_find_item(const tt1__dicom_item *item, tt1__tag tag, int index);
int tt1__dicom_count_items(const tt1__dicom_item *item, tt1__tag tag);
/** Copy a text without padding, in printable ASCII (others as '?'), cut to fit. Returns its
    length; 0 with an empty `text` if the element is absent, empty or no text. */
size_t tt1__dicom_text(const tt1__dicom_item *item, tt1__tag tag, char *text, size_t capacity);
/** Up to `capacity` numbers of an element of text or binary numbers. Returns how many were got. */
int tt1__dicom_numbers(const tt1__dicom_item *item, tt1__tag tag, double *values, int capacity);
/** The bytes of an element of unknown type (a private one), as stored, little endian; borrowed.
    NULL if the element is absent or of a known type. */
const unsigned char *tt1__dicom_raw(const tt1__dicom_item *item, tt1__tag tag, size_t *length);
/**
 * Decode frame `frame`, from 0, of pixels that are left to DCMTK into stored values in the machine's byte
 * order.
 * @param size  bytes of `stored`: rows x columns x bytes per value, checked against the file
 */
tt1_status tt1__dicom_pixels(const tt1__dicom *dicom, int frame, void *stored, size_t size,
                             const char *path, tt1_error *err);

/* ---- dicom.cc: writing ---- */

/** A data set in the making. After a failure every call does nothing, so only the end needs a check. */
typedef struct tt1__dicom_draft tt1__dicom_draft;

/** TT1_NO_MEMORY, or TT1_NO_DEVICE without DCMTK. */
tt1_status tt1__dicom_draft_new(tt1__dicom_draft **out, tt1_error *err);
void tt1__dicom_draft_free(tt1__dicom_draft *draft); /* accepts NULL */
/** Set an element of text; `type` is its value representation: "CS", "DS", "UI", ... */
void tt1__dicom_put_text(tt1__dicom_draft *draft, tt1__tag tag, const char type[2],
                         const char *text);
/** Set an element of type US. */
void tt1__dicom_put_number(tt1__dicom_draft *draft, tt1__tag tag, uint16_t value);
/** Set an element of binary numbers; `type` is "FD", "FL", "UL" or "US". */
void tt1__dicom_put_numbers(tt1__dicom_draft *draft, tt1__tag tag, const char type[2],
                            const double *values, int count);
/** Set an element of type AT: another tag. */
void tt1__dicom_put_tag(tt1__dicom_draft *draft, tt1__tag tag, tt1__tag value);
/** Set the pixels, 16 bits each, or floats of 32 bits. */
void tt1__dicom_put_pixels(tt1__dicom_draft *draft, const uint16_t *pixels, size_t count);
void tt1__dicom_put_floats(tt1__dicom_draft *draft, const float *pixels, size_t count);
/** Add an item to sequence `tag`; what is put goes into it until the end of the item. */
void tt1__dicom_begin_item(tt1__dicom_draft *draft, tt1__tag tag);
void tt1__dicom_end_item(tt1__dicom_draft *draft);
/** Set a sequence without items. */
void tt1__dicom_put_empty(tt1__dicom_draft *draft, tt1__tag tag);
/** Copy element `tag` of `item` as it is, in whatever characters. Returns whether there is one. */
int tt1__dicom_carry(tt1__dicom_draft *draft, const tt1__dicom_item *item, tt1__tag tag);
/** What was put so far, outside of all items; NULL of NULL. */
const tt1__dicom_item *tt1__dicom_draft_root(tt1__dicom_draft *draft);
/**
 * The bytes of a file, explicit little endian, with the meta header of this program.
 * @param bytes  free with tt1__free()
 */
tt1_status tt1__dicom_draft_save(tt1__dicom_draft *draft, unsigned char **bytes, size_t *length,
                                 tt1_error *err);

#ifdef __cplusplus
}
#endif
#endif
