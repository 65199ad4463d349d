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

static tt1_status open_cpu(tt1_device *device, const char *which, const tt1_device_options *options,
                           tt1_error *err)
{
  int threads = options->threads ? options->threads : tt1__processors();
  if (which)
    return tt1__error_set(err, TT1_NO_DEVICE, "there is no device cpu:%s, only cpu", which);
  tt1_status status = choose_isa(&device->isa, options->isa, err);
  if (status) return status;
  snprintf(device->name, sizeof device->name, "cpu");
  device->pool = tt1__pool_create(threads);
  if (!device->pool) return tt1__error_set(err, TT1_NO_MEMORY, "cannot start %d threads", threads);
  return TT1_OK;
}

static void close_cpu(tt1_device *device)
{
  (void)device;
}

static int describe_cpu(const tt1__device_kind *kind, int index, tt1_device_info *info)
{
  (void)kind;
  const char *why;
  size_t used = 0;
  if (index > 0) return 0;
  snprintf(info->name, sizeof info->name, "cpu");
  info->is_available = 1;
  for (int i = 0; i < N_ISAS; i++)
    if (tt1__isa_runs(ISAS[i], &why)) {
      int more = snprintf(info->description + used, sizeof info->description - used, "%s%s",
                          used ? ", " : "", ISAS[i]);
      used += more > 0 ? (size_t)more : 0;
    }
  snprintf(info->description + used, sizeof info->description - used, "; %d threads",
           tt1__processors());
  return 1;
}

static tt1_status prepare(tt1__fitter *fitter, tt1_error *err)
{
  const tt1__job *job = &fitter->job;
  (void)err;
  fitter->lanes = tt1__lanes_find(job->model, fitter->device->isa, job->is_double);
  return TT1_OK;
}

static void free_room(tt1__fitter *fitter)
{
  for (int i = 0; fitter->slots && i < tt1__pool_size(fitter->device->pool); i++) {
    tt1__free(fitter->slots[i].inputs);
    fitter->slots[i].inputs = NULL;
  }
  fitter->room = 0;
}

static tt1_status make_room(tt1__fitter *fitter, int chunk, tt1_error *err)
{
  const tt1__job *job = &fitter->job;
  size_t number = job->is_double ? sizeof(double) : sizeof(float);
  free_room(fitter);
  for (int i = 0; i < tt1__pool_size(fitter->device->pool); i++) {
    size_t n = (size_t)(job->n_inputs + job->n_rows) * (size_t)chunk;
    char *block = tt1__allocate_aligned(n, number);
    if (!block) return tt1__no_memory(err);
    fitter->slots[i].inputs = block;
    fitter->slots[i].results = block + (size_t)job->n_inputs * (size_t)chunk * number;
  }
  fitter->room = chunk;
  return TT1_OK;
}

static void release(tt1__fitter *fitter)
{
  free_room(fitter);
  tt1__jit_close(&fitter->jit);
}

/* A model that is not shipped may be compiled for a run of `n_voxels`. */
static void choose_kernels(tt1__fitter *fitter, int64_t n_voxels)
{
  const tt1__job *job = &fitter->job;
  tt1_device *device = fitter->device;
  if (fitter->lanes->model || job->is_double || device->jit == TT1_JIT_OFF) return;
  const tt1__jit_task task = {.model = job->model,
                              .interpreter = fitter->lanes,
                              .setup = &job->setup,
                              .numbers = job->numbers_float,
                              .integers = job->integers,
                              .n_inputs = job->n_inputs,
                              .n_rows = job->n_rows,
                              .n_voxels = (double)n_voxels / tt1__pool_size(device->pool)};
  fitter->lanes = tt1__jit_choose(&fitter->jit, &task, &device->cache);
}

/* Several chunks a thread, so that all end at about the same time; small images are shared, too. */
static int choose_chunk(const tt1__fitter *fitter, int64_t n_voxels)
{
  enum { LEAST = 256, MOST = 4096, EACH = 8, GRAIN = 64 };
  int64_t chunk = n_voxels / (EACH * tt1__pool_size(fitter->device->pool)) / GRAIN * GRAIN;
  if (fitter->job.is_double || chunk < LEAST) return LEAST; // in double a voxel takes long
  return chunk < MOST ? (int)chunk : MOST;
}

static tt1_status begin(tt1__fitter *fitter, int64_t n_voxels, const unsigned char *wanted,
                        tt1_error *err)
{
  (void)wanted;
  choose_kernels(fitter, n_voxels);
  fitter->chunk = choose_chunk(fitter, n_voxels);
  return fitter->chunk > fitter->room ? make_room(fitter, fitter->chunk, err) : TT1_OK;
}

static tt1_status fit(tt1__fitter *fitter, int slot, tt1_error *err)
{
  const tt1__job *job = &fitter->job;
  const void *numbers = job->is_double ? (const void *)job->numbers : job->numbers_float;
  (void)err;
  fitter->lanes->fit(&job->setup, numbers, job->integers, job->model, &fitter->slots[slot]);
  return TT1_OK;
}

const tt1__device_kind tt1__cpu = {"cpu",   1,     describe_cpu, open_cpu, close_cpu, prepare,
                                   release, begin, fit,          NULL,     NULL,      NULL};
