/* SPDX-License-Identifier: MIT
 * Elementary functions over lanes, the project's own, so that every device
 * computes the same bits. Polynomials after Cephes (S. Moshier), whose error
 * bounds docs/numerics.md states and tests/unit/kernel_elementary.c checks:
 *
 *   rexp         argument clamped to [-87, 88]; 1.1 ulp
 *   rlog         positive normal arguments; 0.9 ulp
 *   rsin rcos    |a| <= 8192; absolute error 1e-7, 1.6 ulp for |a| <= pi
 *   rtan         3.3 ulp for |a| <= 1.5
 *   rtanh        1.6 ulp
 *   rpow(a, b)   exp(b log a), a > 0
 *
 * In double the C library's serve: that block is the reference. */
#ifndef TT1_ELEMENTARY_H
#define TT1_ELEMENTARY_H

// Adding 1.5 * 2^23 (2^52) rounds to the nearest integer and leaves it in the low bits.
#if defined(WORDS_DOUBLE)
#  define ROUNDER 6755399441055744.0
#else
#  define ROUNDER REAL(12582912.0)
#endif

FN real rsign(real a)
{
  return select(lt(a, bc(REAL(0.0))), bc(REAL(-1.0)), bc(REAL(1.0)));
}

#if defined(WORDS_DOUBLE)
FN real rexp(real a)
{
  return exp(a);
}
FN real rlog(real a)
{
  return log(a);
}
FN real rsin(real a)
{
  return sin(a);
}
FN real rcos(real a)
{
  return cos(a);
}
FN real rtan(real a)
{
  return tan(a);
}
FN real rtanh(real a)
{
  return tanh(a);
}
FN real rpow(real a, real b)
{
  return pow(a, b);
}
#else

FN real rexp(real a)
{
  a = rmin(bc(REAL(88.0)), rmax(bc(REAL(-87.0)), a)); // NaN stays NaN
  real z = mad(a, bc(REAL(1.44269504088896341)), bc(ROUNDER));
  real n = z - bc(ROUNDER);
  real r = mad(n, bc(REAL(-0.693359375)), a); // ln 2 in two parts
  r = mad(n, bc(REAL(2.12194440e-4)), r);
  real p = mad(r, bc(REAL(1.9875691500e-4)), bc(REAL(1.3981999507e-3)));
  p = mad(p, r, bc(REAL(8.3334519073e-3)));
  p = mad(p, r, bc(REAL(4.1665795894e-2)));
  p = mad(p, r, bc(REAL(1.6666665459e-1)));
  p = mad(p, r, bc(REAL(5.0000001201e-1)));
  p = mad(p * r, r, r) + bc(REAL(1.0));
  return shift_exponent(p, z);
}

FN real rlog(real a)
{
  real m = mantissa(a), e = exponent(a);
  mask high = gt(m, bc(REAL(1.41421356237)));
  m = select(high, m * bc(REAL(0.5)), m) - bc(REAL(1.0));
  e = select(high, e + bc(REAL(1.0)), e);
  real z = m * m;
  real p = mad(bc(REAL(7.0376836292e-2)), m, bc(REAL(-1.1514610310e-1)));
  p = mad(p, m, bc(REAL(1.1676998740e-1)));
  p = mad(p, m, bc(REAL(-1.2420140846e-1)));
  p = mad(p, m, bc(REAL(1.4249322787e-1)));
  p = mad(p, m, bc(REAL(-1.6668057665e-1)));
  p = mad(p, m, bc(REAL(2.0000714765e-1)));
  p = mad(p, m, bc(REAL(-2.4999993993e-1)));
  p = mad(p, m, bc(REAL(3.3333331174e-1)));
  p = p * m * z;
  p = mad(e, bc(REAL(-2.12194440e-4)), p);
  p = mad(z, bc(REAL(-0.5)), p);
  return select(ge(a, bc(REAL(0.0))), mad(e, bc(REAL(0.693359375)), m + p), bc(QUIET_NAN));
}

/* Sine and cosine of the remainder after `*quarters` quarter turns. */
FN real quarter_turns(real a, PRIVATE real *sine, PRIVATE real *cosine)
{
  real z = mad(a, bc(REAL(0.636619772367581)), bc(ROUNDER));
  real n = z - bc(ROUNDER);
  real r = mad(n, bc(REAL(-1.5703125)), a); // pi / 2 in three parts
  r = mad(n, bc(REAL(-4.837512969970703125e-4)), r);
  r = mad(n, bc(REAL(-7.549789948768648e-8)), r);
  real s = r * r;
  real p = mad(s, bc(REAL(-1.9515295891e-4)), bc(REAL(8.3321608736e-3)));
  p = mad(p, s, bc(REAL(-1.6666654611e-1)));
  *sine = mad(p * s, r, r);
  real q = mad(s, bc(REAL(2.443315711809948e-5)), bc(REAL(-1.388731625493765e-3)));
  q = mad(q, s, bc(REAL(4.166664568298827e-2)));
  *cosine = mad(q * s, s, mad(s, bc(REAL(-0.5)), bc(REAL(1.0))));
  return n;
}

/* The sine `turns` quarter turns on: 0 sine, 1 cosine, 2 -sine, 3 -cosine. */
FN real turned(real turns, real sine, real cosine)
{
  real whole = mad(turns, bc(REAL(0.25)), bc(ROUNDER)) - bc(ROUNDER);
  real rest = mad(whole, bc(REAL(-4.0)), turns); // -2, -1, 0, 1 or 2
  mask odd = and_(gt(rabs(rest), bc(REAL(0.5))), lt(rabs(rest), bc(REAL(1.5))));
  real value = select(odd, cosine, sine);
  mask minus = or_(lt(rest, bc(REAL(-0.5))), gt(rest, bc(REAL(1.5))));
  return select(minus, -value, value);
}

FN real rsin(real a)
{
  real sine, cosine, n = quarter_turns(a, &sine, &cosine);
  return turned(n, sine, cosine);
}

FN real rcos(real a)
{
  real sine, cosine, n = quarter_turns(a, &sine, &cosine);
  return turned(n + bc(REAL(1.0)), sine, cosine);
}

FN real rtan(real a)
{
  return rsin(a) / rcos(a);
}

FN real rtanh(real a)
{
  real e = rexp(bc(REAL(-2.0)) * rabs(a)), s = a * a; // near zero 1 - e cancels: a series there
  real p = mad(s, bc(REAL(-5.70498872745e-3)), bc(REAL(2.06390887954e-2)));
  p = mad(p, s, bc(REAL(-5.37397155531e-2)));
  p = mad(p, s, bc(REAL(1.33314422036e-1)));
  p = mad(p, s, bc(REAL(-3.33332819422e-1)));
  real far = (bc(REAL(1.0)) - e) / (bc(REAL(1.0)) + e);
  return select(lt(rabs(a), bc(REAL(0.625))), mad(p * s, a, a), rsign(a) * far);
}

FN real rpow(real a, real b)
{
  return rexp(b * rlog(a));
}
#endif
#endif
