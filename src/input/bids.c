/* SPDX-License-Identifier: MIT
 * Reader of BIDS datasets, or parts of them, that hold one series. tt1_bids.h is for those that hold
 * more. */
#include "base/error.h"
#include "input/whole.h"

static int is_it_yours(const tt1__source_path *path)
{
  return tt1_bids_contains(path->path);
}

static tt1_status read(tt1_image **out, const tt1__source_path *source, tt1_error *err)
{
  const char *path = source->path;
  tt1_bids *dataset = NULL;
  tt1_status status = tt1_bids_open(&dataset, path, NULL, err);
  if (status != TT1_OK) return status;
  int n = tt1_bids_n_series(dataset);
  if (n == 1)
    status = tt1_bids_read(out, dataset, 0, err);
  else if (n == 0)
    status = tt1__error_set(
        err, TT1_BAD_FILE, "%s is a BIDS dataset, or a part of one, without a series to fit", path);
  else
    status = tt1__error_set(
        err, TT1_BAD_FILE,
        "%s holds %d series, %.100s, %.100s ...; give the path of one image of the "
        "series wanted",
        path, n, tt1_bids_series_at(dataset, 0)->name, tt1_bids_series_at(dataset, 1)->name);
  tt1_bids_free(dataset);
  return status;
}

static tt1_status survey(tt1__survey *out, const tt1__source_path *path,
                         const tt1_read_options *options, tt1_error *err)
{
  (void)options;
  return tt1__whole_survey(out, path, read, err);
}

const tt1__reader tt1__bids_reader = {.name = "BIDS dataset",
                                      .is_it_yours = is_it_yours,
                                      .survey = survey,
                                      .series = tt1__whole_series,
                                      .read = tt1__whole_read,
                                      .free = tt1__whole_free};
