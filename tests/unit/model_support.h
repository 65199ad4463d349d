/* SPDX-License-Identifier: MIT
 * What the tests of the model room share. */
#ifndef MODEL_SUPPORT_H
#define MODEL_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "model/model.h"

#ifndef TT1_SOURCE_DIR
#  define TT1_SOURCE_DIR "."
#endif

/** Compile or fail the test with the message. */
static inline tt1_model *compile(const char *text)
{
  tt1_model *model = NULL;
  tt1_error err = {0};
  if (tt1_model_compile(&model, text, &err) != TT1_OK)
    fail_msg("%d:%d: %s", err.line, err.column, err.message);
  return model;
}

static inline tt1_model *builtin(const char *name)
{
  tt1_model *model = NULL;
  tt1_error err = {0};
  if (tt1_model_builtin(&model, name, &err) != TT1_OK)
    fail_msg("%s: %d:%d: %s", name, err.line, err.column, err.message);
  return model;
}

/** A number in [0, 1) that depends on nothing but the seed. */
static inline double next_random(uint64_t *seed)
{
  *seed = *seed * 6364136223846793005u + 1442695040888963407u;
  return (double)(*seed >> 11) / 9007199254740992.0;
}
#endif
