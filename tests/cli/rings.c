/* SPDX-License-Identifier: MIT
 * rings FOLDER writes three short-axis slices of a left ventricle: the masks
 * myocardium, blood and gap (an open ring), T1 maps native and post, and their
 * standard deviations, those of native also in ms without saying so (ms, ms_sd); and all of it once more on a finer grid, as <name>_fine.
 * Values are known: see `cases/regions.sh` and `ecv.sh`. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "tt1_image.h"

enum { COLUMNS = 48, ROWS = 40, SLICES = 3, FINE = 2, N = FINE * FINE * COLUMNS * ROWS * SLICES };

static float native[N], post[N], native_sd[N], post_sd[N], ms[N], ms_sd[N];
static unsigned char myocardium[N], blood[N], gap[N];

/* Voxels are counted in those of the coarse grid; `v` is where they are kept. */
static void draw(int v, int is_even, double i, double j)
{
  double x = i - 22.3, y = j - 19.6, r = sqrt(x * x + y * y);
  myocardium[v] = r >= 8.0 && r <= 13.0;
  gap[v] = myocardium[v] && !(x > 0.0 && fabs(y) < 4.0);
  blood[v] = r < 7.0;
  // A voxel of each pair is 10 ms above, the other below; the edge of the blood is wrong.
  float spread = is_even ? -0.01f : 0.01f;
  native[v] = blood[v] ? 1.6f : myocardium[v] ? 1.2f + spread : 0.0f;
  post[v] = blood[v] ? 0.35f : myocardium[v] ? 0.5f + spread : 0.0f;
  if (r >= 6.2 && r < 7.0) native[v] = post[v] = 1.0f;
  ms[v] = 1000.0f * native[v];
  ms_sd[v] = 30.0f;
  native_sd[v] = 0.03f;
  post_sd[v] = 0.01f;
}

/* All slices with `finer` voxels in the place of one. */
static tt1_geometry draw_all(int finer)
{
  int columns = finer * COLUMNS, rows = finer * ROWS;
  for (int v = 0; v < columns * rows * SLICES; v++) {
    int i = v % columns, j = v / columns % rows;
    draw(v, (i + j) % 2 == 0, (i + 0.5) / finer - 0.5, (j + 0.5) / finer - 0.5);
  }
  double size = 1.5 / finer, shift = 0.5 * size - 0.75;
  return (tt1_geometry){
      .size = {columns, rows, SLICES},
      .spacing = {size, size, 8.0},
      .sform_code = 1,
      .srow = {{-size, 0, 0, 30 - shift}, {0, size, 0, -20 + shift}, {0, 0, 8, 0}}};
}

static tt1_status write_all(tt1_folder *folder, const tt1_geometry *geometry, const char *suffix,
                            tt1_error *error)
{
  static const struct {
    const char *name, *about;
    tt1_type type;
    const void *data;
  } files[] = {{"native", "T1 (s)", TT1_FLOAT32, native},
               {"post", "T1 (s)", TT1_FLOAT32, post},
               {"native_sd", "SD (s)", TT1_FLOAT32, native_sd},
               {"post_sd", "SD (s)", TT1_FLOAT32, post_sd},
               {"ms", "T1", TT1_FLOAT32, ms},
               {"ms_sd", "SD", TT1_FLOAT32, ms_sd},
               {"myocardium", "mask", TT1_UINT8, myocardium},
               {"blood", "mask", TT1_UINT8, blood},
               {"gap", "mask", TT1_UINT8, gap}};
  char name[40];
  tt1_status status = TT1_OK;
  for (size_t i = 0; i < sizeof files / sizeof *files && status == TT1_OK; i++) {
    snprintf(name, sizeof name, "%s%s.nii.gz", files[i].name, suffix);
    status = tt1_folder_write_image(folder, name, geometry, 1, files[i].type, files[i].data,
                                    files[i].about, error);
  }
  return status;
}

int main(int argc, char **argv)
{
  tt1_error error = {0};
  tt1_folder *folder = NULL;
  tt1_status status = argc == 2 ? tt1_folder_open(&folder, argv[1], &error) : TT1_BAD_ARGUMENT;
  for (int finer = 1; finer <= FINE && status == TT1_OK; finer++) {
    tt1_geometry geometry = draw_all(finer);
    status = write_all(folder, &geometry, finer == 1 ? "" : "_fine", &error);
  }
  if (status == TT1_OK) status = tt1_folder_commit(folder, &error);
  tt1_folder_free(folder);
  if (status != TT1_OK) fprintf(stderr, "rings: %s\n", error.message);
  return status == TT1_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
