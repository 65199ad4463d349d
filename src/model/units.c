/* SPDX-License-Identifier: MIT
 * Arithmetic on units; see units.h. */
#include "model/units.h"

#include <stdio.h>
#include <string.h>

int tt1__unit_is_one(tt1__unit unit)
{
  return unit.second == 0 && unit.degree == 0;
}

int tt1__unit_is_angle(tt1__unit unit)
{
  return unit.second == 0 && unit.degree == 1;
}

int tt1__unit_equal(tt1__unit a, tt1__unit b)
{
  return a.second == b.second && a.degree == b.degree;
}

tt1__unit tt1__unit_times(tt1__unit a, tt1__unit b, double power)
{
  return (tt1__unit){a.second + b.second * power, a.degree + b.degree * power};
}

int tt1__unit_named(const char *name, size_t length, tt1__unit *unit, double *factor)
{
  static const struct {
    const char *name;
    tt1__unit unit;
    double factor;
  } units[] = {{"s", {1, 0}, 1}, {"ms", {1, 0}, 0.001}, {"deg", {0, 1}, 1}};
  for (size_t i = 0; i < sizeof units / sizeof *units; i++)
    if (strlen(units[i].name) == length && memcmp(units[i].name, name, length) == 0) {
      *unit = units[i].unit;
      *factor = units[i].factor;
      return 1;
    }
  return 0;
}

// Exponents are printed as %d where whole: the decimal point of %g depends on the locale.
static void add_power(char text[TT1__UNIT_TEXT], const char *name, double power)
{
  size_t length = strlen(text);
  const char *gap = length ? " " : "";
  if (power == 0) return;
  if (power == 1)
    snprintf(text + length, TT1__UNIT_TEXT - length, "%s%s", gap, name);
  else if (power > -1000 && power < 1000 && power == (int)power)
    snprintf(text + length, TT1__UNIT_TEXT - length, "%s%s^%d", gap, name, (int)power);
  else if (power > -500 && power < 500 && 2 * power == (int)(2 * power))
    snprintf(text + length, TT1__UNIT_TEXT - length, "%s%s^(%d/2)", gap, name, (int)(2 * power));
  else
    snprintf(text + length, TT1__UNIT_TEXT - length, "%sa power of %s", gap, name);
}

void tt1__unit_text(tt1__unit unit, char text[TT1__UNIT_TEXT])
{
  text[0] = '\0';
  if (unit.second == -1 && unit.degree == 0) {
    snprintf(text, TT1__UNIT_TEXT, "1/s");
    return;
  }
  add_power(text, "s", unit.second);
  add_power(text, "deg", unit.degree);
  if (!text[0]) snprintf(text, TT1__UNIT_TEXT, "1");
}
