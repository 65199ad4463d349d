/* SPDX-License-Identifier: MIT
 * emit_tool FILE.model > FILE.h: used while building, to compile the shipped
 * models into the solvers. Links the base and model rooms only. */
#include <stdio.h>

#include "torcht1.h"

static int report(const char *path, const tt1_error *err)
{
  if (err->line > 0)
    fprintf(stderr, "%s:%d:%d: %s\n", path, err->line, err->column, err->message);
  else
    fprintf(stderr, "emit_tool: %s\n", err->message);
  return 1;
}

int main(int argc, char **argv)
{
  tt1_model *model = NULL;
  tt1_error err = {0};
  char *text = NULL;
  if (argc != 2) {
    fprintf(stderr, "usage: emit_tool FILE.model > FILE.h\n");
    return 2;
  }
  tt1_status status = tt1_model_read(&model, argv[1], &err);
  if (status == TT1_OK) status = tt1_model_test(model, &err);
  if (status == TT1_OK) status = tt1_model_emit(&text, model, TT1_DIALECT_C, &err);
  tt1_model_free(model);
  if (status != TT1_OK) return report(argv[1], &err);
  int failed = fputs(text, stdout) < 0 || fflush(stdout) != 0;
  tt1_text_free(text);
  if (failed) fprintf(stderr, "emit_tool: the text cannot be written\n");
  return failed;
}
