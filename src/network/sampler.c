/* SPDX-License-Identifier: MIT */
#include "network/sampler.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"

// Ranges of the simulations of Guo et al., Improving accuracy of myocardial T1 estimation in
// MyoMapNet, Magn Reson Med 2022; that of noise is ours.
static const double T2_RANGE[2] = {0.02, 0.25}, SNR_RANGE[2] = {15.0, 200.0};
static const double B1_DEVIATION = 0.2, B1_LEAST = 0.3, FREQUENCY_DEVIATION = 30.0;
static const double LOSS_MEAN = 0.02, LOSS_DEVIATION = 0.01;
// A fit that is further off than this is no answer to learn.
static const double LABEL_RANGE[2] = {0.6, 1.4};

/* ---- Protocols ---- */

static tt1_status check_range(const double range[2], double from, double to, const char *what,
                              tt1_error *err)
{
  if (range[0] >= from && range[1] >= range[0] && range[1] <= to) return TT1_OK;
  return tt1__error_set(err, TT1_BAD_ARGUMENT, "%s %g to %g do not lie in %g to %g", what, range[0],
                        range[1], from, to);
}

static tt1_status take_times(tt1__sampler *s, const tt1_protocol *p, tt1_error *err)
{
  if (p->n_times < 2 || p->n_times > TT1__MAX_TIMES)
    return tt1__error_set(err, TT1_BAD_ARGUMENT, "%d inversion times, expected 2 to %d", p->n_times,
                          TT1__MAX_TIMES);
  for (int i = 0; i < p->n_times; i++) {
    double gap = i ? p->times[i] - p->times[i - 1] : p->times[0];
    if (!(gap > 0.0 && gap <= 60.0))
      return tt1__error_set(err, TT1_BAD_ARGUMENT,
                            "inversion time %d (%g s) does not follow the one before: times are "
                            "above 0 and ascend",
                            i + 1, p->times[i]);
    s->times[i] = p->times[i];
    if (i) s->gap[i - 1] = gap;
  }
  s->scheme = (tt1__scheme){
      .n_groups = 1, .n_images = p->n_times, .count = {p->n_times}, .first = {p->times[0]}};
  s->rate = 60.0 * (p->n_times - 1) / (p->times[p->n_times - 1] - p->times[0]);
  s->protocol.scheme = NULL;
  s->protocol.times = s->times;
  return TT1_OK;
}

static tt1_status take_scheme(tt1__sampler *s, const tt1_protocol *p, tt1_error *err)
{
  tt1_status status = tt1__scheme_read(&s->scheme, p->scheme ? p->scheme : "5(3)3", err);
  if (status != TT1_OK) return status;
  snprintf(s->text, sizeof s->text, "%s", p->scheme ? p->scheme : "5(3)3");
  s->protocol.scheme = s->text;
  for (int i = 0; i < TT1__MAX_BEATS; i++)
    s->gap[i] = 1.0;
  s->rate = 60.0;
  return TT1_OK;
}

static void complete(tt1__sampler *s)
{
  tt1_protocol *p = &s->protocol;
  if (p->n_images == 0) p->n_images = s->scheme.n_images;
  if (p->heart_rate[0] == 0.0 && p->heart_rate[1] == 0.0) {
    p->heart_rate[0] = p->times ? s->rate * 0.67 : 45.0;
    p->heart_rate[1] = p->times ? s->rate * 1.5 : 110.0;
  }
  if (p->t1[0] == 0.0 && p->t1[1] == 0.0) {
    p->t1[0] = 0.1;
    p->t1[1] = 2.5;
  }
  if (p->first_time == 0.0) p->first_time = 1.25;
  if (p->beat_deviation == 0.0) p->beat_deviation = 0.03;
}

static tt1_status check(const tt1__sampler *s, tt1_error *err)
{
  const tt1_protocol *p = &s->protocol;
  tt1_status status = check_range(p->heart_rate, 1.0, 400.0, "heart rates of", err);
  if (status == TT1_OK) status = check_range(p->t1, 0.02, 10.0, "T1 of", err);
  if (status != TT1_OK) return status;
  if (p->n_images < 2 || p->n_images > s->scheme.n_images)
    return tt1__error_set(err, TT1_BAD_ARGUMENT,
                          "%d images to feed, the protocol has %d and at least 2 are needed",
                          p->n_images, s->scheme.n_images);
  if (!(p->first_time >= 1.0 && p->first_time <= 4.0))
    return tt1__error_set(err, TT1_BAD_ARGUMENT, "a factor of %g for first times is outside 1 to 4",
                          p->first_time);
  if (!(p->beat_deviation <= 0.3))
    return tt1__error_set(err, TT1_BAD_ARGUMENT, "a deviation of beats of %g is above 0.3",
                          p->beat_deviation);
  if (p->label != TT1_LABEL_MOLLI && p->label != TT1_LABEL_TRUE)
    return tt1__error_set(err, TT1_BAD_ARGUMENT, "label %d is not known", (int)p->label);
  if (p->label == TT1_LABEL_MOLLI && s->scheme.n_images < 4)
    return tt1__error_set(err, TT1_BAD_ARGUMENT,
                          "%d images do not determine the MOLLI T1, which takes 4; learn the true "
                          "T1 in its place",
                          s->scheme.n_images);
  return TT1_OK;
}

tt1_status tt1__sampler_make(tt1__sampler *sampler, const tt1_protocol *protocol, tt1_error *err)
{
  static const tt1_protocol usual = TT1_PROTOCOL_INIT;
  const tt1_protocol *p = protocol ? protocol : &usual;
  tt1_status status = tt1__check_version("tt1_protocol", p->version, TT1_PROTOCOL_VERSION, err);
  if (status != TT1_OK) return status;
  *sampler = (tt1__sampler){.protocol = *p};
  status = p->times ? take_times(sampler, p, err) : take_scheme(sampler, p, err);
  if (status != TT1_OK) return status;
  complete(sampler);
  return check(sampler, err);
}

/* ---- Labels ---- */

/* Sums of the fit at one T: amplitudes a - b e, residual times slope, slope squared. */
typedef struct step {
  double a, b, descent, curvature;
} step;

static step evaluate(const double *y, const double *t, int n, double T)
{
  double e[TT1__MAX_TIMES], d[TT1__MAX_TIMES];
  double mean_e = 0.0, mean_d = 0.0, mean_y = 0.0, ee = 0.0, ed = 0.0, ey = 0.0;
  for (int i = 0; i < n; i++) {
    e[i] = exp(-t[i] / T);
    d[i] = e[i] * t[i] / T; // by ln T
    mean_e += e[i] / n;
    mean_d += d[i] / n;
    mean_y += y[i] / n;
  }
  for (int i = 0; i < n; i++) {
    ee += (e[i] - mean_e) * (e[i] - mean_e);
    ed += (e[i] - mean_e) * (d[i] - mean_d);
    ey += (e[i] - mean_e) * (y[i] - mean_y);
  }
  step s = {.b = -ey / ee};
  s.a = mean_y + s.b * mean_e;
  for (int i = 0; i < n; i++) {
    double residual = y[i] - s.a + s.b * e[i];
    double slope = -s.b * (d[i] - mean_d - ed / ee * (e[i] - mean_e));
    s.descent += residual * slope;
    s.curvature += slope * slope;
  }
  return s;
}

// Variable projection with Gauss-Newton steps in ln T (Kaufman 1975, doi:10.1007/BF01932995).
double tt1__molli_fit(const double *signal, const double *times, int n, double start)
{
  enum { MOST_STEPS = 40 };
  double T = start;
  for (int i = 0; i < MOST_STEPS; i++) {
    step s = evaluate(signal, times, n, T);
    double move = s.descent / s.curvature;
    if (!isfinite(move)) break;
    if (fabs(move) < 1e-9) return (s.b / s.a - 1.0) * T;
    T *= exp(fmax(fmin(move, 0.5), -0.5));
  }
  return (double)NAN;
}

static double label_of(const tt1__sampler *sampler, const tt1__sample *clean, double t1)
{
  if (sampler->protocol.label == TT1_LABEL_TRUE) return t1;
  double fitted = tt1__molli_fit(clean->signal, clean->times, sampler->scheme.n_images, 0.8 * t1);
  int is_good = fitted >= LABEL_RANGE[0] * t1 && fitted <= LABEL_RANGE[1] * t1;
  return is_good ? fitted : (double)NAN;
}

/* ---- Drawing ---- */

static double between(tt1__random *random, double from, double to)
{
  return from + (to - from) * tt1__random_uniform(random);
}

static tt1__isochromat draw_tissue(const tt1_protocol *p, tt1__random *random)
{
  double t1 = between(random, p->t1[0], p->t1[1]);
  double t2 = between(random, T2_RANGE[0], T2_RANGE[1]);
  double b1 = 1.0 + B1_DEVIATION * tt1__random_normal(random);
  double frequency = FREQUENCY_DEVIATION * tt1__random_normal(random);
  double loss = fabs(LOSS_MEAN + LOSS_DEVIATION * tt1__random_normal(random));
  return (tt1__isochromat){.t1 = t1,
                           .t2 = fmin(t1, t2),
                           .b1 = fmax(b1, B1_LEAST),
                           .frequency = frequency,
                           .inversion = 1.0 - loss};
}

static tt1__sequence draw_sequence(const tt1__sampler *s, tt1__random *random)
{
  const tt1_protocol *p = &s->protocol;
  tt1__scheme scheme = s->scheme;
  double gap[TT1__MAX_BEATS];
  double slower = s->rate / between(random, p->heart_rate[0], p->heart_rate[1]);
  double later = pow(p->first_time, between(random, -1.0, 1.0));
  for (int i = 0; i < scheme.n_groups; i++)
    scheme.first[i] *= later;
  for (int i = 0; i < TT1__MAX_BEATS; i++) {
    double beat = fmax(p->beat_deviation, 0.0) * tt1__random_normal(random);
    gap[i] = s->gap[i] * slower * fmax(1.0 + beat, 0.5);
  }
  return tt1__molli_sequence(&scheme, gap, TT1__MAX_BEATS);
}

static void add_noise(double *signal, int n, double sigma, tt1__random *random)
{
  for (int i = 0; i < n; i++) {
    double real = signal[i] + sigma * tt1__random_normal(random);
    double imaginary = sigma * tt1__random_normal(random);
    signal[i] = sqrt(real * real + imaginary * imaginary);
  }
}

void tt1__sampler_draw(tt1__sample *sample, const tt1__sampler *sampler, tt1__random *random)
{
  tt1__readout usual = tt1__readout_usual();
  tt1__isochromat tissue = draw_tissue(&sampler->protocol, random);
  tt1__sequence sequence = draw_sequence(sampler, random);
  tt1__transverse signal[TT1__MAX_TIMES], full;
  double snr = SNR_RANGE[0] * pow(SNR_RANGE[1] / SNR_RANGE[0], tt1__random_uniform(random));
  int is_alone = tt1__random_uniform(random) < 0.5; // as if only those fed had been acquired
  tt1__bloch(signal, &full, &sequence, &tissue, &usual);
  for (int i = 0; i < sequence.n_images; i++) {
    sample->signal[i] = tt1__signed_signal(signal[i], full);
    sample->times[i] = sequence.times[i];
  }
  sample->label = label_of(sampler, sample, tissue.t1);
  add_noise(sample->signal, sequence.n_images, 1.0 / snr, random);
  sample->largest = 0.0;
  for (int i = 0; i < (is_alone ? sampler->protocol.n_images : sequence.n_images); i++)
    sample->largest = fmax(sample->largest, sample->signal[i]);
}

void tt1__sampler_fill(tt1__pass *pass, double *labels, const tt1__sampler *sampler,
                       tt1__random *random)
{
  tt1__sample sample;
  for (int v = 0; v < TT1__BLOCK; v++) {
    tt1__sampler_draw(&sample, sampler, random);
    labels[v] = sample.label;
    tt1__pass_feed(pass, sampler->protocol.n_images, v, sample.signal, sample.largest,
                   sample.times);
  }
}
