/* SPDX-License-Identifier: MIT
 * Maps of `torcht1 fit` as one MATLAB file: a variable for each map, and a structure
 * `torcht1` with what they are. */
#include <string.h>

#include "fit/fit.h"

enum { MAX_FACTS = 10 };

/* Variables with the room they borrow from. */
typedef struct mat_file {
  tt1_variable variables[MAX_OUTPUTS + 2];
  tt1_variable units[MAX_OUTPUTS], known[MAX_KNOWN], facts[MAX_FACTS];
  int n_variables, n_known, n_facts;
  double affine[16], spacing[3]; /* columns follow each other */
} mat_file;

static void add_fact(mat_file *m, tt1_variable fact)
{
  m->facts[m->n_facts++] = fact;
}

static tt1_variable numbers(const char *name, const double *values, int rows, int columns)
{
  return (tt1_variable){
      .name = name, .type = TT1_FLOAT64, .data = values, .size = {rows, columns, 1}};
}

static void put_maps(mat_file *m, const fit_result *result, const tt1_geometry *geometry)
{
  const int64_t *n = geometry->size;
  for (int i = 0; i < result->n_maps; i++) {
    const fit_map *map = &result->maps[i];
    m->units[i] = (tt1_variable){.name = map->name, .text = map->unit};
    m->variables[m->n_variables++] = (tt1_variable){
        .name = map->name, .type = TT1_FLOAT32, .data = map->values, .size = {n[0], n[1], n[2]}};
  }
  m->variables[m->n_variables++] = (tt1_variable){
      .name = "outcome", .type = TT1_UINT8, .data = result->outcome, .size = {n[0], n[1], n[2]}};
}

/* Where voxel (i, j, k), from 0, lies: affine * [i; j; k; 1], in mm to the right, front and top. */
static void put_place(mat_file *m, const tt1_geometry *geometry)
{
  double matrix[3][4];
  memcpy(m->spacing, geometry->spacing, sizeof m->spacing);
  add_fact(m, numbers("voxel_size", m->spacing, 1, 3));
  if (!tt1_geometry_matrix(geometry, matrix)) return;
  for (int row = 0; row < 3; row++)
    for (int column = 0; column < 4; column++)
      m->affine[4 * column + row] = matrix[row][column];
  m->affine[15] = 1.0;
  add_fact(m, numbers("affine", m->affine, 4, 4));
}

/* A row of values, or a column for each slice where slices have their own. */
static void put_known(mat_file *m, const fit_input *in)
{
  for (int i = 0; i < in->n_known; i++) {
    const fit_known *known = &in->known[i];
    int has_slices = known->n_slices > 1;
    if (!known->map)
      m->known[m->n_known++] =
          numbers(known->known->name, known->values, has_slices ? known->count : 1,
                  has_slices ? known->n_slices : known->count);
  }
  if (m->n_known > 0)
    add_fact(m, (tt1_variable){.name = "known", .fields = m->known, .n_fields = m->n_known});
}

tt1_status fit_write_mat(const fit_result *result, const fit_input *in, const fit_request *request,
                         tt1_folder *folder, tt1_error *error)
{
  char name[FILE_SIZE];
  mat_file m = {.n_variables = 0};
  const tt1_geometry *geometry = tt1_image_geometry(in->image);
  put_maps(&m, result, geometry);
  add_fact(&m, (tt1_variable){.name = "version", .text = tt1_version()});
  add_fact(&m, (tt1_variable){.name = "model", .text = tt1_model_name(in->model)});
  add_fact(&m, (tt1_variable){.name = "formula", .text = tt1_model_formula(in->model)});
  add_fact(&m, (tt1_variable){.name = "solver", .text = result->solver});
  add_fact(&m, (tt1_variable){.name = "noise", .text = tt1_noise_name(request->plan.noise)});
  add_fact(&m, (tt1_variable){.name = "units", .fields = m.units, .n_fields = result->n_maps});
  put_place(&m, geometry);
  put_known(&m, in);
  m.variables[m.n_variables++] =
      (tt1_variable){.name = "torcht1", .fields = m.facts, .n_fields = m.n_facts};
  fit_name(name, in, FILE_MATLAB, NULL);
  return tt1_folder_write_mat(folder, name, m.variables, m.n_variables, error);
}
