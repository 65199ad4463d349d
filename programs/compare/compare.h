/* SPDX-License-Identifier: MIT
 * What the files of `torcht1 compare` share. */
#ifndef TT1_COMPARE_H
#define TT1_COMPARE_H

#include "cli/program.h"
#include "tt1_analysis.h"

enum { MAX_FIGURES = 4, MAX_EDGES = 256 };

/** One of the two maps, or what they are seen through. */
typedef struct compare_map {
  const char *path;
  int which; /* image of the file, from 1; 0: its only one */
  tt1_image *image;
  char name[80];    /* in table and figure */
  const char *unit; /* NULL: not known */
  const char *told; /* where the unit is from */
} compare_map;

/** The command line, and what was read. */
typedef struct comparison {
  compare_map a, b;
  const char *mask_path, *labels_path, *title, *csv, *difference;
  const char *figures[MAX_FIGURES], *pictures[MAX_FIGURES];
  int n_figures, n_pictures, as_json, ignore_position, is_resampled;
  tt1_image *mask_image, *label_image;
  uint8_t *mask;
  int32_t *labels;
  double edges[MAX_EDGES];
  int n_edges, edges_given;
  tt1_band_by band_by;
  tt1_interval range; /* of the reference, where to compare; used if to > from */
  int keep_zeros;
  const char *unit; /* of all figures: "ms", "1", ...; NULL: not known */
  double scale_a, scale_b;
  double position; /* mm between the grids; NaN: not known */
  tt1_map_comparison *found;
} comparison;

/* compare_figure.c */
/** scale * (A - B) where both are valid, else NaN; free with free(). */
float *compare_difference(const comparison *c, double scale);
/** The Bland-Altman figure, and the maps beside each other, as files; put_file each. */
tt1_status compare_put_figure(const void *comparison, tt1_folder *folder, const char *name,
                              tt1_error *error);
tt1_status compare_put_maps(const void *comparison, tt1_folder *folder, const char *name,
                            tt1_error *error);

/* compare_report.c */
char *compare_json(const comparison *c); /* free with free() */
char *compare_csv(const comparison *c);
void compare_print(const comparison *c);
#endif
