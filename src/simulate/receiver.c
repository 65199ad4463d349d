/* SPDX-License-Identifier: MIT
 * The field and the coils: smooth functions of place. */
#include <math.h>

#include "base/number.h"
#include "simulate/simulate.h"

static const double CENTER[2] = {0.26, 0.06}; // of the usual left ventricle

// Steepest towards the lung beside and behind the lateral wall, where shims fail. Over the ventricles of
// the usual heart the polynomial spans 1 / 1.53.
double tt1__field(double x, double y)
{
  double u = x - CENTER[0], v = y - CENTER[1];
  return 1.53 * (0.9 * u - 0.7 * v - 1.1 * u * v + 0.5 * u * u);
}

double tt1__background_phase(double x, double y)
{
  return 0.6 + 1.3 * x - 0.7 * y + 0.5 * x * y + 0.4 * x * x;
}

// Surface coils in front and behind that act as one.
static double shading(double x, double y)
{
  return (0.8 + 0.25 * y * y + 0.15 * y + 0.1 * x) / 0.836;
}

/* Coil `index` of `n` around the chest: its field falls off like that on the axis of a loop, and its phase
 * turns with the direction to it. */
static tt1__complex loop(int index, int n, double x, double y)
{
  static const double RADIUS = 0.6; // of a loop, about 10 cm
  double angle = 2.0 * TT1__PI * (index + 0.5) / n;
  double dx = x - 1.05 * cos(angle), dy = y - 0.85 * sin(angle);
  double near = 1.0 / (1.0 + (dx * dx + dy * dy) / (RADIUS * RADIUS));
  double size = near * sqrt(near), phase = angle + 0.8 * (x * cos(angle) + y * sin(angle));
  return (tt1__complex){size * cos(phase), size * sin(phase)};
}

double tt1__coils(tt1__complex weights[TT1__MAX_COILS], int n, double x, double y)
{
  if (n == 1) {
    weights[0] = (tt1__complex){1.0, 0.0};
    return shading(x, y);
  }
  double sum = 0.0;
  for (int i = 0; i < n; i++) {
    tt1__complex c = loop(i, n, x, y);
    weights[i] = (tt1__complex){c.re, -c.im};
    sum += c.re * c.re + c.im * c.im;
  }
  double root = sqrt(sum);
  for (int i = 0; i < n; i++)
    weights[i] = (tt1__complex){weights[i].re / root, weights[i].im / root};
  return root;
}

double tt1__coils_in_the_heart(int n)
{
  tt1__complex weights[TT1__MAX_COILS];
  return n == 1 ? 1.0 : tt1__coils(weights, n, CENTER[0], CENTER[1]);
}
