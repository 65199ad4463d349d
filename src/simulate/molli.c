/* SPDX-License-Identifier: MIT
 * Inversion times of a MOLLI scheme: each inversion starts a little later
 * before its first image than the one before, then one image per heart beat. */
#include "base/error.h"
#include "simulate/simulate.h"

static const double first_times[TT1__MAX_INVERSIONS] = {0.12, 0.20, 0.28};

static int is_count(char c)
{
  return c >= '1' && c <= '9';
}

// scheme = count { "(" count ")" count }, at most three inversions; count = "1" ... "9"
static int parse(tt1__scheme *s, const char *at)
{
  if (!is_count(*at)) return 0;
  s->count[s->n_groups++] = *at++ - '0';
  while (*at != '\0') {
    if (s->n_groups == TT1__MAX_INVERSIONS) return 0;
    if (at[0] != '(' || !is_count(at[1]) || at[2] != ')' || !is_count(at[3])) return 0;
    s->rest[s->n_groups - 1] = at[1] - '0';
    s->count[s->n_groups++] = at[3] - '0';
    at += 4;
  }
  return 1;
}

tt1_status tt1__scheme_read(tt1__scheme *scheme, const char *text, tt1_error *err)
{
  tt1__scheme read = {0};
  if (!parse(&read, text))
    return tt1__error_set(
        err, TT1_BAD_ARGUMENT,
        "\"%.40s\" is not a MOLLI scheme; expected images and, in brackets, beats "
        "of rest, such as 5(3)3 or 4(1)3(1)2, with at most 3 inversions",
        text);
  for (int i = 0; i < read.n_groups; i++) {
    read.first[i] = first_times[i];
    read.n_images += read.count[i];
  }
  *scheme = read;
  return TT1_OK;
}

tt1_status tt1__molli_times(double times[TT1__MAX_TIMES], int *n_times, const char *scheme,
                            double heart_rate, tt1_error *err)
{
  tt1__scheme s;
  tt1_status status = tt1__scheme_read(&s, scheme, err);
  if (status != TT1_OK) return status;
  if (!(heart_rate >= 20.0 && heart_rate <= 250.0))
    return tt1__error_set(err, TT1_BAD_ARGUMENT,
                          "a heart rate of %g beats per minute is outside 20 to 250", heart_rate);
  *n_times = 0;
  for (int i = 0; i < s.n_groups; i++)
    for (int beat = 0; beat < s.count[i]; beat++)
      times[(*n_times)++] = s.first[i] + beat * (60.0 / heart_rate);
  return TT1_OK;
}
