/* SPDX-License-Identifier: MIT
 * Extracellular volume by label, from T1 before and after contrast agent. */
#include "measure/ecv.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "input/companion.h"
#include "input/selection.h"
#include "measure/fields.h"

/* Of a measured haematocrit: what laboratories reproduce. */
static const double USUAL_HEMATOCRIT_SD = 0.01;

/* ---- Reading ---- */

static tt1_status find_scale(tt1__ecv *m, int k, tt1_error *err)
{
  const tt1_ecv_request *r = m->request;
  const char *unit = r->unit[k] ? r->unit[k] : tt1_image_unit(m->map[k]);
  const char *sd_unit = m->sd[k] ? tt1_image_unit(m->sd[k]) : NULL;
  if (!tt1__is_time(unit))
    return tt1__error_set(err, TT1_BAD_ARGUMENT,
                          "%s is in %s; T1 in s or ms is expected, --unit tells it", r->map[k],
                          unit ? unit : "an unknown unit");
  if (sd_unit && !r->unit[k] && strcmp(unit, sd_unit) != 0)
    return tt1__error_set(err, TT1_BAD_ARGUMENT, "%s is in %s, %s in %s", r->map[k], unit, r->sd[k],
                          sd_unit);
  m->scale[k] = strcmp(unit, "s") == 0 ? 1.0 : 1e-3;
  if (!m->sd[k]) return TT1_OK;
  return tt1__check_deviation(m->sd[k], r->sd[k], m->map[k], r->map[k], unit, err);
}

/* T1 before and after contrast agent differ by less than that. */
static tt1_status check_sizes(const tt1__ecv *m, tt1_error *err)
{
  double median[2] = {0.0, 0.0};
  for (int k = 0; k < 2; k++) {
    tt1_status status = tt1__median_within(&median[k], m->map[k], NULL, err);
    if (status != TT1_OK) return status;
    median[k] *= m->scale[k];
  }
  if (!tt1__are_far_apart(median[0], median[1])) return TT1_OK;
  return tt1__error_set(err, TT1_BAD_ARGUMENT,
                        "the median of %s is %.4g s, that of %s %.4g s: a wrong unit is suspected; "
                        "give both, for instance --unit s,ms",
                        m->request->map[0], median[0], m->request->map[1], median[1]);
}

static tt1_status read_map(tt1__ecv *m, int k, tt1_error *err)
{
  const tt1_ecv_request *r = m->request;
  const char *what = k ? "post-contrast map" : "native map";
  tt1_status status = tt1__single_read(&m->map[k], r->map[k], what, 0, err);
  if (status == TT1_OK && r->sd[k])
    status = tt1__companion_read(&m->sd[k], r->sd[k], "standard deviation", m->map[k], "map", err);
  if (status == TT1_OK) status = tt1_provenance_read(&m->shown.made[k], r->map[k], err);
  if (status != TT1_OK) return status;
  double tesla = tt1_image_origin(m->map[k])->field_strength;
  if (tesla > 0.0) m->shown.made[k].field_strength = tesla;
  return find_scale(m, k, err);
}

/* What is known of both maps must be the same. */
static tt1_status check_made(const tt1__ecv *m, tt1_error *err)
{
  const tt1_provenance *a = &m->shown.made[0], *b = &m->shown.made[1];
  const char *native = m->request->map[0], *post = m->request->map[1];
  if (a->is_known && b->is_known) {
    if (strcmp(a->model, b->model) != 0)
      return tt1__error_set(err, TT1_BAD_ARGUMENT,
                            "%s was made with the model '%s', %s with '%s'; an ECV needs the same "
                            "of both: fit both with --model %s",
                            native, a->model, post, b->model, a->model);
    if (strcmp(a->model_checksum, b->model_checksum) != 0)
      return tt1__error_set(err, TT1_BAD_ARGUMENT,
                            "%s and %s were made with two models of the name '%s' that differ",
                            native, post, a->model);
    if (fabs(a->multiplied_by - b->multiplied_by) > 1e-9)
      return tt1__error_set(err, TT1_BAD_ARGUMENT,
                            "%s was multiplied by %g, %s by %g; an ECV needs the same correction "
                            "of both",
                            native, a->multiplied_by, post, b->multiplied_by);
  }
  if (a->field_strength > 0.0 && b->field_strength > 0.0 &&
      fabs(a->field_strength - b->field_strength) > 0.2)
    return tt1__error_set(err, TT1_BAD_ARGUMENT, "%s was measured at %g T, %s at %g T", native,
                          a->field_strength, post, b->field_strength);
  return TT1_OK;
}

/* With masks of its own each map may lie where it wants. */
static int shares_masks(const tt1_ecv_request *r)
{
  return !r->blood[1] || (r->myocardium[0] && !r->myocardium[1]);
}

static tt1_status check_places(const tt1__ecv *m, tt1_error *err)
{
  double apart;
  const tt1_ecv_request *r = m->request;
  tt1_status status = tt1__check_grid(m->map[1], r->map[1], "post-contrast map", m->map[0],
                                      "native one", "; --resample moves it there", err);
  if (status != TT1_OK) return status;
  return tt1__check_position(&apart, m->map[1], r->map[1], m->map[0], r->map[0],
                             r->ignores_position, err);
}

static tt1_status resample_post(tt1__ecv *m, tt1_error *err)
{
  const tt1_ecv_request *r = m->request;
  tt1_status status = TT1_OK;
  if (m->sd[1])
    status = tt1__resample_onto(m->sd[1], r->sd[1], m->map[0], "native map", TT1_RESAMPLE_DEVIATION,
                                err);
  if (status != TT1_OK) return status;
  return tt1__resample_onto(m->map[1], r->map[1], m->map[0], "native map", TT1_RESAMPLE_MAP, err);
}

static tt1_status read_all(tt1__ecv *m, tt1_error *err)
{
  tt1_status status = read_map(m, 0, err);
  if (status == TT1_OK) status = read_map(m, 1, err);
  if (status == TT1_OK) status = check_sizes(m, err);
  if (status == TT1_OK && m->request->resamples) status = resample_post(m, err);
  if (status == TT1_OK && shares_masks(m->request)) status = check_places(m, err);
  return status == TT1_OK ? check_made(m, err) : status;
}

/* ---- Regions ---- */

/* The summaries of one map under labels, in s. */
static tt1_status summarise(tt1_region_summary **out, int *n, const tt1__ecv *m, int k,
                            const int32_t *labels, tt1_error *err)
{
  const tt1_region_maps maps = {.map = tt1_image_data(m->map[k]),
                                .sd = m->sd[k] ? tt1_image_data(m->sd[k]) : NULL,
                                .scale = m->scale[k],
                                .n_voxels = tt1_image_n_voxels(m->map[k]),
                                .labels = labels};
  return tt1_summarise_regions(out, n, &maps, err);
}

static tt1_estimate median_of(const tt1_region_summary *found)
{
  return (tt1_estimate){found->values.median, found->median_sd};
}

/* Take the edge of the blood away, in the planes of the slices. */
static tt1_status erode(const tt1__ecv *m, int own, const char *path, tt1_error *err)
{
  size_t n = (size_t)tt1_image_n_voxels(m->map[own]), left = 0;
  int times = m->request->erode;
  tt1_status status = tt1_erode_slices(m->pool[own], tt1_image_geometry(m->map[own]), times, err);
  for (size_t v = 0; v < n; v++)
    left += m->pool[own][v];
  if (status != TT1_OK || left) return status;
  return tt1__error_set(err, TT1_BAD_ARGUMENT,
                        "%s: nothing is left of the blood without its edge of %d voxels; --erode 0 "
                        "keeps it",
                        path, times);
}

/* Blood and myocardium of map `own`; the second map may have none of its own. */
static tt1_status read_masks(tt1__ecv *m, int own, tt1_error *err)
{
  const tt1_ecv_request *r = m->request;
  tt1_status status = TT1_OK;
  if (r->blood[own]) {
    status = tt1__mask_read(&m->pool[own], &m->mask[own], NULL, r->blood[own], "blood", m->map[own],
                            "map", err);
    if (status == TT1_OK) status = erode(m, own, r->blood[own], err);
  }
  if (status == TT1_OK && r->myocardium[own])
    status = tt1__labels_read(&m->labels[own], &m->mask[2 + own], r->myocardium[own], "myocardium",
                              m->map[own], "map", err);
  return status;
}

static tt1_status measure_blood(tt1__ecv *m, int k, tt1_estimate *out, tt1_error *err)
{
  const tt1_ecv_request *r = m->request;
  int own = k && r->blood[1]; // a shared mask lies on the native map
  size_t n_voxels = (size_t)tt1_image_n_voxels(m->map[own]);
  int32_t *labels = tt1__allocate(n_voxels, sizeof *labels);
  tt1_region_summary *found = NULL;
  int n = 0;
  if (!labels) return tt1__no_memory(err);
  for (size_t v = 0; v < n_voxels; v++)
    labels[v] = m->pool[own][v];
  tt1_status status = summarise(&found, &n, m, k, labels, err);
  if (status == TT1_OK && (n < 1 || found->n < 1))
    status = tt1__error_set(err, TT1_BAD_ARGUMENT, "%s: no voxel of the blood is valid in %s",
                            r->blood[own], r->map[k]);
  if (status == TT1_OK) {
    *out = median_of(found);
    m->shown.n_blood[k] = found->n;
  }
  tt1_region_summaries_free(found);
  tt1__free(labels);
  return status;
}

/* A measured haematocrit is known no better than the laboratory measures it; a computed one moves with the
 * blood, and the error of its formula is nowhere said. */
static void settle_hematocrit(tt1__ecv *m)
{
  tt1_estimate *hematocrit = &m->shown.blood.hematocrit;
  if (hematocrit->sd >= 0.0) return;
  m->shown.has_assumed_sd = !m->request->source;
  hematocrit->sd = m->shown.has_assumed_sd ? USUAL_HEMATOCRIT_SD : 0.0;
}

static tt1_status find_blood(tt1__ecv *m, tt1_error *err)
{
  tt1_ecv_blood *blood = &m->shown.blood;
  const tt1_ecv_request *r = m->request;
  blood->hematocrit = r->hematocrit;
  settle_hematocrit(m);
  tt1_status status = measure_blood(m, 0, &blood->native, err);
  if (status == TT1_OK) status = measure_blood(m, 1, &blood->post, err);
  if (status == TT1_OK && r->source) {
    blood->synthetic_slope = 1e-3 * r->synthetic[0];
    blood->hematocrit.value = blood->synthetic_slope / blood->native.value + r->synthetic[1];
  }
  return status == TT1_OK ? tt1_ecv_check(blood, err) : status;
}

/* Labels that both maps have. */
static tt1_status pair_regions(tt1__ecv *m, tt1_region_summary *const found[2], const int n[2],
                               tt1_error *err)
{
  const tt1_ecv_request *r = m->request;
  const tt1_region_summary *a = found[0], *b = found[1];
  m->rows = tt1__allocate((size_t)n[0], sizeof *m->rows);
  if (!m->rows) return tt1__no_memory(err);
  for (int i = 0, j = 0; i < n[0]; i++) {
    while (j < n[1] && b[j].label < a[i].label)
      j++;
    if (j == n[1] || b[j].label != a[i].label)
      return tt1__error_set(err, TT1_BAD_ARGUMENT, "%s has the label %d, %s has not",
                            r->myocardium[0], (int)a[i].label, r->myocardium[1]);
    tt1_ecv_row *row = &m->rows[m->shown.n_rows++];
    *row = (tt1_ecv_row){.label = a[i].label, .n = {a[i].n, b[j].n}};
    row->t1[0] = median_of(&a[i]);
    row->t1[1] = median_of(&b[j]);
    tt1_status status = tt1_ecv_of(&row->found, &row->t1[0], &row->t1[1], &m->shown.blood, err);
    if (status != TT1_OK) return status;
  }
  if (n[0]) return TT1_OK;
  return tt1__error_set(err, TT1_BAD_ARGUMENT, "%s: the mask is zero everywhere", r->myocardium[0]);
}

static tt1_status find_regions(tt1__ecv *m, tt1_error *err)
{
  const tt1_ecv_request *r = m->request;
  tt1_region_summary *found[2] = {NULL, NULL};
  int n[2] = {0, 0};
  tt1_status status = TT1_OK;
  for (int k = 0; k < 2 && status == TT1_OK; k++) {
    int own = k && r->myocardium[1];
    status = summarise(&found[k], &n[k], m, k, m->labels[own], err);
  }
  if (status == TT1_OK) status = pair_regions(m, found, n, err);
  tt1_region_summaries_free(found[0]);
  tt1_region_summaries_free(found[1]);
  return status;
}

/* ---- The result ---- */

static tt1_status check_request(const tt1_ecv_request *r, tt1_error *err)
{
  tt1_status status =
      tt1__check_version("tt1_ecv_request", r->version, TT1_ECV_REQUEST_VERSION, err);
  if (status != TT1_OK) return status;
  if (!r->map[0] || !r->map[1] || !r->blood[0])
    return tt1__error_set(err, TT1_BAD_ARGUMENT, "--native, --post and --blood are needed");
  if (r->is_registered && (r->blood[1] || r->myocardium[1]))
    return tt1__error_set(err, TT1_BAD_ARGUMENT,
                          "registered maps have one mask: --blood and --myocardium take one file");
  return TT1_OK;
}

static tt1_status show(tt1__ecv *m, tt1_error *err)
{
  const tt1_ecv_request *r = m->request;
  tt1_ecv_result *shown = &m->shown;
  for (int k = 0; k < 2; k++) {
    shown->map[k] = m->map[k];
    shown->sd[k] = m->sd[k];
  }
  for (int k = 0; k < 4; k++)
    shown->mask[k] = m->mask[k];
  shown->rows = m->rows;
  shown->erode = r->erode;
  shown->is_registered = r->is_registered;
  shown->is_resampled = r->resamples;
  shown->is_synthetic = r->source != NULL;
  shown->warnings = m->warnings.items;
  shown->n_warnings = m->warnings.n;
  memcpy(shown->synthetic, r->synthetic, sizeof shown->synthetic);
  m->source = r->source ? tt1__copy_text(r->source) : NULL;
  shown->source = m->source;
  return r->source && !m->source ? tt1__no_memory(err) : TT1_OK;
}

tt1_status tt1_ecv_measure(tt1_ecv_result **out, const tt1_ecv_request *request, tt1_error *err)
{
  tt1_status status = check_request(request, err);
  if (status != TT1_OK) return status;
  tt1__ecv *m = tt1__allocate(1, sizeof *m);
  if (!m) return tt1__no_memory(err);
  m->request = request;
  status = read_all(m, err);
  for (int own = 0; own < 2 && status == TT1_OK; own++) {
    status = read_masks(m, own, err);
    if (status == TT1_OK) status = tt1__ecv_check_masks(m, own, err);
  }
  if (status == TT1_OK) status = find_blood(m, err);
  if (status == TT1_OK && request->myocardium[0]) status = find_regions(m, err);
  if (status == TT1_OK) status = tt1__ecv_check_rows(m, err);
  if (status == TT1_OK) status = show(m, err);
  if (status == TT1_OK)
    *out = &m->shown;
  else
    tt1_ecv_free(&m->shown);
  return status;
}

void tt1_ecv_free(tt1_ecv_result *result)
{
  tt1__ecv *m = (tt1__ecv *)result;
  if (!m) return;
  for (int k = 0; k < 2; k++) {
    tt1_image_free(m->map[k]);
    tt1_image_free(m->sd[k]);
  }
  for (int k = 0; k < 4; k++)
    tt1_image_free(m->mask[k]);
  for (int k = 0; k < 2; k++) {
    tt1__free(m->pool[k]);
    tt1__free(m->labels[k]);
  }
  tt1__free(m->rows);
  tt1__remarks_free(&m->warnings);
  tt1__free(m->source);
  tt1__free(m);
}

/* ---- Texts: in s and fractions ---- */

#define ESTIMATE(name, member) \
  TT1__NUMBER(tt1_ecv_row, name, member.value), TT1__NUMBER(tt1_ecv_row, name "_sd", member.sd)

static const tt1__field fields[] = {TT1__COUNT(tt1_ecv_row, "n_native", n[0]),
                                    TT1__COUNT(tt1_ecv_row, "n_post", n[1]),
                                    ESTIMATE("native_t1", t1[0]),
                                    ESTIMATE("post_t1", t1[1]),
                                    ESTIMATE("lambda", found.lambda),
                                    ESTIMATE("ecv", found.ecv)};

enum { N_FIELDS = sizeof fields / sizeof *fields };

static void put_estimate(tt1_json *out, const char *name, const char *name_sd,
                         const tt1_estimate *estimate)
{
  tt1_json_number(out, name, estimate->value);
  tt1_json_number(out, name_sd, estimate->sd);
}

static void put_map(tt1_json *out, const char *key, const tt1_ecv_result *r, int k)
{
  const tt1_provenance *made = &r->made[k];
  tt1_json_open(out, key, '{');
  tt1_json_inputs(out, "inputs", r->map[k]);
  if (r->sd[k]) tt1_json_inputs(out, "sd", r->sd[k]);
  tt1_json_text(out, "model", made->is_known ? made->model : NULL);
  if (made->is_known) tt1_json_number(out, "multiplied_by", made->multiplied_by);
  if (made->field_strength > 0.0) tt1_json_number(out, "field_strength", made->field_strength);
  tt1_json_close(out, '{');
}

static void put_blood(tt1_json *out, const tt1_ecv_result *r)
{
  tt1_json_open(out, "blood", '{');
  tt1_json_integer(out, "erode", r->erode);
  tt1_json_integer(out, "n_native", r->n_blood[0]);
  tt1_json_integer(out, "n_post", r->n_blood[1]);
  put_estimate(out, "native_t1", "native_t1_sd", &r->blood.native);
  put_estimate(out, "post_t1", "post_t1_sd", &r->blood.post);
  tt1_json_close(out, '{');
  put_estimate(out, "hematocrit", "hematocrit_sd", &r->blood.hematocrit);
  tt1_json_boolean(out, "hematocrit_sd_assumed", r->has_assumed_sd);
  if (!r->is_synthetic) return;
  tt1_json_open(out, "synthetic_hematocrit", '{');
  tt1_json_number(out, "slope_ms", r->synthetic[0]);
  tt1_json_number(out, "intercept", r->synthetic[1]);
  tt1_json_text(out, "source", r->source);
  tt1_json_close(out, '{');
}

tt1_status tt1_ecv_json(char **text, const tt1_ecv_result *r, tt1_error *err)
{
  tt1_json out = {0};
  tt1_json_open(&out, NULL, '{');
  tt1_json_text(&out, "torcht1", tt1_version());
  put_map(&out, "native", r, 0);
  put_map(&out, "post", r, 1);
  put_blood(&out, r);
  tt1_json_boolean(&out, "registered", r->is_registered);
  tt1_json_boolean(&out, "resampled", r->is_resampled);
  tt1__remarks_json(&out, "warnings", r->warnings, r->n_warnings);
  tt1_json_open(&out, "regions", '[');
  for (int i = 0; i < r->n_rows; i++) {
    tt1_json_open(&out, NULL, '{');
    tt1_json_integer(&out, "label", r->rows[i].label);
    tt1__fields_json(&out, fields, N_FIELDS, &r->rows[i]);
    tt1_json_close(&out, '{');
  }
  tt1_json_close(&out, '[');
  tt1_json_close(&out, '{');
  *text = tt1_json_take(&out);
  return *text ? TT1_OK : tt1__no_memory(err);
}

tt1_status tt1_ecv_csv(char **text, const tt1_ecv_result *r, tt1_error *err)
{
  tt1__text out = {0};
  tt1__text_add(&out, "label");
  tt1__fields_head(&out, fields, N_FIELDS);
  tt1__text_add(&out, "\n");
  for (int i = 0; i < r->n_rows; i++) {
    tt1__text_add(&out, "%d", (int)r->rows[i].label);
    tt1__fields_row(&out, fields, N_FIELDS, &r->rows[i]);
    tt1__text_add(&out, "\n");
  }
  *text = tt1__text_take(&out);
  return *text ? TT1_OK : tt1__no_memory(err);
}
