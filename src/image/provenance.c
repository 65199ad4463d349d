/* SPDX-License-Identifier: MIT
 * How a map was made: the fit.json that lies beside it, if it speaks of this
 * map. What it does not tell, or tells in another shape, is not known. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/error.h"
#include "base/text.h"
#include "image/image.h"

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

static void take(tt1_provenance *out, const json_t *root, const json_t *map)
{
  const json_t *model = json_object_get(root, "model");
  const json_t *factor = json_object_get(map, "multiplied_by");
  const json_t *series = json_object_get(root, "series");
  copy(out->model, sizeof out->model, json_object_get(model, "name"));
  copy(out->model_checksum, sizeof out->model_checksum, json_object_get(model, "crc32"));
  copy(out->filter, sizeof out->filter, json_object_get(map, "filter"));
  out->multiplied_by = json_is_number(factor) ? json_number_value(factor) : 1.0;
  out->field_strength = json_number_value(json_object_get(series, "field_strength"));
  out->is_known = out->model[0] != 0;
}

static tt1_status parse(tt1_provenance *out, const char *path, const char *name, tt1_error *err)
{
  enum { LONGEST = 16 << 20 };
  tt1__file file = {0};
  tt1_status status = tt1__file_read(&file, path, LONGEST, err);
  if (status != TT1_OK) return status;
  json_error_t fault;
  json_t *root = json_loadb((const char *)file.bytes, file.length, 0, &fault);
  const json_t *map = root ? find_map(root, name) : NULL;
  if (!root)
    status = tt1__error_set(err, TT1_BAD_FILE, "%s is not valid JSON: line %d, column %d", path,
                            fault.line, fault.column);
  else if (map)
    take(out, root, map);
  json_decref(root);
  tt1__file_free(&file);
  return status;
}

#else

static tt1_status parse(tt1_provenance *out, const char *path, const char *name, tt1_error *err)
{
  (void)out, (void)path, (void)name, (void)err;
  return TT1_OK;
}

#endif

tt1_status tt1_provenance_read(tt1_provenance *out, const char *path, tt1_error *err)
{
  tt1__text text = {0};
  struct stat state;
  const char *name = tt1__base_name(path);
  tt1__text_add_bytes(&text, path, (size_t)(name - path));
  tt1__text_add(&text, "fit.json");
  char *beside = tt1__text_take(&text);
  if (!beside) return tt1__no_memory(err);
  tt1_status status = TT1_OK;
  memset(out, 0, sizeof *out);
  if (stat(beside, &state) == 0) status = parse(out, beside, name, err);
  tt1_text_free(beside);
  return status;
}
