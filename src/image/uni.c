/* SPDX-License-Identifier: MIT */
#include "image/uni.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/error.h"
#include "base/text.h"
#include "file/file.h"

/* ---- What it is called ---- */

int tt1__is_called_uni(const char *text)
{
  return tt1__has_word(text, "UNI") || tt1__has_word(text, "UNIT");
}

int tt1__image_is_called_uni(const tt1_image *image)
{
  static const char *const keys[] = {"ImageType", "SeriesDescription", "ProtocolName"};
  for (size_t k = 0; k < sizeof keys / sizeof *keys; k++)
    if (tt1__is_called_uni(tt1__image_find_text(image, keys[k]))) return 1;
  return image->n_files > 0 && tt1__is_called_uni(tt1__base_name(image->files[0].path));
}

// "UNI-DEN" of Siemens, or what people call it; NULL if it is called nothing of the kind.
static const char *find_robust(const tt1_image *image)
{
  static const char *const words[] = {"DEN", "denoised", "robust", "UNIDEN"};
  const char *const texts[] = {image->origin.description, tt1__image_find_text(image, "ImageType"),
                               tt1__image_find_text(image, "SeriesDescription"),
                               tt1__image_find_text(image, "ProtocolName")};
  for (size_t t = 0; t < sizeof texts / sizeof *texts; t++)
    for (size_t w = 0; texts[t] && w < sizeof words / sizeof *words; w++)
      if (tt1__has_word(texts[t], words[w])) return texts[t];
  return NULL;
}

/* ---- Values ---- */

/* The ranges in which UNI images are stored, the first that fits. Interpolation may leave them a little. Values
 * that fill less than a part of a range may be of another one. `nothing` is what lies outside of a mask. */
static const struct range {
  double low, high, least_high, nothing;
} ranges[] = {{-0.5, 0.5, -0.5, 0.0}, {0.0, 4095.0, 1023.0, 0.0}};

static const struct range *find_range(const tt1_image *image, double *low, double *high)
{
  const double margin = 0.01;
  *low = HUGE_VAL;
  *high = -HUGE_VAL;
  for (int64_t v = 0; v < image->n_voxels; v++) {
    double value = (double)image->data[v];
    if (!isfinite(value)) continue;
    *low = fmin(*low, value);
    *high = fmax(*high, value);
  }
  for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++) {
    const struct range *r = &ranges[i];
    double beyond = margin * (r->high - r->low);
    if (*low<*high && * low >= r->low - beyond && * high <= r->high + beyond && * high> r
             ->least_high)
      return r;
  }
  return NULL;
}

// Bring the values to -0.5 to 0.5, and say from where; NaN where there is nothing.
static tt1_status scale(tt1_image *image, const char *called, char about[300], tt1_error *err)
{
  double low, high;
  int64_t outside = 0;
  if (image->n_images != 1)
    return tt1__error_set(err, TT1_BAD_FILE, "%s: it holds %d images, a UNI image is one", called,
                          image->n_images);
  const struct range *r = find_range(image, &low, &high);
  if (!r && !(low < high))
    return tt1__error_set(err, TT1_BAD_FILE, "%s: all its values are the same: it is no UNI image",
                          called);
  if (!r)
    return tt1__error_set(
        err, TT1_BAD_FILE,
        "%s: its values, %g to %g, are in none of the ranges of UNI images, -0.5 to 0.5 "
        "or 0 to 4095: bring them to -0.5 to 0.5, where 0 is what the first inversion "
        "gives at its null",
        called, low, high);
  for (int64_t v = 0; v < image->n_voxels; v++) {
    double value = (double)image->data[v];
    int is_nothing = !isfinite(value) || !(fabs(value - r->nothing) > 0.0);
    double uni = (value - r->low) / (r->high - r->low) - 0.5;
    outside += is_nothing;
    image->data[v] = is_nothing ? NAN : (float)fmax(-0.5, fmin(0.5, uni));
  }
  int used = snprintf(about, 300, "UNI values, %g to %g, are taken as those of %g to %g", low, high,
                      r->low, r->high);
  if (outside > 0)
    snprintf(about + used, 300 - (size_t)used, "; %.3g %% of the voxels are 0 and left out",
             100.0 * (double)outside / (double)image->n_voxels);
  return TT1_OK;
}

/* ---- The robust combination ---- */

static int64_t count_near(const tt1_image *image, double from, double to)
{
  int64_t n = 0;
  for (int64_t v = 0; v < image->n_voxels; v++)
    n += (double)image->data[v] >= from && (double)image->data[v] < to;
  return n;
}

/* In noise a UNI image takes all its values alike. A constant added to numerator and denominator to hide
 * that brings what is dark to -0.5, or near 0 (O'Brien et al. 2014, doi:10.1371/journal.pone.0099676), and
 * the rest a little, too: it is no ratio of the inversions any longer. */
static int note_doubt(tt1_image *image, const char *called)
{
  const double most_at_end = 0.1, most_at_zero = 0.6;
  const char *name = find_robust(image),
             *advice = "the UNI image without that is needed, or both inversions with "
                       "their signs; --sign signed takes it as it is";
  char sentence[700];
  double all = (double)count_near(image, -0.5, HUGE_VAL);
  double at_end = (double)count_near(image, -0.5, -0.49) / all;
  double at_zero = (double)count_near(image, -0.01, 0.01) / all;
  int is_at_end = at_end > most_at_end;
  if (name)
    snprintf(sentence, sizeof sentence,
             "%.200s is called \"%.80s\", a combination whose background was suppressed, which "
             "does not give "
             "T1: %s",
             called, name, advice);
  else if (is_at_end || at_zero > most_at_zero)
    snprintf(
        sentence, sizeof sentence,
        "%.200s: %.0f %% of the voxels are near %s of a UNI image, as the background of the robust "
        "combination is, which does not give T1: %s",
        called, 100.0 * (is_at_end ? at_end : at_zero),
        is_at_end ? "-0.5, the end" : "0, the middle", advice);
  else
    return 1;
  image->doubt = tt1__arena_copy(&image->texts, sentence, strlen(sentence));
  return image->doubt != NULL;
}

/* ---- One image, two inversions ---- */

static void forget(tt1_image *image, const char *key)
{
  int kept = 0;
  for (int i = 0; i < image->n_known; i++)
    if (strcmp(image->known[i].name, key) != 0) image->known[kept++] = image->known[i];
  image->n_known = kept;
}

// What is known of both inversions takes its proper name.
static tt1_status take_both(tt1_image *image, const char *key, const char *of_both, tt1_error *err)
{
  const tt1_known_values *found = tt1_image_find_known(image, of_both);
  forget(image, key);
  if (!found) return TT1_OK;
  tt1_known_values both = *tt1_image_find_known(image, of_both);
  forget(image, of_both);
  return tt1__image_add_known(image, key, both.source, both.values, both.count)
             ? TT1_OK
             : tt1__no_memory(err);
}

static tt1_status split(tt1_image *image, tt1_error *err)
{
  size_t n = (size_t)image->n_voxels;
  float *pair = tt1__allocate(2 * n, sizeof *pair);
  if (!pair) return tt1__no_memory(err);
  for (size_t v = 0; v < n; v++) {
    double angle = 0.5 * asin(2.0 * (double)image->data[v]);
    pair[v] = (float)sin(angle);
    pair[n + v] = (float)cos(angle);
  }
  tt1__free(image->data);
  image->data = pair;
  image->n_images = 2;
  image->is_uni = image->is_mp2rage = image->is_told = image->is_signed = 1;
  return TT1_OK;
}

tt1_status tt1__uni_to_pair(tt1_image *image, const char *called, tt1_error *err)
{
  char about[300];
  tt1_status status = scale(image, called, about, err);
  if (status != TT1_OK) return status;
  int is_said = note_doubt(image, called) && tt1__image_add_assumption(image, about) &&
                tt1__image_add_assumption(
                    image, "a UNI image gives the ratio of the two inversions, of which the "
                           "first is taken as not the larger one");
  if (!is_said) status = tt1__no_memory(err);
  if (status == TT1_OK) status = take_both(image, "InversionTime", TT1__TIMES_OF_BOTH, err);
  if (status == TT1_OK) status = take_both(image, "FlipAngle", TT1__ANGLES_OF_BOTH, err);
  return status == TT1_OK ? split(image, err) : status;
}

/* ---- Two magnitudes ---- */

// How far UNI is off what the magnitudes give, on average by their energy.
static double find_difference(const tt1_image *magnitudes, const tt1_image *uni)
{
  double sum = 0.0, weights = 0.0;
  const float *first = magnitudes->data, *second = first + magnitudes->n_voxels;
  for (int64_t v = 0; v < uni->n_voxels; v++) {
    double a = (double)first[v], b = (double)second[v], energy = a * a + b * b;
    double difference = fabs((double)uni->data[v]) - a * b / energy;
    if (!isfinite(difference) || !(energy < 1e30)) continue;
    sum += energy * fabs(difference);
    weights += energy;
  }
  return weights > 0.0 ? sum / weights : HUGE_VAL;
}

tt1_status tt1__uni_sign(tt1_image *magnitudes, int first, tt1_image *uni, const char *called,
                         tt1_error *err)
{
  const double most = 0.05; // as noise and several coils leave it
  char about[300], sentence[400];
  tt1_status status = scale(uni, called, about, err);
  if (status != TT1_OK) return status;
  double difference = find_difference(magnitudes, uni);
  if (!(difference <= most))
    return tt1__error_set(
        err, TT1_BAD_FILE,
        "%s: its values are not those of the two magnitudes, S1 S2 / (S1^2 + S2^2), but off by "
        "%.2g on average: it is the robust combination, or one of the images was scaled; the "
        "UNI image that was reconstructed with them is needed",
        called, difference);
  float *data = magnitudes->data + first * magnitudes->n_voxels;
  for (int64_t v = 0; v < uni->n_voxels; v++) {
    if (isnan(uni->data[v]) && data[v] > 0.0f) data[v] = NAN; // its sign is not known
    if (uni->data[v] < 0.0f) data[v] = -data[v];
  }
  magnitudes->is_mp2rage = 1;
  snprintf(sentence, sizeof sentence, "the first inversion has the sign of the UNI image; %s",
           about);
  for (int i = 0; i < uni->n_files; i++)
    if (!tt1__image_add_file(magnitudes, uni->files[i].path, uni->files[i].checksum))
      return tt1__no_memory(err);
  return tt1__image_add_assumption(magnitudes, sentence) && tt1__image_note_sign(magnitudes, 1)
             ? TT1_OK
             : tt1__no_memory(err);
}
