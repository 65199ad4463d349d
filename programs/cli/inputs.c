/* SPDX-License-Identifier: MIT
 * The files that a command reads, so that none of them is replaced by what it writes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/program.h"

static char **inputs;
static size_t n_inputs, room;

void remember_file(const char *path)
{
  if (n_inputs == room) {
    room = 2 * room + 16;
    char **grown = allocate(room, sizeof *grown);
    if (n_inputs) memcpy(grown, inputs, n_inputs * sizeof *grown);
    free(inputs);
    inputs = grown;
  }
  size_t size = strlen(path) + 1;
  inputs[n_inputs] = allocate(size, 1);
  memcpy(inputs[n_inputs++], path, size);
}

void remember_image(const tt1_image *image)
{
  for (int i = 0; image && tt1_image_file(image, i); i++)
    remember_file(tt1_image_file(image, i));
}

tt1_status protect_inputs(tt1_folder *folder, tt1_error *error)
{
  tt1_status status = TT1_OK;
  for (size_t i = 0; i < n_inputs && status == TT1_OK; i++)
    status = tt1_folder_protect(folder, inputs[i], error);
  return status;
}

int check_output(const char *path)
{
  struct stat output, input;
  if (!path || stat(path, &output) != 0) return EXIT_OK;
  for (size_t i = 0; i < n_inputs; i++)
    if (stat(inputs[i], &input) == 0 && input.st_dev == output.st_dev &&
        input.st_ino == output.st_ino)
      return complain("%s cannot be replaced: it is an input of the same command; choose another "
                      "output",
                      path);
  return EXIT_OK;
}
