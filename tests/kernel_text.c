/* SPDX-License-Identifier: MIT
 * Prints the kernel that a GPU is given for a shipped model, for compilers that
 * look at it without one: tests/dialects.sh and reports of register use.
 *   kernel_text opencl|cuda MODEL SOLVER [SAMPLES]   (3: not a solver for this model) */
#include "device/gpu.h"
#include "fit/plan.h"
#include "unit/fit_support.h"

static tt1_solver solver_of(const char *name)
{
  for (int i = 0; tt1_solver_name((tt1_solver)i); i++)
    if (!strcmp(tt1_solver_name((tt1_solver)i), name)) return (tt1_solver)i;
  need(0, name, "this is no solver");
  return TT1_SOLVER_AUTO;
}

/* The design of the unit tests, carried on beyond its own samples. */
static void lengthen(acquisition *a, int n_samples)
{
  int own = a->design.n_samples;
  for (int q = 0; q < a->design.n_known; q++) {
    if (a->known[q].count != own) continue; // one value for all
    for (int j = own; j < n_samples; j++)
      a->values[q][j] = 1.5 * a->values[q][j - own] + 0.01;
    a->known[q].count = n_samples;
  }
  a->design.n_samples = n_samples;
}

int main(int argc, char **argv)
{
  acquisition a;
  tt1_error err = {0};
  tt1_plan *plan = NULL;
  tt1_plan_options options = TT1_PLAN_OPTIONS_INIT;
  char *text = NULL;
  int n_samples = argc > 4 ? atoi(argv[4]) : 0;
  need(argc > 3 && n_samples <= MAX_TIMES, "usage",
       "kernel_text opencl|cuda MODEL SOLVER [SAMPLES]");
  tt1_dialect dialect = strcmp(argv[1], "cuda") != 0 ? TT1_DIALECT_OPENCL : TT1_DIALECT_CUDA;
  tt1_model *model = shipped(argv[2]);
  tt1_device *device = processor(NULL, 1);
  options.solver = solver_of(argv[3]);
  acquire(&a, model);
  if (n_samples > a.design.n_samples) lengthen(&a, n_samples);
  if (tt1_plan_create(&plan, device, model, &a.design, &options, &err)) {
    fprintf(stderr, "%s\n", err.message);
    return 3;
  }
  const tt1__tables *t = plan->magnitude.numbers ? &plan->magnitude : &plan->is_signed;
  need(tt1__gpu_text(&text, model, &t->setup, dialect, &err) == TT1_OK, "text", err.message);
  fputs(text, stdout);
  tt1_text_free(text);
  tt1_plan_free(plan);
  tt1_device_free(device);
  tt1_model_free(model);
  return 0;
}
