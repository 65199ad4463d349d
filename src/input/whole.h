/* SPDX-License-Identifier: MIT
 * A survey that reads its only series at once: what tells of it is in the file itself. */
#ifndef TT1_INPUT_WHOLE_H
#define TT1_INPUT_WHOLE_H

#include "input/reader.h"

/** Reads an image from a path. */
typedef tt1_status (*tt1__read_fn)(tt1_image **out, const tt1__source_path *path, tt1_error *err);

/** The calls of a tt1__reader. The image is read by `read`, and once more if it is asked for twice. */
tt1_status tt1__whole_survey(tt1__survey *out, const tt1__source_path *path, tt1__read_fn read,
                             tt1_error *err);
tt1_study_series *tt1__whole_series(const tt1__survey *survey, int index);
tt1_status tt1__whole_read(tt1_image **out, tt1__survey *survey, int index, tt1_error *err);
void tt1__whole_free(tt1__survey *survey);
#endif
