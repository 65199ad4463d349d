/* SPDX-License-Identifier: MIT
 * Whole maps: what is fed and how it is scaled, outcomes, the same bits wherever a
 * voxel lies, failing memory. */
#include "network_support.h"

enum { N_IMAGES = 4, N_ALL = 6, VOXELS = 9001 };

static const double TIMES[N_ALL] = {0.12, 1.1, 2.0, 3.05, 0.2, 1.2};

/* Magnitudes [N_ALL][n], some negative: phase that nobody took off. */
static float *random_series(int64_t n)
{
  float *signal = malloc((size_t)(n * N_ALL) * sizeof *signal);
  tt1__random random = tt1__random_seed(11);
  for (int64_t i = 0; i < n * N_ALL; i++)
    signal[i] = (float)(300.0 * tt1__random_normal(&random));
  return signal;
}

typedef struct answer {
  float *t1;
  uint8_t *outcome;
} answer;

static answer predict(const tt1_network *network, const float *signal, int64_t n,
                      const uint8_t *mask, int threads)
{
  static const int images[N_IMAGES] = {4, 0, 5, 2};
  tt1_network_input input = {.signal = signal,
                             .times = TIMES,
                             .n_images = N_ALL,
                             .n_voxels = n,
                             .images = images,
                             .mask = mask};
  answer a = {malloc((size_t)n * sizeof *a.t1), malloc((size_t)n)};
  tt1_error err = {0};
  if (tt1_network_predict(network, &input, a.t1, a.outcome, threads, NULL, NULL, &err))
    fail_msg("%s", err.message);
  return a;
}

static void answer_free(answer *a)
{
  free(a->t1);
  free(a->outcome);
}

/* Outputs of a random network may be negative: shift them up, which is the last bias. */
static tt1_network *positive_network(void)
{
  tt1_network *network = random_network(N_IMAGES, 5);
  network->parameters[network->n_parameters - 1] += 10.0F;
  return network;
}

static void voxels_are_fed_as_published(void **state)
{
  (void)state;
  need_openblas();
  tt1_network *network = positive_network();
  float *signal = random_series(VOXELS);
  answer a = predict(network, signal, VOXELS, NULL, 1);
  for (int64_t v = 0; v < VOXELS; v += 37) {
    static const int images[N_IMAGES] = {4, 0, 5, 2};
    double largest = 0.0, fed[2 * N_IMAGES];
    for (int i = 0; i < N_ALL; i++)
      largest = fmax(largest, fabs((double)signal[i * VOXELS + v]));
    for (int i = 0; i < N_IMAGES; i++) {
      fed[i] = fabs((double)signal[images[i] * VOXELS + v]) / (1.1 * largest);
      fed[N_IMAGES + i] = TIMES[images[i]];
    }
    double expected = by_hand(network, fed);
    assert_int_equal(a.outcome[v], TT1_CONVERGED);
    if (!(fabs((double)a.t1[v] - expected) <= 2e-5 * fabs(expected)))
      fail_msg("voxel %lld: %g, by hand %g", (long long)v, (double)a.t1[v], expected);
  }
  answer_free(&a);
  free(signal);
  tt1_network_free(network);
}

static uint32_t bits(float x)
{
  uint32_t word;
  memcpy(&word, &x, sizeof word);
  return word;
}

/* The same bits, or as near as OpenBLAS can: its AVX2 kernels (Haswell, Zen) round a few sums
 * otherwise in every second group of six voxels. */
static void check_near(float a, float b, int64_t *n_other)
{
  *n_other += bits(a) != bits(b);
  assert_true(fabs((double)a - (double)b) <= 1e-5 * fabs((double)a));
}

/* More threads: the same bits. Backwards, through a mask, alone: see above. */
static void threads_change_no_bit_and_places_next_to_nothing(void **state)
{
  (void)state;
  need_openblas();
  tt1_network *network = positive_network();
  float *signal = random_series(VOXELS), *reversed = malloc(VOXELS * N_ALL * sizeof *reversed);
  uint8_t *mask = malloc(VOXELS);
  int64_t n_other = 0;
  for (int64_t v = 0; v < VOXELS; v++) {
    mask[v] = v % 3 == 1;
    for (int i = 0; i < N_ALL; i++)
      reversed[i * VOXELS + VOXELS - 1 - v] = signal[i * VOXELS + v];
  }
  answer a = predict(network, signal, VOXELS, NULL, 1),
         threads = predict(network, signal, VOXELS, NULL, 3);
  answer masked = predict(network, signal, VOXELS, mask, 2);
  answer back = predict(network, reversed, VOXELS, NULL, 2);
  for (int64_t v = 0; v < VOXELS; v++) {
    assert_int_equal(bits(a.t1[v]), bits(threads.t1[v]));
    check_near(a.t1[v], back.t1[VOXELS - 1 - v], &n_other);
    if (mask[v])
      check_near(a.t1[v], masked.t1[v], &n_other);
    else
      assert_true(masked.outcome[v] == TT1_MASKED && isnan(masked.t1[v]));
  }
  for (int64_t v = 0; v < VOXELS; v += 500) {
    float alone[N_ALL];
    for (int i = 0; i < N_ALL; i++)
      alone[i] = signal[i * VOXELS + v];
    answer one = predict(network, alone, 1, NULL, 1);
    check_near(a.t1[v], one.t1[0], &n_other);
    answer_free(&one);
  }
  print_message("places change the last bits of %lld numbers\n", (long long)n_other);
  answer_free(&a);
  answer_free(&threads);
  answer_free(&masked);
  answer_free(&back);
  free(mask);
  free(signal);
  free(reversed);
  tt1_network_free(network);
}

static void bad_voxels_say_so(void **state)
{
  (void)state;
  need_openblas();
  enum { N = 5 };
  tt1_network *network = positive_network();
  float signal[N_ALL * N];
  for (int i = 0; i < N_ALL * N; i++)
    signal[i] = 10.0F + (float)(i / N);
  for (int i = 0; i < N_ALL; i++)
    signal[i * N + 1] = 0.0F;
  signal[3 * N + 2] = NAN; // in an image that is not fed
  signal[0 * N + 3] = INFINITY;
  answer a = predict(network, signal, N, NULL, 1);
  static const uint8_t expected[N] = {TT1_CONVERGED, TT1_SINGULAR, TT1_NOT_FINITE, TT1_NOT_FINITE,
                                      TT1_CONVERGED};
  assert_memory_equal(a.outcome, expected, N);
  assert_true(isnan(a.t1[1]) && isnan(a.t1[2]) && isnan(a.t1[3]));
  answer_free(&a);
  network->parameters[network->n_parameters - 1] -= 1000.0F;
  a = predict(network, signal, N, NULL, 1);
  assert_int_equal(a.outcome[0], TT1_AT_BOUND); // a T1 below zero is none
  assert_true(a.t1[0] < 0.0F);
  answer_free(&a);
  tt1_network_free(network);
}

static void wrong_arguments_are_refused(void **state)
{
  (void)state;
  tt1_network *network = random_network(N_IMAGES, 5);
  float signal[N_ALL] = {1, 2, 3, 4, 5, 6}, t1 = 7.0F;
  static const int outside[N_IMAGES] = {0, 1, 2, N_ALL};
  const double not_finite[N_ALL] = {0.1, (double)NAN, 1.0, 2.0, 3.0, 4.0};
  tt1_network_input good = {.signal = signal, .times = TIMES, .n_images = N_ALL, .n_voxels = 1};
  tt1_network_input few = good, away = good, timeless = good;
  few.n_images = 3;
  away.images = outside;
  timeless.times = not_finite;
  const struct {
    const tt1_network_input *input;
    int threads;
    const char *message;
  } wrongs[] = {{&few, 1, "wants 4 images, the series has 3"},
                {&away, 1, "image 6 is outside 0 to 5"},
                {&timeless, 1, "the time of image 1 is not finite"},
                {&good, -1, "-1 threads"}};
  for (size_t i = 0; i < sizeof wrongs / sizeof *wrongs; i++) {
    tt1_error err = {0};
    assert_int_equal(tt1_network_predict(network, wrongs[i].input, &t1, NULL, wrongs[i].threads,
                                         NULL, NULL, &err),
                     TT1_BAD_ARGUMENT);
    assert_non_null(strstr(err.message, wrongs[i].message));
    assert_true(t1 == 7.0F);
  }
  tt1_network_free(network);
}

static void parts_of_a_series_give_the_bits_of_copies(void **state)
{
  (void)state;
  enum { FIRST = 1000, COUNT = 5000 };
  need_openblas();
  tt1_network *network = positive_network();
  float *signal = random_series(VOXELS), *copy = malloc(N_ALL * COUNT * sizeof *copy);
  float *expected = malloc(COUNT * sizeof *expected), *got = malloc(COUNT * sizeof *got);
  for (int i = 0; i < N_ALL; i++)
    memcpy(copy + i * COUNT, signal + i * VOXELS + FIRST, COUNT * sizeof *copy);
  tt1_network_input input = {.signal = copy, .times = TIMES, .n_images = N_ALL, .n_voxels = COUNT};
  assert_int_equal(tt1_network_predict(network, &input, expected, NULL, 1, NULL, NULL, NULL),
                   TT1_OK);
  input.signal = signal + FIRST;
  input.stride = VOXELS;
  assert_int_equal(tt1_network_predict(network, &input, got, NULL, 2, NULL, NULL, NULL), TT1_OK);
  assert_memory_equal(expected, got, COUNT * sizeof *got);
  input.stride = COUNT - 1;
  assert_int_equal(tt1_network_predict(network, &input, got, NULL, 1, NULL, NULL, NULL),
                   TT1_BAD_ARGUMENT);
  free(got);
  free(expected);
  free(copy);
  free(signal);
  tt1_network_free(network);
}

static int stop(int64_t done, int64_t total, void *payload)
{
  (void)total;
  *(int64_t *)payload = done;
  return 1;
}

static void maps_can_be_cancelled(void **state)
{
  (void)state;
  need_openblas();
  tt1_network *network = positive_network();
  float *signal = random_series(VOXELS), *t1 = malloc(VOXELS * sizeof *t1);
  int64_t seen = 0;
  tt1_network_input input = {
      .signal = signal, .times = TIMES, .n_images = N_ALL, .n_voxels = VOXELS};
  assert_int_equal(tt1_network_predict(network, &input, t1, NULL, 1, stop, &seen, NULL),
                   TT1_CANCELLED);
  assert_true(seen > 0 && seen < VOXELS);
  free(t1);
  free(signal);
  tt1_network_free(network);
}

static void memory_may_fail(void **state)
{
  (void)state;
  need_openblas();
  tt1_network *network = positive_network();
  float signal[N_ALL] = {1, 2, 3, 4, 5, 6}, t1 = 0.0F;
  tt1_network_input input = {.signal = signal, .times = TIMES, .n_images = N_ALL, .n_voxels = 1};
  int n = 1;
  for (tt1_status status = TT1_NO_MEMORY; status != TT1_OK; n++) {
    tt1__fail_allocation(n);
    status = tt1_network_predict(network, &input, &t1, NULL, 2, NULL, NULL, NULL);
    tt1__fail_allocation(0);
    assert_true(status == TT1_OK || status == TT1_NO_MEMORY);
  }
  assert_true(n > 3);
  tt1_network_free(network);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(voxels_are_fed_as_published),
      cmocka_unit_test(threads_change_no_bit_and_places_next_to_nothing),
      cmocka_unit_test(bad_voxels_say_so),
      cmocka_unit_test(wrong_arguments_are_refused),
      cmocka_unit_test(parts_of_a_series_give_the_bits_of_copies),
      cmocka_unit_test(maps_can_be_cancelled),
      cmocka_unit_test(memory_may_fail),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
