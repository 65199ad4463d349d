/* SPDX-License-Identifier: MIT
 * Every row of ops.def and every shipped model: derivatives against the complex
 * step (abs as sign times argument) and against central differences. */
#include "model_support.h"

#include <complex.h>
#include <math.h>
#include <stdio.h>

#include "model/differentiate.h"
#include "model/graph.h"

typedef double complex complex_number;

static complex_number complex_value(int op, complex_number a, complex_number b, complex_number c)
{
  switch (op) {
  case TT1__OP_ADD: return a + b;
  case TT1__OP_SUB: return a - b;
  case TT1__OP_MUL: return a * b;
  case TT1__OP_DIV: return a / b;
  case TT1__OP_MAD: return a * b + c;
  case TT1__OP_NEG: return -a;
  case TT1__OP_POW: return cpow(a, b);
  case TT1__OP_ABS: return creal(a) < 0 ? -a : a;
  case TT1__OP_EXP: return cexp(a);
  case TT1__OP_LOG: return clog(a);
  case TT1__OP_SQRT: return csqrt(a);
  case TT1__OP_SIN: return csin(a);
  case TT1__OP_COS: return ccos(a);
  case TT1__OP_TAN: return ctan(a);
  case TT1__OP_TANH: return ctanh(a);
  case TT1__OP_MIN: return creal(a) < creal(b) ? a : b;
  case TT1__OP_MAX: return creal(a) > creal(b) ? a : b;
  case TT1__OP_IF: return creal(a) > 0.5 ? b : c;
  case TT1__OP_SIGN:
  case TT1__OP_LT:
  case TT1__OP_LE: return tt1__op_value(op, creal(a), creal(b), creal(c));
  default: fail_msg("operation %d has no complex value: add it here", op); return 0;
  }
}

static void assert_near(double found, double wanted, double tolerance, const char *what)
{
  if (!(fabs(found - wanted) <= tolerance * fmax(1e-3, fabs(wanted))))
    fail_msg("%s: %.17g instead of %.17g", what, found, wanted);
}

/* ---- Rows of ops.def ------------------------------------------------------ */

static double graph_value(const tt1__graph *graph, int root, const double *parameters)
{
  static double values[TT1__MAX_NODES];
  for (int i = 0; i <= root; i++) {
    const tt1__node *n = &graph->nodes[i];
    values[i] = n->op == TT1__NUMBER ? n->value
                : n->op == TT1__PARAMETER
                    ? parameters[n->a]
                    : tt1__op_value(n->op, values[n->a], values[n->b], values[n->c]);
  }
  return values[root];
}

static void check_row(int op, const double *point)
{
  const double step = 1e-30, h = 1e-6;
  for (int k = 0; k < tt1__ops[op].arity; k++) {
    tt1__graph graph;
    assert_int_equal(tt1__graph_start(&graph, NULL), TT1_OK);
    int p[3];
    for (int i = 0; i < 3; i++)
      p[i] = tt1__graph_leaf(&graph, TT1__PARAMETER, i);
    int root = tt1__graph_raw(&graph, op, p[0], p[1], p[2]);
    int derivative = tt1__differentiate(&graph, root, k, 1);
    assert_int_equal(graph.failure, TT1__GRAPH_FINE);
    double found = graph_value(&graph, derivative, point);
    complex_number at[3] = {point[0], point[1], point[2]};
    at[k] += step * (complex_number)I;
    assert_near(found, cimag(complex_value(op, at[0], at[1], at[2])) / step, 1e-9,
                tt1__ops[op].name);
    double up[3] = {point[0], point[1], point[2]}, down[3] = {point[0], point[1], point[2]};
    up[k] += h;
    down[k] -= h;
    double difference =
        tt1__op_value(op, up[0], up[1], up[2]) - tt1__op_value(op, down[0], down[1], down[2]);
    assert_near(found, difference / (2 * h), 1e-6, tt1__ops[op].name);
    tt1__graph_free(&graph);
  }
}

static void every_row_of_the_table(void **state)
{
  (void)state;
  const double points[][3] = {{0.7, 1.3, 2.1}, {1.9, 0.4, -0.6}, {0.31, 2.2, 0.05}, {1.2, 1.1, 3}};
  for (int op = 0; op < TT1__N_OPS; op++)
    for (size_t i = 0; i < sizeof points / sizeof *points; i++)
      check_row(op, points[i]);
}

/* ---- Programs of models --------------------------------------------------- */

static void run_complex(const tt1__program *program, complex_number *registers)
{
  complex_number *result = registers + program->n_inputs;
  for (int i = 0; i < program->n_constants; i++)
    *result++ = program->constants[i];
  for (int i = 0; i < program->n_instructions; i++) {
    const tt1__instruction *it = &program->instructions[i];
    *result++ = complex_value(it->op, registers[it->a], registers[it->b], registers[it->c]);
  }
}

// Root `derivative` must be d(root)/d(input) times `scale`.
static void check_root(const tt1__program *program, const double *inputs, int input, int root,
                       int derivative, double scale, const char *what)
{
  complex_number registers[TT1__MAX_REGISTERS], plain[TT1__MAX_REGISTERS];
  const double step = 1e-30;
  for (int i = 0; i < program->n_inputs; i++)
    registers[i] = plain[i] = inputs[i];
  registers[input] += step * (complex_number)I;
  run_complex(program, registers);
  run_complex(program, plain);
  double wanted = cimag(registers[program->roots[root]]) / step * scale;
  assert_near(creal(plain[program->roots[derivative]]), wanted, 1e-9, what);
  double up[TT1__MAX_REGISTERS], down[TT1__MAX_REGISTERS];
  for (int i = 0; i < program->n_inputs; i++)
    up[i] = down[i] = inputs[i];
  double h = 1e-5 * fabs(inputs[input]);
  up[input] += h;
  down[input] -= h;
  tt1__program_run(program, up);
  tt1__program_run(program, down);
  double difference = (up[program->roots[root]] - down[program->roots[root]]) / (2 * h) * scale;
  assert_near(creal(plain[program->roots[derivative]]), difference, 1e-6, what);
}

static void check_model(const tt1_model *model, const double *inputs)
{
  int n = model->n_parameters;
  const tt1__structure *s = &model->structure;
  for (int k = 0; k < n; k++) {
    check_root(&model->signal_program, inputs, k, 0, 1 + k, 1, model->name);
    for (int m = 0; m < model->n_maps; m++)
      check_root(&model->maps_program, inputs, k, m, model->n_maps + m * n + k, 1, model->name);
  }
  if (s->n_amplitudes == 0 || s->n_nonlinear != 1) return;
  int q = s->nonlinear[0];
  double scale = model->grid[q].is_log ? inputs[q] : 1;
  for (int m = 0; m < s->n_amplitudes; m++)
    for (int order = 0; order < 2; order++)
      check_root(&model->basis_program, inputs, q, 3 * m + order, 3 * m + order + 1, scale,
                 model->name);
}

static void check_at_random_points(const tt1_model *model, double low, double high)
{
  uint64_t seed = 7;
  for (int i = 0; i < 200; i++) {
    double inputs[TT1__MAX_PARAMETERS + TT1__MAX_KNOWN];
    for (int k = 0; k < model->n_parameters + model->n_known; k++)
      inputs[k] = low + (high - low) * next_random(&seed);
    check_model(model, inputs);
  }
}

static void every_shipped_model(void **state)
{
  (void)state;
  for (int i = 0; tt1_builtin_name(i); i++) {
    tt1_model *model = builtin(tt1_builtin_name(i));
    check_at_random_points(model, 0.3, 2);
    tt1_model_free(model);
  }
}

static void models_with_branches_powers_and_angles(void **state)
{
  (void)state;
  static const char *const signals[] = {
      "if(x * q > 0.7, exp(-x / q), x * q * q) * a",
      "a * max(exp(-x * q), x / 3) - min(q, x)",
      "a ^ 3 / q ^ -2 + x ^ q + pow(q, 1.5) + q ^ 0.5 + 2 ^ (q * x)",
      "abs(sinc(x * q) * a - tanh(q) + log(x + a * a))",
      "a * sin(q * 40 deg) / (1 - x / 3 * cos(q * 20 deg)) + tan(q / 2)",
  };
  for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
    char text[512];
    snprintf(text, sizeof text,
             "model m\nknown x 1 \"x\"\nfind a 1 \"a\" in [0, 9]\nfind q 1 \"q\" in [0.1, 9]\n"
             "signal %s\n",
             signals[i]);
    tt1_model *model = compile(text);
    check_at_random_points(model, 0.6, 1.4);
    tt1_model_free(model);
  }
}

static void branch_not_taken_cannot_spoil_the_derivative(void **state)
{
  (void)state;
  tt1_model *model = compile("model m\nknown x 1 \"x\"\nfind q 1 \"q\" in [-9, 9]\n"
                             "signal sinc(q * x)\n");
  double q = 0, x = 1, signal, gradient;
  tt1_model_evaluate(model, &q, &x, &signal, &gradient, NULL);
  assert_true(signal == 1 && gradient == 0);
  tt1_model_free(model);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_row_of_the_table),
      cmocka_unit_test(every_shipped_model),
      cmocka_unit_test(models_with_branches_powers_and_angles),
      cmocka_unit_test(branch_not_taken_cannot_spoil_the_derivative),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
