/* SPDX-License-Identifier: MIT
 * The JSON sidecar of an image. Every number, and every array of as many
 * numbers as there are images, becomes a known quantity under its key; what the
 * model needs is picked by name later; "Units" is the unit of a map. Keys of acquisition that are known here
 * are checked strictly, since a wrong one would give a wrong map. */
#include <errno.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>

#include "base/error.h"
#include "base/text.h"
#include "image/image.h"

#ifdef TT1_HAVE_JANSSON
#  include <jansson.h>

enum { MAX_SIDECAR = 16 << 20, MAX_KNOWN = 1024 };

/* Keys that give how an image was acquired, and the largest value that makes sense. */
typedef struct timing_key {
  const char *key;
  double limit;
  const char *unit;
} timing_key;

// clang-format off
static const timing_key timing_keys[] = {
  {"InversionTime", 60.0, "s"},            {"EchoTime", 60.0, "s"},
  {"RepetitionTime", 600.0, "s"},          {"RepetitionTimePreparation", 600.0, "s"},
  {"RepetitionTimeExcitation", 600.0, "s"}, {"SaturationTime", 60.0, "s"},
  {"T2PreparationTime", 60.0, "s"},        {"FlipAngle", 360.0, "degrees"},
};
// clang-format on

static const timing_key *find_timing(const char *key)
{
  for (size_t i = 0; i < sizeof timing_keys / sizeof *timing_keys; i++)
    if (strcmp(timing_keys[i].key, key) == 0) return &timing_keys[i];
  return NULL;
}

static int is_all_numbers(const json_t *array)
{
  for (size_t i = 0; i < json_array_size(array); i++)
    if (!json_is_number(json_array_get(array, i))) return 0;
  return 1;
}

static tt1_status check_timing(const json_t *value, const timing_key *timing, int n_images,
                               const char *path, tt1_error *err)
{
  size_t count = json_is_array(value) ? json_array_size(value) : 1;
  for (size_t i = 0; i < count; i++) {
    const json_t *one = json_is_array(value) ? json_array_get(value, i) : value;
    if (!json_is_number(one))
      return tt1__error_set(err, TT1_BAD_FILE, "%s: value %d of \"%s\" is not a number", path,
                            (int)i + 1, timing->key);
    if (fabs(json_number_value(one)) > timing->limit)
      return tt1__error_set(err, TT1_BAD_FILE,
                            "%s: value %d of \"%s\" is %g, more than %g; times are given in "
                            "seconds, angles in degrees",
                            path, (int)i + 1, timing->key, json_number_value(one), timing->limit);
  }
  if (count == 1 || count == (size_t)n_images) return TT1_OK;
  return tt1__error_set(err, TT1_BAD_FILE, "%s: \"%s\" holds %llu values, the series has %d images",
                        path, timing->key, (unsigned long long)count, n_images);
}

// Numbers too large for a double were refused by the parser; NaN is not JSON.
static tt1_status add(tt1_image *image, const char *key, const json_t *value, const char *path,
                      tt1_error *err)
{
  double values[TT1__MAX_IMAGES];
  size_t count = json_is_array(value) ? json_array_size(value) : 1;
  const timing_key *timing = find_timing(key);
  if (timing) {
    tt1_status status = check_timing(value, timing, image->n_images, path, err);
    if (status != TT1_OK) return status;
  }
  if (count != 1 && count != (size_t)image->n_images) return TT1_OK;
  if (strcmp(key, "Units") == 0 && json_is_string(value))
    return tt1__image_set_unit(image, json_string_value(value), json_string_length(value))
               ? TT1_OK
               : tt1__no_memory(err);
  if (json_is_array(value) ? !is_all_numbers(value) : !json_is_number(value)) return TT1_OK;
  if (strcmp(key, "MagneticFieldStrength") == 0 && json_is_number(value))
    image->origin.field_strength = json_number_value(value);
  for (size_t i = 0; i < count; i++)
    values[i] = json_number_value(json_is_array(value) ? json_array_get(value, i) : value);
  if (image->n_known >= MAX_KNOWN)
    return tt1__error_set(err, TT1_BAD_FILE, "%s holds more than %d numbers", path, MAX_KNOWN);
  if (tt1__image_add_known(image, key, tt1__base_name(path), values, (int)count)) return TT1_OK;
  return tt1__no_memory(err);
}

// jansson quotes what it stumbled over, line ends and all; a message is one line.
static void make_one_line(char *text)
{
  for (; *text; text++)
    if ((unsigned char)*text < ' ') *text = ' ';
}

tt1_status tt1__sidecar_parse(tt1_image *image, const char *bytes, size_t length, const char *path,
                              tt1_error *err)
{
  json_error_t fault;
  const char *key;
  json_t *value;
  tt1_status status = TT1_OK;
  json_t *root = json_loadb(bytes, length, JSON_REJECT_DUPLICATES, &fault);
  if (!root) make_one_line(fault.text);
  if (!root)
    return tt1__error_set(err, TT1_BAD_FILE, "%s is not valid JSON: line %d, column %d: %s", path,
                          fault.line, fault.column, fault.text);
  if (!json_is_object(root))
    status = tt1__error_set(err, TT1_BAD_FILE, "%s does not hold a JSON object { ... }", path);
  else
    json_object_foreach(root, key, value)
    {
      status = add(image, key, value, path, err);
      if (status != TT1_OK) break;
    }
  json_decref(root);
  return status;
}

static tt1_status read_json(tt1_image *image, const char *path, tt1_error *err)
{
  tt1__file file = {0};
  tt1_status status = tt1__file_read(&file, path, MAX_SIDECAR, err);
  if (status != TT1_OK) return status;
  status = tt1__sidecar_parse(image, (const char *)file.bytes, file.length, path, err);
  if (status == TT1_OK && !tt1__image_add_file(image, path, file.checksum))
    status = tt1__no_memory(err);
  tt1__file_free(&file);
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

static tt1_status read_json(tt1_image *image, const char *path, tt1_error *err)
{
  return tt1__sidecar_parse(image, NULL, 0, path, err);
}

#endif

// "molli.nii.gz" and "molli.nii" have the sidecar "molli.json".
static char *sidecar_name(const char *image_path)
{
  tt1__text text = {0};
  size_t length = strlen(image_path);
  if (length > 3 && strcmp(image_path + length - 3, ".gz") == 0) length -= 3;
  if (length > 4 && strncmp(image_path + length - 4, ".nii", 4) == 0) length -= 4;
  tt1__text_add_bytes(&text, image_path, length);
  tt1__text_add(&text, ".json");
  return tt1__text_take(&text);
}

tt1_status tt1__sidecar_read(tt1_image *image, const char *image_path, tt1_error *err)
{
  char *path = sidecar_name(image_path);
  if (!path) return tt1__no_memory(err);
  struct stat state;
  tt1_status status = TT1_OK;
  if (stat(path, &state) == 0 || errno != ENOENT) status = read_json(image, path, err);
  tt1__free(path);
  return status;
}
