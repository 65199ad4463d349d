/* SPDX-License-Identifier: MIT
 * torcht1 ecv: extracellular volume from T1 before and after contrast agent. */
#include "ecv/ecv.h"

#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NATIVE = 256, POST, NATIVE_SD, POST_SD, HEMATOCRIT, HEMATOCRIT_SD, SYNTHETIC, SOURCE };
enum { BLOOD = 300, MYOCARDIUM, ERODE, REGISTERED, RESAMPLE, IGNORE_POSITION, UNIT, DICOM, JSON };

static const option_row options[] = {
    {"native", NATIVE, "FILE", "T1 map before contrast agent"},
    {"post", POST, "FILE", "T1 map after contrast agent"},
    {"native-sd", NATIVE_SD, "FILE", "standard deviations of the native map"},
    {"post-sd", POST_SD, "FILE", "standard deviations of the other map"},
    {"hematocrit", HEMATOCRIT, "X", "as a fraction, for instance 0.42"},
    {"hematocrit-sd", HEMATOCRIT_SD, "X", "its standard deviation (0)"},
    {"synthetic-hematocrit", SYNTHETIC, "SLOPE,ICPT",
     "instead: SLOPE / native T1 of blood in ms + ICPT; needs --source"},
    {"source", SOURCE, "TEXT", "where these two numbers are from"},
    {"blood", BLOOD, "FILE[,POST]", "mask of the blood pool; a second file for the post map"},
    {"myocardium", MYOCARDIUM, "FILE[,POST]", "mask or labels: an ECV for each label"},
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

static void check_options(const ecv_request *r)
{
  const command_row *me = &command_ecv;
  if (!r->side[0].path || !r->side[1].path) usage_error(me, "--native and --post are both needed");
  if (!r->blood[0]) usage_error(me, "--blood is missing");
  if (r->has_hematocrit && r->has_synthetic)
    usage_error(me, "--hematocrit and --synthetic-hematocrit exclude each other");
  if (!r->has_hematocrit && !r->has_synthetic)
    usage_error(me, "--hematocrit or --synthetic-hematocrit is needed");
  if (r->has_synthetic && !r->source)
    usage_error(me, "--synthetic-hematocrit needs --source: published coefficients differ");
  if (!r->is_registered && !r->myocardium[0])
    usage_error(me, "--myocardium is missing; voxel by voxel needs --registered");
  if (r->is_registered && !r->output) usage_error(me, "--registered needs -o FOLDER");
  if (r->as_dicom && !r->is_registered) usage_error(me, "--dicom is for maps: --registered ones");
  if (r->is_registered && (r->blood[1] || r->myocardium[1]))
    usage_error(me, "registered maps have one mask: --blood and --myocardium take one file");
}

static void parse(ecv_request *r, int argc, char **argv)
{
  const command_row *me = &command_ecv;
  int key;
  while ((key = option_next(me, argc, argv)))
    switch (key) {
    case NATIVE: r->side[0].path = optarg; break;
    case POST: r->side[1].path = optarg; break;
    case NATIVE_SD: r->side[0].sd_path = optarg; break;
    case POST_SD: r->side[1].sd_path = optarg; break;
    case HEMATOCRIT:
      r->given.hematocrit.value = option_number(me, "hematocrit", optarg, -1e6, 1e6);
      r->has_hematocrit = 1;
      break;
    case HEMATOCRIT_SD:
      r->given.hematocrit.sd = option_number(me, "hematocrit-sd", optarg, 0.0, 1.0);
      r->has_hematocrit_sd = 1;
      break;
    case SYNTHETIC:
      option_two(me, "synthetic-hematocrit", optarg, r->synthetic);
      r->has_synthetic = 1;
      break;
    case SOURCE: r->source = optarg; break;
    case BLOOD: take_masks(r->blood, optarg); break;
    case MYOCARDIUM: take_masks(r->myocardium, optarg); break;
    case ERODE: r->erode = option_integer(me, "erode", optarg, 0, 64); break;
    case REGISTERED: r->is_registered = 1; break;
    case RESAMPLE: r->is_resampled = 1; break;
    case DICOM: r->as_dicom = 1; break;
    case IGNORE_POSITION: r->ignore_position = 1; break;
    case UNIT: option_words(me, "unit", optarg, 1, &r->side[0].unit, &r->side[1].unit); break;
    case 'o': r->output = optarg; break;
    case JSON: r->as_json = 1; break;
    }
  if (optind < argc) usage_error(me, "options only are expected, not '%s'", argv[optind]);
  check_options(r);
}

/* ---- Reading ---- */

static int find_scale(ecv_side *side)
{
  const char *unit = side->unit ? side->unit : tt1_image_unit(side->map);
  const char *sd_unit = side->sd ? tt1_image_unit(side->sd) : NULL;
  if (!is_time(unit))
    return complain("%s is in %s; T1 in s or ms is expected, --unit tells it", side->path,
                    unit ? unit : "an unknown unit");
  if (sd_unit && !side->unit && strcmp(unit, sd_unit) != 0)
    return complain("%s is in %s, %s in %s", side->path, unit, side->sd_path, sd_unit);
  if (side->sd && check_deviation(side->sd, side->sd_path, side->map, side->path, unit) != EXIT_OK)
    return EXIT_FAILED;
  side->scale = strcmp(unit, "s") == 0 ? 1.0 : 1e-3;
  return EXIT_OK;
}

/* T1 before and after contrast agent differ by less than that. */
static int check_sizes(const ecv_side *native, const ecv_side *post)
{
  double a = native->scale * median_within(native->map, NULL);
  double b = post->scale * median_within(post->map, NULL);
  if (!are_far_apart(a, b)) return EXIT_OK;
  return complain("the median of %s is %.4g s, that of %s %.4g s: a wrong unit is suspected; give "
                  "both, for instance --unit s,ms",
                  native->path, a, post->path, b);
}

static int read_side(ecv_side *side, const char *what)
{
  tt1_error error = {0};
  side->map = read_single(side->path, what, 0);
  if (!side->map) return EXIT_FAILED;
  if (side->sd_path &&
      !(side->sd = read_companion(side->sd_path, "standard deviation", side->map, "map")))
    return EXIT_FAILED;
  if (tt1_provenance_read(&side->made, side->path, &error) != TT1_OK) return complain_of(&error);
  double tesla = tt1_image_origin(side->map)->field_strength;
  if (tesla > 0.0) side->made.field_strength = tesla;
  return find_scale(side);
}

/* What is known of both maps must be the same. */
static int check_made(const ecv_side *native, const ecv_side *post)
{
  const tt1_provenance *a = &native->made, *b = &post->made;
  if (a->is_known && b->is_known) {
    if (strcmp(a->model, b->model) != 0)
      return complain(
          "%s was made with the model '%s', %s with '%s'; an ECV needs the same of both",
          native->path, a->model, post->path, b->model);
    if (strcmp(a->model_checksum, b->model_checksum) != 0)
      return complain("%s and %s were made with two models of the name '%s' that differ",
                      native->path, post->path, a->model);
    if (fabs(a->multiplied_by - b->multiplied_by) > 1e-9)
      return complain("%s was multiplied by %g, %s by %g; an ECV needs the same correction of both",
                      native->path, a->multiplied_by, post->path, b->multiplied_by);
  }
  if (a->field_strength > 0.0 && b->field_strength > 0.0 &&
      fabs(a->field_strength - b->field_strength) > 0.2)
    return complain("%s was measured at %g T, %s at %g T", native->path, a->field_strength,
                    post->path, b->field_strength);
  return EXIT_OK;
}

/* With masks of its own each map may lie where it wants. */
static int shares_masks(const ecv_request *r)
{
  return !r->blood[1] || (r->myocardium[0] && !r->myocardium[1]);
}

static int check_places(const ecv_request *r, const ecv_side *native, const ecv_side *post)
{
  double apart;
  if (check_grid(post->map, post->path, "post-contrast map", native->map, "native one",
                 "; --resample moves it there") != EXIT_OK)
    return EXIT_FAILED;
  return check_position(&apart, post->map, post->path, native->map, native->path,
                        r->ignore_position);
}

static int resample_post(const ecv_side *native, ecv_side *post)
{
  const char *what = "native map";
  if (post->sd &&
      resample_onto(post->sd, post->sd_path, native->map, what, TT1_RESAMPLE_DEVIATION) != EXIT_OK)
    return EXIT_FAILED;
  return resample_onto(post->map, post->path, native->map, what, TT1_RESAMPLE_MAP);
}

static int read_all(ecv_request *r)
{
  ecv_side *native = &r->side[0], *post = &r->side[1];
  if (read_side(native, "native map") != EXIT_OK) return EXIT_FAILED;
  if (read_side(post, "post-contrast map") != EXIT_OK) return EXIT_FAILED;
  if (check_sizes(native, post) != EXIT_OK) return EXIT_FAILED;
  if (r->is_resampled && resample_post(native, post) != EXIT_OK) return EXIT_FAILED;
  if (shares_masks(r) && check_places(r, native, post) != EXIT_OK) return EXIT_FAILED;
  return check_made(native, post);
}

/* ---- Regions ---- */

static int32_t *read_labels(const ecv_side *side, const char *path, const char *what)
{
  tt1_image *image = read_companion(path, what, side->map, "map");
  int32_t *labels = image ? labels_of(image, path) : NULL;
  tt1_image_free(image);
  return labels;
}

/* The summaries of one map under labels, in s. */
static int summarise(tt1_region_summary **out, int *n, const ecv_side *side, const int32_t *labels)
{
  tt1_error error = {0};
  const tt1_region_maps maps = {.map = tt1_image_data(side->map),
                                .sd = side->sd ? tt1_image_data(side->sd) : NULL,
                                .scale = side->scale,
                                .n_voxels = tt1_image_n_voxels(side->map),
                                .labels = labels};
  return tt1_summarise_regions(out, n, &maps, &error) == TT1_OK ? EXIT_OK : complain_of(&error);
}

static tt1_estimate median_of(const tt1_region_summary *found)
{
  return (tt1_estimate){found->values.median, found->median_sd};
}

/* Take the edge of the blood away; every label of its mask is blood. */
static int erode(const ecv_request *r, const ecv_side *side, int32_t *labels, const char *path)
{
  tt1_error error = {0};
  size_t n = (size_t)tt1_image_n_voxels(side->map), left = 0;
  uint8_t *mask = allocate(n, 1);
  for (size_t v = 0; v < n; v++)
    mask[v] = labels[v] != 0;
  tt1_status status = tt1_erode(mask, mask, tt1_image_geometry(side->map)->size, r->erode, &error);
  for (size_t v = 0; v < n; v++)
    left += (size_t)(labels[v] = mask[v]);
  free(mask);
  if (status != TT1_OK) return complain_of(&error);
  if (left) return EXIT_OK;
  return complain(
      "%s: nothing is left of the blood without its edge of %d voxels; --erode 0 keeps it", path,
      r->erode);
}

static int measure_blood(ecv_request *r, int which, tt1_estimate *out)
{
  int own = which && r->blood[1]; // a shared mask lies on the native map
  const char *path = r->blood[own];
  int32_t *labels = read_labels(&r->side[own], path, "blood mask");
  tt1_region_summary *found = NULL;
  int n = 0, code = labels ? erode(r, &r->side[own], labels, path) : EXIT_FAILED;
  if (code == EXIT_OK) code = summarise(&found, &n, &r->side[which], labels);
  if (code == EXIT_OK && (n < 1 || found->n < 1))
    code = complain("%s: no voxel of the blood is valid in %s", path, r->side[which].path);
  if (code == EXIT_OK) {
    *out = median_of(found);
    r->n_blood[which] = found->n;
  }
  tt1_region_summaries_free(found);
  free(labels);
  return code;
}

static int find_blood(ecv_request *r)
{
  tt1_ecv_blood *blood = &r->given;
  tt1_error error = {0};
  if (measure_blood(r, 0, &blood->native) != EXIT_OK) return EXIT_FAILED;
  if (measure_blood(r, 1, &blood->post) != EXIT_OK) return EXIT_FAILED;
  if (r->has_synthetic) {
    blood->synthetic_slope = 1e-3 * r->synthetic[0];
    blood->hematocrit.value = blood->synthetic_slope / blood->native.value + r->synthetic[1];
  }
  return tt1_ecv_check(blood, &error) == TT1_OK ? EXIT_OK : complain_of(&error);
}

/* Labels that both maps have. */
static int pair_regions(ecv_request *r, const tt1_region_summary *a, int n_a,
                        const tt1_region_summary *b, int n_b)
{
  tt1_error error = {0};
  r->rows = allocate((size_t)n_a, sizeof *r->rows);
  for (int i = 0, j = 0; i < n_a; i++) {
    while (j < n_b && b[j].label < a[i].label)
      j++;
    if (j == n_b || b[j].label != a[i].label)
      return complain("%s has the label %d, %s has not", r->myocardium[0], (int)a[i].label,
                      r->myocardium[1]);
    ecv_row *row = &r->rows[r->n_rows++];
    *row = (ecv_row){.label = a[i].label, .n = {a[i].n, b[j].n}};
    row->native = median_of(&a[i]);
    row->post = median_of(&b[j]);
    if (tt1_ecv_of(&row->found, &row->native, &row->post, &r->given, &error) != TT1_OK)
      return complain_of(&error);
  }
  return n_a ? EXIT_OK : complain("%s: the mask is zero everywhere", r->myocardium[0]);
}

static int find_regions(ecv_request *r)
{
  tt1_region_summary *found[2] = {NULL, NULL};
  int n[2] = {0, 0}, code = EXIT_OK;
  for (int which = 0; which < 2 && code == EXIT_OK; which++) {
    int own = which && r->myocardium[1];
    int32_t *labels = read_labels(&r->side[own], r->myocardium[own], "myocardium");
    code = labels ? summarise(&found[which], &n[which], &r->side[which], labels) : EXIT_FAILED;
    free(labels);
  }
  if (code == EXIT_OK) code = pair_regions(r, found[0], n[0], found[1], n[1]);
  tt1_region_summaries_free(found[0]);
  tt1_region_summaries_free(found[1]);
  return code;
}

/* ---- Writing ---- */

static int write_all(const ecv_request *r)
{
  if (!r->output) return EXIT_OK;
  tt1_error error = {0};
  tt1_folder *folder = open_folder(r->output);
  if (!folder) return EXIT_FAILED;
  char *json = ecv_json(r), *csv = ecv_csv(r);
  int code = r->is_registered ? ecv_write_maps(r, folder) : EXIT_OK;
  if (code == EXIT_OK &&
      (tt1_folder_write(folder, "ecv.json", json, strlen(json), &error) != TT1_OK ||
       tt1_folder_write(folder, "ecv.csv", csv, strlen(csv), &error) != TT1_OK ||
       tt1_folder_commit(folder, &error) != TT1_OK))
    code = complain_of(&error);
  close_folder(folder);
  free(json);
  free(csv);
  return code;
}

static void print(const ecv_request *r)
{
  if (!r->as_json) {
    ecv_print(r);
    return;
  }
  char *text = ecv_json(r);
  fputs(text, stdout);
  free(text);
}

/* Whoever gives one of the standard deviations expects one of the ECV. */
static void tell_of_deviations(const ecv_request *r)
{
  int n = (r->side[0].sd != NULL) + (r->side[1].sd != NULL);
  if (n == 2 || (n == 0 && !r->has_hematocrit_sd)) return;
  fprintf(stderr,
          "torcht1: the ECV has no standard deviation: that takes --native-sd and --post-sd, "
          "both\n");
}

static int run(int argc, char **argv)
{
  ecv_request r = {.erode = 1};
  parse(&r, argc, argv);
  int code = read_all(&r);
  if (code == EXIT_OK) code = find_blood(&r);
  if (code == EXIT_OK && r.myocardium[0]) code = find_regions(&r);
  if (code == EXIT_OK) code = write_all(&r);
  if (code == EXIT_OK) print(&r);
  if (code == EXIT_OK) tell_of_deviations(&r);
  for (int i = 0; i < 2; i++) {
    tt1_image_free(r.side[i].map);
    tt1_image_free(r.side[i].sd);
  }
  free(r.rows);
  return code;
}

const command_row command_ecv = {
    "ecv",
    "--native FILE --post FILE --hematocrit X --blood FILE --myocardium FILE",
    "Extracellular volume from T1 before and after contrast agent",
    "ECV = (1 - haematocrit) lambda, lambda = change of R1 in tissue / change of R1 in\n"
    "blood. T1 of blood is the median of the mask without its edge; T1 of tissue the\n"
    "median of each label. With --native-sd and --post-sd standard deviations are\n"
    "propagated. Voxel by voxel only if --registered, and resampled only if asked. Maps\n"
    "of another model, correction or field strength are refused, where their fit.json\n"
    "tells. --dicom: ECV in whole %, all others as Parametric Maps, patient and study\n"
    "those of a native map in DICOM. Not for diagnosis.\n"
    "docs/regions.md has the formulas.\n",
    options,
    run};
