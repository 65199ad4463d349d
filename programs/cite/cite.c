/* SPDX-License-Identifier: MIT
 * torcht1 cite: the papers behind a model. */
#include <stdio.h>

#include "cli/program.h"

static const option_row options[] = {{NULL, 0, NULL, NULL}};

static int run(int argc, char **argv)
{
  while (option_next(&command_cite, argc, argv))
    continue;
  tt1_model *model = load_model(one_operand(&command_cite, argc, argv, "MODEL"));
  if (!model) return EXIT_FAILED;
  printf("%s: %s\n", tt1_model_name(model), tt1_model_title(model));
  for (int i = 0; tt1_model_reference(model, i); i++)
    printf("  %s\n", tt1_model_reference(model, i));
  printf("The program: see CITATION.cff, version %s\n", tt1_version());
  tt1_model_free(model);
  return EXIT_OK;
}

const command_row command_cite = {
    "cite", "MODEL", "Print the papers to cite for a model", NULL, options, run, NULL};
