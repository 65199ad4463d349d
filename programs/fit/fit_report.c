/* SPDX-License-Identifier: MIT
 * Reports of `torcht1 fit`: fit.json and the table on the terminal. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fit/fit.h"
#include "fit/fit_like.h"
#include "tt1_json.h"
#include "tt1_report.h"

static const char *const start_names[] = {"grid", "fixed"};
static const char *const times_names[] = {"auto", "trigger"};
static const char *const precision_names[] = {"float", "double"};

uint32_t fit_checksum(const char *text)
{
  uint32_t crc = 0xffffffffu;
  for (const char *c = text; *c; c++) {
    crc ^= (unsigned char)*c;
    for (int bit = 0; bit < 8; bit++)
      crc = (crc >> 1) ^ (0xedb88320u & (0u - (crc & 1u)));
  }
  return ~crc;
}

static void put_model(tt1_json *out, const tt1_model *model)
{
  char crc[16];
  snprintf(crc, sizeof crc, "%08x", (unsigned)fit_checksum(tt1_model_text(model)));
  tt1_json_open(out, "model", '{');
  tt1_json_text(out, "name", tt1_model_name(model));
  tt1_json_text(out, "title", tt1_model_title(model));
  tt1_json_text(out, "crc32", crc);
  tt1_json_text(out, "text", tt1_model_text(model));
  tt1_json_close(out, '{');
}

static void put_options(tt1_json *out, const fit_request *request, const fit_input *in)
{
  const tt1_plan_options *plan = &request->plan;
  char formats[FORMATS_SIZE];
  tt1_json_open(out, "options", '{');
  tt1_json_text(out, "solver", request->is_network ? "network" : tt1_solver_name(plan->solver));
  tt1_json_text(out, "start", start_names[plan->start]);
  tt1_json_text(out, "sign", fit_sign_name(request->sign));
  tt1_json_text(out, "precision", precision_names[plan->precision]);
  tt1_json_integer(out, "iterations", plan->max_iterations);
  tt1_json_number(out, "tolerance", plan->tolerance);
  tt1_json_number(out, "rate", plan->learning_rate);
  tt1_json_text(out, "noise", tt1_noise_name(plan->noise));
  tt1_json_number(out, "sigma", plan->sigma);
  tt1_json_text(out, "sigma_from", plan->sigma_from == TT1_SIGMA_MIDDLE ? "middle" : "residuals");
  tt1_json_boolean(out, "sigma_auto", request->estimates_sigma);
  tt1_json_text(out, "weights", request->weights);
  if (in->network) {
    char crc[16];
    snprintf(crc, sizeof crc, "%08x", (unsigned)tt1_network_checksum(in->network));
    tt1_json_text(out, "weights_crc32", crc);
  }
  tt1_json_text(out, "series", request->read.series);
  tt1_json_text(out, "times", times_names[request->read.times]);
  tt1_json_text(out, "images", request->images);
  tt1_json_text(out, "mask", request->mask);
  tt1_json_boolean(out, "keep_bound", request->keep_bound);
  tt1_json_boolean(out, "covariance", plan->covariance);
  tt1_json_text(out, "formats", fit_formats_text(formats, request->formats));
  tt1_json_text(out, "filter", fit_filter_name(request->filter));
  if (plan->amplitude_limit > 0) tt1_json_number(out, "amplitude_limit", plan->amplitude_limit);
  put_changes(out, &request->changes);
  tt1_json_close(out, '{');
  like_put(out, request);
}

static void put_series(tt1_json *out, const fit_input *in)
{
  const tt1_image *image = in->image;
  const tt1_origin *origin = tt1_image_origin(image);
  tt1_json_open(out, "series", '{');
  tt1_json_integer(out, "number", origin->number);
  tt1_json_text(out, "description", origin->description);
  tt1_json_text(out, "uid", origin->uid);
  tt1_json_text(out, "vendor", origin->vendor);
  tt1_json_text(out, "format", tt1_image_format(image));
  tt1_json_text(out, "type", tt1_image_stored_type(image));
  tt1_json_text(out, "scaling", origin->scaling);
  if (origin->field_strength > 0.0) tt1_json_number(out, "field_strength", origin->field_strength);
  tt1_json_boolean(out, "signed", tt1_image_is_signed(image));
  tt1_json_boolean(out, "phase", tt1_image_phase(image) != NULL);
  tt1_json_open(out, "assumptions", '[');
  for (int i = 0; tt1_image_assumption(image, i); i++)
    tt1_json_text(out, NULL, tt1_image_assumption(image, i));
  for (int i = 0; i < MAX_NOTES && *in->notes[i]; i++)
    tt1_json_text(out, NULL, in->notes[i]);
  tt1_json_close(out, '[');
  tt1_json_close(out, '{');
}

static void put_signs(tt1_json *out, const fit_input *in)
{
  if (!in->signs) return;
  tt1_json_open(out, "signs", '{');
  tt1_json_text(out, "source", "phase");
  tt1_json_number(out, "open_share", in->open_share);
  tt1_json_close(out, '{');
}

static void put_inputs(tt1_json *out, const fit_input *in)
{
  put_series(out, in);
  put_signs(out, in);
  tt1_json_inputs(out, "inputs", in->image);
  if (in->mask_image) tt1_json_inputs(out, "mask_inputs", in->mask_image);
  tt1_json_open(out, "known", '[');
  for (int i = 0; i < in->n_known; i++) {
    tt1_json_open(out, NULL, '{');
    tt1_json_text(out, "name", in->known[i].known->name);
    tt1_json_text(out, "unit", in->known[i].known->unit);
    tt1_json_text(out, "source", in->known[i].source);
    if (in->known[i].map)
      tt1_json_inputs(out, "inputs", in->known[i].map);
    else
      tt1_json_slices(out, "values", in->known[i].values, in->known[i].count,
                      in->known[i].n_slices);
    tt1_json_close(out, '{');
  }
  tt1_json_close(out, '[');
}

static void put_device(tt1_json *out, const fit_result *result)
{
  tt1_json_open(out, "device", '{');
  tt1_json_text(out, "name", result->device);
  tt1_json_text(out, "isa", result->isa);
  tt1_json_text(out, "kernels", result->kernels);
  if (*result->kernels_why) tt1_json_text(out, "kernels_why", result->kernels_why);
  tt1_json_integer(out, "threads", result->threads);
  tt1_json_text(out, "why", result->why);
  tt1_json_close(out, '{');
}

static void put_results(tt1_json *out, const fit_result *result, const fit_input *in,
                        const fit_request *request)
{
  tt1_json_text(out, "solver", result->solver);
  if (request->plan.sigma <= 0 && result->sigma > 0)
    tt1_json_number(out, "sigma_estimated", result->sigma);
  tt1_json_integer(out, "voxels", tt1_image_n_voxels(in->image));
  tt1_json_open(out, "outcomes", '{');
  for (int i = 0; i < N_OUTCOMES; i++)
    tt1_json_integer(out, tt1_outcome_name((tt1_outcome)i), result->counts[i]);
  tt1_json_close(out, '{');
  tt1_json_open(out, "maps", '[');
  for (int i = 0; i < result->n_maps; i++) {
    const fit_map *map = &result->maps[i];
    char file[FILE_SIZE];
    fit_name(file, in, FILE_MAP, map);
    tt1_json_open(out, NULL, '{');
    tt1_json_text(out, "name", map->name);
    if (request->formats & FIT_NIFTI) tt1_json_text(out, "file", fit_base(file));
    tt1_json_text(out, "unit", map->unit);
    tt1_json_text(out, "meaning", map->meaning);
    if (map->correction > 0) tt1_json_number(out, "multiplied_by", map->correction);
    if (map->filter) tt1_json_text(out, "filter", map->filter);
    if (i < result->n_main) {
      tt1_json_number(out, "median", map->median);
      tt1_json_numbers(out, "quartiles", map->quartiles, 2);
    }
    tt1_json_close(out, '{');
  }
  tt1_json_close(out, '[');
}

/* What went in, and nothing that comes of it: fit_json_beginning() is compared byte by byte. */
static void begin(tt1_json *out, const fit_input *in, const fit_request *request)
{
  tt1_json_open(out, NULL, '{');
  tt1_json_text(out, "torcht1", tt1_version());
  put_model(out, in->model);
  put_options(out, request, in);
  put_inputs(out, in);
}

char *fit_json_beginning(const fit_input *in, const fit_request *request)
{
  tt1_json out = {0};
  begin(&out, in, request);
  char *text = tt1_json_take(&out);
  if (text) text[strlen(text) - 1] = '\0'; // the object goes on
  return text;
}

/* What this fit wrote, so that the next one knows what to take away. */
static void put_files(tt1_json *out, const tt1_folder *folder)
{
  tt1_json_open(out, FILES_KEY, '[');
  for (int i = 0; tt1_folder_file(folder, i); i++)
    tt1_json_text(out, NULL, tt1_folder_file(folder, i));
  tt1_json_close(out, '[');
}

char *fit_json(const fit_result *result, const fit_input *in, const fit_request *request,
               const tt1_folder *folder)
{
  tt1_json out = {0};
  begin(&out, in, request);
  put_device(&out, result);
  put_results(&out, result, in, request);
  put_files(&out, folder);
  tt1_json_open(&out, "seconds", '{');
  tt1_json_number(&out, "read", result->read_seconds);
  tt1_json_number(&out, "fit", result->fit_seconds);
  tt1_json_number(&out, "write", result->write_seconds);
  tt1_json_close(&out, '{');
  tt1_json_close(&out, '{');
  return tt1_json_take(&out);
}

static void print_outcomes(const fit_result *result, int64_t n_voxels)
{
  printf("voxels   %lld\n", (long long)n_voxels);
  for (int i = 0; i < N_OUTCOMES; i++)
    if (result->counts[i])
      printf("         %10lld  %5.1f %%  %s\n", (long long)result->counts[i],
             100.0 * (double)result->counts[i] / (double)n_voxels,
             tt1_outcome_name((tt1_outcome)i));
}

static void print_map(const fit_map *map)
{
  int in_seconds = strcmp(map->unit, "s") == 0;
  double scale = in_seconds ? 1000.0 : 1.0;
  const char *unit = in_seconds ? "ms" : strcmp(map->unit, "1") == 0 ? "" : map->unit;
  printf("%-8s %10.5g %-4s (%.5g to %.5g)\n", map->name, scale * map->median, unit,
         scale * map->quartiles[0], scale * map->quartiles[1]);
}

static void print_assumptions(const fit_input *in)
{
  for (int i = 0; tt1_image_assumption(in->image, i); i++)
    printf("assumed  %s\n", tt1_image_assumption(in->image, i));
  for (int i = 0; i < MAX_NOTES && *in->notes[i]; i++)
    printf("assumed  %s\n", in->notes[i]);
}

static void print_series(const fit_input *in)
{
  const tt1_origin *origin = tt1_image_origin(in->image);
  if (origin->number || *origin->description)
    printf("series   %d %s, %d images\n", origin->number, origin->description,
           tt1_image_n_images(in->image));
  print_assumptions(in);
}

void fit_print_line(const fit_result *result, const fit_input *in)
{
  const tt1_bids_series *series = tt1_bids_series_at(in->dataset, in->index);
  printf("%s: %d images, %s, %s\n", series->name, tt1_image_n_images(in->image),
         tt1_model_name(in->model), result->solver);
  print_assumptions(in);
  for (int i = 0; i < result->n_main; i++)
    print_map(&result->maps[i]);
}

static void print_written(const fit_result *result, const fit_request *request)
{
  const char *why = NULL;
  printf("written  %s/fit.json", request->output);
  if (request->formats & FIT_NIFTI) printf(", *.nii.gz");
  if (result->picture) printf(", %s.png", result->picture);
  if (request->formats & FIT_MAT) printf(", maps.mat");
  if (request->formats & FIT_DICOM) printf(", dicom/*/*.dcm");
  if ((request->formats & FIT_PNG) && !tt1_picture_available(&why)) printf("; no picture: %s", why);
  putchar('\n');
}

void fit_print_table(const fit_result *result, const fit_input *in, const fit_request *request)
{
  print_series(in);
  printf("model    %s\n", tt1_model_name(in->model));
  printf("solver   %s\n", result->solver);
  if (fit_n_parts(in) > 1)
    printf("slices   %d, each fitted with times of its own\n", fit_n_parts(in));
  if (in->signs)
    printf("signs    from phase; %.1f %% of the samples left to the search\n",
           100.0 * in->open_share);
  if (request->plan.sigma <= 0 && result->sigma > 0)
    printf("sigma    %.4g, estimated from the residuals\n", result->sigma);
  printf("device   %s %s, %d thread%s\n", result->device, result->isa, result->threads,
         result->threads == 1 ? "" : "s");
  print_outcomes(result, tt1_image_n_voxels(in->image));
  printf("map          median      (quartiles)\n");
  for (int i = 0; i < result->n_main; i++)
    print_map(&result->maps[i]);
  if (request->filter)
    printf("filter   %s over the maps; standard deviations are those of single voxels\n",
           fit_filter_name(request->filter));
  print_changes(&request->changes);
  like_print(request);
  printf("time     read %.0f ms, fit %.0f ms, write %.0f ms\n", 1e3 * result->read_seconds,
         1e3 * result->fit_seconds, 1e3 * result->write_seconds);
  print_written(result, request);
}
