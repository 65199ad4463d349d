/* SPDX-License-Identifier: MIT */
#include "measure/points.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "file/file.h"

enum { MAX_FILE = 1 << 20, MAX_SLICE = 32766, MAX_CELLS = 64, CELL = 64 };

static tt1__slice_row *add_row(tt1__slice_table *t, int slice, tt1_error *err)
{
  if (t->n == 2 * TT1_MAX_DESCRIBED) {
    tt1__error_set(err, TT1_BAD_ARGUMENT, "more than %d slices are described", TT1_MAX_DESCRIBED);
    return NULL;
  }
  tt1__slice_row *row = &t->rows[t->n++];
  *row = (tt1__slice_row){.slice = slice};
  return row;
}

static int find_level(tt1_level *out, const char *name)
{
  const char *known;
  for (int i = 0; (known = tt1_level_name((tt1_level)i)) != NULL; i++)
    if (strcmp(known, name) == 0) {
      *out = (tt1_level)i;
      return 1;
    }
  return 0;
}

/* ---- Texts ---- */

/* "3:rest" gives 3, "rest" TT1__ALL_SLICES; `*rest` is what follows. */
static tt1_status slice_in(int *slice, const char *option, const char *text, const char **rest,
                           tt1_error *err)
{
  const char *colon = strchr(text, ':');
  char *end = NULL;
  *rest = colon ? colon + 1 : text;
  *slice = TT1__ALL_SLICES;
  if (!colon) return TT1_OK;
  long number = strtol(text, &end, 10);
  if (end == text || end != colon || number < 0 || number > MAX_SLICE)
    return tt1__error_set(err, TT1_BAD_ARGUMENT,
                          "--%s takes a whole number from 0 to %d before the colon, not '%.*s'",
                          option, MAX_SLICE, (int)(colon - text), text);
  *slice = (int)number;
  return TT1_OK;
}

static tt1_status take_level(tt1__slice_table *t, const char *text, tt1_error *err)
{
  const char *name;
  int slice;
  tt1_level level;
  tt1_status status = slice_in(&slice, "level", text, &name, err);
  if (status != TT1_OK) return status;
  if (!find_level(&level, name))
    return tt1__error_set(err, TT1_BAD_ARGUMENT,
                          "--level takes one of none, basal, mid, apical, not '%s'", name);
  tt1__slice_row *row = add_row(t, slice, err);
  if (!row) return TT1_BAD_ARGUMENT;
  row->level = level;
  row->has_level = 1;
  return TT1_OK;
}

/* Numbers with commas or blanks between, and nothing else: how many, 0 if not four or six. */
static int numbers_in(const char *text, double numbers[6])
{
  int n = 0;
  for (; *text && n < 6; n++) {
    const char *end = text;
    numbers[n] = tt1__number_read(text, &end);
    if (end == text || !isfinite(numbers[n])) return 0;
    text = end + strspn(end, ", \t\r");
  }
  return !*text && (n == 4 || n == 6) ? n : 0;
}

static void set_points(double points[2][3], const double *numbers, int dimensions)
{
  for (int i = 0; i < 2 * dimensions; i++)
    points[i / dimensions][i % dimensions] = numbers[i];
}

/* DICOM counts to the left and to the back, NIfTI to the right and to the front. */
static void turn_lps(double points[2][3])
{
  for (int i = 0; i < 4; i++)
    points[i / 2][i % 2] *= -1.0;
}

static tt1_status refuse_points(const char *text, tt1_error *err)
{
  return tt1__error_set(err, TT1_BAD_ARGUMENT,
                        "--insertion takes the voxel coordinates I,J,I,J (or I,J,K,I,J,K) of the "
                        "anterior and the inferior insertion point, or mm:X,Y,Z,X,Y,Z, not '%s'",
                        text);
}

/* "mm:" to the right, front and top, as NIfTI has it, "lps:" as DICOM has it. */
static const char *unit_in(const char *text, int *is_lps)
{
  *is_lps = strncmp(text, "lps:", 4) == 0;
  return *is_lps ? text + 4 : strncmp(text, "mm:", 3) == 0 ? text + 3 : NULL;
}

static tt1_status take_points(tt1__slice_table *t, const char *text, tt1_error *err)
{
  double numbers[6];
  int slice = TT1__ALL_SLICES, is_lps;
  const char *rest = text, *places = unit_in(text, &is_lps);
  tt1_status status = places ? TT1_OK : slice_in(&slice, "insertion", text, &rest, err);
  if (status != TT1_OK) return status;
  if (!places) places = unit_in(rest, &is_lps);
  int n = numbers_in(places ? places : rest, numbers);
  if (n == 0 || (places && n != 6) || (!places && n == 6 && slice != TT1__ALL_SLICES))
    return refuse_points(text, err);
  tt1__slice_row *row = add_row(t, slice, err);
  if (!row) return TT1_BAD_ARGUMENT;
  row->has_mm = places != NULL;
  row->n_voxel = places ? 0 : n / 2;
  // Three coordinates lie in a slice of their own.
  if (slice == TT1__ALL_SLICES && n == 6) row->slice = TT1__SLICE_OF_POINTS;
  set_points(places ? row->mm : row->voxel, numbers, n / 2);
  if (is_lps) turn_lps(row->mm);
  return TT1_OK;
}

/* ---- Tables ---- */

/* What a column of a table holds: a coordinate of a point, or one of these. */
enum { COLUMN_OTHER, COLUMN_SLICE, COLUMN_LEVEL, COLUMN_VOXEL, COLUMN_MM = COLUMN_VOXEL + 6 };
enum { N_COLUMNS = COLUMN_MM + 6 };

typedef struct table {
  const char *path;
  int columns[MAX_CELLS], n_columns;
} table;

static int column_of(const char *name)
{
  static const char *const names[N_COLUMNS] = {
      "",           "slice",      "level",      "anterior_i", "anterior_j",
      "anterior_k", "inferior_i", "inferior_j", "inferior_k", "anterior_x",
      "anterior_y", "anterior_z", "inferior_x", "inferior_y", "inferior_z"};
  for (int i = 1; i < N_COLUMNS; i++)
    if (strcmp(names[i], name) == 0) return i;
  return COLUMN_OTHER;
}

/* The cells of a line: between commas if it has one, else between blanks. Returns how many, -1 if
 * there are too many or one is too long. */
static int split(char cells[MAX_CELLS][CELL], const char *line)
{
  int has_commas = strchr(line, ',') != NULL, n = 0;
  const char *separators = has_commas ? "," : " \t";
  for (const char *at = line; *at || n == 0; n++) {
    at += strspn(at, " \t\"");
    size_t length = strcspn(at, separators), kept = length;
    while (kept > 0 && strchr(" \t\"", at[kept - 1]))
      kept--;
    if (n == MAX_CELLS || kept >= CELL) return -1;
    memcpy(cells[n], at, kept);
    cells[n][kept] = '\0';
    at += length;
    if (!*at) return n + 1;
    at++;
    if (!has_commas) at += strspn(at, " \t");
    if (has_commas && !*at && n + 1 < MAX_CELLS) { // an empty last cell
      cells[n + 1][0] = '\0';
      return n + 2;
    }
  }
  return n;
}

/* Without names, or with none of those known: slice, level, and i, j of both points. */
static void take_head(table *t, char cells[MAX_CELLS][CELL], int n)
{
  static const int plain[] = {COLUMN_SLICE,     COLUMN_LEVEL,     COLUMN_VOXEL,
                              COLUMN_VOXEL + 1, COLUMN_VOXEL + 3, COLUMN_VOXEL + 4};
  int is_known = 0;
  for (int i = 0; i < n; i++) {
    t->columns[i] = column_of(cells[i]);
    is_known |= t->columns[i] >= COLUMN_VOXEL;
  }
  t->n_columns = n;
  if (is_known) return;
  memcpy(t->columns, plain, sizeof plain);
  t->n_columns = sizeof plain / sizeof *plain;
}

static tt1_status refuse_line(const table *t, int number, const char *line, tt1_error *err)
{
  return tt1__error_set(err, TT1_BAD_ARGUMENT,
                        "%s: line %d is '%.60s'; slice, level (basal, mid, apical) and the voxel "
                        "coordinates i,j of the anterior and the inferior insertion point are "
                        "expected, or other columns that the first line names (docs/regions.md)",
                        t->path, number, line);
}

/* One cell; 0 if it is not what the column holds. An empty one says nothing. */
static int take_cell(tt1__slice_row *row, int column, const char *cell, uint32_t *is_given)
{
  const char *end = cell;
  if (column == COLUMN_OTHER || !*cell) return 1;
  *is_given |= 1u << column;
  if (column == COLUMN_LEVEL) return row->has_level = find_level(&row->level, cell);
  double value = tt1__number_read(cell, &end);
  if (end == cell || *end || !isfinite(value)) return 0;
  if (column == COLUMN_SLICE) {
    row->slice = value >= 0.0 && value <= MAX_SLICE ? (int)value : -1;
    return row->slice >= 0 && !((double)row->slice < value);
  }
  int place = column >= COLUMN_MM ? column - COLUMN_MM : column - COLUMN_VOXEL;
  double(*points)[3] = column >= COLUMN_MM ? row->mm : row->voxel;
  points[place / 3][place % 3] = value;
  return 1;
}

/* Both points whole, in voxels or in mm or in both, and nothing but whole ones. */
static int settle_row(tt1__slice_row *row, uint32_t is_given)
{
  const uint32_t two = 033u << COLUMN_VOXEL, three = 077u << COLUMN_VOXEL, mm = 077u << COLUMN_MM;
  uint32_t voxels = is_given & three, places = is_given & mm;
  int has_slice = (is_given >> COLUMN_SLICE & 1u) != 0;
  row->n_voxel = voxels == two ? 2 : voxels == three ? 3 : 0;
  row->has_mm = places == mm;
  if (!has_slice) row->slice = TT1__SLICE_OF_POINTS;
  if ((voxels && !row->n_voxel) || (places && !row->has_mm)) return 0;
  if (!has_slice && row->n_voxel == 2 && !row->has_mm) return 0;
  return row->n_voxel > 0 || row->has_mm || (has_slice && row->has_level);
}

static tt1_status take_line(tt1__slice_table *out, const table *t, int number, const char *line,
                            char cells[MAX_CELLS][CELL], int n, tt1_error *err)
{
  uint32_t is_given = 0;
  tt1__slice_row *row = add_row(out, 0, err);
  if (!row) return TT1_BAD_ARGUMENT;
  row->path = t->path;
  row->line = number;
  int is_good = n == t->n_columns;
  for (int i = 0; i < n && is_good; i++)
    is_good = take_cell(row, t->columns[i], cells[i], &is_given);
  return is_good && settle_row(row, is_given) ? TT1_OK : refuse_line(t, number, line, err);
}

static int is_head(const char *cell)
{
  return strspn(cell, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_") > 1;
}

static tt1_status take_lines(tt1__slice_table *out, const char *path, char *text, tt1_error *err)
{
  char cells[MAX_CELLS][CELL];
  tt1_status status = TT1_OK;
  table t = {.path = path};
  int number = 1;
  if (strncmp(text, "\xEF\xBB\xBF", 3) == 0) text += 3;
  for (char *at = text, *next; at && status == TT1_OK; at = next, number++) {
    next = strchr(at, '\n');
    if (next) *next++ = '\0';
    at[strcspn(at, "\r")] = '\0';
    const char *line = at + strspn(at, " \t");
    if (!*line || *line == '#') continue;
    int n = split(cells, line), is_first = t.n_columns == 0;
    if (n < 1) return refuse_line(&t, number, line, err);
    if (is_first) take_head(&t, cells, n);
    if (!is_first || !is_head(cells[0])) status = take_line(out, &t, number, line, cells, n, err);
  }
  return status;
}

static tt1_status take_file(tt1__slice_table *t, const char *path, tt1_error *err)
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

/* ---- Both ---- */

static int are_points(const char *text)
{
  static const char numbers[] = "0123456789+-.,:eE \t";
  const char *colon = strchr(text, ':');
  int is_lps;
  if (unit_in(text, &is_lps) || (colon && unit_in(colon + 1, &is_lps))) return 1;
  return strspn(text, numbers) == strlen(text);
}

tt1_status tt1__slice_table_read(tt1__slice_table *out, const char *const *insertions,
                                 int n_insertions, const char *const *levels, int n_levels,
                                 tt1_error *err)
{
  tt1_status status = TT1_OK;
  for (int i = 0; i < n_insertions && status == TT1_OK; i++)
    status = are_points(insertions[i]) ? take_points(out, insertions[i], err)
                                       : take_file(out, insertions[i], err);
  for (int i = 0; i < n_levels && status == TT1_OK; i++)
    status = take_level(out, levels[i], err);
  return status;
}
