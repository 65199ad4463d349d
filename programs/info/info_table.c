/* SPDX-License-Identifier: MIT
 * What `torcht1 info` prints for people: one line per series, then what is
 * known of each, what was assumed, and why it cannot be used. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/series.h"
#include "info/info.h"

enum { LINE = 79, LABEL = 10, INDENT = LABEL + 4, NUMBER = 8 };

/* ---- Fields: a label and words that are wrapped ---- */

/* Words from column INDENT on, at most LINE columns wide. */
static void print_words(const char *text)
{
  int column = INDENT;
  while (*text) {
    text += strspn(text, " ");
    int length = (int)strcspn(text, " ");
    if (length == 0) break;
    if (column > INDENT && column + 1 + length > LINE) {
      printf("\n%*s", INDENT, "");
      column = INDENT;
    }
    column += printf("%s%.*s", column > INDENT ? " " : "", length, text);
    text += length;
  }
  printf("\n");
}

__attribute__((format(printf, 2, 3))) static void print_field(const char *label, const char *format,
                                                              ...)
{
  char text[2000];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  printf("  %-*s  ", LABEL, label);
  print_words(text);
}

/* ---- Known quantities ---- */

/* When an image was acquired is a time of day. */
static int is_time_of_day(const tt1_known_values *known)
{
  return strcmp(known->name, "AcquisitionTime") == 0;
}

static double least_of(const tt1_known_values *known)
{
  double least = known->values[0];
  for (int i = 1; i < known->count * known->n_slices; i++)
    if (known->values[i] < least) least = known->values[i];
  return least;
}

/* How to show values: inside they are seconds and degrees. */
static double shown(const tt1_known_values *known, double value)
{
  if (is_time_of_day(known)) return value - least_of(known);
  return strstr(known->name, "Time") ? 1000.0 * value : value;
}

static const char *unit_of(const tt1_known_values *known, char text[48])
{
  int ms = (int)(1000.0 * least_of(known) + 0.5), s = ms / 1000;
  snprintf(text, 48, " s after %02d:%02d:%02d.%03d", s / 3600 % 24, s / 60 % 60, s % 60, ms % 1000);
  if (is_time_of_day(known)) return text;
  return strstr(known->name, "Time") ? " ms" : strstr(known->name, "Angle") ? " degrees" : "";
}

static int varies(const tt1_known_values *known)
{
  for (int i = 1; i < known->count * known->n_slices; i++)
    if (known->values[i] < known->values[0] || known->values[i] > known->values[0]) return 1;
  return 0;
}

/* Numbers of images, or values of one slice. */
static void print_row(const tt1_known_values *known, int slice, int from, int to)
{
  char label[32] = "";
  if (!known) snprintf(label, sizeof label, "image");
  if (known && known->n_slices > 1) snprintf(label, sizeof label, "slice %d", slice + 1);
  printf("  %-*s  ", LABEL, label);
  for (int i = from; i < to; i++)
    if (known)
      printf(" %*.6g", NUMBER - 1, shown(known, known->values[slice * known->count + i]));
    else
      printf(" %*d", NUMBER - 1, i + 1);
  printf("\n");
}

/* The images in their order with what varies, as --images counts them. */
static void print_images(const tt1_study_series *series)
{
  enum { PER_LINE = (LINE - INDENT) / NUMBER };
  int n_varying = 0;
  char text[48];
  for (int i = 0; i < series->n_known; i++) {
    const tt1_known_values *known = &series->known[i];
    if (!varies(known)) continue;
    n_varying++;
    const char *unit = unit_of(known, text);
    print_field("by image", "%s%s%s, from %s", known->name, *unit ? " in" : "", unit,
                known->source);
  }
  for (int from = 0; n_varying && from < series->n_images; from += PER_LINE) {
    int to = from + PER_LINE < series->n_images ? from + PER_LINE : series->n_images;
    print_row(NULL, 0, from, to);
    for (int i = 0; i < series->n_known; i++)
      for (int slice = 0; varies(&series->known[i]) && slice < series->known[i].n_slices; slice++)
        print_row(&series->known[i], slice, from, to);
  }
}

/* Inversions and the rests before them, of MOLLI series. */
static void print_groups(const tt1_study_series *series)
{
  tt1_inversions found;
  char text[400] = "";
  size_t used = 0;
  tt1_inversions_of(&found, NULL, series->known, series->n_known, series->n_images);
  for (int g = 0; found.n_groups > 1 && g < found.n_groups && used < sizeof text; g++) {
    if (g > 0 && found.is_timed)
      used += (size_t)snprintf(text + used, sizeof text - used, ", %.2f s of rest,", found.rest[g]);
    else if (g > 0)
      used += (size_t)snprintf(text + used, sizeof text - used, ",");
    if (used < sizeof text)
      used += (size_t)snprintf(text + used, sizeof text - used, "%s%d image%s", g ? " " : "",
                               found.count[g], found.count[g] == 1 ? "" : "s");
  }
  if (*text)
    print_field("inversions", "%s; from %s", text,
                found.is_timed ? "AcquisitionTime less InversionTime"
                               : "the times alone, which do not say how long the rests are");
}

static void print_constants(const tt1_study_series *series)
{
  char text[2000] = "", unit[48];
  size_t used = 0;
  for (int i = 0; i < series->n_known; i++) {
    const tt1_known_values *known = &series->known[i];
    if (varies(known) || is_time_of_day(known) || used >= sizeof text - 1) continue;
    used += (size_t)snprintf(text + used, sizeof text - used, "%s%s %g%s", used ? ", " : "",
                             known->name, shown(known, known->values[0]), unit_of(known, unit));
  }
  if (*text) print_field("constant", "%s", text);
}

void info_print_field(const char *label, const char *text)
{
  print_field(label, "%s", text);
}

void info_print_known(const tt1_study_series *series)
{
  print_images(series);
  print_groups(series);
  print_constants(series);
}

/* ---- Series ---- */

/* "series 12", or "it" where files do not count. */
static const char *name_of(const tt1_study_series *series, char text[32])
{
  if (series->number)
    snprintf(text, 32, "series %d", series->number);
  else
    snprintf(text, 32, "the series");
  return text;
}

static void print_sign(const tt1_study *study, const tt1_study_series *series)
{
  char text[32];
  if (series->kind == TT1_KIND_PHASE || series->kind == TT1_KIND_MAP) return;
  if (series->is_signed)
    print_field("sign", "in the values");
  else if (series->partner >= 0)
    print_field("sign", "from the phase in %s",
                name_of(tt1_study_series_at(study, series->partner), text));
  else
    print_field("sign", "not stored: magnitudes");
}

/* The model that `torcht1 fit` takes unless another is named. */
static void print_model(const tt1_study_series *series)
{
  char reason[400];
  const char *model = tt1_study_series_model(reason, series);
  if (model)
    print_field("model", "%s, for %s", model, reason);
  else if (*reason)
    print_field("model", "to be named: %s", reason);
}

static void describe_series(const tt1_study *study, const tt1_study_series *series)
{
  char text[32];
  printf("\n%s%s%s\n", name_of(series, text), *series->description ? ": " : "",
         series->description);
  if (series->refused) print_field("not fitted", "%s", series->refused);
  print_field("stored", "%s, %s%s%s, %d file%s", series->format, series->stored_type,
              *series->vendor ? ", " : "", series->vendor, series->n_files,
              series->n_files == 1 ? "" : "s");
  print_field("voxels", "%.4g x %.4g x %.4g mm", series->geometry.spacing[0],
              series->geometry.spacing[1], series->geometry.spacing[2]);
  if (*series->image_type) print_field("type", "%s", series->image_type);
  if (*series->scaling) print_field("scaling", "%s", series->scaling);
  if (*series->unit) print_field("unit", "%s", series->unit);
  print_sign(study, series);
  print_images(series);
  print_groups(series);
  print_constants(series);
  for (int i = 0; i < series->n_assumptions; i++)
    print_field("assumed", "%s", series->assumptions[i]);
  if (!series->refused) print_model(series);
}

/* What `torcht1 fit` would take, or why it takes nothing. */
static void print_choice(tt1_study *study)
{
  tt1_error error = {0}, refusal = {0};
  char reason[400];
  char text[32], phase[32], model[64] = "";
  int chosen = tt1_study_choose(study, &error);
  if (chosen < 0) {
    printf("\n");
    print_field("fit", "%s", error.message);
    return;
  }
  const tt1_study_series *series = tt1_study_series_at(study, chosen);
  const tt1_study_series *partner = tt1_study_series_at(study, series->partner);
  const char *proposed = tt1_study_series_model(reason, series);
  int is_tried = series->n_images > 1 && series->times >= 0 && proposed;
  int is_fitted = is_tried && info_is_fitted(study, chosen, model, &refusal);
  int is_other = is_fitted && strcmp(model, proposed) != 0; // as rests between inversions ask for
  printf("\n");
  print_field("fit", "takes %s%s%s%s%s%s", name_of(series, text),
              partner ? " with the phase in " : "", partner ? name_of(partner, phase) : "",
              is_other ? ", by model " : "", is_other ? model : "",
              series->n_images == 1 ? ", but one image cannot be fitted"
              : series->times < 0   ? ", whose times have to be given: --known"
                                    : "");
  if (is_tried && !is_fitted) print_field("refused", "%s", refusal.message);
}

void info_print_table(tt1_study *study, const char *input, int n_inputs)
{
  int n_series = tt1_study_n_series(study), n_files = 0, n_skipped = tt1_study_n_skipped(study);
  int n_archives = tt1_study_n_archives(study);
  for (int i = 0; i < n_series; i++)
    n_files += tt1_study_series_at(study, i)->n_files;
  printf("%s", input);
  if (n_inputs > 1) printf(" and %d more", n_inputs - 1);
  printf(": %d series, %d file%s", n_series, n_files, n_files == 1 ? "" : "s");
  if (n_skipped) printf("; %d other%s left out", n_skipped, n_skipped == 1 ? "" : "s");
  int n_secondary = tt1_study_n_secondary(study);
  if (n_secondary)
    printf(", %d of them %s", n_secondary,
           n_secondary == 1 ? "a Secondary Capture" : "Secondary Captures");
  if (n_archives)
    printf(", %d of them %s", n_archives, n_archives == 1 ? "a zip archive" : "zip archives");
  printf("\n\n");
  print_series(stdout, study, 0);
  for (int i = 0; i < n_series; i++)
    describe_series(study, tt1_study_series_at(study, i));
  print_choice(study);
}
