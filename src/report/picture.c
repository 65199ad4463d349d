/* SPDX-License-Identifier: MIT
 * A map as a figure: slices side by side, a title and a colour bar, drawn with
 * cairo. Without interpolation; turned over as radiologists look at patients, where the
 * file tells how: head or front up, the left side or the back to the right.
 * For slices as converters from DICOM write them that is the scanner's own view:
 * in an axial slice the front is at the top and the patient's left on the right. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "image/image.h"
#include "report/plot.h"
#include "tt1_report.h"

#ifdef TT1_HAVE_CAIRO

enum { WANTED_SIDE = 512, MAX_SIDE = 8192, GAP = 4 };

/* Where things are, in pixels. */
typedef struct layout {
  int columns, rows;
  int slice_width, slice_height; /* of one slice as drawn */
  int left, top;                 /* of the first slice */
  int mosaic_width, mosaic_height;
  int bar_left, bar_width;
  int width, height; /* of the picture */
  double font;
} layout;

int tt1_picture_available(const char **why)
{
  if (why) *why = NULL;
  return 1;
}

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

static layout plan_mosaic(const tt1_geometry *g)
{
  layout l = {0};
  double least = g->spacing[0] < g->spacing[1] ? g->spacing[0] : g->spacing[1];
  double width = (double)g->size[0] * g->spacing[0] / least;
  double height = (double)g->size[1] * g->spacing[1] / least;
  double n_slices = (double)g->size[2];
  double columns = ceil(sqrt(n_slices * height / width * 1.4));
  if (columns > n_slices) columns = n_slices;
  double rows = ceil(n_slices / columns);
  double zoom = choose_zoom(width * columns, height * rows);
  l.columns = (int)columns;
  l.rows = (int)rows;
  l.slice_width = whole(width * zoom) > 0 ? whole(width * zoom) : 1;
  l.slice_height = whole(height * zoom) > 0 ? whole(height * zoom) : 1;
  l.mosaic_width = l.columns * (l.slice_width + GAP) - GAP;
  l.mosaic_height = l.rows * (l.slice_height + GAP) - GAP;
  return l;
}

static void plan_rest(layout *l, const tt1_picture *p)
{
  // Text can only be measured by a context, so measure with one pixel before the picture exists.
  cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, 1, 1);
  cairo_t *cairo = cairo_create(surface);
  double widest = 0.0;
  tt1__ticks t = tt1__choose_ticks(p->from, p->to);
  l->font = l->mosaic_height / 30.0 < 16.0 ? 16.0 : l->mosaic_height / 30.0;
  tt1__set_font(cairo, l->font, 0);
  for (int i = 0; i < t.count; i++) {
    char label[32];
    tt1__label_tick(label, &t, i);
    double width = tt1__text_width(cairo, label);
    if (width > widest) widest = width;
  }
  double unit = tt1__text_width(cairo, p->unit ? p->unit : "");
  tt1__set_font(cairo, l->font * 1.15, 1);
  double title = tt1__text_width(cairo, p->title ? p->title : "");
  cairo_destroy(cairo);
  cairo_surface_destroy(surface);
  int margin = whole(l->font);
  l->left = margin;
  l->top = whole(l->font * 2.4);
  l->bar_width = whole(l->font * 1.1);
  l->bar_left = l->left + l->mosaic_width + margin;
  // A title wider than the map widens the picture rather than being cut.
  if (l->left + title + margin > l->bar_left) l->bar_left = whole(l->left + title + margin);
  double right = l->bar_width + l->font * 0.9 + widest;
  l->width = l->bar_left + whole(right > unit ? right : unit) + margin;
  l->height = l->top + l->mosaic_height + margin;
}

/* ---- Drawing ---- */

static double fraction_of(double value, const tt1_picture *p)
{
  return (value * p->scale - p->from) / (p->to - p->from);
}

// Whether axis `axis` of the voxels runs against what the picture wants: from left to right it is
// towards the patient's left, else his back, else his feet; upwards his head, else his front, else
// his right. It is judged by the axis of the world that it is nearest to.
static int is_against(const tt1_geometry *g, int axis)
{
  static const double wanted[2][3] = {{-1.0, -1.0, -1.0}, {1.0, 1.0, 1.0}};
  double m[3][4];
  int nearest = 0;
  if (!tt1_geometry_matrix(g, m)) return 0;
  for (int i = 1; i < 3; i++)
    if (fabs(m[i][axis]) > fabs(m[nearest][axis])) nearest = i;
  return m[nearest][axis] * wanted[axis][nearest] < 0.0;
}

static void put_pixel(unsigned char *pixel, const uint8_t rgb[3])
{
  uint32_t colour = (uint32_t)rgb[0] << 16 | (uint32_t)rgb[1] << 8 | rgb[2];
  memcpy(pixel, &colour, 4);
}

static void draw_slice(unsigned char *corner, int stride, const layout *l, const tt1_picture *p,
                       int64_t k)
{
  const int64_t *size = p->geometry->size;
  int mirror_i = is_against(p->geometry, 0), mirror_j = is_against(p->geometry, 1);
  for (int y = 0; y < l->slice_height; y++) {
    int64_t j = y * size[1] / l->slice_height;
    if (!mirror_j) j = size[1] - 1 - j;
    const float *row = p->map + (k * size[1] + j) * size[0];
    for (int x = 0; x < l->slice_width; x++) {
      uint8_t rgb[3];
      int64_t i = x * size[0] / l->slice_width;
      float value = row[mirror_i ? size[0] - 1 - i : i];
      tt1_colour(p->colours, fraction_of((double)value, p), rgb);
      put_pixel(corner + (size_t)y * (size_t)stride + (size_t)x * 4, rgb);
    }
  }
}

static cairo_surface_t *draw_mosaic(const layout *l, const tt1_picture *p)
{
  cairo_surface_t *surface =
      cairo_image_surface_create(CAIRO_FORMAT_RGB24, l->mosaic_width, l->mosaic_height);
  if (cairo_surface_status(surface) != CAIRO_STATUS_SUCCESS) return surface;
  int stride = cairo_image_surface_get_stride(surface);
  unsigned char *pixels = cairo_image_surface_get_data(surface);
  memset(pixels, 255, (size_t)stride * (size_t)l->mosaic_height); // white between slices
  for (int64_t k = 0; k < p->geometry->size[2]; k++) {
    int x = (int)(k % l->columns) * (l->slice_width + GAP);
    int y = (int)(k / l->columns) * (l->slice_height + GAP);
    draw_slice(pixels + (size_t)y * (size_t)stride + (size_t)x * 4, stride, l, p, k);
  }
  cairo_surface_mark_dirty(surface);
  return surface;
}

cairo_surface_t *tt1__mosaic(const tt1_picture *picture)
{
  layout l = plan_mosaic(picture->geometry);
  return draw_mosaic(&l, picture);
}

static void draw_bar(cairo_t *cairo, const layout *l, const tt1_picture *p)
{
  for (int y = 0; y < l->mosaic_height; y++) {
    uint8_t rgb[3];
    tt1_colour(p->colours, 1.0 - (y + 0.5) / l->mosaic_height, rgb);
    cairo_set_source_rgb(cairo, rgb[0] / 255.0, rgb[1] / 255.0, rgb[2] / 255.0);
    cairo_rectangle(cairo, l->bar_left, l->top + y, l->bar_width, 1.0);
    cairo_fill(cairo);
  }
  cairo_set_source_rgb(cairo, 0.0, 0.0, 0.0);
  cairo_set_line_width(cairo, 1.0);
  cairo_rectangle(cairo, l->bar_left + 0.5, l->top + 0.5, l->bar_width - 1.0,
                  l->mosaic_height - 1.0);
  cairo_stroke(cairo);
}

static void draw_ticks(cairo_t *cairo, const layout *l, const tt1_picture *p)
{
  tt1__ticks t = tt1__choose_ticks(p->from, p->to);
  double right = l->bar_left + l->bar_width;
  for (int i = 0; i < t.count; i++) {
    char label[32];
    double fraction = (t.first + i * t.step - p->from) / (p->to - p->from);
    double y = l->top + 0.5 + floor((1.0 - fraction) * (l->mosaic_height - 1.0) + 0.5);
    tt1__label_tick(label, &t, i);
    cairo_move_to(cairo, right, y);
    cairo_line_to(cairo, right + l->font * 0.3, y);
    cairo_stroke(cairo);
    cairo_move_to(cairo, right + l->font * 0.55, y + l->font * 0.36);
    cairo_show_text(cairo, label);
  }
}

static void draw(cairo_surface_t *surface, const layout *l, const tt1_picture *p)
{
  cairo_t *cairo = cairo_create(surface);
  cairo_set_source_rgb(cairo, 1.0, 1.0, 1.0);
  cairo_paint(cairo);
  cairo_surface_t *mosaic = draw_mosaic(l, p);
  cairo_set_source_surface(cairo, mosaic, l->left, l->top);
  cairo_paint(cairo);
  cairo_surface_destroy(mosaic);
  tt1__set_font(cairo, l->font, 0);
  draw_bar(cairo, l, p);
  draw_ticks(cairo, l, p);
  double baseline = l->top - l->font * 0.85;
  if (p->unit) tt1__text_at(cairo, l->bar_left, baseline, 0.0, p->unit);
  tt1__set_font(cairo, l->font * 1.15, 1);
  if (p->title) tt1__text_at(cairo, l->left, baseline, 0.0, p->title);
  cairo_destroy(cairo);
}

/* ---- Writing ---- */

tt1_status tt1__picture_check(const char *name, const tt1_picture *p, tt1_error *err)
{
  const tt1_geometry *g = p->geometry;
  if (!isfinite(p->scale) || !isfinite(p->from) || !isfinite(p->to) || !(p->from < p->to))
    return tt1__error_set(err, TT1_BAD_ARGUMENT,
                          "%s cannot be drawn: the window from %g to %g (scale %g) is empty or not "
                          "finite",
                          name, p->from, p->to, p->scale);
  if (g->size[0] < 1 || g->size[1] < 1 || g->size[2] < 1 || g->size[2] > 4096 ||
      !(g->spacing[0] > 0.0 && g->spacing[1] > 0.0) || !isfinite(g->spacing[0]) ||
      !isfinite(g->spacing[1]) || fabs(log(g->spacing[0] / g->spacing[1])) > 5.0)
    return tt1__error_set(err, TT1_BAD_ARGUMENT,
                          "%s cannot be drawn: %lld x %lld x %lld voxels of %g x %g mm", name,
                          (long long)g->size[0], (long long)g->size[1], (long long)g->size[2],
                          g->spacing[0], g->spacing[1]);
  return TT1_OK;
}

tt1_status tt1_folder_write_picture(tt1_folder *folder, const char *name,
                                    const tt1_picture *picture, tt1_error *err)
{
  tt1_status status = tt1__picture_check(name, picture, err);
  if (status != TT1_OK) return status;
  layout l = plan_mosaic(picture->geometry);
  plan_rest(&l, picture);
  cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, l.width, l.height);
  if (cairo_surface_status(surface) == CAIRO_STATUS_SUCCESS) draw(surface, &l, picture);
  status = tt1__png_write(folder, name, surface, err);
  cairo_surface_destroy(surface);
  return status;
}

#else /* without cairo */

int tt1_picture_available(const char **why)
{
  if (why) *why = tt1__no_cairo;
  return 0;
}

tt1_status tt1_folder_write_picture(tt1_folder *folder, const char *name,
                                    const tt1_picture *picture, tt1_error *err)
{
  (void)folder, (void)name, (void)picture;
  return tt1__error_set(err, TT1_NO_DEVICE, "%s", tt1__no_cairo);
}

#endif
