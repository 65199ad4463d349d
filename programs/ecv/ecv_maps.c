/* SPDX-License-Identifier: MIT
 * Maps of `torcht1 ecv --registered`, voxel by voxel. */
#include <stdio.h>
#include <stdlib.h>

#include "ecv/ecv.h"

enum { N_MAPS = 4 };

typedef struct ecv_file {
  const char *name, *meaning, *quantity;
  int is_deviation;
  double greatest; /* shown as white */
} ecv_file;

static const ecv_file files[N_MAPS] = {{"ECV", "extracellular volume", "ECV", 0, 0.8},
                                       {"lambda", "partition coefficient", NULL, 0, 1.5},
                                       {"ECV_sd", "extracellular volume", "ECV", 1, 0.1},
                                       {"lambda_sd", "partition coefficient", NULL, 1, 0.2}};

/* A map in s; free with free(). NULL for none. */
static float *in_seconds(const tt1_image *image, double scale)
{
  size_t n = image ? (size_t)tt1_image_n_voxels(image) : 0;
  float *values = image ? allocate(n, sizeof *values) : NULL;
  for (size_t v = 0; v < n; v++)
    values[v] = (float)(scale * (double)tt1_image_data(image)[v]);
  return values;
}

static tt1_status write_nifti(const ecv_request *r, const ecv_file *file, const float *values,
                              tt1_folder *folder, tt1_error *error)
{
  char name[32], about[80];
  snprintf(name, sizeof name, "%s.nii.gz", file->name);
  snprintf(about, sizeof about, "%s%s (1)", file->is_deviation ? "SD of " : "", file->meaning);
  return tt1_folder_write_image(folder, name, tt1_image_geometry(r->side[0].map), 1, TT1_FLOAT32,
                                values, about, error);
}

/* Beside the native map, in its study. */
static tt1_status write_dicom(const ecv_request *r, int index, const float *values,
                              tt1_folder *folder, tt1_error *error)
{
  const ecv_file *file = &files[index];
  char subfolder[48], derivation[320];
  int64_t n_saturated = 0;
  snprintf(subfolder, sizeof subfolder, "dicom/%s", file->name);
  snprintf(derivation, sizeof derivation,
           "torcht1 %s: (1 - %g) lambda, from T1 before and after contrast agent%s; T1 of blood "
           "%.0f and %.0f ms",
           tt1_version(), r->given.hematocrit.value, r->is_resampled ? " (resampled)" : "",
           1e3 * r->given.native.value, 1e3 * r->given.post.value);
  const tt1_dicom_map map = {.version = TT1_DICOM_MAP_VERSION,
                             .source = r->side[0].map,
                             .values = values,
                             .name = file->name,
                             .meaning = file->meaning,
                             .unit = "1",
                             .quantity = file->quantity,
                             .is_deviation = file->is_deviation,
                             .number = index + 1,
                             .derivation = derivation,
                             .window = {0.0, file->greatest}};
  tt1_status status = tt1_folder_write_dicom_map(folder, subfolder, &map, &n_saturated, error);
  if (status == TT1_OK && n_saturated)
    fprintf(stderr, "torcht1: %lld voxels of %s lie beyond the 0 to 65535 %% of its DICOM files\n",
            (long long)n_saturated, file->name);
  return status;
}

static tt1_status write_all(const ecv_request *r, const float *maps, int count, tt1_folder *folder,
                            tt1_error *error)
{
  int64_t n = tt1_image_n_voxels(r->side[0].map);
  tt1_status status = TT1_OK;
  for (int i = 0; i < count && status == TT1_OK; i++) {
    status = write_nifti(r, &files[i], maps + i * n, folder, error);
    if (status == TT1_OK && r->as_dicom) status = write_dicom(r, i, maps + i * n, folder, error);
  }
  return status;
}

int ecv_write_maps(const ecv_request *r, tt1_folder *folder)
{
  tt1_error error = {0};
  const ecv_side *native = &r->side[0], *post = &r->side[1];
  int64_t n = tt1_image_n_voxels(native->map);
  float *in[4] = {in_seconds(native->map, native->scale), in_seconds(post->map, post->scale),
                  in_seconds(native->sd, native->scale), in_seconds(post->sd, post->scale)};
  float *out = allocate((size_t)n, N_MAPS * sizeof *out);
  const tt1_ecv_maps maps = {in[0], in[1], in[2],   in[3],       NULL,
                             n,     out,   out + n, out + 2 * n, out + 3 * n};
  tt1_status status = tt1_ecv_map(&maps, &r->given, &error);
  if (status == TT1_OK)
    status = write_all(r, out, in[2] && in[3] ? N_MAPS : N_MAPS / 2, folder, &error);
  for (int i = 0; i < 4; i++)
    free(in[i]);
  free(out);
  return status == TT1_OK ? EXIT_OK : complain_of(&error);
}
