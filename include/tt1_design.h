/* SPDX-License-Identifier: MIT
 *
 * How good a protocol is, before any image is taken. Conventions are those of
 * torcht1.h.
 */
#ifndef TT1_DESIGN_H
#define TT1_DESIGN_H

#include "torcht1.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * The Cramer-Rao bound of a design: the least standard deviation that an unbiased estimate of
 * each parameter and map can have, for signed data with independent Gaussian noise. Exact
 * derivatives; a quantity known per voxel has its nominal value. Nothing is fitted.
 *
 * @param parameters [n_parameters] the tissue, within the bounds of the model
 * @param sigma      standard deviation of the noise per sample
 * @param bounds     [n_parameters + n_maps], in the units of parameters and maps; NaN where the
 *                   design does not determine the parameters
 * @return TT1_OK or TT1_BAD_ARGUMENT
 *
 * Source: Rao 1945, Bull Calcutta Math Soc 37:81; the delta method for maps.
 */
TT1_API tt1_status tt1_design_bound(const tt1_model *model, const tt1_design *design,
                                    const double *parameters, double sigma, double *bounds,
                                    tt1_error *err);

#ifdef __cplusplus
}
#endif
#endif /* TT1_DESIGN_H */
