/* SPDX-License-Identifier: MIT
 * Walks the elements of a DICOM file before DCMTK does, and refuses what would
 * make a parser run away: lengths past their end, deep nesting, endless numbers
 * of elements, deflate bombs. Encoding: DICOM PS3.5 sections 7 and A. */
#include "dicom/dicom.h"

#include <string.h>

#include "base/error.h"
#include "file/gzip.h"

#define UNDEFINED 0xFFFFFFFFu

#ifdef TT1_HAVE_OPENJPEG
enum { HAS_JPEG2000 = 1 };
#else
enum { HAS_JPEG2000 = 0 };
#endif

/* clang-format off */
static const tt1__dicom_syntax syntaxes[] = {
  /* UID, name, explicit, big-endian, deflated, encapsulated, lossy (1: perhaps), decoder, can decode */
  {"1.2.840.10008.1.2", "implicit VR little endian", 0, 0, 0, 0, 0, TT1__BY_DCMTK, 1},
  {"1.2.840.10008.1.2.1", "explicit VR little endian", 1, 0, 0, 0, 0, TT1__BY_DCMTK, 1},
  {"1.2.840.10008.1.2.1.99", "deflated explicit VR little endian", 1, 0, 1, 0, 0, TT1__BY_DCMTK, 1},
  {"1.2.840.10008.1.2.2", "explicit VR big endian", 1, 1, 0, 0, 0, TT1__BY_DCMTK, 1},
  {"1.2.840.10008.1.2.5", "RLE", 1, 0, 0, 1, 0, TT1__BY_RLE, 1},
  {"1.2.840.10008.1.2.4.50", "JPEG baseline", 1, 0, 0, 1, 2, TT1__BY_DCMTK, 1},
  {"1.2.840.10008.1.2.4.51", "JPEG extended", 1, 0, 0, 1, 2, TT1__BY_DCMTK, 1},
  {"1.2.840.10008.1.2.4.57", "JPEG lossless", 1, 0, 0, 1, 0, TT1__BY_DCMTK, 1},
  {"1.2.840.10008.1.2.4.70", "JPEG lossless, first order", 1, 0, 0, 1, 0, TT1__BY_DCMTK, 1},
  {"1.2.840.10008.1.2.4.80", "JPEG-LS lossless", 1, 0, 0, 1, 0, TT1__BY_DCMTK, 1},
  {"1.2.840.10008.1.2.4.81", "JPEG-LS near-lossless", 1, 0, 0, 1, 1, TT1__BY_DCMTK, 1},
  {"1.2.840.10008.1.2.4.90", "JPEG 2000 lossless", 1, 0, 0, 1, 0, TT1__BY_OPENJPEG, HAS_JPEG2000},
  {"1.2.840.10008.1.2.4.91", "JPEG 2000", 1, 0, 0, 1, 1, TT1__BY_OPENJPEG, HAS_JPEG2000},
  {"1.2.840.10008.1.2.4.201", "HTJ2K lossless", 1, 0, 0, 1, 0, TT1__BY_DCMTK, 0},
  {"1.2.840.10008.1.2.4.202", "HTJ2K lossless, RPCL", 1, 0, 0, 1, 0, TT1__BY_DCMTK, 0},
  {"1.2.840.10008.1.2.4.203", "HTJ2K", 1, 0, 0, 1, 1, TT1__BY_DCMTK, 0},
};
/* clang-format on */

/* Types of values, and whether their length takes four bytes. */
static const char short_types[] = "AE AS AT CS DA DS DT FL FD IS LO LT PN SH SL SS ST TM UI UL US ";
static const char long_types[] = "OB OD OF OL OV OW SQ SV UC UN UR UT UV ";

typedef struct walk {
  const unsigned char *bytes;
  size_t at, fragments; /* fragments: where those of the pixels begin, or 0 */
  int n_elements;
  const char *path;
  tt1_error *err;
} walk;

typedef struct element {
  uint16_t group, number;
  char type[3]; /* "" in implicit files and for items */
  uint32_t length;
} element;

static int is_type_of(const char *list, const unsigned char *type)
{
  for (; *list; list += 3)
    if (list[0] == (char)type[0] && list[1] == (char)type[1]) return 1;
  return 0;
}

static uint16_t get16(const unsigned char *bytes, int is_big_endian)
{
  return (uint16_t)(is_big_endian ? bytes[0] << 8 | bytes[1] : bytes[1] << 8 | bytes[0]);
}

static uint32_t get32(const unsigned char *bytes, int is_big_endian)
{
  uint32_t first = get16(bytes, is_big_endian), second = get16(bytes + 2, is_big_endian);
  return is_big_endian ? first << 16 | second : second << 16 | first;
}

static tt1_status damaged(const walk *w, const element *e, const char *what)
{
  return tt1__error_set(w->err, TT1_BAD_FILE,
                        "%s is damaged: element (%04x,%04x) before byte %llu %s", w->path, e->group,
                        e->number, (unsigned long long)w->at, what);
}

static tt1_status cut_short(const walk *w, size_t end)
{
  return tt1__error_set(w->err, TT1_BAD_FILE,
                        "%s is damaged or cut short: an element that begins at byte %llu does not "
                        "end before byte %llu, where the file or what holds it ends",
                        w->path, (unsigned long long)w->at, (unsigned long long)end);
}

// Read tag, type and length of the element at w->at; its value follows.
static tt1_status read_header(walk *w, element *e, size_t end, const tt1__dicom_syntax *syntax)
{
  const unsigned char *bytes = w->bytes + w->at;
  int is_big = syntax->is_big_endian;
  *e = (element){0};
  if (end - w->at < 8) return cut_short(w, end);
  if (++w->n_elements > TT1__DICOM_MAX_ELEMENTS)
    return tt1__error_set(w->err, TT1_BAD_FILE, "%s holds more than %d elements", w->path,
                          TT1__DICOM_MAX_ELEMENTS);
  *e = (element){get16(bytes, is_big), get16(bytes + 2, is_big), "", get32(bytes + 4, is_big)};
  w->at += 8;
  if (!syntax->is_explicit || e->group == 0xFFFE) return TT1_OK;
  memcpy(e->type, bytes + 4, 2);
  if (is_type_of(short_types, bytes + 4)) {
    e->length = get16(bytes + 6, is_big);
  } else if (is_type_of(long_types, bytes + 4)) {
    if (end - w->at < 4) return cut_short(w, end);
    e->length = get32(bytes + 8, is_big);
    w->at += 4;
  } else {
    return damaged(w, e, "has no known type of value");
  }
  return TT1_OK;
}

static tt1_status walk_elements(walk *w, size_t end, int is_delimited,
                                const tt1__dicom_syntax *syntax, int depth);

// The fragments of compressed pixels, up to the delimiter.
static tt1_status walk_fragments(walk *w, size_t end, const tt1__dicom_syntax *syntax)
{
  for (;;) {
    element e;
    tt1_status status = read_header(w, &e, end, syntax);
    if (status != TT1_OK) return status;
    if (e.group == 0xFFFE && e.number == 0xE0DD && e.length == 0) return TT1_OK;
    if (e.group != 0xFFFE || e.number != 0xE000)
      return damaged(w, &e, "stands where a fragment of pixels is expected");
    if (e.length > end - w->at) return cut_short(w, end);
    w->at += e.length;
  }
}

// The items of a sequence: up to `end`, or to the delimiter of an undefined length.
static tt1_status walk_items(walk *w, size_t end, int is_delimited, const tt1__dicom_syntax *syntax,
                             int depth)
{
  if (depth > TT1__DICOM_MAX_DEPTH)
    return tt1__error_set(
        w->err, TT1_BAD_FILE,
        "%s nests sequences more than %d deep before byte %llu, which no image does", w->path,
        TT1__DICOM_MAX_DEPTH, (unsigned long long)w->at);
  while (is_delimited || w->at < end) {
    element e;
    tt1_status status = read_header(w, &e, end, syntax);
    if (status != TT1_OK) return status;
    if (is_delimited && e.group == 0xFFFE && e.number == 0xE0DD && e.length == 0) return TT1_OK;
    if (e.group != 0xFFFE || e.number != 0xE000)
      return damaged(w, &e, "stands where an item of a sequence is expected");
    if (e.length != UNDEFINED && e.length > end - w->at) return cut_short(w, end);
    size_t item_end = e.length == UNDEFINED ? end : w->at + e.length;
    status = walk_elements(w, item_end, e.length == UNDEFINED, syntax, depth);
    if (status != TT1_OK) return status;
  }
  return TT1_OK;
}

static int begins_with_item(const walk *w, const element *e, int is_big_endian)
{
  const unsigned char *bytes = w->bytes + w->at;
  return e->length >= 8 && e->group != 0x7FE0 && get16(bytes, is_big_endian) == 0xFFFE &&
         get16(bytes + 2, is_big_endian) == 0xE000;
}

// The value of an element. In implicit files a sequence is told by its first item.
static tt1_status walk_value(walk *w, const element *e, size_t end, const tt1__dicom_syntax *syntax,
                             int depth)
{
  int is_sequence = strcmp(e->type, "SQ") == 0, is_unknown = strcmp(e->type, "UN") == 0;
  if (e->length == UNDEFINED) {
    tt1__dicom_syntax inner = *syntax;
    int is_pixels = e->group == 0x7FE0 && e->number == 0x0010;
    if (is_pixels && syntax->is_encapsulated && e->type[0] == 'O') { // others DCMTK takes for items
      if (depth == 0) w->fragments = w->at; // deeper ones are those of an icon
      return walk_fragments(w, end, syntax);
    }
    if (is_unknown) inner.is_explicit = inner.is_big_endian = 0; // PS3.5 section 6.2.2, note 4
    if (is_sequence || is_unknown || !e->type[0]) return walk_items(w, end, 1, &inner, depth + 1);
    return damaged(w, e, "has an undefined length, which its type forbids");
  }
  if (e->length > end - w->at) return cut_short(w, end);
  size_t value_end = w->at + e->length;
  if (is_sequence || (!e->type[0] && begins_with_item(w, e, syntax->is_big_endian)))
    return walk_items(w, value_end, 0, syntax, depth + 1);
  w->at = value_end;
  return TT1_OK;
}

static tt1_status walk_elements(walk *w, size_t end, int is_delimited,
                                const tt1__dicom_syntax *syntax, int depth)
{
  while (is_delimited || w->at < end) {
    element e;
    tt1_status status = read_header(w, &e, end, syntax);
    if (status != TT1_OK) return status;
    if (is_delimited && e.group == 0xFFFE && e.number == 0xE00D && e.length == 0) return TT1_OK;
    if (e.group == 0xFFFE) return damaged(w, &e, "ends something that did not begin");
    status = walk_value(w, &e, end, syntax, depth);
    if (status != TT1_OK) return status;
  }
  return TT1_OK;
}

/* ---- The file around the data set ---- */

static int has_magic(const unsigned char *bytes, size_t length)
{
  return length >= 132 && memcmp(bytes + 128, "DICM", 4) == 0;
}

// A data set without the file header: it begins with an early element of group 8 or 2.
static int begins_bare(const unsigned char *bytes, size_t length)
{
  if (length < 8 || (bytes[0] != 8 && bytes[0] != 2) || bytes[1] || bytes[2] > 0x18 || bytes[3])
    return 0;
  if (is_type_of(short_types, bytes + 4)) return get16(bytes + 6, 0) <= length - 8;
  return get32(bytes + 4, 0) <= 256 && get32(bytes + 4, 0) <= length - 8;
}

int tt1__dicom_is(const unsigned char *bytes, size_t length)
{
  return has_magic(bytes, length) || begins_bare(bytes, length);
}

static void use_syntax(tt1__dicom_scan *scan, const char *uid)
{
  // All syntaxes added since 1998 write their elements in this way.
  scan->syntax = (tt1__dicom_syntax){"", "unknown", 1, 0, 0, 1, 0, TT1__BY_DCMTK, 0};
  memcpy(scan->syntax.uid, uid, strlen(uid) + 1);
  for (size_t i = 0; i < sizeof syntaxes / sizeof *syntaxes; i++)
    if (strcmp(syntaxes[i].uid, uid) == 0) scan->syntax = syntaxes[i];
}

// Walk group 2, which is always explicit little endian, and take the transfer syntax from it.
static tt1_status read_meta(tt1__dicom_scan *scan, walk *w, size_t length)
{
  char uid[65] = "";
  const tt1__dicom_syntax *plain = &syntaxes[1];
  while (length - w->at >= 8 && get16(w->bytes + w->at, 0) == 2) {
    element e;
    tt1_status status = read_header(w, &e, length, plain);
    if (status != TT1_OK) return status;
    if (e.length > length - w->at) return cut_short(w, length);
    if (e.number == 0x0010 && e.length < sizeof uid) {
      memcpy(uid, w->bytes + w->at, e.length);
      for (size_t i = e.length; i > 0 && (uid[i - 1] == '\0' || uid[i - 1] == ' '); i--)
        uid[i - 1] = '\0';
    }
    w->at += e.length;
  }
  if (uid[strspn(uid, "0123456789.")] || !uid[0])
    return tt1__error_set(w->err, TT1_BAD_FILE,
                          "%s names no transfer syntax in its header (0002,0010)", w->path);
  use_syntax(scan, uid);
  return TT1_OK;
}

static tt1_status inflate_set(tt1__dicom_scan *scan, const walk *w)
{
  tt1_status status = tt1__inflate_all(&scan->inflated, &scan->length, scan->bytes, scan->length,
                                       TT1__DICOM_MAX_INFLATED, w->path, w->err);
  if (status == TT1_OK) scan->bytes = scan->inflated;
  return status;
}

// Find where the data set begins and how it is written.
static tt1_status find_data_set(tt1__dicom_scan *scan, walk *w, size_t length)
{
  w->at = has_magic(w->bytes, length) ? 132 : 0;
  if (w->at > 0 || w->bytes[0] == 2) {
    tt1_status status = read_meta(scan, w, length);
    if (status != TT1_OK) return status;
  } else {
    scan->syntax = syntaxes[is_type_of(short_types, w->bytes + 4)];
  }
  scan->bytes = w->bytes + w->at;
  scan->length = length - w->at;
  return scan->syntax.is_deflated ? inflate_set(scan, w) : TT1_OK;
}

// Note pixels that lie in the file as they are, in the byte order of the machine.
static void note_pixels(tt1__dicom_scan *scan, const walk *w, const element *e, size_t header)
{
  int is_pixels =
      e->group == 0x7FE0 && (e->number == 0x0010 || e->number == 0x0008 || e->number == 0x0009);
  if (!is_pixels || e->length == UNDEFINED || scan->syntax.is_encapsulated ||
      scan->syntax.is_big_endian || scan->header < header)
    return;
  scan->header = header;
  scan->pixels = w->at;
  scan->pixels_length = e->length;
  scan->float_size = e->number == 0x0008 ? 4 : e->number == 0x0009 ? 8 : 0;
}

int tt1__dicom_needs_dcmtk(const tt1__dicom_scan *scan)
{
  return scan->syntax.decoder == TT1__BY_DCMTK &&
         (scan->syntax.is_encapsulated || scan->syntax.is_big_endian);
}

// Elements of the data set itself. Some writers pad it with zeros, which are no elements, and some put
// elements behind the pixels that belong before them.
static tt1_status walk_data_set(tt1__dicom_scan *scan, walk *w)
{
  size_t padding = scan->length;
  int is_ordered = 1;
  while (padding > 0 && scan->bytes[padding - 1] == 0)
    padding--;
  scan->header = scan->length;
  while (w->at < padding) {
    element e;
    size_t begins = w->at;
    tt1_status status = read_header(w, &e, scan->length, &scan->syntax);
    if (status == TT1_OK && e.group == 0xFFFE)
      status = damaged(w, &e, "ends something that did not begin");
    if (status == TT1_OK) note_pixels(scan, w, &e, begins);
    is_ordered &= e.group >= 0x7FE0 || scan->pixels == 0;
    if (status == TT1_OK) status = walk_value(w, &e, scan->length, &scan->syntax, 0);
    if (status != TT1_OK) return status;
  }
  scan->length = w->at;
  if (!is_ordered || scan->header > scan->length) scan->header = scan->length;
  scan->fragments = w->fragments;
  return TT1_OK;
}

tt1_status tt1__dicom_scan_bytes(tt1__dicom_scan *scan, const unsigned char *bytes, size_t length,
                                 const char *path, tt1_error *err)
{
  *scan = (tt1__dicom_scan){0};
  walk w = {.bytes = bytes, .path = path, .err = err};
  if (!tt1__dicom_is(bytes, length))
    return tt1__error_set(err, TT1_BAD_FILE, "%s is not a DICOM file", path);
  if (length > TT1__DICOM_MAX_BYTES)
    return tt1__error_set(err, TT1_BAD_FILE, "%s holds %llu bytes, the limit is %d", path,
                          (unsigned long long)length, TT1__DICOM_MAX_BYTES);
  tt1_status status = find_data_set(scan, &w, length);
  if (status == TT1_OK) {
    w.bytes = scan->bytes;
    w.at = 0;
    status = walk_data_set(scan, &w);
  }
  if (status != TT1_OK) tt1__dicom_scan_free(scan);
  return status;
}

// Take a text without its padding.
static void take_uid(char uid[65], const walk *w, const element *e)
{
  if (e->length > 64) return;
  memcpy(uid, w->bytes + w->at, e->length);
  for (uid[e->length] = '\0'; *uid && (uid[strlen(uid) - 1] == ' ');)
    uid[strlen(uid) - 1] = '\0';
}

void tt1__dicom_series_of(char uid[65], const unsigned char *bytes, size_t length)
{
  tt1__dicom_scan scan = {0};
  walk w = {.bytes = bytes, .path = ""};
  *uid = '\0';
  if (!tt1__dicom_is(bytes, length) || length > TT1__DICOM_MAX_BYTES) return;
  if (find_data_set(&scan, &w, length) == TT1_OK) {
    w.bytes = scan.bytes;
    w.at = 0;
    while (w.at < scan.length && !*uid) {
      element e;
      if (read_header(&w, &e, scan.length, &scan.syntax) != TT1_OK || e.group > 0x0020) break;
      if (e.group == 0x0020 && e.number == 0x000E && e.length <= scan.length - w.at)
        take_uid(uid, &w, &e);
      if (*uid || walk_value(&w, &e, scan.length, &scan.syntax, 0) != TT1_OK) break;
    }
  }
  tt1__dicom_scan_free(&scan);
}

void tt1__dicom_scan_free(tt1__dicom_scan *scan)
{
  tt1__free(scan->inflated);
  *scan = (tt1__dicom_scan){0};
}
