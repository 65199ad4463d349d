/* SPDX-License-Identifier: MIT
 * Reading the elements that tell what a frame is. Plain files keep them in the data
 * set, enhanced ones in functional groups, per frame or shared (PS3.3 C.7.6.16). */
#include "dicom/frame.h"

#include <ctype.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/error.h"
#include "base/text.h"

/* clang-format off */
const tt1__source tt1__sources[TT1__N_SOURCES] = {
  [TT1__TI_PLAIN]      = {"InversionTime", "(0018,0082)", 1e-3},
  [TT1__TI_ENHANCED]   = {"InversionTime", "(0018,9079)", 1e-3},
  [TT1__TI_PHILIPS]    = {"InversionTime", "(2005,1572)", 1e-3},
  [TT1__TI_SIEMENS_XA] = {"InversionTime", "(0021,1189)", 1e-3},
  [TT1__TI_COMMENT]    = {"InversionTime", "TIeff in (0020,4000)", 1e-3},
  [TT1__TI_TRIGGER]    = {"InversionTime", "TriggerTime (0018,1060)", 1e-3},
  [TT1__TI_TRIGGER_DELAY] = {"InversionTime", "NominalCardiacTriggerDelayTime (0020,9153)", 1e-3},
  [TT1__TI_CSA]        = {"InversionTime", "InversionTime of the CSA header in (0029,1010)", 1e-3},
  [TT1__TI_PROTOCOL]   = {"InversionTime", "alTI of the protocol in (0029,1020)", 1e-6},
  [TT1__PREPARATION]   = {"T2PreparationTime", "T2 prep. duration in the comment", 1e-3},
  [TT1__PREPARATION_PROTOCOL] = {"T2PreparationTime", "the protocol in (0029,1020)", 1e-3},
  [TT1__TE_PLAIN]      = {"EchoTime", "(0018,0081)", 1e-3},
  [TT1__TE_ENHANCED]   = {"EchoTime", "(0018,9082)", 1e-3},
  [TT1__FLIP_ANGLE]    = {"FlipAngle", "(0018,1314)", 1.0},
  [TT1__TR]            = {"RepetitionTime", "(0018,0080)", 1e-3},
  [TT1__FIELD]         = {"MagneticFieldStrength", "(0018,0087)", 1.0},
  [TT1__ACQUIRED_FRAME]     = {"AcquisitionTime", "(0018,9074)", 1.0},
  [TT1__ACQUIRED_REFERENCE] = {"AcquisitionTime", "(0018,9151)", 1.0},
  [TT1__ACQUIRED_DATE] = {"AcquisitionTime", "(0008,002a)", 1.0},
  [TT1__ACQUIRED_TIME] = {"AcquisitionTime", "(0008,0032)", 1.0},
};

const tt1__told_text tt1__told_texts[TT1__N_TEXTS] = {
  {"Manufacturer", 0x00080070},
  {"ManufacturersModelName", 0x00081090},
  {"SoftwareVersions", 0x00181020},
  {"BodyPart", 0x00180015},
  {"ContrastBolusAgent", 0x00180010},
  {"ReceiveCoilName", 0x00181250},
  {"ScanningSequence", 0x00180020},
  {"SequenceVariant", 0x00180021},
  {"ScanOptions", 0x00180022},
  {"MRAcquisitionType", 0x00180023},
  {"SequenceName", 0x00180024},
  {"PulseSequenceName", 0x00189005}, // this and the next of enhanced files, in place of those above
  {"EchoPulseSequence", 0x00189008},
  {"InversionRecovery", 0x00189009},
  {"SaturationRecovery", 0x00189024},
  {"T2Preparation", 0x00189021},
  {"ProtocolName", 0x00181030},
  {"SeriesDescription", 0x0008103E},
};
/* clang-format on */

#define GREATEST_MS    1e6 /* longer times are marks for "none", such as 1.797e308 */
#define PARAMETRIC_MAP "1.2.840.10008.5.1.4.1.1.30"

/** Where the elements of one frame are looked for. */
typedef struct place {
  const tt1__dicom_item *root, *own, *shared; /* the groups are NULL in plain files */
} place;

/* ---- Elements ---- */

// The functional group `macro` of the frame, or the data set of a plain file.
static const tt1__dicom_item *group_of(const place *p, tt1__tag macro)
{
  const tt1__dicom_item *item = tt1__dicom_find_item(p->own, macro, 0);
  if (!item) item = tt1__dicom_find_item(p->shared, macro, 0);
  return item ? item : p->root;
}

// The first item of sequence `tag`, which stands in the groups or in the data set.
static const tt1__dicom_item *item_of(const place *p, tt1__tag tag)
{
  const tt1__dicom_item *item = group_of(p, tag);
  return item == p->root ? tt1__dicom_find_item(p->root, tag, 0) : item;
}

static double number_in(const tt1__dicom_item *item, tt1__tag tag)
{
  double value;
  return tt1__dicom_numbers(item, tag, &value, 1) == 1 && isfinite(value) ? value : (double)NAN;
}

static int numbers_in(const tt1__dicom_item *item, tt1__tag tag, double *values, int count)
{
  if (tt1__dicom_numbers(item, tag, values, count) != count) return 0;
  for (int i = 0; i < count; i++)
    if (!isfinite(values[i])) return 0;
  return 1;
}

static int whole_in(const tt1__dicom_item *item, tt1__tag tag, int otherwise)
{
  double value = number_in(item, tag);
  return value >= -2147483647.0 && value <= 2147483647.0 ? (int)value : otherwise;
}

// A private number, whose type a file without types does not tell: 4 bytes are a float, 8 a double.
static double private_in(const tt1__dicom_item *item, tt1__tag tag)
{
  double value = number_in(item, tag);
  if (isfinite(value)) return value;
  size_t length = 0;
  const unsigned char *bytes = tt1__dicom_raw(item, tag, &length);
  uint64_t bits = 0;
  for (size_t i = bytes && length <= 8 ? length : 0; i > 0; i--)
    bits = bits << 8 | bytes[i - 1];
  if (length == 4) {
    uint32_t narrow = (uint32_t)bits;
    float single;
    memcpy(&single, &narrow, sizeof single);
    value = (double)single;
  } else if (length == 8) {
    memcpy(&value, &bits, sizeof value);
  }
  return isfinite(value) ? value : (double)NAN;
}

// Whether `text` holds `word`, in any case of letters.
static const char *find_word(const char *text, const char *word)
{
  for (; *text; text++) {
    size_t i = 0;
    while (word[i] && tolower((unsigned char)text[i]) == tolower((unsigned char)word[i]))
      i++;
    if (!word[i]) return text + i;
  }
  return NULL;
}

static double number_after(const char *text, const char *word)
{
  const char *at = find_word(text, word), *end = at;
  double value = at ? tt1__number_read(at + strspn(at, " ="), &end) : (double)NAN;
  return at && end != at && isfinite(value) ? value : (double)NAN;
}

/* ---- Times ---- */

// A number of Philips': in the data set of a plain file, in (2005,140f) of a frame in an enhanced one.
// Zero stands for none.
static double philips_in(const place *p, tt1__tag tag)
{
  const tt1__dicom_item *nested = item_of(p, 0x2005140F);
  double value = private_in(p->own ? nested : p->root, tag);
  double other = private_in(p->own ? p->root : nested, tag);
  return value > 0.0 || !isfinite(other) ? value : other;
}

// Of a header of Siemens in which times are named; zero stands for none.
static double csa_time(const tt1__frame *f, const place *p)
{
  size_t length = 0;
  if (!find_word(f->vendor, "SIEMENS")) return (double)NAN;
  const unsigned char *bytes = tt1__dicom_raw(p->root, 0x00291010, &length);
  double value = tt1__csa_number(bytes, bytes ? length : 0, "InversionTime");
  return value > 0.0 ? value : (double)NAN;
}

static void read_times(tt1__frame *f, const place *p)
{
  const tt1__dicom_item *own = p->own ? p->own : p->root;
  const tt1__dicom_item *xa = tt1__dicom_find_item(own, 0x002111FE, 0);
  const tt1__dicom_item *echo = group_of(p, 0x00189114), *timing = group_of(p, 0x00189112);
  double *v = f->values;
  v[TT1__TI_PLAIN] = p->own ? philips_in(p, 0x00180082) : number_in(p->root, 0x00180082);
  v[TT1__TI_ENHANCED] = number_in(group_of(p, 0x00189115), 0x00189079);
  v[TT1__TI_PHILIPS] = philips_in(p, 0x20051572);
  v[TT1__TI_SIEMENS_XA] = private_in(xa ? xa : own, 0x00211189);
  v[TT1__TI_COMMENT] = number_after(f->comment, "TIeff");
  v[TT1__TI_TRIGGER] = number_in(p->root, 0x00181060);
  v[TT1__TI_TRIGGER_DELAY] = number_in(group_of(p, 0x00189118), 0x00209153);
  v[TT1__PREPARATION_PROTOCOL] = v[TT1__TI_PROTOCOL] = (double)NAN; // which the series fills in
  v[TT1__TI_CSA] = csa_time(f, p);
  v[TT1__PREPARATION] = number_after(f->comment, "T2 prep. duration");
  v[TT1__TE_PLAIN] = number_in(p->root, 0x00180081);
  v[TT1__TE_ENHANCED] = number_in(echo, 0x00189082);
  v[TT1__FLIP_ANGLE] = number_in(timing, 0x00181314);
  v[TT1__TR] = number_in(timing, 0x00180080);
  v[TT1__FIELD] = number_in(p->root, 0x00180087);
  if (!(v[TT1__FIELD] > 0.0 && v[TT1__FIELD] < 100.0)) v[TT1__FIELD] = (double)NAN;
  for (int i = 0; i < TT1__ACQUIRED_FRAME; i++)
    v[i] = v[i] >= 0.0 && v[i] < GREATEST_MS ? v[i] * tt1__sources[i].unit : (double)NAN;
}

// Siemens' protocol is a text within a private element.
static void read_protocol(tt1__frame *f, const place *p)
{
  size_t length = 0;
  if (!find_word(f->vendor, "SIEMENS")) return;
  const unsigned char *bytes = tt1__dicom_raw(p->root, 0x00291020, &length);
  tt1__csa_list(&f->preparations, bytes, length, "sPrepPulses.adT2PrepDuration");
  tt1__csa_list(&f->inversions, bytes, length, "alTI");
}

// Date and time of a pair of elements, in s; NaN without the time.
static double moment_in(const place *p, tt1__tag date_tag, tt1__tag time_tag)
{
  char date[32], time[32];
  tt1__dicom_text(p->root, time_tag, time, sizeof time);
  if (!tt1__dicom_text(p->root, date_tag, date, sizeof date))
    tt1__dicom_text(p->root, 0x00080020, date, sizeof date);
  return TT1__SECONDS_A_DAY * tt1__day_of(date) + tt1__seconds_of_day(time);
}

static double date_time_in(const tt1__dicom_item *item, tt1__tag tag)
{
  char text[40];
  tt1__dicom_text(item, tag, text, sizeof text);
  return tt1__seconds_of(text);
}

static double known_or(double value, double otherwise)
{
  return isfinite(value) ? value : otherwise;
}

// When a frame was acquired. The scanner writes the moment of a frame whatever the order in which frames
// were put into files. The time of the content says no more than in which order images were made.
static void read_acquired(tt1__frame *f, const place *p)
{
  double *v = f->values, made = moment_in(p, 0x00080023, 0x00080033);
  const tt1__dicom_item *content = tt1__dicom_find_item(p->own, 0x00209111, 0);
  v[TT1__ACQUIRED_FRAME] = date_time_in(content, 0x00189074);
  v[TT1__ACQUIRED_REFERENCE] = date_time_in(content, 0x00189151);
  v[TT1__ACQUIRED_DATE] = date_time_in(p->root, 0x0008002A);
  v[TT1__ACQUIRED_TIME] = moment_in(p, 0x00080022, 0x00080032);
  f->moment = known_or(v[TT1__ACQUIRED_FRAME], known_or(v[TT1__ACQUIRED_REFERENCE], 0.0));
  f->acquired =
      known_or(v[TT1__ACQUIRED_TIME], known_or(v[TT1__ACQUIRED_DATE], known_or(made, 0.0)));
  // Of a file of many frames it is when the first was begun.
  if (f->n_in_file > 1) v[TT1__ACQUIRED_DATE] = v[TT1__ACQUIRED_TIME] = (double)NAN;
}

/* ---- Kind ---- */

static tt1_kind kind_of_word(const char *word)
{
  static const struct {
    const char *word;
    tt1_kind kind;
  } rows[] = {{"M", TT1_KIND_MAGNITUDE},
              {"MAGNITUDE", TT1_KIND_MAGNITUDE},
              {"P", TT1_KIND_PHASE},
              {"PHASE", TT1_KIND_PHASE},
              {"PHASE MAP", TT1_KIND_PHASE},
              {"R", TT1_KIND_REAL},
              {"REAL", TT1_KIND_REAL},
              {"I", TT1_KIND_IMAGINARY},
              {"IMAGINARY", TT1_KIND_IMAGINARY},
              {"T1", TT1_KIND_MAP},
              {"T2", TT1_KIND_MAP},
              {"ADC", TT1_KIND_MAP}};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    if (strcmp(rows[i].word, word) == 0) return rows[i].kind;
  if (strncmp(word, "M_", 2) == 0) return TT1_KIND_MAGNITUDE;
  if (strncmp(word, "P_", 2) == 0) return TT1_KIND_PHASE;
  if (strncmp(word, "R_", 2) == 0) return TT1_KIND_REAL;
  if (strncmp(word, "I_", 2) == 0) return TT1_KIND_IMAGINARY;
  return find_word(word, "MAP") ? TT1_KIND_MAP : TT1_KIND_UNKNOWN;
}

// The third and later values of ImageType name what the voxels are, in the words of the vendors.
static tt1_kind kind_of_type(char *type)
{
  tt1_kind kind = TT1_KIND_UNKNOWN;
  char *word = type;
  for (int i = 0; word && kind == TT1_KIND_UNKNOWN; i++) {
    char *next = strchr(word, '\\');
    if (next) *next++ = '\0';
    if (i >= 2) kind = kind_of_word(word);
    word = next;
  }
  return kind;
}

// Maps look like images to ImageType: what a person called them decides.
static int is_called_map(const tt1__frame *f)
{
  static const char *const names[] = {"T1MAP",  "T1_MAP", "T1 MAP", "T2MAP",   "T2_MAP",
                                      "T2 MAP", "R2MAP",  "R1MAP",  "FITPARAM"};
  static const char *const ends[] = {"_T1", "_T2", "_T2STAR", "_R2STAR", "_T1SD", "_ECV"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (find_word(f->description, names[i]) || find_word(f->comment, names[i])) return 1;
  for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
    const char *end = find_word(f->description, ends[i]);
    if (end && !*end) return 1;
  }
  return find_word(f->comment, "Map") != NULL;
}

// The unit of what only maps have: by the real-world value mapping, else by that of the rescale.
static void read_unit(tt1__frame *f, const place *p)
{
  static const struct {
    const char *told, *unit;
  } rows[] = {{"ms", "ms"}, {"s", "s"}, {"/s", "1/s"},    {"1/s", "1/s"},
              {"Hz", "Hz"}, {"%", "%"}, {"percent", "%"}, {"mm2/s", "mm2/s"}};
  const tt1__dicom_item *code = tt1__dicom_find_item(item_of(p, 0x00409096), 0x004008EA, 0);
  char told[2][sizeof f->unit];
  tt1__dicom_text(code, 0x00080100, told[0], sizeof told[0]);
  tt1__dicom_text(group_of(p, 0x00289145), 0x00281054, told[1], sizeof told[1]);
  for (int k = 0; k < 2 && !*f->unit; k++)
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
      if (strcmp(told[k], rows[i].told) == 0) memcpy(f->unit, rows[i].unit, strlen(rows[i].unit));
}

static int is_parametric(const place *p)
{
  char class[65];
  tt1__dicom_text(p->root, 0x00080016, class, sizeof class);
  return strcmp(class, PARAMETRIC_MAP) == 0;
}

static tt1_kind read_kind(const tt1__frame *f, const place *p)
{
  static const tt1_kind by_ge[] = {TT1_KIND_MAGNITUDE, TT1_KIND_PHASE, TT1_KIND_REAL,
                                   TT1_KIND_IMAGINARY};
  char text[sizeof f->type];
  if (is_parametric(p) || is_called_map(f) || *f->unit) return TT1_KIND_MAP;
  const tt1__dicom_item *frame_type = group_of(p, 0x00189226);
  if (tt1__dicom_text(frame_type, 0x00089208, text, sizeof text) &&
      kind_of_word(text) != TT1_KIND_UNKNOWN)
    return kind_of_word(text);
  double ge = private_in(p->root, 0x0043102F);
  if (find_word(f->vendor, "GE MEDICAL") && ge >= 0.0 && ge < 4.0) return by_ge[(int)ge];
  memcpy(text, f->type, sizeof text);
  return kind_of_type(text);
}

/* ---- Scaling ---- */

// The mapping of a map's values to the real world (PS3.3 C.7.6.16.2.11), where it is a line.
static int read_mapping(tt1__frame *f, const place *p)
{
  const tt1__dicom_item *mapping = item_of(p, 0x00409096);
  double slope = number_in(mapping, 0x00409225), intercept = number_in(mapping, 0x00409224);
  if (f->kind != TT1_KIND_MAP || !(fabs(slope) > 0.0) || !isfinite(intercept)) return 0;
  f->scaling = TT1__SCALING_REAL_WORLD;
  f->slope = slope;
  f->intercept = intercept;
  f->divisor = 1.0;
  return 1;
}

static void read_scaling(tt1__frame *f, const place *p)
{
  if (read_mapping(f, p)) return;
  const tt1__dicom_item *rescale = group_of(p, 0x00289145);
  double slope = number_in(rescale, 0x00281053), intercept = number_in(rescale, 0x00281052);
  double scale = philips_in(p, 0x2005100E);
  f->slope = isfinite(slope) && fabs(slope) > 0.0 ? slope : 1.0;
  f->intercept = isfinite(intercept) ? intercept : 0.0;
  f->divisor = 1.0;
  if (isfinite(slope) || isfinite(intercept)) f->scaling = TT1__SCALING_RESCALE;
  // Phases and maps are what the rescale says, in radians or the unit of the map.
  if (!find_word(f->vendor, "Philips") || f->kind == TT1_KIND_PHASE || f->kind == TT1_KIND_MAP)
    return;
  f->scaling = TT1__SCALING_PHILIPS_UNKNOWN;
  if (!(scale > 0.0)) return;
  f->scaling = TT1__SCALING_PHILIPS;
  f->divisor = f->slope * scale;
}

/* ---- Place ---- */

static int is_direction(const double *v)
{
  return fabs(sqrt(v[0] * v[0] + v[1] * v[1] + v[2] * v[2]) - 1.0) < 1e-2;
}

static void read_place(tt1__frame *f, const place *p)
{
  double directions[6], between[2];
  const tt1__dicom_item *measures = group_of(p, 0x00289110);
  f->has_place = numbers_in(group_of(p, 0x00209113), 0x00200032, f->position, 3) &&
                 numbers_in(group_of(p, 0x00209116), 0x00200037, directions, 6) &&
                 is_direction(directions) && is_direction(directions + 3);
  for (int i = 0; i < 3 && f->has_place; i++) {
    f->row[i] = directions[i];
    f->column[i] = directions[3 + i];
    f->has_place = f->has_place && fabs(f->position[i]) < 1e6;
  }
  f->spacing[0] = f->spacing[1] = 1.0;
  f->spacing[2] = 0.0;
  // The first number is the distance between rows, so along j.
  if (numbers_in(measures, 0x00280030, between, 2) && between[0] > 0.0 && between[1] > 0.0) {
    f->spacing[0] = between[1];
    f->spacing[1] = between[0];
  } else {
    f->has_place = 0;
  }
  double thickness = number_in(measures, 0x00180050), gap = number_in(measures, 0x00180088);
  if (thickness > 0.0)
    f->spacing[2] = thickness;
  else if (gap > 0.0)
    f->spacing[2] = gap;
}

/* ---- Pixels ---- */

// Floats may say that a range of them is no value.
static void read_floats(tt1__frame *f, const place *p)
{
  int is_double = f->float_size == 8;
  f->bits_allocated = f->bits_stored = 8 * f->float_size;
  f->no_value[0] = f->no_value[1] = number_in(p->root, is_double ? 0x00280123 : 0x00280122);
  double limit = number_in(p->root, is_double ? 0x00280125 : 0x00280124);
  if (limit < f->no_value[0]) f->no_value[0] = limit;
  if (limit > f->no_value[1]) f->no_value[1] = limit;
}

static tt1_status read_shape(tt1__frame *f, const place *p, const tt1__dicom *dicom, tt1_error *err)
{
  f->rows = whole_in(p->root, 0x00280010, 0);
  f->columns = whole_in(p->root, 0x00280011, 0);
  f->bits_allocated = whole_in(p->root, 0x00280100, 0);
  f->bits_stored = whole_in(p->root, 0x00280101, f->bits_allocated);
  f->is_signed = whole_in(p->root, 0x00280103, 0) == 1;
  int samples = whole_in(p->root, 0x00280002, 1);
  int high_bit = whole_in(p->root, 0x00280102, f->bits_stored - 1);
  if (f->rows < 1 || f->columns < 1 ||
      (int64_t)f->rows * f->columns > (int64_t)TT1__MAX_DICOM_PIXELS)
    return tt1__error_set(err, TT1_BAD_FILE,
                          "%s has %d rows and %d columns; from 1 x 1 to %d pixels are read",
                          f->path, f->rows, f->columns, TT1__MAX_DICOM_PIXELS);
  if (samples != 1)
    return tt1__error_set(err, TT1_BAD_FILE, "%s has %d samples for a pixel: it is a colour image",
                          f->path, samples);
  f->float_size = is_parametric(p) ? tt1__dicom_scan_of(dicom)->float_size : 0;
  if (f->float_size) {
    read_floats(f, p);
    return TT1_OK;
  }
  if ((f->bits_allocated != 8 && f->bits_allocated != 16 && f->bits_allocated != 32) ||
      f->bits_stored < 1 || f->bits_stored > f->bits_allocated || high_bit != f->bits_stored - 1 ||
      (f->bits_stored == 32 && !f->is_signed))
    return tt1__error_set(err, TT1_BAD_FILE,
                          "%s stores %d bits up to bit %d of %d for a pixel, which is not read",
                          f->path, f->bits_stored, high_bit, f->bits_allocated);
  return TT1_OK;
}

static void add_energy(tt1__frame *f, const int32_t *values, size_t count)
{
  enum { MOST = 256 };
  float scaled[MOST];
  size_t n = 0;
  for (size_t i = 0; i < count; i++) {
    scaled[n++] = (float)((values[i] * f->slope + f->intercept) / f->divisor);
    if (n < MOST && i < count - 1) continue;
    tt1__energy_add(&f->energy, scaled, (int64_t)n);
    n = 0;
  }
}

// Smallest and greatest stored value, where they decide something: what is below zero is no
// magnitude, and phases must lie within a turn. Decoding the pixels of all files takes longer than
// all the rest of a survey.
static tt1_status read_range(tt1__frame *f, const tt1__dicom *dicom, tt1_error *err)
{
  size_t count = (size_t)f->rows * (size_t)f->columns;
  int is_needed = f->is_signed || f->slope < 0.0 || f->intercept < 0.0 || f->kind == TT1_KIND_PHASE;
  if (!is_needed || f->float_size) return TT1_OK;
  int32_t *values = tt1__allocate(count, sizeof *values);
  if (!values) return tt1__no_memory(err);
  tt1_status status = tt1__frame_pixels(f, tt1__dicom_scan_of(dicom), dicom, values, err);
  f->smallest = f->greatest = values[0];
  for (size_t i = 0; i < count && status == TT1_OK; i++) {
    if (values[i] < f->smallest) f->smallest = values[i];
    if (values[i] > f->greatest) f->greatest = values[i];
  }
  if (status == TT1_OK) add_energy(f, values, count);
  tt1__free(values);
  return status;
}

/* ---- Frames ---- */

static void read_texts(tt1__frame *f, const place *p)
{
  tt1__dicom_text(p->root, 0x00080016, f->class_uid, sizeof f->class_uid);
  tt1__dicom_text(p->root, 0x00080018, f->instance_uid, sizeof f->instance_uid);
  tt1__dicom_text(p->root, 0x0020000D, f->study, sizeof f->study);
  tt1__dicom_text(p->root, 0x0020000E, f->series, sizeof f->series);
  tt1__dicom_text(p->root, 0x00200052, f->reference, sizeof f->reference);
  tt1__dicom_text(p->root, 0x0008103E, f->description, sizeof f->description);
  tt1__dicom_text(p->root, 0x00080070, f->vendor, sizeof f->vendor);
  const tt1__dicom_item *content = group_of(p, 0x00209111);
  if (!tt1__dicom_text(content, 0x00209158, f->comment, sizeof f->comment))
    tt1__dicom_text(p->root, 0x00204000, f->comment, sizeof f->comment);
  if (!tt1__dicom_text(group_of(p, 0x00189226), 0x00089007, f->type, sizeof f->type))
    tt1__dicom_text(p->root, 0x00080008, f->type, sizeof f->type);
  f->series_number = whole_in(p->root, 0x00200011, 0);
  f->instance = whole_in(p->root, 0x00200013, 0);
  // Converters from plain to enhanced files keep what has no place there in groups of their own.
  const tt1__dicom_item *converted = group_of(p, 0x00209170);
  for (int i = 0; i < TT1__N_TEXTS; i++)
    if (!tt1__dicom_text(p->root, tt1__told_texts[i].tag, f->texts[i], sizeof f->texts[i]))
      tt1__dicom_text(converted, tt1__told_texts[i].tag, f->texts[i], sizeof f->texts[i]);
}

// Fill in a frame of which path and index are known.
static tt1_status read_frame(tt1__frame *f, const tt1__dicom *dicom, tt1_error *err)
{
  const tt1__dicom_item *root = tt1__dicom_root(dicom);
  place p = {root, tt1__dicom_find_item(root, 0x52009230, f->index),
             tt1__dicom_find_item(root, 0x52009229, 0)};
  tt1_status status = read_shape(f, &p, dicom, err);
  if (status != TT1_OK) return status;
  read_texts(f, &p);
  read_times(f, &p);
  read_acquired(f, &p);
  read_protocol(f, &p);
  read_unit(f, &p);
  f->kind = read_kind(f, &p);
  read_scaling(f, &p);
  read_place(f, &p);
  char lossy[8];
  tt1__dicom_text(root, 0x00282110, lossy, sizeof lossy);
  int may_lose = tt1__dicom_syntax_of(dicom)->is_lossy; // 1: the file tells
  f->is_lossy = strcmp(lossy, "01") == 0 || may_lose > 1 || (may_lose && strcmp(lossy, "00") != 0);
  tt1_error reason = {0};
  if (!tt1__dicom_syntax_of(dicom)->can_decode) {
    tt1__frame_pixels(f, tt1__dicom_scan_of(dicom), dicom, NULL, &reason);
    memcpy(f->refused, reason.message, sizeof f->refused - 1);
    return TT1_OK;
  }
  return read_range(f, dicom, err);
}

// Room for what is left of a file, but not for more than the frames seen so far: a claim is cheap.
static tt1_status make_room(tt1__frames *list, int left, tt1_error *err)
{
  int capacity = list->count + (left < list->count + 16 ? left : list->count + 16);
  tt1__frame *grown = tt1__reallocate(list->frames, (size_t)capacity, sizeof *grown);
  if (!grown) return tt1__no_memory(err);
  list->frames = grown;
  list->capacity = capacity;
  return TT1_OK;
}

#define SECONDARY_CAPTURE "1.2.840.10008.5.1.4.1.1.7"

int tt1__is_secondary_capture(const char *class_uid)
{
  size_t length = sizeof SECONDARY_CAPTURE - 1;
  return strncmp(class_uid, SECONDARY_CAPTURE, length) == 0 &&
         (class_uid[length] == '\0' || class_uid[length] == '.');
}

int tt1__frames_is_secondary(const tt1__dicom *dicom)
{
  char class[65];
  tt1__dicom_text(tt1__dicom_root(dicom), 0x00080016, class, sizeof class);
  return tt1__is_secondary_capture(class);
}

int tt1__frames_is_image(const tt1__dicom *dicom)
{
  static const char *const classes[] = {
      "",                            /* cut off, or written by hand */
      "1.2.840.10008.5.1.4.1.1.4",   /* MR Image */
      "1.2.840.10008.5.1.4.1.1.4.1", /* Enhanced MR Image */
      "1.2.840.10008.5.1.4.1.1.4.4", /* Legacy Converted Enhanced MR Image */
      SECONDARY_CAPTURE,             /* of simulations, too */
      PARAMETRIC_MAP,
  };
  char class[65], colours[32];
  const tt1__dicom_item *root = tt1__dicom_root(dicom);
  tt1__dicom_text(root, 0x00080016, class, sizeof class);
  tt1__dicom_text(root, 0x00280004, colours, sizeof colours);
  // Numbers of colours are no values.
  if (whole_in(root, 0x00280002, 1) != 1 || strcmp(colours, "PALETTE COLOR") == 0) return 0;
  for (size_t i = 0; i < sizeof classes / sizeof *classes; i++)
    if (strcmp(classes[i], class) == 0) return 1;
  return 0;
}

tt1_status tt1__frames_add(tt1__frames *list, const tt1__dicom *dicom, const char *path,
                           tt1_error *err)
{
  int told = whole_in(tt1__dicom_root(dicom), 0x00280008, INT_MIN),
      count = told == INT_MIN ? 1 : told;
  int n_in_file = count;
  if (count < 1 || count > TT1__MAX_FRAMES - list->count)
    return tt1__error_set(err, TT1_BAD_FILE,
                          "%s holds %d frames; from 1 to %d are read, those of all files together",
                          path, count, TT1__MAX_FRAMES);
  tt1_status status = TT1_OK;
  // Where no pixels can be had, one frame is enough to tell so, whatever number is claimed.
  if (!tt1__dicom_syntax_of(dicom)->can_decode) count = 1;
  for (int i = 0; i < count && status == TT1_OK; i++) {
    tt1__frame frame = {
        .path = path, .index = i, .n_in_file = n_in_file, .is_numbered = told != INT_MIN};
    status = read_frame(&frame, dicom, err);
    if (status == TT1_OK && list->count == list->capacity) status = make_room(list, count - i, err);
    if (status == TT1_OK) list->frames[list->count++] = frame;
  }
  return status;
}
