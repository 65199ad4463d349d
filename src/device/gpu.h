/* SPDX-License-Identifier: MIT
 * What graphics processors share: the text of their kernel, buffers, the stream
 * of chunks, sentences for what fails. A vendor's file is a table of calls into
 * its driver, which return the driver's own codes, 0 for success. */
#ifndef TT1_DEVICE_GPU_H
#define TT1_DEVICE_GPU_H

#include <stddef.h>

#include "device/device.h"

/** Threads of a group: each fits one voxel. */
enum { TT1__GPU_GROUP = 64 };
/** The kernels of a program: one for each pass over the voxels. */
#define TT1__GPU_KERNELS          \
  {                               \
    "fit_voxels", "settle_voxels" \
  }
enum { TT1__GPU_PASSES = 2 };

/** What a driver tells of a device. */
typedef struct tt1__gpu_properties {
  char name[96], driver[64];
  int64_t memory;
  double rate;      /* lane operations per second at best */
  int is_processor; /* in truth the CPU: never chosen unless named */
  int is_rounding;  /* division and square root are rounded correctly */
} tt1__gpu_properties;

/** What a compiler made of a text. `bytes` from tt1__allocate(). */
typedef struct tt1__gpu_binary {
  void *bytes;
  size_t size;
} tt1__gpu_binary;

/** Arguments of the kernels: buffers of the driver. */
typedef struct tt1__gpu_buffers {
  void *numbers, *integers, *inputs, *results;
} tt1__gpu_buffers;

struct tt1__gpu_driver {
  const char *name; /* "opencl" */
  tt1_dialect dialect;
  const char *options; /* for the compiler; part of what identifies a compiled kernel */
  /** Open the driver's library; TT1_NO_DEVICE says what is missing. */
  tt1_status (*load)(void **library, tt1_error *err);
  void (*unload)(void *library);
  int (*count)(void *library);
  /** Whether there is a compiler; TT1_NO_DEVICE says what is missing. NULL: it is in the driver. */
  tt1_status (*find_compiler)(void *library, tt1_error *err);
  void (*properties)(void *library, int index, tt1__gpu_properties *out);
  int (*open)(void **context, void *library, int index);
  void (*close)(void *context);
  /** Compile `text`; where that fails `log` [size] says why. */
  int (*compile)(void *context, const char *text, tt1__gpu_binary *out, char *log, size_t size);
  int (*load_program)(void **program, void *context, const tt1__gpu_binary *binary);
  void (*free_program)(void *context, void *program);
  int (*allocate)(void **buffer, void *context, size_t size);
  void (*free_buffer)(void *context, void *buffer);
  /** A stream carries out its calls in order; upload, launch and download return at once. A launch
      is that of the first n_passes kernels, one after the other. */
  int (*open_stream)(void **stream, void *context, void *program, int n_passes);
  void (*close_stream)(void *stream);
  /** Host memory that copies go to and from without a detour. */
  int (*pin)(void **host, void *stream, size_t size);
  void (*unpin)(void *stream, void *host);
  int (*upload)(void *stream, void *buffer, const void *from, size_t size);
  int (*launch)(void *stream, const tt1__gpu_buffers *buffers, int count, int stride);
  /** A launch waited for, and how long it took by the device's own clock: for benchmarks. */
  int (*time_launch)(void *stream, const tt1__gpu_buffers *buffers, int count, int stride,
                     double *seconds);
  int (*download)(void *stream, void *to, void *buffer, size_t offset, size_t size);
  int (*wait)(void *stream);
  /** The driver's words for a code. */
  const char *(*explain)(void *library, int code, int *is_memory);
};

extern const tt1__gpu_driver tt1__opencl_driver, tt1__cuda_driver;

/** Compile for a compute capability (90 for 9.0) with an NVRTC that is not newer than the driver
    (12040 for CUDA 12.4; 0: whatever there is); needs no GPU. As `compile` above. */
int tt1__cuda_compile(int architecture, int driver, const char *text, tt1__gpu_binary *out,
                      char *log, size_t size);

/** The text of the kernel for one plan. Free with tt1_text_free(). */
tt1_status tt1__gpu_text(char **out, const tt1_model *model, const fit_setup *setup,
                         tt1_dialect dialect, tt1_error *err);
#endif
