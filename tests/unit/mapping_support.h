/* SPDX-License-Identifier: MIT
 * For the tests of mappings: a small MOLLI series with known T1, and mappings of it with one option or
 * another. */
#ifndef TT1_TESTS_MAPPING_SUPPORT_H
#define TT1_TESTS_MAPPING_SUPPORT_H

#include "image_support.h"

#include "mapping/mapping.h"

enum { COLUMNS = 3, ROWS = 2, VOXELS = COLUMNS * ROWS, IMAGES = 8 };

static const double TIMES[IMAGES] = {0.1, 1.1, 2.1, 3.1, 4.1, 0.18, 1.18, 2.18};

static inline double t1_of(int voxel)
{
  return 0.7 + 0.15 * voxel;
}

/* Sample `image` of voxel `voxel`, by the signal equation of molli. */
static inline double sample_of(int voxel, int image)
{
  double k = 1.9, t1s = t1_of(voxel) / (k - 1.0);
  return 200.0 * (1.0 - k * exp(-TIMES[image] / t1s));
}

#define SIDECAR \
  "{\"EchoTime\": 0.0012, \"InversionTime\": [0.1, 1.1, 2.1, 3.1, 4.1, 0.18, 1.18, 2.18]}"

/* Write NAME.nii and, unless it is NULL, NAME.json into the sandbox. */
static inline void put_series(const sandbox *s, const char *name, int is_signed,
                              const char *sidecar)
{
  char file[64];
  nifti n = nifti_make(1, 0, 16, 32, COLUMNS, ROWS, 1, IMAGES);
  for (int i = 0; i < IMAGES; i++)
    for (int v = 0; v < VOXELS; v++) {
      double value = sample_of(v, i);
      put_float(&n, n.offset + 4 * (size_t)(i * VOXELS + v), is_signed ? value : fabs(value), 4);
    }
  snprintf(file, sizeof file, "%s.nii", name);
  write_bytes(inside(s, file), n.bytes, n.length);
  snprintf(file, sizeof file, "%s.json", name);
  if (sidecar) write_text(inside(s, file), sidecar);
}

/* A map NAME of the grid of the series, of one value everywhere but for voxel 0. */
static inline void put_map(const sandbox *s, const char *name, double value, double first)
{
  nifti n = nifti_make(1, 0, 16, 32, COLUMNS, ROWS, 1, 1);
  for (int v = 0; v < VOXELS; v++)
    put_float(&n, n.offset + 4 * (size_t)v, v ? value : first, 4);
  write_bytes(inside(s, name), n.bytes, n.length);
}

/* Magnitudes of both inversions of model mp2rage, pair.nii, and their UNI image u.nii, 0 to 4095: T1 is 1.92 s in
 * voxel 0 and 1.15 s elsewhere. */
static inline void put_pair(const sandbox *s)
{
  static const double signal[2][2] = {{0.00594121, 0.05662080}, {-0.00754071, 0.04038871}};
  double uni[2];
  nifti n = nifti_make(1, 0, 16, 32, COLUMNS, ROWS, 1, 2);
  for (int v = 0; v < VOXELS; v++)
    for (int i = 0; i < 2; i++)
      put_float(&n, n.offset + 4 * (size_t)(i * VOXELS + v), 1e4 * fabs(signal[v == 0][i]), 4);
  write_bytes(inside(s, "pair.nii"), n.bytes, n.length);
  write_text(inside(s, "pair.json"),
             "{\"InversionTime\": [0.8, 2.7], \"FlipAngle\": [4, 5], \"NumberShots\": 160, "
             "\"RepetitionTimePreparation\": 5, \"RepetitionTimeExcitation\": 0.0067}");
  for (int i = 0; i < 2; i++)
    uni[i] =
        signal[i][0] * signal[i][1] / (signal[i][0] * signal[i][0] + signal[i][1] * signal[i][1]);
  put_map(s, "u.nii", 4095 * (uni[0] + 0.5), 4095 * (uni[1] + 0.5));
}

/* An option and its value, NULL for a flag; the list ends with a name of NULL. */
typedef struct setting {
  const char *name, *value;
} setting;

/* Options with these settings; the processor alone, one thread, nothing kept on disk. */
static inline tt1_mapping_options *options_with(const setting *settings)
{
  static const setting always[] = {{"device", "cpu"}, {"threads", "1"}, {"no-cache", NULL}};
  tt1_mapping_options *options = NULL;
  tt1_error err = {0};
  assert_int_equal(tt1_mapping_options_create(&options, NULL), TT1_OK);
  for (size_t i = 0; i < sizeof always / sizeof *always; i++)
    assert_int_equal(tt1_mapping_options_set(options, always[i].name, always[i].value, NULL),
                     TT1_OK);
  for (; settings && settings->name; settings++)
    if (tt1_mapping_options_set(options, settings->name, settings->value, &err) != TT1_OK)
      fail_msg("%s: %s", settings->name, err.message);
  return options;
}

/* Read what there is to map at `path`. */
static inline tt1_status create_mapping(tt1_mapping **out, const char *path,
                                        const tt1_mapping_options *options, tt1_error *err)
{
  tt1_study *study = NULL;
  tt1_status status = tt1_study_open(&study, path, tt1_mapping_options_reading(options), err);
  if (status == TT1_OK) status = tt1_mapping_create(out, study, -1, options, err);
  tt1_study_free(study);
  return status;
}
#endif
