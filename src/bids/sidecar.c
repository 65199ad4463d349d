/* SPDX-License-Identifier: MIT
 * The JSON sidecars of an image. Every number, and every array of as many
 * numbers as there are images, becomes a known quantity under its key; what the
 * model needs is picked by name later; "Units" is the unit of a map. Keys of acquisition
 * (bids_keys.def) are checked strictly, since a wrong one would give a wrong map, and their
 * texts are kept. */
#include <math.h>
#include <string.h>

#include "base/date.h"
#include "base/error.h"
#include "base/text.h"
#include "bids/plain.h"
#include "bids/sidecar.h"
#include "bids/stack.h"
#include "image/nifti.h"
#include "image/uni.h"
#include "tt1_bids.h"

typedef enum key_kind { NUMBER, TEXT } key_kind;

typedef struct key_row {
  const char *name;
  key_kind kind;
  double limit;
  const char *unit;
} key_row;

static const key_row keys[] = {
#define KEY(name, kind, limit, unit) {name, kind, limit, unit},
#include "bids/keys.def"
#undef KEY
};

static const key_row *find_key(const char *name)
{
  for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
    if (strcmp(keys[i].name, name) == 0) return &keys[i];
  return NULL;
}

int tt1_bids_is_acquisition(const char *key)
{
  return find_key(key) != NULL;
}

double tt1_bids_limit(const char *key)
{
  const key_row *row = find_key(key);
  return row ? row->limit : 0.0;
}

static int is_a(const char *key, const char *const *list)
{
  for (; *list; list++)
    if (strcmp(key, *list) == 0) return 1;
  return 0;
}

const char *tt1__bids_least(const char *key, double value)
{
  static const char *const above_zero[] = {"InversionTime",
                                           "EchoTime",
                                           "RepetitionTime",
                                           "RepetitionTimeExcitation",
                                           "RepetitionTimePreparation",
                                           "FlipAngle",
                                           NULL};
  static const char *const from_zero[] = {"SaturationTime", "T2PreparationTime", NULL};
  if (is_a(key, above_zero) && !(value > 0.0)) return "above 0";
  return is_a(key, from_zero) && !(value >= 0.0) ? "from 0" : NULL;
}

tt1_status tt1_bids_check(const char *option, const tt1_known *known, const double *values,
                          int count, tt1_error *err)
{
  int is_seconds = strcmp(known->unit, "s") == 0;
  if (!is_seconds && strcmp(known->unit, "deg") != 0) return TT1_OK;
  double limit = known->bids ? tt1_bids_limit(known->bids) : 0.0;
  for (int i = 0; i < count && limit > 0.0; i++)
    if (fabs(values[i]) > limit)
      return tt1__error_set(err, TT1_BAD_ARGUMENT, "--%s %s: value %d is %g, more than %g%s",
                            option, known->name, i + 1, values[i], limit,
                            is_seconds ? ": ms are suspected, times are given in seconds"
                                       : "; angles in degrees are expected");
  return TT1_OK;
}

#ifdef TT1_HAVE_JANSSON
#  include <jansson.h>

enum { MAX_SIDECAR = 16 << 20, MAX_KNOWN = 1024, MAX_TEXT = 1024 };

/* ---- Checks ---- */

static size_t count_of(const json_t *value)
{
  return json_is_array(value) ? json_array_size(value) : 1;
}

static const json_t *item_of(const json_t *value, size_t index)
{
  return json_is_array(value) ? json_array_get(value, index) : value;
}

static int is_all_numbers(const json_t *value)
{
  for (size_t i = 0; i < count_of(value); i++)
    if (!json_is_number(item_of(value, i))) return 0;
  return 1;
}

static tt1_status check_size(double value, int number, const key_row *key, const char *path,
                             tt1_error *err)
{
  if (!(fabs(value) > key->limit)) return TT1_OK;
  return tt1__error_set(err, TT1_BAD_FILE, "%s: value %d of \"%s\" is %g, more than %g%s", path,
                        number, key->name, value, key->limit,
                        strcmp(key->unit, "s") == 0
                            ? ": ms are suspected, times are given in seconds"
                            : "; angles in degrees are expected");
}

static tt1_status check_limited(const json_t *value, const key_row *key, int n_images,
                                const char *path, tt1_error *err)
{
  size_t count = count_of(value);
  for (size_t i = 0; i < count; i++) {
    const json_t *one = item_of(value, i);
    if (!json_is_number(one))
      return tt1__error_set(err, TT1_BAD_FILE, "%s: value %d of \"%s\" is not a number", path,
                            (int)i + 1, key->name);
    tt1_status status = check_size(json_number_value(one), (int)i + 1, key, path, err);
    if (status != TT1_OK) return status;
  }
  // A map tells the times of the images that it was made from.
  if (count == 1 || count == (size_t)n_images || (n_images == 1 && count > 1)) return TT1_OK;
  return tt1__error_set(err, TT1_BAD_FILE, "%s: \"%s\" holds %llu values, the series has %d images",
                        path, key->name, (unsigned long long)count, n_images);
}

/* ---- What is taken ---- */

// Numbers too large for a double were refused by the parser; NaN became null.
static tt1_status add_numbers(tt1_image *image, const char *key, const json_t *value,
                              const char *path, tt1_error *err)
{
  double values[TT1__MAX_IMAGES];
  size_t count = count_of(value);
  for (size_t i = 0; i < count; i++)
    values[i] = json_number_value(item_of(value, i));
  if (strcmp(key, "MagneticFieldStrength") == 0 && !json_is_array(value))
    image->origin.field_strength = values[0];
  if (image->n_known >= MAX_KNOWN)
    return tt1__error_set(err, TT1_BAD_FILE, "%s holds more than %d numbers", path, MAX_KNOWN);
  if (tt1__image_add_known(image, key, tt1__base_name(path), values, (int)count)) return TT1_OK;
  return tt1__no_memory(err);
}

// BIDS allows the pulses before and after the centre of k-space in place of their sum.
static tt1_status add_shots(tt1_image *image, const json_t *value, const char *path, tt1_error *err)
{
  tt1_status status = add_numbers(image, TT1__SHOTS_BEFORE, json_array_get(value, 0), path, err);
  return status == TT1_OK
             ? add_numbers(image, TT1__SHOTS_AFTER, json_array_get(value, 1), path, err)
             : status;
}

// Texts end up in reports: one line each.
static void add_line(tt1__text *text, const char *value)
{
  for (; *value && text->length < MAX_TEXT; value++)
    tt1__text_add(text, "%c", (unsigned char)*value < ' ' ? ' ' : *value);
}

// A UNI image is one of two inversions, each with a time and a flip angle.
static const char *of_both(const char *key)
{
  if (strcmp(key, "InversionTime") == 0) return TT1__TIMES_OF_BOTH;
  return strcmp(key, "FlipAngle") == 0 ? TT1__ANGLES_OF_BOTH : NULL;
}

static tt1_status add_text(tt1_image *image, const char *key, const json_t *value, tt1_error *err)
{
  tt1__text text = {0};
  for (size_t i = 0; i < count_of(value); i++) {
    const char *one = json_string_value(item_of(value, i));
    if (i > 0) tt1__text_add(&text, "\\");
    if (one) add_line(&text, one);
  }
  char *taken = tt1__text_take(&text);
  int is_added = taken && (!*taken || tt1__image_add_text(image, key, taken));
  tt1__free(taken);
  return is_added ? TT1_OK : tt1__no_memory(err);
}

// When each image was acquired, "09:30:12.5475" as converters write it, in s since midnight. It only helps
// to find inversions: what cannot be read as times of all images is left out.
static tt1_status add_clock(tt1_image *image, const char *key, const json_t *value,
                            const char *path, tt1_error *err)
{
  double values[TT1__MAX_IMAGES];
  size_t count = count_of(value);
  if (count != (size_t)image->n_images) return TT1_OK;
  for (size_t i = 0; i < count; i++) {
    values[i] = tt1__seconds_of_day(json_string_value(item_of(value, i)));
    if (!isfinite(values[i])) return TT1_OK;
  }
  if (tt1__image_add_known(image, key, tt1__base_name(path), values, (int)count)) return TT1_OK;
  return tt1__no_memory(err);
}

static int is_all_texts(const json_t *value)
{
  for (size_t i = 0; i < count_of(value); i++)
    if (!json_is_string(item_of(value, i))) return 0;
  return 1;
}

static tt1_status add(tt1_image *image, const char *key, const json_t *value, const char *path,
                      tt1_error *err)
{
  size_t count = count_of(value);
  const key_row *row = find_key(key);
  if (strcmp(key, "AcquisitionTime") == 0 && is_all_texts(value))
    return add_clock(image, key, value, path, err);
  if ((row && row->kind == TEXT) || strcmp(key, "ImageType") == 0)
    return add_text(image, key, value, err);
  // Of names only what says that it is a UNI image, and of which kind.
  if (strcmp(key, "SeriesDescription") == 0 && tt1__is_called_uni(json_string_value(value)))
    return add_text(image, key, value, err);
  if (row && row->limit > 0) {
    tt1_status status = check_limited(value, row, image->n_images, path, err);
    if (status != TT1_OK) return status;
  }
  if (strcmp(key, "Units") == 0 && json_is_string(value))
    return tt1__image_set_unit(image, json_string_value(value), json_string_length(value))
               ? TT1_OK
               : tt1__no_memory(err);
  if (!is_all_numbers(value)) return TT1_OK;
  if (strcmp(key, "NumberShots") == 0 && count == 2 && image->n_images != 2)
    return add_shots(image, value, path, err);
  if (count == 2 && image->n_images == 1 && of_both(key))
    return add_numbers(image, of_both(key), value, path, err);
  if (count != 1 && count != (size_t)image->n_images) return TT1_OK;
  return add_numbers(image, key, value, path, err);
}

/* ---- Files ---- */

// jansson quotes what it stumbled over, line ends and all; a message is one line.
static void make_one_line(char *text)
{
  for (; *text; text++)
    if ((unsigned char)*text < ' ') *text = ' ';
}

static tt1_status parse(json_t **out, const char *bytes, size_t length, const char *path,
                        tt1_error *err)
{
  json_error_t fault;
  char *plain = NULL;
  size_t plain_length = 0;
  tt1_status status = tt1__plain_json(&plain, &plain_length, bytes, length, path, err);
  if (status != TT1_OK) return status;
  json_t *root = json_loadb(plain, plain_length, JSON_REJECT_DUPLICATES, &fault);
  tt1__free(plain);
  if (!root) make_one_line(fault.text);
  if (!root)
    return tt1__error_set(err, TT1_BAD_FILE, "%s is not valid JSON: line %d, column %d: %s", path,
                          fault.line, fault.column, fault.text);
  if (!json_is_object(root)) {
    json_decref(root);
    return tt1__error_set(err, TT1_BAD_FILE, "%s does not hold a JSON object { ... }", path);
  }
  *out = root;
  return TT1_OK;
}

// Add all keys of `root` that are not in `seen` yet, and remember them.
static tt1_status take(tt1_image *image, json_t *root, json_t *seen, const char *path,
                       tt1_error *err)
{
  const char *key;
  json_t *value;
  json_object_foreach(root, key, value)
  {
    if (json_object_get(seen, key)) continue;
    tt1_status status = add(image, key, value, path, err);
    if (status != TT1_OK) return status;
  }
  return json_object_update_missing(seen, root) == 0 ? TT1_OK : tt1__no_memory(err);
}

tt1_status tt1__sidecar_parse(tt1_image *image, const char *bytes, size_t length, const char *path,
                              tt1_error *err)
{
  json_t *root = NULL, *seen = json_object();
  tt1_status status = seen ? parse(&root, bytes, length, path, err) : tt1__no_memory(err);
  if (status == TT1_OK) status = take(image, root, seen, path, err);
  json_decref(root);
  json_decref(seen);
  return status;
}

static tt1_status read_json(tt1_image *image, json_t *seen, const char *path, tt1_error *err)
{
  tt1__file file = {0};
  json_t *root = NULL;
  tt1_status status = tt1__file_read(&file, path, MAX_SIDECAR, err);
  if (status != TT1_OK) return status;
  status = parse(&root, (const char *)file.bytes, file.length, path, err);
  if (status == TT1_OK) status = take(image, root, seen, path, err);
  if (status == TT1_OK && !tt1__image_add_file(image, path, file.checksum))
    status = tt1__no_memory(err);
  json_decref(root);
  tt1__file_free(&file);
  return status;
}

tt1_status tt1__sidecars_read(tt1_image *image, const tt1__sidecars *sidecars, tt1_error *err)
{
  tt1_status status = TT1_OK;
  json_t *seen = json_object();
  if (!seen) return tt1__no_memory(err);
  for (int i = 0; i < sidecars->count && status == TT1_OK; i++)
    status = read_json(image, seen, sidecars->paths[i], err);
  json_decref(seen);
  return status;
}

#else /* without jansson */

tt1_status tt1__sidecar_parse(tt1_image *image, const char *bytes, size_t length, const char *path,
                              tt1_error *err)
{
  (void)image, (void)bytes, (void)length;
  return tt1__error_set(err, TT1_NO_DEVICE,
                        "%s cannot be read: this build of torcht1 has no jansson; move it away and "
                        "give the times by hand",
                        path);
}

tt1_status tt1__sidecars_read(tt1_image *image, const tt1__sidecars *sidecars, tt1_error *err)
{
  return sidecars->count == 0 ? TT1_OK
                              : tt1__sidecar_parse(image, NULL, 0, sidecars->paths[0], err);
}

#endif

static tt1_status read_image(tt1_image **out, const char *path, const tt1__sidecars *sidecars,
                             int is_map, tt1_error *err)
{
  tt1_image *image = NULL;
  tt1__sidecars found = {0};
  tt1_status status = sidecars ? TT1_OK : tt1__sidecars_of(&found, path, err);
  if (!sidecars) sidecars = &found;
  if (status == TT1_OK) status = tt1__nifti_open(&image, path, err);
  if (status == TT1_OK && !is_map) status = tt1__stack_find(image, sidecars, err);
  if (status == TT1_OK) status = tt1__sidecars_read(image, sidecars, err);
  tt1__sidecars_free(&found);
  if (status == TT1_OK)
    *out = image;
  else
    tt1_image_free(image);
  return status;
}

tt1_status tt1__image_with_sidecars(tt1_image **out, const char *path,
                                    const tt1__sidecars *sidecars, tt1_error *err)
{
  return read_image(out, path, sidecars, 0, err);
}

tt1_status tt1__map_with_sidecars(tt1_image **out, const char *path, tt1_error *err)
{
  return read_image(out, path, NULL, 1, err);
}
