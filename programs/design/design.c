/* SPDX-License-Identifier: MIT
 * torcht1 design: how sure a protocol can be, before any image is taken, and how
 * its times are moved to make it surer. */
#include "design/design.h"
#include "tt1_bids.h"

#include <getopt.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
  TISSUE = 256,
  SIGMA,
  SNR,
  OPTIMISE,
  LIMITS,
  LAYOUT,
  RR,
  BEATS,
  REST,
  CYCLE,
  SPACING,
  RASTER,
  CRITERION,
  WEIGHTS,
  RESTARTS,
  SEED,
  JSON
};

static const option_row options[] = {
    {"model", 'm', "NAME|FILE", "shipped model or model file (molli)"},
    {"known", 'k', "X=1,2,3", "values of a known quantity in the model's unit; repeatable"},
    {"tissue", TISSUE, "P=X,Q=Y", "the value of every parameter; repeatable"},
    {"sigma", SIGMA, "X", "standard deviation of the noise per image"},
    {"snr", SNR, "X", "in place of it: the first parameter over sigma (50)"},
    {"optimise", OPTIMISE, "MAP", "move values so that the bound of this map falls"},
    {"limits", LIMITS, "X=LOW,HIGH", "what moves, and within what; repeatable"},
    {"layout", LAYOUT, "HOW", "free, spaced (first and spacing) or heartbeats (free)"},
    {"rr", RR, "S", "heartbeats: seconds from beat to beat"},
    {"beats", BEATS, "N", "heartbeats: at most so many in all"},
    {"rest", REST, "N", "heartbeats: at least so many without an image between groups (3)"},
    {"cycle", CYCLE, "N", "heartbeats: at least so many from inversion to inversion (0)"},
    {"spacing", SPACING, "X", "values lie at least so far apart (0)"},
    {"raster", RASTER, "X", "values are multiples of it (0.001); 0: none"},
    {"criterion", CRITERION, "HOW", "mean or worst over the tissues (mean)"},
    {"weights", WEIGHTS, "1,2,3", "of the tissues, in their order (1 each)"},
    {"restarts", RESTARTS, "N", "random starts of the search (16)"},
    {"seed", SEED, "N", "of these starts (0)"},
    {"json", JSON, NULL, "print JSON; times in s"},
    {NULL, 0, NULL, NULL}};

typedef struct design_request {
  const char *model, *known[MOST_LISTS], *tissues[MOST_LISTS], *limits[MOST_LISTS];
  const char *optimise, *weights;
  int n_known, n_tissues, n_limits, is_json;
  double sigma, snr, spacing, raster; /* snr 0: neither it nor sigma is given */
  tt1_optimise_options how;
} design_request;

static const char *layout_name(int index)
{
  static const char *const names[] = {"free", "spaced", "heartbeats", NULL};
  return names[index];
}

static const char *criterion_name(int index)
{
  static const char *const names[] = {"mean", "worst", NULL};
  return names[index];
}

static void add_text(const char **list, int *count, const char *option)
{
  if (*count == MOST_LISTS) usage_error(&command_design, "--%s is given too often", option);
  list[(*count)++] = optarg;
}

/* The options that say how times may be moved. */
static void parse_how(design_request *r, int key)
{
  const command_row *me = &command_design;
  switch (key) {
  case OPTIMISE: r->optimise = optarg; break;
  case LIMITS: add_text(r->limits, &r->n_limits, "limits"); break;
  case LAYOUT: r->how.layout = (tt1_layout)option_choice(me, "layout", optarg, layout_name); break;
  case RR: r->how.beat = option_number(me, "rr", optarg, 0.2, 5); break;
  case BEATS: r->how.beats = option_integer(me, "beats", optarg, 1, 1000); break;
  case REST: r->how.rest = option_integer(me, "rest", optarg, 0, 1000); break;
  case CYCLE: r->how.cycle = option_integer(me, "cycle", optarg, 0, 1000); break;
  case SPACING: r->spacing = option_number(me, "spacing", optarg, 0, 1e30); break;
  case RASTER: r->raster = option_number(me, "raster", optarg, 0, 1e30); break;
  case CRITERION:
    r->how.criterion = (tt1_criterion)option_choice(me, "criterion", optarg, criterion_name);
    break;
  case WEIGHTS: r->weights = optarg; break;
  case RESTARTS: r->how.restarts = option_integer(me, "restarts", optarg, 1, 10000); break;
  default: r->how.seed = (uint64_t)option_integer(me, "seed", optarg, 0, 1 << 30); break;
  }
}

static void check_request(const design_request *r)
{
  const command_row *me = &command_design;
  int is_heart = r->how.layout == TT1_LAYOUT_HEARTBEATS;
  if (!r->n_known) usage_error(me, "--known NAME=VALUES is missing: the protocol");
  if (!r->n_tissues) usage_error(me, "--tissue NAME=VALUE,... is missing");
  if (r->optimise && !r->n_limits)
    usage_error(me, "--optimise needs --limits NAME=LOW,HIGH: what moves, and within what");
  if (r->sigma > 0 && r->snr > 0) usage_error(me, "--sigma and --snr exclude each other");
  if (r->n_limits && !r->optimise) usage_error(me, "--limits is for --optimise MAP");
  if (r->optimise && is_heart && !(r->how.beat > 0 && r->how.beats > 0))
    usage_error(me, "--layout heartbeats needs --rr S and --beats N");
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
    case SNR: r->snr = option_number(me, "snr", optarg, 1e-6, 1e9); break;
    case JSON: r->is_json = 1; break;
    default: parse_how(r, key); break;
    }
  if (optind < argc) usage_error(me, "'%s' is one word too many", argv[optind]);
  check_request(r);
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
    p->known[i] = (tt1_known_values){.name = p->names[i], .values = p->values[i], .count = n};
    if (n > p->design.n_samples) p->design.n_samples = n;
  }
  return EXIT_OK;
}

static const tt1_known *find_known(const tt1_model *model, const char *name)
{
  const tt1_known *known;
  for (int i = 0; (known = tt1_model_known(model, i)) != NULL; i++)
    if (strcmp(known->name, name) == 0) return known;
  return NULL;
}

/* A name that the model does not have is told of by the library. */
static int check_protocol(const tt1_model *model, const protocol *p)
{
  tt1_error error = {0};
  int code = EXIT_OK;
  for (int i = 0; i < p->design.n_known && code == EXIT_OK; i++) {
    const tt1_known *known = find_known(model, p->names[i]);
    if (known && tt1_bids_check("known", known, p->values[i], p->known[i].count, &error) != TT1_OK)
      code = complain_of(&error);
  }
  return code;
}

static int read_parameters(double *parameters, const tt1_model *model, const char *text)
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

/* All tissues with their noise and weights. */
static int read_tissues(tissue *tissues, const tt1_model *model, const design_request *r)
{
  const char *at = r->weights ? r->weights : "";
  for (int t = 0; t < r->n_tissues; t++) {
    tissue *it = &tissues[t];
    *it = (tissue){.text = r->tissues[t], .weight = 1};
    if (read_parameters(it->parameters, model, it->text) != EXIT_OK) return EXIT_FAILED;
    it->sigma = r->sigma > 0 ? r->sigma : fabs(it->parameters[0]) / r->snr;
    if (r->weights && !(take_value(&at, &it->weight) && it->weight > 0)) at = "?";
  }
  if (*at)
    return complain("--weights takes %d positive numbers, one for each tissue, not '%s'",
                    r->n_tissues, r->weights);
  return EXIT_OK;
}

static const char *name_at(int index, const void *names)
{
  return ((const char *const *)names)[index];
}

/* Whether the model has this parameter or map; *found is its name, which files may not have. */
static int find_map(const char **found, const tt1_model *model, const char *map)
{
  const char *names[MOST_OUTPUTS + 1] = {NULL};
  int n = tt1_model_n_parameters(model);
  for (int i = 0; i < n + tt1_model_n_maps(model); i++) {
    const char *file =
        i < n ? tt1_model_parameter(model, i)->bids : tt1_model_map(model, i - n)->bids;
    names[i] = i < n ? tt1_model_parameter(model, i)->name : tt1_model_map(model, i - n)->name;
    *found = names[i];
    if (strcmp(names[i], map) == 0 || (file && strcmp(file, map) == 0)) return EXIT_OK;
  }
  const char *close = tt1_closest_name(map, name_at, names);
  if (close)
    return complain("model %s has no parameter or map '%s'; did you mean '%s'?",
                    tt1_model_name(model), map, close);
  return complain("model %s has no parameter or map '%s'; 'torcht1 models show %s' lists them",
                  tt1_model_name(model), map, tt1_model_name(model));
}

static int read_limits(tt1_movable *movables, char (*names)[32], const tt1_model *model,
                       const design_request *r)
{
  tt1_error error = {0};
  for (int i = 0; i < r->n_limits; i++) {
    const char *at = r->limits[i];
    movables[i] = (tt1_movable){names[i], 0, 0, r->spacing, r->raster};
    if (!take_name(&at, names[i]) || !take_value(&at, &movables[i].lower) ||
        !take_value(&at, &movables[i].upper) || *at)
      return complain("--limits takes NAME=LOW,HIGH, not '%s'", r->limits[i]);
    const tt1_known *known = find_known(model, names[i]);
    if (known && tt1_bids_check("limits", known, &movables[i].upper, 1, &error) != TT1_OK)
      return complain_of(&error);
  }
  return EXIT_OK;
}

/* A protocol like the first with the values of one quantity replaced. */
static void replace(protocol *p, const char *name, const double *values)
{
  for (int i = 0; i < p->design.n_known; i++)
    if (strcmp(p->names[i], name) == 0) {
      memcpy(p->values[i], values, (size_t)p->design.n_samples * sizeof *values);
      p->known[i].count = p->design.n_samples;
    }
}

static void copy_protocol(protocol *to, const protocol *from)
{
  *to = *from;
  to->design.known = to->known;
  for (int i = 0; i < to->design.n_known; i++) {
    to->known[i].name = to->names[i];
    to->known[i].values = to->values[i];
  }
}

static int optimise(protocol *after, tt1_optimum *optimum, const tt1_model *model,
                    const protocol *before, const tissue *tissues, const design_request *r)
{
  tt1_design_tissue table[MOST_LISTS];
  tt1_movable movables[MOST_LISTS];
  char names[MOST_LISTS][32];
  double values[12 * MOST_VALUES];
  tt1_error error = {0};
  const char *map = NULL;
  if (find_map(&map, model, r->optimise) != EXIT_OK ||
      read_limits(movables, names, model, r) != EXIT_OK)
    return EXIT_FAILED;
  for (int t = 0; t < r->n_tissues; t++)
    table[t] = (tt1_design_tissue){tissues[t].parameters, tissues[t].sigma, tissues[t].weight};
  if (tt1_design_optimise(values, optimum, model, &before->design, map, table, r->n_tissues,
                          movables, r->n_limits, &r->how, &error) != TT1_OK)
    return complain_of(&error);
  copy_protocol(after, before);
  for (int i = 0; i < r->n_limits; i++)
    replace(after, names[i], values + i * before->design.n_samples);
  return EXIT_OK;
}

static int bound(tissue *it, double *bounds, const tt1_model *model, const protocol *p)
{
  tt1_error error = {0};
  double known[12] = {0}; // maps ask for nothing known
  int n = tt1_model_n_parameters(model);
  memcpy(it->values, it->parameters, (size_t)n * sizeof *it->values);
  tt1_model_evaluate(model, it->parameters, known, NULL, NULL, it->values + n);
  if (tt1_design_bound(model, &p->design, it->parameters, it->sigma, bounds, &error) != TT1_OK)
    return complain_of(&error);
  return EXIT_OK;
}

/* What is told about `p`, the protocols as given and, where asked for, optimised. */
static int judge(const tt1_model *model, protocol p[2], const design_request *r)
{
  tissue tissues[MOST_LISTS];
  tt1_optimum optimum;
  design_report report = {model,
                          &p[0],
                          NULL,
                          tissues,
                          r->n_tissues,
                          r->optimise,
                          criterion_name((int)r->how.criterion),
                          &optimum};
  int code = read_protocol(&p[0], r);
  if (code == EXIT_OK) code = check_protocol(model, &p[0]);
  if (code == EXIT_OK) code = read_tissues(tissues, model, r);
  for (int t = 0; t < r->n_tissues && code == EXIT_OK; t++)
    code = bound(&tissues[t], tissues[t].before, model, &p[0]);
  if (code == EXIT_OK && r->optimise) {
    report.after = &p[1];
    code = optimise(&p[1], &optimum, model, &p[0], tissues, r);
    for (int t = 0; t < r->n_tissues && code == EXIT_OK; t++)
      code = bound(&tissues[t], tissues[t].after, model, &p[1]);
  }
  if (code == EXIT_OK && r->is_json) design_print_json(&report);
  if (code == EXIT_OK && !r->is_json) design_print(&report);
  return code;
}

static int run(int argc, char **argv)
{
  design_request r = {.model = "molli", .raster = 0.001, .how = TT1_OPTIMISE_OPTIONS_INIT};
  r.how.rest = 3;
  parse(&r, argc, argv);
  if (!(r.snr > 0)) r.snr = 50;
  tt1_model *model = load_model(r.model);
  protocol *p = allocate(2, sizeof *p);
  int code = model ? judge(model, p, &r) : EXIT_FAILED;
  free(p);
  tt1_model_free(model);
  return code;
}

const command_row command_design = {
    "design",
    "--known X=... --tissue P=... [OPTIONS]",
    "Tell how sure the maps of a protocol can be, and make it surer",
    "The Cramer-Rao bound: the least standard deviation that an unbiased estimate of\n"
    "each parameter and map can have, from the exact derivatives of the model, for\n"
    "signed data with Gaussian noise. Nothing is fitted and no image is needed.\n"
    "\n"
    "--optimise MAP moves the values of the quantities named by --limits, with the\n"
    "number of images held, until the bound of MAP relative to its value is least:\n"
    "its weighted mean square over the tissues, or the worst. --layout says what the\n"
    "sequence allows: free values; a first one and a spacing; or MOLLI's groups of\n"
    "images one heart beat apart, where --limits holds the first time of each group.\n",
    options,
    run,
    NULL};
