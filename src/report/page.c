/* SPDX-License-Identifier: MIT
 * Pages as files: PNG, SVG, PDF. Equal pages are equal bytes. */
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "report/plot.h"

const char tt1__no_cairo[] = "this build of torcht1 has no cairo, so pictures cannot be drawn";

#ifdef TT1_HAVE_CAIRO
#  include <cairo-pdf.h>
#  include <cairo-svg.h>

static const char UNDATED[] = "2000-01-01T00:00:00Z"; // a PDF would hold the time of day

static cairo_status_t add_bytes(void *text, const unsigned char *bytes, unsigned length)
{
  tt1__text *file = text;
  tt1__text_add_bytes(file, (const char *)bytes, length);
  return file->failed ? CAIRO_STATUS_NO_MEMORY : CAIRO_STATUS_SUCCESS;
}

static tt1_status write_bytes(tt1_folder *folder, const char *name, const tt1__text *file,
                              cairo_status_t drawn, tt1_error *err)
{
  if (drawn == CAIRO_STATUS_NO_MEMORY || file->failed) return tt1__no_memory(err);
  if (drawn != CAIRO_STATUS_SUCCESS)
    return tt1__error_set(err, TT1_BAD_ARGUMENT, "%s cannot be drawn: %s", name,
                          cairo_status_to_string(drawn));
  return tt1_folder_write(folder, name, file->bytes, file->length, err);
}

tt1_status tt1__png_write(tt1_folder *folder, const char *name, cairo_surface_t *surface,
                          tt1_error *err)
{
  tt1__text file = {0};
  cairo_status_t drawn = cairo_surface_status(surface);
  if (drawn == CAIRO_STATUS_SUCCESS)
    drawn = cairo_surface_write_to_png_stream(surface, add_bytes, &file);
  tt1_status status = write_bytes(folder, name, &file, drawn, err);
  tt1__text_free(&file);
  return status;
}

static void draw_page(cairo_surface_t *surface, double scale, tt1__draw_fn draw,
                      const void *payload)
{
  if (cairo_surface_status(surface) != CAIRO_STATUS_SUCCESS) return;
  cairo_t *cairo = cairo_create(surface);
  cairo_scale(cairo, scale, scale);
  cairo_set_source_rgb(cairo, 1.0, 1.0, 1.0);
  cairo_paint(cairo);
  draw(cairo, payload);
  cairo_destroy(cairo);
}

// A vector file is written while its surface is finished.
static tt1_status write_vectors(tt1_folder *folder, const char *name, cairo_surface_t *surface,
                                tt1__text *file, tt1__draw_fn draw, const void *payload,
                                tt1_error *err)
{
  draw_page(surface, 1.0, draw, payload);
  cairo_surface_finish(surface);
  tt1_status status = write_bytes(folder, name, file, cairo_surface_status(surface), err);
  cairo_surface_destroy(surface);
  tt1__text_free(file);
  return status;
}

tt1_status tt1__page_write(tt1_folder *folder, const char *name, double width, double height,
                           tt1__draw_fn draw, const void *payload, tt1_error *err)
{
  const double scale = 300.0 / 72.0;
  tt1__text file = {0};
  cairo_surface_t *surface;
  if (tt1__ends_in(name, ".svg")) {
    surface = cairo_svg_surface_create_for_stream(add_bytes, &file, width, height);
    return write_vectors(folder, name, surface, &file, draw, payload, err);
  }
  if (tt1__ends_in(name, ".pdf")) {
    surface = cairo_pdf_surface_create_for_stream(add_bytes, &file, width, height);
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATE_DATE, UNDATED);
    return write_vectors(folder, name, surface, &file, draw, payload, err);
  }
  surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, (int)ceil(width * scale),
                                       (int)ceil(height * scale));
  draw_page(surface, scale, draw, payload);
  tt1_status status = tt1__png_write(folder, name, surface, err);
  cairo_surface_destroy(surface);
  return status;
}

#endif
