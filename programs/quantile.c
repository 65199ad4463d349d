/* SPDX-License-Identifier: MIT
 * Quickselect with the middle element as pivot. */
#include "quantile.h"

#include <math.h>

int64_t keep_finite(float *values, int64_t count)
{
  int64_t kept = 0;
  for (int64_t i = 0; i < count; i++)
    if (isfinite(values[i])) values[kept++] = values[i];
  return kept;
}

static void swap(float *a, float *b)
{
  float kept = *a;
  *a = *b;
  *b = kept;
}

double quantile(float *values, int64_t count, double fraction)
{
  if (count < 1) return (double)NAN;
  int64_t rank = (int64_t)(fraction * (double)(count - 1)), low = 0, high = count - 1;
  while (low < high) {
    float pivot = values[low + (high - low) / 2];
    int64_t i = low, j = high;
    while (i <= j) {
      while (values[i] < pivot)
        i++;
      while (values[j] > pivot)
        j--;
      if (i <= j) swap(&values[i++], &values[j--]);
    }
    if (rank <= j)
      high = j;
    else if (rank >= i)
      low = i;
    else
      break;
  }
  return (double)values[rank];
}
