/* SPDX-License-Identifier: MIT
 * The slices of a map side by side. Without interpolation; turned over as radiologists look at
 * patients, where the file tells how: head or front up, the left side or the back to the right.
 * For slices as converters from DICOM write them that is the scanner's own view:
 * in an axial slice the front is at the top and the patient's left on the right. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "report/plot.h"

#ifdef TT1_HAVE_CAIRO

enum { WANTED_SIDE = 1000, MAX_SIDE = 8192, GAP = 4, LEAST_MARKED = 60 };

/* ---- Layout ---- */

static int whole(double x)
{
  return (int)floor(x + 0.5);
}

// Enlarge small maps by a whole number, so that every voxel is a block of equal size.
static double choose_zoom(double width, double height)
{
  double longer = width > height ? width : height;
  double zoom = ceil(WANTED_SIDE / longer);
  return longer * zoom > MAX_SIDE ? MAX_SIDE / longer : zoom;
}

// As near to a square as the slices allow.
static int64_t choose_columns(int64_t n_slices, double width, double height)
{
  int64_t best = n_slices;
  double least = HUGE_VAL;
  for (int64_t columns = n_slices; columns >= 1; columns--) {
    double rows = ceil((double)n_slices / (double)columns);
    double longer = fmax(width * (double)columns, height * rows);
    if (longer < least * (1.0 - 1e-9)) {
      least = longer;
      best = columns;
    }
  }
  return best;
}

tt1__mosaic_plan tt1__mosaic_planned(const tt1_geometry *g)
{
  tt1__mosaic_plan l = {0};
  double least = g->spacing[0] < g->spacing[1] ? g->spacing[0] : g->spacing[1];
  double width = (double)g->size[0] * g->spacing[0] / least;
  double height = (double)g->size[1] * g->spacing[1] / least;
  int64_t columns = choose_columns(g->size[2], width, height);
  int64_t rows = (g->size[2] + columns - 1) / columns;
  double zoom = choose_zoom(width * (double)columns, height * (double)rows);
  l.columns = (int)columns;
  l.rows = (int)rows;
  l.slice_width = whole(width * zoom) > 0 ? whole(width * zoom) : 1;
  l.slice_height = whole(height * zoom) > 0 ? whole(height * zoom) : 1;
  l.width = l.columns * (l.slice_width + GAP) - GAP;
  l.height = l.rows * (l.slice_height + GAP) - GAP;
  return l;
}

/* ---- Which way round ---- */

// The direction of axis `axis` of the voxels in the world: right, front, head.
static int find_direction(double direction[3], const tt1_geometry *g, int axis)
{
  double m[3][4], length = 0.0;
  if (!tt1_geometry_matrix(g, m)) return 0;
  for (int i = 0; i < 3; i++)
    length += m[i][axis] * m[i][axis];
  for (int i = 0; i < 3; i++)
    direction[i] = m[i][axis] / sqrt(length);
  return length > 0.0;
}

// Whether axis `axis` of the voxels runs against what the picture wants: from left to right it is
// towards the patient's left, else his back, else his feet; upwards his head, else his front, else
// his right. It is judged by the axis of the world that it is nearest to.
static int is_against(const tt1_geometry *g, int axis)
{
  static const double wanted[2][3] = {{-1.0, -1.0, -1.0}, {1.0, 1.0, 1.0}};
  double direction[3];
  int nearest = 0;
  if (!find_direction(direction, g, axis)) return 0;
  for (int i = 1; i < 3; i++)
    if (fabs(direction[i]) > fabs(direction[nearest])) nearest = i;
  return direction[nearest] * wanted[axis][nearest] < 0.0;
}

// The side of the patient that lies at the left (axis 0) or the top (axis 1) of a slice as drawn: one
// letter, two where it is oblique. Empty where nothing tells.
static void name_side(char name[3], const tt1_geometry *g, int axis)
{
  static const char letters[3][2] = {{'L', 'R'}, {'P', 'A'}, {'F', 'H'}};
  const double share = 0.38; // 22.5 degrees off an axis
  double direction[3];
  size_t length = 0;
  name[0] = '\0';
  if (!find_direction(direction, g, axis)) return;
  double sign = (axis == 0 ? -1.0 : 1.0) * (is_against(g, axis) ? -1.0 : 1.0);
  for (int pass = 0; pass < 2; pass++) {
    int largest = 0;
    for (int i = 1; i < 3; i++)
      if (fabs(direction[i]) > fabs(direction[largest])) largest = i;
    if (fabs(direction[largest]) < share) break;
    name[length++] = letters[largest][direction[largest] * sign > 0.0];
    direction[largest] = 0.0;
  }
  name[length] = '\0';
}

/* ---- Voxels ---- */

// Full light to a relative SD of 5 %, 15 % of it from 25 % on.
static double light_of(float value, float deviation)
{
  const double from = 0.05, to = 0.25, least = 0.15;
  double relative = fabs((double)deviation / (double)value);
  if (relative <= from) return 1.0;
  return relative < to ? 1.0 - (1.0 - least) * (relative - from) / (to - from) : least;
}

static void put_pixel(unsigned char *pixel, const uint8_t rgb[3])
{
  uint32_t colour = (uint32_t)rgb[0] << 16 | (uint32_t)rgb[1] << 8 | rgb[2];
  memcpy(pixel, &colour, 4);
}

static void find_colour(uint8_t rgb[3], const tt1_picture *p, int64_t v)
{
  double fraction = ((double)p->map[v] * p->scale - p->from) / (p->to - p->from);
  tt1_colour(p->colours, fraction, rgb);
  if (!p->deviation || isnan(p->map[v])) return;
  double light = light_of(p->map[v], p->deviation[v]);
  for (int i = 0; i < 3; i++)
    rgb[i] = (uint8_t)(light * rgb[i] + 0.5);
}

static void draw_slice(unsigned char *corner, int stride, const tt1__mosaic_plan *l,
                       const tt1_picture *p, int64_t k)
{
  const int64_t *size = p->geometry->size;
  int mirror_i = is_against(p->geometry, 0), mirror_j = is_against(p->geometry, 1);
  for (int y = 0; y < l->slice_height; y++) {
    int64_t j = y * size[1] / l->slice_height, last = -1;
    if (!mirror_j) j = size[1] - 1 - j;
    uint8_t rgb[3] = {0};
    for (int x = 0; x < l->slice_width; x++) {
      int64_t i = x * size[0] / l->slice_width;
      if (i != last)
        find_colour(rgb, p, (k * size[1] + j) * size[0] + (mirror_i ? size[0] - 1 - i : i));
      last = i;
      put_pixel(corner + (size_t)y * (size_t)stride + (size_t)x * 4, rgb);
    }
  }
}

cairo_surface_t *tt1__mosaic(const tt1_picture *p)
{
  tt1__mosaic_plan l = tt1__mosaic_planned(p->geometry);
  cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, l.width, l.height);
  if (cairo_surface_status(surface) != CAIRO_STATUS_SUCCESS) return surface;
  int stride = cairo_image_surface_get_stride(surface);
  unsigned char *pixels = cairo_image_surface_get_data(surface);
  memset(pixels, 255, (size_t)stride * (size_t)l.height); // white between slices
  for (int64_t k = 0; k < p->geometry->size[2]; k++) {
    int x = (int)(k % l.columns) * (l.slice_width + GAP);
    int y = (int)(k / l.columns) * (l.slice_height + GAP);
    draw_slice(pixels + (size_t)y * (size_t)stride + (size_t)x * 4, stride, &l, p, k);
  }
  cairo_surface_mark_dirty(surface);
  return surface;
}

/* ---- Marks ---- */

// White with a dark rim stands out on every colour.
static void put_mark(cairo_t *cairo, double x, double y, double align, const char *text)
{
  cairo_move_to(cairo, x - align * tt1__text_width(cairo, text), y);
  cairo_text_path(cairo, text);
  cairo_set_source_rgba(cairo, 0.0, 0.0, 0.0, 0.75);
  cairo_set_line_join(cairo, CAIRO_LINE_JOIN_ROUND);
  cairo_set_line_width(cairo, 3.0);
  cairo_stroke_preserve(cairo);
  cairo_set_source_rgb(cairo, 1.0, 1.0, 1.0);
  cairo_fill(cairo);
}

void tt1__mosaic_mark(cairo_t *cairo, const tt1_geometry *g, const tt1__mosaic_plan *l, double font)
{
  char text[16];
  double size = fmin(font, l->slice_height / 8.0);
  if (l->slice_width < LEAST_MARKED || l->slice_height < LEAST_MARKED) return;
  tt1__set_font(cairo, size, 1);
  for (int64_t k = 0; k < g->size[2] && g->size[2] > 1; k++) {
    double x = (double)(k % l->columns) * (l->slice_width + GAP);
    double y = (double)(k / l->columns) * (l->slice_height + GAP);
    snprintf(text, sizeof text, "%d", (int)k + 1);
    put_mark(cairo, x + 0.4 * size, y + 1.15 * size, 0.0, text);
  }
  name_side(text, g, 0);
  put_mark(cairo, 0.4 * size, 0.5 * l->slice_height + 0.36 * size, 0.0, text);
  name_side(text, g, 1);
  put_mark(cairo, 0.5 * l->slice_width, 1.15 * size, 0.5, text);
}

#endif
