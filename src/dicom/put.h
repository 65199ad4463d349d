/* SPDX-License-Identifier: MIT
 * What all writers of DICOM share: identifiers that follow from a text, numbers as
 * decimal strings, and codes. */
#ifndef TT1_DICOM_PUT_H
#define TT1_DICOM_PUT_H

#include "dicom/dicom.h"

enum { TT1__UID_SIZE = 65 };

/** A concept of a terminology: code value, scheme, meaning. */
typedef struct tt1__code {
  const char *value, *scheme, *meaning;
} tt1__code;

/** A UUID of version 8 (RFC 9562) that follows from `text`, as "2.25." and its decimal number. */
void tt1__dicom_make_uid(char uid[TT1__UID_SIZE], const char *text);
/** Set an element of type DS. Returns 0 if memory ran out. */
int tt1__dicom_put_decimals(tt1__dicom_draft *draft, tt1__tag tag, const double *values, int count);
/** Set an element of type IS. */
void tt1__dicom_put_integer(tt1__dicom_draft *draft, tt1__tag tag, long value);
/** Add a code to sequence `tag`. */
void tt1__dicom_put_code(tt1__dicom_draft *draft, tt1__tag tag, const tt1__code *code);
#endif
