/* SPDX-License-Identifier: MIT */
#ifndef TT1_MEASURE_REGIONS_H
#define TT1_MEASURE_REGIONS_H

#include "tt1_measure.h"

/** Whether levels and insertion points can be read. */
tt1_status tt1__slices_check(const tt1_regions_request *request, tt1_error *err);
/**
 * What is said of each slice in which there is myocardium.
 * @param[out] out [size[2]] of `geometry`; free with tt1__free()
 */
tt1_status tt1__slices_describe(tt1_aha_slice **out, const tt1_regions_request *request,
                                const uint8_t *myocardium, const tt1_geometry *geometry,
                                tt1_error *err);
#endif
