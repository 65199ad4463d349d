/* SPDX-License-Identifier: MIT
 * The kinds of input. A new format is one file that fills in a tt1__reader, and its row in readers.c. */
#ifndef TT1_INPUT_READER_H
#define TT1_INPUT_READER_H

#include "image/image.h"
#include "tt1_input.h"

/** A path, looked at once. */
typedef struct tt1__source_path {
  const char *path;
  const char *const *given; /* [n_given] all paths that are one input; `path` is the first */
  int n_given;
  int is_folder;
  int n_times; /* of the read options: a file of so many slices and one image may be a series */
  unsigned char head[512]; /* how a file begins */
  size_t length;           /* of `head` */
} tt1__source_path;

/** What a reader found. */
typedef struct tt1__survey {
  void *state; /* of the reader */
  int n_series;
  int stands_for_one;          /* the path is a file of one of the series */
  int is_empty;                /* nothing of the format is there: another reader may be asked */
  int n_skipped;               /* files that were left out */
  int n_archives, n_secondary; /* those of them that are archives, or Secondary Captures */
} tt1__survey;

typedef struct tt1__reader {
  const char *name;
  /** Whether it is for this path. The first row that says so is taken. */
  int (*is_it_yours)(const tt1__source_path *path);
  /** Find all series. `out` is zero before, and freed by `free` whatever the status. */
  tt1_status (*survey)(tt1__survey *out, const tt1__source_path *path,
                       const tt1_read_options *options, tt1_error *err);
  tt1_study_series *(*series)(const tt1__survey *survey, int index);
  /** Whether series `index` has an image of this series number. This and the next are NULL where
      there is one series only, which is then meant whatever is asked for. */
  int (*has_number)(const tt1__survey *survey, int index, int number);
  /** Whether series `index` may be meant by the path: a file stands for its series. */
  int (*is_meant)(const tt1__survey *survey, int index);
  tt1_status (*read)(tt1_image **out, tt1__survey *survey, int index, tt1_error *err);
  void (*free)(tt1__survey *survey);
} tt1__reader;

/** The reader of a path; never NULL. */
const tt1__reader *tt1__reader_of(const tt1__source_path *path);

extern const tt1__reader tt1__bids_reader, tt1__set_reader, tt1__dicom_reader, tt1__nifti_reader;
#endif
