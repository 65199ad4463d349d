/* SPDX-License-Identifier: MIT
 * Dates and times of day as DICOM writes them (PS3.5 section 6.2: DA, TM, DT) and sidecars do, in seconds. */
#ifndef TT1_BASE_DATE_H
#define TT1_BASE_DATE_H

/** Seconds since midnight of "HHMMSS.ffffff", "HHMM", or as old files and sidecars have it "HH:MM:SS.ffffff",
    where leading zeros may be missing; NaN if it is no time of day. */
double tt1__seconds_of_day(const char *text);
/** Days since 1 March of the year 0 of "YYYYMMDD" or "YYYY.MM.DD", in the calendar of today; 1 if it is no
    date: times without a date lie on one day. */
double tt1__day_of(const char *text);
/** Seconds since the beginning of that count of "YYYYMMDDHHMMSS.ffffff", whatever the time zone behind it;
    NaN if date or time of day is missing. */
double tt1__seconds_of(const char *text);

#define TT1__SECONDS_A_DAY 86400.0
#endif
