/* SPDX-License-Identifier: MIT
 * Bland-Altman figures: lines, points and cells where they belong, odd data
 * drawn whole, and what cannot be drawn refused. */
#include "image_support.h"

#include "tt1_report.h"

#ifdef TT1_HAVE_CAIRO
#  include <cairo.h>
#  include <math.h>

enum { N = 20000 };
static double a[N], b[N];
static tt1_agreement agreement;

/* a - b spreads evenly from -50 to 50, means from 100 to 900. */
static tt1_bland_altman make(int64_t n)
{
  for (int64_t i = 0; i < n; i++) {
    double middle = 100.0 + 800.0 * (double)i / (double)n;
    double apart = 100.0 * ((double)(i * 37 % 1001) / 1000.0 - 0.5);
    a[i] = middle + 0.5 * apart;
    b[i] = middle - 0.5 * apart;
  }
  assert_int_equal(tt1_compare(&agreement, a, b, n, 0, NULL), TT1_OK);
  tt1_bland_altman figure = {
      .a = a, .b = b, .n = n, .agreement = &agreement, .name_a = "A", .name_b = "B", .unit = "ms"};
  return figure;
}

/* The bytes of the file that the figure becomes; free with free(). */
static char *write_figure(const tt1_bland_altman *figure, const char *name, size_t *length,
                          cairo_surface_t **surface)
{
  sandbox s = sandbox_make();
  tt1_folder *folder = NULL;
  tt1_error err = {0};
  assert_int_equal(tt1_folder_open(&folder, s.path, &err), TT1_OK);
  tt1_status status = tt1_folder_write_bland_altman(folder, name, figure, &err);
  if (status != TT1_OK) print_error("%s\n", err.message);
  assert_int_equal(status, TT1_OK);
  assert_int_equal(tt1_folder_commit(folder, &err), TT1_OK);
  tt1_folder_free(folder);
  FILE *file = fopen(inside(&s, name), "rb");
  assert_non_null(file);
  char *bytes = calloc(1, 1 << 22);
  assert_non_null(bytes);
  *length = fread(bytes, 1, (1 << 22) - 1, file);
  fclose(file);
  if (surface) {
    *surface = cairo_image_surface_create_from_png(inside(&s, name));
    assert_int_equal(cairo_surface_status(*surface), CAIRO_STATUS_SUCCESS);
  }
  remove_tree(s.path);
  return bytes;
}

static cairo_surface_t *draw(const tt1_bland_altman *figure)
{
  cairo_surface_t *surface = NULL;
  size_t length;
  free(write_figure(figure, "f.png", &length, &surface));
  return surface;
}

/* How many pixels of row y have nearly this colour. */
static int count_in_row(cairo_surface_t *surface, int y, int red, int green, int blue)
{
  int count = 0, width = cairo_image_surface_get_width(surface);
  const unsigned char *row =
      cairo_image_surface_get_data(surface) + y * cairo_image_surface_get_stride(surface);
  for (int x = 0; x < width; x++) {
    uint32_t pixel;
    memcpy(&pixel, row + 4 * x, 4);
    int r = (int)(pixel >> 16 & 255), g = (int)(pixel >> 8 & 255), l = (int)(pixel & 255);
    count += abs(r - red) < 12 && abs(g - green) < 12 && abs(l - blue) < 12;
  }
  return count;
}

/* Rows in which a line of this colour runs through at least half of the page. */
static int find_rows(cairo_surface_t *surface, int red, int green, int blue, double share,
                     double *first, double *last)
{
  int width = cairo_image_surface_get_width(surface), found = 0;
  for (int y = 0; y < cairo_image_surface_get_height(surface); y++) {
    if (count_in_row(surface, y, red, green, blue) < share * width) continue;
    if (!found++) *first = y;
    *last = y;
  }
  return found;
}

static void lines_lie_at_their_values(void **state)
{
  (void)state;
  tt1_bland_altman figure = make(400);
  cairo_surface_t *surface = draw(&figure);
  double upper = 0.0, lower = 0.0, top = 0.0, bottom = 0.0;
  assert_true(find_rows(surface, 213, 94, 0, 0.4, &upper, &lower) >= 2); // the limits, vermilion
  assert_true(find_rows(surface, 0, 0, 0, 0.6, &top, &bottom) >= 3);     // frame and bias
  // Limits are symmetrical about the bias, and the frame about both, as the data are.
  double scale = 300.0 / 72.0, centre = 0.5 * (upper + lower);
  assert_true(fabs(centre - 0.5 * (top + bottom)) < 6.0);
  assert_true(fabs(top - 34.0 * scale) < 4.0 && fabs(bottom - (346.0 - 56.0) * scale) < 4.0);
  assert_true(count_in_row(surface, (int)centre, 0, 0, 0) > 1000); // the bias
  // What a limit of +-57 is within the frame, whose height is known from the intervals.
  double half = fmax(agreement.limit_intervals[1].to, 50.0) * 2.0;
  double expected = (agreement.limits[1] - agreement.limits[0]) / (half * 1.1) * (bottom - top);
  assert_true(fabs((lower - upper) / expected - 1.0) < 0.01);
  cairo_surface_destroy(surface);
}

static int count_colour(cairo_surface_t *surface, int red, int green, int blue)
{
  int count = 0;
  for (int y = 0; y < cairo_image_surface_get_height(surface); y++)
    count += count_in_row(surface, y, red, green, blue);
  return count;
}

static void many_pairs_become_cells(void **state)
{
  (void)state;
  tt1_bland_altman figure = make(2999);
  cairo_surface_t *points = draw(&figure);
  figure = make(N);
  cairo_surface_t *cells = draw(&figure);
  // The darkest and the palest colour of the scale are there, in the legend at least.
  assert_int_equal(count_colour(points, 8, 43, 97), 0);
  assert_true(count_colour(cells, 8, 43, 97) > 100);
  assert_true(count_colour(cells, 199, 222, 242) > 100);
  cairo_surface_destroy(points);
  cairo_surface_destroy(cells);
}

// That two runs write the same bytes is tested by the command line: cairo numbers its surfaces.
static void svg_is_text_of_modest_size(void **state)
{
  (void)state;
  for (int64_t n = 17; n <= N; n = n == 17 ? N : N + 1) {
    tt1_bland_altman figure = make(n);
    size_t length;
    char *text = write_figure(&figure, "f.svg", &length, NULL);
    assert_non_null(strstr(text, "<svg"));
    assert_non_null(strstr(text + length - 10, "</svg>"));
    assert_true(length < 1 << 20); // many pairs do not make it huge
    free(text);
  }
}

static void nothing_is_clipped(const tt1_bland_altman *figure)
{
  cairo_surface_t *surface = draw(figure);
  int width = cairo_image_surface_get_width(surface);
  int height = cairo_image_surface_get_height(surface);
  assert_int_equal(count_in_row(surface, 0, 255, 255, 255), width);
  assert_int_equal(count_in_row(surface, height - 1, 255, 255, 255), width);
  for (int y = 0; y < height; y++) {
    uint32_t pixel;
    const unsigned char *row =
        cairo_image_surface_get_data(surface) + y * cairo_image_surface_get_stride(surface);
    memcpy(&pixel, row, 4);
    assert_int_equal(pixel & 0xFFFFFF, 0xFFFFFF);
    memcpy(&pixel, row + (ptrdiff_t)4 * (width - 1), 4);
    assert_int_equal(pixel & 0xFFFFFF, 0xFFFFFF);
  }
  cairo_surface_destroy(surface);
}

static void check_pairs(const double *x, const double *y, int64_t n)
{
  tt1_bland_altman figure = make(1);
  assert_int_equal(tt1_compare(&agreement, x, y, n, 1, NULL), TT1_OK);
  figure.a = x;
  figure.b = y;
  figure.n = n;
  nothing_is_clipped(&figure);
}

/* Rows of pixels in which there are points. */
static int count_rows(const tt1_bland_altman *figure)
{
  int count = 0;
  cairo_surface_t *surface = draw(figure);
  for (int y = 0; y < cairo_image_surface_get_height(surface); y++)
    count += count_in_row(surface, y, 77, 157, 201) > 0; // blue, seven tenths of it
  cairo_surface_destroy(surface);
  return count;
}

static void one_wild_pair_flattens_nothing(void **state)
{
  (void)state;
  tt1_bland_altman figure = make(300);
  int before = count_rows(&figure);
  assert_true(before > 400);
  a[5] = 9510786.0;
  assert_int_equal(tt1_compare(&agreement, a, b, 300, 0, NULL), TT1_OK);
  int after = count_rows(&figure);
  if (after < before / 16) fail_msg("%d rows of %d", after, before);
}

static void odd_data_are_drawn_whole(void **state)
{
  (void)state;
  static const double x[4] = {1.0, 2.0, 3.0, 4.0}, y[4] = {1.5, 1.5, 3.5, 3.0}, zero[4];
  static const double huge[4] = {1e20, -3e20, 2e20, 1e18}, tiny[4] = {1e-20, 2e-20, 3e-20, 1e-21};
  check_pairs(x, y, 4);
  check_pairs(x, y, 1); // no limits
  check_pairs(x, y, 2); // intervals a hundred times the data
  check_pairs(x, x, 4);
  check_pairs(zero, zero, 4);
  check_pairs(huge, x, 4);
  check_pairs(tiny, zero, 4);
  static tt1_region regions[70];
  tt1_bland_altman figure = make(N);
  a[5] = 1e7; // one wild voxel
  assert_int_equal(tt1_compare(&agreement, a, b, N, 0, NULL), TT1_OK);
  for (int i = 0; i < 70; i++) {
    regions[i].label = i % 2 ? -1000000 * i : i;
    regions[i].agreement = agreement;
    regions[i].agreement.n_pairs = i % 3;
  }
  figure.regions = regions;
  figure.n_regions = 64;
  figure.title = "a title that is longer than the figure is wide, and then some more words of it";
  figure.name_a = "a name that is longer than anybody would think, such as a whole path to a file";
  figure.name_b = figure.name_a;
  figure.unit = "\xFF\xC3(\n\xE2\x82";
  nothing_is_clipped(&figure);
  figure.n_regions = 70;
  nothing_is_clipped(&figure);
}

static void refuses_and_survives(void **state)
{
  (void)state;
  sandbox s = sandbox_make();
  tt1_folder *folder = NULL;
  tt1_error err = {0};
  assert_int_equal(tt1_folder_open(&folder, s.path, &err), TT1_OK);
  tt1_bland_altman figure = make(0);
  tt1_folder_write_bland_altman(folder, "f.png", &figure, &err);
  check_sentence(&err, TT1_BAD_ARGUMENT, "f.png cannot be drawn: there are no pairs");
  figure = make(N);
  b[7] = (double)NAN;
  tt1_folder_write_bland_altman(folder, "f.png", &figure, &err);
  check_sentence(&err, TT1_BAD_ARGUMENT, "f.png cannot be drawn: pair 7 is");
  figure = make(N);
  for (int n = 1; n < 100; n++) {
    tt1__fail_allocation(n);
    tt1_status status =
        tt1_folder_write_bland_altman(folder, n % 2 ? "f.png" : "f.svg", &figure, &err);
    tt1__fail_allocation(0);
    if (status == TT1_OK) break;
    assert_int_equal(status, TT1_NO_MEMORY);
    assert_true(n < 99);
  }
  tt1_folder_free(folder);
  remove_tree(s.path);
}

#endif

int main(void)
{
#ifdef TT1_HAVE_CAIRO
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(lines_lie_at_their_values),
      cmocka_unit_test(many_pairs_become_cells),
      cmocka_unit_test(svg_is_text_of_modest_size),
      cmocka_unit_test(one_wild_pair_flattens_nothing),
      cmocka_unit_test(odd_data_are_drawn_whole),
      cmocka_unit_test(refuses_and_survives),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
#else
  tt1_bland_altman figure = {0};
  printf("skipped: this build has no cairo\n");
  return tt1_folder_write_bland_altman(NULL, "f.png", &figure, NULL) != TT1_NO_DEVICE;
#endif
}
