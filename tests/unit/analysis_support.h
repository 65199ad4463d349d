/* SPDX-License-Identifier: MIT
 * What the tests of the analysis room share. */
#ifndef TT1_TEST_ANALYSIS_SUPPORT_H
#define TT1_TEST_ANALYSIS_SUPPORT_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "tt1_analysis.h"

#define assert_near(found, expected, tolerance) \
  near_to(found, expected, tolerance, #found, __LINE__)

static void near_to(double found, double expected, double tolerance, const char *what, int line)
{
  if (isnan(expected) && isnan(found)) return;
  if (fabs(found - expected) <= tolerance) return;
  print_error("line %d: %s is %.15g, expected %.15g\n", line, what, found, expected);
  fail();
}
#endif
