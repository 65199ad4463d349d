/* SPDX-License-Identifier: MIT
 * From the names in a folder to series: images that differ in an index and in the part of the
 * complex signal alone belong together ("Quantitative MRI", file collections). */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "bids/bids.h"
#include "file/file.h"
#include "image/nifti.h"

/* One row per suffix that makes a series. What varies and what is required: BIDS schema 1.11
 * (rules/files/raw/anat.yaml, rules/sidecars/qmri.yaml). */
static const tt1__bids_kind kinds[] = {
    {.suffix = "IRT1", .index = TT1__ENTITY_INV, .keys = {"InversionTime", NULL}, .map = "T1map"},
    {.suffix = "VFA",
     .index = TT1__ENTITY_FLIP,
     .keys = {"FlipAngle", NULL},
     .needed = {"RepetitionTimeExcitation"},
     .map = "T1map",
     .model = "vfa"},
    {.suffix = "MP2RAGE",
     .index = TT1__ENTITY_INV,
     .also = TT1__ENTITY_BIT(FLIP),
     .keys = {"InversionTime", "FlipAngle"},
     .needed = {"RepetitionTimeExcitation", "RepetitionTimePreparation", "NumberShots"},
     .map = "T1map",
     .model = "mp2rage",
     .needs_sign = 1},
    {.suffix = "UNIT1",
     .index = TT1__N_ENTITIES,
     .keys = {"InversionTime", "FlipAngle"},
     .needed = {"RepetitionTimeExcitation", "RepetitionTimePreparation", "NumberShots"},
     .map = "T1map",
     .model = "mp2rage",
     .is_uni = 1},
    {.suffix = "MESE",
     .index = TT1__ENTITY_ECHO,
     .keys = {"EchoTime", NULL},
     .map = "T2map",
     .model = "t2"},
    {.suffix = "MEGRE",
     .index = TT1__ENTITY_ECHO,
     .keys = {"EchoTime", NULL},
     .map = "T2starmap",
     .model = "t2star"},
};

const tt1__bids_kind *tt1__bids_kind_of(const tt1__bids_name *name)
{
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
    if (tt1__bids_has_suffix(name, kinds[i].suffix)) return &kinds[i];
  return NULL;
}

/* ---- Files, sorted so that those of a series are neighbours ---- */

typedef enum part { PART_NONE, PART_MAG, PART_PHASE, PART_REAL, PART_IMAG, N_PARTS } part;

static const char *const part_labels[N_PARTS] = {"", "mag", "phase", "real", "imag"};

typedef struct file {
  const char *name;
  const char *key; /* what all of a series share */
  tt1__bids_name parsed;
  const tt1__bids_kind *kind;
  part part;
  int index; /* -1: the name has none */
} file;

static tt1__entities apart(const tt1__bids_kind *kind)
{
  if (kind->is_uni) return 0;
  return (tt1__entities)1 << kind->index | kind->also | TT1__ENTITY_BIT(PART);
}

static char *keep(tt1_bids *dataset, tt1__text *text)
{
  char *kept = text->failed
                   ? NULL
                   : tt1__arena_copy(&dataset->texts, text->bytes ? text->bytes : "", text->length);
  tt1__text_free(text);
  return kept;
}

static int is_wanted(const char *name)
{
  tt1__bids_name parsed;
  return tt1__bids_parse(&parsed, name) && tt1__bids_is_image(&parsed) &&
         tt1__bids_kind_of(&parsed);
}

static part part_of(const tt1__bids_name *name)
{
  tt1__span value = name->values[TT1__ENTITY_PART];
  for (int i = 1; i < N_PARTS && value.at; i++)
    if (strlen(part_labels[i]) == value.length && !memcmp(part_labels[i], value.at, value.length))
      return (part)i;
  return PART_NONE;
}

// The key ends in the suffix: "sub-01_acq-a_IRT1".
static int describe(file *f, tt1_bids *dataset, const char *name)
{
  tt1__text key = {0};
  f->name = tt1__arena_copy(&dataset->texts, name, strlen(name));
  if (!f->name) return 0;
  tt1__bids_parse(&f->parsed, f->name);
  f->kind = tt1__bids_kind_of(&f->parsed);
  f->part = part_of(&f->parsed);
  f->index = f->kind->is_uni ? -1 : tt1__bids_index(&f->parsed, f->kind->index);
  tt1__bids_add_entities(&key, &f->parsed, ~apart(f->kind));
  tt1__text_add(&key, "%s%s", key.length ? "_" : "", f->kind->suffix);
  f->key = keep(dataset, &key);
  return f->key != NULL;
}

static int by_series(const void *first, const void *second)
{
  const file *a = first, *b = second;
  int order = strcmp(a->key, b->key);
  if (order == 0) order = (a->part > b->part) - (a->part < b->part);
  if (order == 0) order = (a->index > b->index) - (a->index < b->index);
  return order ? order : strcmp(a->name, b->name);
}

/* ---- One series ---- */

__attribute__((format(printf, 3, 4))) static tt1_status
refuse(tt1_bids *dataset, tt1__bids_group *group, const char *format, ...)
{
  char sentence[480];
  va_list arguments;
  if (group->shown.refused) return TT1_OK; // the first reason stays
  va_start(arguments, format);
  vsnprintf(sentence, sizeof sentence, format, arguments);
  va_end(arguments);
  group->shown.refused = tt1__arena_copy(&dataset->texts, sentence, strlen(sentence));
  return group->shown.refused ? TT1_OK : TT1_NO_MEMORY;
}

// The indices of the images must be 0 or 1, 2, 3 ... without gaps.
static tt1_status check_indices(tt1_bids *dataset, tt1__bids_group *group, const file *files, int n)
{
  const char *entity = tt1__entity_key(group->kind->index);
  if (files[0].index < 0)
    return refuse(dataset, group, "%s has no %s-<index> in its name", files[0].name, entity);
  if (n > TT1__MAX_IMAGES)
    return refuse(dataset, group, "it has %d images, the limit is %d", n, TT1__MAX_IMAGES);
  int first = files[0].index == 0 ? 0 : 1;
  for (int i = 0; i < n; i++) {
    if (i > 0 && files[i].index == files[i - 1].index)
      return refuse(dataset, group, "image %s-%d is there twice: %.120s and %.120s", entity,
                    files[i].index, files[i - 1].name, files[i].name);
    if (files[i].index != first + i)
      return refuse(dataset, group, "image %s-%d is missing, %.120s is there", entity, first + i,
                    files[i].name);
  }
  return TT1_OK;
}

static const char **names_of(tt1_bids *dataset, const file *files, int n)
{
  const char **names = tt1__arena_allocate(&dataset->texts, (size_t)n,
                                           sizeof *names); // NOLINT(bugprone-sizeof-expression)
  for (int i = 0; names && i < n; i++)
    names[i] = files[i].name;
  return names;
}

static int is_paired(const file *images, const file *phases, int n_images, int n_phases)
{
  int is_same = n_images == n_phases;
  for (int i = 0; is_same && i < n_images; i++)
    is_same = images[i].index == phases[i].index;
  return is_same;
}

// Choose what is fitted among the parts: magnitudes, else the real part; `from`[p] .. `from`[p + 1].
static tt1_status choose_parts(tt1_bids *dataset, tt1__bids_group *group, const file *files,
                               const int from[N_PARTS + 1])
{
  int count[N_PARTS];
  for (int p = 0; p < N_PARTS; p++)
    count[p] = from[p + 1] - from[p];
  part main = count[PART_MAG] ? PART_MAG : count[PART_NONE] ? PART_NONE : PART_REAL;
  part beside = main == PART_REAL ? PART_IMAG : PART_PHASE;
  const file *images = files + from[main], *phases = files + from[beside];
  if (count[PART_MAG] && count[PART_NONE])
    return refuse(dataset, group, "%.120s has a part-, %.120s of the same series has none",
                  images->name, files[from[PART_NONE]].name);
  if (count[main] == 0)
    return refuse(dataset, group, "%.120s has no part-mag and no part-real beside it", files->name);
  group->is_real = main == PART_REAL;
  group->shown.n_images = count[main];
  group->images = names_of(dataset, images, count[main]);
  if (!group->images) return TT1_NO_MEMORY;
  tt1_status status = check_indices(dataset, group, images, count[main]);
  if (status != TT1_OK || count[beside] == 0) return status;
  if (!is_paired(images, phases, count[main], count[beside]))
    return refuse(dataset, group, "it has %d %s and %d %s, which do not pair", count[main],
                  group->is_real ? "real parts" : "magnitudes", count[beside],
                  group->is_real ? "imaginary ones" : "phases");
  group->phases = names_of(dataset, phases, count[main]);
  group->shown.has_phase = 1;
  return group->phases ? TT1_OK : TT1_NO_MEMORY;
}

static tt1_status take_only(tt1_bids *dataset, tt1__bids_group *group, const file *files, int n)
{
  group->shown.n_images = 1;
  group->images = names_of(dataset, files, 1);
  if (!group->images) return TT1_NO_MEMORY;
  if (n == 1) return TT1_OK;
  return refuse(dataset, group, "the image is there twice: %.120s and %.120s", files[0].name,
                files[1].name);
}

static int add_stem(tt1_bids *dataset, const char **stem, const tt1__bids_name *name,
                    tt1__entities which)
{
  tt1__text text = {0};
  tt1__bids_add_entities(&text, name, which);
  *stem = keep(dataset, &text);
  return *stem != NULL;
}

static int add_value(tt1_bids *dataset, const char **value, const tt1__bids_name *name,
                     tt1__entity entity)
{
  tt1__span span = name->values[entity];
  *value = span.at ? tt1__arena_copy(&dataset->texts, span.at, span.length) : "";
  return *value != NULL;
}

// What the names of maps cannot keep goes into the label of their desc-.
static int add_label(tt1_bids *dataset, tt1__bids_group *group, const tt1__bids_name *name)
{
  tt1__text label = {0};
  tt1__entities rest = name->has & ~apart(group->kind) & ~tt1__bids_map_entities();
  tt1__text_add(&label, "%s", group->shown.desc);
  for (int i = 0; i < TT1__N_ENTITIES; i++)
    if (rest >> i & 1)
      tt1__text_add(&label, "%s%s%.*s", label.length ? "+" : "", tt1__entity_key((tt1__entity)i),
                    (int)name->values[i].length, name->values[i].at);
  group->shown.map_label = keep(dataset, &label);
  return group->shown.map_label != NULL;
}

static tt1_status name_maps(tt1_bids *dataset, tt1__bids_group *group, const file *f)
{
  tt1_bids_series *shown = &group->shown;
  tt1__entities shared = ~apart(group->kind) & ~TT1__ENTITY_BIT(DESC);
  tt1__bids_name fit = f->parsed;
  fit.has |= TT1__ENTITY_BIT(MOD);
  fit.values[TT1__ENTITY_MOD] = fit.suffix;
  int is_named =
      add_value(dataset, &shown->subject, &f->parsed, TT1__ENTITY_SUB) &&
      add_value(dataset, &shown->session, &f->parsed, TT1__ENTITY_SES) &&
      add_value(dataset, &shown->desc, &f->parsed, TT1__ENTITY_DESC) &&
      add_stem(dataset, &shown->map_stem, &f->parsed, shared & tt1__bids_map_entities()) &&
      add_stem(dataset, &shown->fit_stem, &fit, shared) && add_label(dataset, group, &f->parsed);
  return is_named ? TT1_OK : TT1_NO_MEMORY;
}

static tt1_status check_folder(tt1_bids *dataset, tt1__bids_group *group)
{
  const tt1_bids_series *shown = &group->shown;
  tt1__text expected = {0};
  tt1__text_add(&expected, "sub-%s/", shown->subject);
  if (*shown->session) tt1__text_add(&expected, "ses-%s/", shown->session);
  tt1__text_add(&expected, "anat");
  tt1_status status = expected.failed ? TT1_NO_MEMORY : TT1_OK;
  if (status == TT1_OK && strcmp(expected.bytes, shown->folder) != 0)
    status = refuse(dataset, group, "%.120s lies in %.120s, where its name says %.120s",
                    group->first, shown->folder, expected.bytes);
  tt1__text_free(&expected);
  return status;
}

// Magnitudes alone do not do; complex voxels are magnitude and phase in one. What else is wrong with the
// first file is said when it is read.
static tt1_status check_sign(tt1_bids *dataset, tt1__bids_group *group)
{
  tt1_image *image = tt1__image_new();
  char *folder = tt1__join(dataset->root, group->shown.folder);
  char *path = folder && group->images ? tt1__join(folder, group->images[0]) : NULL;
  tt1_status status = image && folder && (path || !group->images)
                          ? path ? tt1__nifti_look(image, path, NULL) : TT1_BAD_FILE
                          : TT1_NO_MEMORY;
  int is_complex = status == TT1_OK && tt1__nifti_is_complex(image);
  tt1__free(path);
  tt1__free(folder);
  tt1_image_free(image);
  if (is_complex || status == TT1_NO_MEMORY) return status;
  return refuse(dataset, group,
                "its magnitudes do not give the sign of the first inversion: UNIT1 beside them, "
                "part-phase beside part-mag, or part-real, is needed");
}

// A series of files[0 .. n), which have one key.
static tt1_status make_group(tt1_bids *dataset, tt1__bids_group *group, const file *files, int n,
                             const char *folder)
{
  int from[N_PARTS + 1] = {0};
  *group = (tt1__bids_group){.kind = files->kind, .first = files->name};
  group->shown = (tt1_bids_series){.name = files->key,
                                   .folder = folder,
                                   .suffix = files->kind->suffix,
                                   .keys = {files->kind->keys[0], files->kind->keys[1]},
                                   .map = files->kind->map};
  for (int p = 0; p < N_PARTS; p++)
    for (from[p + 1] = from[p]; from[p + 1] < n && (int)files[from[p + 1]].part == p;)
      from[p + 1]++;
  tt1_status status = name_maps(dataset, group, files);
  if (status == TT1_OK) status = check_folder(dataset, group);
  if (status == TT1_OK)
    status = group->kind->is_uni ? take_only(dataset, group, files, n)
                                 : choose_parts(dataset, group, files, from);
  return status;
}

/* ---- MP2RAGE and its UNIT1 ---- */

// The names of the two inversions that UNIT1 was made of, where the dataset does not have them.
static tt1_status suppose_inversions(tt1_bids *dataset, tt1__bids_group *uni)
{
  for (int i = 0; i < 2; i++) {
    tt1__text name = {0};
    const tt1_bids_series *shown = &uni->shown;
    tt1__text_add(&name, "%.*s_inv-%d_MP2RAGE.nii.gz",
                  (int)(strlen(shown->name) - strlen(shown->suffix) - 1), shown->name, i + 1);
    uni->inversions[i] = keep(dataset, &name);
    if (!uni->inversions[i]) return TT1_NO_MEMORY;
  }
  return TT1_OK;
}

static int is_uni_of(const tt1__bids_group *uni, const tt1__bids_group *mp2rage)
{
  tt1__bids_name a, b;
  return mp2rage->kind->needs_sign && tt1__bids_parse(&a, uni->first) &&
         tt1__bids_parse(&b, mp2rage->first) && tt1__bids_agree(&a, &b, apart(mp2rage->kind));
}

static tt1_status pair_uni(tt1_bids *dataset, tt1__bids_group *uni, tt1__bids_group *groups, int n)
{
  tt1_status status = suppose_inversions(dataset, uni);
  for (int i = 0; i < n && status == TT1_OK; i++) {
    tt1__bids_group *g = &groups[i];
    if (!is_uni_of(uni, g)) continue;
    if (!uni->shown.refused) g->uni = uni->images[0];
    for (int k = 0; k < 2 && g->images && g->shown.n_images == 2; k++)
      uni->inversions[k] = g->images[k];
    uni->is_beside = !g->shown.refused;
  }
  return status;
}

static tt1_status pair_all(tt1_bids *dataset, tt1__bids_group *groups, int n)
{
  tt1_status status = TT1_OK;
  for (int i = 0; i < n && status == TT1_OK; i++)
    if (groups[i].kind->is_uni) status = pair_uni(dataset, &groups[i], groups, n);
  for (int i = 0; i < n && status == TT1_OK; i++)
    if (groups[i].kind->needs_sign && !groups[i].phases && !groups[i].is_real && !groups[i].uni)
      status = check_sign(dataset, &groups[i]);
  return status;
}

/* ---- All series of a folder ---- */

// Two series whose maps would have one name are told apart by their suffix.
static tt1_status keep_apart(tt1_bids *dataset, tt1__bids_group *groups, int n)
{
  for (int i = 0; i < n; i++) {
    tt1_bids_series *a = &groups[i].shown;
    int is_alone = 1;
    for (int j = 0; j < n && is_alone; j++)
      is_alone = j == i || groups[j].is_beside || strcmp(a->suffix, groups[j].shown.suffix) == 0 ||
                 strcmp(a->map, groups[j].shown.map) != 0 ||
                 strcmp(a->map_stem, groups[j].shown.map_stem) != 0;
    if (is_alone) continue;
    tt1__text label = {0};
    tt1__text_add(&label, "%s%s%s", a->map_label, *a->map_label ? "+" : "", a->suffix);
    a->map_label = keep(dataset, &label);
    if (!a->map_label) return TT1_NO_MEMORY;
  }
  return TT1_OK;
}

// `only` is the name of an image that the series must hold, `suffix` the suffix it must have.
static int is_asked_for(const tt1__bids_group *group, const char *only, const char *suffix)
{
  tt1__bids_name own, image;
  if (group->is_beside && !only && !suffix) return 0; // it is used, and fitted with the others
  if (suffix && strcmp(group->shown.suffix, suffix) != 0) return 0;
  return !only || (tt1__bids_parse(&image, only) && tt1__bids_parse(&own, group->first) &&
                   tt1__bids_has_suffix(&image, group->shown.suffix) &&
                   tt1__bids_agree(&own, &image, apart(group->kind)));
}

static tt1_status make_room(tt1_bids *dataset, int more)
{
  if (dataset->n_groups + more <= dataset->capacity) return TT1_OK;
  int capacity = 2 * (dataset->n_groups + more);
  tt1__bids_group *grown = tt1__reallocate(dataset->groups, (size_t)capacity, sizeof *grown);
  if (!grown) return TT1_NO_MEMORY;
  dataset->groups = grown;
  dataset->capacity = capacity;
  return TT1_OK;
}

static tt1_status add_groups(tt1_bids *dataset, const tt1__bids_group *groups, int n,
                             const char *only, const char *suffix)
{
  if (make_room(dataset, n) != TT1_OK) return TT1_NO_MEMORY;
  for (int i = 0; i < n; i++)
    if (is_asked_for(&groups[i], only, suffix)) dataset->groups[dataset->n_groups++] = groups[i];
  return TT1_OK;
}

static tt1_status make_groups(tt1__bids_group *groups, int *n_groups, tt1_bids *dataset,
                              const file *files, int n, const char *folder)
{
  tt1_status status = TT1_OK;
  for (int from = 0, to; from < n && status == TT1_OK; from = to) {
    for (to = from + 1; to < n && strcmp(files[to].key, files[from].key) == 0;)
      to++;
    status = make_group(dataset, &groups[(*n_groups)++], files + from, to - from, folder);
  }
  if (status == TT1_OK) status = pair_all(dataset, groups, *n_groups);
  return status == TT1_OK ? keep_apart(dataset, groups, *n_groups) : status;
}

static tt1_status group_names(tt1_bids *dataset, const tt1__names *names, const char *inside,
                              const char *only, const char *suffix)
{
  int n_groups = 0;
  size_t n = (size_t)names->count;
  const char *folder = tt1__arena_copy(&dataset->texts, inside, strlen(inside));
  file *files = tt1__allocate(n, sizeof *files);
  tt1__bids_group *groups = tt1__allocate(n, sizeof *groups);
  tt1_status status = files && groups && folder ? TT1_OK : TT1_NO_MEMORY;
  for (int i = 0; i < names->count && status == TT1_OK; i++)
    if (!describe(&files[i], dataset, names->items[i])) status = TT1_NO_MEMORY;
  if (status == TT1_OK) {
    qsort(files, n, sizeof *files, by_series);
    status = make_groups(groups, &n_groups, dataset, files, names->count, folder);
  }
  if (status == TT1_OK) status = add_groups(dataset, groups, n_groups, only, suffix);
  tt1__free(files);
  tt1__free(groups);
  return status;
}

tt1_status tt1__bids_add_folder(tt1_bids *dataset, const char *inside, const char *only,
                                const char *suffix, tt1_error *err)
{
  enum { MOST = 16384 };
  tt1__names names = {0};
  char *folder = tt1__join(dataset->root, inside);
  tt1_status status =
      folder ? tt1__names_list(&names, folder, is_wanted, err) : tt1__no_memory(err);
  if (status == TT1_OK && names.count > MOST)
    status = tt1__error_set(err, TT1_BAD_FILE, "%s holds %d images, the limit is %d", folder,
                            names.count, MOST);
  else if (status == TT1_OK && names.count > 0)
    status = group_names(dataset, &names, inside, only, suffix);
  if (status == TT1_NO_MEMORY) tt1__no_memory(err);
  tt1__names_free(&names);
  tt1__free(folder);
  return status;
}

tt1_status tt1__bids_add_refused(tt1_bids *dataset, const char *subject, const char *reason)
{
  tt1_status status = make_room(dataset, 1);
  if (status != TT1_OK) return status;
  tt1__bids_group *group = &dataset->groups[dataset->n_groups];
  *group = (tt1__bids_group){0};
  char *name = tt1__arena_copy(&dataset->texts, subject, strlen(subject));
  if (!name) return TT1_NO_MEMORY;
  group->shown = (tt1_bids_series){.name = name,
                                   .folder = name,
                                   .subject = name + strlen("sub-"),
                                   .session = "",
                                   .suffix = "",
                                   .keys = {"", NULL},
                                   .map = "",
                                   .map_stem = name,
                                   .map_label = "",
                                   .fit_stem = name,
                                   .desc = ""};
  status = refuse(dataset, group, "%s", reason);
  dataset->n_groups += status == TT1_OK;
  return status;
}
