/* SPDX-License-Identifier: MIT
 * The JSON sidecars of maps in a derivative dataset: unit, sources, how they were computed, and how
 * the images were acquired (BIDS 1.11, "Quantitative MRI", metadata of maps). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fit/fit.h"

/* What --solver and --noise name, in words. */
static const char *words_of(const char *solver)
{
  static const char *const words[][2] = {{"varpro", "variable projection"},
                                         {"lm", "Levenberg-Marquardt"},
                                         {"adam", "Adam"},
                                         {"nelder-mead", "Nelder-Mead"},
                                         {"network", "MyoMapNet, a neural network"}};
  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    if (strcmp(words[i][0], solver) == 0) return words[i][1];
  return solver;
}

static void put_algorithm(tt1_json *out, const fit_result *result, const fit_request *request)
{
  static const char *const criteria[] = {[TT1_NOISE_GAUSSIAN] = "non-linear least squares",
                                         [TT1_NOISE_RICIAN] = "maximum likelihood, Rician noise",
                                         [TT1_NOISE_ROBUST] = "robust, Tukey's bisquare"};
  char text[160];
  if (request->is_network)
    snprintf(text, sizeof text, "%s", words_of(result->solver));
  else
    snprintf(text, sizeof text, "%s (%s)", criteria[request->plan.noise], words_of(result->solver));
  tt1_json_text(out, "EstimationAlgorithm", text);
}

static void put_references(tt1_json *out, const tt1_model *model)
{
  char text[1200] = "";
  const char *reference;
  for (int i = 0; (reference = tt1_model_reference(model, i)) != NULL; i++) {
    size_t used = strlen(text);
    snprintf(text + used, sizeof text - used, "%s%s", i ? "; " : "", reference);
  }
  tt1_json_text(out, "EstimationReference", text);
}

static int is_image(const char *path)
{
  const char *ending = strstr(path, ".nii");
  return ending && (strcmp(ending, ".nii") == 0 || strcmp(ending, ".nii.gz") == 0);
}

/* Images as BIDS URIs; `raw` is a DatasetLink of the description. */
static void put_images(tt1_json *out, const tt1_image *image)
{
  char uri[FILE_SIZE];
  for (int i = 0; tt1_image_file(image, i); i++) {
    if (!is_image(tt1_image_file(image, i))) continue;
    snprintf(uri, sizeof uri, "bids:raw:%s", tt1_image_file(image, i));
    tt1_json_text(out, NULL, uri);
  }
}

static void put_sources(tt1_json *out, const fit_input *in)
{
  tt1_json_open(out, "Sources", '[');
  put_images(out, in->image);
  for (int i = 0; i < in->n_known; i++)
    if (in->known[i].map && in->known[i].is_of_dataset) put_images(out, in->known[i].map);
  tt1_json_close(out, '[');
}

/* What is the same for all images as a number, what varies as an array. */
static void put_acquisition(tt1_json *out, const fit_input *in)
{
  const tt1_found_known *known;
  const tt1_found_text *text;
  for (int i = 0; (text = tt1_image_text(in->image, i)) != NULL; i++)
    tt1_json_text(out, text->key, text->value);
  for (int i = 0; (known = tt1_image_known(in->image, i)) != NULL; i++) {
    if (!tt1_bids_is_acquisition(known->key)) continue;
    if (known->count == 1)
      tt1_json_number(out, known->key, known->values[0]);
    else
      tt1_json_numbers(out, known->key, known->values, known->count);
  }
}

/* What tt1_provenance_read() looks for. */
static void put_own(tt1_json *out, const fit_map *map, const fit_input *in)
{
  char record[FILE_SIZE], crc[16];
  fit_name(record, in, FILE_RECORD, NULL);
  snprintf(crc, sizeof crc, "%08x", (unsigned)fit_checksum(tt1_model_text(in->model)));
  tt1_json_open(out, "Torcht1", '{');
  tt1_json_text(out, "Version", tt1_version());
  tt1_json_text(out, "Model", tt1_model_name(in->model));
  tt1_json_text(out, "ModelChecksum", crc);
  tt1_json_number(out, "MultipliedBy", map->correction > 0 ? map->correction : 1.0);
  if (map->filter) tt1_json_text(out, "Filter", map->filter);
  tt1_json_text(out, "Record", fit_base(record));
  tt1_json_close(out, '{');
}

static void put_description(tt1_json *out, const fit_map *map)
{
  char text[400];
  snprintf(text, sizeof text, "%s%.200s", map->is_deviation ? "Standard deviation of " : "",
           map->meaning);
  size_t used = strlen(text);
  if (map->correction > 0)
    snprintf(text + used, sizeof text - used, ", multiplied by %g", map->correction);
  used = strlen(text);
  if (map->filter) snprintf(text + used, sizeof text - used, ", smoothed by %s", map->filter);
  tt1_json_text(out, "Description", text);
}

static tt1_status write_one(const fit_map *map, const fit_result *result, const fit_input *in,
                            const fit_request *request, tt1_folder *folder, tt1_error *error)
{
  tt1_json out = {0};
  char name[FILE_SIZE];
  fit_name(name, in, FILE_SIDECAR, map);
  tt1_json_open(&out, NULL, '{');
  put_description(&out, map);
  tt1_json_text(&out, "Units", map->unit);
  put_sources(&out, in);
  put_references(&out, in->model);
  put_algorithm(&out, result, request);
  tt1_json_boolean(&out, "SkullStripped", in->mask != NULL); // outside of --mask is NaN
  put_acquisition(&out, in);
  put_own(&out, map, in);
  tt1_json_close(&out, '{');
  char *text = tt1_json_take(&out);
  tt1_status status = tt1_folder_write(folder, name, text, strlen(text), error);
  free(text);
  return status;
}

tt1_status fit_write_sidecars(const fit_result *result, const fit_input *in,
                              const fit_request *request, tt1_folder *folder, tt1_error *error)
{
  tt1_status status = write_one(&fit_outcome, result, in, request, folder, error);
  for (int i = 0; i < result->n_maps && status == TT1_OK; i++)
    status = write_one(&result->maps[i], result, in, request, folder, error);
  return status;
}
