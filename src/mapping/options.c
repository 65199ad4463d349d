/* SPDX-License-Identifier: MIT
 * The table of options. A new one is a field of tt1_mapping_options and a row here: parsing, help,
 * record and the comparison with an older record follow. */
#include "mapping/options.h"

#include <assert.h>
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "image/scheme.h"
#include "mapping/mapping.h"
#include "tt1_report.h"

typedef struct row row;

struct row {
  tt1_option shown;
  const char *key; /* in the record; NULL: under another one's, or not recorded */
  tt1_status (*set)(tt1_mapping_options *o, const row *r, char *value, tt1_error *err);
  void (*put)(tt1_json *out, const row *r, const tt1_mapping *m);
  size_t at;                         /* the field */
  const char *(*name_of)(int index); /* of a choice */
  double from, to;                   /* of a number */
};

/* ---- Names of choices ---- */

const char *tt1__sign_name(int index)
{
  static const char *const names[] = {"auto", "magnitude", "signed", "phase", NULL};
  assert(index >= 0 && index < (int)(sizeof names / sizeof *names));
  return names[index];
}

static const struct {
  const char *name;
  int width;
} filters[] = {{"none", 1}, {"median3", 3}, {"median5", 5}, {NULL, 0}};

const char *tt1__filter_name(int index)
{
  assert(index >= 0 && index < (int)(sizeof filters / sizeof *filters));
  return filters[index].name;
}

int tt1__filter_width(int filter)
{
  return filters[filter].width;
}

static const char *start_of(int index)
{
  static const char *const names[] = {"grid", "fixed", NULL};
  return names[index];
}

static const char *precision_of(int index)
{
  static const char *const names[] = {"float", "double", NULL};
  return names[index];
}

static const char *jit_of(int index)
{
  static const char *const names[] = {"auto", "off", NULL};
  return names[index];
}

static const char *noise_of(int index)
{
  return tt1_noise_name((tt1_noise)index);
}

/* The solvers of plans, and the one that needs none. */
static const char *solver_of(int index)
{
  const char *name = tt1_solver_name((tt1_solver)index);
  if (name) return name;
  return index > 0 && tt1_solver_name((tt1_solver)(index - 1)) ? "network" : NULL;
}

/* ---- Setting: of a kind ---- */

static void *field(tt1_mapping_options *o, const row *r)
{
  return (char *)o + r->at;
}

static const void *field_of(const tt1_mapping *m, const row *r)
{
  return (const char *)m->options + r->at;
}

static tt1_status find_choice(int *out, const char *option, const char *text,
                              const char *(*name_of)(int index), tt1_error *err)
{
  tt1__text names = {0};
  for (int i = 0; name_of(i); i++) {
    if (strcmp(text, name_of(i)) == 0) {
      tt1__text_free(&names);
      *out = i;
      return TT1_OK;
    }
    tt1__text_add(&names, "%s%s", i ? ", " : "", name_of(i));
  }
  tt1__error_set(err, TT1_BAD_ARGUMENT, "--%s takes one of %s, not '%s'", option,
                 names.bytes ? names.bytes : "", text);
  tt1__text_free(&names);
  return TT1_BAD_ARGUMENT;
}

// A number and nothing else; "inf" is one.
static int read_number(const char *text, double *value)
{
  const char *at = text + (*text == '-' || *text == '+'), *end = text;
  *value = tt1__number_read(text, &end);
  if (strcmp(at, "inf") == 0) {
    *value = *text == '-' ? -HUGE_VAL : HUGE_VAL;
    return 1;
  }
  return end != text && !*end;
}

static tt1_status take_number(double *out, const row *r, const char *text, tt1_error *err)
{
  double value;
  if (!read_number(text, &value) || !(value >= r->from && value <= r->to))
    return tt1__error_set(err, TT1_BAD_ARGUMENT, "--%s takes a number from %g to %g, not '%s'",
                          r->shown.name, r->from, r->to, text);
  *out = value;
  return TT1_OK;
}

static tt1_status set_choice(tt1_mapping_options *o, const row *r, char *value, tt1_error *err)
{
  return find_choice(field(o, r), r->shown.name, value, r->name_of, err);
}

static tt1_status set_number(tt1_mapping_options *o, const row *r, char *value, tt1_error *err)
{
  return take_number(field(o, r), r, value, err);
}

static tt1_status set_integer(tt1_mapping_options *o, const row *r, char *value, tt1_error *err)
{
  double number;
  if (!read_number(value, &number) || !(number >= r->from && number <= r->to) ||
      number > floor(number))
    return tt1__error_set(err, TT1_BAD_ARGUMENT,
                          "--%s takes a whole number from %.0f to %.0f, not '%s'", r->shown.name,
                          r->from, r->to, value);
  *(int *)field(o, r) = (int)number;
  return TT1_OK;
}

static tt1_status set_flag(tt1_mapping_options *o, const row *r, char *value, tt1_error *err)
{
  (void)value, (void)err;
  *(int *)field(o, r) = 1;
  return TT1_OK;
}

static tt1_status set_text(tt1_mapping_options *o, const row *r, char *value, tt1_error *err)
{
  (void)err;
  *(const char **)field(o, r) = value;
  return TT1_OK;
}

/* ---- Setting: single options ---- */

static tt1_status set_solver(tt1_mapping_options *o, const row *r, char *value, tt1_error *err)
{
  int solver = 0;
  tt1_status status = find_choice(&solver, r->shown.name, value, solver_of, err);
  if (status != TT1_OK) return status;
  o->is_network = !tt1_solver_name((tt1_solver)solver);
  if (!o->is_network) o->plan.solver = (tt1_solver)solver;
  return TT1_OK;
}

static tt1_status set_memory(tt1_mapping_options *o, const row *r, char *value, tt1_error *err)
{
  double megabytes = 0.0;
  tt1_status status = take_number(&megabytes, r, value, err);
  if (status == TT1_OK) o->device_options.memory = (int64_t)(1e6 * megabytes);
  return status;
}

static tt1_status set_times(tt1_mapping_options *o, const row *r, char *value, tt1_error *err)
{
  int times = 0;
  tt1_status status = find_choice(&times, r->shown.name, value, tt1_times_name, err);
  if (status == TT1_OK) o->read.times = (tt1_times)times;
  return status;
}

static tt1_status set_known(tt1_mapping_options *o, const row *r, char *value, tt1_error *err)
{
  if (!strchr(value, '=') || value[0] == '=')
    return tt1__error_set(err, TT1_BAD_ARGUMENT,
                          "--%s takes NAME=VALUES, for instance TI=0.1,0.2, not '%s'",
                          r->shown.name, value);
  if (o->n_known == MAX_GIVEN)
    return tt1__error_set(err, TT1_BAD_ARGUMENT, "--%s is given too often", r->shown.name);
  o->known[o->n_known++] = value;
  int n_values = 1;
  for (const char *c = value; *c; c++)
    n_values += *c == ',';
  if (n_values > 1 && n_values > o->read.n_times) o->read.n_times = n_values;
  return TT1_OK;
}

static tt1_status set_start(tt1_mapping_options *o, const row *r, char *value, tt1_error *err)
{
  int start = 0;
  tt1_status status = find_choice(&start, r->shown.name, value, start_of, err);
  if (status != TT1_OK) return status;
  o->plan.start = (tt1_start)start;
  o->has_start = 1;
  return TT1_OK;
}

static tt1_status set_sigma(tt1_mapping_options *o, const row *r, char *value, tt1_error *err)
{
  tt1_plan_options *plan = &o->plan;
  const char *end;
  plan->sigma = 0;
  plan->sigma_from = strcmp(value, "middle") == 0 ? TT1_SIGMA_MIDDLE : TT1_SIGMA_RESIDUALS;
  o->estimates_sigma = strcmp(value, "auto") == 0;
  if (o->estimates_sigma || plan->sigma_from == TT1_SIGMA_MIDDLE || strcmp(value, "residuals") == 0)
    return TT1_OK;
  tt1__number_read(value, &end);
  if (end == value)
    return tt1__error_set(err, TT1_BAD_ARGUMENT,
                          "--sigma takes residuals, middle, auto or a number, not '%s'", value);
  return take_number(&plan->sigma, r, value, err);
}

static tt1_status set_change(tt1_mapping_options *o, const row *r, char *value, tt1_error *err)
{
  return tt1__change_parse(o, r->shown.name, value, err);
}

static tt1_status set_like(tt1_mapping_options *o, const row *r, char *value, tt1_error *err)
{
  int index;
  tt1_status status = find_choice(&index, r->shown.name, value, tt1__like_name, err);
  if (status == TT1_OK) o->like = tt1__like_name(index);
  return status;
}

static const struct {
  const char *name;
  int bit;
} formats[] = {{"nifti", TT1_FORMAT_NIFTI},
               {"png", TT1_FORMAT_PNG},
               {"dicom", TT1_FORMAT_DICOM},
               {"mat", TT1_FORMAT_MAT},
               {"svg", TT1_FORMAT_SVG},
               {"pdf", TT1_FORMAT_PDF},
               {NULL, 0}};

static const char *format_of(int index)
{
  return formats[index].name;
}

static tt1_status set_formats(tt1_mapping_options *o, const row *r, char *value, tt1_error *err)
{
  int found = 0;
  for (char *at = value, *next; at; at = next) {
    int index;
    next = strchr(at, ',');
    if (next) *next++ = '\0';
    tt1_status status = find_choice(&index, r->shown.name, at, format_of, err);
    if (status != TT1_OK) return status;
    found |= formats[index].bit;
  }
  o->formats = found;
  o->names_formats = 1;
  return TT1_OK;
}

static tt1_status set_range(tt1_mapping_options *o, const row *r, char *value, tt1_error *err)
{
  char *comma = strchr(value, ',');
  double found[2];
  if (comma) *comma = '\0';
  int is_range = comma && read_number(value, &found[0]) && read_number(comma + 1, &found[1]) &&
                 isfinite(found[0]) && isfinite(found[1]) && found[0] < found[1];
  if (comma) *comma = ',';
  if (!is_range)
    return tt1__error_set(
        err, TT1_BAD_ARGUMENT,
        "--%s takes FROM,TO in the unit of the picture, for instance 0,2000, not '%s'",
        r->shown.name, value);
  memcpy(o->range, found, sizeof found);
  o->has_range = 1;
  return TT1_OK;
}

static tt1_status set_dicom(tt1_mapping_options *o, const row *r, char *value, tt1_error *err)
{
  (void)r, (void)value, (void)err;
  o->formats |= TT1_FORMAT_DICOM;
  return TT1_OK;
}

/* ---- Recording ---- */

static void put_choice(tt1_json *out, const row *r, const tt1_mapping *m)
{
  tt1_json_text(out, r->key, r->name_of(*(const int *)field_of(m, r)));
}

static void put_number(tt1_json *out, const row *r, const tt1_mapping *m)
{
  tt1_json_number(out, r->key, *(const double *)field_of(m, r));
}

static void put_integer(tt1_json *out, const row *r, const tt1_mapping *m)
{
  tt1_json_integer(out, r->key, *(const int *)field_of(m, r));
}

static void put_flag(tt1_json *out, const row *r, const tt1_mapping *m)
{
  tt1_json_boolean(out, r->key, *(const int *)field_of(m, r));
}

static void put_text(tt1_json *out, const row *r, const tt1_mapping *m)
{
  tt1_json_text(out, r->key, *(const char *const *)field_of(m, r));
}

// What follows from other options: plans start, search and step as the settled ones say.
static void put_solver(tt1_json *out, const row *r, const tt1_mapping *m)
{
  const tt1_mapping_options *o = m->options;
  tt1_json_text(out, r->key, o->is_network ? "network" : tt1_solver_name(m->plan.solver));
}

static void put_start(tt1_json *out, const row *r, const tt1_mapping *m)
{
  tt1_json_text(out, r->key, start_of(m->plan.start));
}

static void put_precision(tt1_json *out, const row *r, const tt1_mapping *m)
{
  tt1_json_text(out, r->key, precision_of(m->plan.precision));
}

static void put_rate(tt1_json *out, const row *r, const tt1_mapping *m)
{
  tt1_json_number(out, r->key, m->plan.learning_rate);
  if (m->plan.amplitude_limit > 0) tt1_json_number(out, "amplitude_limit", m->plan.amplitude_limit);
}

static void put_weights(tt1_json *out, const row *r, const tt1_mapping *m)
{
  char crc[16];
  tt1_json_text(out, r->key, m->options->weights);
  if (!m->network) return;
  snprintf(crc, sizeof crc, "%08x", (unsigned)tt1_network_checksum(m->network));
  tt1_json_text(out, "weights_crc32", crc);
}

static void put_series(tt1_json *out, const row *r, const tt1_mapping *m)
{
  tt1_json_text(out, r->key, m->read.series);
}

static void put_times(tt1_json *out, const row *r, const tt1_mapping *m)
{
  tt1_json_text(out, r->key, tt1_times_name(m->read.times));
}

static void put_sigma(tt1_json *out, const row *r, const tt1_mapping *m)
{
  const tt1_plan_options *plan = &m->options->plan;
  tt1_json_number(out, r->key, plan->sigma);
  tt1_json_text(out, "sigma_from", plan->sigma_from == TT1_SIGMA_MIDDLE ? "middle" : "residuals");
  tt1_json_boolean(out, "sigma_auto", m->options->estimates_sigma);
}

static void put_known(tt1_json *out, const row *r, const tt1_mapping *m)
{
  if (m->options->n_known == 0) return;
  tt1_json_open(out, r->key, '[');
  for (int i = 0; i < m->options->n_known; i++)
    tt1_json_text(out, NULL, m->options->known[i]);
  tt1_json_close(out, '[');
}

// All of --fix, --bounds and --start-at, in their order.
static void put_changes(tt1_json *out, const row *r, const tt1_mapping *m)
{
  static const char *const keys[] = {"fixed", "bounds", "start"};
  if (m->options->n_changes == 0) return;
  tt1_json_open(out, r->key, '[');
  for (int i = 0; i < m->options->n_changes; i++) {
    const tt1_change *change = &m->options->changes[i];
    double bounds[2] = {change->value, change->upper};
    tt1_json_open(out, NULL, '{');
    tt1_json_text(out, "parameter", change->parameter);
    if (change->what == TT1_CHANGE_BOUNDS)
      tt1_json_numbers(out, keys[change->what], bounds, 2);
    else
      tt1_json_number(out, keys[change->what], change->value);
    tt1_json_close(out, '{');
  }
  tt1_json_close(out, '[');
}

static void put_start_maps(tt1_json *out, const row *r, const tt1_mapping *m)
{
  if (m->options->n_starts == 0) return;
  tt1_json_open(out, r->key, '[');
  for (int i = 0; i < m->options->n_starts; i++) {
    tt1_json_open(out, NULL, '{');
    tt1_json_text(out, "parameter", m->options->starts[i].parameter);
    tt1_json_inputs(out, "inputs", m->starts[i]);
    tt1_json_close(out, '{');
  }
  tt1_json_close(out, '[');
}

static void put_correction(tt1_json *out, const row *r, const tt1_mapping *m)
{
  if (m->corrected < 0) return;
  tt1_json_open(out, r->key, '{');
  tt1_json_text(out, "map", tt1__map_name(m->model, m->corrected));
  tt1_json_number(out, "factor", m->options->correction);
  tt1_json_text(out, "applied_to", "the map and its standard deviation");
  tt1_json_close(out, '{');
}

static void put_range(tt1_json *out, const row *r, const tt1_mapping *m)
{
  if (m->options->has_range) tt1_json_numbers(out, r->key, m->options->range, 2);
}

static void put_formats(tt1_json *out, const row *r, const tt1_mapping *m)
{
  char text[40] = "";
  for (int i = 0; formats[i].name; i++) {
    size_t used = strlen(text);
    if (m->options->formats & formats[i].bit)
      snprintf(text + used, sizeof text - used, "%s%s", used ? "," : "", formats[i].name);
  }
  tt1_json_text(out, r->key, text);
}

/* ---- The table ---- */

#define AT(member) offsetof(tt1_mapping_options, member)

/* clang-format off */
static const row rows[] = {
  {{"model", 'm', "NAME|FILE", "shipped model or model file (molli; of BIDS: by suffix)", 1},
   "model", set_text, put_text, AT(model), NULL, 0, 0},
  {{"solver", 's', "NAME", "auto, varpro, lm, adam, nelder-mead or network (auto)", 1},
   "solver", set_solver, put_solver, 0, NULL, 0, 0},
  {{"weights", 0, "FILE.npz", "of solver network; see 'torcht1 train'", 1},
   "weights", set_text, put_weights, AT(weights), NULL, 0, 0},
  {{"device", 0, "NAME", "auto, cpu, opencl[:N|:all] or cuda[:N|:all] (auto)", 0},
   NULL, set_text, NULL, AT(device), NULL, 0, 0},
  {{"device-memory", 0, "MB", "memory of a GPU to use (half of it)", 0},
   NULL, set_memory, NULL, 0, NULL, 0.1, 1e7},
  {{"isa", 0, "NAME", "avx512, avx2 or portable (the widest that runs)", 0},
   NULL, set_text, NULL, AT(device_options.isa), NULL, 0, 0},
  {{"jit", 0, "NAME", "auto: compile a model of your own with the C compiler, or off (auto)", 0},
   NULL, set_choice, NULL, AT(device_options.jit), jit_of, 0, 0},
  {{"no-cache", 0, NULL, "neither use nor keep compiled kernels", 0},
   NULL, set_flag, NULL, AT(device_options.no_cache), NULL, 0, 0},
  {{"precision", 0, "NAME", "float, or double as the reference (float)", 1},
   "precision", set_choice, put_precision, AT(plan.precision), precision_of, 0, 0},
  {{"threads", 't', "N", "threads (as many as the process may use)", 0},
   NULL, set_integer, NULL, AT(device_options.threads), NULL, 1, 1024},
  {{"series", 0, "N|#ROW|TEXT", "which DICOM series: number, row, UID, kind or part of its text", 1},
   "series", set_text, put_series, AT(read.series), NULL, 0, 0},
  {{"times", 0, "NAME", "auto, or trigger to take TriggerTime for the times (auto)", 1},
   "times", set_times, put_times, 0, NULL, 0, 0},
  {{"known", 'k', "X=1,2,3", "values of a known quantity in the model's unit; repeatable", 1},
   "known", set_known, put_known, 0, NULL, 0, 0},
  {{"resample", 0, NULL, "move maps of --known to the grid of the series by interpolation", 1},
   "resample", set_flag, put_flag, AT(resample), NULL, 0, 0},
  {{"scheme", 0, "TEXT", "groups and rests of MOLLI, as 5(1)1(1)1 (found from the clock)", 1},
   "scheme", set_text, put_text, AT(scheme), NULL, 0, 0},
  {{"images", 0, "LIST", "fit only these images, for instance 1-5,7 (from 1)", 1},
   "images", set_text, put_text, AT(images), NULL, 0, 0},
  {{"images-map", 0, "FILE", "a map of how many of the first images to fit", 1},
   "images-map", set_text, put_text, AT(images_map), NULL, 0, 0},
  {{"mask", 0, "FILE[:LABEL]", "fit where it is not 0, or has the label; auto: keep tissue", 1},
   "mask", set_text, put_text, AT(mask), NULL, 0, 0},
  {{"start", 0, "NAME", "grid, or fixed for one start (grid)", 1},
   "start", set_start, put_start, 0, NULL, 0, 0},
  {{"sign", 0, "NAME", "auto, magnitude, signed or phase (auto)", 1},
   "sign", set_choice, put_choice, AT(sign), tt1__sign_name, 0, 0},
  {{"uni", 0, "FILE", "UNI image that gives the sign of the first inversion of MP2RAGE", 1},
   "uni", set_text, put_text, AT(uni), NULL, 0, 0},
  {{"iterations", 0, "N", "limit (lm 60; adam 10000; nelder-mead 200 per parameter)", 1},
   "iterations", set_integer, put_integer, AT(plan.max_iterations), NULL, 1, 1000000},
  {{"rate", 0, "X", "learning rate of adam (3e-4)", 1},
   "rate", set_number, put_rate, AT(plan.learning_rate), NULL, 1e-9, 10},
  {{"tolerance", 0, "X", "change that ends lm, adam or nelder-mead (1e-6; never; 1e-4)", 1},
   "tolerance", set_number, put_number, AT(plan.tolerance), NULL, 0, 1},
  {{"noise", 0, "NAME", "gaussian, rician or robust (gaussian)", 1},
   "noise", set_choice, put_choice, AT(plan.noise), noise_of, 0, 0},
  {{"sigma", 0, "X", "SD of the noise: residuals, middle, auto or a number (residuals)", 1},
   "sigma", set_sigma, put_sigma, 0, NULL, 1e-30, 1e30},
  {{"covariance", 0, NULL, "write the covariance of every two parameters", 1},
   "covariance", set_flag, put_flag, AT(plan.covariance), NULL, 0, 0},
  {{"fix", 0, "NAME=VALUE", "hold a parameter at a value; repeatable", 1},
   "changes", set_change, put_changes, 0, NULL, 0, 0},
  {{"bounds", 0, "NAME=A,B", "bounds of a parameter, inf for none; repeatable", 1},
   NULL, set_change, NULL, 0, NULL, 0, 0},
  {{"start-at", 0, "NAME=VALUE", "fixed start (amplitudes: in largest samples); repeatable", 1},
   NULL, set_change, NULL, 0, NULL, 0, 0},
  {{"start-map", 0, "NAME=FILE", "fixed start from a map of the parameter; repeatable", 1},
   "start_maps", set_change, put_start_maps, 0, NULL, 0, 0},
  {{"correction", 0, "[MAP=]FACTOR", "multiply a map and its SD (the first BIDS map; none)", 1},
   "correction", set_change, put_correction, 0, NULL, 0, 0},
  {{"filter", 0, "NAME", "median3 or median5: smooth the maps in the plane (none)", 1},
   "filter", set_choice, put_choice, AT(filter), tt1__filter_name, 0, 0},
  {{"like", 0, "PAPER", "torch-t1: set all as that paper did, with adam or nelder-mead", 1},
   "like", set_like, put_text, AT(like), NULL, 0, 0},
  {{"keep-bound", 0, NULL, "keep the numbers of voxels on a bound", 1},
   "keep_bound", set_flag, put_flag, AT(keep_bound), NULL, 0, 0},
  {{"output-format", 0, "LIST", "nifti, png, svg, pdf, dicom, mat (nifti,png)", 1},
   "formats", set_formats, put_formats, 0, NULL, 0, 0},
  {{"range", 0, "FROM,TO", "window of the picture, in its unit (the usual one)", 1},
   "range", set_range, put_range, 0, NULL, 0, 0},
  {{"dicom", 0, NULL, "write the maps as DICOM too, in FOLDER/dicom", 1},
   NULL, set_dicom, NULL, 0, NULL, 0, 0},
};
/* clang-format on */

enum { N_ROWS = sizeof rows / sizeof *rows };

const tt1_option *tt1_mapping_option(int index)
{
  return index >= 0 && index < N_ROWS ? &rows[index].shown : NULL;
}

void tt1__options_put(tt1_json *out, const tt1_mapping *m)
{
  tt1_json_open(out, "options", '{');
  for (int i = 0; i < N_ROWS; i++)
    if (rows[i].put) rows[i].put(out, &rows[i], m);
  tt1_json_close(out, '{');
}

/* ---- Options as a whole ---- */

#define DEFAULTS                                                                \
  {                                                                             \
    .read = TT1_READ_OPTIONS_INIT, .device_options = TT1_DEVICE_OPTIONS_INIT,   \
    .plan = TT1_PLAN_OPTIONS_INIT, .formats = TT1_FORMAT_NIFTI | TT1_FORMAT_PNG \
  }

const tt1_mapping_options tt1__options_default = DEFAULTS;

tt1_status tt1_mapping_options_create(tt1_mapping_options **out, tt1_error *err)
{
  tt1_mapping_options *o = tt1__allocate(1, sizeof *o);
  if (!o) return tt1__no_memory(err);
  *o = tt1__options_default;
  *out = o;
  return TT1_OK;
}

void tt1_mapping_options_free(tt1_mapping_options *options)
{
  if (!options) return;
  tt1__arena_free(&options->texts);
  tt1__free(options);
}

static const char *name_at(int index, const void *context)
{
  (void)context;
  return index < N_ROWS ? rows[index].shown.name : NULL;
}

static tt1_status refuse_name(const char *name, tt1_error *err)
{
  const char *close = tt1_closest_name(name, name_at, NULL);
  return tt1__error_set(err, TT1_BAD_ARGUMENT, "unknown option '--%s'%s%s%s", name,
                        close ? "; did you mean '--" : "", close ? close : "", close ? "'?" : "");
}

tt1_status tt1_mapping_options_set(tt1_mapping_options *options, const char *name,
                                   const char *value, tt1_error *err)
{
  int i = 0;
  while (i < N_ROWS && strcmp(rows[i].shown.name, name) != 0)
    i++;
  if (i == N_ROWS) return refuse_name(name, err);
  const row *r = &rows[i];
  if (!value != !r->shown.argument)
    return tt1__error_set(err, TT1_BAD_ARGUMENT, "option '--%s' %s", name,
                          value ? "takes no value" : "needs a value");
  char *copy = value ? tt1__arena_copy(&options->texts, value, strlen(value)) : NULL;
  if (value && !copy) return tt1__no_memory(err);
  tt1_status status = r->set(options, r, copy, err);
  options->read.threads = options->device_options.threads;
  return status;
}

int tt1_mapping_options_formats(const tt1_mapping_options *options)
{
  return options->formats;
}

const char *tt1_mapping_options_model(const tt1_mapping_options *options)
{
  return options->model;
}

const tt1_read_options *tt1_mapping_options_reading(const tt1_mapping_options *options)
{
  return &options->read;
}

/* ---- What goes together ---- */

static int has_own_start(const tt1_mapping_options *o)
{
  for (int i = 0; i < o->n_changes; i++)
    if (o->changes[i].what == TT1_CHANGE_START) return 1;
  return o->n_starts > 0;
}

// Whoever gives a start means it.
static tt1_status settle_start(tt1_plan_options *plan, const tt1_mapping_options *o, tt1_error *err)
{
  if (!has_own_start(o)) return TT1_OK;
  if (o->has_start && plan->start == TT1_START_GRID)
    return tt1__error_set(err, TT1_BAD_ARGUMENT, "--start grid takes no --start-at or --start-map");
  if (plan->solver == TT1_SOLVER_VARPRO)
    return tt1__error_set(err, TT1_BAD_ARGUMENT,
                          "varpro searches globally and takes no --start-at or --start-map; "
                          "use --solver lm, adam or nelder-mead");
  plan->start = TT1_START_FIXED;
  return TT1_OK;
}

static const char *why_no_network(const tt1_mapping_options *o)
{
  const tt1_plan_options *plan = &o->plan;
  const char *device = o->device ? o->device : "auto";
  if (!o->weights) return "needs --weights FILE.npz; 'torcht1 train' makes them";
  if (o->n_changes || o->n_starts || o->correction > 0)
    return "has no parameters: leave out --fix, --bounds, --start-at, --start-map and --correction";
  if (strcmp(device, "cpu") != 0 && strcmp(device, "auto") != 0) return "runs on the cpu only";
  if (plan->noise != TT1_NOISE_GAUSSIAN || plan->covariance || plan->sigma > 0 ||
      plan->sigma_from || o->estimates_sigma)
    return "knows no noise: leave out --noise, --sigma and --covariance";
  return NULL;
}

static tt1_status check_network(const tt1_mapping_options *o, tt1_error *err)
{
  if (!o->is_network && o->weights)
    return tt1__error_set(err, TT1_BAD_ARGUMENT, "--weights is for --solver network only");
  if (!o->is_network) return TT1_OK;
  if (o->model && strcmp(o->model, "molli") != 0)
    return tt1__error_set(err, TT1_BAD_ARGUMENT,
                          "--solver network knows the model molli only, not '%s'", o->model);
  if (o->like)
    return tt1__error_set(err, TT1_BAD_ARGUMENT, "--like %s is about fits, not --solver network",
                          o->like);
  if (o->sign == SIGN_SIGNED || o->sign == SIGN_PHASE)
    return tt1__error_set(err, TT1_BAD_ARGUMENT,
                          "--solver network takes magnitudes, so --sign %s is not for it",
                          tt1__sign_name(o->sign));
  const char *why = why_no_network(o);
  return why ? tt1__error_set(err, TT1_BAD_ARGUMENT, "--solver network %s", why) : TT1_OK;
}

static tt1_status check_images(const tt1_mapping_options *o, tt1_error *err)
{
  if (!o->images_map || (!o->images && !o->is_network)) return TT1_OK;
  return tt1__error_set(err, TT1_BAD_ARGUMENT,
                        "--images-map says which images are fitted: leave out %s",
                        o->images ? "--images" : "--solver network");
}

static tt1_status check_scheme(const tt1_mapping_options *o, tt1_error *err)
{
  tt1__scheme_text scheme;
  tt1_error found = {0};
  if (!o->scheme || tt1__scheme_parse(&scheme, o->scheme, &found) == TT1_OK) return TT1_OK;
  return tt1__error_set(err, TT1_BAD_ARGUMENT, "--scheme: %s", found.message);
}

/* A format that was named and cannot be written is refused before anything is read. */
static tt1_status check_formats(const tt1_mapping_options *o, tt1_error *err)
{
  const char *why = NULL;
  if (!o->names_formats) return TT1_OK;
  if ((o->formats & TT1__FORMATS_DRAWN) && !tt1_picture_available(&why))
    return tt1__error_set(err, TT1_NO_DEVICE, "no picture can be written: %s", why);
  if ((o->formats & TT1_FORMAT_MAT) && !tt1_mat_available(&why))
    return tt1__error_set(err, TT1_NO_DEVICE, "no MATLAB file can be written: %s", why);
  return TT1_OK;
}

tt1_status tt1__options_settle(tt1_plan_options *out, const tt1_mapping_options *o, tt1_error *err)
{
  *out = o->plan;
  out->sign = o->sign == SIGN_PHASE ? TT1_SIGN_AUTO : (tt1_sign)o->sign;
  tt1_status status = check_network(o, err);
  if (status == TT1_OK) status = check_images(o, err);
  if (status == TT1_OK) status = check_scheme(o, err);
  if (status == TT1_OK) status = settle_start(out, o, err);
  if (out->solver == TT1_SOLVER_NELDER_MEAD) out->precision = TT1_DOUBLE; // all it knows
  if (status == TT1_OK) status = tt1__like_settle(out, o, err);
  return status == TT1_OK ? check_formats(o, err) : status;
}

tt1_status tt1_mapping_options_check(const tt1_mapping_options *options, tt1_error *err)
{
  tt1_plan_options plan;
  return tt1__options_settle(&plan, options, err);
}
