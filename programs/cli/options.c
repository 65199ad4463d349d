/* SPDX-License-Identifier: MIT
 * Options of all commands, from their tables, by getopt_long. */
#include <ctype.h>
#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/program.h"
#include "tt1_dicom.h"

enum { MAX_OPTIONS = 64, HELP = 1000, VERSION };

typedef struct spelled {
  struct option longs[MAX_OPTIONS + 3];
  char shorts[2 * MAX_OPTIONS + 4];
} spelled;

int option_at(const command_row *command, int index, option_row *row)
{
  const option_row *own = command->options;
  for (; own && own->name; own++)
    if (index-- == 0) {
      *row = *own;
      return 1;
    }
  return command->more ? command->more(index, row) : 0;
}

static void spell(spelled *out, const command_row *command)
{
  int n = 0;
  char *letters = out->shorts;
  *letters++ = ':'; // so that a missing argument is told apart
  option_row row;
  for (int i = 0; option_at(command, i, &row) && n < MAX_OPTIONS; i++) {
    int takes = row.argument ? required_argument : no_argument;
    out->longs[n++] = (struct option){row.name, takes, NULL, row.key};
    if (row.key >= 256) continue;
    *letters++ = (char)row.key;
    if (row.argument) *letters++ = ':';
  }
  *letters++ = 'h';
  *letters = '\0';
  out->longs[n++] = (struct option){"help", no_argument, NULL, HELP};
  out->longs[n++] = (struct option){"version", no_argument, NULL, VERSION};
  out->longs[n] = (struct option){NULL, 0, NULL, 0};
}

/* The names of the options of a command, and --help. */
static const char *option_name(int index, const void *command)
{
  option_row row;
  if (index == 0) return "help";
  return option_at(command, index - 1, &row) ? row.name : NULL;
}

__attribute__((noreturn)) static void wrong_option(const command_row *command, const char *word)
{
  if (strncmp(word, "--", 2) != 0 && optopt) usage_error(command, "unknown option '-%c'", optopt);
  char name[64];
  snprintf(name, sizeof name, "%s", word + 2);
  char *value = strchr(name, '=');
  if (value) *value = '\0';
  option_row row;
  for (int i = 0; value && option_at(command, i, &row); i++)
    if (strcmp(row.name, name) == 0) usage_error(command, "option '--%s' takes no value", name);
  const char *close = tt1_closest_name(name, option_name, command);
  if (close) usage_error(command, "unknown option '--%s'; did you mean '--%s'?", name, close);
  usage_error(command, "unknown option '--%s'", name);
}

int option_next(const command_row *command, int argc, char **argv)
{
  spelled table;
  spell(&table, command);
  opterr = 0;
  int key = getopt_long(argc, argv, table.shorts, table.longs, NULL);
  switch (key) {
  case -1: return 0;
  case 'h':
  case HELP: print_help(command); exit(EXIT_OK);
  case VERSION: printf("torcht1 %s\n", tt1_version()); exit(EXIT_OK);
  case ':': usage_error(command, "option '%s' needs a value", argv[optind - 1]);
  case '?': wrong_option(command, argv[optind - 1]);
  default: return key;
  }
}

const char *one_operand(const command_row *command, int argc, char **argv, const char *what)
{
  if (optind >= argc) usage_error(command, "%s is missing", what);
  if (optind + 1 < argc)
    usage_error(command, "one %s expected, but '%s' follows", what, argv[optind + 1]);
  return argv[optind];
}

const char *const *operands(const command_row *command, int argc, char **argv, const char *what,
                            int *count)
{
  if (optind >= argc) usage_error(command, "%s is missing", what);
  *count = argc - optind;
  return (const char *const *)argv + optind;
}

double option_number(const command_row *command, const char *option, const char *text, double from,
                     double to)
{
  char *end = NULL;
  double value = strtod(text, &end);
  if (end == text || *end || !(value >= from && value <= to))
    usage_error(command, "--%s takes a number from %g to %g, not '%s'", option, from, to, text);
  return value;
}

int option_integer(const command_row *command, const char *option, const char *text, int from,
                   int to)
{
  char *end = NULL;
  long value = strtol(text, &end, 10);
  if (end == text || *end || value < from || value > to)
    usage_error(command, "--%s takes a whole number from %d to %d, not '%s'", option, from, to,
                text);
  return (int)value;
}

void option_two(const command_row *command, const char *option, const char *text, double numbers[2])
{
  char *end = NULL;
  numbers[0] = strtod(text, &end);
  int is_good = end != text && *end == ',';
  const char *second = end + is_good;
  numbers[1] = strtod(second, &end);
  if (!is_good || end == second || *end || !isfinite(numbers[0]) || !isfinite(numbers[1]))
    usage_error(command, "--%s takes two numbers with a comma between, not '%s'", option, text);
}

void option_words(const command_row *command, const char *option, char *text, int one_is_enough,
                  const char **first, const char **second)
{
  char *comma = strchr(text, ',');
  if (!*text || comma == text || (comma && (!comma[1] || strchr(comma + 1, ','))) ||
      (!comma && !one_is_enough))
    usage_error(command, "--%s takes two words with a comma between, not '%s'", option, text);
  *first = text;
  *second = comma ? comma + 1 : text;
  if (comma) *comma = '\0';
}

const char *option_nifti(const command_row *command, const char *option, const char *text)
{
  size_t length = strlen(text);
  if ((length < 5 || strcmp(text + length - 4, ".nii") != 0) &&
      (length < 8 || strcmp(text + length - 7, ".nii.gz") != 0))
    usage_error(command, "--%s takes a name that ends in .nii or .nii.gz, not '%s'", option, text);
  return text;
}

int option_choice(const command_row *command, const char *option, const char *text,
                  const char *(*name_of)(int index))
{
  char names[200] = "";
  for (int i = 0; name_of(i); i++) {
    if (strcmp(text, name_of(i)) == 0) return i;
    size_t used = strlen(names);
    snprintf(names + used, sizeof names - used, "%s%s", i ? ", " : "", name_of(i));
  }
  usage_error(command, "--%s takes one of %s, not '%s'", option, names, text);
}

tt1_times option_times(const command_row *command, const char *text)
{
  return (tt1_times)option_choice(command, "times", text, tt1_times_name);
}

int option_threads(const command_row *command, const char *text)
{
  return option_integer(command, "threads", text, 1, 1024);
}
