/* SPDX-License-Identifier: MIT
 * Models from files, and errors for people: the two places that look at a
 * model's text from outside. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "model/model.h"

enum { MAX_FILE = 1 << 20 };

static tt1_status read_all(FILE *file, const char *path, tt1__text *text, tt1_error *err)
{
  char piece[4096];
  size_t n;
  while ((n = fread(piece, 1, sizeof piece, file)) > 0 && text->length <= MAX_FILE)
    tt1__text_add_bytes(text, piece, n);
  if (ferror(file))
    return tt1__error_set(err, TT1_IO, "%s: cannot be read: %s", path, strerror(errno));
  if (text->failed) return tt1__no_memory(err);
  if (text->length > MAX_FILE)
    return tt1__error_set(err, TT1_BAD_MODEL, "%s: is too long for a model", path);
  if (text->length != (text->bytes ? strlen(text->bytes) : 0))
    return tt1__error_set(err, TT1_BAD_MODEL, "%s: holds a zero byte, so it is no text", path);
  return TT1_OK;
}

tt1_status tt1_model_read(tt1_model **out, const char *path, tt1_error *err)
{
  tt1__text text = {0};
  FILE *file = fopen(path, "rb");
  if (!file) return tt1__error_set(err, TT1_IO, "%s: cannot be opened: %s", path, strerror(errno));
  tt1_status status = read_all(file, path, &text, err);
  fclose(file);
  if (status == TT1_OK) status = tt1_model_compile(out, text.bytes ? text.bytes : "", err);
  tt1__text_free(&text);
  return status;
}

int tt1_model_is_path(const char *name_or_path)
{
  size_t length = strlen(name_or_path), ending = strlen(".model");
  return strchr(name_or_path, '/') ||
         (length > ending && strcmp(name_or_path + length - ending, ".model") == 0);
}

static const char *builtin_name(int index, const void *context)
{
  (void)context;
  return tt1_builtin_name(index);
}

tt1_status tt1_model_open(tt1_model **out, const char *name_or_path, tt1_error *err)
{
  if (tt1_model_is_path(name_or_path)) return tt1_model_read(out, name_or_path, err);
  for (int i = 0; tt1_builtin_name(i); i++)
    if (strcmp(tt1_builtin_name(i), name_or_path) == 0)
      return tt1_model_builtin(out, name_or_path, err);
  const char *close = tt1_closest_name(name_or_path, builtin_name, NULL);
  if (close)
    return tt1__error_set(err, TT1_BAD_ARGUMENT, "unknown model '%s'; did you mean '%s'?",
                          name_or_path, close);
  return tt1__error_set(err, TT1_BAD_ARGUMENT,
                        "unknown model '%s'; 'torcht1 models' lists them, and the name of a file "
                        "needs a slash, as in ./%s, or ends in .model",
                        name_or_path, name_or_path);
}

// FILE:LINE:COLUMN: sentence
//   the line
//      ^
tt1_status tt1_model_error_show(char **out, const char *file, const char *text,
                                const tt1_error *failure, tt1_error *err)
{
  tt1__text shown = {0};
  const char *line = failure->line > 0 ? text : NULL;
  for (int i = 1; line && i < failure->line; i++) {
    line = strchr(line, '\n');
    if (line) line++;
  }
  if (!line) {
    tt1__text_add(&shown, "%s: %s\n", file, failure->message);
  } else {
    int length = (int)strcspn(line, "\r\n"), column = 1;
    tt1__text_add(&shown, "%s:%d:%d: %s\n  %.*s\n  ", file, failure->line, failure->column,
                  failure->message, length, line);
    // tabs stay tabs, so that the caret stands under its character at any tab width
    for (const char *at = line; at < line + length && column < failure->column; at++) {
      if (((unsigned char)at[1] & 0xC0) == 0x80) continue;
      tt1__text_add(&shown, *at == '\t' ? "\t" : " ");
      column++;
    }
    tt1__text_add(&shown, "^\n");
  }
  char *result = tt1__text_take(&shown);
  if (!result) return tt1__no_memory(err);
  *out = result;
  return TT1_OK;
}
