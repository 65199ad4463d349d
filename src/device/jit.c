/* SPDX-License-Identifier: MIT */
#include "device/jit.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "device/compiler.h"
#include "device/sources.h"

#define TABLE "tt1__lanes_compiled"
enum { MOST_SECONDS = 60 }; /* of the compiler */

/* ---- Text ------------------------------------------------------------------ */

/* lanes.c with the emitted model, as the build compiles it for a shipped one. */
static char *kernel_text(const tt1_model *model, const tt1__lanes *interpreter)
{
  char *emitted = NULL, *expanded = NULL;
  tt1__text text = {0};
  if (tt1_model_emit(&emitted, model, TT1_DIALECT_C, NULL) == TT1_OK) {
    const tt1__builtin_text more[] = {{"LANES_MODEL", emitted}, {NULL, NULL}};
    expanded = tt1__source_expand(tt1__source_text("device/lanes.c"), more);
  }
  tt1__text_add(&text, "#define LANES_TABLE " TABLE "\n#define LANES_MODEL\n");
  tt1__text_add(&text, "#define LANES_ISA \"%s\"\n#define LANES_FLAGS \"%s\"\n", interpreter->isa,
                interpreter->flags);
  if (expanded) tt1__text_add_bytes(&text, expanded, strlen(expanded));
  if (!expanded) text.failed = 1;
  tt1_text_free(emitted);
  tt1__free(expanded);
  return tt1__text_take(&text);
}

/* ---- Loading --------------------------------------------------------------- */

/* A file of the object, which is all that dlopen takes. It is gone again when this returns. */
static void *load(const void *object, size_t size, tt1__cache *cache, tt1_error *err)
{
  tt1__text path = {0};
  void *library = NULL;
  char *scratch = tt1__cache_scratch(cache);
  if (!scratch) {
    *err = cache->why;
    return NULL;
  }
  tt1__text_add(&path, "%s/kernels.so", scratch);
  FILE *file = path.failed ? NULL : fopen(path.bytes, "wbx");
  int is_written = file && fwrite(object, 1, size, file) == size;
  if (file && fclose(file) != 0) is_written = 0;
  if (is_written) library = dlopen(path.bytes, RTLD_NOW | RTLD_LOCAL);
  if (!is_written)
    tt1__error_set(err, TT1_IO, "compiled kernels cannot be written to %s", cache->folder);
  else if (!library)
    tt1__error_set(err, TT1_IO, "compiled kernels cannot be loaded from %s: %s", cache->folder,
                   dlerror());
  tt1__text_free(&path);
  tt1__cache_scratch_remove(scratch);
  return library;
}

static const tt1__lanes *table_in(void *library, const tt1__jit_task *task)
{
  const tt1__lanes *table = dlsym(library, TABLE);
  if (!table || !table->model || strcmp(table->model, task->model->name) != 0) return NULL;
  if (strcmp(table->isa, task->interpreter->isa) != 0) return NULL;
  return table->width == task->interpreter->width ? table : NULL;
}

/* ---- Trial ----------------------------------------------------------------- */

enum { TRIAL = 64 }; /* voxels; a multiple of all lane widths */

/* Noise, which is what iterative solvers find hardest, on a decay. */
static void make_trial(float *signal, int n_rows)
{
  uint32_t state = 12345;
  for (int i = 0; i < n_rows * TRIAL; i++) {
    state = state * 1664525u + 1013904223u;
    signal[i] = 1.0F + 100.0F * (float)(state >> 8) / 16777216.0F / (float)(1 + i / TRIAL);
  }
}

/* Fit the trial: results in rows [n_rows][TRIAL]. Returns the seconds. */
static double try_out(const tt1__lanes *lanes, const tt1__jit_task *task, float *inputs,
                      float *results)
{
  tt1__chunk chunk = {inputs, results, TRIAL, TRIAL};
  double begin = tt1__seconds();
  lanes->fit(task->setup, task->numbers, task->integers, task->model, &chunk);
  return tt1__seconds() - begin;
}

/* ---- Choosing -------------------------------------------------------------- */

/* The key and what is needed to make the object. */
typedef struct recipe {
  char *text;
  struct utsname machine; /* a home may be shared by machines of several kinds */
  const char *key[6];
} recipe;

static int make_recipe(recipe *r, const tt1__jit_task *task)
{
  memset(&r->machine, 0, sizeof r->machine);
  uname(&r->machine);
  r->text = kernel_text(task->model, task->interpreter);
  const char *key[] = {"shared object",    r->text, task->interpreter->flags, r->machine.sysname,
                       r->machine.machine, NULL};
  memcpy(r->key, key, sizeof key);
  return r->text != NULL;
}

/* Load an object and hold it to the bits of the interpreter. */
static int take(tt1__jit *jit, const tt1__jit_task *task, const void *object, size_t size,
                tt1__cache *cache, float *inputs, const float *expected, float *rows)
{
  jit->library = load(object, size, cache, &jit->why);
  if (!jit->library) return 0;
  jit->lanes = table_in(jit->library, task);
  if (jit->lanes) {
    try_out(jit->lanes, task, inputs, rows);
    if (!memcmp(rows, expected, (size_t)task->n_rows * TRIAL * sizeof *rows)) return 1;
  }
  tt1__error_set(&jit->why, TT1_DEVICE,
                 jit->lanes
                     ? "the C compiler made kernels that give other bits than the interpreter"
                     : "the compiled kernels are not those of this model");
  dlclose(jit->library);
  jit->library = NULL;
  jit->lanes = NULL;
  return 0;
}

static void *compile(const recipe *r, const tt1__jit_task *task, tt1__cache *cache, size_t *size,
                     tt1_error *err)
{
  void *object = NULL;
  char *scratch = tt1__cache_scratch(cache);
  if (scratch)
    tt1__compiler_run(&object, size, r->text, task->interpreter->flags, scratch, MOST_SECONDS, err);
  else
    *err = cache->why;
  tt1__cache_scratch_remove(scratch);
  return object;
}

/* `buffer`: the inputs of the trial, then room for two sets of results. */
static void find_or_compile(tt1__jit *jit, const tt1__jit_task *task, tt1__cache *cache,
                            const recipe *r, float *buffer)
{
  float *expected = buffer + task->n_inputs * TRIAL, *rows = expected + task->n_rows * TRIAL;
  size_t size = 0;
  make_trial(buffer, task->n_inputs);
  double seconds = try_out(task->interpreter, task, buffer, expected) / TRIAL * task->n_voxels;
  void *object = tt1__cache_get(cache, r->key, &size);
  if (object && !take(jit, task, object, size, cache, buffer, expected, rows))
    tt1__cache_drop(cache, r->key);
  tt1__free(object);
  if (jit->lanes || seconds < TT1__JIT_SECONDS) return;
  jit->has_tried = 1;
  object = compile(r, task, cache, &size, &jit->why);
  if (object && take(jit, task, object, size, cache, buffer, expected, rows))
    tt1__cache_put(cache, r->key, object, size);
  tt1__free(object);
}

const tt1__lanes *tt1__jit_choose(tt1__jit *jit, const tt1__jit_task *task, tt1__cache *cache)
{
  recipe r;
  if (jit->lanes || jit->has_tried) return jit->lanes ? jit->lanes : task->interpreter;
  jit->why = (tt1_error){0};
  float *buffer =
      tt1__allocate_aligned((size_t)(task->n_inputs + 2 * task->n_rows) * TRIAL, sizeof *buffer);
  if (buffer && make_recipe(&r, task)) {
    find_or_compile(jit, task, cache, &r, buffer);
    tt1__free(r.text);
  }
  tt1__free(buffer);
  return jit->lanes ? jit->lanes : task->interpreter;
}

void tt1__jit_close(tt1__jit *jit)
{
  if (jit->library) dlclose(jit->library);
  *jit = (tt1__jit){0};
}
