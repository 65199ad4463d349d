/* SPDX-License-Identifier: MIT
 * Devices by name: the table of kinds, and what is the same for all of them. */
#include "device/device.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"

/* One row per kind, in the order in which they are listed. */
static const tt1__device_kind *const KINDS[] = {&tt1__cpu, &tt1__opencl, &tt1__cuda};
enum { N_KINDS = sizeof KINDS / sizeof *KINDS };

int tt1_device_describe(int index, tt1_device_info *info)
{
  for (int k = 0; k < N_KINDS && index >= 0; k++)
    for (int i = 0;; i++) {
      *info = (tt1_device_info){.memory = 0};
      if (!KINDS[k]->describe(KINDS[k], i, info)) break;
      if (index-- == 0) return 1;
    }
  return 0;
}

// Signals belong to the program's own threads, not to those that drivers start.
static tt1_status open_quietly(tt1_device *device, const char *which,
                               const tt1_device_options *options, tt1_error *err)
{
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  tt1_status status = device->kind->open(device, which, options, err);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  return status;
}

tt1_status tt1__device_open(tt1_device **out, const tt1__device_kind *kind, const char *which,
                            const tt1_device_options *options, tt1_error *err)
{
  tt1_device *device = tt1__allocate(1, sizeof *device);
  if (!device) return tt1__no_memory(err);
  device->kind = kind;
  device->options = *options;
  device->jit = options->jit;
  tt1__cache_open(&device->cache, options->cache_folder, options->no_cache);
  tt1_status status = open_quietly(device, which, options, err);
  if (status)
    tt1_device_free(device);
  else
    *out = device;
  return status;
}

static tt1_status check_options(const tt1_device_options *options, tt1_error *err)
{
  enum { MAX_THREADS = 1024 };
  tt1_status status =
      tt1__check_version("tt1_device_options", options->version, TT1_DEVICE_OPTIONS_VERSION, err);
  if (status != TT1_OK) return status;
  if (options->threads < 0 || options->threads > MAX_THREADS)
    return tt1__error_set(err, TT1_BAD_ARGUMENT, "%d threads, expected 1 to %d", options->threads,
                          MAX_THREADS);
  if (options->memory < 0)
    return tt1__error_set(err, TT1_BAD_ARGUMENT, "%lld bytes of device memory, expected 0 or more",
                          (long long)options->memory);
  return TT1_OK;
}

tt1_status tt1_device_open(tt1_device **out, const char *name, const tt1_device_options *given,
                           tt1_error *err)
{
  tt1_device_options options = TT1_DEVICE_OPTIONS_INIT;
  int is_auto = !name || !strcmp(name, "auto");
  if (is_auto) name = "cpu";
  if (given) options = *given;
  tt1_status status = check_options(&options, err);
  if (status) return status;
  size_t length = strcspn(name, ":");
  const char *which = name[length] ? name + length + 1 : NULL;
  for (int k = 0; k < N_KINDS; k++)
    if (strlen(KINDS[k]->name) == length && !memcmp(KINDS[k]->name, name, length)) {
      status = tt1__device_open(out, KINDS[k], which, &options, err);
      if (!status) (*out)->is_auto = is_auto && !options.isa;
      return status;
    }
  return tt1__error_set(err, TT1_NO_DEVICE,
                        "there is no device \"%s\"; expected auto, cpu, opencl[:N] or cuda[:N], "
                        "N a number or all",
                        name);
}

// A GPU of one kind that may serve; else why there is none, added to `why`.
static tt1_device *open_other(const tt1_device *device, const tt1__device_kind *kind, char *why,
                              size_t size)
{
  tt1_device *found = NULL;
  tt1_error error = {0};
  size_t used = strlen(why);
  if (!tt1__device_open(&found, kind, NULL, &device->options, &error)) {
    if (!found->is_processor && !found->remark && !kind->lacks_compiler(found, &error))
      return found;
    tt1_device_free(found);
  }
  if (*error.message) snprintf(why + used, size - used, "%s%.80s", used ? "; " : "", error.message);
  return NULL;
}

tt1_device *tt1__device_gpu(tt1_device *device)
{
  static const tt1__device_kind *const GPUS[] = {&tt1__cuda, &tt1__opencl};
  char why[sizeof device->why_no_gpu - 40] = "";
  if (*device->why_no_gpu) return NULL;
  for (int k = 0; k < 2 && !device->other; k++)
    device->other = open_other(device, GPUS[k], why, sizeof why);
  if (!device->other)
    snprintf(device->why_no_gpu, sizeof device->why_no_gpu, "no GPU was found%s%s",
             *why ? ": " : "", why);
  return device->other;
}

void tt1_device_free(tt1_device *device)
{
  if (!device) return;
  tt1_device_free(device->other);
  tt1__pool_free(device->pool);
  device->kind->close(device);
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

tt1_status tt1__fitter_create(tt1__fitter **out, tt1_device *device, const tt1__job *job,
                              tt1_error *err)
{
  tt1__fitter *fitter = tt1__allocate(1, sizeof *fitter);
  if (!fitter) return tt1__no_memory(err);
  fitter->device = device;
  fitter->job = *job;
  fitter->slots = tt1__allocate((size_t)tt1__pool_size(device->pool), sizeof *fitter->slots);
  tt1_status status = fitter->slots ? device->kind->prepare(fitter, err) : tt1__no_memory(err);
  if (status)
    tt1__fitter_free(fitter);
  else
    *out = fitter;
  return status;
}

void tt1__fitter_free(tt1__fitter *fitter)
{
  if (!fitter) return;
  fitter->device->kind->release(fitter);
  tt1__free(fitter->slots);
  tt1__free(fitter);
}

tt1_status tt1__fitter_begin(tt1__fitter *fitter, int64_t n_voxels, const unsigned char *wanted,
                             tt1_error *err)
{
  return fitter->device->kind->begin(fitter, n_voxels, wanted, err);
}
