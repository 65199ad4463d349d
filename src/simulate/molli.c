/* SPDX-License-Identifier: MIT
 * Inversion times of a MOLLI scheme: each inversion starts a little later
 * before its first image than the one before, then one image per heart beat. */
#include "base/error.h"
#include "simulate/simulate.h"

enum { MAX_INVERSIONS = 3 };

static const double first_times[MAX_INVERSIONS] = {0.12, 0.20, 0.28};

static int is_count(char c)
{
  return c >= '1' && c <= '9';
}

// scheme = count { "(" count ")" count }, at most three inversions; count = "1" ... "9"
static int parse(int counts[MAX_INVERSIONS], const char *at)
{
  int n = 0;
  if (!is_count(*at)) return 0;
  counts[n++] = *at++ - '0';
  while (*at != '\0') {
    if (n == MAX_INVERSIONS) return 0;
    if (at[0] != '(' || !is_count(at[1]) || at[2] != ')' || !is_count(at[3])) return 0;
    counts[n++] = at[3] - '0';
    at += 4;
  }
  return n;
}

tt1_status tt1__molli_times(double times[TT1__MAX_TIMES], int *n_times, const char *scheme,
                            double heart_rate, tt1_error *err)
{
  int counts[MAX_INVERSIONS];
  int n_inversions = parse(counts, scheme);
  if (n_inversions == 0)
    return tt1__error_set(
        err, TT1_BAD_ARGUMENT,
        "\"%.40s\" is not a MOLLI scheme; expected images and, in brackets, beats "
        "of rest, such as 5(3)3 or 4(1)3(1)2, with at most 3 inversions",
        scheme);
  if (!(heart_rate >= 20.0 && heart_rate <= 250.0))
    return tt1__error_set(err, TT1_BAD_ARGUMENT,
                          "a heart rate of %g beats per minute is outside 20 to 250", heart_rate);
  *n_times = 0;
  for (int i = 0; i < n_inversions; i++)
    for (int beat = 0; beat < counts[i]; beat++)
      times[(*n_times)++] = first_times[i] + beat * (60.0 / heart_rate);
  return TT1_OK;
}
