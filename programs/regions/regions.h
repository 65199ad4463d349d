/* SPDX-License-Identifier: MIT
 * What the files of `torcht1 regions` share. */
#ifndef TT1_REGIONS_H
#define TT1_REGIONS_H

#include "cli/program.h"
#include "tt1_analysis.h"

enum { MAX_SLICES = 256, ALL_SLICES = -1 };

/** What the command line or a file says of a slice, or of all. */
typedef struct slice_row {
  int slice; /* from 0, or ALL_SLICES */
  int has_level, has_points;
  tt1_aha_slice aha;
} slice_row;

/** One line of the tables. */
typedef struct region_row {
  const char *group; /* "all", "region", "segment", "mid_septum" */
  char name[40];     /* of a segment, or empty */
  tt1_region_summary found;
  double z; /* against the reference; NaN: none */
} region_row;

/** The command line, and what was read. */
typedef struct regions {
  const char *path, *labels_path, *sd_path, *mask_path, *myocardium_path;
  const char *csv, *segments_path, *septum_path;
  const char *unit;           /* of the file, then of all figures */
  const char *told, *sd_unit; /* where it is from */
  int which, is_aha, as_json, keep_zeros, has_reference;
  double reference[2]; /* mean and SD, in ms where the map is a time */
  double scale;
  slice_row slices[MAX_SLICES];
  int n_slices;
  tt1_image *map, *sd, *mask_image, *label_image;
  uint8_t *mask, *septum;
  int32_t *labels;
  region_row *rows;
  int n_rows;
} regions;

/* regions_slices.c */
void take_level(regions *r, const char *text);
void take_insertion(regions *r, const char *text);
/** What is said of each slice in which there is myocardium, [n]; NULL after a complaint. */
tt1_aha_slice *slices_of(const regions *r, const uint8_t *myocardium, const tt1_geometry *geometry);

/* regions_report.c */
char *regions_json(const regions *r); /* free with free() */
char *regions_csv(const regions *r);
void regions_print(const regions *r);
#endif
