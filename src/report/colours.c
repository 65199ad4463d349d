/* SPDX-License-Identifier: MIT
 * Colours for quantities. Which map for which quantity: Fuderer et al. 2025,
 * doi:10.1002/mrm.30290. */
#include <math.h>
#include <string.h>

#include "tt1_report.h"

#define COLOUR(RED, GREEN, BLUE) {RED, GREEN, BLUE},

static const uint8_t lipari[256][3] = {
#include "report/lipari.def"
};

static const uint8_t navia[256][3] = {
#include "report/navia.def"
};

/* Linear in RGB from the blue of Okabe & Ito 2008 over white to their vermilion. */
static void difference_colour(double fraction, uint8_t rgb[3])
{
  static const double below[3] = {0.0, 114.0, 178.0}, above[3] = {213.0, 94.0, 0.0};
  double share = fabs(2.0 * fraction - 1.0);
  const double *end = fraction < 0.5 ? below : above;
  for (int i = 0; i < 3; i++)
    rgb[i] = (uint8_t)(255.0 + share * (end[i] - 255.0) + 0.5);
}

/* A voxel without a value is nothing that the colours can mean: neutral where they are not, tinted among
 * greys, black where 0 is white. All dark, for most of them lie in air. */
static void colour_of_none(tt1_colours colours, uint8_t rgb[3])
{
  static const uint8_t neutral[3] = {46, 46, 46}, violet[3] = {72, 36, 96}, black[3] = {0, 0, 0};
  const uint8_t *found = colours == TT1_COLOURS_GREY         ? violet
                         : colours == TT1_COLOURS_DIFFERENCE ? black
                                                             : neutral;
  memcpy(rgb, found, 3);
}

void tt1_colour(tt1_colours colours, double fraction, uint8_t rgb[3])
{
  if (isnan(fraction)) {
    colour_of_none(colours, rgb);
    return;
  }
  double clamped = fraction < 0.0 ? 0.0 : fraction > 1.0 ? 1.0 : fraction;
  int index = (int)(clamped * 255.0 + 0.5);
  switch (colours) {
  case TT1_COLOURS_LIPARI: memcpy(rgb, lipari[index], 3); break;
  case TT1_COLOURS_NAVIA: memcpy(rgb, navia[index], 3); break;
  case TT1_COLOURS_DIFFERENCE: difference_colour(clamped, rgb); break;
  case TT1_COLOURS_GREY:
  default: memset(rgb, index, 3); break;
  }
}
