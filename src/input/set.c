/* SPDX-License-Identifier: MIT
 * Reader of sets of NIfTI files that an index in their names tells apart. */
#include "bids/set.h"
#include "input/whole.h"

static int is_it_yours(const tt1__source_path *path)
{
  return path->is_folder ? tt1__set_is_in(path->path) : tt1__set_has(path->path);
}

static tt1_status read(tt1_image **out, const tt1__source_path *path, tt1_error *err)
{
  return tt1__set_read(out, path->path, path->is_folder, err);
}

static tt1_status survey(tt1__survey *out, const tt1__source_path *path,
                         const tt1_read_options *options, tt1_error *err)
{
  (void)options;
  return tt1__whole_survey(out, path, read, err);
}

const tt1__reader tt1__set_reader = {.name = "set of NIfTI files",
                                     .is_it_yours = is_it_yours,
                                     .survey = survey,
                                     .series = tt1__whole_series,
                                     .read = tt1__whole_read,
                                     .free = tt1__whole_free};
