/* SPDX-License-Identifier: MIT
 * Numbers in tables: aligned on the terminal, and in CSV. */
#ifndef TT1_TABLE_H
#define TT1_TABLE_H

#include <stdint.h>
#include <stdio.h>

/** Decimals that show three digits of numbers of this size; 1 if it is not positive. */
int decimals_for(double size);
/** A blank and the number, right-aligned; "-" if it is not finite. */
void print_cell(int width, int decimals, double value);
/** "  left out  NAME: 3 NaN 2 zero", or nothing where none is. */
void print_left_out(const char *name, int64_t nan, int64_t infinite, int64_t zero);
#endif
