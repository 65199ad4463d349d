/* SPDX-License-Identifier: MIT
 * Maps as DICOM: MR Image Storage in whole ms with a real-world value mapping. Tables:
 * DICOM PS3.3 sections A.4.3 (MR Image IOD), C.7.6.16.2.11 (mapping), PS3.16 (codes). */
#include "dicom/map.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "file/file.h"
#include "tt1_dicom.h"

#define MR_IMAGE "1.2.840.10008.5.1.4.1.1.4"

/** What is known of a quantity beyond its name. */
typedef struct quantity {
  const char *name;
  tt1__code code;          /* of value NULL: there is none */
  int has_whole_deviation; /* whose standard deviation means something in whole ms */
  int is_percent;          /* a fraction, which readers expect in whole % */
} quantity;

static const quantity quantities[] = {
    {"T1map", {"113063", "DCM", "T1"}, 1, 0},
    {"T2map", {"113065", "DCM", "T2"}, 0, 0},
    {"T2starmap", {"113064", "DCM", "T2*"}, 0, 0},
    {"ECV", {NULL, NULL, NULL}, 0, 1},
};

/* ---- Identifiers ---- */

static tt1_status take_uid(char uid[TT1__UID_SIZE], tt1__text *text, tt1_error *err)
{
  char *taken = tt1__text_take(text);
  if (!taken) return tt1__no_memory(err);
  tt1__dicom_make_uid(uid, taken);
  tt1__free(taken);
  return TT1_OK;
}

static void add_place(tt1__text *text, const tt1__map_writer *w)
{
  for (int i = 0; i < 6; i++)
    tt1__text_add(text, " %.9g", w->directions[i]);
  for (int64_t k = 0; k < w->geometry->size[2]; k++)
    tt1__text_add(text, " %.9g %.9g %.9g", w->positions[k][0], w->positions[k][1],
                  w->positions[k][2]);
}

// The source's own text, else one that follows from the checksums of the files or the place.
static tt1_status find_uid(char uid[TT1__UID_SIZE], const tt1__map_writer *w, tt1__tag tag,
                           tt1_error *err)
{
  const tt1_image *image = w->map->source;
  tt1__text text = {0};
  if (w->source &&
      tt1__dicom_text(tt1__dicom_draft_root(w->source->carried), tag, uid, TT1__UID_SIZE))
    return TT1_OK;
  tt1__text_add(&text, "%s of a map of", tag == 0x00200052 ? "frame of reference" : "study");
  if (tag == 0x00200052)
    add_place(&text, w);
  else
    for (int i = 0; i < image->n_files; i++)
      tt1__text_add(&text, " %08lx", (unsigned long)image->files[i].checksum);
  return take_uid(uid, &text, err);
}

static tt1_status make_uids(tt1__map_writer *w, tt1_error *err)
{
  const tt1_dicom_map *map = w->map;
  size_t size = (size_t)map->source->n_voxels * sizeof *map->values;
  tt1__text text = {0};
  tt1_status status = find_uid(w->study_uid, w, 0x0020000D, err);
  if (status == TT1_OK) status = find_uid(w->frame_uid, w, 0x00200052, err);
  if (status != TT1_OK) return status;
  tt1__text_add(&text, "map %d %s %s %s %08lx %.9g %.9g of %s in %s, %s by torcht1 %s", map->number,
                map->name, map->unit, map->meaning, (unsigned long)tt1__checksum(map->values, size),
                map->window[0], map->window[1], map->source->origin.uid, w->study_uid,
                map->derivation, tt1_version());
  return take_uid(w->series_uid, &text, err);
}

/* ---- Place ---- */

static double length_of(const double v[3])
{
  return sqrt(v[0] * v[0] + v[1] * v[1] + v[2] * v[2]);
}

// From the grid: NIfTI's axes point right, front, up; DICOM's left, back, up. Rows are turned over, as
// NIfTI counts j towards the front in most axial images.
static void place_grid(tt1__map_writer *w)
{
  const tt1_geometry *g = w->geometry;
  double matrix[3][4], rows[3], columns[3];
  (void)tt1_geometry_matrix(g, matrix);
  w->is_turned = 1;
  for (int axis = 0; axis < 3; axis++) {
    double sign = axis < 2 ? -1.0 : 1.0;
    columns[axis] = sign * matrix[axis][0];
    rows[axis] = -sign * matrix[axis][1];
    for (int64_t k = 0; k < g->size[2]; k++)
      w->positions[k][axis] = sign * (matrix[axis][3] + (double)(g->size[1] - 1) * matrix[axis][1] +
                                      (double)k * matrix[axis][2]);
  }
  w->between[0] = length_of(rows);
  w->between[1] = length_of(columns);
  for (int axis = 0; axis < 3; axis++) {
    w->directions[axis] = columns[axis] / w->between[1];
    w->directions[axis + 3] = rows[axis] / w->between[0];
  }
  w->thickness = g->spacing[2];
}

static void place_as_source(tt1__map_writer *w)
{
  memcpy(w->directions, w->source->directions, sizeof w->directions);
  memcpy(w->between, w->source->between, sizeof w->between);
  memcpy(w->positions, w->source->positions, (size_t)w->source->n_slices * sizeof *w->positions);
  w->thickness = w->source->thickness;
}

/* ---- What all files say ---- */

// The scanner; what writes the file is torcht1.
static void put_scanner(tt1__dicom_draft *draft, const tt1__map_writer *w)
{
  static const tt1__code purpose = {"109101", "DCM", "Acquisition Equipment"};
  static const tt1__tag tags[] = {0x00080070, 0x00081090, 0x00181000, 0x00181020};
  if (!w->source || !*w->source->scanner) return;
  tt1__dicom_begin_item(draft, 0x0018A001);
  for (size_t i = 0; i < sizeof tags / sizeof *tags; i++)
    tt1__dicom_carry(draft, tt1__dicom_draft_root(w->source->carried), tags[i]);
  tt1__dicom_put_code(draft, 0x0040A170, &purpose);
  tt1__dicom_end_item(draft);
}

static void put_carried(tt1__dicom_draft *draft, const tt1__map_writer *w)
{
  const tt1__dicom_item *from = w->source ? tt1__dicom_draft_root(w->source->carried) : NULL;
  for (const tt1__carried *e = tt1__carried_elements; e->tag; e++)
    if ((w->is_whole || !e->is_of_plain) && !tt1__dicom_carry(draft, from, e->tag) && e->otherwise)
      tt1__dicom_put_text(draft, e->tag, e->type, e->otherwise);
  if (w->source) return;
  tt1__dicom_put_text(draft, 0x00100010, "PN", "UNKNOWN^RESEARCH");
  tt1__dicom_put_text(draft, 0x00100020, "LO", "UNKNOWN");
}

void tt1__map_put_series(tt1__dicom_draft *draft, const tt1__map_writer *w)
{
  const tt1_dicom_map *map = w->map;
  char text[65];
  put_carried(draft, w);
  tt1__dicom_put_text(draft, 0x00080060, "CS", "MR");
  tt1__dicom_put_text(draft, 0x00080070, "LO", "torcht1");
  tt1__dicom_put_text(draft, 0x00081090, "LO", "torcht1");
  tt1__dicom_put_text(draft, 0x00181000, "LO", "0"); // there is one only
  tt1__dicom_put_text(draft, 0x00181020, "LO", tt1_version());
  put_scanner(draft, w);
  tt1__dicom_put_text(draft, 0x0020000D, "UI", w->study_uid);
  tt1__dicom_put_text(draft, 0x0020000E, "UI", w->series_uid);
  tt1__dicom_put_text(draft, 0x00200052, "UI", w->frame_uid);
  tt1__dicom_put_integer(draft, 0x00200011, 100L * map->source->origin.number + map->number);
  snprintf(text, sizeof text, "%.20s (%.10s) RESEARCH - NOT FOR DIAGNOSIS", map->name,
           w->unit.value);
  tt1__dicom_put_text(draft, 0x0008103E, "LO", text);
  tt1__dicom_put_text(draft, 0x00189004, "CS", "RESEARCH");
  tt1__dicom_put_text(draft, 0x00280301, "CS", "NO"); // no patient's name in the pixels
  tt1__dicom_put_number(draft, 0x00280002, 1);
  tt1__dicom_put_text(draft, 0x00280004, "CS", "MONOCHROME2");
  tt1__dicom_put_number(draft, 0x00280010, (uint16_t)w->geometry->size[1]);
  tt1__dicom_put_number(draft, 0x00280011, (uint16_t)w->geometry->size[0]);
}

void tt1__map_put_instance(tt1__dicom_draft *draft, const tt1__map_writer *w, const char *class_uid,
                           long instance)
{
  char uid[TT1__UID_SIZE], key[TT1__UID_SIZE + 64];
  snprintf(key, sizeof key, "image %ld of series %s", instance, w->series_uid);
  tt1__dicom_make_uid(uid, key);
  tt1__dicom_put_text(draft, 0x00080016, "UI", class_uid);
  tt1__dicom_put_text(draft, 0x00080018, "UI", uid);
  tt1__dicom_put_integer(draft, 0x00200013, instance);
}

void tt1__map_put_sources(tt1__dicom_draft *draft, const tt1__map_writer *w, int slice)
{
  static const tt1__code purpose = {"121322", "DCM", "Source image for image processing operation"};
  tt1__dicom_put_text(draft, 0x00082111, "ST", w->map->derivation);
  for (int i = 0; w->source && i < w->source->n_images; i++) {
    const tt1__reference *r = &w->source->references[i * w->source->n_slices + slice];
    if (!*r->class_uid || !*r->instance_uid) continue;
    tt1__dicom_begin_item(draft, 0x00082112);
    tt1__dicom_put_text(draft, 0x00081150, "UI", r->class_uid);
    tt1__dicom_put_text(draft, 0x00081155, "UI", r->instance_uid);
    if (r->frame) tt1__dicom_put_integer(draft, 0x00081160, r->frame);
    tt1__dicom_put_code(draft, 0x0040A170, &purpose);
    tt1__dicom_end_item(draft);
  }
}

// One statement on what is mapped: a concept and its value.
static void put_definition(tt1__dicom_draft *draft, const tt1__code *name, const tt1__code *value)
{
  tt1__dicom_begin_item(draft, 0x00409220);
  tt1__dicom_put_text(draft, 0x0040A040, "CS", "CODE");
  tt1__dicom_put_code(draft, 0x0040A043, name);
  tt1__dicom_put_code(draft, 0x0040A168, value);
  tt1__dicom_end_item(draft);
}

void tt1__map_put_mapping(tt1__dicom_draft *draft, const tt1__map_writer *w, double from, double to)
{
  static const tt1__code names[] = {{"246205007", "SCT", "Quantity"},
                                    {"121401", "DCM", "Derivation"}};
  static const tt1__code deviation = {"386136009", "SCT", "Standard Deviation"};
  const double zero = 0.0, one = 1.0;
  char text[65];
  tt1__dicom_begin_item(draft, 0x00409096);
  tt1__dicom_put_numbers(draft, w->is_whole ? 0x00409216 : 0x00409214, w->is_whole ? "US" : "FD",
                         &from, 1);
  tt1__dicom_put_numbers(draft, w->is_whole ? 0x00409211 : 0x00409213, w->is_whole ? "US" : "FD",
                         &to, 1);
  tt1__dicom_put_numbers(draft, 0x00409224, "FD", &zero, 1);
  tt1__dicom_put_numbers(draft, 0x00409225, "FD", &one, 1);
  snprintf(text, sizeof text, "%s%.50s", w->map->is_deviation ? "SD of " : "", w->map->meaning);
  tt1__dicom_put_text(draft, 0x00283003, "LO", text);
  snprintf(text, sizeof text, "%.16s", w->map->name);
  tt1__dicom_put_text(draft, 0x00409210, "SH", text);
  tt1__dicom_put_code(draft, 0x004008EA, &w->unit);
  if (w->quantity) put_definition(draft, &names[0], w->quantity);
  if (w->quantity && w->map->is_deviation) put_definition(draft, &names[1], &deviation);
  tt1__dicom_end_item(draft);
}

int tt1__map_put_window(tt1__dicom_draft *draft, const tt1__map_writer *w)
{
  double from = w->map->window[0] * w->scale, width = w->map->window[1] * w->scale - from;
  if (!(width > 0.0) || !isfinite(width) || !isfinite(from)) return 1;
  if (w->is_whole) width = fmax(width, 1.0);
  double centre = from + width / 2.0;
  return tt1__dicom_put_decimals(draft, 0x00281050, &centre, 1) &&
         tt1__dicom_put_decimals(draft, 0x00281051, &width, 1);
}

/* ---- Values ---- */

double tt1__map_value(const tt1__map_writer *w, int slice, size_t pixel)
{
  size_t columns = (size_t)w->geometry->size[0], rows = (size_t)w->geometry->size[1];
  size_t row = pixel / columns;
  if (w->is_turned) row = rows - 1 - row;
  float value = w->map->values[((size_t)slice * rows + row) * columns + pixel % columns];
  return isfinite(value) ? (double)value * w->scale : 0.0;
}

static tt1_status put_whole(tt1__dicom_draft *draft, tt1__map_writer *w, int slice, tt1_error *err)
{
  size_t count = (size_t)w->geometry->size[0] * (size_t)w->geometry->size[1];
  uint16_t *pixels = tt1__allocate(count, sizeof *pixels);
  if (!pixels) return tt1__no_memory(err);
  for (size_t i = 0; i < count; i++) {
    double value = round(tt1__map_value(w, slice, i));
    w->n_saturated += value < 0.0 || value > UINT16_MAX;
    pixels[i] = (uint16_t)fmin(fmax(value, 0.0), UINT16_MAX);
  }
  tt1__dicom_put_pixels(draft, pixels, count);
  tt1__free(pixels);
  return TT1_OK;
}

/* ---- MR images ---- */

// Whether element `tag` is there and holds `word`.
static int says(tt1__dicom_draft *draft, tt1__tag tag, const char *word)
{
  char text[128];
  size_t length = tt1__dicom_text(tt1__dicom_draft_root(draft), tag, text, sizeof text);
  return length > 0 && strstr(text, word) != NULL;
}

static void put_plain(tt1__dicom_draft *draft, const tt1__map_writer *w)
{
  static const struct {
    tt1__tag tag;
    uint16_t value;
  } numbers[] = {{0x00280100, 16}, {0x00280101, 16}, {0x00280102, 15}, {0x00280103, 0}};
  char type[48];
  snprintf(type, sizeof type, "DERIVED\\PRIMARY\\%s", w->label);
  tt1__dicom_put_text(draft, 0x00080008, "CS", type);
  tt1__dicom_put_text(draft, 0x00180080, "DS", ""); // repetition, echo, train: a map has none
  tt1__dicom_put_text(draft, 0x00180081, "DS", "");
  tt1__dicom_put_text(draft, 0x00180091, "IS", "");
  if (says(draft, 0x00180020, "IR")) tt1__dicom_put_text(draft, 0x00180082, "DS", "");
  if (says(draft, 0x00180022, "CG") || says(draft, 0x00180022, "PPG")) // a trigger delay
    tt1__dicom_put_text(draft, 0x00181060, "DS", "");
  if (!says(draft, 0x00180015, "")) tt1__dicom_put_text(draft, 0x00200060, "CS", ""); // left, right
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
    tt1__dicom_put_number(draft, numbers[i].tag, numbers[i].value);
  tt1__dicom_put_number(draft, 0x00280120, 0); // the value of what is invalid
}

static int put_place(tt1__dicom_draft *draft, const tt1__map_writer *w, int slice)
{
  const double *d = w->directions, *p = w->positions[slice];
  double location = p[0] * (d[1] * d[5] - d[2] * d[4]) + p[1] * (d[2] * d[3] - d[0] * d[5]) +
                    p[2] * (d[0] * d[4] - d[1] * d[3]);
  return tt1__dicom_put_decimals(draft, 0x00200037, d, 6) &&
         tt1__dicom_put_decimals(draft, 0x00200032, p, 3) &&
         tt1__dicom_put_decimals(draft, 0x00201041, &location, 1) &&
         tt1__dicom_put_decimals(draft, 0x00280030, w->between, 2) &&
         tt1__dicom_put_decimals(draft, 0x00180050, &w->thickness, 1) &&
         tt1__dicom_put_decimals(draft, 0x00180088, &w->geometry->spacing[2], 1);
}

static tt1_status write_slice(tt1_folder *folder, const char *subfolder, tt1__map_writer *w,
                              int slice, tt1_error *err)
{
  tt1__dicom_draft *draft = NULL;
  tt1_status status = tt1__dicom_draft_new(&draft, err);
  if (status != TT1_OK) return status;
  tt1__map_put_series(draft, w);
  tt1__map_put_instance(draft, w, MR_IMAGE, slice + 1);
  put_plain(draft, w);
  tt1__map_put_sources(draft, w, slice);
  tt1__map_put_mapping(draft, w, 1.0, UINT16_MAX); // not of 0
  if (!put_place(draft, w, slice) || !tt1__map_put_window(draft, w)) status = tt1__no_memory(err);
  if (status == TT1_OK) status = put_whole(draft, w, slice, err);
  if (status == TT1_OK) status = tt1__map_save(folder, subfolder, draft, slice + 1, err);
  tt1__dicom_draft_free(draft);
  return status;
}

tt1_status tt1__map_save(tt1_folder *folder, const char *subfolder, tt1__dicom_draft *draft,
                         long instance, tt1_error *err)
{
  char name[200];
  unsigned char *bytes = NULL;
  size_t length = 0;
  tt1_status status = tt1__dicom_draft_save(draft, &bytes, &length, err);
  snprintf(name, sizeof name, "%.150s/%04ld.dcm", subfolder, instance);
  if (status == TT1_OK) status = tt1_folder_write(folder, name, bytes, length, err);
  tt1__free(bytes);
  return status;
}

/* ---- A map ---- */

static tt1_status check(const tt1_dicom_map *map, tt1_error *err)
{
  double m[3][4];
  tt1_status status = tt1__check_version("tt1_dicom_map", map->version, TT1_DICOM_MAP_VERSION, err);
  if (status != TT1_OK) return status;
  const tt1_geometry *g = &map->source->geometry;
  if (g->size[0] > UINT16_MAX || g->size[1] > UINT16_MAX || g->size[2] > TT1__MAX_FRAMES)
    return tt1__error_set(err, TT1_BAD_ARGUMENT,
                          "a map of %lld x %lld x %lld voxels cannot be written as DICOM",
                          (long long)g->size[0], (long long)g->size[1], (long long)g->size[2]);
  if (!tt1_geometry_matrix(g, m))
    return tt1__error_set(err, TT1_BAD_ARGUMENT,
                          "maps cannot be written as DICOM: nothing tells where the images lie");
  double along = 0.0, columns = 0.0, rows = 0.0;
  for (int i = 0; i < 3; i++) {
    along += m[i][0] * m[i][1];
    columns += m[i][0] * m[i][0];
    rows += m[i][1] * m[i][1];
    for (int j = 0; j < 4; j++)
      if (!(fabs(m[i][j]) < 1e5))
        return tt1__error_set(err, TT1_BAD_ARGUMENT,
                              "%g mm in the geometry of a map is beyond 100 m", m[i][j]);
  }
  if (!(columns > 0.0 && rows > 0.0 && fabs(along) <= 1e-3 * sqrt(columns * rows)))
    return tt1__error_set(
        err, TT1_BAD_ARGUMENT,
        "maps cannot be written as DICOM: rows and columns are not perpendicular");
  return TT1_OK;
}

static const quantity *find_quantity(const char *name)
{
  for (size_t i = 0; name && i < sizeof quantities / sizeof *quantities; i++)
    if (strcmp(name, quantities[i].name) == 0) return &quantities[i];
  return NULL;
}

static void describe(tt1__map_writer *w)
{
  const tt1_dicom_map *map = w->map;
  const quantity *known = find_quantity(map->quantity);
  int is_time = strcmp(map->unit, "s") == 0, is_number = strcmp(map->unit, "1") == 0;
  int is_percent = known && known->is_percent;
  w->quantity = known && known->code.value ? &known->code : NULL;
  w->scale = is_time ? 1000.0 : is_percent ? 100.0 : 1.0;
  w->unit = is_time      ? (tt1__code){"ms", "UCUM", "ms"}
            : is_percent ? (tt1__code){"%", "UCUM", "percent"}
            : is_number  ? (tt1__code){"1", "UCUM", "no units"}
                         : (tt1__code){map->unit, "UCUM", map->unit};
  w->is_whole = (is_time && map->quantity) || is_percent;
  if (map->is_deviation) w->is_whole = w->is_whole && known && known->has_whole_deviation;
  for (size_t i = 0; i < sizeof w->label - 1 && map->name[i]; i++) {
    int c = toupper((unsigned char)map->name[i]);
    w->label[i] = (char)(isalnum(c) ? c : '_');
  }
}

static tt1_status write_map(tt1_folder *folder, const char *subfolder, tt1__map_writer *w,
                            tt1_error *err)
{
  if (w->source)
    place_as_source(w);
  else
    place_grid(w);
  tt1_status status = make_uids(w, err);
  if (status != TT1_OK) return status;
  if (!w->is_whole) return tt1__parametric_write(folder, subfolder, w, err);
  for (int slice = 0; slice < (int)w->geometry->size[2] && status == TT1_OK; slice++)
    status = write_slice(folder, subfolder, w, slice, err);
  return status;
}

tt1_status tt1_folder_write_dicom_map(tt1_folder *folder, const char *subfolder,
                                      const tt1_dicom_map *map, int64_t *n_saturated,
                                      tt1_error *err)
{
  tt1_status status = check(map, err);
  if (status != TT1_OK) return status;
  tt1__map_writer w = {
      .map = map, .source = tt1__dicom_source_of(map->source), .geometry = &map->source->geometry};
  describe(&w);
  w.positions = tt1__allocate((size_t)w.geometry->size[2], sizeof *w.positions);
  if (!w.positions) return tt1__no_memory(err);
  status = write_map(folder, subfolder, &w, err);
  tt1__free(w.positions);
  if (status == TT1_OK && n_saturated) *n_saturated = w.n_saturated;
  return status;
}
