/* SPDX-License-Identifier: MIT
 * How well two maps agree. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "input/companion.h"
#include "input/selection.h"
#include "measure/bars.h"
#include "measure/fields.h"
#include "tt1_measure.h"

/** A result with what it borrows from. */
typedef struct measured {
  tt1_comparison_result shown; /* first: it is what the caller frees */
  const tt1_comparison_request *request;
  tt1_image *map[2], *mask_image, *label_image;
  uint8_t *mask;
  int32_t *labels;
  tt1_map_comparison *found;
  const double *edges;
  int n_edges;
  tt1__arena texts;
} measured;

static const double usual_edges[] = {0.0, 200.0, 400.0, 700.0, 1000.0, 1400.0, 2000.0};

/* ---- Units ---- */

/* Relaxation times lie between 20 us and 20 s: beside a map of times, a map that does not tell
 * its unit can only be in one of the two. */
static tt1_status guess_unit(measured *m, int k, tt1_error *err)
{
  double median = 0.0;
  if (m->shown.map_unit[k] || !tt1__is_time(m->shown.map_unit[1 - k])) return TT1_OK;
  tt1_status status = tt1__median_within(&median, m->map[k], m->mask, err);
  m->shown.map_unit[k] = median < 20.0 ? "s" : "ms";
  m->shown.unit_source[k] = "assumed from its size";
  return status;
}

static tt1_status look_up_unit(measured *m, int k, tt1_error *err)
{
  const char *given = m->request->unit[k], *unit = given ? given : tt1_image_unit(m->map[k]);
  m->shown.unit_source[k] = given ? "given" : "from the file";
  m->shown.map_unit[k] = unit ? tt1__arena_copy(&m->texts, unit, strlen(unit)) : NULL;
  return unit && !m->shown.map_unit[k] ? tt1__no_memory(err) : TT1_OK;
}

static double to_ms(const char *unit)
{
  return strcmp(unit, "s") == 0 ? 1000.0 : 1.0;
}

static tt1_status check_units(const measured *m, tt1_error *err)
{
  const tt1_comparison_request *r = m->request;
  const char *const *unit = m->shown.map_unit;
  double a = 0.0, b = 0.0;
  if (unit[0] && unit[1] && strcmp(unit[0], unit[1]) != 0)
    return tt1__error_set(err, TT1_BAD_ARGUMENT,
                          "%s is in %s, %s in %s; if a file tells its unit wrongly, give --unit",
                          r->map[0], unit[0], r->map[1], unit[1]);
  tt1_status status = tt1__median_within(&a, m->map[0], m->mask, err);
  if (status == TT1_OK) status = tt1__median_within(&b, m->map[1], m->mask, err);
  if (status != TT1_OK || m->shown.unit || !tt1__are_far_apart(a, b)) return status;
  return tt1__error_set(err, TT1_BAD_ARGUMENT,
                        "%s and %s do not tell their units, and one is %.0f times the other; give "
                        "--unit, for instance --unit s,ms",
                        r->map[0], r->map[1], fabs(a) > fabs(b) ? fabs(a / b) : fabs(b / a));
}

static tt1_status choose_units(measured *m, tt1_error *err)
{
  const char **unit = m->shown.map_unit;
  tt1_status status = look_up_unit(m, 0, err);
  if (status == TT1_OK) status = look_up_unit(m, 1, err);
  if (status == TT1_OK) status = guess_unit(m, 0, err);
  if (status == TT1_OK) status = guess_unit(m, 1, err);
  if (status != TT1_OK) return status;
  m->edges = m->request->edges;
  m->n_edges = m->request->n_edges;
  m->shown.scale[0] = m->shown.scale[1] = 1.0;
  m->shown.unit = unit[0] ? unit[0] : unit[1];
  if (!tt1__is_time(unit[0]) || !tt1__is_time(unit[1])) return check_units(m, err);
  m->shown.unit = "ms"; // what tables and figures of times are in
  m->shown.scale[0] = to_ms(unit[0]);
  m->shown.scale[1] = to_ms(unit[1]);
  if (m->n_edges || m->request->has_no_bands) return TT1_OK;
  m->edges = usual_edges;
  m->n_edges = sizeof usual_edges / sizeof *usual_edges;
  return TT1_OK;
}

/* ---- Reading ---- */

static tt1_status read_reference(measured *m, tt1_error *err)
{
  const tt1_comparison_request *r = m->request;
  tt1_status status = tt1__single_read(&m->map[1], r->map[1], "map", r->image[1], err);
  if (status == TT1_OK && r->resamples)
    status = tt1__resample_onto(m->map[1], r->map[1], m->map[0], "first map",
                                r->keep_zeros ? TT1_RESAMPLE_LINEAR : TT1_RESAMPLE_MAP, err);
  if (status != TT1_OK) return status;
  status = tt1_image_align(m->map[1], tt1_image_geometry(m->map[0]), NULL); // if it can be
  if (status == TT1_NO_MEMORY) return tt1__no_memory(err);
  status = tt1__check_grid(m->map[1], r->map[1], "map", m->map[0], "other",
                           "; --resample moves it there", err);
  if (status != TT1_OK) return status;
  return tt1__check_position(&m->shown.position, m->map[1], r->map[1], m->map[0], r->map[0],
                             r->ignores_position, err);
}

static tt1_status read_all(measured *m, tt1_error *err)
{
  const tt1_comparison_request *r = m->request;
  tt1_status status = tt1__single_read(&m->map[0], r->map[0], "map", r->image[0], err);
  if (status == TT1_OK) status = read_reference(m, err);
  if (status == TT1_OK && r->mask)
    status = tt1__area_read(&m->mask, &m->mask_image, &m->shown.has_open_mask, r->mask, m->map[0],
                            "map", err);
  if (status == TT1_OK && r->labels)
    status = tt1__labels_read(&m->labels, &m->label_image, r->labels, "label map", m->map[0], "map",
                              err);
  return status == TT1_OK ? choose_units(m, err) : status;
}

/* ---- Comparing ---- */

/* A mask of everything where there is none. */
static tt1_status need_mask(measured *m, tt1_error *err)
{
  size_t n = (size_t)tt1_image_n_voxels(m->map[0]);
  if (m->mask) return TT1_OK;
  m->mask = tt1__allocate(n, 1);
  if (!m->mask) return tt1__no_memory(err);
  memset(m->mask, 1, n);
  return TT1_OK;
}

/* Take columns (axis 0) or rows (1) out of the mask, or all but them. */
static void leave_out(measured *m, int axis, int64_t from, int64_t to, int is_inside)
{
  const int64_t *size = tt1_image_geometry(m->map[0])->size;
  int64_t v = 0;
  for (int64_t k = 0; k < size[2]; k++)
    for (int64_t j = 0; j < size[1]; j++)
      for (int64_t i = 0; i < size[0]; i++, v++) {
        int64_t at = axis == 0 ? i : j;
        if ((at >= from && at <= to) == is_inside) m->mask[v] = 0;
      }
}

static tt1_status apply_box(measured *m, tt1_error *err)
{
  const int *box = m->request->box;
  const int64_t *size = tt1_image_geometry(m->map[0])->size;
  if (!m->request->has_box) return TT1_OK;
  for (int axis = 0; axis < 2; axis++)
    if (box[2 * axis] < 0 || box[2 * axis] > box[2 * axis + 1] || box[2 * axis + 1] >= size[axis])
      return tt1__error_set(
          err, TT1_BAD_ARGUMENT,
          "the box %d,%d,%d,%d does not lie in %s, whose columns are 0 to %lld and rows 0 "
          "to %lld",
          box[0], box[1], box[2], box[3], m->request->map[0], (long long)size[0] - 1,
          (long long)size[1] - 1);
  tt1_status status = need_mask(m, err);
  for (int axis = 0; axis < 2 && status == TT1_OK; axis++)
    leave_out(m, axis, box[2 * axis], box[2 * axis + 1], 0);
  return status;
}

/* Colour bars of either map. Moving a map to another grid has mixed its voxels: no bar is found then. */
static tt1_status apply_bars(measured *m, tt1_error *err)
{
  enum { MOST = 4 };
  tt1__bar bars[MOST];
  char *text = m->shown.bars;
  tt1_status status = TT1_OK;
  for (int which = 0; which < 2 && !m->request->keeps_bars; which++) {
    int n = tt1__find_bars(bars, MOST, tt1_image_data(m->map[which]),
                           tt1_image_geometry(m->map[which])->size);
    if (n > 0) status = need_mask(m, err);
    for (int i = 0; i < n && status == TT1_OK; i++) {
      size_t used = strlen(text);
      leave_out(m, bars[i].axis, bars[i].from, bars[i].to, 1);
      snprintf(text + used, sizeof m->shown.bars - used, "%sa colour bar of %s, %s %lld to %lld",
               used ? "; " : "", which ? "B" : "A", bars[i].axis ? "rows" : "columns",
               (long long)bars[i].from, (long long)bars[i].to);
    }
    if (status != TT1_OK) return status;
  }
  return TT1_OK;
}

/* Take voxels out of the mask where the reference is out of its range. */
static tt1_status apply_range(measured *m, tt1_error *err)
{
  const tt1_interval *range = &m->request->range;
  size_t n = (size_t)tt1_image_n_voxels(m->map[1]);
  const float *values = tt1_image_data(m->map[1]);
  if (!(range->to > range->from)) return TT1_OK;
  tt1_status status = need_mask(m, err);
  if (status != TT1_OK) return status;
  for (size_t v = 0; v < n; v++) {
    double value = m->shown.scale[1] * (double)values[v];
    if (!(value >= range->from && value <= range->to)) m->mask[v] = 0;
  }
  return TT1_OK;
}

static tt1_status compare(measured *m, tt1_error *err)
{
  const tt1_comparison_request *r = m->request;
  tt1_status status = apply_range(m, err);
  if (status == TT1_OK) status = apply_box(m, err);
  if (status == TT1_OK) status = apply_bars(m, err);
  if (status != TT1_OK) return status;
  const tt1_map_pair maps = {.a = tt1_image_data(m->map[0]),
                             .b = tt1_image_data(m->map[1]),
                             .scale_a = m->shown.scale[0],
                             .scale_b = m->shown.scale[1],
                             .n_voxels = tt1_image_n_voxels(m->map[0]),
                             .mask = m->mask,
                             .labels = m->labels,
                             .edges = m->n_edges ? m->edges : NULL,
                             .n_edges = m->n_edges,
                             .band_by = r->band_by,
                             .keep_zeros = r->keep_zeros};
  status = tt1_compare_maps(&m->found, &maps, err);
  if (status != TT1_OK || m->found->all.n_pairs > 0) return status;
  return tt1__error_set(err, TT1_BAD_ARGUMENT, "no voxel is valid in both %s and %s", r->map[0],
                        r->map[1]);
}

static void show(measured *m)
{
  tt1_comparison_result *shown = &m->shown;
  shown->map[0] = m->map[0];
  shown->map[1] = m->map[1];
  shown->mask = m->mask_image;
  shown->labels = m->label_image;
  shown->band_by = m->request->band_by;
  shown->range = m->request->range;
  shown->keep_zeros = m->request->keep_zeros;
  shown->is_resampled = m->request->resamples;
  shown->found = m->found;
}

tt1_status tt1_comparison_measure(tt1_comparison_result **out,
                                  const tt1_comparison_request *request, tt1_error *err)
{
  tt1_status status = tt1__check_version("tt1_comparison_request", request->version,
                                         TT1_COMPARISON_REQUEST_VERSION, err);
  if (status == TT1_OK && (!request->map[0] || !request->map[1]))
    status = tt1__error_set(err, TT1_BAD_ARGUMENT, "two maps are needed, A and the reference B");
  if (status != TT1_OK) return status;
  measured *m = tt1__allocate(1, sizeof *m);
  if (!m) return tt1__no_memory(err);
  m->request = request;
  status = read_all(m, err);
  if (status == TT1_OK) status = compare(m, err);
  show(m);
  if (status == TT1_OK)
    *out = &m->shown;
  else
    tt1_comparison_free(&m->shown);
  return status;
}

void tt1_comparison_free(tt1_comparison_result *result)
{
  measured *m = (measured *)result;
  if (!m) return;
  tt1_map_comparison_free(m->found);
  tt1_image_free(m->map[0]);
  tt1_image_free(m->map[1]);
  tt1_image_free(m->mask_image);
  tt1_image_free(m->label_image);
  tt1__free(m->mask);
  tt1__free(m->labels);
  tt1__arena_free(&m->texts);
  tt1__free(m);
}

/* ---- Texts ---- */

// clang-format off
#define COUNT(name, member) TT1__COUNT(tt1_agreement, name, member),
#define NUMBER(name, member) TT1__NUMBER(tt1_agreement, name, member),
#define SUMMARY(name, member) \
  NUMBER(name "_mean", member.mean) NUMBER(name "_sd", member.sd) \
  NUMBER(name "_median", member.median) NUMBER(name "_lower_quartile", member.quartiles[0]) \
  NUMBER(name "_upper_quartile", member.quartiles[1]) NUMBER(name "_least", member.least) \
  NUMBER(name "_greatest", member.greatest)
#define INTERVAL(name, member) NUMBER(name "_from", member.from) NUMBER(name "_to", member.to)

static const tt1__field fields[] = {
  COUNT("n_offered", n_offered) COUNT("n", n_pairs)
  COUNT("a_nan", not_a_number[0]) COUNT("a_infinite", infinite[0]) COUNT("a_zero", zero[0])
  COUNT("b_nan", not_a_number[1]) COUNT("b_infinite", infinite[1]) COUNT("b_zero", zero[1])
  SUMMARY("a", a) SUMMARY("b", b) SUMMARY("difference", difference)
  NUMBER("mad", mad) NUMBER("rms", rms) NUMBER("absolute_95", absolute_95)
  INTERVAL("bias", bias_interval)
  NUMBER("lower_limit", limits[0]) INTERVAL("lower_limit", limit_intervals[0])
  NUMBER("upper_limit", limits[1]) INTERVAL("upper_limit", limit_intervals[1])
  NUMBER("slope", slope) INTERVAL("slope", slope_interval) NUMBER("slope_p", slope_p)
  NUMBER("intercept", intercept)
  NUMBER("concordance", concordance) INTERVAL("concordance", concordance_interval)
  NUMBER("pearson", pearson) NUMBER("accuracy", accuracy)
  NUMBER("within_sd", within_sd) INTERVAL("within_sd", within_sd_interval)
  NUMBER("repeatability", repeatability) INTERVAL("repeatability", repeatability_interval)
  NUMBER("within_cv", within_cv) INTERVAL("within_cv", within_cv_interval)
  NUMBER("icc", icc) INTERVAL("icc", icc_interval)
};
// clang-format on

enum { N_FIELDS = sizeof fields / sizeof *fields };

static void put_agreement(tt1_json *out, const tt1_agreement *agreement)
{
  tt1__fields_json(out, fields, N_FIELDS, agreement);
}

static void put_map(tt1_json *out, const char *key, const char *name,
                    const tt1_comparison_result *r, int k)
{
  tt1_json_open(out, key, '{');
  tt1_json_text(out, "name", name);
  tt1_json_text(out, "unit", r->map_unit[k]);
  tt1_json_text(out, "unit_is", r->map_unit[k] ? r->unit_source[k] : "not known");
  tt1_json_inputs(out, "inputs", r->map[k]);
  tt1_json_close(out, '{');
}

static void put_groups(tt1_json *out, const tt1_map_comparison *found)
{
  tt1_json_open(out, "regions", '[');
  for (int i = 0; i < found->n_regions; i++) {
    tt1_json_open(out, NULL, '{');
    tt1_json_integer(out, "label", found->regions[i].label);
    put_agreement(out, &found->regions[i].agreement);
    tt1_json_close(out, '{');
  }
  tt1_json_close(out, '[');
  if (found->n_regions) {
    tt1_json_open(out, "across_regions", '{');
    put_agreement(out, &found->across_regions);
    tt1_json_close(out, '{');
  }
  tt1_json_open(out, "bands", '[');
  for (int i = 0; i < found->n_bands; i++) {
    tt1_json_open(out, NULL, '{');
    tt1_json_number(out, "from", found->bands[i].from);
    tt1_json_number(out, "to", found->bands[i].to);
    put_agreement(out, &found->bands[i].agreement);
    tt1_json_close(out, '{');
  }
  tt1_json_close(out, '[');
}

tt1_status tt1_comparison_json(char **text, const tt1_comparison_result *r,
                               const char *const names[2], tt1_error *err)
{
  tt1_json out = {0};
  tt1_json_open(&out, NULL, '{');
  tt1_json_text(&out, "torcht1", tt1_version());
  put_map(&out, "a", names[0], r, 0);
  put_map(&out, "b", names[1], r, 1);
  if (r->mask) tt1_json_inputs(&out, "mask", r->mask);
  if (r->has_open_mask) tt1_json_boolean(&out, "all_labels_of_mask", 1);
  if (r->labels) tt1_json_inputs(&out, "labels", r->labels);
  tt1_json_text(&out, "unit", r->unit);
  tt1_json_number(&out, "position_mm", r->position);
  tt1_json_boolean(&out, "resampled", r->is_resampled);
  tt1_json_boolean(&out, "keep_zeros", r->keep_zeros);
  if (r->range.to > r->range.from) {
    const double range[2] = {r->range.from, r->range.to};
    tt1_json_numbers(&out, "reference_range", range, 2);
  }
  if (*r->bars) tt1_json_text(&out, "left_out", r->bars);
  tt1_json_text(&out, "band_by", r->band_by == TT1_BAND_BY_REFERENCE ? "reference" : "mean");
  tt1_json_open(&out, "all", '{');
  put_agreement(&out, &r->found->all);
  tt1_json_close(&out, '{');
  put_groups(&out, r->found);
  tt1_json_close(&out, '{');
  *text = tt1_json_take(&out);
  return *text ? TT1_OK : tt1__no_memory(err);
}

static void add_row(tt1__text *out, const char *group, const char *label, double from, double to,
                    const char *unit, const tt1_agreement *agreement)
{
  tt1__text_add(out, "%s,%s", group, label);
  tt1__csv_number(out, from);
  tt1__csv_number(out, to);
  tt1__text_add(out, ",%s", unit);
  tt1__fields_row(out, fields, N_FIELDS, agreement);
  tt1__text_add(out, "\n");
}

tt1_status tt1_comparison_csv(char **text, const tt1_comparison_result *r, tt1_error *err)
{
  const tt1_map_comparison *found = r->found;
  const double none = (double)NAN;
  const char *unit = r->unit ? r->unit : "";
  tt1__text out = {0};
  tt1__text_add(&out, "group,label,from,to,unit");
  tt1__fields_head(&out, fields, N_FIELDS);
  tt1__text_add(&out, "\n");
  add_row(&out, "all", "", none, none, unit, &found->all);
  for (int i = 0; i < found->n_regions; i++) {
    char label[16];
    snprintf(label, sizeof label, "%d", (int)found->regions[i].label);
    add_row(&out, "region", label, none, none, unit, &found->regions[i].agreement);
  }
  if (found->n_regions)
    add_row(&out, "across_regions", "", none, none, unit, &found->across_regions);
  for (int i = 0; i < found->n_bands; i++)
    add_row(&out, "band", "", found->bands[i].from, found->bands[i].to, unit,
            &found->bands[i].agreement);
  *text = tt1__text_take(&out);
  return *text ? TT1_OK : tt1__no_memory(err);
}
