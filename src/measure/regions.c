/* SPDX-License-Identifier: MIT
 * What a map holds in each region, and in the segments of the left ventricle. */
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "input/companion.h"
#include "input/selection.h"
#include "measure/fields.h"
#include "measure/segments.h"

/* Of times, whose relative standard deviation means something: tissue has 2 to 5 % in a map worth reading,
 * voxels that mix tissue with blood or lung have 11 to 25 %. */
static const double USUAL_SD_LIMIT = 0.1;
/* A greater share of voxels that are too unsure is said: what is left may be a biased choice. */
static const double MANY_UNCERTAIN = 0.1;

/** A result with what it borrows from. */
typedef struct measured {
  tt1_regions_result shown; /* first: it is what the caller frees */
  const tt1_regions_request *request;
  tt1_image *map, *sd, *mask_image, *label_image;
  uint8_t *mask;
  int32_t *regions; /* labels, or segments with their margins */
  tt1__segments segments;
  tt1_region_row *rows;
  double scale;
  tt1__arena texts;
} measured;

static tt1__ring_request ring_of(const tt1_regions_request *r)
{
  return (tt1__ring_request){r->myocardium,
                             r->points_of,
                             r->insertions,
                             r->levels,
                             r->n_insertions,
                             r->n_levels,
                             {r->margins[0], r->margins[1]}};
}

/* ---- Reading ---- */

static tt1_status choose_unit(measured *m, tt1_error *err)
{
  const tt1_regions_request *r = m->request;
  const char *sd_unit = m->sd ? tt1_image_unit(m->sd) : NULL;
  const char *unit = r->unit ? r->unit : tt1_image_unit(m->map);
  m->shown.unit_source = r->unit ? "given" : "from the file";
  if (unit && sd_unit && strcmp(unit, sd_unit) != 0)
    return tt1__error_set(err, TT1_BAD_ARGUMENT, "%s is in %s, %s in %s", r->map, unit, r->sd,
                          sd_unit);
  tt1_status status =
      m->sd ? tt1__check_deviation(m->sd, r->sd, m->map, r->map, unit, err) : TT1_OK;
  if (status != TT1_OK) return status;
  if (!unit && r->has_reference)
    return tt1__error_set(err, TT1_BAD_ARGUMENT,
                          "%s does not tell its unit, which --reference needs; give --unit",
                          r->map);
  m->scale = unit && strcmp(unit, "s") == 0 ? 1000.0 : 1.0;
  if (tt1__is_time(unit)) unit = "ms"; // what tables of times are in
  m->shown.unit = unit ? tt1__arena_copy(&m->texts, unit, strlen(unit)) : NULL;
  m->shown.sd_limit = r->sd_limit;
  if (!(r->sd_limit >= 0.0)) m->shown.sd_limit = m->sd && tt1__is_time(unit) ? USUAL_SD_LIMIT : 0.0;
  return unit && !m->shown.unit ? tt1__no_memory(err) : TT1_OK;
}

/* A companion that lies where the map does. */
static tt1_status read_beside(tt1_image **out, const measured *m, const char *path,
                              const char *what, tt1_error *err)
{
  double apart;
  tt1_status status = tt1__companion_read(out, path, what, m->map, "map", err);
  return status == TT1_OK ? tt1__check_position(&apart, *out, path, m->map, m->request->map, 0, err)
                          : status;
}

static tt1_status check_place(const measured *m, const tt1_image *image, const char *path,
                              tt1_error *err)
{
  double apart;
  return tt1__check_position(&apart, image, path, m->map, m->request->map, 0, err);
}

static tt1_status read_regions(measured *m, tt1_error *err)
{
  const tt1_regions_request *r = m->request;
  const tt1__ring_request ring = ring_of(r);
  if (r->myocardium) return tt1__segments_find(&m->segments, &ring, m->map, r->map, err);
  tt1_status status =
      tt1__labels_read(&m->regions, &m->label_image, r->labels, "label map", m->map, "map", err);
  return status == TT1_OK ? check_place(m, m->label_image, r->labels, err) : status;
}

static tt1_status read_all(measured *m, tt1_error *err)
{
  const tt1_regions_request *r = m->request;
  tt1_status status = tt1__single_read(&m->map, r->map, "map", r->image, err);
  if (status == TT1_OK && r->sd) status = read_beside(&m->sd, m, r->sd, "standard deviation", err);
  if (status == TT1_OK && r->mask) {
    int is_open = 0;
    status = tt1__area_read(&m->mask, &m->mask_image, &is_open, r->mask, m->map, "map", err);
    if (status == TT1_OK && is_open)
      status = tt1__remark(&m->segments.notes, err,
                           "all labels of the mask %s count; %s:LABEL takes one", r->mask, r->mask);
    if (status == TT1_OK) status = check_place(m, m->mask_image, r->mask, err);
  }
  if (status == TT1_OK) status = choose_unit(m, err);
  return status == TT1_OK ? read_regions(m, err) : status;
}

/* ---- Regions ---- */

static void fill_row(tt1_region_row *row, const measured *m, const char *group,
                     const tt1_region_summary *found)
{
  const tt1_regions_request *r = m->request;
  const char *name = strcmp(group, "segment") == 0 ? tt1_segment_name(found->label) : NULL;
  row->group = group;
  row->name = name ? name : "";
  row->found = *found;
  row->z =
      r->has_reference ? (found->values.mean - r->reference[0]) / r->reference[1] : (double)NAN;
}

static const int32_t *regions_of(const measured *m)
{
  return m->request->myocardium ? m->segments.segments : m->regions;
}

/* Summarise the map under `labels` and add a row for each of them. */
static tt1_status summarise(measured *m, const char *group, const int32_t *labels, tt1_error *err)
{
  tt1_region_summary *found = NULL;
  int n = 0, n_before = m->shown.n_rows;
  const tt1_region_maps maps = {.map = tt1_image_data(m->map),
                                .sd = m->sd ? tt1_image_data(m->sd) : NULL,
                                .scale = m->scale,
                                .n_voxels = tt1_image_n_voxels(m->map),
                                .mask = m->mask,
                                .labels = labels,
                                .keep_zeros = m->request->keep_zeros,
                                .margin = m->segments.margin,
                                .sd_limit = m->shown.sd_limit};
  tt1_status status = tt1_summarise_regions(&found, &n, &maps, err);
  if (status != TT1_OK) return status;
  tt1_region_row *rows = tt1__reallocate(m->rows, (size_t)(n_before + n), sizeof *rows);
  if (rows) m->rows = rows;
  for (int i = 0; rows && i < n; i++)
    fill_row(&rows[n_before + i], m, group, &found[i]);
  if (rows) m->shown.n_rows += n;
  tt1_region_summaries_free(found);
  return rows ? TT1_OK : tt1__no_memory(err);
}

/* The same for all voxels of a kind: those of any region, or those of the septum. */
static tt1_status summarise_one(measured *m, const char *group, tt1_error *err)
{
  int64_t n = tt1_image_n_voxels(m->map);
  int is_septum = strcmp(group, "mid_septum") == 0;
  int32_t *labels = tt1__allocate((size_t)n, sizeof *labels);
  if (!labels) return tt1__no_memory(err);
  for (int64_t v = 0; v < n; v++)
    labels[v] = is_septum ? m->segments.septum[v] : regions_of(m)[v] != 0;
  tt1_status status = summarise(m, group, labels, err);
  tt1__free(labels);
  return status;
}

static tt1_status summarise_all(measured *m, tt1_error *err)
{
  const tt1_regions_request *r = m->request;
  tt1_status status = summarise_one(m, "all", err);
  if (status == TT1_OK && m->shown.n_rows == 0)
    status = tt1__error_set(err, TT1_BAD_ARGUMENT, "%s: there is no region%s",
                            r->myocardium ? r->myocardium : r->labels,
                            m->mask ? " within the mask" : "");
  if (status == TT1_OK)
    status = summarise(m, r->myocardium ? "segment" : "region", regions_of(m), err);
  if (status == TT1_OK && r->myocardium) status = summarise_one(m, "mid_septum", err);
  return status;
}

/* ---- The result ---- */

tt1_status tt1_regions_check(const tt1_regions_request *r, tt1_error *err)
{
  tt1_status status =
      tt1__check_version("tt1_regions_request", r->version, TT1_REGIONS_REQUEST_VERSION, err);
  if (status != TT1_OK) return status;
  if (!r->map || !r->labels == !r->myocardium)
    return tt1__error_set(err, TT1_BAD_ARGUMENT,
                          "a map is needed, and either labels or a mask of the myocardium");
  if (r->has_reference && !(r->reference[1] > 0.0))
    return tt1__error_set(err, TT1_BAD_ARGUMENT,
                          "--reference takes a mean and a standard deviation above 0");
  const tt1__ring_request ring = ring_of(r);
  return tt1__segments_check(&ring, err);
}

/* A noisy map loses voxels of tissue to the limit, too. */
static tt1_status look_at_uncertain(measured *m, tt1_error *err)
{
  const tt1_region_summary *all = &m->rows[0].found;
  double offered = (double)(all->n + all->uncertain);
  if (!((double)all->uncertain > MANY_UNCERTAIN * offered)) return TT1_OK;
  return tt1__remark(
      &m->segments.warnings, err,
      "%.0f %% of the voxels have a standard deviation above %g %% of their value and "
      "were left out; --sd-limit sets that share, 0 keeps all",
      100.0 * (double)all->uncertain / offered, 100.0 * m->shown.sd_limit);
}

/* Whoever looks at the result finds the regions that were measured: segments without their margins. */
static void take_margins_away(measured *m)
{
  int64_t n = tt1_image_n_voxels(m->map);
  for (int64_t v = 0; m->segments.segments && v < n; v++) {
    if (!m->segments.margin[v]) continue;
    m->segments.segments[v] = 0;
    m->segments.septum[v] = 0;
  }
}

static void show_remarks(measured *m)
{
  tt1_regions_result *shown = &m->shown;
  shown->notes = m->segments.notes.items;
  shown->n_notes = m->segments.notes.n;
  shown->warnings = m->segments.warnings.items;
  shown->n_warnings = m->segments.warnings.n;
  for (int i = 0; i < 2; i++)
    shown->margins[i] = m->request->myocardium ? m->request->margins[i] : 0.0;
}

static void show(measured *m)
{
  tt1_regions_result *shown = &m->shown;
  shown->map = m->map;
  shown->sd = m->sd;
  shown->mask = m->mask_image;
  shown->labels = m->request->myocardium ? m->segments.ring : m->label_image;
  shown->points = m->segments.points;
  shown->regions = regions_of(m);
  shown->septum = m->segments.septum;
  shown->rows = m->rows;
  shown->is_aha = m->request->myocardium != NULL;
  shown->keep_zeros = m->request->keep_zeros;
  shown->has_reference = m->request->has_reference;
  memcpy(shown->reference, m->request->reference, sizeof shown->reference);
}

tt1_status tt1_regions_measure(tt1_regions_result **out, const tt1_regions_request *request,
                               tt1_error *err)
{
  tt1_status status = tt1_regions_check(request, err);
  if (status != TT1_OK) return status;
  measured *m = tt1__allocate(1, sizeof *m);
  if (!m) return tt1__no_memory(err);
  m->request = request;
  status = read_all(m, err);
  if (status == TT1_OK) status = summarise_all(m, err);
  if (status == TT1_OK) status = look_at_uncertain(m, err);
  if (status == TT1_OK) take_margins_away(m);
  show(m);
  show_remarks(m);
  if (status == TT1_OK)
    *out = &m->shown;
  else
    tt1_regions_free(&m->shown);
  return status;
}

void tt1_regions_free(tt1_regions_result *result)
{
  measured *m = (measured *)result;
  if (!m) return;
  tt1_image_free(m->map);
  tt1_image_free(m->sd);
  tt1_image_free(m->mask_image);
  tt1_image_free(m->label_image);
  tt1__free(m->mask);
  tt1__free(m->regions);
  tt1__free(m->rows);
  tt1__segments_free(&m->segments);
  tt1__arena_free(&m->texts);
  tt1__free(m);
}

/* ---- Texts ---- */

#define COUNT(name, member)  TT1__COUNT(tt1_region_row, name, found.member)
#define NUMBER(name, member) TT1__NUMBER(tt1_region_row, name, found.member)

// clang-format off
static const tt1__field fields[] = {
  COUNT("n_offered", n_offered), COUNT("n", n), COUNT("nan", not_a_number),
  COUNT("infinite", infinite), COUNT("zero", zero),
  NUMBER("mean", values.mean), NUMBER("sd", values.sd), NUMBER("median", values.median),
  NUMBER("lower_quartile", values.quartiles[0]), NUMBER("upper_quartile", values.quartiles[1]),
  NUMBER("least", values.least), NUMBER("greatest", values.greatest),
  COUNT("n_sd", n_sd), NUMBER("mean_sd", mean_sd), NUMBER("median_sd", median_sd),
  TT1__NUMBER(tt1_region_row, "z", z), COUNT("margin", margin), COUNT("uncertain", uncertain),
};
// clang-format on

enum { N_FIELDS = sizeof fields / sizeof *fields };

/* What is of several regions together has no label. */
static int is_label(const tt1_region_row *row)
{
  return strcmp(row->group, "all") != 0 && strcmp(row->group, "mid_septum") != 0;
}

static void put_row(tt1_json *out, const tt1_region_row *row)
{
  tt1_json_open(out, NULL, '{');
  tt1_json_text(out, "group", row->group);
  if (is_label(row)) tt1_json_integer(out, "label", row->found.label);
  if (row->name[0]) tt1_json_text(out, "name", row->name);
  tt1__fields_json(out, fields, N_FIELDS, row);
  tt1_json_close(out, '{');
}

tt1_status tt1_regions_json(char **text, const tt1_regions_result *r, tt1_error *err)
{
  tt1_json out = {0};
  tt1_json_open(&out, NULL, '{');
  tt1_json_text(&out, "torcht1", tt1_version());
  tt1_json_inputs(&out, "inputs", r->map);
  if (r->sd) tt1_json_inputs(&out, "sd", r->sd);
  if (r->mask) tt1_json_inputs(&out, "mask", r->mask);
  tt1_json_inputs(&out, r->is_aha ? "myocardium" : "labels", r->labels);
  if (r->points) tt1_json_inputs(&out, "points_of", r->points);
  tt1_json_text(&out, "unit", r->unit);
  tt1_json_boolean(&out, "keep_zeros", r->keep_zeros);
  if (r->has_reference) tt1_json_numbers(&out, "reference", r->reference, 2);
  if (r->is_aha) tt1_json_numbers(&out, "margins", r->margins, 2);
  if (r->sd_limit > 0.0) tt1_json_number(&out, "sd_limit", r->sd_limit);
  tt1__remarks_json(&out, "assumptions", r->notes, r->n_notes);
  tt1__remarks_json(&out, "warnings", r->warnings, r->n_warnings);
  tt1_json_text(&out, "mean_sd_is", r->sd ? "from the noise of the fit, voxels independent" : NULL);
  tt1_json_open(&out, "regions", '[');
  for (int i = 0; i < r->n_rows; i++)
    put_row(&out, &r->rows[i]);
  tt1_json_close(&out, '[');
  tt1_json_close(&out, '{');
  *text = tt1_json_take(&out);
  return *text ? TT1_OK : tt1__no_memory(err);
}

tt1_status tt1_regions_csv(char **text, const tt1_regions_result *r, tt1_error *err)
{
  tt1__text out = {0};
  tt1__text_add(&out, "group,label,name,unit");
  tt1__fields_head(&out, fields, N_FIELDS);
  tt1__text_add(&out, "\n");
  for (int i = 0; i < r->n_rows; i++) {
    const tt1_region_row *row = &r->rows[i];
    tt1__text_add(&out, "%s,", row->group);
    if (is_label(row)) tt1__text_add(&out, "%d", (int)row->found.label);
    tt1__text_add(&out, ",%s,%s", row->name, r->unit ? r->unit : "");
    tt1__fields_row(&out, fields, N_FIELDS, row);
    tt1__text_add(&out, "\n");
  }
  *text = tt1__text_take(&out);
  return *text ? TT1_OK : tt1__no_memory(err);
}
