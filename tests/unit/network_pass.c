/* SPDX-License-Identifier: MIT
 * One block forward and back: against the network by hand in double, and the
 * gradient of the loss against central differences of it. */
#include "network_support.h"

enum { N_IMAGES = 5 };

static void fill(tt1__pass *pass, double fed[TT1__BLOCK][2 * N_IMAGES])
{
  tt1__random random = tt1__random_seed(7);
  for (int v = 0; v < TT1__BLOCK; v++)
    for (int i = 0; i < 2 * N_IMAGES; i++) {
      float x = (float)tt1__random_normal(&random);
      pass->outputs[0][v * 2 * N_IMAGES + i] = x;
      fed[v][i] = (double)x;
    }
}

static void forward_is_the_network_by_hand(void **state)
{
  (void)state;
  need_openblas();
  static double fed[TT1__BLOCK][2 * N_IMAGES];
  tt1_network *network = random_network(N_IMAGES, 1);
  tt1__pass *pass = tt1__passes_create(1, network, 0);
  tt1__blas blas = {0};
  assert_int_equal(tt1__blas_open(&blas, NULL), TT1_OK);
  fill(pass, fed);
  tt1__pass_forward(pass, network, &blas);
  for (int v = 0; v < TT1__BLOCK; v++) {
    double expected = by_hand(network, fed[v]);
    double got = (double)pass->outputs[TT1__N_LAYERS][v];
    if (!(fabs(got - expected) <= 1e-5 * (1.0 + fabs(expected))))
      fail_msg("voxel %d: %.8g, by hand %.8g", v, got, expected);
  }
  tt1__blas_close(&blas);
  tt1__passes_free(pass, 1);
  tt1_network_free(network);
}

/* The loss in double: sum of |answer - label| where there is a label. */
static double loss_by_hand(const tt1_network *network, double fed[TT1__BLOCK][2 * N_IMAGES],
                           const double *labels, int n)
{
  double sum = 0.0;
  for (int v = 0; v < n; v++)
    if (!isnan(labels[v])) sum += fabs(by_hand(network, fed[v]) - labels[v]);
  return sum;
}

static void check_slope(tt1_network *network, double fed[TT1__BLOCK][2 * N_IMAGES],
                        const double *labels, int n, size_t parameter, double got, double scale)
{
  float *p = &network->parameters[parameter], kept = *p;
  float above = kept + 1e-5F, below = kept - 1e-5F;
  *p = above;
  double up = loss_by_hand(network, fed, labels, n);
  *p = below;
  double down = loss_by_hand(network, fed, labels, n);
  *p = kept;
  double expected = (up - down) / ((double)above - (double)below);
  // The step is short, so that no rectifier and no error passes its kink.
  if (!(fabs(got - expected) <= 1e-3 * (fabs(expected) + scale)))
    fail_msg("parameter %zu: %.6g, by differences %.6g", parameter, got, expected);
}

static double root_mean_square(const float *values, size_t n)
{
  double sum = 0.0;
  for (size_t i = 0; i < n; i++)
    sum += (double)values[i] * (double)values[i];
  return sqrt(sum / (double)n);
}

static void gradient_is_that_of_the_loss(void **state)
{
  (void)state;
  need_openblas();
  enum { USED = 6 }; // voxels with a label; the others must count for nothing
  static double fed[TT1__BLOCK][2 * N_IMAGES], labels[TT1__BLOCK];
  float slopes[TT1__BLOCK];
  int count = 0;
  tt1_network *network = random_network(N_IMAGES, 2);
  tt1__pass *pass = tt1__passes_create(1, network, 1);
  float *gradient = calloc(network->n_parameters, sizeof *gradient);
  tt1__blas blas = {0};
  assert_int_equal(tt1__blas_open(&blas, NULL), TT1_OK);
  fill(pass, fed);
  for (int v = 0; v < TT1__BLOCK; v++)
    labels[v] = v < USED ? 0.3 * v : (double)NAN;
  tt1__pass_forward(pass, network, &blas);
  double loss = tt1__absolute_errors(slopes, &count, labels, pass->outputs[TT1__N_LAYERS]);
  assert_int_equal(count, USED);
  assert_true(fabs(loss - loss_by_hand(network, fed, labels, USED)) < 1e-3);
  tt1__pass_backward(pass, network, &blas, slopes, gradient);
  tt1__random random = tt1__random_seed(3);
  for (int l = 0; l < TT1__N_LAYERS; l++) {
    const tt1__layer *layer = &network->layers[l];
    size_t end = layer->biases + (size_t)layer->outputs;
    double scale = root_mean_square(gradient + layer->weights, layer->biases - layer->weights);
    for (int i = 0; i < 20; i++) {
      size_t p =
          layer->weights + (size_t)(tt1__random_uniform(&random) * (double)(end - layer->weights));
      check_slope(network, fed, labels, USED, p, (double)gradient[p], scale);
    }
    check_slope(network, fed, labels, USED, end - 1, (double)gradient[end - 1], scale);
  }
  tt1__blas_close(&blas);
  free(gradient);
  tt1__passes_free(pass, 1);
  tt1_network_free(network);
}

static void threads_of_the_library_are_given_back(void **state)
{
  (void)state;
  need_openblas();
  tt1__blas first = {0}, second = {0};
  assert_int_equal(tt1__blas_open(&first, NULL), TT1_OK);
  first.calls.set_threads(2);
  assert_int_equal(tt1__blas_open(&second, NULL), TT1_OK);
  int threads = second.threads_before; // 1 where the library was built without threads
  tt1__blas_close(&second);
  assert_int_equal(tt1__blas_open(&second, NULL), TT1_OK);
  assert_int_equal(second.threads_before, threads);
  tt1__blas_close(&second);
  tt1__blas_close(&first);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(forward_is_the_network_by_hand),
      cmocka_unit_test(gradient_is_that_of_the_loss),
      cmocka_unit_test(threads_of_the_library_are_given_back),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
