/* SPDX-License-Identifier: MIT
 * Levels and insertion points of slices, from texts and from files. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "file/file.h"
#include "measure/regions.h"

enum { ALL_SLICES = -1, MAX_FILE = 1 << 20 };

/** What a text or a line says of a slice, or of all. */
typedef struct slice_row {
  int slice; /* from 0, or ALL_SLICES */
  int has_level, has_points;
  tt1_aha_slice aha;
} slice_row;

typedef struct slice_table {
  slice_row rows[TT1_MAX_DESCRIBED];
  int n;
} slice_table;

/* The row of `slice`, a new one if there is none yet; NULL where there is no room. */
static slice_row *row_of(slice_table *t, int slice, tt1_error *err)
{
  for (int i = 0; i < t->n; i++)
    if (t->rows[i].slice == slice) return &t->rows[i];
  if (t->n == TT1_MAX_DESCRIBED) {
    tt1__error_set(err, TT1_BAD_ARGUMENT, "more than %d slices are described", TT1_MAX_DESCRIBED);
    return NULL;
  }
  slice_row *row = &t->rows[t->n++];
  row->slice = slice;
  return row;
}

/* ---- Texts ---- */

/* "3:rest" gives 3, "rest" ALL_SLICES; `*rest` is what follows. */
static tt1_status slice_in(int *slice, const char *option, const char *text, const char **rest,
                           tt1_error *err)
{
  const char *colon = strchr(text, ':');
  char *end = NULL;
  *rest = colon ? colon + 1 : text;
  *slice = ALL_SLICES;
  if (!colon) return TT1_OK;
  long number = strtol(text, &end, 10);
  if (end == text || end != colon || number < 0 || number > 32766)
    return tt1__error_set(err, TT1_BAD_ARGUMENT,
                          "--%s takes a whole number from 0 to 32766 before the colon, not '%.*s'",
                          option, (int)(colon - text), text);
  *slice = (int)number;
  return TT1_OK;
}

static int find_level(tt1_level *out, const char *name, size_t length)
{
  const char *known;
  for (int i = 0; (known = tt1_level_name((tt1_level)i)) != NULL; i++)
    if (strlen(known) == length && strncmp(known, name, length) == 0) {
      *out = (tt1_level)i;
      return 1;
    }
  return 0;
}

static tt1_status take_level(slice_table *t, const char *text, tt1_error *err)
{
  const char *name;
  int slice;
  tt1_level level;
  tt1_status status = slice_in(&slice, "level", text, &name, err);
  if (status != TT1_OK) return status;
  if (!find_level(&level, name, strlen(name)))
    return tt1__error_set(err, TT1_BAD_ARGUMENT,
                          "--level takes one of none, basal, mid, apical, not '%s'", name);
  slice_row *row = row_of(t, slice, err);
  if (!row) return TT1_BAD_ARGUMENT;
  row->aha.level = level;
  row->has_level = 1;
  return TT1_OK;
}

/* Four numbers with commas or blanks between, and nothing else. */
static int four_numbers(const char *text, double numbers[4])
{
  for (int n = 0; n < 4; n++) {
    const char *end = text;
    numbers[n] = tt1__number_read(text, &end);
    if (end == text) return 0;
    text = end + strspn(end, ", \t\r");
  }
  return !*text;
}

static void set_points(slice_row *row, const double numbers[4])
{
  memcpy(row->aha.anterior, numbers, sizeof row->aha.anterior);
  memcpy(row->aha.inferior, numbers + 2, sizeof row->aha.inferior);
  row->has_points = 1;
}

/* ---- Files ---- */

/* "slice level anterior_i anterior_j inferior_i inferior_j" */
static tt1_status take_line(slice_table *t, const char *path, int number, const char *line,
                            tt1_error *err)
{
  static const char between[] = ", \t";
  char *end = NULL;
  double numbers[4];
  tt1_level level = TT1_LEVEL_NONE;
  long slice = strtol(line, &end, 10);
  const char *word = end + strspn(end, between);
  size_t length = strspn(word, "abcdefghijklmnopqrstuvwxyz");
  const char *rest = word + length + strspn(word + length, between);
  if (end == line || slice < 0 || slice > 32766 || !find_level(&level, word, length) ||
      rest == word + length || !four_numbers(rest, numbers))
    return tt1__error_set(err, TT1_BAD_ARGUMENT,
                          "%s: line %d is '%.60s'; slice, level (basal, mid, apical) and the "
                          "voxel coordinates i,j of the anterior and the inferior insertion point "
                          "are expected",
                          path, number, line);
  slice_row *row = row_of(t, (int)slice, err);
  if (!row) return TT1_BAD_ARGUMENT;
  row->aha.level = level;
  row->has_level = 1;
  set_points(row, numbers);
  return TT1_OK;
}

static tt1_status take_lines(slice_table *t, const char *path, char *text, tt1_error *err)
{
  tt1_status status = TT1_OK;
  int number = 1;
  for (char *at = text, *next; at && status == TT1_OK; at = next, number++) {
    next = strchr(at, '\n');
    if (next) *next++ = '\0';
    at[strcspn(at, "\r")] = '\0';
    const char *line = at + strspn(at, " \t");
    if (*line && *line != '#' && strncmp(line, "slice", 5) != 0)
      status = take_line(t, path, number, line, err);
  }
  return status;
}

static tt1_status take_file(slice_table *t, const char *path, tt1_error *err)
{
  tt1__file file = {0};
  tt1__text text = {0};
  tt1_status status = tt1__file_read(&file, path, MAX_FILE, err);
  if (status == TT1_IO)
    return tt1__error_set(err, TT1_BAD_ARGUMENT,
                          "--insertion takes I,J,I,J or a file of them; '%s' is neither", path);
  if (status != TT1_OK) return status;
  tt1__text_add_bytes(&text, (const char *)file.bytes, file.length);
  tt1__file_free(&file);
  char *lines = tt1__text_take(&text);
  status = lines ? take_lines(t, path, lines, err) : tt1__no_memory(err);
  tt1_text_free(lines);
  return status;
}

static tt1_status take_insertion(slice_table *t, const char *text, tt1_error *err)
{
  double numbers[4];
  const char *rest;
  int slice;
  if (strspn(text, "0123456789+-.,:eE \t") != strlen(text)) return take_file(t, text, err);
  tt1_status status = slice_in(&slice, "insertion", text, &rest, err);
  if (status != TT1_OK) return status;
  if (!four_numbers(rest, numbers))
    return tt1__error_set(err, TT1_BAD_ARGUMENT,
                          "--insertion takes the voxel coordinates I,J,I,J of the anterior and the "
                          "inferior insertion point, not '%s'",
                          text);
  slice_row *row = row_of(t, slice, err);
  if (!row) return TT1_BAD_ARGUMENT;
  set_points(row, numbers);
  return TT1_OK;
}

/* ---- Slices ---- */

/* What is said of slice `k`, or of all slices, in turn. */
static const slice_row *find(const slice_table *t, int64_t k, int points)
{
  const slice_row *general = NULL;
  for (int i = 0; i < t->n; i++) {
    const slice_row *row = &t->rows[i];
    if (!(points ? row->has_points : row->has_level)) continue;
    if (row->slice == k) return row;
    if (row->slice == ALL_SLICES) general = row;
  }
  return general;
}

static int is_empty(const uint8_t *mask, int64_t area)
{
  for (int64_t v = 0; v < area; v++)
    if (mask[v]) return 0;
  return 1;
}

static tt1_status fill_slice(tt1_aha_slice *out, const slice_table *t, int64_t k, const char *path,
                             tt1_error *err)
{
  const slice_row *level = find(t, k, 0), *points = find(t, k, 1);
  if (!level || !points)
    return tt1__error_set(err, TT1_BAD_ARGUMENT,
                          "%s: slice %lld holds myocardium, but nothing tells its %s; give %s",
                          path, (long long)k, level ? "insertion points" : "level",
                          level ? "--insertion" : "--level basal, mid, apical or none");
  *out = points->aha;
  out->level = level->aha.level;
  return TT1_OK;
}

static tt1_status fill(tt1_aha_slice *slices, const slice_table *t, const char *path,
                       const uint8_t *myocardium, const tt1_geometry *geometry, tt1_error *err)
{
  int64_t n = geometry->size[2], area = geometry->size[0] * geometry->size[1];
  tt1_status status = TT1_OK;
  for (int i = 0; i < t->n; i++)
    if (t->rows[i].slice >= n)
      return tt1__error_set(err, TT1_BAD_ARGUMENT, "slice %d is described, %s has slices 0 to %lld",
                            t->rows[i].slice, path, (long long)n - 1);
  for (int64_t k = 0; k < n && status == TT1_OK; k++)
    if (!is_empty(myocardium + k * area, area)) status = fill_slice(&slices[k], t, k, path, err);
  return status;
}

static tt1_status parse(slice_table *t, const tt1_regions_request *request, tt1_error *err)
{
  tt1_status status = TT1_OK;
  for (int i = 0; i < request->n_insertions && status == TT1_OK; i++)
    status = take_insertion(t, request->insertions[i], err);
  for (int i = 0; i < request->n_levels && status == TT1_OK; i++)
    status = take_level(t, request->levels[i], err);
  return status;
}

tt1_status tt1__slices_check(const tt1_regions_request *request, tt1_error *err)
{
  slice_table *t = tt1__allocate(1, sizeof *t);
  tt1_status status = t ? parse(t, request, err) : tt1__no_memory(err);
  tt1__free(t);
  return status;
}

tt1_status tt1__slices_describe(tt1_aha_slice **out, const tt1_regions_request *request,
                                const uint8_t *myocardium, const tt1_geometry *geometry,
                                tt1_error *err)
{
  slice_table *t = tt1__allocate(1, sizeof *t);
  tt1_aha_slice *slices = tt1__allocate((size_t)geometry->size[2], sizeof *slices);
  tt1_status status = t && slices ? parse(t, request, err) : tt1__no_memory(err);
  if (status == TT1_OK) status = fill(slices, t, request->myocardium, myocardium, geometry, err);
  tt1__free(t);
  if (status == TT1_OK)
    *out = slices;
  else
    tt1__free(slices);
  return status;
}
