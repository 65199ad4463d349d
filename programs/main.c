/* SPDX-License-Identifier: MIT
 * The command line of torcht1: finds the command and hands over. */
#include <stdio.h>

#include "torcht1.h"

int main(void)
{
  puts("torcht1 " TT1_VERSION_TEXT);
  return 0;
}
