/* SPDX-License-Identifier: MIT
 * --solver network: no plan, no deviations, a map of T1 alone. */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "mapping/mapping.h"

/* Which images the network is fed, from 0: those of --images, else the first. */
static tt1_status choose(tt1_mapping *m, int wanted, tt1_error *err)
{
  const tt1_mapping_options *o = m->options;
  int n = tt1_image_n_images(m->image), count = wanted;
  m->fed = tt1__allocate(MAX_IMAGES, sizeof *m->fed);
  if (!m->fed) return tt1__no_memory(err);
  if (!o->images && n < wanted)
    return tt1__error_set(err, TT1_BAD_ARGUMENT,
                          "%s: the weights %s want %d images, the series has %d", m->input,
                          o->weights, wanted, n);
  if (o->images) {
    tt1_status status = tt1__images_parse(m->fed, &count, o->images, n, err);
    if (status != TT1_OK) return status;
  }
  if (count != wanted)
    return tt1__error_set(err, TT1_BAD_ARGUMENT, "--images %s: %d image%s, the weights %s want %d",
                          o->images, count, count == 1 ? "" : "s", o->weights, wanted);
  for (int i = 0; i < count; i++)
    m->fed[i] = o->images ? m->fed[i] - 1 : i;
  return TT1_OK;
}

/* The inversion times: what the model marks as recovery. */
static const tt1__matched *times_of(const tt1_mapping *m)
{
  int i = 0;
  while (i < m->n_known - 1 && !m->known[i].known->is_recovery)
    i++;
  return &m->known[i];
}

/* A network learnt the images of one inversion, one after the other. */
static tt1_status check_order(const tt1_mapping *m, int count, tt1_error *err)
{
  const tt1__matched *times = times_of(m);
  for (int part = 0; part < times->n_slices && times->count > 1; part++) {
    const double *t = tt1__matched_values(times, part);
    for (int i = 1; i < count; i++) {
      int before = m->fed[i - 1], here = m->fed[i];
      if (!(t[here] > t[before]))
        return tt1__error_set(err, TT1_BAD_ARGUMENT,
                              "%s: image %d at %g s follows image %d at %g s; a network is fed "
                              "images of one inversion in the order of acquisition, choose them "
                              "with --images",
                              m->input, here + 1, t[here], before + 1, t[before]);
    }
  }
  return TT1_OK;
}

tt1_status tt1__mapping_read_network(tt1_mapping *m, tt1_error *err)
{
  const char *path = m->options->weights;
  if (!tt1__mapping_add(m, &m->files, "%s", path)) return tt1__no_memory(err);
  tt1_status status = tt1_network_load(&m->network, path, err);
  if (status != TT1_OK) return status;
  int wanted = tt1_network_n_images(m->network);
  status = choose(m, wanted, err);
  return status == TT1_OK ? check_order(m, wanted, err) : status;
}

/* The map that networks learn, by its suffix in BIDS. */
static const tt1_map *find_map(const tt1_model *model)
{
  int i = 0;
  const tt1_map *map;
  while ((map = tt1_model_map(model, i)) != NULL && (!map->bids || strcmp(map->bids, "T1map") != 0))
    i++;
  return map;
}

/* The device does not work here, but says how many threads may. */
static tt1_status count_threads(tt1_mapping *m, tt1_error *err)
{
  tt1_device *device = NULL;
  tt1_status status = tt1_device_open(&device, "cpu", &m->options->device_options, err);
  if (status != TT1_OK) return status;
  m->result.threads = tt1_device_threads(device);
  snprintf(m->device_name, sizeof m->device_name, "%s", tt1_device_name(device));
  snprintf(m->isa, sizeof m->isa, "OpenBLAS");
  *m->device_reason = *m->kernels_why = '\0';
  m->result.kernels = NULL;
  m->result.solver = "network";
  tt1_device_free(device);
  return TT1_OK;
}

static tt1_status predict(tt1_mapping *m, tt1__parts *parts, tt1_error *err)
{
  const tt1__matched *times = times_of(m);
  int64_t n_voxels = tt1_image_n_voxels(m->image), n = n_voxels / parts->n_parts;
  tt1_status status = TT1_OK;
  for (; parts->part < parts->n_parts && status == TT1_OK; parts->part++) {
    int64_t first = parts->part * n;
    tt1_network_input input = {.signal = tt1_image_data(m->image) + first,
                               .times = tt1__matched_values(times, parts->part),
                               .n_images = tt1_image_n_images(m->image),
                               .n_voxels = n,
                               .stride = n_voxels,
                               .images = m->fed,
                               .mask = m->mask ? m->mask + first : NULL};
    status = tt1_network_predict(m->network, &input, m->maps[0].values + first, m->outcome + first,
                                 m->result.threads, parts->progress ? tt1__parts_progress : NULL,
                                 parts, err);
  }
  return status;
}

tt1_status tt1__mapping_run_network(tt1_mapping *m, tt1_progress_fn progress, void *payload,
                                    tt1_error *err)
{
  tt1__parts parts = {progress, payload, 0, tt1__mapping_n_plans(m)};
  m->result.n_plans = parts.n_parts;
  tt1_status status = count_threads(m, err);
  if (status == TT1_OK) status = tt1__mapping_prepare_one(m, find_map(m->model), err);
  if (status == TT1_OK) status = predict(m, &parts, err);
  if (status != TT1_OK) return status;
  for (int64_t v = 0; v < tt1_image_n_voxels(m->image); v++)
    m->bounds[v] = m->outcome[v] == TT1_AT_BOUND; // the bit that T1 depends on
  return TT1_OK;
}
