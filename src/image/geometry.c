/* SPDX-License-Identifier: MIT
 * Where voxels lie in the world. The two ways in which NIfTI tells: nifti1.h,
 * methods 2 (qform) and 3 (sform). */
#include <math.h>
#include <string.h>

#include "image/image.h"

static void rotation(const double quatern[3], double r[3][3])
{
  double b = quatern[0], c = quatern[1], d = quatern[2];
  double rest = 1.0 - (b * b + c * c + d * d), a = rest > 0.0 ? sqrt(rest) : 0.0;
  const double matrix[3][3] = {
      {a * a + b * b - c * c - d * d, 2.0 * (b * c - a * d), 2.0 * (b * d + a * c)},
      {2.0 * (b * c + a * d), a * a + c * c - b * b - d * d, 2.0 * (c * d - a * b)},
      {2.0 * (b * d - a * c), 2.0 * (c * d + a * b), a * a + d * d - b * b - c * c}};
  memcpy(r, matrix, sizeof matrix);
}

int tt1_geometry_matrix(const tt1_geometry *g, double matrix[3][4])
{
  if (g->sform_code > 0) {
    memcpy(matrix, g->srow, sizeof g->srow);
    return 1;
  }
  if (g->qform_code <= 0) return 0;
  double r[3][3];
  rotation(g->quatern, r);
  for (int i = 0; i < 3; i++) {
    for (int j = 0; j < 3; j++)
      matrix[i][j] = r[i][j] * g->spacing[j] * (j == 2 && g->qfac < 0.0 ? -1.0 : 1.0);
    matrix[i][3] = g->qoffset[i];
  }
  return 1;
}

int tt1_geometry_slice_axis(const tt1_geometry *g)
{
  int single = -1, n_single = 0, longest = 2;
  for (int i = 0; i < 3; i++)
    if (g->size[i] == 1) {
      single = i;
      n_single++;
    }
  if (n_single == 1) return single;
  if (n_single > 1) return 2;
  for (int i = 0; i < 3; i++)
    if (fabs(g->spacing[i]) > fabs(g->spacing[longest])) longest = i;
  for (int i = 0; i < 3; i++)
    if (i != longest && !(fabs(g->spacing[longest]) >= 1.2 * fabs(g->spacing[i]))) return 2;
  return longest;
}

/* The inverse of the 3 x 3 part by Cramer's rule; 0 if there is none. */
static int invert(double a[3][4], double inverse[3][3])
{
  for (int i = 0; i < 3; i++)
    for (int j = 0; j < 3; j++) {
      int r = (i + 1) % 3, s = (i + 2) % 3, c = (j + 1) % 3, d = (j + 2) % 3;
      inverse[j][i] = a[r][c] * a[s][d] - a[r][d] * a[s][c];
    }
  double whole = a[0][0] * inverse[0][0] + a[0][1] * inverse[1][0] + a[0][2] * inverse[2][0];
  for (int i = 0; i < 9; i++)
    inverse[i / 3][i % 3] /= whole;
  return fabs(whole) > 0;
}

int tt1__geometry_relate(double m[3][4], const tt1_geometry *to, const tt1_geometry *from)
{
  double a[3][4], b[3][4], inverse[3][3];
  if (!tt1_geometry_matrix(to, a) || !tt1_geometry_matrix(from, b) || !invert(a, inverse)) return 0;
  for (int i = 0; i < 3; i++)
    b[i][3] -= a[i][3];
  for (int i = 0; i < 3; i++)
    for (int j = 0; j < 4; j++)
      m[i][j] = inverse[i][0] * b[0][j] + inverse[i][1] * b[1][j] + inverse[i][2] * b[2][j];
  return 1;
}

// Between two affine maps the greatest distance is at a corner.
double tt1_geometry_distance(const tt1_geometry *a, const tt1_geometry *b)
{
  double from[3][4], to[3][4], greatest = 0.0;
  if (!tt1_geometry_matrix(a, from) || !tt1_geometry_matrix(b, to)) return (double)NAN;
  for (int corner = 0; corner < 8; corner++) {
    double squares = 0.0;
    for (int i = 0; i < 3; i++) {
      double apart = to[i][3] - from[i][3];
      for (int j = 0; j < 3; j++)
        if (corner >> j & 1) apart += (to[i][j] - from[i][j]) * (double)(a->size[j] - 1);
      squares += apart * apart;
    }
    if (sqrt(squares) > greatest) greatest = sqrt(squares);
  }
  return greatest;
}
