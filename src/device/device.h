/* SPDX-License-Identifier: MIT
 * A place to run. So far the processor. */
#ifndef TT1_DEVICE_H
#define TT1_DEVICE_H

#include "base/threads.h"
#include "device/cache.h"
#include "torcht1.h"

struct tt1_device {
  const char *name, *isa;
  tt1__pool *pool;
  tt1__cache cache; /* of compiled kernels */
  tt1_jit jit;
};
#endif
