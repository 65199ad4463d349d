/* SPDX-License-Identifier: MIT */
#include "bids/part.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/number.h"
#include "bids/collection.h"
#include "bids/stack.h"
#include "image/nifti.h"

/* ---- Names ---- */

typedef struct label {
  const char *text;
  tt1__part part;
} label;

/* As BIDS, dcm2niix and those who rename have it. */
static const label labels[] = {
    {"mag", TT1__PART_MAGNITUDE},      {"magnitude", TT1__PART_MAGNITUDE},
    {"ph", TT1__PART_PHASE},           {"phase", TT1__PART_PHASE},
    {"real", TT1__PART_REAL},          {"imag", TT1__PART_IMAGINARY},
    {"imaginary", TT1__PART_IMAGINARY}};

static tt1__part part_called(const char *text, size_t length)
{
  for (size_t i = 0; i < sizeof labels / sizeof *labels; i++)
    if (strlen(labels[i].text) == length && memcmp(labels[i].text, text, length) == 0)
      return labels[i].part;
  return TT1__PART_NONE;
}

/* A name without its part and its ending. Pieces of it. */
typedef struct pieces {
  tt1__part part;
  size_t before; /* its first bytes */
  const char *after;
  size_t after_length;
} pieces;

// The part is a piece "_part-mag", or the last one: "_ph". It may be the whole name.
static pieces take_apart(const char *name)
{
  size_t stem = tt1__nifti_stem(name), begin = 0;
  pieces p = {TT1__PART_NONE, stem, name + stem, 0};
  for (size_t i = 0; i <= stem; i++) {
    if (i < stem && name[i] != '_') continue;
    const char *piece = name + begin;
    size_t length = i - begin, skipped = length > 5 && strncmp(piece, "part-", 5) == 0 ? 5 : 0;
    tt1__part part =
        skipped || i == stem ? part_called(piece + skipped, length - skipped) : TT1__PART_NONE;
    if (part) p = (pieces){part, begin > 0 ? begin - 1 : 0, name + i, stem - i};
    begin = i + 1;
  }
  return p;
}

tt1__part tt1__part_of_name(const char *name)
{
  return take_apart(name).part;
}

// Byte `i` of a name without its part; 0 behind the last.
static char byte_of(const pieces *p, const char *name, size_t i)
{
  if (i < p->before) return name[i];
  return i - p->before < p->after_length ? p->after[i - p->before] : '\0';
}

int tt1__part_names_agree(const char *a, const char *b)
{
  pieces one = take_apart(a), other = take_apart(b);
  size_t length = one.before + one.after_length;
  if (other.before + other.after_length != length) return 0;
  for (size_t i = 0; i < length; i++)
    if (byte_of(&one, a, i) != byte_of(&other, b, i)) return 0;
  return 1;
}

/* ---- ImageType ---- */

// "P" or "PHASE", or "P_SE" of Philips, among what is between the backslashes of `type`.
static int has_value(const char *type, const char *word)
{
  size_t length = strlen(word);
  for (const char *at = type; at; at = strchr(at, '\\')) {
    at += *at == '\\';
    size_t n = strcspn(at, "\\");
    if ((n == 1 && *at == *word) || (n == length && memcmp(at, word, n) == 0)) return 1;
    if (n > 3 && at[0] == *word && at[1] == '_' &&
        (memcmp(at + n - 2, "SE", 2) == 0 || memcmp(at + n - 2, "IR", 2) == 0 ||
         memcmp(at + n - 3, "FFE", 3) == 0))
      return 1;
  }
  return 0;
}

tt1__part tt1__part_of(const char *name, const tt1_image *image)
{
  static const label words[] = {{"PHASE", TT1__PART_PHASE},
                                {"IMAGINARY", TT1__PART_IMAGINARY},
                                {"REAL", TT1__PART_REAL},
                                {"MAGNITUDE", TT1__PART_MAGNITUDE}};
  tt1__part part = tt1__part_of_name(name);
  const char *type = tt1__image_find_text(image, "ImageType");
  for (size_t i = 0; i < sizeof words / sizeof *words && !part && type; i++)
    if (has_value(type, words[i].text)) part = words[i].part;
  return part;
}

tt1__part tt1__part_partner(tt1__part part)
{
  switch (part) {
  case TT1__PART_NONE:
  case TT1__PART_MAGNITUDE: return TT1__PART_PHASE;
  case TT1__PART_REAL: return TT1__PART_IMAGINARY;
  default: return TT1__PART_NONE;
  }
}

/* ---- Radians ---- */

/* Stored ranges that stand for one turn, where the unit is arbitrary: those of 12 bits, as stored and
 * with the usual rescale to both sides of zero; milliradians. */
static const double turns[][2] = {
    {-4096.0, 4096.0}, {-2048.0, 2048.0}, {0.0, 4096.0}, {-3142.0, 3142.0}};

static void find_range(double range[2], const tt1_image *image)
{
  size_t n = (size_t)image->n_images * (size_t)image->n_voxels;
  range[0] = range[1] = 0.0;
  for (size_t i = 0; i < n; i++) {
    if ((double)image->data[i] < range[0]) range[0] = (double)image->data[i];
    if ((double)image->data[i] > range[1]) range[1] = (double)image->data[i];
  }
}

// The range of values that is one turn, or NULL. It must be filled to nine tenths.
static const double *find_turn(const double range[2])
{
  for (size_t i = 0; i < sizeof turns / sizeof *turns; i++)
    if (range[0] >= turns[i][0] && range[1] <= turns[i][1] &&
        range[1] - range[0] >= 0.9 * (turns[i][1] - turns[i][0]))
      return turns[i];
  return NULL;
}

static void scale(tt1_image *phase, double zero, double factor)
{
  size_t n = (size_t)phase->n_images * (size_t)phase->n_voxels;
  for (size_t i = 0; i < n; i++) {
    double angle = ((double)phase->data[i] - zero) * factor;
    phase->data[i] = (float)(angle > TT1__PI ? angle - 2 * TT1__PI : angle);
  }
}

static int may_be_radians(const double range[2])
{
  return range[0] >= -3.2 && range[1] <= 6.3;
}

int tt1__to_radians(tt1_image *phase, int needs_unit, char about[300])
{
  double range[2];
  const char *unit = tt1_image_unit(phase);
  find_range(range, phase);
  const double *turn = find_turn(range);
  int is_guessed = !unit && !needs_unit;
  if (is_guessed ? may_be_radians(range) && range[1] - range[0] > TT1__PI
                 : unit && strcmp(unit, "rad") == 0 && may_be_radians(range)) {
    scale(phase, 0.0, 1.0);
    snprintf(about, 300,
             is_guessed ? "phase has no Units: %.3g to %.3g is taken for rad" : "phase is in rad",
             range[0], range[1]);
    return 1;
  }
  if ((is_guessed || (unit && strcmp(unit, "arbitrary") == 0)) && turn) {
    scale(phase, (turn[0] + turn[1]) / 2, 2 * TT1__PI / (turn[1] - turn[0]));
    snprintf(about, 300, "phase %s: %g to %g is taken for one turn",
             is_guessed ? "has no Units" : "is in arbitrary units", turn[0], turn[1]);
    return 1;
  }
  if (needs_unit && (!unit || (strcmp(unit, "rad") != 0 && strcmp(unit, "arbitrary") != 0)))
    snprintf(about, 300, "phase is not used: its sidecars give no Units, \"rad\" or \"arbitrary\"");
  else
    snprintf(about, 300, "phase is not used: its values, %g to %g, do not fill one turn%s%.40s%s",
             range[0], range[1], unit ? " of Units \"" : "", unit ? unit : "", unit ? "\"" : "");
  return 0;
}

/* ---- Putting together ---- */

// Whether what is known of both says that they are of other times.
static const char *find_difference(const tt1_image *image, const tt1_image *other)
{
  static const char *const keys[] = {"InversionTime", "SaturationTime", "T2PreparationTime",
                                     "EchoTime", "FlipAngle"};
  for (size_t k = 0; k < sizeof keys / sizeof *keys; k++) {
    const tt1_known_values *a = tt1_image_find_known(image, keys[k]);
    const tt1_known_values *b = tt1_image_find_known(other, keys[k]);
    if (!a || !b) continue;
    if (a->count != b->count) return keys[k];
    for (int i = 0; i < a->count; i++)
      if (fabs(a->values[i] - b->values[i]) > 1e-6 * (1.0 + fabs(a->values[i]))) return keys[k];
  }
  return NULL;
}

static tt1_status check_pair(const tt1_image *image, const tt1_image *other, tt1_error *err)
{
  const char *path = other->files[0].path, *beside = tt1__base_name(image->files[0].path);
  const char *key = find_difference(image, other);
  const tt1_image *complex = image->phase ? image : other->phase ? other : NULL;
  if (complex)
    return tt1__error_set(err, TT1_BAD_FILE,
                          "%s holds complex voxels, and another file of the same series a part of "
                          "them; move one of the two away",
                          complex->files[0].path);
  if (other->n_images != image->n_images)
    return tt1__error_set(err, TT1_BAD_FILE, "%s holds %d images, %s of the same series %d", path,
                          other->n_images, beside, image->n_images);
  if (key)
    return tt1__error_set(err, TT1_BAD_FILE, "%s has another %s than %s of the same series", path,
                          key, beside);
  return tt1__collection_check(image, other, err);
}

static tt1_status say(tt1_image *image, const char *sentence, tt1_error *err)
{
  return tt1__image_add_assumption(image, sentence) ? TT1_OK : tt1__no_memory(err);
}

tt1_status tt1__part_note_missing(tt1_image *image, tt1__part wanted, int n_found, int count,
                                  tt1_error *err)
{
  char text[128];
  snprintf(text, sizeof text, "%s are left out: they are there for %d of %d images only",
           wanted == TT1__PART_PHASE ? "phases" : "imaginary parts", n_found, count);
  return say(image, text, err);
}

static void take_voxels(tt1_image *image, tt1_image *other)
{
  image->phase = other->data;
  other->data = NULL;
}

tt1_status tt1__part_join(tt1_image *image, tt1_image *other, tt1__part part, tt1_error *err)
{
  tt1__stack_alike(other, image);
  char about[300] = "magnitude and phase are computed from real and imaginary parts";
  tt1_status status = check_pair(image, other, err);
  for (int i = 0; status == TT1_OK && i < other->n_files; i++)
    if (!tt1__image_add_file(image, other->files[i].path, other->files[i].checksum))
      status = tt1__no_memory(err);
  if (status != TT1_OK) return status;
  if (part == TT1__PART_IMAGINARY) {
    take_voxels(image, other);
    tt1__image_make_polar(image);
  } else if (tt1__to_radians(other, 0, about)) {
    take_voxels(image, other);
  }
  return say(image, about, err);
}
