/* SPDX-License-Identifier: MIT
 * The graph: equal nodes are one node, and what is simplified to what. */
#include "model_support.h"

#include "model/graph.h"

typedef struct fixture {
  tt1__graph graph;
  int x, y;
} fixture;

static int set_up(void **state)
{
  static fixture f;
  if (tt1__graph_start(&f.graph, NULL) != TT1_OK) return -1;
  f.x = tt1__graph_leaf(&f.graph, TT1__PARAMETER, 0);
  f.y = tt1__graph_leaf(&f.graph, TT1__KNOWN, 0);
  *state = &f;
  return 0;
}

static int tear_down(void **state)
{
  tt1__graph_free(&((fixture *)*state)->graph);
  return 0;
}

static int make(fixture *f, int op, int a, int b)
{
  return tt1__graph_make(&f->graph, op, a, b, 0);
}

static void equal_nodes_are_one(void **state)
{
  fixture *f = *state;
  int sum = make(f, TT1__OP_ADD, f->x, f->y), count = f->graph.count;
  assert_int_equal(make(f, TT1__OP_ADD, f->y, f->x), sum);
  assert_int_equal(f->graph.count, count);
  assert_int_not_equal(make(f, TT1__OP_SUB, f->x, f->y), make(f, TT1__OP_SUB, f->y, f->x));
  assert_true(f->graph.nodes[sum].depends == (1u | 1u << TT1__KNOWN_SHIFT));
}

static void constants_fold_and_neutral_elements_go(void **state)
{
  fixture *f = *state;
  int two = tt1__graph_number(&f->graph, 2), six = tt1__graph_number(&f->graph, 6);
  assert_int_equal(make(f, TT1__OP_MUL, two, tt1__graph_number(&f->graph, 3)), six);
  assert_int_equal(make(f, TT1__OP_ADD, f->x, 0), f->x);
  assert_int_equal(make(f, TT1__OP_MUL, f->x, 1), f->x);
  assert_int_equal(make(f, TT1__OP_MUL, f->x, 0), 0);
  assert_int_equal(make(f, TT1__OP_SUB, f->x, f->x), 0);
  assert_int_equal(make(f, TT1__OP_DIV, f->x, f->x), 1);
  assert_int_equal(make(f, TT1__OP_POW, f->x, 0), 1);
}

static void quotients_cancel_and_signs_move_outwards(void **state)
{
  fixture *f = *state;
  int quotient = make(f, TT1__OP_DIV, f->y, f->x), minus = make(f, TT1__OP_NEG, quotient, 0);
  assert_int_equal(make(f, TT1__OP_MUL, quotient, f->x), f->y);
  assert_int_equal(make(f, TT1__OP_DIV, make(f, TT1__OP_NEG, f->y, 0), f->x), minus);
  assert_int_equal(make(f, TT1__OP_NEG, minus, 0), quotient);
  assert_int_equal(make(f, TT1__OP_SUB, f->x, minus), make(f, TT1__OP_ADD, f->x, quotient));
}

static void powers_become_products(void **state)
{
  fixture *f = *state;
  int square = make(f, TT1__OP_MUL, f->x, f->x);
  assert_int_equal(make(f, TT1__OP_POW, f->x, tt1__graph_number(&f->graph, 2)), square);
  assert_int_equal(make(f, TT1__OP_POW, f->x, tt1__graph_number(&f->graph, -2)),
                   make(f, TT1__OP_DIV, 1, square));
  assert_int_equal(make(f, TT1__OP_POW, f->x, tt1__graph_number(&f->graph, 0.5)),
                   make(f, TT1__OP_SQRT, f->x, 0));
}

static void a_constant_that_is_not_finite_is_a_failure(void **state)
{
  fixture *f = *state;
  make(f, TT1__OP_DIV, 1, 0);
  assert_int_equal(f->graph.failure, TT1__GRAPH_NOT_FINITE);
  assert_int_equal(make(f, TT1__OP_ADD, f->x, f->y), 0);
}

static void a_full_graph_is_a_failure(void **state)
{
  fixture *f = *state;
  for (int i = 0; i < TT1__MAX_NODES; i++)
    tt1__graph_number(&f->graph, i + 0.25);
  assert_int_equal(f->graph.failure, TT1__GRAPH_FULL);
  assert_int_equal(f->graph.count, TT1__MAX_NODES);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(equal_nodes_are_one, set_up, tear_down),
      cmocka_unit_test_setup_teardown(constants_fold_and_neutral_elements_go, set_up, tear_down),
      cmocka_unit_test_setup_teardown(quotients_cancel_and_signs_move_outwards, set_up, tear_down),
      cmocka_unit_test_setup_teardown(powers_become_products, set_up, tear_down),
      cmocka_unit_test_setup_teardown(a_constant_that_is_not_finite_is_a_failure, set_up,
                                      tear_down),
      cmocka_unit_test_setup_teardown(a_full_graph_is_a_failure, set_up, tear_down),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
