/* SPDX-License-Identifier: MIT
 * Training: labels that are right, the same bits for any threads and pauses, a
 * loss that falls, weights and checkpoints in files, failing memory, and
 * protocols that make no sense. */
#include <stdio.h>
#include <unistd.h>

#include "network_support.h"

static tt1_protocol five_images(void)
{
  tt1_protocol p = TT1_PROTOCOL_INIT;
  p.scheme = "5(3)3";
  p.n_images = 5;
  return p;
}

static tt1_training *begin(const tt1_protocol *protocol, int64_t n_steps, int threads)
{
  tt1_training_options o = TT1_TRAINING_OPTIONS_INIT;
  tt1_training *t = NULL;
  tt1_error err = {0};
  o.n_steps = n_steps;
  o.threads = threads;
  if (tt1_training_create(&t, protocol, &o, &err)) fail_msg("%s", err.message);
  return t;
}

static void advance(tt1_training *t, int count)
{
  tt1_error err = {0};
  if (tt1_training_advance(t, count, &err)) fail_msg("%s", err.message);
}

static void check_same(const tt1_training *a, const tt1_training *b)
{
  size_t n = a->network->n_parameters;
  assert_int_equal(a->step, b->step);
  assert_memory_equal(a->network->parameters, b->network->parameters, n * sizeof(float));
  assert_memory_equal(a->moments, b->moments, 2 * n * sizeof(float));
}

static void exact_recoveries_have_their_label(void **state)
{
  (void)state;
  static const double times[] = {0.12, 1.12, 2.12, 3.12, 4.12, 0.2, 1.2, 2.2};
  for (double t1 = 0.2; t1 < 2.5; t1 += 0.1)
    for (double k = 1.7; k < 2.05; k += 0.1) {
      double y[8], t1_apparent = t1 / (k - 1.0);
      for (int i = 0; i < 8; i++)
        y[i] = 3.0 * (1.0 - k * exp(-times[i] / t1_apparent));
      assert_true(fabs(tt1__molli_fit(y, times, 8, 0.8 * t1) - t1) < 1e-6);
    }
  static const double flat[8] = {1, 1, 1, 1, 1, 1, 1, 1};
  assert_true(isnan(tt1__molli_fit(flat, times, 8, 1.0)));
}

/* What is drawn is what the protocol says. */
static void draws_keep_to_their_protocol(void **state)
{
  (void)state;
  tt1_protocol p = five_images();
  tt1__sampler sampler;
  tt1__sample s;
  p.first_time = 1.0;
  p.beat_deviation = -1.0;
  p.heart_rate[0] = p.heart_rate[1] = 75.0;
  p.t1[0] = p.t1[1] = 1.2;
  assert_int_equal(tt1__sampler_make(&sampler, &p, NULL), TT1_OK);
  tt1__random random = tt1__random_stream(1, 2, 3);
  double sum = 0.0;
  for (int i = 0; i < 1000; i++) {
    tt1__sampler_draw(&s, &sampler, &random);
    assert_true(fabs(s.times[4] - 3.32) < 1e-9 && fabs(s.times[5] - 0.2) < 1e-9);
    // MOLLI reads low, the more so the shorter T2.
    assert_true(s.label > 0.9 && s.label < 1.25 && s.largest > 0.5 && s.largest < 1.5);
    sum += s.label;
  }
  assert_true(sum / 1000 > 1.05 && sum / 1000 < 1.19);
}

static void threads_and_pauses_change_no_bit(void **state)
{
  (void)state;
  need_openblas();
  tt1_protocol p = five_images();
  tt1_training *a = begin(&p, 6, 1), *b = begin(&p, 6, 3);
  advance(a, 100);
  advance(b, 1);
  advance(b, 2);
  advance(b, 100);
  assert_int_equal(tt1_training_step(a), 6);
  check_same(a, b);
  tt1_training_free(a);
  tt1_training_free(b);
}

static void folder_name(char path[64])
{
  snprintf(path, 64, "/tmp/tt1_train_XXXXXX");
  assert_non_null(mkdtemp(path));
}

static void remove_file(const char *folder, const char *name)
{
  char path[128];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  unlink(path);
}

static tt1_status save(const tt1_training *t, const char *path, const char *name, tt1_error *err)
{
  tt1_folder *folder = NULL;
  tt1_status status = tt1_folder_open(&folder, path, err);
  if (status == TT1_OK) status = tt1_folder_write_training(folder, name, t, err);
  if (status == TT1_OK) status = tt1_folder_commit(folder, err);
  tt1_folder_free(folder);
  return status;
}

static void check_resumed(const tt1_protocol *p)
{
  char folder[64], file[128];
  tt1_error err = {0};
  folder_name(folder);
  snprintf(file, sizeof file, "%s/c.npz", folder);
  tt1_training *a = begin(p, 5, 2), *b = NULL;
  advance(a, 3);
  assert_int_equal(save(a, folder, "c.npz", &err), TT1_OK);
  if (tt1_training_resume(&b, file, 1, &err)) fail_msg("%s", err.message);
  check_same(a, b);
  advance(a, 2);
  advance(b, 2);
  check_same(a, b);
  tt1_network *network = NULL;
  if (tt1_network_load(&network, file, &err)) fail_msg("%s", err.message);
  assert_int_equal(tt1_network_n_images(network), p->n_images);
  assert_true(tt1_network_checksum(network) != 0);
  tt1_network_free(network);
  tt1_training_free(a);
  tt1_training_free(b);
  remove_file(folder, "c.npz");
  rmdir(folder);
}

static void checkpoints_go_on_as_if_nothing_happened(void **state)
{
  (void)state;
  need_openblas();
  static const double times[] = {0.1, 1.1, 2.0, 3.1};
  tt1_protocol scheme = five_images(), list = TT1_PROTOCOL_INIT;
  check_resumed(&scheme);
  scheme.scheme = "4(2s)3(1)2"; // rests in seconds and in beats
  check_resumed(&scheme);
  list.times = times;
  list.n_times = 4;
  list.n_images = 3;
  list.label = TT1_LABEL_TRUE;
  list.beat_deviation = -1.0;
  check_resumed(&list);
}

static void wrong_checkpoints_are_refused(void **state)
{
  (void)state;
  need_openblas();
  char folder[64], file[128];
  tt1_error err = {0};
  tt1_protocol p = five_images();
  tt1_training *a = begin(&p, 5, 1), *b = NULL;
  folder_name(folder);
  snprintf(file, sizeof file, "%s/c.npz", folder);
  a->step = 6; // more than there are
  assert_int_equal(save(a, folder, "c.npz", &err), TT1_OK);
  assert_int_equal(tt1_training_resume(&b, file, 1, &err), TT1_BAD_FILE);
  assert_non_null(strstr(err.message, "makes no sense"));
  tt1_folder *out = NULL;
  assert_int_equal(tt1_folder_open(&out, folder, &err), TT1_OK);
  assert_int_equal(tt1_folder_write_network(out, "c.npz", a->network, &err), TT1_OK);
  assert_int_equal(tt1_folder_commit(out, &err), TT1_OK);
  tt1_folder_free(out);
  assert_int_equal(tt1_training_resume(&b, file, 1, &err), TT1_BAD_FILE);
  assert_non_null(strstr(err.message, "no checkpoint"));
  tt1_training_free(a);
  remove_file(folder, "c.npz");
  rmdir(folder);
}

static void the_loss_falls(void **state)
{
  (void)state;
  need_openblas();
  enum { N = 4096 };
  static float wanted[N], got[N];
  tt1_protocol p = five_images();
  tt1_training *t = begin(&p, 60, 0);
  advance(t, 1);
  double at_first = tt1_training_loss(t), sum = 0.0;
  advance(t, 49);
  advance(t, 10);
  assert_true(tt1_training_loss(t) < 0.3 * at_first);
  assert_int_equal(tt1_network_evaluate(tt1_training_network(t), &p, 5, N, wanted, got, 2, NULL),
                   TT1_OK);
  int n = 0;
  for (int v = 0; v < N; v++)
    if (!isnan(wanted[v])) {
      sum += fabs((double)(got[v] - wanted[v]));
      n++;
    }
  assert_true(n > N * 0.95 && sum / n < 1.3 * tt1_training_loss(t));
  tt1_training_free(t);
}

static void odd_protocols_are_refused(void **state)
{
  (void)state;
  static const double falling[] = {0.1, 2.0, 1.0, 3.0};
  tt1_protocol good = five_images(), wrong[9];
  for (int i = 0; i < 9; i++)
    wrong[i] = good;
  wrong[0].scheme = "5(3";
  wrong[1].n_images = 9;
  wrong[2].heart_rate[0] = wrong[2].heart_rate[1] = -3.0;
  wrong[3].t1[0] = 2.0, wrong[3].t1[1] = 1.0;
  wrong[4].times = falling, wrong[4].n_times = 4;
  wrong[5].first_time = 0.5;
  wrong[6].beat_deviation = 2.0;
  wrong[7].scheme = "3", wrong[7].n_images = 3;
  wrong[8].version = 7;
  static const char *const messages[] = {
      "not a MOLLI scheme", "9 images to feed",          "heart rates of -3",
      "T1 of 2 to 1",       "inversion time 3",          "a factor of 0.5",
      "a deviation of",     "3 images do not determine", "version 7"};
  for (int i = 0; i < 9; i++) {
    tt1_training *t = NULL;
    tt1_error err = {0};
    assert_int_equal(tt1_training_create(&t, &wrong[i], NULL, &err), TT1_BAD_ARGUMENT);
    if (!strstr(err.message, messages[i])) fail_msg("%d: %s", i, err.message);
    assert_null(t);
  }
}

/* The whole of a training's life; allocation may fail anywhere. */
static tt1_status live(const char *folder, const char *file, tt1_error *err)
{
  tt1_protocol p = five_images();
  tt1_training_options o = TT1_TRAINING_OPTIONS_INIT;
  tt1_training *a = NULL, *b = NULL;
  o.threads = 2;
  tt1_status status = tt1_training_create(&a, &p, &o, err);
  if (status == TT1_OK) status = save(a, folder, "c.npz", err);
  if (status == TT1_OK) status = tt1_training_resume(&b, file, 2, err);
  tt1_training_free(a);
  tt1_training_free(b);
  return status;
}

static void memory_may_fail(void **state)
{
  (void)state;
  need_openblas();
  char folder[64], file[128];
  folder_name(folder);
  snprintf(file, sizeof file, "%s/c.npz", folder);
  // Compressing takes its time: not every one of them.
  int n = 1;
  for (tt1_status status = TT1_NO_MEMORY; status != TT1_OK; n += n < 60 ? 1 : 7) {
    tt1_error err = {0};
    tt1__fail_allocation(n);
    status = live(folder, file, &err);
    tt1__fail_allocation(0);
    if (status != TT1_OK) assert_int_equal(status, TT1_NO_MEMORY);
  }
  assert_true(n > 60);
  remove_file(folder, "c.npz");
  rmdir(folder);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(exact_recoveries_have_their_label),
      cmocka_unit_test(draws_keep_to_their_protocol),
      cmocka_unit_test(threads_and_pauses_change_no_bit),
      cmocka_unit_test(checkpoints_go_on_as_if_nothing_happened),
      cmocka_unit_test(wrong_checkpoints_are_refused),
      cmocka_unit_test(the_loss_falls),
      cmocka_unit_test(odd_protocols_are_refused),
      cmocka_unit_test(memory_may_fail),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
