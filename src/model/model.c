/* SPDX-License-Identifier: MIT
 * The public face of a model: compile, ask, evaluate, test. */
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "model/builtin.h"
#include "model/parse.h"
#include "model/program.h"

/* ---- Compile -------------------------------------------------------------- */

static uint32_t varying_bits(const tt1_model *model)
{
  uint32_t bits = 0;
  for (int i = 0; i < model->n_known; i++)
    if (model->known[i].scope == TT1_PER_SAMPLE) bits |= 1u << (TT1__KNOWN_SHIFT + i);
  return bits;
}

static tt1_status make_programs(tt1__source *source, tt1_error *err)
{
  tt1_model *model = source->model;
  int n_inputs = model->n_parameters + model->n_known;
  uint32_t varying = varying_bits(model);
  tt1_status status = tt1__program_make(&model->signal_program, source, source->signal_roots,
                                        source->n_signal_roots, n_inputs, varying, err);
  if (status == TT1_OK && source->n_basis_roots > 0)
    status = tt1__program_make(&model->basis_program, source, source->basis_roots,
                               source->n_basis_roots, n_inputs, varying, err);
  if (status == TT1_OK)
    status = tt1__program_make(&model->maps_program, source, source->map_roots, source->n_map_roots,
                               model->n_parameters, 0, err);
  return status;
}

tt1_status tt1_model_compile(tt1_model **out, const char *text, tt1_error *err)
{
  tt1__source source;
  tt1_status status = tt1__analyse(&source, text, err);
  if (status == TT1_OK) status = make_programs(&source, err);
  if (status == TT1_OK) {
    *out = source.model;
    source.model->arena_ = source.arena.last;
    source.arena.last = NULL;
  }
  tt1__source_free(&source);
  return status;
}

void tt1_model_free(tt1_model *model)
{
  if (!model) return;
  tt1__arena arena = {.last = model->arena_};
  tt1__arena_free(&arena);
}

const char *tt1_builtin_name(int index)
{
  if (index < 0) return NULL;
  for (int i = 0; i < index; i++)
    if (!tt1__builtin_texts[i].name) return NULL;
  return tt1__builtin_texts[index].name;
}

int tt1_model_is_shipped(const tt1_model *model)
{
  for (const tt1__builtin_text *it = tt1__builtin_texts; it->name; it++)
    if (strcmp(it->name, model->name) == 0) return strcmp(it->text, model->text) == 0;
  return 0;
}

tt1_status tt1_model_builtin(tt1_model **out, const char *name, tt1_error *err)
{
  tt1__text known = {0};
  for (const tt1__builtin_text *it = tt1__builtin_texts; it->name; it++) {
    if (strcmp(it->name, name) == 0) {
      tt1__text_free(&known);
      return tt1_model_compile(out, it->text, err);
    }
    tt1__text_add(&known, "%s%s", known.length ? ", " : "", it->name);
  }
  tt1_status status =
      known.failed ? tt1__no_memory(err)
                   : tt1__error_set(err, TT1_BAD_ARGUMENT, "there is no model '%.40s', only %s",
                                    name, known.bytes ? known.bytes : "none");
  tt1__text_free(&known);
  return status;
}

/* ---- Ask ------------------------------------------------------------------ */

const char *tt1_model_name(const tt1_model *model)
{
  return model->name;
}

const char *tt1_model_title(const tt1_model *model)
{
  return model->title;
}

const char *tt1_model_text(const tt1_model *model)
{
  return model->text;
}

const char *tt1_model_formula(const tt1_model *model)
{
  return model->formula;
}

int tt1_model_is_magnitude(const tt1_model *model)
{
  return model->is_magnitude;
}

int tt1_model_n_parameters(const tt1_model *model)
{
  return model->n_parameters;
}

int tt1_model_n_known(const tt1_model *model)
{
  return model->n_known;
}

int tt1_model_n_maps(const tt1_model *model)
{
  return model->n_maps;
}

const tt1_parameter *tt1_model_parameter(const tt1_model *model, int index)
{
  return index >= 0 && index < model->n_parameters ? &model->parameters[index] : NULL;
}

const tt1_known *tt1_model_known(const tt1_model *model, int index)
{
  return index >= 0 && index < model->n_known ? &model->known[index] : NULL;
}

const tt1_map *tt1_model_map(const tt1_model *model, int index)
{
  return index >= 0 && index < model->n_maps ? &model->maps[index] : NULL;
}

const char *tt1_model_reference(const tt1_model *model, int index)
{
  return index >= 0 && index < model->n_references ? model->references[index] : NULL;
}

/* ---- Evaluate ------------------------------------------------------------- */

static void evaluate_maps(const tt1_model *model, const double *parameters, double *maps)
{
  double registers[TT1__MAX_REGISTERS];
  memcpy(registers, parameters, (size_t)model->n_parameters * sizeof *registers);
  tt1__program_run(&model->maps_program, registers);
  for (int i = 0; i < model->n_maps; i++)
    maps[i] = registers[model->maps_program.roots[i]];
}

void tt1_model_evaluate(const tt1_model *model, const double *parameters, const double *known,
                        double *signal, double *gradient, double *maps)
{
  double registers[TT1__MAX_REGISTERS];
  const uint16_t *roots = model->signal_program.roots;
  memcpy(registers, parameters, (size_t)model->n_parameters * sizeof *registers);
  memcpy(registers + model->n_parameters, known, (size_t)model->n_known * sizeof *registers);
  tt1__program_run(&model->signal_program, registers);
  double sign = model->is_magnitude && registers[roots[0]] < 0 ? -1 : 1;
  if (signal) *signal = sign * registers[roots[0]];
  for (int i = 0; i < model->n_parameters && gradient; i++)
    gradient[i] = sign * registers[roots[1 + i]];
  if (maps) evaluate_maps(model, parameters, maps);
}

/* ---- Test ----------------------------------------------------------------- */

// The digits as written decide; nothing is asked beyond what a double can hold.
static int agrees(double found, double wanted, double tolerance)
{
  return fabs(found - wanted) <= tolerance + 1e-12 * fabs(wanted);
}

static void report_test(tt1__lexer *lexer, const tt1__test *test, const char *what, double found,
                        double wanted)
{
  tt1__text text = {0};
  tt1__text_add(&text, "this test expects %s = ", what);
  tt1__text_add_number(&text, wanted);
  tt1__text_add(&text, " but the model gives ");
  tt1__text_add_number(&text, found);
  if (text.failed)
    lexer->status = tt1__no_memory(lexer->err);
  else
    tt1__lex_fail(lexer, test->at, "%s", text.bytes);
  tt1__text_free(&text);
}

tt1_status tt1_model_test(const tt1_model *model, tt1_error *err)
{
  tt1__source source;
  tt1_status status = tt1__parse(&source, model->text, err);
  tt1__lexer lexer = {.text = source.text, .status = status, .err = err};
  for (const tt1__test *test = status == TT1_OK ? source.tests : NULL; test; test = test->next) {
    double signal, maps[TT1__MAX_MAPS];
    tt1_model_evaluate(model, test->inputs, test->inputs + model->n_parameters, &signal, NULL,
                       maps);
    if (!agrees(signal, test->signal, test->signal_tolerance))
      report_test(&lexer, test, "signal", signal, test->signal);
    for (int i = 0; i < model->n_maps; i++)
      if (test->maps & 1u << i && !agrees(maps[i], test->map[i], test->map_tolerance[i]))
        report_test(&lexer, test, model->maps[i].name, maps[i], test->map[i]);
  }
  tt1__source_free(&source);
  return lexer.status;
}
