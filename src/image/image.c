/* SPDX-License-Identifier: MIT
 * The series in memory: putting it together, selecting, asking. */
#include "image/image.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/energy.h"
#include "base/error.h"
#include "base/text.h"

tt1_image *tt1__image_new(void)
{
  tt1_image *image = tt1__allocate(1, sizeof *image);
  if (image) image->origin = (tt1_origin){0, "", "", "", "as the header says", 0.0};
  return image;
}

// Make room for one more of `*things`. Returns 0 if memory ran out.
static int grow(void **things, int count, int *capacity, size_t size)
{
  if (count < *capacity) return 1;
  int more = *capacity ? *capacity * 2 : 8;
  void *grown = tt1__reallocate(*things, (size_t)more, size);
  if (!grown) return 0;
  *things = grown;
  *capacity = more;
  return 1;
}

int tt1__image_add_file(tt1_image *image, const char *path, uint32_t checksum)
{
  void *files = image->files;
  int is_grown = grow(&files, image->n_files, &image->file_capacity, sizeof *image->files);
  image->files = files;
  const char *copy = is_grown ? tt1__arena_copy(&image->texts, path, strlen(path)) : NULL;
  if (!copy) return 0;
  image->files[image->n_files++] = (tt1__read_file){copy, checksum};
  return 1;
}

int tt1__copy_known(tt1_known_values *out, tt1__arena *arena, const tt1_known_values *found)
{
  size_t n_values = (size_t)found->count * (size_t)found->n_slices;
  double *values = tt1__arena_allocate(arena, n_values, sizeof *values);
  *out = *found;
  out->name = tt1__arena_copy(arena, found->name, strlen(found->name));
  out->source = tt1__arena_copy(arena, found->source, strlen(found->source));
  out->values = values;
  if (!values || !out->name || !out->source) return 0;
  memcpy(values, found->values, n_values * sizeof *values);
  return 1;
}

int tt1__image_add_found(tt1_image *image, const tt1_known_values *found)
{
  void *known = image->known;
  int is_grown = grow(&known, image->n_known, &image->known_capacity, sizeof *image->known);
  image->known = known;
  if (!is_grown || !tt1__copy_known(&image->known[image->n_known], &image->texts, found)) return 0;
  image->n_known++;
  return 1;
}

int tt1__image_add_known(tt1_image *image, const char *key, const char *source,
                         const double *values, int count)
{
  return tt1__image_add_found(image, &(tt1_known_values){key, values, count, 1, source});
}

int tt1__image_add_text(tt1_image *image, const char *key, const char *value)
{
  void *texts = image->found_texts;
  int is_grown =
      grow(&texts, image->n_found_texts, &image->found_text_capacity, sizeof *image->found_texts);
  image->found_texts = texts;
  if (!is_grown) return 0;
  char *key_copy = tt1__arena_copy(&image->texts, key, strlen(key));
  char *value_copy = tt1__arena_copy(&image->texts, value, strlen(value));
  if (!key_copy || !value_copy) return 0;
  image->found_texts[image->n_found_texts++] = (tt1_found_text){key_copy, value_copy};
  return 1;
}

/* A unit ends up in tables and figures: a short word, not a sentence, a formula or a new line. */
static int is_unit(const char *text, size_t length)
{
  char word[32] = "";
  if (length == 0 || length >= sizeof word) return 0;
  memcpy(word, text, length);
  if (strlen(word) != length || strchr("=+-@ ", word[0])) return 0;
  for (const char *at = word; *at;) {
    int bytes = tt1__character_length(at);
    if (bytes == 0 || (unsigned char)*at < ' ' || strchr("\",;\x7F", *at)) return 0;
    at += bytes;
  }
  return 1;
}

int tt1__image_set_unit(tt1_image *image, const char *unit, size_t length)
{
  if (!is_unit(unit, length)) return 1;
  const char *copy = tt1__arena_copy(&image->texts, unit, length);
  if (copy) image->unit = copy;
  return copy != NULL;
}

int tt1__image_add_assumption(tt1_image *image, const char *sentence)
{
  void *sentences = image->assumptions;
  int is_grown = grow(&sentences, image->n_assumptions, &image->assumption_capacity,
                      sizeof *image->assumptions); // NOLINT(bugprone-sizeof-expression)
  image->assumptions = sentences;
  const char *copy = is_grown ? tt1__arena_copy(&image->texts, sentence, strlen(sentence)) : NULL;
  if (!copy) return 0;
  image->assumptions[image->n_assumptions++] = copy;
  return 1;
}

int tt1__series_note(tt1_study_series *series, tt1__arena *arena, const char *sentence)
{
  size_t n = (size_t)series->n_assumptions;
  const char **grown =
      tt1__arena_allocate(arena, n + 1, sizeof *grown); // NOLINT(bugprone-sizeof-expression)
  const char *copy = tt1__arena_copy(arena, sentence, strlen(sentence));
  if (!grown || !copy) return 0;
  if (n > 0) memcpy(grown, series->assumptions, n * sizeof *grown);
  grown[n] = copy;
  series->assumptions = grown;
  series->n_assumptions++;
  return 1;
}

const tt1_known_values *tt1_image_find_known(const tt1_image *image, const char *key)
{
  for (int i = 0; i < image->n_known; i++)
    if (strcmp(image->known[i].name, key) == 0) return &image->known[i];
  return NULL;
}

const char *tt1__image_find_text(const tt1_image *image, const char *key)
{
  for (int i = 0; i < image->n_found_texts; i++)
    if (strcmp(image->found_texts[i].key, key) == 0) return image->found_texts[i].value;
  return NULL;
}

int tt1__image_note_sign(tt1_image *image, int is_told)
{
  tt1__energy sum = {0};
  tt1__energy_add(&sum, image->data, image->n_images * image->n_voxels);
  image->is_told = is_told;
  image->is_signed = is_told ? sum.negative > 0.0 : tt1__energy_is_signed(&sum);
  if (!(sum.negative > 0.0) || image->is_signed || image->n_images == 1) return 1;
  return tt1__image_add_assumption(image, TT1__FEW_BELOW_ZERO);
}

void tt1__image_detach(tt1_image *image)
{
  if (image->attachment.kind) image->attachment.kind->free(image->attachment.data);
  image->attachment = (tt1__attachment){0};
}

void tt1_image_free(tt1_image *image)
{
  if (!image) return;
  tt1__free(image->data);
  tt1__free(image->phase);
  tt1__free(image->assumptions);
  tt1__free(image->known);
  tt1__free(image->found_texts);
  tt1__free(image->files);
  tt1__image_detach(image);
  tt1__arena_free(&image->texts);
  tt1__free(image);
}

static tt1_status check_selection(const tt1_image *image, const int *images, int count,
                                  tt1_error *err)
{
  unsigned char is_used[TT1__MAX_IMAGES] = {0};
  if (count < 1)
    return tt1__error_set(err, TT1_BAD_ARGUMENT, "no image is selected; at least one is needed");
  for (int i = 0; i < count; i++) {
    if (images[i] < 0 || images[i] >= image->n_images)
      return tt1__error_set(err, TT1_BAD_ARGUMENT,
                            "image %d is selected, the series has images 0 to %d", images[i],
                            image->n_images - 1);
    if (is_used[images[i]])
      return tt1__error_set(err, TT1_BAD_ARGUMENT, "image %d is selected twice", images[i]);
    is_used[images[i]] = 1;
  }
  return TT1_OK;
}

// The chosen images of `from`, or NULL.
static float *select_voxels(const float *from, const tt1_image *image, const int *images, int count)
{
  size_t n_voxels = (size_t)image->n_voxels;
  float *data = tt1__allocate((size_t)count * n_voxels, sizeof *data);
  for (int i = 0; data && i < count; i++)
    memcpy(data + (size_t)i * n_voxels, from + (size_t)images[i] * n_voxels,
           n_voxels * sizeof *data);
  return data;
}

// How many numbers select_values() needs room for.
static size_t count_values(const tt1_image *image, int count)
{
  size_t total = 0;
  for (int j = 0; j < image->n_known; j++)
    total += (size_t)image->known[j].n_slices * (size_t)count;
  return total;
}

static void select_values(tt1_image *image, double *values, const int *images, int count)
{
  for (int j = 0; j < image->n_known; j++) {
    tt1_known_values *known = &image->known[j];
    if (known->count != image->n_images) continue; // one value for the whole series
    const double *from = known->values;
    known->values = values;
    for (int slice = 0; slice < known->n_slices; slice++, from += known->count)
      for (int i = 0; i < count; i++)
        *values++ = from[images[i]];
    known->count = count;
  }
}

tt1_status tt1_image_select(tt1_image *image, const int *images, int count, tt1_error *err)
{
  const tt1__attachment *attached = &image->attachment;
  tt1_status status = check_selection(image, images, count, err);
  if (status != TT1_OK) return status;
  double *values = tt1__arena_allocate(&image->texts, count_values(image, count), sizeof *values);
  float *data = select_voxels(image->data, image, images, count);
  float *phase = image->phase ? select_voxels(image->phase, image, images, count) : NULL;
  if (!data || !values || (image->phase && !phase) ||
      (attached->kind && !attached->kind->select(attached->data, images, count))) {
    tt1__free(data);
    tt1__free(phase);
    return tt1__no_memory(err);
  }
  select_values(image, values, images, count);
  tt1__free(image->data);
  tt1__free(image->phase);
  image->data = data;
  image->phase = phase;
  image->n_images = count;
  return TT1_OK;
}

const char *tt1_kind_name(tt1_kind kind)
{
  static const char *const texts[] = {"unknown", "magnitude", "phase", "real", "imaginary", "map"};
  static_assert(sizeof texts / sizeof *texts == TT1_KIND_MAP + 1, "a name for each kind");
  return texts[kind];
}

const tt1_geometry *tt1_image_geometry(const tt1_image *image)
{
  return &image->geometry;
}

int64_t tt1_image_n_voxels(const tt1_image *image)
{
  return image->n_voxels;
}

int tt1_image_n_images(const tt1_image *image)
{
  return image->n_images;
}

const float *tt1_image_data(const tt1_image *image)
{
  return image->data;
}

const float *tt1_image_phase(const tt1_image *image)
{
  return image->phase;
}

int tt1_image_is_signed(const tt1_image *image)
{
  return image->is_signed;
}

const char *tt1_image_assumption(const tt1_image *image, int index)
{
  return index >= 0 && index < image->n_assumptions ? image->assumptions[index] : NULL;
}

const tt1_origin *tt1_image_origin(const tt1_image *image)
{
  return &image->origin;
}

const char *tt1_image_format(const tt1_image *image)
{
  return image->format;
}

const char *tt1_image_stored_type(const tt1_image *image)
{
  return image->stored_type;
}

const char *tt1_image_unit(const tt1_image *image)
{
  return image->unit;
}

const tt1_known_values *tt1_image_known(const tt1_image *image, int index)
{
  return index >= 0 && index < image->n_known ? &image->known[index] : NULL;
}

const tt1_found_text *tt1_image_text(const tt1_image *image, int index)
{
  return index >= 0 && index < image->n_found_texts ? &image->found_texts[index] : NULL;
}

const char *tt1_image_file(const tt1_image *image, int index)
{
  return index >= 0 && index < image->n_files ? image->files[index].path : NULL;
}

uint32_t tt1_image_file_checksum(const tt1_image *image, int index)
{
  return index >= 0 && index < image->n_files ? image->files[index].checksum : 0;
}

void tt1_json_inputs(tt1_json *out, const char *key, const tt1_image *image)
{
  tt1_json_open(out, key, '[');
  for (int i = 0; i < image->n_files; i++) {
    char checksum[16];
    snprintf(checksum, sizeof checksum, "%08" PRIx32, image->files[i].checksum);
    tt1_json_open(out, NULL, '{');
    tt1_json_text(out, "file", image->files[i].path);
    tt1_json_text(out, "crc32", checksum);
    tt1_json_close(out, '{');
  }
  tt1_json_close(out, '[');
}
