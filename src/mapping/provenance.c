/* SPDX-License-Identifier: MIT
 * How a map was made: the fit.json that lies beside it, if it speaks of this
 * map, or, in a BIDS dataset, the sidecar of the map. What they do not tell, or tell in another
 * shape, is not known. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/error.h"
#include "base/text.h"
#include "file/file.h"
#include "image/image.h"
#include "tt1_mapping.h"

#ifdef TT1_HAVE_JANSSON
#  include <jansson.h>

static void copy(char *text, size_t room, const json_t *value)
{
  if (json_is_string(value)) snprintf(text, room, "%s", json_string_value(value));
}

/* The entry of `maps` for this file, or NULL. */
static const json_t *find_map(const json_t *root, const char *name)
{
  const json_t *maps = json_object_get(root, "maps");
  for (size_t i = 0; i < json_array_size(maps); i++) {
    const json_t *map = json_array_get(maps, i);
    const char *file = json_string_value(json_object_get(map, "file"));
    if (file && strcmp(file, name) == 0) return map;
  }
  return NULL;
}

static double number(const json_t *value, double otherwise)
{
  return json_is_number(value) ? json_number_value(value) : otherwise;
}

// What a fit.json tells of file `name`, if it lists it.
static void take_record(tt1_provenance *out, const json_t *root, const char *name)
{
  const json_t *map = find_map(root, name);
  const json_t *model = json_object_get(root, "model");
  if (!map) return;
  copy(out->model, sizeof out->model, json_object_get(model, "name"));
  copy(out->model_checksum, sizeof out->model_checksum, json_object_get(model, "crc32"));
  copy(out->filter, sizeof out->filter, json_object_get(map, "filter"));
  out->multiplied_by = number(json_object_get(map, "multiplied_by"), 1.0);
  out->field_strength =
      number(json_object_get(json_object_get(root, "series"), "field_strength"), 0.0);
  out->is_known = out->model[0] != 0;
}

// What the sidecar of a map tells, if torcht1 wrote it.
static void take_sidecar(tt1_provenance *out, const json_t *root)
{
  const json_t *own = json_object_get(root, "Torcht1");
  if (!json_is_object(own)) return;
  copy(out->model, sizeof out->model, json_object_get(own, "Model"));
  copy(out->model_checksum, sizeof out->model_checksum, json_object_get(own, "ModelChecksum"));
  copy(out->filter, sizeof out->filter, json_object_get(own, "Filter"));
  out->multiplied_by = number(json_object_get(own, "MultipliedBy"), 1.0);
  out->field_strength = number(json_object_get(root, "MagneticFieldStrength"), 0.0);
  out->is_known = out->model[0] != 0;
}

static tt1_status parse(tt1_provenance *out, const char *path, const char *name, int is_sidecar,
                        tt1_error *err)
{
  enum { LONGEST = 16 << 20 };
  tt1__file file = {0};
  tt1_status status = tt1__file_read(&file, path, LONGEST, err);
  if (status != TT1_OK) return status;
  json_error_t fault;
  json_t *root = json_loadb((const char *)file.bytes, file.length, 0, &fault);
  if (!root)
    status = tt1__error_set(err, TT1_BAD_FILE, "%s is not valid JSON: line %d, column %d", path,
                            fault.line, fault.column);
  else if (is_sidecar)
    take_sidecar(out, root);
  else
    take_record(out, root, name);
  json_decref(root);
  tt1__file_free(&file);
  return status;
}

#else

static tt1_status parse(tt1_provenance *out, const char *path, const char *name, int is_sidecar,
                        tt1_error *err)
{
  (void)out, (void)path, (void)name, (void)is_sidecar, (void)err;
  return TT1_OK;
}

#endif

// Look into path[0 .. length) and `ending`, if there is such a file.
static tt1_status look(tt1_provenance *out, const char *path, size_t length, const char *ending,
                       int is_sidecar, tt1_error *err)
{
  tt1__text text = {0};
  struct stat state;
  tt1__text_add_bytes(&text, path, length);
  tt1__text_add(&text, "%s", ending);
  char *beside = tt1__text_take(&text);
  if (!beside) return tt1__no_memory(err);
  tt1_status status = TT1_OK;
  if (stat(beside, &state) == 0) status = parse(out, beside, tt1__base_name(path), is_sidecar, err);
  tt1_text_free(beside);
  return status;
}

tt1_status tt1_provenance_read(tt1_provenance *out, const char *path, tt1_error *err)
{
  const char *name = tt1__base_name(path), *ending = strstr(name, ".nii");
  memset(out, 0, sizeof *out);
  tt1_status status = look(out, path, (size_t)(name - path), "fit.json", 0, err);
  if (status != TT1_OK || out->is_known || !ending) return status;
  return look(out, path, (size_t)(ending - path), ".json", 1, err);
}
