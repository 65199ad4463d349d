/* SPDX-License-Identifier: MIT
 * One function per kind of line, and the table of them; see parse.h. */
#include "model/parse.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"

// As many inversions as a series may have (TT1_MAX_INVERSION_GROUPS), less its own.
enum { MAX_GROUPS_BEFORE = 15 };

typedef struct parser {
  tt1__source *source;
  tt1__lexer lexer;
  tt1__test *last_test;
  int n_references;
  struct reference {
    struct reference *before;
    const char *text;
  } * last_reference;
} parser;

static int fine(const parser *p)
{
  return p->lexer.status == TT1_OK;
}

static void out_of_memory(parser *p)
{
  if (fine(p)) p->lexer.status = tt1__no_memory(p->lexer.err);
  p->lexer.token.kind = TT1__TOKEN_END;
}

static const char *copy(parser *p, const char *at, size_t length)
{
  const char *text = tt1__arena_copy(&p->source->arena, at, length);
  if (!text) out_of_memory(p);
  return text;
}

static void expected(parser *p, const char *what)
{
  char found[48];
  tt1__lex_found(&p->lexer, found);
  const char *at = p->lexer.token.at - (p->lexer.token.kind == TT1__TOKEN_STRING);
  tt1__lex_fail(&p->lexer, at, "expected %s, found %s", what, found);
}

static void expect(parser *p, const char *sign, const char *what)
{
  if (!tt1__lex_skip(&p->lexer, sign)) expected(p, what);
}

static tt1__token take(parser *p, tt1__token_kind kind, const char *what)
{
  tt1__token token = p->lexer.token;
  if (token.kind != kind) expected(p, what);
  tt1__lex_next(&p->lexer);
  return token;
}

static const char *take_string(parser *p, const char *what)
{
  tt1__token token = take(p, TT1__TOKEN_STRING, what);
  return fine(p) ? copy(p, token.at, token.length) : NULL;
}

static const char *take_word(parser *p, const char *what)
{
  tt1__token token = take(p, TT1__TOKEN_NAME, what);
  return fine(p) ? copy(p, token.at, token.length) : NULL;
}

static int fits_once(parser *p, const char *already, const char *line)
{
  if (already) tt1__lex_fail(&p->lexer, p->lexer.token.at, "a second '%s' line", line);
  return fine(p);
}

static int room(parser *p, int count, int limit, const char *what)
{
  if (count >= limit)
    tt1__lex_fail(&p->lexer, p->lexer.token.at, "a model has at most %d %s", limit, what);
  return fine(p);
}

/* ---- Names, units, numbers ------------------------------------------------ */

static int is_text(const char *text, const char *at, size_t length)
{
  return text && strlen(text) == length && memcmp(text, at, length) == 0;
}

// What is written as file `at`: a parameter or map of that name, or with that suffix.
static const char *owner_of_file(const parser *p, const char *at, size_t length)
{
  const tt1_model *model = p->source->model;
  for (int i = 0; i < model->n_parameters; i++)
    if (is_text(model->parameters[i].name, at, length) ||
        is_text(model->parameters[i].bids, at, length))
      return model->parameters[i].name;
  for (int i = 0; i < model->n_maps; i++)
    if (is_text(model->maps[i].name, at, length) || is_text(model->maps[i].bids, at, length))
      return model->maps[i].name;
  return NULL;
}

static const char *take_suffix(parser *p)
{
  const char *at = p->lexer.token.at;
  const char *suffix = take_word(p, "a BIDS suffix");
  const char *owner = suffix ? owner_of_file(p, suffix, strlen(suffix)) : NULL;
  if (owner)
    tt1__lex_fail(&p->lexer, at, "the map of %.31s is already written as %.40s", owner, suffix);
  return suffix;
}

// A new name. Names become those of files, so no two may collide, nor with NAME_sd.
static tt1__token take_new_name(parser *p, const char *what)
{
  tt1__token name = take(p, TT1__TOKEN_NAME, what);
  if (!fine(p)) return name;
  int shown = name.length > 31 ? 31 : (int)name.length;
  if (name.length > TT1__MAX_NAME_LENGTH)
    tt1__lex_fail(&p->lexer, name.at, "the name '%.*s...' is longer than %d characters", shown,
                  name.at, TT1__MAX_NAME_LENGTH);
  else if (tt1__name_is_reserved(name.at, name.length))
    tt1__lex_fail(&p->lexer, name.at, "'%.*s' is a word of the language, not a free name", shown,
                  name.at);
  else if (name.length > 3 && memcmp(name.at + name.length - 3, "_sd", 3) == 0)
    tt1__lex_fail(&p->lexer, name.at, "names ending in _sd are kept for standard deviations");
  else if (tt1__names_find(&p->source->names, name.at, name.length) ||
           owner_of_file(p, name.at, name.length))
    tt1__lex_fail(&p->lexer, name.at, "the name '%.*s' is already taken", shown, name.at);
  return name;
}

static void add_name(parser *p, tt1__token name, int node, tt1__unit unit)
{
  tt1__names *names = &p->source->names;
  if (names->count == TT1__MAX_NAMES)
    tt1__lex_fail(&p->lexer, name.at, "a model has at most %d names", TT1__MAX_NAMES);
  else
    names->list[names->count++] = (tt1__name){name.at, name.length, node, unit};
}

// unit = "1" [ "/" "s" ] | "s" | "deg"
static tt1__unit take_unit(parser *p, const char **text)
{
  const char *at = p->lexer.token.at;
  const char *const what = "a unit: 1, s, 1/s or deg";
  tt1__unit unit = {0, 0};
  double factor = 1;
  int over = p->lexer.token.kind == TT1__TOKEN_NUMBER && p->lexer.token.value == 1;
  if (over) tt1__lex_next(&p->lexer);
  if (!over || tt1__lex_skip(&p->lexer, "/")) {
    tt1__token name = p->lexer.token;
    if (name.kind != TT1__TOKEN_NAME || !tt1__unit_named(name.at, name.length, &unit, &factor))
      expected(p, what);
    else if (factor != 1)
      tt1__lex_fail(&p->lexer, name.at, "times are in seconds inside a model: write s");
    tt1__lex_next(&p->lexer);
    if (over) unit = tt1__unit_times((tt1__unit){0, 0}, unit, -1);
  }
  if (over && unit.degree != 0) tt1__lex_fail(&p->lexer, at, "expected %s, found 1/deg", what);
  char spelled[TT1__UNIT_TEXT];
  tt1__unit_text(unit, spelled);
  if (fine(p)) *text = copy(p, spelled, strlen(spelled));
  return unit;
}

// amount = [ "+" | "-" ] ( "inf" | digits [ unit ] )
static double take_amount(parser *p, tt1__unit unit)
{
  tt1__lexer *lexer = &p->lexer;
  double sign = tt1__lex_skip(lexer, "-") ? -1 : 1, factor = 1;
  if (sign > 0) tt1__lex_skip(lexer, "+");
  if (tt1__lex_skip(lexer, "inf")) return sign * (double)INFINITY;
  double value = take(p, TT1__TOKEN_NUMBER, "a number").value;
  tt1__token next = lexer->token;
  tt1__unit found;
  if (next.kind == TT1__TOKEN_NAME && tt1__unit_named(next.at, next.length, &found, &factor)) {
    if (!tt1__unit_equal(unit, found))
      tt1__lex_fail(lexer, next.at, "'%.*s' is not the unit of this quantity", (int)next.length,
                    next.at);
    tt1__lex_next(lexer);
  }
  return sign * value * factor;
}

static double take_finite(parser *p, tt1__unit unit)
{
  const char *at = p->lexer.token.at;
  double value = take_amount(p, unit);
  if (fine(p) && !isfinite(value)) tt1__lex_fail(&p->lexer, at, "expected a finite number");
  return value;
}

/* ---- Lines ---------------------------------------------------------------- */

// model NAME
static void read_model(parser *p)
{
  if (!fits_once(p, p->source->model_at, "model")) return;
  p->source->model_at = p->lexer.token.at;
  tt1__token name = take(p, TT1__TOKEN_NAME, "the name of the model");
  if (fine(p) && name.length > TT1__MAX_NAME_LENGTH)
    tt1__lex_fail(&p->lexer, name.at, "the name of the model is longer than %d characters",
                  TT1__MAX_NAME_LENGTH);
  if (fine(p)) p->source->model->name = tt1__arena_copy(&p->source->arena, name.at, name.length);
  if (fine(p) && !p->source->model->name) out_of_memory(p);
}

// title "TEXT"
static void read_title(parser *p)
{
  if (!fits_once(p, p->source->title_at, "title")) return;
  p->source->title_at = p->lexer.token.at;
  tt1__token title = take(p, TT1__TOKEN_STRING, "the title in quotes");
  if (!fine(p)) return;
  p->source->model->title = tt1__arena_copy(&p->source->arena, title.at, title.length);
  if (!p->source->model->title) out_of_memory(p);
}

// cite TEXT
static void read_cite(parser *p)
{
  const char *at = p->lexer.token.at;
  tt1__token rest = tt1__lex_rest(&p->lexer);
  if (rest.length == 0) tt1__lex_fail(&p->lexer, at, "expected a paper after 'cite'");
  struct reference *reference = tt1__arena_allocate(&p->source->arena, 1, sizeof *reference);
  if (!reference) out_of_memory(p);
  if (!reference || !fine(p)) return;
  *reference = (struct reference){p->last_reference, copy(p, rest.at, rest.length)};
  p->last_reference = reference;
  p->n_references++;
}

static void read_dicom(parser *p, tt1_known *known)
{
  tt1__unit unit;
  known->dicom = take_word(p, "a DICOM keyword");
  tt1__token next = p->lexer.token;
  if (next.kind == TT1__TOKEN_NAME &&
      tt1__unit_named(next.at, next.length, &unit, &known->dicom_unit))
    tt1__lex_next(&p->lexer);
}

// The index of a quantity known per sample.
static int take_sample_quantity(parser *p, tt1__unit *unit)
{
  const tt1_model *model = p->source->model;
  tt1__token name = p->lexer.token;
  const tt1__name *known = name.kind == TT1__TOKEN_NAME
                               ? tt1__names_find(&p->source->names, name.at, name.length)
                               : NULL;
  for (int i = 0; known && i < model->n_known; i++)
    if (strlen(model->known[i].name) == name.length &&
        memcmp(model->known[i].name, name.at, name.length) == 0 &&
        model->known[i].scope == TT1_PER_SAMPLE) {
      *unit = known->unit;
      tt1__lex_next(&p->lexer);
      return i;
    }
  expected(p, "the name of a quantity known per sample");
  return -1;
}

// from NAME where NAME is ( least | greatest )
static void read_from(parser *p, tt1_known *known, tt1__unit unit)
{
  tt1__lexer *lexer = &p->lexer;
  tt1__unit found;
  const char *at = lexer->token.at;
  known->from = take_sample_quantity(p, &found);
  if (fine(p) && !tt1__unit_equal(unit, found))
    tt1__lex_fail(lexer, at, "this quantity is not in %s", known->unit);
  expect(p, "where", "'where'");
  known->where = take_sample_quantity(p, &found);
  expect(p, "is", "'is'");
  known->is_greatest = tt1__lex_is(lexer, "greatest");
  if (!tt1__lex_skip(lexer, "greatest")) expect(p, "least", "'least' or 'greatest'");
  known->scope = TT1_PER_SERIES;
}

// groups ( rest N | last N | beat ). Where a series has no such group, there was full recovery: a thousand
// seconds, after which nothing depends on the times before.
static void read_groups(parser *p, tt1_known *known, tt1__unit unit)
{
  static const struct {
    const char *word;
    double nominal;
  } kinds[] = {[TT1_GROUP_REST] = {"rest", 1000}, [TT1_GROUP_LAST] = {"last", 0}};
  const tt1__unit second = {1, 0};
  tt1__lexer *lexer = &p->lexer;
  const char *at = lexer->token.at;
  if (!tt1__unit_equal(unit, second)) tt1__lex_fail(lexer, at, "times of groups are in s");
  known->has_nominal = 1;
  for (int i = TT1_GROUP_REST; i <= TT1_GROUP_LAST; i++)
    if (tt1__lex_skip(lexer, kinds[i].word)) {
      const char *number = lexer->token.at;
      double before = take_finite(p, (tt1__unit){0, 0});
      if (fine(p) && !(before >= 1 && before <= MAX_GROUPS_BEFORE && before == floor(before)))
        tt1__lex_fail(lexer, number, "a group is 1 to %d before that of the image",
                      MAX_GROUPS_BEFORE);
      if (!fine(p)) return;
      known->group = (tt1_group_time)i;
      known->groups_before = (int)before;
      known->nominal = kinds[i].nominal;
      return;
    }
  expect(p, "beat", "'rest', 'last' or 'beat'");
  known->group = TT1_GROUP_BEAT;
  known->nominal = 1;
  known->scope = TT1_PER_SERIES;
}

// A quantity taken from others, or from the groups of a series, has no source of its own.
static void check_known(parser *p, const tt1_known *known, const char *at)
{
  int has_source = known->has_nominal || known->dicom || known->bids || known->is_recovery;
  if (known->from >= 0 && (has_source || known->scope != TT1_PER_SERIES))
    tt1__lex_fail(&p->lexer, at, "a quantity taken from another one has no other option");
  if (known->scope == TT1_PER_VOXEL && !known->has_nominal)
    tt1__lex_fail(&p->lexer, at, "a quantity known per voxel needs a nominal value");
  if (known->is_recovery && known->scope != TT1_PER_SAMPLE)
    tt1__lex_fail(&p->lexer, p->source->recovery_at,
                  "the recovery variable must be known per sample");
}

static void check_group(parser *p, const tt1_known *known, const char *at, int n_options)
{
  if (known->group != TT1_GROUP_NONE && n_options > 1)
    tt1__lex_fail(&p->lexer, at, "a quantity of inversion groups has no other option");
}

// known NAME UNIT "meaning" { per series | per voxel | nominal V | dicom WORD [ms] | bids WORD
//                             | recovery | from NAME where NAME is least | groups ... }
static void read_known(parser *p)
{
  tt1__source *source = p->source;
  tt1__lexer *lexer = &p->lexer;
  tt1_known known = {.dicom_unit = 1, .from = -1, .where = -1};
  int n_options = 0;
  if (!room(p, source->model->n_known, TT1__MAX_KNOWN, "known quantities")) return;
  tt1__token name = take_new_name(p, "the name of the known quantity");
  tt1__unit unit = take_unit(p, &known.unit);
  known.meaning = take_string(p, "the meaning in quotes");
  for (; fine(p) && lexer->token.kind == TT1__TOKEN_NAME; n_options++) {
    const char *at = lexer->token.at;
    if (tt1__lex_skip(lexer, "per")) {
      known.scope = tt1__lex_is(lexer, "voxel") ? TT1_PER_VOXEL : TT1_PER_SERIES;
      if (!tt1__lex_skip(lexer, "voxel")) expect(p, "series", "'series' or 'voxel'");
    } else if (tt1__lex_skip(lexer, "nominal")) {
      known.nominal = take_finite(p, unit);
      known.has_nominal = 1;
    } else if (tt1__lex_skip(lexer, "dicom")) {
      read_dicom(p, &known);
    } else if (tt1__lex_skip(lexer, "bids")) {
      known.bids = take_word(p, "a key of a BIDS sidecar");
    } else if (tt1__lex_skip(lexer, "from")) {
      read_from(p, &known, unit);
    } else if (tt1__lex_skip(lexer, "groups")) {
      read_groups(p, &known, unit);
    } else if (tt1__lex_skip(lexer, "recovery")) {
      if (source->recovery_at)
        tt1__lex_fail(lexer, at, "only one known quantity can be the recovery variable");
      known.is_recovery = 1;
      source->recovery_at = at;
    } else {
      expected(p, "per, nominal, dicom, bids, from, groups or recovery");
    }
  }
  if (!fine(p)) return;
  check_known(p, &known, name.at);
  check_group(p, &known, name.at, n_options);
  known.name = copy(p, name.at, name.length);
  int index = source->model->n_known++;
  source->model->known[index] = known;
  source->known_at[index] = name.at;
  add_name(p, name, tt1__graph_leaf(&source->graph, TT1__KNOWN, index), unit);
}

// bounds = ( "[" | "(" ) amount "," amount ( "]" | ")" )
static void read_bounds(parser *p, tt1__unit unit, tt1_parameter *parameter)
{
  tt1__lexer *lexer = &p->lexer;
  int open_below = tt1__lex_is(lexer, "(");
  if (!open_below && !tt1__lex_is(lexer, "[")) expected(p, "'[' or '('");
  tt1__lex_next(lexer);
  lexer->depth = 0; // this parenthesis does not join lines
  const char *at = lexer->token.at;
  parameter->lower = take_amount(p, unit);
  expect(p, ",", "','");
  parameter->upper = take_amount(p, unit);
  int open_above = tt1__lex_is(lexer, ")");
  if (fine(p) && !open_above && !tt1__lex_is(lexer, "]")) expected(p, "']' or ')'");
  tt1__lex_next(lexer);
  if (!fine(p)) return;
  if (!(parameter->lower < parameter->upper))
    tt1__lex_fail(lexer, at, "the lower bound must be below the upper one");
  int needs_open_below = isinf(parameter->lower) != 0;
  int needs_open_above = isinf(parameter->upper) != 0;
  if (open_below != needs_open_below || open_above != needs_open_above)
    tt1__lex_fail(lexer, at, "bounds are inclusive: '(' goes with -inf, ')' with inf, and only so");
}

// grid N [ from A to B ]
static void read_grid(parser *p, tt1__unit unit, tt1__grid *grid, tt1_parameter *parameter)
{
  tt1__lexer *lexer = &p->lexer;
  const char *at = lexer->token.at;
  double count = take_finite(p, (tt1__unit){0, 0});
  if (fine(p) && !(count >= 2 && count <= 1024 && count == floor(count)))
    tt1__lex_fail(lexer, at, "a grid has 2 to 1024 points");
  *grid = (tt1__grid){.from = parameter->lower, .to = parameter->upper};
  if (!fine(p)) return;
  grid->count = (int)count;
  at = lexer->token.at;
  if (!tt1__lex_skip(lexer, "from")) return;
  grid->from = take_finite(p, unit);
  expect(p, "to", "'to'");
  grid->to = take_finite(p, unit);
  if (fine(p) &&
      !(grid->from < grid->to && grid->from >= parameter->lower && grid->to <= parameter->upper))
    tt1__lex_fail(lexer, at, "the grid must rise and lie within the bounds");
}

// find NAME UNIT "meaning" in BOUNDS { start V | grid ... | bids WORD }
static void read_find(parser *p)
{
  tt1__source *source = p->source;
  tt1_model *model = source->model;
  tt1__lexer *lexer = &p->lexer;
  tt1_parameter parameter = {0};
  if (!room(p, model->n_parameters, TT1__MAX_PARAMETERS, "parameters to find")) return;
  int index = model->n_parameters;
  tt1__token name = take_new_name(p, "the name of the parameter");
  tt1__unit unit = take_unit(p, &parameter.unit);
  parameter.meaning = take_string(p, "the meaning in quotes");
  source->bounds_at[index] = lexer->token.at;
  expect(p, "in", "'in' and the bounds");
  read_bounds(p, unit, &parameter);
  while (fine(p) && lexer->token.kind == TT1__TOKEN_NAME) {
    if (tt1__lex_skip(lexer, "start")) {
      const char *at = lexer->token.at;
      parameter.start = take_finite(p, unit);
      source->has_start[index] = 1;
      if (fine(p) && !(parameter.start >= parameter.lower && parameter.start <= parameter.upper))
        tt1__lex_fail(lexer, at, "the start lies outside the bounds");
    } else if (tt1__lex_skip(lexer, "grid")) {
      read_grid(p, unit, &model->grid[index], &parameter);
      source->has_grid[index] = 1;
    } else if (tt1__lex_skip(lexer, "bids")) {
      parameter.bids = take_suffix(p);
    } else {
      expected(p, "start, grid or bids");
    }
  }
  if (!fine(p)) return;
  parameter.name = copy(p, name.at, name.length);
  model->parameters[model->n_parameters++] = parameter;
  source->parameter_at[index] = name.at;
  source->parameter_end[index] = lexer->token.at;
  add_name(p, name, tt1__graph_leaf(&source->graph, TT1__PARAMETER, index), unit);
}

// fix NAME UNIT "meaning" = V
static void read_fix(parser *p)
{
  const char *unit_text = NULL;
  tt1__token name = take_new_name(p, "the name of the fixed parameter");
  tt1__unit unit = take_unit(p, &unit_text);
  take_string(p, "the meaning in quotes");
  expect(p, "=", "'='");
  double value = take_finite(p, unit);
  if (fine(p)) add_name(p, name, tt1__graph_number(&p->source->graph, value), unit);
}

static tt1__value read_expression(parser *p)
{
  return tt1__expression_read(&p->lexer, &p->source->graph, &p->source->names);
}

// let NAME = expression
static void read_let(parser *p)
{
  tt1__token name = take_new_name(p, "a name");
  expect(p, "=", "'='");
  tt1__value value = read_expression(p);
  if (fine(p)) add_name(p, name, value.node, value.unit);
}

// The text of the signal line with every run of blanks, line ends and comments as one blank.
static void copy_formula(parser *p, const char *from, const char *to)
{
  char *formula = tt1__arena_allocate(&p->source->arena, (size_t)(to - from) + 1, 1);
  size_t length = 0;
  if (!formula) {
    out_of_memory(p);
    return;
  }
  for (int in_comment = 0; from < to; from++) {
    in_comment = (in_comment || *from == '#') && *from != '\n';
    if (!in_comment && !strchr(" \t\r\n", *from))
      formula[length++] = *from;
    else if (length && formula[length - 1] != ' ')
      formula[length++] = ' ';
  }
  while (length && formula[length - 1] == ' ')
    length--;
  formula[length] = '\0';
  p->source->model->formula = formula;
}

// signal expression
static void read_signal(parser *p)
{
  tt1__source *source = p->source;
  if (!fits_once(p, source->signal_at, "signal")) return;
  source->signal_at = p->lexer.token.at;
  tt1__value value = read_expression(p);
  if (!fine(p)) return;
  char unit[TT1__UNIT_TEXT];
  tt1__unit_text(value.unit, unit);
  if (!tt1__unit_is_one(value.unit))
    tt1__lex_fail(&p->lexer, source->signal_at, "a signal has unit 1, found %s", unit);
  const tt1__node *node = &source->graph.nodes[value.node];
  source->model->is_magnitude = node->op == TT1__OP_ABS;
  source->signal = node->op == TT1__OP_ABS ? node->a : value.node;
  copy_formula(p, source->signal_at, p->lexer.token.at);
}

// map NAME UNIT = expression "meaning" [ bids WORD ]
static void read_map(parser *p)
{
  tt1__source *source = p->source;
  tt1_model *model = source->model;
  tt1_map map = {0};
  if (!room(p, model->n_maps, TT1__MAX_MAPS, "maps")) return;
  tt1__token name = take_new_name(p, "the name of the map");
  tt1__unit unit = take_unit(p, &map.unit);
  expect(p, "=", "'='");
  tt1__value value = read_expression(p);
  if (fine(p) && !tt1__unit_equal(unit, value.unit)) {
    char found[TT1__UNIT_TEXT];
    tt1__unit_text(value.unit, found);
    tt1__lex_fail(&p->lexer, value.at, "the map is declared in %s but its formula is in %s",
                  map.unit, found);
  }
  map.meaning = take_string(p, "the meaning in quotes");
  if (tt1__lex_skip(&p->lexer, "bids")) map.bids = take_suffix(p);
  if (!fine(p)) return;
  map.depends_on = source->graph.nodes[value.node].depends;
  if (map.depends_on >> TT1__KNOWN_SHIFT)
    tt1__lex_fail(&p->lexer, value.at,
                  "a map is made from parameters only, not from what is known");
  else if (map.depends_on == 0)
    tt1__lex_fail(&p->lexer, value.at, "this map does not depend on any parameter");
  map.name = copy(p, name.at, name.length);
  source->map[model->n_maps] = value.node;
  source->map_at[model->n_maps] = value.at;
  model->maps[model->n_maps++] = map;
}

/* ---- Tests ---------------------------------------------------------------- */

// Half a unit of the last digit written: 38.2 is right for 38.15 to 38.25.
static double written_tolerance(const char *at, size_t length)
{
  double last = 1, exponent = 0;
  int after_point = 0;
  for (size_t i = 0; i < length; i++) {
    if (at[i] == 'e' || at[i] == 'E') {
      const char *end;
      exponent = tt1__number_read(at + i + 1, &end);
      break;
    }
    if (after_point) last /= 10;
    if (at[i] == '.') after_point = 1;
  }
  return 0.5000001 * last * pow(10, exponent);
}

static double take_test_value(parser *p, double *tolerance)
{
  double sign = tt1__lex_skip(&p->lexer, "-") ? -1 : 1;
  tt1__token token = take(p, TT1__TOKEN_NUMBER, "a number");
  if (tolerance && fine(p)) *tolerance = written_tolerance(token.at, token.length);
  return sign * token.value;
}

static int find_input(const tt1_model *model, tt1__token name)
{
  for (int i = 0; i < model->n_parameters + model->n_known; i++) {
    const char *other = i < model->n_parameters ? model->parameters[i].name
                                                : model->known[i - model->n_parameters].name;
    if (strlen(other) == name.length && memcmp(other, name.at, name.length) == 0) return i;
  }
  return -1;
}

static void read_test_maps(parser *p, tt1__test *test)
{
  const tt1_model *model = p->source->model;
  while (fine(p) && p->lexer.token.kind == TT1__TOKEN_NAME) {
    tt1__token name = p->lexer.token;
    int index = 0;
    while (index < model->n_maps && (strlen(model->maps[index].name) != name.length ||
                                     memcmp(model->maps[index].name, name.at, name.length) != 0))
      index++;
    if (index == model->n_maps) {
      expected(p, "the name of a map");
      return;
    }
    tt1__lex_next(&p->lexer);
    expect(p, "=", "'='");
    test->map[index] = take_test_value(p, &test->map_tolerance[index]);
    test->maps |= 1u << index;
  }
}

// test NAME=V ... -> V [ MAP=V ... ]
static void read_test(parser *p)
{
  const tt1_model *model = p->source->model;
  tt1__lexer *lexer = &p->lexer;
  tt1__test *test = tt1__arena_allocate(&p->source->arena, 1, sizeof *test);
  if (!test) out_of_memory(p);
  if (!test || !fine(p)) return;
  test->at = lexer->token.at;
  for (int i = 0; i < model->n_known; i++) {
    test->inputs[model->n_parameters + i] = model->known[i].nominal;
    if (model->known[i].has_nominal) test->given |= 1u << (model->n_parameters + i);
  }
  while (fine(p) && lexer->token.kind == TT1__TOKEN_NAME) {
    int index = find_input(model, lexer->token);
    if (index < 0) {
      expected(p, "the name of a parameter or known quantity");
      return;
    }
    tt1__lex_next(lexer);
    expect(p, "=", "'='");
    if (!fine(p)) return;
    test->inputs[index] = take_test_value(p, NULL);
    test->given |= 1u << index;
  }
  for (int i = 0; i < model->n_parameters + model->n_known; i++)
    if (!(test->given & 1u << i))
      tt1__lex_fail(lexer, test->at, "this test gives no value for '%s'",
                    i < model->n_parameters ? model->parameters[i].name
                                            : model->known[i - model->n_parameters].name);
  expect(p, "->", "'->'");
  test->signal = take_test_value(p, &test->signal_tolerance);
  read_test_maps(p, test);
  *(p->last_test ? &p->last_test->next : &p->source->tests) = test;
  p->last_test = test;
}

/* ---- The whole text ------------------------------------------------------- */

static const struct line {
  const char *word;
  void (*read)(parser *);
} lines[] = {
    {"model", read_model}, {"title", read_title}, {"cite", read_cite}, {"known", read_known},
    {"find", read_find},   {"fix", read_fix},     {"let", read_let},   {"signal", read_signal},
    {"map", read_map},     {"test", read_test},
};
enum { N_LINES = sizeof lines / sizeof *lines };

static void read_line(parser *p)
{
  const char *at = p->lexer.token.at;
  for (int i = 0; i < N_LINES; i++) {
    if (!tt1__lex_skip(&p->lexer, lines[i].word)) continue;
    if (!p->source->model_at && i > 0)
      tt1__lex_fail(&p->lexer, at, "a model begins with a 'model' line");
    lines[i].read(p);
    if (fine(p) && p->lexer.token.kind != TT1__TOKEN_LINE && p->lexer.token.kind != TT1__TOKEN_END)
      expected(p, "the end of the line");
    p->lexer.depth = 0;
    return;
  }
  expected(p, "model, title, cite, known, find, fix, let, signal, map or test");
}

static void check_whole(parser *p)
{
  const tt1__source *source = p->source;
  const tt1_model *model = source->model;
  const char *end = p->lexer.token.at;
  if (!fine(p)) return;
  if (!source->model_at) tt1__lex_fail(&p->lexer, end, "the text holds no 'model' line");
  if (!source->signal_at) tt1__lex_fail(&p->lexer, end, "the model has no 'signal' line");
  if (!model->n_parameters) tt1__lex_fail(&p->lexer, end, "the model has no 'find' line");
  if (!model->n_known) tt1__lex_fail(&p->lexer, end, "the model has no 'known' line");
  if (!fine(p)) return;
  uint32_t depends = source->graph.nodes[source->signal].depends;
  for (int i = 0; i < model->n_parameters; i++)
    if (!(depends & 1u << i))
      tt1__lex_fail(&p->lexer, source->parameter_at[i], "the signal does not depend on '%s'",
                    model->parameters[i].name);
  for (int i = 0; i < model->n_known; i++)
    if (depends & 1u << (TT1__KNOWN_SHIFT + i) && model->known[i].from >= 0)
      depends |= 1u << (TT1__KNOWN_SHIFT + model->known[i].from) |
                 1u << (TT1__KNOWN_SHIFT + model->known[i].where);
  for (int i = 0; i < model->n_known; i++)
    if (!(depends & 1u << (TT1__KNOWN_SHIFT + i)))
      tt1__lex_fail(&p->lexer, source->known_at[i], "the signal does not depend on '%s'",
                    model->known[i].name);
  int n_varying = 0;
  for (int i = 0; i < model->n_known; i++)
    n_varying += model->known[i].scope == TT1_PER_SAMPLE;
  if (n_varying == 0) tt1__lex_fail(&p->lexer, end, "nothing is known per sample");
}

static void list_references(parser *p)
{
  tt1_model *model = p->source->model;
  model->references = tt1__arena_allocate(&p->source->arena, (size_t)p->n_references + 1,
                                          sizeof *model->references);
  if (!model->references) {
    out_of_memory(p);
    return;
  }
  model->n_references = p->n_references;
  int i = p->n_references;
  for (struct reference *r = p->last_reference; r; r = r->before)
    model->references[--i] = r->text;
}

tt1_status tt1__parse(tt1__source *source, const char *text, tt1_error *err)
{
  *source = (tt1__source){.text = text};
  source->model = tt1__arena_allocate(&source->arena, 1, sizeof *source->model);
  if (!source->model) return tt1__no_memory(err);
  tt1_status status = tt1__graph_start(&source->graph, err);
  if (status != TT1_OK) return status;
  parser p = {.source = source};
  tt1__lex_start(&p.lexer, text, err);
  while (fine(&p) && p.lexer.token.kind != TT1__TOKEN_END) {
    if (p.lexer.token.kind == TT1__TOKEN_LINE)
      tt1__lex_next(&p.lexer);
    else
      read_line(&p);
  }
  check_whole(&p);
  if (fine(&p)) list_references(&p);
  if (fine(&p)) {
    source->model->text = tt1__arena_copy(&source->arena, text, strlen(text));
    if (!source->model->title) source->model->title = tt1__arena_copy(&source->arena, "", 0);
    if (!source->model->text || !source->model->title) out_of_memory(&p);
  }
  return p.lexer.status;
}

void tt1__source_free(tt1__source *source)
{
  tt1__graph_free(&source->graph);
  tt1__arena_free(&source->arena);
}
