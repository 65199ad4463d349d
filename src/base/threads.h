/* SPDX-License-Identifier: MIT
 * A pool of threads that work through numbered items. The caller works too. */
#ifndef TT1_BASE_THREADS_H
#define TT1_BASE_THREADS_H

#include "torcht1.h"

typedef struct tt1__pool tt1__pool;

/** A pool of `n_threads` (at least 1, the caller included); NULL if threads or memory are refused. */
tt1__pool *tt1__pool_create(int n_threads);
void tt1__pool_free(tt1__pool *pool); /* accepts NULL */
int tt1__pool_size(const tt1__pool *pool);

/** Work on `item`; `thread` in [0, size) tells whose scratch memory to use. */
typedef void (*tt1__work_fn)(int item, int thread, void *payload);
/** Called by the caller's thread between its items; nonzero stops handing out items. */
typedef int (*tt1__between_fn)(int done, void *payload);

/**
 * Work through items [0, count) in any order; returns when all that began are done.
 * @return 0, or 1 if `between` (may be NULL) stopped it
 */
int tt1__pool_run(tt1__pool *pool, int count, tt1__work_fn work, tt1__between_fn between,
                  void *payload);

/** A task that may fail. */
typedef tt1_status (*tt1__task_fn)(int item, void *payload, tt1_error *err);
/**
 * Do tasks [0, count) on up to `n_threads` threads (0: as many as the process may use). The answer
 * is that of the first task in order that fails, whatever the threads; later ones may not be begun.
 */
tt1_status tt1__run_tasks(int n_threads, int count, tt1__task_fn do_one, void *payload,
                          tt1_error *err);

/** Processors this process may use; at least 1. */
int tt1__processors(void);
#endif
