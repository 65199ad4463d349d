/* SPDX-License-Identifier: MIT
 * A model with some parameters fixed, bounded or started otherwise: its text is
 * written anew, line by line, and compiled like any other. So whoever keeps the
 * text of the result can repeat the fit, and nothing else has to know of changes. */
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "model/parse.h"

/* What becomes of one parameter. */
typedef struct adapted {
  int is_fixed, is_bounded, is_started; /* by a change */
  double fixed, lower, upper, start;
} adapted;

static void list_parameters(tt1__text *text, const tt1_model *model)
{
  for (int i = 0; i < model->n_parameters; i++)
    tt1__text_add(text, "%s%s", i ? ", " : "", model->parameters[i].name);
}

static tt1_status refuse(tt1__text *sentence, tt1_error *err)
{
  tt1_status status = sentence->failed
                          ? tt1__no_memory(err)
                          : tt1__error_set(err, TT1_BAD_ARGUMENT, "%s", sentence->bytes);
  tt1__text_free(sentence);
  return status;
}

static tt1_status refuse_name(const tt1_model *model, const char *name, tt1_error *err)
{
  tt1__text text = {0};
  tt1__text_add(&text, "model %s has no parameter '%.40s', only ", model->name, name);
  list_parameters(&text, model);
  return refuse(&text, err);
}

static int find_parameter(const tt1_model *model, const char *name)
{
  for (int i = 0; i < model->n_parameters; i++)
    if (!strcmp(model->parameters[i].name, name)) return i;
  return -1;
}

static tt1_status take_change(adapted *to, const tt1_change *change, tt1_error *err)
{
  const char *name = change->parameter;
  double value = change->value;
  int *is_given = change->what == TT1_CHANGE_FIX      ? &to->is_fixed
                  : change->what == TT1_CHANGE_BOUNDS ? &to->is_bounded
                                                      : &to->is_started;
  if (*is_given)
    return tt1__error_set(err, TT1_BAD_ARGUMENT, "%s is given two values for the same", name);
  *is_given = 1;
  switch (change->what) {
  case TT1_CHANGE_FIX: to->fixed = value; break;
  case TT1_CHANGE_START: to->start = value; break;
  case TT1_CHANGE_BOUNDS:
    to->lower = value;
    to->upper = change->upper;
    if (value < change->upper) return TT1_OK;
    return tt1__error_set(err, TT1_BAD_ARGUMENT,
                          "bounds %g to %g of %s leave nothing: the lower must be below the upper",
                          value, change->upper, name);
  default: return tt1__error_set(err, TT1_BAD_ARGUMENT, "there is no change %d", (int)change->what);
  }
  if (isfinite(value)) return TT1_OK;
  return tt1__error_set(err, TT1_BAD_ARGUMENT, "%s = %g is not a finite number", name, value);
}

static tt1_status check_within(const adapted *to, const tt1_parameter *parameter, double value,
                               const char *what, tt1_error *err)
{
  if (value >= to->lower && value <= to->upper) return TT1_OK;
  return tt1__error_set(err, TT1_BAD_ARGUMENT, "%s %g of %s lies outside its bounds %g to %g", what,
                        value, parameter->name, to->lower, to->upper);
}

static tt1_status check(const adapted *to, const tt1_parameter *parameter, tt1_error *err)
{
  if (to->is_fixed && to->is_started)
    return tt1__error_set(err, TT1_BAD_ARGUMENT, "%s is fixed and takes no start", parameter->name);
  if (to->is_fixed) return check_within(to, parameter, to->fixed, "the fixed value", err);
  if (to->is_started) return check_within(to, parameter, to->start, "the start", err);
  return TT1_OK;
}

static tt1_status take_changes(adapted *to, const tt1_model *model, const tt1_change *changes,
                               int n_changes, tt1_error *err)
{
  int n_left = model->n_parameters;
  for (int i = 0; i < model->n_parameters; i++) {
    const tt1_parameter *p = &model->parameters[i];
    to[i] = (adapted){.lower = p->lower, .upper = p->upper, .start = p->start};
  }
  for (int c = 0; c < n_changes; c++) {
    int i = find_parameter(model, changes[c].parameter);
    if (i < 0) return refuse_name(model, changes[c].parameter, err);
    tt1_status status = take_change(&to[i], &changes[c], err);
    if (status) return status;
  }
  for (int i = 0; i < model->n_parameters; i++) {
    tt1_status status = check(&to[i], &model->parameters[i], err);
    if (status) return status;
    n_left -= to[i].is_fixed;
  }
  if (n_left > 0) return TT1_OK;
  return tt1__error_set(err, TT1_BAD_ARGUMENT, "all parameters of model %s are fixed", model->name);
}

/* ---- Writing --------------------------------------------------------------- */

static void add_bound(tt1__text *text, double bound)
{
  if (isinf(bound))
    tt1__text_add(text, bound < 0 ? "-inf" : "inf");
  else
    tt1__text_add_number(text, bound);
}

static void add_word(tt1__text *text, const char *word, double value)
{
  tt1__text_add(text, " %s ", word);
  tt1__text_add_number(text, value);
}

/* A grid over the bounds follows them; one of its own is cut where they are narrower. */
static void add_grid(tt1__text *text, const tt1__grid *grid, const tt1_parameter *old,
                     const adapted *to)
{
  double from = fmax(grid->from, to->lower), end = fmin(grid->to, to->upper);
  int is_own = grid->from > old->lower || grid->to < old->upper;
  tt1__text_add(text, " grid %d", grid->count);
  if (!is_own || !(from < end)) return;
  add_word(text, "from", from);
  add_word(text, "to", end);
}

/* What follows the meaning in a `find` line. */
static void add_find(tt1__text *text, const tt1__source *source, int i, const adapted *to)
{
  const tt1_parameter *p = &source->model->parameters[i];
  int keeps_start = source->has_start[i] && p->start >= to->lower && p->start <= to->upper;
  tt1__text_add(text, "in %c", isinf(to->lower) ? '(' : '[');
  add_bound(text, to->lower);
  tt1__text_add(text, ", ");
  add_bound(text, to->upper);
  tt1__text_add(text, "%c", isinf(to->upper) ? ')' : ']');
  if (to->is_started || keeps_start) add_word(text, "start", to->start);
  if (source->has_grid[i]) add_grid(text, &source->model->grid[i], p, to);
  if (p->bids) tt1__text_add(text, " bids %s", p->bids);
}

/* The `find` line that begins at `line`, up to parameter_end[i]. */
static void add_parameter(tt1__text *text, const tt1__source *source, int i, const adapted *to,
                          const char *line)
{
  const char *word = line + strspn(line, " \t"), *rest = word + strlen("find");
  tt1__text_add_bytes(text, line, (size_t)(word - line));
  tt1__text_add(text, to->is_fixed ? "fix" : "find");
  tt1__text_add_bytes(text, rest, (size_t)(source->bounds_at[i] - rest));
  if (to->is_fixed) {
    tt1__text_add(text, "= ");
    tt1__text_add_number(text, to->fixed);
  } else {
    add_find(text, source, i, to);
  }
}

static int is_test(const tt1__source *source, const char *line, const char *next)
{
  for (const tt1__test *test = source->tests; test; test = test->next)
    if (test->at >= line && test->at < next) return 1;
  return 0;
}

static int changed_on(const tt1__source *source, const adapted *to, const char *line,
                      const char *next)
{
  for (int i = 0; i < source->model->n_parameters; i++)
    if (source->parameter_at[i] >= line && source->parameter_at[i] < next)
      return to[i].is_fixed || to[i].is_bounded || to[i].is_started ? i : -1;
  return -1;
}

/* Tests give a value for every parameter, which a model with a fixed one does not take. */
static void write_text(tt1__text *text, const tt1__source *source, const adapted *to)
{
  int any_fixed = 0;
  for (int i = 0; i < source->model->n_parameters; i++)
    any_fixed |= to[i].is_fixed;
  for (const char *line = source->text; *line;) {
    const char *end = line + strcspn(line, "\n"), *next = end + (*end == '\n');
    int i = changed_on(source, to, line, next);
    if (i >= 0) {
      add_parameter(text, source, i, &to[i], line);
      next = source->parameter_end[i];
    } else if (!(any_fixed && is_test(source, line, next))) {
      tt1__text_add_bytes(text, line, (size_t)(next - line));
    }
    line = next;
  }
}

tt1_status tt1_model_adapt(tt1_model **out, const tt1_model *model, const tt1_change *changes,
                           int n_changes, tt1_error *err)
{
  adapted to[TT1__MAX_PARAMETERS];
  tt1__source source;
  tt1__text text = {0};
  tt1_error failure = {0};
  tt1_status status = take_changes(to, model, changes, n_changes, err);
  if (status) return status;
  status = tt1__parse(&source, model->text, err);
  if (!status) {
    write_text(&text, &source, to);
    status = text.failed ? tt1__no_memory(err) : TT1_OK;
  }
  if (!status) status = tt1_model_compile(out, text.bytes, &failure);
  if (status == TT1_BAD_MODEL)
    status = tt1__error_set(err, TT1_BAD_ARGUMENT, "model %s cannot be changed so: %s", model->name,
                            failure.message);
  else if (status)
    tt1__no_memory(err);
  tt1__text_free(&text);
  tt1__source_free(&source);
  return status;
}
