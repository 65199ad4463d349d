/* SPDX-License-Identifier: MIT
 * The kernel of a GPU as one text: kernel/gpu.h with the emitted model, and with
 * the setup of the plan as constants. */
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "device/gpu.h"
#include "device/sources.h"

// fit_setup is integers throughout, so its initialiser is a list of them.
static char *setup_text(const fit_setup *setup)
{
  enum { COUNT = sizeof *setup / sizeof(int) };
  int values[COUNT];
  tt1__text text = {0};
  memcpy(values, setup, sizeof values);
  tt1__text_add(&text,
                "#define GROUP_SIZE %d\n#define N_PASSES %d\n"
                "#define ROOM_SAMPLES %d\n#define ROOM_GRID %d\n"
                "#define SETUP_VALUES",
                TT1__GPU_GROUP, setup->n_passes, setup->n_samples, setup->n_grid);
  for (int i = 0; i < COUNT; i++)
    tt1__text_add(&text, " %d%s", values[i], i < COUNT - 1 ? "," : "\n");
  return tt1__text_take(&text);
}

tt1_status tt1__gpu_text(char **out, const tt1_model *model, const fit_setup *setup,
                         tt1_dialect dialect, tt1_error *err)
{
  char *emitted = NULL, *values = setup_text(setup), *whole = NULL;
  tt1_status status = values ? TT1_OK : tt1__no_memory(err);
  if (!status) status = tt1_model_emit(&emitted, model, dialect, err);
  if (!status) {
    const tt1__builtin_text parts[] = {{"GPU_SETUP", values}, {"GPU_MODEL", emitted}, {NULL, NULL}};
    whole = tt1__source_expand(tt1__source_text("kernel/gpu.h"), parts);
    status = whole ? TT1_OK : tt1__no_memory(err);
  }
  tt1_text_free(values);
  tt1_text_free(emitted);
  if (!status) *out = whole;
  return status;
}
