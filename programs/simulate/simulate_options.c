/* SPDX-License-Identifier: MIT
 * Options of `torcht1 simulate`. Numbers are checked by the library, whose
 * defaults they have; here only what is no number is refused. */
#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "simulate/simulate.h"

enum {
  FORMAT = 256,
  VENDOR,
  SUBJECTS,
  SIZE,
  SLICES,
  SNR,
  COILS,
  SEED,
  SIGNED,
  PHYSICS,
  POST,
  TISSUE,
  HEART,
  SEQUENCE,
  SCHEME,
  FIRST,
  INVERSION,
  SATURATIONS,
  SATURATION,
  PREPARATIONS,
  SATURATED,
  REST,
  RATE,
  RR_SD,
  FLIP,
  REPETITION,
  RAMP,
  LINES,
  CENTER,
  TIMES_TO,
  OFF_RESONANCE,
  FIELD,
  B1,
  BREATHING,
  AMPLITUDE
};

const option_row simulate_options[] = {
    {"output", 'o', "FOLDER", "where to write (its parent must exist)"},
    {"format", FORMAT, "NAME", "nifti, dicom, both or bids (nifti; cohort: bids)"},
    {"vendor", VENDOR, "NAME", "DICOM as siemens or as philips (siemens)"},
    {"subjects", SUBJECTS, "N", "of a cohort, 1 to 999 (30)"},
    {"seed", SEED, "N", "of noise, heart beats, breathing; of a cohort (1)"},
    {"size", SIZE, "N", "voxels along a side, 32 to 1024 (128)"},
    {"slices", SLICES, "N", "slices, 1 to 64 (1)"},
    {"snr", SNR, "X", "C of myocardium over sigma, or inf (50)"},
    {"coils", COILS, "N", "receiver coils, 1 to 64 (1)"},
    {"signed", SIGNED, NULL, "signed values in place of magnitudes"},
    {"physics", PHYSICS, "NAME", "bloch, or equation for the equation of model molli (bloch)"},
    {"post-contrast", POST, NULL, "tissue values after contrast agent"},
    {"tissue", TISSUE, "NAME=T1[,T2]",
     "times of a tissue in s, such as myocardium=1.3; repeatable"},
    {"heart", HEART, "KEY=X,...", "scale, wall, x, y (mm), rotation (degrees)"},
    {"sequence", SEQUENCE, "NAME", "molli, sasha or t2prep (molli)"},
    {"scheme", SCHEME, "NAME", "MOLLI: 5(3)3, 5(3s)3, 4(1)3(1)2, ... (5(3)3)"},
    {"first", FIRST, "LIST", "MOLLI: s from inversion to its first image (0.12,0.2,0.28)"},
    {"inversion", INVERSION, "D", "MOLLI: residual inverted fraction, 0.5 to 1 (1)"},
    {"saturations", SATURATIONS, "N", "SASHA: saturated images, 3 to 20 (9)"},
    {"saturation", SATURATION, "X", "efficiency of saturations, 0.8 to 1 (1)"},
    {"preparations", PREPARATIONS, "LIST", "T2prep: durations in s (0,0.025,0.055)"},
    {"saturated-image", SATURATED, NULL, "T2prep: one more image, saturated right before"},
    {"rest", REST, "N", "T2prep: heart beats between images (3)"},
    {"heart-rate", RATE, "BPM", "beats per minute (60)"},
    {"rr-sd", RR_SD, "S", "SD of the time between heart beats (0)"},
    {"flip", FLIP, "DEG", "flip angle of the readout (35)"},
    {"repetition", REPETITION, "S", "from line to line (0.0027)"},
    {"ramp", RAMP, "N", "pulses that rise to the flip angle, 0 for none (5)"},
    {"lines", LINES, "N", "pulses after them (70)"},
    {"center", CENTER, "N", "the line of k-space's centre, from 1 (half the lines + 1)"},
    {"times-to", TIMES_TO, "NAME", "pulse or echo of that line (pulse)"},
    {"off-resonance", OFF_RESONANCE, "HZ", "everywhere (0)"},
    {"field", FIELD, "HZ", "smooth variation across the heart (0)"},
    {"b1", B1, "X", "flip angles over the nominal ones (1)"},
    {"breathing", BREATHING, "NAME", "none, free, or drift in a breath-hold (none)"},
    {"amplitude", AMPLITUDE, "MM", "of breathing, along foot-head (10 free, 3 drift)"},
    {"threads", 't', "N", "threads (as many as the process may use)"},
    {"quiet", 'q', NULL, "print nothing"},
    {NULL, 0, NULL, NULL}};

/* Which options mean something only where. */
enum { OF_HEART = 1, OF_COHORT = 2, OF_MOLLI = 4, OF_SASHA = 8, OF_T2PREP = 16, DRAWN = 32 };

static const struct {
  int key, where;
} limits[] = {
    {SUBJECTS, OF_COHORT},
    {POST, OF_HEART | DRAWN},
    {TISSUE, OF_HEART | DRAWN},
    {HEART, OF_HEART | DRAWN},
    {BREATHING, OF_HEART},
    {AMPLITUDE, OF_HEART},
    {SEQUENCE, DRAWN},
    {SCHEME, OF_MOLLI | DRAWN},
    {FIRST, OF_MOLLI},
    {INVERSION, OF_MOLLI | DRAWN},
    {SATURATIONS, OF_SASHA},
    {SATURATION, OF_SASHA | OF_T2PREP},
    {PREPARATIONS, OF_T2PREP},
    {SATURATED, OF_T2PREP},
    {REST, OF_T2PREP},
    {RATE, DRAWN},
    {RR_SD, DRAWN},
    {OFF_RESONANCE, DRAWN},
    {FIELD, DRAWN},
    {B1, DRAWN},
};

/* ---- Names ---- */

static const char *format_name(int index)
{
  static const char *const names[] = {"nifti", "dicom", "both", "bids", NULL};
  return names[index];
}

static const char *vendor_name(int index)
{
  static const char *const names[] = {"siemens", "philips", NULL};
  return names[index];
}

static const char *physics_name(int index)
{
  static const char *const names[] = {"bloch", "equation", NULL};
  return names[index];
}

static const char *sequence_name(int index)
{
  static const char *const names[] = {"molli", "sasha", "t2prep", NULL};
  return names[index];
}

static const char *end_name(int index)
{
  static const char *const names[] = {"pulse", "echo", NULL};
  return names[index];
}

static const char *breathing_name(int index)
{
  static const char *const names[] = {"none", "free", "drift", NULL};
  return names[index];
}

static const char *subject_name(int index)
{
  static const char *const names[] = {"heart", "vials", "nist", "cohort", NULL};
  return names[index];
}

static const char *tissue_name(int index)
{
  return tt1_subject_label(TT1_SUBJECT_HEART, index);
}

/* ---- Values ---- */

static int choose(const char *option, const char *(*name_of)(int index))
{
  return option_choice(&command_simulate, option, optarg, name_of);
}

static double number(const char *option, double from, double to)
{
  return option_number(&command_simulate, option, optarg, from, to);
}

static int integer(const char *option, int from, int to)
{
  return option_integer(&command_simulate, option, optarg, from, to);
}

/* Numbers with commas between; how many. */
static int take_list(double *values, int most, const char *option, const char *text)
{
  int count = 0;
  for (const char *at = text;; at++) {
    char *end = NULL;
    double value = strtod(at, &end);
    if (end == at || (*end && *end != ',') || !isfinite(value) || count == most)
      usage_error(&command_simulate, "--%s takes at most %d numbers with commas between, not '%s'",
                  option, most, text);
    values[count++] = value;
    at = end;
    if (!*at) return count;
  }
}

static void take_tissue(tt1_heart *heart, const char *text)
{
  double times[2] = {0.0, 0.0};
  char name[32];
  const char *equals = strchr(text, '=');
  if (!equals)
    usage_error(&command_simulate, "--tissue takes NAME=T1 or NAME=T1,T2, not '%s'", text);
  snprintf(name, sizeof name, "%.*s", (int)(equals - text), text);
  int label = option_choice(&command_simulate, "tissue", name, tissue_name);
  take_list(times, 2, "tissue", equals + 1);
  heart->tissues[label] = (tt1_tissue){times[0], times[1]};
}

/* list = key "=" number { "," key "=" number } */
static void take_heart(tt1_heart *heart, const char *text)
{
  const struct {
    const char *name;
    double *value;
  } keys[] = {{"scale=", &heart->scale},
              {"wall=", &heart->wall},
              {"x=", &heart->x},
              {"y=", &heart->y},
              {"rotation=", &heart->rotation}};
  for (const char *at = text;; at++) {
    size_t i = 0, n = sizeof keys / sizeof *keys;
    while (i < n && strncmp(at, keys[i].name, strlen(keys[i].name)) != 0)
      i++;
    char *end = NULL;
    const char *value = i < n ? at + strlen(keys[i].name) : at;
    double x = strtod(value, &end);
    if (i == n || end == value || (*end && *end != ','))
      usage_error(&command_simulate,
                  "--heart takes a list such as scale=1.1,wall=0.9,x=5,y=-3,rotation=10, not '%s'",
                  text);
    *keys[i].value = x;
    at = end;
    if (!*at) return;
  }
}

static double take_snr(void)
{
  return strcmp(optarg, "inf") == 0 ? (double)INFINITY : number("snr", 0.1, 1e9);
}

/* ---- Parsing ---- */

static void parse_sequence(tt1_sequence *s, int key)
{
  switch (key) {
  case SEQUENCE: s->kind = (tt1_sequence_kind)choose("sequence", sequence_name); break;
  case SCHEME: s->scheme = optarg; break;
  case FIRST: take_list(s->first_times, TT1_MAX_INVERSIONS, "first", optarg); break;
  case INVERSION: s->inversion = number("inversion", 0.5, 1.0); break;
  case SATURATIONS: s->n_saturations = integer("saturations", 3, TT1_MAX_SATURATIONS); break;
  case SATURATION: s->saturation = number("saturation", 0.8, 1.0); break;
  case PREPARATIONS:
    s->n_preparations = take_list(s->preparations, TT1_MAX_PREPARATIONS, "preparations", optarg);
    break;
  case SATURATED: s->has_saturated_image = 1; break;
  case REST: s->rest = integer("rest", 1, 9); break;
  case RATE: s->heart_rate = number("heart-rate", 20.0, 250.0); break;
  case RR_SD: s->rr_deviation = number("rr-sd", 0.0, 0.3); break;
  case FLIP: s->flip = number("flip", 1e-6, 90.0); break;
  case REPETITION: s->repetition = number("repetition", 0.001, 0.02); break;
  case RAMP:
    s->n_ramp = integer("ramp", 0, 30);
    if (s->n_ramp == 0) s->n_ramp = -1;
    break;
  case LINES: s->n_lines = integer("lines", 1, 300); break;
  case CENTER: s->line = integer("center", 1, 300); break;
  case TIMES_TO: s->times_to_echo = choose("times-to", end_name); break;
  }
}

static void parse_scene(tt1_simulation_options *o, int key)
{
  switch (key) {
  case SIZE: o->size = integer("size", 32, 1024); break;
  case SLICES: o->slices = integer("slices", 1, 64); break;
  case SNR: o->snr = take_snr(); break;
  case COILS: o->coils = integer("coils", 1, 64); break;
  case SEED: o->seed = (uint64_t)integer("seed", 1, 2147483647); break;
  case SIGNED: o->is_signed = 1; break;
  case PHYSICS: o->physics = (tt1_physics)choose("physics", physics_name); break;
  case POST: o->post_contrast = 1; break;
  case TISSUE: take_tissue(&o->heart, optarg); break;
  case HEART: take_heart(&o->heart, optarg); break;
  case OFF_RESONANCE: o->off_resonance = number("off-resonance", -500.0, 500.0); break;
  case FIELD: o->field = number("field", 0.0, 500.0); break;
  case B1: o->b1 = number("b1", 0.2, 2.0); break;
  case BREATHING: o->breathing = (tt1_breathing)choose("breathing", breathing_name); break;
  case AMPLITUDE: o->amplitude = number("amplitude", 0.0, 40.0); break;
  case 't': o->threads = integer("threads", 1, 1024); break;
  default: parse_sequence(&o->sequence, key);
  }
}

static void note(simulate_request *r, int key)
{
  for (int row = 0; simulate_options[row].name; row++)
    if (simulate_options[row].key == key) r->given |= UINT64_C(1) << row;
}

static const char *given_option(const simulate_request *r, int key)
{
  for (int row = 0; simulate_options[row].name; row++)
    if (simulate_options[row].key == key)
      return r->given >> row & 1 ? simulate_options[row].name : NULL;
  return NULL;
}

/* What was asked for as bits: those options mean something. */
static int where_of(const simulate_request *r)
{
  static const int SEQUENCES[] = {OF_MOLLI, OF_SASHA, OF_T2PREP};
  int where = SEQUENCES[r->options.sequence.kind];
  if (r->is_cohort) where |= OF_COHORT;
  if (r->options.subject == TT1_SUBJECT_HEART) where |= OF_HEART;
  return where;
}

static void check_limits(const simulate_request *r)
{
  const command_row *me = &command_simulate;
  static const char *const places[] = {"the heart", "a cohort", "molli", "sasha", "t2prep"};
  int where = where_of(r);
  for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
    const char *name = given_option(r, limits[i].key);
    int wanted = limits[i].where & ~DRAWN;
    if (!name) continue;
    if (r->is_cohort && limits[i].where & DRAWN)
      usage_error(me, "--%s is not for a cohort, which draws it for each subject", name);
    if (!wanted || wanted & where) continue;
    int first = 0;
    while (!(wanted >> first & 1))
      first++;
    usage_error(me, "--%s is for %s", name, places[first]);
  }
}

static void check(const simulate_request *r)
{
  const command_row *me = &command_simulate;
  if (!r->output) usage_error(me, "-o FOLDER is missing");
  check_limits(r);
  if (r->options.is_signed && r->format != SIMULATE_NIFTI)
    usage_error(me, "--signed is for NIfTI; in DICOM and BIDS the phase tells the sign");
  if (r->format == SIMULATE_BIDS && r->options.sequence.kind != TT1_SEQUENCE_MOLLI)
    usage_error(me, "BIDS has no name for a series of %s; write nifti or dicom",
                sequence_name((int)r->options.sequence.kind));
  int has_dicom = r->format == SIMULATE_DICOM || r->format == SIMULATE_BOTH;
  if (given_option(r, VENDOR) && !has_dicom) usage_error(me, "--vendor is for --format dicom");
}

void simulate_parse(simulate_request *r, int argc, char **argv)
{
  const command_row *me = &command_simulate;
  int key;
  while ((key = option_next(me, argc, argv))) {
    note(r, key);
    switch (key) {
    case 'o': r->output = optarg; break;
    case 'q': r->quiet = 1; break;
    case FORMAT: r->format = (simulate_format)choose("format", format_name); break;
    case VENDOR: r->style = (tt1_dicom_style)choose("vendor", vendor_name); break;
    case SUBJECTS: r->n_subjects = integer("subjects", 1, 999); break;
    default: parse_scene(&r->options, key);
    }
  }
  const char *what = one_operand(me, argc, argv, "what to simulate ('heart')");
  int subject = 0;
  while (subject_name(subject) && strcmp(what, subject_name(subject)) != 0)
    subject++;
  if (!subject_name(subject))
    usage_error(me, "only 'heart', 'vials', 'nist' and 'cohort' can be simulated, not '%s'", what);
  r->is_cohort = subject > TT1_SUBJECT_NIST;
  if (!r->is_cohort) r->options.subject = (tt1_subject)subject;
  if (r->is_cohort && !given_option(r, FORMAT)) r->format = SIMULATE_BIDS;
  check(r);
}
