/* SPDX-License-Identifier: MIT
 * A file of labels and which of them are meant: "FILE", "FILE:5", "FILE:4+5", "FILE:blood", "FILE:any". Names
 * are those of the table that BIDS has for segmentations (dseg.tsv: columns index and name), beside the
 * file or above it in its dataset. */
#ifndef TT1_INPUT_SELECTION_H
#define TT1_INPUT_SELECTION_H

#include "tt1_input.h"

enum { TT1__MAX_SELECTED = 64 };

/** One row of a table of labels. */
typedef struct tt1__label_name {
  int32_t label;
  char name[64];
} tt1__label_name;

/** A table of labels. Zero-initialise; free with tt1__label_names_free(). */
typedef struct tt1__label_names {
  char *path; /* NULL: there is no table */
  tt1__label_name *rows;
  int n, capacity;
} tt1__label_names;

/** Find and read the table for file `path`; TT1_OK, with nothing in it, where there is none. */
tt1_status tt1__label_names_read(tt1__label_names *out, const char *path, tt1_error *err);
/** The name of a label, or NULL. */
const char *tt1__label_name_of(const tt1__label_names *names, int32_t label);
void tt1__label_names_free(tt1__label_names *names);

/** What a text selects. Free with tt1__selection_free(). */
typedef struct tt1__selection {
  char *path;
  int is_any, n; /* "any"; how many labels: 0 where the text names none */
  int32_t labels[TT1__MAX_SELECTED];
} tt1__selection;

/** Take a text apart. A file whose whole name it is goes before. TT1_BAD_ARGUMENT with what is expected. */
tt1_status tt1__selection_read(tt1__selection *out, const char *text, tt1_error *err);
void tt1__selection_free(tt1__selection *selection);

/**
 * Read where to look, turned to the grid of `main`: 1 where the image is not zero or has the labels that `text`
 * selects.
 * @param[out] mask    free with tt1__free()
 * @param[out] image   the image as it was read; free with tt1_image_free()
 * @param[out] is_open 1 where several labels count and `text` does not say so
 */
tt1_status tt1__area_read(uint8_t **mask, tt1_image **image, int *is_open, const char *text,
                          const tt1_image *main, const char *main_is, tt1_error *err);
/**
 * Read the mask of one thing in the same way: a file of several labels is refused where `text` names none.
 * @param[out] stored  the grid as the file has it; may be NULL
 */
tt1_status tt1__mask_read(uint8_t **mask, tt1_image **image, tt1_geometry *stored, const char *text,
                          const char *what, const tt1_image *main, const char *main_is,
                          tt1_error *err);
/** Read the labels that `text` selects in the same way; 0 where there is none of them. */
tt1_status tt1__labels_read(int32_t **labels, tt1_image **image, const char *text, const char *what,
                            const tt1_image *main, const char *main_is, tt1_error *err);
#endif
