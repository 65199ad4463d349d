/* SPDX-License-Identifier: MIT
 * Maps of `torcht1 fit`: what to ask the library for, what to trust, and how
 * it is written. The library returns every number; NaN is put in here. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/picture.h"
#include "fit/fit.h"
#include "tt1_analysis.h"

/* Add a map and the output that fills it; `name` is the library's, `file` that of the file. */
static void add_map(fit_result *result, tt1_output *outputs, const char *name, const fit_map *map,
                    int64_t n_voxels)
{
  fit_map *added = &result->maps[result->n_maps];
  *added = *map;
  added->values = allocate((size_t)n_voxels, sizeof *added->values);
  outputs[result->n_maps++] = (tt1_output){name, TT1_FLOAT32, added->values};
}

static fit_map main_map(const char *name, const char *bids, const char *unit, const char *meaning,
                        uint32_t depends_on)
{
  fit_map map = {.unit = unit, .meaning = meaning, .bids = bids, .depends_on = depends_on};
  snprintf(map.name, sizeof map.name, "%s", bids ? bids : name);
  return map;
}

static fit_map describe(const tt1_model *model, int index)
{
  int n = tt1_model_n_parameters(model);
  if (index < n) {
    const tt1_parameter *p = tt1_model_parameter(model, index);
    return main_map(p->name, p->bids, p->unit, p->meaning, 1u << index);
  }
  const tt1_map *m = tt1_model_map(model, index - n);
  return main_map(m->name, m->bids, m->unit, m->meaning, m->depends_on);
}

/* What is neither a main map nor a deviation: goodness of fit, counts, covariances. */
static void add_rest(fit_result *result, const tt1_plan *plan, tt1_output *outputs,
                     int64_t n_voxels)
{
  static const char *const MEANINGS[][2] = {{"rsquared", "coefficient of determination"},
                                            {"rmse", "root mean square residual"},
                                            {"evaluations", "evaluations of the cost"}};
  const char *name;
  for (int i = 2 * result->n_main; (name = tt1_plan_output_name(plan, i)); i++) {
    if (strcmp(name, "outcome") == 0 || strcmp(name, "bounds") == 0) continue;
    fit_map map = main_map(name, NULL, "1", "covariance, in the units of both", 0);
    for (size_t m = 0; m < sizeof MEANINGS / sizeof *MEANINGS; m++)
      if (strcmp(name, MEANINGS[m][0]) == 0) map.meaning = MEANINGS[m][1];
    add_map(result, outputs, name, &map, n_voxels);
  }
}

/* The library names its outputs in a fixed order: main maps, their deviations, the rest. */
int fit_prepare(fit_result *result, const fit_input *in, const tt1_plan *plan, tt1_output *outputs)
{
  int64_t n_voxels = tt1_image_n_voxels(in->image);
  const tt1_model *model = in->model;
  result->n_main = tt1_model_n_parameters(model) + tt1_model_n_maps(model);
  for (int i = 0; i < result->n_main; i++) {
    fit_map map = describe(model, i);
    add_map(result, outputs, tt1_plan_output_name(plan, i), &map, n_voxels);
  }
  for (int i = 0; i < result->n_main; i++) {
    fit_map map = describe(model, i);
    size_t used = strlen(map.name);
    snprintf(map.name + used, sizeof map.name - used, "_sd");
    map.bids = NULL;
    map.is_deviation = 1;
    add_map(result, outputs, tt1_plan_output_name(plan, result->n_main + i), &map, n_voxels);
  }
  add_rest(result, plan, outputs, n_voxels);
  result->outcome = allocate((size_t)n_voxels, 1);
  result->bounds = allocate((size_t)n_voxels, 1);
  int n = result->n_maps;
  outputs[n] = (tt1_output){"outcome", TT1_UINT8, result->outcome};
  outputs[n + 1] = (tt1_output){"bounds", TT1_UINT8, result->bounds};
  return n + 2;
}

static void mask_map(const fit_result *result, fit_map *map, int64_t n_voxels, int keep_bound)
{
  for (int64_t v = 0; v < n_voxels; v++) {
    uint8_t outcome = result->outcome[v];
    if (outcome == TT1_CONVERGED) continue;
    int is_spoilt = (result->bounds[v] & map->depends_on) != 0;
    if (outcome == TT1_AT_BOUND && (keep_bound || !is_spoilt)) continue;
    map->values[v] = NAN;
  }
}

/* The finite of `values`, to be freed; how many there are in *count. */
static double *finite_of(const float *values, int64_t n_voxels, int64_t *count)
{
  double *finite = allocate((size_t)n_voxels, sizeof *finite);
  *count = 0;
  for (int64_t v = 0; v < n_voxels; v++)
    if (isfinite(values[v])) finite[(*count)++] = (double)values[v];
  return finite;
}

static void find_quartiles(fit_map *map, int64_t n_voxels)
{
  int64_t n;
  double *finite = finite_of(map->values, n_voxels, &n);
  map->quartiles[0] = tt1_quantile(finite, n, 0.25);
  map->median = tt1_quantile(finite, n, 0.5);
  map->quartiles[1] = tt1_quantile(finite, n, 0.75);
  free(finite);
}

/* The map and its standard deviation. */
static void correct(fit_result *result, const fit_changes *changes, int64_t n_voxels)
{
  if (!(changes->correction > 0)) return;
  for (int i = changes->corrected_map; i < 2 * result->n_main; i += result->n_main) {
    fit_map *map = &result->maps[i];
    map->correction = changes->correction;
    for (int64_t v = 0; v < n_voxels; v++)
      map->values[v] = (float)((double)map->values[v] * map->correction);
  }
}

/* What is written of the maps: corrected, masked, filtered; and its quartiles. */
tt1_status fit_mask(fit_result *result, const fit_input *in, const fit_request *request,
                    tt1_error *error)
{
  tt1_status status = TT1_OK;
  int64_t n_voxels = tt1_image_n_voxels(in->image);
  correct(result, &request->changes, n_voxels);
  for (int64_t v = 0; v < n_voxels; v++)
    if (result->outcome[v] < N_OUTCOMES) result->counts[result->outcome[v]]++;
  float *scratch = allocate((size_t)n_voxels, sizeof *scratch);
  for (int i = 0; i < result->n_maps && status == TT1_OK; i++) {
    mask_map(result, &result->maps[i], n_voxels, request->keep_bound);
    if (i >= result->n_main) continue;
    status = fit_filter(&result->maps[i], scratch, in, request->filter, error);
    find_quartiles(&result->maps[i], n_voxels);
  }
  free(scratch);
  return status;
}

/* Voxels that hold tissue: those with at least a tenth of the brightness of the brightest. */
static double *bright_values(const fit_map *map, const fit_input *in, int64_t *count)
{
  int64_t n_voxels = tt1_image_n_voxels(in->image), n_finite;
  int n_images = tt1_image_n_images(in->image);
  const float *signal = tt1_image_data(in->image);
  float *brightness = allocate((size_t)n_voxels, sizeof *brightness);
  for (int s = 0; s < n_images; s++)
    for (int64_t v = 0; v < n_voxels; v++) {
      float size = fabsf(signal[s * n_voxels + v]);
      if (size > brightness[v]) brightness[v] = size;
    }
  double *values = finite_of(brightness, n_voxels, &n_finite);
  double least = 0.1 * tt1_quantile(values, n_finite, 0.98);
  *count = 0;
  for (int64_t v = 0; v < n_voxels; v++)
    if ((double)brightness[v] >= least && isfinite(map->values[v]))
      values[(*count)++] = (double)map->values[v];
  free(brightness);
  return values;
}

static double scale_of(const fit_map *map)
{
  return strcmp(map->unit, "s") == 0 ? 1000.0 : 1.0;
}

double fit_shown_limit(const fit_map *map, const fit_input *in)
{
  int64_t n;
  double *values = bright_values(map, in, &n);
  double limit = round_up(scale_of(map) * tt1_quantile(values, n, 0.95)) / scale_of(map);
  free(values);
  return limit;
}

static tt1_status write_picture(fit_result *result, const fit_input *in, const fit_map *map,
                                tt1_folder *folder, tt1_error *error)
{
  double scale = scale_of(map);
  char title[64], file[FILE_SIZE];
  const char *last = strstr(map->name, "map"); // T1map shows T1
  snprintf(title, sizeof title, "%.*s",
           last && last > map->name && !last[3] ? (int)(last - map->name) : 60, map->name);
  fit_name(file, in, FILE_PICTURE, map);
  tt1_picture picture = {.map = map->values,
                         .geometry = tt1_image_geometry(in->image),
                         .scale = scale,
                         .from = 0.0,
                         .to = scale * fit_shown_limit(map, in),
                         .colours = colours_of(map->name),
                         .title = title,
                         .unit = scale > 1.0 ? "ms" : map->unit};
  result->picture = map->name;
  return tt1_picture_write(folder, file, &picture, error);
}

static tt1_status write_map(const fit_input *in, const fit_map *map, tt1_folder *folder,
                            tt1_error *error)
{
  char file[FILE_SIZE], text[80], done[48] = "";
  fit_name(file, in, FILE_MAP, map);
  if (map->correction > 0) snprintf(done, sizeof done, " x %g", map->correction);
  size_t used = strlen(done);
  if (map->filter) snprintf(done + used, sizeof done - used, " %s", map->filter);
  int room = 55 - (int)strlen(done);
  snprintf(text, sizeof text, "%s%.*s%s (%s)", map->is_deviation ? "SD of " : "", room,
           map->meaning, done, map->unit); // readers look for the unit at the end
  return tt1_folder_write_image(folder, file, tt1_image_geometry(in->image), 1, TT1_FLOAT32,
                                map->values, text, error);
}

/* The first map with a BIDS suffix; where a model has none, the first in seconds, or the first. */
static const fit_map *choose_picture(const fit_result *result)
{
  const fit_map *in_seconds = NULL;
  for (int i = 0; i < result->n_main; i++) {
    if (result->maps[i].bids) return &result->maps[i];
    if (!in_seconds && strcmp(result->maps[i].unit, "s") == 0) in_seconds = &result->maps[i];
  }
  return in_seconds ? in_seconds : result->maps;
}

static tt1_status write_nifti(const fit_result *result, const fit_input *in, tt1_folder *folder,
                              tt1_error *error)
{
  char outcome[FILE_SIZE];
  tt1_status status = TT1_OK;
  fit_name(outcome, in, FILE_MAP, &fit_outcome);
  for (int i = 0; i < result->n_maps && status == TT1_OK; i++)
    status = write_map(in, &result->maps[i], folder, error);
  if (status == TT1_OK)
    status = tt1_folder_write_image(folder, outcome, tt1_image_geometry(in->image), 1, TT1_UINT8,
                                    result->outcome, "outcome", error);
  return status;
}

tt1_status fit_write_maps(fit_result *result, const fit_input *in, const fit_request *request,
                          tt1_folder *folder, tt1_error *error)
{
  int formats = request->formats;
  tt1_status status = TT1_OK;
  if (formats & FIT_NIFTI) status = write_nifti(result, in, folder, error);
  if (status == TT1_OK && (formats & FIT_PNG) && tt1_picture_available(NULL))
    status = write_picture(result, in, choose_picture(result), folder, error);
  if (status == TT1_OK && (formats & FIT_MAT))
    status = fit_write_mat(result, in, request, folder, error);
  if (status == TT1_OK && (formats & FIT_DICOM))
    status = fit_write_dicom(result, in, request, folder, error);
  return status;
}

void fit_result_free(fit_result *result)
{
  for (int i = 0; i < result->n_maps; i++)
    free(result->maps[i].values);
  free(result->outcome);
  free(result->bounds);
}
