/* SPDX-License-Identifier: MIT
 * odd_voxels FILE.nii writes a series of four voxels (good, NaN, constant, zero)
 * by hand; odd_voxels --check FOLDER looks at what the fit made of them. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "tt1_image.h"
#include "tt1_input.h"

enum { N_IMAGES = 6, N_VOXELS = 4, HEADER = 352 };

static void put_short(unsigned char *header, int at, int value)
{
  header[at] = (unsigned char)(value & 255);
  header[at + 1] = (unsigned char)(value >> 8);
}

static void put_float(unsigned char *header, int at, float value)
{
  memcpy(header + at, &value, sizeof value); // all machines that are tested are little-endian
}

static int write_series(const char *path)
{
  static const double times[N_IMAGES] = {0.1, 0.2, 0.4, 0.8, 1.6, 3.2};
  static const int dim[] = {4, N_VOXELS, 1, 1, N_IMAGES, 1, 1, 1};
  unsigned char header[HEADER] = {0};
  put_short(header, 0, 348);
  for (int i = 0; i < 8; i++) {
    put_short(header, 40 + 2 * i, dim[i]);
    put_float(header, 76 + 4 * i, 1.0f);
  }
  put_short(header, 70, 16); // float32
  put_short(header, 72, 32);
  put_float(header, 108, (float)HEADER);
  put_float(header, 112, 1.0f);
  memcpy(header + 344, "n+1", 4);
  float data[N_IMAGES][N_VOXELS];
  for (int s = 0; s < N_IMAGES; s++) {
    data[s][0] = (float)fabs(100.0 * (1.0 - 1.9 * exp(-times[s] / 1.1)));
    data[s][1] = s == 2 ? NAN : data[s][0];
    data[s][2] = 50.0f;
    data[s][3] = 0.0f;
  }
  FILE *file = fopen(path, "wb");
  if (!file) return 2;
  size_t written = fwrite(header, HEADER, 1, file) + fwrite(data, sizeof data, 1, file);
  return fclose(file) == 0 && written == 2 ? 0 : 2;
}

static int read_map(tt1_image **out, const char *folder, const char *name)
{
  char path[400];
  tt1_error error = {0};
  snprintf(path, sizeof path, "%s/%s.nii.gz", folder, name);
  if (tt1_image_read(out, path, NULL, &error) == TT1_OK) return 1;
  fprintf(stderr, "%s\n", error.message);
  return 0;
}

static int check(const char *folder)
{
  tt1_image *map = NULL, *outcome = NULL;
  int is_right = read_map(&map, folder, "T1map") && read_map(&outcome, folder, "outcome");
  if (is_right) {
    const float *t1 = tt1_image_data(map), *code = tt1_image_data(outcome);
    for (int v = 0; v < N_VOXELS; v++)
      printf("voxel %d: T1 %g, outcome %g\n", v, (double)t1[v], (double)code[v]);
    is_right = fabs((double)t1[0] - 0.99) < 1e-3 && (int)code[0] == TT1_CONVERGED;
    is_right &= isnan(t1[1]) && (int)code[1] == TT1_NOT_FINITE;
    for (int v = 2; v < N_VOXELS; v++)
      is_right &= isnan(t1[v]) && (int)code[v] != TT1_CONVERGED;
  }
  tt1_image_free(map);
  tt1_image_free(outcome);
  return is_right ? 0 : 1;
}

int main(int argc, char **argv)
{
  if (argc == 3 && strcmp(argv[1], "--check") == 0) return check(argv[2]);
  return argc == 2 ? write_series(argv[1]) : 2;
}
