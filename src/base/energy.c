/* SPDX-License-Identifier: MIT */
#include "base/energy.h"

#include <math.h>

enum { LANES = 16 }; /* sums side by side, so that the compiler may use vectors */

void tt1__energy_add(tt1__energy *sum, const float *values, int64_t n)
{
  double negative[LANES] = {0}, all[LANES] = {0};
  for (int64_t i = 0; i < n; i += LANES)
    for (int k = 0; k < LANES && i + k < n; k++) {
      double value = (double)values[i + k];
      if (!(fabs(value) <= 1e18)) value = 0; // NaN, too
      all[k] += value * value;
      negative[k] += value < 0 ? value * value : 0;
    }
  for (int k = 0; k < LANES; k++) {
    sum->negative += negative[k];
    sum->all += all[k];
  }
}

int tt1__energy_is_signed(const tt1__energy *sum)
{
  return sum->negative > 1e-3 * sum->all;
}
