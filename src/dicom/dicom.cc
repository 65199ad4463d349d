/* SPDX-License-Identifier: MIT
 * dicom.h through DCMTK: the only C++ file. No exception leaves it, DCMTK's log is
 * silent, and nothing is parsed that dicom_scan.c has not walked before. */
#include <dcmtk/config/osconfig.h> // must come first

#include <dcmtk/dcmdata/dcistrmb.h>
#include <dcmtk/dcmdata/dcostrmb.h>
#include <dcmtk/dcmdata/dcpixel.h>
#include <dcmtk/dcmdata/dctk.h>
#include <dcmtk/dcmjpeg/djdecode.h>
#include <dcmtk/dcmjpls/djdecode.h>
#include <dcmtk/oflog/oflog.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>
#include <vector>

extern "C" {
#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
}
#include "dicom/dicom.h"

struct tt1__dicom {
  tt1__dicom_scan scan;
  DcmDataset set;
};

/* DCMTK keeps decoders and logs for the process, which torcht1.h tells. Both are left as a host that uses
 * DCMTK, too, has them, but for the logs of the parts that work here: the errors of this library say it all.
 * Nothing is taken back, as a host may have registered the same decoders. */
static bool prepare()
{
  static const bool is_ready = [] {
    for (const char *part : {"dcmtk.dcmdata", "dcmtk.dcmjpeg", "dcmtk.dcmjpls"})
      OFLog::getLogger(part).setLogLevel(OFLogger::OFF_LOG_LEVEL);
    DJDecoderRegistration::registerCodecs();
    DJLSDecoderRegistration::registerCodecs();
    return true;
  }();
  return is_ready;
}

// Run `body`; whatever it throws is an answer of `otherwise`.
template <typename Answer, typename Body>
static Answer guarded(Answer otherwise, Body body) noexcept
{
  try {
    return body();
  } catch (...) {
    return otherwise;
  }
}

static DcmItem *item_of(const tt1__dicom_item *item)
{
  return reinterpret_cast<DcmItem *>(const_cast<tt1__dicom_item *>(item));
}

static DcmElement *element_of(const tt1__dicom_item *item, tt1__tag tag)
{
  DcmElement *element = nullptr;
  DcmTagKey key(static_cast<Uint16>(tag >> 16), static_cast<Uint16>(tag & 0xFFFF));
  if (item) item_of(item)->findAndGetElement(key, element, OFFalse);
  return element;
}

/* ---- Opening ---- */

static tt1_status parse(tt1__dicom *dicom, const char *path, tt1_error *err)
{
  DcmInputBufferStream stream;
  E_TransferSyntax syntax = DcmXfer(dicom->scan.syntax.uid).getXfer();
  if (dicom->scan.syntax.is_deflated || syntax == EXS_Unknown) syntax = EXS_LittleEndianExplicit;
  stream.setBuffer(dicom->scan.bytes, static_cast<offile_off_t>(dicom->scan.header));
  stream.setEos();
  dicom->set.transferInit();
  OFCondition result = dicom->set.read(stream, syntax, EGL_noChange, DCM_MaxReadLength);
  dicom->set.transferEnd();
  if (result.bad())
    return tt1__error_set(err, TT1_BAD_FILE, "%s cannot be parsed as DICOM: %s", path,
                          result.text());
  return TT1_OK;
}

extern "C" tt1_status tt1__dicom_open(tt1__dicom **out, const unsigned char *bytes, size_t length,
                                      const char *path, tt1_error *err)
{
  tt1__dicom_scan scan;
  tt1_status status = tt1__dicom_scan_bytes(&scan, bytes, length, path, err);
  if (status != TT1_OK) return status;
  tt1__dicom *dicom = nullptr;
  status = guarded(TT1_NO_MEMORY, [&] {
    prepare();
    dicom = new tt1__dicom{scan, {}};
    return parse(dicom, path, err);
  });
  if (status == TT1_NO_MEMORY) tt1__no_memory(err);
  if (!dicom) tt1__dicom_scan_free(&scan);
  if (status == TT1_OK)
    *out = dicom;
  else
    tt1__dicom_free(dicom);
  return status;
}

extern "C" void tt1__dicom_free(tt1__dicom *dicom)
{
  if (!dicom) return;
  tt1__dicom_scan_free(&dicom->scan);
  guarded(0, [&] {
    delete dicom;
    return 0;
  });
}

extern "C" const tt1__dicom_item *tt1__dicom_root(const tt1__dicom *dicom)
{
  return reinterpret_cast<const tt1__dicom_item *>(static_cast<const DcmItem *>(&dicom->set));
}

extern "C" const tt1__dicom_syntax *tt1__dicom_syntax_of(const tt1__dicom *dicom)
{
  return &dicom->scan.syntax;
}

extern "C" const tt1__dicom_scan *tt1__dicom_scan_of(const tt1__dicom *dicom)
{
  return &dicom->scan;
}

/* ---- Elements ---- */

static DcmSequenceOfItems *sequence_of(const tt1__dicom_item *item, tt1__tag tag)
{
  return dynamic_cast<DcmSequenceOfItems *>(element_of(item, tag));
}

extern "C" int tt1__dicom_count_items(const tt1__dicom_item *item, tt1__tag tag)
{
  return guarded(0, [&] {
    DcmSequenceOfItems *sequence = sequence_of(item, tag);
    return sequence ? static_cast<int>(sequence->card()) : 0;
  });
}

extern "C" const tt1__dicom_item *tt1__dicom_find_item(const tt1__dicom_item *item, tt1__tag tag,
                                                       int index)
{
  const tt1__dicom_item *none = nullptr;
  return guarded(none, [&] {
    DcmSequenceOfItems *sequence = sequence_of(item, tag);
    if (!sequence || index < 0 || static_cast<unsigned long>(index) >= sequence->card())
      return none;
    const DcmItem *found = sequence->getItem(static_cast<unsigned long>(index));
    return reinterpret_cast<const tt1__dicom_item *>(found);
  });
}

extern "C" size_t tt1__dicom_text(const tt1__dicom_item *item, tt1__tag tag, char *text,
                                  size_t capacity)
{
  size_t length = 0;
  guarded(0, [&] {
    DcmElement *element = element_of(item, tag);
    char *found = nullptr;
    if (!element || !element->isaString() || element->getString(found).bad() || !found) return 0;
    while (*found == ' ')
      found++;
    for (; found[length] && length + 1 < capacity; length++)
      text[length] = found[length] >= ' ' && found[length] <= '~' ? found[length] : '?';
    return 0;
  });
  while (length > 0 && text[length - 1] == ' ')
    length--;
  if (capacity > 0) text[length] = '\0';
  return length;
}

// Decimal texts "1.5\2\3".
static int read_texts(DcmElement *element, double *values, int capacity)
{
  char *text = nullptr;
  int count = 0;
  if (element->getString(text).bad() || !text) return 0;
  for (const char *at = text; count < capacity; at++) {
    const char *end = at + std::strspn(at, " ");
    const char *from = end;
    double value = tt1__number_read(from, &end);
    end += std::strspn(end, " ");
    if (end == from || (*end && *end != '\\')) break;
    values[count++] = value;
    if (!*end) break;
    at = end;
  }
  return count;
}

static bool read_binary(DcmElement *element, DcmEVR type, unsigned long index, double *value)
{
  Float32 f = 0;
  Uint16 us = 0;
  Sint16 ss = 0;
  Uint32 ul = 0;
  Sint32 sl = 0;
  switch (type) {
  case EVR_FD: return element->getFloat64(*value, index).good();
  case EVR_FL:
    return element->getFloat32(f, index).good() && (*value = static_cast<double>(f), true);
  case EVR_US: return element->getUint16(us, index).good() && (*value = us, true);
  case EVR_SS: return element->getSint16(ss, index).good() && (*value = ss, true);
  case EVR_UL: return element->getUint32(ul, index).good() && (*value = ul, true);
  case EVR_SL: return element->getSint32(sl, index).good() && (*value = sl, true);
  default: return false;
  }
}

extern "C" int tt1__dicom_numbers(const tt1__dicom_item *item, tt1__tag tag, double *values,
                                  int capacity)
{
  return guarded(0, [&] {
    DcmElement *element = element_of(item, tag);
    if (!element || element->getLength() == 0) return 0;
    if (element->isaString()) return read_texts(element, values, capacity);
    int count = 0;
    while (count < capacity && read_binary(element, element->ident(),
                                           static_cast<unsigned long>(count), &values[count]))
      count++;
    return count;
  });
}

extern "C" const unsigned char *tt1__dicom_raw(const tt1__dicom_item *item, tt1__tag tag,
                                               size_t *length)
{
  const unsigned char *none = nullptr;
  return guarded(none, [&] {
    DcmElement *element = element_of(item, tag);
    Uint8 *found = nullptr;
    if (!element || (element->ident() != EVR_UN && element->ident() != EVR_OB)) return none;
    if (element->getUint8Array(found).bad() || !found) return none;
    *length = element->getLength();
    return static_cast<const unsigned char *>(found);
  });
}

/* ---- Pixels ---- */

static tt1_status decode(DcmDataset *set, int frame, void *stored, size_t size, const char *path,
                         tt1_error *err)
{
  DcmElement *element = nullptr;
  OFString colours;
  Uint32 fragment = 0, expected = 0;
  set->findAndGetElement(DCM_PixelData, element, OFFalse);
  DcmPixelData *pixels = dynamic_cast<DcmPixelData *>(element);
  if (!pixels) return tt1__error_set(err, TT1_BAD_FILE, "%s holds no pixels (7fe0,0010)", path);
  OFCondition result = pixels->getUncompressedFrameSize(set, expected);
  if (result.good() && expected != size)
    return tt1__error_set(
        err, TT1_BAD_FILE, "%s: a frame of its pixels takes %llu bytes, %llu are expected", path,
        static_cast<unsigned long long>(expected), static_cast<unsigned long long>(size));
  if (result.good())
    result = pixels->getUncompressedFrame(set, static_cast<Uint32>(frame), fragment, stored,
                                          expected, colours);
  if (result.bad())
    return tt1__error_set(err, TT1_BAD_FILE, "%s: the pixels of frame %d cannot be decoded: %s",
                          path, frame + 1, result.text());
  return TT1_OK;
}

extern "C" tt1_status tt1__dicom_pixels(const tt1__dicom *dicom, int frame, void *stored,
                                        size_t size, const char *path, tt1_error *err)
{
  if ((static_cast<uint64_t>(frame) + 1) * size / TT1__DICOM_MAX_RATIO > dicom->scan.length)
    return tt1__error_set(
        err, TT1_BAD_FILE,
        "%s holds fewer than one byte for %d bytes of pixels: it is damaged or cut "
        "short",
        path, TT1__DICOM_MAX_RATIO);
  tt1_status status = guarded(TT1_NO_MEMORY, [&] {
    return decode(const_cast<DcmDataset *>(&dicom->set), frame, stored, size, path, err);
  });
  return status == TT1_NO_MEMORY ? tt1__no_memory(err) : status;
}

/* ---- Writing ---- */

// A UUID as object identifier (2.25), drawn once.
static const char implementation_uid[] = "2.25.11223811882721195191442501153096968798";
static const char implementation_name[] = "TORCHT1";

struct tt1__dicom_draft {
  DcmFileFormat file;
  OFCondition result; // the first failure, if any
  bool is_out_of_memory;
  std::vector<DcmItem *> within; // the items that are open, the innermost last
};

extern "C" tt1_status tt1__dicom_draft_new(tt1__dicom_draft **out, tt1_error *err)
{
  tt1__dicom_draft *draft = guarded(static_cast<tt1__dicom_draft *>(nullptr), [] {
    prepare();
    return new tt1__dicom_draft{{}, EC_Normal, false, {}};
  });
  if (!draft) return tt1__no_memory(err);
  *out = draft;
  return TT1_OK;
}

extern "C" void tt1__dicom_draft_free(tt1__dicom_draft *draft)
{
  guarded(0, [&] {
    delete draft;
    return 0;
  });
}

// Let `body` work on the draft unless something failed before.
template <typename Body> static void add(tt1__dicom_draft *draft, Body body) noexcept
{
  if (draft->is_out_of_memory || draft->result.bad()) return;
  draft->is_out_of_memory = guarded(true, [&] {
    DcmItem *set = draft->file.getDataset();
    draft->result = body(draft->within.empty() ? set : draft->within.back());
    return false;
  });
}

static DcmTagKey key_of(tt1__tag tag)
{
  return DcmTagKey(static_cast<Uint16>(tag >> 16), static_cast<Uint16>(tag & 0xFFFF));
}

extern "C" void tt1__dicom_put_text(tt1__dicom_draft *draft, tt1__tag tag, const char type[2],
                                    const char *text)
{
  const char name[3] = {type[0], type[1], '\0'};
  add(draft, [&](DcmItem *set) {
    return set->putAndInsertString(DcmTag(key_of(tag), DcmVR(name)), text);
  });
}

extern "C" void tt1__dicom_put_number(tt1__dicom_draft *draft, tt1__tag tag, uint16_t value)
{
  add(draft, [&](DcmItem *set) {
    return set->putAndInsertUint16(DcmTag(key_of(tag), DcmVR(EVR_US)), value);
  });
}

extern "C" void tt1__dicom_put_pixels(tt1__dicom_draft *draft, const uint16_t *pixels, size_t count)
{
  add(draft, [&](DcmItem *set) {
    return set->putAndInsertUint16Array(DcmTag(DCM_PixelData, DcmVR(EVR_OW)), pixels,
                                        static_cast<unsigned long>(count));
  });
}

extern "C" void tt1__dicom_put_floats(tt1__dicom_draft *draft, const float *pixels, size_t count)
{
  add(draft, [&](DcmItem *set) {
    return set->putAndInsertFloat32Array(DcmTag(DCM_FloatPixelData, DcmVR(EVR_OF)), pixels,
                                         static_cast<unsigned long>(count));
  });
}

static OFCondition put_one(DcmElement *element, double value, unsigned long at)
{
  switch (element->ident()) {
  case EVR_FD: return element->putFloat64(value, at);
  case EVR_FL: return element->putFloat32(static_cast<Float32>(value), at);
  case EVR_UL: return element->putUint32(static_cast<Uint32>(value), at);
  default: return element->putUint16(static_cast<Uint16>(value), at);
  }
}

extern "C" void tt1__dicom_put_numbers(tt1__dicom_draft *draft, tt1__tag tag_number,
                                       const char type[2], const double *values, int count)
{
  const char name[3] = {type[0], type[1], '\0'};
  add(draft, [&](DcmItem *set) {
    DcmTag tag(key_of(tag_number), DcmVR(name));
    DcmElement *element = nullptr;
    OFCondition result = set->insertEmptyElement(tag, OFTrue);
    if (result.good()) result = set->findAndGetElement(tag, element);
    for (int i = 0; i < count && result.good(); i++)
      result = put_one(element, values[i], static_cast<unsigned long>(i));
    return result;
  });
}

extern "C" void tt1__dicom_put_tag(tt1__dicom_draft *draft, tt1__tag tag, tt1__tag value)
{
  add(draft, [&](DcmItem *set) {
    return set->putAndInsertTagKey(DcmTag(key_of(tag), DcmVR(EVR_AT)), key_of(value));
  });
}

extern "C" void tt1__dicom_begin_item(tt1__dicom_draft *draft, tt1__tag tag)
{
  add(draft, [&](DcmItem *set) {
    DcmItem *item = nullptr;
    OFCondition result =
        set->findOrCreateSequenceItem(DcmTag(key_of(tag), DcmVR(EVR_SQ)), item, -2); // a new one
    if (result.good()) draft->within.push_back(item);
    return result;
  });
}

extern "C" void tt1__dicom_end_item(tt1__dicom_draft *draft)
{
  if (!draft->within.empty()) draft->within.pop_back();
}

extern "C" void tt1__dicom_put_empty(tt1__dicom_draft *draft, tt1__tag tag)
{
  add(draft, [&](DcmItem *set) {
    return set->insertEmptyElement(DcmTag(key_of(tag), DcmVR(EVR_SQ)), OFTrue);
  });
}

extern "C" int tt1__dicom_carry(tt1__dicom_draft *draft, const tt1__dicom_item *item, tt1__tag tag)
{
  DcmElement *element =
      guarded(static_cast<DcmElement *>(nullptr), [&] { return element_of(item, tag); });
  if (!element) return 0;
  add(draft, [&](DcmItem *set) {
    DcmElement *copy = dynamic_cast<DcmElement *>(element->clone());
    OFCondition result = copy ? set->insert(copy, OFTrue) : OFCondition(EC_MemoryExhausted);
    if (result.bad()) delete copy;
    return result;
  });
  return 1;
}

extern "C" const tt1__dicom_item *tt1__dicom_draft_root(tt1__dicom_draft *draft)
{
  if (!draft) return nullptr;
  return reinterpret_cast<const tt1__dicom_item *>(
      static_cast<const DcmItem *>(draft->file.getDataset()));
}

// DCMTK would put its own name into the meta header, so that is done last.
static OFCondition complete_header(DcmFileFormat *file)
{
  OFCondition result = file->validateMetaInfo(EXS_LittleEndianExplicit, EWM_createNewMeta);
  DcmMetaInfo *header = file->getMetaInfo();
  if (result.good())
    result = header->putAndInsertString(DCM_ImplementationClassUID, implementation_uid);
  if (result.good())
    result = header->putAndInsertString(DCM_ImplementationVersionName, implementation_name);
  if (result.good())
    result = header->computeGroupLengthAndPadding(EGL_withGL, EPD_noChange,
                                                  EXS_LittleEndianExplicit, EET_ExplicitLength);
  return result;
}

static tt1_status save(DcmFileFormat *file, unsigned char **bytes, size_t *length, tt1_error *err)
{
  OFCondition result = complete_header(file);
  size_t capacity = 1024; // for preamble, magic and what goes with them
  capacity += file->calcElementLength(EXS_LittleEndianExplicit, EET_ExplicitLength);
  unsigned char *room = static_cast<unsigned char *>(tt1__allocate(capacity, 1));
  if (!room) return tt1__no_memory(err);
  DcmOutputBufferStream stream(room, static_cast<offile_off_t>(capacity));
  file->transferInit();
  if (result.good())
    result = file->write(stream, EXS_LittleEndianExplicit, EET_ExplicitLength, nullptr,
                         EGL_withoutGL, EPD_withoutPadding, 0, 0, 0, EWM_dontUpdateMeta);
  file->transferEnd();
  void *filled = nullptr;
  offile_off_t n_filled = 0;
  stream.flushBuffer(filled, n_filled);
  if (result.bad()) {
    tt1__free(room);
    return tt1__error_set(err, TT1_BAD_ARGUMENT, "a DICOM file cannot be made: %s", result.text());
  }
  *bytes = room;
  *length = static_cast<size_t>(n_filled);
  return TT1_OK;
}

extern "C" tt1_status tt1__dicom_draft_save(tt1__dicom_draft *draft, unsigned char **bytes,
                                            size_t *length, tt1_error *err)
{
  if (draft->is_out_of_memory) return tt1__no_memory(err);
  if (draft->result.bad())
    return tt1__error_set(err, TT1_BAD_ARGUMENT, "a DICOM file cannot be made: %s",
                          draft->result.text());
  tt1_status status =
      guarded(TT1_NO_MEMORY, [&] { return save(&draft->file, bytes, length, err); });
  return status == TT1_NO_MEMORY ? tt1__no_memory(err) : status;
}
