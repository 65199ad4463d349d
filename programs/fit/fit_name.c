/* SPDX-License-Identifier: MIT
 * What the files of `torcht1 fit` are called: by the map alone, or, in a BIDS dataset, by what the
 * images are called. docs/bids.md says why so. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "fit/fit.h"

const fit_map fit_outcome = {
    .name = "outcome",
    .unit = "1",
    .meaning = "0 converged, 1 iteration limit, 2 singular, 3 not finite, 4 at a bound, 5 masked"};

/* Where the kinds of files go and what their names end in, plain and below a subject or session. */
static const struct {
  const char *plain, *plain_ending, *bids, *bids_ending;
} kinds[] = {[FILE_MAP] = {"", ".nii.gz", "anat/", ".nii.gz"},
             [FILE_SIDECAR] = {"", ".json", "anat/", ".json"},
             [FILE_PICTURE] = {"", ".png", "figures/", ".png"},
             [FILE_DICOM] = {"dicom/", "", "dicom/", ""},
             [FILE_MATLAB] = {"", "maps.mat", "anat/", "_fit.mat"},
             [FILE_RECORD] = {"", "fit.json", "anat/", "_torcht1.json"}};

/* A label of BIDS: letters and digits. "T1map_sd" becomes "T1mapSD". */
static void make_label(char *label, size_t room, const char *name)
{
  size_t used = 0;
  for (const char *c = name; *c && used + 2 < room; c++) {
    if (strcmp(c, "_sd") == 0) {
      label[used++] = 'S';
      label[used++] = 'D';
      break;
    }
    if (isalnum((unsigned char)*c)) label[used++] = *c;
  }
  label[used] = '\0';
}

/* What has a suffix in BIDS: stem [ "_desc-" label ] "_" suffix; the rest: stem "_desc-" name "_fit". */
static void name_map(char *name, size_t room, const tt1_bids_series *series, const fit_map *map)
{
  char label[80];
  if (map->bids && tt1_bids_is_map(map->bids)) {
    snprintf(name, room, "%s%s%s_%s", series->map_stem, *series->map_label ? "_desc-" : "",
             series->map_label, map->bids);
    return;
  }
  make_label(label, sizeof label, map->name);
  snprintf(name, room, "%s_desc-%s%s%s_fit", series->fit_stem, series->desc,
           *series->desc ? "+" : "", label);
}

void fit_name(char name[FILE_SIZE], const fit_input *in, fit_file what, const fit_map *map)
{
  char own[FILE_SIZE / 2];
  if (!in->dataset) {
    snprintf(name, FILE_SIZE, "%s%.64s%s", kinds[what].plain, map ? map->name : "",
             kinds[what].plain_ending);
    return;
  }
  const tt1_bids_series *series = tt1_bids_series_at(in->dataset, in->index);
  int above =
      (int)(fit_base(series->folder) - series->folder); // its subject or session, and a slash
  if (map)
    name_map(own, sizeof own, series, map);
  else
    snprintf(own, sizeof own, "%s", series->fit_stem);
  snprintf(name, FILE_SIZE, "%.*s%s%s%s", above, series->folder, kinds[what].bids, own,
           kinds[what].bids_ending);
}

const char *fit_base(const char *name)
{
  const char *slash = strrchr(name, '/');
  return slash ? slash + 1 : name;
}
