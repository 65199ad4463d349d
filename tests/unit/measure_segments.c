/* SPDX-License-Identifier: MIT
 * Segments of the left ventricle do not depend on how map, mask and points are stored: all 48 orders and
 * directions of the axes, for 1, 2, 3 and 9 slices, with points in voxels of either image and in mm. */
#include "image_support.h"

#include "tt1_measure.h"

enum { COLUMNS = 32, ROWS = 30, MAX_SLICES = 9, N_ORDERS = 48 };
enum { MAX_VOXELS = COLUMNS * ROWS * MAX_SLICES };

/* Where the right ventricle meets the left one, in voxels of the upright image: anterior, inferior. Not round,
 * so that no voxel lies on the border of two segments. */
static const double points[2][2] = {{21.37, 20.61}, {20.83, 8.19}};
static const double centre[2] = {15.3, 14.6};

/* How an order of axes is made from the upright one: voxel axis a is `from[a]`, backwards if `flip[a]`. */
typedef struct order {
  int from[3], flip[3];
} order;

static order order_of(int index)
{
  static const int permutations[6][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2},
                                         {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
  order o;
  for (int axis = 0; axis < 3; axis++) {
    o.from[axis] = permutations[index / 8][axis];
    o.flip[axis] = index >> axis & 1;
  }
  return o;
}

/* A short axis in a patient: rows run to the front and to the top, slices to the feet and to the left. */
static tt1_geometry upright(int slices)
{
  static const double directions[3][3] = {
      {0.843, 0.192, -0.503}, {-0.269, 0.959, -0.085}, {0.466, 0.207, 0.860}};
  static const double spacing[3] = {1.5, 1.7, 8.0}, corner[3] = {-31.0, 12.0, 47.0};
  tt1_geometry g = {.size = {COLUMNS, ROWS, slices}, .sform_code = 1};
  for (int row = 0; row < 3; row++) {
    for (int axis = 0; axis < 3; axis++)
      g.srow[row][axis] = directions[row][axis] * spacing[axis];
    g.srow[row][3] = corner[row];
  }
  memcpy(g.spacing, spacing, sizeof spacing);
  return g;
}

static tt1_geometry turned(const tt1_geometry *g, const order *o)
{
  tt1_geometry out = *g;
  for (int axis = 0; axis < 3; axis++) {
    int from = o->from[axis];
    double last = (double)(g->size[from] - 1);
    out.size[axis] = g->size[from];
    out.spacing[axis] = g->spacing[from];
    for (int row = 0; row < 3; row++) {
      out.srow[row][axis] = (o->flip[axis] ? -1.0 : 1.0) * g->srow[row][from];
      if (o->flip[axis]) out.srow[row][3] += last * g->srow[row][from];
    }
  }
  return out;
}

/* A voxel of the upright image, in the turned one. */
static void turn_point(double out[3], const double in[3], const tt1_geometry *g, const order *o)
{
  for (int axis = 0; axis < 3; axis++) {
    double x = in[o->from[axis]];
    out[axis] = o->flip[axis] ? (double)(g->size[o->from[axis]] - 1) - x : x;
  }
}

static int64_t turn_voxel(int64_t v, const tt1_geometry *g, const order *o)
{
  const double in[3] = {(double)(v % g->size[0]), (double)(v / g->size[0] % g->size[1]),
                        (double)(v / g->size[0] / g->size[1])};
  double out[3];
  turn_point(out, in, g, o);
  int64_t columns = g->size[o->from[0]], rows = g->size[o->from[1]];
  return (int64_t)out[0] + columns * ((int64_t)out[1] + rows * (int64_t)out[2]);
}

/* ---- Files ---- */

static sandbox box;

static const char *path_of(char path[128], const char *what, int slices, int index)
{
  snprintf(path, 128, "%s/n%d/%s%d.nii", box.path, slices, what, index);
  return path;
}

static int is_wall(int64_t v)
{
  double x = (double)(v % COLUMNS) - centre[0], y = (double)(v / COLUMNS % ROWS) - centre[1];
  double r = sqrt(x * x * 1.5 * 1.5 + y * y * 1.7 * 1.7);
  return r >= 9.0 && r <= 16.0;
}

static void write_order(tt1_folder *folder, int slices, int index)
{
  static float map[MAX_VOXELS];
  static uint8_t mask[MAX_VOXELS];
  const tt1_geometry g = upright(slices);
  const order o = order_of(index);
  const tt1_geometry stored = turned(&g, &o);
  tt1_error err = {0};
  char name[32];
  for (int64_t v = 0; v < COLUMNS * ROWS * slices; v++) {
    int64_t to = turn_voxel(v, &g, &o);
    map[to] = 1.0F + 0.001F * (float)(v % 97);
    mask[to] = (uint8_t)is_wall(v);
  }
  snprintf(name, sizeof name, "map%d.nii", index);
  assert_int_equal(
      tt1_folder_write_image(folder, name, &stored, 1, TT1_FLOAT32, map, "T1 (s)", &err), TT1_OK);
  snprintf(name, sizeof name, "mask%d.nii", index);
  assert_int_equal(tt1_folder_write_image(folder, name, &stored, 1, TT1_UINT8, mask, "mask", &err),
                   TT1_OK);
}

static void write_all(int slices)
{
  tt1_folder *folder = NULL;
  tt1_error err = {0};
  char path[128];
  snprintf(path, sizeof path, "%s/n%d", box.path, slices);
  assert_int_equal(tt1_folder_open(&folder, path, &err), TT1_OK);
  for (int index = 0; index < N_ORDERS; index++)
    write_order(folder, slices, index);
  assert_int_equal(tt1_folder_commit(folder, &err), TT1_OK);
  tt1_folder_free(folder);
}

/* ---- Points ---- */

static void place_of(double out[3], const tt1_geometry *g, const double voxel[3])
{
  for (int row = 0; row < 3; row++)
    out[row] = g->srow[row][0] * voxel[0] + g->srow[row][1] * voxel[1] +
               g->srow[row][2] * voxel[2] + g->srow[row][3];
}

typedef enum way { IN_VOXELS, IN_THREE_VOXELS, IN_MM, IN_LPS, N_WAYS } way;

/* They wander from slice to slice, as no slice may have those of another. */
static double row_of(int which, int k)
{
  return points[which][1] + 0.17 * k;
}

/* Both points of slice k of the upright image, as an option gives them in the image of order `o`. */
static void option_of(char text[160], way how, int slices, int k, const order *o)
{
  const tt1_geometry g = upright(slices);
  double at[2][3];
  for (int i = 0; i < 2; i++) {
    const double voxel[3] = {points[i][0], row_of(i, k), k};
    if (how >= IN_MM)
      place_of(at[i], &g, voxel);
    else
      turn_point(at[i], voxel, &g, o);
    for (int axis = 0; axis < 2 && how == IN_LPS; axis++)
      at[i][axis] *= -1.0;
  }
  if (how == IN_VOXELS)
    snprintf(text, 160, "%.0f:%.6f,%.6f,%.6f,%.6f", at[0][2], at[0][0], at[0][1], at[1][0],
             at[1][1]);
  else
    snprintf(text, 160, "%s%.6f,%.6f,%.6f,%.6f,%.6f,%.6f",
             how == IN_MM    ? "mm:"
             : how == IN_LPS ? "lps:"
                             : "",
             at[0][0], at[0][1], at[0][2], at[1][0], at[1][1], at[1][2]);
}

/* ---- Measuring ---- */

/* Segments of map `map` by mask `mask`, with points in voxels of order `of`: the mask's, or another's. */
static tt1_regions_result *measure(int slices, int map, int mask, int of, way how)
{
  char paths[3][128], texts[MAX_SLICES][160];
  const char *insertions[MAX_SLICES], *level = "mid";
  const order o = order_of(of);
  tt1_regions_request request = TT1_REGIONS_REQUEST_INIT;
  tt1_regions_result *found = NULL;
  tt1_error err = {0};
  request.map = path_of(paths[0], "map", slices, map);
  request.myocardium = path_of(paths[1], "mask", slices, mask);
  if (of != mask) request.points_of = path_of(paths[2], "map", slices, of);
  for (int k = 0; k < slices; k++) {
    option_of(texts[k], how, slices, k, &o);
    insertions[k] = texts[k];
  }
  request.insertions = insertions;
  request.n_insertions = slices;
  request.levels = &level;
  request.n_levels = 1;
  tt1_status status = tt1_regions_measure(&found, &request, &err);
  if (status != TT1_OK) print_error("map %d, mask %d, points %d: %s\n", map, mask, of, err.message);
  assert_int_equal(status, TT1_OK);
  return found;
}

/* The segments of the upright voxels, from a map of order `index`. */
static void expect_same(const tt1_regions_result *found, const int32_t *expected, int slices,
                        int index)
{
  const tt1_geometry g = upright(slices);
  const order o = order_of(index);
  assert_int_equal(found->n_warnings, 0);
  for (int64_t v = 0; v < COLUMNS * ROWS * slices; v++)
    assert_int_equal(found->regions[turn_voxel(v, &g, &o)], expected[v]);
}

static void expect_orders(int slices)
{
  static int32_t expected[MAX_VOXELS];
  write_all(slices);
  tt1_regions_result *first = measure(slices, 0, 0, 0, IN_VOXELS);
  memcpy(expected, first->regions, sizeof *expected * (size_t)tt1_image_n_voxels(first->map));
  tt1_regions_free(first);
  for (int i = 0; i < N_ORDERS; i++) {
    // Points in two coordinates need the third axis to run from slice to slice.
    int is_third = order_of(i).from[2] == 2;
    const int cases[][4] = {{i, 0, 0, IN_VOXELS},
                            {i, 0, 0, IN_MM},
                            {0, i, 0, IN_VOXELS},
                            {0, i, i, IN_LPS},
                            {0, i, i, IN_THREE_VOXELS},
                            {0, 0, i, IN_THREE_VOXELS},
                            {i, i, i, is_third ? IN_VOXELS : IN_THREE_VOXELS}};
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
      tt1_regions_result *found =
          measure(slices, cases[c][0], cases[c][1], cases[c][2], (way)cases[c][3]);
      expect_same(found, expected, slices, cases[c][0]);
      tt1_regions_free(found);
    }
  }
}

static void one_slice_in_all_orders(void **state)
{
  (void)state;
  expect_orders(1);
}

static void two_slices_in_all_orders(void **state)
{
  (void)state;
  expect_orders(2);
}

static void three_slices_in_all_orders(void **state)
{
  (void)state;
  expect_orders(3);
}

static void nine_slices_in_all_orders(void **state)
{
  (void)state;
  expect_orders(9);
}

/* Anterior is to the front and top of inferior, septal to the right of lateral: in mm of the patient. */
static void segments_lie_in_the_patient(void **state)
{
  (void)state;
  const tt1_geometry g = upright(3);
  double sums[7][3] = {{0}};
  int counts[7] = {0};
  tt1_regions_result *found = measure(3, 0, 0, 0, IN_MM);
  for (int64_t v = 0; v < COLUMNS * ROWS * 3; v++) {
    const double voxel[3] = {(double)(v % COLUMNS), (double)(v / COLUMNS % ROWS),
                             (double)(v / COLUMNS / ROWS)};
    double place[3];
    int s = found->regions[v] ? found->regions[v] - 6 : 0; // 7 to 12: mid
    place_of(place, &g, voxel);
    counts[s]++;
    for (int i = 0; i < 3; i++)
      sums[s][i] += place[i];
  }
  tt1_regions_free(found);
  for (int s = 1; s <= 6; s++)
    for (int i = 0; i < 3; i++)
      sums[s][i] /= counts[s];
  assert_true(sums[1][1] > sums[4][1] + 15.0 && sums[1][2] > sums[4][2]); // anterior, inferior
  assert_true(sums[2][0] > sums[5][0] + 10.0 && sums[3][0] > sums[6][0] + 10.0); // septal, lateral
}

/* ---- What is not believed ---- */

static tt1_status try_points(tt1_regions_result **found, const char *insertion, int map,
                             tt1_error *err)
{
  char paths[2][128];
  const char *level = "mid";
  tt1_regions_request request = TT1_REGIONS_REQUEST_INIT;
  request.map = path_of(paths[0], "map", 1, map);
  request.myocardium = path_of(paths[1], "mask", 1, 0);
  request.insertions = &insertion;
  request.n_insertions = 1;
  request.levels = &level;
  request.n_levels = 1;
  return tt1_regions_measure(found, &request, err);
}

static void refuse(const char *insertion, const char *part)
{
  tt1_regions_result *found = NULL;
  tt1_error err = {0};
  assert_int_not_equal(try_points(&found, insertion, 0, &err), TT1_OK);
  assert_null(found);
  if (!strstr(err.message, part)) fail_msg("'%s' has no '%s'", err.message, part);
}

static void exchanged_points_are_put_right(void **state)
{
  (void)state;
  tt1_regions_result *right = NULL, *wrong = NULL;
  tt1_error err = {0};
  assert_int_equal(try_points(&right, "21.37,20.61,20.83,8.19", 13, &err), TT1_OK);
  assert_int_equal(try_points(&wrong, "20.83,8.19,21.37,20.61", 13, &err), TT1_OK);
  assert_int_equal(right->n_warnings, 0);
  assert_int_equal(wrong->n_warnings, 1);
  assert_non_null(strstr(wrong->warnings[0], "in 1 of 1 slices the anterior insertion point"));
  assert_memory_equal(right->regions, wrong->regions,
                      sizeof *right->regions * (size_t)tt1_image_n_voxels(right->map));
  tt1_regions_free(right);
  tt1_regions_free(wrong);
  // On the left side: a mirrored heart, or a mistake.
  assert_int_equal(try_points(&wrong, "9.2,20.6,9.8,8.2", 0, &err), TT1_OK);
  assert_int_equal(wrong->n_warnings, 1);
  assert_non_null(strstr(wrong->warnings[0], "the septum lies on the left side"));
  tt1_regions_free(wrong);
}

static void far_points_are_refused(void **state)
{
  (void)state;
  refuse("21.37,29,20.83,8.19", "mm from the ring of");
  refuse("31,21,20.83,8.19", "the anterior insertion point of slice 0 lies");
  refuse("mm:0,0,0,0,0,0", "beside all slices");
  refuse("mm:9,20,47,9,20,70", "beside all slices");
  refuse("mm:0,0,500,0,0,500", "beside all slices");
  refuse("21,20,1,20,8,1", "beside all slices");
  refuse("1:21,20,20,8", "slice 1 is described");
}

/* Wherever memory runs out: that is said, and nothing is left behind. */
static void every_allocation_may_fail(void **state)
{
  (void)state;
  int n = 1;
  for (tt1_status status = TT1_NO_MEMORY; status != TT1_OK; n++) {
    tt1_regions_result *found = NULL;
    tt1_error err = {0};
    tt1__fail_allocation(n);
    status = try_points(&found, "20.83,8.19,21.37,20.61", 13, &err);
    tt1__fail_allocation(0);
    if (status == TT1_OK) tt1_regions_free(found);
    if (status != TT1_OK) assert_int_equal(status, TT1_NO_MEMORY);
    assert_true(n < 1000);
  }
  assert_true(n > 20);
}

static int make_box(void **state)
{
  (void)state;
  box = sandbox_make_in_memory();
  return 0;
}

static int remove_box(void **state)
{
  (void)state;
  remove_tree(box.path);
  return 0;
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(one_slice_in_all_orders),
      cmocka_unit_test(two_slices_in_all_orders),
      cmocka_unit_test(three_slices_in_all_orders),
      cmocka_unit_test(nine_slices_in_all_orders),
      cmocka_unit_test(segments_lie_in_the_patient),
      cmocka_unit_test(exchanged_points_are_put_right),
      cmocka_unit_test(far_points_are_refused),
      cmocka_unit_test(every_allocation_may_fail),
  };
  return cmocka_run_group_tests(tests, make_box, remove_box);
}
