/* SPDX-License-Identifier: MIT */
#include "input/selection.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "bids/name.h"
#include "file/file.h"
#include "image/nifti.h"
#include "input/companion.h"

enum { MAX_TABLE = 4 << 20, MAX_FOLDERS = 8 };

/* ---- Tables of labels ---- */

static int is_file(const char *path)
{
  struct stat state;
  return stat(path, &state) == 0 && S_ISREG(state.st_mode);
}

static int exists(const char *path)
{
  struct stat state;
  return stat(path, &state) == 0;
}

static int is_table(const char *name)
{
  return strcmp(name, "dseg.tsv") == 0 || tt1__ends_in(name, "_dseg.tsv");
}

/* Cell `column` of a line with tabs between; its length in `*length`, NULL past the last. */
static const char *cell_of(const char *line, int column, size_t *length)
{
  for (; column > 0; column--) {
    line = strchr(line, '\t');
    if (!line) return NULL;
    line++;
  }
  *length = strcspn(line, "\t\r\n");
  return line;
}

static int find_column(const char *head, const char *name)
{
  size_t length = 0;
  const char *cell;
  for (int i = 0; (cell = cell_of(head, i, &length)) != NULL; i++)
    if (length == strlen(name) && memcmp(cell, name, length) == 0) return i;
  return -1;
}

static tt1_status add_name(tt1__label_names *out, int32_t label, const char *name, size_t length,
                           tt1_error *err)
{
  if (out->n == out->capacity) {
    int capacity = 2 * out->capacity + 16;
    tt1__label_name *rows = tt1__reallocate(out->rows, (size_t)capacity, sizeof *rows);
    if (!rows) return tt1__no_memory(err);
    out->rows = rows;
    out->capacity = capacity;
  }
  tt1__label_name *row = &out->rows[out->n++];
  row->label = label;
  snprintf(row->name, sizeof row->name, "%.*s", (int)length, name);
  return TT1_OK;
}

static tt1_status take_row(tt1__label_names *out, const char *line, int number, const int column[2],
                           tt1_error *err)
{
  size_t lengths[2] = {0, 0};
  const char *index = cell_of(line, column[0], &lengths[0]);
  const char *name = cell_of(line, column[1], &lengths[1]);
  char *end = NULL;
  long label = index ? strtol(index, &end, 10) : 0;
  if (!index || !name || end != index + lengths[0] || lengths[0] == 0 || label > INT32_MAX ||
      label < -INT32_MAX)
    return tt1__error_set(err, TT1_BAD_FILE,
                          "%s: line %d is '%.60s'; a whole number under index and a text under "
                          "name are expected",
                          out->path, number, line);
  return add_name(out, (int32_t)label, name, lengths[1], err);
}

/* `text` is cut into lines. */
static tt1_status parse_table(tt1__label_names *out, char *text, tt1_error *err)
{
  int column[2] = {-1, -1}, number = 1;
  tt1_status status = TT1_OK;
  if (strncmp(text, "\xEF\xBB\xBF", 3) == 0) text += 3;
  for (char *at = text, *next; at && status == TT1_OK; at = next, number++) {
    next = strchr(at, '\n');
    if (next) *next++ = '\0';
    at[strcspn(at, "\r")] = '\0';
    if (!*at) continue;
    if (column[0] < 0) {
      column[0] = find_column(at, "index");
      column[1] = find_column(at, "name");
      if (column[0] < 0 || column[1] < 0)
        return tt1__error_set(err, TT1_BAD_FILE,
                              "%s: line %d names no columns index and name, which a table of "
                              "labels has",
                              out->path, number);
    } else
      status = take_row(out, at, number, column, err);
  }
  return status;
}

static tt1_status read_table(tt1__label_names *out, tt1_error *err)
{
  tt1__file file = {0};
  tt1__text text = {0};
  tt1_status status = tt1__file_read(&file, out->path, MAX_TABLE, err);
  if (status != TT1_OK) return status;
  tt1__text_add_bytes(&text, (const char *)file.bytes, file.length);
  tt1__file_free(&file);
  char *lines = tt1__text_take(&text);
  status = lines ? parse_table(out, lines, err) : tt1__no_memory(err);
  tt1_text_free(lines);
  return status;
}

/* Whether a table holds for an image: it has no entity that the image has not. */
static int applies(const char *table, const char *image)
{
  tt1__bids_name of_table, of_image;
  if (strcmp(table, "dseg.tsv") == 0) return 1;
  if (!tt1__bids_parse(&of_table, table) || !tt1__bids_parse(&of_image, image)) return 0;
  return tt1__bids_applies(&of_table, &of_image);
}

/* A table in `folder` that holds for the image called `name`, as a path, or NULL. */
static tt1_status look_in(char **out, const char *folder, const char *name, tt1_error *err)
{
  tt1__names names = {0};
  tt1_status status = tt1__names_list(&names, folder, is_table, err);
  if (status == TT1_IO) status = TT1_OK; // a folder that cannot be listed has no table for us
  size_t longest = 0;
  const char *best = NULL;
  for (int i = 0; i < names.count; i++)
    if (applies(names.items[i], name) && strlen(names.items[i]) > longest) {
      best = names.items[i];
      longest = strlen(best);
    }
  if (status == TT1_OK && best) {
    *out = tt1__join(folder, best);
    if (!*out) status = tt1__no_memory(err);
  }
  tt1__names_free(&names);
  return status;
}

/* The stem with .tsv in place of .nii.gz, in the same folder. */
static char *beside(const char *path)
{
  const char *name = tt1__base_name(path);
  size_t stem = tt1__nifti_stem(name);
  if (stem == 0) stem = strlen(name);
  tt1__text text = {0};
  tt1__text_add_bytes(&text, path, (size_t)(name - path) + stem);
  tt1__text_add(&text, ".tsv");
  return tt1__text_take(&text);
}

static int is_dataset_root(const char *folder)
{
  char *path = tt1__join(folder, "dataset_description.json");
  int is_root = path && is_file(path);
  tt1__free(path);
  return is_root;
}

static char *parent_of(char *folder)
{
  tt1__text text = {0};
  const char *name = tt1__base_name(folder);
  int is_named = *name && strcmp(name, ".") != 0 && strcmp(name, "..") != 0;
  if (!is_named) tt1__text_add(&text, "%s/..", folder);
  char *parent = is_named ? tt1__folder_of(folder) : tt1__text_take(&text);
  tt1_text_free(folder);
  return parent;
}

/* In the folder of the file, and for files of a dataset in those above it, up to its root. */
static tt1_status look_above(char **out, const char *path, tt1_error *err)
{
  const char *name = tt1__base_name(path);
  int n_folders = strncmp(name, "sub-", 4) == 0 ? MAX_FOLDERS : 1;
  char *folder = tt1__folder_of(path);
  tt1_status status = TT1_OK;
  for (int i = 0; folder && i < n_folders && status == TT1_OK && !*out; i++) {
    status = look_in(out, folder, name, err);
    if (is_dataset_root(folder)) break;
    folder = parent_of(folder);
  }
  if (!folder) status = tt1__no_memory(err);
  tt1_text_free(folder);
  return status;
}

tt1_status tt1__label_names_read(tt1__label_names *out, const char *path, tt1_error *err)
{
  char *own = beside(path);
  if (!own) return tt1__no_memory(err);
  tt1_status status = TT1_OK;
  if (is_file(own)) {
    out->path = tt1__copy_text(own);
    if (!out->path) status = tt1__no_memory(err);
  } else
    status = look_above(&out->path, path, err);
  tt1_text_free(own);
  if (status == TT1_OK && out->path) status = read_table(out, err);
  if (status != TT1_OK) tt1__label_names_free(out);
  return status;
}

const char *tt1__label_name_of(const tt1__label_names *names, int32_t label)
{
  for (int i = 0; i < names->n; i++)
    if (names->rows[i].label == label) return names->rows[i].name;
  return NULL;
}

void tt1__label_names_free(tt1__label_names *names)
{
  tt1__free(names->path);
  tt1__free(names->rows);
  *names = (tt1__label_names){0};
}

/* ---- Selections ---- */

static tt1_status add_label(tt1__selection *out, long label, const char *text, tt1_error *err)
{
  if (label == 0 || label > 10000000 || label < -10000000)
    return tt1__error_set(err, TT1_BAD_ARGUMENT, "%s: %ld is no label: a whole number but 0", text,
                          label);
  if (out->n == TT1__MAX_SELECTED)
    return tt1__error_set(err, TT1_BAD_ARGUMENT, "%s: more than %d labels are named", text,
                          TT1__MAX_SELECTED);
  out->labels[out->n++] = (int32_t)label;
  return TT1_OK;
}

static tt1_status refuse_name(const char *path, const char *name, int length,
                              const tt1__label_names *names, tt1_error *err)
{
  tt1__text list = {0};
  if (!names->path)
    return tt1__error_set(err, TT1_BAD_ARGUMENT,
                          "%s:%.*s: no table tells which label '%.*s' is; give its number, or a "
                          "table of columns index and name beside the file (.tsv, as dseg.tsv of "
                          "BIDS)",
                          path, length, name, length, name);
  for (int i = 0; i < names->n && i < 20; i++)
    tt1__text_add(&list, "%s%s", i ? ", " : "", names->rows[i].name);
  tt1_status status =
      tt1__error_set(err, TT1_BAD_ARGUMENT, "%s has no label '%.*s', but %s", names->path, length,
                     name, list.bytes ? list.bytes : "none at all");
  tt1__text_free(&list);
  return status;
}

/* Every label of this name: tables may have several. */
static tt1_status add_named(tt1__selection *out, const tt1__label_names *names, const char *name,
                            size_t length, const char *text, tt1_error *err)
{
  int before = out->n;
  tt1_status status = TT1_OK;
  for (int i = 0; i < names->n && status == TT1_OK; i++)
    if (strlen(names->rows[i].name) == length && strncmp(names->rows[i].name, name, length) == 0)
      status = add_label(out, names->rows[i].label, text, err);
  if (status == TT1_OK && out->n == before)
    status = refuse_name(out->path, name, (int)length, names, err);
  return status;
}

/* list = (number | name) { "+" (number | name) } */
static tt1_status take_list(tt1__selection *out, const char *list, const char *text, tt1_error *err)
{
  tt1__label_names names = {0};
  tt1_status status = TT1_OK;
  for (const char *at = list; status == TT1_OK; at++) {
    size_t length = strcspn(at, "+");
    char *end = NULL;
    long label = strtol(at, &end, 10);
    if (length == 0)
      status = tt1__error_set(err, TT1_BAD_ARGUMENT,
                              "%s: a number or a name of a label is expected after ':'", text);
    else if (end == at + length)
      status = add_label(out, label, text, err);
    else {
      if (!names.path) status = tt1__label_names_read(&names, out->path, err);
      if (status == TT1_OK) status = add_named(out, &names, at, length, text, err);
    }
    at += length;
    if (!*at) break;
  }
  tt1__label_names_free(&names);
  return status;
}

tt1_status tt1__selection_read(tt1__selection *out, const char *text, tt1_error *err)
{
  const char *colon = strrchr(text, ':');
  tt1__text path = {0};
  *out = (tt1__selection){0};
  int is_whole = !colon || colon == text || exists(text);
  tt1__text_add_bytes(&path, text, is_whole ? strlen(text) : (size_t)(colon - text));
  out->path = tt1__text_take(&path);
  if (!out->path) return tt1__no_memory(err);
  if (is_whole || !exists(out->path))
    return TT1_OK; // whoever reads the file says that it is not there
  if (strcmp(colon + 1, "any") == 0) {
    out->is_any = 1;
    return TT1_OK;
  }
  tt1_status status = take_list(out, colon + 1, text, err);
  if (status != TT1_OK) tt1__selection_free(out);
  return status;
}

void tt1__selection_free(tt1__selection *selection)
{
  tt1_text_free(selection->path);
  *selection = (tt1__selection){0};
}

/* ---- Images ---- */

static int is_selected(const tt1__selection *s, int32_t label)
{
  if (s->n == 0) return label != 0;
  for (int i = 0; i < s->n; i++)
    if (s->labels[i] == label) return 1;
  return 0;
}

/* Two labels that a file holds; the same twice where it holds one. */
static void find_two(int32_t two[2], const int32_t *labels, int64_t n)
{
  for (int64_t v = 0; v < n; v++) {
    if (labels[v] == 0) continue;
    if (two[0] == 0) two[0] = two[1] = labels[v];
    if (labels[v] != two[0]) {
      two[1] = labels[v];
      return;
    }
  }
}

static tt1_status refuse_several(const tt1__selection *s, const char *what, const int32_t *labels,
                                 int64_t n, tt1_error *err)
{
  int32_t two[2] = {0, 0};
  if (s->n || s->is_any) return TT1_OK;
  find_two(two, labels, n);
  if (two[0] == two[1]) return TT1_OK;
  return tt1__error_set(err, TT1_BAD_ARGUMENT,
                        "%s: the %s is one thing, but the file holds several labels (%d, %d, ...); "
                        "name the one that is meant, for instance %s:%d",
                        s->path, what, (int)two[0], (int)two[1], s->path, (int)two[0]);
}

static tt1_status labels_of(int32_t **out, const tt1__selection *s, const char *what, int is_one,
                            const tt1_image *image, tt1_error *err)
{
  int64_t n = tt1_image_n_voxels(image), inside = 0;
  int32_t *labels = NULL;
  tt1_status status = tt1__labels_of(&labels, image, s->path, err);
  if (status == TT1_OK && is_one) status = refuse_several(s, what, labels, n, err);
  for (int64_t v = 0; status == TT1_OK && v < n; v++) {
    if (!is_selected(s, labels[v])) labels[v] = 0;
    inside += labels[v] != 0;
  }
  if (status == TT1_OK && inside == 0 && (s->n || is_one))
    status =
        s->n ? tt1__error_set(err, TT1_BAD_ARGUMENT,
                              "%s: no voxel has the label that is named (%d%s)", s->path,
                              (int)s->labels[0], s->n > 1 ? ", ..." : "")
             : tt1__error_set(err, TT1_BAD_ARGUMENT, "%s: the mask is zero everywhere", s->path);
  if (status == TT1_OK)
    *out = labels;
  else
    tt1__free(labels);
  return status;
}

/* Whether these are labels, and more than one of them. */
static int holds_several(const tt1_image *image)
{
  int64_t n = tt1_image_n_voxels(image);
  const float *values = tt1_image_data(image);
  float first = 0.0F;
  int is_several = 0;
  for (int64_t v = 0; v < n; v++) {
    if (!(fabsf(values[v]) > 0.0F)) continue;
    if (floorf(values[v]) < values[v]) return 0;
    if (!(fabsf(first) > 0.0F)) first = values[v];
    is_several |= values[v] < first || values[v] > first;
  }
  return is_several;
}

static tt1_status to_mask(uint8_t **out, int32_t *labels, int64_t n, tt1_error *err)
{
  uint8_t *mask = tt1__allocate((size_t)n, 1);
  for (int64_t v = 0; mask && v < n; v++)
    mask[v] = labels[v] != 0;
  tt1__free(labels);
  *out = mask;
  return mask ? TT1_OK : tt1__no_memory(err);
}

tt1_status tt1__area_read(uint8_t **mask, tt1_image **image, int *is_open, const char *text,
                          const tt1_image *main, const char *main_is, tt1_error *err)
{
  tt1__selection s;
  int32_t *labels = NULL;
  tt1_status status = tt1__selection_read(&s, text, err);
  if (status != TT1_OK) return status;
  status = tt1__companion_place(image, NULL, s.path, "mask", main, main_is, err);
  if (status == TT1_OK && s.n == 0) {
    status = tt1__mask_of(mask, *image, s.path, err);
    *is_open = status == TT1_OK && !s.is_any && holds_several(*image);
  } else if (status == TT1_OK) {
    *is_open = 0;
    status = labels_of(&labels, &s, "mask", 0, *image, err);
    if (status == TT1_OK) status = to_mask(mask, labels, tt1_image_n_voxels(*image), err);
  }
  tt1__selection_free(&s);
  return status;
}

tt1_status tt1__mask_read(uint8_t **mask, tt1_image **image, tt1_geometry *stored, const char *text,
                          const char *what, const tt1_image *main, const char *main_is,
                          tt1_error *err)
{
  tt1__selection s;
  int32_t *labels = NULL;
  tt1_status status = tt1__selection_read(&s, text, err);
  if (status != TT1_OK) return status;
  status = tt1__companion_place(image, stored, s.path, what, main, main_is, err);
  if (status == TT1_OK) status = labels_of(&labels, &s, what, 1, *image, err);
  if (status == TT1_OK) status = to_mask(mask, labels, tt1_image_n_voxels(*image), err);
  tt1__selection_free(&s);
  return status;
}

tt1_status tt1__labels_read(int32_t **labels, tt1_image **image, const char *text, const char *what,
                            const tt1_image *main, const char *main_is, tt1_error *err)
{
  tt1__selection s;
  tt1_status status = tt1__selection_read(&s, text, err);
  if (status != TT1_OK) return status;
  status = tt1__companion_place(image, NULL, s.path, what, main, main_is, err);
  if (status == TT1_OK) status = labels_of(labels, &s, what, 0, *image, err);
  tt1__selection_free(&s);
  return status;
}
