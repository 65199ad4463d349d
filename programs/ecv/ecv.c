/* SPDX-License-Identifier: MIT
 * torcht1 ecv: extracellular volume from T1 before and after contrast agent. */
#include "ecv/ecv.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

enum { NATIVE = 256, POST, NATIVE_SD, POST_SD, HEMATOCRIT, HEMATOCRIT_SD, SYNTHETIC, SOURCE };
enum { BLOOD = 300, MYOCARDIUM, ERODE, REGISTERED, RESAMPLE, IGNORE_POSITION, UNIT, DICOM, JSON };

static const option_row options[] = {
    {"native", NATIVE, "FILE", "T1 map before contrast agent"},
    {"post", POST, "FILE", "T1 map after contrast agent"},
    {"native-sd", NATIVE_SD, "FILE", "standard deviations of the native map"},
    {"post-sd", POST_SD, "FILE", "standard deviations of the other map"},
    {"hematocrit", HEMATOCRIT, "X", "as a fraction, for instance 0.42"},
    {"hematocrit-sd", HEMATOCRIT_SD, "X", "its standard deviation (0.01; of a synthetic one 0)"},
    {"synthetic-hematocrit", SYNTHETIC, "SLOPE,ICPT",
     "instead: SLOPE / native T1 of blood in ms + ICPT; needs --source"},
    {"source", SOURCE, "TEXT", "where these two numbers are from"},
    {"blood", BLOOD, "FILE[:LABEL][,POST]",
     "mask of the blood pool; a second file for the post map"},
    {"myocardium", MYOCARDIUM, "FILE[:LABEL][,POST]", "mask or labels: an ECV for each label"},
    {"erode", ERODE, "N", "voxels taken from the edge of the blood (1)"},
    {"registered", REGISTERED, NULL, "the maps are registered: write maps voxel by voxel"},
    {"resample", RESAMPLE, NULL, "move the post map to the grid of the native one"},
    {"ignore-position", IGNORE_POSITION, NULL, "take maps that lie elsewhere in space"},
    {"unit", UNIT, "U[,V]", "units of the native and the post map: s, ms (as their files tell)"},
    {"output", 'o', "FOLDER", "write ecv.json, ecv.csv and, if --registered, the maps here"},
    {"dicom", DICOM, NULL, "write the maps as DICOM too, in FOLDER/dicom"},
    {"json", JSON, NULL, "print all numbers as JSON in place of the table"},
    {NULL, 0, NULL, NULL}};

/* ---- The command line ---- */

static void take_masks(const char *paths[2], char *text)
{
  char *comma = strchr(text, ',');
  paths[0] = text;
  paths[1] = comma ? comma + 1 : NULL;
  if (comma) *comma = '\0';
}

static void check_options(const ecv *e)
{
  const command_row *me = &command_ecv;
  const tt1_ecv_request *r = &e->asked;
  if (!r->map[0] || !r->map[1]) usage_error(me, "--native and --post are both needed");
  if (!r->blood[0]) usage_error(me, "--blood is missing");
  if (e->has_hematocrit && e->has_synthetic)
    usage_error(me, "--hematocrit and --synthetic-hematocrit exclude each other");
  if (!e->has_hematocrit && !e->has_synthetic)
    usage_error(me, "--hematocrit or --synthetic-hematocrit is needed");
  if (e->has_synthetic && !r->source)
    usage_error(me, "--synthetic-hematocrit needs --source: published coefficients differ");
  if (!r->is_registered && !r->myocardium[0])
    usage_error(me, "--myocardium is missing; voxel by voxel needs --registered");
  if (r->is_registered && !e->output) usage_error(me, "--registered needs -o FOLDER");
  if (e->as_dicom && !r->is_registered) usage_error(me, "--dicom is for maps: --registered ones");
  if (r->is_registered && (r->blood[1] || r->myocardium[1]))
    usage_error(me, "registered maps have one mask: --blood and --myocardium take one file");
}

static void parse(ecv *e, int argc, char **argv)
{
  const command_row *me = &command_ecv;
  tt1_ecv_request *r = &e->asked;
  int key;
  while ((key = option_next(me, argc, argv)))
    switch (key) {
    case NATIVE: r->map[0] = optarg; break;
    case POST: r->map[1] = optarg; break;
    case NATIVE_SD: r->sd[0] = optarg; break;
    case POST_SD: r->sd[1] = optarg; break;
    case HEMATOCRIT:
      r->hematocrit.value = option_number(me, "hematocrit", optarg, -1e6, 1e6);
      e->has_hematocrit = 1;
      break;
    case HEMATOCRIT_SD:
      r->hematocrit.sd = option_number(me, "hematocrit-sd", optarg, 0.0, 1.0);
      e->has_hematocrit_sd = 1;
      break;
    case SYNTHETIC:
      option_two(me, "synthetic-hematocrit", optarg, r->synthetic);
      e->has_synthetic = 1;
      break;
    case SOURCE: e->source = optarg; break;
    case BLOOD: take_masks(r->blood, optarg); break;
    case MYOCARDIUM: take_masks(r->myocardium, optarg); break;
    case ERODE: r->erode = option_integer(me, "erode", optarg, 0, 64); break;
    case REGISTERED: r->is_registered = 1; break;
    case RESAMPLE: r->resamples = 1; break;
    case DICOM: e->as_dicom = 1; break;
    case IGNORE_POSITION: r->ignores_position = 1; break;
    case UNIT: option_words(me, "unit", optarg, 1, &r->unit[0], &r->unit[1]); break;
    case 'o': e->output = optarg; break;
    case JSON: e->as_json = 1; break;
    }
  if (optind < argc) usage_error(me, "options only are expected, not '%s'", argv[optind]);
  if (e->has_synthetic) r->source = e->source;
  check_options(e);
}

/* ---- Writing ---- */

static tt1_status write_texts(tt1_folder *folder, const ecv *e, tt1_error *error)
{
  char *json = NULL, *csv = NULL;
  tt1_status status = tt1_ecv_json(&json, e->found, error);
  if (status == TT1_OK) status = tt1_ecv_csv(&csv, e->found, error);
  if (status == TT1_OK) status = tt1_folder_write(folder, "ecv.json", json, strlen(json), error);
  if (status == TT1_OK) status = tt1_folder_write(folder, "ecv.csv", csv, strlen(csv), error);
  tt1_text_free(json);
  tt1_text_free(csv);
  return status;
}

static void remember_inputs(const tt1_ecv_result *found)
{
  for (int k = 0; k < 2; k++) {
    remember_image(found->map[k]);
    remember_image(found->sd[k]);
  }
  for (int k = 0; k < 4; k++)
    remember_image(found->mask[k]);
}

static int write_all(const ecv *e)
{
  tt1_error error = {0};
  int64_t n_saturated = 0;
  if (!e->output) return EXIT_OK;
  remember_inputs(e->found);
  tt1_folder *folder = open_folder(e->output);
  if (!folder) return EXIT_FAILED;
  tt1_status status = TT1_OK;
  if (e->found->is_registered)
    status = tt1_folder_write_ecv(folder, e->found, e->as_dicom, &n_saturated, &error);
  if (status == TT1_OK) status = write_texts(folder, e, &error);
  if (status == TT1_OK) status = tt1_folder_commit(folder, &error);
  close_folder(folder);
  if (n_saturated)
    complain("%lld voxels lie beyond the 0 to 65535 %% of DICOM files", (long long)n_saturated);
  return status == TT1_OK ? EXIT_OK : complain_of(&error);
}

static int print(const ecv *e)
{
  char *text = NULL;
  if (e->as_json) {
    tt1_ecv_json(&text, e->found, NULL);
    return print_text(text);
  }
  ecv_print(e);
  return EXIT_OK;
}

/* Whoever gives one of the standard deviations expects one of the ECV. */
static void tell_of_deviations(const ecv *e)
{
  int n = (e->found->sd[0] != NULL) + (e->found->sd[1] != NULL);
  if (n == 2 || (n == 0 && !e->has_hematocrit_sd)) return;
  complain("the ECV has no standard deviation: that takes --native-sd and --post-sd, both");
}

static int run(int argc, char **argv)
{
  ecv e = {.asked = TT1_ECV_REQUEST_INIT};
  tt1_error error = {0};
  parse(&e, argc, argv);
  if (tt1_ecv_measure(&e.found, &e.asked, &error) != TT1_OK) return complain_of(&error);
  int code = write_all(&e);
  if (code == EXIT_OK) code = print(&e);
  if (code == EXIT_OK) tell_of_deviations(&e);
  for (int i = 0; code == EXIT_OK && i < e.found->n_warnings; i++)
    complain("%s", e.found->warnings[i]);
  tt1_ecv_free(e.found);
  return code;
}

const command_row command_ecv = {
    "ecv",
    "--native FILE --post FILE --hematocrit X --blood FILE --myocardium FILE",
    "Extracellular volume from T1 before and after contrast agent",
    "ECV = (1 - haematocrit) lambda, lambda = change of R1 in tissue / change of R1 in\n"
    "blood. T1 of blood is the median of the mask without its edge; T1 of tissue the\n"
    "median of each label. FILE:5 takes one label of a file, FILE:blood the one that\n"
    "dseg.tsv beside the file calls so; several labels are no mask of the blood. With\n"
    "--native-sd and --post-sd standard deviations are propagated, that of the\n"
    "haematocrit among them. Voxel by voxel only if --registered, and resampled only if asked. "
    "Maps\n"
    "of another model, correction or field strength are refused, where their fit.json\n"
    "tells. --dicom: ECV in whole %, all others as Parametric Maps, patient and study\n"
    "those of a native map in DICOM. Not for diagnosis.\n"
    "docs/regions.md has the formulas.\n",
    options,
    run,
    NULL};
