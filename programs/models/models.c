/* SPDX-License-Identifier: MIT
 * torcht1 models: list the shipped models, show one, check a file. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "cli/program.h"

enum { EXPLAIN = 256, EMIT };

static const option_row options[] = {
    {"explain", EXPLAIN, NULL, "with show: the derivatives and the structure found, too"},
    {"emit", EMIT, "LANGUAGE", "with show: the generated kernel text as c, opencl or cuda"},
    {NULL, 0, NULL, NULL}};

static const char *dialect_name(int index)
{
  static const char *const names[] = {"c", "opencl", "cuda", NULL};
  return names[index];
}

static int list_models(void)
{
  for (int i = 0; tt1_builtin_name(i); i++) {
    tt1_model *model = NULL;
    tt1_error error = {0};
    if (tt1_model_builtin(&model, tt1_builtin_name(i), &error) != TT1_OK)
      return complain_of(&error);
    printf("%-10s %s\n", tt1_model_name(model), tt1_model_title(model));
    tt1_model_free(model);
  }
  return EXIT_OK;
}

static int print_and_free(tt1_status status, char *text, const tt1_error *error)
{
  if (status != TT1_OK) return complain_of(error);
  fputs(text, stdout);
  tt1_text_free(text);
  return EXIT_OK;
}

static int show(const char *name, int explain, int dialect)
{
  tt1_model *model = load_model(name);
  if (!model) return EXIT_FAILED;
  tt1_error error = {0};
  char *text = NULL;
  int code = EXIT_OK;
  if (dialect >= 0) {
    tt1_status status = tt1_model_emit(&text, model, (tt1_dialect)dialect, &error);
    code = print_and_free(status, text, &error);
  } else {
    fputs(tt1_model_text(model), stdout);
    if (explain) {
      tt1_status status = tt1_model_explain(&text, model, &error);
      printf("\n");
      code = print_and_free(status, text, &error);
    }
  }
  tt1_model_free(model);
  return code;
}

static int check(const char *path)
{
  tt1_model *model = NULL;
  tt1_error error = {0};
  if (tt1_model_read(&model, path, &error) != TT1_OK) return complain_of_model(path, &error);
  int code = EXIT_OK;
  if (tt1_model_test(model, &error) != TT1_OK)
    code = complain_of_model(path, &error);
  else
    printf("%s: model %s is right\n", path, tt1_model_name(model));
  tt1_model_free(model);
  return code;
}

static int run(int argc, char **argv)
{
  int key, explain = 0, dialect = -1;
  while ((key = option_next(&command_models, argc, argv))) {
    if (key == EXPLAIN) explain = 1;
    if (key == EMIT) dialect = option_choice(&command_models, "emit", optarg, dialect_name);
  }
  if (optind >= argc) return list_models();
  const char *verb = argv[optind++];
  if (strcmp(verb, "show") == 0)
    return show(one_operand(&command_models, argc, argv, "NAME|FILE"), explain, dialect);
  if (strcmp(verb, "check") == 0) return check(one_operand(&command_models, argc, argv, "FILE"));
  usage_error(&command_models,
              "'models %s' is unknown; it is 'models', 'models show NAME' or "
              "'models check FILE'",
              verb);
}

const command_row command_models = {
    "models",
    "[show NAME|FILE [--explain] [--emit LANGUAGE] | check FILE]",
    "List the shipped models, show one, or check a model file",
    "'show' prints the text of a model, to be changed in a file of your own:\n"
    "  torcht1 models show molli >mine.model\n"
    "'check' compiles the file and runs its test lines.\n",
    options,
    run,
    NULL};
