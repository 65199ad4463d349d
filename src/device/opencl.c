/* SPDX-License-Identifier: MIT
 * OpenCL's words: every device that the ICD loader (libOpenCL.so.1) knows. The
 * few declarations needed of OpenCL 1.2 are here, so that no header is needed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/library.h"
#include "base/memory.h"
#include "device/gpu.h"

typedef struct object *handle; /* platforms, devices, contexts, queues, programs, kernels, memory */

enum { MAX_PLATFORMS = 8, MAX_DEVICES = 16 };
enum {
  DEVICE_TYPE = 0x1000,
  DEVICE_MAX_COMPUTE_UNITS = 0x1002,
  DEVICE_MAX_CLOCK_FREQUENCY = 0x100C,
  DEVICE_SINGLE_FP_CONFIG = 0x101B,
  DEVICE_GLOBAL_MEM_SIZE = 0x101F,
  DEVICE_NAME = 0x102B,
  DRIVER_VERSION = 0x102D,
  PLATFORM_NAME = 0x0902,
  PROGRAM_BINARY_SIZES = 0x1165,
  PROGRAM_BINARIES = 0x1166,
  PROGRAM_BUILD_LOG = 0x1183,
  DEVICE_NOT_FOUND = -1,
  MAP_READ_WRITE = 3,
  PROFILING_COMMAND_START = 0x1282,
  PROFILING_COMMAND_END = 0x1283
};
#define TYPE_CPU          2u
#define TYPE_ANY          14u /* CPU, GPU, accelerator */
#define FP_ROUNDED_DIVIDE (1u << 7)
#define FP_FMA            (1u << 5)
#define READ_WRITE        1u
#define ALLOC_HOST_PTR    16u
#define PROFILING_ENABLE  2u
#define LANES_PER_UNIT    64.0 /* what a compute unit does per clock, about */
#define OPTIONS           "-cl-std=CL1.2 -cl-fp32-correctly-rounded-divide-sqrt -w"

/* name, result, arguments */
#define CALLS(CALL)                                                                                \
  CALL(clGetPlatformIDs, int, (unsigned, handle *, unsigned *))                                    \
  CALL(clGetPlatformInfo, int, (handle, unsigned, size_t, void *, size_t *))                       \
  CALL(clGetDeviceIDs, int, (handle, uint64_t, unsigned, handle *, unsigned *))                    \
  CALL(clGetDeviceInfo, int, (handle, unsigned, size_t, void *, size_t *))                         \
  CALL(clCreateContext, handle,                                                                    \
       (const intptr_t *, unsigned, const handle *, void *, void *, int *))                        \
  CALL(clReleaseContext, int, (handle))                                                            \
  CALL(clCreateCommandQueue, handle, (handle, handle, uint64_t, int *))                            \
  CALL(clReleaseCommandQueue, int, (handle))                                                       \
  CALL(clCreateProgramWithSource, handle,                                                          \
       (handle, unsigned, const char **, const size_t *, int *))                                   \
  CALL(clCreateProgramWithBinary, handle,                                                          \
       (handle, unsigned, const handle *, const size_t *, const unsigned char **, int *, int *))   \
  CALL(clBuildProgram, int, (handle, unsigned, const handle *, const char *, void *, void *))      \
  CALL(clGetProgramInfo, int, (handle, unsigned, size_t, void *, size_t *))                        \
  CALL(clGetProgramBuildInfo, int, (handle, handle, unsigned, size_t, void *, size_t *))           \
  CALL(clReleaseProgram, int, (handle))                                                            \
  CALL(clCreateKernel, handle, (handle, const char *, int *))                                      \
  CALL(clSetKernelArg, int, (handle, unsigned, size_t, const void *))                              \
  CALL(clReleaseKernel, int, (handle))                                                             \
  CALL(clCreateBuffer, handle, (handle, uint64_t, size_t, void *, int *))                          \
  CALL(clReleaseMemObject, int, (handle))                                                          \
  CALL(clEnqueueMapBuffer, void *,                                                                 \
       (handle, handle, unsigned, uint64_t, size_t, size_t, unsigned, const handle *, handle *,    \
        int *))                                                                                    \
  CALL(clEnqueueUnmapMemObject, int, (handle, handle, void *, unsigned, const handle *, handle *)) \
  CALL(clEnqueueWriteBuffer, int,                                                                  \
       (handle, handle, unsigned, size_t, size_t, const void *, unsigned, const handle *,          \
        handle *))                                                                                 \
  CALL(clEnqueueReadBuffer, int,                                                                   \
       (handle, handle, unsigned, size_t, size_t, void *, unsigned, const handle *, handle *))     \
  CALL(clEnqueueNDRangeKernel, int,                                                                \
       (handle, handle, unsigned, const size_t *, const size_t *, const size_t *, unsigned,        \
        const handle *, handle *))                                                                 \
  CALL(clFinish, int, (handle))                                                                    \
  CALL(clGetEventProfilingInfo, int, (handle, unsigned, size_t, void *, size_t *))                 \
  CALL(clReleaseEvent, int, (handle))

typedef struct opencl_calls {
#define CALL(name, result, arguments) result(*name) arguments;
  CALLS(CALL)
#undef CALL
} opencl_calls;

typedef struct library {
  opencl_calls calls;
  void *file;
  int n_devices;
  struct {
    handle platform, device;
  } devices[MAX_DEVICES];
} library;

typedef struct context {
  const opencl_calls *calls;
  handle device, context;
} context;

typedef struct stream {
  const context *context;
  handle queue, kernels[TT1__GPU_PASSES], pinned;
  int n_passes;
} stream;

static void find_devices(library *l)
{
  handle platforms[MAX_PLATFORMS], devices[MAX_DEVICES];
  unsigned n_platforms = 0;
  if (l->calls.clGetPlatformIDs(MAX_PLATFORMS, platforms, &n_platforms)) return;
  for (unsigned p = 0; p < n_platforms && p < MAX_PLATFORMS; p++) {
    unsigned count = 0;
    if (l->calls.clGetDeviceIDs(platforms[p], TYPE_ANY, MAX_DEVICES, devices, &count)) continue;
    for (unsigned i = 0; i < count && i < MAX_DEVICES && l->n_devices < MAX_DEVICES; i++) {
      l->devices[l->n_devices].platform = platforms[p];
      l->devices[l->n_devices++].device = devices[i];
    }
  }
}

static tt1_status load(void **out, tt1_error *err)
{
  static const char *const FILES[] = {"libOpenCL.so.1", "libOpenCL.so", NULL};
  static const char *const NAMES[] = {
#define CALL(name, result, arguments) #name,
      CALLS(CALL)
#undef CALL
          NULL};
#if defined(__linux__)
  // PoCL asks it what the machine is, and aborts the whole process where it is not mounted.
  if (access("/sys/devices/system/cpu", F_OK) != 0)
    return tt1__error_set(err, TT1_NO_DEVICE, "/sys, which drivers need, is not mounted here");
#endif
  library *l = tt1__allocate(1, sizeof *l);
  if (!l) return tt1__no_memory(err);
  tt1_status status = tt1__library_open(&l->file, FILES, NAMES, &l->calls, err);
  if (status) {
    tt1__free(l);
    return status;
  }
  find_devices(l);
  *out = l;
  return TT1_OK;
}

static void unload(void *l)
{
  tt1__free(l); // the file stays mapped
}

static int count_devices(void *l)
{
  return ((library *)l)->n_devices;
}

static uint64_t number_of(const library *l, handle device, unsigned what)
{
  uint64_t value = 0; // the answers are of 4 or 8 bytes, the first byte the lowest
  return l->calls.clGetDeviceInfo(device, what, sizeof value, &value, NULL) ? 0 : value;
}

static void properties(void *library_, int index, tt1__gpu_properties *out)
{
  const library *l = library_;
  handle device = l->devices[index].device;
  char driver[40] = "", platform[40] = "";
  uint64_t precision = number_of(l, device, DEVICE_SINGLE_FP_CONFIG);
  l->calls.clGetDeviceInfo(device, DEVICE_NAME, sizeof out->name - 1, out->name, NULL);
  l->calls.clGetDeviceInfo(device, DRIVER_VERSION, sizeof driver - 1, driver, NULL);
  l->calls.clGetPlatformInfo(l->devices[index].platform, PLATFORM_NAME, sizeof platform - 1,
                             platform, NULL);
  snprintf(out->driver, sizeof out->driver, "%.30s %.30s", platform, driver);
  out->memory = (int64_t)number_of(l, device, DEVICE_GLOBAL_MEM_SIZE);
  out->rate = LANES_PER_UNIT * 1e6 * (double)number_of(l, device, DEVICE_MAX_COMPUTE_UNITS) *
              (double)number_of(l, device, DEVICE_MAX_CLOCK_FREQUENCY);
  out->is_processor = (number_of(l, device, DEVICE_TYPE) & TYPE_CPU) != 0;
  out->is_rounding = (precision & FP_ROUNDED_DIVIDE) && (precision & FP_FMA);
}

static void close_context(void *context_)
{
  context *c = context_;
  if (c->context) c->calls->clReleaseContext(c->context);
  tt1__free(c);
}

static int open_context(void **out, void *library_, int index)
{
  const library *l = library_;
  int code = -6;
  context *c = tt1__allocate(1, sizeof *c);
  if (!c) return code;
  c->calls = &l->calls;
  c->device = l->devices[index].device;
  c->context = c->calls->clCreateContext(NULL, 1, &c->device, NULL, NULL, &code);
  if (code)
    close_context(c);
  else
    *out = c;
  return code;
}

static int take_binary(const context *c, handle program, tt1__gpu_binary *out)
{
  int code =
      c->calls->clGetProgramInfo(program, PROGRAM_BINARY_SIZES, sizeof out->size, &out->size, NULL);
  if (!code) out->bytes = tt1__allocate(out->size, 1);
  if (!code && !out->bytes) return -6;
  if (!code)
    code =
        c->calls->clGetProgramInfo(program, PROGRAM_BINARIES, sizeof out->bytes, &out->bytes, NULL);
  return code;
}

static int compile(void *context_, const char *text, tt1__gpu_binary *out, char *log, size_t size)
{
  const context *c = context_;
  int code = 0;
  handle program = c->calls->clCreateProgramWithSource(c->context, 1, &text, NULL, &code);
  if (code) return code;
  code = c->calls->clBuildProgram(program, 1, &c->device, OPTIONS, NULL, NULL);
  if (code) {
    char *whole = tt1__allocate(65536, 1); // a driver gives all or nothing
    if (whole &&
        !c->calls->clGetProgramBuildInfo(program, c->device, PROGRAM_BUILD_LOG, 65535, whole, NULL))
      snprintf(log, size, "%.*s", (int)strcspn(whole, "\n"), whole);
    tt1__free(whole);
  } else {
    code = take_binary(c, program, out);
  }
  c->calls->clReleaseProgram(program);
  return code;
}

static int load_program(void **out, void *context_, const tt1__gpu_binary *binary)
{
  const context *c = context_;
  const unsigned char *bytes = binary->bytes;
  int code = 0, entry = 0;
  handle program = c->calls->clCreateProgramWithBinary(c->context, 1, &c->device, &binary->size,
                                                       &bytes, &entry, &code);
  if (!code) code = c->calls->clBuildProgram(program, 1, &c->device, OPTIONS, NULL, NULL);
  if (code && program) c->calls->clReleaseProgram(program);
  if (!code) *out = program;
  return code;
}

static void free_program(void *context_, void *program)
{
  ((context *)context_)->calls->clReleaseProgram(program);
}

static int allocate(void **buffer, void *context_, size_t size)
{
  const context *c = context_;
  int code = 0;
  *buffer = c->calls->clCreateBuffer(c->context, READ_WRITE, size, NULL, &code);
  return code;
}

static void free_buffer(void *context_, void *buffer)
{
  ((context *)context_)->calls->clReleaseMemObject(buffer);
}

static void close_stream(void *stream_)
{
  stream *s = stream_;
  const opencl_calls *calls = s->context->calls;
  if (s->pinned) calls->clReleaseMemObject(s->pinned);
  for (int i = 0; i < s->n_passes; i++)
    if (s->kernels[i]) calls->clReleaseKernel(s->kernels[i]);
  if (s->queue) calls->clReleaseCommandQueue(s->queue);
  tt1__free(s);
}

static const char *const KERNELS[TT1__GPU_PASSES] = TT1__GPU_KERNELS;

// Setting the arguments of one kernel from several threads is not allowed: each stream has its own.
static int open_stream(void **out, void *context_, void *program, int n_passes)
{
  const context *c = context_;
  int code = -6;
  stream *s = tt1__allocate(1, sizeof *s);
  if (!s) return code;
  s->context = c;
  s->n_passes = n_passes;
  s->queue = c->calls->clCreateCommandQueue(c->context, c->device, 0, &code);
  for (int i = 0; i < n_passes && !code; i++)
    s->kernels[i] = c->calls->clCreateKernel(program, KERNELS[i], &code);
  if (code)
    close_stream(s);
  else
    *out = s;
  return code;
}

static int pin(void **host, void *stream_, size_t size)
{
  stream *s = stream_;
  const context *c = s->context;
  int code = 0;
  s->pinned = c->calls->clCreateBuffer(c->context, READ_WRITE | ALLOC_HOST_PTR, size, NULL, &code);
  if (!code)
    *host = c->calls->clEnqueueMapBuffer(s->queue, s->pinned, 1, MAP_READ_WRITE, 0, size, 0, NULL,
                                         NULL, &code);
  return code;
}

static void unpin(void *stream_, void *host)
{
  const stream *s = stream_;
  s->context->calls->clEnqueueUnmapMemObject(s->queue, s->pinned, host, 0, NULL, NULL);
  s->context->calls->clFinish(s->queue);
}

static int upload(void *stream_, void *buffer, const void *from, size_t size)
{
  const stream *s = stream_;
  return s->context->calls->clEnqueueWriteBuffer(s->queue, buffer, 0, 0, size, from, 0, NULL, NULL);
}

static int enqueue(const stream *s, handle queue, handle *events, const tt1__gpu_buffers *buffers,
                   int count, int stride)
{
  const opencl_calls *calls = s->context->calls;
  size_t group = TT1__GPU_GROUP, total = ((size_t)count + group - 1) / group * group;
  const struct {
    size_t size;
    const void *value;
  } arguments[] = {{sizeof(handle), &buffers->numbers},
                   {sizeof(handle), &buffers->integers},
                   {sizeof(handle), &buffers->inputs},
                   {sizeof(handle), &buffers->results},
                   {sizeof count, &count},
                   {sizeof stride, &stride}};
  int code = 0;
  for (int pass = 0; pass < s->n_passes; pass++) {
    handle kernel = s->kernels[pass];
    for (unsigned i = 0; i < sizeof arguments / sizeof *arguments && !code; i++)
      code = calls->clSetKernelArg(kernel, i, arguments[i].size, arguments[i].value);
    if (!code)
      code = calls->clEnqueueNDRangeKernel(queue, kernel, 1, NULL, &total, &group, 0, NULL,
                                           events ? &events[pass] : NULL);
  }
  return code;
}

static int launch(void *stream_, const tt1__gpu_buffers *buffers, int count, int stride)
{
  const stream *s = stream_;
  return enqueue(s, s->queue, NULL, buffers, count, stride);
}

// On a queue of its own: one that takes times is slower.
static int time_launch(void *stream_, const tt1__gpu_buffers *buffers, int count, int stride,
                       double *seconds)
{
  const stream *s = stream_;
  const context *c = s->context;
  const opencl_calls *calls = c->calls;
  handle events[TT1__GPU_PASSES] = {NULL};
  uint64_t begin = 0, end = 0;
  int code = calls->clFinish(s->queue);
  if (code) return code;
  handle queue = calls->clCreateCommandQueue(c->context, c->device, PROFILING_ENABLE, &code);
  if (code) return code;
  code = enqueue(s, queue, events, buffers, count, stride);
  if (!code) code = calls->clFinish(queue);
  if (!code)
    code = calls->clGetEventProfilingInfo(events[0], PROFILING_COMMAND_START, sizeof begin, &begin,
                                          NULL);
  if (!code)
    code = calls->clGetEventProfilingInfo(events[s->n_passes - 1], PROFILING_COMMAND_END,
                                          sizeof end, &end, NULL);
  *seconds = 1e-9 * (double)(end - begin);
  for (int i = 0; i < s->n_passes; i++)
    if (events[i]) calls->clReleaseEvent(events[i]);
  calls->clReleaseCommandQueue(queue);
  return code;
}

static int download(void *stream_, void *to, void *buffer, size_t offset, size_t size)
{
  const stream *s = stream_;
  return s->context->calls->clEnqueueReadBuffer(s->queue, buffer, 0, offset, size, to, 0, NULL,
                                                NULL);
}

static int wait(void *stream_)
{
  const stream *s = stream_;
  return s->context->calls->clFinish(s->queue);
}

static const char *explain(void *l, int code, int *is_memory)
{
  (void)l;
  *is_memory = code == -4 || code == -5 || code == -6;
  switch (code) {
  case -1: return "device not found";
  case -2: return "device not available";
  case -3: return "compiler not available";
  case -4: return "memory object allocation failure";
  case -5: return "out of resources";
  case -6: return "out of host memory";
  case -11: return "build program failure";
  case -14: return "execution failed before";
  case -42: return "invalid binary";
  case -61: return "invalid buffer size";
  default: return "OpenCL error";
  }
}

const tt1__gpu_driver tt1__opencl_driver = {
    "opencl",    TT1_DIALECT_OPENCL, OPTIONS,       load,    unload,       count_devices, NULL,
    properties,  open_context,       close_context, compile, load_program, free_program,  allocate,
    free_buffer, open_stream,        close_stream,  pin,     unpin,        upload,        launch,
    time_launch, download,           wait,          explain};
