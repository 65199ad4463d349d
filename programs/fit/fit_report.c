/* SPDX-License-Identifier: MIT
 * What `torcht1 fit` prints for people. */
#include <stdio.h>
#include <string.h>

#include "fit/fit.h"
#include "tt1_report.h"

static void print_outcomes(const tt1_mapping_result *result)
{
  printf("voxels   %lld\n", (long long)result->n_voxels);
  for (int i = 0; tt1_outcome_name((tt1_outcome)i); i++)
    if (result->outcomes[i])
      printf("         %10lld  %5.1f %%  %s\n", (long long)result->outcomes[i],
             100.0 * (double)result->outcomes[i] / (double)result->n_voxels,
             tt1_outcome_name((tt1_outcome)i));
}

static void print_maps(const tt1_mapping *m)
{
  const tt1_mapped *map;
  for (int i = 0; (map = tt1_mapping_map_at(m, i)) != NULL && map->is_main; i++) {
    int in_seconds = strcmp(map->unit, "s") == 0;
    double scale = in_seconds ? 1000.0 : 1.0;
    const char *unit = in_seconds ? "ms" : strcmp(map->unit, "1") == 0 ? "" : map->unit;
    printf("%-8s %10.5g %-4s (%.5g to %.5g)\n", map->name, scale * map->median, unit,
           scale * map->quartiles[0], scale * map->quartiles[1]);
  }
}

static void print_notes(const tt1_mapping *m)
{
  const char *note;
  for (int i = 0; (note = tt1_mapping_note(m, i)) != NULL; i++)
    printf("assumed  %s\n", note);
}

static void print_series(const tt1_mapping *m)
{
  const tt1_image *image = tt1_mapping_image(m);
  const tt1_origin *origin = tt1_image_origin(image);
  if (origin->number || *origin->description)
    printf("series   %d %s, %d images\n", origin->number, origin->description,
           tt1_image_n_images(image));
  print_notes(m);
}

void fit_print_line(const tt1_bids_series *series, const tt1_mapping *m)
{
  printf("%s: %d images, %s, %s\n", series->name, tt1_image_n_images(tt1_mapping_image(m)),
         tt1_model_name(tt1_mapping_model(m)), tt1_mapping_result_of(m)->solver);
  print_notes(m);
  print_maps(m);
}

static void print_written(const tt1_mapping *m, const fit_request *request)
{
  const char *why = NULL, *picture = tt1_mapping_result_of(m)->picture;
  static const struct {
    int format;
    const char *ending;
  } drawn[3] = {{TT1_FORMAT_PNG, "png"}, {TT1_FORMAT_SVG, "svg"}, {TT1_FORMAT_PDF, "pdf"}};
  int formats = tt1_mapping_options_formats(request->options);
  printf("written  %s/fit.json", request->output);
  if (formats & TT1_FORMAT_NIFTI) printf(", *.nii.gz");
  for (int i = 0; i < 3 && picture; i++)
    if (formats & drawn[i].format) printf(", %s.%s", picture, drawn[i].ending);
  if (formats & TT1_FORMAT_MAT) printf(", maps.mat");
  if (formats & TT1_FORMAT_DICOM) printf(", dicom/*/*.dcm");
  if ((formats & TT1_FORMAT_PNG) && !tt1_picture_available(&why)) printf("; no picture: %s", why);
  putchar('\n');
}

void fit_print_table(const tt1_mapping *m, const fit_request *request)
{
  const tt1_mapping_result *result = tt1_mapping_result_of(m);
  const char *file = result->model_file;
  const char *line, *label, *filter = tt1_mapping_map_at(m, 0)->filter;
  print_series(m);
  printf("model    %s%s%s%s\n", tt1_model_name(tt1_mapping_model(m)), file ? " of " : "",
         file ? file : "", file ? ", not a shipped one" : "");
  printf("solver   %s\n", result->solver);
  if (result->n_plans > 1)
    printf("slices   %d, each fitted with times of its own\n", result->n_plans);
  if (result->open_share >= 0.0)
    printf("signs    from phase; %.1f %% of the samples left to the search\n",
           100.0 * result->open_share);
  if (result->sigma_is_estimated)
    printf("sigma    %.4g, estimated from the residuals\n", result->sigma);
  printf("device   %s %s, %d thread%s\n", result->device, result->isa, result->threads,
         result->threads == 1 ? "" : "s");
  print_outcomes(result);
  printf("map          median      (quartiles) of %lld voxels %s\n", (long long)result->n_summed,
         result->summed_is_mask ? "in the mask" : "with signal");
  print_maps(m);
  if (filter)
    printf("filter   %s over the maps; standard deviations are those of single voxels\n", filter);
  for (int i = 0; (line = tt1_mapping_remark(m, i, &label)) != NULL; i++)
    printf("%-8s %s\n", label, line);
  printf("time     read %.0f ms, fit %.0f ms, write %.0f ms\n", 1e3 * result->read_seconds,
         1e3 * result->fit_seconds, 1e3 * result->write_seconds);
  print_written(m, request);
}
