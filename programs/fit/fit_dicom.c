/* SPDX-License-Identifier: MIT
 * Maps of `torcht1 fit --dicom`: as DICOM, in one folder for each. */
#include <stdio.h>
#include <string.h>

#include "fit/fit.h"

/* Model, what was changed of it, solver, correction: for whoever meets the map alone. */
static void describe(char *text, size_t size, const fit_map *map, const fit_result *result,
                     const fit_input *in, const fit_request *request)
{
  snprintf(text, size, "torcht1 %s: model %.60s (%.200s), solver %.40s, noise %.40s", tt1_version(),
           tt1_model_name(in->model), tt1_model_title(in->model), result->solver,
           tt1_noise_name(request->plan.noise));
  size_t used = strlen(text);
  if (map->correction > 0)
    snprintf(text + used, size - used, ", multiplied by %g", map->correction);
  else
    snprintf(text + used, size - used, ", no correction factor");
  used = strlen(text);
  if (map->filter) snprintf(text + used, size - used, ", smoothed by %s", map->filter);
}

static tt1_status write_map(int index, const fit_result *result, const fit_input *in,
                            const fit_request *request, tt1_folder *folder, tt1_error *error)
{
  const fit_map *map = &result->maps[index];
  char subfolder[FILE_SIZE], derivation[640];
  int64_t n_saturated = 0;
  fit_name(subfolder, in, FILE_DICOM, map);
  describe(derivation, sizeof derivation, map, result, in, request);
  tt1_dicom_map out = {.version = TT1_DICOM_MAP_VERSION,
                       .source = in->image,
                       .values = map->values,
                       .name = map->name,
                       .meaning = map->meaning,
                       .unit = map->unit,
                       .quantity = map->is_deviation ? result->maps[index - result->n_main].bids
                                                     : map->bids,
                       .is_deviation = map->is_deviation,
                       .number = index + 1,
                       .derivation = derivation,
                       .window = {0.0, fit_shown_limit(map, in)}};
  tt1_status status = tt1_folder_write_dicom_map(folder, subfolder, &out, &n_saturated, error);
  if (status == TT1_OK && n_saturated && !request->quiet)
    fprintf(stderr, "torcht1: %lld voxel%s of %s lie beyond the 0 to 65535 ms of its DICOM files\n",
            (long long)n_saturated, n_saturated == 1 ? "" : "s", map->name);
  return status;
}

tt1_status fit_write_dicom(const fit_result *result, const fit_input *in,
                           const fit_request *request, tt1_folder *folder, tt1_error *error)
{
  tt1_status status = TT1_OK;
  for (int i = 0; i < result->n_maps && status == TT1_OK; i++)
    status = write_map(i, result, in, request, folder, error);
  int is_new_study = strcmp(tt1_image_format(in->image), "DICOM") != 0;
  if (status == TT1_OK && is_new_study && !request->quiet)
    fprintf(stderr, "torcht1: the input is no DICOM: its DICOM maps are a new study of patient "
                    "UNKNOWN^RESEARCH\n");
  return status;
}
