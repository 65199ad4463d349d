/* SPDX-License-Identifier: MIT
 * From phase to sign. An inverted signal has the phase of a recovered one turned
 * by pi, so each image is held against the one that has recovered longest. Near
 * the null the phase says little, and a wrong sign there moves the fit by far:
 * what lies between is left open, for the search over polarities to decide. */
#include <math.h>

#include "base/error.h"
#include "base/number.h"
#include "image/image.h"

/* No cosine here: libraries round it differently, and a sign must not depend on the library. */
/* Within an eighth of a turn of 0: 1; of pi: -1; between, or no phase at all: 0. */
static int8_t sign_of(double difference)
{
  if (difference < 0) difference = -difference;
  if (difference > TT1__PI) difference = 2 * TT1__PI - difference;
  if (difference <= TT1__PI / 4) return 1;
  return difference >= 3 * TT1__PI / 4 ? -1 : 0; // beyond the range, or NaN: 0 or refused before
}

static int is_phase(float value)
{
  return value >= -3.2f && value <= 3.2f; // not NaN either
}

static int longest(const double *times, int n)
{
  int at = 0;
  for (int i = 1; i < n; i++)
    if (times[i] > times[at]) at = i;
  return at;
}

tt1_status tt1_phase_signs(int8_t *signs, const float *phase, const double *times, int n_images,
                           int64_t n_voxels, int64_t stride, tt1_error *err)
{
  if (stride == 0) stride = n_voxels;
  if (n_images < 1 || n_voxels < 0 || stride < n_voxels)
    return tt1__error_set(err, TT1_BAD_ARGUMENT,
                          "%d images of %lld voxels, %lld voxels apart, have no phase", n_images,
                          (long long)n_voxels, (long long)stride);
  const float *reference = phase + longest(times, n_images) * stride;
  for (int64_t v = 0; v < n_voxels; v++) {
    int negative = 0;
    for (int i = 0; i < n_images; i++) {
      float here = phase[i * stride + v];
      int8_t sign = is_phase(here) && is_phase(reference[v])
                        ? sign_of((double)here - (double)reference[v])
                        : 0;
      signs[i * stride + v] = sign;
      negative += sign < 0;
    }
    for (int i = 0; !negative && i < n_images; i++)
      signs[i * stride + v] = 0;
  }
  return TT1_OK;
}

void tt1__to_polar(float *magnitude, float *phase, double real, double imaginary)
{
  *magnitude = (float)sqrt(real * real + imaginary * imaginary);
  *phase = (float)atan2(imaginary, real);
}

void tt1__image_make_polar(tt1_image *image)
{
  size_t n = (size_t)image->n_voxels * (size_t)image->n_images;
  for (size_t i = 0; i < n; i++)
    tt1__to_polar(&image->data[i], &image->phase[i], (double)image->data[i],
                  (double)image->phase[i]);
}
