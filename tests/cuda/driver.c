/* SPDX-License-Identifier: MIT
 * The stand-in for NVIDIA's driver (libcuda.so.1). */
#include <dlfcn.h>
#include <elf.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "standin.h"

enum { N_DEVICES = 2, MEMORY = 1 << 28, MOST_NAMES = 64, MOST_FUNCTIONS = 2 };

typedef void kernel_fn(const void *numbers, const void *integers, const void *inputs, void *results,
                       int count, int stride);
typedef void launch_fn(kernel_fn *kernel, unsigned blocks, unsigned threads, const void *numbers,
                       const void *integers, const void *inputs, void *results, int count,
                       int stride);

typedef struct device {
  int major, minor;
  int holders; /* of its primary context */
  int lost;    /* the code that all calls give from then on */
  size_t used;
} device;

/* What belongs to a context: known from when it is made until it is freed. */
typedef struct thing {
  struct thing *next;
  enum kind { ROOM, PINNED, MODULE, STREAM, EVENT } kind;
  device *on;
} thing;

/* Memory of a device or pinned memory of the host. */
typedef struct room {
  thing thing;
  char *at;
  size_t size;
} room;

typedef struct module {
  thing thing;
  void *file;
  launch_fn *launch;
  struct function {
    struct module *of;
    kernel_fn *kernel;
  } functions[MOST_FUNCTIONS];
  int n_functions;
} module;

typedef struct function function;

typedef struct event {
  thing thing;
  struct timespec time;
} event;

/* What a stream is told to do. */
typedef struct order {
  struct order *next;
  void *to; /* a copy, where it is set */
  const void *from;
  size_t size;
  event *record; /* or an event */
  const function *run;
  unsigned blocks, threads;
  void *buffers[4];
  int count, stride;
} order;

typedef struct stream {
  thing thing;
  order *first, *last;
} stream;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static device devices[N_DEVICES] = {{9, 0, 0, 0, 0}, {12, 0, 0, 0, 0}};
static thing *things;
static int is_initialised;
static _Thread_local device *current;

/* ---- What tests may ask ------------------------------------------------------ */

static const char *failing, *failed; /* the call that is to fail, or NULL for any; that failed */
static long until_failure, abandoned;
static int failure;
static struct {
  const char *name;
  long calls;
} counts[MOST_NAMES];

void standin_fail(const char *name, long nth, int code)
{
  failing = name;
  failed = NULL;
  until_failure = nth;
  failure = code;
}

const char *standin_failed(void)
{
  return failed;
}

long standin_calls(const char *name)
{
  long calls = 0;
  for (int i = 0; i < MOST_NAMES && counts[i].name; i++)
    if (!name || !strcmp(name, counts[i].name)) calls += counts[i].calls;
  return calls;
}

long standin_held(void)
{
  long count = 0;
  for (int i = 0; i < N_DEVICES; i++)
    count += devices[i].holders;
  for (const thing *t = things; t; t = t->next)
    count++;
  return count;
}

long standin_abandoned(void)
{
  return abandoned;
}

/* Count a call; the code that a test wants it to give, else 0. Takes the lock. */
static int enter(const char *name)
{
  pthread_mutex_lock(&lock);
  int i = 0;
  while (counts[i].name && strcmp(counts[i].name, name) != 0)
    i++;
  counts[i].name = name;
  counts[i].calls++;
  if (until_failure > 0 && (!failing || !strcmp(failing, name)) && --until_failure == 0) {
    failed = name;
    return failure;
  }
  return is_initialised ? SUCCESS : NOT_INITIALIZED;
}

/* The same for a call that needs a current context. */
static int enter_context(const char *name)
{
  int code = enter(name);
  if (!code && (!current || !current->holders)) code = INVALID_CONTEXT;
  if (code >= ILLEGAL_ADDRESS && current) current->lost = code;
  return !code ? current->lost : code;
}

static int leave(int code)
{
  pthread_mutex_unlock(&lock);
  return code;
}

/* ---- Things ------------------------------------------------------------------- */

static int add_thing(thing *t, enum kind kind)
{
  *t = (thing){things, kind, current};
  things = t;
  return SUCCESS;
}

static order *take_order(stream *s)
{
  order *o = s->first;
  if (o) s->first = o->next;
  if (!s->first) s->last = NULL;
  return o;
}

static void destroy(thing *t)
{
  if (t->kind == MODULE && ((module *)t)->file) dlclose(((module *)t)->file);
  if (t->kind == ROOM) t->on->used -= ((room *)t)->size;
  if (t->kind == ROOM || t->kind == PINNED) free(((room *)t)->at);
  if (t->kind == STREAM)
    for (order *o; (o = take_order((stream *)t));)
      free(o);
  free(t);
}

/* What is asked to free frees, though it gives `code`. */
static int remove_thing(int code, const void *wanted)
{
  thing **at = &things;
  while (*at && *at != wanted)
    at = &(*at)->next;
  thing *found = *at;
  if (!found) return code ? code : INVALID_HANDLE;
  *at = found->next;
  destroy(found);
  return code;
}

/* ---- Devices and contexts ----------------------------------------------------- */

int cuInit(unsigned flags)
{
  int code = enter("cuInit");
  if (code == NOT_INITIALIZED) code = flags ? INVALID_VALUE : SUCCESS;
  is_initialised |= !code;
  return leave(code);
}

int cuDriverGetVersion(int *version)
{
  *version = 12040;
  return leave(enter("cuDriverGetVersion"));
}

int cuDeviceGetCount(int *count)
{
  *count = N_DEVICES;
  return leave(enter("cuDeviceGetCount"));
}

int cuDeviceGet(int *out, int index)
{
  int code = enter("cuDeviceGet");
  *out = index;
  return leave(code || (index >= 0 && index < N_DEVICES) ? code : INVALID_DEVICE);
}

int cuDeviceGetName(char *name, int size, int index)
{
  snprintf(name, (size_t)size, "Stand-in %d.%d", devices[index].major, devices[index].minor);
  return leave(enter("cuDeviceGetName"));
}

int cuDeviceTotalMem_v2(size_t *bytes, int index)
{
  (void)index;
  *bytes = MEMORY;
  return leave(enter("cuDeviceTotalMem_v2"));
}

int cuDeviceGetAttribute(int *value, int attribute, int index)
{
  int code = enter("cuDeviceGetAttribute");
  switch (attribute) {
  case 13: *value = 1000000; break; // kHz
  case 16: *value = 4; break;       // multiprocessors
  case 75: *value = devices[index].major; break;
  case 76: *value = devices[index].minor; break;
  default: code = INVALID_VALUE;
  }
  return leave(code);
}

int cuDevicePrimaryCtxRetain(device **context, int index)
{
  int code = enter("cuDevicePrimaryCtxRetain");
  if (!code) {
    *context = &devices[index];
    devices[index].holders++;
  }
  return leave(code);
}

/* With its last holder a context takes along what is left in it. */
static void close_context(device *d)
{
  for (thing *t = things, *next; t; t = next) {
    next = t->next;
    if (t->on != d) continue;
    abandoned++;
    remove_thing(SUCCESS, t);
  }
  d->lost = 0;
}

int cuDevicePrimaryCtxRelease_v2(int index)
{
  device *d = &devices[index];
  int code = enter("cuDevicePrimaryCtxRelease_v2");
  if (d->holders > 0 && --d->holders == 0) close_context(d);
  return leave(code);
}

int cuCtxSetCurrent(device *context)
{
  int code = enter("cuCtxSetCurrent");
  if (!code && !context->holders) code = INVALID_CONTEXT;
  if (!code) current = context;
  return leave(code);
}

int cuGetErrorString(int code, const char **words)
{
  static const struct {
    int code;
    const char *words;
  } TABLE[] = {
      {SUCCESS, "no error"},
      {INVALID_VALUE, "invalid argument"},
      {OUT_OF_MEMORY, "out of memory"},
      {NOT_INITIALIZED, "initialization error"},
      {INVALID_DEVICE, "invalid device ordinal"},
      {INVALID_IMAGE, "device kernel image is invalid"},
      {INVALID_CONTEXT, "invalid device context"},
      {NO_BINARY_FOR_GPU, "no kernel image is available for execution on the device"},
      {INVALID_HANDLE, "invalid resource handle"},
      {NOT_FOUND, "named symbol not found"},
      {ILLEGAL_ADDRESS, "an illegal memory access was encountered"},
      {LAUNCH_FAILED, "unspecified launch failure"},
  };
  for (size_t i = 0; i < sizeof TABLE / sizeof *TABLE; i++)
    if (TABLE[i].code == code) {
      *words = TABLE[i].words;
      return SUCCESS;
    }
  *words = NULL;
  return INVALID_VALUE;
}

/* ---- Modules ------------------------------------------------------------------ */

/* A shared object ends with its section headers. */
static size_t size_of_object(const void *bytes)
{
  Elf64_Ehdr header;
  memcpy(&header, bytes, sizeof header);
  return header.e_shoff + (size_t)header.e_shnum * header.e_shentsize;
}

static void *open_object(const void *bytes)
{
  char path[] = "/tmp/standin-XXXXXX"; // dlopen() takes two files of one name for one
  size_t size = size_of_object(bytes);
  int file = mkstemp(path);
  void *opened = NULL;
  if (file < 0) return NULL;
  if (write(file, bytes, size) == (ssize_t)size) opened = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  close(file);
  unlink(path);
  return opened;
}

/* Machine code is for one architecture; a text serves them all. */
static void *open_image(const void *image, int architecture, int *code)
{
  if (!memcmp(image, ELFMAG, SELFMAG)) {
    void *file = open_object(image);
    const int *made_for = file ? dlsym(file, "standin_architecture") : NULL;
    *code = !made_for ? INVALID_IMAGE : *made_for != architecture ? NO_BINARY_FOR_GPU : SUCCESS;
    return file;
  }
  char *log;
  size_t size;
  unsigned char *made = standin_compile(image, architecture, &size, &log);
  void *file = made ? open_object(made) : NULL;
  *code = file ? SUCCESS : INVALID_IMAGE;
  free(made);
  free(log);
  return file;
}

int cuModuleLoadData(module **out, const void *image)
{
  int code = enter_context("cuModuleLoadData");
  module *m = code ? NULL : calloc(1, sizeof *m);
  if (!m) return leave(code ? code : OUT_OF_MEMORY);
  m->file = open_image(image, 10 * current->major + current->minor, &code);
  void *launch = m->file ? dlsym(m->file, "standin_launch") : NULL;
  memcpy(&m->launch, &launch, sizeof launch);
  add_thing(&m->thing, MODULE);
  *out = m;
  return leave(code ? remove_thing(code, m) : SUCCESS);
}

int cuModuleUnload(module *m)
{
  return leave(remove_thing(enter_context("cuModuleUnload"), m));
}

int cuModuleGetFunction(function **out, module *m, const char *name)
{
  int code = enter_context("cuModuleGetFunction");
  if (code) return leave(code);
  kernel_fn *kernel = NULL;
  void *found = dlsym(m->file, name);
  memcpy(&kernel, &found, sizeof kernel);
  if (!kernel) return leave(NOT_FOUND);
  int i = 0;
  while (i < m->n_functions && m->functions[i].kernel != kernel)
    i++;
  if (i == MOST_FUNCTIONS) return leave(INVALID_VALUE);
  m->functions[i] = (function){m, kernel};
  if (i == m->n_functions) m->n_functions++;
  *out = &m->functions[i];
  return leave(SUCCESS);
}

/* ---- Memory ------------------------------------------------------------------- */

static int add_room(char **out, size_t size, enum kind kind)
{
  room *r = size ? calloc(1, sizeof *r) : NULL;
  if (!r) return INVALID_VALUE;
  *r = (room){.at = malloc(size), .size = size};
  if (!r->at) abort();
  memset(r->at, 0xff, size);
  if (kind == ROOM) current->used += size;
  *out = r->at;
  return add_thing(&r->thing, kind);
}

/* The room that holds [at, at + size); NULL: there is none. */
static room *find_room(enum kind kind, const void *at, size_t size, const device *on)
{
  const char *from = at;
  for (thing *t = things; t; t = t->next) {
    room *r = (room *)t;
    if (t->kind == kind && t->on == on && from >= r->at && from + size <= r->at + r->size) return r;
  }
  return NULL;
}

static int remove_room(int code, enum kind kind, const void *at)
{
  room *r = find_room(kind, at, 1, current);
  if (!r || r->at != (const char *)at) return code ? code : INVALID_VALUE;
  return remove_thing(code, r);
}

int cuMemAlloc_v2(uint64_t *address, size_t size)
{
  char *at = NULL;
  int code = enter_context("cuMemAlloc_v2");
  if (!code && size > MEMORY - current->used) code = OUT_OF_MEMORY;
  if (!code) code = add_room(&at, size, ROOM);
  if (!code) *address = (uintptr_t)at;
  return leave(code);
}

int cuMemFree_v2(uint64_t address)
{
  return leave(remove_room(enter_context("cuMemFree_v2"), ROOM, (void *)(uintptr_t)address));
}

int cuMemHostAlloc(char **out, size_t size, unsigned flags)
{
  (void)flags;
  int code = enter_context("cuMemHostAlloc");
  return leave(code ? code : add_room(out, size, PINNED));
}

int cuMemFreeHost(void *at)
{
  return leave(remove_room(enter_context("cuMemFreeHost"), PINNED, at));
}

/* ---- Streams ------------------------------------------------------------------ */

int cuStreamCreate(stream **out, unsigned flags)
{
  (void)flags;
  int code = enter_context("cuStreamCreate");
  if (code) return leave(code);
  *out = calloc(1, sizeof **out);
  return leave(*out ? add_thing(&(*out)->thing, STREAM) : OUT_OF_MEMORY);
}

int cuStreamDestroy_v2(stream *s)
{
  return leave(remove_thing(enter_context("cuStreamDestroy_v2"), s));
}

static int add_order(stream *s, order wanted)
{
  order *o = malloc(sizeof *o);
  if (!o) return OUT_OF_MEMORY;
  *o = wanted;
  o->next = NULL;
  if (s->last)
    s->last->next = o;
  else
    s->first = o;
  s->last = o;
  return SUCCESS;
}

int cuMemcpyHtoDAsync_v2(uint64_t to, const void *from, size_t size, stream *s)
{
  char *at = (char *)(uintptr_t)to;
  int code = enter_context("cuMemcpyHtoDAsync_v2");
  if (!code && !find_room(ROOM, at, size, current)) code = INVALID_VALUE;
  return leave(code ? code : add_order(s, (order){.to = at, .from = from, .size = size}));
}

int cuMemcpyDtoHAsync_v2(void *to, uint64_t from, size_t size, stream *s)
{
  const char *at = (const char *)(uintptr_t)from;
  int code = enter_context("cuMemcpyDtoHAsync_v2");
  if (!code && !find_room(ROOM, at, size, current)) code = INVALID_VALUE;
  return leave(code ? code : add_order(s, (order){.to = to, .from = at, .size = size}));
}

/* The arguments are those of every kernel; its last two are read when it is launched. */
int cuLaunchKernel(function *run, unsigned blocks, unsigned blocks_y, unsigned blocks_z,
                   unsigned threads, unsigned threads_y, unsigned threads_z, unsigned shared,
                   stream *s, void **arguments, void **extra)
{
  int code = enter_context("cuLaunchKernel");
  order o = {.run = run, .blocks = blocks, .threads = threads};
  if (!code && (!blocks || !threads || threads > 1024 || blocks_y != 1 || blocks_z != 1 ||
                threads_y != 1 || threads_z != 1 || shared || extra))
    code = INVALID_VALUE;
  if (code) return leave(code);
  for (int i = 0; i < 4; i++) {
    uint64_t address;
    memcpy(&address, arguments[i], sizeof address);
    o.buffers[i] = (void *)(uintptr_t)address;
  }
  memcpy(&o.count, arguments[4], sizeof o.count);
  memcpy(&o.stride, arguments[5], sizeof o.stride);
  return leave(add_order(s, o));
}

int cuEventCreate(event **out, unsigned flags)
{
  (void)flags;
  int code = enter_context("cuEventCreate");
  if (code) return leave(code);
  *out = calloc(1, sizeof **out);
  return leave(*out ? add_thing(&(*out)->thing, EVENT) : OUT_OF_MEMORY);
}

int cuEventDestroy_v2(event *e)
{
  return leave(remove_thing(enter_context("cuEventDestroy_v2"), e));
}

int cuEventRecord(event *e, stream *s)
{
  int code = enter_context("cuEventRecord");
  return leave(code ? code : add_order(s, (order){.record = e}));
}

int cuEventElapsedTime(float *milliseconds, const event *begin, const event *end)
{
  int code = enter_context("cuEventElapsedTime");
  if (!begin->time.tv_sec || !end->time.tv_sec) code = code ? code : INVALID_HANDLE;
  *milliseconds = 1e3F * (float)(end->time.tv_sec - begin->time.tv_sec) +
                  1e-6F * (float)(end->time.tv_nsec - begin->time.tv_nsec);
  return leave(code);
}

/* Buffers that the device does not have are found when they are used, as on a GPU. */
static int carry_out(const order *o, const device *on)
{
  if (o->to) memcpy(o->to, o->from, o->size);
  if (o->record) clock_gettime(CLOCK_MONOTONIC, &o->record->time);
  if (!o->run) return SUCCESS;
  pthread_mutex_lock(&lock);
  int code = SUCCESS;
  for (int i = 0; i < 4; i++)
    if (!find_room(ROOM, o->buffers[i], 1, on)) code = ILLEGAL_ADDRESS;
  pthread_mutex_unlock(&lock);
  if (!code)
    o->run->of->launch(o->run->kernel, o->blocks, o->threads, o->buffers[0], o->buffers[1],
                       o->buffers[2], o->buffers[3], o->count, o->stride);
  return code;
}

int cuStreamSynchronize(stream *s)
{
  int code = leave(enter_context("cuStreamSynchronize"));
  for (order *o; (o = take_order(s));) {
    if (!code) code = carry_out(o, current);
    free(o);
  }
  pthread_mutex_lock(&lock);
  if (code >= ILLEGAL_ADDRESS && current) current->lost = code;
  return leave(code);
}
