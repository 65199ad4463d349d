/* SPDX-License-Identifier: MIT
 * Units of the model language: powers of the second and of the degree. The
 * parser carries one with every expression, so that exp(TI) is refused.
 * Not here: any other base unit; signals are dimensionless. */
#ifndef TT1_MODEL_UNITS_H
#define TT1_MODEL_UNITS_H

#include <stddef.h>

typedef struct tt1__unit {
  double second, degree; /* exponents; both 0: dimensionless, "1" */
} tt1__unit;

enum { TT1__UNIT_TEXT = 64 };

int tt1__unit_is_one(tt1__unit unit);
int tt1__unit_is_angle(tt1__unit unit); /* exactly degrees */
int tt1__unit_equal(tt1__unit a, tt1__unit b);
/** a * b^power: power 1 multiplies, -1 divides. */
tt1__unit tt1__unit_times(tt1__unit a, tt1__unit b, double power);
/** The unit called `name`, and what one of it is inside (0.001 for "ms"); 0 if there is none. */
int tt1__unit_named(const char *name, size_t length, tt1__unit *unit, double *factor);
/** "1", "s", "1/s", "s^2 deg": for messages. */
void tt1__unit_text(tt1__unit unit, char text[TT1__UNIT_TEXT]);
#endif
