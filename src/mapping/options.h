/* SPDX-License-Identifier: MIT
 * What was asked for. One table, in options.c, serves parsing, help texts and the record. */
#ifndef TT1_MAPPING_OPTIONS_H
#define TT1_MAPPING_OPTIONS_H

#include "base/memory.h"
#include "tt1_mapping.h"

enum { MAX_GIVEN = 12, MAX_CHANGES = 24, MAX_STARTS = 8 };

/** What --sign asks for: the first three are those of tt1_sign. */
enum { SIGN_AUTO, SIGN_MAGNITUDE, SIGN_SIGNED, SIGN_PHASE };

/** --start-map: a parameter and the file of its map. */
typedef struct tt1__start_map {
  const char *parameter, *path;
} tt1__start_map;

struct tt1_mapping_options {
  tt1__arena texts; /* of all that is given */
  tt1_read_options read;
  tt1_device_options device_options;
  tt1_plan_options plan; /* as given: tt1__options_settle() adds what that implies */
  const char *model, *device, *mask, *images, *images_map, *weights, *like, *uni, *scheme;
  int is_network;
  const char *known[MAX_GIVEN]; /* "TI=0.1,0.2" */
  int n_known;
  tt1_change changes[MAX_CHANGES]; /* --fix, --bounds, --start-at */
  int n_changes;
  tt1__start_map starts[MAX_STARTS];
  int n_starts;
  double correction;     /* 0: none */
  const char *corrected; /* the map that it is for; NULL: the first with a BIDS suffix */
  int has_start;         /* --start was given */
  int sign, estimates_sigma, filter, keep_bound, resample;
  double range[2]; /* window of the picture, if has_range */
  int has_range;
  int formats, names_formats; /* TT1_FORMAT_...; whether they were named */
};

/** Options of a fit that has none. */
extern const tt1_mapping_options tt1__options_default;

/** The options of the plans, with all that others imply; TT1_BAD_ARGUMENT if they do not go together. */
tt1_status tt1__options_settle(tt1_plan_options *out, const tt1_mapping_options *options,
                               tt1_error *err);
/** The names of --sign and --filter; NULL past the last. */
const char *tt1__sign_name(int index);
const char *tt1__filter_name(int index);
/** Voxels along a side of --filter. */
int tt1__filter_width(int filter);

/** Add "options": every recorded row of the table. */
struct tt1_mapping;
void tt1__options_put(tt1_json *out, const struct tt1_mapping *m);

/* ---- like.c ---- */

/** The names of --like; NULL past the last. */
const char *tt1__like_name(int index);
/** Set what the paper set; TT1_BAD_ARGUMENT if something else was asked for. */
tt1_status tt1__like_settle(tt1_plan_options *plan, const tt1_mapping_options *options,
                            tt1_error *err);
/** Add "like": the paper, and what was chosen where it says nothing. */
void tt1__like_put(tt1_json *out, const tt1_plan_options *plan, const tt1_mapping_options *options);
/** The same as line `index` of a report; NULL past the last. */
const char *tt1__like_line(int index, const tt1_plan_options *plan,
                           const tt1_mapping_options *options, char text[160]);

/* ---- changes.c ---- */

/** Parse what follows --fix, --bounds, --start-at, --start-map or --correction; `text` is the copy that is
    kept. */
tt1_status tt1__change_parse(tt1_mapping_options *options, const char *option, char *text,
                             tt1_error *err);
/** Put the changed model in the place of *model, and look up names; `*corrected`: the place of the map
    that --correction is for, -1 for none. */
tt1_status tt1__changes_apply(tt1_model **model, int *corrected, const tt1_mapping_options *options,
                              tt1_error *err);
/** The name of parameter or map `index` of a model; NULL past the last. */
const char *tt1__map_name(const tt1_model *model, int index);
#endif
