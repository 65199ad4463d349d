/* SPDX-License-Identifier: MIT
 * BIDS datasets: which series are found in which folders, what their maps are called, how they are
 * read, and what is refused. */
#include "bids_support.h"
#include "tt1_input.h"

#ifdef TT1_HAVE_JANSSON

static tt1_bids *open_part(const sandbox *s, const char *part, const tt1_bids_options *options)
{
  tt1_bids *dataset = NULL;
  tt1_error err = {0};
  if (tt1_bids_open(&dataset, *part ? inside(s, part) : s->path, options, &err))
    fail_msg("%s", err.message);
  return dataset;
}

static const tt1_bids_series *find(const tt1_bids *dataset, const char *name)
{
  for (int i = 0; tt1_bids_series_at(dataset, i); i++)
    if (strcmp(tt1_bids_series_at(dataset, i)->name, name) == 0)
      return tt1_bids_series_at(dataset, i);
  fail_msg("there is no series %s", name);
  return NULL;
}

/* Images 1 .. n whose names hold "%d", each with a sidecar `json`, where "%d" is the index too. */
static void put_set(const sandbox *s, const char *form, int n, const char *json)
{
  for (int i = 1; i <= n; i++) {
    char name[200], text[200];
    const char *at = strstr(form, "%d"), *in = json ? strstr(json, "%d") : NULL;
    snprintf(name, sizeof name, "%.*s%d%s", (int)(at - form), form, i, at + 2);
    if (in) snprintf(text, sizeof text, "%.*s%d%s", (int)(in - json), json, i, in + 2);
    put_image(s, name, 10 * i, in ? text : json);
  }
}

static sandbox many_series(void)
{
  sandbox s = dataset_make();
  put_set(&s, "sub-01/anat/sub-01_inv-%d_IRT1.nii", 4, "{\"InversionTime\": 0.%d}");
  put_set(&s, "sub-01/anat/sub-01_acq-b_inv-%d_IRT1.nii", 3, "{\"InversionTime\": 0.%d}");
  put_set(&s, "sub-01/anat/sub-01_flip-%d_VFA.nii", 2, "{\"FlipAngle\": %d}");
  put_set(&s, "sub-01/anat/sub-01_echo-%d_MESE.nii", 2, "{\"EchoTime\": 0.0%d}");
  put_set(&s, "sub-02/ses-a/anat/sub-02_ses-a_echo-%d_MEGRE.nii", 3, "{\"EchoTime\": 0.00%d}");
  put_set(&s, "sub-02/ses-b/anat/sub-02_ses-b_echo-%d_MEGRE.nii", 3, "{\"EchoTime\": 0.00%d}");
  put_image(&s, "sub-01/anat/sub-01_T1w.nii", 1, NULL);
  put_image(&s, "sub-01/func/sub-01_echo-1_MESE.nii", 1, NULL); // not in anat/
  put_text(&s, "sub-01/anat/notes.txt", "x");
  put_text(&s, "sourcedata/sub-03/anat/sub-03_inv-1_IRT1.nii", "x");
  return s;
}

static void finds_all_series(void **state)
{
  (void)state;
  sandbox s = many_series();
  tt1_bids *dataset = open_part(&s, "", NULL);
  assert_string_equal(tt1_bids_root(dataset), s.path);
  assert_string_equal(tt1_bids_about(dataset)->name, "N");
  assert_string_equal(tt1_bids_about(dataset)->bids_version, "1.9.0");
  assert_string_equal(tt1_bids_about(dataset)->type, "raw");
  assert_int_equal(tt1_bids_n_series(dataset), 6);
  const tt1_bids_series *series = find(dataset, "sub-01_acq-b_IRT1");
  assert_int_equal(series->n_images, 3);
  assert_string_equal(series->folder, "sub-01/anat");
  assert_string_equal(series->subject, "01");
  assert_string_equal(series->session, "");
  assert_string_equal(series->map, "T1map");
  assert_string_equal(series->keys[0], "InversionTime");
  assert_null(series->keys[1]);
  assert_null(series->refused);
  assert_string_equal(find(dataset, "sub-02_ses-b_MEGRE")->session, "b");
  assert_null(tt1_bids_series_at(dataset, 6));
  assert_null(tt1_bids_series_at(dataset, -1));
  tt1_bids_free(dataset);
  tt1_bids_free(NULL);
  remove_tree(s.path);
}

static int count(const sandbox *s, const char *part, const tt1_bids_options *options)
{
  tt1_bids *dataset = open_part(s, part, options);
  int n = tt1_bids_n_series(dataset);
  tt1_bids_free(dataset);
  return n;
}

static void takes_parts(void **state)
{
  (void)state;
  sandbox s = many_series();
  tt1_bids_options options = TT1_BIDS_OPTIONS_INIT;
  assert_int_equal(count(&s, "sub-01", NULL), 4);
  assert_int_equal(count(&s, "sub-01/anat/", NULL), 4);
  assert_int_equal(count(&s, "sub-01/func", NULL), 0);
  assert_int_equal(count(&s, "sub-02/ses-b", NULL), 1);
  assert_int_equal(count(&s, "sub-01/anat/sub-01_inv-3_IRT1.nii", NULL), 1);
  options.participants = "sub-02,01";
  assert_int_equal(count(&s, "", &options), 6);
  options.participants = "02";
  assert_int_equal(count(&s, "", &options), 2);
  options.sessions = "ses-a";
  assert_int_equal(count(&s, "", &options), 1);
  options = (tt1_bids_options)TT1_BIDS_OPTIONS_INIT;
  options.suffix = "IRT1";
  assert_int_equal(count(&s, "", &options), 2);
  options.suffix = "ASL";
  assert_int_equal(count(&s, "", &options), 0);
  assert_true(tt1_bids_contains(inside(&s, "sub-01/anat/sub-01_inv-3_IRT1.nii")));
  assert_false(tt1_bids_contains(inside(&s, "sub-01/anat/sub-01_T1w.nii")));
  assert_false(tt1_bids_contains(inside(&s, "sub-01/func/sub-01_echo-1_MESE.nii")));
  assert_false(tt1_bids_contains(inside(&s, "sourcedata/sub-03")));
  assert_false(tt1_bids_contains(inside(&s, "nothing")));
  remove_tree(s.path);
}

static void check_open(const sandbox *s, const tt1_bids_options *options, tt1_status status,
                       const char *sentence)
{
  tt1_bids *dataset = NULL;
  tt1_error err = {0};
  assert_int_equal(tt1_bids_open(&dataset, s->path, options, &err), status);
  check_sentence(&err, status, sentence);
  assert_null(dataset);
}

static void refuses_what_is_not_there(void **state)
{
  (void)state;
  sandbox s = many_series();
  tt1_bids_options options = TT1_BIDS_OPTIONS_INIT;
  options.participants = "01,07";
  check_open(&s, &options, TT1_BAD_FILE, "has no folder sub-07");
  options.participants = "../..";
  check_open(&s, &options, TT1_BAD_FILE, "has no folder sub-../..");
  options.participants = "01";
  options.sessions = "a";
  check_open(&s, &options, TT1_BAD_FILE, "no subject that is wanted in");
  put_text(&s, "dataset_description.json", "[1]");
  check_open(&s, NULL, TT1_BAD_FILE, "dataset_description.json does not hold a JSON object");
  put_text(&s, "dataset_description.json", "{");
  check_open(&s, NULL, TT1_BAD_FILE, "dataset_description.json is not valid JSON");
  unlink(inside(&s, "dataset_description.json"));
  check_open(&s, NULL, TT1_BAD_FILE, "lies in no BIDS dataset");
  remove_tree(s.path);
}

/* Maps of two series never have one name; what they cannot keep of a name goes into desc-. */
static void names_maps(void **state)
{
  (void)state;
  sandbox s = many_series();
  put_set(&s, "sub-01/anat/sub-01_run-2_dir-AP_echo-%d_MESE.nii", 2, NULL);
  put_set(&s, "sub-01/anat/sub-01_echo-1_flip-%d_VFA.nii", 2, NULL);
  put_set(&s, "sub-01/anat/sub-01_acq-z_inv-%d_desc-moco_IRT1.nii", 2, NULL);
  static const char *const expected[][4] = {
      {"sub-01_IRT1", "sub-01", "IRT1", "sub-01_mod-IRT1"},
      {"sub-01_VFA", "sub-01", "VFA", "sub-01_mod-VFA"},
      {"sub-01_MESE", "sub-01", "", "sub-01_mod-MESE"},
      {"sub-01_acq-b_IRT1", "sub-01_acq-b", "", "sub-01_acq-b_mod-IRT1"},
      {"sub-01_dir-AP_run-2_MESE", "sub-01_run-2", "dirAP", "sub-01_dir-AP_run-2_mod-MESE"},
      {"sub-01_echo-1_VFA", "sub-01", "echo1+VFA", "sub-01_mod-VFA_echo-1"},
      {"sub-01_acq-z_desc-moco_IRT1", "sub-01_acq-z", "moco", "sub-01_acq-z_mod-IRT1"},
      {"sub-02_ses-a_MEGRE", "sub-02_ses-a", "", "sub-02_ses-a_mod-MEGRE"}};
  tt1_bids_options options = TT1_BIDS_OPTIONS_INIT;
  for (int narrow = 0; narrow < 2; narrow++) { // names do not depend on what else is asked for
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
      options.suffix = narrow ? strrchr(expected[i][0], '_') + 1 : NULL;
      tt1_bids *dataset = open_part(&s, "", &options);
      const tt1_bids_series *series = find(dataset, expected[i][0]);
      assert_string_equal(series->map_stem, expected[i][1]);
      assert_string_equal(series->map_label, expected[i][2]);
      assert_string_equal(series->fit_stem, expected[i][3]);
      tt1_bids_free(dataset);
    }
  }
  assert_true(tt1_bids_is_map("T2starmap") && !tt1_bids_is_map("ECVmap"));
  assert_true(tt1_bids_is_acquisition("EchoTime") && !tt1_bids_is_acquisition("SeriesNumber"));
  remove_tree(s.path);
}

/* The one series of a dataset is refused when it is surveyed. */
static void check_refused(sandbox *s, const char *sentence)
{
  tt1_image *image = NULL;
  tt1_error err = {0};
  tt1_bids *dataset = open_part(s, "", NULL);
  assert_int_equal(tt1_bids_n_series(dataset), 1);
  const char *refused = tt1_bids_series_at(dataset, 0)->refused;
  if (!refused || !strstr(refused, sentence))
    fail_msg("expected '%s', got '%s'", sentence, refused ? refused : "nothing");
  assert_int_equal(tt1_bids_read(&image, dataset, 0, &err), TT1_BAD_FILE);
  check_sentence(&err, TT1_BAD_FILE, sentence);
  assert_null(image);
  tt1_bids_facts *facts = NULL;
  assert_int_equal(tt1_bids_look(&facts, dataset, 0, &err), TT1_BAD_FILE);
  assert_null(facts);
  tt1_bids_free(dataset);
  remove_tree(s->path);
}

static void refuses_series_with_holes(void **state)
{
  (void)state;
  sandbox s = dataset_make();
  put_set(&s, "sub-01/anat/sub-01_inv-%d_IRT1.nii", 4, NULL);
  unlink(inside(&s, "sub-01/anat/sub-01_inv-2_IRT1.nii"));
  check_refused(&s, "image inv-2 is missing, sub-01_inv-3_IRT1.nii is there");
  s = dataset_make();
  put_set(&s, "sub-01/anat/sub-01_inv-%d_IRT1.nii", 2, NULL);
  put_set(&s, "sub-01/anat/sub-01_inv-0%d_IRT1.nii", 2, NULL);
  check_refused(&s, "image inv-1 is there twice: sub-01_inv-01_IRT1.nii and sub-01_inv-1_IRT1.nii");
  s = dataset_make();
  put_image(&s, "sub-01/anat/sub-01_MESE.nii", 1, NULL);
  check_refused(&s, "sub-01_MESE.nii has no echo-<index> in its name");
  s = dataset_make();
  put_set(&s, "sub-01/anat/sub-02_echo-%d_MESE.nii", 2, NULL);
  check_refused(&s, "lies in sub-01/anat, where its name says sub-02/anat");
  s = dataset_make();
  put_set(&s, "sub-01/anat/sub-01_inv-%d_part-phase_IRT1.nii", 2, NULL);
  check_refused(&s, "has no part-mag and no part-real beside it");
  s = dataset_make();
  put_set(&s, "sub-01/anat/sub-01_inv-%d_part-mag_IRT1.nii", 2, NULL);
  put_set(&s, "sub-01/anat/sub-01_inv-%d_IRT1.nii", 2, NULL);
  check_refused(&s, "sub-01_inv-1_part-mag_IRT1.nii has a part-");
  s = dataset_make();
  put_set(&s, "sub-01/anat/sub-01_inv-%d_part-mag_IRT1.nii", 3, NULL);
  put_set(&s, "sub-01/anat/sub-01_inv-%d_part-phase_IRT1.nii", 2, NULL);
  check_refused(&s, "it has 3 magnitudes and 2 phases, which do not pair");
  s = dataset_make();
  put_set(&s, "sub-01/anat/sub-01_inv-%d_part-mag_MP2RAGE.nii", 2, NULL);
  check_refused(&s, "part-phase beside part-mag, or part-real, is needed");
}

/* As one image: a part with one series. */
static void reads_a_part_with_one_series(void **state)
{
  (void)state;
  sandbox s = many_series();
  tt1_image *image = NULL;
  tt1_error err = {0};
  assert_int_equal(tt1_image_read(&image, inside(&s, "sub-02/ses-a"), NULL, &err), TT1_OK);
  assert_int_equal(tt1_image_n_images(image), 3);
  tt1_image_free(image);
  image = NULL;
  assert_int_equal(tt1_image_read(&image, s.path, NULL, &err), TT1_BAD_FILE);
  check_sentence(&err, TT1_BAD_FILE, "holds 6 series, sub-01_IRT1, ");
  assert_int_equal(tt1_image_read(&image, inside(&s, "sub-01/func"), NULL, &err), TT1_BAD_FILE);
  check_sentence(&err, TT1_BAD_FILE, "without a series to fit");
  assert_null(image);
  remove_tree(s.path);
}

/* A participant that cannot be read does not hide the others. */
static void goes_past_what_cannot_be_read(void **state)
{
  (void)state;
  sandbox s = many_series();
  assert_int_equal(symlink("/nowhere", inside(&s, "sub-03")), 0);
  put_text(&s, "sub-04", "a file");
  mkdir(inside(&s, "sub-05"), 0777);
  mkdir(inside(&s, "sub-05/anat"), 0777);
  assert_int_equal(symlink("/nowhere", inside(&s, "sub-05/anat/sub-05_inv-1_IRT1.nii.gz")), 0);
  tt1_bids *dataset = open_part(&s, "", NULL);
  assert_int_equal(tt1_bids_n_series(dataset), 7);
  tt1_image *image = NULL;
  tt1_error err = {0};
  assert_int_equal(tt1_bids_read(&image, dataset, 6, &err), TT1_IO);
  check_sentence(&err, TT1_IO, "sub-05_inv-1_IRT1.nii.gz cannot be read: ");
  tt1_bids_free(dataset);
  if (geteuid() != 0) {
    chmod(inside(&s, "sub-01/anat"), 0);
    dataset = open_part(&s, "", NULL);
    assert_non_null(strstr(find(dataset, "sub-01")->refused, "cannot be read"));
    assert_int_equal(tt1_bids_n_series(dataset), 4);
    chmod(inside(&s, "sub-01/anat"), 0700);
    tt1_bids_free(dataset);
  }
  unlink(inside(&s, "sub-03"));
  remove_tree(s.path);
}

/* ---- Reading ---- */

static tt1_image *read_first(const sandbox *s)
{
  tt1_image *image = NULL;
  tt1_error err = {0};
  tt1_bids *dataset = open_part(s, "", NULL);
  if (tt1_bids_read(&image, dataset, 0, &err)) fail_msg("%s", err.message);
  tt1_bids_free(dataset);
  return image;
}

static void check_unreadable(const sandbox *s, const char *sentence)
{
  tt1_image *image = NULL;
  tt1_error err = {0};
  tt1_bids *dataset = open_part(s, "", NULL);
  assert_int_not_equal(tt1_bids_read(&image, dataset, 0, &err), TT1_OK);
  check_sentence(&err, TT1_BAD_FILE, sentence);
  assert_null(image);
  tt1_bids_free(dataset);
}

static void reads_a_series(void **state)
{
  (void)state;
  sandbox s = dataset_make();
  put_set(&s, "sub-01/anat/sub-01_inv-%d_IRT1.nii", 11, NULL);
  for (int i = 1; i <= 11; i++) {
    char name[64], text[64];
    snprintf(name, sizeof name, "inv-%d_IRT1.json", i);
    snprintf(text, sizeof text, "{\"InversionTime\": 0.%02d}", i);
    put_text(&s, name, text);
  }
  put_text(&s, "sub-01/sub-01_IRT1.json",
           "{\"MagneticFieldStrength\": 3, \"Manufacturer\": \"M\"}");
  tt1_image *image = read_first(&s);
  assert_int_equal(tt1_image_n_images(image), 11);
  assert_true(tt1_image_data(image)[6 * 9] == 100.0f); // image 10 after 9, not after 1
  const tt1_known_values *times = tt1_image_find_known(image, "InversionTime");
  assert_true(times->count == 11 && times->values[10] == 0.11);
  assert_string_equal(times->source, "inv-1_IRT1.json");
  assert_true(tt1_image_origin(image)->field_strength == 3.0);
  assert_string_equal(tt1_image_origin(image)->description, "sub-01_IRT1");
  assert_string_equal(tt1_image_origin(image)->vendor, "M");
  assert_string_equal(tt1_image_file(image, 0), "sub-01/anat/sub-01_inv-1_IRT1.nii");
  assert_string_equal(tt1_image_file(image, 1), "sub-01/sub-01_IRT1.json");
  assert_string_equal(tt1_image_file(image, 2), "inv-1_IRT1.json");
  tt1_image_free(image);
  // By way of one of its files, too.
  assert_int_equal(
      tt1_image_read(&image, inside(&s, "sub-01/anat/sub-01_inv-7_IRT1.nii"), NULL, NULL), TT1_OK);
  assert_int_equal(tt1_image_n_images(image), 11);
  tt1_image_free(image);
  put_text(&s, "inv-3_IRT1.json", "{\"InversionTime\": 120}");
  check_unreadable(&s, "inv-3_IRT1.json: value 1 of \"InversionTime\" is 120, more than 60: ms are "
                       "suspected, times are given in seconds");
  put_text(&s, "inv-3_IRT1.json", "{\"InversionTime\": 0}");
  check_unreadable(&s, "sub-01_IRT1: InversionTime of image 3 is 0, more than 0 is expected");
  put_text(&s, "inv-3_IRT1.json", "{}");
  check_unreadable(&s, "sub-01_inv-3_IRT1.nii has no \"InversionTime\"");
  remove_tree(s.path);
}

static const char *model_of(const sandbox *s, char reason[200], const char **lacks)
{
  tt1_bids_facts *facts = NULL;
  tt1_bids *dataset = open_part(s, "", NULL);
  assert_int_equal(tt1_bids_look(&facts, dataset, 0, NULL), TT1_OK);
  const char *model = facts->model; // a constant of the library, as is what lacks
  *lacks = facts->lacks;
  snprintf(reason, 200, "%s", facts->reason);
  tt1_bids_facts_free(facts);
  tt1_bids_free(dataset);
  return model;
}

static void chooses_models(void **state)
{
  (void)state;
  static const struct {
    const char *json, *model;
  } irt1[] = {{"{\"ScanningSequence\": [\"SE\", \"IR\"]}", "ir3"},
              {"{\"ScanningSequence\": \"GR\\\\IR\"}", "molli"},
              {"{\"PulseSequenceType\": \"Inversion Recovery Spin Echo\"}", "ir3"},
              {"{\"PulseSequenceType\": \"IR-TSE\"}", "ir3"},
              {"{\"PulseSequenceType\": \"MOLLI\"}", "molli"},
              {"{\"PulseSequenceType\": \"PULSE\"}", "molli"},
              {"{}", "molli"}};
  char reason[200];
  const char *lacks = NULL;
  sandbox s = dataset_make();
  put_set(&s, "sub-01/anat/sub-01_inv-%d_IRT1.nii", 3, "{\"InversionTime\": 0.%d}");
  for (size_t i = 0; i < sizeof irt1 / sizeof *irt1; i++) {
    put_text(&s, "IRT1.json", irt1[i].json);
    assert_string_equal(model_of(&s, reason, &lacks), irt1[i].model);
    assert_true(*reason && !lacks);
  }
  remove_tree(s.path);
  s = dataset_make();
  put_set(&s, "sub-01/anat/sub-01_flip-%d_VFA.nii", 2, "{\"FlipAngle\": %d}");
  assert_string_equal(model_of(&s, reason, &lacks), "vfa");
  assert_string_equal(lacks, "RepetitionTimeExcitation");
  put_text(&s, "VFA.json", "{\"RepetitionTime\": 0.02}");
  assert_string_equal(model_of(&s, reason, &lacks), "vfa");
  assert_null(lacks);
  tt1_image *image = read_first(&s);
  assert_string_equal(tt1_image_assumption(image, 0),
                      "RepetitionTimeExcitation is not given, RepetitionTime is taken for it");
  tt1_image_free(image);
  put_text(&s, "VFA.json", "{\"RepetitionTimeExcitation\": 15}");
  check_unreadable(&s, "RepetitionTimeExcitation is 15: ms are suspected");
  put_text(&s, "VFA.json", "{\"RepetitionTime\": 0.02, \"PulseSequenceType\": \"bSSFP\"}");
  assert_null(model_of(&s, reason, &lacks));
  assert_non_null(strstr(reason, "spoiled"));
  remove_tree(s.path);
}

/* ---- Phase ---- */

static sandbox with_phase(const double values[2], const char *json)
{
  sandbox s = dataset_make();
  put_set(&s, "sub-01/anat/sub-01_inv-%d_part-mag_IRT1.nii", 2, "{\"InversionTime\": 0.%d}");
  put_flat(&s, "sub-01/anat/sub-01_inv-1_part-phase_IRT1.nii", values[0], json);
  put_flat(&s, "sub-01/anat/sub-01_inv-2_part-phase_IRT1.nii", values[1], json);
  return s;
}

static void check_phase(const double values[2], const char *json, const double *radians,
                        const char *sentence)
{
  sandbox s = with_phase(values, json);
  tt1_image *image = read_first(&s);
  if (!strstr(tt1_image_assumption(image, 0), sentence))
    fail_msg("'%s' lacks '%s'", tt1_image_assumption(image, 0), sentence);
  const float *phase = tt1_image_phase(image);
  assert_true((phase != NULL) == (radians != NULL));
  for (int i = 0; radians && i < 2; i++)
    assert_true(fabs((double)phase[6 * i] - radians[i]) < 1e-6);
  assert_non_null(tt1_image_file(image, 6)); // those of the phase are recorded in any case
  tt1_image_free(image);
  remove_tree(s.path);
}

static void takes_phase_in_known_units(void **state)
{
  (void)state;
  const double pi = 3.14159265358979323846;
  const double signed12[2] = {-4000, 4000}, plain12[2] = {0, 4000}, rad[2] = {-3.1, 1.5};
  const double turn[2] = {0.5, 6.0}, odd[2] = {0, 1000};
  const double signed12_rad[2] = {-4000 * pi / 4096, 4000 * pi / 4096};
  const double plain12_rad[2] = {-pi, 1952 * pi / 2048}, turn_rad[2] = {0.5, 6.0 - 2 * pi};
  check_phase(rad, "{\"Units\": \"rad\"}", rad, "phase is in rad");
  check_phase(turn, "{\"Units\": \"rad\"}", turn_rad, "phase is in rad");
  check_phase(signed12, "{\"Units\": \"arbitrary\"}", signed12_rad, "-4096 to 4096 is taken");
  check_phase(plain12, "{\"Units\": \"arbitrary\"}", plain12_rad, "0 to 4096 is taken");
  check_phase(odd, "{\"Units\": \"arbitrary\"}", NULL, "0 to 1000, do not fill one turn");
  check_phase(signed12, "{\"Units\": \"rad\"}", NULL, "-4000 to 4000, do not fill one turn");
  check_phase(rad, "{}", NULL, "give no Units");
  check_phase(rad, "{\"Units\": \"deg\"}", NULL, "give no Units");
}

static sandbox mp2rage(double first, double second)
{
  sandbox s = dataset_make();
  for (int i = 1; i <= 2; i++) {
    char name[100];
    snprintf(name, sizeof name, "sub-01/anat/sub-01_inv-%d_part-mag_MP2RAGE.nii", i);
    put_flat(&s, name, 10 * i, i == 1 ? "{\"InversionTime\": 0.7}" : "{\"InversionTime\": 2.5}");
    snprintf(name, sizeof name, "sub-01/anat/sub-01_inv-%d_part-phase_MP2RAGE.nii", i);
    put_flat(&s, name, i == 1 ? first : second, "{\"Units\": \"rad\"}");
  }
  put_text(&s, "MP2RAGE.json",
           "{\"FlipAngle\": 4, \"RepetitionTimePreparation\": 5, "
           "\"RepetitionTimeExcitation\": 0.007, \"NumberShots\": [60, 60]}");
  return s;
}

/* The first inversion is projected on the second: its sign, and half of its noise, go with it. */
static void signs_mp2rage(void **state)
{
  (void)state;
  static const double phases[][3] = {
      {1.0, 1.0, 10.0}, {3.0, -0.14159265358979, -10.0}, {2.0, 1.0, 5.4030231}};
  for (size_t i = 0; i < sizeof phases / sizeof *phases; i++) {
    sandbox s = mp2rage(phases[i][0], phases[i][1]);
    tt1_image *image = read_first(&s);
    assert_true(fabs((double)tt1_image_data(image)[0] - phases[i][2]) < 1e-5);
    assert_true(tt1_image_data(image)[6] == 20.0f);
    assert_null(tt1_image_phase(image));
    assert_int_equal(tt1_image_is_signed(image), phases[i][2] < 0);
    assert_true(tt1_image_find_known(image, "NumberShots")->values[0] == 120.0);
    assert_int_equal(tt1_image_find_known(image, "FlipAngle")->count, 2);
    tt1_image_free(image);
    remove_tree(s.path);
  }
  sandbox s = mp2rage(1, 1);
  put_text(&s, "MP2RAGE.json", "{\"NumberShots\": [40, 80]}");
  check_unreadable(&s, "the 40 pulses before the centre of k-space are not the 80 after it");
  put_text(&s, "sub-01/anat/sub-01_inv-2_part-phase_MP2RAGE.json", "{}");
  check_unreadable(&s, "phase is not used");
  remove_tree(s.path);
}

/* Magnitudes and their UNIT1 in two values: 200 and 2000 give 0.0990, negative in voxel 0 alone. */
static sandbox with_uni(void)
{
  sandbox s = dataset_make();
  const double u = 200.0 * 2000.0 / (200.0 * 200.0 + 2000.0 * 2000.0);
  nifti n = nifti_make(1, 0, 16, 32, 3, 2, 1, 1);
  put_flat(&s, "sub-01/anat/sub-01_inv-1_MP2RAGE.nii", 200, "{\"InversionTime\": 0.7}");
  put_flat(&s, "sub-01/anat/sub-01_inv-2_MP2RAGE.nii", 2000, "{\"InversionTime\": 2.5}");
  put_text(&s, "MP2RAGE.json",
           "{\"FlipAngle\": 4, \"RepetitionTimePreparation\": 5, "
           "\"RepetitionTimeExcitation\": 0.007, \"NumberShots\": 120}");
  for (size_t v = 0; v < 6; v++)
    put_float(&n, n.offset + 4 * v, v ? u : -u, 4);
  write_bytes(inside(&s, "sub-01/anat/sub-01_UNIT1.nii"), n.bytes, n.length);
  return s;
}

static void unit1_signs_mp2rage(void **state)
{
  (void)state;
  sandbox s = with_uni();
  tt1_bids *dataset = open_part(&s, "", NULL);
  assert_int_equal(tt1_bids_n_series(dataset), 1); // UNIT1 is used, and none of its own
  tt1_bids_free(dataset);
  tt1_image *image = read_first(&s);
  for (int v = 0; v < 6; v++)
    assert_true(tt1_image_data(image)[v] == (v ? 200.0f : -200.0f) &&
                tt1_image_data(image)[6 + v] == 2000.0f);
  assert_true(tt1_image_is_signed(image));
  tt1_image_free(image);
  remove_tree(s.path);
}

/* Without its images, but with their sidecars. */
static void unit1_is_read_alone(void **state)
{
  (void)state;
  sandbox s = with_uni();
  for (int i = 1; i <= 2; i++) {
    char name[100];
    snprintf(name, sizeof name, "sub-01/anat/sub-01_inv-%d_MP2RAGE.nii", i);
    assert_int_equal(unlink(inside(&s, name)), 0);
  }
  tt1_image *image = read_first(&s);
  assert_int_equal(tt1_image_n_images(image), 2);
  for (int v = 0; v < 6; v++) {
    double ratio = (double)tt1_image_data(image)[v] / (double)tt1_image_data(image)[6 + v];
    assert_true(fabs(ratio - (v ? 0.1 : -0.1)) < 1e-6);
  }
  const tt1_known_values *times = tt1_image_find_known(image, "InversionTime");
  assert_true(times && times->count == 2 && times->values[0] == 0.7 && times->values[1] == 2.5);
  assert_true(tt1_image_find_known(image, "NumberShots")->values[0] == 120.0);
  tt1_image_free(image);
  remove_tree(s.path);
}

/* A complex image of one value everywhere. */
static void put_complex(const sandbox *s, const char *name, double real, double imaginary)
{
  nifti n = nifti_make(1, 0, 32, 64, 3, 2, 1, 1);
  for (size_t v = 0; v < 6; v++) {
    put_float(&n, n.offset + 8 * v, real, 4);
    put_float(&n, n.offset + 8 * v + 4, imaginary, 4);
  }
  make_above(s, name);
  write_bytes(inside(s, name), n.bytes, n.length);
}

static void signs_mp2rage_by_complex_voxels_and_parts(void **state)
{
  (void)state;
  for (int i = 0; i < 2; i++) {
    sandbox s = mp2rage(0, 0);
    for (int k = 1; k <= 2; k++) {
      double real = k == 1 ? -3.0 : 6.0, imaginary = k == 1 ? -4.0 : 8.0;
      char name[100];
      for (int part = 0; part < 2; part++) {
        snprintf(name, sizeof name, "sub-01/anat/sub-01_inv-%d_part-%s_MP2RAGE.nii", k,
                 part ? "phase" : "mag");
        unlink(inside(&s, name));
        snprintf(name, sizeof name, "sub-01/anat/sub-01_inv-%d_part-%s_MP2RAGE.nii", k,
                 part ? "imag" : "real");
        if (i == 1) put_flat(&s, name, part ? imaginary : real, NULL);
      }
      snprintf(name, sizeof name, "sub-01/anat/sub-01_inv-%d_MP2RAGE.nii", k);
      if (i == 0) put_complex(&s, name, real, imaginary);
      snprintf(name, sizeof name, "sub-01/anat/sub-01_inv-%d_MP2RAGE.json", k);
      put_text(&s, name, k == 1 ? "{\"InversionTime\": 0.7}" : "{\"InversionTime\": 2.5}");
    }
    tt1_image *image = read_first(&s);
    assert_true(fabs((double)tt1_image_data(image)[0] + 5.0) < 1e-5);
    assert_true(tt1_image_data(image)[6] == 10.0f);
    assert_true(tt1_image_is_signed(image));
    tt1_image_free(image);
    remove_tree(s.path);
  }
}

/* ---- The transmit field ---- */

typedef struct field_case {
  const char *first, *second; /* sidecars of two TB1maps; NULL: there is no such map */
  double value;               /* of the voxels of both */
  const char *about;          /* a part of what is said */
  double found;               /* 0: nothing is used */
} field_case;

#  define MEANT  "{\"IntendedFor\": \"bids::sub-01/anat/sub-01_flip-2_VFA.nii\"}"
#  define MEANT2 "{\"IntendedFor\": [\"x\", \"anat/sub-01_flip-1_VFA.nii\"]}"
#  define OTHER  "{\"IntendedFor\": \"bids::sub-01/anat/sub-01_flip-2_VFA.nii.gz\"}"

static void chooses_the_field(void **state)
{
  (void)state;
  static const field_case cases[] = {
      {NULL, NULL, 100, "", 0},
      {MEANT, NULL, 90, "sub-01_TB1map.nii, in percent", 0.9},
      {MEANT2, NULL, 90, "sub-01_TB1map.nii, in percent", 0.9},
      {"{}", NULL, 0.9, "sub-01_TB1map.nii, in fractions", 0.9},
      {"{\"Units\": \"percent\"}", NULL, 3, "in percent", 0.03},
      {"{}", NULL, 7, "neither percent nor a factor", 0},
      {OTHER, NULL, 90, "", 0},
      {"{\"IntendedFor\": \"../../sub-01/anat/sub-01_flip-1_VFA.nii\"}", NULL, 90, "", 0},
      {"{\"IntendedFor\": \"bids:raw:sub-01/anat/sub-01_flip-1_VFA.nii\"}", NULL, 90, "", 0},
      {"{\"IntendedFor\": 5}", NULL, 90, "", 0},
      {"{}", "{}", 90, "sub-01_TB1map.nii, in percent", 0.9}, // the second has an entity more
      {"{}", MEANT, 90, "sub-01_acq-x_TB1map.nii, in percent", 0.9},
      {MEANT, MEANT, 90, "no TB1map is used: 2 are intended for the series", 0}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    const field_case *c = &cases[i];
    char about[300];
    tt1_image *image = NULL, *field = NULL;
    sandbox s = dataset_make();
    put_set(&s, "sub-01/anat/sub-01_flip-%d_VFA.nii", 2, "{\"FlipAngle\": %d}");
    if (c->first) put_flat(&s, "sub-01/fmap/sub-01_TB1map.nii", c->value, c->first);
    if (c->second) put_flat(&s, "sub-01/fmap/sub-01_acq-x_TB1map.nii", c->value, c->second);
    tt1_bids *dataset = open_part(&s, "", NULL);
    assert_int_equal(tt1_bids_read(&image, dataset, 0, NULL), TT1_OK);
    assert_int_equal(tt1_bids_field(&field, about, dataset, 0, image, NULL), TT1_OK);
    if (!strstr(about, c->about) || (!*c->about && *about))
      fail_msg("case %d: '%s' lacks '%s'", (int)i, about, c->about);
    assert_true((field != NULL) == (c->found > 0));
    if (field) assert_true(fabs((double)tt1_image_data(field)[0] - c->found) < 1e-6);
    if (field) assert_non_null(strstr(tt1_image_file(field, 0), "sub-01/fmap/sub-01_"));
    tt1_image_free(field);
    tt1_image_free(image);
    tt1_bids_free(dataset);
    remove_tree(s.path);
  }
}

static void leaves_a_field_on_another_grid(void **state)
{
  (void)state;
  char about[300];
  tt1_image *image = NULL, *field = NULL;
  sandbox s = dataset_make();
  nifti n = nifti_make(1, 0, 16, 32, 2, 2, 1, 1);
  put_set(&s, "sub-01/anat/sub-01_flip-%d_VFA.nii", 2, "{\"FlipAngle\": %d}");
  make_above(&s, "sub-01/fmap/x");
  write_bytes(inside(&s, "sub-01/fmap/sub-01_TB1map.nii"), n.bytes, n.length);
  tt1_bids *dataset = open_part(&s, "", NULL);
  assert_int_equal(tt1_bids_read(&image, dataset, 0, NULL), TT1_OK);
  assert_int_equal(tt1_bids_field(&field, about, dataset, 0, image, NULL), TT1_OK);
  assert_null(field);
  assert_non_null(strstr(about, "lies on another grid"));
  tt1_image_free(image);
  tt1_bids_free(dataset);
  remove_tree(s.path);
}

/* ---- Memory ---- */

static tt1_status do_all(const sandbox *s, tt1_error *err)
{
  tt1_bids *dataset = NULL;
  tt1_image *image = NULL, *field = NULL;
  char about[300];
  tt1_status status = tt1_bids_open(&dataset, s->path, NULL, err);
  for (int i = 0; status == TT1_OK && i < tt1_bids_n_series(dataset); i++) {
    tt1_image_free(image);
    image = NULL;
    status = tt1_bids_read(&image, dataset, i, err);
    if (status == TT1_OK) status = tt1_bids_field(&field, about, dataset, i, image, err);
    tt1_image_free(field);
    field = NULL;
  }
  tt1_image_free(image);
  tt1_bids_free(dataset);
  return status;
}

static void survives_lack_of_memory_with_unit1(void **state)
{
  (void)state;
  for (int is_alone = 0; is_alone < 2; is_alone++) {
    sandbox s = with_uni();
    tt1_status status = TT1_NO_MEMORY;
    if (is_alone) unlink(inside(&s, "sub-01/anat/sub-01_inv-1_MP2RAGE.nii"));
    if (is_alone) unlink(inside(&s, "sub-01/anat/sub-01_inv-2_MP2RAGE.nii"));
    for (int n = 1; status != TT1_OK; n++) {
      tt1_error err = {0};
      tt1__fail_allocation(n);
      status = do_all(&s, &err);
      tt1__fail_allocation(0);
      if (status != TT1_OK && status != TT1_NO_MEMORY)
        fail_msg("allocation %d: %s", n, err.message);
    }
    remove_tree(s.path);
  }
}

static void survives_lack_of_memory(void **state)
{
  (void)state;
  sandbox s = mp2rage(3.0, -0.14);
  put_set(&s, "sub-01/anat/sub-01_flip-%d_VFA.nii", 2, "{\"FlipAngle\": %d}");
  put_text(&s, "VFA.json", "{\"RepetitionTime\": 0.02, \"Manufacturer\": \"M\"}");
  put_flat(&s, "sub-01/fmap/sub-01_TB1map.nii", 90, MEANT);
  int n = 1;
  for (tt1_status status = TT1_NO_MEMORY; status != TT1_OK; n++) {
    tt1_error err = {0};
    tt1__fail_allocation(n);
    status = do_all(&s, &err);
    tt1__fail_allocation(0);
    if (status != TT1_OK && status != TT1_NO_MEMORY) fail_msg("allocation %d: %s", n, err.message);
    if (status != TT1_OK) assert_string_equal(err.message, "out of memory");
  }
  assert_true(n > 150);
  remove_tree(s.path);
}

#endif

int main(void)
{
#ifdef TT1_HAVE_JANSSON
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(finds_all_series),
      cmocka_unit_test(takes_parts),
      cmocka_unit_test(refuses_what_is_not_there),
      cmocka_unit_test(names_maps),
      cmocka_unit_test(refuses_series_with_holes),
      cmocka_unit_test(reads_a_part_with_one_series),
      cmocka_unit_test(goes_past_what_cannot_be_read),
      cmocka_unit_test(reads_a_series),
      cmocka_unit_test(chooses_models),
      cmocka_unit_test(takes_phase_in_known_units),
      cmocka_unit_test(signs_mp2rage),
      cmocka_unit_test(unit1_signs_mp2rage),
      cmocka_unit_test(unit1_is_read_alone),
      cmocka_unit_test(survives_lack_of_memory_with_unit1),
      cmocka_unit_test(signs_mp2rage_by_complex_voxels_and_parts),
      cmocka_unit_test(chooses_the_field),
      cmocka_unit_test(leaves_a_field_on_another_grid),
      cmocka_unit_test(survives_lack_of_memory),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
#else
  printf("skipped: this build has no jansson\n");
  return 0;
#endif
}
