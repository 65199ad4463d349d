/* SPDX-License-Identifier: MIT
 * Reader of single NIfTI files, with their sidecars. */
#include "bids/sidecar.h"
#include "input/whole.h"

static int is_it_yours(const tt1__source_path *path)
{
  (void)path;
  return 1; // the last that is asked: whatever else it is, the header is refused with the reason
}

static tt1_status read(tt1_image **out, const char *path, int is_folder, tt1_error *err)
{
  (void)is_folder;
  return tt1__image_with_sidecars(out, path, NULL, err);
}

static tt1_status survey(tt1__survey *out, const tt1__source_path *path,
                         const tt1_read_options *options, tt1_error *err)
{
  (void)options;
  return tt1__whole_survey(out, path, read, err);
}

const tt1__reader tt1__nifti_reader = {.name = "NIfTI",
                                       .is_it_yours = is_it_yours,
                                       .survey = survey,
                                       .series = tt1__whole_series,
                                       .read = tt1__whole_read,
                                       .free = tt1__whole_free};
