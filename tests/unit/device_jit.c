/* SPDX-License-Identifier: MIT
 * Kernels compiled by the machine's C compiler: the bits of the interpreter, or the
 * interpreter and a sentence why. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "device/jit.h"
#include "fit/plan.h"
#include "fit_hash.h"

/* A compiler that takes less time: the bits are the same. */
#define QUICK "exec cc \"$@\" -O0"

static const double MUCH = 1e12, LITTLE = 1;

/* A place for cache and compilers, and a model of the user with its plan. */
typedef struct fixture {
  char place[64], folder[128];
  const char *path, *compiler;
  tt1_device *device;
  tt1_model *original, *model;
  acquisition acquired;
  tt1_plan *plan;
  tt1__cache cache;
  tt1__jit_task task;
} fixture;

/* The same model by another name: not the shipped one. */
static tt1_model *own_copy(const tt1_model *original)
{
  const char *text = tt1_model_text(original), *name = tt1_model_name(original);
  char *renamed = space(strlen(text) + 16, 1);
  const char *at = strstr(text, "model   ");
  assert_non_null(at);
  at += strlen("model   ");
  sprintf(renamed, "%.*sown_%s", (int)(at - text), text, at);
  assert_int_equal(strncmp(at, name, strlen(name)), 0);
  tt1_model *model = from_text(renamed);
  free(renamed);
  return model;
}

static void make_task(fixture *f, const char *name, const char *isa)
{
  tt1_plan_options options = TT1_PLAN_OPTIONS_INIT;
  options.sign = TT1_SIGN_MAGNITUDE;
  f->original = shipped(name);
  f->model = own_copy(f->original);
  f->device = processor(isa, 1);
  acquire(&f->acquired, f->original);
  f->plan = planned(f->device, f->model, &f->acquired.design, &options);
  const tt1__tables *t = f->plan->magnitude.numbers ? &f->plan->magnitude : &f->plan->is_signed;
  f->task = (tt1__jit_task){.model = f->model,
                            .interpreter = tt1__lanes_find(f->model, tt1_device_isa(f->device), 0),
                            .setup = &t->setup,
                            .numbers = t->numbers_float,
                            .integers = t->integers,
                            .n_inputs = t->setup.n_samples + t->setup.n_voxel_known,
                            .n_rows = f->plan->n_rows,
                            .n_voxels = MUCH};
  assert_null(f->task.interpreter->model);
}

static void free_task(fixture *f)
{
  tt1_plan_free(f->plan);
  tt1_device_free(f->device);
  tt1_model_free(f->model);
  tt1_model_free(f->original);
}

static int set_up(void **state)
{
  fixture *f = calloc(1, sizeof *f);
  strcpy(f->place, "/tmp/torcht1-jit-XXXXXX");
  if (!mkdtemp(f->place)) return -1;
  snprintf(f->folder, sizeof f->folder, "%s/cache", f->place);
  tt1__cache_open(&f->cache, f->folder, 0);
  f->path = getenv("PATH");
  f->compiler = getenv("CC");
  make_task(f, "molli", NULL);
  *state = f;
  return 0;
}

static int tear_down(void **state)
{
  fixture *f = *state;
  char command[128];
  setenv("PATH", f->path, 1);
  unsetenv("CC");
  if (f->compiler) setenv("CC", f->compiler, 1);
  free_task(f);
  tt1__cache_close(&f->cache);
  snprintf(command, sizeof command, "rm -rf '%s'", f->place);
  int failed = system(command);
  free(f);
  return failed;
}

static int has_compiler(void)
{
  return system("command -v cc >/dev/null") == 0;
}

static int count_files(const char *path)
{
  DIR *folder = opendir(path);
  int n = 0;
  for (struct dirent *at; folder && (at = readdir(folder));)
    n += at->d_name[0] != '.';
  if (folder) closedir(folder);
  return n;
}

static void assert_compiled(fixture *f)
{
  tt1__jit jit = {0};
  const tt1__lanes *lanes = tt1__jit_choose(&jit, &f->task, &f->cache);
  if (lanes == f->task.interpreter) fail_msg("not compiled: %s", jit.why.message);
  assert_string_equal(lanes->model, tt1_model_name(f->model));
  assert_int_equal(jit.why.status, TT1_OK);
  assert_ptr_equal(tt1__jit_choose(&jit, &f->task, &f->cache), lanes);
  tt1__jit_close(&jit);
}

/* The interpreter serves and `words` tell why; nothing but `n_files` remains in the cache. */
static void assert_interpreted(fixture *f, const char *words, int n_files)
{
  tt1__jit jit = {0};
  assert_ptr_equal(tt1__jit_choose(&jit, &f->task, &f->cache), f->task.interpreter);
  if (!strstr(jit.why.message, words)) fail_msg("\"%s\" lacks \"%s\"", jit.why.message, words);
  assert_ptr_equal(tt1__jit_choose(&jit, &f->task, &f->cache), f->task.interpreter);
  assert_int_equal(count_files(f->folder), n_files);
  tt1__jit_close(&jit);
}

static void write_compiler(const fixture *f, const char *script)
{
  char path[128];
  snprintf(path, sizeof path, "%s/compiler", f->place);
  FILE *file = fopen(path, "w");
  assert_non_null(file);
  fprintf(file, "#!/bin/sh\n%s\n", script);
  fclose(file);
  assert_int_equal(chmod(path, 0700), 0);
  setenv("CC", path, 1);
}

/* ---- Bits ------------------------------------------------------------------ */

static uint64_t hash_of(const fixture *f, const tt1_model *model, tt1_jit jit, const way *w,
                        int is_compiled)
{
  enum { VOXELS = 303 };
  tt1_device_options options = TT1_DEVICE_OPTIONS_INIT;
  options.threads = 1;
  options.isa = tt1_device_isa(f->device);
  options.cache_folder = f->folder;
  options.jit = jit;
  tt1_device *device = NULL;
  assert_int_equal(tt1_device_open(&device, "cpu", &options, NULL), TT1_OK);
  tt1_plan *plan = plan_way(device, model, &f->acquired.design, w, 0);
  uint64_t hash = 0;
  if (plan) {
    float *signal = simulate_hash_voxels(f->original, &f->acquired, 0, VOXELS);
    results r = run_all(plan, signal, VOXELS, NULL);
    const char *why = NULL, *kernels = tt1_plan_kernels(plan, &why);
    if (is_compiled >= 0) assert_string_equal(kernels, is_compiled ? "compiled" : "interpreted");
    assert_null(why);
    hash = hash_all(&r);
    free_results(&r);
    free(signal);
  }
  tt1_plan_free(plan);
  tt1_device_free(device);
  return hash;
}

static void compiled_and_interpreted_models_give_the_same_bits(void **state)
{
  static const char *const MODELS[] = {"molli", "t2offset"};
  fixture *f = *state;
  if (!has_compiler()) skip();
  for (int m = 0; m < 2; m++)
    for (int i = 0; tt1__isa_name(i); i++) {
      const char *why;
      if (!tt1__isa_runs(tt1__isa_name(i), &why) || (m > 0 && i > 0)) continue;
      free_task(f);
      make_task(f, MODELS[m], tt1__isa_name(i));
      assert_compiled(f);
      for (int w = 0; w < N_WAYS; w++) {
        uint64_t expected = hash_of(f, f->model, TT1_JIT_OFF, &WAYS[w], -1);
        assert_int_equal(hash_of(f, f->model, TT1_JIT_AUTO, &WAYS[w], -1), expected);
        assert_int_equal(hash_of(f, f->original, TT1_JIT_AUTO, &WAYS[w], -1), expected);
      }
      assert_true(hash_of(f, f->model, TT1_JIT_OFF, &WAYS[1], 0) != 0);
      assert_true(hash_of(f, f->model, TT1_JIT_AUTO, &WAYS[1], 1) != 0);
    }
}

/* ---- When it is done ------------------------------------------------------- */

static void little_work_is_not_compiled_for(void **state)
{
  fixture *f = *state;
  if (!has_compiler()) skip();
  write_compiler(f, QUICK);
  f->task.n_voxels = LITTLE;
  assert_interpreted(f, "", 0);
  f->task.n_voxels = MUCH;
  assert_compiled(f);
  f->task.n_voxels = LITTLE;
  setenv("PATH", "", 1); // what was compiled before needs no compiler
  unsetenv("CC");
  assert_compiled(f);
  assert_int_equal(count_files(f->folder), 1);
}

static void a_damaged_entry_is_compiled_again(void **state)
{
  fixture *f = *state;
  if (!has_compiler()) skip();
  char command[512];
  write_compiler(f, QUICK);
  assert_compiled(f);
  snprintf(command, sizeof command,
           "f=$(ls %s/*); printf x | dd of=$f bs=1 seek=90000 conv=notrunc 2>/dev/null", f->folder);
  assert_int_equal(system(command), 0);
  f->task.n_voxels = LITTLE;
  assert_interpreted(f, "", 0);
  f->task.n_voxels = MUCH;
  assert_compiled(f);
  assert_int_equal(count_files(f->folder), 1);
}

/* ---- When it cannot be done ------------------------------------------------ */

static void without_a_compiler_it_says_so(void **state)
{
  fixture *f = *state;
  unsetenv("CC");
  setenv("PATH", "", 1);
  assert_interpreted(f, "there is no C compiler (cc, gcc or clang) in PATH", 0);
  setenv("PATH", ".:relative:/nonexistent", 1);
  assert_interpreted(f, "there is no C compiler", 0);
  setenv("CC", "/nonexistent/cc -m64", 1);
  assert_interpreted(f, "the C compiler CC=/nonexistent/cc is not there", 0);
  setenv("CC", "no-such-compiler", 1);
  assert_interpreted(f, "CC=no-such-compiler is not there", 0);
}

static void a_failing_compiler_is_quoted(void **state)
{
  fixture *f = *state;
  write_compiler(f, "echo chatter; echo 'x.c:1: error: I do not like it' >&2; echo more; exit 1");
  assert_interpreted(f, "compiler failed: x.c:1: error: I do not like it", 0);
  write_compiler(f, "echo 'only words'; kill -9 $$");
  assert_interpreted(f, "compiler failed: only words", 0);
  write_compiler(f, "exit 3");
  assert_interpreted(f, "compiler failed: no message", 0);
  write_compiler(f, "exit 0");
  assert_interpreted(f, "what the C compiler wrote cannot be read", 0);
  write_compiler(f, "while [ $1 != -o ]; do shift; done; echo garbage >$2");
  assert_interpreted(f, "compiled kernels cannot be loaded", 0);
}

static void wrong_kernels_are_refused(void **state)
{
  fixture *f = *state;
  if (!has_compiler()) skip();
  write_compiler(f, "for a; do case $a in *.c) sed -i 's/REAL(0.5)/REAL(0.50001)/g' $a;; esac; "
                    "done; exec cc \"$@\" -O0");
  assert_interpreted(f, "other bits than the interpreter", 0);
  write_compiler(f, "for a; do case $a in *.c) sed -i 's/MODEL_NAME \"/&un/' $a;; esac; done; exec "
                    "cc \"$@\" -O0");
  assert_interpreted(f, "not those of this model", 0);
  write_compiler(f, "for a; do case $a in *.c) echo 'int x;' >$a;; esac; done; exec cc \"$@\" -O0");
  assert_interpreted(f, "not those of this model", 0);
}

static void without_a_cache_it_says_so(void **state)
{
  fixture *f = *state;
  tt1__cache_close(&f->cache);
  tt1__cache_open(&f->cache, NULL, 1);
  assert_interpreted(f, "the cache is switched off", 0);
  tt1__cache_close(&f->cache);
  tt1__cache_open(&f->cache, "/proc/none", 0);
  assert_interpreted(f, "the cache folder /proc/none cannot be made", 0);
}

static void where_nothing_may_run_it_says_so(void **state)
{
  fixture *f = *state;
  char command[512];
  if (!has_compiler()) skip();
  snprintf(command, sizeof command,
           "mkdir -p '%s' && mount -t tmpfs -o noexec,mode=0700 none '%s' 2>/dev/null", f->folder,
           f->folder);
  if (geteuid() != 0 || system(command) != 0) {
    print_message("skipped: a file system that runs nothing cannot be mounted here\n");
    skip();
  }
  assert_interpreted(f, "compiled kernels cannot be loaded", 0);
  snprintf(command, sizeof command, "umount -l '%s'",
           f->folder); // glibc keeps a page of what it refused
  assert_int_equal(system(command), 0);
}

static void memory_may_run_out(void **state)
{
  fixture *f = *state;
  write_compiler(f, "exit 0");
  for (int n = 1, is_done = 0; !is_done; n++) {
    tt1__jit jit = {0};
    tt1__fail_allocation(n);
    const tt1__lanes *lanes = tt1__jit_choose(&jit, &f->task, &f->cache);
    tt1__fail_allocation(0);
    assert_ptr_equal(lanes, f->task.interpreter);
    is_done = strstr(jit.why.message, "cannot be read") != NULL;
    tt1__jit_close(&jit);
    assert_true(n < 1000);
  }
  assert_int_equal(count_files(f->folder), 0);
}

int main(void)
{
#define WITH_FIXTURE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
  const struct CMUnitTest tests[] = {
      WITH_FIXTURE(compiled_and_interpreted_models_give_the_same_bits),
      WITH_FIXTURE(little_work_is_not_compiled_for),
      WITH_FIXTURE(a_damaged_entry_is_compiled_again),
      WITH_FIXTURE(without_a_compiler_it_says_so),
      WITH_FIXTURE(a_failing_compiler_is_quoted),
      WITH_FIXTURE(wrong_kernels_are_refused),
      WITH_FIXTURE(without_a_cache_it_says_so),
      WITH_FIXTURE(where_nothing_may_run_it_says_so),
      WITH_FIXTURE(memory_may_run_out),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
