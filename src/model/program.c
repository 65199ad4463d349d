/* SPDX-License-Identifier: MIT
 * Numbering: constants, then what is computed once, then what is computed per
 * sample, each in the order of the graph, where operands come first. */
#include "model/program.h"

#include <assert.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "model/contract.h"

typedef struct numbering {
  const tt1__graph *graph;
  const unsigned char *reachable;
  uint16_t *registers; /* by node */
  int n_parameters;
  uint32_t varying;
  int last; /* nodes [0, last) are looked at */
} numbering;

enum { CONSTANT, ONCE, SAMPLE };

static int class_of(const numbering *n, int node)
{
  const tt1__node *it = &n->graph->nodes[node];
  if (it->op == TT1__NUMBER) return CONSTANT;
  return it->depends & n->varying ? SAMPLE : ONCE;
}

static int is_leaf_input(const tt1__node *node)
{
  return node->op == TT1__PARAMETER || node->op == TT1__KNOWN;
}

static int count_class(const numbering *n, int class)
{
  int count = 0;
  for (int i = 0; i < n->last; i++)
    count += n->reachable[i] && !is_leaf_input(&n->graph->nodes[i]) && class_of(n, i) == class;
  return count;
}

static void place_inputs(numbering *n)
{
  for (int i = 0; i < n->last; i++) {
    const tt1__node *it = &n->graph->nodes[i];
    if (n->reachable[i] && is_leaf_input(it))
      n->registers[i] = (uint16_t)(it->op == TT1__KNOWN ? n->n_parameters + it->a : it->a);
  }
}

static int place_constants(numbering *n, double *constants, int next)
{
  for (int i = 0; i < n->last; i++)
    if (n->reachable[i] && class_of(n, i) == CONSTANT) {
      *constants++ = n->graph->nodes[i].value;
      n->registers[i] = (uint16_t)next++;
    }
  return next;
}

static tt1__instruction *place_instructions(numbering *n, int class, tt1__instruction *to,
                                            int *next)
{
  for (int i = 0; i < n->last; i++) {
    const tt1__node *it = &n->graph->nodes[i];
    if (!n->reachable[i] || is_leaf_input(it) || class_of(n, i) != class) continue;
    int arity = tt1__ops[it->op].arity;
    *to++ = (tt1__instruction){it->op, n->registers[it->a],
                               arity > 1 ? n->registers[it->b] : (uint16_t)0,
                               arity > 2 ? n->registers[it->c] : (uint16_t)0};
    n->registers[i] = (uint16_t)(*next)++;
  }
  return to;
}

static tt1_status number_registers(tt1__program *program, tt1__source *source, numbering *n,
                                   const int *roots, tt1_error *err)
{
  program->n_constants = count_class(n, CONSTANT);
  program->n_once = count_class(n, ONCE);
  program->n_instructions = program->n_once + count_class(n, SAMPLE);
  int total = program->n_inputs + program->n_constants + program->n_instructions;
  if (total > TT1__MAX_REGISTERS) {
    tt1__lexer lexer = {.text = source->text, .err = err};
    tt1__lex_fail(&lexer, source->signal_at,
                  "the model with its derivatives needs %d registers, more than %d", total,
                  TT1__MAX_REGISTERS);
    return lexer.status;
  }
  size_t n_constants = (size_t)program->n_constants, n_roots = (size_t)program->n_roots;
  double *constants = tt1__arena_allocate(&source->arena, n_constants, sizeof *constants);
  tt1__instruction *instructions =
      tt1__arena_allocate(&source->arena, (size_t)program->n_instructions, sizeof *instructions);
  uint16_t *results = tt1__arena_allocate(&source->arena, n_roots, sizeof *results);
  if (!constants || !instructions || !results) return tt1__no_memory(err);
  place_inputs(n);
  int next = place_constants(n, constants, program->n_inputs);
  tt1__instruction *last =
      place_instructions(n, SAMPLE, place_instructions(n, ONCE, instructions, &next), &next);
  assert(last == instructions + program->n_instructions && next == total);
  (void)last;
  for (int i = 0; i < program->n_roots; i++)
    results[i] = n->registers[roots[i]];
  program->constants = constants;
  program->instructions = instructions;
  program->roots = results;
  return TT1_OK;
}

tt1_status tt1__program_make(tt1__program *program, tt1__source *source, const int *roots,
                             int n_roots, int n_inputs, uint32_t varying, tt1_error *err)
{
  int contracted[TT1__MAX_ROOTS];
  unsigned char reachable[TT1__MAX_NODES] = {0};
  assert(n_roots >= 0 && n_roots <= TT1__MAX_ROOTS);
  memcpy(contracted, roots, (size_t)n_roots * sizeof *roots);
  tt1_status status = tt1__contract(&source->graph, contracted, n_roots, varying, err);
  if (status != TT1_OK) return status;
  tt1__lexer lexer = {.text = source->text, .err = err};
  tt1__graph_report(&lexer, source->signal_at, &source->graph);
  if (lexer.status != TT1_OK) return lexer.status;
  for (int i = 0; i < n_roots; i++)
    tt1__graph_reach(&source->graph, contracted[i], reachable);
  numbering n = {.graph = &source->graph,
                 .reachable = reachable,
                 .n_parameters = source->model->n_parameters,
                 .varying = varying,
                 .last = source->graph.count};
  n.registers = tt1__allocate((size_t)n.last, sizeof *n.registers);
  if (!n.registers) return tt1__no_memory(err);
  *program = (tt1__program){.n_inputs = n_inputs, .n_roots = n_roots};
  status = number_registers(program, source, &n, contracted, err);
  tt1__free(n.registers);
  return status;
}

void tt1__program_run(const tt1__program *program, double *registers)
{
  double *result = registers + program->n_inputs;
  if (program->n_constants > 0)
    memcpy(result, program->constants, (size_t)program->n_constants * sizeof *result);
  result += program->n_constants;
  for (int i = 0; i < program->n_instructions; i++) {
    const tt1__instruction *it = &program->instructions[i];
    assert(registers + it->a < result && registers + it->b < result && registers + it->c < result);
    *result++ = tt1__op_value(it->op, registers[it->a], registers[it->b], registers[it->c]);
  }
}
