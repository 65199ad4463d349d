/* SPDX-License-Identifier: MIT
 * What a user changes about a fit: --fix, --bounds, --start-at, --start-map, --correction. Parsed as
 * options, applied once the model is there. */
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "mapping/options.h"

enum { NAME_SIZE = 40 };

static tt1_status refuse(const char *option, const char *form, const char *text, tt1_error *err)
{
  return tt1__error_set(err, TT1_BAD_ARGUMENT, "--%s takes %s, not '%s'", option, form, text);
}

/* The part of "NAME=REST" behind the sign, which becomes the end of the name; NULL if it has not that
 * form. */
static char *split(char *text)
{
  char *sign = strchr(text, '=');
  if (!sign || sign == text || sign - text >= NAME_SIZE) return NULL;
  *sign = '\0';
  return sign + 1;
}

/* The number at *at, which must be followed by `stop`; *at moves behind it. */
static int read_number(const char **at, char stop, double *value)
{
  const char *text = *at, *end = text;
  size_t sign = *text == '-' || *text == '+';
  *value = tt1__number_read(text, &end);
  if (strncmp(text + sign, "inf", 3) == 0) {
    *value = *text == '-' ? -HUGE_VAL : HUGE_VAL;
    end = text + sign + 3;
  }
  if (end == text || *end != stop) return 0;
  *at = end + (stop != '\0');
  return 1;
}

static tt1_status parse_start_map(tt1_mapping_options *o, char *text, const char *whole,
                                  tt1_error *err)
{
  if (o->n_starts == MAX_STARTS)
    return tt1__error_set(err, TT1_BAD_ARGUMENT, "--start-map is given too often");
  char *path = split(text);
  if (!path || !*path)
    return refuse("start-map", "NAME=FILE, for instance T1s=T1s.nii.gz", whole, err);
  o->starts[o->n_starts++] = (tt1__start_map){text, path};
  return TT1_OK;
}

/* [MAP=]FACTOR */
static tt1_status parse_correction(tt1_mapping_options *o, char *text, const char *whole,
                                   tt1_error *err)
{
  const char *factor = strchr(text, '=') ? split(text) : text, *at = factor;
  double value;
  if (!factor) return refuse("correction", "[MAP=]FACTOR", whole, err);
  if (!read_number(&at, '\0', &value) || !(value >= 1e-3 && value <= 1e3))
    return refuse("correction", "a number from 0.001 to 1000", factor, err);
  o->correction = value;
  o->corrected = factor == text ? NULL : text;
  return TT1_OK;
}

static tt1_status parse_change(tt1_mapping_options *o, const char *option, char *text,
                               const char *whole, tt1_error *err)
{
  int is_bounds = strcmp(option, "bounds") == 0, is_fix = strcmp(option, "fix") == 0;
  const char *form = is_bounds ? "NAME=LOWER,UPPER, for instance k=1,3"
                     : is_fix  ? "NAME=VALUE, for instance k=2"
                               : "NAME=VALUE, for instance T1s=1.2";
  if (o->n_changes == MAX_CHANGES)
    return tt1__error_set(err, TT1_BAD_ARGUMENT, "--%s is given too often", option);
  tt1_change change = {text, TT1_CHANGE_START, 0, 0};
  change.what = is_bounds ? TT1_CHANGE_BOUNDS : is_fix ? TT1_CHANGE_FIX : TT1_CHANGE_START;
  const char *at = split(text);
  if (!at || !read_number(&at, is_bounds ? ',' : '\0', &change.value) ||
      (is_bounds && !read_number(&at, '\0', &change.upper)))
    return refuse(option, form, whole, err);
  o->changes[o->n_changes++] = change;
  return TT1_OK;
}

tt1_status tt1__change_parse(tt1_mapping_options *options, const char *option, char *text,
                             tt1_error *err)
{
  const char *whole = tt1__arena_copy(&options->texts, text, strlen(text)); // `text` is cut up
  if (!whole) return tt1__no_memory(err);
  if (strcmp(option, "start-map") == 0) return parse_start_map(options, text, whole, err);
  if (strcmp(option, "correction") == 0) return parse_correction(options, text, whole, err);
  return parse_change(options, option, text, whole, err);
}

/* ---- With the model at hand ---- */

const char *tt1__map_name(const tt1_model *model, int index)
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

/* The map named, by itself or as its file is, or the one with a BIDS suffix, which is what the model is
 * for. */
static tt1_status find_corrected(int *out, const tt1_model *model, const char *wanted,
                                 tt1_error *err)
{
  const char *name = tt1_model_name(model);
  for (int i = 0; tt1__map_name(model, i); i++) {
    const char *suffix = map_suffix(model, i);
    int is_named = wanted && (strcmp(tt1__map_name(model, i), wanted) == 0 ||
                              (suffix && strcmp(suffix, wanted) == 0));
    if (wanted ? !is_named : !suffix) continue;
    *out = i;
    return TT1_OK;
  }
  if (wanted)
    return tt1__error_set(err, TT1_BAD_ARGUMENT,
                          "--correction %s=...: model %s has no map of that name; 'torcht1 models "
                          "show %s' lists them",
                          wanted, name, name);
  return tt1__error_set(err, TT1_BAD_ARGUMENT,
                        "--correction: model %s has no map with a BIDS suffix: name one, as "
                        "MAP=FACTOR",
                        name);
}

static tt1_status check_starts(const tt1_model *model, const tt1_mapping_options *o, tt1_error *err)
{
  for (int i = 0; i < o->n_starts; i++) {
    int k = 0;
    const char *wanted = o->starts[i].parameter;
    while (tt1_model_parameter(model, k) && strcmp(tt1_model_parameter(model, k)->name, wanted))
      k++;
    if (!tt1_model_parameter(model, k))
      return tt1__error_set(err, TT1_BAD_ARGUMENT,
                            "--start-map %s=...: model %s finds no parameter of that name; "
                            "'torcht1 models show %s' lists them",
                            wanted, tt1_model_name(model), tt1_model_name(model));
  }
  return TT1_OK;
}

tt1_status tt1__changes_apply(tt1_model **model, int *corrected, const tt1_mapping_options *o,
                              tt1_error *err)
{
  tt1_model *changed = NULL;
  *corrected = -1;
  if (o->n_changes > 0) {
    tt1_status status = tt1_model_adapt(&changed, *model, o->changes, o->n_changes, err);
    if (status != TT1_OK) return status;
    tt1_model_free(*model);
    *model = changed;
  }
  tt1_status status = check_starts(*model, o, err);
  if (status != TT1_OK || !(o->correction > 0)) return status;
  return find_corrected(corrected, *model, o->corrected, err);
}
