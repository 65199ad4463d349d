/* SPDX-License-Identifier: MIT
 * An image while it is put together: what every reader fills in. */
#ifndef TT1_IMAGE_IMAGE_H
#define TT1_IMAGE_IMAGE_H

#include <stddef.h>

#include "base/memory.h"
#include "tt1_image.h"

enum { TT1__MAX_IMAGES = 4096 };

/** A file that was read, for the record. */
typedef struct tt1__read_file {
  const char *path;
  uint32_t checksum;
} tt1__read_file;

/** What a format keeps with an image for those who write maps of it; only that format looks inside. */
typedef struct tt1__attachment {
  const struct tt1__attachment_kind *kind; /* NULL: there is none */
  void *data;
} tt1__attachment;

typedef struct tt1__attachment_kind {
  void (*free)(void *data);
  /** Keep only some images. Returns 0, with nothing changed, if memory ran out. */
  int (*select)(void *data, const int *images, int count);
} tt1__attachment_kind;

struct tt1_image {
  tt1_geometry geometry;
  int64_t n_voxels;
  int n_images;
  float *data;  /* [n_images][n_voxels] */
  float *phase; /* the same in radians, or NULL */
  int is_signed;
  int is_told;    /* to be signed, by its name or its phase: then it may have no value below zero */
  int is_mp2rage; /* it was signed by a UNI image, or made of one */
  int is_uni;     /* its two images are the ratio that a UNI image gives (uni.h) */
  const char *doubt; /* in `texts`: why it may not be what it is taken for; NULL: nothing */
  const char *format, *stored_type;
  tt1_origin origin;       /* its texts are literals or live in `texts` */
  const char *unit;        /* of the values, in `texts`, or NULL */
  tt1_known_values *known; /* values and texts live in `texts` */
  int n_known, known_capacity;
  tt1_found_text *found_texts; /* the same */
  int n_found_texts, found_text_capacity;
  tt1__read_file *files;
  int n_files, file_capacity;
  const char **assumptions; /* [n_assumptions], in `texts` */
  int n_assumptions, assumption_capacity;
  tt1__arena texts;
  tt1__attachment attachment;
};

/* ---- image.c ---- */
tt1_image *tt1__image_new(void);
/** Remember a file that was read. Returns 0 if memory ran out. */
int tt1__image_add_file(tt1_image *image, const char *path, uint32_t checksum);
/** Add a known quantity; copies everything. Returns 0 if memory ran out. */
int tt1__image_add_known(tt1_image *image, const char *key, const char *source,
                         const double *values, int count);
/** The same of slices with values of their own. */
int tt1__image_add_found(tt1_image *image, const tt1_known_values *found);
/** Copy a known quantity with all that it points to. Returns 0 if memory ran out. */
int tt1__copy_known(tt1_known_values *out, tt1__arena *arena, const tt1_known_values *found);
/** Add a text of a sidecar; copies both. Returns 0 if memory ran out. */
int tt1__image_add_text(tt1_image *image, const char *key, const char *value);
/** Set the unit of the values, if it looks like one. Returns 0 if memory ran out. */
int tt1__image_set_unit(tt1_image *image, const char *unit, size_t length);
/** Add a sentence about what was assumed; copies it. Returns 0 if memory ran out. */
int tt1__image_add_assumption(tt1_image *image, const char *sentence);
#define TT1__FEW_BELOW_ZERO \
  "some values are below zero, too few for signed images: they are taken as magnitudes"
/** Free what is attached: the voxels are no longer those that it speaks of. */
void tt1__image_detach(tt1_image *image);
/** Set `is_signed` by looking at all values; where the image `is_told` to be, which is kept, one below zero
    is enough. Returns 0 if memory ran out. */
int tt1__image_note_sign(tt1_image *image, int is_told);
/** The text called `key`, or NULL. */
const char *tt1__image_find_text(const tt1_image *image, const char *key);

/** Add a sentence about what was assumed to what a survey tells. Returns 0 if memory ran out. */
int tt1__series_note(tt1_study_series *series, tt1__arena *arena, const char *sentence);

/* ---- phase.c ---- */
/** A complex value as magnitude and phase in (-pi, pi]. */
void tt1__to_polar(float *magnitude, float *phase, double real, double imaginary);
/** Real parts in `data` and imaginary ones in `phase` become magnitude and phase. */
void tt1__image_make_polar(tt1_image *image);

/* ---- geometry.c ---- */
/** (i, j, k) in grid `to` = m * (i, j, k, 1) in grid `from`; returns 0 if one of them tells no place. */
int tt1__geometry_relate(double m[3][4], const tt1_geometry *to, const tt1_geometry *from);

#endif
