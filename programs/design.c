/* SPDX-License-Identifier: MIT
 * torcht1 design: how sure a protocol can be, before any image is taken. */
#include "tt1_design.h"

#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "program.h"

enum { TISSUE = 256, SIGMA, SNR, MOST_LISTS = 32, MOST_VALUES = 64, MOST_OUTPUTS = 16 };

static const option_row options[] = {
    {"model", 'm', "NAME|FILE", "shipped model or model file (molli)"},
    {"known", 'k', "X=1,2,3", "values of a known quantity in the model's unit; repeatable"},
    {"tissue", TISSUE, "P=X,Q=Y", "the value of every parameter; repeatable"},
    {"sigma", SIGMA, "X", "standard deviation of the noise per image"},
    {"snr", SNR, "X", "in place of it: the first parameter over sigma (50)"},
    {NULL, 0, NULL, NULL}};

typedef struct design_request {
  const char *model, *known[MOST_LISTS], *tissues[MOST_LISTS];
  int n_known, n_tissues;
  double sigma, snr;
} design_request;

typedef struct protocol {
  tt1_design design;
  tt1_known_values known[MOST_LISTS];
  char names[MOST_LISTS][32];
  double values[MOST_LISTS][MOST_VALUES];
} protocol;

static void add_text(const char **list, int *count, const char *option)
{
  if (*count == MOST_LISTS) usage_error(&command_design, "--%s is given too often", option);
  list[(*count)++] = optarg;
}

static void parse(design_request *r, int argc, char **argv)
{
  const command_row *me = &command_design;
  int key;
  while ((key = option_next(me, argc, argv)))
    switch (key) {
    case 'm': r->model = optarg; break;
    case 'k': add_text(r->known, &r->n_known, "known"); break;
    case TISSUE: add_text(r->tissues, &r->n_tissues, "tissue"); break;
    case SIGMA: r->sigma = option_number(me, "sigma", optarg, 1e-30, 1e30); break;
    default: r->snr = option_number(me, "snr", optarg, 1e-6, 1e9); break;
    }
  if (optind < argc) usage_error(me, "'%s' is one word too many", argv[optind]);
  if (!r->n_known) usage_error(me, "--known NAME=VALUES is missing: the protocol");
  if (!r->n_tissues) usage_error(me, "--tissue NAME=VALUE,... is missing");
}

/* "NAME=" before `*at` goes on behind it; 0 where there is none that fits. */
static int take_name(const char **at, char name[32])
{
  size_t length = strcspn(*at, "=,");
  if (length == 0 || length > 31 || (*at)[length] != '=') return 0;
  memcpy(name, *at, length);
  name[length] = '\0';
  *at += length + 1;
  return 1;
}

/* A number and the comma behind it; 0 where there is none. */
static int take_value(const char **at, double *value)
{
  char *end = NULL;
  *value = strtod(*at, &end);
  if (end == *at || (*end && *end != ',') || !isfinite(*value)) return 0;
  *at = *end ? end + 1 : end;
  return 1;
}

static int read_protocol(protocol *p, const design_request *r)
{
  p->design = (tt1_design){1, r->n_known, p->known};
  for (int i = 0; i < r->n_known; i++) {
    const char *at = r->known[i];
    int n = 0, is_fine = take_name(&at, p->names[i]);
    while (is_fine && *at && n < MOST_VALUES)
      is_fine = take_value(&at, &p->values[i][n++]);
    if (!is_fine || *at || !n)
      return complain("--known takes NAME=VALUES, at most %d numbers, not '%s'", (int)MOST_VALUES,
                      r->known[i]);
    p->known[i] = (tt1_known_values){p->names[i], p->values[i], n};
    if (n > p->design.n_samples) p->design.n_samples = n;
  }
  return EXIT_OK;
}

static int read_tissue(double *parameters, const tt1_model *model, const char *text)
{
  const char *at = text;
  int n = tt1_model_n_parameters(model);
  for (int i = 0; i < n; i++)
    parameters[i] = (double)NAN;
  while (*at) {
    char name[32];
    double value;
    int k = 0;
    if (!take_name(&at, name) || !take_value(&at, &value))
      return complain("--tissue takes NAME=VALUE,NAME=VALUE, not '%s'", text);
    while (k < n && strcmp(tt1_model_parameter(model, k)->name, name) != 0)
      k++;
    if (k == n) return complain("model %s has no parameter '%s'", tt1_model_name(model), name);
    parameters[k] = value;
  }
  for (int i = 0; i < n; i++)
    if (isnan(parameters[i]))
      return complain("--tissue %s: no value for %s (%s)", text,
                      tt1_model_parameter(model, i)->name, tt1_model_parameter(model, i)->meaning);
  return EXIT_OK;
}

static void print_row(const char *name, const char *unit, double value, double bound)
{
  int in_seconds = strcmp(unit, "s") == 0;
  double scale = in_seconds ? 1000.0 : 1.0;
  printf("%-8s %12.6g %12.4g  %8.3g %%  %s\n", name, scale * value, scale * bound,
         100.0 * bound / fabs(value),
         in_seconds               ? "ms"
         : strcmp(unit, "1") == 0 ? ""
                                  : unit);
}

static int judge(const tt1_model *model, const protocol *p, const design_request *r,
                 const char *tissue)
{
  double parameters[8], bounds[MOST_OUTPUTS], maps[8], known[12] = {0};
  tt1_error error = {0};
  int n = tt1_model_n_parameters(model);
  if (read_tissue(parameters, model, tissue) != EXIT_OK) return EXIT_FAILED;
  double sigma = r->sigma > 0 ? r->sigma : fabs(parameters[0]) / r->snr;
  if (tt1_design_bound(model, &p->design, parameters, sigma, bounds, &error) != TT1_OK)
    return complain_of(&error);
  tt1_model_evaluate(model, parameters, known, NULL, NULL, maps); // maps ask for nothing known
  printf("%s, sigma %.4g\n              value     least SD\n", tissue, sigma);
  for (int i = 0; i < n; i++)
    print_row(tt1_model_parameter(model, i)->name, tt1_model_parameter(model, i)->unit,
              parameters[i], bounds[i]);
  for (int i = 0; tt1_model_map(model, i); i++)
    print_row(tt1_model_map(model, i)->name, tt1_model_map(model, i)->unit, maps[i], bounds[n + i]);
  return EXIT_OK;
}

static int run(int argc, char **argv)
{
  design_request r = {.model = "molli", .snr = 50};
  parse(&r, argc, argv);
  tt1_model *model = load_model(r.model);
  protocol *p = allocate(1, sizeof *p);
  int code = model ? read_protocol(p, &r) : EXIT_FAILED;
  for (int i = 0; i < r.n_tissues && code == EXIT_OK; i++)
    code = judge(model, p, &r, r.tissues[i]);
  free(p);
  tt1_model_free(model);
  return code;
}

const command_row command_design = {
    "design",
    "--known X=... --tissue P=... [OPTIONS]",
    "Tell how sure the maps of a protocol can be",
    "The Cramer-Rao bound: the least standard deviation that an unbiased estimate of\n"
    "each parameter and map can have, from the exact derivatives of the model, for\n"
    "signed data with Gaussian noise. Nothing is fitted and no image is needed.\n",
    options,
    run};
