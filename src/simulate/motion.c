/* SPDX-License-Identifier: MIT
 * Breathing: where heart and liver are when each image is taken. */
#include <math.h>

#include "base/number.h"
#include "simulate/simulate.h"

static const double TO_THE_FRONT =
    -0.2; // mm for each mm towards the head: breathing in is down and forward

/* Lujan et al. 1999 (doi:10.1118/1.598577): displacement towards the feet is amplitude cos^4(pi t /
 * period - phase), so that most of the time is spent near end-expiration. */
static void free_breathing(double (*motion)[2], const double *acquired, int n_images,
                           double amplitude, tt1__random *random)
{
  double period = 4.0 + 0.4 * fmax(fmin(tt1__random_normal(random), 3.0), -3.0);
  double phase = TT1__PI * tt1__random_uniform(random);
  for (int i = 0; i < n_images; i++) {
    double c = cos(TT1__PI * acquired[i] / period - phase);
    motion[i][0] = -amplitude * c * c * c * c;
  }
}

// Evenly towards the head, with a tenth of the way as unrest from image to image.
static void drift(double (*motion)[2], const double *acquired, int n_images, double amplitude,
                  tt1__random *random)
{
  double first = acquired[0], whole = acquired[n_images - 1] - first;
  for (int i = 0; i < n_images; i++) {
    double part = whole > 0.0 ? (acquired[i] - first) / whole : 0.0;
    motion[i][0] = amplitude * (part + 0.1 * tt1__random_normal(random));
  }
}

void tt1__breathe(double (*motion)[2], const double *acquired, int n_images,
                  const tt1_simulation_options *options)
{
  tt1__random random = tt1__random_stream(options->seed, TT1__STREAM_BREATHING, 0);
  for (int i = 0; i < n_images; i++)
    motion[i][0] = 0.0;
  if (options->breathing == TT1_BREATHING_FREE)
    free_breathing(motion, acquired, n_images, options->amplitude, &random);
  if (options->breathing == TT1_BREATHING_DRIFT)
    drift(motion, acquired, n_images, options->amplitude, &random);
  for (int i = 0; i < n_images; i++)
    motion[i][1] = TO_THE_FRONT * motion[i][0] + 0.0; // no -0
}

void tt1__project(double moved[2], const double motion[2])
{
  moved[0] = 0.0;
  moved[1] = (motion[0] + motion[1]) * sqrt(0.5);
}
