/* SPDX-License-Identifier: MIT
 * What a user changes about a fit: --fix, --bounds, --start-at, --start-map,
 * --correction. Read while options are parsed, applied once the model is there. */
#include "fit/fit_change.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fit/fit.h"

/* The part of "NAME=REST" behind the sign; the name goes to `name`. */
static const char *split(const char *option, const char *form, const char *text,
                         char name[NAME_SIZE])
{
  size_t length = strcspn(text, "=");
  if (!text[length] || !length || length >= NAME_SIZE)
    usage_error(&command_fit, "--%s takes %s, not '%s'", option, form, text);
  memcpy(name, text, length);
  name[length] = '\0';
  return text + length + 1;
}

/* The number at *at, which must be followed by `stop`; *at moves behind it. */
static int read_number(const char **at, char stop, double *value)
{
  char *end = NULL;
  *value = strtod(*at, &end);
  if (end == *at || *end != stop || isnan(*value)) return 0;
  *at = end + (stop != '\0');
  return 1;
}

static tt1_change *add_change(fit_changes *changes, const char *option, tt1_change_kind what)
{
  if (changes->n == MAX_CHANGES) usage_error(&command_fit, "--%s is given too often", option);
  tt1_change *change = &changes->list[changes->n];
  *change = (tt1_change){changes->names[changes->n++], what, 0, 0};
  return change;
}

void change_value(fit_changes *changes, const char *option, tt1_change_kind what, const char *text)
{
  char form[48];
  tt1_change *change = add_change(changes, option, what);
  snprintf(form, sizeof form, "NAME=VALUE, for instance %s",
           what == TT1_CHANGE_FIX ? "k=2" : "T1s=1.2");
  const char *at = split(option, form, text, changes->names[changes->n - 1]);
  if (!read_number(&at, '\0', &change->value))
    usage_error(&command_fit, "--%s takes %s, not '%s'", option, form, text);
}

void change_bounds(fit_changes *changes, const char *text)
{
  static const char form[] = "NAME=LOWER,UPPER, for instance k=1,3";
  tt1_change *change = add_change(changes, "bounds", TT1_CHANGE_BOUNDS);
  const char *at = split("bounds", form, text, changes->names[changes->n - 1]);
  if (!read_number(&at, ',', &change->value) || !read_number(&at, '\0', &change->upper))
    usage_error(&command_fit, "--bounds takes %s, not '%s'", form, text);
}

void add_start_map(fit_changes *changes, const char *text)
{
  if (changes->n_start_maps == MAX_STARTS)
    usage_error(&command_fit, "--start-map is given too often");
  fit_start_map *map = &changes->start_maps[changes->n_start_maps++];
  map->file = split("start-map", "NAME=FILE, for instance T1s=T1s.nii.gz", text, map->name);
}

/* [MAP=]FACTOR */
void set_correction(fit_changes *changes, const char *text)
{
  const char *factor = text;
  if (strchr(text, '=')) factor = split("correction", "[MAP=]FACTOR", text, changes->corrected);
  changes->correction = option_number(&command_fit, "correction", factor, 1e-3, 1e3);
}

int changes_start(const fit_changes *changes)
{
  for (int i = 0; i < changes->n; i++)
    if (changes->list[i].what == TT1_CHANGE_START) return 1;
  return changes->n_start_maps > 0;
}

/* ---- With the model at hand ------------------------------------------------ */

static const char *map_name(const tt1_model *model, int index)
{
  int n = tt1_model_n_parameters(model);
  if (index < n) return tt1_model_parameter(model, index)->name;
  const tt1_map *map = tt1_model_map(model, index - n);
  return map ? map->name : NULL;
}

static const char *map_suffix(const tt1_model *model, int index)
{
  int n = tt1_model_n_parameters(model);
  return index < n ? tt1_model_parameter(model, index)->bids
                   : tt1_model_map(model, index - n)->bids;
}

/* The map named, or the one with a BIDS suffix, which is what the model is for. */
static int find_corrected(fit_changes *changes, const tt1_model *model)
{
  const char *wanted = changes->corrected;
  int found = -1;
  for (int i = 0; found < 0 && map_name(model, i); i++) {
    const char *suffix = map_suffix(model, i); // what the file of the map is called
    int is_named = strcmp(map_name(model, i), wanted) == 0 || (suffix && !strcmp(suffix, wanted));
    if (*wanted ? is_named : suffix != NULL) found = i;
  }
  if (found < 0 && *wanted)
    return complain("--correction %s=...: model %s has no map of that name; 'torcht1 models show "
                    "%s' lists them",
                    wanted, tt1_model_name(model), tt1_model_name(model));
  if (found < 0)
    return complain("--correction: model %s has no map with a BIDS suffix: name one, as MAP=FACTOR",
                    tt1_model_name(model));
  snprintf(changes->corrected, sizeof changes->corrected, "%s", map_name(model, found));
  changes->corrected_map = found;
  return EXIT_OK;
}

int change_model(tt1_model **model, fit_changes *changes)
{
  tt1_model *changed = NULL;
  tt1_error error = {0};
  if (changes->n > 0) {
    if (tt1_model_adapt(&changed, *model, changes->list, changes->n, &error) != TT1_OK)
      return complain_of(&error);
    tt1_model_free(*model);
    *model = changed;
  }
  for (int i = 0; i < changes->n_start_maps; i++) {
    int k = 0;
    const char *wanted = changes->start_maps[i].name;
    while (tt1_model_parameter(*model, k) && strcmp(tt1_model_parameter(*model, k)->name, wanted))
      k++;
    if (!tt1_model_parameter(*model, k))
      return complain(
          "--start-map %s=...: model %s finds no parameter of that name; 'torcht1 models "
          "show %s' lists them",
          wanted, tt1_model_name(*model), tt1_model_name(*model));
  }
  return changes->correction > 0 ? find_corrected(changes, *model) : EXIT_OK;
}

/* ---- Reports --------------------------------------------------------------- */

static void put_change(tt1_json *out, const tt1_change *change)
{
  static const char *const keys[] = {"fixed", "bounds", "start"};
  double bounds[2] = {change->value, change->upper};
  tt1_json_open(out, NULL, '{');
  tt1_json_text(out, "parameter", change->parameter);
  if (change->what == TT1_CHANGE_BOUNDS)
    tt1_json_numbers(out, keys[change->what], bounds, 2);
  else
    tt1_json_number(out, keys[change->what], change->value);
  tt1_json_close(out, '{');
}

void put_changes(tt1_json *out, const fit_changes *changes)
{
  if (changes->n > 0) {
    tt1_json_open(out, "changes", '[');
    for (int i = 0; i < changes->n; i++)
      put_change(out, &changes->list[i]);
    tt1_json_close(out, '[');
  }
  if (changes->n_start_maps > 0) {
    tt1_json_open(out, "start_maps", '[');
    for (int i = 0; i < changes->n_start_maps; i++) {
      tt1_json_open(out, NULL, '{');
      tt1_json_text(out, "parameter", changes->start_maps[i].name);
      tt1_json_inputs(out, "inputs", changes->start_maps[i].image);
      tt1_json_close(out, '{');
    }
    tt1_json_close(out, '[');
  }
  if (!(changes->correction > 0)) return;
  tt1_json_open(out, "correction", '{');
  tt1_json_text(out, "map", changes->corrected);
  tt1_json_number(out, "factor", changes->correction);
  tt1_json_text(out, "applied_to", "the map and its standard deviation");
  tt1_json_close(out, '{');
}

void print_changes(const fit_changes *changes)
{
  for (int i = 0; i < changes->n; i++) {
    const tt1_change *change = &changes->list[i];
    if (change->what == TT1_CHANGE_FIX)
      printf("fixed    %s = %g\n", change->parameter, change->value);
  }
  if (changes->correction > 0)
    printf("note     %s and its SD are multiplied by %g\n", changes->corrected,
           changes->correction);
}

void free_changes(fit_changes *changes)
{
  for (int i = 0; i < changes->n_start_maps; i++)
    tt1_image_free(changes->start_maps[i].image);
}
