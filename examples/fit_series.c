/* SPDX-License-Identifier: MIT
 * fit_series SERIES FOLDER: a T1 map from a MOLLI series, with the library alone. */
#include <stdio.h>
#include <stdlib.h>

#include <tt1_image.h>

#include "tt1_input.h"

int main(int argc, char **argv)
{
  tt1_error error = {0};
  tt1_model *model = NULL;
  tt1_image *image = NULL;
  tt1_device *device = NULL;
  tt1_plan *plan = NULL;
  tt1_folder *folder = NULL;
  float *t1 = NULL;
  if (argc != 3 || tt1_model_builtin(&model, "molli", &error)) goto out;
  if (tt1_image_read(&image, argv[1], NULL, &error) || tt1_device_open(&device, NULL, NULL, &error))
    goto out;
  const tt1_found_known *found = tt1_image_known(image, 0); // the inversion times, in s
  if (found && found->n_slices > 1) found = NULL; // slices with their own take a plan each
  tt1_known_values times = {"TI", found ? found->values : NULL, found ? found->count : 0};
  tt1_design design = {tt1_image_n_images(image), 1, &times};
  if (tt1_plan_create(&plan, device, model, &design, NULL, &error)) goto out;
  tt1_series series = {.signal = tt1_image_data(image), .n_voxels = tt1_image_n_voxels(image)};
  t1 = malloc((size_t)series.n_voxels * sizeof *t1);
  tt1_output output = {"T1", TT1_FLOAT32, t1};
  if (!t1 || tt1_plan_run(plan, &series, NULL, &output, 1, NULL, NULL, &error)) goto out;
  const tt1_geometry *grid = tt1_image_geometry(image);
  if (tt1_folder_open(&folder, argv[2], &error)) goto out;
  if (!tt1_folder_write_image(folder, "T1map.nii.gz", grid, 1, TT1_FLOAT32, t1, "T1 (s)", &error))
    tt1_folder_commit(folder, &error);
out:
  if (error.status) fprintf(stderr, "%s\n", error.message);
  free(t1), tt1_folder_free(folder), tt1_plan_free(plan), tt1_device_free(device);
  tt1_image_free(image), tt1_model_free(model);
  return !folder || error.status;
}
