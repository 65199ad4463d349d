/* SPDX-License-Identifier: MIT
 * What torcht1 design prints: tables in ms, JSON in s. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "design/design.h"
#include "tt1_json.h"

static const char *output_name(const tt1_model *model, int i, const char **unit)
{
  int n = tt1_model_n_parameters(model);
  const tt1_parameter *parameter = tt1_model_parameter(model, i);
  if (i < n) *unit = parameter->unit;
  if (i < n) return parameter->name;
  const tt1_map *map = tt1_model_map(model, i - n);
  *unit = map ? map->unit : "";
  return map ? map->name : NULL;
}

/* ---- Text ---------------------------------------------------------------- */

static void print_row(const design_report *r, const tissue *t, int i)
{
  const char *unit, *name = output_name(r->model, i, &unit);
  int in_seconds = strcmp(unit, "s") == 0, is_plain = strcmp(unit, "1") == 0;
  double before = fabs(t->before[i]); // which takes the sign of a nan, too
  double scale = in_seconds ? 1000.0 : 1.0, now = r->after ? fabs(t->after[i]) : before;
  printf("%-8s %12.6g %12.4g", name, scale * t->values[i], scale * before);
  if (r->after) printf(" %12.4g", scale * now);
  printf("  %8.3g %%", 100.0 * now / fabs(t->values[i]));
  if (r->after) printf("  %+7.1f %%", 100.0 * (now / before - 1));
  printf("  %s\n", in_seconds ? "ms" : is_plain ? "" : unit);
}

static void print_protocol(const char *title, const protocol *p)
{
  printf("%s", title);
  for (int i = 0; i < p->design.n_known; i++) {
    printf(" --known %s=", p->names[i]);
    for (int j = 0; j < p->known[i].count; j++)
      printf("%s%.12g", j ? "," : "", p->values[i][j]);
  }
  printf("\n");
}

/* "5(3)3" */
static void write_scheme(char text[64], const tt1_optimum *o)
{
  size_t used = 0;
  for (int g = 0; g < o->n_groups && used < 60; g++) {
    used += (size_t)snprintf(text + used, 64 - used, "%d", o->count[g]);
    if (g + 1 < o->n_groups && used < 60)
      used += (size_t)snprintf(text + used, 64 - used, "(%d)", o->rest[g]);
  }
}

static void print_optimum(const design_report *r)
{
  const tt1_optimum *o = r->optimum;
  char scheme[64] = "";
  print_protocol("given:    ", r->before);
  print_protocol("optimised:", r->after);
  write_scheme(scheme, o);
  if (o->n_groups) printf("scheme %s, in order of acquisition\n", scheme);
  printf("least SD of %s, %s over tissues: %.3g %% before, %.3g %% after; %d of %d starts agree\n",
         r->map, r->criterion[0] == 'w' ? "worst" : "root mean square", 100 * sqrt(o->before),
         100 * sqrt(o->after), o->n_agreeing, o->n_starts);
  if (!(o->after < o->before)) printf("nothing within the limits is better than what was given\n");
}

/* Why there is nan in the table. */
static void print_reason(const design_report *r, const tissue *t)
{
  if (!isfinite(t->before[0]))
    printf("nan: the protocol%s does not determine all parameters of this tissue\n",
           r->after ? " as given" : "");
  if (r->after && !isfinite(t->after[0]))
    printf("nan: the optimised protocol does not determine all parameters of this tissue\n");
}

void design_print(const design_report *r)
{
  const char *unit;
  if (r->after) print_optimum(r);
  for (int t = 0; t < r->n_tissues; t++) {
    printf("%s, sigma %.4g\n", r->tissues[t].text, r->tissues[t].sigma);
    printf(r->after ? "              value       before        after\n"
                    : "              value     least SD\n");
    for (int i = 0; output_name(r->model, i, &unit); i++)
      print_row(r, &r->tissues[t], i);
    print_reason(r, &r->tissues[t]);
  }
}

/* ---- JSON ---------------------------------------------------------------- */

static void put_protocol(tt1_json *out, const char *key, const protocol *p)
{
  tt1_json_open(out, key, '{');
  for (int i = 0; i < p->design.n_known; i++)
    tt1_json_numbers(out, p->names[i], p->values[i], p->known[i].count);
  tt1_json_close(out, '{');
}

static void put_tissue(tt1_json *out, const design_report *r, const tissue *t)
{
  const char *unit, *name;
  tt1_json_open(out, NULL, '{');
  tt1_json_text(out, "tissue", t->text);
  tt1_json_number(out, "sigma", t->sigma);
  tt1_json_number(out, "weight", t->weight);
  tt1_json_open(out, "bounds", '[');
  for (int i = 0; (name = output_name(r->model, i, &unit)); i++) {
    tt1_json_open(out, NULL, '{');
    tt1_json_text(out, "name", name);
    tt1_json_text(out, "unit", unit);
    tt1_json_number(out, "value", t->values[i]);
    tt1_json_number(out, "sd", t->before[i]);
    if (r->after) tt1_json_number(out, "sd_optimised", t->after[i]);
    tt1_json_close(out, '{');
  }
  tt1_json_close(out, '[');
  tt1_json_close(out, '{');
}

static void put_optimum(tt1_json *out, const design_report *r)
{
  const tt1_optimum *o = r->optimum;
  char scheme[64] = "";
  write_scheme(scheme, o);
  put_protocol(out, "optimised", r->after);
  tt1_json_text(out, "map", r->map);
  tt1_json_text(out, "criterion", r->criterion);
  tt1_json_number(out, "relative_sd", sqrt(o->before));
  tt1_json_number(out, "relative_sd_optimised", sqrt(o->after));
  tt1_json_text(out, "scheme", o->n_groups ? scheme : NULL);
  tt1_json_integer(out, "starts", o->n_starts);
  tt1_json_integer(out, "starts_agreeing", o->n_agreeing);
}

void design_print_json(const design_report *r)
{
  tt1_json out = {0};
  tt1_json_open(&out, NULL, '{');
  tt1_json_text(&out, "model", tt1_model_name(r->model));
  put_protocol(&out, "given", r->before);
  if (r->after) put_optimum(&out, r);
  tt1_json_open(&out, "tissues", '[');
  for (int t = 0; t < r->n_tissues; t++)
    put_tissue(&out, r, &r->tissues[t]);
  tt1_json_close(&out, '[');
  tt1_json_close(&out, '{');
  print_text(tt1_json_take(&out));
}
