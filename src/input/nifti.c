/* SPDX-License-Identifier: MIT
 * Reader of NIfTI files, with their sidecars: alone, or several of a folder that make a series. */
#include "image/nifti.h"
#include "base/error.h"
#include "bids/given.h"
#include "bids/sidecar.h"
#include "bids/sisters.h"
#include "bids/stack.h"
#include "input/whole.h"

static int is_it_yours(const tt1__source_path *path)
{
  (void)path;
  return 1; // the last that is asked: whatever else it is, the header is refused with the reason
}

static tt1_status read_series(tt1_image **out, const tt1__source_path *path, tt1_error *err)
{
  tt1_image *image = NULL;
  tt1_status status = path->n_given > 1
                          ? tt1__given_read(&image, path->given, path->n_given, err)
                          : tt1__sisters_read(&image, path->path, path->is_folder, err);
  if (status == TT1_OK && path->n_times > 0)
    status = tt1__stack_by_number(image, path->n_times, err);
  if (status == TT1_OK)
    *out = image;
  else
    tt1_image_free(image);
  return status;
}

static tt1_status read_map(tt1_image **out, const tt1__source_path *source, tt1_error *err)
{
  const char *path = source->path;
  tt1_image *image = NULL;
  tt1_status status = tt1__map_with_sidecars(&image, path, err);
  if (status == TT1_OK && tt1__nifti_is_complex(image))
    status =
        tt1__error_set(err, TT1_BAD_FILE, "%s holds %s voxels; a map or a mask has real numbers",
                       path, tt1_image_stored_type(image));
  if (status == TT1_OK)
    *out = image;
  else
    tt1_image_free(image);
  return status;
}

// A map or a mask has no sisters.
static tt1_status survey(tt1__survey *out, const tt1__source_path *path,
                         const tt1_read_options *options, tt1_error *err)
{
  return tt1__whole_survey(out, path,
                           options->takes_maps && !path->is_folder ? read_map : read_series, err);
}

const tt1__reader tt1__nifti_reader = {.name = "NIfTI",
                                       .is_it_yours = is_it_yours,
                                       .survey = survey,
                                       .series = tt1__whole_series,
                                       .read = tt1__whole_read,
                                       .free = tt1__whole_free};
