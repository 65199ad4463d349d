/* SPDX-License-Identifier: MIT
 * How residuals are weighed beyond least squares:
 *
 *   Rician   magnitudes of a signal g with Gaussian noise of SD s in both channels (Gudbjartsson &
 *            Patz 1995, doi:10.1002/mrm.1910340618). Per sample, but for a constant, twice s^2 times
 *            the negative log-likelihood is (y - g)^2 + 2 s^2 (z - ln I0(z)), z = y g / s^2; its
 *            slope is that of least squares on y I1(z) / I0(z).
 *   robust   Tukey's bisquare (Beaton & Tukey 1974, doi:10.1080/00401706.1974.10489171): residuals
 *            beyond 4.685 times the scale count for nothing. */
#ifndef TT1_NOISE_H
#define TT1_NOISE_H

/* Least squares without one sample: a step on the way to a robust fit. */
enum { NOISE_WITHOUT_ONE = 3 };

/* What weighs one fit: a row of NOISE_*, and the SD of the noise or the scale of the residuals. */
typedef struct weighing {
  int noise;
  real scale;
  int left_out; /* NOISE_WITHOUT_ONE: this sample */
} weighing;

/* One sample weighed: the part of the residual that pulls, its weight in the normal matrix, its
 * share of the cost. */
typedef struct weighed {
  real pull, weight, cost;
} weighed;

/* I1(z) / I0(z), the same over z, and z - ln I0(z), for z >= 0; relative error 2e-10. */
typedef struct bessel {
  real ratio, over_z, loss;
} bessel;

/* The power series (DLMF 10.25.2), all terms positive: for z up to 8. */
FN bessel bessel_near(real z)
{
  real one = bc(REAL(1.0)), q = z * z * bc(REAL(0.25)), i0 = one, i1 = one;
  for (int k = 18; k > 0; k--) {
    scalar n = (scalar)k;
    i0 = mad(q * bc(REAL(1.0) / (n * n)), i0, one);
    i1 = mad(q * bc(REAL(1.0) / (n * (n + REAL(1.0)))), i1, one);
  }
  bessel b;
  b.over_z = bc(REAL(0.5)) * i1 / i0;
  b.ratio = b.over_z * z;
  b.loss = z - rlog(i0);
  return b;
}

/* exp(-z) I(z) sqrt(z) as Chebyshev fits in 16 / z - 1: from z = 8 on. */
FN bessel bessel_far(real z)
{
  real x = mad(bc(REAL(16.0)), bc(REAL(1.0)) / z, bc(REAL(-1.0)));
  real i0 = mad(x, bc(REAL(1.521810827422e-09)), bc(REAL(3.161985563369e-08)));
  i0 = mad(x, i0, bc(REAL(1.056358033556e-07)));
  i0 = mad(x, i0, bc(REAL(3.073322912251e-07)));
  i0 = mad(x, i0, bc(REAL(1.478017997642e-06)));
  i0 = mad(x, i0, bc(REAL(1.113981565879e-05)));
  i0 = mad(x, i0, bc(REAL(1.362167837906e-04)));
  i0 = mad(x, i0, bc(REAL(3.360552241721e-03)));
  i0 = mad(x, i0, bc(REAL(4.021765094311e-01)));
  real i1 = mad(x, bc(REAL(-2.428794535565e-09)), bc(REAL(-3.577435815790e-08)));
  i1 = mad(x, i1, bc(REAL(-1.178745831685e-07)));
  i1 = mad(x, i1, bc(REAL(-3.584298887679e-07)));
  i1 = mad(x, i1, bc(REAL(-1.828726725114e-06)));
  i1 = mad(x, i1, bc(REAL(-1.503526802947e-05)));
  i1 = mad(x, i1, bc(REAL(-2.192365181832e-04)));
  i1 = mad(x, i1, bc(REAL(-9.749577457557e-03)));
  i1 = mad(x, i1, bc(REAL(3.893984590407e-01)));
  bessel b;
  b.ratio = i1 / i0;
  b.over_z = b.ratio / z;
  b.loss = mad(bc(REAL(0.5)), rlog(z), -rlog(i0));
  return b;
}

FN bessel bessel_at(real z)
{
  real eight = bc(REAL(8.0));
  mask far = gt(z, eight);
  bessel a = bessel_near(rmin(z, eight)), b = bessel_far(rmax(z, eight));
  a.ratio = select(far, b.ratio, a.ratio);
  a.over_z = select(far, b.over_z, a.over_z);
  a.loss = select(far, b.loss, a.loss);
  return a;
}

/* Weights below a twentieth would let a step go anywhere. */
FN weighed weigh_rician(real sigma, real y, real g)
{
  weighed w;
  real one = bc(REAL(1.0)), miss = y - g, shares = y / sigma;
  bessel b = bessel_at(rmin(rmax(shares * (g / sigma), bc(REAL(0.0))), bc(REAL(1e15))));
  w.pull = mad(y, b.ratio, -g);
  real slope = (one - b.over_z) - b.ratio * b.ratio; // of the ratio
  w.weight = rmin(one, rmax(mad(-(shares * shares), slope, one), bc(REAL(0.05))));
  w.cost = mad(miss, miss, bc(REAL(2.0)) * sigma * sigma * b.loss);
  return w;
}

FN weighed weigh_robust(real scale, real miss)
{
  weighed w;
  real zero = bc(REAL(0.0)), one = bc(REAL(1.0)), reach = bc(REAL(4.685)) * scale;
  real u = miss / reach, left = rmax(mad(-u, u, one), zero);
  w.weight = left * left;
  w.pull = w.weight * miss;
  w.cost = reach * reach * bc(REAL(1.0) / REAL(3.0)) * mad(-w.weight, left, one);
  return w;
}

/* The sample of rank a and that of rank b, taken at half: rank by counting, equal ones in order. */
FN real middle(PRIVATE const real *r, int n, int a, int b)
{
  real zero = bc(REAL(0.0)), one = bc(REAL(1.0)), share = bc(REAL(0.5)), sum = zero;
  for (int j = 0; j < n; j++) {
    real rank = zero;
    for (int k = 0; k < n; k++)
      rank = rank + select(k < j ? le(r[k], r[j]) : lt(r[k], r[j]), one, zero);
    real off_a = rabs(rank - bc((scalar)a)), off_b = rabs(rank - bc((scalar)b));
    sum = sum + select(lt(off_a, share), r[j] * share, zero);
    sum = sum + select(lt(off_b, share), r[j] * share, zero);
  }
  return sum;
}

/* The SD of the noise from the middle of the residuals, of which a fit makes the p - 1 smallest
 * small: after Kellman 2013, doi:10.1186/1532-429X-15-56. */
FN real middle_deviation(PRIVATE const real *r, int n, int n_parameters)
{
  int from = n_parameters - 1, count = n - from;
  return middle(r, n, from + (count - 1) / 2, from + count / 2) * bc(REAL(1.4826022));
}
#endif
