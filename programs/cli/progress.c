/* SPDX-License-Identifier: MIT
 * The bar appears after half a second and is drawn ten times a second. */
#include "cli/progress.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/program.h"

enum { WIDTH = 40, LABEL = 27 }; /* together at most 79 columns */

/* Cut to LABEL; "" for none. */
static char here[LABEL + 1];

int progress_is_wanted(void)
{
  return isatty(STDERR_FILENO);
}

static void erase(void)
{
  fprintf(stderr, "\r%*s\r", WIDTH + 12 + (int)strlen(here), "");
}

void progress_hide(void)
{
  if (*here) erase();
}

void progress_label(const char *label)
{
  if (!progress_is_wanted()) return;
  progress_hide();
  snprintf(here, sizeof here, "%s", label ? label : "");
  if (*here) fprintf(stderr, "\r  %s", here);
  fflush(stderr);
}

int progress_show(int64_t done, int64_t total, void *payload)
{
  progress *bar = payload;
  double now = seconds_now();
  if (now - bar->began < 0.5 || now - bar->shown < 0.1 || total < 1) return 0;
  bar->shown = now;
  int full = (int)(done * WIDTH / total);
  fprintf(stderr, "\r  %s%s[%.*s%*s] %3d %%", here, *here ? " " : "", full,
          "########################################", WIDTH - full, "", (int)(done * 100 / total));
  fflush(stderr);
  return 0;
}

void progress_erase(progress *bar)
{
  if (bar->shown > 0.0) erase();
}
