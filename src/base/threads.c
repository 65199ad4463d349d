/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE // sched_getaffinity
#include "base/threads.h"

#include <assert.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>

#include "base/error.h"
#include "base/memory.h"

typedef struct task {
  int count;
  tt1__work_fn work;
  void *payload;
} task;

struct tt1__pool {
  int size, n_workers, n_busy, round, is_closing;
  task task;
  atomic_int next, done;
  pthread_mutex_t lock;
  pthread_cond_t begin, end;
  struct worker {
    tt1__pool *pool;
    pthread_t thread;
    int index;
  } workers[];
};

int tt1__processors(void)
{
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0 && CPU_COUNT(&set) > 0) return CPU_COUNT(&set);
  long count = sysconf(_SC_NPROCESSORS_ONLN);
  return count > 0 ? (int)count : 1;
}

static int take_item(tt1__pool *pool)
{
  int item = atomic_fetch_add(&pool->next, 1);
  return item < pool->task.count ? item : -1;
}

static void *worker_main(void *argument)
{
  struct worker *self = argument;
  tt1__pool *pool = self->pool;
  int round = 0;
  pthread_mutex_lock(&pool->lock);
  for (;;) {
    while (pool->round == round && !pool->is_closing)
      pthread_cond_wait(&pool->begin, &pool->lock);
    if (pool->is_closing) break;
    round = pool->round;
    pthread_mutex_unlock(&pool->lock);
    for (int item; (item = take_item(pool)) >= 0; atomic_fetch_add(&pool->done, 1))
      pool->task.work(item, self->index, pool->task.payload);
    pthread_mutex_lock(&pool->lock);
    assert(pool->n_busy > 0);
    if (--pool->n_busy == 0) pthread_cond_signal(&pool->end);
  }
  pthread_mutex_unlock(&pool->lock);
  return NULL;
}

/* Signals belong to the program's own threads. */
static int start_worker(struct worker *worker)
{
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  int failed = pthread_create(&worker->thread, NULL, worker_main, worker);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  return failed;
}

tt1__pool *tt1__pool_create(int n_threads)
{
  tt1__pool *pool = tt1__allocate(1, sizeof *pool + (size_t)n_threads * sizeof pool->workers[0]);
  if (!pool) return NULL;
  assert(n_threads >= 1);
  pool->size = n_threads;
  pthread_mutex_init(&pool->lock, NULL);
  pthread_cond_init(&pool->begin, NULL);
  pthread_cond_init(&pool->end, NULL);
  for (int i = 0; i < n_threads - 1; i++) {
    pool->workers[i] = (struct worker){.pool = pool, .index = i + 1};
    if (start_worker(&pool->workers[i])) {
      tt1__pool_free(pool);
      return NULL;
    }
    pool->n_workers++;
  }
  return pool;
}

void tt1__pool_free(tt1__pool *pool)
{
  if (!pool) return;
  pthread_mutex_lock(&pool->lock);
  pool->is_closing = 1;
  pthread_cond_broadcast(&pool->begin);
  pthread_mutex_unlock(&pool->lock);
  for (int i = 0; i < pool->n_workers; i++)
    pthread_join(pool->workers[i].thread, NULL);
  pthread_cond_destroy(&pool->end);
  pthread_cond_destroy(&pool->begin);
  pthread_mutex_destroy(&pool->lock);
  tt1__free(pool);
}

int tt1__pool_size(const tt1__pool *pool)
{
  return pool->size;
}

static void announce(tt1__pool *pool, int count, tt1__work_fn work, void *payload)
{
  pthread_mutex_lock(&pool->lock);
  pool->task = (task){count, work, payload};
  atomic_store(&pool->next, 0);
  atomic_store(&pool->done, 0);
  pool->n_busy = pool->n_workers;
  pool->round++;
  pthread_cond_broadcast(&pool->begin);
  pthread_mutex_unlock(&pool->lock);
}

int tt1__pool_run(tt1__pool *pool, int count, tt1__work_fn work, tt1__between_fn between,
                  void *payload)
{
  int stopped = 0;
  assert(count >= 0 && count < INT_MAX - pool->size); // each thread takes one more than there are
  announce(pool, count, work, payload);
  for (int item; (item = take_item(pool)) >= 0;) {
    work(item, 0, payload);
    int done = atomic_fetch_add(&pool->done, 1) + 1;
    if (between && between(done, payload)) {
      stopped = 1;
      atomic_store(&pool->next, count);
    }
  }
  pthread_mutex_lock(&pool->lock);
  while (pool->n_busy > 0)
    pthread_cond_wait(&pool->end, &pool->lock);
  pthread_mutex_unlock(&pool->lock);
  return stopped;
}

/* ---- Tasks that may fail ---- */

typedef struct tasks {
  tt1__task_fn do_one;
  void *payload;
  atomic_int failed; /* the first in order that did; their count: none */
  pthread_mutex_t lock;
  tt1_error error; /* of that */
} tasks;

static void do_task(int item, int thread, void *payload)
{
  tasks *t = payload;
  tt1_error error = {0};
  (void)thread;
  if (item > atomic_load(&t->failed)) return;
  if (t->do_one(item, t->payload, &error) == TT1_OK) return;
  pthread_mutex_lock(&t->lock);
  if (item < atomic_load(&t->failed)) {
    atomic_store(&t->failed, item);
    t->error = error;
  }
  pthread_mutex_unlock(&t->lock);
}

tt1_status tt1__run_tasks(int n_threads, int count, tt1__task_fn do_one, void *payload,
                          tt1_error *err)
{
  tasks t = {.do_one = do_one, .payload = payload};
  if (n_threads == 0) n_threads = tt1__processors();
  tt1__pool *pool = tt1__pool_create(n_threads < count ? n_threads : count > 0 ? count : 1);
  if (!pool) return tt1__no_memory(err);
  atomic_init(&t.failed, count);
  pthread_mutex_init(&t.lock, NULL);
  tt1__pool_run(pool, count, do_task, NULL, &t);
  pthread_mutex_destroy(&t.lock);
  tt1__pool_free(pool);
  if (atomic_load(&t.failed) == count) return TT1_OK;
  if (err) *err = t.error;
  return t.error.status;
}
