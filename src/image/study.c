/* SPDX-License-Identifier: MIT
 * The survey of a path: which series are there. */
#include "base/error.h"
#include "image/image.h"

const char *tt1_kind_text(tt1_kind kind)
{
  static const char *const texts[] = {"unknown", "magnitude", "phase", "real", "imaginary", "map"};
  return texts[kind];
}

tt1_status tt1_study_open(tt1_study **out, const char *path, const tt1_read_options *options,
                          tt1_error *err)
{
  (void)out, (void)options;
  return tt1__error_set(err, TT1_NO_DEVICE, "%s cannot be surveyed", path);
}

void tt1_study_free(tt1_study *study)
{
  (void)study;
}

const tt1_study_series *tt1_study_series_at(const tt1_study *study, int index)
{
  (void)study, (void)index;
  return NULL;
}

int tt1_study_n_skipped(const tt1_study *study)
{
  (void)study;
  return 0;
}

int tt1_study_choose(const tt1_study *study, tt1_error *err)
{
  (void)study, (void)err;
  return -1;
}

tt1_status tt1_study_read(tt1_image **out, const tt1_study *study, int index, tt1_error *err)
{
  (void)out, (void)study, (void)index;
  return tt1__error_set(err, TT1_NO_DEVICE, "no series");
}
