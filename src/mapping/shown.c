/* SPDX-License-Identifier: MIT
 * The picture of a fit: which map, in which window, what stands above and below it. Never who it is of. */
#include <ctype.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/number.h"
#include "dicom/source.h"
#include "mapping/mapping.h"
#include "tt1_report.h"

/* ---- Which map ---- */

/* The first with a suffix in BIDS. An own model may have none: then the first map that it derives, for that is what it
 * was written for, before its parameters; of each the first in seconds, or the first. */
int tt1__mapping_shown(const tt1_mapping *m)
{
  int n_parameters = m->n_main - tt1_model_n_maps(m->model); // of a network all is derived
  int best = 0, most = -1;
  for (int i = 0; i < m->n_main; i++) {
    const tt1_mapped *map = &m->maps[i].shown;
    if (map->bids) return i;
    int worth = 2 * (i >= n_parameters) + (strcmp(map->unit, "s") == 0);
    if (worth > most) best = i;
    if (worth > most) most = worth;
  }
  return best;
}

const float *tt1__mapping_deviation(const tt1_mapping *m, int index)
{
  int at = index + m->n_main;
  return at < m->n_maps && m->maps[at].shown.is_deviation ? m->maps[at].values : NULL;
}

/* ---- Window ---- */

double tt1__shown_scale(const tt1_mapped *map)
{
  return strcmp(map->unit, "s") == 0 ? 1000.0 : 1.0;
}

/* A quantile of the finite voxels of tissue, or of all where there are none. */
static tt1_status find_quantile(double *out, const tt1_mapping *m, const tt1_mapped *map,
                                double share, tt1_error *err)
{
  int64_t n_voxels = tt1_image_n_voxels(m->image), n = 0;
  const float *of_map = map->values;
  double *values = tt1__allocate((size_t)n_voxels, sizeof *values);
  if (!values) return tt1__no_memory(err);
  for (int64_t v = 0; v < n_voxels; v++)
    if (m->tissue[v] && isfinite(of_map[v])) values[n++] = (double)of_map[v];
  for (int64_t v = 0; v < n_voxels && n == 0; v++)
    if (isfinite(of_map[v])) values[n++] = (double)of_map[v];
  *out = tt1__quantile(values, n, share);
  tt1__free(values);
  return TT1_OK;
}

tt1_status tt1__mapping_limit(double *out, const tt1_mapping *m, const tt1_mapped *map,
                              tt1_error *err)
{
  double scale = tt1__shown_scale(map), most = 0.0;
  tt1_status status = find_quantile(&most, m, map, 0.95, err);
  if (status == TT1_OK) *out = tt1_round_up(scale * most) / scale;
  return status;
}

/* The value of a text of the image, or "". */
static const char *text_of(const tt1_image *image, const char *key)
{
  const tt1_found_text *text;
  for (int i = 0; (text = tt1_image_text(image, i)) != NULL; i++)
    if (strcmp(text->key, key) == 0) return text->value;
  return "";
}

/* Whether one of a text's words begins so, whatever the case. */
static int begins_word(const char *text, const char *beginning)
{
  for (const char *at = text; *at; at++) {
    size_t n = 0;
    if (at > text && isalpha((unsigned char)at[-1])) continue;
    while (beginning[n] && tolower((unsigned char)at[n]) == beginning[n])
      n++;
    if (!beginning[n]) return 1;
  }
  return 0;
}

static int has_contrast(const tt1_image *image)
{
  static const char *const agents[] = {"ContrastBolusIngredient", "ContrastBolusAgent"};
  static const char *const words[] = {"post", "gd", "gad", "contrast"};
  const char *description = tt1_image_origin(image)->description;
  if (description && (begins_word(description, "pre") || begins_word(description, "native")))
    return 0;
  for (size_t i = 0; i < sizeof agents / sizeof *agents; i++) {
    const char *agent = text_of(image, agents[i]);
    if (*agent && !begins_word(agent, "no")) return 1; // NO, NONE
  }
  for (size_t i = 0; description && i < sizeof words / sizeof *words; i++)
    if (begins_word(description, words[i])) return 1;
  return 0;
}

/* As asked for; as is usual for the quantity, where the map is of that kind; else as its values need. */
static tt1_status find_window(double window[2], const tt1_mapping *m, const tt1_mapped *map,
                              tt1_error *err)
{
  double middle = 0.0, limit = 0.0, usual[2], scale = tt1__shown_scale(map);
  if (m->options->has_range) {
    memcpy(window, m->options->range, sizeof m->options->range);
    return TT1_OK;
  }
  tt1_status status = find_quantile(&middle, m, map, 0.5, err);
  if (status == TT1_OK) status = tt1__mapping_limit(&limit, m, map, err);
  window[0] = 0.0;
  window[1] = scale * limit;
  if (scale > 1.0 &&
      tt1_usual_window(usual, map->name, tt1_image_origin(m->image)->field_strength,
                       has_contrast(m->image)) &&
      scale * middle > 0.1 * usual[1] && scale * middle < usual[1])
    memcpy(window, usual, sizeof usual);
  return status;
}

/* ---- Titles ---- */

__attribute__((format(printf, 3, 4))) static void add(char *text, size_t size, const char *format,
                                                      ...)
{
  va_list arguments;
  size_t used = strlen(text);
  if (used > 0 && used + 6 < size) used += (size_t)snprintf(text + used, size - used, "  \u00b7  ");
  va_start(arguments, format);
  vsnprintf(text + used, size - used, format, arguments);
  va_end(arguments);
}

/* What was measured, where and when. */
static void describe(char *text, size_t size, const tt1_mapping *m)
{
  char date[16];
  const tt1_origin *origin = tt1_image_origin(m->image);
  const char *part = text_of(m->image, "BodyPart");
  *text = '\0';
  if (origin->description && *origin->description &&
      !tt1__dicom_source_names(m->image, origin->description))
    add(text, size, "%.60s", origin->description);
  if (*part && !begins_word(origin->description ? origin->description : "", part))
    add(text, size, "%.30s", part);
  if (origin->field_strength > 0.0) add(text, size, "%.3g T", origin->field_strength);
  add(text, size, "model %.40s", tt1_model_name(m->model));
  if (tt1__dicom_source_date(m->image, date)) add(text, size, "%s", date);
}

/* T1map shows T1. */
static void name_quantity(char text[64], const tt1_mapped *map)
{
  const char *last = strstr(map->name, "map");
  int length = last && last > map->name && !last[3] ? (int)(last - map->name) : 60;
  snprintf(text, 64, "%.*s", length, map->name);
}

/* ---- Writing ---- */

tt1_status tt1__mapping_write_picture(tt1_mapping *m, tt1_folder *folder, tt1_error *err)
{
  static const struct {
    int format;
    tt1__file_kind kind;
  } kinds[] = {{TT1_FORMAT_PNG, TT1__FILE_PICTURE},
               {TT1_FORMAT_SVG, TT1__FILE_SVG},
               {TT1_FORMAT_PDF, TT1__FILE_PDF}};
  int index = tt1__mapping_shown(m);
  const tt1_mapped *map = &m->maps[index].shown;
  double window[2];
  char title[64], subtitle[240], note[160], file[TT1__NAME_SIZE];
  name_quantity(title, map);
  describe(subtitle, sizeof subtitle, m);
  snprintf(note, sizeof note,
           "dimmed where the SD is above 5 %% of %s, to 15 %% of the light from 25 %% on", title);
  tt1_status status = find_window(window, m, map, err);
  if (status != TT1_OK) return status;
  tt1_picture picture = {.map = map->values,
                         .geometry = tt1_image_geometry(m->image),
                         .scale = tt1__shown_scale(map),
                         .from = window[0],
                         .to = window[1],
                         .colours = tt1_colours_of(map->name),
                         .title = title,
                         .unit = tt1__shown_scale(map) > 1.0 ? "ms" : map->unit,
                         .deviation = tt1__mapping_deviation(m, index),
                         .subtitle = subtitle};
  if (picture.deviation) picture.note = note;
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds && status == TT1_OK; i++) {
    if (!(m->options->formats & kinds[i].format)) continue;
    tt1__mapping_name(file, m, kinds[i].kind, map);
    status = tt1_folder_write_picture(folder, file, &picture, err);
  }
  m->result.picture = map->name;
  return status;
}
