/* SPDX-License-Identifier: MIT */
#include "image/sequence.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "image/image.h"

/* ---- What it is called ---- */

typedef enum echo { ECHO_UNKNOWN, ECHO_SPIN, ECHO_GRADIENT } echo;

static int has_one_of(const char *text, const char *const *words)
{
  for (; *words; words++)
    if (tt1__has_word(text, *words)) return 1;
  return 0;
}

static echo echo_of(const char *text)
{
  static const char *const spin[] = {"SE", "TSE", "FSE", "IRSE", "SpinEcho", "SPIN", NULL};
  static const char *const gradient[] = {
      "GR",  "GE", "GRE",  "FLASH",    "SPGR", "SSFP", "bSSFP", "TrueFISP", "EP",
      "EPI", "EG", "star", "GRADIENT", "fl",   "tfl",  "tfi",   NULL}; // the last three in names of Siemens: *tfi2d1
  if (tt1__has_word(text, "gradient") && !tt1__has_word(text, "spin")) return ECHO_GRADIENT;
  if (has_one_of(text, spin)) return ECHO_SPIN;
  return has_one_of(text, gradient) || strstr(text, "T2*") ? ECHO_GRADIENT : ECHO_UNKNOWN;
}

/* The first text that says which echoes are read out, or NULL: what stands for that, then names. */
static const tt1_found_text *find_echo(const tt1__acquisition *a, echo *kind)
{
  static const char *const keys[] = {"ScanningSequence",  "EchoPulseSequence", "PulseSequenceType",
                                     "PulseSequenceName", "SequenceName",      "SeriesDescription",
                                     "ProtocolName"};
  for (size_t k = 0; k < sizeof keys / sizeof *keys; k++)
    for (int i = 0; i < a->n_texts; i++) {
      if (strcmp(a->texts[i].key, keys[k]) != 0) continue;
      *kind = echo_of(a->texts[i].value);
      if (*kind != ECHO_UNKNOWN) return &a->texts[i];
    }
  *kind = ECHO_UNKNOWN;
  return NULL;
}

/* ---- What differs ---- */

static const tt1_known_values *find(const tt1__acquisition *a, const char *key)
{
  for (int i = 0; i < a->n_known; i++)
    if (strcmp(a->known[i].name, key) == 0) return &a->known[i];
  return NULL;
}

static int differs(const tt1__acquisition *a, const char *key)
{
  const tt1_known_values *known = find(a, key);
  for (int i = 0; i < a->n_given; i++)
    if (strcmp(a->given[i], key) == 0) return 1;
  for (int i = 1; known && known->count == a->n_images && i < known->count; i++)
    if (fabs(known->values[i] - known->values[0]) > 1e-6) return 1; // to a microsecond
  return 0;
}

static double greatest(const tt1_known_values *known)
{
  double most = 0.0;
  for (int i = 0; known && i < known->count * known->n_slices; i++)
    most = fmax(most, known->values[i]);
  return most;
}

/* ---- The model ---- */

/* One question of a kind: what differs, and the models that could be meant. */
static const char *ask(char reason[400], const char *key, const char *what, const char *one,
                       const char *other)
{
  snprintf(
      reason, 400,
      "the images differ in %s, and %s: say which model is meant with --model %s or --model %s",
      key, what, one, other);
  return NULL;
}

/* The shortest time between two images, in s; 0 where that is not known. */
static double shortest_gap(const tt1__acquisition *a)
{
  const tt1_known_values *at = find(a, "AcquisitionTime");
  double least = HUGE_VAL;
  if (!at || at->count != a->n_images) return 0.0;
  for (int i = 0; i < at->count; i++)
    for (int k = 0; k < i; k++)
      least = fmin(least, fabs(at->values[i] - at->values[k]));
  return isfinite(least) ? least : 0.0;
}

int tt1__is_one_by_one(const tt1__acquisition *a)
{
  return shortest_gap(a) >= 15.0; // s: longer than any inversion is seen
}

/* Spin echoes, and images that are acquired one by one, have an inversion each. */
static const char *model_of_inversion(char reason[400], const tt1__acquisition *a)
{
  static const char *const planar[] = {"EP", "EPI", NULL};
  int is_one_by_one = tt1__is_one_by_one(a);
  echo kind;
  const tt1_found_text *text = find_echo(a, &kind);
  if (!text && !is_one_by_one) {
    snprintf(reason, 400, "InversionTime differs, and no spin echo is named");
    return "molli";
  }
  if (kind == ECHO_GRADIENT && (is_one_by_one || has_one_of(text->value, planar)))
    return ask(reason, "InversionTime",
               is_one_by_one ? "they were acquired one by one" : "they are echo-planar", "ir3",
               "molli");
  if (text)
    snprintf(reason, 400, "%s is \"%.80s\", %s", text->key, text->value,
             kind == ECHO_SPIN ? "a spin echo" : "a gradient echo");
  else
    snprintf(reason, 400,
             "its images were acquired %.3g s apart and more, so each has an inversion of its own",
             shortest_gap(a));
  if (kind == ECHO_GRADIENT) return "molli";
  if (!differs(a, "RepetitionTime") || !find(a, "EchoTime")) return "ir3";
  size_t used = strlen(reason);
  snprintf(reason + used, 400 - used, ", and RepetitionTime differs");
  return "irse";
}

static const char *model_of_echoes(char reason[400], const tt1__acquisition *a)
{
  echo kind;
  const tt1_found_text *text = find_echo(a, &kind);
  if (!text)
    return ask(reason, "EchoTime", "nothing says whether they are spin or gradient echoes", "t2",
               "t2star");
  snprintf(reason, 400, "EchoTime differs, and %s is \"%.80s\", %s", text->key, text->value,
           kind == ECHO_SPIN ? "a spin echo" : "a gradient echo");
  return kind == ECHO_SPIN ? "t2" : "t2star";
}

/* Without an image at full recovery three parameters are hardly to be had. */
static const char *model_of_saturation(char reason[400], const tt1__acquisition *a)
{
  const double anchor = 5.0;
  const tt1_known_values *times = find(a, "SaturationTime");
  if (!(greatest(times) >= anchor))
    return ask(reason, "SaturationTime", "none of them is at full recovery (5 s or more)", "sasha2",
               "sasha3");
  snprintf(reason, 400, "SaturationTime differs, and the image of %.3g s is at full recovery",
           greatest(times));
  return "sasha3";
}

static const char *model_of_preparation(char reason[400], const tt1__acquisition *a)
{
  int has_saturated = find(a, "Saturated") != NULL;
  snprintf(reason, 400, "T2PreparationTime differs%s",
           has_saturated ? ", and saturated images are marked" : "");
  return has_saturated ? "t2prep3" : "t2prep2";
}

static const char *model_of_angles(char reason[400], const tt1__acquisition *a)
{
  for (int i = 0; i < a->n_texts; i++) {
    const char *key = a->texts[i].key, *value = a->texts[i].value;
    int is_balanced = (strcmp(key, "PulseSequenceType") == 0 &&
                       (tt1__has_word(value, "SSFP") || tt1__has_word(value, "bSSFP"))) ||
                      (strcmp(key, "SequenceVariant") == 0 && tt1__has_word(value, "SS") &&
                       !tt1__has_word(value, "SP"));
    if (!is_balanced) continue;
    snprintf(
        reason, 400,
        "the images differ in FlipAngle, and %s is \"%.80s\": model vfa is for spoiled gradient "
        "echoes; --model takes a model file",
        key, value);
    return NULL;
  }
  snprintf(reason, 400, "FlipAngle differs");
  return "vfa";
}

/* One row for each quantity that tells images apart. A preparation decides, whatever the readout does. */
static const struct {
  const char *key;
  int is_readout;
  const char *(*model)(char reason[400], const tt1__acquisition *a);
} rows[] = {{"InversionTime", 0, model_of_inversion},
            {"SaturationTime", 0, model_of_saturation},
            {"T2PreparationTime", 0, model_of_preparation},
            {"EchoTime", 1, model_of_echoes},
            {"FlipAngle", 1, model_of_angles}};

tt1__acquisition tt1__acquisition_of(const tt1_image *image)
{
  return (tt1__acquisition){.known = image->known,
                            .n_known = image->n_known,
                            .texts = image->found_texts,
                            .n_texts = image->n_found_texts,
                            .n_images = image->n_images};
}

const char *tt1__model_of(char reason[400], const tt1__acquisition *a)
{
  int first = -1;
  reason[0] = '\0';
  for (int i = 0; i < (int)(sizeof rows / sizeof *rows); i++) {
    if (a->key ? strcmp(a->key, rows[i].key) != 0 : !differs(a, rows[i].key)) continue;
    if (first >= 0 && rows[i].is_readout && !rows[first].is_readout) break;
    if (first >= 0) {
      snprintf(reason, 400,
               "the images differ in both %s and %s: say with --model which model is meant "
               "('torcht1 models' lists them)",
               rows[first].key, rows[i].key);
      return NULL;
    }
    first = i;
  }
  return first >= 0 ? rows[first].model(reason, a) : NULL;
}

const char *tt1_study_series_model(char reason[400], const tt1_study_series *series)
{
  const tt1__acquisition a = {.known = series->known,
                              .n_known = series->n_known,
                              .texts = series->texts,
                              .n_texts = series->n_texts,
                              .n_images = series->n_images};
  return tt1__model_of(reason, &a);
}
