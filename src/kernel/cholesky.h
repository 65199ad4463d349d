/* SPDX-License-Identifier: MIT
 * Small symmetric systems, one per lane: packed lower triangles, a[i(i+1)/2 + j]. */
#ifndef TT1_CHOLESKY_H
#define TT1_CHOLESKY_H

#define PACKED(i, j) ((i) * ((i) + 1) / 2 + (j))
enum { MAX_PACKED = MAX_PARAMETERS * (MAX_PARAMETERS + 1) / 2 };

/* Factorise in place, L with its diagonal inverted. Returns the least pivot. */
FN real factorise(PRIVATE real *a, int n)
{
  real least = bc(REAL(1e30));
  for (int j = 0; j < n; j++) {
    real pivot = a[PACKED(j, j)];
    for (int k = 0; k < j; k++)
      pivot = mad(-a[PACKED(j, k)], a[PACKED(j, k)], pivot);
    least = rmin(pivot, least);
    real inverse = bc(REAL(1.0)) / root(rmax(pivot, bc(REAL(1e-12))));
    a[PACKED(j, j)] = inverse;
    for (int i = j + 1; i < n; i++) {
      real sum = a[PACKED(i, j)];
      for (int k = 0; k < j; k++)
        sum = mad(-a[PACKED(i, k)], a[PACKED(j, k)], sum);
      a[PACKED(i, j)] = sum * inverse;
    }
  }
  return least;
}

/* b := L^-1 b */
FN void forward(PRIVATE const real *a, int n, PRIVATE real *b)
{
  for (int i = 0; i < n; i++) {
    real sum = b[i];
    for (int k = 0; k < i; k++)
      sum = mad(-a[PACKED(i, k)], b[k], sum);
    b[i] = sum * a[PACKED(i, i)];
  }
}

/* b := L'^-1 b */
FN void backward(PRIVATE const real *a, int n, PRIVATE real *b)
{
  for (int i = n - 1; i >= 0; i--) {
    real sum = b[i];
    for (int k = i + 1; k < n; k++)
      sum = mad(-a[PACKED(k, i)], b[k], sum);
    b[i] = sum * a[PACKED(i, i)];
  }
}
#endif
