/* SPDX-License-Identifier: MIT
 * What the files of a fit are called: by the map alone, or, in a BIDS dataset, by what the images are
 * called. docs/bids.md says why so. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "file/file.h"
#include "mapping/mapping.h"

/* Where the kinds of files go and what their names end in, plain and below a subject or session. */
static const struct {
  const char *plain, *plain_ending, *bids, *bids_ending;
} kinds[] = {[TT1__FILE_MAP] = {"", ".nii.gz", "anat/", ".nii.gz"},
             [TT1__FILE_SIDECAR] = {"", ".json", "anat/", ".json"},
             [TT1__FILE_PICTURE] = {"", ".png", "figures/", ".png"},
             [TT1__FILE_SVG] = {"", ".svg", "figures/", ".svg"},
             [TT1__FILE_PDF] = {"", ".pdf", "figures/", ".pdf"},
             [TT1__FILE_DICOM] = {"dicom/", "", "dicom/", ""},
             [TT1__FILE_MATLAB] = {"", "maps.mat", "anat/", "_fit.mat"},
             [TT1__FILE_RECORD] = {"", "fit.json", "anat/", "_torcht1.json"}};

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
static void name_map(char *name, size_t room, const tt1_bids_series *series, const tt1_mapped *map)
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

void tt1__mapping_name(char name[TT1__NAME_SIZE], const tt1_mapping *m, tt1__file_kind what,
                       const tt1_mapped *map)
{
  char own[TT1__NAME_SIZE / 2];
  if (!m->is_derivative) {
    snprintf(name, TT1__NAME_SIZE, "%s%.64s%s", kinds[what].plain, map ? map->name : "",
             kinds[what].plain_ending);
    return;
  }
  const tt1_bids_series *series = tt1_bids_series_at(m->dataset, m->index);
  // Its subject or session, and a slash.
  int above = (int)(tt1__base_name(series->folder) - series->folder);
  if (map)
    name_map(own, sizeof own, series, map);
  else
    snprintf(own, sizeof own, "%s", series->fit_stem);
  snprintf(name, TT1__NAME_SIZE, "%.*s%s%s%s", above, series->folder, kinds[what].bids, own,
           kinds[what].bids_ending);
}
