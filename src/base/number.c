/* SPDX-License-Identifier: MIT */
#include "base/number.h"

#include <math.h>

int tt1__order(double a, double b)
{
  return (a > b) - (a < b);
}

int tt1__by_value(const void *first, const void *second)
{
  return tt1__order(*(const double *)first, *(const double *)second);
}

/* Quickselect with the middle element as pivot: values[rank] is what sorting would put there,
 * and nothing after it is less. */
static void select_rank(double *values, int64_t n, int64_t rank)
{
  int64_t low = 0, high = n - 1;
  while (low < high) {
    double pivot = values[low + (high - low) / 2];
    int64_t i = low, j = high;
    while (i <= j) {
      while (values[i] < pivot)
        i++;
      while (values[j] > pivot)
        j--;
      if (i <= j) {
        double kept = values[i];
        values[i++] = values[j];
        values[j--] = kept;
      }
    }
    if (rank <= j)
      high = j;
    else if (rank >= i)
      low = i;
    else
      return;
  }
}

double tt1__quantile(double *values, int64_t n, double fraction)
{
  if (n < 1) return (double)NAN;
  double place = fraction * (double)(n - 1);
  int64_t rank = (int64_t)place;
  if (rank > n - 1) rank = n - 1;
  select_rank(values, n, rank);
  double here = values[rank], share = place - (double)rank;
  if (rank == n - 1 || !(share > 0.0)) return here;
  double next = values[rank + 1];
  for (int64_t i = rank + 2; i < n; i++)
    if (values[i] < next) next = values[i];
  return here + share * (next - here);
}
