/* SPDX-License-Identifier: MIT
 * MP2RAGE from what scanners deliver: magnitudes, which are refused alone, and UNI images. Truth are the
 * values of the model's test lines, from step-by-step evolutions of the magnetisation. */
#include "mapping_support.h"

#define SIDECAR_OF_BOTH                                                           \
  "{\"InversionTime\": [0.8, 2.7], \"FlipAngle\": [4, 5], \"NumberShots\": 160, " \
  "\"RepetitionTimePreparation\": 5, \"RepetitionTimeExcitation\": 0.0067}"

static tt1_mapping_options *lent; /* to the mapping that fit() gave */

/* Fit `file` and give T1 of voxels 0 and 1; the mapping is the caller's, NULL where the fit is refused. */
static tt1_mapping *fit(double t1[2], const sandbox *s, const char *file, const setting *settings,
                        tt1_error *err)
{
  tt1_mapping *m = NULL;
  tt1_mapping_options *options = options_with(settings);
  tt1_status status = create_mapping(&m, inside(s, file), options, err);
  if (status == TT1_OK) status = tt1_mapping_run(m, NULL, NULL, err);
  for (int v = 0; v < 2 && status == TT1_OK; v++)
    t1[v] = (double)tt1_mapping_map(m, "T1map")[v];
  lent = options;
  if (status == TT1_OK) return m;
  tt1_mapping_free(m);
  tt1_mapping_options_free(options);
  return NULL;
}

static int notes(const tt1_mapping *m, const char *part)
{
  for (int i = 0; tt1_mapping_note(m, i); i++)
    if (strstr(tt1_mapping_note(m, i), part)) return 1;
  return 0;
}

static void check_refused(const sandbox *s, const char *file, const setting *settings,
                          const char *part)
{
  double t1[2];
  tt1_error err = {0};
  tt1_mapping *m = fit(t1, s, file, settings, &err);
  if (m) fail_msg("%s is fitted", file);
  if (!strstr(err.message, part)) fail_msg("'%s' lacks '%s'", err.message, part);
}

static void done(tt1_mapping *m)
{
  tt1_mapping_free(m);
  tt1_mapping_options_free(lent);
  lent = NULL;
}

static const setting mp2rage[] = {{"model", "mp2rage"}, {0}};

static void is_near(const double t1[2], double off)
{
  assert_true(fabs(t1[0] - 1.92) < off && fabs(t1[1] - 1.15) < off);
}

static tt1_mapping *fit_well(double t1[2], const sandbox *s, const char *file,
                             const setting *settings)
{
  tt1_error err = {0};
  tt1_mapping *m = fit(t1, s, file, settings, &err);
  if (!m) fail_msg("%s", err.message);
  return m;
}

/* ---- Magnitudes ---- */

static void magnitudes_alone_are_refused(void **state)
{
  (void)state;
  sandbox s = sandbox_make_in_memory();
  const setting as_magnitudes[] = {{"model", "mp2rage"}, {"sign", "magnitude"}, {0}};
  const setting as_signed[] = {{"model", "mp2rage"}, {"sign", "signed"}, {0}};
  double t1[2];
  put_pair(&s);
  check_refused(&s, "pair.nii", mp2rage, "needs signed images");
  check_refused(&s, "pair.nii", mp2rage, "--uni FILE");
  check_refused(&s, "pair.nii", as_magnitudes, "needs signed images");
  done(fit_well(t1, &s, "pair.nii", as_signed)); // who says so knows better
  assert_true(t1[0] < 1.5);
  remove_tree(s.path);
}

/* Any model without an outer abs whose signal goes below zero; but not where only an offset, or a saturation
 * efficiency above 1, does. */
static void other_models_are_asked_too(void **state)
{
  (void)state;
  static const char text[] = "model own\nknown TI s \"inversion time\" bids InversionTime\n"
                             "find A 1 \"signal\" in [0, inf) start 1\n"
                             "find T1 s \"T1\" in [0.1, 5]\nsignal A * (1 - 1.9 * exp(-TI / T1))\n";
  sandbox s = sandbox_make_in_memory();
  const setting own[] = {{"model", inside(&s, "own.model")}, {0}};
  const setting sasha[] = {
      {"model", "sasha3"}, {"known", "TS=0.1,1.1,2.1,3.1,4.1,0.18,1.18,2.18"}, {0}};
  put_series(&s, "magnitude", 0, SIDECAR);
  put_series(&s, "signed", 1, SIDECAR);
  write_text(inside(&s, "own.model"), text);
  check_refused(&s, "magnitude.nii", own, "model own needs signed images");
  tt1_error err = {0};
  tt1_mapping *m = NULL;
  tt1_mapping_options *options = options_with(own);
  if (create_mapping(&m, inside(&s, "signed.nii"), options, &err) != TT1_OK)
    fail_msg("%s", err.message);
  tt1_mapping_free(m);
  tt1_mapping_options_free(options);
  options = options_with(sasha);
  if (create_mapping(&m, inside(&s, "magnitude.nii"), options, &err) != TT1_OK)
    fail_msg("%s", err.message);
  tt1_mapping_free(m);
  tt1_mapping_options_free(options);
  remove_tree(s.path);
}

static void uni_signs_magnitudes(void **state)
{
  (void)state;
  sandbox s = sandbox_make_in_memory();
  double t1[2];
  put_pair(&s);
  const setting with[] = {{"uni", inside(&s, "u.nii")}, {0}};
  const setting molli[] = {{"uni", inside(&s, "u.nii")}, {"model", "molli"}, {0}};
  tt1_mapping *m = fit_well(t1, &s, "pair.nii", with);
  is_near(t1, 1e-4);
  assert_string_equal(tt1_model_name(tt1_mapping_model(m)), "mp2rage");
  assert_true(notes(m, "the sign of the UNI image"));
  done(m);
  check_refused(&s, "pair.nii", molli, "--model mp2rage");
  check_refused(&s, "u.nii", with, "is the input itself");
  put_map(&s, "u.nii", 3900, 200);
  check_refused(&s, "pair.nii", with, "not those of the two magnitudes");
  remove_tree(s.path);
}

/* ---- UNI alone ---- */

static double uni_of(int voxel)
{
  static const double signal[2][2] = {{-0.00754071, 0.04038871}, {0.00594121, 0.05662080}};
  const double *s = signal[voxel];
  return s[0] * s[1] / (s[0] * s[0] + s[1] * s[1]);
}

static void put_uni(const sandbox *s, double slope, double intercept)
{
  put_map(s, "x_UNIT1.nii", slope * uni_of(1) + intercept, slope * uni_of(0) + intercept);
  write_text(inside(s, "x_UNIT1.json"), SIDECAR_OF_BOTH);
}

static void uni_alone_gives_t1(void **state)
{
  (void)state;
  static const double ranges[][2] = {{1, 0}, {4095, 2047.5}};
  static const char *const said[] = {"as those of -0.5 to 0.5", "as those of 0 to 4095"};
  sandbox s = sandbox_make_in_memory();
  for (int i = 0; i < 2; i++) {
    double t1[2];
    put_uni(&s, ranges[i][0], ranges[i][1]);
    tt1_mapping *m = fit_well(t1, &s, "x_UNIT1.nii", NULL);
    is_near(t1, 1e-4);
    assert_true(notes(m, said[i]) && notes(m, "model mp2rage, for there is a UNI image"));
    assert_true(isnan(tt1_mapping_map(m, "T1map_sd")[0])); // not 0: it is not known
    done(m);
  }
  remove_tree(s.path);
}

static void other_values_are_refused(void **state)
{
  (void)state;
  static const double ranges[][2] = {{1, 0.5}, {255, 127.5}, {8190, 4095}, {2, 0.5}, {0, 0.2}};
  sandbox s = sandbox_make_in_memory();
  for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++) {
    put_uni(&s, ranges[i][0], ranges[i][1]);
    check_refused(&s, "x_UNIT1.nii", NULL,
                  i == 4 ? "all its values are the same" : "in none of the ranges");
  }
  const setting sigma[] = {{"sigma", "2"}, {0}}, rician[] = {{"noise", "robust"}, {0}};
  put_uni(&s, 1, 0);
  check_refused(&s, "x_UNIT1.nii", sigma, "leave --sigma out");
  check_refused(&s, "x_UNIT1.nii", rician, "leave --noise out");
  write_text(inside(&s, "x_UNIT1.json"), "{\"InversionTime\": 0.8, \"FlipAngle\": [4, 5]}");
  check_refused(&s, "x_UNIT1.nii", NULL, "(TI) is given; add InversionTime"); // of which one is it?
  remove_tree(s.path);
}

static void robust_combinations_are_refused(void **state)
{
  (void)state;
  sandbox s = sandbox_make_in_memory();
  const setting sure[] = {{"sign", "signed"}, {0}};
  double t1[2];
  put_uni(&s, 1, 0);
  put_map(&s, "x_UNIT1.nii", -0.4973, uni_of(0)); // what is dark is near -0.5
  check_refused(&s, "x_UNIT1.nii", NULL, "83 % of the voxels are near -0.5");
  put_map(&s, "x_UNIT1.nii", 0.004, uni_of(0));
  check_refused(&s, "x_UNIT1.nii", NULL, "near 0, the middle");
  tt1_mapping *m = fit_well(t1, &s, "x_UNIT1.nii", sure);
  assert_non_null(tt1_mapping_warning(m, 0));
  done(m);
  put_uni(&s, 1, 0);
  write_text(inside(&s, "x_UNIT1.json"),
             "{\"SeriesDescription\": \"mp2rage_UNI-DEN\", \"InversionTime\": [0.8, 2.7]}");
  check_refused(&s, "x_UNIT1.nii", NULL, "whose background was suppressed");
  remove_tree(s.path);
}

/* Where the first inversion may be the larger one two T1 have the same UNI: that is said, and kept out. */
static void t1_is_looked_for_where_it_is_unique(void **state)
{
  (void)state;
  sandbox s = sandbox_make_in_memory();
  const setting angles[] = {{"known", "FA=7,5"}, {0}};
  double t1[2];
  put_uni(&s, 1, 0);
  tt1_mapping *m = fit_well(t1, &s, "x_UNIT1.nii", angles);
  const tt1_parameter *found = tt1_model_parameter(tt1_mapping_model(m), 1);
  assert_string_equal(found->name, "T1");
  assert_true(found->lower > 0.21 && found->upper < 6 && notes(m, "UNI decides T1 from"));
  done(m);
  remove_tree(s.path);
}

static void survives_lack_of_memory(void **state)
{
  (void)state;
  sandbox s = sandbox_make_in_memory();
  put_pair(&s);
  put_uni(&s, 1, 0);
  const setting settings[2][2] = {{{"uni", inside(&s, "u.nii")}, {0}}, {{"known", "FA=7,5"}, {0}}};
  for (int c = 0; c < 2; c++) {
    tt1_status status = TT1_NO_MEMORY;
    tt1_mapping_options *options = options_with(settings[c]);
    for (int n = 1; status != TT1_OK; n++) {
      tt1_mapping *m = NULL;
      tt1_error err = {0};
      tt1__fail_allocation(n);
      status = create_mapping(&m, inside(&s, c ? "x_UNIT1.nii" : "pair.nii"), options, &err);
      tt1__fail_allocation(0);
      tt1_mapping_free(m);
      if (status != TT1_OK && status != TT1_NO_MEMORY)
        fail_msg("allocation %d: %s", n, err.message);
    }
    tt1_mapping_options_free(options);
  }
  remove_tree(s.path);
}

int main(void)
{
#ifndef TT1_HAVE_JANSSON
  return 77;
#endif
  const struct CMUnitTest tests[] = {cmocka_unit_test(magnitudes_alone_are_refused),
                                     cmocka_unit_test(other_models_are_asked_too),
                                     cmocka_unit_test(uni_signs_magnitudes),
                                     cmocka_unit_test(uni_alone_gives_t1),
                                     cmocka_unit_test(other_values_are_refused),
                                     cmocka_unit_test(robust_combinations_are_refused),
                                     cmocka_unit_test(t1_is_looked_for_where_it_is_unique),
                                     cmocka_unit_test(survives_lack_of_memory)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
