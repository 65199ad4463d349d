/* SPDX-License-Identifier: MIT
 * Masks and numbers that no blood and no myocardium have: an ECV comes out of anything, and looks like one. */
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "measure/ecv.h"

/* A greater share of a label, or of the blood, that is both is no matter of drawing. */
static const double MOST_SHARED = 0.1;
/* Fractions between which ECV of tissue lies, scars and amyloid included. */
static const double LEAST_ECV = 0.1, GREATEST_ECV = 0.7;

/* ---- Masks ---- */

/* What a label and the blood have in common, in voxels. */
typedef struct overlap {
  int32_t label;
  int64_t n, shared;
} overlap;

static overlap count_label(const tt1__ecv *m, int own, int own_blood, int32_t label)
{
  int64_t n = tt1_image_n_voxels(m->map[own]);
  overlap o = {.label = label};
  for (int64_t v = 0; v < n; v++) {
    if (m->labels[own][v] != label) continue;
    o.n++;
    o.shared += m->pool[own_blood][v];
  }
  return o;
}

/* The label that has most in common with the blood. */
static overlap find_worst(const tt1__ecv *m, int own, int own_blood)
{
  overlap worst = {0, 0, 0};
  int64_t n = tt1_image_n_voxels(m->map[own]);
  for (int64_t v = 0; v < n; v++) {
    int32_t label = m->labels[own][v];
    if (label == 0 || !m->pool[own_blood][v] || label == worst.label) continue;
    const overlap here = count_label(m, own, own_blood, label);
    if (here.shared > worst.shared) worst = here;
  }
  return worst;
}

static int same_voxels(const tt1_image *a, const tt1_image *b)
{
  return memcmp(tt1_image_geometry(a)->size, tt1_image_geometry(b)->size,
                sizeof tt1_image_geometry(a)->size) == 0;
}

tt1_status tt1__ecv_check_masks(tt1__ecv *m, int own, tt1_error *err)
{
  const tt1_ecv_request *r = m->request;
  int blood = own && r->blood[1], tissue = own && r->myocardium[1];
  if (!m->labels[tissue] || (own && !blood && !tissue)) return TT1_OK;
  if (!same_voxels(m->map[blood], m->map[tissue])) return TT1_OK;
  int64_t n = tt1_image_n_voxels(m->map[blood]), pool = 0;
  for (int64_t v = 0; v < n; v++)
    pool += m->pool[blood][v];
  const overlap o = find_worst(m, tissue, blood);
  if (o.shared == 0) return TT1_OK;
  if ((double)o.shared > MOST_SHARED * (double)(o.n < pool ? o.n : pool))
    return tt1__error_set(err, TT1_BAD_ARGUMENT,
                          "%lld of the %lld voxels of label %d of %s are blood, too, by %s: name "
                          "the labels that are meant (FILE:LABEL), or mend the masks",
                          (long long)o.shared, (long long)o.n, (int)o.label, r->myocardium[tissue],
                          r->blood[blood]);
  return tt1__remark(&m->warnings, err,
                     "%lld of the %lld voxels of label %d of %s are blood, too, by %s, and count "
                     "for both",
                     (long long)o.shared, (long long)o.n, (int)o.label, r->myocardium[tissue],
                     r->blood[blood]);
}

/* ---- Numbers ---- */

/* Which rows of those that were measured are strange: the first, and how many. */
typedef struct strange {
  const tt1_ecv_row *first;
  int n;
} strange;

static void add_strange(strange *s, const tt1_ecv_row *row, int is_strange)
{
  if (is_strange && s->n++ == 0) s->first = row;
}

static tt1_status refuse_exchanged(const tt1__ecv *m, tt1_error *err)
{
  const tt1_ecv_request *r = m->request;
  const tt1_ecv_blood *blood = &m->shown.blood;
  const tt1_ecv_row *row = &m->rows[0];
  return tt1__error_set(
      err, TT1_BAD_ARGUMENT,
      "blood and myocardium are exchanged, it seems: T1 is %.0f ms native and "
      "%.0f ms after contrast agent in %s, given as blood, and %.0f and %.0f ms in "
      "%s, given as myocardium; blood is the longer one natively, the shorter one "
      "after it",
      1e3 * blood->native.value, 1e3 * blood->post.value, r->blood[0], 1e3 * row->t1[0].value,
      1e3 * row->t1[1].value, r->myocardium[0]);
}

static tt1_status say_order(tt1__ecv *m, const strange *s, int k, tt1_error *err)
{
  const tt1_ecv_blood *blood = &m->shown.blood;
  if (s->n == 0) return TT1_OK;
  return tt1__remark(&m->warnings, err,
                     "in %d of %d labels T1 of blood is %s than that of the tissue %s (label %d: "
                     "%.0f and %.0f ms), the other way round than blood and myocardium have it; "
                     "are these the right masks?",
                     s->n, m->shown.n_rows, k ? "longer" : "shorter",
                     k ? "after contrast agent" : "natively", (int)s->first->label,
                     1e3 * (k ? blood->post.value : blood->native.value),
                     1e3 * s->first->t1[k].value);
}

static tt1_status say_values(tt1__ecv *m, const strange *s, tt1_error *err)
{
  if (s->n == 0) return TT1_OK;
  return tt1__remark(
      &m->warnings, err,
      "in %d of %d labels ECV is outside of %.0f to %.0f %% (label %d: %.1f %%), where "
      "tissue of the heart lies; are masks, maps and haematocrit the right ones?",
      s->n, m->shown.n_rows, 100.0 * LEAST_ECV, 100.0 * GREATEST_ECV, (int)s->first->label,
      100.0 * s->first->found.ecv.value);
}

tt1_status tt1__ecv_check_rows(tt1__ecv *m, tt1_error *err)
{
  const tt1_ecv_blood *blood = &m->shown.blood;
  strange order[2] = {{NULL, 0}, {NULL, 0}}, values = {NULL, 0};
  int n_exchanged = 0;
  for (int i = 0; i < m->shown.n_rows; i++) {
    const tt1_ecv_row *row = &m->rows[i];
    double ecv = row->found.ecv.value;
    int is_native = row->t1[0].value > blood->native.value;
    int is_post = row->t1[1].value < blood->post.value;
    n_exchanged += is_native && is_post;
    add_strange(&order[0], row, is_native);
    add_strange(&order[1], row, is_post);
    add_strange(&values, row, isfinite(ecv) && !(ecv >= LEAST_ECV && ecv <= GREATEST_ECV));
  }
  if (n_exchanged && n_exchanged == m->shown.n_rows) return refuse_exchanged(m, err);
  tt1_status status = say_order(m, &order[0], 0, err);
  if (status == TT1_OK) status = say_order(m, &order[1], 1, err);
  return status == TT1_OK ? say_values(m, &values, err) : status;
}
