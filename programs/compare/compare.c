/* SPDX-License-Identifier: MIT
 * torcht1 compare: how well two maps agree. */
#include "compare/compare.h"

#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MASK = 256, LABELS, BANDS, BAND_BY, KEEP_ZEROS, UNIT, NAMES, TITLE, JSON, CSV, FIGURE };
enum { DIFFERENCE = 300, IGNORE_POSITION, RANGE, IMAGE, RESAMPLE, MAPS, BOX, KEEP_BARS };

static const option_row options[] = {
    {"image", IMAGE, "A[,B]", "which image of files that hold several, from 1"},
    {"mask", MASK, "FILE[:LABEL]", "compare only where this image is not zero, or has the label"},
    {"reference-range", RANGE, "X,Y", "compare only where B is between (in the table's unit)"},
    {"box", BOX, "I,J,I,J", "compare only from column I, row J of A to column I, row J, from 0"},
    {"keep-bars", KEEP_BARS, NULL, "compare burned-in colour bars too, which are left out else"},
    {"labels", LABELS, "FILE[:LABEL]", "regions: whole numbers, 0 for none"},
    {"bands", BANDS, "LIST", "edges of bands, or 'none' (times: 0,200,400,700,1000,1400,2000 ms)"},
    {"band-by", BAND_BY, "NAME", "mean of A and B, or reference, which is B (mean)"},
    {"keep-zeros", KEEP_ZEROS, NULL, "compare zeros too, which are invalid voxels else"},
    {"unit", UNIT, "A[,B]", "units of the maps: s, ms, ... (as their files tell)"},
    {"names", NAMES, "A,B", "names in table and figure (from the files)"},
    {"title", TITLE, "TEXT", "title of the figure"},
    {"csv", CSV, "FILE", "write all numbers as a table, a row for each group"},
    {"figure", FIGURE, "FILE", "write a Bland-Altman figure, .png, .svg or .pdf; repeatable"},
    {"maps", MAPS, "FILE", "draw A, B and A - B, .png, .svg or .pdf; repeatable"},
    {"difference", DIFFERENCE, "FILE", "write the map A - B, .nii or .nii.gz"},
    {"resample", RESAMPLE, NULL, "move B to the grid of A"},
    {"ignore-position", IGNORE_POSITION, NULL, "compare maps that lie elsewhere in space"},
    {"json", JSON, NULL, "print all numbers as JSON in place of the table"},
    {NULL, 0, NULL, NULL}};

/* ---- The command line ---- */

static const char *band_by_of(int index)
{
  static const char *const names[] = {"mean", "reference", NULL};
  return names[index];
}

static void take_bands(comparison *c)
{
  tt1_comparison_request *r = &c->asked;
  r->n_edges = 0;
  r->has_no_bands = strcmp(optarg, "none") == 0;
  if (r->has_no_bands) return;
  for (const char *at = optarg;; at++) {
    char *end = NULL;
    double edge = strtod(at, &end);
    int is_good = end != at && (*end == ',' || !*end) && isfinite(edge);
    if (is_good && r->n_edges > 0) is_good = edge > c->edges[r->n_edges - 1];
    if (!is_good || r->n_edges == TT1_MAX_EDGES)
      usage_error(&command_compare,
                  "--bands takes at most %d increasing numbers, for instance 0,500,1500, not '%s'",
                  TT1_MAX_EDGES, optarg);
    c->edges[r->n_edges++] = edge;
    if (!*end) return;
    at = end;
  }
}

static void take_range(tt1_interval *range)
{
  char *end = NULL;
  range->from = strtod(optarg, &end);
  if (end != optarg && *end == ',') range->to = strtod(end + 1, &end);
  if (*end || !(range->to > range->from) || !isfinite(range->to - range->from))
    usage_error(&command_compare, "--reference-range takes two numbers, the less first, not '%s'",
                optarg);
}

static void take_box(tt1_comparison_request *r)
{
  int corner[4];
  char *at = optarg;
  for (int i = 0; i < 4; i++) {
    char *end = NULL;
    long value = strtol(at, &end, 10);
    if (end == at || *end != (i < 3 ? ',' : '\0') || value < 0 || value > 65535)
      usage_error(&command_compare,
                  "--box takes four whole numbers, column and row of two corners, for instance "
                  "10,20,180,200, not '%s'",
                  optarg);
    corner[i] = (int)value;
    at = end + 1;
  }
  for (int axis = 0; axis < 2; axis++) {
    int is_turned = corner[axis] > corner[axis + 2];
    r->box[2 * axis] = corner[axis + 2 * is_turned];
    r->box[2 * axis + 1] = corner[axis + 2 * !is_turned];
  }
  r->has_box = 1;
}

static void take_images(int image[2])
{
  const char *a, *b;
  option_words(&command_compare, "image", optarg, 1, &a, &b);
  image[0] = option_integer(&command_compare, "image", a, 1, 4096);
  image[1] = option_integer(&command_compare, "image", b, 1, 4096);
}

static void take_names(comparison *c)
{
  const char *a, *b;
  option_words(&command_compare, "names", optarg, 0, &a, &b);
  snprintf(c->names[0], sizeof c->names[0], "%s", a);
  snprintf(c->names[1], sizeof c->names[1], "%s", b);
}

static void take_figure(const char *option, const char **names, int *count)
{
  const char *dot = strrchr(optarg, '.');
  if (!dot || (strcmp(dot, ".png") != 0 && strcmp(dot, ".svg") != 0 && strcmp(dot, ".pdf") != 0))
    usage_error(&command_compare, "--%s takes a name that ends in .png, .svg or .pdf, not '%s'",
                option, optarg);
  if (*count == MAX_FIGURES) usage_error(&command_compare, "--%s is given too often", option);
  names[(*count)++] = optarg;
}

static void parse(comparison *c, int argc, char **argv)
{
  const command_row *me = &command_compare;
  tt1_comparison_request *r = &c->asked;
  int key;
  while ((key = option_next(me, argc, argv)))
    switch (key) {
    case IMAGE: take_images(r->image); break;
    case MASK: r->mask = optarg; break;
    case RANGE: take_range(&r->range); break;
    case BOX: take_box(r); break;
    case KEEP_BARS: r->keeps_bars = 1; break;
    case LABELS: r->labels = optarg; break;
    case BANDS: take_bands(c); break;
    case BAND_BY: r->band_by = (tt1_band_by)option_choice(me, "band-by", optarg, band_by_of); break;
    case KEEP_ZEROS: r->keep_zeros = 1; break;
    case UNIT: option_words(me, "unit", optarg, 1, &r->unit[0], &r->unit[1]); break;
    case NAMES: take_names(c); break;
    case TITLE: c->title = optarg; break;
    case CSV: c->csv = optarg; break;
    case FIGURE: take_figure("figure", c->figures, &c->n_figures); break;
    case MAPS: take_figure("maps", c->pictures, &c->n_pictures); break;
    case DIFFERENCE: c->difference = option_nifti(me, "difference", optarg); break;
    case RESAMPLE: r->resamples = 1; break;
    case IGNORE_POSITION: r->ignores_position = 1; break;
    case JSON: c->as_json = 1; break;
    }
  if (argc - optind != 2)
    usage_error(me, "two maps are expected, A and the reference B; %d given", argc - optind);
  r->map[0] = argv[optind];
  r->map[1] = argv[optind + 1];
  r->edges = c->edges;
}

/* The part of a path that tells it apart: T1map of maps/T1map.nii.gz. */
static void stem(char *name, size_t room, const char *path)
{
  const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
  size_t length = strcspn(base, ".");
  snprintf(name, room, "%.*s", (int)length, base);
}

static void choose_names(comparison *c)
{
  char(*name)[sizeof c->names[0]] = c->names;
  if (name[0][0]) return;
  stem(name[0], sizeof name[0], c->asked.map[0]);
  stem(name[1], sizeof name[1], c->asked.map[1]);
  if (name[0][0] && name[1][0] && strcmp(name[0], name[1]) != 0) return;
  snprintf(name[0], sizeof name[0], "A");
  snprintf(name[1], sizeof name[1], "B");
}

/* ---- Writing ---- */

static tt1_status put_csv(const void *context, tt1_folder *folder, const char *name,
                          tt1_error *error)
{
  const comparison *c = context;
  char *text = NULL;
  tt1_status status = tt1_comparison_csv(&text, c->found, error);
  if (status == TT1_OK) status = tt1_folder_write(folder, name, text, strlen(text), error);
  tt1_text_free(text);
  return status;
}

/* In files times are in seconds. */
static tt1_status put_difference(const void *context, tt1_folder *folder, const char *name,
                                 tt1_error *error)
{
  const comparison *c = context;
  const char *unit = c->found->unit;
  int is_time = unit && strcmp(unit, "ms") == 0;
  char text[80];
  float *map = compare_difference(c, is_time ? 1e-3 : 1.0);
  if (is_time) unit = "s";
  snprintf(text, sizeof text, "%.25s - %.25s%s%.15s%s", c->names[0], c->names[1], unit ? " (" : "",
           unit ? unit : "", unit ? ")" : "");
  tt1_status status = tt1_folder_write_image(folder, name, tt1_image_geometry(c->found->map[0]), 1,
                                             TT1_FLOAT32, map, text, error);
  free(map);
  return status;
}

/* Before the first is written: all or none. */
static int check_outputs(const comparison *c)
{
  remember_image(c->found->map[0]);
  remember_image(c->found->map[1]);
  remember_image(c->found->mask);
  remember_image(c->found->labels);
  int code = check_output(c->csv);
  if (code == EXIT_OK) code = check_output(c->difference);
  for (int i = 0; i < c->n_figures && code == EXIT_OK; i++)
    code = check_output(c->figures[i]);
  for (int i = 0; i < c->n_pictures && code == EXIT_OK; i++)
    code = check_output(c->pictures[i]);
  return code;
}

static int write_all(const comparison *c)
{
  if (c->csv && write_one_file(c->csv, put_csv, c) != EXIT_OK) return EXIT_FAILED;
  for (int i = 0; i < c->n_figures; i++)
    if (write_one_file(c->figures[i], compare_put_figure, c) != EXIT_OK) return EXIT_FAILED;
  for (int i = 0; i < c->n_pictures; i++)
    if (write_one_file(c->pictures[i], compare_put_maps, c) != EXIT_OK) return EXIT_FAILED;
  if (c->difference) return write_one_file(c->difference, put_difference, c);
  return EXIT_OK;
}

static int print(const comparison *c)
{
  const char *const names[2] = {c->names[0], c->names[1]};
  char *text = NULL;
  if (c->as_json) {
    tt1_comparison_json(&text, c->found, names, NULL);
    return print_text(text);
  }
  compare_print(c);
  return EXIT_OK;
}

static int run(int argc, char **argv)
{
  comparison c = {.asked = TT1_COMPARISON_REQUEST_INIT};
  tt1_error error = {0};
  parse(&c, argc, argv);
  choose_names(&c);
  if (tt1_comparison_measure(&c.found, &c.asked, &error) != TT1_OK) return complain_of(&error);
  int code = check_outputs(&c);
  if (code == EXIT_OK) code = write_all(&c);
  if (code == EXIT_OK) code = print(&c);
  tt1_comparison_free(c.found);
  return code;
}

const command_row command_compare = {
    "compare",
    "A B [OPTIONS]",
    "Compare two maps: Bland-Altman, concordance, by region and band",
    "B is the reference: differences are A - B. Voxels that are NaN, infinite or\n"
    "zero in either map are left out and counted. Maps of another size are refused,\n"
    "and maps that lie more than half a voxel elsewhere in space. Times are compared\n"
    "in ms; --bands are in the unit of the table. Neighbouring voxels are not\n"
    "independent, so intervals and p over voxels are too narrow: means of regions\n"
    "over several subjects are what they were made for. docs/compare.md has the\n"
    "formulas and their papers.\n",
    options,
    run,
    NULL};
