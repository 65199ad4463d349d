/* SPDX-License-Identifier: MIT
 * torcht1 compare: how well two maps agree. */
#include "compare/compare.h"

#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MASK = 256, LABELS, BANDS, BAND_BY, KEEP_ZEROS, UNIT, NAMES, TITLE, JSON, CSV, FIGURE };
enum { DIFFERENCE = 300, IGNORE_POSITION, RANGE, IMAGE, RESAMPLE, MAPS };

static const option_row options[] = {
    {"image", IMAGE, "A[,B]", "which image of files that hold several, from 1"},
    {"mask", MASK, "FILE", "compare only where this image is not zero"},
    {"reference-range", RANGE, "X,Y", "compare only where B is between (in the table's unit)"},
    {"labels", LABELS, "FILE", "regions: whole numbers, 0 for none"},
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
  c->edges_given = 1;
  c->n_edges = 0;
  if (strcmp(optarg, "none") == 0) return;
  for (const char *at = optarg;; at++) {
    char *end = NULL;
    double edge = strtod(at, &end);
    int is_good = end != at && (*end == ',' || !*end) && isfinite(edge);
    if (is_good && c->n_edges > 0) is_good = edge > c->edges[c->n_edges - 1];
    if (!is_good || c->n_edges == MAX_EDGES)
      usage_error(&command_compare,
                  "--bands takes at most %d increasing numbers, for instance 0,500,1500, not '%s'",
                  MAX_EDGES, optarg);
    c->edges[c->n_edges++] = edge;
    if (!*end) return;
    at = end;
  }
}

static void take_range(comparison *c)
{
  char *end = NULL;
  c->range.from = strtod(optarg, &end);
  if (end != optarg && *end == ',') c->range.to = strtod(end + 1, &end);
  if (*end || !(c->range.to > c->range.from) || !isfinite(c->range.to - c->range.from))
    usage_error(&command_compare, "--reference-range takes two numbers, the less first, not '%s'",
                optarg);
}

static void take_images(comparison *c)
{
  const char *a, *b;
  option_words(&command_compare, "image", optarg, 1, &a, &b);
  c->a.which = option_integer(&command_compare, "image", a, 1, 4096);
  c->b.which = option_integer(&command_compare, "image", b, 1, 4096);
}

static void take_names(comparison *c)
{
  const char *a, *b;
  option_words(&command_compare, "names", optarg, 0, &a, &b);
  snprintf(c->a.name, sizeof c->a.name, "%s", a);
  snprintf(c->b.name, sizeof c->b.name, "%s", b);
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
  int key;
  while ((key = option_next(me, argc, argv)))
    switch (key) {
    case IMAGE: take_images(c); break;
    case MASK: c->mask_path = optarg; break;
    case RANGE: take_range(c); break;
    case LABELS: c->labels_path = optarg; break;
    case BANDS: take_bands(c); break;
    case BAND_BY: c->band_by = (tt1_band_by)option_choice(me, "band-by", optarg, band_by_of); break;
    case KEEP_ZEROS: c->keep_zeros = 1; break;
    case UNIT: option_words(me, "unit", optarg, 1, &c->a.unit, &c->b.unit); break;
    case NAMES: take_names(c); break;
    case TITLE: c->title = optarg; break;
    case CSV: c->csv = optarg; break;
    case FIGURE: take_figure("figure", c->figures, &c->n_figures); break;
    case MAPS: take_figure("maps", c->pictures, &c->n_pictures); break;
    case DIFFERENCE: c->difference = option_nifti(me, "difference", optarg); break;
    case RESAMPLE: c->is_resampled = 1; break;
    case IGNORE_POSITION: c->ignore_position = 1; break;
    case JSON: c->as_json = 1; break;
    }
  if (argc - optind != 2)
    usage_error(me, "two maps are expected, A and the reference B; %d given", argc - optind);
  c->a.path = argv[optind];
  c->b.path = argv[optind + 1];
}

/* ---- Units ---- */

/* Relaxation times lie between 20 us and 20 s: beside a map of times, a map that does not tell
 * its unit can only be in one of the two. */
static void guess_unit(const comparison *c, compare_map *map, const compare_map *other)
{
  if (map->unit || !is_time(other->unit)) return;
  map->unit = median_within(map->image, c->mask) < 20.0 ? "s" : "ms";
  map->told = "assumed from its size";
}

static void look_up_unit(compare_map *map)
{
  map->told = map->unit ? "given" : "from the file";
  if (!map->unit) map->unit = tt1_image_unit(map->image);
}

static int choose_units(comparison *c)
{
  static const double edges[] = {0.0, 200.0, 400.0, 700.0, 1000.0, 1400.0, 2000.0};
  look_up_unit(&c->a);
  look_up_unit(&c->b);
  guess_unit(c, &c->a, &c->b);
  guess_unit(c, &c->b, &c->a);
  c->scale_a = c->scale_b = 1.0;
  if (is_time(c->a.unit) && is_time(c->b.unit)) {
    c->unit = "ms"; // what tables and figures of times are in
    c->scale_a = strcmp(c->a.unit, "s") == 0 ? 1000.0 : 1.0;
    c->scale_b = strcmp(c->b.unit, "s") == 0 ? 1000.0 : 1.0;
    if (c->edges_given) return EXIT_OK;
    memcpy(c->edges, edges, sizeof edges);
    c->n_edges = sizeof edges / sizeof *edges;
    return EXIT_OK;
  }
  c->unit = c->a.unit ? c->a.unit : c->b.unit;
  if (c->a.unit && c->b.unit && strcmp(c->a.unit, c->b.unit) != 0)
    return complain("%s is in %s, %s in %s; if a file tells its unit wrongly, give --unit",
                    c->a.path, c->a.unit, c->b.path, c->b.unit);
  double a = median_within(c->a.image, c->mask), b = median_within(c->b.image, c->mask);
  if (!c->unit && are_far_apart(a, b))
    return complain("%s and %s do not tell their units, and one is %.0f times the other; give "
                    "--unit, for instance --unit s,ms",
                    c->a.path, c->b.path, fabs(a) > fabs(b) ? fabs(a / b) : fabs(b / a));
  return EXIT_OK;
}

/* ---- Reading ---- */

static int read_labels(comparison *c)
{
  c->label_image = read_companion(c->labels_path, "label map", c->a.image, "map");
  c->labels = c->label_image ? labels_of(c->label_image, c->labels_path) : NULL;
  return c->labels ? EXIT_OK : EXIT_FAILED;
}

static int read_all(comparison *c)
{
  c->a.image = read_single(c->a.path, "map", c->a.which);
  c->b.image = c->a.image ? read_single(c->b.path, "map", c->b.which) : NULL;
  if (c->b.image && c->is_resampled &&
      resample_onto(c->b.image, c->b.path, c->a.image, "first map",
                    c->keep_zeros ? TT1_RESAMPLE_LINEAR : TT1_RESAMPLE_MAP) != EXIT_OK)
    return EXIT_FAILED;
  if (c->b.image) tt1_image_align(c->b.image, tt1_image_geometry(c->a.image), NULL); // if it can be
  if (!c->b.image || check_grid(c->b.image, c->b.path, "map", c->a.image, "other",
                                "; --resample moves it there") != EXIT_OK)
    return EXIT_FAILED;
  if (check_position(&c->position, c->b.image, c->b.path, c->a.image, c->a.path,
                     c->ignore_position) != EXIT_OK)
    return EXIT_FAILED;
  if (c->mask_path) {
    c->mask_image = read_companion(c->mask_path, "mask", c->a.image, "map");
    c->mask = c->mask_image ? mask_of(c->mask_image, c->mask_path) : NULL;
    if (!c->mask) return EXIT_FAILED;
  }
  if (c->labels_path && read_labels(c) != EXIT_OK) return EXIT_FAILED;
  return choose_units(c);
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
  if (c->a.name[0]) return;
  stem(c->a.name, sizeof c->a.name, c->a.path);
  stem(c->b.name, sizeof c->b.name, c->b.path);
  if (c->a.name[0] && c->b.name[0] && strcmp(c->a.name, c->b.name) != 0) return;
  snprintf(c->a.name, sizeof c->a.name, "A");
  snprintf(c->b.name, sizeof c->b.name, "B");
}

/* ---- Comparing and writing ---- */

/* Take voxels out of the mask where the reference is out of its range. */
static void apply_range(comparison *c)
{
  int64_t n = tt1_image_n_voxels(c->b.image);
  const float *values = tt1_image_data(c->b.image);
  if (!(c->range.to > c->range.from)) return;
  if (!c->mask) {
    c->mask = allocate((size_t)n, 1);
    memset(c->mask, 1, (size_t)n);
  }
  for (int64_t v = 0; v < n; v++) {
    double value = c->scale_b * (double)values[v];
    if (!(value >= c->range.from && value <= c->range.to)) c->mask[v] = 0;
  }
}

static int compare_voxels(comparison *c)
{
  tt1_error error = {0};
  apply_range(c);
  tt1_map_pair maps = {.a = tt1_image_data(c->a.image),
                       .b = tt1_image_data(c->b.image),
                       .scale_a = c->scale_a,
                       .scale_b = c->scale_b,
                       .n_voxels = tt1_image_n_voxels(c->a.image),
                       .mask = c->mask,
                       .labels = c->labels,
                       .edges = c->n_edges ? c->edges : NULL,
                       .n_edges = c->n_edges,
                       .band_by = c->band_by,
                       .keep_zeros = c->keep_zeros};
  if (tt1_compare_maps(&c->found, &maps, &error) != TT1_OK) return complain_of(&error);
  if (c->found->all.n_pairs > 0) return EXIT_OK;
  return complain("no voxel is valid in both %s and %s", c->a.path, c->b.path);
}

static tt1_status put_csv(const void *context, tt1_folder *folder, const char *name,
                          tt1_error *error)
{
  const comparison *c = context;
  char *text = compare_csv(c);
  tt1_status status = tt1_folder_write(folder, name, text, strlen(text), error);
  free(text);
  return status;
}

/* In files times are in seconds. */
static tt1_status put_difference(const void *context, tt1_folder *folder, const char *name,
                                 tt1_error *error)
{
  const comparison *c = context;
  const char *unit = is_time(c->unit) ? "s" : c->unit;
  char text[80];
  float *map = compare_difference(c, is_time(c->unit) ? 1e-3 : 1.0);
  snprintf(text, sizeof text, "%.25s - %.25s%s%.15s%s", c->a.name, c->b.name, unit ? " (" : "",
           unit ? unit : "", unit ? ")" : "");
  tt1_status status = tt1_folder_write_image(folder, name, tt1_image_geometry(c->a.image), 1,
                                             TT1_FLOAT32, map, text, error);
  free(map);
  return status;
}

/* Before the first is written: all or none. */
static int check_outputs(const comparison *c)
{
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

static void print(const comparison *c)
{
  if (!c->as_json) {
    compare_print(c);
    return;
  }
  char *text = compare_json(c);
  fputs(text, stdout);
  free(text);
}

static void release(comparison *c)
{
  tt1_map_comparison_free(c->found);
  tt1_image_free(c->a.image);
  tt1_image_free(c->b.image);
  tt1_image_free(c->mask_image);
  tt1_image_free(c->label_image);
  free(c->mask);
  free(c->labels);
}

static int run(int argc, char **argv)
{
  comparison c = {0};
  parse(&c, argc, argv);
  choose_names(&c);
  int code = read_all(&c);
  if (code == EXIT_OK) code = check_outputs(&c);
  if (code == EXIT_OK) code = compare_voxels(&c);
  if (code == EXIT_OK) code = write_all(&c);
  if (code == EXIT_OK) print(&c);
  release(&c);
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
    run};
