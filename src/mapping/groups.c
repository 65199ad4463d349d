/* SPDX-License-Identifier: MIT
 * Inversion groups of the series that is mapped. Models of inversion recovery take every inversion to begin at
 * equilibrium; where a rest before one is short, T1 comes out low, and by how much is simulated: the
 * magnetisation carried through the groups as Look and Locker have it (Look & Locker 1970, Rev Sci Instrum
 * 41:250), and fitted as the series will be. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/error.h"
#include "file/file.h"
#include "mapping/mapping.h"

/* Below this a rest is worth a warning: at 3 s T1 of 1.2 s is low by about 2 %. */
static const double LONG_REST = 3.0;

/* ---- What is found ---- */

static int names_shmolli(const char *text)
{
  for (; text && *text; text++)
    if (strncasecmp(text, "shmolli", 7) == 0) return 1;
  return 0;
}

/* The first text in which the series is called ShMOLLI, or NULL. */
static const char *shmolli_name(const tt1_image *image)
{
  static const char *const keys[] = {"SeriesDescription", "ProtocolName", "SequenceName",
                                     "PulseSequenceType", "PulseSequenceDetails"};
  const tt1_found_text *text;
  const char *file = tt1_image_file(image, 0);
  if (names_shmolli(tt1_image_origin(image)->description))
    return tt1_image_origin(image)->description;
  for (int i = 0; (text = tt1_image_text(image, i)) != NULL; i++)
    for (size_t k = 0; k < sizeof keys / sizeof *keys; k++)
      if (strcmp(text->key, keys[k]) == 0 && names_shmolli(text->value)) return text->value;
  return file && names_shmolli(tt1__base_name(file)) ? tt1__base_name(file) : NULL;
}

/* 5(1)1(1)1: no other scheme has these groups. */
static int is_shmolli_scheme(const tt1_inversions *found)
{
  return found->n_groups == 3 && found->count[0] == 5 && found->count[1] == 1 &&
         found->count[2] == 1;
}

/* One beat without an image: the next image comes two beats after the last. */
static void assume_shmolli_rests(tt1__groups *groups)
{
  tt1_inversions *found = &groups->found;
  if (found->is_timed || !is_shmolli_scheme(found)) return;
  for (int g = 1; g < found->n_groups; g++)
    found->rest[g] = 2.0 * found->beat - found->last[g]; // which has one image
  groups->is_assumed = 1;
}

void tt1__mapping_find_groups(tt1_mapping *m)
{
  tt1__groups *groups = &m->groups;
  int n_known = 0, n = tt1_image_n_images(m->image);
  while (tt1_image_known(m->image, n_known))
    n_known++;
  groups->name = shmolli_name(m->image);
  tt1_inversions_of(&groups->found, groups->group, tt1_image_known(m->image, 0), n_known, n);
  const tt1_known_values *times = tt1_image_find_known(m->image, "InversionTime");
  if (groups->found.n_groups == 0 || !times) return;
  size_t first = times->n_slices > 1 ? (size_t)groups->found.slice * (size_t)times->count : 0;
  memcpy(groups->times, times->values + first, (size_t)n * sizeof *groups->times);
  assume_shmolli_rests(groups);
}

/* Times that are given by hand: without a clock, and of the images that are chosen. */
static void find_in_given(tt1_mapping *m, const tt1__matched *times)
{
  tt1__groups *groups = &m->groups;
  int n = times->count;
  if (groups->found.n_groups > 0 || m->images || n > TT1_MAX_GROUPED) return;
  if (tt1_inversions_find(&groups->found, groups->group, times->values, NULL, n) == 0) return;
  memcpy(groups->times, times->values, (size_t)n * sizeof *groups->times);
  assume_shmolli_rests(groups);
}

/* ---- By how much T1 is low ---- */

enum { N_T1 = 4 };
static const double typical[N_T1] = {0.4, 0.8, 1.2, 1.6}; /* s */

/* Magnetisation left at the inversion of each group, in units of that to which the readouts lead. From the
   last image on readouts act for half a beat more, then it recovers freely. A twentieth is not inverted,
   and a readout takes about a quarter of what is there, as balanced ones of 35 degrees do from tissue. */
typedef struct recovery {
  double T1, ratio, efficiency, z[TT1_MAX_INVERSION_GROUPS];
} recovery;

static recovery carry(const tt1_inversions *found, double T1, int is_rested)
{
  const double efficiency = 0.96, loss_per_beat = 0.25;
  recovery r = {T1, 1.0 + loss_per_beat * T1 / found->beat, efficiency, {0.0}};
  double equilibrium = r.ratio / efficiency, half = 0.5 * found->beat;
  r.z[0] = equilibrium;
  for (int g = 1; g < found->n_groups; g++) {
    double end =
        1.0 - (1.0 + efficiency * r.z[g - 1]) * exp(-(found->last[g - 1] + half) * r.ratio / T1);
    double rest = fmax(0.0, found->rest[g] - half);
    r.z[g] =
        is_rested ? equilibrium : equilibrium - (equilibrium - end) * exp(-rest * efficiency / T1);
  }
  return r;
}

static double signal_of(const recovery *r, int group, double time)
{
  return 1000.0 * (1.0 - (1.0 + r->efficiency * r->z[group]) * exp(-time * r->ratio / r->T1));
}

/* The images that are fitted, of each typical T1 twice: after these rests, and after endless ones. */
static void simulate(float *signal, double *times, const tt1_mapping *m)
{
  const tt1__groups *groups = &m->groups;
  int n = tt1_image_n_images(m->image);
  for (int v = 0; v < 2 * N_T1; v++) {
    recovery r = carry(&groups->found, typical[v / 2], v % 2);
    for (int i = 0; i < n; i++) {
      int image = m->images ? m->images[i] - 1 : i;
      times[i] = groups->times[image];
      signal[i * 2 * N_T1 + v] = (float)signal_of(&r, groups->group[image], times[i]);
    }
  }
}

static tt1_status fit(float T1[2 * N_T1], tt1_device *device, const tt1_mapping *m,
                      const char *times_name, const float *signal, const double *times,
                      tt1_error *err)
{
  int n = tt1_image_n_images(m->image);
  const tt1_known_values known = {.name = times_name, .values = times, .count = n};
  const tt1_design design = {n, 1, &known};
  const tt1_series series = {.signal = signal, .n_voxels = 2 * N_T1};
  tt1_plan_options options = TT1_PLAN_OPTIONS_INIT;
  options.sign = TT1_SIGN_SIGNED;
  options.precision = TT1_DOUBLE;
  const tt1_output output = {"T1", TT1_FLOAT32, T1};
  tt1_plan *plan = NULL;
  tt1_status status = tt1_plan_create(&plan, device, m->model, &design, &options, err);
  if (status == TT1_OK) status = tt1_plan_run(plan, &series, NULL, &output, 1, NULL, NULL, err);
  tt1_plan_free(plan);
  return status;
}

/* Shares by which T1 comes out low, NaN where the fit fails. What the model does not allow, an own one that has no
   T1 or more unknowns than images, leaves all NaN. */
static tt1_status find_bias(double low[N_T1], const tt1_mapping *m, const char *times_name,
                            tt1_error *err)
{
  float signal[2 * N_T1 * TT1_MAX_GROUPED], T1[2 * N_T1];
  double times[TT1_MAX_GROUPED];
  tt1_device *device = NULL;
  tt1_device_options options = m->options->device_options;
  options.threads = 1;
  for (int i = 0; i < N_T1; i++)
    low[i] = (double)NAN;
  simulate(signal, times, m);
  tt1_status status = tt1_device_open(&device, "cpu", &options, err);
  if (status == TT1_OK) status = fit(T1, device, m, times_name, signal, times, err);
  tt1_device_free(device);
  for (int i = 0; status == TT1_OK && i < N_T1; i++)
    low[i] = 1.0 - (double)T1[2 * i] / (double)T1[2 * i + 1];
  return status == TT1_NO_MEMORY ? status : TT1_OK;
}

/* ---- What is said ---- */

/* "5, 1 and 1" */
static void list(char *text, size_t room, const double *values, int count)
{
  size_t used = 0;
  *text = 0;
  for (int i = 0; i < count && used < room; i++) {
    const char *between = i == 0 ? "" : i == count - 1 ? " and " : ", ";
    used += (size_t)snprintf(text + used, room - used, "%s%.3g", between, values[i]);
  }
}

static void list_counts(char *text, size_t room, const tt1_inversions *found)
{
  double counts[TT1_MAX_INVERSION_GROUPS];
  for (int g = 0; g < found->n_groups; g++)
    counts[g] = found->count[g];
  list(text, room, counts, found->n_groups);
}

/* "T1 of 0.4, 0.8, 1.2 and 1.6 s comes out about 1, 9, 15 and 19 % low", or "" where it is not known. */
static void describe_bias(char *text, size_t room, const double low[N_T1])
{
  double T1[N_T1], percent[N_T1];
  char times[80], shares[80];
  int n = 0;
  for (int i = 0; i < N_T1; i++)
    if (isfinite(low[i])) {
      T1[n] = typical[i];
      percent[n++] = round(100.0 * low[i]) + 0.0; // no -0
    }
  list(times, sizeof times, T1, n);
  list(shares, sizeof shares, percent, n);
  *text = 0;
  if (n > 0) snprintf(text, room, ": T1 of %s s comes out about %s %% low", times, shares);
}

/* The images of the first group, as --images takes them. */
static void list_first_group(char *text, size_t room, const tt1__groups *groups, int n)
{
  size_t used = 0;
  *text = 0;
  for (int i = 0; i < n && used < room; i++) {
    int from = i;
    if (groups->group[i] != 0) continue;
    while (i + 1 < n && groups->group[i + 1] == 0)
      i++;
    used += (size_t)snprintf(text + used, room - used, i > from ? "%s%d-%d" : "%s%d",
                             used ? "," : "", from + 1, i + 1);
  }
}

/* The first group has to determine the fit by itself. */
static void describe_remedy(char *text, size_t room, const tt1_mapping *m)
{
  const tt1__groups *groups = &m->groups;
  int n_find = 0;
  char images[200];
  while (tt1_model_parameter(m->model, n_find))
    n_find++;
  list_first_group(images, sizeof images, groups, m->n_original);
  *text = 0;
  if (groups->found.count[0] > n_find)
    snprintf(text, room, "; --images %s fits the first group alone, which has no such bias",
             images);
}

static tt1_status warn(tt1_mapping *m, const char *times_name, tt1_error *err)
{
  const tt1__groups *groups = &m->groups;
  const tt1_inversions *found = &groups->found;
  double low[N_T1];
  char counts[80], rests[80], bias[240], remedy[300];
  tt1_status status = find_bias(low, m, times_name, err);
  if (status != TT1_OK) return status;
  list_counts(counts, sizeof counts, found);
  list(rests, sizeof rests, found->rest + 1, found->n_groups - 1);
  describe_bias(bias, sizeof bias, low);
  describe_remedy(remedy, sizeof remedy, m);
  int is_added = tt1__mapping_add(
      m, &m->warnings,
      "the series has groups of %s images with a rest of %s s before each further inversion%s, but "
      "model %s takes the magnetisation to be recovered by then%s%s",
      counts, rests,
      groups->is_assumed ? " (as ShMOLLI has them; the clock of the images does not say)" : "",
      tt1_model_name(m->model), bias, remedy);
  return is_added ? TT1_OK : tt1__no_memory(err);
}

/* The name alone says that rests are short, not which images they are before. */
static tt1_status warn_by_name(tt1_mapping *m, tt1_error *err)
{
  int is_added = tt1__mapping_add(
      m, &m->warnings,
      "the series is called '%.100s': ShMOLLI inverts again before the magnetisation has "
      "recovered, "
      "which model %s does not know, and T1 above 0.6 s comes out low; its first five images alone "
      "have no such bias (--images)",
      m->groups.name, tt1_model_name(m->model));
  return is_added ? TT1_OK : tt1__no_memory(err);
}

/* Whether an image that is fitted comes after a short rest. */
static int is_affected(const tt1_mapping *m)
{
  const tt1_inversions *found = &m->groups.found;
  for (int i = 0; i < tt1_image_n_images(m->image); i++) {
    int image = m->images ? m->images[i] - 1 : i;
    for (int g = m->groups.group[image]; g > 0; g--)
      if (found->rest[g] < LONG_REST) return 1;
  }
  return 0;
}

static const tt1__matched *recovery_times(const tt1_mapping *m)
{
  for (int i = 0; i < m->n_known; i++) {
    const tt1__matched *known = &m->known[i];
    if (known->known->is_recovery && known->values && known->count == tt1_image_n_images(m->image))
      return known;
  }
  return NULL;
}

tt1_status tt1__mapping_warn_of_groups(tt1_mapping *m, tt1_error *err)
{
  int is_settled = m->options->is_network || m->sets.map; // what each voxel takes was chosen
  const tt1__matched *times = is_settled ? NULL : recovery_times(m);
  if (!times) return TT1_OK;
  find_in_given(m, times);
  if (m->groups.found.n_groups > 0 && is_affected(m)) return warn(m, times->known->name, err);
  int is_known = m->groups.found.n_groups > 1 && !isnan(tt1_inversions_rest(&m->groups.found));
  int is_one = m->images && m->n_original > tt1_image_n_images(m->image); // the reader chose
  return m->groups.name && !is_known && !is_one ? warn_by_name(m, err) : TT1_OK;
}

void tt1__groups_put(tt1_json *out, const tt1_mapping *m)
{
  const tt1_inversions *found = &m->groups.found;
  double counts[TT1_MAX_INVERSION_GROUPS];
  if (found->n_groups < 2) return;
  for (int g = 0; g < found->n_groups; g++)
    counts[g] = found->count[g];
  tt1_json_open(out, "inversions", '{');
  tt1_json_numbers(out, "images", counts, found->n_groups);
  tt1_json_numbers(out, "rests", found->rest + 1, found->n_groups - 1); // null: not known
  tt1_json_number(out, "beat", found->beat);
  tt1_json_text(out, "source",
                found->is_timed        ? "AcquisitionTime less InversionTime"
                : m->groups.is_assumed ? "inversion times; rests as ShMOLLI has them"
                                       : "inversion times");
  tt1_json_close(out, '{');
}
