/* SPDX-License-Identifier: MIT
 * torcht1 devices: where a fit can run, and what is absent and why. */
#include <getopt.h>
#include <stdio.h>

#include "cli/program.h"
#include "tt1_report.h"

static const option_row options[] = {{NULL, 0, NULL, NULL}};

static void print_device(const tt1_device_info *info)
{
  printf("%-9s %-8s %s", info->name, info->is_available ? "present" : "absent", info->description);
  if (info->memory > 0) printf("; %.1f GB", 1e-9 * (double)info->memory);
  printf("%s%s\n", *info->driver ? "; driver " : "", info->driver);
}

/* Something that a fit can make, with the help of a library. */
static void print_ability(const char *what, const char *how, int is_there, const char *why)
{
  printf("%-9s %s%s\n", what, is_there ? "" : "absent: ", is_there ? how : why);
}

static int run(int argc, char **argv)
{
  while (option_next(&command_devices, argc, argv))
    continue;
  if (optind < argc) usage_error(&command_devices, "'%s' is not expected", argv[optind]);
  tt1_device_info info;
  for (int i = 0; tt1_device_describe(i, &info); i++)
    print_device(&info);
  const char *why = NULL;
  print_ability("pictures", "drawn with cairo", tt1_picture_available(&why), why);
  print_ability("matlab", "written with matio", tt1_mat_available(&why), why);
  return EXIT_OK;
}

const command_row command_devices = {
    "devices", "", "List the devices a fit can run on", NULL, options, run, NULL};
