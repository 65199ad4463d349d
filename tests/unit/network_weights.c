/* SPDX-License-Identifier: MIT
 * Weights on data: those that the authors of MyoMapNet published, on their phantom;
 * those shipped here, on that phantom and on simulated tissue they never saw. */
#include <stdio.h>
#include <unistd.h>

#include "network_support.h"
#include "tt1_input.h"

static const char *data_file(char path[4096], const char *name)
{
  const char *folder = getenv("TORCHT1_TEST_DATA");
  snprintf(path, 4096, "%s/%s", folder ? folder : TT1_SOURCE_DIR "/../shared/data", name);
  if (access(path, R_OK) == 0) return path;
  print_message("skipped: no file %s (TORCHT1_TEST_DATA names the folder of test data)\n", path);
  skip();
  return NULL;
}

static tt1_image *read_data(const char *name)
{
  char path[4096];
  tt1_image *image = NULL;
  tt1_error err = {0};
  if (tt1_image_read(&image, data_file(path, name), NULL, &err)) fail_msg("%s", err.message);
  return image;
}

static int ascending(const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static double median(double *values, int n)
{
  qsort(values, (size_t)n, sizeof *values, ascending);
  return n % 2 ? values[n / 2] : 0.5 * (values[n / 2 - 1] + values[n / 2]);
}

static tt1_network *load(const char *path)
{
  tt1_network *network = NULL;
  tt1_error err = {0};
  if (tt1_network_load(&network, path, &err)) fail_msg("%s", err.message);
  return network;
}

typedef struct figures {
  double median, robust, sd;
} figures;

/* Errors in ms, which are put in order. */
static figures describe(double *off, int n)
{
  figures f = {0};
  double mean = 0.0, squares = 0.0;
  for (int i = 0; i < n; i++)
    mean += off[i] / n;
  for (int i = 0; i < n; i++)
    squares += (off[i] - mean) * (off[i] - mean);
  f.sd = sqrt(squares / n);
  f.median = median(off, n);
  for (int i = 0; i < n; i++)
    off[i] = fabs(off[i] - f.median);
  f.robust = 1.4826 * median(off, n);
  return f;
}

/* A network against the providers' map of the phantom, where that is 0.1 to 2.5 s. */
static figures on_phantom(const tt1_network *network)
{
  static const double times[] = {0.1, 1.1, 2.1, 3.1, 4.1};
  tt1_error err = {0};
  tt1_image *series = read_data("molli-phantom/molli.nii.gz");
  tt1_image *reference = read_data("molli-phantom/reference_T1map.nii.gz");
  int64_t voxels = tt1_image_n_voxels(series);
  tt1_network_input input = {
      .signal = tt1_image_data(series), .times = times, .n_images = 5, .n_voxels = voxels};
  float *t1 = malloc((size_t)voxels * sizeof *t1);
  double *off = malloc((size_t)voxels * sizeof *off);
  if (tt1_network_predict(network, &input, t1, NULL, 0, NULL, NULL, &err))
    fail_msg("%s", err.message);
  int n = 0;
  for (int64_t v = 0; v < voxels; v++) {
    float known = tt1_image_data(reference)[v];
    if (known >= 0.1F && known <= 2.5F) off[n++] = 1e3 * ((double)t1[v] - (double)known);
  }
  assert_int_equal(n, 5614);
  figures f = describe(off, n);
  print_message("phantom: median %.1f ms, 1.4826 MAD %.1f ms, SD %.1f ms\n", f.median, f.robust,
                f.sd);
  free(off);
  free(t1);
  tt1_image_free(series);
  tt1_image_free(reference);
  return f;
}

/* Stop here, with the reason, where the phantom cannot be read. */
static void need_phantom(void)
{
  char path[4096];
  need_openblas();
  data_file(path, "molli-phantom/reference_T1map.nii.gz");
#ifndef TT1_HAVE_JANSSON
  print_message("skipped: the phantom has its times in a sidecar, and there is no jansson\n");
  skip();
#endif
}

/* Evaluated with NumPy: median -7.7 ms, 1.4826 MAD 9.3 ms, SD 111.3 ms in 5,614 voxels. */
static void published_weights_give_the_published_map(void **state)
{
  (void)state;
  char path[4096];
  need_phantom();
  tt1_network *network = load(data_file(path, "myomapnet/myomapnet_4hb.npz"));
  assert_int_equal(tt1_network_n_images(network), 4);
  figures f = on_phantom(network);
  assert_true(fabs(f.median + 8.0) <= 1.0 && fabs(f.robust - 9.0) <= 1.0);
  assert_true(fabs(f.sd - 111.0) <= 3.0);
  tt1_network_free(network);
}

/* Median -2.0 ms, 1.4826 MAD 4.0 ms, SD 32.5 ms when they were made. */
static void shipped_weights_do_better_there(void **state)
{
  (void)state;
  need_phantom();
  tt1_network *network = load(TT1_SOURCE_DIR "/weights/native-5.npz");
  assert_int_equal(tt1_network_n_images(network), 5);
  figures f = on_phantom(network);
  assert_true(fabs(f.median) <= 4.0 && f.robust <= 6.0 && f.sd <= 50.0);
  tt1_network_free(network);
}

/* Mean error and mean absolute error in ms on simulated voxels. */
static void evaluate(double *bias, double *absolute, const tt1_network *network, double to)
{
  enum { N = 8192 };
  static float wanted[N], got[N];
  tt1_protocol p = TT1_PROTOCOL_INIT;
  tt1_error err = {0};
  p.t1[0] = 0.1;
  p.t1[1] = to;
  if (tt1_network_evaluate(network, &p, 77, N, wanted, got, 0, &err)) fail_msg("%s", err.message);
  int n = 0;
  *bias = *absolute = 0.0;
  for (int v = 0; v < N; v++) {
    double error = 1e3 * ((double)got[v] - (double)wanted[v]);
    if (isnan(error)) continue;
    *bias += error;
    *absolute += fabs(error);
    n++;
  }
  *bias /= n;
  *absolute /= n;
}

static void shipped_weights_know_simulated_tissue(void **state)
{
  (void)state;
  need_openblas();
  double bias, absolute;
  tt1_network *native = load(TT1_SOURCE_DIR "/weights/native-5.npz");
  tt1_network *post = load(TT1_SOURCE_DIR "/weights/post-contrast-5.npz");
  evaluate(&bias, &absolute, native, 2.5);
  print_message("native: bias %.1f ms, mean absolute error %.1f ms\n", bias, absolute);
  assert_true(fabs(bias) <= 4.0 && absolute <= 32.0);
  evaluate(&bias, &absolute, post, 1.0);
  print_message("post-contrast: bias %.1f ms, mean absolute error %.1f ms\n", bias, absolute);
  assert_true(fabs(bias) <= 4.0 && absolute <= 22.0);
  tt1_network_free(native);
  tt1_network_free(post);
}

/* "At least as good" as the published ones, on the same tissue. */
static void shipped_weights_beat_the_published(void **state)
{
  (void)state;
  need_openblas();
  char path[4096];
  double bias, ours, theirs;
  tt1_network *published = load(data_file(path, "myomapnet/myomapnet_4hb.npz"));
  tt1_network *native = load(TT1_SOURCE_DIR "/weights/native-5.npz");
  evaluate(&bias, &ours, native, 2.5);
  evaluate(&bias, &theirs, published, 2.5);
  print_message("mean absolute error: shipped %.1f ms, published %.1f ms\n", ours, theirs);
  assert_true(ours < 0.6 * theirs);
  tt1_network_free(native);
  tt1_network_free(published);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(published_weights_give_the_published_map),
      cmocka_unit_test(shipped_weights_do_better_there),
      cmocka_unit_test(shipped_weights_know_simulated_tissue),
      cmocka_unit_test(shipped_weights_beat_the_published),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
