/* SPDX-License-Identifier: MIT
 * Persons of a cohort: what they and the scanner are like, drawn from normal
 * distributions that are cut off. docs/simulate.md has their sources. */
#include <math.h>

#include "simulate/simulate.h"

/* A distribution: mean, standard deviation, limits. */
typedef struct spread {
  double mean, deviation, from, to;
} spread;

// clang-format off
static const spread HEART_RATE    = {68.0,  9.0,   50.0,  95.0};  // beats per minute
static const spread RR_DEVIATION  = {0.025, 0.010, 0.0,   0.05};  // s
static const spread HEMATOCRIT    = {0.41,  0.035, 0.33,  0.50};
static const spread ECV           = {0.26,  0.03,  0.18,  0.36};
static const spread T1_MYOCARDIUM = {1.392, 0.041, 1.27,  1.52};  // s
static const spread T2_MYOCARDIUM = {0.045, 0.003, 0.037, 0.055};
static const spread R1_BLOOD      = {0.33,  0.012, 0.29,  0.37};  // 1/s, without red cells
static const spread T1_BLOOD_POST = {0.42,  0.035, 0.33,  0.54};
static const spread T2_BLOOD      = {0.18,  0.015, 0.14,  0.23};
static const spread T1_LIVER      = {0.81,  0.05,  0.68,  0.95};
static const spread SCALE         = {1.00,  0.06,  0.85,  1.15};
static const spread WALL          = {1.00,  0.10,  0.75,  1.35};
static const spread PLACE         = {0.0,   4.0,  -10.0,  10.0};  // mm
static const spread ROTATION      = {0.0,   8.0,  -20.0,  20.0};  // degrees
static const spread INVERSION     = {0.95,  0.01,  0.92,  0.98};  // residual inverted fraction
static const spread B1            = {0.95,  0.06,  0.80,  1.10};
static const spread OFF_RESONANCE = {0.0,  15.0,  -40.0,  40.0};  // Hz
static const spread FIELD         = {125.0, 40.6,  40.0, 210.0};  // Hz across the heart
// clang-format on

static const double R1_BLOOD_BY_HEMATOCRIT = 0.52; // 1/s, Lu et al. 2004, doi:10.1002/mrm.20178

static double draw(tt1__random *random, spread s)
{
  return fmax(s.from, fmin(s.to, s.mean + s.deviation * tt1__random_normal(random)));
}

// The agent goes where there is plasma: 1 - hematocrit of blood, the extracellular volume of myocardium.
static void draw_person(tt1_volunteer *v, tt1__random *random)
{
  v->heart_rate = draw(random, HEART_RATE);
  v->hematocrit = draw(random, HEMATOCRIT);
  v->ecv = draw(random, ECV);
  v->t1_myocardium[0] = draw(random, T1_MYOCARDIUM);
  v->t1_blood[0] = 1.0 / (draw(random, R1_BLOOD) + R1_BLOOD_BY_HEMATOCRIT * v->hematocrit);
  v->t1_blood[1] = draw(random, T1_BLOOD_POST);
  double change = 1.0 / v->t1_blood[1] - 1.0 / v->t1_blood[0];
  v->t1_myocardium[1] = 1.0 / (1.0 / v->t1_myocardium[0] + v->ecv / (1.0 - v->hematocrit) * change);
}

static void draw_heart(tt1_heart *heart, tt1__random *random)
{
  heart->scale = draw(random, SCALE);
  heart->wall = draw(random, WALL);
  heart->x = draw(random, PLACE);
  heart->y = draw(random, PLACE);
  heart->rotation = draw(random, ROTATION);
  heart->tissues[TT1_MYOCARDIUM].t2 = draw(random, T2_MYOCARDIUM);
  heart->tissues[TT1_BLOOD].t2 = draw(random, T2_BLOOD);
}

static void draw_scanner(tt1_simulation_options *scan, tt1__random *random)
{
  scan->sequence.rr_deviation = draw(random, RR_DEVIATION);
  scan->sequence.inversion = draw(random, INVERSION);
  scan->b1 = draw(random, B1);
  scan->off_resonance = draw(random, OFF_RESONANCE);
  scan->field = draw(random, FIELD);
}

void tt1_volunteer_draw(tt1_volunteer *out, uint64_t seed, int number)
{
  static const tt1_simulation_options usual = TT1_SIMULATION_OPTIONS_INIT;
  static const char *const SCHEMES[] = {"5(3)3", "4(1)3(1)2"};
  tt1__random random = tt1__random_stream(seed, TT1__STREAM_VOLUNTEER, (uint64_t)number);
  tt1_simulation_options scan = usual;
  tt1_volunteer v = {0};
  draw_person(&v, &random);
  draw_heart(&scan.heart, &random);
  draw_scanner(&scan, &random);
  scan.sequence.heart_rate = v.heart_rate;
  double t1_liver = draw(&random, T1_LIVER);
  for (int after = 0; after < 2; after++) {
    scan.post_contrast = after;
    scan.sequence.scheme = SCHEMES[after];
    scan.seed = (uint64_t)(tt1__random_uniform(&random) * 0x1p53) | 1u;
    scan.heart.tissues[TT1_MYOCARDIUM].t1 = v.t1_myocardium[after];
    scan.heart.tissues[TT1_BLOOD].t1 = v.t1_blood[after];
    scan.heart.tissues[TT1_LIVER].t1 = after ? 0.0 : t1_liver;
    v.scans[after] = scan;
  }
  *out = v;
}
