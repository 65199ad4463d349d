/* SPDX-License-Identifier: MIT
 * What the files of `torcht1 fit` share. */
#ifndef TT1_FIT_H
#define TT1_FIT_H

#include "cli/program.h"
#include "tt1_mapping.h"

/** The command line. */
typedef struct fit_request {
  const char *input, *output;
  const char *const *inputs; /* [n_inputs], the first is `input` */
  int n_inputs;
  tt1_mapping_options *options; /* those of the library */
  int quiet, as_json;
  int is_dataset;          /* the input is a BIDS dataset, or a part of one */
  tt1_bids_options wanted; /* of a dataset */
  int overwrites;          /* what is complete, too */
} fit_request;

/** Print "torcht1: model.model:3:4: sentence", the line and a caret, or the sentence alone. */
int fit_complain(const fit_request *request, const tt1_error *error);

/* fit_dataset.c */
/** Fit all series of a dataset that are wanted. */
int fit_dataset(const fit_request *request);

/* fit_report.c */
/** What was fitted and found, as a table. */
void fit_print_table(const tt1_mapping *m, const fit_request *request);
/** The same of a series of a dataset, in a few lines. */
void fit_print_line(const tt1_bids_series *series, const tt1_mapping *m);
#endif
