/* SPDX-License-Identifier: MIT
 * What all writers of DICOM share. */
#include "dicom/put.h"

#include <math.h>
#include <stdio.h>

#include "base/memory.h"
#include "base/text.h"

/* ---- Identifiers ---- */

// Two lanes of FNV-1a, the second one turned, then mixed (SplitMix64): not for secrets.
static void hash(uint64_t value[2], const char *text)
{
  uint64_t a = 0xcbf29ce484222325u, b = 0x6c62272e07bb0142u;
  for (; *text; text++) {
    a = (a ^ (unsigned char)*text) * 0x100000001b3u;
    b = ((b << 7 | b >> 57) ^ (unsigned char)*text) * 0x9E3779B97F4A7C15u;
  }
  value[0] = a;
  value[1] = b;
  for (int i = 0; i < 2; i++) {
    value[i] = (value[i] ^ value[i] >> 30) * 0xBF58476D1CE4E5B9u;
    value[i] = (value[i] ^ value[i] >> 27) * 0x94D049BB133111EBu;
    value[i] ^= value[i] >> 31;
  }
}

// A UUID of version 8 (RFC 9562) that follows from `text`, as "2.25." and its decimal number.
void tt1__dicom_make_uid(char uid[TT1__UID_SIZE], const char *text)
{
  uint64_t value[2];
  hash(value, text);
  value[0] = (value[0] & ~0xf000ull) | 0x8000ull;
  value[1] = (value[1] & ~(3ull << 62)) | 2ull << 62;
  uint32_t words[4] = {(uint32_t)(value[0] >> 32), (uint32_t)value[0], (uint32_t)(value[1] >> 32),
                       (uint32_t)value[1]};
  char digits[40];
  int at = sizeof digits - 1;
  digits[at] = '\0';
  while (words[0] | words[1] | words[2] | words[3]) {
    uint64_t rest = 0;
    for (int i = 0; i < 4; i++) {
      rest = rest << 32 | words[i];
      words[i] = (uint32_t)(rest / 10);
      rest %= 10;
    }
    digits[--at] = (char)('0' + rest);
  }
  snprintf(uid, TT1__UID_SIZE, "2.25.%s", digits + at);
}

/* ---- Elements ---- */

enum { MAX_DECIMAL = 16 }; /* characters of a decimal string */

// The shortest decimal of `value` that fits.
static void add_decimal(tt1__text *text, double value)
{
  double rounded = value;
  for (int decimals = 15;; decimals--) {
    size_t before = text->length;
    tt1__text_add_number(text, fabs(rounded) > 0.0 ? rounded : 0.0); // no "-0"
    if (text->failed || text->length - before <= MAX_DECIMAL || decimals < 0) return;
    text->length = before;
    double power = pow(10.0, decimals);
    rounded = round(value * power) / power;
  }
}

int tt1__dicom_put_decimals(tt1__dicom_draft *draft, tt1__tag tag, const double *values, int count)
{
  tt1__text text = {0};
  for (int i = 0; i < count; i++) {
    if (i > 0) tt1__text_add(&text, "\\");
    add_decimal(&text, values[i]);
  }
  char *taken = tt1__text_take(&text);
  if (taken) tt1__dicom_put_text(draft, tag, "DS", taken);
  tt1__free(taken);
  return taken != NULL;
}

void tt1__dicom_put_integer(tt1__dicom_draft *draft, tt1__tag tag, long value)
{
  char text[24];
  snprintf(text, sizeof text, "%ld", value);
  tt1__dicom_put_text(draft, tag, "IS", text);
}

void tt1__dicom_put_code(tt1__dicom_draft *draft, tt1__tag tag, const tt1__code *code)
{
  tt1__dicom_begin_item(draft, tag);
  tt1__dicom_put_text(draft, 0x00080100, "SH", code->value);
  tt1__dicom_put_text(draft, 0x00080102, "SH", code->scheme);
  tt1__dicom_put_text(draft, 0x00080104, "LO", code->meaning);
  tt1__dicom_end_item(draft);
}
