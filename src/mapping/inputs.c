/* SPDX-License-Identifier: MIT
 * What goes with the images: which of them, mask, starting maps. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "input/companion.h"
#include "input/selection.h"
#include "mapping/mapping.h"

tt1_status tt1__mapping_note_files(tt1_mapping *m, const tt1_image *image, const char *root,
                                   tt1_error *err)
{
  const char *file;
  for (int i = 0; (file = tt1_image_file(image, i)) != NULL; i++)
    if (!tt1__mapping_add(m, &m->files, "%s%s%s", root ? root : "", root ? "/" : "", file))
      return tt1__no_memory(err);
  return TT1_OK;
}

static tt1_status read_companion(tt1_image **out, tt1_mapping *m, const char *path,
                                 const char *what, tt1_error *err)
{
  tt1_status status = tt1__companion_read(out, path, what, m->image, "series", err);
  return status == TT1_OK ? tt1__mapping_note_files(m, *out, NULL, err) : status;
}

int tt1__mapping_masks_itself(const tt1_mapping *m)
{
  return m->options->mask && strcmp(m->options->mask, "auto") == 0;
}

tt1_status tt1__mapping_read_mask(tt1_mapping *m, tt1_error *err)
{
  const char *path = m->options->mask;
  if (!path || tt1__mapping_masks_itself(m)) return TT1_OK;
  int is_open = 0;
  tt1_status status =
      tt1__area_read(&m->mask, &m->mask_image, &is_open, path, m->image, "series", err);
  if (status == TT1_OK && is_open &&
      !tt1__mapping_add(m, &m->notes, "all labels of the mask %s count; %s:LABEL takes one", path,
                        path))
    status = tt1__no_memory(err);
  return status == TT1_OK ? tt1__mapping_note_files(m, m->mask_image, NULL, err) : status;
}

tt1_status tt1__mapping_read_starts(tt1_mapping *m, tt1_error *err)
{
  tt1_status status = TT1_OK;
  for (int i = 0; i < m->options->n_starts && status == TT1_OK; i++)
    status = read_companion(&m->starts[i], m, m->options->starts[i].path, "starting map", err);
  return status;
}

/* ---- Which images ---- */

/* One range of a list, from *at on, which moves behind it; 0 if it is none. */
static int read_range(const char **at, long *from, long *to)
{
  char *end = NULL;
  *from = *to = strtol(*at, &end, 10);
  if (end == *at) return 0;
  *at = end;
  if (**at != '-') return 1;
  *to = strtol(*at + 1, &end, 10);
  if (end == *at + 1) return 0;
  *at = end;
  return 1;
}

/* list = range {"," range}; range = number ["-" number] */
tt1_status tt1__images_parse(int *chosen, int *count, const char *text, int n_images,
                             tt1_error *err)
{
  char used[MAX_IMAGES + 1] = {0};
  long from, to;
  *count = 0;
  for (const char *at = text; read_range(&at, &from, &to); at++) {
    if (from < 1 || to < from || to > n_images || to > MAX_IMAGES)
      return tt1__error_set(err, TT1_BAD_ARGUMENT, "--images %s: the series has images 1 to %d",
                            text, n_images);
    for (long i = from; i <= to; i++) {
      if (used[i]++)
        return tt1__error_set(err, TT1_BAD_ARGUMENT, "--images %s: image %ld is listed twice", text,
                              i);
      chosen[(*count)++] = (int)i;
    }
    if (!*at) return TT1_OK;
    if (*at != ',') break;
  }
  return tt1__error_set(err, TT1_BAD_ARGUMENT, "--images takes a list such as 1-5,7, not '%s'",
                        text);
}

tt1_status tt1__mapping_choose_images(tt1_mapping *m, tt1_error *err)
{
  int from_zero[MAX_IMAGES], count;
  const char *text = m->options->images;
  if (!text) return TT1_OK;
  m->images = tt1__allocate(MAX_IMAGES + 1, sizeof *m->images);
  if (!m->images) return tt1__no_memory(err);
  tt1_status status = tt1__images_parse(m->images, &count, text, m->n_original, err);
  if (status != TT1_OK) return status;
  for (int i = 0; i < count; i++)
    from_zero[i] = m->images[i] - 1;
  return tt1_image_select(m->image, from_zero, count, err);
}
