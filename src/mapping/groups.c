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
#include "image/scheme.h"
#include "mapping/mapping.h"

/* Below this a rest is worth a warning: at 3 s T1 of 1.2 s is low by about 2 %. */
static const double LONG_REST = 3.0;
/* Below this one, plain MOLLI is not taken unasked: at 2 s, T1 of 1.2 s is low by about 8 %. */
static const double SHORT_REST = 2.0;

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

/* The times of a slice and, where there is one, its clock; [n_original] each. */
static const double *values_of(const tt1_mapping *m, const char *key, int slice)
{
  const tt1_known_values *known = tt1_image_find_known(m->image, key);
  if (!known || known->count != m->n_original) return NULL;
  return known->values + (known->n_slices > 1 ? (size_t)slice * (size_t)known->count : 0);
}

/* As --scheme says. */
static tt1_status find_told(tt1_inversions *found, int *group, const tt1_mapping *m,
                            const double *times, int n, tt1_error *err)
{
  tt1__scheme_text scheme;
  const char *text = m->options->scheme;
  tt1_status status = tt1__scheme_parse(&scheme, text, err);
  if (status != TT1_OK || tt1__scheme_apply(found, group, &scheme, times, n)) return status;
  return tt1__error_set(err, TT1_BAD_ARGUMENT,
                        "%s: --scheme %s: the inversion times of its %d images are not of that "
                        "scheme, which has groups of images a heart beat apart",
                        m->input, text, n);
}

/* Where the clock has other groups or rests than --scheme, one of the two is wrong. */
static tt1_status compare_with_clock(tt1_mapping *m, const tt1_inversions *timed, tt1_error *err)
{
  const tt1_inversions *told = &m->groups.found;
  int is_other = timed->n_groups != told->n_groups;
  if (!timed->is_timed) return TT1_OK;
  for (int g = 1; g < told->n_groups && !is_other; g++)
    is_other = fabs(told->rest[g] - timed->rest[g]) > 0.5 * told->beat;
  if (!is_other) return TT1_OK;
  return tt1__mapping_add(m, &m->warnings,
                          "--scheme %s has other groups or rests than AcquisitionTime less "
                          "InversionTime, by which the shortest rest is %.3g s; --scheme is taken",
                          m->options->scheme, tt1_inversions_rest(timed))
             ? TT1_OK
             : tt1__no_memory(err);
}

/* Of every slice, before images are chosen. */
static tt1_status find_in_slices(tt1_mapping *m, int n, tt1_error *err)
{
  static const char *const keys[] = {"InversionTime", "AcquisitionTime"};
  tt1__groups *groups = &m->groups;
  groups->n_slices = 1;
  for (int i = 0; i < 2; i++) {
    const tt1_known_values *found = tt1_image_find_known(m->image, keys[i]);
    if (found && found->n_slices > groups->n_slices) groups->n_slices = found->n_slices;
  }
  groups->slices = tt1__allocate((size_t)groups->n_slices, sizeof *groups->slices);
  if (!groups->slices) return tt1__no_memory(err);
  for (int slice = 0; slice < groups->n_slices; slice++) {
    tt1__slice_groups *own = &groups->slices[slice];
    tt1_inversions_find(&own->found, own->group, values_of(m, keys[0], slice),
                        values_of(m, keys[1], slice), n);
  }
  return TT1_OK;
}

tt1_status tt1__mapping_find_groups(tt1_mapping *m, tt1_error *err)
{
  tt1__groups *groups = &m->groups;
  int n_known = 0, n = tt1_image_n_images(m->image);
  while (tt1_image_known(m->image, n_known))
    n_known++;
  groups->name = shmolli_name(m->image);
  tt1_inversions_of(&groups->found, groups->group, tt1_image_known(m->image, 0), n_known, n);
  const double *times = values_of(m, "InversionTime", groups->found.slice);
  if (!times || n > TT1_MAX_GROUPED) return TT1_OK;
  memcpy(groups->times, times, (size_t)n * sizeof *groups->times);
  assume_shmolli_rests(groups);
  if (!m->options->scheme) return find_in_slices(m, n, err);
  tt1_inversions timed = groups->found;
  groups->is_assumed = 0;
  groups->is_told = 1;
  tt1_status status = find_told(&groups->found, groups->group, m, times, n, err);
  return status == TT1_OK ? compare_with_clock(m, &timed, err) : status;
}

static int is_given(const tt1__matched *times)
{
  return strcmp(times->source, "--known") == 0;
}

/* Times that are given by hand, of all images. */
static tt1_status find_in_given(tt1_mapping *m, const tt1__matched *times, tt1_error *err)
{
  tt1__groups *groups = &m->groups;
  int n = times->count;
  if (!is_given(times) || groups->is_of_given || m->images || n > TT1_MAX_GROUPED) return TT1_OK;
  groups->is_of_given = 1;
  groups->is_assumed = 0;
  memcpy(groups->times, times->values, (size_t)n * sizeof *groups->times);
  if (m->options->scheme) {
    groups->is_told = 1;
    return find_told(&groups->found, groups->group, m, times->values, n, err);
  }
  tt1_inversions_find(&groups->found, groups->group, times->values,
                      values_of(m, "AcquisitionTime", 0), n);
  assume_shmolli_rests(groups);
  return TT1_OK;
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

/* ---- Rests that are short ---- */

/* Whether an image that is fitted comes after a rest of less than `limit` s. */
static int is_affected(const tt1_mapping *m, double limit)
{
  const tt1_inversions *found = &m->groups.found;
  for (int i = 0; found->n_groups > 0 && i < tt1_image_n_images(m->image); i++) {
    int image = m->images ? m->images[i] - 1 : i;
    for (int g = m->groups.group[image]; g > 0; g--)
      if (found->rest[g] < limit) return 1;
  }
  return 0;
}

int tt1__mapping_has_short_rests(const tt1_mapping *m)
{
  int is_known = m->groups.found.is_timed || m->groups.is_told; // a name and a guess are not enough
  return is_known && !m->sets.map && is_affected(m, SHORT_REST);
}

/* ---- What models take ---- */

static double value_of(const tt1_known *known, const tt1_inversions *found, int group)
{
  int before = group - known->groups_before;
  if (known->group == TT1_GROUP_BEAT) return found->beat;
  if (before < 0) return known->nominal;
  if (known->group == TT1_GROUP_LAST) return found->last[before];
  double rest = found->rest[before + 1];
  return rest > known->nominal ? known->nominal : rest; // as long as endless; NaN: not known
}

static tt1_status refuse_groups(const tt1__matched *known, const tt1_mapping *m, int has_none,
                                tt1_error *err)
{
  const tt1_known *k = known->known;
  const tt1__matched *times = recovery_times(m);
  const char *why = "AcquisitionTime is missing or contradicts the inversion times";
  if (has_none) why = "its inversion times show no groups of images a heart beat apart";
  if (times && is_given(times) && !m->groups.is_of_given)
    why = "--known gives the times of some of its images only";
  return tt1__error_set(
      err, TT1_BAD_ARGUMENT,
      "%s: model %s takes the %s (%s) from the inversion groups of the series, but %s; give the "
      "scheme, such as --scheme '5(1)1(1)1', or --known %s=number%s (in s)",
      m->input, tt1_model_name(m->model), k->meaning, k->name, why, k->name,
      k->scope == TT1_PER_SAMPLE ? ",number,..." : "");
}

/* Of the images that are fitted, in one slice; `own`: its groups, NULL if there are none. */
static tt1_status take_slice(double *values, const tt1__matched *known, const tt1_mapping *m,
                             const tt1_inversions *own, const int *group, tt1_error *err)
{
  if (!own || own->n_groups == 0) return refuse_groups(known, m, 1, err);
  for (int i = 0; i < known->count; i++) {
    values[i] = value_of(known->known, own, group[m->images ? m->images[i] - 1 : i]);
    if (!isfinite(values[i])) return refuse_groups(known, m, 0, err);
  }
  return TT1_OK;
}

tt1_status tt1__mapping_take_groups(tt1__matched *known, tt1_mapping *m, tt1_error *err)
{
  const tt1__groups *groups = &m->groups;
  const tt1__matched *times = recovery_times(m);
  tt1_status status = times ? find_in_given(m, times, err) : TT1_OK;
  int is_whole = groups->is_told || groups->is_of_given; // one for all slices
  if (status != TT1_OK) return status;
  if (times && is_given(times) && !groups->is_of_given) return refuse_groups(known, m, 0, err);
  known->count = known->known->scope == TT1_PER_SAMPLE ? tt1_image_n_images(m->image) : 1;
  known->n_slices = is_whole || !groups->slices ? 1 : groups->n_slices;
  known->values =
      tt1__allocate((size_t)known->n_slices * (size_t)known->count, sizeof *known->values);
  if (!known->values) return tt1__no_memory(err);
  for (int slice = 0; slice < known->n_slices && status == TT1_OK; slice++) {
    const tt1__slice_groups *own = groups->slices ? &groups->slices[slice] : NULL;
    status = is_whole ? take_slice(known->values, known, m, &groups->found, groups->group, err)
                      : take_slice(known->values + slice * known->count, known, m,
                                   own ? &own->found : NULL, own ? own->group : NULL, err);
  }
  snprintf(known->source, sizeof known->source, "%s",
           groups->is_told ? "--scheme" : "AcquisitionTime less InversionTime");
  return status;
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

/* The first group has to determine the fit by itself; the other model takes rests that are known. */
static void describe_remedy(char *text, size_t room, const tt1_mapping *m)
{
  const tt1__groups *groups = &m->groups;
  int n_find = 0;
  char images[200];
  while (tt1_model_parameter(m->model, n_find))
    n_find++;
  list_first_group(images, sizeof images, groups, m->n_original);
  *text = 0;
  int is_known = groups->found.is_timed || groups->is_told, used = 0;
  if (groups->found.count[0] > n_find)
    used = snprintf(text, room, "; --images %s fits the first group alone, which has no such bias",
                    images);
  if (is_known && used >= 0 && (size_t)used < room)
    snprintf(text + used, room - (size_t)used, "; --model mollirest takes the rests into account");
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

/* Which rests a model takes that knows of them, and what it does not know. */
static tt1_status say_rests(tt1_mapping *m, int n_before, tt1_error *err)
{
  const tt1__groups *groups = &m->groups;
  const tt1_inversions *found = &groups->found;
  char rests[80], source[120];
  int is_added = 1, is_endless = !is_affected(m, LONG_REST);
  list(rests, sizeof rests, found->rest + 1, found->n_groups - 1);
  snprintf(source, sizeof source, "--scheme %.40s and %.3g s from beat to beat",
           groups->is_told ? m->options->scheme : "", found->beat);
  if (found->n_groups > 1)
    is_added =
        tt1__mapping_add(m, &m->notes, "rests of %s s before further inversions, by %s", rests,
                         groups->is_told ? source : "AcquisitionTime less InversionTime");
  else
    is_added =
        tt1__mapping_add(m, &m->notes, "one inversion: model %s takes it to begin at equilibrium",
                         tt1_model_name(m->model));
  if (is_added && found->n_groups > n_before + 1 && !is_endless)
    is_added =
        tt1__mapping_add(m, &m->warnings,
                         "the series has %d inversion groups, but model %s knows of %d before "
                         "an image only, and takes what was before them for equilibrium",
                         found->n_groups, tt1_model_name(m->model), n_before);
  return is_added ? TT1_OK : tt1__no_memory(err);
}

/* How many groups before that of an image the model knows of, where the series gives them; 0: none. */
static int count_before(const tt1_mapping *m, int *is_of_series)
{
  int most = 0;
  *is_of_series = 0;
  for (int i = 0; i < m->n_known; i++) {
    const tt1__matched *known = &m->known[i];
    if (known->known->groups_before > most) most = known->known->groups_before;
    if (known->known->group != TT1_GROUP_NONE && !is_given(known)) *is_of_series = 1;
  }
  return most;
}

static tt1_status refuse_scheme(const tt1_mapping *m, tt1_error *err)
{
  return tt1__error_set(err, TT1_BAD_ARGUMENT,
                        "%s: --scheme %s goes with the inversion times of all %d images, which are "
                        "not known",
                        m->input, m->options->scheme, m->n_original);
}

tt1_status tt1__mapping_warn_of_groups(tt1_mapping *m, tt1_error *err)
{
  int is_settled = m->options->is_network || m->sets.map; // what each voxel takes was chosen
  int is_of_series, n_before = count_before(m, &is_of_series);
  const tt1__matched *times = is_settled ? NULL : recovery_times(m);
  tt1_status status = times ? find_in_given(m, times, err) : TT1_OK;
  if (status != TT1_OK) return status;
  if (m->options->scheme && !m->groups.is_told) return refuse_scheme(m, err);
  if (is_of_series) return say_rests(m, n_before, err);
  if (!times || n_before > 0) return TT1_OK;
  if (is_affected(m, LONG_REST)) return warn(m, times->known->name, err);
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
                m->groups.is_told      ? "--scheme"
                : found->is_timed      ? "AcquisitionTime less InversionTime"
                : m->groups.is_assumed ? "inversion times; rests as ShMOLLI has them"
                                       : "inversion times");
  tt1_json_close(out, '{');
}
