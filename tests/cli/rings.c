/* SPDX-License-Identifier: MIT
 * rings FOLDER writes three short-axis slices of a left ventricle: the masks
 * myocardium, blood and gap (an open ring), T1 maps native and post, and their
 * standard deviations. Values are known: see `cases/regions.sh` and `ecv.sh`. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "tt1_image.h"

enum { COLUMNS = 48, ROWS = 40, SLICES = 3, N = COLUMNS * ROWS * SLICES };

static float native[N], post[N], native_sd[N], post_sd[N];
static unsigned char myocardium[N], blood[N], gap[N];

static void draw(int i, int j, int k)
{
  int v = i + COLUMNS * (j + ROWS * k);
  double x = i - 22.3, y = j - 19.6, r = sqrt(x * x + y * y);
  myocardium[v] = r >= 8.0 && r <= 13.0;
  gap[v] = myocardium[v] && !(x > 0.0 && fabs(y) < 4.0);
  blood[v] = r < 7.0;
  // A voxel of each pair is 10 ms above, the other below; the edge of the blood is wrong.
  float spread = (i + j) % 2 ? 0.01f : -0.01f;
  native[v] = blood[v] ? 1.6f : myocardium[v] ? 1.2f + spread : 0.0f;
  post[v] = blood[v] ? 0.35f : myocardium[v] ? 0.5f + spread : 0.0f;
  if (r >= 6.2 && r < 7.0) native[v] = post[v] = 1.0f;
  native_sd[v] = 0.03f;
  post_sd[v] = 0.01f;
}

static tt1_status write_all(tt1_folder *folder, tt1_error *error)
{
  static const struct {
    const char *name, *about;
    tt1_type type;
    const void *data;
  } files[] = {{"native.nii.gz", "T1 (s)", TT1_FLOAT32, native},
               {"post.nii.gz", "T1 (s)", TT1_FLOAT32, post},
               {"native_sd.nii.gz", "SD (s)", TT1_FLOAT32, native_sd},
               {"post_sd.nii.gz", "SD (s)", TT1_FLOAT32, post_sd},
               {"myocardium.nii.gz", "mask", TT1_UINT8, myocardium},
               {"blood.nii.gz", "mask", TT1_UINT8, blood},
               {"gap.nii.gz", "mask", TT1_UINT8, gap}};
  const tt1_geometry geometry = {.size = {COLUMNS, ROWS, SLICES},
                                 .spacing = {1.5, 1.5, 8.0},
                                 .sform_code = 1,
                                 .srow = {{-1.5, 0, 0, 30}, {0, 1.5, 0, -20}, {0, 0, 8, 0}}};
  tt1_status status = TT1_OK;
  for (size_t i = 0; i < sizeof files / sizeof *files && status == TT1_OK; i++)
    status = tt1_folder_write_image(folder, files[i].name, &geometry, 1, files[i].type,
                                    files[i].data, files[i].about, error);
  return status;
}

int main(int argc, char **argv)
{
  tt1_error error = {0};
  tt1_folder *folder = NULL;
  for (int v = 0; v < N; v++)
    draw(v % COLUMNS, v / COLUMNS % ROWS, v / COLUMNS / ROWS);
  tt1_status status = argc == 2 ? tt1_folder_open(&folder, argv[1], &error) : TT1_BAD_ARGUMENT;
  if (status == TT1_OK) status = write_all(folder, &error);
  if (status == TT1_OK) status = tt1_folder_commit(folder, &error);
  tt1_folder_free(folder);
  if (status != TT1_OK) fprintf(stderr, "rings: %s\n", error.message);
  return status == TT1_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
