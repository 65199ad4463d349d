/* SPDX-License-Identifier: MIT
 * `torcht1 fit --solver network`: no plan, no deviations, a map of T1 alone. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fit/fit.h"

void fit_network_check(const fit_request *request)
{
  const command_row *me = &command_fit;
  const char *device = request->device;
  if (!request->is_network) {
    if (request->weights) usage_error(me, "--weights is for --solver network only");
    return;
  }
  if (!request->weights)
    usage_error(me, "--solver network needs --weights FILE.npz; 'torcht1 train' makes them");
  if (strcmp(request->model, "molli") != 0)
    usage_error(me, "--solver network knows the model molli only, not '%s'", request->model);
  if (request->like)
    usage_error(me, "--like %s is about fits, not --solver network", request->like);
  if (request->changes.n || request->changes.n_start_maps || request->changes.correction > 0)
    usage_error(me, "--solver network has no parameters: leave out --fix, --bounds, --start-at, "
                    "--start-map and --correction");
  if (device && strcmp(device, "cpu") != 0 && strcmp(device, "auto") != 0)
    usage_error(me, "--solver network runs on the cpu only, not on '%s'", device);
  if (request->sign == FIT_SIGN_SIGNED || request->sign == FIT_SIGN_PHASE)
    usage_error(me, "--solver network takes magnitudes, so --sign %s is not for it",
                fit_sign_name(request->sign));
  if (request->plan.noise != TT1_NOISE_GAUSSIAN || request->plan.covariance ||
      request->plan.sigma > 0 || request->plan.sigma_from || request->estimates_sigma)
    usage_error(me, "--solver network knows no noise: leave out --noise, --sigma and --covariance");
}

/* Which images the network is fed, from 0: those of --images, else the first. */
static int choose(fit_input *in, const fit_request *request, int wanted)
{
  int n = tt1_image_n_images(in->image);
  in->fed = allocate(MAX_IMAGES, sizeof *in->fed);
  if (!request->images && n < wanted)
    return complain("%s: the weights %s want %d images, the series has %d", request->input,
                    request->weights, wanted, n);
  int count = request->images ? fit_parse_images(request->images, n, in->fed) : wanted;
  if (count && count != wanted)
    return complain("--images %s: %d image%s, the weights %s want %d", request->images, count,
                    count == 1 ? "" : "s", request->weights, wanted);
  for (int i = 0; i < count; i++)
    in->fed[i] = request->images ? in->fed[i] - 1 : i;
  return count ? EXIT_OK : EXIT_FAILED;
}

/* A network learnt the images of one inversion, one after the other. */
static int check_order(const fit_input *in, const fit_request *request, int count)
{
  const fit_known *times = &in->known[0];
  for (int part = 0; part < times->n_slices && times->count > 1; part++) {
    const double *t = fit_values(times, part);
    for (int i = 1; i < count; i++) {
      int before = in->fed[i - 1], here = in->fed[i];
      if (!(t[here] > t[before]))
        return complain("%s: image %d at %g s follows image %d at %g s; a network is fed images "
                        "of one inversion in the order of acquisition, choose them with --images",
                        request->input, here + 1, t[here], before + 1, t[before]);
    }
  }
  return EXIT_OK;
}

int fit_network_read(fit_input *in, const fit_request *request)
{
  tt1_error error = {0};
  remember_file(request->weights);
  if (tt1_network_load(&in->network, request->weights, &error) != TT1_OK)
    return complain_of(&error);
  int wanted = tt1_network_n_images(in->network);
  if (choose(in, request, wanted) != EXIT_OK) return EXIT_FAILED;
  return check_order(in, request, wanted);
}

static void prepare(fit_result *result, const fit_input *in)
{
  const tt1_map *t1 = tt1_model_map(in->model, 0);
  size_t n_voxels = (size_t)tt1_image_n_voxels(in->image);
  fit_map *map = &result->maps[0];
  *map = (fit_map){.unit = t1->unit, .meaning = t1->meaning, .bids = t1->bids, .depends_on = 1};
  snprintf(map->name, sizeof map->name, "%s", t1->bids);
  map->values = allocate(n_voxels, sizeof *map->values);
  result->n_maps = result->n_main = 1;
  result->outcome = allocate(n_voxels, 1);
  result->bounds = allocate(n_voxels, 1);
  result->solver = "network";
  snprintf(result->isa, sizeof result->isa, "OpenBLAS");
}

/* The device does not work here, but says how many threads may. */
static tt1_status count_threads(fit_result *result, const fit_request *request, tt1_error *error)
{
  tt1_device *device = NULL;
  tt1_status status = tt1_device_open(&device, "cpu", &request->device_options, error);
  if (status != TT1_OK) return status;
  result->threads = tt1_device_threads(device);
  snprintf(result->device, sizeof result->device, "%s", tt1_device_name(device));
  tt1_device_free(device);
  return TT1_OK;
}

tt1_status fit_network(const fit_request *request, const fit_input *in, fit_result *result,
                       tt1_error *error)
{
  int n_parts = fit_n_parts(in);
  int64_t n_voxels = tt1_image_n_voxels(in->image);
  tt1_status status = count_threads(result, request, error);
  if (status != TT1_OK) return status;
  prepare(result, in);
  progress bar = {.began = seconds_now(), .n_parts = n_parts};
  int wants_bar = !request->quiet && progress_is_wanted();
  for (; bar.part < n_parts && status == TT1_OK; bar.part++) {
    int64_t first = bar.part * (n_voxels / n_parts);
    tt1_network_input input = {.signal = tt1_image_data(in->image) + first,
                               .times = fit_values(&in->known[0], bar.part),
                               .n_images = tt1_image_n_images(in->image),
                               .n_voxels = n_voxels / n_parts,
                               .stride = n_voxels,
                               .images = in->fed,
                               .mask = in->mask ? in->mask + first : NULL};
    status = tt1_network_predict(in->network, &input, result->maps[0].values + first,
                                 result->outcome + first, result->threads,
                                 wants_bar ? progress_show : NULL, &bar, error);
  }
  progress_erase(&bar);
  for (int64_t v = 0; v < n_voxels; v++)
    result->bounds[v] = result->outcome[v] == TT1_AT_BOUND; // the bit that T1 depends on
  return status;
}
