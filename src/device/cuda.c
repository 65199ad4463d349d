/* SPDX-License-Identifier: MIT
 * CUDA's words: the driver API (libcuda.so.1), and NVRTC where a kernel must be
 * compiled. The few declarations needed are here, so that no toolkit is needed. */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/library.h"
#include "base/memory.h"
#include "device/gpu.h"

typedef struct object
    *handle; /* contexts, modules (our programs), functions, streams, programs of NVRTC */

enum {
  CLOCK_RATE = 13, /* kHz; attributes of a device */
  MULTIPROCESSOR_COUNT = 16,
  COMPUTE_CAPABILITY_MAJOR = 75,
  COMPUTE_CAPABILITY_MINOR = 76,
  STREAM_NON_BLOCKING = 1,
  HOST_PORTABLE = 1,
  INVALID_VALUE = 1, /* codes */
  OUT_OF_MEMORY = 2,
  COMPILER_ABSENT = -1, /* of this file */
  COMPILER_FAILED = -2
};
#define VERSION(major, minor)    (1000 * (major) + 10 * (minor)) /* as drivers tell theirs */
#define LANES_PER_MULTIPROCESSOR 128.0
#define OPTIONS                  "--fmad=false --ftz=false --prec-div=true --prec-sqrt=true"

/* name, arguments; all return an int */
#define DRIVER_CALLS(CALL)                                                                  \
  CALL(cuInit, (unsigned))                                                                  \
  CALL(cuDriverGetVersion, (int *))                                                         \
  CALL(cuDeviceGetCount, (int *))                                                           \
  CALL(cuDeviceGet, (int *, int))                                                           \
  CALL(cuDeviceGetName, (char *, int, int))                                                 \
  CALL(cuDeviceTotalMem_v2, (size_t *, int))                                                \
  CALL(cuDeviceGetAttribute, (int *, int, int))                                             \
  CALL(cuDevicePrimaryCtxRetain, (handle *, int))                                           \
  CALL(cuDevicePrimaryCtxRelease_v2, (int))                                                 \
  CALL(cuCtxSetCurrent, (handle))                                                           \
  CALL(cuModuleLoadData, (handle *, const void *))                                          \
  CALL(cuModuleUnload, (handle))                                                            \
  CALL(cuModuleGetFunction, (handle *, handle, const char *))                               \
  CALL(cuMemAlloc_v2, (uint64_t *, size_t))                                                 \
  CALL(cuMemFree_v2, (uint64_t))                                                            \
  CALL(cuMemHostAlloc, (void **, size_t, unsigned))                                         \
  CALL(cuMemFreeHost, (void *))                                                             \
  CALL(cuMemcpyHtoDAsync_v2, (uint64_t, const void *, size_t, handle))                      \
  CALL(cuMemcpyDtoHAsync_v2, (void *, uint64_t, size_t, handle))                            \
  CALL(cuLaunchKernel, (handle, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, \
                        unsigned, handle, void **, void **))                                \
  CALL(cuStreamCreate, (handle *, unsigned))                                                \
  CALL(cuStreamDestroy_v2, (handle))                                                        \
  CALL(cuStreamSynchronize, (handle))                                                       \
  CALL(cuEventCreate, (handle *, unsigned))                                                 \
  CALL(cuEventDestroy_v2, (handle))                                                         \
  CALL(cuEventRecord, (handle, handle))                                                     \
  CALL(cuEventElapsedTime, (float *, handle, handle))                                       \
  CALL(cuGetErrorString, (int, const char **))

#define COMPILER_CALLS(CALL)                                                                  \
  CALL(nvrtcVersion, (int *, int *))                                                          \
  CALL(nvrtcCreateProgram,                                                                    \
       (handle *, const char *, const char *, int, const char *const *, const char *const *)) \
  CALL(nvrtcCompileProgram, (handle, int, const char *const *))                               \
  CALL(nvrtcDestroyProgram, (handle *))                                                       \
  CALL(nvrtcGetCUBINSize, (handle, size_t *))                                                 \
  CALL(nvrtcGetCUBIN, (handle, char *))                                                       \
  CALL(nvrtcGetPTXSize, (handle, size_t *))                                                   \
  CALL(nvrtcGetPTX, (handle, char *))                                                         \
  CALL(nvrtcGetProgramLogSize, (handle, size_t *))                                            \
  CALL(nvrtcGetProgramLog, (handle, char *))                                                  \
  CALL(nvrtcGetNumSupportedArchs, (int *))                                                    \
  CALL(nvrtcGetSupportedArchs, (int *))

#define CALL(name, arguments) int(*name) arguments;
typedef struct driver_calls {
  DRIVER_CALLS(CALL)
} driver_calls;
typedef struct compiler_calls {
  COMPILER_CALLS(CALL)
} compiler_calls;
#undef CALL
#define CALL(name, arguments) #name,

typedef struct library {
  driver_calls calls;
  void *file;
  int n_devices;
} library;

typedef struct context {
  const driver_calls *calls;
  handle context;
  int device, driver, architecture; /* 12040 for CUDA 12.4, 90 for compute capability 9.0 */
} context;

typedef struct stream {
  const context *context;
  handle stream, functions[TT1__GPU_PASSES];
  int n_passes;
} stream;

static tt1_status load(void **out, tt1_error *err)
{
  static const char *const FILES[] = {"libcuda.so.1", "libcuda.so", NULL};
  static const char *const NAMES[] = {DRIVER_CALLS(CALL) NULL};
  library *l = tt1__allocate(1, sizeof *l);
  if (!l) return tt1__no_memory(err);
  tt1_status status = tt1__library_open(&l->file, FILES, NAMES, &l->calls, err);
  int code = status ? 0 : l->calls.cuInit(0);
  if (!status && !code) code = l->calls.cuDeviceGetCount(&l->n_devices);
  if (code) {
    const char *words = NULL;
    l->calls.cuGetErrorString(code, &words);
    status = tt1__error_set(err, TT1_NO_DEVICE, "its driver says: %s (%d)", words ? words : "error",
                            code);
  }
  if (status)
    tt1__free(l);
  else
    *out = l;
  return status;
}

static void unload(void *l)
{
  tt1__free(l); // the file stays mapped
}

static int count_devices(void *l)
{
  return ((library *)l)->n_devices;
}

static int attribute(const driver_calls *calls, int device, int what)
{
  int value = 0;
  return calls->cuDeviceGetAttribute(&value, what, device) ? 0 : value;
}

static void properties(void *library_, int index, tt1__gpu_properties *out)
{
  const library *l = library_;
  size_t memory = 0;
  int device = 0, version = 0;
  if (l->calls.cuDeviceGet(&device, index)) return;
  l->calls.cuDeviceGetName(out->name, (int)sizeof out->name, device);
  l->calls.cuDeviceTotalMem_v2(&memory, device);
  l->calls.cuDriverGetVersion(&version);
  snprintf(out->driver, sizeof out->driver, "CUDA %d.%d", version / 1000, version % 1000 / 10);
  out->memory = (int64_t)memory;
  out->rate = LANES_PER_MULTIPROCESSOR * attribute(&l->calls, device, MULTIPROCESSOR_COUNT) * 1e3 *
              attribute(&l->calls, device, CLOCK_RATE);
  out->is_rounding = 1;
}

static int open_context(void **out, void *library_, int index)
{
  const library *l = library_;
  context *c = tt1__allocate(1, sizeof *c);
  if (!c) return OUT_OF_MEMORY;
  c->calls = &l->calls;
  int code = c->calls->cuDeviceGet(&c->device, index);
  if (!code) code = c->calls->cuDriverGetVersion(&c->driver);
  if (!code) code = c->calls->cuDevicePrimaryCtxRetain(&c->context, c->device);
  c->architecture = 10 * attribute(c->calls, c->device, COMPUTE_CAPABILITY_MAJOR) +
                    attribute(c->calls, c->device, COMPUTE_CAPABILITY_MINOR);
  if (code)
    tt1__free(c);
  else
    *out = c;
  return code;
}

static void close_context(void *context_)
{
  context *c = context_;
  c->calls->cuDevicePrimaryCtxRelease_v2(c->device);
  tt1__free(c);
}

// The first error, or what is first said.
static void take_log(const compiler_calls *calls, handle made, char *log, size_t size)
{
  size_t length = 0;
  char *whole = NULL;
  if (!calls->nvrtcGetProgramLogSize(made, &length) && length > 1)
    whole = tt1__allocate(length + 1, 1);
  if (whole && !calls->nvrtcGetProgramLog(made, whole)) {
    const char *at = strstr(whole, "error");
    at = at ? at : whole;
    snprintf(log, size, "%.*s", (int)strcspn(at, "\n"), at);
  }
  tt1__free(whole);
}

// Machine code where the compiler knows the device, else PTX of the newest it knows: the driver
// translates that.
static int is_known(const compiler_calls *calls, int *architecture)
{
  enum { MOST = 64 };
  int known[MOST], count = 0, newest = 0;
  if (calls->nvrtcGetNumSupportedArchs(&count) || count > MOST) return 1;
  if (calls->nvrtcGetSupportedArchs(known)) return 1;
  for (int i = 0; i < count; i++) {
    if (known[i] == *architecture) return 1;
    if (known[i] < *architecture && known[i] > newest) newest = known[i];
  }
  *architecture = newest;
  return 0;
}

static int take_binary(const compiler_calls *calls, handle made, int is_machine_code,
                       tt1__gpu_binary *out)
{
  int code = is_machine_code ? calls->nvrtcGetCUBINSize(made, &out->size)
                             : calls->nvrtcGetPTXSize(made, &out->size);
  if (code) return COMPILER_FAILED;
  out->bytes = tt1__allocate(out->size + 1, 1);
  if (!out->bytes) return OUT_OF_MEMORY;
  code = is_machine_code ? calls->nvrtcGetCUBIN(made, out->bytes)
                         : calls->nvrtcGetPTX(made, out->bytes);
  return code ? COMPILER_FAILED : 0;
}

static int compile_for(const compiler_calls *calls, int architecture, const char *text,
                       tt1__gpu_binary *out, char *log, size_t size)
{
  const int wanted = architecture, is_machine_code = is_known(calls, &architecture);
  char target[40];
  const char *options[] = {target, "--fmad=false", "--ftz=false", "--prec-div=true",
                           "--prec-sqrt=true"};
  handle made = NULL;
  if (!architecture) {
    snprintf(log, size, "this NVRTC knows no compute capability as old as %d.%d", wanted / 10,
             wanted % 10);
    return COMPILER_FAILED;
  }
  snprintf(target, sizeof target, "--gpu-architecture=%s_%d", is_machine_code ? "sm" : "compute",
           architecture);
  if (calls->nvrtcCreateProgram(&made, text, "fit.cu", 0, NULL, NULL)) return COMPILER_FAILED;
  int code = calls->nvrtcCompileProgram(made, sizeof options / sizeof *options, options);
  if (code) take_log(calls, made, log, size);
  code = code ? COMPILER_FAILED : take_binary(calls, made, is_machine_code, out);
  calls->nvrtcDestroyProgram(&made);
  return code;
}

/* The first NVRTC that is not newer than the driver, which may not load what a newer one makes. */
static tt1_status open_compiler(compiler_calls *calls, int driver, tt1_error *err)
{
  static const char *const FILES[] = {"libnvrtc.so", "libnvrtc.so.13", "libnvrtc.so.12",
                                      "libnvrtc.so.11.2", "/usr/local/cuda/lib64/libnvrtc.so"};
  static const char *const NAMES[] = {COMPILER_CALLS(CALL) NULL};
  int major = 0, minor = 0, newer = 0;
  for (size_t i = 0; i < sizeof FILES / sizeof *FILES; i++) {
    const char *const one[] = {FILES[i], NULL};
    void *file = NULL;
    if (tt1__library_open(&file, one, NAMES, calls, NULL)) continue;
    if (calls->nvrtcVersion(&major, &minor)) continue;
    if (!driver || major <= driver / 1000) return TT1_OK;
    newer = VERSION(major, minor);
  }
  if (newer)
    return tt1__error_set(err, TT1_NO_DEVICE, "NVRTC %d.%d is newer than the driver's CUDA %d.%d",
                          newer / 1000, newer % 1000 / 10, driver / 1000, driver % 1000 / 10);
  return tt1__error_set(err, TT1_NO_DEVICE, "libnvrtc.so is not installed");
}

static tt1_status find_compiler(void *library_, tt1_error *err)
{
  const library *l = library_;
  compiler_calls calls;
  int driver = 0;
  l->calls.cuDriverGetVersion(&driver);
  return open_compiler(&calls, driver, err);
}

int tt1__cuda_compile(int architecture, int driver, const char *text, tt1__gpu_binary *out,
                      char *log, size_t size)
{
  compiler_calls calls;
  tt1_error why = {0};
  if (open_compiler(&calls, driver, &why)) {
    snprintf(log, size, "%s", why.message);
    return COMPILER_ABSENT;
  }
  return compile_for(&calls, architecture, text, out, log, size);
}

static int compile(void *context_, const char *text, tt1__gpu_binary *out, char *log, size_t size)
{
  const context *c = context_;
  return tt1__cuda_compile(c->architecture, c->driver, text, out, log, size);
}

static const char *const KERNELS[TT1__GPU_PASSES] = TT1__GPU_KERNELS;

/* Every thread has a current context of its own. */
static int enter(const context *c)
{
  return c->calls->cuCtxSetCurrent(c->context);
}

static int load_program(void **out, void *context_, const tt1__gpu_binary *binary)
{
  const context *c = context_;
  handle module = NULL, function;
  int code = enter(c);
  if (!code) code = c->calls->cuModuleLoadData(&module, binary->bytes);
  if (!code) code = c->calls->cuModuleGetFunction(&function, module, KERNELS[0]); // one of ours
  if (code && module) c->calls->cuModuleUnload(module);
  if (!code) *out = module;
  return code;
}

static void free_program(void *context_, void *program)
{
  const context *c = context_;
  if (!enter(c)) c->calls->cuModuleUnload(program);
}

/* A buffer is an address on the device, which fits a pointer. */
static uint64_t address(const void *buffer)
{
  return (uint64_t)(uintptr_t)buffer;
}

static int allocate(void **buffer, void *context_, size_t size)
{
  const context *c = context_;
  uint64_t made = 0;
  int code = enter(c);
  if (!code) code = c->calls->cuMemAlloc_v2(&made, size);
  *buffer = (void *)(uintptr_t)made;
  return code;
}

static void free_buffer(void *context_, void *buffer)
{
  const context *c = context_;
  if (!enter(c)) c->calls->cuMemFree_v2(address(buffer));
}

static int open_stream(void **out, void *context_, void *program, int n_passes)
{
  const context *c = context_;
  stream *s = tt1__allocate(1, sizeof *s);
  if (!s) return OUT_OF_MEMORY;
  s->context = c;
  s->n_passes = n_passes;
  int code = enter(c);
  for (int i = 0; i < n_passes && !code; i++)
    code = c->calls->cuModuleGetFunction(&s->functions[i], program, KERNELS[i]);
  if (!code) code = c->calls->cuStreamCreate(&s->stream, STREAM_NON_BLOCKING);
  if (code)
    tt1__free(s);
  else
    *out = s;
  return code;
}

static void close_stream(void *stream_)
{
  stream *s = stream_;
  if (!enter(s->context)) s->context->calls->cuStreamDestroy_v2(s->stream);
  tt1__free(s);
}

static int pin(void **host, void *stream_, size_t size)
{
  const stream *s = stream_;
  int code = enter(s->context);
  return code ? code : s->context->calls->cuMemHostAlloc(host, size, HOST_PORTABLE);
}

static void unpin(void *stream_, void *host)
{
  const stream *s = stream_;
  if (!enter(s->context)) s->context->calls->cuMemFreeHost(host);
}

// The first call of a fit, hence the one that enters the context.
static int upload(void *stream_, void *buffer, const void *from, size_t size)
{
  const stream *s = stream_;
  int code = enter(s->context);
  return code ? code
              : s->context->calls->cuMemcpyHtoDAsync_v2(address(buffer), from, size, s->stream);
}

static int launch(void *stream_, const tt1__gpu_buffers *buffers, int count, int stride)
{
  const stream *s = stream_;
  uint64_t numbers = address(buffers->numbers), integers = address(buffers->integers),
           inputs = address(buffers->inputs), results = address(buffers->results);
  void *arguments[] = {&numbers, &integers, &inputs, &results, &count, &stride};
  const unsigned groups = ((unsigned)count + TT1__GPU_GROUP - 1) / TT1__GPU_GROUP;
  int code = 0;
  for (int i = 0; i < s->n_passes && !code; i++)
    code = s->context->calls->cuLaunchKernel(s->functions[i], groups, 1, 1, TT1__GPU_GROUP, 1, 1, 0,
                                             s->stream, arguments, NULL);
  return code;
}

static int time_launch(void *stream_, const tt1__gpu_buffers *buffers, int count, int stride,
                       double *seconds)
{
  const stream *s = stream_;
  const driver_calls *calls = s->context->calls;
  handle begin = NULL, end = NULL;
  float milliseconds = 0;
  int code = enter(s->context);
  if (!code) code = calls->cuEventCreate(&begin, 0);
  if (!code) code = calls->cuEventCreate(&end, 0);
  // One launch ahead, or the way of the second to the device is timed with it.
  if (!code) code = launch(stream_, buffers, count, stride);
  if (!code) code = calls->cuEventRecord(begin, s->stream);
  if (!code) code = launch(stream_, buffers, count, stride);
  if (!code) code = calls->cuEventRecord(end, s->stream);
  if (!code) code = calls->cuStreamSynchronize(s->stream);
  if (!code) code = calls->cuEventElapsedTime(&milliseconds, begin, end);
  *seconds = 1e-3 * (double)milliseconds;
  if (begin) calls->cuEventDestroy_v2(begin);
  if (end) calls->cuEventDestroy_v2(end);
  return code;
}

static int download(void *stream_, void *to, void *buffer, size_t offset, size_t size)
{
  const stream *s = stream_;
  return s->context->calls->cuMemcpyDtoHAsync_v2(to, address(buffer) + offset, size, s->stream);
}

static int wait(void *stream_)
{
  const stream *s = stream_;
  return s->context->calls->cuStreamSynchronize(s->stream);
}

static const char *explain(void *library_, int code, int *is_memory)
{
  const library *l = library_;
  const char *words = NULL;
  *is_memory = code == OUT_OF_MEMORY;
  if (code == COMPILER_ABSENT || code == COMPILER_FAILED) return "NVRTC failed";
  return l->calls.cuGetErrorString(code, &words) || !words ? "CUDA error" : words;
}

const tt1__gpu_driver tt1__cuda_driver = {
    "cuda",        TT1_DIALECT_CUDA, OPTIONS,      load,         unload,
    count_devices, find_compiler,    properties,   open_context, close_context,
    compile,       load_program,     free_program, allocate,     free_buffer,
    open_stream,   close_stream,     pin,          unpin,        upload,
    launch,        time_launch,      download,     wait,         explain};
