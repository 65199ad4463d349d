/* SPDX-License-Identifier: MIT */
#include "bids/stack.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "bids/sidecar.h"
#include "image/uni.h"

// A UNI image has the times of two inversions, and slices.
static int may_be_stack(const tt1_image *image)
{
  int64_t n = image->geometry.size[2];
  return image->n_images == 1 && n > 1 && n <= TT1__MAX_IMAGES && !tt1__image_is_called_uni(image);
}

// Voxels of a slice are neighbours in memory, as those of an image are.
static void stack(tt1_image *image)
{
  int64_t n = image->geometry.size[2];
  image->n_images = (int)n;
  image->n_voxels /= n;
  image->geometry.size[2] = 1;
}

static tt1_status say(tt1_image *image, const char *key, const char *source, tt1_error *err)
{
  char text[300];
  snprintf(
      text, sizeof text,
      "the third dimension is taken for that of the images, since %.100s has %d values%s%.120s",
      key, image->n_images, source ? " in " : "", source ? source : "");
  return tt1__image_add_assumption(image, text) ? TT1_OK : tt1__no_memory(err);
}

// Of the sidecars read as those of `n` images, the first key with a value for each; NULL if there is none.
static const tt1_known_values *find_key(const tt1_image *probe, int n)
{
  static const char *const keys[] = {"InversionTime", "SaturationTime", "T2PreparationTime",
                                     "EchoTime", "FlipAngle"};
  for (size_t k = 0; k < sizeof keys / sizeof *keys && !tt1_image_unit(probe); k++) {
    const tt1_known_values *known = tt1_image_find_known(probe, keys[k]);
    if (known && known->count == n) return known;
  }
  return NULL;
}

tt1_status tt1__stack_find(tt1_image *image, const tt1__sidecars *sidecars, tt1_error *err)
{
  if (!may_be_stack(image) || sidecars->count == 0) return TT1_OK;
  tt1_image *probe = tt1__image_new();
  if (!probe) return tt1__no_memory(err);
  probe->n_images = (int)image->geometry.size[2];
  // What is wrong with them is said when they are read as they are meant.
  tt1_status status = tt1__sidecars_read(probe, sidecars, NULL);
  const tt1_known_values *known =
      status == TT1_OK && !tt1_image_unit(image) && !tt1__image_is_called_uni(probe)
          ? find_key(probe, probe->n_images)
          : NULL;
  if (known) stack(image);
  if (status == TT1_NO_MEMORY)
    status = tt1__no_memory(err);
  else
    status = known ? say(image, known->name, known->source, err) : TT1_OK;
  tt1_image_free(probe);
  return status;
}

tt1_status tt1__stack_by_number(tt1_image *image, int n_times, tt1_error *err)
{
  // Two times and two slices are as well a UNI image of MP2RAGE by another name.
  if (!may_be_stack(image) || image->geometry.size[2] != n_times || n_times < 3 ||
      tt1_image_unit(image))
    return TT1_OK;
  stack(image);
  return say(image, "--known", NULL, err);
}

void tt1__stack_alike(tt1_image *other, const tt1_image *image)
{
  if (may_be_stack(other) && image->geometry.size[2] == 1 &&
      other->geometry.size[2] == image->n_images)
    stack(other);
}
