/* SPDX-License-Identifier: MIT
 * The pool of threads: every item once, stops, many rounds (for the thread sanitiser). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdatomic.h>
#include <stdio.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/threads.h"

enum { ITEMS = 1000 };

typedef struct board {
  atomic_int visits[ITEMS];
  int by_thread[8]; /* each written by its thread alone */
  int stop_at, calls, last_done;
} board;

static void visit(int item, int thread, void *payload)
{
  board *b = payload;
  atomic_fetch_add(&b->visits[item], 1);
  b->by_thread[thread]++;
}

static int between(int done, void *payload)
{
  board *b = payload;
  b->calls++;
  assert_true(done > 0 && done <= ITEMS);
  b->last_done = done;
  return b->stop_at > 0 && done >= b->stop_at;
}

static void every_item_is_worked_on_once(void **state)
{
  (void)state;
  for (int threads = 1; threads <= 8; threads++) {
    board b = {.stop_at = 0};
    int sum = 0;
    tt1__pool *pool = tt1__pool_create(threads);
    assert_non_null(pool);
    assert_int_equal(tt1__pool_size(pool), threads);
    assert_int_equal(tt1__pool_run(pool, ITEMS, visit, between, &b), 0);
    for (int i = 0; i < ITEMS; i++)
      assert_int_equal(atomic_load(&b.visits[i]), 1);
    for (int t = 0; t < 8; t++)
      sum += b.by_thread[t];
    assert_int_equal(sum, ITEMS);
    assert_int_equal(b.calls, b.by_thread[0]); // the caller's own items
    tt1__pool_free(pool);
  }
  tt1__pool_free(NULL);
}

static void a_run_can_be_stopped(void **state)
{
  (void)state;
  for (int threads = 1; threads <= 3; threads++) {
    board b = {.stop_at = 1};
    int worked = 0;
    tt1__pool *pool = tt1__pool_create(threads);
    int stopped = tt1__pool_run(pool, ITEMS, visit, between, &b);
    for (int i = 0; i < ITEMS; i++) {
      assert_true(atomic_load(&b.visits[i]) <= 1);
      worked += atomic_load(&b.visits[i]);
    }
    assert_int_equal(stopped, b.calls > 0); // others may have taken all items first
    if (threads == 1) assert_int_equal(worked, 1);
    b = (board){.stop_at = 0};
    assert_int_equal(tt1__pool_run(pool, ITEMS, visit, NULL, &b), 0); // and used again
    for (int i = 0; i < ITEMS; i++)
      assert_int_equal(atomic_load(&b.visits[i]), 1);
    tt1__pool_free(pool);
  }
}

static void many_rounds_of_any_size(void **state)
{
  (void)state;
  tt1__pool *pool = tt1__pool_create(4);
  for (int round = 0; round < 2000; round++) {
    board b = {.stop_at = 0};
    int count = round % 7;
    assert_int_equal(tt1__pool_run(pool, count, visit, NULL, &b), 0);
    for (int i = 0; i < 8; i++)
      assert_int_equal(atomic_load(&b.visits[i]), i < count);
  }
  tt1__pool_free(pool);
}

static void pools_come_and_go(void **state)
{
  (void)state;
  for (int i = 0; i < 200; i++) {
    tt1__pool *pool = tt1__pool_create(1 + i % 4);
    board b = {.stop_at = 0};
    if (i % 2) tt1__pool_run(pool, 5, visit, NULL, &b);
    tt1__pool_free(pool);
  }
}

static void without_memory_there_is_no_pool(void **state)
{
  (void)state;
  tt1__fail_allocation(1);
  assert_null(tt1__pool_create(2));
  tt1__fail_allocation(0);
  assert_true(tt1__processors() >= 1);
}

/* Tasks fail from `from` on, every third; a little work lets the threads run apart. */
static tt1_status fail_from(int item, void *payload, tt1_error *err)
{
  int from = *(int *)payload;
  volatile int work = 0;
  for (int i = 0; i < item * 37 % 5000; i++)
    work += i;
  if (item < from || (item - from) % 3 != 0) return TT1_OK;
  return tt1__error_set(err, TT1_BAD_FILE, "task %d fails", item);
}

static void the_first_failure_is_the_answer(void **state)
{
  (void)state;
  for (int threads = 0; threads <= 8; threads++)
    for (int from = 0; from < ITEMS; from += 111) {
      char expected[32];
      tt1_error err = {0};
      snprintf(expected, sizeof expected, "task %d fails", from);
      assert_int_equal(tt1__run_tasks(threads, ITEMS, fail_from, &from, &err), TT1_BAD_FILE);
      assert_string_equal(err.message, expected);
      assert_int_equal(tt1__run_tasks(threads, from, fail_from, &from, &err), TT1_OK);
    }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_item_is_worked_on_once),
      cmocka_unit_test(a_run_can_be_stopped),
      cmocka_unit_test(many_rounds_of_any_size),
      cmocka_unit_test(pools_come_and_go),
      cmocka_unit_test(without_memory_there_is_no_pool),
      cmocka_unit_test(the_first_failure_is_the_answer),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
