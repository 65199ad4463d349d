/* SPDX-License-Identifier: MIT
 * Extracellular volume of registered maps, voxel by voxel. */
#include <stdio.h>

#include "base/error.h"
#include "base/memory.h"
#include "measure/ecv.h"

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

static tt1_status write_nifti(const tt1_ecv_result *r, const ecv_file *file, const float *values,
                              tt1_folder *folder, tt1_error *err)
{
  char name[32], about[80];
  snprintf(name, sizeof name, "%s.nii.gz", file->name);
  snprintf(about, sizeof about, "%s%s (1)", file->is_deviation ? "SD of " : "", file->meaning);
  return tt1_folder_write_image(folder, name, tt1_image_geometry(r->map[0]), 1, TT1_FLOAT32, values,
                                about, err);
}

/* Beside the native map, in its study. */
static tt1_status write_dicom(const tt1_ecv_result *r, int index, const float *values,
                              tt1_folder *folder, int64_t *n_saturated, tt1_error *err)
{
  const ecv_file *file = &files[index];
  char subfolder[48], derivation[320];
  int64_t beyond = 0;
  snprintf(subfolder, sizeof subfolder, "dicom/%s", file->name);
  snprintf(derivation, sizeof derivation,
           "torcht1 %s: (1 - %g) lambda, from T1 before and after contrast agent%s; T1 of blood "
           "%.0f and %.0f ms",
           tt1_version(), r->blood.hematocrit.value, r->is_resampled ? " (resampled)" : "",
           1e3 * r->blood.native.value, 1e3 * r->blood.post.value);
  const tt1_dicom_map map = {.version = TT1_DICOM_MAP_VERSION,
                             .source = r->map[0],
                             .values = values,
                             .name = file->name,
                             .meaning = file->meaning,
                             .unit = "1",
                             .quantity = file->quantity,
                             .is_deviation = file->is_deviation,
                             .number = index + 1,
                             .derivation = derivation,
                             .window = {0.0, file->greatest}};
  tt1_status status = tt1_folder_write_dicom_map(folder, subfolder, &map, &beyond, err);
  *n_saturated += beyond;
  return status;
}

/* A map in s into `values`. */
static void to_seconds(float *values, const tt1_image *image, double scale)
{
  int64_t n = tt1_image_n_voxels(image);
  for (int64_t v = 0; v < n; v++)
    values[v] = (float)(scale * (double)tt1_image_data(image)[v]);
}

/* `room` holds four maps of input, then N_MAPS of output. */
static tt1_status compute(float *room, int64_t n, const tt1__ecv *m, tt1_error *err)
{
  int has_sd = m->sd[0] && m->sd[1];
  float *in[4] = {room, room + n, room + 2 * n, room + 3 * n}, *out = room + 4 * n;
  for (int k = 0; k < 2; k++) {
    to_seconds(in[k], m->map[k], m->scale[k]);
    if (has_sd) to_seconds(in[2 + k], m->sd[k], m->scale[k]);
  }
  const tt1_ecv_maps maps = {
      in[0],       in[1],      has_sd ? in[2] : NULL, has_sd ? in[3] : NULL, NULL, n, out, out + n,
      out + 2 * n, out + 3 * n};
  return tt1_ecv_map(&maps, &m->shown.blood, err);
}

tt1_status tt1_folder_write_ecv(tt1_folder *folder, const tt1_ecv_result *result, int as_dicom,
                                int64_t *n_saturated, tt1_error *err)
{
  const tt1__ecv *m = (const tt1__ecv *)result;
  int64_t n = tt1_image_n_voxels(m->map[0]), beyond = 0;
  int count = m->sd[0] && m->sd[1] ? N_MAPS : N_MAPS / 2;
  if (!result->is_registered)
    return tt1__error_set(err, TT1_BAD_ARGUMENT, "maps of ECV need registered maps of T1");
  float *room = tt1__allocate((size_t)n, (4 + N_MAPS) * sizeof *room);
  tt1_status status = room ? compute(room, n, m, err) : tt1__no_memory(err);
  for (int i = 0; i < count && status == TT1_OK; i++) {
    const float *values = room + (4 + i) * n;
    status = write_nifti(result, &files[i], values, folder, err);
    if (status == TT1_OK && as_dicom) status = write_dicom(result, i, values, folder, &beyond, err);
  }
  tt1__free(room);
  if (n_saturated) *n_saturated = beyond;
  return status;
}
