/* SPDX-License-Identifier: MIT
 * A progress bar on stderr, for a terminal and for work that takes a while. */
#ifndef TT1_PROGRESS_H
#define TT1_PROGRESS_H

#include <stdint.h>

typedef struct progress {
  double began, shown; /* seconds_now(); `shown` 0: not yet */
} progress;

/** Whether a bar makes sense: stderr is a terminal. */
int progress_is_wanted(void);
/** Show where the work is, "3 of 12: sub-01_IRT1", before all bars that follow; NULL: nowhere. */
void progress_label(const char *label);
/** Take the label off the screen, for other lines. */
void progress_hide(void);
/** A tt1_progress_fn; `payload` is a progress. */
int progress_show(int64_t done, int64_t total, void *payload);
void progress_erase(progress *bar);
#endif
