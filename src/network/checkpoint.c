/* SPDX-License-Identifier: MIT
 * Checkpoints of a training: the weights as in any network's file, Adam's moments
 * ("training.moments") and everything else as numbers ("training.state"). */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "network/train.h"

/* The state as numbers, by name of what they are. All are exact in double. */
enum {
  VERSION,
  STEP,
  N_STEPS,
  SEED_HIGH,
  SEED_LOW,
  RATE,
  N_IMAGES,
  RATE_FROM,
  RATE_TO,
  T1_FROM,
  T1_TO,
  FIRST_TIME,
  BEATS,
  LABEL,
  N_GROUPS,
  COUNTS,
  RESTS = COUNTS + TT1__MAX_INVERSIONS,
  N_TIMES = RESTS + TT1__MAX_INVERSIONS,
  TIMES,
  N_STATE = TIMES + TT1__MAX_TIMES
};
enum { STATE_VERSION = 1 };

static void put_state(double state[N_STATE], const tt1_training *t)
{
  const tt1_protocol *p = &t->sampler.protocol;
  const tt1__scheme *scheme = &t->sampler.scheme;
  memset(state, 0, N_STATE * sizeof *state);
  state[VERSION] = STATE_VERSION;
  state[STEP] = (double)t->step;
  state[N_STEPS] = (double)t->n_steps;
  state[SEED_HIGH] = (double)(t->seed >> 32);
  state[SEED_LOW] = (double)(t->seed & 0xFFFFFFFFu);
  state[RATE] = t->rate;
  state[N_IMAGES] = p->n_images;
  state[RATE_FROM] = p->heart_rate[0];
  state[RATE_TO] = p->heart_rate[1];
  state[T1_FROM] = p->t1[0];
  state[T1_TO] = p->t1[1];
  state[FIRST_TIME] = p->first_time;
  state[BEATS] = p->beat_deviation;
  state[LABEL] = p->label;
  state[N_GROUPS] = p->times ? 0 : scheme->n_groups;
  for (int i = 0; i < TT1__MAX_INVERSIONS; i++) {
    state[COUNTS + i] = scheme->count[i];
    state[RESTS + i] = scheme->rest[i];
  }
  state[N_TIMES] = p->times ? p->n_times : 0;
  for (int i = 0; i < TT1__MAX_TIMES; i++)
    state[TIMES + i] = t->sampler.times[i];
}

static int is_whole(double x, double from, double to)
{
  return x >= from && x <= to && x == floor(x);
}

static int has_good_counts(const double *s)
{
  static const struct {
    int at;
    double from, to;
  } whole[] = {{VERSION, STATE_VERSION, STATE_VERSION},
               {STEP, 0, 0x1p50},
               {N_STEPS, 1, 0x1p50},
               {SEED_HIGH, 0, 0xFFFFFFFFp0},
               {SEED_LOW, 0, 0xFFFFFFFFp0},
               {N_IMAGES, 1, TT1__MAX_TIMES},
               {LABEL, TT1_LABEL_MOLLI, TT1_LABEL_TRUE},
               {N_GROUPS, 0, TT1__MAX_INVERSIONS},
               {N_TIMES, 0, TT1__MAX_TIMES}};
  for (size_t i = 0; i < sizeof whole / sizeof *whole; i++)
    if (!is_whole(s[whole[i].at], whole[i].from, whole[i].to)) return 0;
  for (int i = 0; i < s[N_GROUPS]; i++)
    if (!is_whole(s[COUNTS + i], 1, 9) || !is_whole(s[RESTS + i], -9, 9)) return 0;
  return s[STEP] <= s[N_STEPS] && (s[N_GROUPS] > 0) != (s[N_TIMES] > 0);
}

static void scheme_text(char text[32], const double *s)
{
  int used = snprintf(text, 32, "%d", (int)s[COUNTS]);
  for (int i = 1; i < s[N_GROUPS]; i++) {
    int rest = (int)s[RESTS + i - 1];
    used += snprintf(text + used, 32 - (size_t)used, "(%d%s)%d", abs(rest), rest < 0 ? "s" : "",
                     (int)s[COUNTS + i]);
  }
}

/* A training like the saved one, at its beginning. */
static tt1_status begin_again(tt1_training **out, const double *s, int threads, tt1_error *err)
{
  char text[32];
  tt1_protocol p = {.version = TT1_PROTOCOL_VERSION,
                    .times = s[N_TIMES] > 0 ? s + TIMES : NULL,
                    .n_times = (int)s[N_TIMES],
                    .n_images = (int)s[N_IMAGES],
                    .heart_rate = {s[RATE_FROM], s[RATE_TO]},
                    .t1 = {s[T1_FROM], s[T1_TO]},
                    .first_time = s[FIRST_TIME],
                    .beat_deviation = s[BEATS],
                    .label = (tt1_network_label)(int)s[LABEL]};
  if (s[N_GROUPS] > 0) {
    scheme_text(text, s);
    p.scheme = text;
  }
  tt1_training_options o = {.version = TT1_TRAINING_OPTIONS_VERSION,
                            .seed = (uint64_t)s[SEED_HIGH] << 32 | (uint64_t)s[SEED_LOW],
                            .n_steps = (int64_t)s[N_STEPS],
                            .rate = s[RATE],
                            .threads = threads};
  return tt1_training_create(out, &p, &o, err);
}

static tt1_status read_named(tt1__array *a, const tt1__zip *npz, const char *name, int64_t count,
                             tt1_error *err)
{
  int index = tt1__npz_find(npz, name);
  if (index < 0)
    return tt1__error_set(err, TT1_BAD_FILE,
                          "%s holds no array %s, so it is no checkpoint of a training", npz->path,
                          name);
  tt1_status status = tt1__npz_read(a, npz, index, err);
  if (status != TT1_OK || a->count == count) return status;
  status = tt1__error_set(err, TT1_BAD_FILE, "%s: array %s holds %lld numbers, expected %lld",
                          npz->path, name, (long long)a->count, (long long)count);
  tt1__free(a->values);
  *a = (tt1__array){0};
  return status;
}

static tt1_status take_weights(tt1_training *t, const tt1__zip *npz, tt1_error *err)
{
  tt1_network *network = NULL;
  tt1__array moments = {0};
  size_t n = t->network->n_parameters;
  tt1_status status = tt1__network_read(&network, npz, err);
  if (status == TT1_OK && network->n_images != t->network->n_images)
    status = tt1__error_set(err, TT1_BAD_FILE, "%s: weights for %d images, expected %d", npz->path,
                            network->n_images, t->network->n_images);
  if (status == TT1_OK)
    status = read_named(&moments, npz, "training.moments", (int64_t)(2 * n), err);
  if (status == TT1_OK) {
    memcpy(t->network->parameters, network->parameters, n * sizeof *network->parameters);
    for (size_t i = 0; i < 2 * n; i++)
      t->moments[i] = (float)moments.values[i];
  }
  tt1__free(moments.values);
  tt1_network_free(network);
  return status;
}

static tt1_status restore(tt1_training **out, const tt1__zip *npz, int threads, tt1_error *err)
{
  tt1__array state = {0};
  tt1_training *t = NULL;
  tt1_status status = read_named(&state, npz, "training.state", N_STATE, err);
  if (status != TT1_OK) return status;
  if (!has_good_counts(state.values))
    status =
        tt1__error_set(err, TT1_BAD_FILE, "%s: array training.state makes no sense", npz->path);
  if (status == TT1_OK) status = begin_again(&t, state.values, threads, err);
  if (status == TT1_OK) status = take_weights(t, npz, err);
  if (status == TT1_OK) {
    t->step = (int64_t)state.values[STEP];
    *out = t;
  } else {
    tt1_training_free(t);
  }
  tt1__free(state.values);
  return status;
}

tt1_status tt1_training_resume(tt1_training **out, const char *path, int threads, tt1_error *err)
{
  enum { LARGEST_FILE = 1 << 28 };
  tt1__file file = {0};
  tt1__zip npz = {0};
  tt1_status status = tt1__file_read(&file, path, LARGEST_FILE, err);
  if (status == TT1_OK) status = tt1__npz_open(&npz, &file, path, err);
  if (status == TT1_OK) status = restore(out, &npz, threads, err);
  tt1__zip_close(&npz);
  tt1__file_free(&file);
  return status;
}

tt1_status tt1_folder_write_training(tt1_folder *folder, const char *name,
                                     const tt1_training *training, tt1_error *err)
{
  double state[N_STATE];
  const int64_t n_state = N_STATE, moments[2] = {2, (int64_t)training->network->n_parameters};
  tt1__zip_writer writer = {0};
  put_state(state, training);
  tt1_status status = tt1__network_write(training->network, &writer, err);
  if (status == TT1_OK)
    status =
        tt1__npz_add(&writer, "training.moments", TT1_FLOAT32, training->moments, 2, moments, err);
  if (status == TT1_OK)
    status = tt1__npz_add(&writer, "training.state", TT1_FLOAT64, state, 1, &n_state, err);
  if (status == TT1_OK) status = tt1__zip_finish(&writer, err);
  if (status == TT1_OK)
    status = tt1_folder_write(folder, name, writer.body.bytes, writer.body.length, err);
  tt1__zip_free(&writer);
  return status;
}
