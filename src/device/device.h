/* SPDX-License-Identifier: MIT
 * Places to run behind one interface. A kind of device is a table of functions
 * and one row in device.c. A plan prepares a fitter for its device; a run begins
 * it, which gives each thread of the device's pool a slot with buffers, and fits
 * chunk after chunk in the slots. A fit returns when its results lie in the slot:
 * devices overlap copies and computing across their slots. Buffers stay for the
 * next run: pinned memory is slow to make. */
#ifndef TT1_DEVICE_H
#define TT1_DEVICE_H

#include "base/threads.h"
#include "device/cache.h"
#include "device/jit.h"
#include "device/lanes.h"
#include "torcht1.h"

/** What a plan asks of a device for one kind of data. Borrowed from the plan. */
typedef struct tt1__job {
  const tt1_model *model;
  fit_setup setup;
  const double *numbers;
  const float *numbers_float;
  const int *integers;
  int n_numbers, n_integers;
  int n_inputs, n_rows; /* rows of a chunk's inputs and results */
  int is_double;
} tt1__job;

/** A job made ready on a device. Belongs to one run at a time. */
typedef struct tt1__fitter {
  tt1_device *device;
  tt1__job job;
  int chunk;               /* of a run: voxels that a slot takes at a time, at most */
  int room;                /* voxels that the buffers of a slot hold; they outlive runs */
  tt1__chunk *slots;       /* [pool size] host memory; set count and stride before a fit */
  void *state;             /* of the kind */
  const tt1__lanes *lanes; /* of the processor */
  tt1__jit jit;            /* likewise */
} tt1__fitter;

typedef struct tt1__gpu_driver tt1__gpu_driver;
typedef struct tt1__device_kind tt1__device_kind;

struct tt1__device_kind {
  const char *name;
  int has_double;
  /** Describe device `index` of this kind; 0 past the last. A kind that is absent has one, which says why. */
  int (*describe)(const tt1__device_kind *kind, int index, tt1_device_info *info);
  /** Fill in the device. `which`: what followed the colon of its name, or NULL. */
  tt1_status (*open)(tt1_device *device, const char *which, const tt1_device_options *options,
                     tt1_error *err);
  void (*close)(tt1_device *device);
  tt1_status (*prepare)(tt1__fitter *fitter, tt1_error *err);
  void (*release)(tt1__fitter *fitter); /* after a prepare that failed, too */
  /** Choose the chunk of a run; buffers that are too small for it are made anew. `wanted` [n_rows]:
      nonzero where the results are asked for. */
  tt1_status (*begin)(tt1__fitter *fitter, int64_t n_voxels, const unsigned char *wanted,
                      tt1_error *err);
  tt1_status (*fit)(tt1__fitter *fitter, int slot, tt1_error *err);
  /** Of a GPU: whether the kernel of a job need not be compiled, why none can be, and its driver. */
  int (*is_kept)(tt1_device *device, const tt1__job *job);
  tt1_status (*lacks_compiler)(const tt1_device *device, tt1_error *err);
  const tt1__gpu_driver *driver;
};

struct tt1_device {
  const tt1__device_kind *kind;
  char name[32]; /* "cpu", "opencl:0", "cuda:all" */
  const char *isa;
  double rate;            /* of a GPU: lane operations per second at best */
  double compile_seconds; /* of a GPU: what compiling a kernel takes, about */
  int is_processor;       /* it computes on the processor, whatever its driver */
  const char *remark;     /* what a user should know who chose it, or NULL */
  tt1__pool *pool;        /* one thread per slot */
  void *state;            /* of the kind */
  tt1__cache cache;       /* of compiled kernels */
  tt1_jit jit;
  /* Where the device was not named, a graphics processor may serve a run in place of this. */
  int is_auto;
  tt1_device *other;    /* opened when first of use */
  char why_no_gpu[200]; /* once it was looked for in vain, or failed */
  tt1_device_options options;
};

extern const tt1__device_kind tt1__cpu, tt1__opencl, tt1__cuda;

/** Open a device of a kind, `which` as in its name or NULL. */
tt1_status tt1__device_open(tt1_device **out, const tt1__device_kind *kind, const char *which,
                            const tt1_device_options *options, tt1_error *err);

/** The GPU that may serve in place of `device`, opened if need be; NULL: see its why_no_gpu. */
tt1_device *tt1__device_gpu(tt1_device *device);

/** Make a job ready on a device; free with tt1__fitter_free(). */
tt1_status tt1__fitter_create(tt1__fitter **out, tt1_device *device, const tt1__job *job,
                              tt1_error *err);
void tt1__fitter_free(tt1__fitter *fitter); /* accepts NULL */
/** Make ready for a run of `n_voxels`. */
tt1_status tt1__fitter_begin(tt1__fitter *fitter, int64_t n_voxels, const unsigned char *wanted,
                             tt1_error *err);
#endif
