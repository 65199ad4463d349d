/* SPDX-License-Identifier: MIT
 * What fitting a dataset takes: dataset.c its series, derivative.c the dataset that holds their maps. */
#ifndef TT1_MAPPING_DATASET_H
#define TT1_MAPPING_DATASET_H

#include "mapping/mapping.h"

/** Open a folder, and tell whoever follows the events. */
tt1_status tt1__output_open(tt1_folder **out, const char *path, const tt1_dataset_events *events,
                            tt1_error *err);
/** Free it; what was not committed disappears. */
void tt1__output_close(tt1_folder *folder, const tt1_dataset_events *events);

/** Whether file `path` holds this text: `*is_there`, too, whether there is one. TT1_NO_MEMORY. */
tt1_status tt1__holds_text(int *out, int *is_there, const char *path, const char *text,
                           tt1_error *err);

/** Make folder `path` a derivative dataset of `dataset`, or see that it is one. `*warning` receives a
    sentence, or stays NULL. */
tt1_status tt1__derivative_prepare(const char *path, const tt1_bids *dataset, const char **warning,
                                   const tt1_dataset_events *events, tt1_error *err);
#endif
