/* SPDX-License-Identifier: MIT
 * For the tests of BIDS datasets: folders at any depth, and small images in them. */
#ifndef TT1_TESTS_IMAGE_BIDS_SUPPORT_H
#define TT1_TESTS_IMAGE_BIDS_SUPPORT_H

#include "image_support.h"

#include "tt1_bids.h"

/* Make the folders above `name` in the sandbox. */
static inline void make_above(const sandbox *s, const char *name)
{
  char path[600];
  snprintf(path, sizeof path, "%s/%s", s->path, name);
  for (char *slash = path + strlen(s->path) + 1; (slash = strchr(slash, '/')) != NULL; slash++) {
    *slash = '\0';
    mkdir(path, 0777);
    *slash = '/';
  }
}

static inline void put_text(const sandbox *s, const char *name, const char *text)
{
  make_above(s, name);
  write_text(inside(s, name), text);
}

/* A 3 x 2 image whose voxel v is `value` + v; `json`: a sidecar beside it, or NULL. */
static inline void put_image(const sandbox *s, const char *name, double value, const char *json)
{
  char beside[300];
  nifti n = nifti_make(1, 0, 16, 32, 3, 2, 1, 1);
  for (size_t v = 0; v < 6; v++)
    put_float(&n, n.offset + 4 * v, value + (double)v, 4);
  make_above(s, name);
  write_bytes(inside(s, name), n.bytes, n.length);
  if (!json) return;
  snprintf(beside, sizeof beside, "%.*s.json", (int)(strstr(name, ".nii") - name), name);
  put_text(s, beside, json);
}

/* An image of one value everywhere. */
static inline void put_flat(const sandbox *s, const char *name, double value, const char *json)
{
  put_image(s, name, value, json);
  nifti n = nifti_make(1, 0, 16, 32, 3, 2, 1, 1);
  for (size_t v = 0; v < 6; v++)
    put_float(&n, n.offset + 4 * v, value, 4);
  write_bytes(inside(s, name), n.bytes, n.length);
}

static inline sandbox dataset_make(void)
{
  sandbox s = sandbox_make();
  put_text(&s, "dataset_description.json",
           "{\"Name\": \"N\", \"BIDSVersion\": \"1.9.0\", \"DatasetDOI\": \"doi:x\"}");
  return s;
}
#endif
