/* SPDX-License-Identifier: MIT
 * Arrays as members of an archive. */
#include "network/npz.h"

#include <string.h>

#include "base/error.h"

enum { MAX_ARRAYS = 256 };
// No network of this shape needs a tenth of it.
static const uint32_t LARGEST_ARRAY = 1u << 27;

/* ---- Reading ---- */

// The length of the name of an array: that of the member without ".npy".
static size_t name_length(const char *member)
{
  size_t length = strlen(member);
  return length > 4 && strcmp(member + length - 4, ".npy") == 0 ? length - 4 : length;
}

tt1_status tt1__npz_open(tt1__zip *npz, const tt1__file *file, const char *path, tt1_error *err)
{
  const tt1__zip_limits limits = {"array", MAX_ARRAYS, LARGEST_ARRAY};
  tt1_status status = tt1__zip_open(npz, file, path, &limits, err);
  for (int i = 0; i < npz->n_members && status == TT1_OK; i++)
    for (int j = 0; j < i && status == TT1_OK; j++)
      if (strcmp(npz->members[i].name, npz->members[j].name) == 0)
        status = tt1__error_set(err, TT1_BAD_FILE, "%s holds two arrays called %s", path,
                                npz->members[i].name);
  return status;
}

int tt1__npz_find(const tt1__zip *npz, const char *name)
{
  size_t length = strlen(name);
  for (int i = 0; i < npz->n_members; i++) {
    const char *have = npz->members[i].name;
    size_t more = name_length(have);
    if (more < length || strncmp(have + more - length, name, length) != 0) continue;
    if (more == length || have[more - length - 1] == '.') return i;
  }
  return -1;
}

tt1_status tt1__npz_read(tt1__array *array, const tt1__zip *npz, int index, tt1_error *err)
{
  tt1__file file = {0};
  tt1_status status = tt1__zip_read(&file, npz, index, err);
  if (status == TT1_OK)
    status =
        tt1__npy_parse(array, file.bytes, file.length, npz->path, npz->members[index].name, err);
  tt1__file_free(&file);
  return status;
}

/* ---- Writing ---- */

static void put_header(tt1__text *npy, tt1_type type, int n_dimensions, const int64_t *size)
{
  tt1__text dictionary = {0};
  tt1__text_add(&dictionary, "{'descr': '<f%d', 'fortran_order': False, 'shape': (",
                type == TT1_FLOAT32 ? 4 : 8);
  for (int i = 0; i < n_dimensions; i++)
    tt1__text_add(&dictionary, "%lld%s", (long long)size[i],
                  n_dimensions == 1       ? ","
                  : i == n_dimensions - 1 ? ""
                                          : ", ");
  tt1__text_add(&dictionary, "), }");
  while ((10 + dictionary.length + 1) % 64 != 0 && !dictionary.failed)
    tt1__text_add(&dictionary, " ");
  tt1__text_add(&dictionary, "\n");
  const char length[2] = {(char)(dictionary.length & 255), (char)(dictionary.length >> 8)};
  npy->failed |= dictionary.failed;
  tt1__text_add_bytes(npy, "\x93NUMPY\1", 8); // version 1.0: the literal ends in its NUL
  tt1__text_add_bytes(npy, length, sizeof length);
  if (!dictionary.failed) tt1__text_add_bytes(npy, dictionary.bytes, dictionary.length);
  tt1__text_free(&dictionary);
}

tt1_status tt1__npz_add(tt1__zip_writer *writer, const char *name, tt1_type type,
                        const void *values, int n_dimensions, const int64_t *size, tt1_error *err)
{
  tt1__text npy = {0}, member = {0};
  size_t count = 1;
  for (int i = 0; i < n_dimensions; i++)
    count *= (size_t)size[i];
  put_header(&npy, type, n_dimensions, size);
  tt1__text_add_bytes(&npy, values, count * (type == TT1_FLOAT32 ? 4 : 8));
  tt1__text_add(&member, "%s.npy", name);
  tt1_status status = npy.failed || member.failed
                          ? tt1__no_memory(err)
                          : tt1__zip_add(writer, member.bytes, npy.bytes, npy.length, err);
  tt1__text_free(&member);
  tt1__text_free(&npy);
  return status;
}
