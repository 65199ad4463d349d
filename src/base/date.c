/* SPDX-License-Identifier: MIT */
#include "base/date.h"

#include <math.h>
#include <string.h>

#include "base/text.h"

static int is_digit(char c)
{
  return c >= '0' && c <= '9';
}

// A number of exactly `count` digits at *at, which moves behind it and the separator, if one follows; -1
// if there is none.
static int take_digits(const char **at, int count, char separator)
{
  int value = 0;
  for (int i = 0; i < count; i++) {
    if (!is_digit((*at)[i])) return -1;
    value = 10 * value + ((*at)[i] - '0');
  }
  *at += count;
  if (**at == separator) ++*at;
  return value;
}

// Seconds with their fraction, up to what is no part of a number: a time zone, say.
static double take_seconds(const char *at)
{
  const char *end = at;
  if (!is_digit(at[0]) || !is_digit(at[1])) return *at ? (double)NAN : 0.0;
  double seconds = tt1__number_read(at, &end);
  int is_good = at[2] == '.' || !is_digit(at[2]); // not the seventh digit of something else
  return is_good && seconds < 61.0 ? seconds : (double)NAN; // 60 is a leap second
}

// Writers who take the time for a number lose the zero of the morning: 93012.5.
static int lacks_zero(const char *text)
{
  return strspn(text, "0123456789") == 5;
}

// At most two digits before a colon, which is passed; -1 if there are none.
static int take_before_colon(const char **at)
{
  size_t n = strspn(*at, "0123456789");
  if (n < 1 || n > 2 || (*at)[n] != ':') return -1;
  return take_digits(at, (int)n, ':');
}

// Between colons leading zeros may be missing, of seconds too: dcm2niix writes 9:30:2.547500.
static double take_colons(const char *at)
{
  const char *end = at;
  int hours = take_before_colon(&at), minutes = hours < 0 ? -1 : take_before_colon(&at);
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59 || !is_digit(*at)) return (double)NAN;
  double seconds = tt1__number_read(at, &end);
  return seconds < 61.0 ? 3600.0 * hours + 60.0 * minutes + seconds : (double)NAN;
}

double tt1__seconds_of_day(const char *text)
{
  const char *at = text + strspn(text, " ");
  if (at[strspn(at, "0123456789")] == ':' && strchr(strchr(at, ':') + 1, ':'))
    return take_colons(at);
  int hours = take_digits(&at, lacks_zero(at) ? 1 : 2, ':'), minutes = 0;
  if (is_digit(*at)) minutes = take_digits(&at, 2, ':');
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return (double)NAN;
  return 3600.0 * hours + 60.0 * minutes + take_seconds(at);
}

// From the calendar to a count of days; years begin in March, so that a leap day is the last.
static double count_days(int year, int month, int day)
{
  if (month < 3) year--;
  int in_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  return 365.0 * year + year / 4 - year / 100 + year / 400 + in_year;
}

static double take_day(const char **at)
{
  int year = take_digits(at, 4, '.'), month = -1, day = -1;
  if (year >= 1) month = take_digits(at, 2, '.');
  if (month >= 1 && month <= 12) day = take_digits(at, 2, '.');
  return day >= 1 && day <= 31 ? count_days(year, month, day) : (double)NAN;
}

double tt1__day_of(const char *text)
{
  const char *at = text + strspn(text, " ");
  double day = take_day(&at);
  return isfinite(day) ? day : 1.0;
}

double tt1__seconds_of(const char *text)
{
  const char *at = text + strspn(text, " ");
  double day = take_day(&at);
  return TT1__SECONDS_A_DAY * day + tt1__seconds_of_day(at);
}
