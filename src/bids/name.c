/* SPDX-License-Identifier: MIT
 * Names as the BIDS specification 1.11 has them ("Common principles", "Entities"). */
#include "bids/name.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_NAME = 255, MAX_DIGITS = 6 };

typedef struct entity_row {
  const char *key;
  int is_index, in_maps;
} entity_row;

static const entity_row rows[TT1__N_ENTITIES] = {
#define ENTITY(id, key, is_index, in_maps) {key, is_index, in_maps},
#include "bids/entities.def"
#undef ENTITY
};

static const char digits[] = "0123456789";
static const char label_characters[] =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz+";

static int is_equal(tt1__span span, const char *text)
{
  return span.length == strlen(text) && memcmp(span.at, text, span.length) == 0;
}

static int find_entity(tt1__span key)
{
  for (int i = 0; i < TT1__N_ENTITIES; i++)
    if (is_equal(key, rows[i].key)) return i;
  return -1;
}

// entity = key "-" value, up to `end`
static int take_entity(tt1__bids_name *out, const char *at, const char *end)
{
  const char *hyphen = memchr(at, '-', (size_t)(end - at));
  if (!hyphen) return 0;
  int entity = find_entity((tt1__span){at, (size_t)(hyphen - at)});
  tt1__span value = {hyphen + 1, (size_t)(end - hyphen - 1)};
  if (entity < 0 || out->values[entity].at || value.length == 0) return 0;
  size_t good = strspn(value.at, rows[entity].is_index ? digits : label_characters);
  if (good < value.length || (rows[entity].is_index && value.length > MAX_DIGITS)) return 0;
  out->values[entity] = value;
  out->has |= (tt1__entities)1 << entity;
  return 1;
}

// name = { entity "_" } suffix "." extension
int tt1__bids_parse(tt1__bids_name *out, const char *name)
{
  *out = (tt1__bids_name){0};
  size_t stem = strcspn(name, ".");
  const char *at = name, *end = name + stem;
  if (!*end || strlen(name) > MAX_NAME) return 0;
  for (const char *next; (next = memchr(at, '_', (size_t)(end - at))) != NULL; at = next + 1)
    if (!take_entity(out, at, next)) return 0;
  out->suffix = (tt1__span){at, (size_t)(end - at)};
  out->extension = end;
  return at < end && strspn(at, label_characters) == out->suffix.length && !strchr(end, '/');
}

int tt1__bids_is_label(const char *text)
{
  size_t length = strlen(text);
  return length > 0 && length <= MAX_NAME && strspn(text, label_characters) == length;
}

int tt1__bids_is_folder_of(const char *text, const char *key)
{
  size_t length = strlen(key);
  return strncmp(text, key, length) == 0 && text[length] == '-' &&
         tt1__bids_is_label(text + length + 1);
}

int tt1__bids_index(const tt1__bids_name *name, tt1__entity entity)
{
  const char *at = rows[entity].is_index ? name->values[entity].at : NULL;
  return at ? (int)strtol(at, NULL, 10) : -1;
}

int tt1__bids_has_suffix(const tt1__bids_name *name, const char *suffix)
{
  return is_equal(name->suffix, suffix);
}

int tt1__bids_is_image(const tt1__bids_name *name)
{
  return strcmp(name->extension, ".nii") == 0 || strcmp(name->extension, ".nii.gz") == 0;
}

static int is_same(tt1__span a, tt1__span b)
{
  return a.length == b.length && (a.length == 0 || memcmp(a.at, b.at, a.length) == 0);
}

int tt1__bids_agree(const tt1__bids_name *a, const tt1__bids_name *b, tt1__entities but)
{
  if ((a->has & ~but) != (b->has & ~but)) return 0;
  for (int i = 0; i < TT1__N_ENTITIES; i++)
    if (!(but >> i & 1) && !is_same(a->values[i], b->values[i])) return 0;
  return 1;
}

int tt1__bids_applies(const tt1__bids_name *sidecar, const tt1__bids_name *image)
{
  return is_same(sidecar->suffix, image->suffix) && tt1__bids_agree(sidecar, image, ~sidecar->has);
}

void tt1__bids_add_entities(tt1__text *text, const tt1__bids_name *name, tt1__entities which)
{
  int n_added = 0;
  for (int i = 0; i < TT1__N_ENTITIES; i++) {
    if (!(name->has & which & (tt1__entities)1 << i)) continue;
    tt1__text_add(text, "%s%s-", n_added++ ? "_" : "", rows[i].key);
    tt1__text_add_bytes(text, name->values[i].at, name->values[i].length);
  }
}

const char *tt1__entity_key(tt1__entity entity)
{
  return rows[entity].key;
}

tt1__entities tt1__bids_map_entities(void)
{
  tt1__entities maps = 0;
  for (int i = 0; i < TT1__N_ENTITIES; i++)
    if (rows[i].in_maps) maps |= (tt1__entities)1 << i;
  return maps;
}
