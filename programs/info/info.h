/* SPDX-License-Identifier: MIT
 * What the files of `torcht1 info` share. */
#ifndef TT1_INFO_H
#define TT1_INFO_H

#include <stdio.h>

#include "cli/program.h"
#include "tt1_bids.h"
#include "tt1_input.h"
#include "tt1_json.h"

/* info_table.c: text of at most 79 columns, as far as names allow; times in ms. */
void info_print_table(tt1_study *study, const char *input, int n_inputs);
/** A label and words that are wrapped behind it. */
void info_print_field(const char *label, const char *text);
/** What is known of a series: `known`, `n_known` and `n_images` count. */
void info_print_known(const tt1_study_series *series);

/* info.c */
/** Whether a fit without options would take series `chosen`, and by which `model`; else the sentence with which
    it is refused. */
int info_is_fitted(tt1_study *study, int chosen, char model[64], tt1_error *error);
/** Add "known", an array of what was found. */
void info_put_known(tt1_json *out, const tt1_known_values *known, int n_known);
/** Add "inversions": groups of images and the rests between; null where there are not several. */
void info_put_inversions(tt1_json *out, const tt1_known_values *known, int n_known, int n_images);

/* info_dataset.c */
/** Tell all series of a BIDS dataset that are wanted. */
int info_dataset(const char *input, const tt1_bids_options *wanted, int as_json);
#endif
