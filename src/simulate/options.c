/* SPDX-License-Identifier: MIT
 * Options of a simulation: defaults and limits, one row each. */
#include <math.h>
#include <stddef.h>

#include "base/error.h"
#include "simulate/simulate.h"

/* A number: where it stands, its default in place of 0, and its limits, inclusive. */
typedef struct number_row {
  size_t offset;
  const char *what;
  double usual, from, to;
} number_row;

typedef struct integer_row {
  size_t offset;
  const char *what;
  int usual, from, to;
} integer_row;

#define AT(field) offsetof(tt1_simulation_options, field)

// clang-format off
static const number_row numbers[] = {
  {AT(snr),                   "a signal-to-noise ratio",                        50.0,  0.0, HUGE_VAL},
  {AT(off_resonance),         "an off-resonance in Hz",                          0.0, -500.0, 500.0},
  {AT(field),                 "a field variation in Hz",                         0.0,  0.0, 500.0},
  {AT(b1),                    "a B1 scale",                                      1.0,  0.2, 2.0},
  {AT(amplitude),             "an amplitude of breathing in mm",                 0.0,  0.0, 40.0},
  {AT(heart.scale),           "a scale of the heart",                            1.0,  0.7, 1.3},
  {AT(heart.wall),            "a scale of the wall's thickness",                 1.0,  0.5, 2.0},
  {AT(heart.x),               "a place of the heart in mm",                      0.0, -20.0, 20.0},
  {AT(heart.y),               "a place of the heart in mm",                      0.0, -20.0, 20.0},
  {AT(heart.rotation),        "a rotation of the heart in degrees",              0.0, -45.0, 45.0},
  {AT(sequence.heart_rate),   "a heart rate in beats per minute",               60.0, 20.0, 250.0},
  {AT(sequence.rr_deviation), "a deviation of heart beats in s",                 0.0,  0.0, 0.3},
  {AT(sequence.inversion),    "a residual inverted fraction",                    1.0,  0.5, 1.0},
  {AT(sequence.saturation),   "a saturation efficiency",                         1.0,  0.8, 1.0},
  {AT(sequence.flip),         "a flip angle in degrees",                        35.0,  0.0, 90.0},
  {AT(sequence.repetition),   "a repetition time in s",                        0.0027, 0.001, 0.02},
};

static const integer_row integers[] = {
  {AT(subject),                 "a subject",                   0, 0, TT1_SUBJECT_NIST},
  {AT(physics),                 "a kind of physics",           0, 0, TT1_PHYSICS_EQUATION},
  {AT(breathing),               "a kind of breathing",         0, 0, TT1_BREATHING_DRIFT},
  {AT(sequence.kind),           "a kind of sequence",          0, 0, TT1_SEQUENCE_T2PREP},
  {AT(size),                    "a size in voxels",          128, 32, 1024},
  {AT(slices),                  "a number of slices",          1, 1, 64},
  {AT(coils),                   "a number of coils",           1, 1, 64},
  {AT(sequence.n_saturations),  "a number of saturations",     9, 3, TT1_MAX_SATURATIONS},
  {AT(sequence.n_preparations), "a number of preparations",    0, 2, TT1_MAX_PREPARATIONS},
  {AT(sequence.rest),           "beats of rest",               3, 1, 9},
  {AT(sequence.n_ramp),         "a number of ramp pulses",     5, -1, 30},
  {AT(sequence.n_lines),        "a number of lines",          70, 1, 300},
  {AT(sequence.line),           "the central line",            0, 1, 300},
  {AT(threads),                 "a number of threads",         0, 0, 1024},
};
// clang-format on

static tt1_status complete_number(tt1_simulation_options *o, const number_row *row, tt1_error *err)
{
  double *value = (double *)(void *)((char *)o + row->offset);
  if (!(*value < 0.0) && !(*value > 0.0) && !isnan(*value)) *value = row->usual;
  if (*value >= row->from && *value <= row->to) return TT1_OK;
  return tt1__error_set(err, TT1_BAD_ARGUMENT, "%s of %g is outside %g to %g", row->what, *value,
                        row->from, row->to);
}

static tt1_status complete_integer(tt1_simulation_options *o, const integer_row *row,
                                   tt1_error *err)
{
  int *value = (int *)(void *)((char *)o + row->offset);
  if (*value == 0) *value = row->usual;
  if (*value >= row->from && *value <= row->to) return TT1_OK;
  return tt1__error_set(err, TT1_BAD_ARGUMENT, "%s of %d is outside %d to %d", row->what, *value,
                        row->from, row->to);
}

// Defaults that follow from other options.
static void complete_rest(tt1_simulation_options *o)
{
  static const double USUAL[] = {0.0, 0.025, 0.055};
  tt1_sequence *s = &o->sequence;
  if (o->seed == 0) o->seed = 1;
  if (!s->scheme) s->scheme = "5(3)3";
  if (s->n_lines == 0) s->n_lines = 70;
  if (s->line == 0) s->line = s->n_lines / 2 + 1;
  for (int i = 0; s->n_preparations == 0 && i < 3; i++)
    s->preparations[i] = USUAL[i];
  if (s->n_preparations == 0) s->n_preparations = 3;
  if (!(o->amplitude > 0.0) && o->breathing == TT1_BREATHING_FREE) o->amplitude = 10.0;
  if (!(o->amplitude > 0.0) && o->breathing == TT1_BREATHING_DRIFT) o->amplitude = 3.0;
  s->has_saturated_image = s->has_saturated_image != 0;
}

static tt1_status check_times(const tt1_sequence *s, tt1_error *err)
{
  for (int i = 0; i < TT1_MAX_INVERSIONS; i++)
    if (!(s->first_times[i] >= 0.0 && s->first_times[i] <= 2.0))
      return tt1__error_set(err, TT1_BAD_ARGUMENT,
                            "a first inversion time of %g s is outside 0 to 2", s->first_times[i]);
  for (int i = 0; i < s->n_preparations; i++)
    if (!(s->preparations[i] >= 0.0 && s->preparations[i] <= 0.2))
      return tt1__error_set(err, TT1_BAD_ARGUMENT, "a T2 preparation of %g s is outside 0 to 0.2",
                            s->preparations[i]);
  if (s->line > s->n_lines)
    return tt1__error_set(err, TT1_BAD_ARGUMENT, "line %d is none of %d lines", s->line,
                          s->n_lines);
  if (s->rr_deviation > 0.1 * 60.0 / s->heart_rate)
    return tt1__error_set(err, TT1_BAD_ARGUMENT,
                          "heart beats that deviate by %g s are too irregular for %g beats per "
                          "minute; at most a tenth of the time between them is simulated",
                          s->rr_deviation, s->heart_rate);
  return TT1_OK;
}

static tt1_status check_tissues(const tt1_heart *heart, tt1_error *err)
{
  for (int label = 0; label < TT1_N_HEART_LABELS; label++) {
    const tt1_tissue *t = &heart->tissues[label];
    if (t->t1 >= 0.0 && t->t1 <= 10.0 && t->t2 >= 0.0 && t->t2 <= 10.0) continue;
    return tt1__error_set(err, TT1_BAD_ARGUMENT, "T1 %g s and T2 %g s of %s are outside 0 to 10",
                          t->t1, t->t2, tt1_subject_label(TT1_SUBJECT_HEART, label));
  }
  return TT1_OK;
}

// Bloch's T2 is no longer than twice T1; here tissues may go no further than T1.
static tt1_status check_scene(const tt1_simulation_options *o, tt1_error *err)
{
  tt1__scene scene = tt1__scene_make(o);
  for (int label = 0; label < scene.n_labels; label++)
    if (scene.materials[label].t2 > scene.materials[label].t1)
      return tt1__error_set(err, TT1_BAD_ARGUMENT, "T2 %g s of %s is longer than its T1, %g s",
                            scene.materials[label].t2, tt1_subject_label(o->subject, label),
                            scene.materials[label].t1);
  if (o->physics == TT1_PHYSICS_EQUATION && o->sequence.kind != TT1_SEQUENCE_MOLLI)
    return tt1__error_set(err, TT1_BAD_ARGUMENT,
                          "the signal equation is that of MOLLI; other sequences take the Bloch "
                          "equations");
  return TT1_OK;
}

tt1_status tt1__simulation_complete(tt1_simulation_options *out,
                                    const tt1_simulation_options *given, tt1_error *err)
{
  static const tt1_simulation_options usual = TT1_SIMULATION_OPTIONS_INIT;
  tt1_simulation_options o = given ? *given : usual;
  tt1_status status =
      tt1__check_version("tt1_simulation_options", o.version, TT1_SIMULATION_OPTIONS_VERSION, err);
  if (status != TT1_OK) return status;
  complete_rest(&o);
  for (size_t i = 0; status == TT1_OK && i < sizeof integers / sizeof *integers; i++)
    status = complete_integer(&o, &integers[i], err);
  for (size_t i = 0; status == TT1_OK && i < sizeof numbers / sizeof *numbers; i++)
    status = complete_number(&o, &numbers[i], err);
  if (status == TT1_OK) status = check_times(&o.sequence, err);
  if (status == TT1_OK) status = check_tissues(&o.heart, err);
  if (status == TT1_OK) status = check_scene(&o, err);
  if (status == TT1_OK) *out = o;
  return status;
}
