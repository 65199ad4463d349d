/* SPDX-License-Identifier: MIT
 * How maps are shown: the end of their window, and their colours. */
#include <math.h>
#include <string.h>

#include "tt1_report.h"

double tt1_round_up(double value)
{
  static const double steps[] = {1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0};
  if (!(value > 0.0) || !isfinite(value)) return 1.0;
  double power = pow(10.0, floor(log10(value)));
  int i = 0;
  while (i < 8 && steps[i] * power < value * (1.0 - 1e-9))
    i++;
  return steps[i] * power;
}

tt1_colours tt1_colours_of(const char *name)
{
  static const struct {
    const char *part;
    tt1_colours colours;
  } rows[] = {{"T1rho", TT1_COLOURS_NAVIA},
              {"T1", TT1_COLOURS_LIPARI},
              {"R1", TT1_COLOURS_LIPARI},
              {"T2", TT1_COLOURS_NAVIA},
              {"R2", TT1_COLOURS_NAVIA}};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    if (strstr(name, rows[i].part)) return rows[i].colours;
  return TT1_COLOURS_GREY;
}
