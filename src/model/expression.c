/* SPDX-License-Identifier: MIT
 * The expression parser: a table of operators by precedence, a table of
 * functions, and the units of both; see expression.h. */
#include "model/expression.h"

#include <string.h>

#include "base/number.h"

enum { MAX_DEPTH = 100 };

/* How the units of the operands give that of the result. */
typedef enum unit_rule {
  SAME,  /* equal units, which the result has */
  TRUTH, /* equal units, result 1 */
  TIMES,
  OVER,
  POWER,
  NONE,  /* operands without unit */
  ANGLE, /* degrees, or radians without unit */
  KEEP,  /* one operand of any unit */
  ROOT,
  BRANCH,   /* a condition without unit, then equal units */
  SIGN_ONLY /* one operand of any unit, result 1 */
} unit_rule;

/* Precedence climbs: a - b * c ^ d. Comparisons do not chain. */
static const struct binary {
  const char *sign;
  int precedence, op, swapped;
  unit_rule rule;
} binaries[] = {
    {"<", 1, TT1__OP_LT, 0, TRUTH},  {"<=", 1, TT1__OP_LE, 0, TRUTH},
    {">", 1, TT1__OP_LT, 1, TRUTH},  {">=", 1, TT1__OP_LE, 1, TRUTH},
    {"+", 2, TT1__OP_ADD, 0, SAME},  {"-", 2, TT1__OP_SUB, 0, SAME},
    {"*", 3, TT1__OP_MUL, 0, TIMES}, {"/", 3, TT1__OP_DIV, 0, OVER},
};
enum { N_BINARIES = sizeof binaries / sizeof *binaries, SINC = TT1__N_OPS };

static const struct function {
  const char *name;
  int op, arity;
  unit_rule rule;
} functions[] = {
    {"abs", TT1__OP_ABS, 1, KEEP},  {"exp", TT1__OP_EXP, 1, NONE},
    {"log", TT1__OP_LOG, 1, NONE},  {"sqrt", TT1__OP_SQRT, 1, ROOT},
    {"sin", TT1__OP_SIN, 1, ANGLE}, {"cos", TT1__OP_COS, 1, ANGLE},
    {"tan", TT1__OP_TAN, 1, ANGLE}, {"tanh", TT1__OP_TANH, 1, NONE},
    {"pow", TT1__OP_POW, 2, POWER}, {"min", TT1__OP_MIN, 2, SAME},
    {"max", TT1__OP_MAX, 2, SAME},  {"if", TT1__OP_IF, 3, BRANCH},
    {"sinc", SINC, 1, ANGLE},       {"sign", TT1__OP_SIGN, 1, SIGN_ONLY},
};
enum { N_FUNCTIONS = sizeof functions / sizeof *functions };

const tt1__name *tt1__names_find(const tt1__names *names, const char *at, size_t length)
{
  for (int i = 0; i < names->count; i++)
    if (names->list[i].length == length && memcmp(names->list[i].at, at, length) == 0)
      return &names->list[i];
  return NULL;
}

static const struct function *find_function(const char *at, size_t length)
{
  for (int i = 0; i < N_FUNCTIONS; i++)
    if (strlen(functions[i].name) == length && memcmp(functions[i].name, at, length) == 0)
      return &functions[i];
  return NULL;
}

int tt1__name_is_reserved(const char *at, size_t length)
{
  static const char *const words[] = {"pi", "inf", "rsquared", "rmse", "outcome", "bounds", NULL};
  for (int i = 0; words[i]; i++)
    if (strlen(words[i]) == length && memcmp(words[i], at, length) == 0) return 1;
  return find_function(at, length) != NULL;
}

void tt1__graph_report(tt1__lexer *lexer, const char *at, const tt1__graph *graph)
{
  if (graph->failure == TT1__GRAPH_FULL)
    tt1__lex_fail(lexer, at, "the model is too large: it needs more than %d terms", TT1__MAX_NODES);
  else if (graph->failure == TT1__GRAPH_NOT_FINITE)
    tt1__lex_fail(lexer, at,
                  "a constant in this expression, or in a derivative of it, is not finite");
}

static tt1__value operand(tt1__expression *e, int min_precedence);

/* ---- Units ---------------------------------------------------------------- */

// A bare 0 is zero seconds as well as zero degrees.
static int fits(const tt1__expression *e, tt1__value value, tt1__unit unit)
{
  return tt1__unit_equal(value.unit, unit) ||
         (tt1__graph_is_number(e->graph, value.node, 0) && tt1__unit_is_one(value.unit));
}

static tt1__unit common_unit(tt1__expression *e, const char *what, tt1__value a, tt1__value b)
{
  if (fits(e, b, a.unit)) return a.unit;
  if (fits(e, a, b.unit)) return b.unit;
  char left[TT1__UNIT_TEXT], right[TT1__UNIT_TEXT];
  tt1__unit_text(a.unit, left);
  tt1__unit_text(b.unit, right);
  tt1__lex_fail(e->lexer, b.at, "'%s' needs two values of the same unit, found %s and %s", what,
                left, right);
  return a.unit;
}

static void need_one(tt1__expression *e, const char *what, tt1__value a)
{
  char unit[TT1__UNIT_TEXT];
  if (tt1__unit_is_one(a.unit)) return;
  tt1__unit_text(a.unit, unit);
  tt1__lex_fail(e->lexer, a.at, "'%s' needs a value without unit, found one in %s", what, unit);
}

// sin(FA) with FA in degrees: the graph holds radians.
static int in_radians(tt1__expression *e, const char *what, tt1__value a)
{
  if (!tt1__unit_is_angle(a.unit)) {
    char unit[TT1__UNIT_TEXT];
    if (tt1__unit_is_one(a.unit)) return a.node;
    tt1__unit_text(a.unit, unit);
    tt1__lex_fail(e->lexer, a.at,
                  "'%s' needs an angle in deg or a value without unit, found one in %s", what,
                  unit);
  }
  return tt1__graph_make(e->graph, TT1__OP_MUL, tt1__graph_number(e->graph, TT1__PI / 180), a.node,
                         0);
}

static tt1__unit power_unit(tt1__expression *e, tt1__value a, tt1__value b)
{
  const tt1__node *exponent = &e->graph->nodes[b.node];
  need_one(e, "^", b);
  if (tt1__unit_is_one(a.unit)) return a.unit;
  if (exponent->op == TT1__NUMBER)
    return tt1__unit_times((tt1__unit){0, 0}, a.unit, exponent->value);
  tt1__lex_fail(e->lexer, b.at, "a value with a unit can be raised to a constant power only");
  return a.unit;
}

static tt1__unit result_unit(tt1__expression *e, const char *what, unit_rule rule,
                             const tt1__value *v)
{
  const tt1__unit one = {0, 0};
  switch (rule) {
  case SAME: return common_unit(e, what, v[0], v[1]);
  case TRUTH: common_unit(e, what, v[0], v[1]); return one;
  case TIMES: return tt1__unit_times(v[0].unit, v[1].unit, 1);
  case OVER: return tt1__unit_times(v[0].unit, v[1].unit, -1);
  case POWER: return power_unit(e, v[0], v[1]);
  case NONE: need_one(e, what, v[0]); return one;
  case KEEP: return v[0].unit;
  case ROOT: return tt1__unit_times(one, v[0].unit, 0.5);
  case BRANCH: need_one(e, what, v[0]); return common_unit(e, what, v[1], v[2]);
  case ANGLE:
  case SIGN_ONLY: break;
  }
  return one;
}

/* ---- Grammar -------------------------------------------------------------- */

static tt1__value build(tt1__expression *e, const char *what, const char *at, int op,
                        unit_rule rule, const tt1__value *v, int swapped)
{
  tt1__value result = {.at = at, .unit = result_unit(e, what, rule, v)};
  if (e->lexer->status != TT1_OK) return result;
  int a = rule == ANGLE ? in_radians(e, what, v[0]) : v[0].node, b = v[1].node, c = v[2].node;
  if (op == SINC) {
    // sin(x) / x, and its parabola where x * x is below the rounding of 1
    int square = tt1__graph_make(e->graph, TT1__OP_MUL, a, a, 0);
    int sixth = tt1__graph_make(e->graph, TT1__OP_DIV, square, tt1__graph_number(e->graph, 6), 0);
    int near = tt1__graph_make(e->graph, TT1__OP_SUB, 1, sixth, 0);
    int sine = tt1__graph_make(e->graph, TT1__OP_SIN, a, 0, 0);
    int far = tt1__graph_make(e->graph, TT1__OP_DIV, sine, a, 0);
    int small = tt1__graph_make(e->graph, TT1__OP_LT, square, tt1__graph_number(e->graph, 1e-6), 0);
    result.node = tt1__graph_make(e->graph, TT1__OP_IF, small, near, far);
  } else {
    result.node = tt1__graph_make(e->graph, op, swapped ? b : a, swapped ? a : b, c);
  }
  tt1__graph_report(e->lexer, at, e->graph);
  return result;
}

// call = function "(" expression { "," expression } ")"
static tt1__value call(tt1__expression *e, const struct function *function)
{
  tt1__value v[3] = {{0}};
  char found[48];
  const char *at = e->lexer->token.at;
  tt1__lex_next(e->lexer);
  if (!tt1__lex_skip(e->lexer, "(")) {
    tt1__lex_found(e->lexer, found);
    tt1__lex_fail(e->lexer, e->lexer->token.at, "expected '(' after the function %s, found %s",
                  function->name, found);
  }
  for (int i = 0; i < function->arity; i++) {
    if (i > 0 && !tt1__lex_skip(e->lexer, ",")) {
      tt1__lex_found(e->lexer, found);
      tt1__lex_fail(e->lexer, tt1__lex_missing_at(e->lexer),
                    "expected ',' since %s takes %d values, found %s", function->name,
                    function->arity, found);
    }
    v[i] = operand(e, 1);
  }
  if (!tt1__lex_skip(e->lexer, ")")) {
    tt1__lex_found(e->lexer, found);
    tt1__lex_fail(e->lexer, tt1__lex_missing_at(e->lexer),
                  "expected ')' since %s takes %d value%s, found %s", function->name,
                  function->arity, function->arity == 1 ? "" : "s", found);
  }
  return build(e, function->name, at, function->op, function->rule, v, 0);
}

// number = digits [ unit ]
static tt1__value number(tt1__expression *e)
{
  tt1__value value = {.at = e->lexer->token.at};
  double amount = e->lexer->token.value, factor = 1;
  tt1__lex_next(e->lexer);
  const tt1__token *next = &e->lexer->token;
  if (next->kind == TT1__TOKEN_NAME) {
    if (!tt1__unit_named(next->at, next->length, &value.unit, &factor)) {
      int length = next->length > 31 ? 31 : (int)next->length;
      tt1__lex_fail(e->lexer, next->at,
                    "'%.*s' after a number is no unit (s, ms, deg); a product is written with '*'",
                    length, next->at);
    }
    tt1__lex_next(e->lexer);
  }
  value.node = tt1__graph_number(e->graph, amount * factor);
  return value;
}

static tt1__value name(tt1__expression *e)
{
  const tt1__token token = e->lexer->token;
  const tt1__name *known = tt1__names_find(e->names, token.at, token.length);
  const struct function *function = find_function(token.at, token.length);
  if (known) {
    tt1__lex_next(e->lexer);
    return (tt1__value){known->node, known->unit, token.at};
  }
  if (function) return call(e, function);
  if (tt1__lex_skip(e->lexer, "pi"))
    return (tt1__value){.node = tt1__graph_number(e->graph, TT1__PI), .at = token.at};
  tt1__lex_fail(e->lexer, token.at, "the name '%.*s' is not known at this point",
                token.length > 31 ? 31 : (int)token.length, token.at);
  return (tt1__value){.at = token.at};
}

// primary = number | name | call | "(" expression ")"
static tt1__value primary(tt1__expression *e)
{
  tt1__lexer *lexer = e->lexer;
  char found[48];
  const char *at = lexer->token.at;
  if (lexer->token.kind == TT1__TOKEN_NUMBER) return number(e);
  if (lexer->token.kind == TT1__TOKEN_NAME) return name(e);
  tt1__lex_found(lexer, found);
  if (!tt1__lex_skip(lexer, "(")) {
    tt1__lex_fail(lexer, at, "expected a number, a name or '(', found %s", found);
    return (tt1__value){.at = at};
  }
  tt1__value value = operand(e, 1);
  tt1__lex_found(lexer, found);
  if (!tt1__lex_skip(lexer, ")"))
    tt1__lex_fail(lexer, tt1__lex_missing_at(lexer), "expected ')', found %s", found);
  value.at = at;
  return value;
}

// unary = "-" unary | "+" unary | primary [ "^" unary ]; so -x^2 is -(x^2) and x^-1 works
static tt1__value unary(tt1__expression *e)
{
  tt1__lexer *lexer = e->lexer;
  tt1__value v[3] = {{0}};
  const char *at = lexer->token.at;
  if (++e->depth > MAX_DEPTH) tt1__lex_fail(lexer, at, "this expression is nested too deeply");
  if (tt1__lex_skip(lexer, "-")) {
    v[0] = unary(e);
    v[0] = build(e, "-", at, TT1__OP_NEG, KEEP, v, 0);
  } else if (tt1__lex_skip(lexer, "+")) {
    v[0] = unary(e);
  } else {
    v[0] = primary(e);
    if (tt1__lex_skip(lexer, "^")) {
      v[1] = unary(e);
      v[0] = build(e, "^", at, TT1__OP_POW, POWER, v, 0);
    }
  }
  e->depth--;
  return v[0];
}

static const struct binary *current_binary(const tt1__expression *e)
{
  for (int i = 0; i < N_BINARIES; i++)
    if (tt1__lex_is(e->lexer, binaries[i].sign)) return &binaries[i];
  return NULL;
}

// expression = unary { operator unary }, operators by the table above
static tt1__value operand(tt1__expression *e, int min_precedence)
{
  tt1__value v[3] = {unary(e)};
  const struct binary *binary;
  while ((binary = current_binary(e)) && binary->precedence >= min_precedence) {
    tt1__lex_next(e->lexer);
    v[1] = operand(e, binary->precedence + 1);
    v[0] = build(e, binary->sign, v[0].at, binary->op, binary->rule, v, binary->swapped);
    const struct binary *next = current_binary(e);
    if (binary->precedence == 1 && next && next->precedence == 1)
      tt1__lex_fail(e->lexer, e->lexer->token.at,
                    "comparisons do not chain: write two and multiply them");
  }
  return v[0];
}

tt1__value tt1__expression_read(tt1__lexer *lexer, tt1__graph *graph, const tt1__names *names)
{
  tt1__expression e = {.lexer = lexer, .graph = graph, .names = names};
  const char *at = lexer->token.at;
  tt1__value value = operand(&e, 1);
  tt1__graph_report(lexer, at, graph);
  return value;
}
