/* SPDX-License-Identifier: MIT */
#include "device/sources.h"

#include <string.h>

#include "base/memory.h"
#include "base/text.h"

enum { MOST_TEXTS = 64, MOST_NAME = 64 };

typedef struct expansion {
  tt1__text out;
  const tt1__builtin_text *more;
  const tt1__builtin_text *seen[MOST_TEXTS];
  int n_seen;
} expansion;

static const tt1__builtin_text *look_up(const tt1__builtin_text *table, const char *name)
{
  for (; table && table->name; table++)
    if (!strcmp(table->name, name)) return table;
  return NULL;
}

const char *tt1__source_text(const char *name)
{
  const tt1__builtin_text *found = look_up(tt1__source_texts, name);
  return found ? found->text : NULL;
}

// line = blanks "#" blanks "include" blanks X end; quotes around X are left out, <X> is no name here.
static int is_include(const char *line, size_t length, char name[MOST_NAME])
{
  const char *end = line + length;
  line += strspn(line, " ");
  if (*line++ != '#') return 0;
  line += strspn(line, " ");
  if (strncmp(line, "include", 7) != 0) return 0;
  line += 7;
  line += strspn(line, " \"");
  size_t used = strcspn(line, " \"\n");
  if (line + used > end || used >= MOST_NAME) return 0;
  memcpy(name, line, used);
  name[used] = '\0';
  return 1;
}

static int is_new(expansion *e, const tt1__builtin_text *text)
{
  for (int i = 0; i < e->n_seen; i++)
    if (e->seen[i] == text) return 0;
  if (e->n_seen < MOST_TEXTS) e->seen[e->n_seen++] = text;
  return 1;
}

static void expand(expansion *e, const char *text)
{
  char name[MOST_NAME];
  while (*text) {
    size_t length = strcspn(text, "\n"), all = length + (text[length] == '\n');
    const tt1__builtin_text *found = NULL;
    if (is_include(text, length, name)) {
      found = look_up(e->more, name);
      if (!found) found = look_up(tt1__source_texts, name);
    }
    if (!found)
      tt1__text_add_bytes(&e->out, text, all);
    else if (is_new(e, found))
      expand(e, found->text);
    text += all;
  }
}

char *tt1__source_expand(const char *text, const tt1__builtin_text *more)
{
  expansion e = {.more = more};
  expand(&e, text);
  return tt1__text_take(&e.out);
}
