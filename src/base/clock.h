/* SPDX-License-Identifier: MIT */
#ifndef TT1_BASE_CLOCK_H
#define TT1_BASE_CLOCK_H

/** Seconds of a clock that only runs forward. */
double tt1__seconds(void);
#endif
