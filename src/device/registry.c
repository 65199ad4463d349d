/* SPDX-License-Identifier: MIT
 * Which kernels this build has: lanes.def is written by the build. */
#include <string.h>

#include "device/lanes.h"
#include "model/builtin.h"
#include "model/model.h"

#define LANES(table) extern const tt1__lanes table;
#include "lanes.def"
#undef LANES

static const tt1__lanes *const TABLES[] = {
#define LANES(table) &table,
#include "lanes.def"
#undef LANES
};

static const tt1__lanes *find(const char *model, const char *isa, int is_double)
{
  for (size_t i = 0; i < sizeof TABLES / sizeof *TABLES; i++) {
    const tt1__lanes *table = TABLES[i];
    int same = model ? table->model && !strcmp(table->model, model) : !table->model;
    if (same && table->is_double == is_double && !strcmp(table->isa, isa)) return table;
  }
  return NULL;
}

static int emits_the_same(const tt1_model *model, const char *shipped_text)
{
  tt1_model *shipped = NULL;
  char *texts[2] = {NULL, NULL};
  tt1_status status = tt1_model_compile(&shipped, shipped_text, NULL);
  if (!status) status = tt1_model_emit(&texts[0], shipped, TT1_DIALECT_C, NULL);
  if (!status) status = tt1_model_emit(&texts[1], model, TT1_DIALECT_C, NULL);
  int same = !status && !strcmp(texts[0], texts[1]);
  tt1_text_free(texts[0]);
  tt1_text_free(texts[1]);
  tt1_model_free(shipped);
  return same;
}

/* Emitted kernels serve a model only if the very same text would be made from it: bounds and
 * starts, say, may differ, for they are numbers of the plan. Without memory to find out the
 * interpreter serves: the bits are the same. */
static int is_shipped(const tt1_model *model)
{
  for (const tt1__builtin_text *at = tt1__builtin_texts; at->name; at++)
    if (!strcmp(at->name, model->name))
      return !strcmp(at->text, model->text) || emits_the_same(model, at->text);
  return 0;
}

const tt1__lanes *tt1__lanes_find(const tt1_model *model, const char *isa, int is_double)
{
  if (is_double) isa = "portable";
  const tt1__lanes *table = is_shipped(model) ? find(model->name, isa, is_double) : NULL;
  return table ? table : find(NULL, isa, is_double);
}
