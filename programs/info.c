/* SPDX-License-Identifier: MIT
 * torcht1 info: what is found in a series, before anything is fitted. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "json.h"
#include "program.h"

enum { JSON = 256 };
static const option_row options[] = {{"json", JSON, NULL, "print JSON"}, {NULL, 0, NULL, NULL}};

static void print_known(const tt1_found_known *known)
{
  printf("%s:", known->key);
  for (int i = 0; i < known->count; i++)
    printf(" %g", known->values[i]);
  printf("  (from %s)\n", known->source);
}

static void print_text(const tt1_image *image)
{
  const tt1_geometry *geometry = tt1_image_geometry(image);
  printf("format: %s, %s\n", tt1_image_format(image), tt1_image_stored_type(image));
  printf("size: %" PRId64 " x %" PRId64 " x %" PRId64 " voxels of %g x %g x %g mm\n",
         geometry->size[0], geometry->size[1], geometry->size[2], geometry->spacing[0],
         geometry->spacing[1], geometry->spacing[2]);
  printf("images: %d\n", tt1_image_n_images(image));
  for (int i = 0; tt1_image_known(image, i); i++)
    print_known(tt1_image_known(image, i));
  for (int i = 0; tt1_image_file(image, i); i++)
    printf("file: %s  (CRC-32 %08" PRIx32 ")\n", tt1_image_file(image, i),
           tt1_image_file_checksum(image, i));
}

static void print_json(const tt1_image *image)
{
  const tt1_geometry *geometry = tt1_image_geometry(image);
  double size[3];
  for (int i = 0; i < 3; i++)
    size[i] = (double)geometry->size[i];
  json out = {0};
  json_open(&out, NULL, '{');
  json_text(&out, "format", tt1_image_format(image));
  json_text(&out, "type", tt1_image_stored_type(image));
  json_numbers(&out, "size", size, 3);
  json_numbers(&out, "spacing_mm", geometry->spacing, 3);
  json_integer(&out, "images", tt1_image_n_images(image));
  json_open(&out, "known", '[');
  for (int i = 0; tt1_image_known(image, i); i++) {
    const tt1_found_known *known = tt1_image_known(image, i);
    json_open(&out, NULL, '{');
    json_text(&out, "name", known->key);
    json_text(&out, "source", known->source);
    json_numbers(&out, "values", known->values, known->count);
    json_close(&out, '{');
  }
  json_close(&out, '[');
  json_inputs(&out, "files", image);
  json_close(&out, '{');
  char *text = json_finish(&out);
  fputs(text, stdout);
  free(text);
}

static int run(int argc, char **argv)
{
  int key, as_json = 0;
  while ((key = option_next(&command_info, argc, argv)))
    as_json = key == JSON;
  tt1_image *image = NULL;
  tt1_error error = {0};
  if (tt1_image_read(&image, one_operand(&command_info, argc, argv, "INPUT"), NULL, &error) !=
      TT1_OK)
    return complain_of(&error);
  if (as_json)
    print_json(image);
  else
    print_text(image);
  tt1_image_free(image);
  return EXIT_OK;
}

const command_row command_info = {"info", "INPUT [--json]", "Show what is found in a series",
                                  NULL,   options,          run};
