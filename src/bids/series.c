/* SPDX-License-Identifier: MIT
 * Reading one series of a BIDS dataset: its images with the sidecars of all levels, its phase, and
 * what its suffix demands. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "bids/bids.h"
#include "bids/collection.h"
#include "bids/part.h"
#include "image/sequence.h"
#include "image/uni.h"

/* ---- Known quantities ---- */

/* A key that another may stand for, where a sidecar lacks it. */
typedef struct substitute {
  const char *suffix, *wanted, *given;
  int is_said;
} substitute;

// Converters write the TR of every sequence as RepetitionTime, which BIDS keeps for fMRI. Of an
// inversion recovery, the model irse wants the time from inversion to inversion.
static const substitute substitutes[] = {
    {"VFA", "RepetitionTimeExcitation", "RepetitionTime", 1},
    {"IRT1", "RepetitionTime", "RepetitionTimePreparation", 0},
    {"IRT1", "RepetitionTime", "RepetitionTimeExcitation", 0},
};

static tt1_status assume(tt1_image *image, tt1_error *err, const char *sentence)
{
  return tt1__image_add_assumption(image, sentence) ? TT1_OK : tt1__no_memory(err);
}

static tt1_status substitute_key(tt1_image *image, const substitute *s, tt1_error *err)
{
  char source[300], sentence[300];
  const tt1_known_values *given = tt1_image_find_known(image, s->given);
  if (!given || tt1_image_find_known(image, s->wanted)) return TT1_OK;
  snprintf(source, sizeof source, "%s (%s)", given->source, s->given);
  snprintf(sentence, sizeof sentence, "%s is not given, %s is taken for it", s->wanted, s->given);
  if (!tt1__image_add_known(image, s->wanted, source, given->values, given->count))
    return tt1__no_memory(err);
  return s->is_said ? assume(image, err, sentence) : TT1_OK;
}

static tt1_status check_key(const tt1_image *image, const tt1__bids_group *group, const char *key,
                            double limit, tt1_error *err)
{
  const tt1_known_values *known = key ? tt1_image_find_known(image, key) : NULL;
  for (int i = 0; known && i < known->count; i++) {
    if (!(known->values[i] > 0.0))
      return tt1__error_set(err, TT1_BAD_FILE, "%s: %s of image %d is %g, more than 0 is expected",
                            group->shown.name, key, i + 1, known->values[i]);
    if (known->values[i] > limit)
      return tt1__error_set(err, TT1_BAD_FILE,
                            "%s: %s is %g: ms are suspected, times are given in seconds",
                            group->shown.name, key, known->values[i]);
  }
  return TT1_OK;
}

/* The pulses before and after the centre of k-space; the model wants their sum, and the centre in
 * the middle. */
static tt1_status add_shots(tt1_image *image, const tt1__bids_group *group, tt1_error *err)
{
  const tt1_known_values *before = tt1_image_find_known(image, TT1__SHOTS_BEFORE);
  const tt1_known_values *after = tt1_image_find_known(image, TT1__SHOTS_AFTER);
  if (before && after && before->count == 1 && after->count == 1) {
    double sum = before->values[0] + after->values[0];
    if (fabs(before->values[0] - after->values[0]) > 0.0)
      return tt1__error_set(
          err, TT1_BAD_FILE,
          "%s: the %g pulses before the centre of k-space are not the %g after it; "
          "model mp2rage has the centre in the middle",
          group->shown.name, before->values[0], after->values[0]);
    return tt1__image_add_known(image, "NumberShots", before->source, &sum, 1)
               ? TT1_OK
               : tt1__no_memory(err);
  }
  if (!tt1_image_find_known(image, "NumberShots")) return TT1_OK;
  return assume(image, err, "the centre of k-space is taken to lie in the middle of NumberShots");
}

static int needs(const tt1__bids_kind *kind, const char *key)
{
  for (int k = 0; k < 3; k++)
    if (kind->needed[k] && strcmp(kind->needed[k], key) == 0) return 1;
  return 0;
}

// What the suffix demands of the values; what is missing is told when it is needed.
static tt1_status check_known(tt1_image *image, const tt1__bids_group *group, tt1_error *err)
{
  const tt1__bids_kind *kind = group->kind;
  tt1_status status = TT1_OK;
  for (size_t i = 0; i < sizeof substitutes / sizeof *substitutes && status == TT1_OK; i++)
    if (strcmp(substitutes[i].suffix, kind->suffix) == 0)
      status = substitute_key(image, &substitutes[i], err);
  for (int k = 0; k < 2 && status == TT1_OK; k++)
    status = check_key(image, group, kind->keys[k], HUGE_VAL, err);
  // Excitations of a spoiled train follow each other quickly.
  if (status == TT1_OK && needs(kind, "RepetitionTimeExcitation"))
    status = check_key(image, group, "RepetitionTimeExcitation", 2.0, err);
  if (status == TT1_OK && needs(kind, "NumberShots")) status = add_shots(image, group, err);
  return status;
}

// A key that a fit needs and the sidecars lack, or NULL.
static const char *find_lacking(const tt1__bids_kind *kind, const tt1_image *image)
{
  for (int k = 0; k < 2; k++)
    if (kind->keys[k] && !tt1_image_find_known(image, kind->keys[k])) return kind->keys[k];
  for (int k = 0; k < 3; k++)
    if (kind->needed[k] && !tt1_image_find_known(image, kind->needed[k])) return kind->needed[k];
  return NULL;
}

/* ---- Models ---- */

// The shipped model that a series is for, and why where its suffix does not say it; NULL if there is none.
static const char *find_model(char reason[400], const tt1__bids_kind *kind, const tt1_image *image)
{
  int is_vfa = strcmp(kind->suffix, "VFA") == 0;
  tt1__acquisition a = tt1__acquisition_of(image);
  a.key = is_vfa ? "FlipAngle" : "InversionTime";
  reason[0] = '\0';
  if (kind->model && !is_vfa) return kind->model;
  const char *model = tt1__model_of(reason, &a);
  if (kind->model && model) reason[0] = '\0';
  return model;
}

/* ---- Phase ---- */

// The image whose inversion time is greatest; without times the last.
static int find_reference(const tt1_image *image)
{
  const tt1_known_values *times = tt1_image_find_known(image, "InversionTime");
  int at = image->n_images - 1;
  for (int i = 0; times && times->count == image->n_images && i < image->n_images; i++)
    if (times->values[i] > times->values[at]) at = i;
  return at;
}

// The real part along the phase of the reference: what a complex combination would see.
static void sign(tt1_image *image, const float *phase)
{
  size_t n = (size_t)image->n_voxels;
  int reference = find_reference(image);
  const float *along = phase + (size_t)reference * n;
  for (int i = 0; i < image->n_images; i++)
    for (size_t v = 0; v < n && i != reference; v++) {
      float *value = &image->data[(size_t)i * n + v];
      *value = (float)((double)*value * cos((double)phase[(size_t)i * n + v] - (double)along[v]));
    }
}

// Magnitudes of two inversions with their phases become signed.
static tt1_status sign_by(tt1_image *image, const float *phase, tt1_error *err)
{
  sign(image, phase);
  return assume(image, err, "the first inversion is signed by its phase against the second");
}

static tt1_status use_phase(tt1_image *image, tt1_image *phase, const tt1__bids_group *group,
                            tt1_error *err)
{
  char about[300];
  if (phase->phase)
    return tt1__error_set(err, TT1_BAD_FILE, "%s holds complex voxels, where phases are expected",
                          phase->files[0].path);
  int is_known = tt1__to_radians(phase, 1, about);
  if (!is_known && group->kind->needs_sign)
    return tt1__error_set(err, TT1_BAD_FILE, "%s: %s", group->shown.name, about);
  for (int i = 0; i < phase->n_files; i++)
    if (!tt1__image_add_file(image, phase->files[i].path, phase->files[i].checksum))
      return tt1__no_memory(err);
  if (is_known && group->kind->needs_sign) {
    tt1_status status = sign_by(image, phase->data, err);
    return status == TT1_OK ? assume(image, err, about) : status;
  }
  if (is_known) {
    image->phase = phase->data;
    phase->data = NULL;
  }
  return assume(image, err, about);
}

static tt1_status read_phase(tt1_image *image, tt1__collection *c, const tt1__bids_group *group,
                             tt1_error *err)
{
  tt1_image *phase = NULL;
  c->names = group->phases;
  tt1_status status = tt1__collection_read(&phase, c, err);
  if (status == TT1_OK && phase->n_images != image->n_images)
    status = tt1__error_set(err, TT1_BAD_FILE, "%s holds %d images, %s of the same series %d",
                            phase->files[0].path, phase->n_images,
                            tt1__base_name(image->files[0].path), image->n_images);
  if (status == TT1_OK) status = tt1__collection_check(image, phase, err);
  if (status == TT1_OK && group->is_real)
    status = tt1__part_join(image, phase, TT1__PART_IMAGINARY, err);
  else if (status == TT1_OK)
    status = use_phase(image, phase, group, err);
  tt1_image_free(phase);
  return status;
}

// Complex voxels are magnitude and phase in one, and no part of them.
static tt1_status check_complex(const tt1_image *image, const tt1__bids_group *group,
                                tt1_error *err)
{
  if (!image->phase) return TT1_OK;
  if (group->kind->is_uni)
    return tt1__error_set(err, TT1_BAD_FILE,
                          "%s holds complex voxels, where a UNI image is expected",
                          image->files[0].path);
  if (!group->is_real && !group->phases) return TT1_OK;
  return tt1__error_set(err, TT1_BAD_FILE,
                        "%s holds complex voxels, where %s is expected; name it without part-",
                        image->files[0].path, group->is_real ? "part-real" : "part-mag");
}

// Where magnitudes alone do not do, complex numbers are signed by the phases that they have.
static tt1_status sign_complex(tt1_image *image, const tt1__bids_group *group, tt1_error *err)
{
  if (!group->kind->needs_sign || !image->phase) return TT1_OK;
  tt1_status status = sign_by(image, image->phase, err);
  tt1__free(image->phase);
  image->phase = NULL;
  return status;
}

/* ---- UNIT1 ---- */

// UNIT1 signs the magnitudes.
static tt1_status use_uni(tt1_image *image, tt1__collection *c, const tt1__bids_group *group,
                          tt1_error *err)
{
  tt1_image *uni = NULL;
  c->names = &group->uni;
  c->count = 1;
  tt1_status status = tt1__collection_read(&uni, c, err);
  if (status == TT1_OK) status = tt1__collection_check(image, uni, err);
  if (status == TT1_OK)
    status = tt1__uni_sign(image, 1 - find_reference(image), uni, uni->files[0].path, err);
  tt1_image_free(uni);
  return status;
}

static tt1_status copy_known(tt1_image *uni, const tt1_image *from, tt1_error *err)
{
  for (int i = 0; i < from->n_known; i++)
    if (!tt1_image_find_known(uni, from->known[i].name) &&
        !tt1__image_add_found(uni, &from->known[i]))
      return tt1__no_memory(err);
  for (int i = 0; i < from->n_files; i++)
    if (from->files[i].checksum != 0 &&
        !tt1__image_add_file(uni, from->files[i].path, from->files[i].checksum))
      return tt1__no_memory(err);
  return TT1_OK;
}

// What the sidecar of UNIT1 leaves open, those of the two inversions say, whether the images are there or not.
static tt1_status ask_inversions(tt1_image *uni, const tt1__collection *c,
                                 const tt1__bids_group *group, tt1_error *err)
{
  tt1_image *inversions = NULL;
  tt1__collection both = *c;
  both.names = group->inversions;
  both.count = 2;
  tt1_status status = tt1__collection_look(&inversions, &both, err);
  if (status == TT1_OK) status = copy_known(uni, inversions, err);
  tt1_image_free(inversions);
  return status;
}

/* ---- All together ---- */

static tt1_status check_index(const tt1_bids *dataset, int index, tt1_error *err)
{
  if (index < 0 || index >= dataset->n_groups)
    return tt1__error_set(err, TT1_BAD_ARGUMENT, "series %d is asked for, the dataset has %d",
                          index, dataset->n_groups);
  const tt1_bids_series *shown = &dataset->groups[index].shown;
  if (!shown->refused) return TT1_OK;
  return tt1__error_set(err, TT1_BAD_FILE, "%.120s: %s", shown->name, shown->refused);
}

static tt1_status read_voxels(tt1_image **out, tt1__collection *c, const tt1__bids_group *group,
                              tt1_error *err)
{
  tt1_image *image = NULL;
  tt1_status status = tt1__collection_read(&image, c, err);
  if (status == TT1_OK && group->kind->needs_sign && image->n_images != 2)
    status = tt1__error_set(err, TT1_BAD_FILE, "%s holds %d images, two inversions are expected",
                            group->shown.name, image->n_images);
  if (status == TT1_OK) status = check_complex(image, group, err);
  int is_complex = status == TT1_OK && image->phase;
  if (status == TT1_OK && group->kind->is_uni) {
    status = tt1__uni_to_pair(image, group->shown.name, err);
    if (status == TT1_OK) status = ask_inversions(image, c, group, err);
    *out = image;
    return status;
  }
  if (status == TT1_OK && group->phases) status = read_phase(image, c, group, err);
  if (status == TT1_OK) status = sign_complex(image, group, err);
  if (status == TT1_OK && group->is_real && !group->phases)
    status = assume(image, err, "part-real is taken as signed images");
  int is_told = group->is_real || group->kind->needs_sign; // by its phases
  if (status == TT1_OK && group->kind->needs_sign && group->uni && !is_complex && !group->phases &&
      !group->is_real)
    status = use_uni(image, c, group, err);
  if (status == TT1_OK && !tt1__image_note_sign(image, is_told)) status = tt1__no_memory(err);
  *out = image;
  return status;
}

// Where it is from; files by their paths in the dataset, wherever that lies.
static tt1_status finish(tt1_image *image, const tt1_bids *dataset, const tt1__bids_group *group,
                         tt1_error *err)
{
  const char *vendor = tt1__image_find_text(image, "Manufacturer");
  const char *name = tt1__arena_copy(&image->texts, group->shown.name, strlen(group->shown.name));
  if (!name) return tt1__no_memory(err);
  image->origin.description = name;
  if (vendor) image->origin.vendor = vendor;
  for (int i = 0; i < image->n_files; i++)
    image->files[i].path = tt1__bids_inside(dataset, image->files[i].path);
  return check_known(image, group, err);
}

static tt1_status read(tt1_image **out, const tt1_bids *dataset, int index, int with_voxels,
                       tt1_error *err)
{
  tt1_image *image = NULL;
  tt1__levels levels = {0};
  tt1_status status = check_index(dataset, index, err);
  if (status != TT1_OK) return status;
  const tt1__bids_group *group = &dataset->groups[index];
  char *folder = tt1__join(dataset->root, group->shown.folder);
  tt1__collection c = {.folder = folder,
                       .names = group->images,
                       .count = group->shown.n_images,
                       .keys = {group->kind->keys[0], group->kind->keys[1]},
                       .levels = &levels};
  if (!folder) status = tt1__no_memory(err);
  if (status == TT1_OK)
    status = tt1__levels_open(&levels, dataset->root, group->shown.folder, &dataset->top, err);
  if (status == TT1_OK)
    status =
        with_voxels ? read_voxels(&image, &c, group, err) : tt1__collection_look(&image, &c, err);
  if (status == TT1_OK) status = finish(image, dataset, group, err);
  tt1__levels_free(&levels);
  tt1__free(folder);
  if (status == TT1_OK)
    *out = image;
  else
    tt1_image_free(image);
  return status;
}

tt1_status tt1_bids_read(tt1_image **out, const tt1_bids *dataset, int index, tt1_error *err)
{
  return read(out, dataset, index, 1, err);
}

/** The facts and what they are borrowed from. */
typedef struct facts {
  tt1_bids_facts shown; /* the first member: what is handed out is this */
  tt1_image *image;
  char reason[400];
} facts;

tt1_status tt1_bids_look(tt1_bids_facts **out, const tt1_bids *dataset, int index, tt1_error *err)
{
  tt1_status status = check_index(dataset, index, err);
  if (status != TT1_OK) return status;
  const tt1__bids_group *group = &dataset->groups[index];
  facts *f = tt1__allocate(1, sizeof *f);
  if (!f) return tt1__no_memory(err);
  // Only the image tells how many it holds where there is one file.
  status = read(&f->image, dataset, index, group->shown.n_images == 1, err);
  if (status != TT1_OK) {
    tt1__free(f);
    return status;
  }
  const tt1_image *image = f->image;
  const char *model = find_model(f->reason, group->kind, image);
  f->shown = (tt1_bids_facts){.n_images = image->n_images,
                              .known = image->known,
                              .n_known = image->n_known,
                              .texts = image->found_texts,
                              .n_texts = image->n_found_texts,
                              .assumptions = image->assumptions,
                              .n_assumptions = image->n_assumptions,
                              .model = model,
                              .reason = f->reason,
                              .lacks = find_lacking(group->kind, image)};
  *out = &f->shown;
  return TT1_OK;
}

void tt1_bids_facts_free(tt1_bids_facts *shown)
{
  facts *f = (facts *)shown;
  if (!f) return;
  tt1_image_free(f->image);
  tt1__free(f);
}
