/* SPDX-License-Identifier: MIT
 * dump_series INPUT FOLDER [SERIES]: what the library reads, as NIfTI, for other programs
 * to compare: FOLDER/series.nii and, where there is one, FOLDER/phase.nii. */
#include <stdio.h>

#include <tt1_image.h>

#include "tt1_input.h"

int main(int argc, char **argv)
{
  tt1_error error = {0};
  tt1_image *image = NULL;
  tt1_folder *folder = NULL;
  tt1_read_options options = TT1_READ_OPTIONS_INIT;
  if (argc < 3) return 2;
  if (argc > 3) options.series = argv[3];
  tt1_status status = tt1_image_read(&image, argv[1], &options, &error);
  if (status == TT1_OK) status = tt1_folder_open(&folder, argv[2], &error);
  for (int i = 0; i < 2 && status == TT1_OK; i++) {
    const float *data = i ? tt1_image_phase(image) : tt1_image_data(image);
    if (data)
      status =
          tt1_folder_write_image(folder, i ? "phase.nii" : "series.nii", tt1_image_geometry(image),
                                 tt1_image_n_images(image), TT1_FLOAT32, data, "", &error);
  }
  if (status == TT1_OK) status = tt1_folder_commit(folder, &error);
  if (status == TT1_NO_DEVICE) printf("skipped: %s\n", error.message);
  if (status != TT1_OK) fprintf(stderr, "%s\n", error.message);
  tt1_folder_free(folder);
  tt1_image_free(image);
  return status == TT1_NO_DEVICE ? 77 : status != TT1_OK;
}
