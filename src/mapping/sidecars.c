/* SPDX-License-Identifier: MIT
 * The JSON sidecars of maps in a derivative dataset: unit, sources, how they were computed, and how
 * the images were acquired (BIDS 1.11, "Quantitative MRI", metadata of maps). */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "file/file.h"
#include "image/nifti.h"
#include "mapping/mapping.h"

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

static void put_algorithm(tt1_json *out, const tt1_mapping *m)
{
  static const char *const criteria[] = {[TT1_NOISE_GAUSSIAN] = "non-linear least squares",
                                         [TT1_NOISE_RICIAN] = "maximum likelihood, Rician noise",
                                         [TT1_NOISE_ROBUST] = "robust, Tukey's bisquare"};
  static_assert(sizeof criteria / sizeof *criteria == TT1_NOISE_ROBUST + 1, "words for each noise");
  char text[160];
  if (m->network)
    snprintf(text, sizeof text, "%s", words_of(m->result.solver));
  else
    snprintf(text, sizeof text, "%s (%s)", criteria[m->plan.noise], words_of(m->result.solver));
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

/* Images as BIDS URIs; `raw` is a DatasetLink of the description. */
static void put_images(tt1_json *out, const tt1_image *image)
{
  char uri[TT1__NAME_SIZE];
  for (int i = 0; tt1_image_file(image, i); i++) {
    if (!tt1__nifti_stem(tt1_image_file(image, i))) continue;
    snprintf(uri, sizeof uri, "bids:raw:%s", tt1_image_file(image, i));
    tt1_json_text(out, NULL, uri);
  }
}

static void put_sources(tt1_json *out, const tt1_mapping *m)
{
  tt1_json_open(out, "Sources", '[');
  put_images(out, m->image);
  for (int i = 0; i < m->n_known; i++)
    if (m->known[i].map && m->known[i].is_of_dataset) put_images(out, m->known[i].map);
  tt1_json_close(out, '[');
}

/* What is the same for all images as a number, what varies as an array. */
static void put_acquisition(tt1_json *out, const tt1_mapping *m)
{
  const tt1_known_values *known;
  const tt1_found_text *text;
  for (int i = 0; (text = tt1_image_text(m->image, i)) != NULL; i++)
    if (strcmp(text->key, "ImageType") != 0) // that of the images, which maps are not
      tt1_json_text(out, text->key, text->value);
  for (int i = 0; (known = tt1_image_known(m->image, i)) != NULL; i++) {
    if (!tt1_bids_is_acquisition(known->name)) continue;
    if (known->count == 1)
      tt1_json_number(out, known->name, known->values[0]);
    else
      tt1_json_numbers(out, known->name, known->values, known->count);
  }
}

/* What tt1_provenance_read() looks for. */
static void put_own(tt1_json *out, const tt1_mapped *map, const tt1_mapping *m)
{
  char record[TT1__NAME_SIZE], crc[16];
  tt1__mapping_name(record, m, TT1__FILE_RECORD, NULL);
  tt1__model_checksum(crc, m->model);
  tt1_json_open(out, "Torcht1", '{');
  tt1_json_text(out, "Version", tt1_version());
  tt1_json_text(out, "Model", tt1_model_name(m->model));
  if (m->model_file) tt1_json_text(out, "ModelFile", tt1__base_name(m->model_file));
  tt1_json_text(out, "ModelChecksum", crc);
  tt1_json_number(out, "MultipliedBy", map->multiplied_by);
  if (map->filter) tt1_json_text(out, "Filter", map->filter);
  tt1_json_text(out, "Record", tt1__base_name(record));
  tt1_json_close(out, '{');
}

static void put_description(tt1_json *out, const tt1_mapped *map)
{
  char text[400];
  snprintf(text, sizeof text, "%s%.200s", map->is_deviation ? "Standard deviation of " : "",
           map->meaning);
  size_t used = strlen(text);
  if (map->multiplied_by != 1.0)
    snprintf(text + used, sizeof text - used, ", multiplied by %g", map->multiplied_by);
  used = strlen(text);
  if (map->filter) snprintf(text + used, sizeof text - used, ", smoothed by %s", map->filter);
  tt1_json_text(out, "Description", text);
}

static tt1_status write_one(const tt1_mapping *m, const tt1_mapped *map, tt1_folder *folder,
                            tt1_error *err)
{
  tt1_json out = {0};
  char name[TT1__NAME_SIZE];
  tt1__mapping_name(name, m, TT1__FILE_SIDECAR, map);
  tt1_json_open(&out, NULL, '{');
  put_description(&out, map);
  tt1_json_text(&out, "Units", map->unit);
  put_sources(&out, m);
  put_references(&out, m->model);
  put_algorithm(&out, m);
  tt1_json_boolean(&out, "SkullStripped", m->mask != NULL); // outside of --mask is NaN
  put_acquisition(&out, m);
  put_own(&out, map, m);
  tt1_json_close(&out, '{');
  char *text = tt1_json_take(&out);
  if (!text) return tt1__no_memory(err);
  tt1_status status = tt1_folder_write(folder, name, text, strlen(text), err);
  tt1_text_free(text);
  return status;
}

tt1_status tt1__mapping_write_sidecars(const tt1_mapping *m, tt1_folder *folder, tt1_error *err)
{
  tt1_status status = TT1_OK;
  for (int i = 0; tt1_mapping_map_at(m, i) && status == TT1_OK; i++)
    status = write_one(m, tt1_mapping_map_at(m, i), folder, err);
  return status;
}
