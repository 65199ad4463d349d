/* SPDX-License-Identifier: MIT
 * The record of a fit, fit.json: the only place that knows what it holds. It begins with all that went
 * into the fit; two fits are the same if these parts are, and then the files that it lists need not be
 * made again. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/text.h"
#include "file/file.h"
#include "image/nifti.h"
#include "mapping/mapping.h"

enum { MAX_RECORD = 64 << 20 };

void tt1__model_checksum(char text[16], const tt1_model *model)
{
  const char *model_text = tt1_model_text(model);
  snprintf(text, 16, "%08" PRIx32, tt1__checksum(model_text, strlen(model_text)));
}

/* ---- What went in ---- */

/* The keys of what went in: equal in two records of one fit. */
static const char *const inputs[] = {
    "torcht1", "model",       "options",           "like", "series", "signs",
    "inputs",  "mask_inputs", "images_map_inputs", "known"};

static void put_model(tt1_json *out, const tt1_mapping *m)
{
  const tt1_model *model = m->model;
  char crc[16];
  tt1__model_checksum(crc, model);
  tt1_json_open(out, "model", '{');
  tt1_json_text(out, "name", tt1_model_name(model));
  tt1_json_text(out, "title", tt1_model_title(model));
  tt1_json_text(out, "file", m->model_file); // null: a shipped one
  tt1_json_text(out, "crc32", crc);
  tt1_json_text(out, "text", tt1_model_text(model));
  tt1_json_close(out, '{');
}

static void put_series(tt1_json *out, const tt1_mapping *m)
{
  const char *note;
  const tt1_origin *origin = tt1_image_origin(m->image);
  tt1_json_open(out, "series", '{');
  tt1_json_integer(out, "number", origin->number);
  tt1_json_text(out, "description", origin->description);
  tt1_json_text(out, "uid", origin->uid);
  tt1_json_text(out, "vendor", origin->vendor);
  tt1_json_text(out, "format", tt1_image_format(m->image));
  tt1_json_text(out, "type", tt1_image_stored_type(m->image));
  tt1_json_text(out, "scaling", origin->scaling);
  if (origin->field_strength > 0.0) tt1_json_number(out, "field_strength", origin->field_strength);
  tt1_json_boolean(out, "signed", tt1_image_is_signed(m->image));
  tt1_json_boolean(out, "phase", tt1_image_phase(m->image) != NULL);
  tt1_json_open(out, "assumptions", '[');
  for (int i = 0; (note = tt1_mapping_note(m, i)) != NULL; i++)
    tt1_json_text(out, NULL, note);
  tt1_json_close(out, '[');
  tt1_json_close(out, '{');
}

static void put_signs(tt1_json *out, const tt1_mapping *m)
{
  if (!m->signs) return;
  tt1_json_open(out, "signs", '{');
  tt1_json_text(out, "source", "phase");
  tt1_json_number(out, "open_share", m->result.open_share);
  tt1_json_close(out, '{');
}

static void put_known(tt1_json *out, const tt1_mapping *m)
{
  tt1_json_open(out, "known", '[');
  for (int i = 0; i < m->n_known; i++) {
    const tt1__matched *known = &m->known[i];
    tt1_json_open(out, NULL, '{');
    tt1_json_text(out, "name", known->known->name);
    tt1_json_text(out, "unit", known->known->unit);
    tt1_json_text(out, "source", known->source);
    if (known->map)
      tt1_json_inputs(out, "inputs", known->map);
    else
      tt1_json_slices(out, "values", known->values, known->count, known->n_slices);
    tt1_json_close(out, '{');
  }
  tt1_json_close(out, '[');
}

static void put_inputs(tt1_json *out, const tt1_mapping *m)
{
  tt1_json_text(out, "torcht1", tt1_version());
  put_model(out, m);
  tt1__options_put(out, m);
  tt1__like_put(out, &m->plan, m->options);
  put_series(out, m);
  put_signs(out, m);
  tt1_json_inputs(out, "inputs", m->image);
  if (m->mask_image) tt1_json_inputs(out, "mask_inputs", m->mask_image);
  if (m->sets.map) tt1_json_inputs(out, "images_map_inputs", m->sets.map);
  put_known(out, m);
  tt1__groups_put(out, m);
}

/* ---- What came out ---- */

static void put_device(tt1_json *out, const tt1_mapping_result *result)
{
  tt1_json_open(out, "device", '{');
  tt1_json_text(out, "name", result->device);
  tt1_json_text(out, "isa", result->isa);
  tt1_json_text(out, "kernels", result->kernels);
  if (result->kernels_why) tt1_json_text(out, "kernels_why", result->kernels_why);
  tt1_json_integer(out, "threads", result->threads);
  tt1_json_text(out, "why", result->device_reason);
  tt1_json_close(out, '{');
}

static void put_map(tt1_json *out, const tt1_mapping *m, const tt1_mapped *map)
{
  char file[TT1__NAME_SIZE];
  tt1__mapping_name(file, m, TT1__FILE_MAP, map);
  tt1_json_open(out, NULL, '{');
  tt1_json_text(out, "name", map->name);
  if (m->options->formats & TT1_FORMAT_NIFTI) tt1_json_text(out, "file", tt1__base_name(file));
  tt1_json_text(out, "unit", map->unit);
  tt1_json_text(out, "meaning", map->meaning);
  if (map->multiplied_by != 1.0) tt1_json_number(out, "multiplied_by", map->multiplied_by);
  if (map->filter) tt1_json_text(out, "filter", map->filter);
  if (map->is_main) {
    tt1_json_number(out, "median", map->median);
    tt1_json_numbers(out, "quartiles", map->quartiles, 2);
    tt1_json_integer(out, "of_voxels", m->result.n_summed);
  }
  tt1_json_close(out, '{');
}

static void put_results(tt1_json *out, const tt1_mapping *m)
{
  const tt1_mapping_result *result = &m->result;
  tt1_json_text(out, "solver", result->solver);
  if (result->sigma_is_estimated) tt1_json_number(out, "sigma_estimated", result->sigma);
  tt1_json_integer(out, "voxels", result->n_voxels);
  tt1_json_open(out, "outcomes", '{');
  for (int i = 0; i < N_OUTCOMES; i++)
    tt1_json_integer(out, tt1_outcome_name((tt1_outcome)i), result->outcomes[i]);
  tt1_json_close(out, '{');
  tt1_json_open(out, "maps", '[');
  for (int i = 0; i < m->n_maps; i++)
    put_map(out, m, &m->maps[i].shown);
  tt1_json_close(out, '[');
}

static void put_warnings(tt1_json *out, const tt1_mapping *m)
{
  const char *warning;
  tt1_json_open(out, "warnings", '[');
  for (int i = 0; (warning = tt1_mapping_warning(m, i)) != NULL; i++)
    tt1_json_text(out, NULL, warning);
  tt1_json_close(out, '[');
}

/* What this fit wrote, so that the next one knows what to take away. */
static void put_files(tt1_json *out, const tt1_folder *folder)
{
  tt1_json_open(out, "files", '[');
  for (int i = 0; tt1_folder_file(folder, i); i++)
    tt1_json_text(out, NULL, tt1_folder_file(folder, i));
  tt1_json_close(out, '[');
}

tt1_status tt1__record_write(char **out, const tt1_mapping *m, const tt1_folder *folder,
                             tt1_error *err)
{
  tt1_json text = {0};
  tt1_json_open(&text, NULL, '{');
  put_inputs(&text, m);
  put_device(&text, &m->result);
  put_warnings(&text, m);
  put_results(&text, m);
  put_files(&text, folder);
  tt1_json_open(&text, "seconds", '{');
  tt1_json_number(&text, "read", m->result.read_seconds);
  tt1_json_number(&text, "fit", m->result.fit_seconds);
  tt1_json_number(&text, "write", m->result.write_seconds);
  tt1_json_close(&text, '{');
  tt1_json_close(&text, '{');
  *out = tt1_json_take(&text);
  return *out ? TT1_OK : tt1__no_memory(err);
}

/* ---- An older record ---- */

#ifdef TT1_HAVE_JANSSON
#  include <jansson.h>

struct tt1__record {
  json_t *root;
};

tt1_status tt1__record_read(tt1__record **out, const tt1_mapping *m, const char *path,
                            tt1_error *err)
{
  char name[TT1__NAME_SIZE];
  tt1__file file = {0};
  *out = NULL;
  tt1__mapping_name(name, m, TT1__FILE_RECORD, NULL);
  char *whole = tt1__join(path, name);
  if (!whole) return tt1__no_memory(err);
  tt1_status status = tt1__file_read(&file, whole, MAX_RECORD, NULL);
  tt1__free(whole);
  if (status == TT1_NO_MEMORY) return tt1__no_memory(err);
  if (status != TT1_OK) return TT1_OK; // there is none
  json_t *root = json_loadb((const char *)file.bytes, file.length, 0, NULL);
  tt1__file_free(&file);
  tt1__record *record = json_is_object(root) ? tt1__allocate(1, sizeof *record) : NULL;
  if (record) record->root = root;
  if (!record && json_is_object(root)) status = tt1__no_memory(err);
  if (!record) json_decref(root);
  *out = record;
  return status;
}

void tt1__record_free(tt1__record *record)
{
  if (!record) return;
  json_decref(record->root);
  tt1__free(record);
}

/* Whether a listed name can be one of ours: it leads nowhere else. */
static int is_ours(const char *name)
{
  return *name && *name != '.' && *name != '/' && !strstr(name, "/.") && !strstr(name, "//") &&
         !strchr(name, '\\');
}

/* Name `index` of the files that a record lists; NULL past the last. */
static const char *listed(const tt1__record *record, size_t index)
{
  const json_t *files = json_object_get(record->root, "files");
  return json_string_value(json_array_get(files, index));
}

tt1_status tt1__record_remove_files(const tt1__record *record, const tt1_mapping *m,
                                    tt1_folder *folder, tt1_error *err)
{
  char own[TT1__NAME_SIZE];
  const char *name;
  tt1_status status = TT1_OK;
  if (!record || !json_is_string(json_object_get(record->root, "torcht1"))) return TT1_OK;
  tt1__mapping_name(own, m, TT1__FILE_RECORD, NULL);
  for (size_t i = 0; status == TT1_OK && (name = listed(record, i)) != NULL; i++)
    if (is_ours(name) && strcmp(name, own) != 0) status = tt1_folder_remove(folder, name, err);
  return status;
}

/* Whether all that went into the fit is the same. */
static tt1_status is_same_fit(int *out, const tt1__record *record, const tt1_mapping *m,
                              tt1_error *err)
{
  tt1_json text = {0};
  *out = 1;
  tt1_json_open(&text, NULL, '{');
  put_inputs(&text, m);
  tt1_json_close(&text, '{');
  char *bytes = tt1_json_take(&text);
  json_t *now = bytes ? json_loads(bytes, 0, NULL) : NULL;
  tt1_text_free(bytes);
  if (!now) return tt1__no_memory(err);
  for (size_t i = 0; i < sizeof inputs / sizeof *inputs && *out; i++) {
    json_t *a = json_object_get(now, inputs[i]), *b = json_object_get(record->root, inputs[i]);
    *out = a == b || json_equal(a, b); // both may be absent
  }
  json_decref(now);
  return TT1_OK;
}

/* Whether all files that it lists are there; a record without a list is of an older version. */
static tt1_status has_files(int *out, const tt1__record *record, const char *path, tt1_error *err)
{
  const char *name;
  *out = listed(record, 0) != NULL;
  for (size_t i = 0; *out && (name = listed(record, i)) != NULL; i++) {
    char *file = tt1__join(path, name);
    if (!file) return tt1__no_memory(err);
    *out = is_ours(name) && access(file, R_OK) == 0;
    tt1__free(file);
  }
  return TT1_OK;
}

tt1_status tt1_mapping_is_written(int *out, const tt1_mapping *m, const char *path, tt1_error *err)
{
  tt1__record *record = NULL;
  int is_same = 0;
  tt1_status status = tt1__record_read(&record, m, path, err);
  if (status == TT1_OK && record) status = is_same_fit(&is_same, record, m, err);
  if (status == TT1_OK && is_same) status = has_files(&is_same, record, path, err);
  if (status == TT1_OK) *out = is_same;
  tt1__record_free(record);
  return status;
}

/* ---- How a map was made ---- */

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
  tt1__file file = {0};
  tt1_status status = tt1__file_read(&file, path, MAX_RECORD, err);
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

#else /* without jansson no record is read: nothing is complete, nothing known, nothing removed */

tt1_status tt1__record_read(tt1__record **out, const tt1_mapping *m, const char *path,
                            tt1_error *err)
{
  (void)m, (void)path, (void)err, (void)inputs;
  *out = NULL;
  return TT1_OK;
}

void tt1__record_free(tt1__record *record)
{
  (void)record;
}

tt1_status tt1__record_remove_files(const tt1__record *record, const tt1_mapping *m,
                                    tt1_folder *folder, tt1_error *err)
{
  (void)record, (void)m, (void)folder, (void)err;
  return TT1_OK;
}

tt1_status tt1_mapping_is_written(int *out, const tt1_mapping *m, const char *path, tt1_error *err)
{
  (void)m, (void)path, (void)err;
  *out = 0;
  return TT1_OK;
}

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
  const char *name = tt1__base_name(path);
  size_t folder = (size_t)(name - path), stem = tt1__nifti_stem(name);
  memset(out, 0, sizeof *out);
  tt1_status status = look(out, path, folder, "fit.json", 0, err);
  if (status != TT1_OK || out->is_known || stem == 0) return status;
  return look(out, path, folder + stem, ".json", 1, err);
}
