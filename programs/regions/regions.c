/* SPDX-License-Identifier: MIT
 * torcht1 regions: what a map holds in each region, and in the segments of the
 * left ventricle. */
#include "regions/regions.h"

#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
  LABELS = 256,
  SD,
  MASK,
  IMAGE,
  UNIT,
  AHA,
  MYOCARDIUM,
  INSERTION,
  LEVEL,
  REFERENCE,
  SEGMENTS
};
enum { SEPTUM = 300, KEEP_ZEROS, CSV, JSON };

static const option_row options[] = {
    {"labels", LABELS, "FILE", "regions: whole numbers, 0 for none"},
    {"sd", SD, "FILE", "standard deviations of the map, for that of the means"},
    {"mask", MASK, "FILE", "look only where this image is not zero"},
    {"image", IMAGE, "N", "which image of a file that holds several, from 1"},
    {"unit", UNIT, "NAME", "unit of the map: s, ms, ... (as its file tells)"},
    {"aha", AHA, NULL, "the 16 segments of the left ventricle, in place of --labels"},
    {"myocardium", MYOCARDIUM, "FILE", "for --aha: mask of the left ventricular myocardium"},
    {"insertion", INSERTION, "[K:]I,J,I,J|FILE",
     "for --aha: anterior and inferior insertion, voxels from 0, of slice K or all; repeatable"},
    {"level", LEVEL, "[K:]NAME",
     "for --aha: basal, mid, apical, none, of slice K or all; repeatable"},
    {"reference", REFERENCE, "MEAN,SD", "z-scores against this (ms where the map is a time)"},
    {"segments", SEGMENTS, "FILE", "write the segments as a label map, .nii or .nii.gz"},
    {"septum", SEPTUM, "FILE", "write the mid-septal region as a mask, .nii or .nii.gz"},
    {"keep-zeros", KEEP_ZEROS, NULL, "count zeros too, which are invalid voxels else"},
    {"csv", CSV, "FILE", "write all numbers as a table, a row for each region"},
    {"json", JSON, NULL, "print all numbers as JSON in place of the table"},
    {NULL, 0, NULL, NULL}};

/* ---- The command line ---- */

static void take_reference(regions *r)
{
  option_two(&command_regions, "reference", optarg, r->reference);
  if (!(r->reference[1] > 0.0))
    usage_error(&command_regions,
                "--reference takes a mean and a standard deviation above 0, "
                "not '%s'",
                optarg);
  r->has_reference = 1;
}

static void check_options(const regions *r)
{
  const command_row *me = &command_regions;
  if (r->is_aha && r->labels_path) usage_error(me, "--aha and --labels exclude each other");
  if (!r->is_aha && !r->labels_path)
    usage_error(me, "regions are missing: give --labels FILE, or --aha with --myocardium FILE");
  if (r->is_aha && !r->myocardium_path) usage_error(me, "--aha needs --myocardium FILE");
  if (!r->is_aha && (r->myocardium_path || r->n_slices || r->segments_path || r->septum_path))
    usage_error(me, "--myocardium, --insertion, --level, --segments and --septum go with --aha");
}

static void parse(regions *r, int argc, char **argv)
{
  const command_row *me = &command_regions;
  int key;
  while ((key = option_next(me, argc, argv)))
    switch (key) {
    case LABELS: r->labels_path = optarg; break;
    case SD: r->sd_path = optarg; break;
    case MASK: r->mask_path = optarg; break;
    case IMAGE: r->which = option_integer(me, "image", optarg, 1, 4096); break;
    case UNIT: r->unit = optarg; break;
    case AHA: r->is_aha = 1; break;
    case MYOCARDIUM: r->myocardium_path = optarg; break;
    case INSERTION: take_insertion(r, optarg); break;
    case LEVEL: take_level(r, optarg); break;
    case REFERENCE: take_reference(r); break;
    case SEGMENTS: r->segments_path = option_nifti(me, "segments", optarg); break;
    case SEPTUM: r->septum_path = option_nifti(me, "septum", optarg); break;
    case KEEP_ZEROS: r->keep_zeros = 1; break;
    case CSV: r->csv = optarg; break;
    case JSON: r->as_json = 1; break;
    }
  r->path = one_operand(me, argc, argv, "map");
  check_options(r);
}

/* ---- Reading ---- */

static int choose_unit(regions *r)
{
  const char *sd_unit = r->sd ? tt1_image_unit(r->sd) : NULL;
  r->told = r->unit ? "given" : "from the file";
  if (!r->unit) r->unit = tt1_image_unit(r->map);
  if (r->unit && sd_unit && strcmp(r->unit, sd_unit) != 0)
    return complain("%s is in %s, %s in %s", r->path, r->unit, r->sd_path, sd_unit);
  if (r->sd && check_deviation(r->sd, r->sd_path, r->map, r->path, r->unit) != EXIT_OK)
    return EXIT_FAILED;
  if (!r->unit && r->has_reference)
    return complain("%s does not tell its unit, which --reference needs; give --unit", r->path);
  r->scale = r->unit && strcmp(r->unit, "s") == 0 ? 1000.0 : 1.0;
  if (is_time(r->unit)) r->unit = "ms"; // what tables of times are in
  return EXIT_OK;
}

/* A companion that lies where the map does. */
static tt1_image *read_beside(const regions *r, const char *path, const char *what)
{
  double apart;
  tt1_image *image = read_companion(path, what, r->map, "map");
  if (image && check_position(&apart, image, path, r->map, r->path, 0) == EXIT_OK) return image;
  tt1_image_free(image);
  return NULL;
}

static int read_all(regions *r)
{
  r->map = read_single(r->path, "map", r->which);
  if (!r->map) return EXIT_FAILED;
  if (r->sd_path && !(r->sd = read_beside(r, r->sd_path, "standard deviation"))) return EXIT_FAILED;
  if (r->mask_path) {
    r->mask_image = read_beside(r, r->mask_path, "mask");
    r->mask = r->mask_image ? mask_of(r->mask_image, r->mask_path) : NULL;
    if (!r->mask) return EXIT_FAILED;
  }
  const char *path = r->is_aha ? r->myocardium_path : r->labels_path;
  r->label_image = read_beside(r, path, r->is_aha ? "myocardium" : "label map");
  if (!r->label_image) return EXIT_FAILED;
  return choose_unit(r);
}

/* ---- Regions ---- */

static int find_segments(regions *r)
{
  tt1_error error = {0};
  const tt1_geometry *geometry = tt1_image_geometry(r->map);
  size_t n = (size_t)tt1_image_n_voxels(r->map);
  uint8_t *myocardium = mask_of(r->label_image, r->myocardium_path);
  tt1_aha_slice *slices = myocardium ? slices_of(r, myocardium, geometry) : NULL;
  int code = EXIT_FAILED;
  if (slices) {
    r->labels = allocate(n, sizeof *r->labels);
    r->septum = allocate(n, 1);
    code = EXIT_OK;
    if (tt1_aha_segments(r->labels, r->septum, myocardium, geometry, slices, &error) != TT1_OK)
      code = complain("%s: %s", r->myocardium_path, error.message);
  }
  free(slices);
  free(myocardium);
  return code;
}

static void add_row(regions *r, const char *group, const tt1_region_summary *found)
{
  region_row *row = &r->rows[r->n_rows++];
  const char *name = strcmp(group, "segment") == 0 ? tt1_segment_name(found->label) : NULL;
  row->group = group;
  row->found = *found;
  if (name) snprintf(row->name, sizeof row->name, "%s", name);
  row->z =
      r->has_reference ? (found->values.mean - r->reference[0]) / r->reference[1] : (double)NAN;
}

/* Summarise the map under `labels` and add a row for each of them. */
static int summarise(regions *r, const char *group, const int32_t *labels)
{
  tt1_error error = {0};
  tt1_region_summary *found = NULL;
  int n = 0;
  tt1_region_maps maps = {.map = tt1_image_data(r->map),
                          .sd = r->sd ? tt1_image_data(r->sd) : NULL,
                          .scale = r->scale,
                          .n_voxels = tt1_image_n_voxels(r->map),
                          .mask = r->mask,
                          .labels = labels,
                          .keep_zeros = r->keep_zeros};
  if (tt1_summarise_regions(&found, &n, &maps, &error) != TT1_OK) return complain_of(&error);
  region_row *rows = allocate((size_t)(r->n_rows + n), sizeof *rows);
  if (r->n_rows) memcpy(rows, r->rows, (size_t)r->n_rows * sizeof *rows);
  free(r->rows);
  r->rows = rows;
  for (int i = 0; i < n; i++)
    add_row(r, group, &found[i]);
  tt1_region_summaries_free(found);
  return EXIT_OK;
}

/* The same for all voxels of a kind: those of any region, or those of the septum. */
static int summarise_one(regions *r, const char *group)
{
  int64_t n = tt1_image_n_voxels(r->map);
  int is_septum = strcmp(group, "mid_septum") == 0;
  int32_t *labels = allocate((size_t)n, sizeof *labels);
  for (int64_t v = 0; v < n; v++)
    labels[v] = is_septum ? r->septum[v] : r->labels[v] != 0;
  int code = summarise(r, group, labels);
  free(labels);
  return code;
}

static int summarise_all(regions *r)
{
  if (r->is_aha && find_segments(r) != EXIT_OK) return EXIT_FAILED;
  if (!r->is_aha && !(r->labels = labels_of(r->label_image, r->labels_path))) return EXIT_FAILED;
  if (summarise_one(r, "all") != EXIT_OK) return EXIT_FAILED;
  if (r->n_rows == 0)
    return complain("%s: there is no region%s", r->is_aha ? r->myocardium_path : r->labels_path,
                    r->mask ? " within the mask" : "");
  if (summarise(r, r->is_aha ? "segment" : "region", r->labels) != EXIT_OK) return EXIT_FAILED;
  return r->is_aha ? summarise_one(r, "mid_septum") : EXIT_OK;
}

/* ---- Writing ---- */

static tt1_status put_csv(const void *context, tt1_folder *folder, const char *name,
                          tt1_error *error)
{
  char *text = regions_csv(context);
  tt1_status status = tt1_folder_write(folder, name, text, strlen(text), error);
  free(text);
  return status;
}

static tt1_status put_segments(const void *context, tt1_folder *folder, const char *name,
                               tt1_error *error)
{
  const regions *r = context;
  size_t n = (size_t)tt1_image_n_voxels(r->map);
  uint8_t *bytes = allocate(n, 1);
  for (size_t v = 0; v < n; v++)
    bytes[v] = (uint8_t)r->labels[v];
  tt1_status status = tt1_folder_write_image(folder, name, tt1_image_geometry(r->map), 1, TT1_UINT8,
                                             bytes, "AHA segments", error);
  free(bytes);
  return status;
}

static tt1_status put_septum(const void *context, tt1_folder *folder, const char *name,
                             tt1_error *error)
{
  const regions *r = context;
  return tt1_folder_write_image(folder, name, tt1_image_geometry(r->map), 1, TT1_UINT8, r->septum,
                                "mid-septal region", error);
}

/* Before the first is written: all or none. */
static int check_outputs(const regions *r)
{
  int code = check_output(r->csv);
  if (code == EXIT_OK) code = check_output(r->segments_path);
  return code == EXIT_OK ? check_output(r->septum_path) : code;
}

static int write_all(const regions *r)
{
  int code = r->csv ? write_one_file(r->csv, put_csv, r) : EXIT_OK;
  if (code == EXIT_OK && r->segments_path) code = write_one_file(r->segments_path, put_segments, r);
  if (code == EXIT_OK && r->septum_path) code = write_one_file(r->septum_path, put_septum, r);
  return code;
}

static void print(const regions *r)
{
  if (!r->as_json) {
    regions_print(r);
    return;
  }
  char *text = regions_json(r);
  fputs(text, stdout);
  free(text);
}

static void release(regions *r)
{
  tt1_image_free(r->map);
  tt1_image_free(r->sd);
  tt1_image_free(r->mask_image);
  tt1_image_free(r->label_image);
  free(r->mask);
  free(r->septum);
  free(r->labels);
  free(r->rows);
}

static int run(int argc, char **argv)
{
  regions r = {0};
  parse(&r, argc, argv);
  int code = read_all(&r);
  if (code == EXIT_OK) code = summarise_all(&r);
  if (code == EXIT_OK) code = check_outputs(&r);
  if (code == EXIT_OK) code = write_all(&r);
  if (code == EXIT_OK) print(&r);
  release(&r);
  return code;
}

const command_row command_regions = {
    "regions",
    "MAP (--labels FILE | --aha --myocardium FILE ...) [OPTIONS]",
    "Summarise a map by region, or by segment of the left ventricle",
    "Count, mean, SD, median and quartiles of each region; with --sd the standard\n"
    "deviation of the mean, which takes the noise of voxels as independent. Voxels that\n"
    "are NaN, infinite or zero are left out and counted. Times are in ms.\n"
    "--aha makes the segments of the American Heart Association from the ring of the\n"
    "myocardium and the insertion points of the right ventricle; the septum is the\n"
    "shorter way between the two. A FILE of --insertion has a line for each slice:\n"
    "slice,level,anterior_i,anterior_j,inferior_i,inferior_j, all from 0.\n"
    "docs/regions.md has the formulas.\n",
    options,
    run};
