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

int tt1_usual_window(double window[2], const char *map, double field, int is_contrast)
{
  // Healthy myocardium lies in the middle, native blood below the end. Up to 2 T, above that.
  static const struct {
    const char *quantity;
    int is_contrast;
    double to[2];
  } rows[] = {{"T1rho", 0, {120.0, 120.0}}, {"T1rho", 1, {120.0, 120.0}},
              {"T1", 0, {2000.0, 2500.0}},  {"T1", 1, {1000.0, 1000.0}},
              {"T2star", 0, {80.0, 60.0}},  {"T2star", 1, {80.0, 60.0}},
              {"T2", 0, {150.0, 120.0}},    {"T2", 1, {150.0, 120.0}}};
  if (field < 0.0 || field > 4.0 || (field > 0.0 && field < 1.0)) return 0;
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    size_t length = strlen(rows[i].quantity);
    if (strncmp(map, rows[i].quantity, length) != 0 || rows[i].is_contrast != !!is_contrast)
      continue;
    if (map[length] && strcmp(map + length, "map") != 0) continue; // T1s, T2_sd are others
    window[0] = 0.0;
    window[1] = rows[i].to[field > 2.0];
    return 1;
  }
  return 0;
}
