/* SPDX-License-Identifier: MIT */
#include "analysis/labels.h"

#include <string.h>

#include "base/error.h"
#include "base/memory.h"

enum { MAX_LABELS = 4096 };

int tt1__labels_find(const tt1__labels *labels, int32_t label)
{
  int low = 0, high = labels->n;
  while (low < high) {
    int middle = (low + high) / 2;
    if (labels->values[middle] < label)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

static tt1_status add(tt1__labels *out, int32_t label, tt1_error *err)
{
  int at = tt1__labels_find(out, label);
  if (at < out->n && out->values[at] == label) return TT1_OK;
  if (out->n == MAX_LABELS)
    return tt1__error_set(err, TT1_BAD_ARGUMENT,
                          "there are more than %d different labels; is this a label map?",
                          MAX_LABELS);
  memmove(out->values + at + 1, out->values + at, (size_t)(out->n - at) * sizeof *out->values);
  out->values[at] = label;
  out->n++;
  return TT1_OK;
}

tt1_status tt1__labels_list(tt1__labels *out, const int32_t *labels, const uint8_t *mask,
                            int64_t n_voxels, tt1_error *err)
{
  tt1_status status = TT1_OK;
  out->values = tt1__allocate(MAX_LABELS, sizeof *out->values);
  if (!out->values) return tt1__no_memory(err);
  int32_t last = 0; // neighbours mostly share their label
  for (int64_t v = 0; v < n_voxels && status == TT1_OK; v++) {
    if (labels[v] == last || (mask && !mask[v])) continue;
    last = labels[v];
    if (last != 0) status = add(out, last, err);
  }
  return status;
}

void tt1__labels_free(tt1__labels *labels)
{
  tt1__free(labels->values);
  *labels = (tt1__labels){0};
}

tt1_status tt1__sort_groups(tt1__sorted *out, const tt1__grouped *pairs, int n_groups,
                            tt1_error *err)
{
  size_t room = pairs->n > 0 ? (size_t)pairs->n : 1;
  out->a = tt1__allocate(room, sizeof *out->a);
  out->b = tt1__allocate(room, sizeof *out->b);
  int64_t *starts = out->starts = tt1__allocate((size_t)n_groups + 2, sizeof *starts);
  if (!out->a || !out->b || !starts) return tt1__no_memory(err);
  // starts[i + 1] walks from where group i begins to where it ends.
  for (int64_t i = 0; i < pairs->n; i++)
    if (pairs->group[i] >= 0) starts[pairs->group[i] + 2]++;
  for (int i = 1; i <= n_groups + 1; i++)
    starts[i] += starts[i - 1];
  for (int64_t i = 0; i < pairs->n; i++) {
    if (pairs->group[i] < 0) continue;
    int64_t at = starts[pairs->group[i] + 1]++;
    out->a[at] = pairs->a[i];
    out->b[at] = pairs->b[i];
  }
  return TT1_OK;
}

void tt1__sorted_free(tt1__sorted *sorted)
{
  tt1__free(sorted->a);
  tt1__free(sorted->b);
  tt1__free(sorted->starts);
  *sorted = (tt1__sorted){0};
}
