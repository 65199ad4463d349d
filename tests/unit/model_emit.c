/* SPDX-License-Identifier: MIT
 * Kernel text: golden files, and the text compiled by the C compiler gives the
 * numbers of tt1_model_evaluate(), bit for bit. TT1_UPDATE_GOLDEN=1 rewrites the files. */
#include "model_support.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *emit(const tt1_model *model, tt1_dialect dialect)
{
  char *text = NULL;
  assert_int_equal(tt1_model_emit(&text, model, dialect, NULL), TT1_OK);
  return text;
}

static void check_golden(const char *name)
{
  static char golden[65536];
  char path[1024];
  tt1_model *model = builtin(name);
  char *text = emit(model, TT1_DIALECT_C);
  snprintf(path, sizeof path, "%s/tests/text/%s.golden.h", TT1_SOURCE_DIR, name);
  if (getenv("TT1_UPDATE_GOLDEN")) {
    FILE *out = fopen(path, "w");
    assert_non_null(out);
    fputs(text, out);
    fclose(out);
  }
  FILE *file = fopen(path, "rb");
  assert_non_null(file);
  golden[fread(golden, 1, sizeof golden - 1, file)] = '\0';
  fclose(file);
  assert_string_equal(text, golden);
  tt1_text_free(text);
  tt1_model_free(model);
}

static void golden_files(void **state)
{
  (void)state;
  check_golden("molli");
  check_golden("irse");
}

static void dialects_share_the_body(void **state)
{
  (void)state;
  tt1_model *model = builtin("t2");
  char *c = emit(model, TT1_DIALECT_C), *opencl = emit(model, TT1_DIALECT_OPENCL);
  assert_string_equal(strchr(c, '\n'), strchr(opencl, '\n'));
  assert_non_null(strstr(opencl, "OpenCL"));
  assert_int_equal(tt1_model_emit(&c, model, (tt1_dialect)7, NULL), TT1_BAD_ARGUMENT);
  tt1_text_free(c);
  tt1_text_free(opencl);
  tt1_model_free(model);
}

static const char WORDS[] =
    "#include <math.h>\ntypedef double real;\n#define FN static inline\n#define PRIVATE\n"
    "#define bc(x) (x)\n#define REAL(x) x\n#define mad fma\n#define rexp exp\n#define rlog log\n"
    "#define rsqrt sqrt\n#define rsin sin\n#define rcos cos\n#define rtan tan\n"
    "#define rtanh tanh\n#define rpow pow\n#define rabs fabs\n"
    "#define rsign(a) ((a) < 0 ? -1.0 : 1.0)\n"
    "#define rmin(a, b) ((a) < (b) ? (a) : (b))\n#define rmax(a, b) ((a) > (b) ? (a) : (b))\n"
    "#define lt(a, b) ((a) < (b))\n#define le(a, b) ((a) <= (b))\n#define gt(a, b) ((a) > (b))\n"
    "#define select(m, a, b) ((m) ? (a) : (b))\n#include \"model.h\"\n"
    "void run(const double *p, const double *x, double *r);\n"
    "void run(const double *p, const double *x, double *r)\n"
    "{\n  signal_state s;\n  signal_begin(&s, p, x);\n  signal_at(&s, p, x, r);\n}\n";

static void write_file(const char *folder, const char *name, const char *text)
{
  char path[256];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  FILE *file = fopen(path, "w");
  assert_non_null(file);
  fputs(text, file);
  fclose(file);
}

typedef void (*run_fn)(const double *, const double *, double *);

static void compare(const tt1_model *model, run_fn run)
{
  uint64_t seed = 11;
  for (int i = 0; i < 100; i++) {
    double p[TT1__MAX_PARAMETERS], x[TT1__MAX_KNOWN], r[TT1__MAX_ROOTS];
    double signal, gradient[TT1__MAX_PARAMETERS];
    for (int k = 0; k < model->n_parameters; k++)
      p[k] = 0.2 + 2 * next_random(&seed);
    for (int k = 0; k < model->n_known; k++)
      x[k] = 0.2 + 2 * next_random(&seed);
    run(p, x, r);
    tt1_model_evaluate(model, p, x, &signal, gradient, NULL);
    double sign = model->is_magnitude && r[0] < 0 ? -1 : 1;
    assert_true(signal == sign * r[0]);
    for (int k = 0; k < model->n_parameters; k++)
      assert_true(gradient[k] == sign * r[1 + k]);
  }
}

static void check_compiled(const tt1_model *model)
{
  char folder[] = "/tmp/tt1_emit_XXXXXX", command[512], library[256];
  assert_non_null(mkdtemp(folder));
  char *text = emit(model, TT1_DIALECT_C);
  write_file(folder, "model.h", text);
  write_file(folder, "run.c", WORDS);
  tt1_text_free(text);
  snprintf(library, sizeof library, "%s/run.so", folder);
  snprintf(command, sizeof command,
           "cc -std=c11 -O1 -Wall -Wextra -Werror -Wno-unused-function -ffp-contract=off -fPIC "
           "-shared -o %s %s/run.c -lm",
           library, folder);
  assert_int_equal(system(command), 0);
  void *handle = dlopen(library, RTLD_NOW);
  assert_non_null(handle);
  run_fn run;
  void *symbol = dlsym(handle, "run");
  assert_non_null(symbol);
  memcpy(&run, &symbol, sizeof run);
  compare(model, run);
  dlclose(handle);
  snprintf(command, sizeof command, "rm -r %s", folder);
  assert_int_equal(system(command), 0);
}

static void the_compiled_text_gives_the_same_bits(void **state)
{
  (void)state;
  if (system("cc --version > /dev/null 2>&1") != 0) skip();
  for (int i = 0; tt1_builtin_name(i); i++) {
    tt1_model *model = builtin(tt1_builtin_name(i));
    check_compiled(model);
    tt1_model_free(model);
  }
  tt1_model *model = compile("model m\nknown x 1 \"x\"\nfind a 1 \"a\" in [0, 9]\n"
                             "find q 1 \"q\" in [0.1, 9]\n"
                             "signal if(x > 0.7, sinc(x) ^ q, max(a, q) * 1e-7) + tanh(q) * a\n");
  check_compiled(model);
  tt1_model_free(model);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(golden_files),
      cmocka_unit_test(dialects_share_the_body),
      cmocka_unit_test(the_compiled_text_gives_the_same_bits),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
