/* SPDX-License-Identifier: MIT
 * Programs: they give what the formula gives, and the once-part is free of what
 * changes from sample to sample. */
#include "model_support.h"

#include <math.h>

#include "model/graph.h"
#include "model/parse.h"

static double graph_value(const tt1__source *source, int root, const double *inputs)
{
  static double values[TT1__MAX_NODES];
  int n_parameters = source->model->n_parameters;
  for (int i = 0; i <= root; i++) {
    const tt1__node *n = &source->graph.nodes[i];
    if (n->op == TT1__NUMBER)
      values[i] = n->value;
    else if (n->op >= TT1__N_OPS)
      values[i] = inputs[n->op == TT1__PARAMETER ? n->a : n_parameters + n->a];
    else
      values[i] = tt1__op_value(n->op, values[n->a], values[n->b], values[n->c]);
  }
  return values[root];
}

static void check_program(const tt1__source *source, const tt1__program *program, const int *roots,
                          const double *inputs)
{
  double registers[TT1__MAX_REGISTERS];
  for (int i = 0; i < program->n_inputs; i++)
    registers[i] = inputs[i];
  tt1__program_run(program, registers);
  for (int i = 0; i < program->n_roots; i++) {
    double wanted = graph_value(source, roots[i], inputs), found = registers[program->roots[i]];
    if (!(fabs(found - wanted) <= 1e-13 * fmax(1, fabs(wanted))))
      fail_msg("%s: root %d is %.17g, not %.17g", source->model->name, i, found, wanted);
  }
}

static void programs_equal_the_graph(void **state)
{
  (void)state;
  uint64_t seed = 3;
  for (int i = 0; tt1_builtin_name(i); i++) {
    tt1_model *model = builtin(tt1_builtin_name(i));
    tt1__source source;
    assert_int_equal(tt1__analyse(&source, tt1_model_text(model), NULL), TT1_OK);
    for (int k = 0; k < 50; k++) {
      double inputs[TT1__MAX_PARAMETERS + TT1__MAX_KNOWN];
      for (int j = 0; j < model->n_parameters + model->n_known; j++)
        inputs[j] = 0.2 + 2 * next_random(&seed);
      check_program(&source, &model->signal_program, source.signal_roots, inputs);
      check_program(&source, &model->basis_program, source.basis_roots, inputs);
      check_program(&source, &model->maps_program, source.map_roots, inputs);
    }
    tt1__source_free(&source);
    tt1_model_free(model);
  }
}

// Operands come before users, and nothing in the once-part follows from a per-sample input.
static void check_order(const tt1_model *model, const tt1__program *program)
{
  int varies[TT1__MAX_REGISTERS] = {0}, first = program->n_inputs + program->n_constants;
  for (int i = model->n_parameters; i < program->n_inputs; i++)
    varies[i] = model->known[i - model->n_parameters].scope == TT1_PER_SAMPLE;
  for (int i = 0; i < program->n_instructions; i++) {
    const tt1__instruction *it = &program->instructions[i];
    const int operands[3] = {it->a, it->b, it->c};
    for (int k = 0; k < tt1__ops[it->op].arity; k++) {
      assert_true(operands[k] < first + i);
      varies[first + i] |= varies[operands[k]];
    }
    assert_int_equal(varies[first + i], i >= program->n_once);
    // a division by what does not vary belongs into the once-part
    if (it->op == TT1__OP_DIV && i >= program->n_once) assert_true(varies[it->b]);
  }
}

static void once_part_is_free_of_samples(void **state)
{
  (void)state;
  for (int i = 0; tt1_builtin_name(i); i++) {
    tt1_model *model = builtin(tt1_builtin_name(i));
    check_order(model, &model->signal_program);
    check_order(model, &model->basis_program);
    assert_int_equal(model->maps_program.n_once, model->maps_program.n_instructions);
    tt1_model_free(model);
  }
  tt1_model *model = compile("model m\nknown t s \"t\"\nknown TR s \"TR\" per series\n"
                             "find A 1 \"A\" in [0, inf)\nfind T s \"T\" in [0.1, 9]\n"
                             "signal A * (1 - exp(-TR / T)) * exp(-t / T)\n");
  check_order(model, &model->signal_program);
  assert_true(model->signal_program.n_once >= 3);
  tt1_model_free(model);
}

static void products_are_contracted(void **state)
{
  (void)state;
  tt1_model *model = compile("model m\nknown t 1 \"t\"\nfind a 1 \"a\" in [0, 1]\n"
                             "find b 1 \"b\" in [0, 1]\nsignal a * t + b\n");
  assert_int_equal(model->signal_program.n_instructions, 1);
  assert_int_equal(model->signal_program.instructions[0].op, TT1__OP_MAD);
  tt1_model_free(model);
}

static void magnitude_gradient_takes_the_sign(void **state)
{
  (void)state;
  tt1_model *model = builtin("ir2");
  const double parameters[] = {100, 1}, early = 0.1, late = 2;
  double signal, gradient[2];
  tt1_model_evaluate(model, parameters, &early, &signal, gradient, NULL);
  assert_true(signal > 0 && gradient[0] > 0 && gradient[1] > 0);
  tt1_model_evaluate(model, parameters, &late, &signal, gradient, NULL);
  assert_true(signal > 0 && gradient[0] > 0 && gradient[1] < 0);
  tt1_model_free(model);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(programs_equal_the_graph),
      cmocka_unit_test(once_part_is_free_of_samples),
      cmocka_unit_test(products_are_contracted),
      cmocka_unit_test(magnitude_gradient_takes_the_sign),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
