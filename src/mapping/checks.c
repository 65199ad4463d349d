/* SPDX-License-Identifier: MIT
 * What looks wrong and would make a wrong map in silence: images that are none, echoes that mislead, a
 * fit that came to nothing. What a few fits must decide: probe.c. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "image/sequence.h"
#include "mapping/mapping.h"

/* ---- Dead images ---- */

/* Whether all finite values are one; `*value` is that, NaN where none is finite. */
static int is_flat(const float *data, int64_t n, double *value)
{
  *value = (double)NAN;
  for (int64_t i = 0; i < n; i++) {
    if (!isfinite(data[i])) continue;
    if (isfinite(*value) && fabs((double)data[i] - *value) > 0.0) return 0;
    *value = (double)data[i];
  }
  return 1;
}

/* The number of image `index` in the series as it was read, from 1. */
static int number_of(const tt1_mapping *m, int index)
{
  return m->images ? m->images[index] : index + 1;
}

void tt1__images_without(char list[TT1__LIST_SIZE], const tt1_mapping *m,
                         const unsigned char *is_left_out)
{
  int n = tt1_image_n_images(m->image);
  size_t used = 0;
  list[0] = '\0';
  for (int i = 0; i < n; i++) {
    if (is_left_out[i]) continue;
    if (used > TT1__LIST_SIZE - 20) { // a plan takes 64 images at most: no list of use is that long
      snprintf(list + used, TT1__LIST_SIZE - used, ",...");
      return;
    }
    int from = i;
    while (i + 1 < n && !is_left_out[i + 1] && number_of(m, i + 1) == number_of(m, i) + 1)
      i++;
    int more = snprintf(list + used, TT1__LIST_SIZE - used, i > from ? "%s%d-%d" : "%s%d",
                        used ? "," : "", number_of(m, from), number_of(m, i));
    used += more > 0 ? (size_t)more : 0;
  }
}

static tt1_status report_flat(tt1_mapping *m, const unsigned char *is_flat_image, int first,
                              double value, int slice, tt1_error *err)
{
  char list[TT1__LIST_SIZE], where[40] = "", what[60] = "not finite";
  if (tt1_image_geometry(m->image)->size[2] > 1)
    snprintf(where, sizeof where, " of slice %d", slice + 1);
  if (isfinite(value)) snprintf(what, sizeof what, "%g", value);
  tt1__images_without(list, m, is_flat_image);
  int is_dead = !(fabs(value) > 0.0);
  if (is_dead)
    return tt1__error_set(
        err, TT1_BAD_FILE,
        "%s: every voxel of image %d%s is %s, so it is no image: leave it out with "
        "--images %s",
        m->input, number_of(m, first), where, what, list);
  // A model without noise may come to one value at a time of 0.
  int is_added = tt1__mapping_add(m, &m->warnings,
                                  "every voxel of image %d%s is %s: if that is no image, leave it "
                                  "out with --images %s",
                                  number_of(m, first), where, what, list);
  return is_added ? TT1_OK : tt1__no_memory(err);
}

static tt1_status check_slice(tt1_mapping *m, int slice, tt1_error *err)
{
  unsigned char flat[MAX_IMAGES];
  int n = tt1_image_n_images(m->image), n_flat = 0, first = -1;
  int64_t all = tt1_image_n_voxels(m->image), here = all / tt1_image_geometry(m->image)->size[2];
  double value, shown = 0.0;
  for (int i = 0; i < n; i++) {
    flat[i] =
        (unsigned char)is_flat(tt1_image_data(m->image) + i * all + slice * here, here, &value);
    n_flat += flat[i];
    // The first that is 0 or not finite; else the first.
    if (flat[i] && (first < 0 || (fabs(shown) > 0.0 && !(fabs(value) > 0.0)))) {
      first = i;
      shown = value;
    }
  }
  if (n_flat == 0 || n_flat == n) return TT1_OK; // a slice without anything, or of equal voxels
  return report_flat(m, flat, first, shown, slice, err);
}

tt1_status tt1__mapping_check_dead(tt1_mapping *m, tt1_error *err)
{
  int64_t n_slices = tt1_image_geometry(m->image)->size[2];
  tt1_status status = TT1_OK;
  for (int slice = 0; slice < n_slices && status == TT1_OK; slice++)
    status = check_slice(m, slice, err);
  return status;
}

/* ---- Echoes ---- */

/* Whether the model makes a T2 map of echoes. */
static int takes_spin_echoes(const tt1_model *model)
{
  int has_echoes = 0, makes_t2 = 0;
  const char *suffix;
  for (int i = 0; tt1_model_known(model, i); i++) {
    const tt1_known *k = tt1_model_known(model, i);
    has_echoes |= k->scope == TT1_PER_SAMPLE && k->bids && strcmp(k->bids, "EchoTime") == 0;
  }
  for (int i = 0; tt1_model_parameter(model, i); i++)
    makes_t2 |= (suffix = tt1_model_parameter(model, i)->bids) && strcmp(suffix, "T2map") == 0;
  for (int i = 0; tt1_model_map(model, i); i++)
    makes_t2 |= (suffix = tt1_model_map(model, i)->bids) && strcmp(suffix, "T2map") == 0;
  return has_echoes && makes_t2;
}

/* Whoever chose images has decided; echoes acquired one by one are no train. */
tt1_status tt1__mapping_check_echoes(tt1_mapping *m, tt1_error *err)
{
  const tt1__acquisition a = tt1__acquisition_of(m->image);
  int n = tt1_image_n_images(m->image);
  if (m->images || n < 4 || !takes_spin_echoes(m->model) || tt1__is_one_by_one(&a)) return TT1_OK;
  int is_added = tt1__mapping_add(
      m, &m->notes,
      "the first spin echo is fitted too, though it lacks the stimulated echoes that "
      "the later ones hold and makes T2 read high, 54 to 60 ms for 50: --images 2-%d "
      "leaves it out (docs/checks.md)",
      n);
  return is_added ? TT1_OK : tt1__no_memory(err);
}

/* ---- The result ---- */

static int has_number(const tt1__map *map, int64_t n)
{
  for (int64_t v = 0; v < n; v++)
    if (isfinite(map->values[v])) return 1;
  return 0;
}

tt1_status tt1__mapping_check_result(const tt1_mapping *m, tt1_error *err)
{
  int64_t n = tt1_image_n_voxels(m->image), left_out = m->result.outcomes[TT1_MASKED];
  tt1__text counts = {0};
  for (int i = 0; i < m->n_main; i++)
    if (has_number(&m->maps[i], n)) return TT1_OK;
  if (left_out == n)
    return tt1__error_set(err, TT1_BAD_FILE, "%s: no voxel lies within the mask", m->input);
  for (int i = 0; i < TT1_MASKED; i++)
    if (m->result.outcomes[i] > 0)
      tt1__text_add(&counts, "%s%lld %s", counts.bytes ? ", " : "",
                    (long long)m->result.outcomes[i], tt1_outcome_name((tt1_outcome)i));
  tt1__error_set(
      err, TT1_BAD_FILE,
      "%s: no voxel could be fitted (%s): are model, times and sign those of the series?", m->input,
      counts.bytes ? counts.bytes : "");
  tt1__text_free(&counts);
  return TT1_BAD_FILE;
}
