/* SPDX-License-Identifier: MIT
 * Extracellular volume and partition coefficient, with standard deviations by
 * the delta method. */
#include <math.h>

#include "base/error.h"
#include "tt1_analysis.h"

static int is_positive(double value)
{
  return isfinite(value) && value > 0.0;
}

tt1_status tt1_ecv_check(const tt1_ecv_blood *blood, tt1_error *err)
{
  const double least_change = 0.05;
  double h = blood->hematocrit.value, native = blood->native.value, post = blood->post.value;
  if (isfinite(h) && h > 1.0 && h < 100.0)
    return tt1__error_set(err, TT1_BAD_ARGUMENT,
                          "the haematocrit is %g, a fraction is expected: %g if %g %% is meant", h,
                          h / 100.0, h);
  if (!is_positive(h) || !(h < 1.0))
    return tt1__error_set(err, TT1_BAD_ARGUMENT,
                          "the haematocrit is %g, a fraction between 0 and 1 is expected", h);
  if (!is_positive(native) || !is_positive(post))
    return tt1__error_set(err, TT1_BAD_ARGUMENT,
                          "T1 of blood is %g ms native and %g ms after contrast agent; both must "
                          "be positive",
                          1e3 * native, 1e3 * post);
  if (post < (1.0 - least_change) * native) return TT1_OK;
  return tt1__error_set(
      err, TT1_BAD_ARGUMENT,
      "T1 of blood is %.0f ms native and %.0f ms after contrast agent: it must "
      "become at least %.0f %% shorter; is this the right map, and the right blood?",
      1e3 * native, 1e3 * post, 100.0 * least_change);
}

static double squared(double x)
{
  return x * x;
}

static double known_sd(const tt1_estimate *hematocrit)
{
  return isfinite(hematocrit->sd) ? hematocrit->sd : 0.0;
}

/* Each square is (derivative by one number times its standard deviation)^2. */
static void compute(tt1_ecv *out, const tt1_estimate *native, const tt1_estimate *post,
                    const tt1_ecv_blood *blood)
{
  *out = (tt1_ecv){{(double)NAN, (double)NAN}, {(double)NAN, (double)NAN}};
  if (!is_positive(native->value) || !is_positive(post->value)) return;
  double plasma = 1.0 - blood->hematocrit.value;
  double change = 1.0 / blood->post.value - 1.0 / blood->native.value;
  double lambda = (1.0 / post->value - 1.0 / native->value) / change;
  double tissue = squared(native->sd / squared(native->value)) +
                  squared(post->sd / squared(post->value)); // variance of its change of R1
  double by_post = lambda * blood->post.sd / squared(blood->post.value);
  double rate_sd = blood->native.sd / squared(blood->native.value);
  // A synthetic haematocrit moves with the native blood: d(1 - h) / dT1 = slope / T1^2.
  double by_native = (plasma * lambda / change - blood->synthetic_slope * lambda) * rate_sd;
  out->lambda.value = lambda;
  out->lambda.sd = sqrt(tissue + squared(by_post) + squared(lambda * rate_sd)) / change;
  out->ecv.value = plasma * lambda;
  out->ecv.sd = sqrt(squared(plasma / change) * (tissue + squared(by_post)) + squared(by_native) +
                     squared(lambda * known_sd(&blood->hematocrit)));
}

tt1_status tt1_ecv_of(tt1_ecv *out, const tt1_estimate *native, const tt1_estimate *post,
                      const tt1_ecv_blood *blood, tt1_error *err)
{
  tt1_status status = tt1_ecv_check(blood, err);
  if (status == TT1_OK) compute(out, native, post, blood);
  return status;
}

static tt1_estimate voxel_of(const float *map, const float *sd, int64_t v)
{
  return (tt1_estimate){(double)map[v], sd ? (double)sd[v] : (double)NAN};
}

tt1_status tt1_ecv_map(const tt1_ecv_maps *maps, const tt1_ecv_blood *blood, tt1_error *err)
{
  if (!maps->native || !maps->post || !maps->ecv || !maps->lambda || maps->n_voxels < 1)
    return tt1__error_set(err, TT1_BAD_ARGUMENT,
                          "two T1 maps of at least one voxel and room for two maps are expected");
  tt1_status status = tt1_ecv_check(blood, err);
  if (status != TT1_OK) return status;
  for (int64_t v = 0; v < maps->n_voxels; v++) {
    tt1_ecv here = {{(double)NAN, (double)NAN}, {(double)NAN, (double)NAN}};
    tt1_estimate native = voxel_of(maps->native, maps->native_sd, v);
    tt1_estimate post = voxel_of(maps->post, maps->post_sd, v);
    if (!maps->mask || maps->mask[v]) compute(&here, &native, &post, blood);
    maps->ecv[v] = (float)here.ecv.value;
    maps->lambda[v] = (float)here.lambda.value;
    if (maps->ecv_sd) maps->ecv_sd[v] = (float)here.ecv.sd;
    if (maps->lambda_sd) maps->lambda_sd[v] = (float)here.lambda.sd;
  }
  return TT1_OK;
}
