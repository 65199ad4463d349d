/* SPDX-License-Identifier: MIT
 * Names of BIDS files, taken apart and put together. */
#ifndef TT1_BIDS_NAME_H
#define TT1_BIDS_NAME_H

#include <stdint.h>

#include "base/text.h"

typedef enum tt1__entity {
#define ENTITY(id, key, is_index, in_maps) TT1__ENTITY_##id,
#include "bids/entities.def"
#undef ENTITY
  TT1__N_ENTITIES
} tt1__entity;

/** A set of entities: bit i is entity i. */
typedef uint64_t tt1__entities;
#define TT1__ENTITY_BIT(id) ((tt1__entities)1 << TT1__ENTITY_##id)

/** A part of a text that belongs to somebody else; `at` is NULL where there is none. */
typedef struct tt1__span {
  const char *at;
  size_t length;
} tt1__span;

/** A name taken apart. Its parts are those of the text that was parsed. */
typedef struct tt1__bids_name {
  tt1__entities has;
  tt1__span values[TT1__N_ENTITIES]; /* "01" of sub-01 */
  tt1__span suffix;                  /* "IRT1" */
  const char *extension;             /* ".nii.gz" */
} tt1__bids_name;

/**
 * Take a file name (no path) apart; returns 0 if it is none of BIDS. Entities may stand in any
 * order, each once; labels are letters, digits and plus signs, indices at most 6 digits.
 */
int tt1__bids_parse(tt1__bids_name *out, const char *name);
/** Whether `text` is `key`, a hyphen and a label: the name of a folder such as sub-01. */
int tt1__bids_is_folder_of(const char *text, const char *key);
/** Whether `text` can be the value of an entity. */
int tt1__bids_is_label(const char *text);
/** The value of an index; -1 if the name has no such entity, or it is none. */
int tt1__bids_index(const tt1__bids_name *name, tt1__entity entity);
/** Whether the suffix is `suffix`. */
int tt1__bids_has_suffix(const tt1__bids_name *name, const char *suffix);
/** Whether it ends as images do: .nii or .nii.gz. */
int tt1__bids_is_image(const tt1__bids_name *name);
/** Whether two names have the same entities with the same values, those of `but` left out. */
int tt1__bids_agree(const tt1__bids_name *a, const tt1__bids_name *b, tt1__entities but);
/** Whether a sidecar of name `sidecar` holds for `image`: the same suffix, and no entity that the
    image has not. */
int tt1__bids_applies(const tt1__bids_name *sidecar, const tt1__bids_name *image);
/** Add "sub-01_acq-a": the entities of `name` that are among `which`, in their order. */
void tt1__bids_add_entities(tt1__text *text, const tt1__bids_name *name, tt1__entities which);
/** The key of an entity: "sub". */
const char *tt1__entity_key(tt1__entity entity);
/** The entities that the name of a parametric map may have. */
tt1__entities tt1__bids_map_entities(void);
#endif
