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

/* Emitted kernels serve a model only if its text is the very text they were made from. */
static int is_shipped(const tt1_model *model)
{
  for (const tt1__builtin_text *at = tt1__builtin_texts; at->name; at++)
    if (!strcmp(at->name, model->name)) return !strcmp(at->text, model->text);
  return 0;
}

const tt1__lanes *tt1__lanes_find(const tt1_model *model, const char *isa, int is_double)
{
  if (is_double) isa = "portable";
  const tt1__lanes *table = is_shipped(model) ? find(model->name, isa, is_double) : NULL;
  return table ? table : find(NULL, isa, is_double);
}
