/* SPDX-License-Identifier: MIT */
#include "simulate/sequence.h"

#include <math.h>

#include "base/error.h"
#include "simulate/simulate.h"

// An image without saturation is one that recovered for longer than any tissue takes.
static const double NOT_SATURATED = 30.0;
// Between a preparation and what comes before or after it: spoilers, a little of the trigger's time.
static const double MARGIN = 0.01;

/* ---- Readouts ---- */

tt1__readout tt1__readout_usual(void)
{
  return (tt1__readout){.flip = 35.0, .repetition = 0.0027, .n_ramp = 5, .n_lines = 70, .line = 35};
}

double tt1__readout_before(const tt1__readout *readout)
{
  return (readout->n_ramp + readout->line) * readout->repetition;
}

double tt1__readout_behind(const tt1__readout *readout)
{
  return (readout->n_lines - readout->line) * readout->repetition;
}

tt1__readout tt1__readout_of(const tt1_sequence *options)
{
  return (tt1__readout){.flip = options->flip,
                        .repetition = options->repetition,
                        .n_ramp = options->n_ramp < 0 ? 0 : options->n_ramp,
                        .n_lines = options->n_lines,
                        .line = options->line - 1};
}

/* ---- Heart beats ---- */

// Times between beats: independent, within three standard deviations.
static void draw_beats(double gap[TT1__MAX_BEATS], const tt1_sequence *o, uint64_t seed)
{
  tt1__random random = tt1__random_stream(seed, TT1__STREAM_BEATS, 0);
  for (int i = 0; i < TT1__MAX_BEATS; i++) {
    double z = tt1__random_normal(&random);
    gap[i] = 60.0 / o->heart_rate + o->rr_deviation * fmax(fmin(z, 3.0), -3.0);
  }
}

/* ---- Saturation recovery and T2 preparation ---- */

static void add(tt1__sequence *s, tt1__event_kind kind, double time, double duration)
{
  s->events[s->n_events++] = (tt1__event){kind, time, duration};
}

static void add_image(tt1__sequence *s, double now, double time)
{
  add(s, TT1__READ, now, 0.0);
  s->acquired[s->n_images] = now;
  s->times[s->n_images++] = time;
}

/* One image from equilibrium, then saturation times evenly spaced from the shortest that the readout
 * leaves room for to the longest that fits between beats (Chow et al. 2014,
 * doi:10.1002/mrm.24878). A beat that comes early cuts its saturation time short. */
static void sasha(tt1__sequence *s, const tt1_sequence *o, const double *gap)
{
  tt1__readout readout = tt1__readout_of(o);
  double least = tt1__readout_before(&readout) + MARGIN, now = least;
  double idle = tt1__readout_behind(&readout) + MARGIN, most = 60.0 / o->heart_rate - idle;
  add_image(s, now, NOT_SATURATED);
  for (int i = 0; i < o->n_saturations; i++) {
    double wanted = least + (most - least) * i / (o->n_saturations - 1);
    double time = fmin(wanted, gap[i] - idle);
    now += gap[i];
    add(s, TT1__SATURATE, now - time, 0.0);
    add_image(s, now, time);
  }
}

// Preparations end where their readout begins.
static void t2prep(tt1__sequence *s, const tt1_sequence *o, const double *gap)
{
  tt1__readout readout = tt1__readout_of(o);
  double before = tt1__readout_before(&readout), now = before + o->preparations[0];
  int beat = 0;
  for (int i = 0; i < o->n_preparations + o->has_saturated_image; i++) {
    int is_saturated = i == o->n_preparations;
    double time = is_saturated ? 0.0 : o->preparations[i];
    add(s, is_saturated ? TT1__SATURATE : TT1__PREPARE_T2, now - before, time);
    s->is_saturated[s->n_images] = is_saturated;
    add_image(s, now, time);
    for (int j = 0; j <= o->rest; j++)
      now += gap[beat++ % TT1__MAX_BEATS];
  }
}

static tt1_status molli(tt1__sequence *s, const tt1_sequence *o, const double *gap, tt1_error *err)
{
  tt1__scheme scheme;
  tt1_status status = tt1__scheme_read(&scheme, o->scheme, err);
  if (status != TT1_OK) return status;
  for (int i = 0; i < scheme.n_groups; i++)
    if (o->first_times[i] > 0.0) scheme.first[i] = o->first_times[i];
  *s = tt1__molli_sequence(&scheme, gap, TT1__MAX_BEATS);
  // To the last digit: sums over beats would round otherwise.
  if (!(o->rr_deviation > 0.0)) tt1__scheme_times(s->times, &scheme, 60.0 / o->heart_rate);
  return TT1_OK;
}

/* ---- All ---- */

// A readout may lose lines to an early inversion (bloch.h), but nothing begins before what is there ends.
static tt1_status check_order(const tt1__sequence *s, const tt1__readout *readout, tt1_error *err)
{
  double free_from = -HUGE_VAL;
  int n_images = 0;
  for (int i = 0; i < s->n_events; i++) {
    const tt1__event *event = &s->events[i];
    int is_first_image = event->kind == TT1__READ && i > 0 && s->events[i - 1].kind == TT1__INVERT;
    double begin = event->time - event->duration;
    if (event->kind == TT1__READ && !is_first_image) begin -= tt1__readout_before(readout);
    if (begin < free_from - 1e-9)
      return tt1__error_set(
          err, TT1_BAD_ARGUMENT,
          "%.0f ms are missing between image %d and what follows: the heart beats "
          "too fast for readouts of %.0f ms and their preparations",
          1e3 * (free_from - begin), n_images,
          1e3 * (readout->n_ramp + readout->n_lines) * readout->repetition);
    free_from = event->time;
    if (event->kind != TT1__READ) continue;
    free_from += tt1__readout_behind(readout);
    n_images++;
  }
  return TT1_OK;
}

tt1_status tt1__sequence_make(tt1__sequence *out, const tt1_sequence *options, uint64_t seed,
                              tt1_error *err)
{
  double gap[TT1__MAX_BEATS];
  tt1__sequence s = {0};
  tt1__readout readout = tt1__readout_of(options);
  tt1_status status = TT1_OK;
  draw_beats(gap, options, seed);
  switch (options->kind) {
  case TT1_SEQUENCE_MOLLI: status = molli(&s, options, gap, err); break;
  case TT1_SEQUENCE_SASHA: sasha(&s, options, gap); break;
  case TT1_SEQUENCE_T2PREP: t2prep(&s, options, gap); break;
  }
  if (status == TT1_OK) status = check_order(&s, &readout, err);
  if (status != TT1_OK) return status;
  double echo = options->times_to_echo ? 0.5 * readout.repetition : 0.0;
  int is_to_center = options->kind != TT1_SEQUENCE_T2PREP;
  for (int i = 0; is_to_center && i < s.n_images; i++)
    s.times[i] += echo;
  *out = s;
  return TT1_OK;
}
