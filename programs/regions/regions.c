/* SPDX-License-Identifier: MIT
 * torcht1 regions: what a map holds in each region, and in the segments of the
 * left ventricle. */
#include "regions/regions.h"

#include <getopt.h>
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
enum { SEPTUM = 300, KEEP_ZEROS, CSV, JSON, POINTS_OF, MARGIN, SD_LIMIT, BULLSEYE, TITLE };

static const option_row options[] = {
    {"labels", LABELS, "FILE[:LABEL]", "regions: whole numbers, 0 for none"},
    {"sd", SD, "FILE", "standard deviations of the map, for that of the means"},
    {"mask", MASK, "FILE[:LABEL]", "look only where this image is not zero, or has the label"},
    {"sd-limit", SD_LIMIT, "X",
     "leave out voxels with an SD above this share of their value (0.1 of times with --sd; 0: "
     "none)"},
    {"image", IMAGE, "N", "which image of a file that holds several, from 1"},
    {"unit", UNIT, "NAME", "unit of the map: s, ms, ... (as its file tells)"},
    {"aha", AHA, NULL, "the 16 segments of the left ventricle, in place of --labels"},
    {"myocardium", MYOCARDIUM, "FILE[:LABEL]",
     "for --aha: mask of the left ventricular myocardium"},
    {"insertion", INSERTION, "[K:]I,J,I,J|mm:X,Y,Z,X,Y,Z|FILE",
     "for --aha: anterior and inferior insertion, of slice K or all, in voxels of --points-of from "
     "0, or in mm (lps: as DICOM has them); repeatable"},
    {"points-of", POINTS_OF, "IMAGE",
     "for --aha: the image in which points and slices are counted (that of --myocardium)"},
    {"margin", MARGIN, "IN[,OUT]",
     "for --aha: share of the wall left out next to the blood and outside (0.1,0.1)"},
    {"level", LEVEL, "[K:]NAME",
     "for --aha: basal, mid, apical, none, of slice K or all; repeatable"},
    {"reference", REFERENCE, "MEAN,SD", "z-scores against this (ms where the map is a time)"},
    {"segments", SEGMENTS, "FILE", "write the segments as a label map, .nii or .nii.gz"},
    {"septum", SEPTUM, "FILE", "write the mid-septal region as a mask, .nii or .nii.gz"},
    {"bullseye", BULLSEYE, "FILE", "for --aha: draw the segments, .png, .svg or .pdf"},
    {"title", TITLE, "TEXT", "title of the bull's-eye"},
    {"keep-zeros", KEEP_ZEROS, NULL, "count zeros too, which are invalid voxels else"},
    {"csv", CSV, "FILE", "write all numbers as a table, a row for each region"},
    {"json", JSON, NULL, "print all numbers as JSON in place of the table"},
    {NULL, 0, NULL, NULL}};

/* ---- The command line ---- */

static void take_bullseye(regions *r)
{
  const char *dot = strrchr(optarg, '.');
  if (!dot || (strcmp(dot, ".png") != 0 && strcmp(dot, ".svg") != 0 && strcmp(dot, ".pdf") != 0))
    usage_error(&command_regions,
                "--bullseye takes a name that ends in .png, .svg or .pdf, not '%s'", optarg);
  r->bullseye = optarg;
}

static void take_reference(tt1_regions_request *r)
{
  option_two(&command_regions, "reference", optarg, r->reference);
  if (!(r->reference[1] > 0.0))
    usage_error(&command_regions,
                "--reference takes a mean and a standard deviation above 0, "
                "not '%s'",
                optarg);
  r->has_reference = 1;
}

static void take_margin(regions *r)
{
  const char *texts[2];
  option_words(&command_regions, "margin", optarg, 1, &texts[0], &texts[1]);
  for (int i = 0; i < 2; i++)
    r->asked.margins[i] = option_number(&command_regions, "margin", texts[i], 0.0, 0.45);
  r->has_margin = 1;
}

static void check_options(const regions *r)
{
  const command_row *me = &command_regions;
  const tt1_regions_request *a = &r->asked;
  tt1_error error = {0};
  if (r->is_aha && a->labels) usage_error(me, "--aha and --labels exclude each other");
  if (!r->is_aha && !a->labels)
    usage_error(me, "regions are missing: give --labels FILE, or --aha with --myocardium FILE");
  if (r->is_aha && !a->myocardium) usage_error(me, "--aha needs --myocardium FILE");
  if (!r->is_aha && (a->myocardium || a->n_insertions || a->n_levels || a->points_of ||
                     r->has_margin || r->segments_path || r->septum_path || r->bullseye))
    usage_error(me, "--myocardium, --insertion, --level, --points-of, --margin, --segments, "
                    "--septum and --bullseye go with --aha");
  if (tt1_regions_check(a, &error) != TT1_OK) usage_error(me, "%s", error.message);
}

static void add_text(const char **texts, int *n, const char *option)
{
  if (*n == TT1_MAX_DESCRIBED)
    usage_error(&command_regions, "--%s is given more than %d times", option, TT1_MAX_DESCRIBED);
  texts[(*n)++] = optarg;
}

static void parse(regions *r, int argc, char **argv)
{
  const command_row *me = &command_regions;
  tt1_regions_request *a = &r->asked;
  int key;
  while ((key = option_next(me, argc, argv)))
    switch (key) {
    case LABELS: a->labels = optarg; break;
    case SD: a->sd = optarg; break;
    case MASK: a->mask = optarg; break;
    case IMAGE: a->image = option_integer(me, "image", optarg, 1, 4096); break;
    case UNIT: a->unit = optarg; break;
    case AHA: r->is_aha = 1; break;
    case MYOCARDIUM: a->myocardium = optarg; break;
    case INSERTION: add_text(r->insertions, &a->n_insertions, "insertion"); break;
    case POINTS_OF: a->points_of = optarg; break;
    case MARGIN: take_margin(r); break;
    case SD_LIMIT: a->sd_limit = option_number(me, "sd-limit", optarg, 0.0, 1e3); break;
    case LEVEL: add_text(r->levels, &a->n_levels, "level"); break;
    case REFERENCE: take_reference(a); break;
    case SEGMENTS: r->segments_path = option_nifti(me, "segments", optarg); break;
    case SEPTUM: r->septum_path = option_nifti(me, "septum", optarg); break;
    case BULLSEYE: take_bullseye(r); break;
    case TITLE: r->title = optarg; break;
    case KEEP_ZEROS: a->keep_zeros = 1; break;
    case CSV: r->csv = optarg; break;
    case JSON: r->as_json = 1; break;
    }
  a->map = one_operand(me, argc, argv, "map");
  check_options(r);
}

/* ---- Writing ---- */

static tt1_status put_csv(const void *context, tt1_folder *folder, const char *name,
                          tt1_error *error)
{
  const regions *r = context;
  char *text = NULL;
  tt1_status status = tt1_regions_csv(&text, r->found, error);
  if (status == TT1_OK) status = tt1_folder_write(folder, name, text, strlen(text), error);
  tt1_text_free(text);
  return status;
}

static tt1_status put_segments(const void *context, tt1_folder *folder, const char *name,
                               tt1_error *error)
{
  const regions *r = context;
  const tt1_regions_result *found = r->found;
  size_t n = (size_t)tt1_image_n_voxels(found->map);
  uint8_t *bytes = allocate(n, 1);
  for (size_t v = 0; v < n; v++)
    bytes[v] = (uint8_t)found->regions[v];
  tt1_status status = tt1_folder_write_image(folder, name, tt1_image_geometry(found->map), 1,
                                             TT1_UINT8, bytes, "AHA segments", error);
  free(bytes);
  return status;
}

static tt1_status put_septum(const void *context, tt1_folder *folder, const char *name,
                             tt1_error *error)
{
  const regions *r = context;
  const tt1_regions_result *found = r->found;
  return tt1_folder_write_image(folder, name, tt1_image_geometry(found->map), 1, TT1_UINT8,
                                found->septum, "mid-septal region", error);
}

/* Before the first is written: all or none. */
static int check_outputs(const regions *r)
{
  const tt1_regions_result *found = r->found;
  remember_image(found->map);
  remember_image(found->sd);
  remember_image(found->mask);
  remember_image(found->labels);
  remember_image(found->points);
  for (int i = 0; i < r->asked.n_insertions; i++)
    remember_file(r->insertions[i]); // those that are no files harm nobody
  int code = check_output(r->csv);
  if (code == EXIT_OK) code = check_output(r->segments_path);
  if (code == EXIT_OK) code = check_output(r->bullseye);
  return code == EXIT_OK ? check_output(r->septum_path) : code;
}

static int write_all(const regions *r)
{
  int code = r->csv ? write_one_file(r->csv, put_csv, r) : EXIT_OK;
  if (code == EXIT_OK && r->segments_path) code = write_one_file(r->segments_path, put_segments, r);
  if (code == EXIT_OK && r->bullseye) code = write_one_file(r->bullseye, regions_put_bullseye, r);
  if (code == EXIT_OK && r->septum_path) code = write_one_file(r->septum_path, put_septum, r);
  return code;
}

static int print(const regions *r)
{
  char *text = NULL;
  if (r->as_json) {
    tt1_regions_json(&text, r->found, NULL);
    return print_text(text);
  }
  regions_print(r);
  return EXIT_OK;
}

static int run(int argc, char **argv)
{
  regions r = {.asked = TT1_REGIONS_REQUEST_INIT};
  tt1_error error = {0};
  r.asked.insertions = r.insertions;
  r.asked.levels = r.levels;
  parse(&r, argc, argv);
  if (tt1_regions_measure(&r.found, &r.asked, &error) != TT1_OK) return complain_of(&error);
  int code = check_outputs(&r);
  if (code == EXIT_OK) code = write_all(&r);
  if (code == EXIT_OK) code = print(&r);
  for (int i = 0; code == EXIT_OK && i < r.found->n_warnings; i++)
    complain("%s", r.found->warnings[i]);
  tt1_regions_free(r.found);
  return code;
}

const command_row command_regions = {
    "regions",
    "MAP (--labels FILE | --aha --myocardium FILE ...) [OPTIONS]",
    "Summarise a map by region, or by segment of the left ventricle",
    "Count, mean, SD, median and quartiles of each region; with --sd the standard\n"
    "deviation of the mean, which takes the noise of voxels as independent. Voxels that\n"
    "are NaN, infinite, zero or too unsure (--sd-limit) are left out and counted. Times\n"
    "are in ms. FILE:5 takes one label of a file, FILE:4+5 two, FILE:blood the one that\n"
    "dseg.tsv beside the file calls so.\n"
    "--aha makes the segments of the American Heart Association from the ring of the\n"
    "myocardium and the insertion points of the right ventricle; the septum is the\n"
    "shorter way between the two. A FILE of --insertion has a line for each slice:\n"
    "slice,level,anterior_i,anterior_j,inferior_i,inferior_j, all from 0, or columns in\n"
    "mm. Points move with the mask to the grid of the map; those more than 10 mm from\n"
    "the ring are refused. docs/regions.md has all of it, and the formulas.\n",
    options,
    run,
    NULL};
