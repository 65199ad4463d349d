/* SPDX-License-Identifier: MIT
 * Programs -> kernel text in the words of src/kernel/words.h: one statement per
 * instruction, in the order in which the interpreter runs them. */
#include <assert.h>
#include <ctype.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "model/graph.h"

typedef struct emitter {
  tt1__text text;
  const tt1_model *model;
  const tt1__program *program;
  const char *prefix;                        /* "signal", "basis", "maps" */
  unsigned char is_kept[TT1__MAX_REGISTERS]; /* results of the once-part that live in the state */
  int in_sample_part;
} emitter;

// Shortest digits that read back, always with a point: a bare 1 would be an integer in C.
static void add_literal(tt1__text *text, double value)
{
  tt1__text number = {0};
  tt1__text_add_number(&number, value);
  size_t digits = number.bytes ? strcspn(number.bytes, "e") : 0;
  tt1__text_add(text, "bc(REAL(%.*s%s%s))", (int)digits, number.bytes ? number.bytes : "",
                number.bytes && memchr(number.bytes, '.', digits) ? "" : ".0",
                number.bytes ? number.bytes + digits : "");
  text->failed |= number.failed;
  tt1__text_free(&number);
}

static void add_register(emitter *e, int index)
{
  const tt1__program *program = e->program;
  int n_parameters = e->model->n_parameters, instruction = program->n_inputs + program->n_constants;
  if (index < n_parameters)
    tt1__text_add(&e->text, "p[%d]", index);
  else if (index < program->n_inputs)
    tt1__text_add(&e->text, "x[%d]", index - n_parameters);
  else if (index < instruction)
    add_literal(&e->text, program->constants[index - program->n_inputs]);
  else
    tt1__text_add(&e->text, "%sv%d", e->in_sample_part && e->is_kept[index] ? "s->" : "", index);
}

static int is_word(char c)
{
  return isalnum((unsigned char)c) || c == '_';
}

// The words of ops.def with a, b, c replaced by the operands.
static void add_words(emitter *e, const tt1__instruction *it)
{
  const char *words = tt1__ops[it->op].words;
  while (*words) {
    size_t length = 0;
    while (is_word(words[length]))
      length++;
    if (length == 1 && *words >= 'a' && *words <= 'c')
      add_register(e, *words == 'a' ? it->a : *words == 'b' ? it->b : it->c);
    else
      tt1__text_add_bytes(&e->text, words, length ? length : 1);
    words += length ? length : 1;
  }
}

static void add_instructions(emitter *e, int from, int to)
{
  int first = e->program->n_inputs + e->program->n_constants;
  for (int i = from; i < to; i++) {
    tt1__text_add(&e->text, "  const real v%d = ", first + i);
    add_words(e, &e->program->instructions[i]);
    tt1__text_add(&e->text, ";\n");
  }
}

static void add_roots(emitter *e)
{
  for (int i = 0; i < e->program->n_roots; i++) {
    tt1__text_add(&e->text, "  r[%d] = ", i);
    add_register(e, e->program->roots[i]);
    tt1__text_add(&e->text, ";\n");
  }
}

// Marks what the sample part and the roots read of the once-part, by register.
static void find_kept(emitter *e)
{
  const tt1__program *program = e->program;
  int once = program->n_inputs + program->n_constants, sample = once + program->n_once;
  memset(e->is_kept, 0, sizeof e->is_kept);
  for (int i = program->n_once; i < program->n_instructions; i++) {
    const tt1__instruction *it = &program->instructions[i];
    int operands[3] = {it->a, it->b, it->c};
    for (int k = 0; k < 3 && k < tt1__ops[it->op].arity; k++)
      if (operands[k] >= once && operands[k] < sample) e->is_kept[operands[k]] = 1;
  }
  for (int i = 0; i < program->n_roots; i++)
    if (program->roots[i] >= once && program->roots[i] < sample) e->is_kept[program->roots[i]] = 1;
}

static void add_state(emitter *e)
{
  int any = 0;
  tt1__text_add(&e->text, "\ntypedef struct %s_state {\n", e->prefix);
  for (int i = 0; i < TT1__MAX_REGISTERS; i++)
    if (e->is_kept[i]) {
      tt1__text_add(&e->text, "  real v%d;\n", i);
      any = 1;
    }
  if (!any) tt1__text_add(&e->text, "  real none;\n");
  tt1__text_add(&e->text, "} %s_state;\n", e->prefix);
}

static void add_unused(emitter *e, const char *names)
{
  for (; *names; names++)
    tt1__text_add(&e->text, "  (void)%c;\n", *names);
}

static void add_begin(emitter *e)
{
  e->in_sample_part = 0;
  tt1__text_add(&e->text,
                "FN void %s_begin(PRIVATE %s_state *s, PRIVATE const real *p, "
                "PRIVATE const real *x)\n{\n",
                e->prefix, e->prefix);
  add_unused(e, "spx");
  add_instructions(e, 0, e->program->n_once);
  for (int i = 0; i < TT1__MAX_REGISTERS; i++)
    if (e->is_kept[i]) tt1__text_add(&e->text, "  s->v%d = v%d;\n", i, i);
  tt1__text_add(&e->text, "}\n");
}

static void add_at(emitter *e)
{
  e->in_sample_part = 1;
  tt1__text_add(&e->text,
                "FN void %s_at(PRIVATE const %s_state *s, PRIVATE const real *p, "
                "PRIVATE const real *x, PRIVATE real *r)\n{\n",
                e->prefix, e->prefix);
  add_unused(e, "spx");
  add_instructions(e, e->program->n_once, e->program->n_instructions);
  add_roots(e);
  tt1__text_add(&e->text, "}\n");
}

static void add_pair(emitter *e, const char *prefix, const tt1__program *program)
{
  e->prefix = prefix;
  e->program = program;
  find_kept(e);
  add_state(e);
  add_begin(e);
  add_at(e);
}

static void add_maps(emitter *e)
{
  e->program = &e->model->maps_program;
  e->in_sample_part = 0;
  tt1__text_add(&e->text, "\nFN void maps_at(PRIVATE const real *p, PRIVATE real *r)\n{\n");
  add_unused(e, "p");
  add_instructions(e, 0, e->program->n_instructions);
  add_roots(e);
  tt1__text_add(&e->text, "}\n");
}

static void add_head(emitter *e, tt1_dialect dialect)
{
  static const char *const dialects[] = {"", ", for OpenCL", ", for CUDA"};
  assert((int)dialect >= 0 && (size_t)dialect < sizeof dialects / sizeof *dialects);
  const tt1_model *model = e->model;
  const tt1__structure *s = &model->structure;
  tt1__text_add(&e->text, "// Made from model \"%s\" by torcht1%s: editing is lost.\n", model->name,
                dialects[dialect]);
  tt1__text_add(&e->text, "#define MODEL_NAME \"%s\"\n", model->name);
  tt1__text_add(&e->text, "#define MODEL_PARAMETERS %d\n", model->n_parameters);
  tt1__text_add(&e->text, "#define MODEL_KNOWN %d\n", model->n_known);
  tt1__text_add(&e->text, "#define MODEL_MAPS %d\n", model->n_maps);
  tt1__text_add(&e->text, "#define MODEL_MAGNITUDE %d\n", model->is_magnitude);
  tt1__text_add(&e->text, "#define MODEL_AMPLITUDES %d\n", s->n_amplitudes);
  tt1__text_add(&e->text, "#define MODEL_FIRST_FIXED %d\n", s->first_fixed);
  tt1__text_add(&e->text, "#define MODEL_NONLINEAR %d\n", s->n_nonlinear);
  // One row bounds a half plane: its edge is a line, two rays to the kernels.
  int is_half_plane = s->n_amplitudes == 2 && s->n_faces == 1;
  tt1__text_add(&e->text, "#define MODEL_FACES %d\n", is_half_plane ? 2 : s->n_faces);
}

tt1_status tt1_model_emit(char **out, const tt1_model *model, tt1_dialect dialect, tt1_error *err)
{
  emitter e = {.model = model};
  if (dialect < TT1_DIALECT_C || dialect > TT1_DIALECT_CUDA)
    return tt1__error_set(err, TT1_BAD_ARGUMENT, "there is no dialect %d", (int)dialect);
  add_head(&e, dialect);
  add_pair(&e, "signal", &model->signal_program);
  if (model->structure.n_amplitudes > 0) add_pair(&e, "basis", &model->basis_program);
  if (model->n_maps > 0) add_maps(&e);
  char *text = tt1__text_take(&e.text);
  if (!text) return tt1__no_memory(err);
  *out = text;
  return TT1_OK;
}
