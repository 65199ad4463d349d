/* SPDX-License-Identifier: MIT
 * A map on its way into DICOM files: what both kinds of files say of it. dicom_map.c
 * writes MR images, dicom_parametric.c Parametric Maps. */
#ifndef TT1_DICOM_MAP_H
#define TT1_DICOM_MAP_H

#include "dicom/put.h"
#include "dicom/source.h"
#include "tt1_dicom.h"

typedef struct tt1__map_writer {
  const tt1_dicom_map *map;
  const tt1__dicom_source *source; /* NULL: not from DICOM */
  const tt1_geometry *geometry;
  double scale;              /* written values per unit of those given */
  tt1__code unit;            /* of what is written */
  const tt1__code *quantity; /* or NULL */
  int is_whole;              /* whole ms in an MR image */
  int is_turned;             /* rows are counted from the other side than in the values */
  double directions[6], between[2], thickness;
  double (*positions)[3]; /* [n_slices] */
  char study_uid[TT1__UID_SIZE], series_uid[TT1__UID_SIZE], frame_uid[TT1__UID_SIZE];
  char label[17]; /* as CS: "T1MAP_SD" */
  int64_t n_saturated;
} tt1__map_writer;

/** What every file of the map says: patient, study, series, equipment. */
void tt1__map_put_series(tt1__dicom_draft *draft, const tt1__map_writer *w);
/** The identifiers and number of one file. */
void tt1__map_put_instance(tt1__dicom_draft *draft, const tt1__map_writer *w, const char *class_uid,
                           long instance);
/** How and from which images slice `slice` was computed. */
void tt1__map_put_sources(tt1__dicom_draft *draft, const tt1__map_writer *w, int slice);
/** The real-world value mapping of stored values `from` to `to`. */
void tt1__map_put_mapping(tt1__dicom_draft *draft, const tt1__map_writer *w, double from,
                          double to);
/** Black and white. Returns 0 if memory ran out. */
int tt1__map_put_window(tt1__dicom_draft *draft, const tt1__map_writer *w);
/** The written value of pixel `pixel`, counted by rows, of slice `slice`; 0 if it is invalid. */
double tt1__map_value(const tt1__map_writer *w, int slice, size_t pixel);
/** Save `draft` as file number `instance`. */
tt1_status tt1__map_save(tt1_folder *folder, const char *subfolder, tt1__dicom_draft *draft,
                         long instance, tt1_error *err);

/** Write all slices as frames of one file. */
tt1_status tt1__parametric_write(tt1_folder *folder, const char *subfolder,
                                 const tt1__map_writer *w, tt1_error *err);
#endif
