/* SPDX-License-Identifier: MIT
 * The t distributions against values of SciPy 1.10.1 and closed forms. */
#include "analysis_support.h"

#include "analysis/special.h"

static const double PI = 3.14159265358979323846;

static void p_of_student(void **state)
{
  (void)state;
  static const double known[][3] = {
      // freedom, t, 2 * stats.t.sf(t, freedom)
      {3, 0.2, 0.854270329246279},      {15, 1.7, 0.10976621100133617},
      {40, 12.0, 7.82417130425597e-15}, {65534, 3.0, 0.0027008105652051727},
      {1e6, 0.01, 0.9920212893655477},  {2, 1000, 9.999985000025e-07}};
  for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
    double p = tt1__student_p(known[i][1], known[i][0]);
    assert_near(p / known[i][2], 1.0, 1e-9);
    assert_near(tt1__student_p(-known[i][1], known[i][0]), p, 0.0);
  }
  for (double t = 0.0; t < 30.0; t += 0.37) // the Cauchy distribution, and freedom 2
  {
    assert_near(tt1__student_p(t, 1.0), 1.0 - 2.0 * atan(t) / PI, 1e-13);
    assert_near(tt1__student_p(t, 2.0), 1.0 - t / sqrt(2.0 + t * t), 1e-13);
  }
  assert_near(tt1__student_p((double)INFINITY, 5.0), 0.0, 0.0);
  assert_true(isnan(tt1__student_p((double)NAN, 5.0)));
  assert_true(isnan(tt1__student_p(1.0, 0.0)));
}

static void quantiles_of_student(void **state)
{
  (void)state;
  static const double known[][2] = {// freedom, stats.t.ppf(0.975, freedom)
                                    {1, 12.706204736432095},   {2, 4.302652729911275},
                                    {5, 2.5705818366147395},   {16, 2.1199052992210112},
                                    {100, 1.9839715184496334}, {65535, 1.9600001837358954}};
  for (size_t i = 0; i < sizeof known / sizeof *known; i++)
    assert_near(tt1__student_quantile(0.05, known[i][0]), known[i][1], 1e-9);
  assert_near(tt1__student_quantile(0.5, 1.0), 1.0, 1e-12);
  assert_near(tt1__student_p(tt1__student_quantile(1e-9, 7.0), 7.0), 1e-9, 1e-18);
  assert_true(isnan(tt1__student_quantile(0.05, 0.0)));
}

static void quantiles_of_noncentral_t(void **state)
{
  (void)state;
  static const double known[][3] = {
      // n, stats.nct.ppf([0.025, 0.975], n - 1, 1.96 sqrt(n))
      {2, 0.7390753946864541, 88.46987496623805},   {3, 1.2343408917856549, 22.19830483643358},
      {10, 3.6783009290882993, 12.019508618278586}, {17, 5.422004997786389, 12.980655683840329},
      {100, 16.59063167893874, 23.418707437663805}, {1000, 58.74879488002236, 65.46061584018338}};
  for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
    double n = known[i][0], shift = 1.959963984540054 * sqrt(n);
    assert_near(tt1__noncentral_t_quantile(0.025, n - 1.0, shift) / known[i][1], 1.0, 3e-7);
    assert_near(tt1__noncentral_t_quantile(0.975, n - 1.0, shift) / known[i][2], 1.0, 3e-7);
  }
  // Many pairs: normal, with variance (1 + z^2 / 2) / n.
  double n = 1e8, z = 1.959963984540054;
  double t = tt1__noncentral_t_quantile(0.975, n - 1.0, z * sqrt(n)) / sqrt(n);
  assert_near((t - z) * sqrt(n), z * sqrt(1.0 + 0.5 * z * z), 1e-3);
  assert_true(isnan(tt1__noncentral_t_quantile(0.05, 0.0, 1.0)));
}

// Without a shift it is Student's.
static void noncentral_meets_student(void **state)
{
  (void)state;
  for (double freedom = 1.0; freedom < 200.0; freedom *= 1.9)
    for (double t = 0.1; t < 5.0; t += 0.7)
      assert_near(2.0 - 2.0 * tt1__noncentral_t(t, floor(freedom), 0.0),
                  tt1__student_p(t, floor(freedom)), 1e-9);
}

static void quantiles_of_chi_squared_and_f(void **state)
{
  (void)state;
  static const double chi[][3] = {// p, freedom, stats.chi2.ppf
                                  {0.025, 17, 7.564186449577567},
                                  {0.975, 17, 30.19100912163982},
                                  {0.975, 1, 5.023886187314888},
                                  {0.025, 1, 0.0009820691171752555},
                                  {0.975, 5000, 5197.883771923797}};
  static const double f[][4] = {
      // p, degrees above and below, stats.f.ppf
      {0.975, 5, 18, 3.381967805875243},   {0.975, 18, 5, 6.361883204654353},
      {0.975, 16, 17, 2.6967662255465217}, {0.975, 17, 16, 2.7379980783997007},
      {0.975, 1, 2, 38.506329113924025},   {0.975, 9999, 10000, 1.0399810328817736}};
  for (size_t i = 0; i < sizeof chi / sizeof *chi; i++)
    assert_near(tt1__chi_squared_quantile(chi[i][0], chi[i][1]) / chi[i][2], 1.0, 1e-9);
  for (size_t i = 0; i < sizeof f / sizeof *f; i++)
    assert_near(tt1__f_quantile(f[i][0], f[i][1], f[i][2]) / f[i][3], 1.0, 1e-9);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(p_of_student),
      cmocka_unit_test(quantiles_of_student),
      cmocka_unit_test(quantiles_of_noncentral_t),
      cmocka_unit_test(noncentral_meets_student),
      cmocka_unit_test(quantiles_of_chi_squared_and_f),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
