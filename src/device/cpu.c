/* SPDX-License-Identifier: MIT
 * The processor as a device: its instruction sets and its threads. */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "device/device.h"
#include "device/lanes.h"

/* One row per instruction set, the widest first. */
static const char *const ISAS[] = {"avx512", "avx2", "portable"};
enum { N_ISAS = sizeof ISAS / sizeof *ISAS };

const char *tt1__isa_name(int index)
{
  return index >= 0 && index < N_ISAS ? ISAS[index] : NULL;
}

int tt1__isa_runs(const char *isa, const char **why)
{
#if defined(TT1_X86_LANES)
  __builtin_cpu_init();
  if (!strcmp(isa, "avx512")) {
    *why = "this processor lacks AVX-512 (F, DQ, BW, VL)";
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl");
  }
  if (!strcmp(isa, "avx2")) {
    *why = "this processor lacks AVX2 or FMA";
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  }
#endif
  *why = "this build has no code for it";
  return !strcmp(isa, "portable");
}

static tt1_status choose_isa(const char **out, const char *wanted, tt1_error *err)
{
  const char *why;
  for (int i = 0; i < N_ISAS; i++) {
    if (wanted && strcmp(wanted, ISAS[i]) != 0) continue;
    if (tt1__isa_runs(ISAS[i], &why)) {
      *out = ISAS[i];
      return TT1_OK;
    }
    if (wanted)
      return tt1__error_set(err, TT1_NO_DEVICE, "instruction set %s cannot be used: %s", wanted,
                            why);
  }
  return tt1__error_set(err, TT1_BAD_ARGUMENT,
                        "instruction set \"%s\" is not one of avx512, avx2, portable", wanted);
}

tt1_status tt1_device_open(tt1_device **out, const char *name, const tt1_device_options *options,
                           tt1_error *err)
{
  enum { MAX_THREADS = 1024 };
  const char *isa = NULL, *wanted = options ? options->isa : NULL;
  int threads = options && options->threads ? options->threads : tt1__processors();
  if (options && options->version != TT1_DEVICE_OPTIONS_VERSION)
    return tt1__error_set(err, TT1_BAD_ARGUMENT, "options of version %u, expected %d",
                          (unsigned)options->version, TT1_DEVICE_OPTIONS_VERSION);
  if (name && strcmp(name, "cpu") != 0 && strcmp(name, "auto") != 0)
    return tt1__error_set(err, TT1_NO_DEVICE, "device \"%s\" is not in this build, which has: cpu",
                          name);
  if (threads < 1 || threads > MAX_THREADS)
    return tt1__error_set(err, TT1_BAD_ARGUMENT, "%d threads, expected 1 to %d", threads,
                          MAX_THREADS);
  tt1_status status = choose_isa(&isa, wanted, err);
  if (status) return status;
  tt1_device *device = tt1__allocate(1, sizeof *device);
  if (!device) return tt1__no_memory(err);
  device->name = "cpu";
  device->isa = isa;
  device->jit = options ? options->jit : TT1_JIT_AUTO;
  device->pool = tt1__pool_create(threads);
  if (!device->pool) {
    tt1__free(device);
    return tt1__error_set(err, TT1_NO_MEMORY, "cannot start %d threads", threads);
  }
  tt1__cache_open(&device->cache, options ? options->cache_folder : NULL,
                  options && options->no_cache);
  *out = device;
  return TT1_OK;
}

void tt1_device_free(tt1_device *device)
{
  if (!device) return;
  tt1__pool_free(device->pool);
  tt1__cache_close(&device->cache);
  tt1__free(device);
}

const char *tt1_device_name(const tt1_device *device)
{
  return device->name;
}

const char *tt1_device_isa(const tt1_device *device)
{
  return device->isa;
}

int tt1_device_threads(const tt1_device *device)
{
  return tt1__pool_size(device->pool);
}

static void describe_cpu(tt1_device_info *info)
{
  const char *why;
  size_t used = 0;
  info->is_available = 1;
  for (int i = 0; i < N_ISAS; i++)
    if (tt1__isa_runs(ISAS[i], &why)) {
      int more = snprintf(info->description + used, sizeof info->description - used, "%s%s",
                          used ? ", " : "", ISAS[i]);
      used += more > 0 ? (size_t)more : 0;
    }
  snprintf(info->description + used, sizeof info->description - used, "; %d threads",
           tt1__processors());
}

int tt1_device_describe(int index, tt1_device_info *info)
{
  static const char *const NAMES[] = {"cpu", "opencl", "cuda"};
  if (index < 0 || index > 2) return 0;
  *info = (tt1_device_info){.name = NAMES[index]};
  if (index == 0)
    describe_cpu(info);
  else
    snprintf(info->description, sizeof info->description, "not in this version");
  return 1;
}
