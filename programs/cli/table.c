/* SPDX-License-Identifier: MIT */
#include "cli/table.h"

#include <inttypes.h>
#include <math.h>

int decimals_for(double size)
{
  if (!(size > 0.0)) return 1;
  int decimals = 2 - (int)floor(log10(size));
  return decimals < 0 ? 0 : decimals > 9 ? 9 : decimals;
}

void print_cell(int width, int decimals, double value)
{
  // What rounds to zero has no sign.
  if (isfinite(value))
    printf(" %*.*f", width, decimals, fabs(value) < 0.5 * pow(10.0, -decimals) ? 0.0 : value);
  else
    printf(" %*s", width, "-");
}

void print_left_out(const char *name, int64_t nan, int64_t infinite, int64_t zero)
{
  if (nan + infinite + zero == 0) return;
  printf("  left out    %s:", name);
  if (nan) printf(" %" PRId64 " NaN", nan);
  if (infinite) printf(" %" PRId64 " infinite", infinite);
  if (zero) printf(" %" PRId64 " zero", zero);
  printf("\n");
}
