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
