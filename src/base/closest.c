/* SPDX-License-Identifier: MIT
 * The name that a slip of the finger was probably meant to be. */
#include <string.h>

#include "torcht1.h"

/* Restricted Damerau-Levenshtein distance: a letter more, less, other or two swapped. */
static int distance(const char *a, const char *b)
{
  enum { LONGEST = 32 };
  int row[3][LONGEST + 1];
  int n = (int)strlen(a), m = (int)strlen(b);
  if (n > LONGEST || m > LONGEST) return 2 * LONGEST;
  for (int j = 0; j <= m; j++)
    row[0][j] = j;
  for (int i = 1; i <= n; i++) {
    int *now = row[i % 3], *before = row[(i + 2) % 3], *earlier = row[(i + 1) % 3];
    now[0] = i;
    for (int j = 1; j <= m; j++) {
      int best = before[j - 1] + (a[i - 1] != b[j - 1]);
      if (before[j] + 1 < best) best = before[j] + 1;
      if (now[j - 1] + 1 < best) best = now[j - 1] + 1;
      int swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped && earlier[j - 2] + 1 < best) best = earlier[j - 2] + 1;
      now[j] = best;
    }
  }
  return row[n % 3][m];
}

/* Fills `*best` and returns `name` if it is closer than what was found before. */
static const char *closer(const char *text, const char *name, const char *found, int *best)
{
  size_t length = strlen(text);
  int d = length > 1 && strncmp(text, name, length) == 0 ? 0 : distance(text, name);
  if (d >= *best) return found;
  *best = d;
  return name;
}

/* At most a third of the letters may differ, but one always may. */
static int patience(const char *text)
{
  int third = (int)strlen(text) / 3;
  return 1 + (third > 1 ? third : 1);
}

const char *tt1_closest_name(const char *text,
                             const char *(*name_of)(int index, const void *context),
                             const void *context)
{
  const char *found = NULL;
  int best = patience(text);
  for (int i = 0; name_of(i, context); i++)
    found = closer(text, name_of(i, context), found, &best);
  return found;
}
