/* SPDX-License-Identifier: MIT
 * Levels and insertion points of slices, from options and from a file. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "regions/regions.h"

static const char *level_of(int index)
{
  return tt1_level_name((tt1_level)index);
}

/* The row of `slice`, a new one if there is none yet. */
static slice_row *row_of(regions *r, int slice)
{
  for (int i = 0; i < r->n_slices; i++)
    if (r->slices[i].slice == slice) return &r->slices[i];
  if (r->n_slices == MAX_SLICES)
    usage_error(&command_regions, "more than %d slices are described", MAX_SLICES);
  slice_row *row = &r->slices[r->n_slices++];
  row->slice = slice;
  return row;
}

/* "3:rest" gives 3, "rest" ALL_SLICES; `*rest` is what follows. */
static int slice_in(const char *option, const char *text, const char **rest)
{
  const char *colon = strchr(text, ':');
  char number[16];
  *rest = colon ? colon + 1 : text;
  if (!colon) return ALL_SLICES;
  snprintf(number, sizeof number, "%.*s", (int)(colon - text), text);
  return option_integer(&command_regions, option, number, 0, 32766);
}

void take_level(regions *r, const char *text)
{
  const char *name;
  slice_row *row = row_of(r, slice_in("level", text, &name));
  row->aha.level = (tt1_level)option_choice(&command_regions, "level", name, level_of);
  row->has_level = 1;
}

/* Four numbers with commas or blanks between, and nothing else. */
static int four_numbers(const char *text, double numbers[4])
{
  for (int n = 0; n < 4; n++) {
    char *end = NULL;
    numbers[n] = strtod(text, &end);
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

/* "slice level anterior_i anterior_j inferior_i inferior_j" */
static void take_line(regions *r, const char *path, int number, const char *line)
{
  char level[16] = "";
  int slice = -1, used = 0, index = 0;
  double numbers[4];
  int found = sscanf(line, "%d%*[, \t]%15[a-z]%*[, \t]%n", &slice, level, &used);
  while (level_of(index) && strcmp(level_of(index), level) != 0)
    index++;
  if (found != 2 || slice < 0 || !level_of(index) || !used || !four_numbers(line + used, numbers))
    usage_error(&command_regions,
                "%s: line %d is '%.60s'; slice, level (basal, mid, apical) and the voxel "
                "coordinates i,j of the anterior and the inferior insertion point are expected",
                path, number, line);
  slice_row *row = row_of(r, slice);
  row->aha.level = (tt1_level)index;
  row->has_level = 1;
  set_points(row, numbers);
}

static void take_file(regions *r, const char *path)
{
  FILE *file = fopen(path, "r");
  remember_file(path);
  char line[256];
  if (!file)
    usage_error(&command_regions, "--insertion takes I,J,I,J or a file of them; '%s' is neither",
                path);
  for (int number = 1; fgets(line, sizeof line, file); number++) {
    line[strcspn(line, "\r\n")] = '\0';
    const char *start = line + strspn(line, " \t");
    if (!*start || *start == '#' || strncmp(start, "slice", 5) == 0) continue;
    take_line(r, path, number, start);
  }
  fclose(file);
}

void take_insertion(regions *r, const char *text)
{
  double numbers[4];
  if (strspn(text, "0123456789+-.,:eE \t") != strlen(text)) {
    take_file(r, text);
    return;
  }
  const char *rest;
  int slice = slice_in("insertion", text, &rest);
  if (!four_numbers(rest, numbers))
    usage_error(&command_regions,
                "--insertion takes the voxel coordinates I,J,I,J of the anterior and the inferior "
                "insertion point, not '%s'",
                text);
  set_points(row_of(r, slice), numbers);
}

/* What is said of slice `k`, or of all slices, in turn. */
static const slice_row *find(const regions *r, int64_t k, int points)
{
  const slice_row *general = NULL;
  for (int i = 0; i < r->n_slices; i++) {
    const slice_row *row = &r->slices[i];
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

static int fill_slice(tt1_aha_slice *out, const regions *r, int64_t k)
{
  const slice_row *level = find(r, k, 0), *points = find(r, k, 1);
  if (!level || !points)
    return complain("%s: slice %lld holds myocardium, but nothing tells its %s; give %s",
                    r->myocardium_path, (long long)k, level ? "insertion points" : "level",
                    level ? "--insertion" : "--level basal, mid, apical or none");
  *out = points->aha;
  out->level = level->aha.level;
  return EXIT_OK;
}

tt1_aha_slice *slices_of(const regions *r, const uint8_t *myocardium, const tt1_geometry *geometry)
{
  int64_t n = geometry->size[2], area = geometry->size[0] * geometry->size[1];
  for (int i = 0; i < r->n_slices; i++)
    if (r->slices[i].slice >= n) {
      complain("slice %d is described, %s has slices 0 to %lld", r->slices[i].slice,
               r->myocardium_path, (long long)n - 1);
      return NULL;
    }
  tt1_aha_slice *slices = allocate((size_t)n, sizeof *slices);
  for (int64_t k = 0; k < n; k++)
    if (!is_empty(myocardium + k * area, area) && fill_slice(&slices[k], r, k) != EXIT_OK) {
      free(slices);
      return NULL;
    }
  return slices;
}
