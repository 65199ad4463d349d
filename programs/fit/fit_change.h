/* SPDX-License-Identifier: MIT
 * What a user changes about a fit; see fit_change.c. */
#ifndef TT1_FIT_CHANGE_H
#define TT1_FIT_CHANGE_H

#include "tt1_image.h"

enum { MAX_CHANGES = 24, MAX_STARTS = 8, NAME_SIZE = 40 };

/** --start-map */
typedef struct fit_start_map {
  char name[NAME_SIZE];
  const char *file;
  tt1_image *image; /* once the series is read */
} fit_start_map;

typedef struct fit_changes {
  tt1_change list[MAX_CHANGES]; /* --fix, --bounds, --start-at; their names are in `names` */
  char names[MAX_CHANGES][NAME_SIZE];
  int n;
  fit_start_map start_maps[MAX_STARTS];
  int n_start_maps;
  double correction;         /* 0: none */
  char corrected[NAME_SIZE]; /* the map it multiplies; empty until known */
  int corrected_map;         /* its place among the parameters and maps */
} fit_changes;

/* Options: they complain and leave if `text` is not of their form. */
void change_value(fit_changes *changes, const char *option, tt1_change_kind what, const char *text);
void change_bounds(fit_changes *changes, const char *text);
void add_start_map(fit_changes *changes, const char *text);
void set_correction(fit_changes *changes, const char *text);
/** Whether there is a starting value or map, so that the fit has a fixed start. */
int changes_start(const fit_changes *changes);

/** Put the changed model in the place of *model, and look up names; EXIT_OK or a complaint. */
int change_model(tt1_model **model, fit_changes *changes);

/** Their members of fit.json, those that there are; their lines of the table. */
void put_changes(tt1_json *out, const fit_changes *changes);
void print_changes(const fit_changes *changes);
void free_changes(fit_changes *changes);
#endif
