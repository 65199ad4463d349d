/* SPDX-License-Identifier: MIT
 * Maps in the formats that were asked for: NIfTI, a picture (shown.c), DICOM in a folder for each, one MATLAB file
 * with a variable for each and a structure `torcht1` with what they are. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/number.h"
#include "mapping/mapping.h"
#include "tt1_report.h"

/* ---- NIfTI ---- */

static tt1_status write_image(const tt1_mapping *m, const tt1_mapped *map, tt1_folder *folder,
                              tt1_error *err)
{
  char file[TT1__NAME_SIZE], text[80], done[48] = "";
  tt1__mapping_name(file, m, TT1__FILE_MAP, map);
  if (map->type == TT1_UINT8)
    return tt1_folder_write_image(folder, file, tt1_image_geometry(m->image), 1, TT1_UINT8,
                                  map->values, map->name, err);
  if (map->multiplied_by != 1.0) snprintf(done, sizeof done, " x %g", map->multiplied_by);
  size_t used = strlen(done);
  if (map->filter) snprintf(done + used, sizeof done - used, " %s", map->filter);
  int room = 55 - (int)strlen(done);
  snprintf(text, sizeof text, "%s%.*s%s (%s)", map->is_deviation ? "SD of " : "", room,
           map->meaning, done, map->unit); // readers look for the unit at the end
  return tt1_folder_write_image(folder, file, tt1_image_geometry(m->image), 1, TT1_FLOAT32,
                                map->values, text, err);
}

static tt1_status write_images(const tt1_mapping *m, tt1_folder *folder, tt1_error *err)
{
  tt1_status status = TT1_OK;
  for (int i = 0; tt1_mapping_map_at(m, i) && status == TT1_OK; i++)
    status = write_image(m, tt1_mapping_map_at(m, i), folder, err);
  return status;
}

/* ---- DICOM ---- */

/* Model, what was changed of it, solver, correction: for whoever meets the map alone. */
static void describe(char *text, size_t size, const tt1_mapping *m, const tt1_mapped *map)
{
  snprintf(text, size, "torcht1 %s: model %.60s (%.200s)%s, solver %.40s, noise %.40s",
           tt1_version(), tt1_model_name(m->model), tt1_model_title(m->model),
           m->model_file ? ", which is not a shipped one" : "", m->result.solver,
           tt1_noise_name(m->plan.noise));
  size_t used = strlen(text);
  if (map->multiplied_by != 1.0)
    snprintf(text + used, size - used, ", multiplied by %g", map->multiplied_by);
  else
    snprintf(text + used, size - used, ", no correction factor");
  used = strlen(text);
  if (map->filter) snprintf(text + used, size - used, ", smoothed by %s", map->filter);
}

static tt1_status write_dicom_map(tt1_mapping *m, int index, tt1_folder *folder, tt1_error *err)
{
  const tt1_mapped *map = &m->maps[index].shown;
  char subfolder[TT1__NAME_SIZE], derivation[640];
  int64_t n_saturated = 0;
  tt1__mapping_name(subfolder, m, TT1__FILE_DICOM, map);
  describe(derivation, sizeof derivation, m, map);
  tt1_dicom_map out = {.version = TT1_DICOM_MAP_VERSION,
                       .source = m->image,
                       .values = map->values,
                       .name = map->name,
                       .meaning = map->meaning,
                       .unit = map->unit,
                       .quantity =
                           map->is_deviation ? m->maps[index - m->n_main].shown.bids : map->bids,
                       .is_deviation = map->is_deviation,
                       .number = index + 1,
                       .derivation = derivation};
  tt1_status status = tt1__mapping_limit(&out.window[1], m, map, err);
  if (status == TT1_OK)
    status = tt1_folder_write_dicom_map(folder, subfolder, &out, &n_saturated, err);
  if (status == TT1_OK && n_saturated &&
      !tt1__mapping_add(m, &m->warnings,
                        "%lld voxel%s of %s lie beyond the 0 to 65535 ms of its DICOM files",
                        (long long)n_saturated, n_saturated == 1 ? "" : "s", map->name))
    status = tt1__no_memory(err);
  return status;
}

static tt1_status write_dicom(tt1_mapping *m, tt1_folder *folder, tt1_error *err)
{
  tt1_status status = TT1_OK;
  for (int i = 0; i < m->n_maps && status == TT1_OK; i++)
    status = write_dicom_map(m, i, folder, err);
  int is_new_study = strcmp(tt1_image_format(m->image), "DICOM") != 0;
  if (status == TT1_OK && is_new_study &&
      !tt1__mapping_add(m, &m->warnings,
                        "the input is no DICOM: its DICOM maps are a new study of patient "
                        "UNKNOWN^RESEARCH"))
    status = tt1__no_memory(err);
  return status;
}

/* ---- MATLAB ---- */

enum { MAX_FACTS = 12 };

/* Variables with the room they borrow from. */
typedef struct mat_file {
  tt1_variable variables[MAX_OUTPUTS + 2];
  tt1_variable units[MAX_OUTPUTS], known[MAX_KNOWN], facts[MAX_FACTS];
  int n_variables, n_known, n_facts;
  double affine[16], spacing[3]; /* columns follow each other */
} mat_file;

static void add_fact(mat_file *f, tt1_variable fact)
{
  f->facts[f->n_facts++] = fact;
}

static tt1_variable numbers(const char *name, const double *values, int rows, int columns)
{
  return (tt1_variable){
      .name = name, .type = TT1_FLOAT64, .data = values, .size = {rows, columns, 1}};
}

static void put_maps(mat_file *f, const tt1_mapping *m, const tt1_geometry *geometry)
{
  const int64_t *n = geometry->size;
  const tt1_mapped *map;
  for (int i = 0; (map = tt1_mapping_map_at(m, i)) != NULL; i++) {
    if (map->type == TT1_FLOAT32)
      f->units[i] = (tt1_variable){.name = map->name, .text = map->unit};
    f->variables[f->n_variables++] = (tt1_variable){
        .name = map->name, .type = map->type, .data = map->values, .size = {n[0], n[1], n[2]}};
  }
}

/* Where voxel (i, j, k), from 0, lies: affine * [i; j; k; 1], in mm to the right, front and top. */
static void put_place(mat_file *f, const tt1_geometry *geometry)
{
  double matrix[3][4];
  memcpy(f->spacing, geometry->spacing, sizeof f->spacing);
  add_fact(f, numbers("voxel_size", f->spacing, 1, 3));
  if (!tt1_geometry_matrix(geometry, matrix)) return;
  for (int row = 0; row < 3; row++)
    for (int column = 0; column < 4; column++)
      f->affine[4 * column + row] = matrix[row][column];
  f->affine[15] = 1.0;
  add_fact(f, numbers("affine", f->affine, 4, 4));
}

/* A row of values, or a column for each slice where slices have their own. */
static void put_known(mat_file *f, const tt1_mapping *m)
{
  for (int i = 0; i < m->n_known; i++) {
    const tt1__matched *known = &m->known[i];
    int has_slices = known->n_slices > 1;
    if (!known->map)
      f->known[f->n_known++] =
          numbers(known->known->name, known->values, has_slices ? known->count : 1,
                  has_slices ? known->n_slices : known->count);
  }
  if (f->n_known > 0)
    add_fact(f, (tt1_variable){.name = "known", .fields = f->known, .n_fields = f->n_known});
}

static tt1_status write_mat(const tt1_mapping *m, tt1_folder *folder, tt1_error *err)
{
  char name[TT1__NAME_SIZE];
  mat_file f = {.n_variables = 0};
  const tt1_geometry *geometry = tt1_image_geometry(m->image);
  put_maps(&f, m, geometry);
  add_fact(&f, (tt1_variable){.name = "version", .text = tt1_version()});
  add_fact(&f, (tt1_variable){.name = "model", .text = tt1_model_name(m->model)});
  add_fact(&f, (tt1_variable){.name = "model_file", .text = m->model_file ? m->model_file : ""});
  add_fact(&f, (tt1_variable){.name = "formula", .text = tt1_model_formula(m->model)});
  add_fact(&f, (tt1_variable){.name = "solver", .text = m->result.solver});
  add_fact(&f, (tt1_variable){.name = "noise", .text = tt1_noise_name(m->plan.noise)});
  add_fact(&f, (tt1_variable){.name = "units", .fields = f.units, .n_fields = m->n_maps});
  put_place(&f, geometry);
  put_known(&f, m);
  f.variables[f.n_variables++] =
      (tt1_variable){.name = "torcht1", .fields = f.facts, .n_fields = f.n_facts};
  tt1__mapping_name(name, m, TT1__FILE_MATLAB, NULL);
  return tt1_folder_write_mat(folder, name, f.variables, f.n_variables, err);
}

/* ---- All of them ---- */

tt1_status tt1__mapping_write_maps(tt1_mapping *m, tt1_folder *folder, tt1_error *err)
{
  int formats = m->options->formats;
  tt1_status status = TT1_OK;
  m->result.picture = NULL;
  if (formats & TT1_FORMAT_NIFTI) status = write_images(m, folder, err);
  if (status == TT1_OK && (formats & TT1__FORMATS_DRAWN) && tt1_picture_available(NULL))
    status = tt1__mapping_write_picture(m, folder, err);
  if (status == TT1_OK && (formats & TT1_FORMAT_MAT)) status = write_mat(m, folder, err);
  if (status == TT1_OK && (formats & TT1_FORMAT_DICOM)) status = write_dicom(m, folder, err);
  return status;
}
