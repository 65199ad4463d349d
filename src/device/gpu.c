/* SPDX-License-Identifier: MIT
 * Graphics processors of any vendor: units (one processor each) with several
 * slots (a stream and its buffers each). While one slot computes, another copies
 * and others are filled or emptied by their threads. */
#include "device/gpu.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "model/model.h"

enum {
  MAX_UNITS = 16,
  LEAST_SLOTS = 3,     /* of one unit: one to fill, one that computes, one to empty */
  MOST_SLOTS = 12,     /* copies of the host's threads are slower than those to the unit */
  GRAIN = 256,         /* chunks are multiples of this */
  LEAST_CHUNK = 16384, /* where there are voxels and memory for it */
  MOST_CHUNK = 65536
};
#define COMPILE_SECONDS 2.0
#define MEMORY_SHARE    0.5 /* of a unit's memory, where the user gives no limit */

/* A kernel on a unit. Plans that differ in numbers alone, as those of slices with times of their
 * own, share it. */
typedef struct kernel {
  void *program;
  char *text;    /* it was made of */
  int n_holders; /* plans, and the unit for the last one */
} kernel;

typedef struct unit {
  char name[16]; /* "opencl:1" */
  void *context;
  kernel *last;
  int64_t limit; /* bytes to use */
  tt1__gpu_properties properties;
} unit;

typedef struct gpu {
  const tt1__gpu_driver *driver;
  void *library;
  int n_units, n_slots; /* slots of all units; slot i belongs to unit i % n_units */
  unit units[MAX_UNITS];
} gpu;

/* A job on one unit, and one of its slots. */
typedef struct unit_job {
  kernel *kernel;
  void *numbers, *integers;
} unit_job;

typedef struct slot {
  void *stream, *host, *inputs, *results;
} slot;

typedef struct gpu_fitter {
  unit_job units[MAX_UNITS];
  slot slots[MAX_UNITS * MOST_SLOTS];
  unsigned char *wanted; /* [n_rows] */
} gpu_fitter;

/* ---- Devices --------------------------------------------------------------- */

static void describe_unit(const tt1__gpu_driver *driver, void *library, int index,
                          tt1_device_info *info)
{
  tt1__gpu_properties properties = {0};
  driver->properties(library, index, &properties);
  info->is_available = 1;
  info->memory = properties.memory;
  snprintf(info->name, sizeof info->name, "%s:%d", driver->name, index);
  snprintf(info->driver, sizeof info->driver, "%s", properties.driver);
  tt1_error why = {0};
  int is_mute = driver->find_compiler && driver->find_compiler(library, &why);
  snprintf(info->description, sizeof info->description, "%.80s%s%s%s%.60s", properties.name,
           properties.is_processor ? "; the processor, for tests" : "",
           properties.is_rounding ? "" : "; does not round division and root correctly",
           is_mute ? "; no compiler: " : "", why.message);
}

static int describe(const tt1__device_kind *kind, int index, tt1_device_info *info)
{
  const tt1__gpu_driver *driver = kind->driver;
  void *library = NULL;
  tt1_error why = {0};
  int count = driver->load(&library, &why) ? 0 : driver->count(library);
  if (index < count) {
    describe_unit(driver, library, index, info);
  } else if (index == 0) {
    snprintf(info->name, sizeof info->name, "%s", driver->name);
    snprintf(info->description, sizeof info->description, "%.150s",
             library ? "its driver finds no device" : why.message);
  }
  if (library) driver->unload(library);
  return index < count || index == 0;
}

static tt1_status failed(const gpu *g, const unit *u, const char *doing, int code, tt1_error *err)
{
  int is_memory = 0;
  const char *words = g->driver->explain(g->library, code, &is_memory);
  return tt1__error_set(err, TT1_DEVICE, "%s (%s): %s%s failed: %s (%d)", u->name,
                        u->properties.name, is_memory ? "out of device memory, " : "", doing, words,
                        code);
}

static tt1_status open_unit(gpu *g, int index, int64_t limit, tt1_error *err)
{
  unit *u = &g->units[g->n_units];
  g->driver->properties(g->library, index, &u->properties);
  snprintf(u->name, sizeof u->name, "%s:%d", g->driver->name, index);
  u->limit = limit ? limit : (int64_t)(MEMORY_SHARE * (double)u->properties.memory);
  int code = g->driver->open(&u->context, g->library, index);
  if (code) return failed(g, u, "opening it", code, err);
  g->n_units++;
  return TT1_OK;
}

// The first that is no processor, else the first.
static int best_unit(const gpu *g, int count)
{
  tt1__gpu_properties properties;
  for (int i = 0; i < count; i++) {
    properties = (tt1__gpu_properties){0};
    g->driver->properties(g->library, i, &properties);
    if (!properties.is_processor) return i;
  }
  return 0;
}

static tt1_status open_units(gpu *g, const char *which, int64_t limit, tt1_error *err)
{
  int count = g->driver->count(g->library), index = 0, used = 0;
  tt1_status status = TT1_OK;
  if (count > MAX_UNITS) count = MAX_UNITS;
  if (count == 0)
    return tt1__error_set(err, TT1_NO_DEVICE, "%s: its driver finds no device", g->driver->name);
  if (which && !strcmp(which, "all")) {
    for (int i = 0; i < count && !status; i++)
      status = open_unit(g, i, limit, err);
    return status;
  }
  if (!which) return open_unit(g, best_unit(g, count), limit, err);
  if (sscanf(which, "%3d%n", &index, &used) != 1 || which[used] || index < 0 || index >= count)
    return tt1__error_set(err, TT1_NO_DEVICE, "there is no device %s:%s; %s has 0 to %d, or all",
                          g->driver->name, which, g->driver->name, count - 1);
  return open_unit(g, index, limit, err);
}

static const char *remark_on(const gpu *g)
{
  for (int i = 0; i < g->n_units; i++)
    if (!g->units[i].properties.is_rounding)
      return "it does not round division and root correctly: last bits differ from the processor's";
  return NULL;
}

// Their threads spin while they wait: no more than there are processors.
static int slots_of_each(int n_units)
{
  int n = tt1__processors() / n_units;
  return n < LEAST_SLOTS ? LEAST_SLOTS : n < MOST_SLOTS ? n : MOST_SLOTS;
}

static tt1_status open_gpu(tt1_device *device, const char *which, const tt1_device_options *options,
                           tt1_error *err)
{
  const tt1__gpu_driver *driver = device->kind->driver;
  tt1_error why = {0};
  gpu *g = tt1__allocate(1, sizeof *g);
  if (!g) return tt1__no_memory(err);
  device->state = g;
  g->driver = driver;
  if (driver->load(&g->library, &why))
    return tt1__error_set(err, why.status, "%s cannot be used: %s", driver->name, why.message);
  tt1_status status = open_units(g, which, options->memory, err);
  if (status) return status;
  int is_all = which && !strcmp(which, "all");
  snprintf(device->name, sizeof device->name, is_all ? "%s:all" : "%s",
           is_all ? driver->name : g->units[0].name);
  device->isa = g->units[0].properties.name;
  device->remark = remark_on(g);
  device->compile_seconds = COMPILE_SECONDS;
  for (int i = 0; i < g->n_units; i++) {
    device->rate += g->units[i].properties.rate;
    device->is_processor |= g->units[i].properties.is_processor;
  }
  g->n_slots = g->n_units * slots_of_each(g->n_units);
  device->pool = tt1__pool_create(g->n_slots);
  return device->pool ? TT1_OK : tt1__no_memory(err);
}

static void let_go(const gpu *g, const unit *u, kernel *k)
{
  if (!k || --k->n_holders > 0) return;
  g->driver->free_program(u->context, k->program);
  tt1_text_free(k->text);
  tt1__free(k);
}

static void close_gpu(tt1_device *device)
{
  gpu *g = device->state;
  if (!g) return;
  for (int i = 0; i < g->n_units; i++) {
    let_go(g, &g->units[i], g->units[i].last);
    g->driver->close(g->units[i].context);
  }
  if (g->library) g->driver->unload(g->library);
  tt1__free(g);
}

/* ---- Jobs ------------------------------------------------------------------ */

static tt1_status compile(const gpu *g, const unit *u, const tt1__job *job, const char *text,
                          tt1__gpu_binary *binary, tt1_error *err)
{
  char log[160] = "";
  int code = g->driver->compile(u->context, text, binary, log, sizeof log);
  if (code && *log)
    return tt1__error_set(err, TT1_DEVICE, "%s (%s): the kernel of model %s cannot be compiled: %s",
                          u->name, u->properties.name, job->model->name, log);
  return code ? failed(g, u, "compiling the kernel", code, err) : TT1_OK;
}

/* What a compiled kernel is kept under. */
typedef struct kernel_key {
  char *text;
  const char *parts[6];
} kernel_key;

static tt1_status make_key(kernel_key *key, const gpu *g, const unit *u, const tt1__job *job,
                           tt1_error *err)
{
  tt1_status status = tt1__gpu_text(&key->text, job->model, &job->setup, g->driver->dialect, err);
  const char *const parts[6] = {g->driver->name,      g->driver->options, u->properties.name,
                                u->properties.driver, key->text,          NULL};
  memcpy(key->parts, parts, sizeof parts);
  return status;
}

static int is_kept(tt1_device *device, const tt1__job *job)
{
  const gpu *g = device->state;
  const kernel *last = g->units[0].last;
  kernel_key key = {0};
  size_t size = 0;
  if (make_key(&key, g, &g->units[0], job, NULL)) return 0;
  int is_last = last && !strcmp(last->text, key.text);
  void *bytes = is_last ? NULL : tt1__cache_get(&device->cache, key.parts, &size);
  tt1_text_free(key.text);
  tt1__free(bytes);
  return is_last || bytes;
}

static tt1_status lacks_compiler(const tt1_device *device, tt1_error *err)
{
  const gpu *g = device->state;
  return g->driver->find_compiler ? g->driver->find_compiler(g->library, err) : TT1_OK;
}

// What the cache holds may be refused by the driver: then it is made anew.
static tt1_status load_program(void **program, const gpu *g, const unit *u, tt1__cache *cache,
                               const tt1__job *job, const kernel_key *key, tt1_error *err)
{
  tt1__gpu_binary binary = {0};
  tt1_status status = TT1_OK;
  binary.bytes = tt1__cache_get(cache, key->parts, &binary.size);
  if (!binary.bytes || g->driver->load_program(program, u->context, &binary)) {
    if (binary.bytes) tt1__cache_drop(cache, key->parts);
    tt1__free(binary.bytes);
    binary.bytes = NULL;
    status = compile(g, u, job, key->text, &binary, err);
    int code = status ? 0 : g->driver->load_program(program, u->context, &binary);
    if (code) status = failed(g, u, "loading the kernel", code, err);
    if (!status) tt1__cache_put(cache, key->parts, binary.bytes, binary.size);
  }
  tt1__free(binary.bytes);
  return status;
}

static tt1_status load_kernel(kernel **out, const gpu *g, unit *u, tt1__cache *cache,
                              const tt1__job *job, tt1_error *err)
{
  kernel_key key = {0};
  tt1_status status = make_key(&key, g, u, job, err);
  if (status) return status;
  if (!u->last || strcmp(u->last->text, key.text) != 0) {
    kernel *made = tt1__allocate(1, sizeof *made);
    status = made ? load_program(&made->program, g, u, cache, job, &key, err) : tt1__no_memory(err);
    if (status) {
      tt1__free(made);
      tt1_text_free(key.text);
      return status;
    }
    *made = (kernel){made->program, key.text, 1};
    key.text = NULL;
    let_go(g, u, u->last);
    u->last = made;
  }
  tt1_text_free(key.text);
  u->last->n_holders++;
  *out = u->last;
  return TT1_OK;
}

static tt1_status load_tables(const gpu *g, const unit *u, const tt1__job *job, unit_job *on,
                              tt1_error *err)
{
  const tt1__gpu_driver *d = g->driver;
  size_t numbers = (size_t)job->n_numbers * sizeof(float);
  size_t integers = (size_t)job->n_integers * sizeof(int);
  void *stream = NULL;
  int code = d->open_stream(&stream, u->context, on->kernel->program, job->setup.n_passes);
  if (!code) code = d->allocate(&on->numbers, u->context, numbers);
  if (!code) code = d->allocate(&on->integers, u->context, integers);
  if (!code) code = d->upload(stream, on->numbers, job->numbers_float, numbers);
  if (!code) code = d->upload(stream, on->integers, job->integers, integers);
  if (!code) code = d->wait(stream);
  if (stream) d->close_stream(stream);
  return code ? failed(g, u, "copying the tables of the plan to it", code, err) : TT1_OK;
}

static tt1_status prepare(tt1__fitter *fitter, tt1_error *err)
{
  gpu *g = fitter->device->state;
  gpu_fitter *state = fitter->state = tt1__allocate(1, sizeof *state);
  if (state) state->wanted = tt1__allocate((size_t)fitter->job.n_rows, 1);
  tt1_status status = state && state->wanted ? TT1_OK : tt1__no_memory(err);
  for (int i = 0; i < g->n_units && !status; i++) {
    unit_job *on = &state->units[i];
    status = load_kernel(&on->kernel, g, &g->units[i], &fitter->device->cache, &fitter->job, err);
    if (!status) status = load_tables(g, &g->units[i], &fitter->job, on, err);
  }
  return status;
}

/* ---- Runs ------------------------------------------------------------------ */

static int64_t least(int64_t a, int64_t b)
{
  return a < b ? a : b;
}

// As large as memory allows, yet several for each slot, so that all have work.
static tt1_status choose_chunk(tt1__fitter *fitter, int64_t n_voxels, int64_t voxel_size,
                               tt1_error *err)
{
  const gpu *g = fitter->device->state;
  int64_t chunk = n_voxels / (2 * g->n_slots), slots = g->n_slots / g->n_units;
  chunk = least(chunk < LEAST_CHUNK ? LEAST_CHUNK : chunk, MOST_CHUNK);
  chunk = (least(chunk, n_voxels) + GRAIN - 1) / GRAIN * GRAIN;
  if (chunk < GRAIN) chunk = GRAIN;
  for (int i = 0; i < g->n_units; i++) {
    const unit *u = &g->units[i];
    int64_t tables = 4 * ((int64_t)fitter->job.n_numbers + fitter->job.n_integers);
    int64_t most = (u->limit - tables) / (slots * voxel_size) / GRAIN * GRAIN;
    if (most < GRAIN)
      return tt1__error_set(err, TT1_DEVICE,
                            "%s (%s): %lld bytes of memory are too few, this fit "
                            "needs %lld",
                            u->name, u->properties.name, (long long)u->limit,
                            (long long)(tables + slots * GRAIN * voxel_size));
    chunk = least(chunk, most);
  }
  fitter->chunk = (int)chunk;
  return TT1_OK;
}

static int open_slot(const gpu *g, const unit *u, const unit_job *on, int n_passes, slot *s,
                     size_t inputs, size_t results)
{
  const tt1__gpu_driver *d = g->driver;
  int code = d->open_stream(&s->stream, u->context, on->kernel->program, n_passes);
  if (!code) code = d->pin(&s->host, s->stream, inputs + results);
  if (!code) code = d->allocate(&s->inputs, u->context, inputs);
  if (!code) code = d->allocate(&s->results, u->context, results);
  return code;
}

static void free_room(tt1__fitter *fitter)
{
  const gpu *g = fitter->device->state;
  gpu_fitter *state = fitter->state;
  for (int i = 0; i < g->n_slots; i++) {
    slot *s = &state->slots[i];
    void *context = g->units[i % g->n_units].context;
    if (s->inputs) g->driver->free_buffer(context, s->inputs);
    if (s->results) g->driver->free_buffer(context, s->results);
    if (s->host) g->driver->unpin(s->stream, s->host);
    if (s->stream) g->driver->close_stream(s->stream);
    *s = (slot){0};
  }
  fitter->room = 0;
}

static tt1_status make_room(tt1__fitter *fitter, int chunk, tt1_error *err)
{
  const gpu *g = fitter->device->state;
  gpu_fitter *state = fitter->state;
  const tt1__job *job = &fitter->job;
  size_t row = (size_t)chunk * sizeof(float), inputs = (size_t)job->n_inputs * row;
  free_room(fitter);
  for (int i = 0; i < g->n_slots; i++) {
    const int at = i % g->n_units;
    slot *s = &state->slots[i];
    int code = open_slot(g, &g->units[at], &state->units[at], job->setup.n_passes, s, inputs,
                         (size_t)job->n_rows * row);
    if (code) return failed(g, &g->units[at], "making room for chunks", code, err);
    fitter->slots[i] = (tt1__chunk){s->host, (char *)s->host + inputs, 0, 0};
  }
  fitter->room = chunk;
  return TT1_OK;
}

static tt1_status begin(tt1__fitter *fitter, int64_t n_voxels, const unsigned char *wanted,
                        tt1_error *err)
{
  const tt1__job *job = &fitter->job;
  int64_t voxel_size = (int64_t)(job->n_inputs + job->n_rows) * (int64_t)sizeof(float);
  memcpy(((gpu_fitter *)fitter->state)->wanted, wanted, (size_t)job->n_rows);
  tt1_status status = choose_chunk(fitter, n_voxels, voxel_size, err);
  if (!status && fitter->chunk > fitter->room) status = make_room(fitter, fitter->chunk, err);
  return status;
}

// Rows that follow each other come back as one copy.
static int download_wanted(const gpu *g, const tt1__fitter *fitter, const slot *s,
                           const tt1__chunk *chunk)
{
  const unsigned char *wanted = ((const gpu_fitter *)fitter->state)->wanted;
  size_t row = (size_t)chunk->stride * sizeof(float);
  int code = 0, n_rows = fitter->job.n_rows;
  for (int from = 0, to; from < n_rows && !code; from = to + 1) {
    for (to = from; to < n_rows && wanted[to];)
      to++;
    if (to > from)
      code = g->driver->download(s->stream, (char *)chunk->results + (size_t)from * row, s->results,
                                 (size_t)from * row, (size_t)(to - from) * row);
  }
  return code;
}

static tt1_status fit(tt1__fitter *fitter, int index, tt1_error *err)
{
  const gpu *g = fitter->device->state;
  const gpu_fitter *state = fitter->state;
  const tt1__gpu_driver *d = g->driver;
  const unit *u = &g->units[index % g->n_units];
  const unit_job *on = &state->units[index % g->n_units];
  const slot *s = &state->slots[index];
  const tt1__chunk *chunk = &fitter->slots[index];
  const tt1__gpu_buffers buffers = {on->numbers, on->integers, s->inputs, s->results};
  size_t size = (size_t)fitter->job.n_inputs * (size_t)chunk->stride * sizeof(float);
  const char *doing = "copying samples to it";
  int code = d->upload(s->stream, s->inputs, chunk->inputs, size);
  if (!code) {
    doing = "fitting";
    code = d->launch(s->stream, &buffers, chunk->count, chunk->stride);
  }
  if (!code) {
    doing = "fitting or copying results from it";
    code = download_wanted(g, fitter, s, chunk);
  }
  int waited = d->wait(s->stream); // after a failure too: copies may be under way
  if (!code) code = waited;
  return code ? failed(g, u, doing, code, err) : TT1_OK;
}

static void release(tt1__fitter *fitter)
{
  const gpu *g = fitter->device->state;
  gpu_fitter *state = fitter->state;
  if (state) free_room(fitter);
  for (int i = 0; state && i < g->n_units; i++) {
    const unit_job *on = &state->units[i];
    void *context = g->units[i].context;
    if (on->numbers) g->driver->free_buffer(context, on->numbers);
    if (on->integers) g->driver->free_buffer(context, on->integers);
    let_go(g, &g->units[i], on->kernel);
  }
  if (state) tt1__free(state->wanted);
  tt1__free(state);
}

const tt1__device_kind tt1__opencl = {"opencl",  0,       describe,       open_gpu,
                                      close_gpu, prepare, release,        begin,
                                      fit,       is_kept, lacks_compiler, &tt1__opencl_driver};
const tt1__device_kind tt1__cuda = {"cuda",    0,       describe,       open_gpu,
                                    close_gpu, prepare, release,        begin,
                                    fit,       is_kept, lacks_compiler, &tt1__cuda_driver};
