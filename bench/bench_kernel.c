/* SPDX-License-Identifier: MIT
 * The kernel of a fit alone, by the clock of the GPU, and what the card can do at
 * best: fused multiply-adds, copies within its memory, copies to and from the host.
 * Straight on the drivers of the device layer, one launch over all voxels. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "bench.h"
#include "device/gpu.h"
#include "device/sources.h"
#include "fit/plan.h"

/* A device with one program on it. */
typedef struct card {
  const tt1__gpu_driver *driver;
  tt1__gpu_properties properties;
  void *library, *context, *program, *stream;
  tt1__gpu_buffers buffers;
} card;

static void check(const card *c, int code, const char *doing)
{
  char message[200];
  int is_memory;
  if (!code) return;
  snprintf(message, sizeof message, "%s: %s failed: %s (%d)", c->driver->name, doing,
           c->driver->explain(c->library, code, &is_memory), code);
  fail(message);
}

static int first_graphics(const card *c)
{
  for (int i = 0; i < c->driver->count(c->library); i++) {
    tt1__gpu_properties p = {0};
    c->driver->properties(c->library, i, &p);
    if (!p.is_processor) return i;
  }
  return 0;
}

/* Open the device "cuda", "opencl:1"; of several the first. */
static card open_card(const char *name)
{
  card c = {.driver = strncmp(name, "cuda", 4) ? &tt1__opencl_driver : &tt1__cuda_driver};
  const char *colon = strchr(name, ':');
  tt1_error err;
  if (c.driver->load(&c.library, &err)) fail(err.message);
  if (c.driver->count(c.library) < 1) fail("the driver finds no device");
  int index = colon ? (int)strtol(colon + 1, NULL, 10) : first_graphics(&c);
  if (index >= c.driver->count(c.library)) fail("there is no such device");
  c.driver->properties(c.library, index, &c.properties);
  check(&c, c.driver->open(&c.context, c.library, index), "opening it");
  return c;
}

static void load_text(card *c, const char *text, int n_passes)
{
  tt1__gpu_binary binary = {0};
  char log[160] = "";
  int code = c->driver->compile(c->context, text, &binary, log, sizeof log);
  if (code && *log) fail(log);
  check(c, code, "compiling");
  check(c, c->driver->load_program(&c->program, c->context, &binary), "loading the kernel");
  check(c, c->driver->open_stream(&c->stream, c->context, c->program, n_passes),
        "opening a stream");
  tt1__free(binary.bytes);
}

/* A buffer, filled from `data` unless that is NULL. */
static void *make_buffer(const card *c, const void *data, size_t size)
{
  void *buffer = NULL;
  check(c, c->driver->allocate(&buffer, c->context, size), "making room on it");
  if (data) check(c, c->driver->upload(c->stream, buffer, data, size), "copying to it");
  check(c, c->driver->wait(c->stream), "copying to it");
  return buffer;
}

static void close_card(card *c)
{
  void *buffers[] = {c->buffers.numbers, c->buffers.integers, c->buffers.inputs,
                     c->buffers.results};
  for (size_t i = 0; i < sizeof buffers / sizeof *buffers; i++)
    if (buffers[i]) c->driver->free_buffer(c->context, buffers[i]);
  c->driver->close_stream(c->stream);
  c->driver->free_program(c->context, c->program);
  c->driver->close(c->context);
  c->driver->unload(c->library);
}

typedef struct kernel_run {
  const card *card;
  int count;
} kernel_run;

static double time_launch(void *payload)
{
  const kernel_run *r = payload;
  const card *c = r->card;
  double time = 0;
  check(c, c->driver->time_launch(c->stream, &c->buffers, r->count, r->count, &time),
        "running the kernel");
  return time;
}

/* Median seconds of a launch. */
static double time_kernel(const card *c, int count, int least)
{
  kernel_run r = {c, count};
  return steady_median(time_launch, &r, least);
}

/* ---- Fits ------------------------------------------------------------------ */

/* A plan of molli, on the processor: its tables serve any device. */
typedef struct molli_plan {
  tt1_device *processor;
  tt1_model *model;
  tt1_plan *plan;
  const tt1__tables *tables;
} molli_plan;

static molli_plan plan_molli(const settings *s, tt1_solver solver, int iterations)
{
  tt1_plan_options options = TT1_PLAN_OPTIONS_INIT;
  options.solver = solver;
  options.max_iterations = solver == TT1_SOLVER_ADAM ? iterations : 0;
  if (solver == TT1_SOLVER_ADAM) options.start = TT1_START_FIXED;
  molli_plan p = {.processor = open_device(s->isa, 1), .model = open_molli(0)};
  p.plan = make_plan(p.processor, p.model, MOLLI_533, 8, options);
  p.tables = &p.plan->magnitude;
  return p;
}

static void free_molli(molli_plan *p)
{
  tt1_plan_free(p->plan);
  tt1_model_free(p->model);
  tt1_device_free(p->processor);
}

static char *text_of(const molli_plan *p, tt1_dialect dialect)
{
  tt1_error err;
  char *text = NULL;
  if (tt1__gpu_text(&text, p->model, &p->tables->setup, dialect, &err)) fail(err.message);
  return text;
}

/* The card with the kernel of a plan and its tables. */
static card open_fit(const settings *s, const molli_plan *p)
{
  const tt1__tables *t = p->tables;
  card c = open_card(s->device);
  char *text = text_of(p, c.driver->dialect);
  load_text(&c, text, t->setup.n_passes);
  c.buffers.numbers = make_buffer(&c, t->numbers_float, (size_t)t->n_numbers * sizeof(float));
  c.buffers.integers = make_buffer(&c, t->integers, (size_t)t->n_integers * sizeof(int));
  tt1_text_free(text);
  return c;
}

static double time_fit_kernel(const settings *s, int n, tt1_solver solver, int iterations, int runs)
{
  size_t row = (size_t)n * sizeof(float);
  float *signal = repeat_tissue(n);
  molli_plan p = plan_molli(s, solver, iterations);
  card c = open_fit(s, &p);
  c.buffers.inputs = make_buffer(&c, signal, 8 * row);
  c.buffers.results = make_buffer(&c, NULL, (size_t)p.plan->n_rows * row);
  double time = time_kernel(&c, n, runs);
  close_card(&c);
  free_molli(&p);
  free(signal);
  return time;
}

void measure_gpu_kernel(const settings *s)
{
  double time = time_fit_kernel(s, s->voxels, TT1_SOLVER_AUTO, 0, RUNS);
  figure("kernel_varpro", 1e3 * time, "ms");
  figure("kernel_varpro_rate", 1e-6 * s->voxels / time, "M/s");
  figure("kernel_lm", 1e3 * time_fit_kernel(s, s->voxels, TT1_SOLVER_LM, 0, RUNS), "ms");
  figure("kernel_adam", 1e3 * time_fit_kernel(s, s->voxels, TT1_SOLVER_ADAM, s->iterations, 3),
         "ms");
}

void measure_gpu_kernel_many(const settings *s)
{
  double time = time_fit_kernel(s, s->many, TT1_SOLVER_AUTO, 0, 3);
  molli_plan p = plan_molli(s, TT1_SOLVER_AUTO, 0);
  figure("kernel_many_rate", 1e-6 * s->many / time, "M/s");
  figure("kernel_bytes", 4 * (8 + p.plan->n_rows), "bytes of memory per fit");
  free_molli(&p);
}

/* ---- Kernels to count the operations of ------------------------------------ */

static void write_numbers(FILE *file, const char *name, const float *values, int count)
{
  fprintf(file, "static const scalar %s[] = {", name);
  for (int i = 0; i < count; i++)
    fprintf(file, "%aF,\n", (double)values[i]);
  fprintf(file, "};\n");
}

/* PREFIX.SOLVER: the text, its tables and some voxels, for count_operations.cc. */
static void export_one(const settings *s, tt1_solver solver)
{
  enum { VOXELS = 64 };
  char path[4096];
  snprintf(path, sizeof path, "%s.%s", s->output, tt1_solver_name(solver));
  FILE *file = fopen(path, "w");
  if (!file) fail("export-kernel cannot write");
  molli_plan p = plan_molli(s, solver, s->iterations);
  char *text = text_of(&p, TT1_DIALECT_OPENCL);
  float *signal = repeat_tissue(VOXELS);
  fprintf(file, "%s\nenum { VOXELS = %d, ROWS = %d };\n", text, VOXELS, p.plan->n_rows);
  write_numbers(file, "the_numbers", p.tables->numbers_float, p.tables->n_numbers);
  write_numbers(file, "the_inputs", signal, 8 * VOXELS);
  fprintf(file, "static const int the_integers[] = {");
  for (int i = 0; i < p.tables->n_integers; i++)
    fprintf(file, "%d,\n", p.tables->integers[i]);
  fprintf(file, "};\n");
  if (fclose(file)) fail("export-kernel cannot write");
  free(signal);
  tt1_text_free(text);
  free_molli(&p);
}

void export_kernel(const settings *s)
{
  if (!s->output) fail("export-kernel needs --output PREFIX");
  export_one(s, TT1_SOLVER_VARPRO);
  export_one(s, TT1_SOLVER_LM);
  export_one(s, TT1_SOLVER_ADAM);
}

/* ---- Ceilings -------------------------------------------------------------- */

#define KERNEL_HEAD                                                                      \
  "KERNEL void fit_voxels(CONSTANT scalar *ONLY numbers, CONSTANT int *ONLY integers,\n" \
  "                       CONSTANT scalar *ONLY inputs, GLOBAL scalar *ONLY results,\n"  \
  "                       int count, int stride)\n"                                      \
  "{\n"                                                                                  \
  "  int at = THREAD_INDEX;\n"                                                           \
  "  if (at >= count) return;\n"

/* Eight chains that do not wait for each other, 16 steps a round. */
enum { STEPS_OF_ROUND = 8 * 16, COPIES = 8 };
static const char MULTIPLY_ADD[] =
    "#include \"kernel/words.h\"\n"
    "#define STEP a = mad(a, x, y); b = mad(b, x, y); c = mad(c, x, y); d = mad(d, x, y); \\\n"
    "  e = mad(e, x, y); g = mad(g, x, y); h = mad(h, x, y); k = mad(k, x, y);\n"
    "#define STEPS STEP STEP STEP STEP\n" KERNEL_HEAD
    "  real x = numbers[0], y = numbers[1], a = inputs[at], b = a + y, c = b + y, d = c + y;\n"
    "  real e = d + y, g = e + y, h = g + y, k = h + y;\n"
    "  for (int i = 0; i < integers[0]; i++) { STEPS STEPS STEPS STEPS }\n"
    "  results[at] = a + b + c + d + e + g + h + k;\n"
    "}\n";
static const char COPY[] =
    "#include \"kernel/words.h\"\n" KERNEL_HEAD "  for (int j = 0; j < 8; j++)\n"
    "    results[j * stride + at] = inputs[j * stride + at];\n"
    "}\n";

static card open_ceiling(const settings *s, const char *text, size_t inputs, size_t results)
{
  static const float NUMBERS[2] = {0.999F, 0.001F};
  card c = open_card(s->device);
  char group[40];
  snprintf(group, sizeof group, "#define GROUP_SIZE %d\n", TT1__GPU_GROUP);
  char *body = tt1__source_expand(text, NULL), *whole = reserve(strlen(body) + sizeof group);
  strcpy(whole, group);
  strcat(whole, body);
  load_text(&c, whole, 1);
  float *data = reserve(inputs);
  memset(data, 0, inputs);
  c.buffers.numbers = make_buffer(&c, NUMBERS, sizeof NUMBERS);
  c.buffers.integers = make_buffer(&c, &s->rounds, sizeof s->rounds);
  c.buffers.inputs = make_buffer(&c, data, inputs);
  c.buffers.results = make_buffer(&c, NULL, results);
  free(data);
  free(whole);
  tt1__free(body);
  return c;
}

typedef struct transfer {
  const card *card;
  void *host;
  size_t size;
  int is_upload;
} transfer;

static double time_copy(void *payload)
{
  const transfer *t = payload;
  const card *c = t->card;
  double begin = seconds();
  check(c,
        t->is_upload ? c->driver->upload(c->stream, c->buffers.inputs, t->host, t->size)
                     : c->driver->download(c->stream, t->host, c->buffers.inputs, 0, t->size),
        "copying");
  check(c, c->driver->wait(c->stream), "copying");
  return seconds() - begin;
}

/* Bytes per second of copies between pinned memory and the device, there or back. */
static double time_transfer(const card *c, size_t size, int is_upload)
{
  transfer t = {c, NULL, size, is_upload};
  check(c, c->driver->pin(&t.host, c->stream, size), "pinning memory");
  memset(t.host, 1, size);
  double time = steady_median(time_copy, &t, RUNS);
  c->driver->unpin(c->stream, t.host);
  return (double)size / time;
}

void measure_gpu_ceilings(const settings *s)
{
  const int threads = 1 << 20, copiers = s->voxels * 64 < 1 << 23 ? s->voxels * 64 : 1 << 23;
  card c = open_ceiling(s, MULTIPLY_ADD, (size_t)threads * 4, (size_t)threads * 4);
  double time = time_kernel(&c, threads, RUNS);
  printf("device %s; %s; %.1f GiB%s\n", c.properties.name, c.properties.driver,
         (double)c.properties.memory / (1 << 30), c.properties.is_processor ? "; processor" : "");
  figure("ceiling_multiply_add", 1e-9 * STEPS_OF_ROUND * s->rounds * threads / time, "G/s");
  close_card(&c);
  size_t size = (size_t)copiers * COPIES * sizeof(float);
  c = open_ceiling(s, COPY, size, size);
  figure("ceiling_copy", 2e-9 * (double)size / time_kernel(&c, copiers, RUNS), "GB/s");
  figure("ceiling_upload", 1e-9 * time_transfer(&c, size, 1), "GB/s");
  figure("ceiling_download", 1e-9 * time_transfer(&c, size, 0), "GB/s");
  close_card(&c);
}
