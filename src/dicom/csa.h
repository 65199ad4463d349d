/* SPDX-License-Identifier: MIT
 * Siemens' private headers (0029,1010) and (0029,1020): named values, and the protocol as a text among them. Any
 * bytes may be given. */
#ifndef TT1_DICOM_CSA_H
#define TT1_DICOM_CSA_H

#include <stddef.h>

enum { TT1__MAX_LISTED = 16 };

/** Values that a protocol lists, in the order in which they are played out. */
typedef struct tt1__listed {
  double values[TT1__MAX_LISTED]; /* those that are not written are 0 */
  int count;  /* the highest index and 1, or the size that the protocol gives if that is more */
  int n_told; /* the highest index and 1 */
} tt1__listed;

/** The first value of `name` in a header of either version ("SV10" or older); NaN if there is none. */
double tt1__csa_number(const unsigned char *bytes, size_t length, const char *name);
/** Add what a protocol says of `name`: lines as `name[1] = 25.0` and `name.__attribute__.size = 3`. Values
    from 0 to 1e9 are taken. `bytes` may be NULL. */
void tt1__csa_list(tt1__listed *list, const unsigned char *bytes, size_t length, const char *name);
#endif
