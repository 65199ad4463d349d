/* SPDX-License-Identifier: MIT
 * The search grid: its axes and the basis functions at its points. */
#include <assert.h>
#include <math.h>

#include "base/memory.h"
#include "fit/tables.h"

/* Points along an axis where the model does not say: fewer the more axes there are. */
static int default_count(int n_axes)
{
  static const int COUNTS[] = {1, 32, 24, 10, 5, 4, 3, 2, 2};
  static_assert(sizeof COUNTS / sizeof *COUNTS == MAX_PARAMETERS + 1,
                "a count for each number of axes");
  assert(n_axes >= 0 && n_axes <= MAX_PARAMETERS);
  return COUNTS[n_axes];
}

/* Evaluations per voxel are capped: the longest axis gives way. */
static void cap_counts(int *counts, int n_axes)
{
  for (;;) {
    double points = 1;
    int longest = 0;
    for (int a = 0; a < n_axes; a++) {
      points *= counts[a];
      if (counts[a] > counts[longest]) longest = a;
    }
    if (points <= MAX_GRID) return;
    counts[longest]--;
  }
}

int tt1__grid_axes(const tt1_model *model, fit_setup *setup, double *numbers)
{
  int n_grid = 1, counts[MAX_PARAMETERS];
  setup->n_nonlinear = model->structure.n_nonlinear;
  for (int a = 0; a < setup->n_nonlinear; a++) {
    int count = model->grid[model->structure.nonlinear[a]].count;
    counts[a] = count > 0 ? count : default_count(setup->n_nonlinear);
  }
  cap_counts(counts, setup->n_nonlinear);
  for (int a = 0; a < setup->n_nonlinear; a++) {
    int parameter = model->structure.nonlinear[a], count = counts[a];
    const tt1__grid *grid = &model->grid[parameter];
    double from = grid->is_log ? log(grid->from) : grid->from;
    double to = grid->is_log ? log(grid->to) : grid->to;
    setup->axis[a] = (grid_axis){parameter, count, 1, grid->is_log};
    numbers[AXIS_FROM + a] = from;
    numbers[AXIS_STEP + a] = count > 1 ? (to - from) / (count - 1) : to - from;
    n_grid *= count;
  }
  for (int a = setup->n_nonlinear - 2; a >= 0; a--)
    setup->axis[a].stride = setup->axis[a + 1].stride * setup->axis[a + 1].count;
  return n_grid;
}

static double axis_value(const fit_setup *setup, const double *numbers, int a, int g)
{
  int index = g / setup->axis[a].stride % setup->axis[a].count;
  double s = numbers[AXIS_FROM + a] + index * numbers[AXIS_STEP + a];
  return setup->axis[a].is_log ? exp(s) : s;
}

static void evaluate_point(const tt1_model *model, const tt1__samples *samples, tt1__point *point,
                           const fit_setup *setup, double *registers)
{
  int n_rows = setup->n_amplitudes ? setup->n_amplitudes : 1;
  int stride = setup->n_nonlinear == 1 ? 3 : 1; // derivatives follow each basis function
  const tt1__program *program =
      setup->n_amplitudes ? &model->basis_program : &model->signal_program;
  for (int j = 0; j < samples->n; j++) {
    for (int a = 0; a < setup->n_nonlinear; a++)
      registers[setup->axis[a].parameter] = point->q[a];
    for (int q = 0; q < model->n_known; q++)
      registers[model->n_parameters + q] = samples->known[q][j];
    tt1__program_run(program, registers);
    for (int m = 0; m < n_rows; m++)
      point->basis[m][j] = registers[program->roots[m * stride]];
  }
}

tt1__point *tt1__grid_points(const tt1_model *model, const tt1__samples *samples,
                             const fit_setup *setup, const double *numbers)
{
  tt1__point *points = tt1__allocate((size_t)setup->n_grid, sizeof *points);
  double *registers = tt1__allocate(TT1__MAX_REGISTERS, sizeof *registers);
  if (points && registers) {
    for (int g = 0; g < setup->n_grid; g++) {
      for (int a = 0; a < setup->n_nonlinear; a++)
        points[g].q[a] = axis_value(setup, numbers, a, g);
      evaluate_point(model, samples, &points[g], setup, registers);
    }
  } else {
    tt1__free(points);
    points = NULL;
  }
  tt1__free(registers);
  return points;
}
